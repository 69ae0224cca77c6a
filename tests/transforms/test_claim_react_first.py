"""Row 12: who reacts first, by hand; and that a quarter's study is not known before it ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.told_verdict import graded, inputs, keeps_the_contract, legs_at, rows
from transforms.signals.claim import Inputs
from transforms.signals.claims.small_caps_react_first import small_caps_react_first
from transforms.signals.quarterly import association_of, known_quarter
from warehouse.tables.signals import Association

DAYS = [date(2025, 3, 27) + timedelta(days=n) for n in range(8)]
ENDED = date(2025, 3, 31)
AFTER = date(2025, 4, 1)

FIRST = {"value": -3.0, "low": -5.0, "high": -1.0, "p_value": 0.01, "sample_size": 9}
LATER = {"value": 3.0, "low": 1.0, "high": 5.0, "p_value": 0.01, "sample_size": 9}
UNSURE = {"value": -3.0, "low": -7.0, "high": 1.0, "p_value": 0.2, "sample_size": 9}
FEW = {"sample_size": 2, "missing": "2 of 3 market lows"}
LEADS = {"value": 0.3, "p_value": 0.04, "sample_size": 300}
SILENT = {"value": 0.1, "p_value": 0.05, "sample_size": 300}
REVERSES = {"value": -0.3, "p_value": 0.01, "sample_size": 300}
SHORT = {"sample_size": 90, "missing": "90 of 104 weeks"}


def told(
    reaction: dict[str, Any] | None,
    small: dict[str, Any] | None,
    large: dict[str, Any] | None,
    through: date = ENDED,
) -> pl.DataFrame:
    relations = {
        "first_to_react": reaction,
        "small_before_large_weekly": small,
        "large_before_small_weekly": large,
        "small_before_large_daily": SILENT,
        "large_before_small_daily": LEADS,
    }
    words = {"statement": "one leads", "unit": "u", "method": "m", "missing": ""}
    return rows(
        Association,
        [
            {"through_date": through, "association_id": name, **words, **figures}
            for name, figures in relations.items()
            if figures is not None
        ],
    )


def at(held: pl.DataFrame, day: date = AFTER) -> dict[str, Any]:
    return graded(small_caps_react_first, inputs(DAYS, associations=held))[day]


@pytest.mark.parametrize(
    ("reaction", "small", "large", "grade"),
    [
        (FIRST, LEADS, SILENT, "SUPPORTED"),
        (FIRST, SILENT, SILENT, "PARTLY"),
        (UNSURE, LEADS, SILENT, "PARTLY"),
        (FEW, LEADS, SILENT, "PARTLY"),
        (FIRST, LEADS, LEADS, "PARTLY"),  # both ways: small caps alone do not lead
        (FIRST, LEADS, REVERSES, "PARTLY"),
        (FIRST, REVERSES, SILENT, "PARTLY"),  # large caps then fall: that is no lead
        (UNSURE, SILENT, SILENT, "NOT SUPPORTED"),
        (UNSURE, LEADS, LEADS, "NOT SUPPORTED"),
        (LATER, LEADS, LEADS, "NOT SUPPORTED"),
        (UNSURE, SILENT, LEADS, "CONTRADICTED"),
        (FIRST, SILENT, LEADS, "CONTRADICTED"),
        (FEW, SILENT, LEADS, "CONTRADICTED"),
        (LATER, SILENT, SILENT, "CONTRADICTED"),
        (FEW, SILENT, SILENT, "UNTESTABLE"),  # lows would tell PARTLY from NOT SUPPORTED
        (FIRST, SHORT, SHORT, "UNTESTABLE"),
        (None, None, None, "UNTESTABLE"),
    ],
)
def test_reaction_to_lows_and_weekly_leads_grade(
    reaction: dict[str, Any] | None,
    small: dict[str, Any] | None,
    large: dict[str, Any] | None,
    grade: str,
) -> None:
    assert at(told(reaction, small, large))["grade"] == grade


def test_figures_and_words() -> None:
    row = at(told(FIRST, LEADS, SILENT))
    assert (row["value"], row["null_probability"], row["sample_size"]) == (-3.0, 0.01, 9)
    assert "by the quarter to 2025-03-31: from 9 market lows" in row["reasons"]
    assert "up 5% 3.0 sessions before large caps" in row["reasons"]
    assert "weekly, small before large 0.30 (p 0.040), large before small 0.10" in row["reasons"]
    assert "thin trading biases" in row["reasons"]
    few = at(told(FEW, LEADS, SHORT))
    assert "nse_index_close: 2 of 3 market lows" in few["reasons"]
    assert "large before small untested (nse_index_close: 90 of 104 weeks)" in few["reasons"]


def test_legs_tell_both_ways_and_daily_ones_decide_nothing() -> None:
    held = inputs(DAYS, associations=told(FIRST, LEADS, SHORT))
    legs = legs_at(small_caps_react_first, held, AFTER)
    assert {name: one["holds"] for name, one in legs.items()} == {
        "first_to_react": True,
        "small_before_large_weekly": True,
        "not_large_before_small_weekly": None,
        "small_before_large_daily": False,
        "not_large_before_small_daily": False,
    }
    assert legs["not_large_before_small_weekly"]["missing"] == "nse_index_close"
    assert "context only" in legs["small_before_large_daily"]["metric"]


def test_a_study_is_known_from_the_session_after_its_quarter() -> None:
    before = told(UNSURE, SILENT, LEADS, date(2024, 12, 31))
    held = pl.concat([told(FIRST, LEADS, SILENT), before])
    grades = {day: at(held, day)["grade"] for day in DAYS}
    assert grades == {day: "SUPPORTED" if day > ENDED else "CONTRADICTED" for day in DAYS}
    alone = at(told(FIRST, LEADS, SILENT), ENDED)
    assert alone["grade"] == "UNTESTABLE"
    assert "no quarter that ended before this session is studied" in alone["reasons"]


def test_a_relation_the_last_quarter_lacks_is_not_taken_from_one_before() -> None:
    held = pl.concat([told(FIRST, LEADS, SILENT, date(2024, 12, 31)), told(FIRST, None, None)])
    assert at(held)["grade"] == "UNTESTABLE"
    assert "small before large untested (nse_index_close)" in at(held)["reasons"]


def test_without_studies_the_mart_is_named() -> None:
    row = graded(small_caps_react_first, inputs(DAYS))[AFTER]
    assert (row["grade"], row["value"]) == ("UNTESTABLE", None)
    assert row["reasons"] == "mart.association is not derived"


def test_the_contract_is_kept() -> None:
    held = pl.concat([told(FIRST, LEADS, SILENT), told(UNSURE, SILENT, LEADS, date(2024, 12, 31))])
    keeps_the_contract("small_caps_react_first", inputs(DAYS, associations=held), DAYS)
    keeps_the_contract("small_caps_react_first", inputs(DAYS), DAYS[-1:])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(-200, 40), max_size=6, unique=True),
    st.lists(st.integers(0, 40), min_size=1, max_size=20, unique=True),
)
def test_each_session_knows_the_last_quarter_before_it(ends: list[int], days: list[int]) -> None:
    start = date(2025, 1, 1)
    through = [start + timedelta(days=n) for n in ends]
    held = pl.concat(
        [told(FIRST, LEADS, SILENT, day) for day in through] or [told(None, None, None).clear()]
    )
    told_inputs: Inputs = inputs([start + timedelta(days=n) for n in days], associations=held)
    for day, known in known_quarter(told_inputs, held).iter_rows():
        before = [one for one in through if one < day]
        assert known == (max(before) if before else None)
    later = held.with_columns(
        value=pl.when(pl.col("through_date") >= start).then(pl.lit(99.0)).otherwise("value")
    )
    changed = association_of(inputs([start], associations=later), "first_to_react")
    assert changed["value"].to_list() == [-3.0 if min(ends, default=0) < 0 else None]
