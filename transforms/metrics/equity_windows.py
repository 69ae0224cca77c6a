"""Windows over a column that holds the bars of many runs, one after the other.

A window of n is put together from windows of 1, 2, 4 … bars, each added to itself shifted. So its
value depends on its n bars alone, to the last bit: not on what was averaged before (a running sum
would), not on where the column was cut. A night that reads a year of bars stores what a rebuild
stores. It is also quicker than a running window that guards against drift.

A window that begins before its run does is nonsense, not null: a metric is taken from its `warmup`
on, counted in bars of its run. NaN stands for null.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

Array = NDArray[np.float64]
Combine = Callable[..., Array]

# Spread this small beside the mean is rounding: a window of equal values has none.
_NO_SPREAD = 1e-26
# The same for the market's variance beside its mean square.
_NO_MOVEMENT = 1e-12


def _on(kernel: Callable[[Array], Array], value: pl.Expr) -> pl.Expr:
    """Apply a kernel to a column as a whole."""
    return value.map_batches(lambda column: pl.Series(kernel(_array(column))), pl.Float64)


def _array(column: pl.Series) -> Array:
    values: Array = column.cast(pl.Float64).to_numpy()
    return values


def _nothing(length: int) -> Array:
    return np.full(length, np.nan)


def _shifted(combine: Combine, recent: Array, past: Array, bars: int) -> Array:
    """Combine each value with the one so many bars before; NaN where there is none."""
    result = np.empty_like(recent)
    combine(recent[bars:], past[: len(past) - bars], out=result[bars:])
    result[:bars] = np.nan
    return result


def _sum(values: Array, n: int) -> Array:
    if len(values) < n:
        return _nothing(len(values))
    part, size, total, covered = values, 1, None, 0
    while True:
        if n & size:
            total = part if total is None else _shifted(np.add, total, part, covered)
            covered += size
        if covered == n:
            break
        part = _shifted(np.add, part, part, size)
        size *= 2
    return values.copy() if total is None else total


def _extreme(combine: Combine, values: Array, n: int) -> Array:
    """Highest or lowest: parts may overlap, so the largest power of two and itself cover n."""
    if len(values) < n:
        return _nothing(len(values))
    size = 1
    while 2 * size <= n:
        values = _shifted(combine, values, values, size)
        size *= 2
    return values if size == n else _shifted(combine, values, values, n - size)


class _Moments:
    """Sum of each window and of its squared deviations; windows merge as Chan's do."""

    def __init__(self, bars: int, total: Array, squares: Array) -> None:
        self.bars, self.total, self.squares = bars, total, squares

    def with_earlier(self, other: _Moments) -> _Moments:
        """This window and the `other` one that ends where it begins."""
        at, both = self.bars, self.bars + other.bars
        earlier = slice(None, len(self.total) - at)
        gap = self.total[at:] * (other.bars / at)
        gap -= other.total[earlier]
        gap *= gap
        gap *= at / (other.bars * both)
        squares = _nothing(len(self.total))
        np.add(self.squares[at:], other.squares[earlier], out=squares[at:])
        squares[at:] += gap
        return _Moments(both, _shifted(np.add, self.total, other.total, at), squares)


def _moments(values: Array, n: int) -> _Moments:
    if len(values) < n:
        return _Moments(n, _nothing(len(values)), _nothing(len(values)))
    part = _Moments(1, values, np.where(np.isnan(values), np.nan, 0.0))
    whole: _Moments | None = None
    while True:
        if n & part.bars:
            whole = part if whole is None else whole.with_earlier(part)
        if whole is not None and whole.bars == n:
            break
        part = part.with_earlier(part)
    is_rounding = whole.squares <= _NO_SPREAD * whole.total * whole.total
    whole.squares[is_rounding] = 0.0
    return whole


def mean(value: pl.Expr, n: int) -> pl.Expr:
    """Mean of n bars."""
    return _on(lambda values: _sum(values, n) / n, value)


def total(value: pl.Expr, n: int) -> pl.Expr:
    """Sum of n bars."""
    return _on(lambda values: _sum(values, n), value)


def highest(value: pl.Expr, n: int) -> pl.Expr:
    """Highest of n bars."""
    return _on(lambda values: _extreme(np.maximum, values, n), value)


def lowest(value: pl.Expr, n: int) -> pl.Expr:
    """Lowest of n bars."""
    return _on(lambda values: _extreme(np.minimum, values, n), value)


def deviation(value: pl.Expr, n: int, *, ddof: int) -> pl.Expr:
    """Standard deviation of n bars; exactly 0 where all are equal."""
    return _on(lambda values: np.sqrt(_moments(values, n).squares / (n - ddof)), value)


def z_score(value: pl.Expr, n: int) -> pl.Expr:
    """Distance from the mean of n bars, this one included, in population sds; NaN without any."""

    def kernel(values: Array) -> Array:
        found = _moments(values, n)
        spread = np.sqrt(found.squares / n)
        spread[spread == 0] = np.nan
        return (values - found.total / n) / spread

    return _on(kernel, value)


def skewness(value: pl.Expr, n: int) -> pl.Expr:
    """Third central moment over the cube of the population sd; NaN where all are equal.

    Taken from sums of powers: for returns, whose mean is small beside their spread.
    """

    def kernel(values: Array) -> Array:
        found = _moments(values, n)
        squares = values * values
        middle = found.total / n
        third = _sum(squares * values, n) / n - 3 * middle * (_sum(squares, n) / n)
        third += 2 * middle * middle * middle
        variance = found.squares / n
        variance[variance == 0] = np.nan
        return third / (variance * np.sqrt(variance))

    return _on(kernel, value)


def mean_of_highest(value: pl.Expr, count: int, n: int) -> pl.Expr:
    """Mean of the `count` highest of n bars."""

    def kernel(values: Array) -> Array:
        if len(values) < n:
            return _nothing(len(values))
        part, size, covered = [values], 1, 0
        best: list[Array] = []
        while True:
            if n & size:
                best = _best(best, part, covered, count)
                covered += size
            if covered == n:
                break
            part, size = _best(part, part, size, count), 2 * size
        highest_mean: Array = np.add.reduce(best) / count
        return highest_mean

    return _on(kernel, value)


def _best(recent: Sequence[Array], past: Sequence[Array], bars: int, count: int) -> list[Array]:
    """Highest of two windows, each given by its highest in descending order.

    The k-th highest of both is the greatest, over i + j = k, of the lower of the i-th and j-th.
    """
    if not recent:
        return list(past)
    length = len(recent[0])
    left = [values[bars:] for values in recent]
    right = [values[: length - bars] for values in past]
    merged = []
    for k in range(1, min(count, len(left) + len(right)) + 1):
        found = _nothing(length)
        inner = found[bars:]
        candidates = [
            left[i - 1] if i == k else right[k - 1] if i == 0 else (left[i - 1], right[k - i - 1])
            for i in range(max(0, k - len(right)), min(k, len(left)) + 1)
        ]
        for place, candidate in enumerate(candidates):
            lower = np.minimum(*candidate) if isinstance(candidate, tuple) else candidate
            if place:
                np.maximum(inner, lower, out=inner)
            else:
                inner[:] = lower
        merged.append(found)
    return merged


def beta(
    asset: pl.Expr, market: pl.Expr, bars_before: pl.Expr, n: int, *, at_least: int
) -> pl.Expr:
    """Covariance of returns over the market's variance, in n returns, or `at_least` so far.

    The one window that may be shorter than n: zeros stand before each run, which `bars_before`
    (bars of the run before this one) tells apart. NaN where the market did not move.
    """

    def kernel(columns: Sequence[pl.Series]) -> pl.Series:
        before = columns[2].to_numpy()
        # A run's first return has no price before it.
        x, y = (np.where(before > 0, _array(column), 0.0) for column in columns[:2])
        begins = _begins(before)
        rows = np.arange(len(before)) + n * np.cumsum(begins)

        def summed(values: Array) -> Array:
            spaced = np.zeros(len(before) + n * (np.count_nonzero(begins)))
            spaced[rows] = values
            sums: Array = _sum(spaced, n)[rows]
            return sums

        returns = np.minimum(before, n).astype(np.float64)
        returns[returns < at_least] = np.nan
        sum_x, sum_y, sum_yy = summed(x), summed(y), summed(y * y)
        variance = sum_yy - sum_y * sum_y / returns
        variance[variance <= _NO_MOVEMENT * sum_yy] = np.nan
        return pl.Series((summed(x * y) - sum_x * sum_y / returns) / variance)

    return pl.map_batches([asset, market, bars_before], kernel, pl.Float64)


def _begins(before: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Whether each bar is the first of its run in this column."""
    begins = np.ones(len(before), dtype=np.bool_)
    begins[1:] = before[1:] != before[:-1] + 1
    return begins
