"""Row 21: valuations, by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from transforms.metrics.macro_tables import IndexValuation
from transforms.signals.claim import Inputs
from transforms.signals.claims.valuation import valuations_are_a_concern
from warehouse.tables.table import schema

START = date(2024, 1, 1)
HUNDRED, TWO_FIFTY = "nifty-smallcap-100", "nifty-smallcap-250"


def valuation(
    count: int,
    earnings: float | None,
    book: float | None,
    *,
    index_id: str = HUNDRED,
    yield_rank: float | None = 50.0,
    price_to_earnings: float | None = 25.0,
) -> pl.DataFrame:
    """`count` sessions with the same figures and percentiles."""
    return pl.DataFrame(
        [
            {
                "session_date": START + timedelta(days=n),
                "index_id": index_id,
                "earnings_basis": "consolidated",
                "price_to_earnings": price_to_earnings,
                "price_to_book": 3.25,
                "dividend_yield_pct": 0.8,
                "price_to_earnings_percentile": earnings,
                "price_to_book_percentile": book,
                "dividend_yield_pct_percentile": yield_rank,
            }
            for n in range(count)
        ],
        schema=pl.Schema(schema(IndexValuation)),
    )


def inputs(count: int, *frames: pl.DataFrame) -> Inputs:
    days = pl.DataFrame({"session_date": [START + timedelta(days=n) for n in range(count)]})
    nothing = pl.DataFrame()
    held = pl.concat(frames) if frames else pl.DataFrame()
    return Inputs(days, nothing, nothing, nothing, nothing, valuation=held)


def last(given: Inputs) -> dict[str, Any]:
    return valuations_are_a_concern(given).verdict.row(-1, named=True)


@pytest.mark.parametrize(
    ("earnings", "book", "grade"),
    [
        (70.0, 70.0, "SUPPORTED"),
        (69.9, 70.0, "PARTLY"),
        (95.0, 10.0, "PARTLY"),
        (69.9, 69.9, "NOT SUPPORTED"),
        (40.0, 39.9, "NOT SUPPORTED"),
        (39.9, 39.9, "CONTRADICTED"),
        (None, 90.0, "UNTESTABLE"),
        (90.0, None, "UNTESTABLE"),
    ],
)
def test_earnings_and_book_grade_together(
    earnings: float | None, book: float | None, grade: str
) -> None:
    row = last(inputs(3, valuation(3, earnings, book)))
    assert row["grade"] == grade
    assert (row["value"], row["percentile"], row["sample_size"]) == (25.0, earnings, 3)
    assert row["index_id"] == HUNDRED
    assert "Nifty Smallcap 100" in row["reasons"]


def test_the_reasons_say_what_was_found_and_on_which_earnings() -> None:
    row = last(inputs(2, valuation(2, 83.0, 88.5)))
    assert row["reasons"] == (
        "Nifty Smallcap 100: P/E 25.00 at percentile 83.0 of 2 on consolidated earnings, P/B 3.25 "
        "at percentile 88.5 of 2, dividend yield 0.80%"
    )


def test_the_wider_index_stands_in_and_is_named() -> None:
    other = valuation(2, 90.0, 90.0, index_id=TWO_FIFTY)
    row = last(inputs(2, valuation(2, None, 90.0), other))
    assert (row["grade"], row["index_id"]) == ("SUPPORTED", TWO_FIFTY)
    assert "Nifty Smallcap 250" in row["reasons"]
    both = last(inputs(2, valuation(2, 10.0, 10.0), other))
    assert (both["grade"], both["index_id"]) == ("CONTRADICTED", HUNDRED)


def test_what_is_missing_is_named() -> None:
    nothing = last(inputs(2))
    assert (nothing["grade"], nothing["value"], nothing["index_id"]) == (
        "UNTESTABLE",
        None,
        HUNDRED,
    )
    assert "nse_index_close has no P/E of Nifty Smallcap 100" in nothing["reasons"]
    losses = last(inputs(2, valuation(2, None, 50.0, price_to_earnings=None)))
    assert "has no P/E of Nifty Smallcap 100" in losses["reasons"]
    short = last(inputs(2, valuation(2, None, None)))
    assert (
        "holds 2 values of P/E of Nifty Smallcap 100 on consolidated earnings" in short["reasons"]
    )
    assert "756" in short["reasons"]


def test_legs_stand_beside_with_a_low_yield_as_dear() -> None:
    graded = valuations_are_a_concern(inputs(2, valuation(2, 75.0, 65.0, yield_rank=30.0)))
    legs = {row["leg"]: row for row in graded.legs.tail(3 * 2).to_dicts()}
    assert {name: row["holds"] for name, row in legs.items()} == {
        "price_to_earnings": True,
        "price_to_book": False,
        "dividend_yield": True,
    }
    assert valuations_are_a_concern(inputs(1)).legs["missing"].unique().to_list() == [
        "nse_index_close"
    ]


def test_the_null_is_how_often_they_were_dear_before() -> None:
    dear = valuation(400, 80.0, 80.0).filter(pl.col("session_date") < START + timedelta(days=100))
    fair = valuation(400, 50.0, 50.0).filter(pl.col("session_date") >= START + timedelta(days=100))
    verdict = valuations_are_a_concern(inputs(400, dear, fair)).verdict
    odds = verdict["null_probability"].to_list()
    assert odds[:252] == [None] * 252
    assert odds[252] == pytest.approx(100 / 252)
    assert odds[399] == pytest.approx(100 / 399)
