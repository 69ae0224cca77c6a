"""Announced changes of an index, as a user writes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.reconstitutions import LAYOUT
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
HEADER = "list_id,symbol,isin,change,announced_on,effective_on\n"
IN = "nifty-smallcap-250,alpha,INE000A01010,Added,2026-01-28,2026-03-30\n"
OUT = "nifty-smallcap-250,BETA,,removed,2026-01-28,2026-03-30\n"


def test_a_row_is_a_change_of_one_list(parse: Parse) -> None:
    """It is told today, 11 February 2026, and made in March."""
    assert LAYOUT.recognise(Payload((HEADER + IN).encode()))
    screened = parse(LAYOUT, (HEADER + IN + OUT).encode())
    assert screened.rejected.is_empty()
    told, made = date(2026, 1, 28), date(2026, 3, 30)
    names = ("list_id", "symbol", "isin", "change", "announced_on", "effective_on")
    assert screened.good.select(names).rows() == [
        ("nifty-smallcap-250", "ALPHA", "INE000A01010", "added", told, made),
        ("nifty-smallcap-250", "BETA", None, "removed", told, made),
    ]
    assert LAYOUT.date_column == "announced_on"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("nifty-smallcap-250", "Nifty Smallcap", "list_id is not readable: Nifty Smallcap"),
        ("Added", "swapped", "change is not readable: swapped"),
        ("INE000A01010", "INE000", "isin is not readable: INE000"),
        ("2026-03-30", "30-03-2026", "effective_on is not readable: 30-03-2026"),
        ("2026-03-30", "2026-01-27", "is announced before does not hold"),
        (",alpha,", ",,", "symbol is missing"),
    ],
)
def test_a_row_that_cannot_be_is_kept_aside(parse: Parse, old: str, new: str, why: str) -> None:
    screened = parse(LAYOUT, (HEADER + IN.replace(old, new) + OUT).encode())
    assert screened.good["symbol"].to_list() == ["BETA"]
    assert why in screened.rejected["reason"].item()


@pytest.mark.parametrize(
    ("body", "got"),
    [
        ("", "an empty file"),
        (HEADER, "a header and no rows"),
        (HEADER.replace("change", "what") + IN, "missing ['change']"),
        (HEADER + IN + "nifty-50,GAMMA", "2 in row 2 of 2 (cut off)"),
    ],
)
def test_what_is_no_such_file(body: str, got: str) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        LAYOUT.read(Payload(body.encode()))
    assert got in refusal.value.got
