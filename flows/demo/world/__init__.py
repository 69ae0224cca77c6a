"""The simulated market: what happened, drawn once from a seed; no publisher, no format."""
