"""What shares add to the counts of their universes, by hand."""

from __future__ import annotations

import math
import statistics
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.transforms.breadth_market import calendar, cross, spans, weekdays
from transforms.metrics.breadth_counts import breadth_counts
from transforms.metrics.breadth_tables import BreadthCount
from transforms.universes import NEVER

DAYS = weekdays(6)
SESSIONS = calendar(DAYS)
ALWAYS = date(1900, 1, 1)
NOBODY = spans()


def row(counted: pl.DataFrame, day: date, universe: str = "market") -> dict[str, Any]:
    return counted.row(
        by_predicate=(pl.col("session_date") == day) & (pl.col("universe") == universe), named=True
    )


def bar(day: date, share: str, change: float | None, **more: Any) -> dict[str, Any]:
    return {"session_date": day, "instrument_id": share, "return_1_pct": change, **more}


def test_a_share_counts_that_traded_both_sessions_and_whose_move_is_explained() -> None:
    day = DAYS[0]
    rows = cross(
        bar(day, "A", 2.0, turnover_inr=300.0),
        bar(day, "B", -1.0, turnover_inr=50.5),
        bar(day, "C", 0.0, turnover_inr=7.0),
        bar(day, "D", 5.0, turnover_inr=1000.0, sessions_since_bar=2),  # was suspended
        bar(day, "E", -60.0, turnover_inr=1000.0, is_quarantined=True),
        bar(day, "F", None, turnover_inr=9.0, sessions_since_bar=None),  # first bar
        bar(day, "G", 3.0, turnover_inr=1000.0, is_ordinary=False),  # a fund
    )
    told = row(breadth_counts(rows, NOBODY, SESSIONS), day)
    assert (told["advances"], told["declines"], told["unchanged"]) == (1, 1, 1)
    assert (told["traded"], told["members"], told["quarantined"]) == (6, 6, 1)
    assert told["up_turnover_inr"] == 300.0
    assert told["down_turnover_inr"] == 50.5
    assert told["turnover_inr"] == 300 + 50.5 + 7 + 1000 + 1000 + 9
    assert told["return_sum_pct"] == 1.0


def test_closes_equal_but_for_the_factors_they_carry_are_unchanged() -> None:
    chained = 100 * (60.0 * (5 / 3) / 100.0 - 1)
    rows = cross(
        bar(DAYS[0], "A", chained), bar(DAYS[0], "B", 1e-14), bar(DAYS[0], "C", 0.01 / 2e5 * 100)
    )
    told = row(breadth_counts(rows, NOBODY, SESSIONS), DAYS[0])
    assert (told["unchanged"], told["advances"]) == (2, 1)


def test_a_move_is_weighted_by_what_the_share_was_worth_before() -> None:
    day = DAYS[0]
    rows = cross(
        bar(day, "A", 2.0, market_cap_before_inr=3e9),
        bar(day, "B", -1.0, market_cap_before_inr=1e9),
        bar(day, "C", 10.0, market_cap_before_inr=None),
        bar(day, "D", 90.0, market_cap_before_inr=5e9, is_quarantined=True),
    )
    told = row(breadth_counts(rows, NOBODY, SESSIONS), day)
    assert told["weighted_return_sum"] / told["weight_inr"] == pytest.approx(5 / 4)
    assert (told["weighed"], told["weight_inr"]) == (2, 4e9)
    assert told["weighed_return_sum_pct"] == 1.0
    assert told["return_sum_pct"] == 11.0


def test_histories_not_warm_are_in_no_denominator() -> None:
    day = DAYS[0]
    rows = cross(
        bar(
            day,
            "A",
            1.0,
            is_above_sma_20=True,
            is_above_sma_200=True,
            is_new_high_252=True,
            is_new_low_252=False,
            return_9_pct=4.0,
            drawdown_252_pct=-20.0,
        ),
        bar(
            day,
            "B",
            1.0,
            is_above_sma_20=False,
            is_above_sma_200=None,
            is_new_high_252=None,
            return_9_pct=-4.0,
            drawdown_252_pct=-51.0,
        ),
        bar(day, "C", 1.0, is_above_sma_20=None),
    )
    told = row(breadth_counts(rows, NOBODY, SESSIONS), day)
    assert (told["above_sma_20"], told["eligible_sma_20"]) == (1, 2)
    assert (told["above_sma_200"], told["eligible_sma_200"]) == (1, 1)
    assert (told["new_highs"], told["new_lows"], told["eligible_252"]) == (1, 0, 1)
    assert (told["risen_9"], told["eligible_9"]) == (1, 2)
    assert (told["fallen_20"], told["fallen_30"], told["fallen_50"]) == (2, 1, 1)
    assert told["eligible_drawdown"] == 2


def test_pending_deliveries_are_not_nothing_delivered() -> None:
    rows = cross(
        bar(DAYS[0], "A", 1.0, delivery_shares=30, close=10.25),
        bar(DAYS[0], "B", -1.0, delivery_shares=7, close=2.0),
        bar(DAYS[0], "C", 0.0, delivery_shares=9, close=2.0),
        bar(DAYS[1], "A", 1.0),
        bar(DAYS[1], "B", -1.0),
    )
    counted = breadth_counts(rows, NOBODY, SESSIONS)
    told, pending = row(counted, DAYS[0]), row(counted, DAYS[1])
    assert (told["up_delivered_inr"], told["down_delivered_inr"]) == (307.5, 14.0)
    assert (told["delivery_known"], pending["delivery_known"]) == (2, 0)


def test_dispersion_is_that_of_the_members_returns() -> None:
    values = [-4.0, 1.5, 2.5, 7.0, 30.0]
    rows = cross(*[bar(DAYS[0], f"S{n}", 1.0, return_9_pct=one) for n, one in enumerate(values)])
    some = spans(
        *[("five", f"S{n}", ALWAYS, NEVER, False) for n in range(5)],
        ("one", "S1", ALWAYS, NEVER, False),
    )
    counted = breadth_counts(rows, some, SESSIONS)
    for universe in ("five", "market"):
        told = row(counted, DAYS[0], universe)
        assert told["dispersion_9_pct"] == pytest.approx(statistics.stdev(values), rel=1e-12)
        lower, _, upper = statistics.quantiles(values, method="inclusive")
        assert told["interquartile_9_pct"] == pytest.approx(upper - lower, rel=1e-12)
    alone = row(counted, DAYS[0], "one")
    assert alone["dispersion_9_pct"] is None
    assert alone["interquartile_9_pct"] is None


def test_volatilities_and_scores_are_summed_where_known() -> None:
    rows = cross(
        bar(
            DAYS[0],
            "A",
            1.0,
            volatility_close_60_pct=30.0,
            average_trade_z_60=1.5,
            delivery_share_z_60=-0.5,
        ),
        bar(DAYS[0], "B", 1.0, volatility_close_60_pct=40.0),
        bar(DAYS[0], "C", 1.0),
    )
    told = row(breadth_counts(rows, NOBODY, SESSIONS), DAYS[0])
    assert (told["volatility_sum_pct"], told["variance_sum_pct2"]) == (70.0, 2500.0)
    assert told["eligible_volatility"] == 2
    assert (told["average_trade_z_sum"], told["eligible_average_trade_z"]) == (1.5, 1)
    assert (told["delivery_z_sum"], told["eligible_delivery_z"]) == (-0.5, 1)


def test_a_reconstitution_and_a_suspension_by_session() -> None:
    change = DAYS[3]
    rows = cross(
        *[bar(day, "A", 1.0) for day in DAYS],
        *[bar(day, "B", -1.0) for day in DAYS if day != DAYS[1]],  # suspended on the second
        *[bar(day, "C", 1.0) for day in DAYS],
    )
    members = spans(
        ("list", "A", ALWAYS, DAYS[1], True),
        ("list", "A", DAYS[1], NEVER, False),
        ("list", "B", DAYS[1], change, False),
        ("list", "C", change, NEVER, False),
        ("list", "GONE", DAYS[1], NEVER, False),  # a member that never trades
        ("list", "A", DAYS[5], DAYS[5], False),  # no stretch at all
    )
    counted = breadth_counts(rows, members, SESSIONS)
    seen = [
        (
            told["members"],
            told["traded"],
            told["advances"],
            told["declines"],
            told["is_survivorship_biased"],
        )
        for told in (row(counted, day, "list") for day in DAYS)
    ]
    assert seen == [
        (1, 1, 1, 0, True),
        (3, 1, 1, 0, False),
        (3, 2, 1, 1, False),
        (3, 2, 2, 0, False),
        (3, 2, 2, 0, False),
        (3, 2, 2, 0, False),
    ]
    assert row(counted, DAYS[1])["members"] == 2
    assert not row(counted, DAYS[0])["is_survivorship_biased"]


def test_a_list_that_changes_between_sessions_counts_from_the_next_one() -> None:
    friday, monday = DAYS[4], DAYS[5]
    rows = cross(bar(friday, "A", 1.0), bar(monday, "A", 1.0))
    saturday = date.fromordinal(friday.toordinal() + 1)
    counted = breadth_counts(rows, spans(("list", "A", saturday, NEVER, False)), SESSIONS)
    assert counted.filter(universe="list")["session_date"].to_list() == [monday]
    left = breadth_counts(rows, spans(("list", "A", ALWAYS, saturday, False)), SESSIONS)
    assert left.filter(universe="list")["session_date"].to_list() == [friday]


SHARES = "ABCDE"


def slowly(rows: pl.DataFrame, members: pl.DataFrame) -> dict[tuple[date, str], tuple[int, ...]]:
    """Members, traded, advances, declines and turnover, share by share."""
    told: dict[tuple[date, str], list[int]] = {}
    universes = [*members["universe"].unique(), "market"]
    for day in rows["session_date"].unique():
        bars = {
            one["instrument_id"]: one
            for one in rows.iter_rows(named=True)
            if one["session_date"] == day
        }
        for universe in universes:
            inside = (
                set(bars)
                if universe == "market"
                else {
                    one["instrument_id"]
                    for one in members.iter_rows(named=True)
                    if one["universe"] == universe and one["valid_from"] <= day < one["valid_to"]
                }
            )
            if not inside:
                continue
            held = [bars[name] for name in inside if name in bars]
            told[day, universe] = [
                len(inside),
                len(held),
                sum(one["return_1_pct"] > 0 for one in held),
                sum(one["return_1_pct"] < 0 for one in held),
                sum(int(one["turnover_inr"]) for one in held),
            ]
    return {key: tuple(value) for key, value in told.items()}


@st.composite
def markets(draw: st.DrawFn) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = [
        bar(
            day, share, float(draw(st.integers(-2, 2))), turnover_inr=float(draw(st.integers(0, 9)))
        )
        for day in DAYS
        for share in SHARES
        if draw(st.booleans())
    ]
    rows.append(bar(DAYS[0], "A0", 1.0, turnover_inr=1.0))
    ends = [ALWAYS, *DAYS, NEVER]
    members = []
    for universe in ("x", "y", "z"):
        for share in SHARES:
            cuts = sorted(draw(st.sets(st.sampled_from(ends), max_size=4)))
            members += [
                (universe, share, start, end, False)
                for start, end in zip(cuts[::2], cuts[1::2], strict=False)
            ]
    return cross(*rows), spans(*members)


@settings(max_examples=12, deadline=None)
@given(markets())
def test_counts_equal_a_slow_count(market: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    rows, members = market
    counted = breadth_counts(rows, members, SESSIONS)
    fast = {
        (one["session_date"], one["universe"]): (
            one["members"],
            one["traded"],
            one["advances"],
            one["declines"],
            one["turnover_inr"],
        )
        for one in counted.iter_rows(named=True)
    }
    assert fast == slowly(rows, members)


@settings(max_examples=6, deadline=None)
@given(markets(), st.randoms())
def test_neither_order_nor_other_sessions_matter(
    market: tuple[pl.DataFrame, pl.DataFrame], chance: Any
) -> None:
    rows, members = market
    whole = breadth_counts(rows, members, SESSIONS)
    mixed = rows.sample(fraction=1, shuffle=True, seed=chance.randint(0, 999))
    turned = members.sample(fraction=1, shuffle=True, seed=chance.randint(0, 999))
    assert_frame_equal(breadth_counts(mixed, turned, SESSIONS), whole, check_exact=True)
    apart = [
        breadth_counts(rows.filter(session_date=day), members, SESSIONS)
        for day in sorted(rows["session_date"].unique())
    ]
    assert_frame_equal(pl.concat(apart), whole, check_exact=True)


def test_sums_of_floats_do_not_hang_on_the_order_they_are_added_in() -> None:
    values = [0.1, 0.2, 0.3, -0.6, 1e-5]
    rows = [bar(DAYS[0], f"S{n}", one) for n, one in enumerate(values)]
    one_way = row(breadth_counts(cross(*rows), NOBODY, SESSIONS), DAYS[0])
    other = row(breadth_counts(cross(*rows[::-1]), NOBODY, SESSIONS), DAYS[0])
    assert one_way["return_sum_pct"] == other["return_sum_pct"] == 1e-5
    assert sum(values) != math.fsum(values)


def test_the_rows_are_those_of_the_table() -> None:
    rows = cross(bar(DAYS[0], "A", 1.0))
    BreadthCount.validate(breadth_counts(rows, spans(("x", "A", ALWAYS, NEVER, True)), SESSIONS))
    empty = breadth_counts(rows.clear(), spans(("x", "A", ALWAYS, NEVER, True)), SESSIONS)
    assert empty.is_empty()
    BreadthCount.validate(empty)


def test_a_session_on_which_no_member_trades_has_members_all_the_same() -> None:
    rows = cross(bar(DAYS[0], "FUND", 1.0, is_ordinary=False))
    counted = breadth_counts(rows, spans(("x", "A", ALWAYS, NEVER, False)), SESSIONS)
    assert counted["universe"].to_list() == ["x"]
    told = row(counted, DAYS[0], "x")
    assert (told["members"], told["traded"], told["advances"]) == (1, 0, 0)
    assert told["dispersion_9_pct"] is None


def test_what_cannot_be_counted_is_refused() -> None:
    one = bar(DAYS[0], "A", 1.0)
    with pytest.raises(ValueError, match="more of A on 2025-09-01"):
        breadth_counts(cross(one, one), NOBODY, SESSIONS)
    with pytest.raises(ValueError, match="on trading sessions"):
        breadth_counts(cross(bar(date(2025, 9, 6), "A", 1.0)), NOBODY, SESSIONS)
    overlapping = spans(("x", "A", ALWAYS, NEVER, False), ("x", "A", DAYS[1], NEVER, False))
    with pytest.raises(ValueError, match="two of A in x on 2025-09-02"):
        breadth_counts(cross(one, bar(DAYS[1], "A", 1.0)), overlapping, SESSIONS)
    with pytest.raises(ValueError, match="beside the market"):
        breadth_counts(cross(one), spans(("market", "A", ALWAYS, NEVER, False)), SESSIONS)
