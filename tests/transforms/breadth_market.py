"""Small markets made by hand for the tests of breadth."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl

from transforms.metrics.breadth_counts import COUNTS, CROSS_COLUMNS

MONDAY = date(2025, 9, 1)
STORED: dict[str, Any] = {
    "session_date": pl.Date,
    "instrument_id": pl.String,
    "is_ordinary": pl.Boolean,
    "is_quarantined": pl.Boolean,
    "sessions_since_bar": pl.Int32,
    "close": pl.Float64,
    "turnover_inr": pl.Float64,
    "trades": pl.Int64,
    "delivery_shares": pl.Int64,
    "market_cap_before_inr": pl.Float64,
    "is_above_sma_20": pl.Boolean,
    "is_above_sma_50": pl.Boolean,
    "is_above_sma_200": pl.Boolean,
    "is_new_high_252": pl.Boolean,
    "is_new_low_252": pl.Boolean,
}


def weekdays(count: int, first: date = MONDAY) -> list[date]:
    """So many weekdays."""
    days = [first + timedelta(days=number) for number in range(count * 7 // 5 + 3)]
    return [day for day in days if day.weekday() < 5][:count]


def calendar(days: list[date], short: tuple[date, ...] = ()) -> pl.DataFrame:
    """Sessions, some of them short."""
    return pl.DataFrame(
        {"session_date": days, "is_short": [day in short for day in days]},
        schema={"session_date": pl.Date, "is_short": pl.Boolean},
    )


def cross(*rows: dict[str, Any]) -> pl.DataFrame:
    """Shares at sessions; what a row does not say is as of an ordinary share that traded."""
    usual = {"is_ordinary": True, "is_quarantined": False, "sessions_since_bar": 1, "close": 100.0}
    schema = {name: STORED.get(name, pl.Float64) for name in CROSS_COLUMNS}
    return pl.DataFrame([{**usual, **row} for row in rows], schema=schema)


def spans(*rows: tuple[str, str, date, date, bool]) -> pl.DataFrame:
    """Memberships: universe, share, first date in, first date out, biased."""
    schema = {
        "universe": pl.String,
        "instrument_id": pl.String,
        "valid_from": pl.Date,
        "valid_to": pl.Date,
        "is_survivorship_biased": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        universe_kind=pl.lit("index"),
        universe_title=pl.col("universe").str.to_titlecase(),
        basis=pl.lit("seen"),
    )


def counts(days: list[date], universe: str = "market", **columns: list[Any]) -> pl.DataFrame:
    """Rows of counts; columns not named are 0, dispersions null."""
    stored = {item.id: item.stored_type for item in COUNTS}
    nothing = {name: None if name.endswith("_9_pct") else 0 for name in stored}
    frame = pl.DataFrame(
        {"session_date": days, "universe": universe, **{**nothing, "members": 10, **columns}}
    )
    return frame.select(
        "session_date",
        "universe",
        universe_kind=pl.lit("market"),
        universe_title=pl.lit("All"),
        is_survivorship_biased=pl.lit(value=False),
        **{name: pl.col(name).cast(kind) for name, kind in stored.items()},
    )


def no_closes() -> pl.DataFrame:
    """No universe has an index."""
    return pl.DataFrame(
        schema={"universe": pl.String, "session_date": pl.Date, "close": pl.Float64}
    )
