"""`MTO_*.DAT`: deliveries of the years before the bars told them as well."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from transforms.parse.equity_mto import LAYOUT
from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
TITLE = "Security Wise Delivery Position - Compulsory Rolling Settlement"
TOTALS = "10,MTO,15012019,471778636,0001790"
TRADED_ON = (
    "Trade Date <15-JAN-2019>,Settlement Type <N>,Settlement No <2019010>,"
    "Settlement Date <17-JAN-2019>"
)
COLUMNS = (
    "Record Type,Sr No,Name of Security,Quantity Traded,Deliverable Quantity(gross across client "
    "level),% of Deliverable Quantity to Traded Quantity"
)
ALPHA = "20,1,ALPHA&CO,EQ,1000,600,60.00"
BETA = "20,2,BETA,BE,50,50,100.00"


def body(*rows: str, heads: tuple[str, ...] = (TITLE, TOTALS, TRADED_ON, COLUMNS)) -> bytes:
    return "\r\n".join([*heads, *rows, ""]).encode()


def test_rows_of_type_20_with_the_date_of_the_head(parse: Parse) -> None:
    assert LAYOUT.recognise(Payload(body(ALPHA)))
    screened = parse(LAYOUT, body(ALPHA, BETA))
    assert screened.rejected.is_empty()
    first, second = screened.good.to_dicts()
    assert (first["symbol"], first["series"]) == ("ALPHA&CO", "EQ")
    assert (first["volume_shares"], first["delivery_shares"]) == (1000, 600)
    assert first["session_date"] == second["session_date"] == date(2019, 1, 15)
    assert (second["series"], second["source_id"]) == ("BE", "nse_delivery_positions")


@pytest.mark.parametrize(
    "heads",
    [
        (TITLE, TOTALS, COLUMNS),
        (TITLE, TRADED_ON),
        (TITLE, TOTALS, "Trade Date <15-JAN-2019>,Settlement Type <N>", COLUMNS),
    ],
)
def test_either_date_will_do(parse: Parse, heads: tuple[str, ...]) -> None:
    assert parse(LAYOUT, body(ALPHA, heads=heads)).good["session_date"][0] == date(2019, 1, 15)


@pytest.mark.parametrize(
    ("bytes_", "got"),
    [
        (b"", "an empty file"),
        (b"<html>", "a web page"),
        (body(), "none of type 20"),
        (body(ALPHA, heads=("Another title", TOTALS)), "Another title"),
        (body(ALPHA, heads=(TITLE, COLUMNS)), "[]"),
        (body(ALPHA, heads=(TITLE, "10,MTO,31022019,1,1")), "31022019"),
        (body(ALPHA, heads=(TITLE, TOTALS.replace("15", "16", 1), TRADED_ON)), "2019-01-16"),
        (body(ALPHA, "20,2,BETA,EQ,1000,60"), "6 in row 2"),
        (body("20,1,ALPHA,1000,600,60.00"), "6 in row 1"),
        (body(ALPHA + ",1"), "8 in row 1"),
        (body(ALPHA, "30,1,GAMMA,EQ,1,1,100.00"), "30,1,GAMMA"),
    ],
)
def test_what_is_no_such_file_is_refused(bytes_: bytes, got: str) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        LAYOUT.read(Payload(bytes_))
    assert got in refusal.value.got


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (("600", "1001"), "delivered is traded does not hold"),
        (("600", "-1"), "delivered is traded does not hold"),
        (("600", "-"), "delivery_shares is missing"),
        (("1000", "1k"), "volume_shares is not readable: 1k"),
        (("ALPHA&CO", ""), "symbol is missing"),
    ],
)
def test_a_row_that_cannot_be_true(parse: Parse, changed: tuple[str, str], reason: str) -> None:
    screened = parse(LAYOUT, body(ALPHA.replace(*changed), BETA))
    assert screened.good["symbol"].to_list() == ["BETA"]
    assert reason in screened.rejected["reason"][0]
