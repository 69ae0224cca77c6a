"""Zones on noise and on planted truth: luck must not look like strength, and strength must."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest

from tests.transforms.zone_walks import SIGMA, STEPS, calendar, sessions_of, walk
from transforms.signals.zones import zones

LENGTH = 300
MARKETS = ("traded", "gaps", "closes")


@cache
def evenings(market: str) -> pl.DataFrame:
    """The zones of the last evening of 300 driftless walks.

    They are traded without a break, jump overnight as far as they go by day (fat-tailed, so that
    levels are jumped over), or are known by closes alone.
    """
    rng = np.random.default_rng(20)
    bars = pl.concat([sessions_of(f"{n:03}", walk(rng, LENGTH)) for n in range(300)])
    prices = ("open", "high", "low", "close")
    if market == "gaps":
        nights = np.random.default_rng(23).standard_t(3, bars.height) * SIGMA / np.sqrt(3)
        bars = bars.with_columns(night=pl.Series(nights)).with_columns(
            pl.col(prices) * pl.col("night").cum_sum().over("index_id").exp()
        )
    elif market == "closes":
        bars = bars.with_columns(pl.col("close").alias(name) for name in prices)
    sessions = calendar(LENGTH)
    return zones(bars, sessions, sessions["session_date"][-1])


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("kinds", [("support",), ("resistance",), ("support", "resistance")])
def test_the_strength_of_the_nearest_zones_of_a_walk_is_that_of_any_level(
    kinds: tuple[str, ...], market: str
) -> None:
    nearest = evenings(market).filter(pl.col("kind").is_in(kinds), zone_rank=1)
    strength = nearest["strength_percentile"].drop_nulls().to_numpy()
    assert strength.size > 150
    error = strength.std(ddof=1) / np.sqrt(strength.size)
    assert abs(strength.mean() - 50) < 2 * error
    # A tenth, and two standard errors of it.
    allowed = 0.1 + 2 * np.sqrt(0.1 * 0.9 / strength.size)
    assert (strength >= 90).mean() < allowed
    assert (strength <= 10).mean() < allowed
    # Not all the same either: a rank that said nothing would be 50 as well.
    assert (strength > 75).mean() > 0.15
    assert (strength < 25).mean() > 0.15


@pytest.mark.parametrize("market", MARKETS)
def test_zones_of_a_walk_bounce_no_more_than_artificial_levels(market: str) -> None:
    decided = (
        evenings(market).drop_nulls("bounce_rate_pct").drop_nulls("artificial_bounce_rate_pct")
    )
    # Zones of one walk share its sessions, so walks are what is counted.
    apart = (
        decided.group_by("index_id")
        .agg((pl.col("bounce_rate_pct") - pl.col("artificial_bounce_rate_pct")).mean())
        .to_series(1)
        .to_numpy()
    )
    assert apart.size > 200
    assert apart.mean() < 2 * apart.std(ddof=1) / np.sqrt(apart.size)


def folded(path: np.ndarray, ceiling: float) -> np.ndarray:
    """The path thrown back by a floor at 0 and a ceiling, both as logarithms."""
    place = np.mod(path, 2 * ceiling)
    return np.minimum(place, 2 * ceiling - place)


def test_barriers_that_throw_the_price_back_are_strong_zones() -> None:
    rng = np.random.default_rng(21)
    bars = pl.concat(
        [
            sessions_of(f"{n:03}", folded(walk(rng, LENGTH) + rng.uniform(0, 0.12), 0.12))
            for n in range(100)
        ]
    )
    sessions = calendar(LENGTH)
    found = zones(bars, sessions, sessions["session_date"][-1])
    barrier = pl.when(kind="support").then(10_000.0).otherwise(10_000 * np.exp(0.12))
    planted = found.filter((pl.col("centre") - barrier).abs() < 0.5 * pl.col("atr_14"))
    strength = planted["strength_percentile"].drop_nulls().to_numpy()
    # A floor that was reached once has no zone; most are reached more often.
    assert strength.size > 80
    assert strength.mean() > 80
    assert np.quantile(strength, 0.1) > 60
    assert planted["bounce_rate_pct"].mean() > 95
    assert planted["artificial_bounce_rate_pct"].mean() < 80


def test_a_planted_zone_is_found_within_half_an_atr() -> None:
    rng = np.random.default_rng(22)
    # Ten waves between two levels, give or take three hundredths of a percent.
    turns = np.tile([0.0, 0.08], 10) + rng.normal(0, 0.0003, 20)
    # Turning at midday: at a close, two sessions would share the extreme.
    steps = np.linspace(0, 19, 15 * 19 * STEPS + 1) + 0.5 / 15
    path = np.interp(steps, np.arange(20), turns) + rng.normal(0, 0.0004, steps.size)
    sessions = calendar(15 * 19)
    got = zones(sessions_of("one", path), sessions, sessions["session_date"][-8])
    evening = got.filter(pl.col("session_date") == sessions["session_date"][-8])
    for kind, level in (("support", 10_000.0), ("resistance", 10_000 * np.exp(0.08))):
        (zone,) = evening.filter(kind=kind).to_dicts()
        assert abs(zone["centre"] - level) < 0.5 * zone["atr_14"]
        assert zone["pivots"] >= 7
        assert zone["bounces"] >= 5
        assert zone["bounce_rate_pct"] == 100
