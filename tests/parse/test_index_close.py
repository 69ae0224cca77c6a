"""`ind_close_all`: what is read, what is refused whole, and which rows are kept aside and why."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from transforms.parse.index_close import HEADER, LAYOUT
from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
HEAD = ",".join(HEADER)
NIFTY = (
    "Nifty 50,11-02-2026,25300.5,25480,25290.25,25450.15,-.77,-.01,301234567,24500.5,22.1,3.4,1.2"
)
BANK = "Nifty Bank,11-02-2026,54000,54500,53900,54321,12.5,.02,1000,10,15,2,.9"


def body(*rows: str, header: str = HEAD, end: str = "\n") -> bytes:
    return end.join([header, *rows, ""]).encode()


def reasons(screened: Screened) -> list[tuple[int, str]]:
    return list(screened.rejected.select("row_number", "reason").sort("row_number").iter_rows())


def test_an_ordinary_row_keeps_every_decimal(parse: Parse) -> None:
    row = parse(LAYOUT, body(NIFTY)).good.row(0, named=True)
    assert row["session_date"] == date(2026, 2, 11)
    assert (row["index_name"], row["return_variant"]) == ("Nifty 50", "price")
    assert row["source_id"] == "nse_index_close"
    assert row["open"] == Decimal("25300.5")
    assert row["close"] == Decimal("25450.15")
    assert row["points_change"] == Decimal("-0.77"), "a number may lack its leading zero"
    assert row["change_pct"] == Decimal("-0.01")
    assert row["volume_shares"] == 301234567
    assert row["turnover_inr"] == Decimal("245005000000"), "rupees, not crore"
    assert row["dividend_yield_pct"] == Decimal("1.2")


def test_a_dash_or_a_blank_is_null(parse: Parse) -> None:
    vix = "India VIX,11-02-2026,-,,-,13.2125,-,-,-,-,-,-,-"
    row = parse(LAYOUT, body(NIFTY, vix)).good.row(1, named=True)
    assert row["close"] == Decimal("13.2125")
    for name in ("open", "high", "low", "points_change", "volume_shares", "turnover_inr"):
        assert row[name] is None


def test_a_level_printed_as_zero_was_not_published(parse: Parse) -> None:
    row = "Nifty New,11-02-2026,0,0.0,.00,100,0,0,0,0,-,-,-"
    found = parse(LAYOUT, body(row)).good.row(0, named=True)
    assert (found["open"], found["high"], found["low"]) == (None, None, None)
    assert (found["points_change"], found["volume_shares"]) == (0, 0), "a change may be zero"


@pytest.mark.parametrize(
    "bytes_",
    [
        b"\xef\xbb\xbf" + body(NIFTY, BANK),
        body(NIFTY, BANK, end="\r\n"),
        body(NIFTY, BANK).rstrip(b"\n"),
        body("", NIFTY, "", BANK, ""),
        body(f'"{NIFTY.replace(",", chr(34) + "," + chr(34))}"', BANK),
        body(*(row.replace(",", " , ") for row in (NIFTY, BANK))),
    ],
    ids=["BOM", "CRLF", "no last line end", "blank lines", "quoted", "padded"],
)
def test_the_same_rows_in_another_dress(parse: Parse, bytes_: bytes) -> None:
    assert LAYOUT.recognise(Payload(bytes_))
    assert parse(LAYOUT, bytes_).good.equals(parse(LAYOUT, body(NIFTY, BANK)).good)


def test_a_quoted_comma_stays_in_its_field(parse: Parse) -> None:
    row = NIFTY.replace("Nifty 50", '"Nifty 50, Equal Weight"').replace("25480", '"25,480.00"')
    found = parse(LAYOUT, body(row)).good.row(0, named=True)
    assert found["index_name"] == "Nifty 50, Equal Weight"
    assert found["high"] == Decimal(25480)


def zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("ind_close_all.csv", content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("bytes_", "got", "changed"),
    [
        (b"", "an empty file of 0 bytes", False),
        (b" \n\r\n", "an empty file", False),
        (b"\xef\xbb\xbf", "missing", False),
        (body(), "a header and no rows", False),
        (b"<!DOCTYPE html><html><body>Access Denied", "a web page", False),
        (b"\n <HTML><head>", "a web page", False),
        (zipped(body(NIFTY)), "a zip archive", False),
        (gzip.compress(body(NIFTY)), "gzip data", False),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an Excel workbook", False),
        (body(NIFTY).replace(b"Nifty 50", b"Nifty \xe9"), "not UTF-8", False),
        (body(NIFTY) + b"\x00\x00", "binary data", False),
        (body(NIFTY, BANK)[:-30], "row 2 of 2 (cut off)", False),
        (body(NIFTY + ",-", BANK), "14 in row 1 of 2 (ragged)", False),
        (body(NIFTY, BANK[:20], NIFTY), "in row 2 of 3 (ragged)", False),
        (body(NIFTY, header=HEAD.replace("Closing Index Value", "Close")), "'Close'", True),
        (body(NIFTY, header=HEAD.replace("Index Date,", "")), "missing ['Index Date']", True),
        (body(NIFTY, header=HEAD + ",Remarks"), "unexpected ['Remarks']", True),
        (body(NIFTY, header=",".join(reversed(HEADER))), "in another order", True),
        (b"SYMBOL,SERIES\nA,EQ\n", "unexpected ['SYMBOL', 'SERIES']", False),
        (b'"' + b"x" * 200_000, "no CSV", False),
    ],
)
def test_what_is_no_such_file_is_refused_saying_what_came(
    bytes_: bytes, got: str, changed: bool
) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        LAYOUT.read(Payload(bytes_))
    assert got in refusal.value.got
    assert refusal.value.changed is changed, "columns that differ are told from bytes of no sort"
    assert "index closes file" in str(refusal.value)


def test_a_file_of_other_columns_is_not_recognised() -> None:
    for header in (HEAD + ",Remarks", HEAD.replace("P/E,", ""), ""):
        assert not LAYOUT.recognise(Payload(body(NIFTY, header=header)))


def test_duplicate_rows_stand_once(parse: Parse) -> None:
    screened = parse(LAYOUT, body(NIFTY, BANK, NIFTY))
    assert screened.good["index_name"].to_list() == ["Nifty 50", "Nifty Bank"]
    assert reasons(screened) == [(3, "repeats another row, or says less than it")]


def test_rows_that_contradict_each_other_are_both_kept_aside(parse: Parse) -> None:
    screened = parse(LAYOUT, body(NIFTY, BANK, NIFTY.replace("25450.15", "25451.15")))
    assert screened.good["index_name"].to_list() == ["Nifty Bank"]
    assert [row for row, _ in reasons(screened)] == [1, 3]
    assert all("contradicts" in reason for _, reason in reasons(screened))


def test_a_coarser_print_of_a_row_gives_way_to_the_finer(parse: Parse) -> None:
    coarse = NIFTY.replace("25450.15", "25450.1").replace("25300.5", "-")
    for rows, kept in (((coarse, NIFTY), 1), ((NIFTY, coarse), 2)):
        screened = parse(LAYOUT, body(*rows))
        assert screened.good["close"].to_list() == [Decimal("25450.15")]
        assert screened.good["open"].to_list() == [Decimal("25300.5")]
        assert [row for row, _ in reasons(screened)] == [kept]


def test_a_row_does_not_fall_for_its_neighbours_fault(parse: Parse) -> None:
    """Two rows of one key, one of them impossible: both are told, each by its own reason."""
    impossible = NIFTY.replace("25480", "1")
    screened = parse(LAYOUT, body(NIFTY, impossible))
    first, second = (reason for _, reason in reasons(screened))
    assert "high is highest" not in first
    assert "high is highest" in second


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (("25450.15", "-25450.15"), "close is out of bounds"),
        (("24500.5", "-1"), "turnover_inr is out of bounds"),
        (("25450.15", "-"), "close is missing"),
        (("25450.15", "2545O"), "close is not readable: 2545O"),
        (("25450.15", "NaN"), "close is not readable: NaN"),
        (("25450.15", "inf"), "close is not readable"),
        (("25450.15", "9" * 30), "close is not readable"),
        (("24500.5", "9" * 22), "turnover_inr is not readable"),
        (("301234567", "9" * 25), "volume_shares is not readable"),
        (("11-02-2026", "31-02-2026"), "session_date is not readable: 31-02-2026"),
        (("11-02-2026", "2026-02-11"), "session_date is not readable"),
        (("11-02-2026", ""), "session_date is missing"),
        (("Nifty 50", " "), "index_name is missing"),
    ],
)
def test_a_row_that_cannot_be_true_is_kept_aside_with_its_reason(
    parse: Parse, changed: tuple[str, str], reason: str
) -> None:
    screened = parse(LAYOUT, body(NIFTY.replace(*changed), BANK))
    assert screened.good["index_name"].to_list() == ["Nifty Bank"]
    ((row, told),) = reasons(screened)
    assert row == 1
    assert reason in told
    kept = screened.rejected.row(0, named=True)
    assert changed[1].strip() in kept["row"], "the row is kept as it was read"
    assert kept["target"] == "core.index_bar"


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        (("25480", "25000"), "high is highest"),
        (("25290.25", "26000"), "low is lowest"),
    ],
)
def test_levels_that_cannot_be_true_are_set_aside_and_the_close_stands(
    parse: Parse, changed: tuple[str, str], rule: str
) -> None:
    screened = parse(LAYOUT, body(NIFTY.replace(*changed), BANK))
    kept, other = screened.good.to_dicts()
    assert str(kept["close"]) == "25450.1500"
    assert (kept["open"], kept["high"], kept["low"]) == (None, None, None)
    assert other["high"] is not None
    ((row, told),) = reasons(screened)
    assert row == 1
    assert rule in told
    assert told.endswith("the row stays without high, low, open")
    assert changed[1] in screened.rejected["row"][0], "the row is kept as it was read"


def test_unreadable_rows_are_not_called_repeats_of_each_other(parse: Parse) -> None:
    bad = NIFTY.replace("11-02-2026", "99-99-2026")
    screened = parse(LAYOUT, body(bad, bad.replace("25450.15", "1"), BANK))
    assert all("contradicts" not in reason for _, reason in reasons(screened))
    assert [row for row, _ in reasons(screened)] == [1, 2]


def test_rows_of_two_files_do_not_judge_each_other(parse: Parse) -> None:
    screened = parse(LAYOUT, body(NIFTY), body(NIFTY.replace("25450.15", "25451")))
    assert screened.rejected.is_empty()
    assert screened.good["file_id"].to_list() == [1, 2]
