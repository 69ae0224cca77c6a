"""Status: consecutive dates of one state are one line, however many they are."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from flows.status import Run, runs

SCHEMA = {
    "source_id": pl.String,
    "session_date": pl.Date,
    "state": pl.String,
    "detail": pl.String,
}


def states(*rows: tuple[str, date, str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def test_a_year_of_dates_nobody_asked_for_is_one_line() -> None:
    first = date(2025, 7, 21)
    days = [first + timedelta(days=n) for n in range(332)]
    found = runs(states(*(("nse_index_close", day, "late", f"from {day}") for day in days)))
    assert found == [Run("nse_index_close", "late", first, days[-1], 332, "from 2025-07-21")]
    assert str(found[0]) == f"late 2025-07-21..{days[-1]}: 332 dates"


def test_another_state_between_or_another_source_parts_runs() -> None:
    one, two, three = (date(2026, 2, day) for day in (9, 10, 11))
    found = runs(
        states(
            ("a", one, "late", "first"),
            ("a", two, "loaded", ""),
            ("a", three, "late", "again"),
            ("b", one, "late", "other"),
        )
    )
    assert [str(run) for run in found if run.state == "late"] == [
        "late 2026-02-11",
        "late 2026-02-09",
        "late 2026-02-09",
    ]
    assert [run.detail for run in found if run.state == "late"] == ["again", "first", "other"]


def test_no_states_are_no_runs() -> None:
    assert runs(states()) == []
