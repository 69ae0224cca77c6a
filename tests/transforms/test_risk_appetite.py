"""Risk appetite: pillars and composite by hand, coverage, and no look ahead."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.transforms.risk_market import IDS, days_of, market, shuffled, until, wandering
from transforms.signals.claim import Inputs
from transforms.signals.risk_appetite import (
    THRESHOLDS,
    UNIVERSES,
    RiskAppetiteFrames,
    risk_appetite,
)
from transforms.signals.risk_inputs import INPUTS
from warehouse.tables.signals import PILLARS, RiskAppetite, RiskInput, RiskPillar

COUNT = 790
LAST = days_of(COUNT)[-1]
OF = {pillar: [one.id for one in INPUTS if one.pillar == pillar] for pillar in PILLARS}


def only(*names: str) -> dict[str, list[float | None]]:
    """Figures of these inputs alone."""
    told = wandering(COUNT)
    return {name: told[name] for name in names}


def last(frame: pl.DataFrame) -> dict[str, object]:
    return frame.filter(session_date=LAST).row(0, named=True)


@cache
def whole() -> RiskAppetiteFrames:
    return risk_appetite(market(wandering(COUNT)))


def test_a_pillar_is_the_mean_of_its_inputs_ranks() -> None:
    ranks = whole().inputs.filter(session_date=LAST).select("pillar", "percentile").rows()
    for row in whole().pillars.filter(session_date=LAST).iter_rows(named=True):
        mine = [rank for pillar, rank in ranks if pillar == row["pillar"]]
        assert row["value"] == pytest.approx(sum(mine) / len(mine), abs=1e-8)
        assert row["inputs"] == row["fresh"] == len(mine) == len(OF[row["pillar"]])
        assert (row["oldest_sessions"], row["missing"]) == (0, "")


def test_the_composite_is_the_mean_of_the_pillars_and_its_range_leaves_one_out() -> None:
    values = whole().pillars.filter(session_date=LAST)["value"].to_list()
    row = last(whole().appetite)
    assert row["composite"] == pytest.approx(sum(values) / 5, abs=1e-8)
    without = [(sum(values) - value) / 4 for value in values]
    assert row["lowest_without_one"] == pytest.approx(min(without), abs=1e-8)
    assert row["highest_without_one"] == pytest.approx(max(without), abs=1e-8)
    assert (row["pillars"], row["inputs"], row["fresh_pct"]) == (5, 22, 100.0)
    assert row["missing"] == ""


def test_nothing_is_published_before_the_ranks_are() -> None:
    appetite = whole().appetite
    assert appetite["composite"][:755].null_count() == 755
    assert appetite["composite"][755:].null_count() == 0
    assert appetite["pillars"][700] == 1  # flows alone, whose ranks the test tells
    assert appetite["missing"][700].startswith("trend: 0 of 5 inputs, breadth: 0 of 5 inputs")


def test_a_pillar_takes_half_of_its_inputs() -> None:
    two = risk_appetite(market(only(*IDS[:2], *OF["leadership"][:2])))
    pillars = {row["pillar"]: row for row in two.pillars.filter(session_date=LAST).to_dicts()}
    assert pillars["trend"]["value"] is None  # two of five
    assert pillars["leadership"]["value"] is not None  # two of four
    assert pillars["leadership"]["fresh"] == 2
    assert pillars["leadership"]["missing"] == (
        "cyclical_less_defensive_63: never held, high_beta_less_low_volatility_63: never held"
    )


def test_four_pillars_are_enough_and_the_fifth_is_named() -> None:
    row = last(risk_appetite(market(only(*[n for n in IDS if n not in OF["flows"]]))).appetite)
    assert (row["pillars"], row["missing"]) == (4, "flows: 0 of 3 inputs")
    assert row["composite"] is not None
    without = OF["flows"] + OF["breadth"]
    row = last(risk_appetite(market(only(*[n for n in IDS if n not in without]))).appetite)
    assert row["composite"] is row["lowest_without_one"] is row["highest_without_one"] is None
    assert row["pillars"] == 3


def test_all_pillars_are_not_enough_on_thirteen_of_twenty_two_inputs() -> None:
    thirteen = [
        *OF["trend"][:3],
        *OF["breadth"][:3],
        *OF["flows"][:2],
        *OF["leadership"][:2],
        *OF["stress"][:3],
    ]
    row = last(risk_appetite(market(only(*thirteen))).appetite)
    assert row["pillars"] == 5
    assert row["composite"] is None
    assert row["missing"] == "59% of inputs are fresh, 60% are needed"
    row = last(risk_appetite(market(only(*thirteen, OF["flows"][2]))).appetite)
    assert row["composite"] is not None
    assert row["missing"] == ""


def test_the_change_is_of_the_same_pillars() -> None:
    composite = whole().appetite["composite"].to_list()
    row = last(whole().appetite)
    assert row["change_9"] == pytest.approx(composite[-1] - composite[-10], abs=1e-8)
    assert row["change_9_percentile"] is None  # 26 changes are no history
    assert whole().appetite["change_9"].count() == COUNT - 755 - 9
    figures = wandering(COUNT)
    for name in OF["flows"]:
        figures[name] = [*figures[name][:-5], *[None] * 5]  # gone, after three sessions' grace
    appetite = risk_appetite(market(figures)).appetite
    assert appetite["composite"].null_count() == 755
    assert appetite["change_9"][-3:].to_list()[0] is not None
    assert appetite["change_9"][-2:].to_list() == [None, None]


def test_the_rank_of_the_change_needs_three_years_of_changes() -> None:
    # Ranks stand still where figures do, so every change after the ranks begin is 0 and ties.
    flat = {name: [1.0] * (755 + 9 + 757) for name in IDS}
    rank = risk_appetite(market(flat)).appetite["change_9_percentile"].drop_nulls()
    assert rank.to_list() == [50.0, 50.0]


def test_appetite_rises_where_all_that_is_read_turns_to_risk() -> None:
    figures = wandering(COUNT)
    for one in INPUTS:
        sign = -1 if one.is_inverted else 1
        # A fall of forty sessions, then a rise of twenty beyond all that was.
        reach = 1 + max(abs(value) for value in figures[one.id] if value is not None)
        fall = [sign * -reach * n / 40 for n in range(1, 41)]
        rise = [sign * (-reach + 2.2 * reach * n / 20) for n in range(1, 21)]
        figures[one.id] = [*figures[one.id][:-60], *fall, *rise]
    figures |= {f"{name}_rank": [50.0] * (COUNT - 60) for name in OF["flows"]}
    for name in OF["flows"]:
        figures[f"{name}_rank"] += [50 - n for n in range(40)] + [10 + 4.5 * n for n in range(20)]
    appetite = risk_appetite(market(figures)).appetite
    assert appetite["composite"][-21] < 15
    assert appetite["composite"][-1] > 95
    assert appetite["change_9"][-1] > 30
    assert appetite["lowest_without_one"][-1] > 95


def test_rows_are_those_of_the_tables() -> None:
    frames = whole()
    for table, frame, rows in (
        (RiskAppetite, frames.appetite, COUNT),
        (RiskPillar, frames.pillars, 5 * COUNT),
        (RiskInput, frames.inputs, 22 * COUNT),
    ):
        assert sorted(frame.columns) == sorted(table.columns())
        assert table.validate(frame.select(list(table.columns()))).height == rows
        numbers = frame.select(pl.selectors.float())
        assert not numbers.select(pl.any_horizontal(pl.all().is_nan().any())).item()


def test_an_empty_warehouse_has_rows_that_say_so() -> None:
    frames = market({"india_vix": [None] * 3})
    empty = replace(frames, macro=pl.DataFrame(), breadth=pl.DataFrame(), leadership=pl.DataFrame())
    told = risk_appetite(replace(empty, flow=frames.flow.clear()))
    assert told.appetite["pillars"].to_list() == [0, 0, 0]
    assert told.appetite["fresh_pct"].to_list() == [0.0] * 3
    assert told.appetite["composite"].null_count() == 3
    assert told.pillars.height == 15
    assert told.inputs["age_sessions"].null_count() == 66


def test_row_order_changes_nothing() -> None:
    told = risk_appetite(shuffled(market(wandering(COUNT))))
    for name, frame in vars(told).items():
        assert_frame_equal(frame, vars(whole())[name], check_exact=True)


@settings(max_examples=3, deadline=None)
@given(cut=st.integers(min_value=757, max_value=COUNT - 2), seed=st.integers(0, 99))
def test_what_comes_later_changes_nothing_before_it(cut: int, seed: int) -> None:
    other = wandering(COUNT, seed + 1000)
    figures = {
        name: [*values[:cut], *other[name][cut:]] for name, values in wandering(COUNT).items()
    }
    day = days_of(COUNT)[cut - 1]
    changed = risk_appetite(market(figures))
    dropped = risk_appetite(until(market(wandering(COUNT)), day))
    for told in (changed, dropped):
        for name, frame in vars(told).items():
            before = vars(whole())[name].filter(pl.col("session_date") <= day)
            got = frame.filter(pl.col("session_date") <= day)
            assert_frame_equal(got, before, check_exact=True)
    assert not changed.appetite.equals(whole().appetite)


def test_what_is_exported_is_what_is_read() -> None:
    assert UNIVERSES == ("market",)
    assert len({one.id for one in THRESHOLDS}) == len(THRESHOLDS)


def test_inputs_of_nothing_else_are_needed() -> None:
    frames: Inputs = market(wandering(3))
    assert frames.earnings.width == frames.zones.width == frames.regimes.width == 0
    assert risk_appetite(frames).appetite.height == 3
