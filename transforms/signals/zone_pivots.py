"""Turning points of an index: where the price turned, by how much, and when that was known."""

from __future__ import annotations

from functools import reduce
from operator import and_

import polars as pl

from transforms import indicators
from transforms.signals.zone_bars import measured
from transforms.signals.zone_thresholds import PIVOT_SESSIONS

_SIDE = int(PIVOT_SESSIONS.value)


def pivots(grid: pl.DataFrame) -> pl.DataFrame:
    """Highs above, and lows below, the five sessions on each side of them.

    Args:
        grid: session_date, high, low, close of one index, one row a session (null where it has
            no bar), oldest first; `basis` if it was ever restated on another scale.

    Returns:
        One row a pivot, oldest first, a high before a low: session_date, kind (high, low), level
        in points, known_from (the session on which the fifth after it closed), reversal_atr (how
        far the price moved away in those five, in ATR at the pivot; null while there is none).
        None where one of the eleven sessions has no close, or the index was restated.
    """
    return placed_pivots(measured(grid)).select(
        "session_date", "kind", "level", "known_from", "reversal_atr"
    )


def placed_pivots(bars: pl.DataFrame) -> pl.DataFrame:
    """The pivots of measured bars of one index or several, with their place (`row`) and `basis`."""
    found = [_turns(bars, "high", 1), _turns(bars, "low", -1)]
    return pl.concat(found).sort("row", "kind")


def _turns(bars: pl.DataFrame, kind: str, sign: int) -> pl.DataFrame:
    """Extremes of one kind; `sign` turns lows into highs."""
    level = sign * pl.col(kind)
    other = pl.col("low" if kind == "high" else "high")
    is_extreme = reduce(
        and_,
        [level > level.shift(offset) for offset in range(-_SIDE, _SIDE + 1) if offset],
    )
    # Eleven sessions of one run: no hole, no restatement, no other index.
    is_whole = pl.col("run").shift(_SIDE) == pl.col("run").shift(-_SIDE)
    farthest = reduce(
        pl.max_horizontal, [sign * (pl.col(kind) - other.shift(-n)) for n in range(1, _SIDE + 1)]
    )
    return (
        bars.with_row_index("row")
        .with_columns(
            pl.col("row").cast(pl.Int64),
            kind=pl.lit(kind),
            level=pl.col(kind),
            known_from=pl.col("session_date").shift(-_SIDE),
            reversal_atr=indicators.ratio(farthest, pl.col("atr_14")),
        )
        .filter(is_extreme & is_whole)
        .select("row", "session_date", "kind", "level", "known_from", "reversal_atr", "basis")
    )
