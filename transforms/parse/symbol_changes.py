"""`symbolchange.csv`: every change of a symbol that the exchange made so far, in no order of dates.

The file is cumulative, and as a rule without a header; names hold commas and are not quoted, so
that a line is read from its right. A change counts from the first session under the new symbol.
Old debt and fund units have no name.
"""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl

from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.text import MAGIC, blank_as_null, decode
from warehouse.tables import SymbolChange

EXPECTED = "the exchange's list of symbol changes"
NAMES = ("company_name", "old_symbol", "new_symbol", "changed_on")
HEADER_END = "SM_APPLICABLE_FROM"
"""The last cell of the header that copies of former years begin with."""
_LINE = re.compile(r"[^\n]*,[^,\n]{1,40},[^,\n]{1,40},\s*\d{2}-[A-Za-z]{3}-\d{4}\s*")


def _first_line(payload: Payload) -> str:
    return payload.body[:4096].lstrip().split(b"\n", 1)[0].decode("latin-1").strip()


def _is_ours(payload: Payload) -> bool:
    first = _first_line(payload)
    return first.endswith(HEADER_END) or _LINE.fullmatch(first) is not None


def _decoded(payload: Payload) -> str:
    """The text; one name in another encoding must not cost every change, symbols are ASCII."""
    try:
        payload.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        if not payload.body.startswith(tuple(MAGIC)):
            payload = replace(payload, body=payload.body.decode("latin-1").encode())
    return decode(payload, EXPECTED)


def _read(payload: Payload) -> pl.DataFrame:
    lines = [line for line in _decoded(payload).split("\n") if line.strip()]
    rows = [[cell.strip() for cell in line.rsplit(",", 3)] for line in lines]
    if rows[0][-1] == HEADER_END:
        rows = rows[1:]
    if not rows:
        raise NotThisLayout(f"{EXPECTED} with rows", "a header and no rows")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(NAMES):
            raise NotThisLayout(
                f"{len(NAMES)} fields or more in every row of {EXPECTED}",
                f"{len(row)} in row {number} of {len(rows)}: {','.join(row)[:120]!r}",
                changed=number == 1,
            )
    return pl.DataFrame(
        {
            "row_number": range(1, len(rows) + 1),
            **{name: [row[place] for row in rows] for place, name in enumerate(NAMES)},
        },
        schema={"row_number": pl.Int64, **dict.fromkeys(NAMES, pl.String)},
    )


LAYOUT = Layout(
    id="symbol_changes",
    table=SymbolChange,
    recognise=_is_ours,
    read=_read,
    typed={
        "old_symbol": blank_as_null("old_symbol"),
        "new_symbol": blank_as_null("new_symbol"),
        "changed_on": blank_as_null("changed_on").str.to_date("%d-%b-%Y", strict=False),
        "company_name": blank_as_null("company_name").str.strip_chars('"'),
    },
    is_verified=True,
    date_column="changed_on",
    # A change stands in the list some days before it is made.
    may_lie_ahead=True,
    holds_many_dates=True,
)
