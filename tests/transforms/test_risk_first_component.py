"""The first principal component: against eigenvectors of the correlations, and by hand."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats  # type: ignore[import-untyped]

from tests.transforms.risk_market import days_of, market, wandering
from transforms.signals.first_component import LEAST_ROWS, first_component, fitted
from transforms.signals.risk_appetite import risk_appetite

NAMES = ("anchor", "second", "third", "fourth", "fifth")
COUNT = 1100
DAYS = days_of(COUNT)
# Weekdays from January 2021: 2024 is the first year with 756 sessions before it.
YEAR_2024, YEAR_2025 = (
    next(n for n, day in enumerate(DAYS) if day.year == year) for year in (2024, 2025)
)


def moves(seed: int = 2) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Five figures that move with one thing, the second against it, in units of their own."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 1, COUNT)
    own = rng.normal(0, 1, (COUNT, 5))
    return (common[:, None] * [1, -2, 0.7, 0.5, 0.2] + own) * [1, 10, 100, 0.1, 3] + 7


def told(
    values: np.ndarray[Any, np.dtype[np.float64]], fresh: list[bool] | None = None
) -> pl.DataFrame:
    return pl.concat(
        pl.DataFrame(
            {
                "session_date": DAYS[: len(values)],
                "input_id": [name] * len(values),
                "held": pl.Series(values[:, place]).fill_nan(None),
                "is_fresh": fresh or [True] * len(values),
            }
        )
        for place, name in enumerate(NAMES)
    )


def percentiles(frame: pl.DataFrame) -> list[float | None]:
    return first_component(frame, "anchor")["first_component_percentile"].to_list()


@cache
def whole() -> list[float | None]:
    return percentiles(told(moves()))


def by_eigenvectors(start: int, at: int) -> float:
    """The rank at a session by the fit on the sessions before `start`."""
    values = moves()
    past = values[:start]
    _, vectors = np.linalg.eigh(np.corrcoef(past, rowvar=False))
    loadings = vectors[:, -1] * np.sign(vectors[0, -1])
    scores = (values[: at + 1] - past.mean(axis=0)) / past.std(axis=0, ddof=1) @ loadings
    return float(stats.percentileofscore(scores, scores[-1], kind="mean"))


@pytest.mark.parametrize(
    ("start", "at"),
    [
        (YEAR_2024, YEAR_2024),
        (YEAR_2024, YEAR_2025 - 1),
        (YEAR_2025, YEAR_2025),
        (YEAR_2025, COUNT - 1),
    ],
)
def test_the_rank_is_that_of_the_first_eigenvector_of_the_years_before(start: int, at: int) -> None:
    assert whole()[at] == pytest.approx(by_eigenvectors(start, at), abs=1e-9)


def test_no_fit_before_three_years_of_sessions() -> None:
    assert whole()[:YEAR_2024] == [None] * YEAR_2024
    assert None not in whole()[YEAR_2024:]
    assert date(2024, 1, 1) == DAYS[YEAR_2024]
    assert YEAR_2024 >= LEAST_ROWS.value > YEAR_2024 - 260


def test_the_anchor_says_which_way_is_up() -> None:
    # By hand: two figures that agree, one that is against them; scores are their plain sum.
    line = np.arange(10.0)
    fit = fitted(np.column_stack([line, 2 * line + 3, -line]), 0)
    assert fit is not None
    assert fit.loadings == pytest.approx(np.array([1, 1, -1]) / np.sqrt(3))
    assert fit.score(np.array([[9.0, 21.0, -9.0]]))[0] > 0
    against = fitted(np.column_stack([line, 2 * line + 3, -line]), 2)
    assert against is not None
    assert against.loadings == pytest.approx(np.array([-1, -1, 1]) / np.sqrt(3))


def test_an_anchor_without_a_part_in_it_points_nowhere() -> None:
    # Three figures on whole periods: the first does not correlate with the two that agree.
    angle = 2 * np.pi * np.arange(40) / 40
    assert fitted(np.column_stack([np.sin(angle), np.cos(angle), np.cos(angle)]), 0) is None


def test_turned_over_figures_give_the_same_rank() -> None:
    assert percentiles(told(moves() * [1, -1, -1, 1, 1])) == pytest.approx(whole(), abs=1e-9)


def test_a_missing_or_old_input_leaves_its_session_without() -> None:
    values = moves()
    values[YEAR_2024 + 7, 2] = np.nan
    fresh = [n != YEAR_2024 + 9 for n in range(COUNT)]
    got = percentiles(told(values, fresh))
    assert [n for n in range(YEAR_2024, YEAR_2024 + 20) if got[n] is None] == [
        YEAR_2024 + 7,
        YEAR_2024 + 9,
    ]
    # What is missing is no sample either: the next one ranks among one fewer.
    scores_before = YEAR_2024 + 8 + 1 - 1
    rank = got[YEAR_2024 + 8]
    assert rank is not None
    assert (rank * scores_before / 100 + 0.5) % 1 == pytest.approx(0, abs=1e-6)


def test_an_input_that_came_late_waits_for_the_next_fit_that_can_use_it() -> None:
    late = moves()
    late[: YEAR_2025 - 760, 4] = np.nan
    without = moves()
    without[:, 4] = np.nan
    got, expected = percentiles(told(late)), percentiles(told(without))
    assert got[YEAR_2024:YEAR_2025] == expected[YEAR_2024:YEAR_2025]
    assert got[YEAR_2025:] != expected[YEAR_2025:]
    assert None not in got[YEAR_2024:]


def test_too_few_inputs_give_no_fit() -> None:
    few = moves()
    few[:, 2:] = np.nan  # two of five
    assert set(percentiles(told(few))) == {None}
    still = moves()
    still[:, 2:] = 4.0  # figures that never move are no inputs either
    assert set(percentiles(told(still))) == {None}
    unanchored = moves()
    unanchored[:, 0] = np.nan
    assert set(percentiles(told(unanchored))) == {None}


def test_row_order_and_what_comes_later_change_nothing() -> None:
    frame = told(moves())
    mixed = first_component(frame.sample(fraction=1.0, shuffle=True, seed=1), "anchor")
    assert_frame_equal(mixed, first_component(frame, "anchor"), check_exact=True)
    cut = YEAR_2025 + 3
    other = np.vstack([moves()[:cut], moves(9)[cut:]])
    assert percentiles(told(other))[:cut] == whole()[:cut]
    assert percentiles(told(other)) != whole()
    assert percentiles(told(moves()[:cut])) == whole()[:cut]


def test_it_is_apart_from_the_composite_beyond_fifteen() -> None:
    appetite = risk_appetite(market(wandering(1000, 6))).appetite.filter(
        pl.col("first_component_percentile").is_not_null()
    )
    rows = appetite.select(
        "first_component_percentile", "composite", "is_first_component_apart"
    ).rows()
    assert {apart for *_, apart in rows} == {True, False}
    assert all(apart == (abs(first - composite) > 15) for first, composite, apart in rows)
