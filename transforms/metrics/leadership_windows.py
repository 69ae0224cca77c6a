"""Sums and chains over the last sessions, added in one order: any cut gives the same bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

DECIMALS = 9
"""What differs less is rounding; it must not decide a tie."""

Numbers = NDArray[np.float64]


def window_sum(value: pl.Expr, n: int) -> pl.Expr:
    """Sum of n values; null until there are n, and where one is null."""
    return _window(value, n, np.add)


def chained_pct(return_pct: pl.Expr, n: int) -> pl.Expr:
    """Return of n sessions from those of one, in percent; null until there are n."""
    return (100 * (_window(1 + return_pct / 100, n, np.multiply) - 1)).round(DECIMALS)


def _window(value: pl.Expr, n: int, combine: Callable[..., Any]) -> pl.Expr:
    """The last n values combined, the latest first.

    Value by value, for a rolling sum carries what it began with along, and as one step, for n
    steps in as many expressions take longer to plan than to compute.
    """

    def combined(column: pl.Series) -> pl.Series:
        values: Numbers = column.cast(pl.Float64).to_numpy()
        result = np.full(len(values), np.nan)
        if len(values) >= n:
            total = values[n - 1 :].copy()
            for age in range(1, n):
                combine(total, values[n - 1 - age : len(values) - age], out=total)
            result[n - 1 :] = total
        return pl.Series(column.name, result, nan_to_null=True)

    return value.map_batches(combined, return_dtype=pl.Float64)
