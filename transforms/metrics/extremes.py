"""Distance from highs and lows: 52-week extremes, drawdown, Ulcer index."""

from __future__ import annotations

import polars as pl

from transforms import indicators
from transforms.metrics.metric import Metric, metric

EXTREMES: list[Metric] = []

_CLOSE = pl.col("close")
_HIGH = pl.col("high")
_LOW = pl.col("low")


@metric(
    EXTREMES,
    name="Nearness to the 252-session high",
    unit="percent",
    warmup=251,
    bounds=(0, 100),
    needs=("high", "close"),
    percentile=True,
    source="George and Hwang, The 52-Week High and Momentum Investing, J. Finance 59 (2004)",
)
def high_252_nearness_pct() -> pl.Expr:
    """Close over the highest high of 252 sessions, this one included."""
    return 100 * indicators.nearness_to_high(_HIGH, _CLOSE, 252)


@metric(
    EXTREMES,
    name="Position in the 252-session range",
    unit="percent",
    warmup=251,
    bounds=(0, 100),
    needs=("high", "low", "close"),
    percentile=True,
    source="Place of the close in the range of 252 sessions, as Lane's %K of 14",
)
def range_position_252_pct() -> pl.Expr:
    """Place of the close between the lowest low (0) and the highest high (100)."""
    return 100 * indicators.range_position(_HIGH, _LOW, _CLOSE, 252)


@metric(
    EXTREMES,
    name="New 252-session high",
    unit="true or false",
    warmup=252,
    needs=("high",),
    kind="flag",
    source="52-week high over the highs of the 252 sessions before",
)
def is_new_high_252() -> pl.Expr:
    """Whether the high exceeds every high of the 252 sessions before it."""
    return indicators.is_new_high(_HIGH, 252)


@metric(
    EXTREMES,
    name="Drawdown in 252 sessions",
    unit="percent",
    warmup=251,
    bounds=(-100, 0),
    percentile=True,
    source="Close over its running maximum, less 1",
)
def drawdown_252_pct() -> pl.Expr:
    """Close over the highest close of 252 sessions, less 1."""
    return 100 * indicators.drawdown(_CLOSE, 252)


@metric(
    EXTREMES,
    name="Drawdown since the run began",
    unit="percent",
    warmup=0,
    bounds=(-100, 0),
    percentile=True,
    source="Close over its running maximum, less 1",
)
def drawdown_pct() -> pl.Expr:
    """Close over the highest close since `run_started_on`, less 1.

    That is all-time only where the run holds the whole history: a hole may hide a higher close.
    """
    return 100 * indicators.drawdown(_CLOSE)


@metric(
    EXTREMES,
    name="Sessions under water",
    unit="sessions",
    warmup=0,
    bounds=(0, None),
    percentile=True,
    kind="count",
    source="Length of the running drawdown",
)
def sessions_under_water() -> pl.Expr:
    """Sessions since the highest close since `run_started_on`; 0 on it or level with it."""
    return indicators.sessions_under_water(_CLOSE)


@metric(
    EXTREMES,
    name="Ulcer index 14",
    unit="percent",
    warmup=13,
    bounds=(0, 100),
    percentile=True,
    source="Martin and McCann, The Investor's Guide to Fidelity Funds (1989)",
)
def ulcer_14_pct() -> pl.Expr:
    """Root mean square of the 14 drawdowns inside a window of 14 closes."""
    return 100 * indicators.ulcer(_CLOSE, 14)
