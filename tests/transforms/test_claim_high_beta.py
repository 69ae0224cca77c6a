"""Row 22: high beta against low, and what is left of it beyond the market's move."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats  # type: ignore[import-untyped]

from tests.transforms.told_shares import leadership
from tests.transforms.told_verdict import (
    graded,
    inputs,
    keeps_the_contract,
    legs_at,
    rows,
    series,
)
from transforms.metrics.tables import IndexMomentum
from transforms.signals.claim import Inputs
from transforms.signals.claims.high_beta import high_beta_rotates
from transforms.signals.high_beta_series import high_beta_series
from warehouse.tables.signals import RiskAppetite

COUNT, SESSIONS, BETA = 1100, 21, 0.8
DAYS = [date(2022, 1, 1) + timedelta(days=n) for n in range(COUNT)]
LAST = DAYS[-1]
RNG = np.random.default_rng(22)
DAILY = RNG.normal(0, 0.01, COUNT)
NOISE = RNG.normal(0, 1, COUNT)
VIX = 15 + RNG.normal(0, 2, COUNT)


def market(last_month_pct: float = 0.0) -> np.ndarray[Any, Any]:
    """Closes of Nifty 500 whose last 21 sessions end so much above where they began."""
    close: np.ndarray[Any, Any] = 10000 * np.exp(DAILY.cumsum())
    close[-SESSIONS:] = close[-SESSIONS - 1] * (
        1 + last_month_pct / 100 * np.arange(1, SESSIONS + 1) / SESSIONS
    )
    return close


def moves(close: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    moved = np.full(len(close), np.nan)
    moved[SESSIONS:] = 100 * (close[SESSIONS:] / close[:-SESSIONS] - 1)
    return moved


def spreads(moved: np.ndarray[Any, Any], last: float | None = None) -> list[float | None]:
    """A spread that beta to the market makes, and noise; the last as told beyond that."""
    told = [None if np.isnan(one) else float(one) for one in BETA * moved + NOISE]
    if last is not None:
        told[-1] = BETA * float(moved[-1]) + last
    return told


def given(
    *,
    last_month_pct: float = 0.0,
    left: float | None = 5.0,
    rank: float | None = 85.0,
    universe: str = "nifty-500",
    biased_on: int | None = None,
    since: int = 0,
    vix: float = 15.0,
    composite: float | None = None,
) -> Inputs:
    close = market(last_month_pct)
    days = DAYS[since:]
    held = leadership(
        days,
        universe,
        is_biased=[n == biased_on for n in range(since, COUNT)],
        beta_spread_21_points=spreads(moves(close), left)[since:],
        beta_spread_21_points_percentile=[None] * (len(days) - 1) + [rank],
    )
    return inputs(
        days,
        series=series(days, nifty_500=list(close[since:]), india_vix=[*VIX[since:-1], vix]),
        leadership=held,
        appetite=rows(
            RiskAppetite,
            [{"session_date": LAST, "composite": composite, "pillars": 5, "inputs": 20}],
        ),
    )


def at(told: Inputs, day: date = LAST) -> dict[str, Any]:
    return graded(high_beta_rotates, told)[day]


@pytest.mark.parametrize(
    ("rank", "left", "grade"),
    [
        (80.0, 5.0, "SUPPORTED"),
        (79.9, 5.0, "PARTLY"),
        (85.0, -5.0, "PARTLY"),  # the market's move alone would have made more
        (59.9, 5.0, "NOT SUPPORTED"),
        (39.9, 5.0, "CONTRADICTED"),
        (None, 5.0, "UNTESTABLE"),
    ],
)
def test_the_rank_of_the_spread_grades(rank: float | None, left: float, grade: str) -> None:
    assert at(given(rank=rank, left=left))["grade"] == grade


def test_a_rise_of_the_market_is_no_rotation() -> None:
    """High beta gains 12 points on low in a rise of 15%: that is what beta is."""
    row = at(given(last_month_pct=15.0, left=0.0, rank=99.0))
    assert row["value"] == pytest.approx(12.0)
    assert row["grade"] == "PARTLY"
    assert "the market moved 15.0%" in row["reasons"]
    assert "mostly mechanical, so PARTLY at most" in row["reasons"]
    flat = at(given(last_month_pct=0.0, left=12.0, rank=99.0))
    assert flat["grade"] == "SUPPORTED"
    assert "mechanical" not in flat["reasons"]


def test_what_is_left_beyond_beta_by_hand() -> None:
    close, told = market(), given(left=3.0)
    moved, spread = moves(close), np.array(spreads(moves(close), 3.0), dtype=float)
    expected = np.full(COUNT, np.nan)
    for n in range(COUNT):
        before = slice(max(n - SESSIONS - 251, 0), max(n - SESSIONS + 1, 0))
        pair = np.array([spread[before], moved[before]])
        pair = pair[:, ~np.isnan(pair).any(axis=0)]
        if pair.shape[1] >= 126:
            expected[n] = spread[n] - stats.linregress(pair[1], pair[0]).slope * moved[n]
    found = high_beta_series(told)["spread_left"].to_numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
    ranks = high_beta_series(told)["left_percentile"].to_list()
    history = expected[~np.isnan(expected)]
    rank = stats.percentileofscore(np.round(history, 9), round(float(history[-1]), 9), kind="mean")
    assert ranks[-1] == pytest.approx(rank, abs=0.2)
    first = next(n for n, one in enumerate(ranks) if one is not None)
    # 21 for the first move, 126 for the first slope, 21 for the window after it, 756 to rank.
    assert first == 20 + 126 + SESSIONS + 755


def test_without_what_beta_explains_it_is_partly_at_most() -> None:
    row = at(given(since=300))
    assert row["grade"] == "PARTLY"
    assert "is not known over enough sessions, so PARTLY at most" in row["reasons"]
    (one,) = [
        leg
        for name, leg in legs_at(high_beta_rotates, given(since=300), LAST).items()
        if name == "beyond_beta"
    ]
    assert (one["holds"], one["missing"]) == (None, "nse_index_close")


def test_members_known_from_a_later_list_cap_the_grade_while_the_window_stands_on_them() -> None:
    for back, grade in ((0, "PARTLY"), (12, "PARTLY"), (13, "SUPPORTED")):
        row = at(given(biased_on=COUNT - 1 - back))
        assert row["grade"] == grade, back
        assert ("survivorship-biased" in row["reasons"]) == (grade == "PARTLY")


def test_all_shares_stand_in_where_the_list_cannot_be_ranked() -> None:
    row = at(given(universe="market"))
    assert (row["grade"], row["universe"]) == ("SUPPORTED", "market")
    assert "of every ordinary share, the fifth" in row["reasons"]
    both = given(universe="market", rank=90.0)
    listed = given(rank=20.0).leadership
    told = inputs(DAYS, series=both.series, leadership=pl.concat([both.leadership, listed]))
    assert (at(told)["grade"], at(told)["universe"]) == ("CONTRADICTED", "nifty-500")


def pair(last: float = 9.0, beta: float = 1.6, since: int = 0) -> Inputs:
    """Two indices alone: high beta of 1.4 or so, low of 0.6; the last difference is told."""
    close = market()
    moved = moves(close)
    high = 1.4 * moved + NOISE
    high[-1] = last + 0.6 * moved[-1]
    told = [
        {
            "session_date": DAYS[n],
            "index_id": index_id,
            "run_started_on": DAYS[0],
            "return_21_pct": None if np.isnan(values[n]) else float(values[n]),
            # What beta has become inside the last window is no part of it.
            "beta_252_nifty_500": None if n < 126 else 7.0 if n >= COUNT - 21 else own,
        }
        for index_id, values, own in (
            ("nifty-high-beta-50", high, beta),
            ("nifty-low-volatility-50", 0.6 * moved, 0.6),
        )
        for n in range(since, COUNT)
    ]
    days = DAYS[since:]
    return inputs(
        days, series=series(days, nifty_500=list(close[since:])), momentum=rows(IndexMomentum, told)
    )


def test_the_two_indices_stand_in_for_shares() -> None:
    row = at(pair())
    assert (row["grade"], row["universe"]) == ("SUPPORTED", None)
    assert row["value"] == pytest.approx(9.0)
    moved = moves(market())
    history = 0.8 * moved + NOISE
    history[-1] = 9.0
    held = history[~np.isnan(history)]
    assert row["percentile"] == pytest.approx(stats.percentileofscore(held, 9.0, kind="mean"))
    assert row["sample_size"] == COUNT - SESSIONS
    assert "no spread of shares can be ranked (nse_equity_full)" in row["reasons"]
    # Betas differ by 1.0 when each window begins.
    left = high_beta_series(pair())["left"]
    for n in (-30, -10, -2):
        assert left[n] == pytest.approx(history[n] - 1.0 * moved[n])
    assert left[-1] == pytest.approx(9.0), "the market stood still in the last window"


def test_vix_and_appetite_stand_beside_and_grade_nothing() -> None:
    calm = legs_at(high_beta_rotates, given(vix=5.0, composite=60.0), LAST)
    assert (calm["calm"]["holds"], calm["calm"]["value"]) == (True, 5.0)
    assert calm["risk_is_wanted"]["holds"] is True
    wild = given(vix=50.0, composite=59.9)
    legs = legs_at(high_beta_rotates, wild, LAST)
    assert (legs["calm"]["holds"], legs["risk_is_wanted"]["holds"]) == (False, False)
    assert at(wild)["grade"] == "SUPPORTED"
    assert "India VIX 50.0 at percentile" in at(wild)["reasons"]
    assert "risk appetite 59.9" in at(wild)["reasons"]
    assert "India VIX unknown (nse_index_close), risk appetite unknown" in at(pair())["reasons"]


def test_without_any_measure_both_sources_are_named() -> None:
    row = at(inputs(DAYS))
    assert (row["grade"], row["value"], row["percentile"]) == ("UNTESTABLE", None, None)
    assert "nse_equity_full, 0 sessions of it" in row["reasons"]
    assert "nse_index_close, 0 sessions" in row["reasons"]
    legs = legs_at(high_beta_rotates, inputs(DAYS), LAST)
    assert {one["holds"] for one in legs.values()} == {None}
    short = at(pair(since=400))
    assert (short["grade"], short["universe"]) == ("UNTESTABLE", None)


@pytest.mark.parametrize("told", [given(), pair()], ids=["shares", "indices"])
def test_the_contract_is_kept(told: Inputs) -> None:
    keeps_the_contract("high_beta_rotates", told, [DAYS[10], DAYS[950], DAYS[-2]])


def test_the_future_changes_nothing() -> None:
    calm, wild = given(left=5.0), given(left=-50.0, last_month_pct=40.0, rank=1.0)
    before = pl.col("session_date") < DAYS[-SESSIONS]
    one, other = (high_beta_rotates(told).verdict.filter(before) for told in (calm, wild))
    assert one.equals(other)
