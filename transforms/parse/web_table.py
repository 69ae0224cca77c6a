"""A web page to the rows of its tables, each cell standing wherever its spans put it.

Pages of the depository are taken for what they may be: pages of errors, of logins, cut off, or
made to harm. Nothing is fetched for them, no entity of theirs is resolved, and size, nesting and
spans are bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import polars as pl
from lxml import etree

from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.text import MAGIC, blank_as_null

MAX_BYTES = 8 * 2**20
MAX_CELLS = 200_000
MAX_COLUMN_SPAN = 1000
"""As browsers bound it."""
MAX_ROW_SPAN = 65_534
UNSEEN = frozenset({"script", "style", "sup"})
"""Elements whose text is none of a cell's: `sup` holds the marks of footnotes."""


class Cell(NamedTuple):
    """What stands in a place of a table, and the place where its cell begins."""

    text: str
    row: int
    column: int


Row = list[Cell]
Table = list[Row]


def read_tables(payload: Payload, expected: str) -> list[Table]:
    """The tables of a page, outer before inner; white space in cells is one blank.

    Raises:
        NotThisLayout: no page, not UTF-8, too large, nested too deeply, too many cells, or a page
            without a table: its first words are told.
    """
    root = page_root(payload, expected)
    rows: dict[Any, list[Any]] = {}
    for row in root.iter("tr"):
        table = next(row.iterancestors("table"), None)
        if table is not None:
            rows.setdefault(table, []).append(row)
    if not rows:
        words = " ".join(_words(root).split())
        raise NotThisLayout(expected, f"a web page without a table: {words[:120]!r}")
    left = MAX_CELLS
    tables = []
    for found in rows.values():
        table = _expanded(found, left, expected)
        left -= sum(map(len, table))
        tables.append(table)
    return tables


def is_remark(row: Sequence[Cell]) -> bool:
    """Whether a row says one thing across the table, or nothing."""
    return len({cell for cell in row if cell.text}) <= 1


def plain(text: str) -> str:
    """The letters and digits of a label, in lower case: labels differ in marks and blanks."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


def bracketed(name: str) -> pl.Expr:
    """A published number in which `(1,234.50)` is below nought; Decimal(18, 4)."""
    return (
        blank_as_null(name)
        .str.replace(r"^\(\s*(.*?)\s*\)$", "-$1")
        .str.replace_all(",", "")
        .cast(pl.Decimal(18, 4), strict=False)
    )


def page_root(payload: Payload, expected: str) -> Any:
    """The root element of a page.

    Raises:
        NotThisLayout: as `read_tables` does, but for a page without a table.
    """
    body = payload.body
    if not body.strip():
        raise NotThisLayout(expected, f"an empty file of {len(body)} bytes")
    for magic, name in MAGIC.items():
        if body.startswith(magic):
            raise NotThisLayout(expected, name)
    if len(body) > MAX_BYTES:
        got = f"{len(body)} bytes, more than the {MAX_BYTES} such a page may have"
        raise NotThisLayout(expected, got)
    try:
        body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        around = body[max(0, error.start - 20) : error.start + 20]
        got = f"bytes that are not UTF-8 at {error.start}: {around!r}"
        raise NotThisLayout(expected, got) from error
    if b"\x00" in body:
        raise NotThisLayout(expected, "binary data")
    if b"<" not in body:
        raise NotThisLayout(expected, f"text that is no web page: {body.strip()[:80]!r}")
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.LxmlError as error:
        raise NotThisLayout(expected, f"a web page that cannot be read: {error}") from error
    if root is None:
        raise NotThisLayout(expected, f"no web page: {body.strip()[:80]!r}")
    for fault in parser.error_log:
        if fault.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            got = f"a web page nested too deeply in line {fault.line}: {fault.message}"
            raise NotThisLayout(expected, got)
    return root


def _words(element: Any) -> str:
    """The text of an element, without what is not seen and without that of inner tables."""
    parts: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walk:
        if event == "end":
            if inner is not element:
                parts.append(inner.tail or "")
            continue
        if inner is not element and (inner.tag in UNSEEN or inner.tag == "table"):
            walk.skip_subtree()
        else:
            parts.append(inner.text or "")
        if inner.tag == "br":
            parts.append(" ")
    return "".join(parts)


def _expanded(rows: Sequence[Any], left: int, expected: str) -> Table:
    """Rows in which a cell stands in every place its spans cover; a row of no cell is none."""
    table: Table = []
    reaching: dict[int, tuple[Cell, int]] = {}
    for number, element in enumerate(rows):
        row: dict[int, Cell] = {}
        for column, (cell, more) in list(reaching.items()):
            row[column] = cell
            if more > 1:
                reaching[column] = (cell, more - 1)
            else:
                del reaching[column]
        column = 0
        for source in _cells(element):
            while column in row:
                column += 1
            width = _span(source, "colspan", MAX_COLUMN_SPAN)
            height = _span(source, "rowspan", MAX_ROW_SPAN)
            cell = Cell(" ".join(_words(source).split()), number, column)
            for place in range(column, column + width):
                row.setdefault(place, cell)
                if height > 1:
                    reaching[place] = (cell, height - 1)
            column += width
            if len(row) > left:
                raise NotThisLayout(expected, f"a web page of more than {MAX_CELLS} cells")
        left -= len(row)
        if row:
            places = range(max(row) + 1)
            table.append([row.get(place, Cell("", number, place)) for place in places])
    return table


def _cells(row: Any) -> Iterator[Any]:
    return (cell for cell in row if cell.tag in {"td", "th"})


def _span(cell: Any, name: str, most: int) -> int:
    written = (cell.get(name) or "").strip()
    digits = written[:9]
    return max(1, min(int(digits), most)) if digits.isdecimal() and digits.isascii() else 1
