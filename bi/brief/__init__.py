"""The nightly page."""
