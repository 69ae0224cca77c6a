"""What follows from the published rows about shares: what each is, and how its prices chain."""

from __future__ import annotations

import dataframely as dy

from warehouse.tables import columns
from warehouse.tables.table import Table

INSTRUMENT_KINDS = (
    "share",
    "sme share",
    "partly paid share",
    "differential share",
    "rights entitlement",
    "fund",
    "reit",
    "invit",
    "preference share",
    "warrant",
    "debt",
    "test",
    "unknown",
)
ACTION_KINDS = (
    "split",
    "consolidation",
    "bonus",
    "rights",
    "demerger",
    "special dividend",
    "jump",
)
ADJUSTMENT_BASES = ("declared", "opening price", "inferred", "quarantined")
MEMBER_BASES = ("seen", "announced", "first list")


def _day(description: str, *, key: bool = False, nullable: bool = False) -> dy.Column:
    return columns.described(dy.Date, description, "date", primary_key=key, nullable=nullable)


def instrument_id(*, key: bool = True) -> dy.Column:
    """One security through all its symbols, names, ISINs and series."""
    return columns.text("The security, see core.instrument", unit="id", key=key)


class SecuritySpan(Table):
    """A stretch over which a symbol traded in one series under one ISIN, as published."""

    table = "core.security_span"

    symbol = columns.text("Symbol as published", unit="id", key=True)
    series = columns.text("Series as published", unit="word", key=True)
    isin = columns.text(
        "ISIN as published; empty where the product gives none", unit="id", key=True
    )
    first_session = _day("First session of the stretch", key=True)
    last_session = _day("Last session of the stretch")
    security_name = columns.text("Name as last published, if any", unit="name", nullable=True)


class Instrument(Table):
    """One security through all its symbols, series and ISINs, and what kind it is."""

    table = "core.instrument"

    instrument_id = columns.text(
        "The issuer in its ISIN for ordinary shares (INE326B), the whole ISIN of others, else the "
        "symbol first seen",
        unit="id",
        key=True,
    )
    kind = columns.word("What it is", *INSTRUMENT_KINDS)
    kind_basis = columns.text("What says so: ISIN, series, a list, or its name")
    symbol = columns.text("Symbol as last seen", unit="id")
    isin = columns.text("ISIN as last seen", unit="id", nullable=True)
    title = columns.text("Name as last seen", unit="name", nullable=True)
    listed_on = _day("Date of listing, where the exchange's list gives it", nullable=True)
    first_session = _day("First session traded")
    last_session = _day("Last session traded")


class InstrumentName(Table):
    """A symbol, series and ISIN under which a security traded, and from when to when."""

    table = "core.instrument_name"

    symbol = columns.text("Symbol as published", unit="id", key=True)
    series = columns.text("Series as published", unit="word", key=True)
    isin = columns.text(
        "ISIN as published; empty where the product gives none", unit="id", key=True
    )
    instrument_id = instrument_id()
    first_session = _day("First session under this name", key=True)
    last_session = _day("Last session under this name")


class PriceAdjustment(Table):
    """A corporate action or jump, and the factors by which prices and volumes chain across it."""

    table = "core.price_adjustment"

    instrument_id = instrument_id()
    session_date = columns.session_date()
    kind = columns.word("What was done; jump: not known", *ACTION_KINDS, key=True)
    terms = columns.text("The terms: 10:2, 1:1, 1:5 at 150 …", key=True)
    basis = columns.word(
        "How the factor is known: from the exchange's words, from the first price after a "
        "demerger, from the jump alone; quarantined: not known, the share leaves breadth",
        *ADJUSTMENT_BASES,
    )
    price_factor = columns.number(
        "Chained prices from this session on are published prices times this and all before; "
        "null where it is not known",
        "ratio",
    )
    volume_factor = columns.number(
        "Chained volumes are published volumes over this and all before", "ratio"
    )
    ex_date = _day("Date announced; the session is the first traded from then on", nullable=True)
    previous_close = columns.number("Last close before, as published", "rupees")
    open = columns.number("First price of the session", "rupees")
    close = columns.number("Close of the session", "rupees")
    evidence = columns.text("The exchange's words, or what was compared")


class IndexMembership(Table):
    """A security that belongs to a universe, from one session to another."""

    table = "core.index_membership"

    universe = columns.text(
        'An index ("nifty-smallcap-250"), an industry ("industry:Chemicals") or a tier by size '
        '("tier:large")',
        unit="id",
        key=True,
    )
    universe_kind = columns.word("Kind of universe", "index", "sector", "tier")
    universe_title = columns.text("What people call it", unit="name")
    instrument_id = instrument_id()
    valid_from = _day("First date inside", key=True)
    valid_to = _day("First date outside; 9999-12-31: still inside")
    basis = columns.word(
        "How it is known: seen in a list, announced beforehand, or taken from the first list there "
        "is for the days before it",
        *MEMBER_BASES,
    )
    is_survivorship_biased = columns.flag("The list was first seen after these days")
