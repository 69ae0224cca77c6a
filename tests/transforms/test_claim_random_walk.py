"""Odds of luck: against closed forms, simulation and the limits they have."""

from __future__ import annotations

from math import comb, exp, log, sqrt

import numpy as np
import pytest
from scipy.stats import norm

from transforms.signals.random_walk import (
    probability_above_start,
    survival_drawdown,
    survival_fixed,
    survival_from_low,
)

RISE, SIGMA = log(1.06), 0.0115


def one(value: float) -> np.ndarray:
    return np.array([value])


def test_a_rise_of_six_percent_in_a_fixed_window() -> None:
    got = survival_fixed(one(RISE), one(SIGMA), 9)[0]
    assert got == pytest.approx(norm.sf(RISE / (SIGMA * 3)), abs=1e-12)
    assert got == pytest.approx(0.046, abs=0.0005)


def test_a_rise_of_six_percent_from_a_low() -> None:
    got = survival_from_low(one(RISE), one(SIGMA), 9)[0]
    # The methodology's 17.5% was simulated; a simulation of 2,000,000 walks gave 17.20%.
    assert got == pytest.approx(0.175, abs=0.004)
    assert got == pytest.approx(0.1720, abs=0.0015)


def test_from_a_low_equals_a_simulation_at_several_heights() -> None:
    walks = np.random.default_rng(11).standard_normal((400_000, 9)).cumsum(axis=1)
    ends = walks[(walks > 0).all(axis=1)][:, -1]
    heights = np.array([0.5, 2.0, 4.0, 6.0])
    simulated = np.array([(ends >= height).mean() for height in heights])
    # Four standard errors of 74,000 walks.
    assert survival_from_low(heights, np.ones(4), 9) == pytest.approx(simulated, abs=0.0075)


@pytest.mark.parametrize("steps", [1, 2, 9, 10])
def test_odds_of_staying_above_the_start_are_sparre_andersens(steps: int) -> None:
    expected = comb(2 * steps, steps) / 4**steps
    assert probability_above_start(steps) == pytest.approx(expected, abs=5e-6)


def test_one_step_from_a_low_is_a_half_normal() -> None:
    heights = np.array([0.3, 1.0, 2.5])
    expected = 2 * norm.sf(heights)
    assert survival_from_low(heights, np.ones(3), 1) == pytest.approx(expected, abs=1e-5)


def test_many_steps_from_a_low_tend_to_rayleigh() -> None:
    gaps = []
    for steps in (9, 36, 144):
        got = survival_from_low(one(1.7 * sqrt(steps)), one(1.0), steps)[0]
        gaps.append(exp(-(1.7**2) / 2) - got)
    # The walk misses lows between its steps, so it comes from below, by one over the root.
    assert gaps[0] > gaps[1] > gaps[2] > 0
    assert gaps[1] / gaps[2] == pytest.approx(2, abs=0.15)


def test_a_close_at_or_below_the_low_is_certain_and_a_null_stays_one() -> None:
    got = survival_from_low(np.array([-0.1, 0.0, np.nan, 9.0]), np.full(4, 0.01), 9)
    assert got[:2] == pytest.approx(1)
    assert np.isnan(got[2])
    assert got[3] == 0
    assert np.isnan(survival_fixed(np.array([np.nan]), one(1.0), 9)[0])


def test_drawdown_of_a_year_equals_a_simulation() -> None:
    rng = np.random.default_rng(12)
    walks = np.concatenate([np.zeros((8000, 1)), rng.standard_normal((8000, 251)).cumsum(1)], 1)
    deepest = (np.maximum.accumulate(walks, axis=1) - walks).max(axis=1)
    depths = np.array([12.0, 18.0, 25.0, 40.0])
    simulated = np.array([(deepest >= depth).mean() for depth in depths])
    assert survival_drawdown(depths, np.ones(4), 251) == pytest.approx(simulated, abs=0.015)


def test_drawdowns_end_in_certainty_and_impossibility() -> None:
    got = survival_drawdown(np.array([0.0, 0.001, 9.0, np.nan]), np.full(4, 0.01), 251)
    assert got[:2] == pytest.approx(1, abs=1e-9)
    assert got[2] == pytest.approx(0, abs=1e-9)
    assert np.isnan(got[3])
