"""New highs and lows: the session stands in the name of the file alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.published_extremes import LAYOUT
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
NAME = "hl11022026.csv"
BODY = (
    b"SECURITY,NEW,PREVIOUS,NEW_STATUS\n"
    b"ALPHA GEARS LTD               ,250.05,249.00,H\n"
    b"BETA, SONS & CO L             ,.95,1.05,L\n"
    b"GAMMA LIMITED                 ,12.00,0.00,H\n"
)


def test_a_row_is_a_security_and_an_extreme(parse: Parse) -> None:
    screened = parse(LAYOUT, BODY, name=NAME)
    assert screened.rejected.is_empty()
    names = ("session_date", "security_name", "extreme", "new_price", "previous_price")
    day = date(2026, 2, 11)
    assert screened.good.select(names).rows() == [
        (day, "ALPHA GEARS LTD", "high", Decimal("250.05"), Decimal(249)),
        (day, "BETA, SONS & CO L", "low", Decimal("0.95"), Decimal("1.05")),
        (day, "GAMMA LIMITED", "high", Decimal(12), None),
    ]


@pytest.mark.parametrize(
    "name", ["HL110226.csv", "inbox/pr/hl11022026.csv", "C:\\pr\\hl11022026 (1).csv"]
)
def test_the_names_of_all_years_say_the_session(parse: Parse, name: str) -> None:
    good = parse(LAYOUT, BODY, name=name).good
    assert set(good["session_date"]) == {date(2026, 2, 11)}


@pytest.mark.parametrize(
    "name", ["", "highs.csv", "hl31022026.csv", "bc11022026.csv", "hl1102.csv"]
)
def test_a_name_that_says_no_session_is_refused(name: str) -> None:
    with pytest.raises(NotThisLayout, match="hl31012026"):
        LAYOUT.read(Payload(BODY, name))


def test_another_status_is_neither_high_nor_low(parse: Parse) -> None:
    screened = parse(LAYOUT, BODY.replace(b"1.05,L", b"1.05,LL"), name=NAME)
    assert screened.good.height == 2
    assert "extreme is not readable: LL" in screened.rejected["reason"].item()


@pytest.mark.parametrize(
    ("body", "got"),
    [
        (b" \n", "an empty file"),
        (BODY.replace(b"NEW_STATUS", b"STATUS"), "missing ['NEW_STATUS']"),
        (BODY + b"DELTA LIM", "1 in row 4 of 4"),
        (b"SECURITY,NEW,PREVIOUS,NEW_STATUS\n", "a header and no rows"),
    ],
)
def test_what_is_no_such_file(body: bytes, got: str) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        LAYOUT.read(Payload(body, NAME))
    assert got in refusal.value.got
