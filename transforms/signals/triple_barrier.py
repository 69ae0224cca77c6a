"""A level above, a level below and a deadline: which a driftless walk meets first, and which did.

Walks are Gaussian, watched at closes; distances and sigma are log returns.
"""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]

# Watched once a session, a walk passes a barrier as a continuous one passes a farther one.
# Broadie, Glasserman and Kou, A Continuity Correction for Discrete Barrier Options (1997).
_BARRIER_SHIFT = 0.5826
_TERMS = 200
# Beyond so many sds of the whole time a barrier is never met, and the series would need more terms.
_FARTHEST_SDS = 40.0


def barrier_odds(
    to_lower: Floats, to_upper: Floats, sigma: Floats, sessions: int
) -> tuple[Floats, Floats]:
    """Odds that the walk first closes beyond the lower barrier, and beyond the upper one, in time.

    Shape:   one value an element each; NaN where an argument is. What is left of one is the odds
             that neither is met within the sessions.
    Unit:    probability 0-1; distances (above 0) and sigma (of one session) are log returns. An
             infinite distance is no barrier.
    Source:  exit of a Brownian motion from an interval: Borodin and Salminen, Handbook of Brownian
             Motion (2002), II.3.0; continuity corrected, errs below 0.005 where both barriers are a
             sigma away, by 0.03 at a tenth of one.
    """
    farthest = _FARTHEST_SDS * sqrt(sessions)
    low, high = (
        np.minimum(np.asarray(distance, dtype=np.float64) / sigma + _BARRIER_SHIFT, farthest)
        for distance in (to_lower, to_upper)
    )
    width = low + high
    k = np.arange(1, _TERMS + 1).reshape(-1, *[1] * width.ndim)
    with np.errstate(under="ignore"):
        decay = np.exp(-((k * pi / width) ** 2) * sessions / 2) * (-1.0) ** k / k
        upper = low / width + 2 / pi * np.sum(decay * np.sin(k * pi * low / width), axis=0)
        lower = high / width + 2 / pi * np.sum(decay * np.sin(k * pi * high / width), axis=0)
    return np.clip(lower, 0.0, 1.0), np.clip(upper, 0.0, 1.0)


def outcome(close: str, lower: str, upper: str, sessions: int) -> pl.Expr:
    """Which barrier a session's future met first: "held" above, "failed" below, or "unresolved".

    Shape:   rows on the sequence of sessions, oldest first; each looks `sessions` rows ahead, so
             that a reader must shift it down by as many.
    Nulls:   a null barrier is none; null where both are, where the sessions are not all there, or
             where a close is missing before a barrier was met.
    """
    told: pl.Expr = pl.lit("unresolved")
    for ahead in range(sessions, 0, -1):
        later = pl.col(close).shift(-ahead)
        told = (
            pl.when(later.is_null())
            .then(pl.lit(None, dtype=pl.String))
            .when(later > pl.col(upper))
            .then(pl.lit("held"))
            .when(later < pl.col(lower))
            .then(pl.lit("failed"))
            .otherwise(told)
        )
    is_whole = pl.int_range(pl.len()) + sessions < pl.len()
    has_barrier = pl.col(lower).is_not_null() | pl.col(upper).is_not_null()
    return pl.when(is_whole & has_barrier).then(told)
