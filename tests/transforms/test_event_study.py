"""The event study: outcomes, matching, no look-ahead, and what little data does."""

from __future__ import annotations

import datetime as dt
import itertools
from math import log

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.transforms.studied_market import LARGE, MARKET, NOTHING, SMALL, levels, sessions, walks
from transforms.signals.event_study.bull_phases import turns
from transforms.signals.event_study.events import DEFINITIONS, HORIZONS
from transforms.signals.event_study.inference import circular_shift_p
from transforms.signals.event_study.outcomes import bull_phases, outcomes
from transforms.signals.event_study.study import StudyFrames, event_study, quarter_ends
from transforms.signals.event_study.watched import kept_rows, ring, watched
from warehouse.tables.signals import Event, EventStudy
from warehouse.tables.table import schema

LENGTH = 1300
CLOSES = walks(LENGTH, 11)
SESSIONS = sessions(LENGTH)
DAYS = SESSIONS["session_date"].to_list()
QUARTERS = quarter_ends(SESSIONS)
FIRST = DEFINITIONS[0]


@pytest.fixture(scope="module")
def studied() -> StudyFrames:
    return event_study(CLOSES, NOTHING, NOTHING, SESSIONS, QUARTERS[-4:])


def test_columns_and_types_are_the_tables(studied: StudyFrames) -> None:
    assert dict(studied.events.schema) == dict(schema(Event))
    assert dict(studied.studies.schema) == dict(schema(EventStudy))
    Event.validate(studied.events)
    EventStudy.validate(studied.studies)
    assert studied.studies.height == 4 * 4 * 2 * 3
    for frame in studied.events, studied.studies:
        floats = frame.select(pl.col(pl.Float64).is_nan().any())
        assert not any(floats.row(0))


def test_quarters_end_once_a_later_one_began() -> None:
    days = [dt.date(2024, 3, 28), dt.date(2024, 4, 1), dt.date(2024, 6, 28), dt.date(2024, 6, 27)]
    assert quarter_ends(pl.DataFrame({"session_date": days})) == [dt.date(2024, 3, 28)]
    later = pl.DataFrame({"session_date": [*days, dt.date(2024, 7, 1)]})
    assert quarter_ends(later) == [dt.date(2024, 3, 28), dt.date(2024, 6, 28)]
    assert quarter_ends(pl.DataFrame(schema={"session_date": pl.Date})) == []


def test_outcomes_by_hand() -> None:
    """Entry at the next close, exit 21 sessions after it, log return; open where not at hand."""
    path = np.zeros(30)
    path[1], path[2], path[22], path[23] = 0.5, 0.02, 0.03, 0.4
    closes = levels(MARKET, path)
    found = outcomes(MARKET, sessions(30)["session_date"], closes, NOTHING)
    # From session 1: entry at 2, exit at 23: 0.03 + 0.4. From 0: entry at 1, exit at 22: 0.05.
    assert found.return_pct[21][:2] == pytest.approx([5.0, 43.0])
    assert np.flatnonzero(np.isnan(found.return_pct[21])).tolist() == list(range(8, 30))
    assert not found.is_total[21].any()


def test_total_return_is_watched_where_both_closes_have_it() -> None:
    price, total = levels(MARKET, np.full(40, 0.01)), levels(MARKET, np.full(40, 0.02))
    held = total.filter(pl.col("session_date") < sessions(40)["session_date"][25])
    found = outcomes(MARKET, sessions(40)["session_date"], price, held)
    # Exits at 22 to 24 have total return, 21 sessions of 2%; later ones have price, of 1%.
    assert found.return_pct[21][:6] == pytest.approx([42.0, 42.0, 42.0, 21.0, 21.0, 21.0])
    assert found.is_total[21][:6].tolist() == [True] * 3 + [False] * 3
    assert found.enters_total[23:26].tolist() == [True, False, False]


def test_up_a_fifth_before_down_a_tenth() -> None:
    close = np.array([100.0, 100.0, 110.0, 120.0, 108.0, 107.0, 90.0])
    bull, row, broken = bull_phases(close)
    # From 0, entered at 100: 120 is up a fifth, on row 3. From 1, entered at 110: 107 is not down
    # a tenth (99), 90 is. From 2, entered at 120: 108 is down a tenth exactly.
    assert bull.tolist() == [1, 0, 0, 0, 0, -1, -1]
    assert row.tolist()[:3] == [3, 6, 4]
    assert broken.tolist() == [-1] * 7


def test_a_missing_close_on_the_way_leaves_a_bull_phase_unknown() -> None:
    close = np.array([100.0, 100.0, 110.0, np.nan, 130.0])
    bull, _, broken = bull_phases(close)
    assert bull[0] == -1
    assert broken.tolist() == [3, 3, 3, -1, -1]


def test_neither_within_252_sessions_is_no_bull_phase() -> None:
    bull, row, _ = bull_phases(np.full(300, 100.0))
    assert bull[:47].tolist() == [0] * 47
    assert row[0] == 253
    assert bull[47] == -1


def test_turns_of_lunde_and_timmermann_by_hand() -> None:
    close = np.array([100.0, 95.0, 90.0, 85.0, 101.0, 102.0, np.nan, 130.0, 118.0, 117.0, 139.0])
    found = [(turn.kind, turn.row, turn.known_row) for turn in turns(close)]
    # 90 is a tenth below 100; 102 a fifth above 85; 117 a tenth below 130; 139 not a fifth up.
    assert found == [("high", 0, 2), ("low", 3, 5), ("high", 7, 9)]


def test_means_are_those_of_the_events_and_of_sessions_alike(studied: StudyFrames) -> None:
    """Recomputed for one test with loops over sessions."""
    seen = watched(CLOSES, NOTHING, NOTHING, SESSIONS)
    through = QUARTERS[-1]
    last = DAYS.index(through)
    target = seen.targets[MARKET]
    kept = kept_rows(seen, FIRST, 21).tolist()
    close = dict(CLOSES.filter(pl.col("index_id") == MARKET).select("session_date", "close").rows())

    def after(row: int) -> float:
        return 100 * log(close[DAYS[row + 22]] / close[DAYS[row + 1]])

    usable = [row for row in range(last - 21) if seen.told[FIRST.id][row] and target.cell[row] >= 0]
    alike: dict[int, list[float]] = {}
    for row in usable:
        if row not in kept:
            alike.setdefault(int(target.cell[row]), []).append(after(row))
    enough = [row for row in usable if len(alike.get(int(target.cell[row]), [])) >= 30]
    mine = [row for row in kept if row in enough]
    assert len(mine) >= 3
    row = studied.studies.row(
        by_predicate=(pl.col("through_date") == through)
        & (pl.col("event_id") == FIRST.id)
        & (pl.col("target") == MARKET)
        & (pl.col("horizon_sessions") == 21),
        named=True,
    )
    mean = sum(after(one) for one in mine) / len(mine)
    of_cell = {cell: sum(values) / len(values) for cell, values in alike.items()}
    matched = sum(of_cell[int(target.cell[one])] for one in mine) / len(mine)
    assert row["events"] == len(mine)
    assert row["mean_return_pct"] == pytest.approx(mean)
    assert row["matched_return_pct"] == pytest.approx(matched)
    assert row["excess_pct"] == pytest.approx(mean - matched)
    assert row["base_return_pct"] == pytest.approx(sum(map(after, enough)) / len(enough))
    assert row["hits"] == sum(after(one) > 0 for one in mine)
    assert row["hit_rate"] == pytest.approx(row["hits"] / row["events"])


def test_rotations_are_measured_as_the_events_are() -> None:
    """The residual has mean 0 in every cell, so that no rotation is favoured."""
    seen = watched(CLOSES, NOTHING, NOTHING, SESSIONS)
    held = ring(seen, FIRST, SMALL, 21, LENGTH, rows=kept_rows(seen, FIRST, 21))
    cell = seen.targets[SMALL].cell[held.rows]
    for one in set(cell.tolist()):
        assert held.residual[cell == one].mean() == pytest.approx(0, abs=1e-9)


def test_events_never_overlap_and_list_what_followed(studied: StudyFrames) -> None:
    rows = {day: row for row, day in enumerate(DAYS)}
    for (_, _, horizon), mine in studied.events.group_by("event_id", "target", "horizon_sessions"):
        at = sorted(rows[day] for day in mine["session_date"])
        assert all(later - one > horizon for one, later in itertools.pairwise(at))
    for row in studied.events.iter_rows(named=True):
        at, horizon = rows[row["session_date"]], row["horizon_sessions"]
        assert row["entered_on"] == DAYS[at + 1]
        is_open = at + 1 + horizon >= LENGTH
        assert row["left_on"] == (None if is_open else DAYS[at + 1 + horizon])
        assert (row["return_pct"] is None) == is_open
        # Only small caps have a launch, and all of this is before it.
        is_of_small = row["role"] == "test" or row["target"] == SMALL
        assert row["is_hypothetical"] is is_of_small


def test_row_order_does_not_matter(studied: StudyFrames) -> None:
    shuffled = [one.sample(fraction=1.0, shuffle=True, seed=9) for one in (CLOSES, SESSIONS)]
    again = event_study(shuffled[0], NOTHING, NOTHING, shuffled[1], QUARTERS[-4:][::-1])
    assert again.events.equals(studied.events)
    assert again.studies.equals(studied.studies)


def test_dropping_what_came_later_changes_no_study(studied: StudyFrames) -> None:
    through = QUARTERS[-3]
    upto = pl.col("session_date") <= through
    past = event_study(CLOSES.filter(upto), NOTHING, NOTHING, SESSIONS.filter(upto), [through])
    known = studied.studies.filter(pl.col("through_date") == through)
    assert past.studies.equals(known)
    ended = past.events.filter(pl.col("left_on").is_not_null()).drop("became_bull")
    held = studied.events.filter(pl.col("left_on") <= through).drop("became_bull")
    assert ended.equals(held)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    cut=st.integers(900, LENGTH - 1),
    factor=st.floats(0.5, 2.0),
    total_from=st.integers(0, LENGTH),
)
def test_no_later_bar_changes_a_study(cut: int, factor: float, total_from: int) -> None:
    """The future is multiplied, total return comes and goes: what was known by then stays."""
    day = DAYS[cut]
    later = pl.col("session_date") > day
    total = CLOSES.filter(pl.col("session_date") >= DAYS[min(total_from, LENGTH - 1)])
    changed = [
        one.with_columns(pl.when(later).then(pl.col("close") * factor).otherwise("close"))
        for one in (CLOSES, total.filter(~later))
    ]
    through = [max(quarter for quarter in QUARTERS if quarter <= day)]
    before = event_study(CLOSES, total, NOTHING, SESSIONS, through).studies
    assert before.equals(event_study(changed[0], changed[1], NOTHING, SESSIONS, through).studies)


@pytest.mark.parametrize("length", [0, 1, 30, 300, 900])
def test_too_little_history_says_so(length: int) -> None:
    days = sessions(length) if length else SESSIONS.head(0)
    closes = walks(length, 1) if length else CLOSES.head(0)
    through = quarter_ends(days) or [dt.date(2005, 3, 31)]
    found = event_study(closes, NOTHING, NOTHING, days, through)
    last = found.studies.filter(pl.col("through_date") == through[-1])
    assert last.height == 24
    assert set(last["grade"]) == {"INSUFFICIENT"}
    assert all(last["reasons"])
    EventStudy.validate(found.studies)
    Event.validate(found.events)


def test_constants_are_no_event_and_divide_by_nothing() -> None:
    flat = pl.concat([levels(one, np.zeros(LENGTH)) for one in (LARGE, MARKET, SMALL)])
    found = event_study(flat, NOTHING, NOTHING, SESSIONS, QUARTERS[-1:])
    assert found.events.is_empty()
    assert found.studies["events"].sum() == 0
    assert found.studies["p_value"].null_count() == 24


def test_no_quarter_asked_still_lists_events(studied: StudyFrames) -> None:
    found = event_study(CLOSES, NOTHING, NOTHING, SESSIONS, [])
    assert found.studies.is_empty()
    assert found.events.equals(studied.events)


def test_family_counts_its_tests_and_controls_apart(studied: StudyFrames) -> None:
    last = studied.studies.filter(pl.col("through_date") == QUARTERS[-1])
    for role, most in (("test", 18), ("control", 6)):
        mine = last.filter(pl.col("role") == role)
        assert mine.height == most
        assert set(mine["tests"]) == {mine["p_value"].count()}


def planted(length: int, seed: int, drift: float) -> pl.DataFrame:
    """Small caps gain 5% on large ones for ten sessions, then all drift up over the next 63."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0, 0.008, length)
    small = market.copy()
    # At a fixed step every rotation by it would find the same events.
    for start in np.cumsum(rng.integers(150, 211, length // 180)) + 700:
        if start > length - 200:
            break
        small[start] += 0.05
        small[start + 10] -= 0.05
        market[start + 2 : start + 65] += drift / 63
        small[start + 2 : start + 65] += drift / 63
    return pl.concat([levels(LARGE, market), levels(MARKET, market), levels(SMALL, small)])


def test_planted_drift_is_found_about_as_often_as_power_says() -> None:
    """33 events; 6% over 63 sessions of 0.8% a session, a third of which sessions alike share.

    That leaves about 4 points, well over what 33 events find four times in five.
    """
    length, rows = 7000, []
    days = sessions(length)
    for seed in range(6):
        closes = planted(length, seed, 0.06)
        found = event_study(closes, NOTHING, NOTHING, days, [days["session_date"][-1]])
        rows.append(
            found.studies.row(
                by_predicate=(pl.col("event_id") == FIRST.id)
                & (pl.col("target") == MARKET)
                & (pl.col("horizon_sessions") == 63),
                named=True,
            )
        )
    assert all(30 <= row["events"] <= 40 for row in rows)
    assert sum(row["p_value"] <= 0.05 for row in rows) >= 5
    assert all(row["excess_pct"] > 0 for row in rows)
    assert sum(row["grade"] == "SUPPORTED" for row in rows) >= 3
    # 2.80 times 6.35%, and what the drift itself adds, over the root of 33.
    assert all(row["minimum_detectable_pct"] == pytest.approx(3.2, rel=0.15) for row in rows)


def test_on_noise_p_values_are_uniform() -> None:
    """50 histories in which nothing leads: Kolmogorov-Smirnov; the calibration runs hundreds."""
    p_values = []
    for seed in range(50):
        length = 1500
        seen = watched(walks(length, seed), NOTHING, NOTHING, sessions(length))
        definition = DEFINITIONS[-1]
        held = ring(seen, definition, MARKET, 21, length, rows=kept_rows(seen, definition, 21))
        p_value = circular_shift_p(held.residual, held.places, 21)
        if p_value is not None and len(held.places) >= 5:
            p_values.append(p_value)
    assert len(p_values) >= 35
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


def test_horizons_are_told_apart(studied: StudyFrames) -> None:
    assert set(studied.events["horizon_sessions"]) <= set(HORIZONS)
    counts = studied.studies.filter(
        (pl.col("through_date") == QUARTERS[-1]) & (pl.col("target") == MARKET)
    ).sort("event_id", "horizon_sessions")
    for _, mine in counts.group_by("event_id"):
        assert mine["events"].is_sorted(descending=True)
