"""Payload bytes to frames in our names, one module per layout family."""
