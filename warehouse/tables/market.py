"""What the exchange and its index company published about the market."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from warehouse.tables import columns
from warehouse.tables.table import Table

RETURN_VARIANTS = ("price", "total_return", "net_total_return")


class TradingSession(Table):
    """A date on which the market traded: proven by a dated file, else expected by the calendar."""

    table = "core.trading_session"

    session_date = columns.session_date()
    session_number = columns.count("Position in the sequence of sessions, from 1", nullable=False)
    previous_session_date = columns.described(
        dy.Date, "The session before this one", "date", nullable=True
    )
    kind = columns.text("full, muhurat, special_weekend, unscheduled …")
    is_short = columns.flag("Shorter than a full day: left out of volume tests")
    basis = columns.word("How we know", "evidence", "calendar")
    reason = columns.text("Why this date is a session, where it is not an ordinary weekday")


class ListedHoliday(Table):
    """A trading holiday as the exchange lists it, for the year it lists."""

    table = "core.listed_holiday"
    write = "merge"

    session_date = columns.session_date()
    description = columns.text("The exchange's words")
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()


class IndexBar(Table):
    """One index, one session, one variant of return, as one product of the publisher states it."""

    table = "core.index_bar"
    write = "merge"
    # A high below the close does not make the close untrue; without it the windows would break.
    set_aside = dict.fromkeys(("high_is_highest", "low_is_lowest"), ("open", "high", "low"))

    session_date = columns.session_date()
    index_name = columns.text("Index name as published", unit="name", key=True)
    return_variant = columns.word(
        "What the level includes; total return is never price", *RETURN_VARIANTS, key=True
    )
    source_id = columns.text("The publisher's product the row was read from", unit="id", key=True)
    open = columns.decimal("First level of the session", "points", minimum=0)
    high = columns.decimal("Highest level of the session", "points", minimum=0)
    low = columns.decimal("Lowest level of the session", "points", minimum=0)
    close = columns.decimal("Closing level", "points", nullable=False, minimum=0)
    points_change = columns.decimal("Close less the publisher's previous close", "points")
    change_pct = columns.decimal("Change on the publisher's previous close", "percent")
    volume_shares = columns.count("Shares of members traded", "shares")
    turnover_inr = columns.decimal(
        "Value of members traded", "rupees", precision=24, scale=2, minimum=0
    )
    price_to_earnings = columns.decimal("Price to earnings, as published", "ratio")
    price_to_book = columns.decimal("Price to book value, as published", "ratio")
    dividend_yield_pct = columns.decimal("Dividend yield, as published", "percent")
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()

    @dy.rule()
    def high_is_highest(cls) -> pl.Expr:
        """No level of the session stands above its high."""
        return cls.high.col.is_null() | (
            cls.high.col >= pl.max_horizontal(cls.open.col, cls.low.col, cls.close.col)
        )

    @dy.rule()
    def low_is_lowest(cls) -> pl.Expr:
        """No level of the session stands below its low."""
        return cls.low.col.is_null() | (
            cls.low.col <= pl.min_horizontal(cls.open.col, cls.high.col, cls.close.col)
        )


class IndexName(Table):
    """A published index name and the index it means, with the proof that they are one series."""

    table = "core.index_name"

    index_name = columns.text("Index name as published", unit="name", key=True)
    index_id = columns.text("The index: one id through all its names", unit="id")
    index_title = columns.text("The name to show", unit="name")
    first_session = columns.described(dy.Date, "First session under this name", "date")
    last_session = columns.described(dy.Date, "Last session under this name", "date")
    proof = columns.word(
        "Why the name belongs to the index", "same name", "spelling", "declared", "closing values"
    )
    detail = columns.text("The rename and its circular, or the closing values that meet")


class IndexSeam(Table):
    """A session at which an index goes on under another name, and whether its closes meet there."""

    table = "core.index_seam"

    index_id = columns.text("The index", unit="id", key=True)
    return_variant = columns.word("What the level includes", *RETURN_VARIANTS, key=True)
    source_id = columns.text("The publisher's product", unit="id", key=True)
    old_name = columns.text("Name before", unit="name", key=True)
    new_name = columns.text("Name after", unit="name", key=True)
    old_session = columns.described(dy.Date, "Last session under the old name", "date")
    new_session = columns.described(dy.Date, "First session under the new name", "date")
    old_close = columns.number("Last close under the old name", "points")
    implied_previous_close = columns.number(
        "Close before the first session under the new name, by the publisher's own change", "points"
    )
    proven = columns.flag("Whether they meet; null: nothing published can say", nullable=True)
    detail = columns.text("What was compared")
