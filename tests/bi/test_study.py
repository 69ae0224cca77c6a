"""The report of the study: it says what was found, and what could not be."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from bi.study import report
from tests.transforms.studied_market import NOTHING, levels, sessions, walks
from transforms.signals.event_study import controls, intervals
from transforms.signals.event_study.events import DEFINITIONS, definitions_digest
from transforms.signals.event_study.study import event_study

LENGTH = 1400
DAYS = sessions(LENGTH)


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer draws than the report's: its words and tables are looked at, not its decimals."""
    for module, name in ((intervals, "DRAWS"), (controls, "PLACEBOS")):
        few = getattr(module, name)
        monkeypatch.setattr(module, name, type(few)(few.id, 40, few.unit, few.meaning, few.source))


@pytest.fixture(scope="module")
def closes() -> pl.DataFrame:
    return walks(LENGTH, 21)


def test_the_report_holds_every_test_and_event(closes: pl.DataFrame) -> None:
    told = report(closes, NOTHING, NOTHING, DAYS)
    studied = event_study(closes, NOTHING, NOTHING, DAYS, [DAYS["session_date"][-1]])
    assert definitions_digest() in told
    assert all(one.statement in told for one in DEFINITIONS)
    rows = [line for line in told.splitlines() if line.startswith("| `") and line.count("|") == 19]
    assert len(rows) == 24
    for row, line in zip(studied.studies.iter_rows(named=True), rows, strict=True):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[0] == f"`{row['event_id']}`"
        assert int(cells[3]) == row["events"]
        assert cells[-1] == row["grade"]
        assert cells[14] == ("" if row["p_value"] is None else f"{row['p_value']:.3f}")
    listed = [line for line in told.splitlines() if line.startswith("| 20") and "|" in line]
    assert len(listed) == studied.events.height
    made = studied.studies.filter(pl.col("role") == "test")["p_value"].count()
    assert f"Of 18 tests {made} could be made" in told
    for part in ("Placebo", "Roles exchanged", "Hansen", "Romano and Wolf", "four times in five"):
        assert part in told
    assert "nan" not in told.lower().replace("financ", "")


def test_through_a_day_is_as_of_that_day(closes: pl.DataFrame) -> None:
    day = DAYS["session_date"][1250]
    upto = pl.col("session_date") <= day
    assert report(closes, NOTHING, NOTHING, DAYS, day) == report(
        closes.filter(upto), NOTHING, NOTHING, DAYS.filter(upto)
    )


def test_without_history_it_says_that_it_says_nothing() -> None:
    few = 30
    flat = pl.concat([levels(one, np.zeros(few)) for one in ("nifty-50", "nifty-500")])
    told = report(flat, NOTHING, NOTHING, sessions(few), dt.date(2005, 2, 28))
    assert "none could be made" in told
    assert "nothing for or against" in told
    assert "No test has events to compare" in told
