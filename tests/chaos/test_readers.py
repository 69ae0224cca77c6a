"""Readers in a process of their own while ten nights are published: no error, no half night."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.night import night
from warehouse.publish import publish
from warehouse.store import open_reader

pytestmark = pytest.mark.chaos
READ_ON = Path(__file__).with_name("read_on.py")
NIGHTS = 10


def test_a_reader_sees_whole_nights_alone(
    bench: Any, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import night as nights

    monkeypatch.setattr(nights, "write_brief", lambda _published, folder, day=None: folder)
    published, stop = home / "published" / "riskon.duckdb", tmp_path / "stop"
    sys.path.insert(0, str(READ_ON.parent))
    try:
        from read_on import answer  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    states = [json.loads(answer(published))]
    reader = subprocess.Popen(
        [sys.executable, str(READ_ON), str(published), str(stop)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    first = reader.stdout.readline()
    settings = bench.settings(home)
    start: datetime = settings.clock()
    for number in range(NIGHTS):
        # A night that stops asking a day later each time: every one publishes something new.
        now = start + timedelta(days=number)
        bench.exchange.now = now
        night(settings.model_copy(update={"now": now}))
        states.append(json.loads(answer(published)))
        time.sleep(0.05)
    bench.exchange.now = start
    stop.touch()
    out, err = reader.communicate(timeout=60)
    assert reader.returncode == 0, err
    *seen, reads = (first + out).splitlines()
    assert len({json.dumps(state) for state in states}) == NIGHTS + 1, "ten different nights"
    assert [one for one in map(json.loads, seen) if one not in states] == [], "a half night"
    assert len(seen) > 2
    assert int(reads) >= len(seen)


def test_a_reader_that_stays_open_keeps_what_it_opened(tmp_path: Path, bench: Any) -> None:
    source = bench.before / "warehouse.duckdb"
    published = tmp_path / "published" / "riskon.duckdb"
    publish(source, published)
    with open_reader(published) as reader:
        before = reader.read("SELECT count(*) FROM core.index_bar").row(0)
        for _ in range(10):
            publish(source, published)
            assert reader.read("SELECT count(*) FROM core.index_bar").row(0) == before
    assert [path.name for path in published.parent.iterdir()] == [published.name]
