"""Returns of a share's close, its averages, and whether it stands above them."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from transforms.metrics import equity_windows as windows
from transforms.metrics.equity_recursions import NOISE
from transforms.metrics.metric import Metric, metric

EQUITY_TREND: list[Metric] = []

_CLOSE = pl.col("close")
_CHARTSCHOOL = "StockCharts ChartSchool"

Declaration = Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]


def _return(n: int) -> Declaration:
    return metric(
        EQUITY_TREND,
        name=f"Return over {n} session{'s' if n > 1 else ''}",
        unit="percent",
        warmup=n,
        bounds=(-100, None),
        source=f"{_CHARTSCHOOL}, Rate of Change",
    )


def _simple_return(n: int) -> pl.Expr:
    return 100 * (_CLOSE / _CLOSE.shift(n) - 1)


@_return(1)
def return_1_pct() -> pl.Expr:
    """Simple return from the share's last close, adjusted for corporate actions."""
    return _simple_return(1)


@_return(5)
def return_5_pct() -> pl.Expr:
    """Simple return over 5 of the share's sessions."""
    return _simple_return(5)


@_return(9)
def return_9_pct() -> pl.Expr:
    """Simple return over 9 of the share's sessions."""
    return _simple_return(9)


@_return(21)
def return_21_pct() -> pl.Expr:
    """Simple return over 21 of the share's sessions, about a month."""
    return _simple_return(21)


@_return(63)
def return_63_pct() -> pl.Expr:
    """Simple return over 63 of the share's sessions, about a quarter."""
    return _simple_return(63)


@_return(126)
def return_126_pct() -> pl.Expr:
    """Simple return over 126 of the share's sessions, about half a year."""
    return _simple_return(126)


@_return(252)
def return_252_pct() -> pl.Expr:
    """Simple return over 252 of the share's sessions, about a year."""
    return _simple_return(252)


def _average(kind: str, n: int, needs: str = "close") -> Declaration:
    return metric(
        EQUITY_TREND,
        name=f"{kind} of {n} sessions",
        unit="rupees a share",
        warmup=n - 1,
        bounds=(0, None),
        needs=(needs,),
        source=f"{_CHARTSCHOOL}, Moving Averages",
    )


@_average("SMA", 20)
def sma_20() -> pl.Expr:
    """Mean close of 20 of the share's sessions, in the session's own price basis."""
    return windows.mean(_CLOSE, 20)


@_average("SMA", 50)
def sma_50() -> pl.Expr:
    """Mean close of 50 of the share's sessions, in the session's own price basis."""
    return windows.mean(_CLOSE, 50)


@_average("SMA", 200)
def sma_200() -> pl.Expr:
    """Mean close of 200 of the share's sessions, in the session's own price basis."""
    return windows.mean(_CLOSE, 200)


@_average("EMA", 20, "average_20")
def ema_20() -> pl.Expr:
    """Exponential average of closes from the SMA of the run's first 20, in own price basis."""
    return pl.col("average_20")


@_average("EMA", 50, "average_50")
def ema_50() -> pl.Expr:
    """Exponential average of closes from the SMA of the run's first 50, in own price basis."""
    return pl.col("average_50")


@_average("EMA", 200, "average_200")
def ema_200() -> pl.Expr:
    """Exponential average of closes from the SMA of the run's first 200, in own price basis."""
    return pl.col("average_200")


def _above(n: int) -> Declaration:
    return metric(
        EQUITY_TREND,
        name=f"Above the SMA of {n} sessions",
        unit="true or false",
        warmup=n - 1,
        needs=("close", f"sma_{n}"),
        kind="flag",
        source=f"{_CHARTSCHOOL}, Percent Above Moving Average",
    )


def _is_above(level: pl.Expr) -> pl.Expr:
    """Above by more than rounding: a close on its average is not above it."""
    return level * (1 + NOISE) < _CLOSE


@_above(20)
def is_above_sma_20() -> pl.Expr:
    """Whether the close is above its 20-session SMA; on it is not above."""
    return _is_above(pl.col("sma_20"))


@_above(50)
def is_above_sma_50() -> pl.Expr:
    """Whether the close is above its 50-session SMA; on it is not above."""
    return _is_above(pl.col("sma_50"))


@_above(200)
def is_above_sma_200() -> pl.Expr:
    """Whether the close is above its 200-session SMA; on it is not above."""
    return _is_above(pl.col("sma_200"))
