"""`hl…csv`: new 52-week highs and lows, a member of the PR set.

The exchange adjusts neither for splits, bonuses or rights. A security is given by its name alone,
cut short; the date stands in the name of the file. A previous extreme of zero is none.
"""

from __future__ import annotations

import polars as pl

from transforms.parse.layout import Layout, Payload
from transforms.parse.named_session import session_of
from transforms.parse.text import blank_as_null, header_of, number, zero_as_blank
from transforms.parse.unquoted import joined, unquoted_frame
from warehouse.tables import PublishedExtreme

COLUMNS = {
    "SECURITY": "security_name",
    "NEW": "new_price",
    "PREVIOUS": "previous_price",
    "NEW_STATUS": "extreme",
}
HEADER = tuple(COLUMNS)
NAME_AT = HEADER.index("SECURITY")
EXTREMES = {"H": "high", "L": "low"}


def read(payload: Payload) -> pl.DataFrame:
    """One row a security and extreme, as published."""
    frame = unquoted_frame(
        payload,
        "new highs and lows",
        HEADER,
        list(COLUMNS.values()),
        lambda row: joined(row, NAME_AT, len(HEADER)),
    )
    day = session_of(payload.name, "hl")
    return frame.with_columns(
        *zero_as_blank("previous_price"), session_date=pl.lit(day.isoformat())
    )


LAYOUT = Layout(
    id="published_extremes",
    table=PublishedExtreme,
    recognise=lambda payload: header_of(payload) == list(HEADER),
    read=read,
    typed={
        "session_date": blank_as_null("session_date").str.to_date("%Y-%m-%d", strict=False),
        "security_name": blank_as_null("security_name"),
        "extreme": blank_as_null("extreme").replace_strict(
            EXTREMES, default=None, return_dtype=pl.String
        ),
        "source_id": pl.lit("nse_pr_set"),
        "new_price": number("new_price"),
        "previous_price": number("previous_price"),
    },
    is_verified=True,
    # As many rows as the market gives cause for: a short list is not a cut one.
    holds_many_dates=True,
)
