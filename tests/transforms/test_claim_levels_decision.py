"""Row 20: whether the next weeks decide, by hand and against past outcomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import exp, inf, log
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy.stats import percentileofscore

from tests.transforms.drawn_levels import NOTHING, answer, day, inputs, state, warehouse, zone
from transforms.signals.claim import Inputs
from transforms.signals.claims import CLAIMS
from transforms.signals.evidence import evidence
from transforms.signals.triple_barrier import barrier_odds

CLAIM = next(one for one in CLAIMS if one.id == "next_weeks_decide")
COUNT = 900
CLOSES = [100.0 if n % 2 else 101.0 for n in range(COUNT)]
# Of 60 log returns half are one way and half the other.
SIGMA = log(1.01) * (60 / 59) ** 0.5


def between(
    distance: Callable[[int], tuple[float | None, float | None]],
    closes: Sequence[float | None] = CLOSES,
) -> Inputs:
    """Levels so far from each close, in sigmas to their far edges; the near ones are half of it."""
    rows = []
    for n, close in enumerate(closes):
        below, above = distance(n)
        if close is not None and below is not None:
            far, near = (close * exp(-SIGMA * part * below) for part in (1, 0.5))
            rows.append(zone(n, "support", far, near))
        if close is not None and above is not None:
            far, near = (close * exp(SIGMA * part * above) for part in (1, 0.5))
            rows.append(zone(n, "resistance", near, far))
    states = [state(n, "ADVANCE", close, rules="index") for n, close in enumerate(closes)]
    return inputs(closes, rows, states)


def last(given: Inputs) -> dict[str, Any]:
    return CLAIM.function(given).verdict.row(-1, named=True)


def decided(below: float, above: float, sessions: int = 15) -> float:
    lower, upper = barrier_odds(
        np.array([below * SIGMA]), np.array([above * SIGMA]), np.array([SIGMA]), sessions
    )
    return 100 * float(lower[0] + upper[0])


@pytest.mark.parametrize(
    ("place", "grade"),
    [
        (0, "SUPPORTED"),
        (19, "SUPPORTED"),
        (21, "PARTLY"),
        (39, "PARTLY"),
        (41, "NOT SUPPORTED"),
        (59, "NOT SUPPORTED"),
        (61, "CONTRADICTED"),
        (99, "CONTRADICTED"),
    ],
)
def test_a_market_nearer_to_its_levels_than_usual_is_at_a_decision(place: int, grade: str) -> None:
    """A hundred distances in turn; `place` is how many of them are nearer than today's."""

    def distance(n: int) -> tuple[float, float]:
        step = 2 + (place if n == COUNT - 1 else n * 37 % 100) * 0.06
        return step, step

    row = last(between(distance))
    assert row["grade"] == grade
    step = 2 + place * 0.06
    assert row["value"] == pytest.approx(decided(step, step), abs=1e-5)
    assert row["null_probability"] == pytest.approx(row["value"] / 100)
    # Sixty returns take 61 closes.
    assert row["sample_size"] == COUNT - 60
    past = [2 + n * 37 % 100 * 0.06 for n in range(60, COUNT - 1)]
    # The farther, the lower the odds.
    rank = 100 - percentileofscore([*past, step], step, kind="mean")
    assert row["percentile"] == pytest.approx(rank, abs=1e-6)


def test_odds_too_few_to_rank_are_told_and_not_graded() -> None:
    given = between(lambda _: (3.0, 4.0), CLOSES[: 60 + 755])
    row = last(given)
    assert (row["grade"], row["sample_size"]) == ("UNTESTABLE", 755)
    assert "only 755 sessions so far have such odds, too few to rank" in row["reasons"]
    assert last(between(lambda _: (3.0, 4.0), CLOSES[: 60 + 756]))["grade"] == "NOT SUPPORTED"


def test_the_reasons_give_both_deadlines_and_both_sides() -> None:
    given = between(lambda _: (3.0, 4.0))
    reasons = last(given)["reasons"]
    lower, upper = 100 * exp(-3 * SIGMA), 100 * exp(4 * SIGMA)
    assert reasons.startswith(
        f"between {lower:.2f} and {upper:.2f} a driftless walk is decided within 15 sessions in "
        f"{decided(3, 4):.1f}% of cases, 10: {decided(3, 4, 10):.1f}%; above first "
    )
    assert "percentile 50.0 of 840" in reasons


def test_legs_say_which_outcome_is_likelier() -> None:
    given = between(lambda _: (2.0, 6.0))
    legs = CLAIM.function(given).legs.filter(session_date=day(COUNT - 1))
    told = {row["leg"]: row for row in legs.iter_rows(named=True)}
    assert {name: row["holds"] for name, row in told.items()} == {
        "held_10": False,
        "failed_10": True,
        "unresolved_10": decided(2, 6, 10) > 50,
        "held_15": False,
        "failed_15": True,
        "unresolved_15": True,
        "decided_when_alike": False,
    }
    for sessions in (10, 15):
        odds = [told[f"{name}_{sessions}"]["value"] for name in ("held", "failed", "unresolved")]
        assert sum(odds) == pytest.approx(100, abs=1e-5)
        assert told[f"held_{sessions}"]["window_sessions"] == sessions
    even = CLAIM.function(between(lambda _: (3.0, 3.0))).legs.filter(
        pl.col("session_date") == day(COUNT - 1), pl.col("leg").is_in(["held_15", "failed_15"])
    )
    # Odds that are the same are not decided by the last digit of a float.
    assert even["holds"].to_list() == [False, False]


def test_what_became_of_sessions_with_like_odds() -> None:
    """Closes that swing by a percent never leave levels three sigmas away; a jump does."""
    calm = between(lambda _: (3.0, 3.0))
    legs = CLAIM.function(calm).legs.filter(leg="decided_when_alike")
    row = legs.row(-1, named=True)
    # Odds from the 61st session on, known 15 sessions later.
    assert (row["value"], row["sample_size"], row["holds"]) == (0, COUNT - 60 - 15, False)
    first = legs.drop_nulls("value")["session_date"][0]
    assert first == day(60 + 15 + 63 - 1)
    waiting = legs.filter(session_date=day(60 + 15 + 63 - 2)).row(0, named=True)
    assert waiting["missing"] == "sessions with like odds: 63 are needed, 62 are decided"
    # A jump on the 701st session decided the fifteen before it; while it is among the sixty
    # returns, odds are others; in the end 640 sessions before it and 125 after it are alike.
    jumped = [close * (1 if n < 700 else 1.2) for n, close in enumerate(CLOSES)]
    told = CLAIM.function(between(lambda _: (3.0, 3.0), jumped)).legs
    row = told.filter(leg="decided_when_alike").row(-1, named=True)
    assert (row["value"], row["sample_size"]) == (pytest.approx(100 * 15 / 765), 765)


def test_one_level_alone_is_one_barrier() -> None:
    above = last(between(lambda _: (None, 3.0)))
    assert above["value"] == pytest.approx(decided(inf, 3), abs=1e-5)
    assert "with no support known, a driftless walk" in above["reasons"]
    odds = f"{decided(inf, 3):.1f}%"
    assert (
        f"; no level below, so that only a rise decides: above {odds}, neither"
        in (above["reasons"])
    )
    below = last(between(lambda _: (3.0, None)))
    assert below["value"] == pytest.approx(above["value"], abs=1e-5)
    assert "with no resistance known, a driftless walk" in below["reasons"]
    assert (
        f"; no level above, so that only a fall decides: below {odds}, neither"
        in (below["reasons"])
    )


@pytest.mark.parametrize("sides", [(3.0, None), (None, 3.0)])
def test_an_evening_with_one_level_is_not_ranked_among_those_with_two(
    sides: tuple[float | None, float | None],
) -> None:
    """One level three sigmas away is met half as often as either of two: that is no calm."""

    def alone(n: int) -> tuple[float | None, float | None]:
        return sides if n >= COUNT - 10 else (3.0, 3.0)

    row = last(between(alone))
    assert (row["grade"], row["percentile"], row["sample_size"]) == ("UNTESTABLE", None, 10)
    assert (
        "; only 10 sessions so far have such odds with a level on that side alone, too few to rank"
        in row["reasons"]
    )
    both = last(between(lambda n: (3.0, 3.0) if n >= COUNT - 780 else sides))
    assert (both["percentile"], both["sample_size"]) == (50, 780)
    assert "percentile 50.0 of 780" in both["reasons"]
    # With enough of its own kind it is ranked: two such evenings in three are farther. That there
    # is no level on a side is known from the 252nd session on.
    near, far = (tuple(side and side * step for side in sides) for step in (1, 2))
    closes = [*CLOSES, *CLOSES[:201]]
    ranked = last(between(lambda n: near if n % 3 == 2 else far, closes))
    numbers = range(251, len(closes))
    nearer = sum(n % 3 == 2 for n in numbers)
    assert ranked["sample_size"] == len(numbers)
    rank = 100 * (len(numbers) - nearer / 2) / len(numbers)
    assert ranked["percentile"] == pytest.approx(rank)
    assert f"of {len(numbers)} with a level on that side alone" in ranked["reasons"]


def test_without_a_level_there_is_nothing_to_decide() -> None:
    row = last(between(lambda n: (3.0, 3.0) if n < COUNT - 1 else (None, None)))
    assert (row["grade"], row["value"]) == ("NOT SUPPORTED", None)
    assert row["reasons"] == (
        "neither a support nor a resistance is known: there is no level to decide at"
    )
    legs = CLAIM.function(inputs(CLOSES)).legs.filter(session_date=day(COUNT - 1))
    assert legs.filter(pl.col("leg") != "decided_when_alike")["holds"].unique().to_list() == [False]


def test_what_is_missing_is_named() -> None:
    never = last(replace(inputs(CLOSES), zones=NOTHING))
    assert (never["grade"], never["reasons"]) == ("UNTESTABLE", "mart.zone is not derived")
    unseen = last(between(lambda _: (None, 3.0), CLOSES[:200]))
    assert (unseen["grade"], unseen["value"]) == ("UNTESTABLE", None)
    assert "the 252 sessions whose turning points make a zone" in unseen["reasons"]
    flat = last(between(lambda _: (3.0, 3.0), [100.0] * 300))
    assert (flat["grade"], flat["value"]) == ("UNTESTABLE", None)
    assert "or they did not move" in flat["reasons"]
    holed = [*CLOSES[:855], None, *CLOSES[856:]]
    gap = last(between(lambda _: (3.0, 3.0), holed))
    assert gap["grade"] == "UNTESTABLE"
    assert f"the last missing is {day(855)}" in gap["reasons"]


@pytest.fixture(scope="module")
def wandering() -> Inputs:
    """A random walk with levels that move, and sessions on which one or both are not there."""
    draw = np.random.default_rng(7)
    closes = list(100 * np.exp(np.cumsum(draw.normal(0, SIGMA, COUNT))))
    closes[500] = None
    sides = draw.uniform(0.5, 9, (COUNT, 2))

    def distance(n: int) -> tuple[float | None, float | None]:
        below, above = (float(side) for side in sides[n])
        return (None if n % 7 == 0 else below), (None if n % 11 == 0 else above)

    return between(distance, closes)


def test_the_query_returns_the_value(wandering: Inputs) -> None:
    verdicts, _ = evidence(wandering, [CLAIM])
    with warehouse(wandering) as connection:
        for row in verdicts[::23].iter_rows(named=True):
            told, value = answer(connection, row["sql"])
            assert value == (
                None if row["value"] is None else pytest.approx(row["value"], rel=1e-9)
            )
            assert told in (None, row["session_date"])
    assert 0 < verdicts["value"].null_count() < 200
    assert not verdicts["sql"].str.contains("= NULL", literal=True).any()


@pytest.mark.parametrize("cut", [0, 70, 250, 600, 880])
def test_later_data_changes_nothing_before_it_and_order_nothing_at_all(
    wandering: Inputs, cut: int
) -> None:
    known = pl.col("session_date") <= day(cut)
    changed = replace(
        wandering,
        zones=pl.concat(
            [
                wandering.zones.filter(~known).with_columns(pl.col("lower", "upper") * 3),
                wandering.zones.filter(known),
            ]
        ).sample(fraction=1, shuffle=True, seed=4),
        series=wandering.series.with_columns(
            close=pl.when(known).then("close").otherwise(7.0)
        ).reverse(),
    )
    whole, again = CLAIM.function(wandering), CLAIM.function(changed)
    assert_frame_equal(again.verdict.filter(known), whole.verdict.filter(known))
    assert_frame_equal(again.legs.filter(known), whole.legs.filter(known))
