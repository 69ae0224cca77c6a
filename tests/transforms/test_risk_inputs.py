"""Inputs of risk appetite: what they read, how old it is, where it ranks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest
from scipy import stats  # type: ignore[import-untyped]

from tests.transforms.risk_market import days_of, market, wandering
from transforms.signals.claim import Inputs
from transforms.signals.risk_figures import risk_inputs
from transforms.signals.risk_inputs import INPUTS, THRESHOLDS
from warehouse.tables.signals import PILLARS, RiskInput

COUNT = 800


def of(frames: Inputs, input_id: str) -> pl.DataFrame:
    return risk_inputs(frames).filter(input_id=input_id)


def test_three_to_five_inputs_a_pillar_and_one_id_each() -> None:
    counts = {pillar: sum(one.pillar == pillar for one in INPUTS) for pillar in PILLARS}
    assert all(3 <= count <= 6 for count in counts.values()), counts
    assert len({one.id for one in INPUTS}) == len(INPUTS) == sum(counts.values())
    assert {one.id for one in INPUTS if one.is_inverted} == {
        one.id for one in INPUTS if one.pillar == "stress"
    }
    assert len({one.id for one in THRESHOLDS}) == len(THRESHOLDS)


def test_ranks_are_scipys_mid_ranks_and_stress_is_turned_over() -> None:
    figures = wandering(COUNT)
    ranked = risk_inputs(market(figures))
    for one in INPUTS:
        if one.source == "flow":
            continue
        mine = ranked.filter(input_id=one.id)["percentile"].to_list()
        assert mine[:755] == [None] * 755
        for n in (755, 770, COUNT - 1):
            values = figures[one.id]
            rank = stats.percentileofscore(values[: n + 1], values[n], kind="mean")
            expected = 100 - rank if one.pillar == "stress" else rank
            assert mine[n] == pytest.approx(expected, abs=1e-9), one.id


def test_float_noise_decides_no_tie() -> None:
    noisy = [0.1 + 0.2 if n % 2 else 0.3 for n in range(760)]
    assert of(market({"hy_oas": noisy}), "hy_oas")["percentile"][-1] == 50.0


def test_flows_keep_the_rank_that_their_own_series_has() -> None:
    figures: dict[str, list[float | None]] = {
        "fii_net_10": [5.0] * 4,
        "fii_net_10_rank": [None, 61.0, 62.0, 63.0],
        "both_net_10": [7.0] * 4,
        "both_net_10_rank": [11.0, 12.0, None, 13.0],
    }
    frames = market(figures)
    fii, both = of(frames, "fii_net_10"), of(frames, "both_net_10")
    assert fii["value"].to_list() == [5.0] * 4
    assert fii["percentile"].to_list() == [None, 61.0, 62.0, 63.0]
    assert fii["why_missing"][0] == "fii_net_10: too little history to rank"
    # A rank that is not there is not borrowed from the day before: the figure itself is new.
    assert both["percentile"].to_list() == [11.0, 12.0, None, 13.0]


def test_of_two_scopes_the_widest_speaks_and_is_not_mixed_with_the_other() -> None:
    wide = market({"fii_net_10": [5.0] * 3, "fii_net_10_rank": [70.0] * 3})
    narrow = market({"fii_net_10": [9.0] * 3, "fii_net_10_rank": [20.0] * 3}, scope="NSE")
    both = replace(wide, flow=pl.concat([wide.flow.head(2), narrow.flow]))
    rows = of(both, "fii_net_10")
    assert rows["value"].to_list() == [5.0, 5.0, 9.0]
    assert rows["percentile"].to_list() == [70.0, 70.0, 20.0]


def test_cyclicals_less_defensives_by_hand() -> None:
    figures = {"nifty-auto": 4.0, "nifty-metal": 8.0, "nifty-realty": 2.0, "nifty-psu-bank": 6.0}
    figures |= {"nifty-fmcg": 1.0, "nifty-pharma": 3.0, "nifty-it": -1.0}
    days = days_of(2)
    momentum = pl.DataFrame(
        [
            {"session_date": day, "index_id": index_id, "return_63_pct": value}
            for day in days
            for index_id, value in figures.items()
            if day == days[0] or index_id != "nifty-it"
        ]
    )
    blank = [
        pl.lit(None, pl.Float64).alias(one.column)
        for one in INPUTS
        if one.source == "momentum" and one.column != "return_63_pct"
    ]
    unique = {column.meta.output_name(): column for column in blank}.values()
    frames = replace(market({"india_vix": [1.0, 1.0]}), momentum=momentum.with_columns(unique))
    rows = of(frames, "cyclical_less_defensive_63")
    assert rows["held"].to_list() == [5.0 - 1.0, None]  # without IT there is no mean of the three


def test_a_missing_figure_stands_three_sessions_at_its_own_age() -> None:
    rows = of(market({"india_vix": [15.0, *[None] * 5, 17.0]}), "india_vix")
    assert rows["age_sessions"].to_list() == [0, 1, 2, 3, 4, 5, 0]
    assert rows["value"].to_list() == [15.0, 15.0, 15.0, 15.0, None, None, 17.0]
    assert rows["why_missing"][5] == "india_vix: 5 sessions old"


def test_a_figure_stands_three_sessions_with_its_rank() -> None:
    values: list[float | None] = [float(n) for n in range(780)]
    values[770:776] = [None] * 6
    rows = of(market({"above_sma_50": values}), "above_sma_50")
    assert rows["is_fresh"][766:777].to_list() == [True] * 7 + [False] * 3 + [True]
    # Among 773 figures in use, three of them the day's own repeated: 769 below, 4 alike.
    assert rows["percentile"][772] == pytest.approx(100 * (769 + 2) / 773)


def macro_rows(seen: list[tuple[date, date, float, bool]]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "session_date": day,
                "series_id": "BAMLH0A0HYM2",
                "observation_date": of_day,
                "value": value,
                "is_stale": is_stale,
                "change_20_pct": None,
            }
            for day, of_day, value, is_stale in seen
        ],
        schema_overrides={"change_20_pct": pl.Float64},
    )


def test_a_macro_figure_ages_from_the_evening_it_became_known() -> None:
    days = days_of(9)
    known = [0, 0, 1, 1, 1, 1, 1, 1, 6]  # which session's observation each evening knew
    macro = macro_rows([(days[n], days[k], 3.0 + k, False) for n, k in enumerate(known)])
    rows = of(replace(market({"india_vix": [1.0] * 9}), macro=macro), "hy_oas")
    assert rows["age_sessions"].to_list() == [0, 1, 0, 1, 2, 3, 4, 5, 0]
    assert rows["value"].to_list() == [3.0, 3.0, 4.0, 4.0, 4.0, 4.0, None, None, 9.0]
    assert rows["why_missing"][7] == "hy_oas: 5 sessions old"


def test_a_series_beyond_its_own_bound_gives_nothing_new() -> None:
    days = days_of(6)
    macro = macro_rows([(day, days[0], 3.0, n > 0) for n, day in enumerate(days)])
    rows = of(replace(market({"india_vix": [1.0] * 6}), macro=macro), "hy_oas")
    assert rows["held"].to_list() == [3.0, *[None] * 5]
    assert rows["value"].to_list() == [3.0] * 4 + [None] * 2


def test_why_an_input_is_left_out() -> None:
    rows = risk_inputs(market({"india_vix": [1.0] * 3})).filter(session_date=days_of(3)[-1])
    why = dict(rows.select("input_id", "why_missing").iter_rows())
    assert why["india_vix"] == "india_vix: 3 of 756 values to rank"
    assert why["hy_oas"] == "hy_oas: never held"
    assert not rows["is_fresh"].any()


def test_a_figure_that_is_no_number_is_none() -> None:
    rows = of(market({"summation": [1.0, float("nan")]}), "summation")
    assert rows["held"].to_list() == [1.0, None]
    assert rows["age_sessions"].to_list() == [0, 1]


def test_rows_are_those_of_the_table() -> None:
    frame = risk_inputs(market(wandering(40))).select(list(RiskInput.columns()))
    types: dict[str, Any] = dict(frame.schema)
    assert RiskInput.validate(frame).height == 40 * len(INPUTS)
    assert types["age_sessions"] == pl.Int64
