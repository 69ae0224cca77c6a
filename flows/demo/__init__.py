"""The simulated exchange: market model, publisher formats, HTTP server with faults."""
