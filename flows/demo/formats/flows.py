"""Writers of the exchange's files on who trades: participants in derivatives, client categories.

Compared with genuine rows: header, padding and rows of the participants' files. *Unverified*: their
title row (quoted by public readers of it, one of whom trimmed a real file) and their line ends; the
whole workbook of client categories. Public readers of that workbook tell of two sheets: until 2023
the headings in the third row, "in Rs." though the figures are crore (one adds them to another
exchange's crore), below them BNK, DFI, PRO-TRADES and OTHERS; since 2024 a first sheet "Daily" with
headings in the second row, five kinds of domestic money, and the depository's block.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import xlwt  # type: ignore[import-untyped]

PARTICIPANT_HEADER = (
    "Client Type,Future Index Long,Future Index Short,Future Stock Long,Future Stock Short       ,"
    "Option Index Call Long,Option Index Put Long,Option Index Call Short,Option Index Put Short,"
    "Option Stock Call Long,Option Stock Put Long,Option Stock Call Short,Option Stock Put Short,"
    "Total Long Contracts      ,Total Short Contracts"
)
TITLES = {"open_interest": "Open Interest", "volume": "Trading Volume"}
# Older titles run the year into the comma; the day of the change is invented.
SPACED_TITLE_FROM = date(2022, 1, 1)


def participant_csv(
    day: date,
    measure: Literal["open_interest", "volume"],
    rows: Sequence[tuple[str, Sequence[int]]],
) -> bytes:
    """Contracts by participant.

    Args:
        day: the session.
        measure: which of the two files.
        rows: participant and fourteen counts in the header's order, the row TOTAL last. A genuine
            row's totals may be one off what its counts add up to.
    """
    on = f"{day:%b %d, %Y}" if day >= SPACED_TITLE_FROM else f"{day:%b %d,%Y}"
    title = (
        f"Participant wise {TITLES[measure]} (no. of contracts) in Equity Derivatives as on {on}"
    )
    lines = [f'""{title}""' + "," * PARTICIPANT_HEADER.count(","), PARTICIPANT_HEADER]
    lines += [",".join(map(str, (name, *counts))) for name, counts in rows]
    return ("\n".join(lines) + "\n").encode()


NEW_SHEET_FROM = date(2024, 1, 1)
"""From here on institutions by kind, Rs crore by name, and the depository's block."""
DateStyle = Literal["text short", "text spaced", "cell", "text american"]
# All four are told of genuine sheets; the days of change are invented.
DATE_STYLES: Mapping[date, DateStyle] = {
    date(2026, 1, 1): "text american",
    date(2025, 1, 1): "text short",
    date(2024, 7, 1): "cell",
    NEW_SHEET_FROM: "text spaced",
}


def date_style(day: date) -> DateStyle:
    """How the workbook of a session writes its dates: it has changed over the years."""
    return next((style for first, style in DATE_STYLES.items() if day >= first), "text short")


def category_turnover_xls(
    day: date,
    categories: Sequence[tuple[str, float, float]],
    fpi: tuple[float, float],
    reported_on: date,
) -> bytes:
    """The workbook of one session: what each category of client bought and sold, Rs crore.

    Args:
        day: the session.
        categories: name, bought, sold.
        fpi: what foreign investors bought and sold, as the depository reported it; the sheets
            before `NEW_SHEET_FROM` do not have it.
        reported_on: the depository's reporting date.
    """
    is_new = day >= NEW_SHEET_FROM
    named = ("Client Categories", "Crores") if is_new else ("Category", "")
    header = ("Trade Date", named[0], *(f"{side} Value in Rs.{named[1]}" for side in SIDES))
    rows: list[tuple[object, ...]] = [
        (f"Category-wise turnover for {day:%d-%m-%Y}",),
        *(() if is_new else ((),)),
        header,
        *((day, *category) for category in categories),
    ]
    if is_new:
        rows += [
            (f"FPI Data as reported by NSDL on {reported_on:%d-%m-%Y}",),
            header,
            (day, "FPI", *fpi),
        ]
    rows += [(), ("Note : The above data is SIMULATED",)]
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Daily" if is_new else "Sheet1")
    style = date_style(day)
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, date):
                _write_date(sheet, row, column, cell, style)
            else:
                sheet.write(row, column, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


SIDES = ("Buy", "Sell")
_CELL = xlwt.easyxf(num_format_str="dd-mmm-yy")
_TEXTS: Mapping[DateStyle, str] = {
    "text short": "%d-%b-%y",
    "text spaced": "%d %b %y",
    "text american": "%m/%d/%Y",
}


def _write_date(sheet: xlwt.Worksheet, row: int, column: int, day: date, style: DateStyle) -> None:
    if style == "cell":
        sheet.write(row, column, day, _CELL)
    else:
        sheet.write(row, column, day.strftime(_TEXTS[style]))
