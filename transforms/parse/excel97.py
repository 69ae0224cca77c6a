"""The cells of an Excel 97 workbook (.xls): the first worksheet's values, and nothing else.

Of the libraries that read such files one ends the process over a few wrong bytes. xlrd is slower
and only raises; but a directory whose branches meet, defined names that double one another or a
link over all cells would keep it busy and fill the memory. So olefile opens the container, and of
the records xlrd sees those alone that hold values.
"""

from __future__ import annotations

import io
import struct
from datetime import date

import olefile  # type: ignore[import-untyped]
import xlrd  # type: ignore[import-untyped]
from xlrd.compdoc import CompDocError  # type: ignore[import-untyped]
from xlrd.formula import FormulaError  # type: ignore[import-untyped]

from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.text import MAGIC

MAX_BYTES = 2**19
"""Far more than a few dozen rows need; below 6.8 MB there is no table of tables either."""
MAX_CELLS = 100_000
SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
STREAMS = ("Workbook", "Book")
"""As Excel 97 and as Excel 5 name it."""
BEGIN, END, SHEET, NEITHER = 0x0809, 0x000A, 0x0085, 0xFFFE
OF_VALUES = frozenset(
    {
        *(SHEET, 0x0022, 0x002F, 0x0042, 0x041E, 0x00E0, 0x00FC, 0x003C),  # up to the shared texts
        *(0x0203, 0x027E, 0x00BD, 0x00FD, 0x0204, 0x00D6, 0x0205),  # numbers, texts, truths, errors
        *(0x0006, 0x0207, 0x04BC, 0x0221, 0x0236),  # formulas and what they gave
    }
)
"""Kinds of records that are read. [MS-XLS] 2.3.2"""
Value = str | float | date
_FAULTS = (
    *(CompDocError, FormulaError, xlrd.XLRDError, struct.error, OSError, ValueError),
    *(LookupError, ArithmeticError, AssertionError, RecursionError),
)
"""What the two raise over spoiled bytes; `OSError` is olefile's own."""


def first_sheet(payload: Payload, expected: str) -> list[list[Value]]:
    """Rows of the first worksheet, equally long; an empty cell is an empty string.

    Raises:
        NotThisLayout: no such workbook, cut off, encrypted, too large, or contradicting itself.
    """
    body = payload.body
    if not body.strip():
        raise NotThisLayout(expected, f"an empty file of {len(body)} bytes")
    if not body.startswith(SIGNATURE[:4]):
        kind = next((name for magic, name in MAGIC.items() if body.startswith(magic)), "")
        raise NotThisLayout(expected, kind or f"no Excel workbook: {body.strip()[:80]!r}")
    if len(body) > MAX_BYTES:
        raise NotThisLayout(expected, f"{len(body)} bytes, more than the {MAX_BYTES} it may have")
    try:
        return _grid(_only_values(_stream(body)))
    except _FAULTS as error:
        said = str(error)[:200] or type(error).__name__
        raise NotThisLayout(expected, f"a workbook that cannot be read: {said}") from error


def _stream(body: bytes) -> bytes:
    """The stream of a compound file that holds the workbook."""
    if struct.unpack_from("<I", body, 72)[0]:
        raise ValueError("a table of tables in so small a file")
    with olefile.OleFileIO(io.BytesIO(body)) as file:
        name = next((name for name in STREAMS if file.exists(name)), None)
        if name is None:
            raise ValueError(f"a compound file of {file.listdir()[:5]}")
        stream: bytes = file.openstream(name).read()
    return stream


def _only_values(stream: bytes) -> bytes:
    """The stream with all other records marked as of no known kind, up to the first sheet's end.

    Raises:
        ValueError: a sheet that begins among the records before it: it could be read in two ways.
    """
    kept = bytearray(stream)
    sheet = None
    at = 0
    for part in ("workbook", "sheet"):
        kind, length = struct.unpack_from("<HH", kept, at)
        if kind != BEGIN:
            raise ValueError(f"a {part} that does not begin as one of Excel 5 or later")
        while kind != END:
            if kind == SHEET and sheet is None and kept[at + 9] == 0:
                sheet = struct.unpack_from("<I", kept, at + 4)[0]
            at += 4 + length
            kind, length = struct.unpack_from("<HH", kept, at)
            if kind not in OF_VALUES and kind != END:
                struct.pack_into("<H", kept, at, NEITHER)
        if part == "workbook":
            if sheet is None or sheet <= at:
                raise ValueError("a workbook without a sheet behind it")
            at = sheet
    return bytes(kept)


def _grid(stream: bytes) -> list[list[Value]]:
    book = xlrd.open_workbook(
        file_contents=stream, logfile=io.StringIO(), on_demand=True, ragged_rows=True
    )
    sheet = book.sheet_by_index(0)
    if sheet.nrows * sheet.ncols > MAX_CELLS:
        raise ValueError(f"a sheet of {sheet.nrows} rows and {sheet.ncols} columns")
    rows = [[_value(cell, book.datemode) for cell in sheet.row(n)] for n in range(sheet.nrows)]
    return [row + [""] * (sheet.ncols - len(row)) for row in rows]


def _value(cell: xlrd.sheet.Cell, datemode: int) -> Value:
    if cell.ctype == xlrd.XL_CELL_DATE:
        return xlrd.xldate.xldate_as_datetime(cell.value, datemode).date()  # type: ignore[no-any-return]
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    return float(cell.value) if cell.ctype == xlrd.XL_CELL_NUMBER else str(cell.value)
