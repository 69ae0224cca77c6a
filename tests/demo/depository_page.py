"""The depository's daily table as a reader sees it, without our writers and parsers."""

from __future__ import annotations

import re
from typing import Any

from lxml import html

Row = tuple[str, str, str, int, int, int, int]
"""Reporting date, block, route; purchases, sales, net in hundredths of a crore, net of USD mn."""


def cells_of(table: Any) -> list[list[str]]:
    """Rows of a table with every spanning cell written into each place it spans."""
    rows: list[list[str]] = []
    pending: dict[tuple[int, int], str] = {}
    for r, row in enumerate(table.iter("tr")):
        line: list[str] = []
        for cell in row.xpath("./td | ./th"):
            while (r, len(line)) in pending:
                line.append(pending.pop((r, len(line))))
            text = " ".join(cell.text_content().split())
            for _ in range(int(cell.get("colspan", 1))):
                for below in range(1, int(cell.get("rowspan", 1))):
                    pending[r + below, len(line)] = text
                line.append(text)
        while (r, len(line)) in pending:
            line.append(pending.pop((r, len(line))))
        rows.append(line)
    return rows


def hundredths(text: str) -> int:
    value = round(100 * float(text.strip("()")))
    return -value if text.startswith("(") else value


def daily(body: bytes) -> list[Row]:
    """Rows of the daily table, read without our writers."""
    page: Any = html.fromstring(body)
    table = page.xpath("//table[contains(., 'Investment Route')]")[0]
    rows = []
    for line in cells_of(table):
        if len(line) == 8 and re.fullmatch(r"\(?\d+\.\d\d\)?", line[3]):
            p, s, n, u = map(hundredths, line[3:7])
            rows.append((line[0], line[1], line[2], p, s, n, u))
    return rows
