"""I/O and order: the only place that knows network, clock, environment and Prefect."""
