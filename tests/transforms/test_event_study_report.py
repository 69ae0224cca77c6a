"""Intervals, the family as one, and controls: what the report adds to the study."""

from __future__ import annotations

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap

from tests.transforms.studied_market import MARKET, NOTHING, sessions, walks
from tests.transforms.test_event_study import planted
from transforms.signals.event_study.controls import LEFT_OUT, placebos, subsets
from transforms.signals.event_study.events import DEFINITIONS
from transforms.signals.event_study.intervals import confirmation, event_mean, excess_interval
from transforms.signals.event_study.watched import Ring, Watched, kept_rows, ring, watched

LENGTH = 4000
STRONG = DEFINITIONS[0]


@pytest.fixture(scope="module")
def with_drift() -> Watched:
    return watched(planted(LENGTH, 1, 0.08), NOTHING, NOTHING, sessions(LENGTH))


def test_the_interval_is_that_of_arch() -> None:
    """Independent sessions: arch's own percentile interval, and the normal one, are near it."""
    rng = np.random.default_rng(1)
    residual = rng.normal(0, 2, 1500)
    places = np.sort(rng.choice(1500, 60, replace=False))
    held = Ring(np.arange(1500), places, residual, np.zeros(1500), residual)
    found = excess_interval(held, 1)
    assert found is not None
    is_event = np.zeros(1500)
    is_event[places] = 1.0
    rows = np.column_stack([is_event, residual])
    theirs = StationaryBootstrap(5, rows, seed=5).conf_int(event_mean, 500, method="percentile")
    error = residual[places].std(ddof=1) / np.sqrt(60)
    middle = residual[places].mean()
    assert found == pytest.approx(tuple(theirs[:, 0]), abs=0.35 * error)
    assert found == pytest.approx((middle - 1.96 * error, middle + 1.96 * error), abs=0.35 * error)


def test_no_interval_of_nothing() -> None:
    zeros, none = np.zeros(300), np.array([], dtype=np.int64)
    assert excess_interval(Ring(np.arange(300), none, zeros, zeros, zeros), 21) is None
    some = np.array([5, 100])
    assert excess_interval(Ring(np.arange(300), some, zeros, zeros, zeros), 21) is None


def test_planted_drift_is_confirmed_and_noise_is_not(with_drift: Watched) -> None:
    found = confirmation(with_drift, [STRONG], LENGTH)
    assert found is not None
    assert found.p_value < 0.05
    assert f"{STRONG.id}, {MARKET}, 63" in found.superior
    held = ring(with_drift, STRONG, MARKET, 63, LENGTH, rows=kept_rows(with_drift, STRONG, 63))
    interval = excess_interval(held, 63)
    assert interval is not None
    assert interval[0] > 0
    noise = watched(walks(2000, 3), NOTHING, NOTHING, sessions(2000))
    nothing = confirmation(noise, [DEFINITIONS[-1]], 2000)
    assert nothing is not None
    assert nothing.superior == []


def test_placebos_find_about_what_chance_allows(with_drift: Watched) -> None:
    """Random sessions, in the very history whose events matter."""
    found = placebos(with_drift, LENGTH)
    draws = sum(one.draws for one in found)
    assert draws >= 200 * 6
    assert sum(one.found for one in found) / draws == pytest.approx(0.05, abs=0.03)


def test_subsets_drop_the_events_they_name(with_drift: Watched) -> None:
    through = with_drift.dates[-1]
    found = subsets(with_drift, through)
    assert list(found) == [
        "before 2018-04-02",
        "from 2018-04-02",
        *(f"without {year}" for year in LEFT_OUT),
    ]
    counts = {
        name: next(row["events"] for row in rows if row["event_id"] == STRONG.id)
        for name, rows in found.items()
    }
    whole = len(
        ring(with_drift, STRONG, MARKET, 21, LENGTH, rows=kept_rows(with_drift, STRONG, 21)).places
    )
    assert counts["before 2018-04-02"] + counts["from 2018-04-02"] == whole
    assert 0 < counts["without 2009"] < whole
