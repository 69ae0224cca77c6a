"""Where a value stands in its own past."""

from __future__ import annotations

import polars as pl

LEAST_HISTORY = 756  # three years of sessions


def percentile_rank(value: pl.Expr, *, at_least: int = LEAST_HISTORY) -> pl.Expr:
    """Mid-rank of each value among all values so far, itself included; 0-100, never its ends.

    Shape:   rows of one subject, oldest first. Nulls are no sample: they get null and count
             nowhere, so that a hole shortens history and does not restart it.
    Warm-up: null until `at_least` values.
    Source:  scipy.stats.percentileofscore(kind="mean").
    """
    # Wider than any history: the window only ever grows.
    rank = value.rolling_rank(window_size=2**31 - 1, method="average", min_samples=at_least)
    values_so_far = value.is_not_null().cum_sum()
    # Average ranks count the value itself in full, mid-ranks by half.
    return 100 * (rank - 0.5) / values_so_far


def latest_percentile_rank(value: pl.Expr, *, at_least: int = LEAST_HISTORY) -> pl.Expr:
    """`percentile_rank` of a subject's last row alone: one pass where one session is new.

    Shape: rows of one subject, oldest first, to one value.
    """
    past, last = value.drop_nulls(), value.last()
    below = (past < last).sum() + 0.5 * (past == last).sum()
    is_warm = last.is_not_null() & (past.len() >= at_least)
    return pl.when(is_warm).then(100 * below / past.len())
