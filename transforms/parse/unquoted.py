"""CSV files that the exchange writes without quotes: a comma in a name splits it.

Names of former years hold bytes that are no UTF-8; symbols, dates and figures are ASCII. Lines of
blank cells stand between rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import replace

import polars as pl

from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.text import MAGIC, csv_frame, decode

Mend = Callable[[list[str]], list[str]]
"""Makes a row with more cells than the header as long as it."""


def unquoted_frame(
    payload: Payload,
    expected: str,
    header: Sequence[str],
    names: Sequence[str | None],
    mend: Mend,
) -> pl.DataFrame:
    """Rows as text under our names, as `csv_frame` gives them, rows too long mended.

    Raises:
        NotThisLayout: as `csv_frame`.
    """
    text = decode(_in_utf8(payload), expected)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    try:
        for row in csv.reader(io.StringIO(text, newline="")):
            while len(row) > len(header) and not row[-1].strip():
                row.pop()
            if any(cell.strip() for cell in row):
                writer.writerow(mend(row) if len(row) > len(header) else row)
    except csv.Error as error:
        raise NotThisLayout(expected, f"text that is no CSV: {error}") from error
    return csv_frame(replace(payload, body=out.getvalue().encode()), expected, header, names)


def joined(row: Sequence[str], at: int, width: int) -> list[str]:
    """A row of `width` cells: what it has too many of was split off the one at `at`."""
    end = at + len(row) - width + 1
    return [*row[:at], ",".join(row[at:end]), *row[end:]]


def _in_utf8(payload: Payload) -> Payload:
    """One name in another encoding must not cost every row."""
    try:
        payload.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        if not payload.body.startswith(tuple(MAGIC)):
            return replace(payload, body=payload.body.decode("latin-1").encode())
    return payload
