"""Ports that nobody else is given: suites run beside each other."""

from __future__ import annotations

import random
import socket

NEVER_HANDED_OUT = range(20_000, 30_000)
"""Below the ports that a system hands out by itself."""


def free_port() -> int:
    """A port of this machine on which nobody listens, and nobody will by chance."""
    while True:
        port = random.choice(NEVER_HANDED_OUT)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
