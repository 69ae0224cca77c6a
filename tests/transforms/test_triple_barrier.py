"""Two levels and a deadline: odds against published and independent figures, outcomes by hand."""

from __future__ import annotations

from math import inf, log, nan, sqrt

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm

from transforms.signals.triple_barrier import barrier_odds, outcome


def odds(to_lower: float, to_upper: float, sigma: float, sessions: int) -> tuple[float, float]:
    lower, upper = barrier_odds(
        np.array([to_lower]), np.array([to_upper]), np.array([sigma]), sessions
    )
    return float(lower[0]), float(upper[0])


def step_by_step(to_lower: float, to_upper: float, sessions: int) -> tuple[float, float]:
    """The same walk in units of sigma, its density carried from close to close on a grid."""
    count = round((to_lower + to_upper) / 0.02)
    width = (to_lower + to_upper) / count
    place = -to_lower + width * (np.arange(count) + 0.5)
    kernel = norm.pdf(place[:, None] - place[None, :]) * width
    density = norm.pdf(place) * width
    failed, held = norm.cdf(-to_lower), norm.sf(to_upper)
    for _ in range(sessions - 1):
        failed += density @ norm.cdf(-to_lower - place)
        held += density @ norm.sf(to_upper - place)
        density = kernel @ density
    return float(failed), float(held)


def test_no_close_below_16350_in_fifteen_sessions_from_17000() -> None:
    """Methodology 0.3 says 0.69 at a sigma of 1.15%."""
    failed, held = odds(log(17_000 / 16_350), inf, 0.0115, 15)
    assert 1 - failed == pytest.approx(0.69, abs=0.006)
    assert held == 0
    # Watched all the time instead of at closes, the reflection principle gives less.
    assert 1 - failed > 2 * norm.cdf(log(17_000 / 16_350) / 0.0115 / sqrt(15)) - 1


def test_in_time_without_end_17250_comes_before_16350_in_73_of_100() -> None:
    """Methodology 0.3; steps so small that watching at closes is watching always."""
    failed, held = odds(log(17_000 / 16_350), log(17_250 / 17_000), 0.0001, 10_000_000)
    assert held == pytest.approx(0.73, abs=0.005)
    assert failed + held == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("sessions", [10, 15])
@pytest.mark.parametrize(
    ("to_lower", "to_upper", "within"),
    [(3.39, 1.27, 0.005), (2, 2, 0.005), (6, 6, 0.005), (1, 8, 0.005), (0.1, 3, 0.03)],
)
def test_odds_agree_with_a_walk_carried_from_close_to_close(
    to_lower: float, to_upper: float, within: float, sessions: int
) -> None:
    got = odds(to_lower, to_upper, 1.0, sessions)
    assert got == pytest.approx(step_by_step(to_lower, to_upper, sessions), abs=within)


def test_odds_depend_on_distances_in_sigmas_alone_and_mirror() -> None:
    assert odds(0.04, 0.02, 0.01, 15) == pytest.approx(odds(4, 2, 1, 15), abs=1e-12)
    assert odds(2, 4, 1, 15) == pytest.approx(odds(4, 2, 1, 15)[::-1], abs=1e-12)


def test_barriers_far_beyond_reach_are_never_met_and_missing_ones_give_no_odds() -> None:
    assert odds(500, 900, 1, 15) == (0, 0)
    assert odds(inf, inf, 1, 15) == (0, 0)
    assert np.isnan(odds(nan, 2, 1, 15)).all()
    assert np.isnan(odds(2, 2, nan, 15)).all()


CLOSES = [100, 101, 99, 104, 100, 100, None, 96, 100, 100, 100]


def outcomes(lower: float | None, upper: float | None, sessions: int) -> list[str | None]:
    frame = pl.DataFrame(
        {"close": CLOSES, "lower": lower, "upper": upper},
        schema={"close": pl.Float64, "lower": pl.Float64, "upper": pl.Float64},
    )
    return frame.select(outcome("close", "lower", "upper", sessions)).to_series().to_list()


def test_the_first_close_beyond_a_barrier_decides() -> None:
    # From the second close on 104 is met in two sessions; the missing seventh close hides what
    # would have come before 96; of the last three nothing is known yet.
    assert outcomes(97, 103, 3) == [
        *["held", "held", "held", None, None, None, "failed", "unresolved", *[None] * 3]
    ]


def test_a_close_at_a_barrier_is_not_beyond_it_and_a_missing_barrier_is_none() -> None:
    assert outcomes(96, 104, 3)[:3] == ["unresolved"] * 3
    assert outcomes(None, 103, 3)[7] == "unresolved"
    assert outcomes(None, 103, 3)[0] == "held"
    assert outcomes(97, None, 3)[0] == "unresolved"
    assert outcomes(None, None, 3) == [None] * len(CLOSES)
