"""Cells of a workbook, against what wrote them and against another reader of such files."""

from __future__ import annotations

import io
import random
import struct
from datetime import date
from typing import Any

import pytest
import xlwt
from python_calamine import CalamineWorkbook

from transforms.parse.excel97 import first_sheet
from transforms.parse.layout import NotThisLayout, Payload


def book(rows: list[list[Any]], *, dates_1904: bool = False) -> bytes:
    workbook = xlwt.Workbook()
    workbook.dates_1904 = dates_1904
    sheet = workbook.add_sheet("A")
    workbook.add_sheet("B").write(0, 0, "another sheet")
    styles = [xlwt.easyxf(num_format_str=form) for form in ("DD-MMM-YY", '"day" 0.00', "0.0%")]
    for place, row in enumerate(rows):
        for column, value in enumerate(row):
            style = styles[0] if isinstance(value, date) else styles[1 + column % 2]
            sheet.write(place, column, value, style)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def others(body: bytes) -> list[list[Any]]:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0)
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    return rows


def test_every_kind_of_cell() -> None:
    rows: list[list[Any]] = [
        ["Trade Date", "café", "₹ crore", "x" * 300],
        [date(2026, 8, 28), -1, 1.1, 1e9],
        [0.05, 12345678.0, 536870911, -536870912],
        [1 / 3, "", 0, date(2005, 4, 11)],
    ]
    assert first_sheet(Payload(book(rows)), "x") == rows
    assert others(book(rows)) == rows


def test_dates_counted_from_1904() -> None:
    body = book([[date(2026, 8, 28), 1.5]], dates_1904=True)
    assert first_sheet(Payload(body), "x") == [[date(2026, 8, 28), 1.5]] == others(body)


def test_texts_that_go_on_in_the_next_record() -> None:
    """Texts of letters of one byte and of two, over many records of 8224 bytes."""
    chance = random.Random(5)
    letters = ["abc", "₹é", "zß"]
    rows = [
        ["".join(chance.choices(chance.choice(letters), k=chance.randrange(1, 900))) for _ in "12"]
        for _ in range(120)
    ]
    body = book(rows)
    assert first_sheet(Payload(body), "x") == rows
    assert others(body) == rows


def test_a_formula_counts_by_the_value_kept_with_it() -> None:
    """The writer keeps none, so one is put there: three, in place of its sign for an empty text."""
    body = book([[xlwt.Formula("1+2"), 5]])
    assert first_sheet(Payload(body), "x") == [["", 5.0]]
    none = struct.pack("<BBHHH", 3, 0, 0, 0, 0xFFFF)
    assert body.count(none) == 1
    known = body.replace(none, struct.pack("<d", 3.0))
    assert first_sheet(Payload(known), "x") == [[3.0, 5.0]]


@pytest.mark.parametrize(
    ("at", "with_", "got"),
    [
        (44, b"\xff\xff\xff\x7f", ""),
        (68, b"\x00\x00\x00\x00", "cannot be read"),
        (72, b"\xff\xff\xff\xff", ""),
        (30, b"\x3f\x00", "no compound file"),
        (48, b"\xf0\xff\xff\x7f", "leaves the file"),
        (76, b"\xff\xff\xff\x7f", "cannot be read"),
    ],
)
def test_sizes_in_the_head_are_not_taken_at_their_word(at: int, with_: bytes, got: str) -> None:
    body = bytearray(book([["a", 1]]))
    body[at : at + len(with_)] = with_
    if not got:
        assert first_sheet(Payload(bytes(body)), "x") == [["a", 1.0]]
        return
    with pytest.raises(NotThisLayout, match=got):
        first_sheet(Payload(bytes(body)), "x")


def test_a_sheet_as_wide_as_the_format_allows_is_refused() -> None:
    body = book([["a"]])
    cell = body.index(b"\xfd\x00\x0a\x00")
    far = body[: cell + 4] + b"\xff\xff\xff\x00" + body[cell + 8 :]
    with pytest.raises(NotThisLayout, match="a sheet of 65536 rows and 256 columns"):
        first_sheet(Payload(far), "x")


def test_an_encrypted_workbook_says_so() -> None:
    body = book([["a"]])
    # The first record behind the beginning of the globals becomes one of a password.
    start = body.index(b"\x09\x08\x10\x00") + 20
    with pytest.raises(NotThisLayout, match="encrypted"):
        first_sheet(Payload(body[:start] + b"\x2f\x00" + body[start + 2 :]), "x")
