"""P(confirmed before a new low): the interval against statsmodels, the null by hand."""

from __future__ import annotations

from math import log

import numpy as np
import polars as pl
import pytest

from tests.transforms.regime_paths import (
    CONFIRMED_PATH,
    CONFIRMED_ROW,
    REBOUND_ROW,
    state_at,
    walked,
)
from transforms.signals.regime_odds import driftless, driftless_recovery, recovery_odds, wilson


def test_the_interval_is_wilsons() -> None:
    from statsmodels.stats.proportion import proportion_confint

    pairs = [(successes, trials) for trials in (1, 2, 9, 40) for successes in range(trials + 1)]
    frame = pl.DataFrame(pairs, schema=["k", "n"], orient="row")
    low, high = wilson(pl.col("k"), pl.col("n"))
    for k, n, lower, upper in frame.with_columns(low=low, high=high).iter_rows():
        expected = proportion_confint(k, n, alpha=0.05, method="wilson")
        assert (lower, upper) == pytest.approx(expected, abs=1e-12)


def test_seven_of_nine() -> None:
    low, high = wilson(pl.lit(7), pl.lit(9))
    lower, upper = pl.select(low=low, high=high.alias("high")).row(0)
    assert (round(lower, 2), round(upper, 2)) == (0.45, 0.94)
    assert pl.select(wilson(pl.lit(0), pl.lit(0))[0]).item() is None


def test_a_driftless_walk_from_six_percent() -> None:
    frame = pl.DataFrame({"rise": [-1.0, 0.0, 6.0, 20.0, 30.0, None]})
    found = frame.select(driftless(pl.col("rise"))).to_series().to_list()
    assert found[:2] == [0.0, 0.0]
    assert round(found[2], 2) == 0.32
    assert found[2] == pytest.approx(log(1.06) / log(1.2))
    assert found[3:] == [pytest.approx(1.0), 1.0, None]


def test_a_driftless_walk_recovers_at_a_fifth_or_near_the_old_high() -> None:
    # 106 off a low of 100. A high of 150 is far: a fifth decides. One of 115 is near: 109.25 does.
    frame = pl.DataFrame({"high": [150.0, 115.0, 111.0, None]}).with_columns(
        rise=6.0, drawdown=100 * (106.0 / pl.col("high") - 1)
    )
    found = frame.select(driftless_recovery(pl.col("rise"), pl.col("drawdown"))).to_series()
    assert found.to_list() == [
        pytest.approx(log(1.06) / log(1.2)),
        pytest.approx(log(1.06) / log(1.0925)),
        1.0,  # 105.45 is reached
        None,
    ]


def test_the_share_of_driftless_walks_that_recover_is_what_the_null_says() -> None:
    rng = np.random.default_rng(3)
    trials, hits, rise, drawdown = 4000, 0, 5.0, -14.0
    close, low = 105.0, 100.0
    target = min(120.0, 0.95 * close / (1 + drawdown / 100))
    walks = np.full(trials, log(close))
    is_open = np.ones(trials, dtype=bool)
    # Steps of 0.2% leave little to overshoot by.
    while is_open.any():
        walks[is_open] += rng.choice((-0.002, 0.002), is_open.sum())
        hits += int((is_open & (walks >= log(target))).sum())
        is_open &= (walks > log(low)) & (walks < log(target))
    expected = pl.select(driftless_recovery(pl.lit(rise), pl.lit(drawdown))).item()
    assert hits / trials == pytest.approx(expected, abs=4 * (0.25 / trials) ** 0.5)


def test_the_odds_of_one_session_are_those_of_the_column() -> None:
    pairs = [(6.0, -18.0), (5.0, -5.5), (8.0, -4.0), (25.0, -30.0), (0.0, -10.0)]
    frame = pl.DataFrame(pairs, schema=["rise", "drawdown"], orient="row")
    column = frame.select(driftless_recovery(pl.col("rise"), pl.col("drawdown"))).to_series()
    assert [recovery_odds(*pair) for pair in pairs] == pytest.approx(column.to_list())
    # Where the window of the high is too thin, the fifth alone: ln 1.06 / ln 1.2.
    assert recovery_odds(6.0, float("nan")) == pytest.approx(0.3196, abs=5e-5)


def test_rebounds_count_when_they_are_decided_and_a_low_counts_once() -> None:
    fall = [69.0, 68.0]
    up = [68.5, 69.0, 70.0, 72.0]
    # A rebound whose low gives way, then one that is confirmed.
    first = CONFIRMED_PATH[: REBOUND_ROW + 1]
    found = walked([*first, 74.0, *fall, *up])
    row = REBOUND_ROW + 2
    before, after = state_at(found, row - 1), state_at(found, row)
    assert (before["past_rebounds"], before["confirmed_probability"]) == (0, None)
    assert (after["past_rebounds"], after["past_confirmed"]) == (1, 0)
    assert after["confirmed_probability"] == 0.0
    # The second began and is open: it counts for nothing yet.
    last = state_at(found, row + 5)
    assert (last["state"], last["past_rebounds"]) == ("REBOUND", 1)
    assert last["null_probability"] == pytest.approx(log(72 / 68) / log(1.2))
    confirmed = state_at(walked(CONFIRMED_PATH), CONFIRMED_ROW)
    assert (confirmed["past_rebounds"], confirmed["past_confirmed"]) == (1, 1)
    assert state_at(walked(CONFIRMED_PATH), CONFIRMED_ROW - 1)["past_rebounds"] == 0


def test_a_failed_recovery_that_returns_is_the_same_rebound() -> None:
    closes = [*CONFIRMED_PATH[: REBOUND_ROW + 1], 74.0, 74.0, 71.0, 70.9, 74.0, 74.0, 74.0, 69.0]
    found = walked(closes, supports={REBOUND_ROW: 72.0})
    assert found.transitions.filter(rules="index")["to_state"].to_list()[-3:] == [
        "FAILED",
        "REBOUND",
        "DRAWDOWN",
    ]
    last = state_at(found, len(closes) - 1)
    assert (last["past_rebounds"], last["past_confirmed"]) == (1, 0)
    assert last["is_bear_rally"] is True
