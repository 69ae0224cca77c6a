"""The regimes of Nifty Smallcap 250, 2005 to 2022: told again by hand, read, and never ahead."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.benchmarks.regime_history import TARGET, table
from tests.real.verdict_history import (
    PRICES,
    SESSIONS,
    ByHand,
    History,
    Machine,
    Tape,
    nearest_zones,
    read_history,
    told,
)
from transforms.signals.regime import Regimes
from transforms.signals.regime_table import INDEX

pytestmark = pytest.mark.real

RECOVERIES = ["REBOUND", "EARLY_RECOVERY", "CONFIRMED"]


@pytest.fixture(scope="module")
def history(archive: Path) -> History:
    absent = [str(path) for path in (PRICES, SESSIONS) if not (archive / path).is_file()]
    if absent:
        pytest.skip(f"verdict history: the archive lacks {', '.join(absent)}")
    return read_history(archive)


@pytest.fixture(scope="module")
def found(history: History) -> Regimes:
    return told(history)


@pytest.fixture(scope="module")
def by_hand(history: History) -> list[ByHand]:
    return Machine(Tape(history, nearest_zones(history))).run()


def of_index(frame: pl.DataFrame, first: date = date.min, last: date = date.max) -> pl.DataFrame:
    is_mine = (pl.col("rules") == INDEX.name) & pl.col("session_date").is_between(first, last)
    return frame.filter(is_mine).sort("session_date")


def lowest(history: History, first: date, last: date) -> date:
    """Session of the lowest close of a span."""
    span = history.bars.filter(pl.col("session_date").is_between(first, last))
    day: date = span.sort("close")["session_date"][0]
    return day


def entered(found: Regimes, first: date, last: date) -> list[tuple[date, str]]:
    return of_index(found.transitions, first, last).select("session_date", "to_state").rows()


def test_every_session_is_as_told_again_by_hand(
    history: History, found: Regimes, by_hand: list[ByHand]
) -> None:
    # The machine by hand knows no holes.
    assert history.bars["session_date"].to_list() == history.sessions["session_date"].to_list()
    states = of_index(found.states)
    ours = [ByHand(*row) for row in states.select("state", "low_date", "is_bear_rally").iter_rows()]
    apart = [
        (day, mine, theirs)
        for day, mine, theirs in zip(states["session_date"], ours, by_hand, strict=True)
        if mine != theirs
    ]
    assert not apart
    assert len(ours) > 4000
    # Were a state never reached, its rules would not have been compared.
    assert {one.state for one in by_hand} == {"UNKNOWN", "ADVANCE", "DRAWDOWN", "FAILED"} | set(
        RECOVERIES
    )


def test_every_transition_is_a_change_of_what_was_told_by_hand(
    history: History, found: Regimes, by_hand: list[ByHand]
) -> None:
    days = history.sessions["session_date"].to_list()
    changed = [row for row in range(1, len(days)) if by_hand[row].state != by_hand[row - 1].state]
    expected = [
        (days[row], by_hand[row - 1].state, by_hand[row].state, row - before)
        for before, row in zip([0, *changed], changed, strict=False)
    ]
    moves = of_index(found.transitions)
    assert (
        moves.select("session_date", "from_state", "to_state", "days_in_state").rows() == expected
    )
    least = moves.filter(pl.col("days_in_state") < 3)
    # Only a new low, or the end of an attempt, breaks a stay of three sessions.
    assert set(least["to_state"]) <= {"DRAWDOWN"}


def test_2008_is_in_drawdown_through_october(found: Regimes) -> None:
    october = of_index(found.states, date(2008, 9, 16), date(2008, 10, 31))
    assert october.height > 25
    assert set(october["state"]) == {"DRAWDOWN"}
    # The year had rallies, and each gave way.
    year = of_index(found.states, date(2008, 1, 18), date(2008, 12, 31))
    assert set(year["state"]) == {"DRAWDOWN", "REBOUND", "EARLY_RECOVERY", "FAILED"}
    assert year["drawdown_252_pct"].min() < -65  # type: ignore[operator]


def test_2009_is_confirmed_in_may_or_june_from_the_low_of_march(
    history: History, found: Regimes
) -> None:
    low = lowest(history, date(2008, 1, 1), date(2010, 12, 31))
    assert low == date(2009, 3, 9)
    told_of = entered(found, low, date(2009, 12, 31))
    assert [state for _, state in told_of[:4]] == [*RECOVERIES, "ADVANCE"]
    confirmed = told_of[2][0]
    assert date(2009, 5, 1) <= confirmed <= date(2009, 6, 30)
    at = of_index(found.states, confirmed, confirmed)
    assert at["low_date"].to_list() == [low]
    assert at["leg_breakout"].to_list() == [True]
    assert at["rise_from_low_pct"].item() > 20
    before = of_index(found.transitions, date(2008, 1, 1), low)
    assert "CONFIRMED" not in set(before["to_state"])


def test_2018_to_2020_is_one_drawdown_with_bear_rallies(found: Regimes) -> None:
    told_of = entered(found, date(2018, 1, 1), date(2020, 3, 24))
    first, state = told_of[0]
    assert state == "DRAWDOWN"
    assert date(2018, 1, 15) < first < date(2018, 3, 1)
    # Not one session of those two years was an advance.
    assert "ADVANCE" not in {state for _, state in told_of}
    rallies = of_index(found.transitions, first, date(2020, 3, 24)).filter("is_bear_rally")
    assert rallies.height >= 6
    assert set(rallies["to_state"]) == {"DRAWDOWN"}
    assert set(rallies["from_state"]) <= {*RECOVERIES, "FAILED"}
    assert {day.year for day in rallies["session_date"]} >= {2018, 2019}
    # Whatever was confirmed before it, the crash is a drawdown.
    crash = of_index(found.states, date(2020, 3, 16), date(2020, 3, 24))
    assert set(crash["state"]) == {"DRAWDOWN"}


def test_2020_rebounds_within_days_of_the_low_and_is_confirmed_that_year(
    history: History, found: Regimes
) -> None:
    low = lowest(history, date(2018, 1, 1), date(2022, 12, 31))
    assert low == date(2020, 3, 24)
    told_of = entered(found, low, date(2020, 12, 31))
    assert [state for _, state in told_of] == [*RECOVERIES, "ADVANCE"]
    rebound, early, confirmed, _ = (day for day, _ in told_of)
    between = history.sessions.filter(
        pl.col("session_date").is_between(low, rebound, closed="right")
    )
    # Day 4 is the fourth session after the low at the earliest.
    assert 4 <= between.height <= 6
    assert rebound < early < confirmed
    at = of_index(found.states, low, date(2020, 12, 31)).filter(pl.col("state").is_in(RECOVERIES))
    assert set(at["low_date"]) == {low}


def test_the_proof_that_is_printed_is_of_these_rules(found: Regimes) -> None:
    """`python -m tests.benchmarks.regime_history` writes it anew."""
    printed = TARGET.read_text(encoding="utf-8").splitlines()
    first = table(of_index(found.transitions))
    at = printed.index(first[0])
    assert printed[at : at + len(first)] == first
    assert not printed[at + len(first)]


# Falling, a recovery half done, a rebound five sessions old.
CUTS = (date(2008, 10, 27), date(2012, 2, 1), date(2020, 4, 7))


def known(found: Regimes, day: date) -> list[pl.DataFrame]:
    """What was said up to a session; the transition of that session included."""
    is_known = pl.col("session_date") <= day
    return [frame.filter(is_known) for frame in (found.states, found.transitions, found.triggers)]


@pytest.mark.parametrize("cut", CUTS)
def test_later_bars_change_nothing(history: History, found: Regimes, cut: date) -> None:
    """Neither their absence nor their being wrong; zones are drawn anew each time."""
    assert cut in history.sessions["session_date"]
    whole = known(found, cut)
    changed = {"absent": told(history.through(cut))}
    changed |= {f"times {by}": told(history.scaled_after(cut, by)) for by in (0.5, 2.0)}
    for name, other in changed.items():
        for before, after in zip(whole, known(other, cut), strict=True):
            assert before.equals(after), name
    # The garbage was read: what came after is another history.
    later = [of_index(one.states, cut).slice(1)["state"] for one in (found, *changed.values())]
    whole_later, absent, *garbage = later
    assert absent.is_empty()
    for states in garbage:
        assert (states != whole_later).any()
