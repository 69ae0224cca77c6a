"""Two writers, and a disk that is full: refused with words, nothing lost, the next run is whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.demo.wire.faults import Fault, FaultKind

pytestmark = pytest.mark.chaos


def test_the_second_writer_is_told_of_the_first(bench: Any, home: Path) -> None:
    bench.exchange.faults = [Fault("ind_close", FaultKind.STALL, times=1, seconds=60)]
    try:
        first = bench.start(home)
        deadline = time.monotonic() + 60
        while not bench.exchange.log or bench.exchange.log[-1].fault is not FaultKind.STALL:
            assert time.monotonic() < deadline, "the first writer never asked"
            time.sleep(0.05)
        second = bench.run(home)
        assert second.returncode == 1
        assert f"process {first.pid} on" in second.stderr
        assert "nightly" in second.stderr
        assert "Wait for it to end" in second.stderr
        first.kill()
        first.communicate()
    finally:
        bench.exchange.faults = []
    bench.finish(home)
    bench.assert_whole(home)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 96 MiB."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a full disk needs root, to mount a small tmpfs")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"a full disk needs a small tmpfs: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize(
    ("left", "step"), [(0, "landing"), (100_000, "warehouse"), (12_000_000, "publish")]
)
def test_a_full_disk(bench: Any, small_disk: Path, left: int, step: str) -> None:
    home = shutil.copytree(bench.before, small_disk / "home")
    before = (home / "published" / "riskon.duckdb").read_bytes()
    filler = small_disk / "filler"
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    filler.write_bytes(bytes(max(free - left, 0)))
    failed = bench.run(home)
    assert failed.returncode == 1, f"{step}: {failed.stdout}{failed.stderr}"
    assert "No space left on device" in failed.stderr
    assert "Free space" in failed.stderr, failed.stderr
    assert "Traceback" not in failed.stderr
    assert (home / "published" / "riskon.duckdb").read_bytes() == before, "readers keep their file"
    filler.unlink()
    bench.finish(home)
    bench.assert_whole(home)
