"""Bars of shares in every generation of the exchange's file: what is read, kept aside, refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tests.parse.test_zip_safety import packed
from transforms.parse import equity_full, equity_legacy, equity_udiff
from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.screen import Screened
from warehouse.tables import EquityBar

Parse = Callable[..., Screened]
UDIFF_HEAD = ",".join(equity_udiff.COLUMNS)
FULL_HEAD = ", ".join(equity_full.COLUMNS)
LEGACY_HEAD = ",".join(equity_legacy.COLUMNS | equity_legacy.LATER) + ","
OLDEST_HEAD = ",".join(equity_legacy.COLUMNS) + ","


def udiff(
    symbol: str = "ALPHA&CO",
    prices: str = "100.50,104.00,99.95,103.25,103.30,101.00",
    traded: str = "12345,1271535.15,321",
    *,
    series: str = "EQ",
    day: str = "2026-02-11",
    kin: str = "CM,NSE",
) -> str:
    """open, high, low, close, last, previous close; volume, turnover in rupees, trades."""
    return (
        f"{day},{day},{kin},STK,77,INE000A01018,{symbol},{series},,,,,ALPHA AND CO LIMITED,"
        f"{prices},,103.20,,,{traded},F1,1,,,,,"
    )


def full(
    symbol: str = "ALPHA&CO",
    prices: str = "101.00, 100.50, 104.00, 99.95, 103.30, 103.25, 103.00",
    traded: str = "12345, 12.72, 321, 6000, 48.60",
    *,
    series: str = "EQ",
    day: str = "11-Feb-2026",
) -> str:
    """Previous close, open, high, low, last, close, average; then turnover in lakhs, deliveries."""
    return f"{symbol}, {series}, {day}, {prices}, {traded}"


def legacy(
    symbol: str = "ALPHA&CO",
    prices: str = "100.5,104,99.95,103.25,103.3,101",
    traded: str = "12345,1271535.15",
    *,
    series: str = "EQ",
    day: str = "11-FEB-2020",
    later: str = "321,INE000A01018,",
) -> str:
    return f"{symbol},{series},{prices},{traded},{day},{later}"


def body(head: str, *rows: str, end: str = "\n") -> bytes:
    return end.join([head, *rows, ""]).encode()


@dataclass(frozen=True)
class Generation:
    layout: Layout
    head: str
    row: Callable[..., str]
    close: str
    """The close as the row prints it."""

    def body(self, *rows: str) -> bytes:
        return body(self.head, *rows)


UDIFF = Generation(equity_udiff.LAYOUT, UDIFF_HEAD, udiff, "103.25")
FULL = Generation(equity_full.LAYOUT, FULL_HEAD, full, "103.25")
LEGACY = Generation(equity_legacy.LAYOUT, LEGACY_HEAD, legacy, "103.25")
OLDEST = Generation(
    equity_legacy.OLDEST, OLDEST_HEAD, lambda *a, **k: legacy(*a, **k, later=""), "103.25"
)
GENERATIONS = [UDIFF, FULL, LEGACY, OLDEST]
every_generation = pytest.mark.parametrize(
    "generation", GENERATIONS, ids=lambda generation: generation.layout.id
)


def only(screened: Screened) -> dict[str, Any]:
    assert screened.rejected.is_empty()
    return screened.good.row(0, named=True)


PRICES = {
    "open": "100.5",
    "high": "104",
    "low": "99.95",
    "close": "103.25",
    "last": "103.3",
    "previous_close": "101",
}


@every_generation
def test_an_ordinary_row(parse: Parse, generation: Generation) -> None:
    screened = parse(generation.layout, generation.body(generation.row()))
    row = only(screened)
    assert row["session_date"] in {date(2026, 2, 11), date(2020, 2, 11)}
    assert (row["symbol"], row["series"], row["volume_shares"]) == ("ALPHA&CO", "EQ", 12345)
    assert {name: row[name] for name in PRICES} == {n: Decimal(v) for n, v in PRICES.items()}
    EquityBar.validate(screened.good)


def test_what_each_generation_alone_tells(parse: Parse) -> None:
    told = {one.layout.id: only(parse(one.layout, one.body(one.row()))) for one in GENERATIONS}
    new, bars, old, oldest = told.values()
    isin, name = "INE000A01018", "ALPHA AND CO LIMITED"
    assert [row["isin"] for row in told.values()] == [isin, None, isin, None]
    assert [row["security_name"] for row in told.values()] == [name, None, None, None]
    assert [row["trades"] for row in told.values()] == [321, 321, 321, None]
    assert [row["average_price"] for row in told.values()] == [None, Decimal(103), None, None]
    assert [row["delivery_shares"] for row in told.values()] == [None, 6000, None, None]
    assert new["turnover_inr"] == old["turnover_inr"] == Decimal("1271535.15")
    assert bars["turnover_inr"] == Decimal(1272000), "lakhs of two decimals"
    assert [row["source_id"] for row in told.values()] == [
        "nse_equity_bhavcopy",
        "nse_equity_full",
        "nse_equity_bhavcopy_legacy",
        "nse_equity_bhavcopy_legacy",
    ]
    assert oldest["close"] == Decimal("103.25")


@every_generation
def test_prices_printed_as_zero_were_not_published(parse: Parse, generation: Generation) -> None:
    zeros = {
        "equity_udiff": "0.00,0,0.0,103.25,,0.00",
        "equity_full": "0, 0.00, 0.0, .00, 0.00, 103.25, 0.00",
    }.get(generation.layout.id, "0,0.0,.0,103.25,0.0,0")
    row = only(parse(generation.layout, generation.body(generation.row("A-B", zeros))))
    assert row["symbol"] == "A-B"
    assert row["close"] == Decimal("103.25")
    for name in ("open", "high", "low", "last", "previous_close", "average_price"):
        assert row[name] is None


def test_the_oldest_and_the_later_form_are_told_apart_by_their_columns() -> None:
    for one in GENERATIONS:
        payload = Payload(one.body(one.row()))
        assert [o.layout.id for o in GENERATIONS if o.layout.recognise(payload)] == [one.layout.id]


@every_generation
def test_an_archive_is_read_as_the_file_inside(parse: Parse, generation: Generation) -> None:
    plain = generation.body(generation.row())
    zipped = packed(("BhavCopy.CSV", plain))
    assert generation.layout.recognise(Payload(zipped))
    assert parse(generation.layout, zipped).good.equals(parse(generation.layout, plain).good)


@every_generation
@pytest.mark.parametrize(
    "dress",
    [
        lambda plain: b"\xef\xbb\xbf" + plain,
        lambda plain: plain.replace(b"\n", b"\r\n"),
        lambda plain: plain.rstrip(b"\n"),
        lambda plain: plain.replace(b"\n", b"\n\n"),
        lambda plain: plain.replace(b", ", b",").replace(b",", b" , "),
        lambda plain: plain.replace(b", ", b","),
        lambda plain: plain.replace(b", ", b",").replace(b"12345", b'"12,345"'),
    ],
    ids=["BOM", "CRLF", "no last line end", "blank lines", "padded", "stripped", "quoted commas"],
)
def test_the_same_rows_in_another_dress(
    parse: Parse, generation: Generation, dress: Callable[[bytes], bytes]
) -> None:
    plain = generation.body(generation.row(), generation.row("BETA"))
    dressed = dress(plain)
    assert generation.layout.recognise(Payload(dressed))
    expected = parse(generation.layout, plain).good
    assert parse(generation.layout, dressed).good.equals(expected)
    many = generation.layout.read_many
    assert many is not None
    (glued,) = many([Payload(dressed)])
    assert isinstance(glued, pl.DataFrame)
    assert glued.equals(generation.layout.read(Payload(plain)))


@every_generation
def test_what_is_no_such_file_is_refused_saying_what_came(generation: Generation) -> None:
    head, row = generation.head, generation.row()
    cases = [
        (b"", "an empty file", False),
        (b"<!DOCTYPE html><html>Access Denied", "a web page", False),
        (gzip.compress(generation.body(row)), "gzip data", False),
        (body(head), "a header and no rows", False),
        (generation.body(row).replace(b"ALPHA", b"ALPH\xc9"), "not UTF-8", False),
        (generation.body(row) + b"\x00", "binary data", False),
        (generation.body(row, row)[:-20], "cut off", False),
        (generation.body(row + ",1", row), "ragged", False),
        (body(head.replace("CLOSE", "ENDS").replace("ClsPric", "Ends"), row), "missing", True),
        (body(head + ",MORE", row + ","), "unexpected ['MORE']", True),
        (body("A,B", "1,2"), "unexpected ['A', 'B']", False),
        (packed(("a.csv", generation.body(row)), ("b.csv", b"")), "['a.csv', 'b.csv']", False),
        (packed(("a.txt", generation.body(row))), "['a.txt']", False),
        (packed(("a.csv", generation.body(row)))[:-10], "damaged", False),
        (packed(("a.csv", packed(("a.csv", generation.body(row))))), "a zip archive", False),
    ]
    many = generation.layout.read_many
    assert many is not None
    refusals = many([Payload(bytes_) for bytes_, _, _ in cases])
    for (bytes_, got, changed), refused in zip(cases, refusals, strict=True):
        with pytest.raises(NotThisLayout) as refusal:
            generation.layout.read(Payload(bytes_))
        assert got in refusal.value.got
        assert refusal.value.changed is changed
        assert str(refused) == str(refusal.value)


@pytest.mark.parametrize("kin", ["CM,BSE", "FO,NSE", ",", "CM,"])
def test_another_exchange_or_segment_in_the_same_layout_is_not_ours(kin: str) -> None:
    for bytes_ in (body(UDIFF_HEAD, udiff(kin=kin)), body(UDIFF_HEAD, udiff(), udiff(kin=kin))):
        with pytest.raises(NotThisLayout, match="every row"):
            equity_udiff.LAYOUT.read(Payload(bytes_))
        (refusal,) = equity_udiff.LAYOUT.read_many([Payload(bytes_)])  # type: ignore[misc]
        assert isinstance(refusal, NotThisLayout)
    assert not equity_udiff.LAYOUT.recognise(Payload(body(UDIFF_HEAD, udiff(kin=kin))))


@every_generation
@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (("103.25", "1O3.25"), "close is not readable: 1O3.25"),
        (("103.25", "nan"), "close is not readable: nan"),
        (("103.25", "9" * 20), "close is not readable"),
        (("103.25", "-"), "close is missing"),
        (("103.25", "0.00"), "price is positive does not hold"),
        (("103.25", "-103.25"), "close is out of bounds"),
        (("12345", "12345 shares"), "volume_shares is not readable: 12345 shares"),
        (("12345", ""), "volume_shares is missing"),
        (("12345", "-12345"), "volume is not negative does not hold"),
        (("ALPHA&CO", "-"), "symbol is missing"),
        (("EQ", ""), "series is missing"),
        (("11-F", "31-F"), "session_date is not readable"),
        (("02-11,2", "02-31,2"), "session_date is not readable"),
    ],
)
def test_a_row_that_cannot_be_true_is_kept_aside_with_its_reason(
    parse: Parse, generation: Generation, changed: tuple[str, str], reason: str
) -> None:
    row = generation.row()
    spoiled = row.replace(*changed, 1)
    if spoiled == row:
        assert changed[0] in {"11-F", "02-11,2"}, "only dates are written in two ways"
        return
    bytes_ = generation.body(generation.row("BETA"), spoiled)
    screened = parse(generation.layout, bytes_)
    assert screened.good["symbol"].to_list() == ["BETA"]
    ((number, told),) = screened.rejected.select("row_number", "reason").iter_rows()
    assert number == 2
    assert reason in told
    kept = json.loads(screened.rejected["row"][0])
    if ": " in reason:
        column, _, cell = reason.partition(" is not readable: ")
        assert kept[column] == cell, "the row is kept as it came"
    many = generation.layout.read_many
    assert many is not None
    (glued,) = many([Payload(bytes_)])
    assert isinstance(glued, pl.DataFrame)
    assert glued.equals(generation.layout.read(Payload(bytes_)))


@every_generation
def test_a_high_below_the_close_is_set_aside_and_the_close_stands(
    parse: Parse, generation: Generation
) -> None:
    bytes_ = generation.body(generation.row().replace("104", "102"), generation.row("BETA"))
    screened = parse(generation.layout, bytes_)
    first, second = screened.good.to_dicts()
    assert (first["open"], first["high"], first["low"]) == (None, None, None)
    assert first["close"] == second["close"] == Decimal("103.25")
    assert first["delivery_shares"] == second["delivery_shares"], "nobody doubts the deliveries"
    assert second["high"] == 104
    (told,) = screened.rejected["reason"]
    assert told == "high is highest does not hold; the row stays without high, low, open"


def test_more_delivered_than_traded_takes_the_delivery_alone(parse: Parse) -> None:
    row = full(traded="12345, 12.72, 321, 12346, 100.01")
    screened = parse(FULL.layout, FULL.body(row))
    kept = screened.good.row(0, named=True)
    assert (kept["delivery_shares"], kept["volume_shares"]) == (None, 12345)
    assert kept["high"] == 104
    assert screened.rejected["reason"][0].endswith("the row stays without delivery_shares")


def test_both_rules_broken_take_both(parse: Parse) -> None:
    row = full(traded="12345, 12.72, 321, 12346, 100.01").replace("104.00", "100.00")
    screened = parse(FULL.layout, FULL.body(row))
    assert screened.rejected["reason"][0].endswith("without delivery_shares, high, low, open")
    kept = screened.good.row(0, named=True)
    assert (kept["delivery_shares"], kept["high"], kept["close"]) == (None, None, Decimal("103.25"))


@pytest.mark.parametrize(
    ("series", "volume", "delivery", "is_pending"),
    [
        ("EQ", "10", "-", True),
        ("EQ", "10", "", True),
        ("EQ", "10", "4", False),
        ("EQ", "10", "0", False),
        ("EQ", "0", "-", False),
        ("EQ", "10", "4x", False),
        ("BE", "10", "-", False),
        ("BZ", "10", "-", False),
        ("GS", "10", "-", False),
    ],
)
def test_a_delivery_is_pending_where_it_is_still_to_come(
    series: str, volume: str, delivery: str, is_pending: bool
) -> None:
    row = full(series=series, traded=f"{volume}, 1.00, 3, {delivery}, -")
    layout = equity_full.LAYOUT
    assert layout.pending is not None
    assert layout.read_many is not None
    payload = Payload(FULL.body(row))
    for frame in (layout.read(payload), *layout.read_many([payload])):
        assert isinstance(frame, pl.DataFrame)
        assert frame.select(layout.pending).item() is is_pending


@every_generation
def test_repeats_stand_once_and_contradictions_fall_together(
    parse: Parse, generation: Generation
) -> None:
    row, other = generation.row(), generation.row("BETA")
    screened = parse(generation.layout, generation.body(row, other, row))
    assert screened.good["symbol"].to_list() == ["ALPHA&CO", "BETA"]
    assert screened.rejected["reason"].to_list() == ["repeats another row, or says less than it"]
    screened = parse(
        generation.layout, generation.body(row, other, row.replace("103.25", "103.20"))
    )
    assert screened.good["symbol"].to_list() == ["BETA"]
    assert screened.rejected["row_number"].to_list() == [1, 3]
    assert all("contradicts" in reason for reason in screened.rejected["reason"])


@every_generation
def test_one_symbol_in_two_series_is_two_rows(parse: Parse, generation: Generation) -> None:
    rows = (generation.row(), generation.row(series="BE"))
    assert parse(generation.layout, generation.body(*rows)).good["series"].to_list() == ["EQ", "BE"]


def test_many_decimals_are_rounded_alike_in_both_ways() -> None:
    for written in ("103.12345", "103.12355", "1.0312E2", "+103.1", "103.", "0103.10"):
        payload = Payload(body(UDIFF_HEAD, udiff().replace("103.25", written)))
        assert equity_udiff.LAYOUT.read_many is not None
        (glued,) = equity_udiff.LAYOUT.read_many([payload])
        assert isinstance(glued, pl.DataFrame)
        assert glued.equals(equity_udiff.LAYOUT.read(payload))
        expected = round(Decimal(written), 4)
        assert glued["close"].to_list() == [expected]
