"""From bars as published to one price series an index."""

from __future__ import annotations

import polars as pl

SOURCE_ORDER = ("nse_index_close", "niftyindices_price")
"""The day's own file before a history that was put together later."""


def index_series(
    bars: pl.DataFrame,
    names: pl.DataFrame,
    sessions: pl.DataFrame,
    return_variant: str = "price",
) -> pl.DataFrame:
    """One bar an index and session, of one variant of return, in Float64.

    Where two products state the same bar, the one with open, high and low stands, then the day's
    own file. Bars on dates that are no session (a series' base date) are left out.

    Args:
        bars: session_date, index_name, return_variant, source_id, open, high, low, close,
            turnover_inr.
        names: index_name, index_id.
        sessions: session_date.
        return_variant: which of a bar's variants.

    Returns:
        index_id, session_date, open, high, low, close, turnover_inr, source_id; sorted by index
        and session.
    """
    order = pl.col("source_id").replace_strict(
        {source: rank for rank, source in enumerate(SOURCE_ORDER)},
        default=len(SOURCE_ORDER),
        return_dtype=pl.Int64,
    )
    return (
        bars.filter(pl.col("return_variant") == return_variant)
        .join(names.select("index_name", "index_id"), on="index_name", how="inner")
        .join(sessions.select("session_date"), on="session_date", how="semi")
        .with_columns(order_=order, bare_=pl.any_horizontal(pl.col("high", "low").is_null()))
        .sort("index_id", "session_date", "bare_", "order_", "index_name")
        .unique(["index_id", "session_date"], keep="first", maintain_order=True)
        .select(
            "index_id",
            "session_date",
            pl.col("open", "high", "low", "close", "turnover_inr").cast(pl.Float64),
            "source_id",
        )
    )
