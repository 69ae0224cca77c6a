"""Row 4: the past year, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.transforms.told_shares import breadth
from transforms.signals.claim import Inputs
from transforms.signals.claims.bruising_year import year_was_bruising
from transforms.signals.past_year import twelve_months, window_depths
from transforms.signals.random_walk import survival_drawdown

START = date(2024, 1, 1)


def grid(close: Sequence[float | None], benchmark: Sequence[float | None]) -> pl.DataFrame:
    days = [START + timedelta(days=n) for n in range(len(close))]
    return pl.DataFrame(
        {"session_date": days, "close": close, "benchmark": benchmark},
        schema={"session_date": pl.Date, "close": pl.Float64, "benchmark": pl.Float64},
    )


def test_depth_and_ulcer_of_a_window_see_nothing_before_it() -> None:
    closes = pl.Series([100.0, 80.0, 90.0, 99.0, 49.5, None, 50.0])
    deepest, ulcer = window_depths(closes, 3)
    expected = [None, None, -20.0, 0.0, -50.0, None, None]
    assert deepest.to_list() == pytest.approx(expected, abs=1e-12)
    roots = [None, None, (500 / 3) ** 0.5, 0.0, (2500 / 3) ** 0.5, None, None]
    assert ulcer.to_list() == pytest.approx(roots, abs=1e-12)
    assert window_depths(closes, 8)[0].to_list() == [None] * 7


def test_months_are_those_completed_before_the_sessions_own() -> None:
    # Fourteen months of daily sessions; the index falls a point a month, the benchmark stands.
    frame = grid([0.0] * 460, [100.0] * 460).with_columns(
        close=1000.0
        - 12 * (pl.col("session_date").dt.year() - 2024)
        - pl.col("session_date").dt.month().cast(pl.Float64)
    )
    seen = twelve_months(frame)
    first = seen.drop_nulls("months_behind").row(0, named=True)
    # January 2024 has no eve, so the first twelve months end with January 2025.
    assert first["session_date"] == date(2025, 2, 1)
    assert first["months_behind"] == 12
    # From the close of 31 January 2024 (999) to that of 31 January 2025 (987).
    assert first["year_return_pct"] == pytest.approx(100 * (987 / 999 - 1))
    assert first["year_drawdown_pct"] == pytest.approx(100 * (987 / 999 - 1))
    # A crash within February is not of the months seen in February.
    crashed = frame.with_columns(
        close=pl.when(pl.col("session_date") >= date(2025, 2, 10)).then(1.0).otherwise("close")
    )
    later = twelve_months(crashed)
    assert later.filter(pl.col("session_date") == date(2025, 2, 28)).row(0) == (
        date(2025, 2, 28),
        *seen.filter(pl.col("session_date") == date(2025, 2, 28)).row(0)[1:],
    )
    march = later.filter(pl.col("session_date") == date(2025, 3, 1)).row(0, named=True)
    assert march["year_drawdown_pct"] == pytest.approx(100 * (1 / 998 - 1))


def test_a_month_level_with_the_benchmark_is_not_behind_and_a_lost_end_is_null() -> None:
    level = grid([100.0] * 430, [100.0] * 430)
    assert twelve_months(level)["months_behind"].drop_nulls().unique().to_list() == [0]
    lost: list[float | None] = [100.0] * 430
    lost[(date(2024, 6, 30) - START).days] = None
    assert twelve_months(grid([100.0] * 430, lost))["months_behind"].drop_nulls().is_empty()
    inside: list[float | None] = [100.0] * 430
    inside[(date(2024, 6, 15) - START).days] = None
    seen = twelve_months(grid(inside, [100.0] * 430))
    assert seen["months_behind"].drop_nulls().len() > 0
    assert seen["year_drawdown_pct"].drop_nulls().is_empty()


def inputs(
    close: Sequence[float | None],
    benchmark: Sequence[float | None],
    *,
    return_252: float | None,
    mansfield: float | None,
) -> Inputs:
    frame = grid(close, benchmark)
    bars = [
        frame.select("session_date", pl.col(column).alias("close"), index_id=pl.lit(index_id))
        for column, index_id in (("close", "nifty-smallcap-100"), ("benchmark", "nifty-50"))
    ]
    momentum = frame.select(
        "session_date",
        index_id=pl.lit("nifty-smallcap-100"),
        return_252_pct=pl.lit(return_252, dtype=pl.Float64),
        mansfield_200_nifty_50=pl.lit(mansfield, dtype=pl.Float64),
    )
    nothing = pl.DataFrame()
    series = pl.concat(bars).drop_nulls()
    return Inputs(frame.select("session_date"), series, momentum, nothing, nothing)


def falling(depth: float) -> list[float]:
    """Up to a high in the past year, then down by `depth` with the last closes level."""
    return [
        *np.linspace(900, 1000, 300),
        *np.linspace(1000, 1000 * (1 - depth), 160),
    ]


LOSING = [1000.0] * 460
WINNING = list(np.linspace(2000, 1000, 460))


@pytest.mark.parametrize(
    ("depth", "benchmark", "past", "grade"),
    [
        (0.2001, "behind", (-9.0, -9.0), "SUPPORTED"),
        (0.1999, "behind", (-9.0, -9.0), "PARTLY"),
        (0.2001, "ahead", (-9.0, -9.0), "PARTLY"),
        (0.1001, "ahead", (-9.0, -9.0), "PARTLY"),
        (0.0999, "ahead", (-9.0, -9.0), "NOT SUPPORTED"),
        (0.0999, "ahead", (9.0, -9.0), "NOT SUPPORTED"),
        (0.0999, "ahead", (-9.0, 9.0), "NOT SUPPORTED"),
        (0.0999, "ahead", (0.0, 0.0), "CONTRADICTED"),
        (0.2001, "behind", (None, -9.0), "UNTESTABLE"),
        (0.2001, "behind", (-9.0, None), "UNTESTABLE"),
    ],
)
def test_depth_and_months_behind_grade(
    depth: float, benchmark: str, past: tuple[float | None, float | None], grade: str
) -> None:
    other = list(np.geomspace(1000, 9000 if benchmark == "behind" else 100, 460))
    given = inputs(falling(depth), other, return_252=past[0], mansfield=past[1])
    row = year_was_bruising(given).verdict.row(-1, named=True)
    assert row["grade"] == grade
    assert row["value"] == pytest.approx(-100 * depth)
    assert "nse_equity_full gives none with 252 sessions of history" in row["reasons"]
    assert "none is held so far" in row["reasons"]
    assert ("nse_index_close lacks" in row["reasons"]) is (grade == "UNTESTABLE")


def legs(given: Inputs) -> dict[str, dict[str, Any]]:
    frame = year_was_bruising(given).legs
    last = frame.filter(pl.col("session_date") == frame["session_date"].max())
    return {row["leg"]: row for row in last.iter_rows(named=True)}


def test_legs_of_members_are_untestable_and_name_their_source() -> None:
    given = inputs(falling(0.3), LOSING, return_252=-1.0, mansfield=-1.0)
    members = [leg for name, leg in legs(given).items() if name.startswith("members_")]
    assert len(members) == 3
    assert {(leg["holds"], leg["missing"]) for leg in members} == {(None, "nse_equity_full")}


def test_members_far_below_their_highs_stand_beside_and_do_not_grade() -> None:
    given = inputs(falling(0.3), LOSING, return_252=-1.0, mansfield=-1.0)
    days = given.sessions["session_date"].to_list()
    plain = year_was_bruising(given)
    fallen = {"fallen_20_pct": 50.0, "fallen_30_pct": 33.0, "fallen_50_pct": 10.0}
    listed = breadth(days, "nifty-smallcap-100", is_biased=True, **fallen)
    whole = breadth(days, "market", fallen_20_pct=9.0, fallen_30_pct=8.0, fallen_50_pct=7.0)
    both = replace(given, breadth=pl.concat([listed, whole]))
    told = year_was_bruising(both)
    assert told.verdict["grade"].equals(plain.verdict["grade"])
    found = {name[8:10]: leg for name, leg in legs(both).items() if name.startswith("members_")}
    assert {fall: (leg["value"], leg["holds"]) for fall, leg in found.items()} == {
        "20": (50.0, True),
        "30": (33.0, False),
        "50": (10.0, True),
    }
    reasons = told.verdict["reasons"][-1]
    assert (
        "of Nifty Smallcap 100, 50% are at least 20%, 33% are at least 30%, 10% are at least 50% "
        "below their highs of 252 sessions (survivorship-biased"
    ) in reasons
    alone = year_was_bruising(replace(given, breadth=whole)).verdict["reasons"][-1]
    assert "of every ordinary share, 9% are at least 20%" in alone
    assert "biased" not in alone


def test_legs_hold_at_their_limits() -> None:
    found = legs(inputs(falling(0.2), LOSING, return_252=0.0, mansfield=-0.1))
    # A fall of a fifth in binary fractions may end a rounding either side of it.
    assert found["bear_252"]["value"] == pytest.approx(-20.0)
    assert found["correction_252"]["holds"] is True
    assert found["return_252"]["holds"] is False
    assert found["mansfield"]["holds"] is True
    assert found["ulcer_252"]["holds"] is None
    assert found["ulcer_252"]["missing"] == "nse_index_close"
    # It falls from 27 October on: November to March are behind a benchmark that stands.
    assert (found["months_behind"]["value"], found["months_behind"]["holds"]) == (5.0, False)


def test_the_null_is_a_walk_as_volatile_as_the_window() -> None:
    noise = np.exp(np.random.default_rng(2).normal(0, 0.01, 460).cumsum())
    closes = list(1000 * noise)
    given = inputs(closes, LOSING, return_252=-1.0, mansfield=-1.0)
    row = year_was_bruising(given).verdict.row(-1, named=True)
    steps = np.diff(np.log(closes[-252:]))
    fall = np.array([-np.log1p(row["value"] / 100)])
    expected = survival_drawdown(fall, np.array([steps.std(ddof=1)]), 251)[0]
    assert 0 < row["null_probability"] < 1
    assert row["null_probability"] == pytest.approx(expected, abs=1e-9)


def test_without_the_index_each_session_is_untestable() -> None:
    given = inputs([None] * 30, [100.0] * 30, return_252=None, mansfield=None)
    verdict = year_was_bruising(given).verdict
    assert verdict["grade"].unique().to_list() == ["UNTESTABLE"]
    assert verdict.height == 30
