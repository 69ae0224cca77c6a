"""What each target did after every session, and which sessions are alike before it."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transforms.metrics.percentile import percentile_rank
from transforms.signals.event_study.events import FALL_SESSIONS, HORIZONS
from transforms.signals.grid import sigma_60
from transforms.signals.threshold import Threshold

PLACED_AFTER = Threshold(
    "study_placed_after",
    252,
    "sessions",
    "Sessions held before one is placed in terciles of what was so far",
    "Riskon convention: a tercile is coarse, and takes less history than a percentile",
)
BULL_RISE_PCT = Threshold(
    "study_bull_rise", 20, "percent", "Rise from entry that makes a bull phase", "Methodology 5.1"
)
BULL_FALL_PCT = Threshold(
    "study_bull_fall", -10, "percent", "Fall from entry that ends the wait", "Methodology 5.1"
)
BULL_SESSIONS = Threshold(
    "study_bull_sessions", 252, "sessions", "Sessions a bull phase may take", "Methodology 5.1"
)
THRESHOLDS: tuple[Threshold, ...] = (PLACED_AFTER, BULL_RISE_PCT, BULL_FALL_PCT, BULL_SESSIONS)

ENTRY_LAG = 1
"""A signal of one evening is bought at the next session's close."""
NO_CELL = -1

_DECIMALS = 9

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Outcomes:
    """One target on the sessions of the grid; every array has one element a session.

    level      price, NaN where missing; total return where no session has a price
    cell       tercile of drawdown times three plus tercile of volatility, 0-8; NO_CELL until warm
    return_pct by horizon: log return times 100 from the close after the session, NaN where
               either close is missing or not at hand yet
    is_total   by horizon: whether that is total return; else it is price return
    enters_total: whether the close of the entry has total return
    bull       by entry after the session: 1 up 20% first, 0 not within 252 sessions, -1 unknown
    bull_row   row on which that was decided, -1 where it is not
    """

    target: str
    level: Floats
    cell: Whole
    return_pct: dict[int, Floats]
    is_total: dict[int, Flags]
    enters_total: Flags
    bull: Whole
    bull_row: Whole


def outcomes(
    target: str, sessions: pl.Series, closes: pl.DataFrame, total_returns: pl.DataFrame
) -> Outcomes:
    """What followed each session, and its state then.

    Total return is watched where both closes have it, else price return; the state is that of the
    price, and of total return on sessions without a price.

    Args:
        target: index id.
        sessions: dates of the grid, oldest first.
        closes: index_id, session_date, close; price.
        total_returns: the same, total-return level.
    """
    grid = pl.DataFrame({"session_date": sessions})
    for name, frame in (("price", closes), ("total", total_returns)):
        if frame.is_empty():
            grid = grid.with_columns(pl.lit(None, pl.Float64).alias(name))
            continue
        one = frame.filter(pl.col("index_id") == target).select(
            "session_date", pl.col("close").cast(pl.Float64).alias(name)
        )
        grid = grid.join(one, on="session_date", how="left", maintain_order="left")
    price = grid["price"].to_numpy().astype(np.float64)
    total = grid["total"].to_numpy().astype(np.float64)

    return_pct, is_total = {}, {}
    for horizon in HORIZONS:
        by_total, by_price = _forward(total, horizon), _forward(price, horizon)
        is_total[horizon] = ~np.isnan(by_total)
        return_pct[horizon] = np.where(is_total[horizon], by_total, by_price)
    bull, bull_row, broken_row = bull_phases(total)
    bull_price, bull_price_row, _ = bull_phases(price)
    # That total return is missing shows on the session it is missing, not before.
    from_price = (broken_row >= 0) & (bull_price >= 0)
    return Outcomes(
        target=target,
        level=total if np.isnan(price).all() else price,
        cell=_cells(grid),
        return_pct=return_pct,
        is_total=is_total,
        enters_total=~np.isnan(np.append(total, np.nan)[ENTRY_LAG:][: len(total)]),
        bull=np.where(from_price, bull_price, bull),
        bull_row=np.where(from_price, np.maximum(bull_price_row, broken_row), bull_row),
    )


def _forward(close: Floats, horizon: int) -> Floats:
    """Log return times 100 from the close after each session to the one `horizon` later."""
    result = np.full(len(close), np.nan)
    reach = ENTRY_LAG + horizon
    if len(close) > reach:
        log = np.log(close)
        result[:-reach] = 100 * (log[reach:] - log[ENTRY_LAG : len(log) - horizon])
    # Closes that are equal leave rounding behind, which is neither a rise nor a fall.
    return np.round(result, _DECIMALS)


def _cells(grid: pl.DataFrame) -> Whole:
    """Tercile of drawdown and of volatility among those of all sessions so far."""

    def state(close: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
        deep = close / close.rolling_max(int(FALL_SESSIONS.value)) - 1
        return deep, sigma_60(close)

    deep, sigma = (
        pl.coalesce(of_price, of_total).round(_DECIMALS)
        for of_price, of_total in zip(state(pl.col("price")), state(pl.col("total")), strict=True)
    )
    ranked = grid.select(deep=deep, sigma=sigma).select(
        (percentile_rank(pl.col(name), at_least=int(PLACED_AFTER.value)) * 3 / 100)
        .round(_DECIMALS)
        .floor()
        .clip(0, 2)
        .cast(pl.Int64)
        .alias(name)
        for name in ("deep", "sigma")
    )
    cell = ranked.select((3 * pl.col("deep") + pl.col("sigma")).fill_null(NO_CELL)).to_series()
    return cell.to_numpy()


def bull_phases(close: Floats) -> tuple[Whole, Whole, Whole]:
    """Whether the close after each session rose 20% before it fell 10%, and when that was plain.

    A close missing on the way leaves it unknown, for either could have been passed on it.

    Returns:
        One element a session each: 1, 0, or -1 while unknown; the row that decided, else -1; the
        row of the missing close that keeps it from ever being decided, else -1.
    """
    size, reach = len(close), int(BULL_SESSIONS.value)
    up = 1 + BULL_RISE_PCT.value / 100
    down = 1 + BULL_FALL_PCT.value / 100
    bull, decided, broken = (np.full(size, -1, dtype=np.int64) for _ in range(3))
    waiting = np.arange(max(size - ENTRY_LAG, 0))
    entry = close[waiting + ENTRY_LAG]
    broken[waiting[np.isnan(entry)]] = waiting[np.isnan(entry)] + ENTRY_LAG
    waiting = waiting[~np.isnan(entry)]
    for step in range(1, reach + 1):
        waiting = waiting[waiting + ENTRY_LAG + step < size]
        row = waiting + ENTRY_LAG + step
        ratio = np.round(close[row] / close[waiting + ENTRY_LAG], _DECIMALS)
        missing = np.isnan(ratio)
        broken[waiting[missing]] = row[missing]
        done = (ratio >= up) | (ratio <= down)
        bull[waiting[done]] = ratio[done] >= up
        decided[waiting[done]] = row[done]
        waiting = waiting[~done & ~missing]
    bull[waiting] = 0
    decided[waiting] = waiting + ENTRY_LAG + reach
    return bull, decided, broken


def deviation_pct(values: Floats) -> float:
    """Sample standard deviation (ddof 1), two-pass; 0 of fewer than two."""
    if len(values) < 2:
        return 0.0
    centred = values - values.mean()
    return sqrt(float(centred @ centred) / (len(values) - 1))
