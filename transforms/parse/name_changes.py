"""`namechange.csv`: every change of a company's name that the exchange lists.

The file is cumulative, and its heading has blanks. A row says under which symbol the company is
listed today, not on the day of the change. Where a name holds a comma that nobody quoted, no one
can say where the old name ends: such a row is told and kept aside.
"""

from __future__ import annotations

import polars as pl

from transforms.parse.layout import Layout, Payload
from transforms.parse.text import blank_as_null, header_of
from transforms.parse.unquoted import unquoted_frame
from warehouse.tables import NameChange

COLUMNS = {
    "NCH_SYMBOL": "symbol",
    "NCH_PREV_NAME": "old_name",
    "NCH_NEW_NAME": "new_name",
    "NCH_DT": "changed_on",
}
HEADER = tuple(COLUMNS)


def _torn(row: list[str]) -> list[str]:
    """Both names in the cell of the old one: a row that lacks the new one cannot be loaded."""
    return [row[0], ",".join(row[1:-1]), "", row[-1]]


def _read(payload: Payload) -> pl.DataFrame:
    expected = "the exchange's list of name changes"
    return unquoted_frame(payload, expected, HEADER, list(COLUMNS.values()), _torn)


LAYOUT = Layout(
    id="name_changes",
    table=NameChange,
    recognise=lambda payload: header_of(payload) == list(HEADER),
    read=_read,
    typed={
        **{name: blank_as_null(name) for name in ("symbol", "old_name", "new_name")},
        "changed_on": blank_as_null("changed_on").str.to_date("%d-%b-%Y", strict=False),
    },
    is_verified=False,
    date_column="changed_on",
    # A change stands in the list some days before it is made.
    may_lie_ahead=True,
    holds_many_dates=True,
)
"""Its heading and dates are known from several who read it; no genuine copy was at hand."""
