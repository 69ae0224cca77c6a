"""What luck alone does: rises of a driftless Gaussian random walk, from any session or from a low.

Rises and volatility are logarithmic and in units of each other; the walk is watched at closes.
"""

from __future__ import annotations

from functools import lru_cache
from math import erfc, sqrt

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Steps of the grid in units of one session's sigma; the trapezoid rule then errs below 1e-5.
_STEP = 0.01
_REACH_SIGMAS = 10.0


def survival_fixed(log_rise: Floats, sigma: Floats, sessions: int) -> Floats:
    """Odds that a window fixed in advance rises at least as much.

    Shape:   one value an element; NaN where an argument is.
    Unit:    probability 0-1; `log_rise` and `sigma` (of one session) are log returns.
    Source:  the normal distribution.
    """
    scaled = np.asarray(log_rise, dtype=np.float64) / (sigma * sqrt(sessions))
    return np.array([erfc(value / sqrt(2)) / 2 for value in scaled.flat]).reshape(scaled.shape)


def survival_from_low(log_rise: Floats, sigma: Floats, sessions: int) -> Floats:
    """Odds that a window starting at a low, not undercut within it, rises at least as much.

    The walk is conditioned to stay above its start (a meander). That the start is also below the
    sessions before it changes nothing: the two sides of a low are independent.

    Shape:   one value an element; NaN where an argument is.
    Unit:    probability 0-1; `log_rise` and `sigma` (of one session) are log returns.
    Source:  density of the meander by repeated convolution; exp(-x^2/2), Rayleigh, is its limit.
    """
    position, survival, _ = _meander(sessions)
    scaled = np.asarray(log_rise, dtype=np.float64) / sigma
    # Below the low everything survives, beyond the grid nothing does.
    return np.where(np.isnan(scaled), np.nan, np.interp(scaled, position, survival, 1.0, 0.0))


def probability_above_start(sessions: int) -> float:
    """Odds that a driftless walk closes above its start on every one of the sessions."""
    return _meander(sessions)[2]


@lru_cache
def _meander(sessions: int) -> tuple[Floats, Floats, float]:
    """Grid of heights, survival function on it, and the odds of never undercutting the start."""
    height = np.arange(0.0, _REACH_SIGMAS * sqrt(sessions) + _STEP, _STEP)
    step = np.arange(-_REACH_SIGMAS, _REACH_SIGMAS + _STEP / 2, _STEP)
    kernel = np.exp(-(step**2) / 2) / sqrt(2 * np.pi) * _STEP
    middle = step.size // 2
    density = np.exp(-(height**2) / 2) / sqrt(2 * np.pi)
    for _ in range(sessions - 1):
        weighted = density.copy()
        weighted[0] /= 2  # trapezoid: the density ends at the start, it does not fade out
        density = np.convolve(weighted, kernel)[middle : middle + height.size]
    pieces = (density[1:] + density[:-1]) / 2 * _STEP
    above = np.concatenate([np.cumsum(pieces[::-1])[::-1], [0.0]])
    return height, above / above[0], float(above[0])


# Watched once a session, a walk passes a barrier as a continuous one passes a farther one; a fall
# misses that much twice, at its high and at its low.
# Broadie, Glasserman and Kou, A Continuity Correction for Discrete Barrier Options (1997).
_BARRIER_SHIFT = 0.5826


def survival_drawdown(log_fall: Floats, sigma: Floats, sessions: int) -> Floats:
    """Odds that a window fixed in advance holds at least as deep a fall from a high within it.

    Shape:   one value an element; NaN where an argument is.
    Unit:    probability 0-1; `log_fall` (0 or above) and `sigma` (of one session) are log returns;
             `sessions` counts steps, which are one fewer than closes.
    Source:  a drawdown is a reflected walk (Levy), whose maximum has the theta series of Feller,
             An Introduction to Probability Theory II, X.5; continuity corrected.
    """
    depth = np.asarray(log_fall, dtype=np.float64) / sigma + 2 * _BARRIER_SHIFT
    with np.errstate(under="ignore"):
        terms = [
            (-1) ** k
            / (2 * k + 1)
            * np.exp(-((2 * k + 1) ** 2) * np.pi**2 * sessions / 8 / depth**2)
            for k in range(200)
        ]
    odds: Floats = np.clip(1 - 4 / np.pi * np.sum(terms, axis=0), 0.0, 1.0)
    return odds
