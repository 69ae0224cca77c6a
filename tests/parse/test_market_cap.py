"""Market capitalisations: blanks behind cells, rows that sum up others, securities told twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.market_cap import LAYOUT
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
NAME = "mcap11022026.csv"
HEADER = (
    "Trade Date,Symbol,Series,Security Name,Category,Last Trade Date,Face Value(Rs.),Issue Size,"
    "Close Price/Paid up value(Rs.),Market Cap(Rs.)              \n"
)
ALPHA = (
    "11 FEB 2026,ALPHA,EQ,ALPHA GEARS LTD          ,Listed    ,11 FEB 2026,"
    "               2.00,           1000000,            250.05,      250050000.00    \n"
)
NEVER = "11 FEB 2026,BETA,BE,BETA LTD,Listed,Not Traded ,10.00,500,40.00,20000.00\n"
TOTAL = "11 FEB 2026,TOTAL,BE,TOTAL CARGO LTD          ,Listed    ,10 FEB 2026,10.00,7,3.00,21.00\n"
SUMS = "".join(
    f"11 FEB 2026,{name},  ,                         ,          ,           ,0.00,0,0.00,{value}\n"
    for name, value in [("Listed    ", "250070021.00"), ("Permitted ", "0.00"), ("Total     ", "1")]
)
FIGURES = ("symbol", "last_trade_date", "face_value_inr", "issued_shares", "market_cap_inr")


def body(*rows: str) -> bytes:
    """A file of some rows."""
    return "".join([HEADER, *rows]).encode()


def test_cells_are_read_without_their_blanks(parse: Parse) -> None:
    screened = parse(LAYOUT, body(ALPHA, NEVER))
    assert screened.rejected.is_empty()
    assert screened.good.select(FIGURES).rows() == [
        ("ALPHA", date(2026, 2, 11), Decimal(2), 1_000_000, Decimal(250_050_000)),
        ("BETA", None, Decimal(10), 500, Decimal(20_000)),
    ]
    first = screened.good.row(0, named=True)
    assert first["session_date"] == date(2026, 2, 11)
    assert first["close"] == Decimal("250.05")
    assert (first["series"], first["category"]) == ("EQ", "Listed")
    assert (first["security_name"], first["source_id"]) == ("ALPHA GEARS LTD", "nse_pr_set")


def test_rows_that_sum_up_others_are_no_securities(parse: Parse) -> None:
    screened = parse(LAYOUT, body(ALPHA, TOTAL, SUMS))
    assert screened.rejected.is_empty()
    assert screened.good["symbol"].to_list() == ["ALPHA", "TOTAL"]


def test_a_security_listed_and_permitted_stays_as_listed(parse: Parse) -> None:
    permitted = ALPHA.replace("Listed    ", "Permitted ")
    for rows in ((ALPHA, permitted), (permitted, ALPHA)):
        screened = parse(LAYOUT, body(*rows, NEVER))
        assert screened.good.select("symbol", "category").rows() == [
            ("ALPHA", "Listed"),
            ("BETA", "Listed"),
        ]
        assert "repeats another row" in screened.rejected["reason"].item()


def test_two_sizes_of_one_security_are_both_kept_aside(parse: Parse) -> None:
    screened = parse(LAYOUT, body(ALPHA, ALPHA.replace("1000000", "9000000"), NEVER))
    assert screened.good["symbol"].to_list() == ["BETA"]
    assert screened.rejected.height == 2


def test_a_comma_in_a_name_and_a_byte_of_another_encoding_cost_nothing(parse: Parse) -> None:
    row = ALPHA.replace("ALPHA GEARS LTD", "ALPHA, GEARS É CO")
    screened = parse(LAYOUT, (HEADER + row + NEVER).encode("latin-1"))
    assert screened.rejected.is_empty()
    assert screened.good["security_name"].to_list() == ["ALPHA, GEARS É CO", "BETA LTD"]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("1000000,", "1000000.5,", "issued_shares is not readable: 1000000.5"),
        (",11 FEB 2026,", ",31 FEB 2026,", "last_trade_date is not readable: 31 FEB 2026"),
        ("250.05", "-250.05", "close is out of bounds"),
        (",EQ,", ", ,", "series is missing"),
    ],
)
def test_a_row_that_cannot_be_is_kept_aside(parse: Parse, old: str, new: str, why: str) -> None:
    screened = parse(LAYOUT, body(ALPHA.replace(old, new), NEVER))
    assert screened.good["symbol"].to_list() == ["BETA"]
    assert why in screened.rejected["reason"].item()


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (b"", "an empty file"),
        (HEADER.encode(), "a header and no rows"),
        (body(ALPHA).replace(b"Issue Size", b"Shares Issued"), "missing ['Issue Size']"),
        (body(ALPHA, "11 FEB 2026,BETA,BE"), "cut off"),
        (b"<html><body>Access Denied", "a web page"),
        (b"PK\x03\x04", "a zip archive"),
    ],
)
def test_what_is_no_such_file(content: bytes, got: str) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        LAYOUT.read(Payload(content, NAME))
    assert got in refusal.value.got
    assert LAYOUT.recognise(Payload(body(ALPHA), NAME))
