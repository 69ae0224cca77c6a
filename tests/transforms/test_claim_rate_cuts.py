"""Row 23: rate-cut expectations, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from transforms.metrics.macro_tables import Macro
from transforms.signals.claim import Inputs
from transforms.signals.claims.rate_cuts import rate_cut_expectations_alive
from warehouse.tables.table import schema

START = date(2024, 1, 1)
US, INDIA = "US_RATE_CUTS", "IN_RATE_CUTS"


def series(
    series_id: str,
    value: float | None,
    percentile: float | None = None,
    *,
    count: int = 1,
    first: int = 0,
    is_stale: bool = False,
    age: int = 2,
) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "session_date": START + timedelta(days=n),
                "series_id": series_id,
                "unit": "percentage points",
                "observation_date": START + timedelta(days=n - age),
                "value": value,
                "age_sessions": age,
                "is_stale": is_stale,
                "value_percentile": percentile,
            }
            for n in range(first, first + count)
        ],
        schema=pl.Schema(schema(Macro)),
    )


def inputs(count: int, *frames: pl.DataFrame) -> Inputs:
    days = pl.DataFrame({"session_date": [START + timedelta(days=n) for n in range(count)]})
    nothing = pl.DataFrame()
    held = pl.concat(frames) if frames else pl.DataFrame()
    return Inputs(days, nothing, nothing, nothing, nothing, macro=held)


def only(*frames: pl.DataFrame) -> dict[str, Any]:
    return rate_cut_expectations_alive(inputs(1, *frames)).verdict.row(0, named=True)


@pytest.mark.parametrize(
    ("us", "percentile", "india", "grade"),
    [
        (-0.3, 40.0, -0.1, "SUPPORTED"),
        (-0.3, 40.1, -0.1, "PARTLY"),
        (-0.3, 20.0, 0.1, "PARTLY"),
        (-0.3, 20.0, None, "PARTLY"),
        (0.0, 20.0, None, "NOT SUPPORTED"),
        (-0.3, 50.0, 0.1, "NOT SUPPORTED"),
        (0.4, 60.0, 0.0, "CONTRADICTED"),
        (0.4, 59.9, 0.1, "NOT SUPPORTED"),
        # One country that says hikes does not speak for the other.
        (0.4, 90.0, None, "NOT SUPPORTED"),
        (None, None, -0.1, "PARTLY"),
        (-0.3, None, None, "UNTESTABLE"),
        (None, None, None, "UNTESTABLE"),
    ],
)
def test_the_sign_and_rank_of_both_countries_grade(
    us: float | None, percentile: float | None, india: float | None, grade: str
) -> None:
    row = only(series(US, us, percentile), series(INDIA, india))
    assert row["grade"] == grade
    assert row["value"] == us
    assert row["percentile"] == percentile


def test_the_reasons_give_both_spreads() -> None:
    row = only(series(US, -0.44, 12.5), series(INDIA, 0.05, 30.0))
    assert row["reasons"] == (
        "United States: 2-year less fed funds \N{MINUS SIGN}0.44 points at percentile 12.5 of 1, "
        "cuts are priced; India: 91-day bill less repo 0.05 points at percentile 30.0, no cuts are "
        "priced"
    )


def test_stale_and_absent_parts_are_named_with_their_age() -> None:
    row = only(
        series(US, None, is_stale=True, age=9),
        series("DGS2", 3.5, is_stale=True, age=9),
        series("DFF", 3.6, age=1),
    )
    assert row["grade"] == "UNTESTABLE"
    assert (
        "DGS2 of 2023-12-23 (9 sessions old, stale), DFF of 2023-12-31 (1 sessions old)"
        in (row["reasons"])
    )
    assert (
        "India untested: IN_TBILL_91D not held, RBI_REPO not held (imported_macro)"
        in (row["reasons"])
    )


def test_a_stale_spread_keeps_no_rank() -> None:
    row = only(series(US, None, 12.5, is_stale=True), series(INDIA, -0.1))
    assert (row["grade"], row["percentile"]) == ("PARTLY", None)


def test_without_series_each_session_is_untestable() -> None:
    graded = rate_cut_expectations_alive(inputs(3))
    assert graded.verdict["grade"].to_list() == ["UNTESTABLE"] * 3
    assert graded.legs["holds"].null_count() == 9
    assert set(graded.legs["missing"]) == {"fred", "imported_macro"}


def test_legs_are_sign_and_rank() -> None:
    graded = rate_cut_expectations_alive(inputs(1, series(US, -0.3, 55.0), series(INDIA, -0.1)))
    assert {row["leg"]: row["holds"] for row in graded.legs.to_dicts()} == {
        "us_cuts_priced": True,
        "us_cuts_unusual": False,
        "india_cuts_priced": True,
    }


def test_the_null_counts_earlier_sessions_that_could_be_tested_alike() -> None:
    frames = [
        series(US, None, count=10),
        series(US, -0.3, 20.0, first=10, count=60),
        series(US, 0.3, 80.0, first=70, count=240),
        series(US, -0.3, 20.0, first=310, count=2),
        # From here India is held as well: another kind of session.
        series(US, -0.3, 20.0, first=312, count=2),
        series(INDIA, -0.1, first=312, count=2),
    ]
    odds = rate_cut_expectations_alive(inputs(314, *frames)).verdict["null_probability"].to_list()
    assert odds[:262] == [None] * 262
    assert odds[262] == 1.0, "no country alive is what every session was, or more"
    assert odds[310] == pytest.approx(60 / 300)
    assert odds[311] == pytest.approx(61 / 301)
    assert odds[312:] == [None, None]


def test_what_comes_later_changes_nothing_before_it_nor_does_the_order() -> None:
    rng = np.random.default_rng(1)
    frames = [
        series(name, round(float(rng.normal(0, 0.3)), 2), float(rng.uniform(0, 100)), first=n)
        for name in (US, INDIA)
        for n in range(400)
    ]
    given = inputs(400, *frames)
    whole = rate_cut_expectations_alive(given)
    known = pl.col("session_date") <= START + timedelta(days=330)
    past = replace(given, sessions=given.sessions.filter(known), macro=given.macro.filter(known))
    early = rate_cut_expectations_alive(past)
    assert early.verdict.equals(whole.verdict.filter(known), null_equal=True)
    assert early.verdict["null_probability"].drop_nulls().len() == 331 - 252
    mixed = replace(given, macro=given.macro.sample(fraction=1, shuffle=True, seed=1))
    assert rate_cut_expectations_alive(mixed).verdict.equals(whole.verdict, null_equal=True)
