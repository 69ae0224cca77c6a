"""What the exchange says its indices cost: price to earnings, to book value, dividend yield."""

from __future__ import annotations

from datetime import date

import polars as pl

from transforms.metrics.metric import Metric, metric
from transforms.metrics.percentile import percentile_rank
from transforms.series import SOURCE_ORDER

VALUATION: list[Metric] = []

CONSOLIDATED_FROM = date(2021, 3, 31)
"""From then on the exchange divides by consolidated earnings: P/E of Nifty 50 fell by a fifth."""
STANDALONE, CONSOLIDATED = "standalone", "consolidated"
PUBLISHED = ("price_to_earnings", "price_to_book", "dividend_yield_pct")


def index_valuation(
    bars: pl.DataFrame, names: pl.DataFrame, sessions: pl.DataFrame
) -> pl.DataFrame:
    """Valuation of each index at each session, and its rank in the index's own past.

    Where two products state a session, the one that says more of it stands, then the day's own
    file. P/E is ranked within its basis of earnings, never across the change; price to book value
    and the yield are ranked over the whole past: the exchange told of a change of earnings alone.

    Args:
        bars: session_date, index_name, return_variant, source_id, price_to_earnings,
            price_to_book, dividend_yield_pct.
        names: index_name, index_id.
        sessions: session_date.

    Returns:
        One row an index and session of which anything was published, sorted so: session_date,
        index_id, earnings_basis, the metrics of VALUATION, their percentiles (null below 756
        values; of P/E below 756 within the basis).
    """
    order = pl.col("source_id").replace_strict(
        {source: rank for rank, source in enumerate(SOURCE_ORDER)},
        default=len(SOURCE_ORDER),
        return_dtype=pl.Int64,
    )
    said = pl.sum_horizontal(pl.col(PUBLISHED).is_not_null()).cast(pl.Int64)
    rows = (
        bars.filter(pl.col("return_variant") == "price")
        .join(names.select("index_name", "index_id"), on="index_name", how="inner")
        .join(sessions.select("session_date").unique(), on="session_date", how="semi")
        .with_columns(said_=said, order_=order)
        .filter(pl.col("said_") > 0)
        .sort("index_id", "session_date", -pl.col("said_"), "order_", "index_name")
        .unique(["index_id", "session_date"], keep="first", maintain_order=True)
        .select(
            "session_date",
            "index_id",
            pl.when(pl.col("session_date") < CONSOLIDATED_FROM)
            .then(pl.lit(STANDALONE))
            .otherwise(pl.lit(CONSOLIDATED))
            .alias("earnings_basis"),
            *[pl.col(name).cast(pl.Float64).alias(f"published_{name}") for name in PUBLISHED],
        )
        .with_columns(item.expression().alias(item.id) for item in VALUATION)
    )
    by_basis = ["index_id", "earnings_basis"]
    return rows.with_columns(
        percentile_rank(pl.col(item.id))
        .over(by_basis if item.id == "price_to_earnings" else "index_id")
        .alias(item.percentile_id)
        for item in VALUATION
    ).select(
        "session_date",
        "index_id",
        "earnings_basis",
        *[item.id for item in VALUATION],
        *[item.percentile_id for item in VALUATION],
    )


@metric(
    VALUATION,
    name="Price to earnings",
    unit="ratio",
    warmup=0,
    bounds=(0, None),
    needs=("published_price_to_earnings",),
    percentile=True,
    source="NSE Indices: market value over earnings of the last four quarters, as published",
)
def price_to_earnings() -> pl.Expr:
    """P/E as published, on the basis beside it; null where earnings are not above 0.

    Its percentile ranks within the basis alone: consolidated earnings since 31 March 2021.
    """
    return _positive("published_price_to_earnings")


@metric(
    VALUATION,
    name="Price to book value",
    unit="ratio",
    warmup=0,
    bounds=(0, None),
    needs=("published_price_to_book",),
    percentile=True,
    source="NSE Indices: market value over book value, as published",
)
def price_to_book() -> pl.Expr:
    """P/B as published; null where book value is not above 0."""
    return _positive("published_price_to_book")


@metric(
    VALUATION,
    name="Dividend yield",
    unit="percent",
    warmup=0,
    bounds=(0, None),
    needs=("published_dividend_yield_pct",),
    percentile=True,
    source="NSE Indices: dividends of the last four quarters over market value, as published",
)
def dividend_yield_pct() -> pl.Expr:
    """Dividend yield as published; a low one is dear."""
    published = pl.col("published_dividend_yield_pct")
    return pl.when(published >= 0).then(published)


def _positive(name: str) -> pl.Expr:
    return pl.when(pl.col(name) > 0).then(pl.col(name))
