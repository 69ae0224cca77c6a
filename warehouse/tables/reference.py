"""What is needed to read the market: members of indices, symbols, the world's rates and prices."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from warehouse.tables import columns
from warehouse.tables.table import Table


class IndexMember(Table):
    """A share that was in a list of index members on the day the list was first seen so.

    The publisher shows the current list alone; a list holds from one snapshot to the next.
    """

    table = "core.index_member"
    write = "merge"

    list_id = columns.text("The list, by the index it belongs to", unit="id", key=True)
    seen_on = columns.described(
        dy.Date, "Date on which this content was first seen", "date", primary_key=True
    )
    isin = columns.text("ISIN", unit="id", key=True)
    symbol = columns.text("Symbol on that day", unit="id")
    company_name = columns.text("Company name on that day", unit="name")
    industry = columns.text("The exchange's industry of the company", unit="name")
    series = columns.text("Series on that day", unit="word")
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()


class SymbolChange(Table):
    """A change of the symbol under which a share trades, as the exchange lists it."""

    table = "core.symbol_change"
    write = "merge"

    old_symbol = columns.text("Symbol before", unit="id", key=True)
    new_symbol = columns.text("Symbol from that date on", unit="id", key=True)
    changed_on = columns.described(
        dy.Date, "First date under the new symbol; it may lie ahead", "date", primary_key=True
    )
    company_name = columns.text(
        "Company name in the list; old debt and fund units have none", unit="name", nullable=True
    )
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()

    @dy.rule()
    def is_a_change(cls) -> pl.Expr:
        """The two symbols differ."""
        return cls.old_symbol.col != cls.new_symbol.col


class MacroObservation(Table):
    """One value of one series from outside the exchange, for the date it speaks of."""

    table = "core.macro_observation"
    write = "merge"

    series_id = columns.text("The series, by its publisher's name", unit="id", key=True)
    frequency = columns.word(
        "How often the series has a value; a monthly mean is no daily value",
        "daily",
        "weekly",
        "monthly",
        key=True,
    )
    observation_date = columns.described(
        dy.Date, "Date the value speaks of", "date", primary_key=True
    )
    source_id = columns.text("The publisher's product the row was read from", unit="id", key=True)
    value = columns.decimal(
        "The value; null where the publisher left that date out", "see dictionary", scale=6
    )
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()
