"""Monitors: their colours at the edges of the bands, since when, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.transforms.risk_market import days_of, market, shuffled, until, wandering
from transforms.metrics.earnings_tables import Earnings
from transforms.signals.claim import Inputs
from transforms.signals.monitors import MONITORS, STATE_COLOUR, THRESHOLDS, monitors
from transforms.signals.risk_appetite import risk_appetite
from warehouse.tables.signals import STATES, Monitor, Regime, Zone
from warehouse.tables.table import Table, schema

HEADLINE, MIDCAP = "nifty-smallcap-100", "nifty-midcap-100"


def of(frames: Inputs, monitor_id: str) -> pl.DataFrame:
    return monitors(frames).filter(monitor_id=monitor_id)


def colours(frames: Inputs, monitor_id: str) -> list[str]:
    return of(frames, monitor_id)["colour"].to_list()


def rows_of(table: type[Table], rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Rows with what is told of them, all else null."""
    types = schema(table)
    return pl.DataFrame(
        [{name: row.get(name) for name in types} for row in rows], schema=types, orient="row"
    )


def flows(ranks: list[float | None]) -> Inputs:
    return market(
        {
            "fii_net_10": [None if rank is None else 100.0 for rank in ranks],
            "fii_net_10_rank": ranks,
            "fii_net_10_z": [0.5] * len(ranks),
        }
    )


def test_bands_of_the_percentile() -> None:
    rows = of(flows([60.0, 59.9, 40.0, 39.9, None]), "fii_inflows")
    assert rows["colour"].to_list() == ["green", "amber", "amber", "red", "unknown"]
    assert rows["percentile"].to_list() == [60.0, 59.9, 40.0, 39.9, None]
    assert rows["value"].to_list() == [100.0] * 4 + [None]
    assert rows["reasons"][0] == (
        "Net Rs 100 crore over 10 sessions, z 0.5 (FII, provisional, scope NSE+BSE+MSEI): "
        "percentile 60; green from 60, red below 40"
    )
    assert rows["reasons"][4].startswith("No sum of 10 sessions")


def test_a_colour_has_the_first_session_of_its_unbroken_run() -> None:
    rows = of(flows([70.0, 65.0, 50.0, None, None, 50.0, 50.0, 90.0]), "fii_inflows")
    days = days_of(8)
    assert rows["changed_on"].to_list() == [days[n] for n in (0, 0, 2, 3, 3, 5, 5, 7)]
    # Unknown between two equal colours is a colour.
    assert rows["previous_colour"].to_list() == [
        None,
        None,
        "green",
        "amber",
        "amber",
        "unknown",
        "unknown",
        "amber",
    ]


def test_filings_rank_among_quarters_and_say_they_are_a_proxy() -> None:
    days = days_of(4)
    told = [(30.0, 75.0), (-12.5, 20.0), (8.0, None), (None, None)]
    earnings = rows_of(
        Earnings,
        [
            {
                "session_date": day,
                "universe": universe,
                "quarter_end": days[0],
                "surprised": 40,
                "surprise_diffusion_pct": value if universe == "market" else 99.0,
                "surprise_diffusion_percentile": rank if universe == "market" else 99.0,
            }
            for day, (value, rank) in zip(days, told, strict=True)
            for universe in ("nifty-500", "market")
        ],
    )
    rows = of(replace(flows([50.0] * 4), earnings=earnings), "filings")
    assert rows["colour"].to_list() == ["green", "red", "unknown", "unknown"]
    assert rows["value"].to_list() == [30.0, -12.5, 8.0, None]
    assert rows["reasons"].str.contains("a proxy for guidance").all()
    assert "\N{MINUS SIGN}12.5% of 40 results" in rows["reasons"][1]
    assert "too few quarters" in rows["reasons"][2]


def test_midcaps_by_their_state_under_the_full_rules() -> None:
    assert set(STATE_COLOUR) == set(STATES)
    days = days_of(len(STATES) + 1)
    regimes = rows_of(
        Regime,
        [
            {
                "session_date": days[n],
                "index_id": index_id,
                "rules": rules,
                "state": state if (index_id, rules) == (MIDCAP, "full") else "FAILED",
                "entered_on": days[n],
                "held_by_data": "flows" if n == 2 else "",
                "drawdown_252_pct": -float(n),
            }
            for n, state in enumerate(STATES)
            for index_id in (MIDCAP, HEADLINE)
            for rules in ("full", "index")
        ],
    )
    rows = of(replace(flows([50.0] * len(days)), regimes=regimes), "midcap_participation")
    by_state = dict(zip((*STATES, "no row"), rows["colour"], strict=True))
    assert by_state == {
        "UNKNOWN": "unknown",
        "ADVANCE": "green",
        "DRAWDOWN": "red",
        "REBOUND": "green",
        "EARLY_RECOVERY": "green",
        "CONFIRMED": "green",
        "FAILED": "red",
        "no row": "unknown",
    }
    assert rows["reasons"][2] == f"Nifty Midcap 100 is in DRAWDOWN since {days[2]}; held: flows"


def levels(
    closes: list[float | None],
    supports: list[tuple[float, float] | None],
    *,
    unzoned: tuple[int, ...] = (),
) -> Inputs:
    """An index whose average true range is 10; a zone of resistance far above on every session."""
    days = days_of(len(closes))
    drawn = [
        {
            "session_date": days[n],
            "index_id": index_id,
            "kind": kind,
            "zone_rank": rank,
            "lower": lower,
            "upper": upper,
            "atr_14": 10.0,
        }
        for n, support in enumerate(supports)
        if n not in unzoned
        for index_id, kind, rank, lower, upper in (
            (HEADLINE, "resistance", 1, 900.0, 910.0),
            (MIDCAP, "support", 1, 1.0, 2.0),
            *(() if support is None else ((HEADLINE, "support", 1, *support),)),
            *(() if support is None else ((HEADLINE, "support", 2, 10.0, 12.0),)),
        )
    ]
    frames = flows([50.0] * len(closes))
    series = pl.DataFrame(
        {
            "index_id": [HEADLINE] * len(closes),
            "session_date": days,
            "close": pl.Series(closes, dtype=pl.Float64),
        }
    )
    return replace(frames, series=series, zones=rows_of(Zone, drawn))


def test_a_support_holds_is_near_is_entered_and_fails() -> None:
    support, lower = (100.0, 104.0), (60.0, 64.0)
    closes = [115.0, 114.0, 113.9, 104.0, 100.0, 99.0, 95.0, 94.9, 96.0, 101.0, 120.0]
    drawn = [support] * 5 + [lower] * 4 + [support] * 2
    rows = of(levels(list(closes), list(drawn)), "level_holds")
    assert rows["colour"].to_list() == [
        "green",  # 1.1 ATR above the upper edge
        "green",  # 1.0
        "amber",  # 0.99
        "amber",  # on the upper edge
        "amber",  # on the lower edge
        "amber",  # under it, and not by half an ATR
        "amber",
        "red",  # beyond: the support drawn lower is not what had to hold
        "amber",
        "amber",  # regained
        "green",
    ]
    assert rows["value"][0] == pytest.approx(1.1)
    assert rows["value"][7] == pytest.approx(-0.91)
    assert rows["reasons"][0] == "Close 115 is 1.1 ATR above the support 100 to 104"
    assert rows["reasons"][7] == (
        "Close 95 is below 95, the failure line of what was support, 100 to 104"
    )
    assert rows["percentile"].null_count() == len(closes)


def test_a_failed_support_is_forgotten_after_a_month() -> None:
    closes: list[float | None] = [120.0, *[80.0] * 22]
    drawn: list[tuple[float, float] | None] = [(100.0, 104.0), *[(60.0, 64.0)] * 22]
    got = colours(levels(closes, drawn), "level_holds")
    assert got == ["green", *["red"] * 21, "green"]


def test_what_cannot_be_judged_is_unknown_and_moves_no_support() -> None:
    closes: list[float | None] = [120.0, None, 90.0, 90.0, 120.0]
    drawn: list[tuple[float, float] | None] = [(100.0, 104.0)] * 2 + [None] * 2 + [None]
    rows = of(levels(closes, drawn, unzoned=(2,)), "level_holds")
    assert rows["colour"].to_list() == ["green", "unknown", "unknown", "red", "unknown"]
    assert rows["reasons"][1] == "No close of the index"
    assert rows["reasons"][2] == "No zones are known"
    assert rows["reasons"][4] == "No zone of support lies below the close"


def test_a_support_the_price_is_in_stands_whatever_it_is_called_there() -> None:
    closes: list[float | None] = [110.0, 101.0, 94.0]
    drawn: list[tuple[float, float] | None] = [(100.0, 104.0), (60.0, 64.0), (60.0, 64.0)]
    assert colours(levels(closes, drawn), "level_holds") == ["amber", "amber", "red"]


def test_macro_breadth_and_appetite_go_by_the_mean_of_ranks() -> None:
    frames = market(wandering(800))
    told = risk_appetite(frames)
    got = monitors(frames, told)
    assert_frame_equal(got, monitors(frames), check_exact=True)
    ranks = told.inputs.filter(pl.col("input_id").is_in(["usdinr_change_20", "hy_oas", "us_vix"]))
    macro = ranks.group_by("session_date").agg(pl.col("percentile").mean()).sort("session_date")
    expected = {
        "macro": macro["percentile"].to_list(),
        "breadth": told.pillars.filter(pillar="breadth")["value"].to_list(),
        "appetite": told.appetite["composite"].to_list(),
    }
    for monitor_id, values in expected.items():
        rows = got.filter(monitor_id=monitor_id)
        assert rows["value"].to_list() == pytest.approx(values, abs=1e-8)
        for value, colour in zip(values, rows["colour"], strict=True):
            if value is None:
                assert colour == "unknown"
            else:
                assert colour == ("green" if value >= 60 else "amber" if value >= 40 else "red")
        assert set(rows["colour"][:755]) == {"unknown"}
        assert rows["colour"][-1] != "unknown"


def test_macro_takes_half_of_its_inputs() -> None:
    figures = wandering(760)
    two = {name: figures[name] for name in ("hy_oas", "us_vix")}
    rows = of(market(two), "macro")
    assert rows["colour"][-1] != "unknown"
    assert "2 of 3 inputs" in rows["reasons"][-1]
    assert of(market({"hy_oas": figures["hy_oas"]}), "macro")["colour"][-1] == "unknown"


def test_an_empty_warehouse_knows_nothing() -> None:
    frames = market({"india_vix": [None] * 3})
    rows = monitors(replace(frames, macro=pl.DataFrame(), flow=frames.flow.clear()))
    assert rows.height == 3 * len(MONITORS)
    assert set(rows["colour"]) == {"unknown"}
    assert rows["previous_colour"].null_count() == rows.height
    assert set(rows["changed_on"]) == {days_of(3)[0]}
    assert (rows["reasons"].str.len_chars() > 10).all()


def story() -> Inputs:
    """Flows that come and go, and a support that breaks and is regained."""
    closes = [110.0 + 20 * ((n * 7) % 5 - 2) / 2 for n in range(60)]
    drawn = [(100.0, 104.0) if close >= 100 else (60.0, 64.0) for close in closes]
    ranks = [float((n * 13) % 100) for n in range(60)]
    return replace(
        levels(list(closes), list(drawn)), flow=flows(list(ranks)).flow, earnings=pl.DataFrame()
    )


def test_rows_are_those_of_the_table() -> None:
    rows = monitors(story())
    assert sorted(rows.columns) == sorted(Monitor.columns())
    assert Monitor.validate(rows.select(list(Monitor.columns()))).height == 60 * len(MONITORS)
    assert len({one.id for one in THRESHOLDS}) == len(THRESHOLDS)


def test_row_order_and_what_comes_later_change_nothing() -> None:
    frames = story()
    whole = monitors(frames)
    assert {"red", "amber", "green"} <= set(whole.filter(monitor_id="level_holds")["colour"])
    assert_frame_equal(monitors(shuffled(frames)), whole, check_exact=True)
    for cut in (3, 20, 41):
        day = days_of(60)[cut]
        before = whole.filter(pl.col("session_date") <= day)
        assert_frame_equal(monitors(until(frames, day)), before, check_exact=True)
