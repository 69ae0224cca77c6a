"""Macro series and index valuation beside the sequence of sessions, null where there is none."""

from __future__ import annotations

import polars as pl

from transforms.signals.claim import Inputs

_MACRO: dict[str, pl.DataType] = {
    "observation_date": pl.Date(),
    "value": pl.Float64(),
    "age_sessions": pl.Int64(),
    "is_stale": pl.Boolean(),
    "value_percentile": pl.Float64(),
}
_VALUATION: dict[str, pl.DataType] = {
    "earnings_basis": pl.String(),
    "price_to_earnings": pl.Float64(),
    "price_to_earnings_percentile": pl.Float64(),
    "price_to_book": pl.Float64(),
    "price_to_book_percentile": pl.Float64(),
    "dividend_yield_pct": pl.Float64(),
    "dividend_yield_pct_percentile": pl.Float64(),
}
SAMPLE = "sample"


def macro_of(inputs: Inputs, series_id: str) -> pl.DataFrame:
    """One series at every session, oldest first.

    Returns:
        session_date, observation_date, value, age_sessions, is_stale, value_percentile, sample
        (values up to the session); null, and a sample of 0, where nothing is held.
    """
    frame = _beside(inputs, inputs.macro, "series_id", series_id, _MACRO)
    return frame.with_columns(_count("value").alias(SAMPLE))


def valuation_of(inputs: Inputs, index_id: str) -> pl.DataFrame:
    """Valuation of one index at every session, oldest first.

    Returns:
        session_date, the columns of mart.index_valuation, `sample` (values of P/E on the session's
        basis of earnings up to it) and `book_sample`; null where nothing is held.
    """
    frame = _beside(inputs, inputs.valuation, "index_id", index_id, _VALUATION)
    return frame.with_columns(
        _count("price_to_earnings").over("earnings_basis").alias(SAMPLE),
        _count("price_to_book").alias("book_sample"),
    )


def _count(column: str) -> pl.Expr:
    return pl.col(column).is_not_null().cum_sum().cast(pl.Int64)


def _beside(
    inputs: Inputs, frame: pl.DataFrame, key: str, wanted: str, schema: dict[str, pl.DataType]
) -> pl.DataFrame:
    days = inputs.sessions.select(pl.col("session_date").unique().sort())
    # A warehouse that holds none of it gives a frame without columns.
    if frame.width == 0:
        return days.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in schema.items())
    rows = frame.filter(pl.col(key) == wanted).select(
        "session_date", *[pl.col(name).cast(dtype) for name, dtype in schema.items()]
    )
    return days.join(rows, on="session_date", how="left", maintain_order="left")
