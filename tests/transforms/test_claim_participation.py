"""Row 14: whether weak participation goes with defensive shares, by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from tests.transforms.told_verdict import graded, inputs, keeps_the_contract, legs_at, rows
from transforms.signals.claims.participation import weak_participation_is_defensive
from warehouse.tables.signals import Association

DAYS = [date(2025, 3, 27) + timedelta(days=n) for n in range(8)]
ENDED = date(2025, 3, 31)
WORDS = {"statement": "they correlate", "unit": "correlation", "method": "m"}


def told(
    value: float | None, low: float | None, high: float | None, through: date = ENDED
) -> pl.DataFrame:
    is_told = value is not None
    return rows(
        Association,
        [
            {
                "through_date": through,
                "association_id": "participation_is_defensive",
                **WORDS,
                **{"value": value, "low": low, "high": high},
                "p_value": 0.03 if is_told else None,
                "sample_size": 300 if is_told else 80,
                "missing": "" if is_told else "80 of 104 weeks",
            }
        ],
    )


def at(held: pl.DataFrame, day: date = DAYS[-1]) -> dict[str, Any]:
    return graded(weak_participation_is_defensive, inputs(DAYS, associations=held))[day]


@pytest.mark.parametrize(
    ("value", "low", "high", "grade", "words"),
    [
        (-0.2, -0.3, -0.1, "SUPPORTED", "small caps lag when defensive shares lead"),
        (-0.2, -0.4, 0.0, "NOT SUPPORTED", "the interval takes in 0"),  # 0 is in it
        (0.1, 0.0, 0.2, "NOT SUPPORTED", "the interval takes in 0"),
        (0.2, 0.1, 0.3, "CONTRADICTED", "the opposite of the claim"),
        (None, None, None, "UNTESTABLE", "nse_index_close gives no estimate: 80 of 104 weeks"),
    ],
)
def test_the_interval_grades(
    value: float | None, low: float | None, high: float | None, grade: str, words: str
) -> None:
    row = at(told(value, low, high))
    assert (row["grade"], row["value"]) == (grade, value)
    assert words in row["reasons"]


def test_figures_and_the_leg() -> None:
    row = at(told(-0.2, -0.3, -0.1))
    assert (row["null_probability"], row["sample_size"], row["percentile"]) == (0.03, 300, None)
    assert "by the quarter to 2025-03-31, over 300 weeks" in row["reasons"]
    held = inputs(DAYS, associations=told(-0.2, -0.3, -0.1))
    (one,) = legs_at(weak_participation_is_defensive, held, DAYS[-1]).values()
    assert (one["holds"], one["value"], one["missing"]) == (True, -0.2, "")
    held = inputs(DAYS, associations=told(None, None, None))
    (one,) = legs_at(weak_participation_is_defensive, held, DAYS[-1]).values()
    assert (one["holds"], one["missing"]) == (None, "nse_index_close")


def test_a_study_is_known_from_the_session_after_its_quarter() -> None:
    held = pl.concat([told(0.2, 0.1, 0.3, date(2024, 12, 31)), told(-0.2, -0.3, -0.1)])
    for day in DAYS:
        assert at(held, day)["grade"] == ("SUPPORTED" if day > ENDED else "CONTRADICTED")


def test_what_is_missing_is_named() -> None:
    assert at(pl.DataFrame())["reasons"] == "mart.association is not derived"
    assert "no quarter that ended before" in at(told(-0.2, -0.3, -0.1), ENDED)["reasons"]
    other = told(-0.2, -0.3, -0.1).with_columns(association_id=pl.lit("first_to_react"))
    assert "this relation was not studied" in at(other)["reasons"]


def test_the_contract_is_kept() -> None:
    claim = "weak_participation_is_defensive"
    held = pl.concat([told(0.2, 0.1, 0.3, date(2024, 12, 31)), told(-0.2, -0.3, -0.1)])
    keeps_the_contract(claim, inputs(DAYS, associations=held), DAYS)
    keeps_the_contract(claim, inputs(DAYS), DAYS[-1:])
