"""Divergence: the index stands high and its members do not follow."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from transforms.metrics.metric import Metric, metric

DIVERGENCE: list[Metric] = []

HIGH_SESSIONS = 20
PIVOT_SESSIONS = 5
"""Sessions on either side of a swing high that lie below it; so long it is not known."""

_CLOSE = pl.col("index_close")

Declaration = Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]


def is_high(close: pl.Expr) -> pl.Expr:
    """Whether the close is the highest of 20 sessions; first value at bar 19."""
    return close >= close.rolling_max(HIGH_SESSIONS)


def at_last_swing_high(close: pl.Expr, value: pl.Expr) -> pl.Expr:
    """`value` at the last swing high of the close that is known; null before there is one.

    A swing high is above each of the 5 closes on either side, so that it is known 5 sessions on.
    """
    pivot = close.shift(PIVOT_SESSIONS)
    is_known = (pivot > close.rolling_max(PIVOT_SESSIONS)) & (
        pivot > pivot.shift(1).rolling_max(PIVOT_SESSIONS)
    )
    row = pl.int_range(pl.len(), dtype=pl.Int64) - PIVOT_SESSIONS
    return value.gather(pl.when(is_known).then(row).forward_fill())


def is_divergent(close: pl.Expr, value: pl.Expr) -> pl.Expr:
    """Whether the close is a 20-session high and the value is below its own at the last swing high.

    Null until there are 20 closes, a known swing high, and the value at both ends.
    """
    before = at_last_swing_high(close, value)
    is_told = is_high(close).is_not_null() & before.is_not_null() & value.is_not_null()
    return pl.when(is_told).then(is_high(close) & (value < before))


def _divergence(name: str, value: str) -> Declaration:
    return metric(
        DIVERGENCE,
        name=f"Divergence of {name}",
        unit="true or false",
        warmup=HIGH_SESSIONS - 1,
        kind="flag",
        needs=("index_close", value),
        source="Index at a 20-session high, measure below its value at the last swing high",
    )


@metric(
    DIVERGENCE,
    name="Index at a 20-session high",
    unit="true or false",
    warmup=HIGH_SESSIONS - 1,
    kind="flag",
    needs=("index_close",),
    source="Highest close of 20 sessions",
)
def is_index_high_20() -> pl.Expr:
    """Whether the universe's index closed at its highest of 20 sessions."""
    return is_high(_CLOSE)


@_divergence("the advance-decline line", "ad_line")
def is_ad_line_divergent() -> pl.Expr:
    """Index at a 20-session high while the advance-decline line is below that of the last one."""
    return is_divergent(_CLOSE, pl.col("ad_line"))


@_divergence("the summation index", "mcclellan_summation")
def is_summation_divergent() -> pl.Expr:
    """Index at a 20-session high while the summation index is below that of the last one."""
    return is_divergent(_CLOSE, pl.col("mcclellan_summation"))


@_divergence("members above SMA 50", "above_sma_50_pct")
def is_above_sma_50_divergent() -> pl.Expr:
    """Index at a 20-session high while fewer are above SMA 50 than at the last one."""
    return is_divergent(_CLOSE, pl.col("above_sma_50_pct"))
