"""Shares listed: blanks in the heading, commas in names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from transforms.parse.equity_list import LAYOUT
from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
HEADER = (
    "SYMBOL,NAME OF COMPANY, SERIES, DATE OF LISTING, PAID UP VALUE, MARKET LOT, ISIN NUMBER,"
    " FACE VALUE\n"
)
ALPHA = "ALPHA,Alpha Gears Limited,EQ,06-OCT-2008,5,1,INE000A01010,5\n"
COMMA = "B&SONS,Beta, Sons & Company Limited,BE,16-FEB-2026,7.5,1,INE000B01018,10\n"


def test_a_row_is_a_share(parse: Parse) -> None:
    assert LAYOUT.recognise(Payload((HEADER + ALPHA).encode()))
    screened = parse(LAYOUT, (HEADER + ALPHA + COMMA).encode())
    assert screened.rejected.is_empty()
    names = ("isin", "symbol", "company_name", "series", "listed_on", "paid_up_inr")
    assert screened.good.select(*names, "face_value_inr").rows() == [
        (
            *("INE000A01010", "ALPHA", "Alpha Gears Limited", "EQ", date(2008, 10, 6)),
            *(Decimal(5), Decimal(5)),
        ),
        (
            *("INE000B01018", "B&SONS", "Beta, Sons & Company Limited", "BE", date(2026, 2, 16)),
            *(Decimal("7.5"), Decimal(10)),
        ),
    ]


def test_a_share_may_be_listed_before_it_trades() -> None:
    """Fetched on 11 February 2026, it holds a listing of the 16th."""
    assert LAYOUT.may_lie_ahead


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("INE000A01010", "DUM000A01010", "isin is not readable: DUM000A01010"),
        ("06-OCT-2008", "2008-10-06", "listed_on is not readable: 2008-10-06"),
        (",EQ,", ",,", "series is missing"),
    ],
)
def test_a_row_that_cannot_be_is_kept_aside(parse: Parse, old: str, new: str, why: str) -> None:
    screened = parse(LAYOUT, (HEADER + ALPHA.replace(old, new) + COMMA).encode())
    assert screened.good["symbol"].to_list() == ["B&SONS"]
    assert why in screened.rejected["reason"].item()


@pytest.mark.parametrize(
    ("body", "got"),
    [
        ("", "an empty file"),
        (HEADER, "a header and no rows"),
        (HEADER + ALPHA + "BETA,Beta Lim", "2 in row 2 of 2 (cut off)"),
        (HEADER.replace(" ISIN NUMBER", "ISIN") + ALPHA, "missing ['ISIN NUMBER']"),
        ("<html>", "a web page"),
    ],
)
def test_what_is_no_such_list(body: str, got: str) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        LAYOUT.read(Payload(body.encode()))
    assert got in refusal.value.got
