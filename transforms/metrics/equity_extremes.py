"""Distance of a share from its highs and lows of a year."""

from __future__ import annotations

import polars as pl

from transforms.metrics import equity_windows as windows
from transforms.metrics.equity_recursions import NOISE
from transforms.metrics.metric import Metric, metric

EQUITY_EXTREMES: list[Metric] = []
"""What is stored."""
EXTREME_LEVELS: list[Metric] = []
"""What it is computed from."""

_CLOSE = pl.col("close")
_HIGH = pl.col("high")
_LOW = pl.col("low")
_YEAR = 252


@metric(
    EXTREME_LEVELS,
    name="Highest high of 252 sessions",
    unit="rupees a share",
    warmup=251,
    bounds=(0, None),
    needs=("high",),
    source="Price extremes of 252 sessions, this one included",
)
def highest_high() -> pl.Expr:
    """Highest high of 252 sessions."""
    return windows.highest(_HIGH, _YEAR)


@metric(
    EXTREME_LEVELS,
    name="Lowest low of 252 sessions",
    unit="rupees a share",
    warmup=251,
    bounds=(0, None),
    needs=("low",),
    source="Price extremes of 252 sessions, this one included",
)
def lowest_low() -> pl.Expr:
    """Lowest low of 252 sessions."""
    return windows.lowest(_LOW, _YEAR)


@metric(
    EQUITY_EXTREMES,
    name="Nearness to the 252-session high",
    unit="percent",
    warmup=251,
    bounds=(0, 100),
    needs=("close", "highest_high"),
    source="George and Hwang, The 52-Week High and Momentum Investing, J. Finance 59 (2004)",
)
def high_252_nearness_pct() -> pl.Expr:
    """Close over the highest high of 252 sessions, this one included."""
    return 100 * _CLOSE / pl.col("highest_high")


@metric(
    EQUITY_EXTREMES,
    name="Position in the 252-session range",
    unit="percent",
    warmup=251,
    bounds=(0, 100),
    needs=("close", "highest_high", "lowest_low"),
    source="Place of the close in the range of 252 sessions, as Lane's %K of 14",
)
def range_position_252_pct() -> pl.Expr:
    """Place of the close between the lowest low (0) and the highest high (100)."""
    floor = pl.col("lowest_low")
    width = pl.col("highest_high") - floor
    return pl.when(width > NOISE * floor).then(100 * (_CLOSE - floor) / width)


@metric(
    EQUITY_EXTREMES,
    name="New 252-session high",
    unit="true or false",
    warmup=252,
    needs=("high", "highest_high"),
    kind="flag",
    source="52-week high over the highs of the 252 sessions before",
)
def is_new_high_252() -> pl.Expr:
    """Whether the high exceeds every high of the 252 sessions before; null for younger shares."""
    return pl.col("highest_high").shift(1) * (1 + NOISE) < _HIGH


@metric(
    EQUITY_EXTREMES,
    name="New 252-session low",
    unit="true or false",
    warmup=252,
    needs=("low", "lowest_low"),
    kind="flag",
    source="52-week low under the lows of the 252 sessions before",
)
def is_new_low_252() -> pl.Expr:
    """Whether the low undercuts every low of the 252 sessions before; null for younger shares."""
    return pl.col("lowest_low").shift(1) * (1 - NOISE) > _LOW


@metric(
    EQUITY_EXTREMES,
    name="Drawdown in 252 sessions",
    unit="percent",
    warmup=251,
    bounds=(-100, 0),
    source="Close over its running maximum, less 1",
)
def drawdown_252_pct() -> pl.Expr:
    """Close over the highest close of 252 sessions, less 1."""
    return 100 * (_CLOSE / windows.highest(_CLOSE, _YEAR) - 1)


@metric(
    EQUITY_EXTREMES,
    name="Drawdown since the run began",
    unit="percent",
    warmup=0,
    bounds=(-100, 0),
    needs=("close", "peak_close"),
    source="Close over its running maximum, less 1",
)
def drawdown_pct() -> pl.Expr:
    """Close over the highest close since the run of bars began, less 1."""
    return 100 * (_CLOSE / pl.col("peak_close") - 1)
