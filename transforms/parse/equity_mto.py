"""`MTO_DDMMYYYY.DAT`: shares delivered after a session, before the bars told it as well.

Lines of several kinds: a title, `10,MTO,DDMMYYYY,…` and `Trade Date <…>` with the date, the names
of columns (without that of the series), and rows that begin with 20.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime

import polars as pl

from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.text import blank_as_null, decode, number
from warehouse.tables import EquityDelivery

EXPECTED = "a file of delivery positions"
TITLE = "security wise delivery position"
NAMES = ("symbol", "series", "volume_shares", "delivery_shares")
TRADE_DATE = re.compile(r"Trade Date\s*<\s*(\d{2}-[A-Za-z]{3}-\d{4})\s*>")
CELLS = 7
"""Type, number, symbol, series, traded, delivered, share delivered."""


def _recognise(payload: Payload) -> bool:
    return payload.body[:200].lstrip(b"\xef\xbb\xbf \r\n").lower().startswith(TITLE.encode())


def _read(payload: Payload) -> pl.DataFrame:
    text = decode(payload, EXPECTED)
    if not _recognise(payload):
        raise NotThisLayout(f"{EXPECTED}, with its title", f"{text.strip()[:80]!r}")
    try:
        lines = [
            [cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""))
        ]
    except csv.Error as error:
        raise NotThisLayout(EXPECTED, f"text that is no CSV: {error}") from error
    rows: list[list[str]] = []
    heads: list[list[str]] = []
    for line in lines[1:]:
        if line and line[0] == "20":
            if len(line) != CELLS:
                raise NotThisLayout(
                    f"{CELLS} fields in every row of {EXPECTED}",
                    f"{len(line)} in row {len(rows) + 1}: {','.join(line)[:120]!r}",
                )
            rows.append(line[2:6])
        elif any(line):
            heads.append(line)
    if not rows:
        raise NotThisLayout(f"{EXPECTED} with rows", "none of type 20")
    day = _day(heads, text)
    return pl.DataFrame(
        {
            "row_number": pl.Series(range(1, len(rows) + 1), dtype=pl.Int64),
            "session_date": pl.repeat(day, len(rows), dtype=pl.String, eager=True),
            **{
                name: pl.Series([row[place] for row in rows], dtype=pl.String)
                for place, name in enumerate(NAMES)
            },
        }
    )


def _day(heads: list[list[str]], text: str) -> str:
    """The date that every line with a date agrees on, as 2019-01-15."""
    told = []
    for line in heads:
        if line[:2] == ["10", "MTO"] and len(line) > 2:
            told.append((line[2], "%d%m%Y"))
        elif line[0].startswith("Trade Date"):
            told += [(written, "%d-%b-%Y") for written in TRADE_DATE.findall(text)]
        elif line[0] != "Record Type":
            got = f"{','.join(line)[:80]!r}"
            raise NotThisLayout(f"only rows of type 20 in {EXPECTED}", got, changed=True)
    days = set()
    for written, form in told:
        try:
            days.add(datetime.strptime(written, form).date())  # noqa: DTZ007  a date, no instant
        except ValueError as error:
            raise NotThisLayout(f"{EXPECTED} with its date", f"{written!r}") from error
    if len(days) != 1:
        raise NotThisLayout(f"{EXPECTED} with one date", f"{sorted(map(str, days))}")
    return str(days.pop())


LAYOUT = Layout(
    id="equity_mto",
    table=EquityDelivery,
    recognise=_recognise,
    read=_read,
    typed={
        "session_date": pl.col("session_date").str.to_date("%Y-%m-%d", strict=False),
        **{name: blank_as_null(name) for name in ("symbol", "series")},
        "source_id": pl.lit("nse_delivery_positions"),
        **{
            name: number(name, scale=0).cast(pl.Int64, strict=False)
            for name in ("volume_shares", "delivery_shares")
        },
    },
    is_verified=False,
)
