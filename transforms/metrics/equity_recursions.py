"""The recursions of a share: averages of its close, of its gains, of its range and direction."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from transforms.metrics.equity_state import Recursion, recursion

RECURSIONS: list[Recursion] = []

NOISE = 1e-11
"""Prices closer than this share of each other are equal: chained prices carry rounding."""

Declaration = Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]

_CLOSE = pl.col("close")
_HIGH = pl.col("high")
_LOW = pl.col("low")
_LAST_CLOSE = _CLOSE.shift(1)
_RISE = _HIGH - _HIGH.shift(1)
_FALL = _LOW.shift(1) - _LOW


def _ema(length: int) -> Declaration:
    return recursion(RECURSIONS, length=length, alpha=2 / (length + 1), warmup=length - 1)


def _wilder_of_closes() -> Declaration:
    return recursion(RECURSIONS, length=14, alpha=1 / 14, warmup=14)


def _wilder_of_bars() -> Declaration:
    return recursion(
        RECURSIONS,
        length=14,
        alpha=1 / 14,
        warmup=14,
        run="whole_run",
        needs=("high", "low", "close"),
    )


@_ema(12)
def average_12() -> pl.Expr:
    """EMA 12 of the close."""
    return _CLOSE


@_ema(20)
def average_20() -> pl.Expr:
    """EMA 20 of the close."""
    return _CLOSE


@_ema(26)
def average_26() -> pl.Expr:
    """EMA 26 of the close."""
    return _CLOSE


@_ema(50)
def average_50() -> pl.Expr:
    """EMA 50 of the close."""
    return _CLOSE


@_ema(200)
def average_200() -> pl.Expr:
    """EMA 200 of the close."""
    return _CLOSE


@recursion(RECURSIONS, length=9, alpha=2 / 10, warmup=33, needs=("average_12", "average_26"))
def average_macd() -> pl.Expr:
    """EMA 9 of EMA 12 less EMA 26."""
    return pl.col("average_12") - pl.col("average_26")


@_wilder_of_closes()
def average_gain() -> pl.Expr:
    """Wilder's average of gains of the close."""
    return (_CLOSE - _LAST_CLOSE).clip(lower_bound=0)


@_wilder_of_closes()
def average_move() -> pl.Expr:
    """Wilder's average of moves of the close, up or down."""
    return (_CLOSE - _LAST_CLOSE).abs()


@_wilder_of_bars()
def average_true_range() -> pl.Expr:
    """Wilder's average of the true range."""
    return pl.max_horizontal(_HIGH, _LAST_CLOSE) - pl.min_horizontal(_LOW, _LAST_CLOSE)


@_wilder_of_bars()
def average_plus_movement() -> pl.Expr:
    """Wilder's average of upward movement."""
    noise = NOISE * _HIGH
    return pl.when((noise < _RISE - _FALL) & (noise < _RISE)).then(_RISE).otherwise(0.0)


@_wilder_of_bars()
def average_minus_movement() -> pl.Expr:
    """Wilder's average of downward movement."""
    noise = NOISE * _HIGH
    return pl.when((noise < _FALL - _RISE) & (noise < _FALL)).then(_FALL).otherwise(0.0)


@recursion(
    RECURSIONS,
    length=14,
    alpha=1 / 14,
    warmup=27,
    run="whole_run",
    needs=("average_plus_movement", "average_minus_movement"),
)
def average_direction() -> pl.Expr:
    """Wilder's average of DX, the difference of both movements over their sum; 0-100."""
    plus, minus = pl.col("average_plus_movement"), pl.col("average_minus_movement")
    return (
        pl.when(plus + minus > 0).then(100 * (plus - minus).abs() / (plus + minus)).otherwise(0.0)
    )


@recursion(RECURSIONS, length=1, alpha=None, warmup=0)
def peak_close() -> pl.Expr:
    """Highest close of the run."""
    return _CLOSE
