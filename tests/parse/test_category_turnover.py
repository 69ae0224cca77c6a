"""The workbook of categories: dates in several forms, another publisher's block, bad workbooks."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import xlwt

from transforms.parse.category_turnover import LAYOUT
from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
HEAD = ["Trade Date", "Client Categories", "Buy Value in Rs.Crores", "Sell Value in Rs.Crores"]
DAY = "05/03/2026"
NAME = "cat_turnover_030526.xls"


def book(rows: Sequence[Sequence[Any]], *, is_date: bool = False) -> bytes:
    """An Excel 97 workbook; `is_date` gives dates a date's format."""
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Sheet1")
    style = xlwt.easyxf(num_format_str="DD-MMM-YY") if is_date else xlwt.Style.default_style
    for place, row in enumerate(rows):
        for column, value in enumerate(row):
            is_day = is_date and isinstance(value, date)
            sheet.write(place, column, value, style if is_day else xlwt.Style.default_style)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def sheet(day: Any = DAY, head: Sequence[str] = HEAD) -> list[list[Any]]:
    return [
        ["Category-wise turnover for 03-05-2026"],
        list(head),
        [day, "Bank", 361.1, 319.55],
        [day, "Mutual Funds", "1,12,000.25", 2000],
        [],
        ["FPI Data as reported by NSDL on 04-05-2026"],
        ["Trade Date", "Client Categories", "Buy Value in Rs.", "Sell Value in Rs."],
        ["05/02/2026", "FPI", 5000.5, 6000.75],
    ]


def test_the_exchanges_rows_are_read_and_the_depositorys_are_not(parse: Parse) -> None:
    body = book(sheet())
    assert LAYOUT.recognise(Payload(body))
    screened = parse(LAYOUT, body, name=NAME)
    assert screened.rejected.is_empty()
    assert screened.good.select(
        "session_date", "category", "buy_crore", "sell_crore", "net_crore"
    ).rows() == [
        (date(2026, 5, 3), "Bank", Decimal("361.10"), Decimal("319.55"), Decimal("41.55")),
        (date(2026, 5, 3), "Mutual Funds", *map(Decimal, ("112000.25", "2000", "110000.25"))),
    ]


OLD_HEAD = ["Trade Date", "Category", "Buy Value in Rs.", "Sell Value in Rs."]


def test_sheets_until_2023_name_rupees_and_mean_crore(parse: Parse) -> None:
    """Title, empty row, headings; the four categories that readers of those years look for."""
    rows = [
        ["Category-wise turnover"],
        [],
        OLD_HEAD,
        ["22-Aug-12", "BNK", 101.5, 99.25],
        ["22-Aug-12", "DFI", 3.0, 2.5],
        ["22-Aug-12", "PRO-TRADES", 3000.0, 3050.75],
        ["22-Aug-12", "OTHERS", 9000.5, 8952.5],
        ["Notes :"],
    ]
    screened = parse(LAYOUT, book(rows), name="cat_turnover_220812.xls")
    assert screened.rejected.is_empty()
    assert set(screened.good["session_date"]) == {date(2012, 8, 22)}
    got = screened.good.sort("category").select("category", "buy_crore", "net_crore").rows()
    assert got == [
        ("BNK", Decimal("101.50"), Decimal("2.25")),
        ("DFI", Decimal("3.00"), Decimal("0.50")),
        ("OTHERS", Decimal("9000.50"), Decimal("48.00")),
        ("PRO-TRADES", Decimal("3000.00"), Decimal("-50.75")),
    ]


@pytest.mark.parametrize("times", [1e7, 100.0])
def test_rupees_or_lakh_under_rupees_are_refused(times: float) -> None:
    """A quiet session of 2005, about 4,000 crore, in another unit; in crore it is read."""
    rows = [["22-Aug-05", "OTHERS", 3000.0, 2990.0], ["22-Aug-05", "PRO-TRADES", 1000.0, 1010.0]]
    assert LAYOUT.read(Payload(book([OLD_HEAD, *rows]))).height == 2
    other = [[day, name, bought * times, sold * times] for day, name, bought, sold in rows]
    with pytest.raises(NotThisLayout, match="another unit") as refusal:
        LAYOUT.read(Payload(book([OLD_HEAD, *other])))
    assert refusal.value.changed


def test_what_binary_arithmetic_adds_to_a_number_is_not_kept(parse: Parse) -> None:
    rows = [HEAD, [date(2026, 5, 3), "Bank", 15653.170000000002, 0.1 + 0.2]]
    (row,) = LAYOUT.read(Payload(book(rows, is_date=True))).to_dicts()
    assert (row["buy_crore"], row["sell_crore"]) == ("15653.17", "0.3")


@pytest.mark.parametrize(
    ("day", "name", "meant"),
    [
        ("08/28/2026", "", date(2026, 8, 28)),
        ("28/08/2026", "", date(2026, 8, 28)),
        ("28-08-2026", "", date(2026, 8, 28)),
        ("28-Aug-26", "", date(2026, 8, 28)),
        ("28-AUG-2026", "", date(2026, 8, 28)),
        ("01 Feb 24", "", date(2024, 2, 1)),
        (date(2026, 8, 28), "", date(2026, 8, 28)),
        ("05/05/2026", "", date(2026, 5, 5)),
        ("05/03/2026", "cat_turnover_030526.xls", date(2026, 5, 3)),
        ("05/03/2026", "https://host/cat/cat_turnover_050326.xls", date(2026, 3, 5)),
        ("03-05-2026", "CAT_TURNOVER_030526.XLS", date(2026, 5, 3)),
        ("08/28/2026", "cat_turnover_270826.xls", date(2026, 8, 28)),
    ],
)
def test_every_form_of_a_date(parse: Parse, day: Any, name: str, meant: date) -> None:
    body = book([HEAD, [day, "Bank", 2.0, 1.0]], is_date=True)
    assert parse(LAYOUT, body, name=name).good["session_date"].to_list() == [meant]


def test_a_date_that_could_be_swapped_needs_the_files_name_or_its_bringer(parse: Parse) -> None:
    body = book(sheet())
    for name in ("", "cat_turnover_040526.xls", "cat_turnover_0305261.xls"):
        with pytest.raises(NotThisLayout, match="2026-03-05 or 2026-05-03"):
            LAYOUT.read(Payload(body, name))
    stated = parse(LAYOUT, body, stated={"session_date": "2026-03-05"})
    assert set(stated.good["session_date"]) == {date(2026, 3, 5)}


def test_a_printed_net_is_held_against_the_difference(parse: Parse) -> None:
    rows = [[*HEAD, ""], ["28-Aug-26", "Bank", 3.0, 1.0, 2.0], ["28-Aug-26", "AIF", 3.0, 1.0, 1.0]]
    screened = parse(LAYOUT, book(rows))
    assert screened.good.select("category", "net_crore").rows() == [("Bank", Decimal(2))]
    assert "net is buy less sell" in screened.rejected["reason"][0]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["28-Aug-26", "Bank", -1.0, 1.0], "buy_crore is out of bounds"),
        (["28-Aug-26", "Bank", "n/a", 1.0], "buy_crore is not readable: n/a"),
        (["28-Aug-26", "Bank", "", 1.0], "net_crore is missing"),
        (["31-Feb-26", "Bank", 2.0, 1.0], "session_date is not readable: 31-Feb-26"),
        ([46262.0, "Bank", 2.0, 1.0], "session_date is not readable: 46262"),
        (["28-Aug-26", "Bank", "9" * 30, 1.0], "buy_crore is not readable"),
    ],
)
def test_a_row_that_cannot_be_true_is_kept_aside(parse: Parse, row: list[Any], reason: str) -> None:
    screened = parse(LAYOUT, book([HEAD, row, ["28-Aug-26", "PMS", 2.0, 1.0]]))
    assert screened.good["category"].to_list() == ["PMS"]
    assert reason in screened.rejected["reason"][0]


def test_a_category_twice_stands_once_and_a_contradiction_not_at_all(parse: Parse) -> None:
    row = ["28-Aug-26", "Bank", 2.0, 1.0]
    assert parse(LAYOUT, book([HEAD, row, row])).good.height == 1
    odd = parse(LAYOUT, book([HEAD, row, ["28-Aug-26", "Bank", 3.0, 1.0]]))
    assert odd.good.is_empty()


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return packed.getvalue()


GOOD = book(sheet())


@pytest.mark.parametrize(
    ("bytes_", "got", "changed"),
    [
        (b"", "an empty file of 0 bytes", False),
        (b"<html>Access Denied", "no Excel workbook: b'<html>Access Denied'", False),
        (zipped(), "a zip archive", False),
        (b"%PDF-1.4", "a PDF document", False),
        (GOOD[:600], "cannot be read", False),
        (GOOD[:8] + bytes(range(256)) * 40, "cannot be read", False),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * (8 * 2**20), "more than the", False),
        (book([]), "rows that begin []", True),
        (book([["nothing", "here"]]), "nothing", True),
        (book([HEAD]), "a heading and no rows", False),
        (book(sheet(head=[*HEAD[:3], "Sold"])), "Sold", True),
        (book(sheet(head=[*HEAD[:2], "Buy Value in Rs.Lakhs", HEAD[3]])), "Rs.Lakhs", True),
        (book(sheet(head=[*HEAD, "Remarks"])), "Remarks", True),
        (book([HEAD, ["28-Aug-26", "", 1.0, 1.0]]), "''", False),
        (
            book([[*HEAD[:3], OLD_HEAD[3]], ["28-Aug-26", "Bank", 1.0, 1.0]]),
            "Sell Value in Rs.",
            True,
        ),
        (book([HEAD[:3], ["28-Aug-26", "Bank", 1.0]]), "Client Categories", True),
    ],
)
def test_what_is_no_such_workbook_is_refused_saying_what_came(
    bytes_: bytes, got: str, changed: bool
) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        LAYOUT.read(Payload(bytes_, NAME))
    assert got in refusal.value.got
    assert refusal.value.changed is changed


def test_any_cut_of_a_workbook_is_read_or_refused() -> None:
    refused = 0
    for length in range(8, len(GOOD), 97):
        spoiled = bytearray(GOOD)
        spoiled[length : length + 3] = b"\xff\x00\xfe"
        for body in (GOOD[:length], bytes(spoiled)):
            try:
                LAYOUT.read(Payload(body, NAME))
            except NotThisLayout:
                refused += 1
    assert refused > 20
