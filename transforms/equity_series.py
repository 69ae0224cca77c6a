"""One price series a security, chained across corporate actions, and its table."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from warehouse.tables import columns
from warehouse.tables.instruments import instrument_id
from warehouse.tables.table import Table, schema

ORDINARY_KIND = "share"
ORDINARY_SERIES = ("EQ", "BE")
SESSION = ["instrument_id", "session_date"]


class EquitySeries(Table):
    """One bar of one security, as published, with what chains it to the bars before."""

    table = "mart.equity_series"
    is_large = True

    session_date = columns.session_date()
    instrument_id = instrument_id()
    symbol = columns.text("Symbol on that day", unit="id")
    series = columns.text("Series on that day", unit="word")
    open = columns.number("First price, as published", "rupees")
    high = columns.number("Highest price, as published", "rupees")
    low = columns.number("Lowest price, as published", "rupees")
    close = columns.number("Closing price, as published", "rupees", nullable=False)
    volume_shares = columns.count("Shares traded", "shares")
    turnover_inr = columns.number("Value traded", "rupees")
    trades = columns.count("Trades made", "trades")
    delivery_shares = columns.count(
        "Shares delivered; null until the exchange says it, often a day later", "shares"
    )
    market_cap_inr = columns.number(
        "All shares in issue at the close; null where the exchange did not say", "rupees"
    )
    price_factor = columns.number(
        "Chained prices are published prices times this", "ratio", nullable=False
    )
    volume_factor = columns.number(
        "Chained volumes are published volumes over this", "ratio", nullable=False
    )
    chain = columns.count(
        "Number of the unbroken chain, from 0: one more at every jump nobody explains, across "
        "which nothing is computed",
        nullable=False,
    )
    sessions_since_bar = columns.count(
        "Sessions since its bar before: 1, it traded the session before; null on its first",
        "sessions",
    )
    is_ordinary = columns.flag("Ordinary share of the main board, series EQ or BE: in breadth")
    is_quarantined = columns.flag("This session's move is a jump nobody explains: out of breadth")

    @dy.rule()
    def factors_are_positive(cls) -> pl.Expr:
        """Nothing chains by zero."""
        return (cls.price_factor.col > 0) & (cls.volume_factor.col > 0)


def equity_series(
    bars: pl.DataFrame,
    last: pl.DataFrame,
    adjustments: pl.DataFrame,
    sessions: pl.DataFrame,
) -> pl.DataFrame:
    """Rows of mart.equity_series for new bars; the same for any cut of the history.

    Factors multiply in the order of sessions, starting at 1 on a security's first bar; across a
    jump they go on unchanged in a new chain, for within one chain only their ratios count.

    Args:
        bars: as `one_bar` returns them, any order.
        last: each instrument's row of mart.equity_series before these bars; none: it starts here.
        adjustments: rows of core.price_adjustment for these bars.
        sessions: session_date, session_number.

    Returns:
        Columns of `EquitySeries`, sorted by instrument and session.
    """
    numbers = sessions.select("session_date", "session_number")
    steps = adjustments.group_by(SESSION).agg(
        price_step=pl.col("price_factor").sort_by("kind", "terms").product(),
        volume_step=pl.col("volume_factor").sort_by("kind", "terms").product(),
        is_quarantined=(pl.col("basis") == "quarantined").any(),
    )
    new = bars.join(steps, on=SESSION, how="left").with_columns(
        pl.col("price_step", "volume_step").fill_null(1.0),
        pl.col("is_quarantined").fill_null(value=False),
        is_new=pl.lit(value=True),
    )
    # The row before stands as the first step, so that factors multiply in one and the same order.
    before = last.select(
        *SESSION,
        price_step="price_factor",
        volume_step="volume_factor",
        chain_step="chain",
        is_new=pl.lit(value=False),
    )
    first = pl.col("instrument_id").is_first_distinct()
    chain_step = pl.coalesce("chain_step", pl.col("is_quarantined").cast(pl.Int64))
    return (
        pl.concat([before, new], how="diagonal")
        .join(numbers, on="session_date", how="left")
        .sort(SESSION)
        .with_columns(
            # Nothing lies before a first bar that could be explained or not.
            price_step=pl.when(first & pl.col("is_new")).then(1.0).otherwise("price_step"),
            volume_step=pl.when(first & pl.col("is_new")).then(1.0).otherwise("volume_step"),
            chain_step=pl.when(first & pl.col("is_new")).then(0).otherwise(chain_step),
            is_quarantined=pl.col("is_quarantined") & ~first,
        )
        .with_columns(
            price_factor=pl.col("price_step").cum_prod().over("instrument_id"),
            volume_factor=pl.col("volume_step").cum_prod().over("instrument_id"),
            chain=pl.col("chain_step").cum_sum().over("instrument_id"),
            sessions_since_bar=pl.col("session_number").diff().over("instrument_id"),
            is_ordinary=(pl.col("kind") == ORDINARY_KIND) & pl.col("series").is_in(ORDINARY_SERIES),
        )
        .filter("is_new")
        .select(pl.col(name).cast(dtype) for name, dtype in schema(EquitySeries).items())
    )
