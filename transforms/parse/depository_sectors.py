"""The depository's fortnightly report of foreign investment by sector.

A report carries two fortnights: assets under custody at the end of the one before, the net
investment of both, assets at the end of the current one, each in rupees and in dollars. Which is
which is read from the dates in the headings, never from their order; the fortnight before was
told by the report before and is left out, and so are dollars. Sectors numbered 2a, 2b are parts
of sector 2. The grand total is held against the sum of its sectors and is no sector.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

import polars as pl

from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.text import blank_as_null
from transforms.parse.web_table import Row, Table, bracketed, plain, read_tables
from warehouse.tables import SectorFlow

EXPECTED = "the depository's fortnightly table of sectors"
ASSETS = re.compile(r"AUC\s+as\s+on\s+([A-Za-z]+)\s*(\d{1,2})\s*,?\s*(\d{4})", re.IGNORECASE)
NET = re.compile(
    r"Net\s+Investment\s+([A-Za-z]+)\s*(\d{1,2})\s*(?:-|\u2013|to)\s*(\d{1,2})\s*,?\s*(\d{4})",
    re.IGNORECASE,
)
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
EQUITY, TOTAL = "equity", "total"
DEBT = ("debt", "debtgenerallimit", "debtvrr", "debtfar")
OTHER = ("hybrid", "solutionoriented", "other", "aif", "aifs")
CURRENCY = re.compile(r"(in)?(inr|usd)")
NUMBERED = re.compile(r"\d{1,3}")
PART = re.compile(r"\d{1,3}\s*[a-z]", re.IGNORECASE)
HEADER_ROWS = 8
ROUNDING_CRORE = Decimal("0.5")
"""Figures are rounded to the crore, each for itself."""


@dataclass(frozen=True)
class _Block:
    """The rupee columns of one heading, by their place."""

    start: date | None
    """First date of a net investment; null for assets."""
    end: date
    equity: int
    debt: tuple[int, ...]
    total: int

    def figure(self, row: Row, asset_class: str) -> str:
        """What a row says of one asset class; the debt routes are added up."""
        if asset_class == EQUITY:
            return row[self.equity].text
        if asset_class == TOTAL:
            return row[self.total].text
        cells = [row[place].text for place in self.debt]
        figures = [value for value in map(_value, cells) if value is not None]
        if not figures or len(figures) < sum(cell not in {"", "-"} for cell in cells):
            return " + ".join(cells) if any(cell not in {"", "-"} for cell in cells) else ""
        return str(sum(figures, Decimal()))


def _recognise(payload: Payload) -> bool:
    return b"AUC" in payload.body and all(
        re.search(words, payload.body, re.IGNORECASE) for words in (rb"AUC\s+as\s+on", rb"Sectors")
    )


def _read(payload: Payload) -> pl.DataFrame:
    table = next(filter(_has_headings, read_tables(payload, EXPECTED)), None)
    if table is None:
        raise NotThisLayout(EXPECTED, "a web page whose tables have no heading `AUC as on`")
    first = next((n for n, row in enumerate(table) if NUMBERED.fullmatch(row[0].text)), None)
    if first is None or first > HEADER_ROWS:
        raise NotThisLayout(f"{EXPECTED} with rows", "headings and no sector numbered 1")
    width = len(table[first])
    net, assets = _current(_blocks([_flush_right(row, width) for row in table[:first]], width))
    sectors, whole = _sectors(table[first:], width)
    classes = (EQUITY, "debt", TOTAL) if net.debt else (EQUITY, TOTAL)
    for block in (net, assets):
        _adds_up(block, sectors, whole)
    rows = [
        {
            "fortnight_end": net.end.isoformat(),
            "sector": re.sub(r"\s*\d+$", "", row[1].text),
            "asset_class": asset_class,
            "net_crore": net.figure(row, asset_class),
            "assets_crore": assets.figure(row, asset_class),
        }
        for row in sectors
        for asset_class in classes
    ]
    return pl.DataFrame(rows, orient="row").with_columns(
        row_number=pl.int_range(len(rows), dtype=pl.Int64) // len(classes) + 1
    )


def _has_headings(table: Table) -> bool:
    words = " ".join(cell.text for row in table[:HEADER_ROWS] for cell in row)
    return ASSETS.search(words) is not None and NET.search(words) is not None


def _flush_right(row: Row, width: int) -> list[str]:
    """A heading's cells; the headings of figures may lack the two columns before them."""
    cells = [cell.text for cell in row]
    return [""] * (width - len(cells)) + cells


def _date(month: str, day: str, year: str) -> date:
    names = [name for name in MONTHS if len(month) >= 3 and name.startswith(month.lower())]
    number = MONTHS.index(names[0]) + 1 if len(names) == 1 else 0
    if not number or not 1 <= int(day) <= monthrange(int(year), number)[1]:
        got = f"{month} {day}, {year}"
        raise NotThisLayout(f"a date in the headings of {EXPECTED}", got, changed=True)
    return date(int(year), number, int(day))


def _blocks(headings: Sequence[Sequence[str]], width: int) -> list[_Block]:
    """The rupee blocks of the headings."""
    columns: dict[str, list[tuple[int, list[str]]]] = {}
    for place in range(2, width):
        stack = [row[place] for row in headings if place < len(row)]
        over = next((text for text in stack if ASSETS.search(text) or NET.search(text)), None)
        currency = next((text for text in stack if CURRENCY.match(plain(text))), "")
        if over is None or not currency:
            raise NotThisLayout(
                f"a heading and a currency over each column of {EXPECTED}",
                f"{stack} over column {place + 1}",
                changed=True,
            )
        if "inr" in plain(currency):
            if "cr" not in plain(currency):
                raise NotThisLayout("rupees in crore", repr(currency), changed=True)
            columns.setdefault(over, []).append((place, stack))
    return [_block(over, stacks) for over, stacks in columns.items()]


def _block(over: str, stacks: Sequence[tuple[int, list[str]]]) -> _Block:
    equity, debt, total = [], [], []
    for place, stack in stacks:
        leaf = plain(stack[-1])
        if leaf not in {EQUITY, TOTAL, *DEBT, *OTHER}:
            raise NotThisLayout(
                f"one of the columns {[EQUITY, *DEBT, *OTHER, TOTAL]}",
                f"{stack[-1]!r} under {over!r}",
                changed=True,
            )
        if any("mutual" in plain(text) for text in stack[:-1]):
            continue
        if leaf == EQUITY:
            equity.append(place)
        elif leaf in DEBT:
            debt.append(place)
        elif leaf == TOTAL:
            total.append(place)
    if len(equity) != 1 or len(total) != 1:
        raise NotThisLayout(
            f"one column of equity and one of the total under each heading of {EXPECTED}",
            f"{len(equity)} and {len(total)} under {over!r}",
            changed=True,
        )
    start = None
    if told := ASSETS.search(over):
        end = _date(*told.groups())
    elif told := NET.search(over):
        month, first, last, year = told.groups()
        start, end = _date(month, first, year), _date(month, last, year)
    return _Block(start, end, equity[0], tuple(debt), total[0])


def _current(blocks: Sequence[_Block]) -> tuple[_Block, _Block]:
    """Net investment and assets of the fortnight a report is about, by its dates."""
    nets = sorted((block for block in blocks if block.start), key=lambda block: block.end)
    assets = sorted((block for block in blocks if not block.start), key=lambda block: block.end)
    told = ", ".join(f"{block.start or 'assets'} {block.end}" for block in (*nets, *assets))
    wanted = f"{EXPECTED} over two fortnights that meet, each with its assets"
    ends = [block.end for block in nets]
    if len(nets) != 2 or ends != [block.end for block in assets]:
        raise NotThisLayout(wanted, told, changed=True)
    for block in nets:
        month_end = monthrange(block.end.year, block.end.month)[1]
        days = (block.start.day if block.start else 0, block.end.day)
        if days not in {(1, 15), (16, month_end)}:
            raise NotThisLayout(wanted, told, changed=True)
    before, current = nets
    if current.start is None or (current.start - before.end).days != 1:
        raise NotThisLayout(wanted, told, changed=True)
    return current, assets[1]


def _sectors(table: Table, width: int) -> tuple[list[Row], Row]:
    """Rows of sectors, and that of their grand total."""
    sectors: list[Row] = []
    whole: Row | None = None
    for row in table:
        if len(row) < width or len({(cell.row, cell.column) for cell in row}) < width - 1:
            continue  # a remark under the table
        number, name = row[0].text, plain(row[1].text) or plain(row[0].text)
        if PART.fullmatch(number) and not NUMBERED.fullmatch(number):
            continue
        if name in {"total", "subtotal", "grandtotal"}:
            whole = row
        elif name:
            sectors.append(row)
    if whole is None:
        raise NotThisLayout(
            f"a grand total under the sectors of {EXPECTED}",
            f"{len(sectors)} sectors and none: the page looks cut off",
        )
    return sectors, whole


def _value(text: str) -> Decimal | None:
    bare = text.replace(",", "").strip()
    if bare.startswith("(") and bare.endswith(")"):
        bare = "-" + bare[1:-1].strip()
    try:
        value = Decimal(bare)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _adds_up(block: _Block, sectors: Sequence[Row], whole: Row) -> None:
    """Hold the grand total against its sectors: columns that shifted do not add up."""
    most = ROUNDING_CRORE * (len(sectors) + 1)
    for asset_class in (EQUITY, TOTAL):
        total = _value(block.figure(whole, asset_class))
        parts = [_value(block.figure(row, asset_class)) or Decimal() for row in sectors]
        if total is None or abs(sum(parts, Decimal()) - total) > most:
            what = "net investment" if block.start else "assets"
            raise NotThisLayout(
                f"sectors of {EXPECTED} that add up to its grand total",
                f"{what} in {asset_class} to {block.end}: {sum(parts, Decimal())} in sectors, "
                f"{block.figure(whole, asset_class)!r} in the grand total",
                changed=True,
            )


LAYOUT = Layout(
    id="depository_sectors",
    table=SectorFlow,
    recognise=_recognise,
    read=_read,
    typed={
        "fortnight_end": blank_as_null("fortnight_end").str.to_date("%Y-%m-%d", strict=False),
        "sector": blank_as_null("sector"),
        "asset_class": pl.col("asset_class"),
        "source_id": pl.lit("nsdl_fpi_sectors"),
        **{
            name: bracketed(name).cast(pl.Decimal(18, 2), strict=False)
            for name in ("net_crore", "assets_crore")
        },
    },
    is_verified=False,
    date_column="fortnight_end",
)
"""Written from printed reports of 2015 to 2025, whose bytes nobody here has read."""
