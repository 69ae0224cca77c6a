"""Sessions from evidence, calendar and closing values."""

from __future__ import annotations

import csv
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from transforms.sessions import (
    agreement,
    evidence_from_history,
    holes,
    implied_absences,
    trading_sessions,
)

ARCHIVE = Path(os.environ.get("RISKON_ARCHIVE", Path(__file__).parents[3] / "shared" / "archive"))
BAR: dict[str, Any] = {
    "session_date": pl.Date,
    "source_id": pl.String,
    "return_variant": pl.String,
    "index_name": pl.String,
    "close": pl.Decimal(18, 4),
    "points_change": pl.Decimal(18, 4),
}


def day(number: int) -> date:
    """A day of September 2025, which starts on a Monday."""
    return date(2025, 9, number)


def evidence(*days: int, source_id: str = "index_close") -> pl.DataFrame:
    return pl.DataFrame(
        {"session_date": [day(one) for one in days], "source_id": [source_id] * len(days)},
        schema={"session_date": pl.Date, "source_id": pl.String},
    )


def expected(*days: int, kind: str = "full") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "session_date": [day(one) for one in days],
            "kind": [kind] * len(days),
            "is_short": [kind == "muhurat"] * len(days),
            "reason": ["Weekday"] * len(days),
        },
        schema={
            "session_date": pl.Date,
            "kind": pl.String,
            "is_short": pl.Boolean,
            "reason": pl.String,
        },
    )


def absent(*days: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"session_date": [day(one) for one in days], "reason": ["proven"] * len(days)},
        schema={"session_date": pl.Date, "reason": pl.String},
    )


def chain(days: list[int], *, skipped: int | None = None, indices: int = 12) -> pl.DataFrame:
    """Bars of a market that moves each day; the bars of the day `skipped` are not loaded."""
    rows = []
    for index in range(indices):
        level = 1000.0 + index
        for one in days:
            change = round((one * 7 % 11 - 4) * (index + 1) / 10 + 0.05, 2)
            level = round(level + change, 2)
            if one != skipped:
                rows.append(
                    (day(one), "index_close", "price", f"Nifty {index}", str(level), str(change))
                )
    return pl.DataFrame(rows, schema=list(BAR), orient="row").cast(pl.Schema(BAR))


def test_sessions_are_numbered_between_first_and_last_evidence() -> None:
    got = trading_sessions(evidence(2, 4, 5), expected(1, 2, 3, 4, 5, 8), absent())
    assert got["session_date"].to_list() == [day(2), day(3), day(4), day(5)]
    assert got["session_number"].to_list() == [1, 2, 3, 4]
    assert got["previous_session_date"].to_list() == [None, day(2), day(3), day(4)]
    assert got["basis"].to_list() == ["evidence", "calendar", "evidence", "evidence"]
    assert got["reason"].to_list()[1] == "Weekday; expected, no dated file"
    assert got.schema["session_number"] == pl.Int64


def test_evidence_wins_over_a_calendar_that_expects_nothing() -> None:
    both = pl.concat([evidence(5, 7, 8), evidence(7, source_id="equity_bar")])
    got = trading_sessions(both, expected(5, 8), absent()).row(1, named=True)
    assert got["session_date"] == day(7)
    assert (got["kind"], got["basis"], got["is_short"]) == ("unscheduled", "evidence", False)
    assert got["reason"] == "Not expected, proven by equity_bar, index_close"


def test_evidence_wins_over_a_proof_of_absence() -> None:
    got = trading_sessions(evidence(1, 2, 3), expected(1, 2, 3), absent(2))
    assert got["session_date"].to_list() == [day(1), day(2), day(3)]


def test_a_proven_absence_removes_an_expected_date() -> None:
    got = trading_sessions(evidence(1, 3), expected(1, 2, 3), absent(2))
    assert got["session_date"].to_list() == [day(1), day(3)]
    assert got["session_number"].to_list() == [1, 2]


def test_kind_and_length_come_from_the_calendar() -> None:
    calendar = pl.concat([expected(1, 3), expected(2, kind="muhurat")])
    got = trading_sessions(evidence(1, 2, 3), calendar, absent())
    assert got["kind"].to_list() == ["full", "muhurat", "full"]
    assert got["is_short"].to_list() == [False, True, False]


def test_outside_the_calendar_a_weekday_is_ordinary_and_a_weekend_is_not() -> None:
    got = trading_sessions(evidence(5, 6, 8, 9), expected(8, 9), absent())
    assert got["kind"].to_list() == ["full", "unscheduled", "full", "full"]
    assert "outside the session table" in got["reason"][0]


def test_row_order_and_repeats_do_not_matter() -> None:
    rows = pl.concat([evidence(5, 1, 3), evidence(3, 1)])
    one = trading_sessions(rows, expected(1, 2, 3, 4, 5), absent(4))
    two = trading_sessions(rows.reverse(), expected(5, 4, 3, 2, 1), absent(4, 4))
    assert one.equals(two)
    assert one["session_date"].n_unique() == one.height == 4


def test_no_evidence_is_no_session() -> None:
    assert trading_sessions(evidence(), expected(1, 2), absent()).is_empty()


def test_a_base_date_is_no_evidence() -> None:
    bars = pl.DataFrame(
        {
            # Saturday the 6th is where the second index was set to 1000.
            "session_date": [day(5), day(8), day(6), day(8), day(9)],
            "source_id": ["history"] * 5,
            "return_variant": ["price"] * 5,
            "index_name": ["Nifty 50", "Nifty 50", "Nifty Bank", "Nifty Bank", "Nifty Bank"],
        }
    )
    got = evidence_from_history(bars.reverse())
    assert got.rows() == [(day(8), "history"), (day(9), "history")]


def test_closes_that_meet_prove_the_dates_between_absent() -> None:
    bars = chain([1, 2, 5, 8])
    got = implied_absences(bars, expected(1, 2, 3, 4, 5, 8))
    assert got["session_date"].to_list() == [day(3), day(4)]
    assert got["reason"][0] == (
        "No session: 12 of 12 indices of 2025-09-05 start from the close of 2025-09-02 "
        "(index_close)"
    )


def test_closes_that_do_not_meet_show_a_missing_session() -> None:
    bars = chain([1, 2, 3, 4, 5], skipped=3)
    found = holes(bars, expected(1, 2, 3, 4, 5)).row(0, named=True)
    assert (found["earlier_session"], found["later_session"]) == (day(2), day(4))
    assert found["missing_dates"] == [day(3)]
    assert found["is_proven_absent"] is False
    assert implied_absences(bars, expected(1, 2, 3, 4, 5)).is_empty()


def test_a_date_that_was_not_expected_is_no_hole() -> None:
    assert holes(chain([1, 2, 4, 5]), expected(1, 2, 4, 5)).is_empty()


@pytest.mark.parametrize("indices", [1, 2])
def test_too_few_indices_prove_nothing(indices: int) -> None:
    bars = chain([1, 3], indices=indices)
    assert holes(bars, expected(1, 2, 3))["is_proven_absent"].to_list() == [False]
    assert implied_absences(bars, expected(1, 2, 3)).is_empty()


def test_one_index_in_ten_may_disagree_but_not_two() -> None:
    bars = chain([1, 3], indices=10)

    def shifted(*names: str) -> pl.DataFrame:
        moved = pl.col("index_name").is_in(names) & (pl.col("session_date") == day(3))
        return bars.with_columns(
            points_change=pl.when(moved)
            .then(pl.lit("5.5").cast(BAR["points_change"]))
            .otherwise("points_change")
        )

    calendar = expected(1, 2, 3)
    assert implied_absences(shifted("Nifty 3"), calendar)["session_date"].to_list() == [day(2)]
    assert implied_absences(shifted("Nifty 3", "Nifty 4"), calendar).is_empty()


def test_indices_whose_changes_never_meet_are_left_out() -> None:
    days = [1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 15, 17]
    bars = chain(days, indices=8)
    bonds = bars.with_columns(
        index_name=pl.format("Bond {}", "index_name"), close=pl.col("close") * pl.lit(0.99)
    ).with_columns(
        close=(pl.col("close").cast(pl.Float64) + pl.col("session_date").dt.day() % 3).cast(
            BAR["close"]
        )
    )
    told = agreement(
        pl.concat([bars, bonds]),
        pl.DataFrame(
            {
                "source_id": ["index_close"],
                "earlier_session": [day(15)],
                "later_session": [day(17)],
            }
        ),
    )
    assert told["indices"].to_list() == [8]
    assert told["agreeing_indices"].to_list() == [8]


@pytest.mark.real
def test_real_closes_tell_an_idle_saturday_from_a_missing_session() -> None:
    files = sorted((ARCHIVE / "slice").glob("*/content/indices/ind_close_all_*.csv"))
    if not files:
        pytest.skip(f"no index closes in RISKON_ARCHIVE ({ARCHIVE})")
    rows = []
    for path in files:
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                session = datetime.strptime(row["Index Date"], "%d-%m-%Y").date()
                close, points = row["Closing Index Value"], row["Points Change"]
                name = row["Index Name"]
                rows.append((session, "index_close", "price", name, float(close), float(points)))
    bars = pl.DataFrame(
        rows, schema={**BAR, "close": pl.Float64, "points_change": pl.Float64}, orient="row"
    )
    fridays = bars.filter(pl.col("session_date").dt.weekday() == 5)["session_date"].unique().sort()
    saturdays = pl.DataFrame({"session_date": fridays + timedelta(days=1)}).head(-1)
    assert implied_absences(bars, saturdays)["session_date"].equals(saturdays["session_date"])

    sessions = bars["session_date"].unique().sort()
    for lost in sessions[5], sessions[20], sessions[-2]:
        rest = bars.filter(pl.col("session_date") != lost)
        assert implied_absences(rest, pl.DataFrame({"session_date": [lost]})).is_empty()
