"""Exchange-traded funds: what a symbol is, and what the fund follows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from transforms.parse.fund_list import HEADER, LAYOUT
from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
NAME = "etf11022026.csv"
FIGURES = "       24.10,       24.20,       24.30,       24.00,       24.25,      9700.00,400,3,,"
ROWS = (
    f"N,EQ,ALPHAETF,ALPHAMC - ALPHAETF,{FIGURES},ALPHA 50 INDEX\n"
    f"N,EQ,BETAGOLD,BETA, GOLD ETF,{FIGURES},GOLD\n"
    f"N,EQ,GAMMAMIX,GAMMAMC - MIX,{FIGURES},GOLD, SILVER\n"
    f"N,EQ,DELTABEES,DELTAMC - BEES,{FIGURES}, \n"
)


def body(rows: str = ROWS) -> bytes:
    """A file with the publisher's heading."""
    return (",".join(HEADER) + "\n" + rows).encode()


def test_a_row_is_a_fund(parse: Parse) -> None:
    screened = parse(LAYOUT, body(), name=NAME)
    assert screened.rejected.is_empty()
    assert screened.good.select("symbol", "security_name", "underlying").rows() == [
        ("ALPHAETF", "ALPHAMC - ALPHAETF", "ALPHA 50 INDEX"),
        ("BETAGOLD", "BETA, GOLD ETF", "GOLD"),
        ("GAMMAMIX", "GAMMAMC - MIX", "GOLD, SILVER"),
        ("DELTABEES", "DELTAMC - BEES", None),
    ]


@pytest.mark.parametrize(
    ("content", "name", "got"),
    [
        (body(), "funds.csv", "'funds.csv'"),
        (body().replace(b"UNDERLYING", b"INDEX"), NAME, "missing ['UNDERLYING']"),
        (body(ROWS[:-60]), NAME, "cut off"),
    ],
)
def test_what_is_no_such_file(content: bytes, name: str, got: str) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        LAYOUT.read(Payload(content, name))
    assert got in refusal.value.got
