"""Returns of the close, its averages and its distance from them."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from transforms import indicators
from transforms.metrics.metric import Metric, metric

TREND: list[Metric] = []

_CLOSE = pl.col("close")
_CHARTSCHOOL = "StockCharts ChartSchool"

Declaration = Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]


def _return(n: int) -> Declaration:
    return metric(
        TREND,
        name=f"Return over {n} session{'s' if n > 1 else ''}",
        unit="percent",
        warmup=n,
        bounds=(-100, None),
        percentile=True,
        source=f"{_CHARTSCHOOL}, Rate of Change",
    )


@_return(1)
def return_1_pct() -> pl.Expr:
    """Simple return from the last session's close."""
    return 100 * indicators.simple_return(_CLOSE, 1)


@_return(5)
def return_5_pct() -> pl.Expr:
    """Simple return over 5 sessions, which is 6 closes."""
    return 100 * indicators.simple_return(_CLOSE, 5)


@_return(9)
def return_9_pct() -> pl.Expr:
    """Simple return over 9 sessions, which is 10 closes."""
    return 100 * indicators.simple_return(_CLOSE, 9)


@_return(21)
def return_21_pct() -> pl.Expr:
    """Simple return over 21 sessions, about a month."""
    return 100 * indicators.simple_return(_CLOSE, 21)


@_return(63)
def return_63_pct() -> pl.Expr:
    """Simple return over 63 sessions, about a quarter."""
    return 100 * indicators.simple_return(_CLOSE, 63)


@_return(126)
def return_126_pct() -> pl.Expr:
    """Simple return over 126 sessions, about half a year."""
    return 100 * indicators.simple_return(_CLOSE, 126)


@_return(252)
def return_252_pct() -> pl.Expr:
    """Simple return over 252 sessions, about a year."""
    return 100 * indicators.simple_return(_CLOSE, 252)


def _average(kind: str, n: int) -> Declaration:
    return metric(
        TREND,
        name=f"{kind} of {n} sessions",
        unit="points",
        warmup=n - 1,
        bounds=(0, None),
        source=f"{_CHARTSCHOOL}, Moving Averages",
    )


@_average("SMA", 20)
def sma_20() -> pl.Expr:
    """Mean close of 20 sessions."""
    return indicators.sma(_CLOSE, 20)


@_average("SMA", 50)
def sma_50() -> pl.Expr:
    """Mean close of 50 sessions."""
    return indicators.sma(_CLOSE, 50)


@_average("SMA", 200)
def sma_200() -> pl.Expr:
    """Mean close of 200 sessions."""
    return indicators.sma(_CLOSE, 200)


@_average("EMA", 20)
def ema_20() -> pl.Expr:
    """Exponential average of closes, alpha 2/21, from the SMA of the run's first 20."""
    return indicators.ema(_CLOSE, 20)


@_average("EMA", 50)
def ema_50() -> pl.Expr:
    """Exponential average of closes, alpha 2/51, from the SMA of the run's first 50."""
    return indicators.ema(_CLOSE, 50)


@_average("EMA", 200)
def ema_200() -> pl.Expr:
    """Exponential average of closes, alpha 2/201, from the SMA of the run's first 200."""
    return indicators.ema(_CLOSE, 200)


def _distance(kind: str, n: int) -> Declaration:
    return metric(
        TREND,
        name=f"Distance from {kind} {n}",
        unit="percent",
        warmup=n - 1,
        bounds=(-100, None),
        needs=("close", f"{kind.lower()}_{n}"),
        percentile=True,
        source=f"{_CHARTSCHOOL}, Percentage Price Oscillator: price against an average",
    )


@_distance("SMA", 20)
def distance_sma_20_pct() -> pl.Expr:
    """Close over its 20-session SMA, less 1."""
    return 100 * (_CLOSE / pl.col("sma_20") - 1)


@_distance("SMA", 50)
def distance_sma_50_pct() -> pl.Expr:
    """Close over its 50-session SMA, less 1."""
    return 100 * (_CLOSE / pl.col("sma_50") - 1)


@_distance("SMA", 200)
def distance_sma_200_pct() -> pl.Expr:
    """Close over its 200-session SMA, less 1."""
    return 100 * (_CLOSE / pl.col("sma_200") - 1)


@_distance("EMA", 20)
def distance_ema_20_pct() -> pl.Expr:
    """Close over its 20-session EMA, less 1."""
    return 100 * (_CLOSE / pl.col("ema_20") - 1)


@_distance("EMA", 50)
def distance_ema_50_pct() -> pl.Expr:
    """Close over its 50-session EMA, less 1."""
    return 100 * (_CLOSE / pl.col("ema_50") - 1)


@_distance("EMA", 200)
def distance_ema_200_pct() -> pl.Expr:
    """Close over its 200-session EMA, less 1."""
    return 100 * (_CLOSE / pl.col("ema_200") - 1)
