"""Day states: every one is reached, each from what is known and the time alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from flows.calendar import IST
from flows.questions import history_questions, questions
from flows.sources import SOURCES
from flows.states import Known, State, day_states
from warehouse.tables.operations import DAY_STATES

FRIDAY, SATURDAY, SUNDAY = date(2026, 2, 6), date(2026, 2, 7), date(2026, 2, 8)
MONDAY, TUESDAY, WEDNESDAY = date(2026, 2, 9), date(2026, 2, 10), date(2026, 2, 11)
REPUBLIC_DAY = date(2026, 1, 26)
INDEX, FLOW, LIST = "nse_index_close", "nse_fii_dii", "nse_holidays"
HISTORY = "niftyindices_total_return"


KEPT = (INDEX, FLOW, LIST, HISTORY, "niftyindices_price", "imported_flow")


@pytest.fixture(autouse=True)
def _one_source_of_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in SOURCES if name not in KEPT]:
        monkeypatch.delitem(SOURCES, name)


def at(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=IST)


def asked(
    source: str, day: date | None, when: datetime, outcome: str = "landed", **facts: Any
) -> dict[str, Any]:
    """A row of ops.fetch; a landed one is loaded and holds the day asked for, unless told."""
    is_landed = outcome == "landed"
    row = {
        "run_id": f"{when:%Y%m%d%H%M}",
        "source_id": source,
        "session_date": day,
        "url": f"https://example.org/{source}/{day}",
        "fetched_at": when,
        "outcome": outcome,
        "is_imported": False,
        "file_id": 7 if is_landed else None,
        "sha256": "ab" if is_landed else None,
        "etag": '"e"' if is_landed else None,
        "last_modified": None,
        "load_state": "loaded" if is_landed else None,
        "content_date": day if is_landed else None,
        "rows_loaded": 10 if is_landed else None,
        "rows_rejected": 0 if is_landed else None,
        "rows_pending": None,
        "stated": "",
        "detail": "",
    }
    return row | facts


def held(
    *fetches: dict[str, Any],
    sessions: Iterable[date] = (),
    absent: dict[date, str] | None = None,
    imported: dict[date, str] | None = None,
) -> Known:
    return Known(list(fetches), sorted(sessions), absent or {}, imported or {})


def state_of(known: Known, source: str, day: date, now: datetime) -> State | None:
    found = [s for s in day_states(known, now) if (s.source_id, s.session_date) == (source, day)]
    assert len(found) <= 1, "one state for each source and session"
    return found[0] if found else None


def index(day: date, when: datetime, outcome: str = "landed", **facts: Any) -> dict[str, Any]:
    return asked(INDEX, day, when, outcome, **facts)


def flow(day: date, when: datetime, outcome: str = "landed", **facts: Any) -> dict[str, Any]:
    return asked(FLOW, day, when, outcome, **facts)


EVENING, NIGHT, NEXT = at(TUESDAY, "19:30"), at(TUESDAY, "23:00"), at(WEDNESDAY, "07:00")
# Name: what is known, of which source and day, when; the state, whether settled, words in detail.
CASES: dict[str, tuple[Known, str, date, datetime, str, bool, str]] = {
    "loaded": (
        held(index(TUESDAY, EVENING), sessions=[TUESDAY]),
        *(INDEX, TUESDAY, NIGHT, "loaded", True, ""),
    ),
    "loaded, with rejected rows": (
        held(index(TUESDAY, EVENING, rows_rejected=2), sessions=[TUESDAY]),
        *(INDEX, TUESDAY, NIGHT, "loaded", False, "2 rows rejected"),
    ),
    "loaded, with rejected rows that nobody corrected": (
        held(index(TUESDAY, EVENING, rows_rejected=2), sessions=[TUESDAY]),
        *(INDEX, TUESDAY, at(date(2026, 2, 16), "19:30"), "loaded", True, "2 rows rejected"),
    ),
    "loaded, then the same again": (
        held(index(TUESDAY, EVENING), index(TUESDAY, NIGHT, "unchanged"), sessions=[TUESDAY]),
        *(INDEX, TUESDAY, NIGHT, "loaded", True, ""),
    ),
    "loaded, then a broken file": (
        held(
            index(TUESDAY, EVENING),
            index(TUESDAY, NIGHT, load_state="malformed", content_date=None),
            sessions=[TUESDAY],
        ),
        *(INDEX, TUESDAY, NIGHT, "loaded", True, ""),
    ),
    "imported": (
        held(index(TUESDAY, EVENING, is_imported=True), sessions=[TUESDAY]),
        *(INDEX, TUESDAY, NIGHT, "loaded", True, "imported"),
    ),
    "not out yet": (
        held(index(TUESDAY, EVENING, "absent", detail="no such file")),
        *(INDEX, TUESDAY, EVENING, "late", False, "expected by 19:00; no such file"),
    ),
    "still not out the next morning": (
        held(index(TUESDAY, EVENING, "absent")),
        *(INDEX, TUESDAY, NEXT, "late", False, "riskon import"),
    ),
    "another day's copy": (
        held(index(TUESDAY, EVENING, load_state="stale", content_date=MONDAY, detail="got Monday")),
        *(INDEX, TUESDAY, EVENING, "stale", False, "got Monday"),
    ),
    "another day's copy on a holiday": (
        held(index(REPUBLIC_DAY, at(REPUBLIC_DAY, "19:30"), load_state="stale", content_date=None)),
        *(INDEX, REPUBLIC_DAY, at(REPUBLIC_DAY, "20:00"), "holiday", False, "Republic Day"),
    ),
    "refused": (
        held(index(TUESDAY, EVENING, "blocked", detail="status 403")),
        *(INDEX, TUESDAY, EVENING, "blocked", False, "status 403"),
    ),
    "not asked, because refused before": (
        held(index(MONDAY, EVENING, "blocked", detail="status 403")),
        *(INDEX, TUESDAY, NIGHT, "blocked", False, "not asked after this refusal: status 403"),
    ),
    "not asked, and the refusal is over": (
        held(index(MONDAY, EVENING, "blocked"), index(MONDAY, NIGHT)),
        *(INDEX, TUESDAY, NIGHT, "late", False, "riskon backfill --from 2026-02-10"),
    ),
    "no answer": (
        held(index(TUESDAY, EVENING, "failed", detail="timed out")),
        *(INDEX, TUESDAY, EVENING, "failed", False, "timed out"),
    ),
    "too large to take": (
        held(index(TUESDAY, EVENING, "malformed", detail="at most")),
        *(INDEX, TUESDAY, EVENING, "malformed", False, "at most"),
    ),
    "taken, but no such file": (
        held(
            index(TUESDAY, EVENING, load_state="malformed", content_date=None, detail="a web page")
        ),
        *(INDEX, TUESDAY, EVENING, "malformed", False, "a web page"),
    ),
    "no such file, and unchanged since": (
        held(
            index(TUESDAY, EVENING, load_state="malformed", content_date=None, detail="a web page"),
            index(TUESDAY, NIGHT, "unchanged", detail="the same bytes"),
        ),
        *(INDEX, TUESDAY, NIGHT, "malformed", False, "a web page"),
    ),
    "recovered": (
        held(index(TUESDAY, EVENING, "failed"), index(TUESDAY, NIGHT), sessions=[TUESDAY]),
        *(INDEX, TUESDAY, NIGHT, "loaded", True, ""),
    ),
    "a holiday, the same evening": (
        held(index(REPUBLIC_DAY, at(REPUBLIC_DAY, "19:30"), "absent")),
        *(INDEX, REPUBLIC_DAY, at(REPUBLIC_DAY, "20:00"), "holiday", False, "Republic Day"),
    ),
    "a holiday, looked for once more": (
        held(index(REPUBLIC_DAY, at(REPUBLIC_DAY + timedelta(days=1), "07:00"), "absent")),
        *(INDEX, REPUBLIC_DAY, NIGHT, "holiday", True, "Republic Day"),
    ),
    "a weekend, looked for once more": (
        held(index(SATURDAY, at(SUNDAY, "19:30"), "absent")),
        *(INDEX, SATURDAY, NIGHT, "holiday", True, "Saturday"),
    ),
    "a weekend session that nobody announced": (
        held(index(SATURDAY, at(SATURDAY, "19:30")), sessions=[SATURDAY]),
        *(INDEX, SATURDAY, NIGHT, "loaded", True, ""),
    ),
    "a closure at short notice, proven": (
        held(index(MONDAY, at(MONDAY, "19:30"), "absent"), absent={MONDAY: "9 of 9 closes meet"}),
        *(INDEX, MONDAY, NIGHT, "holiday", True, "9 of 9 closes meet"),
    ),
    "a session in a gap, never asked for": (
        held(index(FRIDAY, EVENING), index(TUESDAY, EVENING), sessions=[FRIDAY, MONDAY, TUESDAY]),
        *(INDEX, MONDAY, NIGHT, "late", False, "riskon backfill --from 2026-02-09"),
    ),
    "flows loaded, may change this evening": (
        held(flow(TUESDAY, EVENING), sessions=[TUESDAY]),
        *(FLOW, TUESDAY, EVENING, "loaded", False, ""),
    ),
    "flows loaded, seen after the last change": (
        held(flow(TUESDAY, EVENING), flow(TUESDAY, NIGHT, "unchanged"), sessions=[TUESDAY]),
        *(FLOW, TUESDAY, NIGHT, "loaded", True, ""),
    ),
    "flows loaded, one of two rows rejected": (
        held(flow(TUESDAY, NIGHT, rows_rejected=1), sessions=[TUESDAY]),
        *(FLOW, TUESDAY, NIGHT, "loaded", False, "1 row rejected"),
    ),
    "flows loaded, and the next are out": (
        held(flow(TUESDAY, EVENING), sessions=[TUESDAY, WEDNESDAY]),
        *(FLOW, TUESDAY, at(WEDNESDAY, "20:00"), "loaded", True, ""),
    ),
    "flows not out yet": (
        held(flow(MONDAY, at(MONDAY, "23:00")), sessions=[MONDAY]),
        *(FLOW, TUESDAY, at(TUESDAY, "18:30"), "late", False, "expected by 19:45"),
    ),
    "flows of the session before": (
        held(
            flow(MONDAY, at(MONDAY, "23:00")),
            flow(TUESDAY, at(TUESDAY, "20:00"), content_date=MONDAY),
            sessions=[MONDAY],
        ),
        *(FLOW, TUESDAY, at(TUESDAY, "20:00"), "late", False, "still the session before"),
    ),
    "flows of long ago": (
        held(
            flow(TUESDAY, NIGHT, load_state="stale", content_date=FRIDAY, detail="got Friday"),
            sessions=[TUESDAY],
        ),
        *(FLOW, TUESDAY, NIGHT, "stale", False, "got Friday"),
    ),
    "flows refused": (
        held(flow(TUESDAY, NIGHT, "blocked", detail="status 401"), sessions=[TUESDAY]),
        *(FLOW, TUESDAY, NIGHT, "blocked", False, "status 401"),
    ),
    "flows refused, found the next morning": (
        held(
            flow(TUESDAY, NIGHT, "blocked"),
            flow(TUESDAY, at(WEDNESDAY, "09:00")),
            sessions=[TUESDAY],
        ),
        *(FLOW, TUESDAY, at(WEDNESDAY, "09:00"), "loaded", True, ""),
    ),
    "flows missed": (
        held(
            flow(TUESDAY, NIGHT, "blocked"),
            flow(WEDNESDAY, at(WEDNESDAY, "20:00")),
            sessions=[TUESDAY, WEDNESDAY],
        ),
        *(FLOW, TUESDAY, at(WEDNESDAY, "20:00"), "unrecoverable", True, "riskon import"),
    ),
    "flows missed, then imported": (
        held(
            flow(TUESDAY, NIGHT, "blocked"),
            flow(WEDNESDAY, at(WEDNESDAY, "20:00")),
            sessions=[TUESDAY, WEDNESDAY],
            imported={TUESDAY: "NSE+BSE+MSEI"},
        ),
        *(FLOW, TUESDAY, at(WEDNESDAY, "20:00"), "loaded", True, "imported, scope NSE+BSE+MSEI"),
    ),
    "flows asked for on a closure at short notice": (
        held(
            flow(MONDAY, at(MONDAY, "20:00"), content_date=FRIDAY),
            sessions=[FRIDAY, TUESDAY],
            absent={MONDAY: "closes meet"},
        ),
        *(FLOW, MONDAY, NIGHT, "holiday", True, "closes meet"),
    ),
    "flows asked for on a day nothing is known of yet": (
        held(flow(MONDAY, at(MONDAY, "20:00"), content_date=FRIDAY), sessions=[FRIDAY]),
        *(FLOW, MONDAY, at(TUESDAY, "09:00"), "late", False, "nothing proves"),
    ),
    "a list": (
        held(asked(LIST, TUESDAY, EVENING)),
        *(LIST, TUESDAY, NIGHT, "loaded", True, ""),
    ),
    "a list refused": (
        held(asked(LIST, TUESDAY, EVENING, "blocked")),
        *(LIST, TUESDAY, NIGHT, "blocked", False, ""),
    ),
    "a list refused yesterday": (
        held(asked(LIST, TUESDAY, EVENING, "blocked")),
        *(LIST, TUESDAY, NEXT, "blocked", True, ""),
    ),
    "histories of which one failed": (
        held(
            asked(HISTORY, TUESDAY, EVENING, "failed", url="#a", detail="timed out"),
            asked(HISTORY, TUESDAY, EVENING, url="#b"),
        ),
        *(HISTORY, TUESDAY, NIGHT, "failed", False, "timed out"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_state(name: str) -> None:
    known, source, day, now, expected, is_settled, words = CASES[name]
    state = state_of(known, source, day, now)
    assert state is not None
    assert (state.state, state.is_settled) == (expected, is_settled)
    assert words in state.detail


def test_every_state_has_a_case() -> None:
    assert {case[4] for case in CASES.values()} == set(DAY_STATES)


@pytest.mark.parametrize("name", CASES)
def test_exactly_one_state_each(name: str) -> None:
    known, _, _, now, *_ = CASES[name]
    states = [(state.source_id, state.session_date) for state in day_states(known, now)]
    assert len(states) == len(set(states))
    begun = {(row["source_id"], row["session_date"]) for row in known.fetches}
    assert begun <= set(states), "what was asked is told"


def test_nothing_is_said_of_what_was_never_asked() -> None:
    assert day_states(held(), NIGHT) == []
    before = held(index(TUESDAY, EVENING), sessions=[MONDAY, TUESDAY])
    assert state_of(before, INDEX, MONDAY, NIGHT) is None
    assert state_of(before, FLOW, TUESDAY, NIGHT) is None


def test_today_is_not_late_before_its_hour() -> None:
    known = held(index(MONDAY, at(MONDAY, "20:00")), sessions=[MONDAY])
    assert state_of(known, INDEX, TUESDAY, at(TUESDAY, "12:00")) is None
    late = state_of(known, INDEX, TUESDAY, at(TUESDAY, "19:01"))
    assert late is not None
    assert late.state == "late"


# ---- what is asked --------------------------------------------------------------------------


def asks(known: Known, now: datetime, first: date = MONDAY, last: date | None = None) -> list[str]:
    return [f"{q.source.id} {q.day}" for q in questions(known, now, lambda _: first, last)]


def test_the_archive_first_oldest_first_the_guarded_interface_last() -> None:
    assert asks(held(), NIGHT, FRIDAY) == [
        *(f"{INDEX} {day}" for day in (FRIDAY, SATURDAY, SUNDAY, MONDAY, TUESDAY)),
        f"{FLOW} {TUESDAY}",
        f"{LIST} {TUESDAY}",
    ]


def test_weekends_are_asked_for_too() -> None:
    assert f"{INDEX} {SATURDAY}" in asks(held(), at(SATURDAY, "19:00"), SATURDAY)


def test_before_the_evening_the_day_is_not_asked_for() -> None:
    morning = asks(held(), at(TUESDAY, "09:00"), MONDAY)
    assert morning == [f"{INDEX} {MONDAY}", f"{FLOW} {MONDAY}", f"{LIST} {TUESDAY}"]


def test_a_range_of_the_past_asks_dated_files_alone() -> None:
    assert asks(held(), NIGHT, FRIDAY, SATURDAY) == [f"{INDEX} {FRIDAY}", f"{INDEX} {SATURDAY}"]


def test_what_is_settled_ends() -> None:
    settled = held(
        index(MONDAY, EVENING),
        index(TUESDAY, EVENING, is_imported=True),
        flow(TUESDAY, NIGHT),
        asked(LIST, TUESDAY, EVENING),
        sessions=[MONDAY, TUESDAY],
    )
    assert asks(settled, NIGHT) == []


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[1] == INDEX])
def test_a_dated_file_is_asked_for_until_it_is_settled(name: str) -> None:
    known, _, day, now, *_ = CASES[name]
    later = at(now.astimezone(IST).date(), "23:59") + timedelta(days=1)
    state = state_of(known, INDEX, day, later)
    assert state is not None
    assert (f"{INDEX} {day}" in asks(known, later, day)) is not state.is_settled


def test_an_old_gap_is_asked_for_once_a_day() -> None:
    gap = held(index(FRIDAY, at(TUESDAY, "18:30"), "absent"))
    assert f"{INDEX} {FRIDAY}" not in asks(gap, at(TUESDAY, "23:00"), FRIDAY)
    assert f"{INDEX} {FRIDAY}" in asks(gap, at(WEDNESDAY, "18:30"), FRIDAY)


def test_a_failure_is_asked_again_at_once() -> None:
    gap = held(index(FRIDAY, at(TUESDAY, "18:30"), "failed"))
    assert f"{INDEX} {FRIDAY}" in asks(gap, at(TUESDAY, "19:30"), FRIDAY)


def test_a_question_says_what_is_held() -> None:
    first = flow(TUESDAY, EVENING, sha256="first", etag=None, last_modified="Tue")
    again = flow(TUESDAY, EVENING, sha256="second", etag='"2"', run_id="z")
    known = held(first, again, sessions=[TUESDAY])
    (question,) = [
        q for q in questions(known, EVENING, lambda _: TUESDAY, None) if q.source.id == FLOW
    ]
    assert question.sha256 == {"second"}, "a figure that goes back to the first is news"
    assert question.etag == '"2"'


def test_history_is_asked_by_years_and_once() -> None:
    found = history_questions(held(), ["Nifty 50"], date(2024, 5, 1), TUESDAY)
    days = [date(2024, 12, 31), date(2025, 12, 31), TUESDAY]
    sources = {q.source.id for q in found}
    assert sources == {name for name, source in SOURCES.items() if source.asks == "history"}
    assert [q.day for q in found if q.source.id == HISTORY] == days
    rows = [asked(q.source.id, q.day, EVENING, url=q.address, content_date=q.day) for q in found]
    assert history_questions(held(*rows), ["Nifty 50"], date(2024, 5, 1), TUESDAY) == []
    other = history_questions(held(*rows), ["Nifty 500"], date(2024, 5, 1), TUESDAY)
    assert len(other) == len(found)
