"""Rebounds from lows: when one is known, how fast it was, and how it ranks among the others."""

from __future__ import annotations

from math import sqrt

import polars as pl

from transforms.metrics.flows_of_funds import financial_year
from transforms.signals.grid import return_pct, sigma_60

WINDOW = 9
LOOK_BACK = 60


def starts_at_low(close: pl.Expr, sessions: int) -> pl.Expr:
    """Whether the window's first close is below all after it and not above the 60 before it.

    Null or false where one of those closes is missing. Of equal lows the last is the low.
    """
    start = close.shift(sessions)
    before = close.shift(sessions + 1).rolling_min(LOOK_BACK)
    return (start <= before) & (start < close.rolling_min(sessions))


def rebounds(grid: pl.DataFrame) -> pl.DataFrame:
    """Every rebound of nine sessions from a low, each known only at its end.

    Two never overlap: a close inside one is above its low, and so no low of 60 sessions.

    Args:
        grid: `session_date`, `close`; one row a session, oldest first.

    Returns:
        One row a rebound, oldest first: row (of its end in the grid), end_date, low_row,
        low_date, low_close, return_pct, log_rise, sigma (of one session, from the 60 log returns
        that end at the low), speed (log rise in sigmas of nine sessions), number (of rebounds so
        far), percentile (mid-rank of the speed among them, 0-100), financial_year (of the end),
        year_number and year_rank (1 is the fastest so far of that year). A rebound after 60
        sessions without movement has no speed and is left out.
    """
    close = pl.col("close")
    found = (
        grid.with_row_index("row")
        .with_columns(
            pl.col("row").cast(pl.Int64),
            return_pct=return_pct(close, WINDOW),
            sigma=sigma_60(close).shift(WINDOW),
            is_rebound=starts_at_low(close, WINDOW),
            low_date=pl.col("session_date").shift(WINDOW),
            low_close=close.shift(WINDOW),
        )
        .filter(pl.col("is_rebound") & (pl.col("sigma") > 0))
        .select(
            "row",
            pl.col("session_date").alias("end_date"),
            (pl.col("row") - WINDOW).alias("low_row"),
            "low_date",
            "low_close",
            "return_pct",
            (pl.col("return_pct") / 100).log1p().alias("log_rise"),
            "sigma",
            financial_year(pl.col("session_date")).alias("financial_year"),
        )
        .with_columns(speed=pl.col("log_rise") / (pl.col("sigma") * sqrt(WINDOW)))
        .with_columns(number=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    )
    # Few dozen rows, so every pair can be looked at.
    pairs = found.join_where(
        found.select(other_row="row", other_speed="speed", other_financial_year="financial_year"),
        pl.col("other_row") <= pl.col("row"),
    )
    is_faster = pl.col("other_speed") > pl.col("speed")
    is_equal = pl.col("other_speed") == pl.col("speed")
    is_same_year = pl.col("other_financial_year") == pl.col("financial_year")
    ranks = pairs.group_by("row").agg(
        percentile=100 * (1 - (is_faster.sum() + is_equal.sum() / 2) / pl.len()),
        year_number=is_same_year.sum().cast(pl.Int64),
        year_rank=1 + (is_faster & is_same_year).sum().cast(pl.Int64),
    )
    return found.join(ranks, on="row", how="left", maintain_order="left")
