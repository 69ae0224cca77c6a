"""`mcap…csv`: what each listed security is worth, a member of the PR set.

Blanks stand behind headings and cells. The last three rows are no securities: they sum up the
listed and the permitted ones, and both. A security may come twice, listed and permitted: as listed
it stays, the other row is told as a repeat.
"""

from __future__ import annotations

import polars as pl

from transforms.parse.layout import Layout, Payload
from transforms.parse.text import blank_as_null, header_of, number
from transforms.parse.unquoted import joined, unquoted_frame
from warehouse.tables import MarketCap

COLUMNS = {
    "Trade Date": "session_date",
    "Symbol": "symbol",
    "Series": "series",
    "Security Name": "security_name",
    "Category": "category",
    "Last Trade Date": "last_trade_date",
    "Face Value(Rs.)": "face_value_inr",
    "Issue Size": "issued_shares",
    "Close Price/Paid up value(Rs.)": "close",
    "Market Cap(Rs.)": "market_cap_inr",
}
HEADER = tuple(COLUMNS)
NAME_AT = HEADER.index("Security Name")
SUMMED_UP = ("Listed", "Permitted", "Total")
"""What stands for a symbol in rows that sum up others; TOTAL alone is a symbol too."""
NEVER_TRADED = "Not Traded"


def read(payload: Payload) -> pl.DataFrame:
    """One row a security, as published."""
    frame = unquoted_frame(
        payload,
        "market capitalisations",
        HEADER,
        list(COLUMNS.values()),
        lambda row: joined(row, NAME_AT, len(HEADER)),
    )
    is_sum = pl.col("symbol").is_in(SUMMED_UP) & (pl.col("series") == "")
    return frame.filter(~is_sum).with_columns(
        # Words that say there is no date; anything else that is no date is told.
        last_trade_date=pl.when(pl.col("last_trade_date") != NEVER_TRADED)
        .then("last_trade_date")
        .otherwise(pl.lit(""))
    )


def _day(name: str) -> pl.Expr:
    return blank_as_null(name).str.to_date("%d %b %Y", strict=False)


LAYOUT = Layout(
    id="market_cap",
    table=MarketCap,
    recognise=lambda payload: header_of(payload) == list(HEADER),
    read=read,
    typed={
        "session_date": _day("session_date"),
        "symbol": blank_as_null("symbol"),
        "series": blank_as_null("series"),
        "source_id": pl.lit("nse_pr_set"),
        "security_name": blank_as_null("security_name"),
        # Of a security listed and permitted: "Listed" is the first by the alphabet.
        "category": blank_as_null("category")
        .min()
        .over("file_id", "session_date", "symbol", "series"),
        "last_trade_date": _day("last_trade_date"),
        "face_value_inr": number("face_value_inr"),
        "issued_shares": blank_as_null("issued_shares").cast(pl.Int64, strict=False),
        "close": number("close"),
        "market_cap_inr": number("market_cap_inr", precision=24, scale=2),
    },
    is_verified=True,
)
