"""Row 7: breadth now and at the low, and whether most rise, by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from tests.transforms.told_shares import MARKET, SMALLCAP_250, breadth
from transforms.signals.claim import Inputs
from transforms.signals.claims.breadth_improves import breadth_has_improved
from transforms.signals.claims.rise_is_broad import rise_is_broad
from transforms.signals.rebound_low import with_low

START = date(2025, 1, 1)
FALL = [1000 * (1 - 0.2 * n / 60) * (1.002 if n % 2 else 1.0) for n in range(61)]
CLOSES = [*FALL, 790.0, *[790.0 + 5 * n for n in range(1, 41)]]
LOW, LAST = 61, 70
"""Rows of the low and of the session on which it is known."""
DAYS = [START + timedelta(days=n) for n in range(len(CLOSES))]

NOW: dict[str, float | None] = {
    "ad_line": 10,
    "mcclellan_summation": 1.0,
    "net_new_highs_10_pct": 1.0,
    "up_volume_pct": 60.0,
    "equal_less_cap_9_points": 0.5,
    "above_sma_20_pct": 60.0,
    "above_sma_50_pct": 50.0,
    "above_sma_200_pct": 40.0,
    "mcclellan_summation_percentile": 60.0,
    "above_sma_50_pct_percentile": 60.0,
    "net_new_highs_10_pct_percentile": 60.0,
}
RANKS = [name for name in NOW if name.endswith("_percentile")]


def told(
    universe: str = SMALLCAP_250,
    *,
    change: float = -1.0,
    rank_change: float = -30.0,
    thrust_on: int | None = LOW + 3,
    biased_on: int | None = None,
    at_low: Mapping[str, float | None] | None = None,
) -> pl.DataFrame:
    """Breadth that at the low and before stood `change` from where it stands after it."""
    before = {
        name: (value or 0) + (rank_change if name in RANKS else change)
        for name, value in NOW.items()
    } | dict(at_low or {})
    columns: Any = {
        name: [before[name] if n <= LOW else value for n in range(len(DAYS))]
        for name, value in NOW.items()
    }
    flags = [n == thrust_on for n in range(len(DAYS))]
    biased = [n == biased_on for n in range(len(DAYS))]
    return breadth(DAYS, universe, is_biased=biased, is_zweig_thrust=flags, **columns)


def inputs(held: pl.DataFrame, closes: list[float | None] | list[float] = CLOSES) -> Inputs:
    series = pl.DataFrame(
        {"session_date": DAYS, "close": closes, "index_id": ["nifty-smallcap-100"] * len(DAYS)},
        schema_overrides={"close": pl.Float64},
    ).drop_nulls()
    nothing = pl.DataFrame()
    days = pl.DataFrame({"session_date": DAYS})
    return Inputs(days, series, nothing, nothing, nothing, breadth=held)


def at(given: Inputs, row: int = LAST) -> dict[str, Any]:
    return breadth_has_improved(given).verdict.row(row, named=True)


def legs(given: Inputs, row: int = LAST) -> dict[str, Any]:
    frame = breadth_has_improved(given).legs.filter(session_date=DAYS[row])
    return {one["leg"]: one for one in frame.iter_rows(named=True)}


def test_the_low_is_known_after_nine_sessions_and_stands_until_broken_or_old() -> None:
    grid = pl.DataFrame({"session_date": DAYS, "close": CLOSES})
    found = with_low(grid)
    under_way = [n for n, one in enumerate(found["is_under_way"]) if one]
    assert under_way == list(range(LAST, LAST + 22))
    assert set(found["low_date"].drop_nulls()) == {DAYS[LOW]}
    assert found["sessions_since_low"].drop_nulls().to_list() == list(range(9, 31))
    assert found["is_under_way"][:LAST].to_list() == [None] * LAST, "a low may hide before"
    broken = [*CLOSES[:80], 789.9, *CLOSES[81:]]
    found = with_low(grid.with_columns(close=pl.Series(broken)))
    assert found["is_under_way"][79:82].to_list() == [True, False, False]
    holed = [None if n == 75 else one for n, one in enumerate(CLOSES)]
    found = with_low(grid.with_columns(close=pl.Series(holed)))
    assert found["is_under_way"][74:77].to_list() == [True, None, None]


def test_seven_better_and_a_higher_rank_support() -> None:
    row = at(inputs(told()))
    assert (row["grade"], row["value"], row["percentile"]) == ("SUPPORTED", 7.0, 60.0)
    assert row["sample_size"] == LAST + 1
    assert row["compared_with"] == DAYS[LOW]
    assert "7 of 7 measures of Nifty Smallcap 250" in row["reasons"]
    assert "mean percentile 30.0 points higher" in row["reasons"]
    assert {one["holds"] for one in legs(inputs(told())).values()} == {True}


@pytest.mark.parametrize(
    ("at_low", "value", "grade"),
    [
        ({"ad_line": 10.0, "up_volume_pct": 60.0}, 5.0, "SUPPORTED"),  # equal is not better
        ({"ad_line": 11.0, "up_volume_pct": 61.0, "mcclellan_summation": 2.0}, 4.0,
         "NOT SUPPORTED"),
        ({"above_sma_20_pct": 60.0}, 7.0, "SUPPORTED"),  # two of three averages
        ({"above_sma_20_pct": 60.0, "above_sma_50_pct": 50.0}, 6.0, "SUPPORTED"),
        ({"ad_line": None, "up_volume_pct": None}, 5.0, "SUPPORTED"),
        ({"ad_line": 11.0, "up_volume_pct": 61.0, "equal_less_cap_9_points": None}, 4.0,
         "UNTESTABLE"),
        (
            {"ad_line": 11.0, "up_volume_pct": 61.0, "mcclellan_summation": 2.0,
             "equal_less_cap_9_points": None},
            3.0,
            "NOT SUPPORTED",
        ),
        ({"ad_line": None, "up_volume_pct": None, "equal_less_cap_9_points": None}, 4.0,
         "UNTESTABLE"),
        (dict.fromkeys(NOW, 99.0) | {"ad_line": 1.0}, 2.0, "CONTRADICTED"),
    ],
)  # fmt: skip
def test_each_measure_counts_once(
    at_low: dict[str, float | None], value: float, grade: str
) -> None:
    row = at(inputs(told(at_low=at_low)))
    assert (row["value"], row["grade"]) == (value, grade)


def test_what_is_untested_is_named_with_its_source() -> None:
    row = at(inputs(told(at_low={"equal_less_cap_9_points": None})))
    assert (row["grade"], row["value"]) == ("SUPPORTED", 6.0)
    assert (
        "untested, which may decide: equal weights less weights by size (nse_pr_set)"
        in (row["reasons"])
    )


def test_a_thrust_counts_after_the_low_alone() -> None:
    for on, has in ((LOW, False), (LOW + 1, True), (LAST, True), (LAST + 1, False)):
        given = inputs(told(thrust_on=on))
        assert legs(given)["thrust"]["holds"] is has
        assert at(given)["value"] == 6.0 + has


def test_the_rank_must_rise_by_twenty_and_unranked_is_partly() -> None:
    assert at(inputs(told(rank_change=-20.0)))["grade"] == "SUPPORTED"
    assert at(inputs(told(rank_change=-19.9)))["grade"] == "PARTLY"
    row = at(inputs(told().with_columns(pl.lit(None, pl.Float64).alias(name) for name in RANKS)))
    assert (row["grade"], row["percentile"]) == ("PARTLY", None)
    assert "756 are needed at the low" in row["reasons"]
    fallen = at(inputs(told(rank_change=5.0)))
    assert "mean percentile 5.0 points lower" in fallen["reasons"]


@pytest.mark.parametrize("biased_on", [LOW, LAST])
def test_a_later_list_at_either_end_caps_the_grade_and_says_so(biased_on: int) -> None:
    row = at(inputs(told(biased_on=biased_on)))
    assert row["grade"] == "PARTLY"
    assert (
        f"the members of {DAYS[LOW]} are known only from a list first seen later"
        in (row["reasons"])
    )
    assert at(inputs(told(biased_on=biased_on, change=1.0, thrust_on=None)))["grade"] == (
        "CONTRADICTED"
    )


def test_the_market_stands_in_where_small_caps_have_no_rows() -> None:
    market = told(MARKET, change=1.0, thrust_on=None)
    assert at(inputs(pl.concat([told(), market])))["universe"] == SMALLCAP_250
    row = at(inputs(market))
    assert (row["universe"], row["grade"], row["value"]) == (MARKET, "CONTRADICTED", 0.0)
    assert "every ordinary share" in row["reasons"]


def test_a_session_without_breadth_since_the_low_is_named() -> None:
    held = told().filter(pl.col("session_date") != DAYS[LOW + 2])
    row = at(inputs(held))
    assert (row["grade"], row["value"], row["compared_with"]) == ("UNTESTABLE", None, None)
    assert f"the last missing is {DAYS[LOW + 2]}" in row["reasons"]
    assert legs(inputs(held))["ad_line"]["missing"] == "nse_equity_full"


def test_without_a_rebound_nothing_improved_since_its_low() -> None:
    row = at(inputs(told()), -1)
    assert (row["grade"], row["value"]) == ("NOT SUPPORTED", None)
    assert row["reasons"].startswith("no rebound is under way")
    assert {one["holds"] for one in legs(inputs(told()), -1).values()} == {False}
    unseen = at(inputs(told()), 30)
    assert unseen["grade"] == "UNTESTABLE"
    assert legs(inputs(told()), 30)["thrust"]["missing"] == "nse_index_close"


@pytest.mark.parametrize("cut", [LOW, LAST - 1, LAST, 85])
def test_what_comes_later_changes_nothing_before_it(cut: int) -> None:
    given = inputs(told())
    known = pl.col("session_date") <= DAYS[cut]
    past = Inputs(
        given.sessions.filter(known),
        given.series.filter(known),
        given.momentum,
        given.flow,
        given.published,
        breadth=given.breadth.filter(known),
    )
    assert breadth_has_improved(past).verdict.equals(
        breadth_has_improved(given).verdict.filter(known)
    )


def broad(risen: float | None, spread: float | None, **more: Any) -> dict[str, Any]:
    told = breadth(DAYS[:3], risen_9_pct=risen, equal_less_cap_9_points=spread, **more)
    days = pl.DataFrame({"session_date": DAYS[:3]})
    nothing = pl.DataFrame()
    given = Inputs(days, nothing, nothing, nothing, nothing, breadth=told)
    return rise_is_broad(given).verdict.row(-1, named=True)


@pytest.mark.parametrize(
    ("risen", "spread", "grade"),
    [
        (60.1, 0.0, "SUPPORTED"),
        (60.1, -0.1, "PARTLY"),
        (60.1, None, "PARTLY"),
        (60.0, 9.0, "NOT SUPPORTED"),
        (40.0, 9.0, "NOT SUPPORTED"),
        (39.9, 9.0, "CONTRADICTED"),
        (None, 9.0, "UNTESTABLE"),
    ],
)
def test_most_rise_and_small_ones_keep_pace(
    risen: float | None, spread: float | None, grade: str
) -> None:
    row = broad(risen, spread)
    assert (row["grade"], row["value"]) == (grade, risen)
    assert ("nse_pr_set tells no sizes" in row["reasons"]) is (spread is None)


def test_a_later_list_caps_what_is_broad() -> None:
    row = broad(70.0, 1.0, is_biased=True)
    assert row["grade"] == "PARTLY"
    assert f"the members of {DAYS[2]} are known only from a list" in row["reasons"]


def test_no_breadth_names_the_last_session_that_had_some() -> None:
    days = pl.DataFrame({"session_date": DAYS[:3]})
    nothing = pl.DataFrame()
    held = breadth(DAYS[:2], MARKET, risen_9_pct=70.0)
    given = Inputs(days, nothing, nothing, nothing, nothing, breadth=held)
    row = rise_is_broad(given).verdict.row(-1, named=True)
    assert row["grade"] == "UNTESTABLE"
    assert f"last held for {DAYS[1]}" in row["reasons"]


def test_the_null_is_how_often_most_rose_before() -> None:
    days = [START + timedelta(days=n) for n in range(300)]
    held = breadth(
        days,
        risen_9_pct=[70.0 if n < 63 else 50.0 for n in range(300)],
        equal_less_cap_9_points=1.0,
    )
    nothing = pl.DataFrame()
    given = Inputs(
        pl.DataFrame({"session_date": days}), nothing, nothing, nothing, nothing, breadth=held
    )
    odds = rise_is_broad(given).verdict["null_probability"].to_list()
    assert odds[251] is None
    assert odds[252] == pytest.approx(63 / 252)
    unsized = Inputs(
        given.sessions,
        nothing,
        nothing,
        nothing,
        nothing,
        breadth=held.with_columns(equal_less_cap_9_points=pl.lit(None, pl.Float64)),
    )
    assert rise_is_broad(unsized).verdict["null_probability"].null_count() == 300
