"""What every suite shares: the archive of genuine files, and no way out to the network."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


def _is_own_machine(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a socket file
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return address[0] == "localhost"


@pytest.fixture(autouse=True, scope="session")
def _no_way_out() -> Any:
    """Connections leave for this machine only: a test that reaches a publisher fails."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(self: socket.socket, address: Any) -> None:
        if not _is_own_machine(address):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        if not _is_own_machine(address):
            raise AssertionError(f"a test tried to reach {address}")
        return connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        patch.setattr(socket.socket, "connect_ex", guarded_ex)
        yield


@pytest.fixture(scope="session")
def archive() -> Path:
    """The folder of genuine publisher files.

    Without RISKON_ARCHIVE it is looked for beside the repository, and its absence skips; a
    RISKON_ARCHIVE that does not exist is a mistake, and fails.
    """
    named = os.environ.get("RISKON_ARCHIVE")
    folder = Path(named) if named else ROOT.parent / "shared" / "archive"
    if folder.is_dir():
        return folder
    if named:
        pytest.fail(f"RISKON_ARCHIVE names no folder: {named}")
    pytest.skip("no archive of genuine publisher files: RISKON_ARCHIVE is not set")
