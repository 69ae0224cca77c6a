"""Hand-invented bars, lists and changes, as core tables hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from transforms.instrument_spans import instrument_spans
from transforms.instruments import Instruments, instruments
from warehouse.tables import Filing, IndexMember, SymbolChange
from warehouse.tables.instruments import InstrumentName
from warehouse.tables.shares import EquityListing, FundListing, IndexReconstitution, NameChange
from warehouse.tables.table import Table, schema

Held = tuple[str, str, str, date, date]
"""Symbol, series, ISIN ("" where the product has none), first and last session."""


def rows(table: type[Table], told: Iterable[dict[str, object]]) -> pl.DataFrame:
    """Rows of a table of which only some columns are told; the others are null."""
    types = schema(table)
    listed = list(told)
    return pl.DataFrame(
        {
            name: pl.Series([one.get(name) for one in listed], dtype=dtype)
            for name, dtype in types.items()
        }
    )


def bars(*spans: Held, name: str | None = None) -> pl.DataFrame:
    """A bar on every weekday of each span."""
    told = pl.DataFrame(
        spans,
        schema={
            "symbol": pl.String,
            "series": pl.String,
            "isin": pl.String,
            "first": pl.Date,
            "last": pl.Date,
        },
        orient="row",
    )
    return (
        told.select(
            "symbol",
            "series",
            isin=pl.when(pl.col("isin") != "").then("isin"),
            session_date=pl.date_ranges("first", "last"),
            security_name=pl.lit(name, dtype=pl.String),
        )
        .explode("session_date", empty_as_null=False)
        .filter(pl.col("session_date").dt.weekday() < 6)
    )


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def changes(*told: tuple[str, str, date]) -> pl.DataFrame:
    """core.symbol_change of old symbol, new symbol, first date under the new one."""
    return rows(
        SymbolChange,
        ({"old_symbol": old, "new_symbol": new, "changed_on": on} for old, new, on in told),
    )


def listings(*told: tuple[str, str, date, date]) -> pl.DataFrame:
    """core.equity_listing of symbol, ISIN, date of listing, date of the list."""
    return rows(
        EquityListing,
        (
            {
                "symbol": symbol,
                "isin": isin,
                "listed_on": listed_on,
                "published_at": _noon(on),
                "company_name": f"{symbol.title()} Limited",
            }
            for symbol, isin, listed_on, on in told
        ),
    )


def members(*told: tuple[str, date, str, str, str]) -> pl.DataFrame:
    """core.index_member of list, date first seen, symbol, ISIN, industry."""
    return rows(
        IndexMember,
        (
            {
                "list_id": list_id,
                "seen_on": on,
                "symbol": symbol,
                "isin": isin,
                "industry": industry,
                "company_name": f"{symbol.title()} Ltd.",
            }
            for list_id, on, symbol, isin, industry in told
        ),
    )


def announced(*told: tuple[str, date, str, str, str | None]) -> pl.DataFrame:
    """core.index_reconstitution of list, effective date, symbol, change, ISIN."""
    return rows(
        IndexReconstitution,
        (
            {
                "list_id": list_id,
                "effective_on": on,
                "symbol": symbol,
                "change": change,
                "isin": isin,
                "announced_on": on - timedelta(days=30),
            }
            for list_id, on, symbol, change, isin in told
        ),
    )


def filings(*told: tuple[str, str, date]) -> pl.DataFrame:
    """core.filing of symbol as listed today, ISIN, date of the broadcast."""
    return rows(
        Filing,
        ({"symbol": symbol, "isin": isin, "broadcast_at": _noon(on)} for symbol, isin, on in told),
    )


def funds(*symbols: str) -> pl.DataFrame:
    """core.fund_listing."""
    return rows(FundListing, ({"symbol": one, "security_name": one} for one in symbols))


def name_changes(*told: tuple[str, str, date]) -> pl.DataFrame:
    """core.name_change of symbol, new name, first date under it."""
    return rows(
        NameChange,
        (
            {"symbol": symbol, "old_name": "Before Ltd.", "new_name": name, "changed_on": on}
            for symbol, name, on in told
        ),
    )


def names(*told: tuple[str, str, str, str, date, date]) -> pl.DataFrame:
    """core.instrument_name of symbol, series, ISIN, instrument, first and last session."""
    return rows(
        InstrumentName,
        (dict(zip(schema(InstrumentName), one, strict=True)) for one in told),
    )


def known(
    traded: pl.DataFrame,
    *,
    changed: pl.DataFrame | None = None,
    listed: pl.DataFrame | None = None,
    in_lists: pl.DataFrame | None = None,
    filed: pl.DataFrame | None = None,
    fund_symbols: Sequence[str] = (),
    renamed: pl.DataFrame | None = None,
) -> Instruments:
    """What `instruments` makes of bars and whatever else is told."""
    return instruments(
        instrument_spans(traded),
        symbol_changes=changes() if changed is None else changed,
        name_changes=name_changes() if renamed is None else renamed,
        listings=listings() if listed is None else listed,
        funds=funds(*fund_symbols),
        members=members() if in_lists is None else in_lists,
        filings=filings() if filed is None else filed,
    )
