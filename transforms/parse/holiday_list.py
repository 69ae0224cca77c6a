"""`holiday-master`: the exchange's trading holidays of the current year; CM is equities."""

from __future__ import annotations

import polars as pl

from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.text import blank_as_null, json_value
from warehouse.tables import ListedHoliday

SEGMENT = "CM"


def _read(payload: Payload) -> pl.DataFrame:
    expected = "the exchange's list of trading holidays"
    document = json_value(payload, expected)
    rows = document.get(SEGMENT) if isinstance(document, dict) else None
    if not isinstance(rows, list) or not rows:
        got = sorted(document) if isinstance(document, dict) else type(document).__name__
        raise NotThisLayout(f"{expected} with segment {SEGMENT}", f"{got}", changed=True)
    for row in rows:
        if not isinstance(row, dict) or not {"tradingDate", "description"} <= set(row):
            got = sorted(row) if isinstance(row, dict) else type(row).__name__
            raise NotThisLayout("tradingDate and description", f"{got}", changed=True)
    return pl.DataFrame(
        {
            "row_number": range(1, len(rows) + 1),
            "session_date": [str(row["tradingDate"]) for row in rows],
            "description": [str(row["description"]) for row in rows],
        },
        schema_overrides={"row_number": pl.Int64},
    )


LAYOUT = Layout(
    id="holiday_list",
    table=ListedHoliday,
    recognise=lambda payload: (
        b'"tradingDate"' in payload.body[:2000] and payload.body.lstrip()[:1] == b"{"
    ),
    read=_read,
    typed={
        "session_date": blank_as_null("session_date").str.to_date("%d-%b-%Y", strict=False),
        "description": blank_as_null("description"),
    },
    is_verified=True,
    may_lie_ahead=True,
)
