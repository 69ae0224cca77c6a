"""Flows on the sequence of sessions, in whole lakhs: windows see holes and sums are exact."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from transforms import indicators
from transforms.metrics.metric import Metric
from transforms.metrics.percentile import LEAST_HISTORY, percentile_rank

SERIES = ("participant", "scope", "stage")

# Publishers print to a hundredth of a crore, which is a lakh: whole lakhs add up exactly.
_LAKH_PER_CRORE = 100


def lakh(crore: str) -> pl.Expr:
    """Rs crore, of two decimals, in whole lakhs."""
    return (pl.col(crore).cast(pl.Float64) * _LAKH_PER_CRORE).round().cast(pl.Int64)


def in_crore(lakhs: pl.Expr) -> pl.Expr:
    """Whole lakhs in Rs crore: the float nearest to the two decimals, as a parser would read it."""
    # Polars divides by a constant through its inverse, which is a rounding off.
    return (lakhs / _LAKH_PER_CRORE).round(2)


def net_sum_crore(n: int) -> pl.Expr:
    """Sum of `net_lakh` over n rows, in Rs crore; null where one of them is."""
    return in_crore(pl.col("net_lakh").rolling_sum(n))


def on_sessions(rows: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """Each series with a row for every session from its first to its last, nulls where none was.

    Args:
        rows: SERIES, `session_date` (together the key) and figures.
        sessions: `session_date` of every trading session.

    Returns:
        Sorted by series and session, with `is_held`; rows on a date that is no session are gone.
    """
    return on_grid(rows, sessions, by=SERIES, step="session_date")


def on_grid(
    rows: pl.DataFrame, steps: pl.DataFrame, *, by: Sequence[str], step: str
) -> pl.DataFrame:
    """Each subject with a row for every step from its first to its last, nulls where none was.

    Args:
        rows: `by`, `step` (together the key) and figures.
        steps: every `step` there is.
        by: columns that tell the subjects apart.
        step: column that counts time.

    Returns:
        Sorted by subject and step, with `is_held`; rows on a step that there is not are gone.
    """
    every = steps.select(pl.col(step).unique())
    held = rows.join(every, on=step, how="semi").with_columns(is_held=pl.lit(value=True))
    spans = held.group_by(by).agg(first=pl.col(step).min(), last=pl.col(step).max())
    return (
        spans.join(every, how="cross")
        .filter(pl.col(step).is_between("first", "last"))
        .drop("first", "last")
        .join(held, on=[*by, step], how="left")
        .with_columns(pl.col("is_held").fill_null(value=False))
        .sort(*by, step)
    )


def evaluated(
    grid: pl.DataFrame,
    metrics: Sequence[Metric],
    *,
    by: Sequence[str],
    at_least: int = LEAST_HISTORY,
) -> pl.DataFrame:
    """The grid with every metric beside it, then the percentiles of those that declare one.

    Args:
        grid: a row for every step of each subject, oldest first, with what the metrics need.
        metrics: declarations, in any order.
        by: columns that tell the subjects apart.
        at_least: values before a percentile is given.
    """
    declared = {item.id for item in metrics}
    waiting = list(metrics)
    while waiting:
        ready = [item for item in waiting if not declared.intersection(item.needs)]
        grid = grid.with_columns(
            item.expression().over(by).cast(item.stored_type).alias(item.id) for item in ready
        )
        declared -= {item.id for item in ready}
        waiting = [item for item in waiting if item not in ready]
    return grid.with_columns(
        percentile_rank(pl.col(item.id), at_least=at_least).over(by).alias(item.percentile_id)
        for item in metrics
        if item.percentile
    )


def stored(metrics: Sequence[Metric]) -> list[str]:
    """Columns of the metrics in stored order: the metrics, then their percentiles."""
    return [
        *[item.id for item in metrics],
        *[item.percentile_id for item in metrics if item.percentile],
    ]


def z_against_past(value: pl.Expr) -> pl.Expr:
    """Distance of each value from the mean of the 756 held before it, in their sd (ddof 1).

    Shape:   rows of one subject, oldest first. Nulls are no sample: they get null, and the 756
             reach further back over them. The value itself is not among them.
    Warm-up: null until 756 values before; null where those never vary.
    """
    number = value.is_not_null().cum_sum().cast(pl.Int64)
    window = f"{LEAST_HISTORY}i"
    mean = value.rolling_mean_by(
        number, window_size=window, min_samples=LEAST_HISTORY, closed="left"
    )
    deviation = value.rolling_std_by(
        number, window_size=window, min_samples=LEAST_HISTORY, closed="left"
    )
    return pl.when(value.is_not_null()).then(indicators.ratio(value - mean, deviation))
