"""Closes on the sequence of sessions, so that windows count sessions and see holes."""

from __future__ import annotations

import polars as pl

from transforms.metrics.percentile import percentile_rank
from transforms.signals.claim import Inputs


def session_grid(inputs: Inputs, **closes: str) -> pl.DataFrame:
    """One row a session, oldest first: `session_date` and a column of closes for each index.

    Args:
        inputs: frames of the warehouse.
        closes: column name to index id; null where the index has no close.
    """
    grid = inputs.sessions.select(pl.col("session_date").unique().sort())
    for column, index_id in closes.items():
        one = inputs.series.filter(pl.col("index_id") == index_id).select(
            "session_date", pl.col("close").alias(column)
        )
        grid = grid.join(one, on="session_date", how="left", maintain_order="left")
    return grid


def momentum_of(
    inputs: Inputs, grid: pl.DataFrame, index_id: str, *metrics: str, prefix: str = ""
) -> pl.DataFrame:
    """The grid with metrics of one index beside it, null where it has none."""
    one = inputs.momentum.filter(pl.col("index_id") == index_id).select(
        "session_date", pl.col(metrics).name.prefix(prefix)
    )
    return grid.join(one, on="session_date", how="left", maintain_order="left")


def whole(close: pl.Expr, sessions: int) -> pl.Expr:
    """Whether this session and the `sessions` before it all have a close."""
    return close.is_not_null().cast(pl.Int32).rolling_sum(sessions + 1) == sessions + 1


def return_pct(close: pl.Expr, sessions: int) -> pl.Expr:
    """Simple return in percent over sessions; null where a close inside is missing."""
    return pl.when(whole(close, sessions)).then(100 * (close / close.shift(sessions) - 1))


def last_missing(*closes: pl.Expr) -> pl.Expr:
    """The last session so far on which one of the closes is missing, in words."""
    is_missing = pl.any_horizontal(close.is_null() for close in closes)
    day = pl.when(is_missing).then("session_date").forward_fill().dt.to_string("%Y-%m-%d")
    return pl.format("the last missing is {}", day).fill_null("the sessions held begin too late")


def sigma_60(close: pl.Expr) -> pl.Expr:
    """Sample sd (ddof 1) of the last 60 log returns, of one session; null where one is missing."""
    return pl.when(whole(close, 60)).then((close / close.shift(1)).log().rolling_std(60))


def rank_and_size(value: str) -> list[pl.Expr]:
    """`<value>_percentile`, the expanding mid-rank; `<value>_sample`, how many it ranks among."""
    return [
        percentile_rank(pl.col(value)).alias(f"{value}_percentile"),
        pl.col(value).is_not_null().cum_sum().cast(pl.Int64).alias(f"{value}_sample"),
    ]
