"""Figures in reasons read as the brief writes them."""

from __future__ import annotations

import polars as pl
import pytest

from bi.brief.numbers import grouped
from transforms.signals.wording import MINUS, number, percent, rupees_crore


def said(expr: pl.Expr) -> str | None:
    text: str | None = pl.select(expr).item()
    return text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.0, 0, "0"),
        (999.4, 0, "999"),
        (999.6, 0, "1,000"),
        (99_999.996, 2, "1,00,000.00"),
        (123_456.78, 2, "1,23,456.78"),
        (12_345_678.0, 0, "1,23,45,678"),
        (10_00_00_000.0, 0, "10,00,00,000"),
        (100_305.07, 2, "1,00,305.07"),
        (-44_644.66, 2, f"{MINUS}44,644.66"),
        (-0.004, 2, "0.00"),
        (-0.04, 1, "0.0"),
    ],
)
def test_a_number_is_grouped_as_the_brief_groups_it(value: float, decimals: int, text: str) -> None:
    assert said(number(pl.lit(value), decimals)) == text == grouped(value, decimals)


def test_signs_stand_before_the_currency() -> None:
    assert said(rupees_crore(pl.lit(-44_644.66))) == f"{MINUS}Rs 44,645 crore"
    assert said(rupees_crore(pl.lit(2250.0), 2)) == "Rs 2,250.00 crore"
    assert said(percent(pl.lit(-22.46))) == f"{MINUS}22.5%"


def test_nothing_is_said_of_nothing() -> None:
    nothing = pl.lit(None, dtype=pl.Float64)
    for expr in (number(nothing, 2), percent(nothing), rupees_crore(nothing)):
        assert said(expr) is None
