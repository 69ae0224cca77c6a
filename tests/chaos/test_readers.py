"""Readers in a process of their own while ten nights are published: no error, no half night."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from warehouse.publish import publish
from warehouse.store import open_reader, open_writer

pytestmark = pytest.mark.chaos
READ_ON = Path(__file__).with_name("read_on.py")
NIGHTS = 10


def another_night(warehouse: Path, number: int) -> None:
    """Change three tables at once, so that a half night would show."""
    with open_writer(warehouse, ()) as opened, opened.transaction():
        opened.execute(
            "INSERT INTO ops.run SELECT * REPLACE (run_id || ? AS run_id) FROM ops.run LIMIT 1",
            [f"-{number}"],
        )
        opened.execute(
            "INSERT INTO core.index_bar SELECT * REPLACE (index_name || ? AS index_name) "
            "FROM core.index_bar LIMIT 7",
            [f" {number}"],
        )
        opened.execute(
            "DELETE FROM mart.index_momentum "
            "WHERE rowid IN (SELECT rowid FROM mart.index_momentum LIMIT 1)"
        )
    with open_writer(warehouse, ()) as opened:
        opened.checkpoint()


def test_a_reader_sees_whole_nights_alone(home: Path, tmp_path: Path) -> None:
    published, stop = home / "published" / "riskon.duckdb", tmp_path / "stop"
    reader = subprocess.Popen(
        [sys.executable, str(READ_ON), str(published), str(stop)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    first = json.loads(reader.stdout.readline())
    for number in range(1, NIGHTS + 1):
        another_night(home / "warehouse.duckdb", number)
        publish(home / "warehouse.duckdb", published)
    time.sleep(0.3)
    stop.touch()
    out, err = reader.communicate(timeout=60)
    assert reader.returncode == 0, err
    *lines, reads = out.splitlines()
    seen = [first, *map(json.loads, lines)]
    nights = [
        first
        | {
            "runs": first["runs"] + number,
            "bars": first["bars"] + 7 * number,
            "momentum": first["momentum"] - number,
        }
        for number in range(NIGHTS + 1)
    ]
    assert [one for one in seen if one not in nights] == [], "a half night"
    order = [nights.index(one) for one in seen]
    assert order == sorted(order), "an older night came back"
    assert order[-1] == NIGHTS
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
