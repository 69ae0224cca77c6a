"""Momentum of shares: which metrics, and how they are computed over many shares at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

import polars as pl

from transforms.metrics import equity_state
from transforms.metrics.equity_extremes import EQUITY_EXTREMES, EXTREME_LEVELS
from transforms.metrics.equity_oscillators import BANDS, EQUITY_OSCILLATORS
from transforms.metrics.equity_recursions import RECURSIONS
from transforms.metrics.equity_risk import EQUITY_RISK, RETURNS
from transforms.metrics.equity_runs import BARS, KEY, numbered, with_runs
from transforms.metrics.equity_state import Recursion, with_recursions
from transforms.metrics.equity_trading import EQUITY_TRADING
from transforms.metrics.equity_trend import EQUITY_TREND
from transforms.metrics.metric import Metric

EQUITY_MOMENTUM: list[Metric] = [
    *EQUITY_TREND,
    *EQUITY_OSCILLATORS,
    *EQUITY_EXTREMES,
    *EQUITY_RISK,
    *EQUITY_TRADING,
]
INGREDIENTS: list[Metric] = [*RETURNS, *EXTREME_LEVELS, *BANDS]
"""Computed for the others, not stored."""
LEVEL = "rupees a share"
"""Metrics in this unit are levels, stated in the price basis of their session."""
BLOCK = 250_000
"""Rows of whole shares computed at once: columns that stay in the processor's cache."""


def equity_momentum(
    series: pl.DataFrame,
    benchmark: pl.DataFrame,
    sessions: pl.DataFrame,
    *,
    held: pl.DataFrame | None = None,
    since: date | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every equity momentum metric at every bar, and the state a later night goes on from.

    The whole history of shares gives every row. With `held`, LOOKBACK sessions before `since`
    suffice and give the same rows from `since` on, to the last bit; for shares that
    `short_histories` names they do not.

    Args:
        series: rows of mart.equity_series; any order, whole shares, as many as memory has room
            for: a million rows take about 1 GB.
        benchmark: session_date, nifty_500_close (null or no row: no value).
        sessions: `session_date` of every trading session, `has_bars`: whether any share has a
            bar that session; where none has, runs end.
        held: rows of the state of the sessions before `since`.
        since: give rows of this session and later only.

    Returns:
        Rows: KEY and EQUITY_MOMENTUM, sorted by KEY, as stored: numbers in Float32, levels in the
        session's own price basis; null until warm, never NaN nor infinite. State: BARS,
        WHOLE_BARS and RECURSIONS by KEY, chained prices, of the last LOOKBACK_STATES of
        `sessions`.

    Raises:
        ValueError: see `with_runs`.
    """
    values, state = momentum_values(series, benchmark, sessions, held=held, since=since)
    return values.with_columns(
        pl.col(item.id).cast(pl.Float32) for item in EQUITY_MOMENTUM if item.kind == "number"
    ), state


def momentum_values(
    series: pl.DataFrame,
    benchmark: pl.DataFrame,
    sessions: pl.DataFrame,
    *,
    held: pl.DataFrame | None = None,
    since: date | None = None,
    metrics: Sequence[Metric] = EQUITY_MOMENTUM,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What `equity_momentum` gives, in Float64, of some metrics or all."""
    items = _needed(metrics)
    kept = [item for item in items if isinstance(item, Recursion)]
    market = benchmark.select("session_date", "nifty_500_close")
    calendar = numbered(sessions).join(market, on="session_date", how="left")
    frame = with_runs(series, calendar, held, since)
    rows, states = [], []
    for block in _blocks(frame):
        computed = _computed(block, items)
        if since is not None:
            computed = computed.filter(pl.col("session_date") >= since)
        rows.append(computed.select(*KEY, *[_stated(item) for item in metrics]))
        states.append(equity_state.state(computed, kept, sessions))
    return pl.concat(rows), pl.concat(states)


def _blocks(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Blocks of whole shares, the rows of runs counted from each block's first."""
    starts = frame.select(pl.col("_is_same_share").not_().arg_true()).to_series()
    edges = [0]
    for start in [*starts, frame.height]:
        if start - edges[-1] >= BLOCK:
            edges.append(start)
    if edges[-1] < frame.height or not frame.height:
        edges.append(frame.height)
    for first, last in pairwise(edges):
        yield frame.slice(first, last - first)


def _needed(metrics: Sequence[Metric]) -> list[Metric | Recursion]:
    """The metrics and all they rest on, in order."""
    known: list[Metric | Recursion] = [*RECURSIONS, *INGREDIENTS, *EQUITY_MOMENTUM]
    declared = {item.id: item for item in known}
    wanted: dict[str, Metric | Recursion] = {}

    def want(item: Metric | Recursion) -> None:
        for need in item.needs:
            if need in declared:
                want(declared[need])
        wanted[item.id] = item

    for item in metrics:
        want(item)
    return list(wanted.values())


def _stages(items: Sequence[Metric | Recursion]) -> Iterator[list[Metric | Recursion]]:
    """Layers: each needs only bars and the layers before it."""
    depth: dict[str, int] = {}
    for item in items:
        depth[item.id] = 1 + max(depth.get(need, 0) for need in item.needs)
    for level in sorted(set(depth.values())):
        yield [item for item in items if depth[item.id] == level]


def _computed(frame: pl.DataFrame, items: Sequence[Metric | Recursion]) -> pl.DataFrame:
    """Bars of whole shares with every item as a column."""
    for stage in _stages(items):
        metrics = [item for item in stage if isinstance(item, Metric)]
        recursions = [item for item in stage if isinstance(item, Recursion)]
        frame = (
            with_recursions(frame, recursions)
            .with_columns(item.expression().alias(item.id) for item in metrics)
            .with_columns(_warm(item) for item in metrics)
        )
    return frame


def _warm(item: Metric) -> pl.Expr:
    """Null in the first bars of a run, and where the value is no finite number."""
    value, is_warm = pl.col(item.id), pl.col(BARS) >= item.warmup
    return pl.when(is_warm & value.is_finite() if item.kind == "number" else is_warm).then(value)


def _stated(item: Metric) -> pl.Expr:
    """Levels in the price basis of their session."""
    value = pl.col(item.id)
    return value / pl.col("price_factor") if item.unit == LEVEL else value
