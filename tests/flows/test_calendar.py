"""What is expected of the exchange: the session table, its reasons and its two ends."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Iterator
from datetime import date, timedelta
from datetime import time as clock
from pathlib import Path

import pytest

from flows import calendar
from flows.calendar import Closure, Session

ARCHIVE = Path(os.environ.get("RISKON_ARCHIVE", Path(__file__).parents[3] / "shared" / "archive"))


def archived(name: str) -> Path:
    path = ARCHIVE / name
    if not path.exists():
        pytest.skip(f"{name} is not in RISKON_ARCHIVE ({ARCHIVE})")
    return path


@pytest.fixture
def table() -> list[dict[str, str]]:
    with calendar.TABLE.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def cold() -> Iterator[None]:
    """Caches empty before and after."""
    caches = (calendar._exceptions, calendar._days_of_year, calendar._sessions_of_year)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.mark.real
def test_expected_sessions_are_those_that_really_happened() -> None:
    with archived("sessions_2004_2025.csv").open(encoding="utf-8", newline="") as lines:
        traded = [date.fromisoformat(row["date"]) for row in csv.DictReader(lines)]
    expected = calendar.expected_sessions(date(2004, 1, 1), date(2025, 12, 31))
    assert [session.session_date for session in expected] == sorted(traded)


@pytest.mark.parametrize(
    ("day", "kind", "is_short", "hours"),
    [
        (date(2015, 2, 28), "budget", False, (clock(9, 15), clock(15, 30))),
        (date(2024, 1, 20), "special_weekend", False, (clock(9, 15), clock(15, 30))),
        (date(2024, 3, 2), "short_weekend", True, (clock(9, 15), clock(12, 30))),
        (date(2024, 11, 1), "muhurat", True, (clock(18, 0), clock(19, 0))),
        (date(2025, 2, 1), "budget", False, (clock(9, 15), clock(15, 30))),
        (date(2025, 10, 21), "muhurat", True, (clock(13, 45), clock(14, 45))),
        (date(2026, 2, 1), "budget", False, (clock(9, 15), clock(15, 30))),
        (date(2009, 5, 18), "halted", True, (None, None)),
        (date(2026, 2, 2), "full", False, (None, None)),
    ],
)
def test_sessions(
    day: date, kind: str, is_short: bool, hours: tuple[clock | None, clock | None]
) -> None:
    session = calendar.expectation(day)
    assert isinstance(session, Session)
    assert (session.kind, session.is_short) == (kind, is_short)
    assert (session.opens_at, session.closes_at) == hours
    assert calendar.is_expected(day)


@pytest.mark.parametrize(
    ("day", "kind", "reason"),
    [
        (date(2024, 1, 22), "ad_hoc_closure", "Consecration of the Ram temple at Ayodhya"),
        (date(2026, 1, 15), "ad_hoc_closure", "Municipal elections in Maharashtra"),
        (date(2026, 3, 3), "holiday", "Holi"),
        (date(2025, 10, 22), "holiday", "Diwali Balipratipada"),
        (date(2026, 2, 7), "weekend", "Saturday"),
    ],
)
def test_closures(day: date, kind: str, reason: str) -> None:
    assert calendar.expectation(day) == Closure(day, kind, reason)  # type: ignore[arg-type]
    assert not calendar.is_expected(day)


def test_the_nine_sessions_around_the_budget_sunday() -> None:
    week = calendar.expected_sessions(date(2026, 1, 26), date(2026, 2, 3))
    assert [session.session_date.day for session in week] == [27, 28, 29, 30, 1, 2, 3]


def test_holidays_of_a_year_are_its_weekdays_without_an_ordinary_session() -> None:
    listed = calendar.holidays_expected(2025)
    assert list(listed) == sorted(listed)
    assert listed[date(2025, 10, 21)].startswith("Diwali Lakshmi Puja")
    assert listed[date(2025, 12, 25)] == "Christmas Day"
    assert date(2025, 2, 1) not in listed
    assert len(listed) == 14


def test_every_row_of_the_table_is_an_exception_with_a_reason(table: list[dict[str, str]]) -> None:
    days = [date.fromisoformat(row["session_date"]) for row in table]
    assert days == sorted(set(days))
    for day, row in zip(days, table, strict=True):
        assert row["reason"].strip() == row["reason"] != ""
        is_weekday = day.weekday() < 5
        # A weekday session is an exception only where it is not an ordinary one.
        assert (row["is_session"] == "true") != is_weekday or row["kind"] in {"muhurat", "halted"}
        assert bool(row["opens_at"]) == bool(row["closes_at"])
        assert row["opens_at"] <= row["closes_at"]


def test_each_year_has_one_muhurat_and_a_plausible_number_of_sessions() -> None:
    first, last = calendar.table_years()
    for year in range(first, last + 1):
        sessions = calendar.expected_sessions(date(year, 1, 1), date(year, 12, 31))
        assert [session.kind for session in sessions].count("muhurat") == 1, year
        assert 240 <= len(sessions) <= 256, year


def test_a_year_beyond_the_table_is_computed_and_says_so() -> None:
    _, last = calendar.table_years()
    new_year = date(last + 1, 1, 26)
    closed = calendar.expectation(new_year)
    assert isinstance(closed, Closure)
    assert closed.reason.startswith("Republic Day")
    for session in calendar.expected_sessions(date(last + 1, 1, 1), date(last + 1, 12, 31)):
        assert f"ends with {last}" in session.reason


def test_days_before_the_table_are_refused_with_its_start() -> None:
    first, _ = calendar.table_years()
    too_early = date(first, 1, 1) - timedelta(days=1)
    for ask in (
        lambda: calendar.expectation(too_early),
        lambda: calendar.is_expected(too_early),
        lambda: calendar.expected_sessions(too_early, date(first, 6, 1)),
        lambda: calendar.holidays_expected(first - 1),
    ):
        with pytest.raises(ValueError, match=f"before {first}-01-01"):
            ask()


def test_a_wrong_row_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cold: None
) -> None:
    wrong = tmp_path / "nse_sessions.csv"
    wrong.write_text(
        "session_date,kind,is_session,opens_at,closes_at,reason\n"
        "2025-12-25,holiday,true,,,Christmas Day\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(calendar, "TABLE", wrong)
    with pytest.raises(ValueError, match="2025-12-25 has kind 'holiday'"):
        calendar.is_expected(date(2025, 12, 25))


def test_the_frame_holds_the_same_sessions() -> None:
    start, end = date(2025, 10, 18), date(2025, 10, 24)
    frame = calendar.expected_frame(start, end)
    assert frame.columns == ["session_date", "kind", "is_short", "reason"]
    assert frame.rows() == [
        (session.session_date, session.kind, session.is_short, session.reason)
        for session in calendar.expected_sessions(start, end)
    ]
    assert calendar.expected_frame(end, start).is_empty()


def test_twenty_years_answer_at_once() -> None:
    start, end = date(2005, 1, 1), date(2024, 12, 31)
    calendar.expected_sessions(start, end)
    began = time.perf_counter()
    calendar.expected_sessions(start, end)
    assert time.perf_counter() - began < 0.05


def test_nothing_is_foreseen_before_the_table_and_nothing_refused() -> None:
    assert calendar.foreseen(date(1996, 5, 7)) is None
    assert calendar.foreseen(date(2026, 1, 26)) is None
    found = calendar.foreseen(date(2025, 10, 21))
    assert found is not None
    assert found.is_short
