"""One decorated function is one metric."""
