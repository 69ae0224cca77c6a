"""From bars as published, by product and series, to one bar a security and session."""

from __future__ import annotations

from functools import reduce

import polars as pl

from transforms.instrument_kinds import TWIN_SERIES

SOURCE_ORDER = ("nse_equity_bhavcopy",)
"""The exchange's closing file before those that repeat it; others follow by name."""
SERIES_ORDER = ("EQ", "BE", "BZ", "SM", "ST", "SZ")
LEFT_OUT_KINDS = ("debt", "test")

BAR_SCHEMA = {
    "instrument_id": pl.String(),
    "session_date": pl.Date(),
    "kind": pl.String(),
    "symbol": pl.String(),
    "series": pl.String(),
    "open": pl.Float64(),
    "high": pl.Float64(),
    "low": pl.Float64(),
    "close": pl.Float64(),
    "previous_close": pl.Float64(),
    "volume_shares": pl.Int64(),
    "turnover_inr": pl.Float64(),
    "trades": pl.Int64(),
    "delivery_shares": pl.Int64(),
    "market_cap_inr": pl.Float64(),
}
PUBLISHED = ["session_date", "symbol", "series"]
ID = ["instrument_id", "kind"]
PRICES = ["open", "high", "low"]
STATED = ["previous_close", "volume_shares", "turnover_inr", "trades", "delivery_shares"]


def one_bar(bars: pl.DataFrame, deliveries: pl.DataFrame, caps: pl.DataFrame) -> pl.DataFrame:
    """One bar a security and session, in Float64 rupees.

    Where products state the same bar, the closing file's stands, and others fill what it leaves
    out; open, high and low go together, so that no range is put together of two. Where a security
    trades in several series, the first of `SERIES_ORDER` stands, then the one traded most; other
    windows on it (same-day settlement, blocks) never. Debt and test scrips are left out.

    Args:
        bars: columns of core.equity_bar, with instrument_id and kind; rows without an
            instrument are left out.
        deliveries: columns of core.equity_delivery: fill what the bars do not say.
        caps: columns of core.market_cap.

    Returns:
        Columns of `BAR_SCHEMA`, sorted by instrument and session. delivery_shares is null until
        someone says it; market_cap_inr where nobody does.
    """
    rows = bars.filter(
        pl.col("instrument_id").is_not_null(),
        ~pl.col("kind").is_in(LEFT_OUT_KINDS),
        ~pl.col("series").is_in(TWIN_SERIES),
    ).select(*ID, *PUBLISHED, "source_id", *PRICES, "close", *STATED)
    # One number is joined many times faster than a date and two words.
    words = [
        pl.concat([frame[name] for frame in (rows, deliveries, caps)]).unique().drop_nulls()
        for name in ("symbol", "series")
    ]
    place = pl.col("series").replace_strict(
        {series: place for place, series in enumerate(SERIES_ORDER)},
        default=len(SERIES_ORDER),
        return_dtype=pl.Int32,
    )
    # Of two tellings of what was delivered the larger is the later one.
    delivered = _keyed(deliveries, *words).select("key_", told_="delivery_shares")
    worth = _keyed(caps, *words).select("key_", "market_cap_inr")
    return (
        _one_product(_keyed(rows, *words))
        .join(_largest(delivered, "told_"), on="key_", how="left")
        .join(_largest(worth, "market_cap_inr"), on="key_", how="left")
        .with_columns(delivery_shares=pl.coalesce("delivery_shares", "told_"), place_=place)
        .sort(
            *("instrument_id", "session_date", "place_", "turnover_inr", "symbol", "series"),
            descending=[False, False, False, True, False, False],
            nulls_last=True,
        )
        .filter(
            pl.any_horizontal(
                pl.col(name).ne_missing(pl.col(name).shift(1))
                for name in ("instrument_id", "session_date")
            )
        )
        .select(pl.col(name).cast(dtype) for name, dtype in BAR_SCHEMA.items())
    )


def _keyed(rows: pl.DataFrame, symbols: pl.Series, series: pl.Series) -> pl.DataFrame:
    """With one number for session, symbol and series."""
    symbol = pl.col("symbol").cast(pl.Enum(symbols)).to_physical().cast(pl.Int64)
    name = pl.col("series").cast(pl.Enum(series)).to_physical().cast(pl.Int64)
    day = pl.col("session_date").to_physical().cast(pl.Int64)
    return rows.with_columns(key_=(day * symbols.len() + symbol) * series.len() + name)


def _largest(rows: pl.DataFrame, value: str) -> pl.DataFrame:
    """One row a key."""
    if rows["key_"].is_duplicated().any():
        return rows.group_by("key_").agg(pl.col(value).max())
    return rows


def _one_product(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a security, session, symbol and series."""
    by_source = {
        str(part["source_id"].item(0)): part.drop("source_id")
        for part in rows.partition_by("source_id")
    }
    known = [source for source in SOURCE_ORDER if source in by_source]
    ordered = [by_source[source] for source in [*known, *sorted(set(by_source) - set(known))]]
    return reduce(_filled, ordered) if ordered else rows.drop("source_id")


def _filled(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """The first product's rows with what only the second says."""
    is_bare = pl.any_horizontal(pl.col(PRICES).is_null())
    both = first.join(second, on="key_", how="left", suffix="_2", maintain_order="left")
    filled = both.select(
        pl.when(is_bare).then(f"{name}_2").otherwise(name).alias(name)
        if name in PRICES
        else (pl.coalesce(name, f"{name}_2") if name in STATED else pl.col(name))
        for name in first.columns
    )
    return pl.concat([filled, second.join(first, on="key_", how="anti")])
