"""Row 25: whether the odds of risk-on have risen, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy import stats  # type: ignore[import-untyped]

from tests.transforms.told_verdict import graded, inputs, keeps_the_contract, legs_at, rows
from transforms.signals.claim import Inputs
from transforms.signals.claims.risk_on_odds import risk_on_is_more_probable
from warehouse.tables.signals import Regime, RiskAppetite

COUNT = 800
DAYS = [date(2023, 1, 1) + timedelta(days=n) for n in range(COUNT)]
LAST = DAYS[-1]
STEADY = [0.4] * COUNT
# The walk's odds swing, so that its changes can be ranked.
SWING = [0.3 + 0.01 * (n % 7) for n in range(COUNT)]


def risen(by: float, since: int = COUNT - 5) -> list[float | None]:
    return [0.4 + (by if n >= since else 0.0) for n in range(COUNT)]


def told(
    rank: float | None = 90.0,
    change: float | None = 8.0,
    *,
    share: Sequence[float | None] = STEADY,
    walk: Sequence[float | None] = SWING,
    index_id: str = "nifty-smallcap-100",
    rules: str = "full",
) -> Inputs:
    counts = {"pillars": 5, "inputs": 20, "missing": ""}
    appetite = [
        {"session_date": day, "change_9": 1.0, "change_9_percentile": 50.0, **counts}
        for day in DAYS[:-1]
    ]
    appetite.append(
        {"session_date": LAST, "change_9": change, "change_9_percentile": rank, **counts}
    )
    words = {"state": "REBOUND", "held_by_data": "", "is_bear_rally": False, "entered_on": DAYS[0]}
    regimes = [
        {
            "session_date": day,
            "index_id": index_id,
            "rules": rules,
            **words,
            **{"days_in_state": 1, "past_rebounds": 5, "past_confirmed": 2},
            "confirmed_probability": share[n],
            "recovery_null_probability": walk[n],
        }
        for n, day in enumerate(DAYS)
    ]
    return inputs(DAYS, appetite=rows(RiskAppetite, appetite), regimes=rows(Regime, regimes))


def at(held: Inputs, day: date = LAST) -> dict[str, Any]:
    return graded(risk_on_is_more_probable, held)[day]


@pytest.mark.parametrize(
    ("rank", "by", "grade"),
    [
        (80.0, 0.2, "SUPPORTED"),
        (79.9, 0.2, "PARTLY"),  # the mean is above 80, one of the two is not
        (100.0, 0.0, "PARTLY"),  # an unchanged share is in the middle
        (60.0, 0.0, "NOT SUPPORTED"),
        (20.0, 0.0, "CONTRADICTED"),
        (70.0, -0.2, "CONTRADICTED"),
        (None, 0.2, "UNTESTABLE"),
    ],
)
def test_both_changes_grade(rank: float | None, by: float, grade: str) -> None:
    assert at(told(rank, share=risen(by)))["grade"] == grade


def test_the_share_of_confirmed_rebounds_by_hand() -> None:
    held = told(share=risen(0.2))
    row = at(held)
    assert (row["value"], row["percentile"], row["sample_size"]) == (8.0, 90.0, COUNT)
    leg = legs_at(risk_on_is_more_probable, held, LAST)["more_rebounds_confirmed"]
    changes = [0.0] * (COUNT - 9 - 5) + [20.0] * 5
    assert leg["value"] == pytest.approx(20.0)
    rank = stats.percentileofscore(changes, 20.0, kind="mean")
    assert leg["percentile"] == pytest.approx(rank, rel=1e-12)
    assert leg["sample_size"] == COUNT - 9
    assert "changed by 20.0 percentage points to 60 (percentile 99.7)" in row["reasons"]
    assert "changed by 8.0 points in 9 sessions (percentile 90.0 of 800)" in row["reasons"]


def test_the_odds_of_a_walk_stand_in_and_prove_half() -> None:
    walk = [*SWING[:-1], 0.9]
    held = told(share=[None] * COUNT, walk=walk)
    row = at(held)
    assert row["grade"] == "PARTLY"
    assert "which the price alone makes: PARTLY at most" in row["reasons"]
    legs = legs_at(risk_on_is_more_probable, held, LAST)
    assert legs["nearer_to_confirmation"]["holds"] is True
    assert legs["nearer_to_confirmation"]["value"] == pytest.approx(100 * (0.9 - SWING[-10]))
    assert (
        legs["more_rebounds_confirmed"]["holds"],
        legs["more_rebounds_confirmed"]["missing"],
    ) == (
        None,
        "nse_index_close",
    )
    # Falling odds speak against, whatever they are made of.
    fallen = told(30.0, share=[None] * COUNT, walk=[*SWING[:-1], 0.0])
    assert at(fallen)["grade"] == "CONTRADICTED"


def test_the_composite_alone_proves_half() -> None:
    nothing = [None] * COUNT
    row = at(told(share=nothing, walk=nothing))
    assert row["grade"] == "PARTLY"
    assert "no odds of a walk can be ranked: PARTLY at most" in row["reasons"]
    assert at(told(50.0, share=nothing, walk=nothing))["grade"] == "NOT SUPPORTED"


@pytest.mark.parametrize(
    ("index_id", "rules"), [("nifty-50", "full"), ("nifty-smallcap-100", "index")]
)
def test_only_the_headline_by_the_full_rules_counts(index_id: str, rules: str) -> None:
    legs = legs_at(
        risk_on_is_more_probable, told(share=risen(0.2), index_id=index_id, rules=rules), LAST
    )
    assert legs["more_rebounds_confirmed"]["holds"] is None


def test_what_is_missing_is_named() -> None:
    few = at(told(None))
    assert "800 such changes are held" in few["reasons"]
    assert "756 are needed to rank" in few["reasons"]
    none = at(told(None, None))
    assert "pillars are not all at hand on this session and 9 before" in none["reasons"]
    assert none["value"] is None
    bare = at(inputs(DAYS))
    assert (bare["grade"], bare["null_probability"]) == ("UNTESTABLE", None)
    assert "nse_index_close, nse_equity_full, nse_fii_dii" in bare["reasons"]
    legs = legs_at(risk_on_is_more_probable, inputs(DAYS), LAST)
    assert {one["holds"] for one in legs.values()} == {None}


def test_the_contract_is_kept() -> None:
    keeps_the_contract(
        "risk_on_is_more_probable", told(share=risen(0.2)), [DAYS[0], DAYS[770], DAYS[-2]]
    )
    keeps_the_contract("risk_on_is_more_probable", inputs(DAYS[:5]), DAYS[4:5])


@settings(max_examples=8, deadline=None)
@given(
    st.integers(1, COUNT - 1),
    st.floats(0, 1),
    st.floats(0, 100),
)
def test_the_future_changes_nothing(cut: int, odds: float, rank: float) -> None:
    held = told()
    changed = told(
        rank,
        share=[*STEADY[:cut], *[odds] * (COUNT - cut)],
        walk=[*SWING[:cut], *[odds] * (COUNT - cut)],
    )
    before = held.sessions["session_date"] < DAYS[cut]
    one, other = (risk_on_is_more_probable(each).verdict.filter(before) for each in (held, changed))
    assert_frame_equal(one, other)
