"""Where every source stands for every session, and what is still to be asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from flows.calendar import IST, Closure, expectation, expected_sessions, table_years
from flows.extract import Question
from flows.sources import SOURCES
from flows.sources.source import Source

SETTLES_AT = time(6, 0)
"""Asia/Kolkata, the morning after: a publisher that has no file by then had no session."""
ASKS_FROM = time(18, 0)
"""Asia/Kolkata; no publisher shows a session before."""
RECENT = timedelta(days=3)
PATIENCE = timedelta(hours=20)
"""An old gap is asked for once a day, not every hour."""


@dataclass(frozen=True)
class Known:
    """What the warehouse holds that states are derived from."""

    fetches: list[dict[str, Any]]
    """Rows of ops.fetch, oldest first."""
    sessions: list[date]
    """core.trading_session."""
    absent: Mapping[date, str]
    """Expected dates proven to have had no session, with the proof."""
    imported_flows: Mapping[date, str]
    """Sessions whose flows a user imported, with their scope."""


@dataclass
class State:
    """One row of ops.day_state."""

    source_id: str
    session_date: date
    state: str
    is_settled: bool
    detail: str = ""
    asked: int = 0
    last_asked_at: datetime | None = None
    file_id: int | None = None


@dataclass
class _Held:
    """The fetches of one source, by the day asked for and by the date inside."""

    asked: dict[date, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    loaded: dict[date, dict[str, Any]] = field(default_factory=dict)
    refusal: dict[str, Any] | None = None
    """The refusal that ended the source's last run of questions."""


def _held(known: Known) -> dict[str, _Held]:
    held: dict[str, _Held] = defaultdict(_Held)
    for row in known.fetches:
        mine = held[row["source_id"]]
        if row["load_state"] == "loaded" and row["content_date"] is not None:
            mine.loaded[row["content_date"]] = row
        if not row["is_imported"] and row["session_date"] is not None:
            mine.asked[row["session_date"]].append(row)
            if row["outcome"] == "blocked":
                mine.refusal = row
            elif mine.refusal and mine.refusal["run_id"] != row["run_id"]:
                mine.refusal = None
    return held


def day_states(known: Known, now: datetime) -> list[State]:
    """Exactly one state for each source and each session or day it was asked for."""
    held = _held(known)
    states: list[State] = []
    for source in SOURCES.values():
        mine = held[source.id]
        if source.asks == "every date":
            states += [
                _dated(source, mine, day, known, now) for day in _due(source, mine, known, now)
            ]
        elif source.asks == "latest session":
            states += _latest(source, mine, known, now)
        elif source.asks in {"list", "history"}:
            states += [_once(source, mine, day, now) for day in sorted(mine.asked)]
    return states


def _due(source: Source, mine: _Held, known: Known, now: datetime) -> list[date]:
    """Every date a source was asked for, and every session since that it should have shown."""
    days = {*mine.asked, *mine.loaded}
    if not days:
        return []
    first = min(days)
    expected = expected_sessions(
        max(first, date(table_years()[0], 1, 1)), now.astimezone(IST).date()
    )
    sessions = {*known.sessions, *(session.session_date for session in expected)}
    days |= {day for day in sessions - {*known.absent} if day >= first and source.due(day) <= now}
    return sorted(days)


def _told(source: Source, day: date, attempts: list[dict[str, Any]]) -> State:
    """What the last answer alone says."""
    last = attempts[-1]
    state = State(source.id, day, "failed", is_settled=False, detail=last["detail"])
    state.asked, state.last_asked_at = len(attempts), last["fetched_at"]
    outcome = last["outcome"]
    if outcome in {"landed", "unchanged"}:
        landed = [row for row in attempts if row["outcome"] == "landed"]
        if landed:
            state.state = landed[-1]["load_state"] or "failed"
            state.detail = landed[-1]["detail"]
            state.file_id = landed[-1]["file_id"]
    elif outcome in {"blocked", "failed", "malformed"}:
        state.state = outcome
    elif outcome == "absent":
        state.state = "late"
    return state


def _loaded(source: Source, mine: _Held, day: date, now: datetime) -> State | None:
    """A day whose file was loaded; for a few days a file with rejected rows is asked for again."""
    row = mine.loaded.get(day)
    if row is None:
        return None
    attempts = mine.asked.get(day, [])
    rejected = row["rows_rejected"]
    words = ["imported"] if row["is_imported"] else []
    words += [f"{rejected} rows rejected, see ops.rejected_row"] if rejected else []
    is_new = now.astimezone(IST).date() - day <= RECENT
    return State(
        source.id,
        day,
        "loaded",
        is_settled=row["is_imported"] or not (rejected and is_new),
        detail="; ".join(words),
        asked=len(attempts),
        last_asked_at=attempts[-1]["fetched_at"] if attempts else None,
        file_id=row["file_id"],
    )


def _dated(source: Source, mine: _Held, day: date, known: Known, now: datetime) -> State:
    """A source with one file a date, whose file is itself the proof of a session."""
    loaded = _loaded(source, mine, day, now)
    if loaded is not None:
        return loaded
    attempts = mine.asked.get(day, [])
    if not attempts and mine.refusal is not None:
        detail = f"not asked after this refusal: {mine.refusal['detail']}"
        return State(source.id, day, "blocked", is_settled=False, detail=detail)
    if not attempts:
        detail = f"not asked yet: `riskon backfill --from {day}` asks, `riskon import` reads a file"
        return State(source.id, day, "late", is_settled=False, detail=detail)
    state = _told(source, day, attempts)
    if state.state not in {"late", "stale"}:
        return state
    morning_after = datetime.combine(day + timedelta(days=1), SETTLES_AT, tzinfo=IST)
    reason = expectation(day)
    if day in known.absent:
        state.state, state.is_settled, state.detail = "holiday", True, known.absent[day]
    elif isinstance(reason, Closure):
        state.state, state.is_settled = "holiday", attempts[-1]["fetched_at"] >= morning_after
        state.detail = f"{reason.reason}; the publisher has no file of it"
    elif state.state == "late":
        state.detail = f"expected by {source.published_by:%H:%M}; {state.detail}"
    if state.state == "late" and now >= morning_after:
        state.detail += "; fetch it by hand and `riskon import` it, if the publisher has it"
    return state


def _latest(source: Source, mine: _Held, known: Known, now: datetime) -> Iterator[State]:
    """A source that shows its last session only: each session has until the next one's hour."""
    starts = [*mine.asked, *mine.loaded, *known.imported_flows]
    if not starts:
        return
    sessions = [day for day in known.sessions if day >= min(starts)]
    today = now.astimezone(IST).date()
    if today not in sessions and not isinstance(expectation(today), Closure):
        sessions = sorted([*sessions, today])
    for day in sorted({*mine.asked} - {*sessions}):
        yield _asked_in_vain(source, day, mine.asked[day], known)
    followers = [*sessions[1:], None][: len(sessions)]
    for day, following in zip(sessions, followers, strict=True):
        attempts = [
            row
            for asked, rows in mine.asked.items()
            if asked >= day and (following is None or asked <= following)
            for row in rows
            if following is None or row["fetched_at"] < source.due(following)
        ]
        loaded = _loaded(source, mine, day, now)
        is_over = following is not None and now >= source.due(following)
        if loaded is not None:
            until = source.revised_until
            loaded.is_settled = is_over or (
                loaded.is_settled
                and (
                    until is None
                    or any(
                        row["fetched_at"] >= datetime.combine(day, until, tzinfo=IST)
                        for row in attempts
                    )
                )
            )
            loaded.asked = len(attempts)
            loaded.last_asked_at = attempts[-1]["fetched_at"] if attempts else None
            yield loaded
        elif day in known.imported_flows:
            detail = f"imported, scope {known.imported_flows[day]}"
            yield State(source.id, day, "loaded", is_settled=True, detail=detail)
        elif is_over:
            yield State(
                source.id,
                day,
                "unrecoverable",
                is_settled=True,
                detail="the publisher shows the last session only and it was missed: "
                "`riskon import` a CSV that has it",
                asked=len(attempts),
                last_asked_at=attempts[-1]["fetched_at"] if attempts else None,
            )
        elif not attempts or now < source.due(day):
            yield State(
                source.id,
                day,
                "late",
                is_settled=False,
                detail=f"expected by {source.published_by:%H:%M}",
                asked=len(attempts),
                last_asked_at=attempts[-1]["fetched_at"] if attempts else None,
            )
        else:
            state = _told(source, day, attempts)
            if state.state == "loaded":  # of the session before: this one is not out yet
                state.state = "late"
                state.detail = f"expected by {source.published_by:%H:%M}; still the session before"
            yield state


def _asked_in_vain(
    source: Source, day: date, attempts: list[dict[str, Any]], known: Known
) -> State:
    """A day on which the last session's figures were expected, and that is no session so far."""
    detail = f"expected by {source.published_by:%H:%M}; nothing proves yet that it was a session"
    state = State(source.id, day, "late", is_settled=False, detail=detail)
    state.asked, state.last_asked_at = len(attempts), attempts[-1]["fetched_at"]
    if day in known.absent:
        state.state, state.is_settled, state.detail = "holiday", True, known.absent[day]
    return state


def _once(source: Source, mine: _Held, day: date, now: datetime) -> State:
    """A list, or windows up to a day: what the last answer to each question said, worst first."""
    attempts = mine.asked[day]
    last = {
        row["url"]: _told(source, day, [r for r in attempts if r["url"] == row["url"]])
        for row in attempts
    }
    state = min(last.values(), key=lambda state: state.state == "loaded")
    state.asked, state.last_asked_at = len(attempts), attempts[-1]["fetched_at"]
    state.is_settled = state.state == "loaded" or day < now.astimezone(IST).date()
    return state


def questions(known: Known, now: datetime, first: date, last: date | None) -> list[Question]:
    """What is to be asked now, oldest session first, archives before guarded interfaces.

    Args:
        known: what is held.
        now: the run's instant.
        first: the earliest date to care for.
        last: the latest; null is today.
    """
    held = _held(known)
    today = now.astimezone(IST).date()
    end = min(last or today, today)
    states = {(s.source_id, s.session_date): s for s in day_states(known, now)}
    asks: list[Question] = []
    for source in SOURCES.values():
        if source.asks == "every date":
            start = max(first, source.history_start)
            for day in _days(start, end):
                is_out = now >= datetime.combine(day, ASKS_FROM, tzinfo=IST)
                if is_out and _wants(states.get((source.id, day)), day, now):
                    asks.append(_question(source, day, held[source.id]))
    for source in SOURCES.values():
        is_open = end == today
        if source.asks == "latest session" and is_open:
            day = _showing(known, now)
            state = states.get((source.id, day))
            if state is None or not state.is_settled:
                asks.append(_question(source, day, held[source.id]))
        elif source.asks == "list" and is_open:
            state = states.get((source.id, today))
            if state is None or not state.is_settled:
                asks.append(_question(source, today, held[source.id]))
    return asks


def _showing(known: Known, now: datetime) -> date:
    """The session a publisher of the latest session should be showing or about to show."""
    day = now.astimezone(IST).date()
    if now < datetime.combine(day, ASKS_FROM, tzinfo=IST):
        day -= timedelta(days=1)
    while isinstance(expectation(day), Closure) and day not in known.sessions:
        day -= timedelta(days=1)
    return day


def _wants(state: State | None, day: date, now: datetime) -> bool:
    if state is None:
        return True
    if state.is_settled:
        return False
    if state.last_asked_at is None:
        return True
    if state.state == "failed":  # it may have been our network, not their file
        return True
    is_old = now.astimezone(IST).date() - day > RECENT
    return not is_old or now - state.last_asked_at >= PATIENCE


def _question(source: Source, day: date, mine: _Held) -> Question:
    landed = [row for row in mine.asked.get(day, []) if row["outcome"] == "landed"]
    last = landed[-1] if landed else {}
    return Question(
        source,
        day,
        etag=last.get("etag"),
        last_modified=last.get("last_modified"),
        sha256=frozenset(row["sha256"] for row in landed[-1:]),
    )


def history_questions(
    known: Known, indices: Iterable[str], first: date, last: date
) -> list[Question]:
    """Windows of index history, a calendar year each, that are not held yet."""
    held = {
        (row["source_id"], row["url"])
        for row in known.fetches
        if row["load_state"] == "loaded" or row["outcome"] == "unchanged"
    }
    asks = []
    for source in SOURCES.values():
        if source.asks != "history":
            continue
        for year in range(max(first, source.history_start).year, last.year + 1):
            day = min(date(year, 12, 31), last)
            asks += [
                Question(source, day, index_name=name)
                for name in indices
                if (source.id, Question(source, day, index_name=name).address) not in held
            ]
    return asks


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)
