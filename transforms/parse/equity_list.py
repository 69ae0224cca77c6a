"""`EQUITY_L.csv`: every share the exchange lists on its main board, as of the day it is had.

Its heading has blanks. A company may have a comma in its name, which nobody quotes.
"""

from __future__ import annotations

import polars as pl

from transforms.parse.layout import Layout, Payload
from transforms.parse.text import blank_as_null, header_of, number
from transforms.parse.unquoted import joined, unquoted_frame
from warehouse.tables import EquityListing

COLUMNS = {
    "SYMBOL": "symbol",
    "NAME OF COMPANY": "company_name",
    "SERIES": "series",
    "DATE OF LISTING": "listed_on",
    "PAID UP VALUE": "paid_up_inr",
    "MARKET LOT": None,
    "ISIN NUMBER": "isin",
    "FACE VALUE": "face_value_inr",
}
HEADER = tuple(COLUMNS)
NAME_AT = HEADER.index("NAME OF COMPANY")


def _read(payload: Payload) -> pl.DataFrame:
    return unquoted_frame(
        payload,
        "the exchange's list of shares",
        HEADER,
        list(COLUMNS.values()),
        lambda row: joined(row, NAME_AT, len(HEADER)),
    )


LAYOUT = Layout(
    id="equity_list",
    table=EquityListing,
    recognise=lambda payload: header_of(payload) == list(HEADER),
    read=_read,
    typed={
        **{name: blank_as_null(name) for name in ("symbol", "company_name", "series")},
        "isin": pl.when(pl.col("isin").str.contains(r"^IN[A-Z0-9]{9}[0-9]$")).then("isin"),
        "listed_on": blank_as_null("listed_on").str.to_date("%d-%b-%Y", strict=False),
        "paid_up_inr": number("paid_up_inr"),
        "face_value_inr": number("face_value_inr"),
    },
    is_verified=True,
    date_column="listed_on",
    # A share stands in the list some days before it trades.
    may_lie_ahead=True,
    holds_many_dates=True,
)
