"""`etf…csv`: exchange-traded funds that traded in a session, a member of the PR set.

It is read for what it says a symbol is; the prices beside stand in the bars. The date stands in
the name of the file.
"""

from __future__ import annotations

import re

import polars as pl

from transforms.parse.layout import Layout, Payload
from transforms.parse.named_session import session_of
from transforms.parse.text import blank_as_null, header_of
from transforms.parse.unquoted import joined, unquoted_frame
from warehouse.tables import FundListing

NAMES = {"SYMBOL": "symbol", "SECURITY": "security_name", "UNDERLYING": "underlying"}
HEADER = (
    *("MARKET", "SERIES", "SYMBOL", "SECURITY", "PREVIOUS CLOSE PRICE", "OPEN PRICE"),
    *("HIGH PRICE", "LOW PRICE", "CLOSE PRICE", "NET TRADED VALUE", "NET TRADED QTY", "TRADES"),
    *("52 WEEK HIGH", "52 WEEK LOW", "UNDERLYING"),
)

NAME_AT, PRICE_AT, UNDERLYING_AT = (
    HEADER.index(name) for name in ("SECURITY", "PREVIOUS CLOSE PRICE", "UNDERLYING")
)


def _mended(row: list[str]) -> list[str]:
    """Where a figure follows the name, the comma is in what the fund follows."""
    is_name_whole = re.fullmatch(r"\s*[\d.]*\s*", row[PRICE_AT]) is not None
    return joined(row, UNDERLYING_AT if is_name_whole else NAME_AT, len(HEADER))


def read(payload: Payload) -> pl.DataFrame:
    """One row a fund, as published."""
    names = [NAMES.get(column) for column in HEADER]
    frame = unquoted_frame(payload, "exchange-traded funds", HEADER, names, _mended)
    day = session_of(payload.name, "etf")
    return frame.with_columns(session_date=pl.lit(day.isoformat()))


LAYOUT = Layout(
    id="fund_list",
    table=FundListing,
    recognise=lambda payload: header_of(payload) == list(HEADER),
    read=read,
    typed={
        "session_date": blank_as_null("session_date").str.to_date("%Y-%m-%d", strict=False),
        "symbol": blank_as_null("symbol"),
        "security_name": blank_as_null("security_name"),
        "underlying": blank_as_null("underlying"),
    },
    is_verified=True,
    # Funds that did not trade are not in it.
    holds_many_dates=True,
)
