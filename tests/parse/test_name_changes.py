"""Changes of names: a cumulative list, whose commas may tear a row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.name_changes import LAYOUT
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
HEADER = "NCH_SYMBOL, NCH_PREV_NAME, NCH_NEW_NAME, NCH_DT\n"
ROWS = (
    "ALPHA,Alpha Paper APPM Limited,ALPHA PAPER LIMITED,22-JAN-2020\n"
    '"BETA",Beta Limited,"Beta, Sons Limited",09-Apr-2025\n'
)


def test_a_row_is_a_change(parse: Parse) -> None:
    assert LAYOUT.recognise(Payload((HEADER + ROWS).encode()))
    screened = parse(LAYOUT, (HEADER + ROWS).encode())
    assert screened.rejected.is_empty()
    assert screened.good.select("symbol", "old_name", "new_name", "changed_on").rows() == [
        ("ALPHA", "Alpha Paper APPM Limited", "ALPHA PAPER LIMITED", date(2020, 1, 22)),
        ("BETA", "Beta Limited", "Beta, Sons Limited", date(2025, 4, 9)),
    ]


def test_a_change_may_be_announced() -> None:
    assert LAYOUT.may_lie_ahead


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("GAMMA,Gamma, Sons Limited,Gamma Limited,01-JAN-2020\n", "new_name is missing"),
        ("GAMMA,Gamma Limited,Gamma & Co,01/01/2020\n", "changed_on is not readable: 01/01/2020"),
        (ROWS.splitlines()[0], "repeats another row"),
    ],
)
def test_a_line_that_cannot_be_is_kept_aside(parse: Parse, line: str, why: str) -> None:
    screened = parse(LAYOUT, (HEADER + ROWS + line).encode())
    assert screened.good["symbol"].to_list() == ["ALPHA", "BETA"]
    assert why in screened.rejected["reason"].item()


def test_one_name_in_another_encoding_costs_nothing(parse: Parse) -> None:
    body = (HEADER + ROWS).encode() + "GAMMA,Gammé,Gamma,01-JAN-2020\n".encode("latin-1")
    assert parse(LAYOUT, body).good["old_name"].to_list()[-1] == "Gammé"


@pytest.mark.parametrize(
    ("body", "got"),
    [
        ("", "an empty file"),
        (HEADER, "a header and no rows"),
        (HEADER + ROWS + "GAMMA,Gam", "2 in row 3 of 3 (cut off)"),
        (HEADER.replace("NCH_DT", "DATE") + ROWS, "missing ['NCH_DT']"),
    ],
)
def test_what_is_no_such_list(body: str, got: str) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        LAYOUT.read(Payload(body.encode()))
    assert got in refusal.value.got
