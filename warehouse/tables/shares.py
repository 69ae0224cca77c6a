"""What the exchange published about shares: bars, deliveries, sizes, corporate actions, names."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from warehouse.tables import columns
from warehouse.tables.table import Table


def _source() -> dy.Column:
    return columns.text("The publisher's product the row was read from", unit="id", key=True)


def _day(description: str, *, key: bool = False, nullable: bool = False) -> dy.Column:
    return columns.described(dy.Date, description, "date", primary_key=key, nullable=nullable)


class EquityBar(Table):
    """One security, one series, one session, as one product of the exchange states it.

    Every series is kept, debt and funds too: `core.instrument` says what each security is.
    """

    table = "core.equity_bar"
    write = "merge"
    is_large = True
    # A high below the close does not make the close untrue; nor do deliveries above the volume.
    set_aside = {  # noqa: RUF012  declared once, as in the other tables
        "high_is_highest": ("open", "high", "low"),
        "low_is_lowest": ("open", "high", "low"),
        "delivered_is_traded": ("delivery_shares",),
    }

    session_date = columns.session_date()
    symbol = columns.text("Symbol on that day", unit="id", key=True)
    series = columns.text("Series: EQ, BE, BZ, SM, GS and so on", unit="word", key=True)
    source_id = _source()
    isin = columns.text("ISIN, where the product gives it", unit="id", nullable=True)
    security_name = columns.text(
        "Name of the security, where the product gives it", unit="name", nullable=True
    )
    open = columns.decimal("First price of the session", "rupees", minimum=0)
    high = columns.decimal("Highest price of the session", "rupees", minimum=0)
    low = columns.decimal("Lowest price of the session", "rupees", minimum=0)
    close = columns.decimal("Closing price", "rupees", nullable=False, minimum=0)
    last = columns.decimal("Last traded price", "rupees", minimum=0)
    previous_close = columns.decimal(
        "Previous close as published: not adjusted for splits, bonuses or demergers", "rupees"
    )
    average_price = columns.decimal("Average price of the session", "rupees", minimum=0)
    volume_shares = columns.count("Shares traded", "shares", nullable=False)
    turnover_inr = columns.decimal(
        "Value traded", "rupees", precision=24, scale=2, nullable=True, minimum=0
    )
    trades = columns.count("Trades made", "trades")
    delivery_shares = columns.count(
        "Shares delivered; null until the exchange says it, often a day later", "shares"
    )
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()

    @dy.rule()
    def price_is_positive(cls) -> pl.Expr:
        """Nothing closes at zero."""
        return cls.close.col > 0

    @dy.rule()
    def volume_is_not_negative(cls) -> pl.Expr:
        """Nobody trades less than nothing."""
        return cls.volume_shares.col >= 0

    @dy.rule()
    def high_is_highest(cls) -> pl.Expr:
        """No price of the session stands above its high."""
        return cls.high.col.is_null() | (
            cls.high.col >= pl.max_horizontal(cls.open.col, cls.low.col, cls.close.col)
        )

    @dy.rule()
    def low_is_lowest(cls) -> pl.Expr:
        """No price of the session stands below its low."""
        return cls.low.col.is_null() | (
            cls.low.col <= pl.min_horizontal(cls.open.col, cls.high.col, cls.close.col)
        )

    @dy.rule()
    def delivered_is_traded(cls) -> pl.Expr:
        """No more is delivered than was traded, and not less than nothing."""
        return cls.delivery_shares.col.is_null() | cls.delivery_shares.col.is_between(
            0, cls.volume_shares.col
        )


class EquityDelivery(Table):
    """Shares of one security delivered after one session, as the exchange's own file tells it."""

    table = "core.equity_delivery"
    write = "merge"
    is_large = True

    session_date = columns.session_date()
    symbol = columns.text("Symbol on that day", unit="id", key=True)
    series = columns.text("Series", unit="word", key=True)
    source_id = _source()
    volume_shares = columns.count("Shares traded", "shares", nullable=False)
    delivery_shares = columns.count("Shares delivered", "shares", nullable=False)
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()

    @dy.rule()
    def delivered_is_traded(cls) -> pl.Expr:
        """No more is delivered than was traded, and not less than nothing."""
        return cls.delivery_shares.col.is_between(0, cls.volume_shares.col)


class MarketCap(Table):
    """What one listed security is worth on the exchange at the end of one session."""

    table = "core.market_cap"
    write = "merge"
    is_large = True

    session_date = columns.session_date()
    symbol = columns.text("Symbol on that day", unit="id", key=True)
    series = columns.text("Series", unit="word", key=True)
    source_id = _source()
    security_name = columns.text("Name of the security, as cut by the exchange", unit="name")
    category = columns.text("Listed, or permitted to trade", unit="word")
    last_trade_date = _day("Date of the price", nullable=True)
    face_value_inr = columns.decimal("Face value of a share", "rupees", minimum=0)
    issued_shares = columns.count("Shares in issue, promoters' included", "shares")
    close = columns.decimal("Latest price, or what is paid up", "rupees", minimum=0)
    market_cap_inr = columns.decimal(
        "Shares in issue at that price", "rupees", precision=24, scale=2, minimum=0
    )
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()


class CorporateAction(Table):
    """A corporate action as the exchange announces it, in the exchange's own words."""

    table = "core.corporate_action"
    write = "merge"

    source_id = _source()
    symbol = columns.text("Symbol when it was announced", unit="id", key=True)
    series = columns.text("Series it is announced for", unit="word", key=True)
    ex_date = _day("First date without the right; it may lie ahead", key=True)
    purpose = columns.text("What is done, in the exchange's words", key=True)
    isin = columns.text("ISIN, where the product gives it", unit="id", nullable=True)
    company_name = columns.text("Name of the company or security", unit="name", nullable=True)
    face_value_inr = columns.decimal("Face value of a share", "rupees", minimum=0)
    record_date = _day("Holders of this date have the right", nullable=True)
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()


class PublishedExtreme(Table):
    """A new 52-week high or low as the exchange lists it: not adjusted for corporate actions."""

    table = "core.published_extreme"
    write = "merge"

    session_date = columns.session_date()
    security_name = columns.text("Name of the security, as cut by the exchange", key=True)
    extreme = columns.word("Which", "high", "low", key=True)
    source_id = _source()
    new_price = columns.decimal("The new extreme", "rupees", nullable=False, minimum=0)
    previous_price = columns.decimal("The extreme before", "rupees", minimum=0)
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()


class FundListing(Table):
    """An exchange-traded fund as the exchange's list of a session names it."""

    table = "core.fund_listing"
    write = "merge"

    symbol = columns.text("Symbol", unit="id", key=True)
    security_name = columns.text("Name of the security", unit="name")
    underlying = columns.text("What the fund follows", unit="name", nullable=True)
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()


class EquityListing(Table):
    """A share that the exchange lists on its main board."""

    table = "core.equity_listing"
    write = "merge"

    isin = columns.text("ISIN", unit="id", key=True)
    symbol = columns.text("Symbol", unit="id", key=True)
    company_name = columns.text("Name of the company", unit="name")
    series = columns.text("Series on the day the list was had", unit="word")
    listed_on = _day("Date of listing", nullable=True)
    paid_up_inr = columns.decimal("Paid up on a share", "rupees", minimum=0)
    face_value_inr = columns.decimal("Face value of a share", "rupees", minimum=0)
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()


class NameChange(Table):
    """A change of a company's name, as the exchange lists it."""

    table = "core.name_change"
    write = "merge"

    symbol = columns.text("Symbol", unit="id", key=True)
    old_name = columns.text("Name before", unit="name", key=True)
    new_name = columns.text("Name from that date on", unit="name")
    changed_on = _day("First date under the new name", key=True)
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()


class IndexReconstitution(Table):
    """A change of an index's members, as announced before it takes effect; users bring these."""

    table = "core.index_reconstitution"
    write = "merge"

    list_id = columns.text("The list, by the index it belongs to", unit="id", key=True)
    effective_on = _day("First session with the new members", key=True)
    symbol = columns.text("Symbol of the share", unit="id", key=True)
    change = columns.word("What becomes of it", "added", "removed")
    isin = columns.text("ISIN, where the announcement gives it", unit="id", nullable=True)
    announced_on = _day("Date of the announcement")
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()

    @dy.rule()
    def is_announced_before(cls) -> pl.Expr:
        """A change is announced before it takes effect."""
        return cls.announced_on.col <= cls.effective_on.col
