"""From when to when a symbol traded in a series under an ISIN, as published.

The spans are all that identity needs of the bars: some 10,000 rows for 20 years. A symbol that
rested for longer than HOLE_DAYS begins a new span, because another company may hold it by then.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

HOLE_DAYS = 60
SPAN_KEY = ["symbol", "series", "isin"]
SPAN_SCHEMA = {
    "symbol": pl.String(),
    "series": pl.String(),
    "isin": pl.String(),
    "security_name": pl.String(),
    "first_session": pl.Date(),
    "last_session": pl.Date(),
}


def instrument_spans(bars: pl.DataFrame) -> pl.DataFrame:
    """Spans of bars.

    Args:
        bars: symbol, series, isin, session_date, security_name of core.equity_bar, any rows.

    Returns:
        symbol, series, isin ("" where null), security_name (last seen, or null), first_session,
        last_session; sorted by these.
    """
    # No hole hides inside a bucket of HOLE_DAYS, and sorting buckets is cheaper than sorting days.
    bucket = pl.col("session_date").to_physical() // HOLE_DAYS
    days = (
        bars.group_by(
            "symbol", "series", "security_name", bucket=bucket, isin=pl.col("isin").fill_null("")
        )
        .agg(first_session=pl.col("session_date").min(), last_session=pl.col("session_date").max())
        .drop("bucket")
    )
    return _joined(days)


def merged_spans(stored: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """The spans of all bars, from spans of two parts of them, whichever way they were parted."""
    return _joined(pl.concat([part.select(list(SPAN_SCHEMA)) for part in (stored, new)]))


def _joined(spans: pl.DataFrame) -> pl.DataFrame:
    """Spans of one key that overlap or lie at most HOLE_DAYS apart become one."""
    end_before = pl.col("last_session").cum_max().shift(1).over(SPAN_KEY)
    begins = (pl.col("first_session") - end_before) > timedelta(days=HOLE_DAYS)
    return (
        spans.sort(*SPAN_KEY, "first_session", "last_session", "security_name")
        .with_columns(run=begins.fill_null(value=False).cum_sum().over(SPAN_KEY))
        .group_by(*SPAN_KEY, "run")
        .agg(
            security_name=pl.col("security_name")
            .sort_by("last_session", "security_name", nulls_last=False)
            .drop_nulls()
            .last(),
            first_session=pl.col("first_session").min(),
            last_session=pl.col("last_session").max(),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in SPAN_SCHEMA.items())
        .sort(*SPAN_KEY, "first_session")
    )
