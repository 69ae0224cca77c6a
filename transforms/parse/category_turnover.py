"""`cat_turnover_DDMMYY.xls`: what each category of client bought and sold on the exchange.

The workbook prints dates in more than one form; where day and month of one could be swapped, the
date in the file's name decides. The block of what the depository reported is another publisher's
figure and is left out. Sheets until 2023 say "in Rs." above figures in Rs crore.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import polars as pl

from transforms.parse.excel97 import SIGNATURE, Value, first_sheet
from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.text import blank_as_null, number
from warehouse.tables import CategoryTurnover

EXPECTED = "the exchange's workbook of turnover by category of client"
ANOTHERS = re.compile(r"reported by NSDL", re.IGNORECASE)
NAMED = re.compile(r"cat_turnover_(\d{6})(?!\d)", re.IGNORECASE)
STATED = "session_date"
"""What the person who brings a file may say of it: its date, 2026-08-28."""
FORMS = ("%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%m-%d-%Y", "%m/%d/%y", "%d/%m/%y")
SURE_FORMS = (
    *("%d-%b-%y", "%d-%b-%Y", "%d %b %y", "%d %b %Y", "%d %B %Y"),
    *("%b %d, %Y", "%Y-%m-%d"),
)
MOST_CRORE = 200_000
"""More than all clients bought in any session while headings said no more than "Rs.", Rs crore.

In rupees a single category is more than this, in lakh all of them on any but the shortest evening:
so what stays below is crore.
"""
Cells = Sequence[Value]


def _recognise(payload: Payload) -> bool:
    # Excel keeps words in Latin letters, or in two bytes each.
    words = ("Trade Date", "Trade Date".encode("utf-16-le").decode("latin-1"))
    return payload.body.startswith(SIGNATURE) and any(
        word.encode("latin-1") in payload.body for word in words
    )


def _read(payload: Payload) -> pl.DataFrame:
    sheet = first_sheet(payload, EXPECTED)
    start = next((n for n, row in enumerate(sheet) if _is_header(row)), None)
    if start is None:
        told = [[_text(cell) for cell in row] for row in sheet[:3]]
        raise NotThisLayout(
            f"{EXPECTED} with a heading `Trade Date`", f"rows that begin {told}"[:400], changed=True
        )
    header = [_text(cell) for cell in sheet[start]]
    _check_header(header)
    meant = _meant(payload)
    rows = []
    for cells in sheet[start + 1 :]:
        texts = [_text(cell) for cell in cells]
        if not any(texts):
            continue
        if ANOTHERS.search(" ".join(texts)) or texts[0].lower().startswith("note"):
            break
        if len(texts) < 4 or not all(texts[:2]):
            raise NotThisLayout(
                f"date, category, bought and sold in every row of {EXPECTED}", f"{texts}"
            )
        rows.append(
            {
                "session_date": _day(cells[0], meant),
                "category": texts[1],
                "buy_crore": texts[2],
                "sell_crore": texts[3],
                "net_crore": texts[4] if len(texts) > 4 else "",
            }
        )
    if not rows:
        raise NotThisLayout(f"{EXPECTED} with rows", "a heading and no rows")
    read = pl.DataFrame(rows, orient="row").with_columns(
        row_number=pl.int_range(1, len(rows) + 1, dtype=pl.Int64)
    )
    if not any("crore" in word.lower() for word in header):
        _check_unit(read)
    return read


def _is_header(row: Cells) -> bool:
    return len(row) > 1 and _text(row[0]).lower() == "trade date"


def _check_header(header: Sequence[str]) -> None:
    """Hold the headings against those known; a column of nets may follow them."""
    words = [re.sub(r"[^a-z]", "", text.lower()) for text in header]
    known = (
        words[1] in {"category", "clientcategories", "clientcategory"},
        len(words) > 3
        and (words[2], words[3])
        in {(f"buyvaluein{unit}", f"sellvaluein{unit}") for unit in ("rs", "rscrores", "rscrore")},
        # Older workbooks print the net under no heading.
        all(
            word == "" or (n == 4 and word.startswith("net"))
            for n, word in enumerate(words)
            if n > 3
        ),
    )
    if not all(known):
        raise NotThisLayout(
            "columns Trade Date, Category or Client Categories, Buy and Sell Value in Rs. or "
            "Rs.Crores",
            f"{list(header)}",
            changed=True,
        )


def _check_unit(rows: pl.DataFrame) -> None:
    """Hold figures that are only said to be rupees against what can be crore alone."""
    most = rows.select(pl.max_horizontal(number("buy_crore").sum(), number("sell_crore").sum()))
    told = most.item()
    if told is not None and told > MOST_CRORE:
        raise NotThisLayout(
            f"figures in Rs crore under `Value in Rs.`, at most {MOST_CRORE} together",
            f"{told:f} together, which would be another unit",
            changed=True,
        )


def _text(cell: Value) -> str:
    """A cell as it was written; a number without what binary arithmetic adds to it."""
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return f"{Decimal(f'{cell:.15g}'):f}"
    return " ".join(str(cell).split())


def _meant(payload: Payload) -> date | None:
    """The date a file should speak of, by its name or by who brought it."""
    if stated := payload.stated.get(STATED):
        return _parsed(stated, "%Y-%m-%d")
    if named := NAMED.search(payload.name):
        return _parsed(named[1], "%d%m%y")
    return None


def _day(cell: Value, meant: date | None) -> str:
    """A trade date, as 2026-08-28; as published where it is none."""
    text = _text(cell)
    sure = next((day for form in SURE_FORMS if (day := _parsed(text, form))), None)
    if sure:
        return sure.isoformat()
    days = {day for form in FORMS if (day := _parsed(text, form))}
    if len(days) > 1 and meant in days:
        days = {meant}
    if len(days) > 1:
        raise NotThisLayout(
            "a trade date whose day and month cannot be swapped, or a file named after its date "
            "(cat_turnover_DDMMYY.xls)",
            f"{text!r}, which is {' or '.join(day.isoformat() for day in sorted(days))}",
        )
    return days.pop().isoformat() if days else text


def _parsed(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007  a date, of no zone
    except ValueError:
        return None


LAYOUT = Layout(
    id="category_turnover",
    table=CategoryTurnover,
    recognise=_recognise,
    read=_read,
    typed={
        "session_date": blank_as_null("session_date").str.to_date("%Y-%m-%d", strict=False),
        "category": blank_as_null("category"),
        "source_id": pl.lit("nse_category_turnover"),
        **{
            name: number(name).cast(pl.Decimal(18, 2), strict=False)
            for name in ("buy_crore", "sell_crore")
        },
        "net_crore": pl.when(blank_as_null("net_crore").is_null())
        .then(number("buy_crore") - number("sell_crore"))
        .otherwise(number("net_crore"))
        .cast(pl.Decimal(18, 2), strict=False),
    },
    is_verified=False,
)
"""Written from what public programs and their tests say of the workbook; none was read here."""
