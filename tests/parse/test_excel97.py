"""Cells of a workbook, against what wrote them; and files made to keep a reader busy."""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
from datetime import date
from typing import Any

import pytest
import xlwt
from xlwt.CompoundDoc import XlsDoc

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


def test_every_kind_of_cell() -> None:
    rows: list[list[Any]] = [
        ["Trade Date", "café", "₹ crore", "x" * 300],
        [date(2026, 8, 28), -1, 1.1, 1e9],
        [0.05, 12345678.0, 536870911, -536870912],
        [1 / 3, "", 0, date(2005, 4, 11)],
    ]
    assert first_sheet(Payload(book(rows)), "x") == rows


def test_dates_counted_from_1904() -> None:
    body = book([[date(2026, 8, 28), 1.5]], dates_1904=True)
    assert first_sheet(Payload(body), "x") == [[date(2026, 8, 28), 1.5]]


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
        (72, b"\xff\xff\xff\xff", "a table of tables in so small a file"),
        (30, b"\x3f\x00", "cannot be read"),
        (48, b"\xf0\xff\xff\x7f", "cannot be read"),
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
    with pytest.raises(NotThisLayout, match="ncrypted"):
        first_sheet(Payload(body[:start] + b"\x2f\x00" + body[start + 2 :]), "x")


def record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


NUMBER = record(0x0203, struct.pack("<HHHd", 0, 0, 0, 7.0))


def made(before: bytes = b"", cells: bytes = NUMBER, moved: int = 0) -> bytes:
    """A workbook of these records, its one sheet said to begin `moved` bytes from where it does."""
    begin = [
        record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 0x0600))
        for kind in (0x0005, 0x0010)
    ]
    form = record(0x00E0, bytes(20))
    start = sum(map(len, (begin[0], form, before))) + 4 + 9 + 4
    name = record(0x0085, struct.pack("<IBBBB", start + moved, 0, 0, 1, 0) + b"A")
    stream = begin[0] + form + before + name + record(0x000A) + begin[1] + cells + record(0x000A)
    out = io.BytesIO()
    XlsDoc().save(out, stream)
    return out.getvalue()


def defined(formula: bytes) -> bytes:
    head = struct.pack("<HBBHHH4B", 0, 0, 1, len(formula), 0, 0, 0, 0, 0, 0)
    return record(0x0018, head + b"\x00n" + formula)


def test_names_that_double_one_another_are_not_worked_out() -> None:
    """Sixty names, each twice the one before it: 2**60 times eight letters."""
    names = [defined(b"\x17\x08\x00" + b"a" * 8)]
    for number in range(1, 61):
        one = b"\x43" + struct.pack("<HH", number, 0)
        names.append(defined(one + one + b"\x08"))
    assert first_sheet(Payload(made(b"".join(names))), "x") == [[7.0]]


OF_LINKS = bytes.fromhex("d0c9ea79f9bace118c8200aa004ba90b")
"""The class of links. [MS-OSHARED] 2.3.7.1"""


def test_a_link_over_all_cells_is_not_spread_over_them() -> None:
    area = struct.pack("<4H", 0, 0xFFFF, 0, 0xFF)
    link = area + OF_LINKS + struct.pack("<II", 2, 0)
    tracemalloc.start()
    try:
        assert first_sheet(Payload(made(cells=NUMBER + record(0x01B8, link))), "x") == [[7.0]]
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_a_directory_that_runs_in_circles_is_left() -> None:
    body = bytearray(book([["a", 1]]))
    entry = struct.unpack_from("<I", body, 48)[0] * 512 + 512
    for place in range(1, 4):
        struct.pack_into("<HB", body, entry + 128 * place + 64, 4, 2)
        struct.pack_into("<II", body, entry + 128 * place + 68, 1, 2)
    with pytest.raises(NotThisLayout, match="cannot be read"):
        first_sheet(Payload(bytes(body)), "x")


@pytest.mark.parametrize("moved", [-60, -30, -4, 1, 4000])
def test_a_sheet_that_begins_elsewhere_is_refused(moved: int) -> None:
    """Among other records it could be read in two ways."""
    assert first_sheet(Payload(made()), "x") == [[7.0]]
    with pytest.raises(NotThisLayout, match="cannot be read"):
        first_sheet(Payload(made(moved=moved)), "x")


def test_truths_and_errors_are_no_numbers() -> None:
    cells = b"".join(
        record(0x0205, struct.pack("<HHHBB", 0, column, 0, value, is_error))
        for column, (value, is_error) in enumerate([(1, 0), (0, 0), (42, 1)])
    )
    assert first_sheet(Payload(made(cells=cells)), "x") == [["TRUE", "FALSE", "#N/A"]]


def test_spoiled_workbooks_are_read_or_refused() -> None:
    """Some hundred of the twenty thousand this was tried with: bytes, lengths and kinds."""
    good = book([["Trade Date", "café"], [date(2026, 8, 28), 1.5], ["₹" * 50, 12]])
    chance = random.Random(11)
    refused = 0
    for _ in range(400):
        body = bytearray(good)
        for _ in range(chance.randrange(1, 5)):
            body[chance.randrange(len(body))] = chance.choice([0, 255, chance.randrange(256)])
        cut = chance.choice([len(body), chance.randrange(600, len(body))])
        try:
            first_sheet(Payload(bytes(body[:cut])), "x")
        except NotThisLayout as refusal:
            refused += len(refusal.got) < 300
    assert 50 < refused < 400
