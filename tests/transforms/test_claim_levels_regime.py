"""Rows 17 and 19: an early recovery, and what followed those that failed, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import log, sqrt
from statistics import NormalDist
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from statsmodels.stats.proportion import proportion_confint

from tests.transforms.drawn_levels import (
    NOTHING,
    answer,
    day,
    failure,
    inputs,
    state,
    warehouse,
)
from transforms.signals.claim import Inputs
from transforms.signals.claims import CLAIMS
from transforms.signals.evidence import evidence

BY_ID = {one.id: one for one in CLAIMS}
EARLY, FAILURE = BY_ID["recovery_is_early"], BY_ID["failure_is_a_bear_rally"]
WINDOW = 63


def early(name: str, **others: Any) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The verdict and the legs of one session in a state."""
    graded = EARLY.function(inputs([100.0], states=[state(0, name, 100.0, **others)]))
    return (
        graded.verdict.row(0, named=True),
        {row["leg"]: row for row in graded.legs.iter_rows(named=True)},
    )


@pytest.mark.parametrize(
    ("name", "held", "grade", "says"),
    [
        ("REBOUND", "", "SUPPORTED", "under way and not confirmed"),
        ("EARLY_RECOVERY", "", "SUPPORTED", "under way and not confirmed"),
        ("REBOUND", "EARLY_RECOVERY: flows are missing", "PARTLY", "held by missing data: EARLY"),
        ("CONFIRMED", "", "CONTRADICTED", "confirmed, so no longer early"),
        ("CONFIRMED", "FAILED: no close", "CONTRADICTED", "held by missing data: FAILED"),
        ("ADVANCE", "", "NOT SUPPORTED", "there is no drawdown to recover from"),
        ("DRAWDOWN", "", "NOT SUPPORTED", "no recovery has begun"),
        ("FAILED", "", "NOT SUPPORTED", "the recovery has failed"),
        ("UNKNOWN", "", "UNTESTABLE", "the regime is UNKNOWN: nse_index_close lacks closes"),
    ],
)
def test_the_state_grades(name: str, held: str, grade: str, says: str) -> None:
    row, legs = early(name, held_by_data=held)
    assert row["grade"] == grade
    assert says in row["reasons"]
    expected = None if grade == "UNTESTABLE" else name in ("REBOUND", "EARLY_RECOVERY")
    assert legs["state_is_early"]["holds"] is expected


def test_the_legs_and_the_odds_stand_beside() -> None:
    row, legs = early(
        "REBOUND",
        leg_above_averages=True,
        leg_thrust=False,
        leg_breadth_turns=True,
        leg_companion=True,
        early_held=3,
        early_tested=4,
        rise_from_low_pct=6.04,
        past_rebounds=9,
        past_confirmed=7,
        confirmed_probability=7 / 9,
        confirmed_probability_low=0.4526,
        confirmed_probability_high=0.9368,
        past_null_probability=0.45,
        recovery_null_probability=0.3216,
    )
    assert (row["value"], row["null_probability"], row["sample_size"]) == (3, 0.3216, 9)
    assert row["reasons"] == (
        "REBOUND for 7 sessions: under way and not confirmed; 6.0% above the low of 2021-01-01; "
        "3 of 4 early legs hold; 7 of 9 past rebounds were confirmed or back near the high before "
        "a new low (45% to 94%), where luck alone gives 45%; from here a driftless walk does so in "
        "32.2% of cases"
    )
    assert {name: (leg["holds"], leg["missing"]) for name, leg in legs.items()} == {
        "above_averages": (True, ""),
        "thrust": (False, ""),
        "breadth_turns": (True, ""),
        "flows": (None, "nse_fii_dii"),
        "companion": (True, ""),
        "state_is_early": (True, ""),
    }
    assert (legs["state_is_early"]["value"], legs["state_is_early"]["sample_size"]) == (3, 4)


def test_without_a_regime_the_reasons_say_so() -> None:
    given = inputs([None, 100.0], states=[state(1, "REBOUND", 100.0, rules="index")])
    rows = EARLY.function(given).verdict
    assert rows["grade"].to_list() == ["UNTESTABLE"] * 2
    assert "no close of Nifty Smallcap 100 up to this session" in rows["reasons"][0]
    never = replace(given, regimes=NOTHING, transitions=NOTHING)
    for claim in (EARLY, FAILURE):
        row = claim.function(never).verdict.row(1, named=True)
        assert (row["grade"], row["value"]) == ("UNTESTABLE", None)
        assert "mart.regime" in row["reasons"]
        assert "not derived" in row["reasons"]


# A history of blocks of 80 sessions: in each a recovery stands, fails on its 11th session, and may
# make its new low on its 21st. The low is 90 throughout.
BLOCK = 80
FAILS, FALLS = 10, 20


def history(
    falls: Sequence[bool],
    *,
    rules: str = "full",
    calm: int = 300,
    tail: int = WINDOW,
    is_each_low_new: bool = True,
) -> Inputs:
    """`calm` sessions of a recovery in which nothing happens, then the blocks, then the tail."""
    count = calm + BLOCK * len(falls) + tail
    # Swings of a percent: ten sigmas and more above the low, so that luck rarely falls below.
    closes = [100.0 + n % 2 for n in range(count)]
    states = ["CONFIRMED"] * calm + ["DRAWDOWN"] * (count - calm)
    lows = [day(max(0, (n - calm) // BLOCK * BLOCK + calm)) for n in range(count)]
    if not is_each_low_new:
        lows = [day(0)] * count
    failed = []
    for block, does_fall in enumerate(falls):
        start = calm + block * BLOCK
        states[start : start + FAILS] = ["REBOUND"] * FAILS
        states[start + FAILS : start + FALLS] = ["FAILED"] * (FALLS - FAILS)
        failed.append(start + FAILS)
        if does_fall:
            closes[start + FALLS] = 89.0
    return inputs(
        list(closes),
        states=[
            state(n, name, close, rules=one, low_date=low)
            for one in {"full", rules}
            for n, (name, close, low) in enumerate(zip(states, closes, lows, strict=True))
        ],
        transitions=[failure(n, rules) for n in failed],
    )


def last(given: Inputs) -> dict[str, Any]:
    return FAILURE.function(given).verdict.row(-1, named=True)


def usual(given: Inputs) -> float | None:
    """Share of recovery sessions with a new low, as the leg tells it."""
    legs = FAILURE.function(given).legs.filter(leg="more_often_than_usual")
    value: float | None = legs["value"][-1]
    return value


@pytest.mark.parametrize(
    ("hits", "failures", "grade"),
    [
        # The base: of 300 calm sessions and 10 of each block, those of blocks with a fall, and
        # calm ones in whose 63 sessions the first block's fall lies.
        (5, 5, "SUPPORTED"),
        (0, 5, "NOT SUPPORTED"),
        (3, 6, "PARTLY"),
        (4, 4, "UNTESTABLE"),
    ],
)
def test_new_lows_after_failures_against_any_recovery(hits: int, failures: int, grade: str) -> None:
    falls = [n < hits for n in range(failures)]
    row = last(history(falls))
    assert row["grade"] == grade
    assert (row["sample_size"], row["value"]) == (failures, pytest.approx(100 * hits / failures))
    # Of the calm sessions, those within 63 of the first fall: 20 sessions lie in the block.
    base = (10 * hits + (WINDOW - FALLS) * (hits > 0)) / (300 + 10 * failures)
    assert usual(history(falls)) == pytest.approx(100 * base)
    assert (
        f"{hits} of {failures} failures (rules: full), one a low, made a new low" in row["reasons"]
    )


def test_failures_above_one_low_are_one() -> None:
    """Five recoveries failed above the same low: that it then gave way is one observation."""
    given = history([False, False, True, True, True], is_each_low_new=False)
    row = last(given)
    # The first stood 240 sessions before any fall: its own 63 saw none.
    assert (row["grade"], row["value"], row["sample_size"]) == ("UNTESTABLE", 0, 1)
    apart = history([False, False, True, True, True])
    assert (last(apart)["value"], last(apart)["sample_size"]) == (60, 5)
    with warehouse(given) as connection:
        told = evidence(given, [FAILURE])[0].row(-1, named=True)
        assert answer(connection, told["sql"]) == (told["session_date"], 0)


def test_a_low_whose_first_failure_is_not_seen_is_not_counted_by_its_second() -> None:
    given = history([False, True], is_each_low_new=False)
    start = 300 + FAILS
    gone = pl.col("session_date").is_in([day(n) for n in range(start + 30, start + 34)])
    holed = given.regimes.with_columns(close=pl.when(~gone).then("close"))
    assert last(replace(given, regimes=holed))["sample_size"] == 0


def test_a_new_low_that_was_near_is_no_more_than_luck() -> None:
    """All five failures made a new low, yet half a percent above it luck does so as well."""
    given = history([True] * 5)
    sigma = log(1.01) * sqrt(60 / 59)

    def luck(low: float) -> float:
        """The reflection principle, the barrier shifted for a walk watched at closes."""
        distance = log(100 / low) / sigma + 0.5826
        return 2 * NormalDist().cdf(-distance / sqrt(WINDOW))

    far = last(given)
    assert (far["grade"], far["null_probability"]) == ("SUPPORTED", pytest.approx(luck(90.0)))
    near = replace(given, regimes=given.regimes.with_columns(low_close=pl.lit(99.5)))
    row = last(near)
    assert (row["grade"], row["null_probability"]) == ("PARTLY", pytest.approx(luck(99.5)))
    assert f"and {100 * luck(99.5):.1f}% by luck" in row["reasons"]
    legs = FAILURE.function(near).legs.filter(session_date=row["session_date"])
    assert dict(legs.select("leg", "holds").iter_rows()) == {
        "new_low_follows": True,
        "more_often_than_usual": True,
        "more_often_than_by_luck": False,
    }
    still = near.regimes.with_columns(
        close=pl.when(pl.col("close") > 95).then(100.0).otherwise("close")
    )
    unmeasured = last(replace(near, regimes=still))
    assert (unmeasured["grade"], unmeasured["null_probability"]) == ("PARTLY", None)


def test_failures_that_are_safer_than_a_recovery_contradict() -> None:
    """Ten failures, all of which hold, in a history whose recoveries otherwise fell."""
    falls = [False] * 10
    given = history(falls, calm=300)
    # Every 60th close of the calm is below the low, the last of them long before the failures.
    closes = given.regimes["close"].to_list()
    for n in range(0, 240, 60):
        closes[n] = 89.0
    given = replace(given, regimes=given.regimes.with_columns(close=pl.Series(closes)))
    row = last(given)
    assert (row["grade"], row["value"]) == ("CONTRADICTED", 0)
    low, high = proportion_confint(0, 10, method="wilson")
    assert f"{100 * low:.0f}% to {100 * high:.0f}%" in row["reasons"]
    assert usual(given) == pytest.approx(100 * 180 / 400)


def test_a_failure_counts_once_its_whole_time_is_over() -> None:
    """The fifth failed 63 sessions before the last: one session earlier it did not count."""
    given = history([True] * 5, tail=WINDOW - (BLOCK - FAILS) + 1)
    rows = FAILURE.function(given).verdict
    assert rows["sample_size"][-2:].to_list() == [4, 5]
    assert rows["grade"][-2:].to_list() == ["UNTESTABLE", "SUPPORTED"]
    assert "5 are needed" in rows["reasons"][-2]


def test_a_failure_whose_time_is_not_seen_does_not_count() -> None:
    given = history([True] * 5)
    start = 300 + 4 * BLOCK + FAILS
    missing = list(range(start + 30, start + 33))

    def without(days: list[int]) -> int:
        gone = pl.col("session_date").is_in([day(n) for n in days])
        holed = given.regimes.with_columns(close=pl.when(~gone).then("close"))
        return int(last(replace(given, regimes=holed))["sample_size"])

    # 95% of 63 closes are 60.
    assert without(missing) == 5
    assert without([*missing, start + 40]) == 4


def test_where_the_full_rules_saw_too_few_the_closes_alone_are_asked() -> None:
    given = history([True] * 5, rules="index")
    row = last(given)
    assert (row["grade"], row["rules"], row["sample_size"]) == ("SUPPORTED", "index", 5)
    both = replace(
        given, transitions=pl.concat([given.transitions, history([True] * 5).transitions])
    )
    assert last(both)["rules"] == "full"


def test_too_little_recovery_to_compare_with_is_told() -> None:
    given = history([True] * 5, calm=75)
    row = last(given)
    assert (row["grade"], row["value"], usual(given)) == ("UNTESTABLE", 100, None)
    assert "only 125 sessions of recovery are decided, 126 are needed" in row["reasons"]


@pytest.mark.parametrize(
    ("name", "is_bear_rally", "says"),
    [
        ("FAILED", False, "it was a bear-market rally only if it closes below 90.00"),
        ("REBOUND", False, "the present one has not failed; its low is 90.00"),
        ("DRAWDOWN", True, "it ended below the low it rose from"),
        ("DRAWDOWN", False, "no recovery is under way"),
    ],
)
def test_the_label_waits_for_a_close_below_the_low(
    name: str, is_bear_rally: bool, says: str
) -> None:
    given = inputs([100.0], states=[state(0, name, 100.0, is_bear_rally=is_bear_rally)])
    reasons = last(given)["reasons"]
    assert says in reasons
    assert reasons.startswith("0 of 0 failures (rules: full)")


@pytest.fixture(scope="module")
def mixed() -> Inputs:
    return history([True, False, True, True, False, True, True])


@pytest.mark.parametrize("claim", [EARLY, FAILURE], ids=lambda one: one.id)
def test_the_query_returns_the_value(mixed: Inputs, claim: Any) -> None:
    told = mixed.regimes.with_columns(
        early_held=pl.when(pl.col("state") != "CONFIRMED").then(pl.lit(2, dtype=pl.Int64))
    )
    given = replace(mixed, regimes=told)
    verdicts, _ = evidence(given, [claim])
    with warehouse(given) as connection:
        for row in verdicts[::37].iter_rows(named=True):
            _, value = answer(connection, row["sql"])
            expected = row["value"]
            assert value == (None if expected is None else pytest.approx(expected, rel=1e-12))
    assert 0 < verdicts["value"].null_count() < verdicts.height


@pytest.mark.parametrize("claim", [EARLY, FAILURE], ids=lambda one: one.id)
@pytest.mark.parametrize("cut", [0, 310, 375, 600, 800])
def test_later_data_changes_nothing_before_it_and_order_nothing_at_all(
    mixed: Inputs, claim: Any, cut: int
) -> None:
    known = pl.col("session_date") <= day(cut)
    later = mixed.regimes.filter(~known).with_columns(
        close=pl.lit(10.0), state=pl.lit("REBOUND"), early_held=pl.lit(5, dtype=pl.Int64)
    )
    changed = replace(
        mixed,
        regimes=pl.concat([later, mixed.regimes.filter(known)]).sample(
            fraction=1, shuffle=True, seed=2
        ),
        transitions=mixed.transitions.filter(known).reverse(),
    )
    whole, again = claim.function(mixed), claim.function(changed)
    assert_frame_equal(again.verdict.filter(known), whole.verdict.filter(known))
    assert_frame_equal(again.legs.filter(known), whole.legs.filter(known))
