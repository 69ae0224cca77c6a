"""Where every source stands for every session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from flows.calendar import IST, Closure, expectation, expected_sessions, table_years
from flows.sources import SOURCES
from flows.sources.source import Source

SETTLES_AT = time(6, 0)
"""Asia/Kolkata, the morning after: a publisher that has no file by then had no session."""
ASKS_FROM = time(18, 0)
"""Asia/Kolkata; no publisher shows a session before."""
RECENT = timedelta(days=3)
ONE_EXCHANGE = {"nse_fii_dii_nse": "NSE"}
"""Sources of flows of one exchange alone: scopes are never mixed, not in states either."""
GIVES_UP = timedelta(days=10)
"""After so long a file that need not exist is taken not to."""
COMPLETED_WITHIN = timedelta(days=7)
"""So long a file is asked for again that lacks what its publisher adds a day later."""
HOPELESS, ENOUGH_VISITS = timedelta(days=30), 3
"""After so long and so many visits any other file is, but for the proof of sessions."""


@dataclass(frozen=True)
class Known:
    """What the warehouse holds that states are derived from."""

    fetches: list[dict[str, Any]]
    """Rows of ops.fetch, oldest first, but for documents: these are many."""
    sessions: list[date]
    """core.trading_session."""
    absent: Mapping[date, str]
    """Expected dates proven to have had no session, with the proof."""
    imported_flows: Mapping[date, str]
    """Sessions whose flows a user imported, with their scopes, joined by a comma."""
    documents: Sequence[Mapping[str, Any]] = ()
    """A row a day on which filings were broadcast: broadcast_on, listed, and of these loaded,
    refused, absent, failed, unasked; asked, last_asked_at, detail."""

    @cached_property
    def _by_source(self) -> dict[str, list[dict[str, Any]]]:
        rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.fetches:
            rows[row["source_id"]].append(row)
        return rows

    @cached_property
    def _by_day(self) -> dict[tuple[str, date], list[dict[str, Any]]]:
        rows: dict[tuple[str, date], list[dict[str, Any]]] = defaultdict(list)
        for row in self.fetches:
            if not row["is_imported"] and row["session_date"] is not None:
                rows[row["source_id"], row["session_date"]].append(row)
        return rows

    def of(self, source_id: str) -> list[dict[str, Any]]:
        """What a publisher was asked of a source, oldest first."""
        return [row for row in self._by_source.get(source_id, ()) if not row["is_imported"]]

    def asked(self, source_id: str, day: date) -> list[dict[str, Any]]:
        """What a publisher was asked of a source and a day, oldest first."""
        return self._by_day.get((source_id, day), [])


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
        if source.asks in {"every date", "every session", "every fortnight"}:
            states += [
                _dated(source, mine, day, known, now) for day in _due(source, mine, known, now)
            ]
        elif source.asks == "latest session":
            states += _latest(source, mine, known, now)
        elif source.asks in {"list", "months", "history"}:
            states += [_once(source, mine, day, now) for day in sorted(mine.asked)]
            states += _not_asked(source, mine, now)
        elif source.asks == "documents":
            states += [_filed(source, row) for row in known.documents]
    return states


def fortnight_ends(first: date, last: date) -> Iterator[date]:
    """The 15th and the last date of every month, oldest first."""
    month = first.replace(day=1)
    while month <= last:
        after = (month + timedelta(days=31)).replace(day=1)
        for day in (month.replace(day=15), after - timedelta(days=1)):
            if first <= day <= last:
                yield day
        month = after


def _due(source: Source, mine: _Held, known: Known, now: datetime) -> list[date]:
    """Every date a source was asked for, and every session since that it should have shown."""
    days = {*mine.asked, *mine.loaded}
    if not days:
        return []
    first, today = min(days), now.astimezone(IST).date()
    if source.asks == "every fortnight":
        days |= {day for day in fortnight_ends(first, today) if source.due(day) <= now}
        return sorted(days)
    expected = expected_sessions(max(first, date(table_years()[0], 1, 1)), today)
    sessions = {*known.sessions, *(session.session_date for session in expected)}
    days |= {day for day in sessions - {*known.absent} if day >= first and source.due(day) <= now}
    return sorted(day for day in days if day <= source.history_end or day in mine.asked)


def _told(source: Source, day: date, attempts: list[dict[str, Any]]) -> State:
    """What the last answer alone says."""
    last = attempts[-1]
    state = State(source.id, day, "failed", is_settled=False, detail=last["detail"])
    state.asked, state.last_asked_at = len(attempts), last["fetched_at"]
    outcome = last["outcome"]
    if outcome in {"landed", "unchanged"}:
        # The same bytes as an answer of that day, or else as the copy held, which was loaded.
        same = last["sha256"] or next((r["sha256"] for r in attempts[::-1] if r["sha256"]), None)
        landed = [r for r in attempts if r["outcome"] == "landed" and r["sha256"] == same]
        if landed:
            state.state = landed[-1]["load_state"] or "failed"
            state.detail = landed[-1]["detail"]
            state.file_id = landed[-1]["file_id"]
        else:  # only what was loaded is asked for with the digest of the copy held
            state.state = "loaded"
    elif outcome in {"blocked", "failed", "malformed"}:
        state.state = outcome
    elif outcome == "absent":
        state.state = "late"
    return state


def _loaded(source: Source, mine: _Held, day: date, now: datetime) -> State | None:
    """A day whose file was loaded.

    For a few days a file with rejected rows is asked for again, or one that lacks a part.
    """
    row = mine.loaded.get(day)
    if row is None:
        return None
    attempts = mine.asked.get(day, [])
    rejected = row["rows_rejected"]
    words = ["imported"] if row["is_imported"] else []
    if rejected:
        words.append(f"{rejected} row{'s'[: rejected > 1]} rejected, see ops.rejected_row")
    age = now.astimezone(IST).date() - day
    first = next((one["fetched_at"] for one in attempts if one["load_state"] == "loaded"), now)
    is_new = now - first <= RECENT
    is_pending = bool(row["rows_pending"])
    is_awaited = is_pending and age <= COMPLETED_WITHIN and not row["is_imported"]
    if is_pending:
        waits = "is still to come" if is_awaited else "never came"
        words.append(f"of {row['rows_pending']} rows what the publisher adds later {waits}")
    return State(
        source.id,
        day,
        "late" if is_awaited else "loaded",
        is_settled=row["is_imported"] or not (is_awaited or (rejected and is_new)),
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
    morning_after = datetime.combine(
        day + timedelta(days=1 + source.days_later), SETTLES_AT, tzinfo=IST
    )
    reason = expectation(day)
    if day in known.absent and source.asks != "every fortnight":
        state.state, state.is_settled, state.detail = "holiday", True, known.absent[day]
    elif source.is_informational and now >= source.due(day) + GIVES_UP:
        state.state, state.is_settled = "unrecoverable", True
        state.detail = "the publisher has none of this date, as of others: nothing rests on it"
    elif source.asks != "every date" and state.state == "late" and _is_hopeless(source, state):
        state.state, state.is_settled = "unrecoverable", True
        state.detail = "the publisher has none of this date: `riskon import` a file that you have"
    elif isinstance(reason, Closure) and source.asks == "every date":
        state.state, state.is_settled = "holiday", attempts[-1]["fetched_at"] >= morning_after
        state.detail = f"{reason.reason}; the publisher has no file of it"
    elif state.state == "late":
        state.detail = f"expected by {source.published_by:%H:%M}; {state.detail}"
    if state.state == "late" and now >= morning_after:
        state.detail += "; fetch it by hand and `riskon import` it, if the publisher has it"
    return state


def _is_hopeless(source: Source, state: State) -> bool:
    """Whether a file was not there at three visits, the last a month after it was due."""
    return (
        state.asked >= ENOUGH_VISITS
        and state.last_asked_at is not None
        and state.last_asked_at >= source.due(state.session_date) + HOPELESS
    )


def _latest(source: Source, mine: _Held, known: Known, now: datetime) -> Iterator[State]:
    """A source that shows its last session only: each session has until the next one's hour."""
    imported = _imported(source, known)
    starts = [*mine.asked, *mine.loaded, *imported]
    if not starts:
        return
    sessions = [day for day in known.sessions if day >= min(starts)]
    today = now.astimezone(IST).date()
    is_evening = now >= datetime.combine(today, ASKS_FROM, tzinfo=IST)
    if is_evening and today not in sessions and not isinstance(expectation(today), Closure):
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
        elif day in imported:
            detail = f"imported, scope {imported[day]}"
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


def _imported(source: Source, known: Known) -> dict[date, str]:
    """Sessions whose figures of this source's scope a user imported."""
    alone = ONE_EXCHANGE.get(source.id)
    found = {}
    for day, scopes in known.imported_flows.items():
        told = scopes.split(", ")
        fitting = [scope for scope in told if (scope in ONE_EXCHANGE.values()) == bool(alone)]
        if fitting:
            found[day] = ", ".join(fitting)
    return found


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


def _not_asked(source: Source, mine: _Held, now: datetime) -> Iterator[State]:
    """Today's list or month that no run asked for: what is asked once a day is never just missing.

    Its host may have been out of reach, so that the run left it alone.
    """
    today = now.astimezone(IST).date()
    if source.asks == "history" or not mine.asked or today in mine.asked:
        return
    if now >= source.due(today) and min(mine.asked) < today:
        detail = f"due by {source.published_by:%H:%M}, not asked yet today: the next night asks"
        yield State(source.id, today, "late", is_settled=False, detail=detail)


def _filed(source: Source, row: Mapping[str, Any]) -> State:
    """Where the documents stand that were broadcast on one day."""
    waiting = row["unasked"] + row["failed"]
    state = "loaded"
    if row["failed"]:
        state = "failed"
    elif row["unasked"]:
        state = "late"
    elif row["refused"]:
        state = "malformed"
    words = [
        f"{row[name]} {said}"
        for name, said in (
            ("loaded", "loaded"),
            ("refused", "refused"),
            ("absent", "not at their address"),
            ("failed", "failed"),
            ("unasked", "not asked yet: each run asks for RISKON_DOCUMENTS_PER_RUN at most"),
        )
        if row[name]
    ]
    listed = f"of {row['listed']} documents listed: {', '.join(words)}"
    return State(
        source.id,
        row["broadcast_on"],
        state,
        is_settled=not waiting,
        detail="; ".join(filter(None, (listed, row["detail"]))),
        asked=row["asked"],
        last_asked_at=row["last_asked_at"],
    )
