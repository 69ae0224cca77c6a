"""Chance, intervals, multiplicity and power, against hand figures and independent libraries."""

from __future__ import annotations

import json
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from transforms.signals.event_study.inference import (
    circular_shift_p,
    clopper_pearson,
    false_discovery_q,
    minimum_detectable,
    rotations,
    study_grade,
    wilson,
)
from transforms.signals.event_study.outcomes import deviation_pct


def test_rotations_equal_brute_force() -> None:
    rng = np.random.default_rng(3)
    residual, rows = rng.normal(size=200), np.array([3, 40, 111, 199])
    moved = rotations(residual, rows)
    is_event = np.zeros(200)
    is_event[rows] = 1
    for shift in range(200):
        assert moved[shift] == pytest.approx(np.roll(is_event, shift) @ residual / 4, abs=1e-12)


def test_circular_shift_equals_brute_force() -> None:
    rng = np.random.default_rng(4)
    residual, rows, horizon = rng.normal(size=300), np.array([10, 60, 200]), 21
    residual -= residual.mean()
    own = abs(residual[rows].mean())
    others = [
        abs(np.roll(residual, -shift)[rows].mean()) for shift in range(horizon, 300 - horizon + 1)
    ]
    expected = (1 + sum(one >= own for one in others)) / (1 + len(others))
    assert circular_shift_p(residual, rows, horizon) == pytest.approx(expected, abs=1e-12)


def test_circular_shift_agrees_with_a_z_test_of_independent_sessions() -> None:
    """Ten events among 5,000 independent normal sessions: there a z-test is right, too."""
    ours, theirs = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        residual = rng.normal(size=5000)
        rows = np.sort(rng.choice(5000, size=10, replace=False))
        residual[rows] += 0.55 - residual[rows].mean()
        ours.append(circular_shift_p(residual, rows, 1))
        score = (0.55 - residual.mean()) * sqrt(10) / residual.std()
        theirs.append(2 * stats.norm.sf(score))
    assert np.mean(ours) == pytest.approx(np.mean(theirs), rel=0.03)


def test_nothing_varies_so_nothing_is_far() -> None:
    assert circular_shift_p(np.full(500, 0.1), np.array([3, 200]), 21) == 1.0


@pytest.mark.parametrize(("size", "is_made"), [(140, True), (139, False)])
def test_a_short_ring_gives_no_p_value(size: int, is_made: bool) -> None:
    """21 either way are left out: 140 sessions leave 99 rotations, shifts 21 to 119."""
    residual = np.random.default_rng(6).normal(size=size)
    assert (circular_shift_p(residual, np.array([50]), 21) is not None) is is_made
    assert circular_shift_p(residual, np.array([], dtype=np.int64), 21) is None


def test_benjamini_hochberg_by_hand() -> None:
    """p sorted 0.01, 0.02, 0.03, 0.5 times 4/rank: 0.04, 0.04, 0.04, 0.5."""
    assert false_discovery_q([0.5, 0.01, None, 0.03, 0.02]) == pytest.approx(
        [0.5, 0.04, None, 0.04, 0.04]
    )
    assert false_discovery_q([None, None]) == [None, None]


def test_benjamini_hochberg_as_first_published() -> None:
    """Benjamini and Hochberg (1995), section 3.2: fifteen p-values, of which four stand at 5%."""
    published = [
        *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240),
        *(0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
    ]
    q_values = false_discovery_q(published)
    assert sum(q is not None and q <= 0.05 for q in q_values) == 4
    assert q_values == pytest.approx(stats.false_discovery_control(published, method="bh"))


def test_intervals_of_seven_in_nine() -> None:
    """Methodology 5.4: Wilson 0.45 to 0.94, Clopper-Pearson 0.40 to 0.97."""
    assert wilson(7, 9) == pytest.approx((0.45, 0.94), abs=0.005)
    assert clopper_pearson(7, 9) == pytest.approx((0.40, 0.97), abs=0.005)
    exact = stats.binomtest(7, 9)
    assert wilson(7, 9) == pytest.approx(tuple(exact.proportion_ci(method="wilson")))
    assert clopper_pearson(7, 9) == pytest.approx(tuple(exact.proportion_ci(method="exact")))
    assert wilson(0, 0) is None
    assert clopper_pearson(0, 0) is None


@pytest.mark.parametrize(("events", "points"), [(8, 16.3), (12, 13.3), (20, 10.3), (30, 8.4)])
def test_power_table_of_the_methodology(events: int, points: float) -> None:
    assert minimum_detectable(16.5, events) == pytest.approx(points, abs=0.05)


def test_power_of_nothing() -> None:
    assert minimum_detectable(16.5, 0) is None
    assert minimum_detectable(0.0, 10) == 0.0


@pytest.mark.parametrize(
    ("events", "p_value", "q_value", "excess", "grade"),
    [
        (9, 0.001, 0.01, 5.0, "INSUFFICIENT"),
        (30, None, None, 5.0, "INSUFFICIENT"),
        (10, 0.001, 0.10, 5.0, "PARTLY"),
        (29, 0.001, 0.01, 5.0, "PARTLY"),
        (30, 0.001, 0.10, 5.0, "SUPPORTED"),
        # The best of many tests is below 10% by luck: only q counts.
        (30, 0.001, 0.101, 5.0, "NOT SUPPORTED"),
        (10, 0.001, 0.101, 5.0, "NOT SUPPORTED"),
        (10, 0.100, 0.9, 5.0, "NOT SUPPORTED"),
        (30, 0.001, 0.101, -5.0, "NOT SUPPORTED"),
        (30, 0.001, 0.9, -5.0, "NOT SUPPORTED"),
        (10, 0.001, 0.10, -5.0, "CONTRADICTED"),
        (30, 1.0, 1.0, 0.0, "NOT SUPPORTED"),
    ],
)
def test_grades(
    events: int, p_value: float | None, q_value: float | None, excess: float, grade: str
) -> None:
    assert study_grade(events, p_value, q_value, excess) == grade


def accuracy(name: str, archive: Path) -> tuple[list[float], dict[str, float]]:
    """One of NIST's accuracy sets: its values, and what is certified of them."""
    path = archive.parent / "vectors" / "nist" / "numacc.json"
    if not path.exists():
        pytest.skip("no reference vectors of NIST beside the archive")
    certified = json.loads(path.read_text(encoding="utf-8"))[name]
    if "y" in certified:
        return certified["y"], certified
    first, low, high = {
        "NumAcc2": (1.2, 1.1, 1.3),
        "NumAcc3": (1000000.2, 1000000.1, 1000000.3),
        "NumAcc4": (10000000.2, 10000000.1, 10000000.3),
    }[name]
    return [first, *[low, high] * 500], certified


@pytest.mark.parametrize("name", ["NumAcc1", "NumAcc2", "NumAcc3", "NumAcc4"])
def test_deviation_as_nist_certifies(name: str, archive: Path) -> None:
    values, certified = accuracy(name, archive)
    assert deviation_pct(np.array(values)) == pytest.approx(certified["sd"], rel=1e-7)


def test_deviation_of_few_values() -> None:
    assert deviation_pct(np.array([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])) == pytest.approx(
        sqrt(32 / 7)
    )
    assert deviation_pct(np.array([5.0])) == 0.0
    assert deviation_pct(np.full(50, 0.1)) == pytest.approx(0.0, abs=1e-15)
