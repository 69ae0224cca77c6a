"""Sums and chains over the last sessions, added in one order: any cut gives the same bits."""

from __future__ import annotations

import operator
from functools import reduce

import polars as pl

DECIMALS = 9
"""What differs less is rounding; it must not decide a tie."""


def window_sum(value: pl.Expr, n: int) -> pl.Expr:
    """Sum of n values; null until there are n, and where one is null."""
    return reduce(operator.add, [value.shift(age) for age in range(n)])


def chained_pct(return_pct: pl.Expr, n: int) -> pl.Expr:
    """Return of n sessions from those of one, in percent; null until there are n."""
    steps = [1 + return_pct.shift(age) / 100 for age in range(n)]
    return (100 * (reduce(operator.mul, steps) - 1)).round(DECIMALS)
