"""The depository's own totals of foreign investment by month and by year, Rs crore.

The calendar-year page lists the months of one year and their total, and may list years; the
financial-year page the years, April to March, since 1992. A period under way is marked with
asterisks, and a note says up to which date it was counted: it is left out until it is over. Sums
since the beginning are too.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

import polars as pl

from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.text import blank_as_null
from transforms.parse.web_table import Cell, Row, Table, bracketed, is_remark, plain, read_tables
from warehouse.tables import DepositoryPeriod

EXPECTED = "the depository's table of foreign investment by month or year"
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
CLASSES = {
    "equity": "equity",
    "debt": "debt_general",
    "debtgenerallimit": "debt_general",
    "debtvrr": "debt_vrr",
    "debtfar": "debt_far",
    "hybrid": "hybrid",
    "aif": "aif",
    "aifs": "aif",
    "alternativeinvestmentfundsaifs": "aif",
    "total": "total",
    "totalfortheperiod": "total",
}
CALENDAR = re.compile(r"Calendar\s+Year\s*-?\s*(\d{4})", re.IGNORECASE)
CALENDAR_TOTAL = re.compile(r"Total\s*-\s*(\d{4})", re.IGNORECASE)
YEAR = re.compile(r"(\d{4})")
FINANCIAL = re.compile(r"(\d{4})\s*-\s*(\d{4}|\d{2})")
COUNTED = re.compile(r"up\s*to\s+(\d{1,2})[\s-]+([A-Za-z]{3})[a-z]*,?[\s-]+(\d{4})", re.IGNORECASE)
UNDER_WAY = "*"


@dataclass(frozen=True)
class _Period:
    length: str
    start: date
    end: date


def _recognise(payload: Payload) -> bool:
    body = payload.body
    return b"FPI" in body and any(
        re.search(words, body, re.IGNORECASE) is not None
        for words in (rb"Calendar\s+Year\s*-\s*\d{4}", rb"<t[dh][^>]{0,200}>\s*Financial\s+Year")
    )


def _read(payload: Payload) -> pl.DataFrame:
    rows: list[dict[str, str]] = []
    for table in read_tables(payload, EXPECTED):
        rows += _table_rows(table)
    if not rows:
        raise NotThisLayout(
            f"{EXPECTED} with a period that is over", "a web page in which none was found"
        )
    return pl.DataFrame(rows, orient="row").with_columns(
        row_number=pl.int_range(1, len(rows) + 1, dtype=pl.Int64)
    )


def _table_rows(table: Table) -> list[dict[str, str]]:
    """One row for each period and asset class; none where the table is another."""
    words = " ".join(_distinct(table))
    told = CALENDAR.search(words) or CALENDAR_TOTAL.search(words)
    year = int(told[1]) if told else None
    figures = [row for row in table if not is_remark(row)]
    first = next((n for n, row in enumerate(figures) if _period(row[0].text, year)), None)
    if first is None or first == 0:
        return []
    if "inrcr" not in plain(words):
        got = f"a table of another unit: {words[:200]!r}"
        raise NotThisLayout(f"{EXPECTED} in INR crores", got)
    columns = _columns(figures[:first], len(figures[first]))
    counted = _counted(words)
    rows, months, is_whole = [], 0, True
    for row in figures[first:]:
        label = row[0].text
        period = _period(label, year)
        if period is None:
            if plain(label).startswith(("total", "grandtotal")):
                continue
            expected = f"a month or a year to begin each row of {EXPECTED}"
            raise NotThisLayout(expected, repr(label), changed=True)
        if len(row) < len(figures[first]):
            got = f"{len(row)} of {len(figures[first])} columns beside {label!r} (cut off)"
            raise NotThisLayout(f"every column of {EXPECTED}", got)
        if period.length == "month":
            months += 1
        is_over = UNDER_WAY not in label or counted == period.end
        is_whole = is_whole and is_over
        if not is_over or (CALENDAR_TOTAL.search(label) and not (is_whole and months == 12)):
            continue
        rows += [
            {
                "period": period.length,
                "period_start": period.start.isoformat(),
                "period_end": period.end.isoformat(),
                "asset_class": asset_class,
                "net_crore": _sum([row[place].text for place in places]),
            }
            for asset_class, places in columns.items()
        ]
    return rows


def _distinct(table: Table) -> list[str]:
    seen: dict[Cell, None] = {cell: None for row in table for cell in row if cell.text}
    return [cell.text for cell in seen]


def _period(label: str, year: int | None) -> _Period | None:
    """The months a label speaks of; a month's year stands in the table's title."""
    bare = label.replace(UNDER_WAY, "").strip()
    name = bare.lower()
    if year is not None and name in MONTHS and year >= 1:
        month = MONTHS.index(name) + 1
        end = date(year, month, monthrange(year, month)[1])
        return _Period("month", end.replace(day=1), end)
    told = CALENDAR_TOTAL.fullmatch(bare) or YEAR.fullmatch(bare)
    if told and int(told[1]) >= 1:
        return _Period("year", date(int(told[1]), 1, 1), date(int(told[1]), 12, 31))
    if (told := FINANCIAL.fullmatch(bare)) and 1 <= (first := int(told[1])) < 9999:
        if (first + 1) % 100 != int(told[2]) % 100:
            return None
        return _Period("year", date(first, 4, 1), date(first + 1, 3, 31))
    return None


def _counted(words: str) -> date | None:
    """Up to which date the period under way was counted."""
    if told := COUNTED.search(words):
        try:
            return datetime.strptime("-".join(told.groups()), "%d-%b-%Y").date()  # noqa: DTZ007
        except ValueError:
            return None
    return None


def _columns(headings: Sequence[Row], width: int) -> Mapping[str, list[int]]:
    """Where each asset class stands; the kinds of mutual funds are one class of several columns."""
    stacks = [
        list(dict.fromkeys(row[place].text for row in headings if place < len(row)))
        for place in range(1, width)
    ]
    columns: dict[str, list[int]] = {}
    for place, stack in enumerate(stacks, start=1):
        leaf = plain(next((text for text in reversed(stack) if text), ""))
        if "cumulative" in leaf:
            continue
        is_fund = any("mutual" in plain(text) for text in stack)
        name = "mutual_fund" if is_fund else CLASSES.get(leaf)
        if name is None or (name in columns and not is_fund):
            raise NotThisLayout(
                f"one column for each of the asset classes {sorted(CLASSES)}",
                f"{stack}",
                changed=True,
            )
        columns.setdefault(name, []).append(place)
    if missing := {"equity", "total"} - set(columns):
        got = f"none for {sorted(missing)} in {stacks}"[:400]
        raise NotThisLayout(f"the columns of {EXPECTED}", got, changed=True)
    return columns


def _sum(cells: Sequence[str]) -> str:
    """One cell as it stands; several added up, or joined where one is no number."""
    if len(cells) == 1:
        return cells[0]
    written = [cell for cell in cells if cell not in {"", "-"}]
    try:
        figures = [
            Decimal(re.sub(r"^\((.*)\)$", r"-\1", cell).replace(",", "")) for cell in written
        ]
    except InvalidOperation:
        return " + ".join(cells)
    if not all(value.is_finite() for value in figures):
        return " + ".join(cells)
    return str(sum(figures, Decimal())) if figures else ""


LAYOUT = Layout(
    id="depository_periods",
    table=DepositoryPeriod,
    recognise=_recognise,
    read=_read,
    typed={
        "period": pl.col("period"),
        "period_end": blank_as_null("period_end").str.to_date("%Y-%m-%d", strict=False),
        "asset_class": pl.col("asset_class"),
        "source_id": pl.lit("nsdl_fpi_periods"),
        "period_start": blank_as_null("period_start").str.to_date("%Y-%m-%d", strict=False),
        "net_crore": bracketed("net_crore").cast(pl.Decimal(18, 2), strict=False),
    },
    is_verified=False,
    date_column="period_end",
    holds_many_dates=True,
)
"""Written from printed tables of 2017 to 2026, whose bytes nobody here has read."""
