"""The simulated publishers: which address answers what, and from when on."""
