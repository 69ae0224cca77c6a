"""The three files of an evening stand together: all new, or all as they were."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from bi.brief.facts import Facts, gather
from bi.brief.write import LEFT_BEHIND, write_brief, write_facts
from tests.bi.brief_evening import build
from warehouse.store import open_reader

DRAWN = {"md": b"text", "png": b"picture", "html": b"p" * 100_000}
DAY = "2026-02-11"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("write") / "riskon.duckdb")


@pytest.fixture(scope="module")
def facts(warehouse: Path) -> Facts:
    with open_reader(warehouse) as reader:
        return gather(reader)


@pytest.fixture(autouse=True)
def _quickly_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bi.brief.artist.helpers", nullcontext)
    monkeypatch.setattr("bi.brief.markdown.markdown", lambda _: DRAWN["md"].decode())
    monkeypatch.setattr("bi.brief.card.card", lambda _: DRAWN["png"])
    monkeypatch.setattr("bi.brief.page.render", lambda _: DRAWN["html"].decode())


@pytest.fixture
def _little_room() -> Iterator[None]:
    """No file grows beyond 64 KiB: the page, written last, breaks off in its middle."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_three_files_and_nothing_else(facts: Facts, tmp_path: Path) -> None:
    assert write_facts(facts, tmp_path / "new" / "brief") == tmp_path / f"new/brief/{DAY}.html"
    assert held(tmp_path / "new" / "brief") == {f"{DAY}.{s}": text for s, text in DRAWN.items()}


@pytest.mark.usefixtures("_little_room")
@pytest.mark.parametrize("old", [{}, {f"{DAY}.{suffix}": b"old" for suffix in DRAWN}])
def test_a_disk_that_fills_leaves_the_old_ones_and_is_named(
    facts: Facts, tmp_path: Path, old: dict[str, bytes]
) -> None:
    for name, content in old.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(OSError, match="File too large") as told:
        write_facts(facts, tmp_path)
    assert told.value.filename == str(tmp_path / f"{DAY}.html")
    assert held(tmp_path) == old


def test_what_a_killed_process_left_is_swept_and_what_one_writes_is_not(
    facts: Facts, tmp_path: Path
) -> None:
    left, writing = tmp_path / ".2026-02-10.html.1-1.part", tmp_path / f".{DAY}.html.2-2.part"
    for part in (left, writing):
        part.write_bytes(b"half")
    long_ago = time.time() - LEFT_BEHIND - 60
    os.utime(left, (long_ago, long_ago))
    write_facts(facts, tmp_path)
    assert not left.exists()
    assert writing.read_bytes() == b"half"


def test_two_briefs_at_once_in_one_process(warehouse: Path, tmp_path: Path) -> None:
    both = threading.Barrier(2, timeout=30)
    pages: list[Path] = []

    def write() -> None:
        both.wait()
        pages.append(write_brief(warehouse, tmp_path))

    with open_reader(warehouse):  # as a service holds it
        threads = [threading.Thread(target=write) for _ in range(2)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert pages == [tmp_path / f"{DAY}.html"] * 2
    assert held(tmp_path) == {f"{DAY}.{suffix}": text for suffix, text in DRAWN.items()}
