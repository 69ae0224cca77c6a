"""What institutions bought, sold and hold, by whom it is counted."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from warehouse.tables import columns
from warehouse.tables.table import Table

ASSET_CLASSES = (
    "equity",
    "debt_general",
    "debt_vrr",
    "debt_far",
    "hybrid",
    "mutual_fund",
    "aif",
    "total",
)
"""VRR: voluntary retention route; FAR: fully accessible route; AIF: alternative investment fund."""
# What the exchange has called its categories of client, in lower case and without marks.
_CATEGORY_NAMES: dict[str, str] = {
    "foreign": "fii, fiis, fpi, fpis, fii fpi, fpi fii, "
    "foreign institutional investors, foreign portfolio investors",
    "domestic": "dii, diis, domestic institutional investors",
    "bank": "bnk, bank, banks",
    "financial institution": "dfi, dfis, development financial institutions, "
    "domestic financial institutions, financial institutions",
    "insurance": "ins, insurance, insurance company, insurance companies",
    "mutual fund": "mf, mfs, mutual fund, mutual funds",
    "pension fund": "pf, nps, pension fund, pension funds, provident fund, provident funds, "
    "new pension system, new pension scheme, national pension system",
    "neither": "aif, aifs, alternative investment fund, alternative investment funds, pms, "
    "portfolio management services, pro, pro trades, proprietary, proprietary trades, client, "
    "clients, retail, individual, individuals, hni, nri, nris, nbfc, nbfcs, corporate, corporates, "
    "bodies corporate, huf, qfi, ocb, other, others",
    "total": "total, grand total",
}
CLIENT_CATEGORIES: dict[str, str] = {
    name: kind for kind, names in _CATEGORY_NAMES.items() for name in names.split(", ")
}
"""Name of a category of client to whose money it is; "neither" is no institution of either kind.

The exchange counts as domestic institutions banks, development institutions, insurers, mutual
funds and pension funds; funds for the wealthy (AIF, PMS) are none of them.
"""

ROUNDING_CRORE = 0.011
"""Figures are rounded each for itself, so a paisa of a crore is allowed."""


def _net_is_difference(bought: dy.Column, sold: dy.Column, net: dy.Column) -> pl.Expr:
    return (bought.col - sold.col - net.col).abs() <= pl.lit(ROUNDING_CRORE)


class InstitutionalFlow(Table):
    """What one kind of investor bought and sold in one session, in one scope and stage."""

    table = "core.institutional_flow"
    write = "merge"

    session_date = columns.session_date()
    participant = columns.word("Kind of investor", "FII", "DII", key=True)
    scope = columns.word(
        "Which venues are counted; scopes are never mixed",
        "NSE+BSE+MSEI",
        "NSE",
        "unstated",
        key=True,
    )
    stage = columns.word("Whose count", "provisional", "final", key=True)
    source_id = columns.text("The publisher's product the row was read from", unit="id", key=True)
    buy_crore = columns.decimal("Bought", "Rs crore", scale=2, minimum=0)
    sell_crore = columns.decimal("Sold", "Rs crore", scale=2, minimum=0)
    net_crore = columns.decimal("Bought less sold", "Rs crore", scale=2, nullable=False)
    is_imported = columns.flag("Read from a file a user brought, not from the publisher")
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()

    @dy.rule()
    def net_is_buy_less_sell(cls) -> pl.Expr:
        """The three figures are rounded each for itself, so a paisa of a crore is allowed."""
        return _net_is_difference(cls.buy_crore, cls.sell_crore, cls.net_crore)


class CategoryTurnover(Table):
    """What one category of client bought and sold on the exchange in one session, as told later."""

    table = "core.category_turnover"
    write = "merge"

    session_date = columns.session_date()
    category = columns.text("Category of client, as published", unit="name", key=True)
    source_id = columns.text("The publisher's product the row was read from", unit="id", key=True)
    buy_crore = columns.decimal("Bought", "Rs crore", scale=2, minimum=0)
    sell_crore = columns.decimal("Sold", "Rs crore", scale=2, minimum=0)
    net_crore = columns.decimal("Bought less sold", "Rs crore", scale=2, nullable=False)
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()

    @dy.rule()
    def net_is_buy_less_sell(cls) -> pl.Expr:
        """The three figures are rounded each for itself, so a paisa of a crore is allowed."""
        return _net_is_difference(cls.buy_crore, cls.sell_crore, cls.net_crore)


class DepositoryFlow(Table):
    """What foreign investors bought and sold, as custodians confirmed it to the depository.

    A reporting date holds trades up to the session before it.
    """

    table = "core.depository_flow"
    write = "merge"

    reporting_date = columns.described(
        dy.Date, "Date of the report: trades up to the session before it", "date", primary_key=True
    )
    asset_class = columns.word("What was traded", *ASSET_CLASSES, key=True)
    route = columns.word(
        "How: on an exchange, in the primary market, the kind of scheme, or their sum",
        "stock_exchange",
        "primary_market",
        "equity_schemes",
        "debt_schemes",
        "hybrid_schemes",
        "solution_oriented_schemes",
        "other_schemes",
        "sub_total",
        "total",
        key=True,
    )
    source_id = columns.text("The publisher's product the row was read from", unit="id", key=True)
    purchases_crore = columns.decimal("Gross purchases", "Rs crore", scale=2, minimum=0)
    sales_crore = columns.decimal("Gross sales", "Rs crore", scale=2, minimum=0)
    net_crore = columns.decimal(
        "Purchases less sales, as published", "Rs crore", scale=2, nullable=False
    )
    net_usd_million = columns.decimal("Net investment", "USD million", scale=2)
    inr_per_usd = columns.decimal("Rupees a dollar that the depository used", "INR per USD")
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()


class DepositoryPeriod(Table):
    """Net investment of foreign investors in one month or year, by the depository's own total."""

    table = "core.depository_period"
    write = "merge"

    period = columns.word("Length of the period", "month", "year", key=True)
    period_end = columns.described(dy.Date, "Last date of the period", "date", primary_key=True)
    asset_class = columns.word("What was traded", *ASSET_CLASSES, key=True)
    source_id = columns.text("The publisher's product the row was read from", unit="id", key=True)
    period_start = columns.described(dy.Date, "First date of the period", "date", nullable=False)
    net_crore = columns.decimal("Bought less sold", "Rs crore", scale=2, nullable=False)
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()


class SectorFlow(Table):
    """Net investment of foreign investors in one sector in one fortnight, primary market included.

    The only source of foreign flows by sector; it does not add up to the exchange's figures.
    """

    table = "core.sector_flow"
    write = "merge"

    fortnight_end = columns.described(
        dy.Date, "Last date of the fortnight: the 15th or a month's end", "date", primary_key=True
    )
    sector = columns.text("Sector, as the depository names it", unit="name", key=True)
    asset_class = columns.word("What was traded", "equity", "debt", "total", key=True)
    source_id = columns.text("The publisher's product the row was read from", unit="id", key=True)
    net_crore = columns.decimal("Bought less sold in the fortnight", "Rs crore", scale=2)
    assets_crore = columns.decimal(
        "Assets under custody at the fortnight's end", "Rs crore", scale=2, minimum=0
    )
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()


class ParticipantContracts(Table):
    """Contracts one kind of participant holds, or traded, in equity derivatives in one session."""

    table = "core.participant_contracts"
    write = "merge"

    session_date = columns.session_date()
    participant = columns.word(
        "Kind of participant; Pro trades for its own account",
        "Client",
        "DII",
        "FII",
        "Pro",
        "TOTAL",
        key=True,
    )
    measure = columns.word("What is counted", "open_interest", "volume", key=True)
    source_id = columns.text("The publisher's product the row was read from", unit="id", key=True)
    future_index_long_contracts = columns.count("Index futures, long", "contracts")
    future_index_short_contracts = columns.count("Index futures, short", "contracts")
    future_stock_long_contracts = columns.count("Stock futures, long", "contracts")
    future_stock_short_contracts = columns.count("Stock futures, short", "contracts")
    option_index_call_long_contracts = columns.count("Index calls, long", "contracts")
    option_index_put_long_contracts = columns.count("Index puts, long", "contracts")
    option_index_call_short_contracts = columns.count("Index calls, short", "contracts")
    option_index_put_short_contracts = columns.count("Index puts, short", "contracts")
    option_stock_call_long_contracts = columns.count("Stock calls, long", "contracts")
    option_stock_put_long_contracts = columns.count("Stock puts, long", "contracts")
    option_stock_call_short_contracts = columns.count("Stock calls, short", "contracts")
    option_stock_put_short_contracts = columns.count("Stock puts, short", "contracts")
    total_long_contracts = columns.count("All long contracts, as published", "contracts")
    total_short_contracts = columns.count("All short contracts, as published", "contracts")
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()

    @dy.rule()
    def no_count_is_negative(cls) -> pl.Expr:
        """Contracts are counted, so none is below nought."""
        return pl.min_horizontal(pl.col("^.*_contracts$")) >= 0
