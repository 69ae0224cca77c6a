"""What keeps an evening from being whole, and what does not."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from flows.night import troubled
from flows.sources import SOURCES
from warehouse.store import open_writer
from warehouse.tables import DayState
from warehouse.tables.table import schema

SESSION = date(2026, 2, 11)
ARCHIVE, NEED_NOT_EXIST = "nse_index_close", "nse_category_turnover"


def rows_of(path: Path, *states: tuple[str, date, str]) -> list[tuple[str, date, str]]:
    """What is told of these day states: the same without the ones that are no trouble."""
    frame = pl.DataFrame(
        [
            {
                "source_id": source,
                "session_date": day,
                "state": state,
                "is_settled": False,
                "detail": "",
                "asked": 1,
                "last_asked_at": None,
                "file_id": None,
            }
            for source, day, state in states
        ],
        schema=pl.Schema(schema(DayState)),
    )
    with open_writer(path / "warehouse.duckdb", (DayState,)) as warehouse:
        warehouse.replace(DayState, frame)
        told = troubled(warehouse, SESSION)
    return [(row["source_id"], row["session_date"], row["state"]) for row in told]


@pytest.mark.parametrize(
    ("source", "state", "is_trouble"),
    [
        (ARCHIVE, "late", True),
        (ARCHIVE, "malformed", True),
        (ARCHIVE, "holiday", False),
        (ARCHIVE, "unrecoverable", False),
        (NEED_NOT_EXIST, "late", False),
        (NEED_NOT_EXIST, "blocked", True),
        (NEED_NOT_EXIST, "malformed", True),
        (NEED_NOT_EXIST, "stale", True),
    ],
)
def test_a_file_that_need_not_exist_is_no_trouble_until_it_comes(
    tmp_path: Path, source: str, state: str, is_trouble: bool
) -> None:
    assert SOURCES[NEED_NOT_EXIST].is_informational
    assert not SOURCES[ARCHIVE].is_informational
    told = rows_of(tmp_path, (source, SESSION, state))
    assert told == ([(source, SESSION, state)] if is_trouble else [])


def test_sessions_before_the_last_are_over(tmp_path: Path) -> None:
    before, after = SESSION - timedelta(days=1), SESSION + timedelta(days=1)
    states = [(ARCHIVE, day, "late") for day in (before, SESSION, after)]
    assert rows_of(tmp_path, *states) == states[1:]
