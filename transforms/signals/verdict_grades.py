"""Cut-offs of the claims on who leads, what to watch and appetite. All are there to calibrate."""

from __future__ import annotations

import polars as pl

from transforms.signals.grades import PARTLY, SUPPORTED, SUPPORTED_FROM_PERCENTILE, by_percentile
from transforms.signals.threshold import Threshold

_OURS = "Riskon convention"

LEAD_BELOW = Threshold(
    id="claim_lead_below",
    value=0.05,
    unit="probability 0-1",
    meaning="One series leads another where chance does as much less often than this",
    source="Granger, Econometrica 37 (1969), at the customary level",
)
WATCH_LEAST_KNOWN = Threshold(
    id="claim_watch_least_known",
    value=3,
    unit="monitors",
    meaning="Of the four things to watch, those that must be known",
    source=_OURS,
)
WATCH_PARTLY_GREEN = Threshold(
    id="claim_watch_partly_green",
    value=2,
    unit="monitors",
    meaning="So many of the four green and none red are part of a good outlook",
    source=_OURS,
)
WATCH_RED = Threshold(
    id="claim_watch_red",
    value=3,
    unit="monitors",
    meaning="So many of the four red are the opposite of a good outlook",
    source=_OURS,
)
BEYOND_BETA_FROM = Threshold(
    id="claim_beyond_beta_from",
    value=60,
    unit="percentile",
    meaning="A rotation to high beta is more than the market's move where what beta leaves is so "
    "high in its own history",
    source=_OURS,
)
CALM_TO = Threshold(
    id="claim_calm_to",
    value=40,
    unit="percentile",
    meaning="Implied volatility up to here is calm",
    source="Riskon convention: the monitors' bands",
)
WANTED_FROM = Threshold(
    id="claim_risk_wanted_from",
    value=60,
    unit="rank",
    meaning="Composite from which risk is wanted",
    source="Riskon convention: the monitors' bands",
)

THRESHOLDS = (
    LEAD_BELOW,
    WATCH_LEAST_KNOWN,
    WATCH_PARTLY_GREEN,
    WATCH_RED,
    BEYOND_BETA_FROM,
    CALM_TO,
    WANTED_FROM,
)

_DECIMALS = 9


def both_percentiles(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Grade of two changes that must both be high: by the lower of them for SUPPORTED.

    Otherwise by their mean, which alone gives PARTLY at most. Null where either is null.
    """
    mean = mean_percentile(one, other)
    graded = by_percentile(mean)
    is_both = pl.min_horizontal(one, other) >= SUPPORTED_FROM_PERCENTILE
    return (
        pl.when(mean.is_null())
        .then(pl.lit(None, pl.String))
        .when((graded == SUPPORTED) & ~is_both)
        .then(pl.lit(PARTLY))
        .otherwise(graded)
    )


def mean_percentile(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Mean of two ranks; null where either is."""
    return ((one + other) / 2).round(_DECIMALS)
