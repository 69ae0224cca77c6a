"""Bytes to text rows, refusing what is no text file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import polars as pl

from transforms.parse.layout import NotThisLayout, Payload

MAGIC = {
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "gzip data",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"%PDF": "a PDF document",
}


def decode(payload: Payload, expected: str) -> str:
    """The text of a payload; a byte order mark is dropped.

    Raises:
        NotThisLayout: empty, an archive, HTML, or not UTF-8.
    """
    body = payload.body
    if not body.strip():
        raise NotThisLayout(expected, f"an empty file of {len(body)} bytes")
    for magic, name in MAGIC.items():
        if body.startswith(magic):
            raise NotThisLayout(expected, name)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        around = body[max(0, error.start - 20) : error.start + 20]
        got = f"bytes that are not UTF-8 at {error.start}: {around!r}"
        raise NotThisLayout(expected, got) from error
    start = text.lstrip()[:200].lower()
    if start.startswith(("<!doctype", "<html", "<head", "<?xml")):
        raise NotThisLayout(expected, f"a web page: {text.strip()[:80]!r}")
    if "\x00" in text:
        raise NotThisLayout(expected, "binary data")
    return text


def header_of(payload: Payload) -> list[str]:
    """The first line's cells, stripped; empty where the bytes are no text."""
    try:
        line = payload.body[:4096].split(b"\n", 1)[0].decode("utf-8-sig")
        return [cell.strip() for cell in next(csv.reader([line]), [])]
    except (UnicodeDecodeError, csv.Error):
        return []


def csv_frame(
    payload: Payload, expected: str, header: Sequence[str], names: Sequence[str | None]
) -> pl.DataFrame:
    """Rows of a CSV file as text under our names; a name of None drops the column.

    Raises:
        NotThisLayout: no CSV, another header (columns named), a ragged row, no row at all.
    """
    text = decode(payload, expected)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except csv.Error as error:
        raise NotThisLayout(expected, f"text that is no CSV: {error}") from error
    found = [cell.strip() for cell in rows[0]] if rows else []
    if found != list(header):
        raise NotThisLayout(
            f"{expected} with columns {list(header)}",
            _drift(header, found),
            changed=_is_kin(header, found),
        )
    body = rows[1:]
    if not body:
        raise NotThisLayout(f"{expected} with rows", "a header and no rows")
    for number, row in enumerate(body, start=1):
        if len(row) != len(header):
            what = "cut off" if number == len(body) and len(row) < len(header) else "ragged"
            raise NotThisLayout(
                f"{len(header)} fields in every row of {expected}",
                f"{len(row)} in row {number} of {len(body)} ({what}): {','.join(row)[:120]!r}",
            )
    kept = [(index, name) for index, name in enumerate(names) if name is not None]
    return pl.DataFrame(
        {
            "row_number": pl.Series(range(1, len(body) + 1), dtype=pl.Int64),
            **{
                name: pl.Series([row[index].strip() for row in body], dtype=pl.String)
                for index, name in kept
            },
        }
    )


def _drift(header: Sequence[str], found: Sequence[str]) -> str:
    missing = [name for name in header if name not in found]
    extra = [name for name in found if name not in header]
    if not missing and not extra:
        return f"the columns in another order: {list(found)}"
    return f"missing {missing}, unexpected {extra}"[:600]


def _is_kin(header: Sequence[str], found: Sequence[str]) -> bool:
    return 2 * len(set(header) & set(found)) >= len(header)


def json_value(payload: Payload, expected: str) -> Any:
    """The JSON document of a payload.

    Raises:
        NotThisLayout: no JSON, or cut off.
    """
    text = decode(payload, expected)
    try:
        document = json.loads(text)
        # Half a surrogate pair is JSON, but no text.
        json.dumps(document, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        got = f"text that is no JSON at character {error.pos}: {text[:80]!r}"
        raise NotThisLayout(expected, got) from error
    except (RecursionError, ValueError) as error:
        # JSON nested too deeply, or a number of thousands of digits: an attack or an accident.
        raise NotThisLayout(expected, f"JSON that cannot be read: {error}") from error
    return document


def number(name: str, *, precision: int = 18, scale: int = 4) -> pl.Expr:
    """A published number: `-` and blank are null, `-.77` is a number, Indian commas are dropped."""
    return (
        blank_as_null(name)
        .str.replace_all(",", "")
        .cast(pl.Decimal(precision, scale), strict=False)
    )


def blank_as_null(name: str) -> pl.Expr:
    """A cell, null where the publisher wrote nothing: empty or a dash."""
    cell = pl.col(name).str.strip_chars()
    return pl.when(~cell.is_in(["", "-"])).then(cell)


def zero_as_blank(*names: str) -> list[pl.Expr]:
    """Levels printed as zero: a level is never zero, the publisher had none."""
    return [pl.col(name).str.replace(r"^(0+\.?0*|\.0+)$", "") for name in names]
