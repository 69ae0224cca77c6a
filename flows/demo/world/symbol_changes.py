"""Changes of symbols in the simulated market, and of some shares that are long gone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flows.demo.world.companies import Company

Change = tuple[str, str, str, date]
"""Company, old symbol, new symbol, first date under the new one."""

LONG_AGO: tuple[Change, ...] = (
    (" Simulated MF - Plan, C - GO", "QSIMCGO", "QNEWCGO", date(2010, 10, 29)),
    ("", "650QLTF20", "665QLTF20", date(2011, 2, 21)),
    # Later another company listed under the symbol that this one gave up.
    ("Formerly Oldname (Simulated) Limited", "QBEFORE", "QOLDNAME", date(2006, 3, 15)),
    ("Formerly Oldname (Simulated) Limited", "QOLDNAME", "QGONE", date(2009, 7, 6)),
)
"""A fund with commas in its name, a debt unit without one, and a symbol that was given up."""


def symbol_changes(companies: Iterable[Company]) -> list[Change]:
    """Every change, by company name as the exchange sorts them."""
    made = [
        (company.name, company.former_symbol, company.symbol, company.symbol_since)
        for company in companies
        if company.former_symbol and company.symbol_since
    ]
    return sorted([*LONG_AGO, *made])
