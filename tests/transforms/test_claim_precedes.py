"""Row 13: what the tests of the event study say together, by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from tests.transforms.told_verdict import graded, inputs, keeps_the_contract, legs_at, rows
from transforms.signals.claims.strength_precedes_bulls import strength_precedes_bull_phases
from warehouse.tables.signals import EventStudy

DAYS = [date(2025, 3, 27) + timedelta(days=n) for n in range(8)]
ENDED = date(2025, 3, 31)
LAST = DAYS[-1]
EVENTS = ("relative_strength_80", "risen_10_after_15", "breadth_30_to_70")
TARGETS = ("nifty-500", "nifty-smallcap-100")
HORIZONS = (21, 63, 126)
FEW: dict[str, Any] = {"grade": "INSUFFICIENT", "events": 4}
DULL: dict[str, Any] = {
    "grade": "NOT SUPPORTED", "events": 32, "excess_pct": 0.4, "p_value": 0.5, "q_value": 0.7,
}  # fmt: skip
GOOD = DULL | {"grade": "SUPPORTED", "excess_pct": 4.5, "p_value": 0.004, "q_value": 0.06}
HALF = DULL | {"grade": "PARTLY", "events": 14, "excess_pct": 3.5, "p_value": 0.01, "q_value": 0.09}
BAD = DULL | {"grade": "CONTRADICTED", "excess_pct": -4.0, "p_value": 0.005, "q_value": 0.07}
BEST = ("risen_10_after_15", "nifty-500", 63)
OTHER = ("relative_strength_80", "nifty-smallcap-100", 126)


def study(
    told: dict[tuple[str, str, int], dict[str, Any]] | None = None,
    *,
    rest: dict[str, Any] = DULL,
    control: dict[str, Any] = DULL,
    through: date = ENDED,
) -> pl.DataFrame:
    """A whole study: 18 tests and 6 controls; `rest` is the tests that are not told."""
    counts = {"hypothetical_events": 3, "hits": 7, "bull_phases": 2, "tests": 18}
    words = {"statement": "It rises", "reasons": "smaller excesses would mostly be missed"}
    found = told or {}
    return rows(
        EventStudy,
        [
            {
                "through_date": through,
                "event_id": event,
                "target": target,
                "horizon_sessions": horizon,
                "role": role,
                **counts,
                **words,
                **(
                    control
                    if role == "control" and (target, horizon) == BEST[1:]
                    else DULL
                    if role == "control"
                    else found.get((event, target, horizon), rest)
                ),
            }
            for event, role in (
                *((one, "test") for one in EVENTS),
                ("large_cap_strength", "control"),
            )
            for target in TARGETS
            for horizon in HORIZONS
        ],
    )


def at(held: pl.DataFrame, day: date = LAST) -> dict[str, Any]:
    return graded(strength_precedes_bull_phases, inputs(DAYS, studies=held))[day]


@pytest.mark.parametrize(
    ("told", "control", "grade"),
    [
        ({BEST: GOOD}, DULL, "SUPPORTED"),
        ({BEST: GOOD}, GOOD | {"p_value": 0.005}, "SUPPORTED"),  # less sure than the test
        ({BEST: GOOD}, GOOD, "PARTLY"),  # large caps do as much: it is not small caps' doing
        ({BEST: GOOD}, BAD | {"p_value": 0.001}, "SUPPORTED"),  # they do the opposite
        ({BEST: GOOD, OTHER: GOOD}, GOOD, "SUPPORTED"),
        ({BEST: GOOD, OTHER: BAD}, DULL, "PARTLY"),
        ({BEST: HALF}, DULL, "PARTLY"),
        ({BEST: HALF}, GOOD, "NOT SUPPORTED"),
        ({BEST: HALF, OTHER: BAD}, DULL, "CONTRADICTED"),
        ({BEST: BAD}, DULL, "CONTRADICTED"),
        ({}, DULL, "NOT SUPPORTED"),
        ({}, GOOD, "NOT SUPPORTED"),
    ],
)
def test_the_tests_and_their_control_grade(
    told: dict[tuple[str, str, int], dict[str, Any]], control: dict[str, Any], grade: str
) -> None:
    assert at(study(told, control=control))["grade"] == grade


def test_the_surest_test_gives_the_figures() -> None:
    row = at(
        study({BEST: GOOD, OTHER: GOOD | {"q_value": 0.05, "p_value": 0.01, "excess_pct": 6.0}})
    )
    assert (row["value"], row["null_probability"], row["sample_size"]) == (6.0, 0.05, 32)
    assert (row["event_id"], row["target"], row["horizon"]) == (OTHER[0], OTHER[1], "126")
    # Of equal q, the lesser p; then the name, so that no order of rows decides.
    tied = at(study({BEST: GOOD, OTHER: GOOD | {"p_value": 0.003, "excess_pct": 6.0}}))
    assert tied["value"] == 6.0
    same = at(study({BEST: GOOD, OTHER: GOOD | {"excess_pct": 6.0}}))
    assert same["event_id"] == "relative_strength_80"


def test_reasons_tell_how_many_tests_were_made_and_what_would_be_missed() -> None:
    told = at(study({BEST: GOOD, OTHER: HALF, ("breadth_30_to_70", "nifty-500", 21): FEW}))
    assert (
        "by the quarter to 2025-03-31, 17 tests could be made: 1 SUPPORTED and 1 PARTLY"
        in (told["reasons"])
    )
    assert "Nifty 500 over 63 sessions: excess 4.5%; smaller excesses would" in told["reasons"]
    assert "hypothetical" in told["reasons"]


def test_with_too_few_events_everywhere_it_is_untestable_and_says_how_many() -> None:
    row = at(study(rest=FEW, told={BEST: FEW | {"events": 9}}))
    assert (row["grade"], row["value"], row["sample_size"]) == ("UNTESTABLE", None, None)
    assert "at least 10 events" in row["reasons"]
    assert "breadth_30_to_70 4, relative_strength_80 4, risen_10_after_15 9" in row["reasons"]
    held = inputs(DAYS, studies=study(rest=FEW))
    legs = legs_at(strength_precedes_bull_phases, held, LAST)
    assert {name: (one["holds"], one["missing"]) for name, one in legs.items()} == {
        "relative_strength_80": (None, "nse_index_close"),
        "risen_10_after_15": (None, "nse_index_close"),
        "breadth_30_to_70": (None, "nse_equity_full"),
    }


def test_a_leg_is_an_event_by_its_surest_test() -> None:
    held = inputs(DAYS, studies=study({BEST: GOOD, OTHER: BAD}))
    legs = legs_at(strength_precedes_bull_phases, held, LAST)
    told = {name: (one["value"], one["holds"]) for name, one in legs.items()}
    assert told == {
        "relative_strength_80": (-4.0, False),
        "risen_10_after_15": (4.5, True),
        "breadth_30_to_70": (0.4, False),
    }


def test_a_study_is_known_from_the_session_after_its_quarter() -> None:
    held = pl.concat([study({BEST: GOOD}), study({BEST: BAD}, through=date(2024, 12, 31))])
    for day in DAYS:
        assert at(held, day)["grade"] == ("SUPPORTED" if day > ENDED else "CONTRADICTED")


def test_without_a_study_the_mart_is_named() -> None:
    assert "mart.event_study is not derived" in at(pl.DataFrame())["reasons"]
    early = at(study({BEST: GOOD}), ENDED)
    assert (early["grade"], early["event_id"]) == ("UNTESTABLE", None)
    assert "no quarter that ended before this session is studied" in early["reasons"]


def test_the_contract_is_kept() -> None:
    claim = "strength_precedes_bull_phases"
    held = pl.concat([study({BEST: GOOD}), study(rest=FEW, through=date(2024, 12, 31))])
    keeps_the_contract(claim, inputs(DAYS, studies=held), DAYS)
    keeps_the_contract(claim, inputs(DAYS), DAYS[-1:])
