"""Announced changes of an index's members, as a user writes them from the press release.

`list_id,symbol,isin,change,announced_on,effective_on`: the list as in `core.index_member`, change
`added` or `removed`, ISO dates; effective_on is the first session with the new members. The ISIN
may be left blank.
"""

from __future__ import annotations

import polars as pl

from transforms.parse.index_members import LISTS, SECTOR_LISTS
from transforms.parse.layout import Layout, Payload
from transforms.parse.text import blank_as_null, csv_frame, header_of
from warehouse.tables import IndexReconstitution

HEADER = ("list_id", "symbol", "isin", "change", "announced_on", "effective_on")
KNOWN_LISTS = tuple({**LISTS, **SECTOR_LISTS}.values())
CHANGES = ("added", "removed")


def _read(payload: Payload) -> pl.DataFrame:
    return csv_frame(payload, "announced changes of an index", HEADER, HEADER)


def _one_of(name: str, words: tuple[str, ...]) -> pl.Expr:
    cell = blank_as_null(name).str.to_lowercase()
    return pl.when(cell.is_in(words)).then(cell)


LAYOUT = Layout(
    id="reconstitutions_csv",
    table=IndexReconstitution,
    recognise=lambda payload: header_of(payload) == list(HEADER),
    read=_read,
    typed={
        "list_id": _one_of("list_id", KNOWN_LISTS),
        "symbol": blank_as_null("symbol").str.to_uppercase(),
        "isin": pl.when(pl.col("isin").str.contains(r"^IN[A-Z0-9]{9}[0-9]$")).then("isin"),
        "change": _one_of("change", CHANGES),
        **{
            name: blank_as_null(name).str.to_date("%Y-%m-%d", strict=False)
            for name in ("announced_on", "effective_on")
        },
    },
    is_verified=True,
    date_column="announced_on",
    holds_many_dates=True,
)
"""The form is ours, so there is nothing of a publisher's to verify."""
