"""Changes of symbols: a file without a header, with commas in names that nobody quoted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.screen import Screened
from transforms.parse.symbol_changes import LAYOUT

Parse = Callable[..., Screened]
HEADER = b"SYMB_COMPANY_NAME, SM_KEY_SYMBOL, SM_NEW_SYMBOL, SM_APPLICABLE_FROM\n"
ROWS = (
    b",650LTF20,665LTF20,21-FEB-2011\r\n"
    b" Alpha MF - Plan, E - GO,RDALPHA,NDALPHA,30-OCT-2019\r\n"
    b"BETA & SONS LIMITED,B-OLD,B&SONS,09-Apr-2025\r\n"
)


def test_a_line_is_read_from_its_right(parse: Parse) -> None:
    screened = parse(LAYOUT, ROWS)
    assert screened.rejected.is_empty()
    names = ("company_name", "old_symbol", "new_symbol", "changed_on")
    assert screened.good.select(names).rows() == [
        (None, "650LTF20", "665LTF20", date(2011, 2, 21)),
        ("Alpha MF - Plan, E - GO", "RDALPHA", "NDALPHA", date(2019, 10, 30)),
        ("BETA & SONS LIMITED", "B-OLD", "B&SONS", date(2025, 4, 9)),
    ]


def test_the_header_of_older_copies_is_no_row(parse: Parse) -> None:
    assert LAYOUT.recognise(Payload(HEADER + ROWS))
    assert parse(LAYOUT, HEADER + ROWS).good.equals(parse(LAYOUT, ROWS).good)


def test_one_name_in_another_encoding_costs_nothing(parse: Parse) -> None:
    body = ROWS + "GAMMÉ LIMITED,GOLD,GAMMA,01-JAN-2020\n".encode("latin-1")
    assert LAYOUT.recognise(Payload(body))
    assert parse(LAYOUT, body).good["company_name"].to_list()[-1] == "GAMMÉ LIMITED"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"GAMMA,GOLD,GAMMA,01/01/2020\n", "changed_on is not readable: 01/01/2020"),
        (b"GAMMA,GOLD,GAMMA,01-JA", "changed_on is not readable: 01-JA"),
        (b"GAMMA,GAMMA,GAMMA,01-JAN-2020\n", "is a change does not hold"),
        (b"GAMMA,,GAMMA,01-JAN-2020\n", "old_symbol is missing"),
    ],
)
def test_a_line_that_cannot_be_is_kept_aside(parse: Parse, line: bytes, why: str) -> None:
    screened = parse(LAYOUT, ROWS + line)
    assert screened.good.height == 3
    assert why in screened.rejected["reason"][0]


@pytest.mark.parametrize(
    ("body", "got"),
    [
        (b"", "an empty file"),
        (HEADER, "a header and no rows"),
        (b"<!DOCTYPE html><p>Access Denied", "a web page"),
        (b"PK\x03\x04\xff\xfe", "a zip archive"),
        (ROWS + b"GAMMA LIMI", "1 in row 4 of 4"),
        (ROWS + b"GAMMA LIMITED,GOLD,GAMMA\n" + ROWS, "3 in row 4 of 7"),
    ],
)
def test_what_is_no_such_list(body: bytes, got: str) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        LAYOUT.read(Payload(body))
    assert got in refusal.value.got


def test_a_change_may_be_announced(parse: Parse) -> None:
    """Fetched on 11 February 2026: one change ahead must not cost the others."""
    assert LAYOUT.may_lie_ahead
    screened = parse(LAYOUT, ROWS + b"GAMMA LIMITED,GOLD,GAMMA,16-FEB-2026\n")
    assert screened.rejected.is_empty()
    assert screened.good["changed_on"].max() == date(2026, 2, 16)
