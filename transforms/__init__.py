"""Pure transforms: bytes and frames in, frames out. No network, no clock, no disk."""
