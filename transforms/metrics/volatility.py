"""Realised volatility, annualised over 252 sessions."""

from __future__ import annotations

import polars as pl

from transforms import indicators
from transforms.metrics.metric import Metric, metric

VOLATILITY: list[Metric] = []

_OPEN = pl.col("open")
_HIGH = pl.col("high")
_LOW = pl.col("low")
_CLOSE = pl.col("close")


@metric(
    VOLATILITY,
    name="Volatility, close to close, 20",
    unit="percent a year",
    warmup=20,
    bounds=(0, None),
    percentile=True,
    source="Sample sd (ddof 1) of log returns; Hull, Options, Futures, and Other Derivatives",
)
def volatility_close_20_pct() -> pl.Expr:
    """Annualised sd of 20 log returns."""
    return 100 * indicators.volatility_close(_CLOSE, 20)


@metric(
    VOLATILITY,
    name="Volatility, close to close, 60",
    unit="percent a year",
    warmup=60,
    bounds=(0, None),
    percentile=True,
    source="Sample sd (ddof 1) of log returns; Hull, Options, Futures, and Other Derivatives",
)
def volatility_close_60_pct() -> pl.Expr:
    """Annualised sd of 60 log returns; a session's sigma is this over sqrt(252)."""
    return 100 * indicators.volatility_close(_CLOSE, 60)


@metric(
    VOLATILITY,
    name="Volatility, Parkinson, 20",
    unit="percent a year",
    warmup=19,
    bounds=(0, None),
    needs=("high", "low"),
    percentile=True,
    source="Parkinson, The Extreme Value Method, J. Business 53 (1980)",
)
def volatility_parkinson_20_pct() -> pl.Expr:
    """Annualised volatility from 20 ranges; blind to overnight gaps."""
    return 100 * indicators.volatility_parkinson(_HIGH, _LOW, 20)


@metric(
    VOLATILITY,
    name="Volatility, Garman-Klass, 20",
    unit="percent a year",
    warmup=19,
    bounds=(0, None),
    needs=("open", "high", "low", "close"),
    percentile=True,
    source="Garman and Klass, On the Estimation of Security Price Volatilities (1980)",
)
def volatility_garman_klass_20_pct() -> pl.Expr:
    """Annualised volatility from 20 ranges and bodies; blind to overnight gaps."""
    return 100 * indicators.volatility_garman_klass(_OPEN, _HIGH, _LOW, _CLOSE, 20)


@metric(
    VOLATILITY,
    name="Volatility, Yang-Zhang, 20",
    unit="percent a year",
    warmup=20,
    bounds=(0, None),
    needs=("open", "high", "low", "close"),
    percentile=True,
    source="Yang and Zhang, Drift Independent Volatility Estimation, J. Business 73 (2000)",
)
def volatility_yang_zhang_20_pct() -> pl.Expr:
    """Annualised volatility from 20 overnight gaps, bodies and ranges."""
    return 100 * indicators.volatility_yang_zhang(_OPEN, _HIGH, _LOW, _CLOSE, 20)
