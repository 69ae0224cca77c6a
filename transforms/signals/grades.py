"""How figures become grades: the cut-offs, in one place. All are conventions to calibrate."""

from __future__ import annotations

import polars as pl

SUPPORTED = "SUPPORTED"
PARTLY = "PARTLY"
NOT_SUPPORTED = "NOT SUPPORTED"
CONTRADICTED = "CONTRADICTED"
UNTESTABLE = "UNTESTABLE"
GRADES = (SUPPORTED, PARTLY, NOT_SUPPORTED, CONTRADICTED, UNTESTABLE)

# A directional figure by its rank in its own history: Riskon's convention, no published source.
SUPPORTED_FROM_PERCENTILE = 80.0
PARTLY_FROM_PERCENTILE = 60.0
NOT_SUPPORTED_FROM_PERCENTILE = 40.0

# A fast rebound: Riskon's convention.
FASTEST_OF_YEAR = 3
FAST_FROM_PERCENTILE = 90.0
LEAST_REBOUNDS = 10
REBOUND_FRESH_SESSIONS = 21

# A bruising year. A bear phase is a fall of a fifth: Lunde and Timmermann, Duration Dependence in
# Stock Prices, J. Business & Economic Statistics 22 (2004). A tenth is the press's "correction".
BEAR_PCT = -20.0
CORRECTION_PCT = -10.0
MONTHS_BEHIND = 7

# Renewed buying: Riskon's convention.
RENEWED_Z = 0.5
LEAST_BASE_RATE_SESSIONS = 252

# A case's literal figures: Riskon's convention.
CASE_RISE_TOLERANCE_PCT = 0.25
CASE_NET_TOLERANCE_PCT = 5.0
CASE_END_DATES = 5


def by_percentile(percentile: pl.Expr) -> pl.Expr:
    """Grade of a directional figure by its rank, 0-100; null is UNTESTABLE."""
    return (
        pl.when(percentile.is_null())
        .then(pl.lit(UNTESTABLE))
        .when(percentile >= SUPPORTED_FROM_PERCENTILE)
        .then(pl.lit(SUPPORTED))
        .when(percentile >= PARTLY_FROM_PERCENTILE)
        .then(pl.lit(PARTLY))
        .when(percentile >= NOT_SUPPORTED_FROM_PERCENTILE)
        .then(pl.lit(NOT_SUPPORTED))
        .otherwise(pl.lit(CONTRADICTED))
    )
