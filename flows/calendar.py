"""Which days the National Stock Exchange is expected to trade; evidence always wins over this.

`nse_sessions.csv` holds the exceptions to "every weekday", each with its reason: weekday holidays,
closures at short notice, Muhurat sessions, weekend sessions. Its kinds:

    holiday, ad_hoc_closure      no session on a weekday
    muhurat                      the evening (in 2025 the afternoon) of Diwali, about an hour
    budget, special_weekend      ordinary hours on a weekend
    short_weekend                a weekend session of less than ordinary hours
    halted                       trading began and was stopped for the rest of the day

Hours are those of normal trading in the capital market segment, Asia/Kolkata; where a session was
held in two parts, from the first opening to the last close. Blank hours are not known.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast, get_args
from zoneinfo import ZoneInfo

import holidays
import polars as pl

IST = ZoneInfo("Asia/Kolkata")

SessionKind = Literal["full", "muhurat", "budget", "special_weekend", "short_weekend", "halted"]
ClosureKind = Literal["weekend", "holiday", "ad_hoc_closure"]

TABLE = Path(__file__).with_name("nse_sessions.csv")
SHORT: frozenset[str] = frozenset({"muhurat", "short_weekend", "halted"})
SATURDAY = 5
DIWALI = "Diwali Lakshmi Puja"


@dataclass(frozen=True)
class Session:
    """A day the exchange is expected to trade; hours are None where ordinary or unknown."""

    session_date: date
    kind: SessionKind
    is_short: bool
    reason: str
    opens_at: time | None = None
    closes_at: time | None = None


@dataclass(frozen=True)
class Closure:
    """A day the exchange is not expected to trade, and why."""

    closed_on: date
    kind: ClosureKind
    reason: str


def expected_sessions(start: date, end: date) -> list[Session]:
    """Sessions expected from `start` to `end`, both included, oldest first.

    Raises:
        ValueError: `start` lies before the first year of the session table.
    """
    _refuse_before_table(start)
    return [
        session
        for year in range(start.year, end.year + 1)
        for session in _sessions_of_year(year)
        if start <= session.session_date <= end
    ]


def expected_frame(start: date, end: date) -> pl.DataFrame:
    """`expected_sessions` as rows of session_date, kind, is_short, reason."""
    sessions = expected_sessions(start, end)
    return pl.DataFrame(
        {
            "session_date": [session.session_date for session in sessions],
            "kind": [session.kind for session in sessions],
            "is_short": [session.is_short for session in sessions],
            "reason": [session.reason for session in sessions],
        },
        schema={
            "session_date": pl.Date,
            "kind": pl.String,
            "is_short": pl.Boolean,
            "reason": pl.String,
        },
    )


def expectation(day: date) -> Session | Closure:
    """The session expected on `day`, or why there is none.

    Raises:
        ValueError: `day` lies before the first year of the session table.
    """
    _refuse_before_table(day)
    return _days_of_year(day.year)[day]


def foreseen(day: date) -> Session | None:
    """The session expected on `day`; None where none is, and before the session table begins."""
    first, _ = table_years()
    found = expectation(day) if day.year >= first else None
    return found if isinstance(found, Session) else None


def is_expected(day: date) -> bool:
    """Whether the exchange is expected to trade on `day`, however briefly.

    Raises:
        ValueError: `day` lies before the first year of the session table.
    """
    return isinstance(expectation(day), Session)


def holidays_expected(year: int) -> dict[date, str]:
    """Weekdays of `year` without an ordinary session, with their reasons, oldest first.

    A Muhurat day is among them: the exchange's own list calls it a holiday. Closures at short
    notice are included too, so a list published before one lacks it.

    Raises:
        ValueError: `year` lies before the first year of the session table.
    """
    _refuse_before_table(date(year, 1, 1))
    return {
        day: what.reason
        for day, what in _days_of_year(year).items()
        if day.weekday() < SATURDAY
        and (what.kind == "muhurat" if isinstance(what, Session) else True)
    }


def table_years() -> tuple[int, int]:
    """First and last year that the session table covers."""
    days = _exceptions()
    return min(days).year, max(days).year


def _refuse_before_table(day: date) -> None:
    first, _ = table_years()
    if day.year < first:
        raise ValueError(
            f"No session is expected or refused before {first}-01-01, the start of {TABLE.name}; "
            f"asked for {day}. Earlier sessions are known from published files alone."
        )


@lru_cache(maxsize=1)
def _exceptions() -> dict[date, Session | Closure]:
    """The session table by date."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    days: dict[date, Session | Closure] = {}
    for row in rows:
        day = date.fromisoformat(row["session_date"])
        if day in days:
            raise ValueError(f"{TABLE.name} holds {day} twice")
        days[day] = _exception(day, row)
    return days


def _exception(day: date, row: dict[str, str]) -> Session | Closure:
    kind, is_session = row["kind"], row["is_session"]
    if is_session == "true" and kind in get_args(SessionKind):
        return Session(
            day,
            cast(SessionKind, kind),
            kind in SHORT,
            row["reason"],
            _time(row["opens_at"]),
            _time(row["closes_at"]),
        )
    if is_session == "false" and kind in get_args(ClosureKind):
        return Closure(day, cast(ClosureKind, kind), row["reason"])
    raise ValueError(f"{TABLE.name}: {day} has kind {kind!r} with is_session {is_session!r}")


def _time(text: str) -> time | None:
    return time.fromisoformat(text) if text else None


@lru_cache(maxsize=256)
def _days_of_year(year: int) -> dict[date, Session | Closure]:
    _, last = table_years()
    exceptions = _exceptions() if year <= last else _computed_exceptions(year)
    return {day: exceptions.get(day) or _ordinary(day, last) for day in _days(year)}


@lru_cache(maxsize=256)
def _sessions_of_year(year: int) -> tuple[Session, ...]:
    return tuple(what for what in _days_of_year(year).values() if isinstance(what, Session))


def _days(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def _ordinary(day: date, last_year: int) -> Session | Closure:
    if day.weekday() >= SATURDAY:
        return Closure(day, "weekend", day.strftime("%A"))
    return Session(day, "full", False, "Weekday" + _beyond(day.year, last_year))


def _beyond(year: int, last_year: int) -> str:
    """What a reason says about a year that the session table does not hold yet."""
    if year <= last_year:
        return ""
    return f"; computed, {TABLE.name} ends with {last_year}"


def _computed_exceptions(year: int) -> dict[date, Session | Closure]:
    """Holidays computed for a year beyond the table; a Muhurat on a weekend stays unknown."""
    _, last = table_years()
    days: dict[date, Session | Closure] = {}
    for day, name in holidays.financial_holidays("XNSE", years=year).items():
        reason = name + _beyond(year, last)
        if DIWALI in name:
            days[day] = Session(day, "muhurat", True, reason + ", Muhurat trading")
        elif day.weekday() < SATURDAY:
            days[day] = Closure(day, "holiday", reason)
    return days
