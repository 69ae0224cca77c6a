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
    """Odds of at least as great a rise for a window that starts at a low which it does not undercut.

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
