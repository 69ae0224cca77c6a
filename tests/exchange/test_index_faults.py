"""Every fault on the daily index file: one night meets all of them, the next is whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from flows.demo.wire.faults import Fault, FaultKind
from flows.demo.world.market import Market

INDEX = "nse_index_close"
SINCE = date(2025, 12, 15)

# The state in which a day ends under a fault, whether its rows are in, and what the operator reads.
ENDS: dict[FaultKind, tuple[str, bool, str]] = {
    FaultKind.FORBIDDEN: ("blocked", False, "got status 403"),
    FaultKind.TOO_MANY: ("blocked", False, "got status 429"),
    FaultKind.UNAVAILABLE: ("failed", False, "got status 503"),
    FaultKind.STALL: ("blocked", False, "expected"),
    FaultKind.TRUNCATED: ("failed", False, "expected"),
    FaultKind.OVERSIZED: ("malformed", False, "expected at most 1048576 bytes"),
    FaultKind.GZIP_BOMB: ("malformed", False, "inflate to more than"),
    FaultKind.HTML: ("blocked", False, "a page that says '<title>access denied</title>'"),
    FaultKind.EMPTY: ("malformed", False, "an empty file"),
    FaultKind.ZIP_BOMB: ("malformed", False, "a zip archive"),
    FaultKind.ANOTHER_DAY: ("stale", False, "another day's copy"),
    FaultKind.SHORT: ("malformed", False, "(cut off)"),
    FaultKind.WRONG_DATE: ("stale", False, "another day's copy"),
    FaultKind.MIXED_DATES: ("malformed", False, "expected one date; got rows of"),
    FaultKind.RENAMED_COLUMN: ("malformed", False, "unexpected ['Last Value']"),
    FaultKind.MISSING_COLUMN: ("malformed", False, "missing ['Closing Index Value']"),
    FaultKind.EXTRA_COLUMN: ("malformed", False, "unexpected ['Remarks']"),
    FaultKind.DUPLICATE_ROWS: ("loaded", True, "3 rows rejected"),
    # A digit more behind the point is a finer print of the same level: the finer one stands.
    FaultKind.CONFLICTING_DUPLICATES: ("loaded", True, "3 rows rejected"),
    # Of the two rows it spoils one keeps its close.
    FaultKind.NEGATIVE: ("loaded", False, "1 row rejected"),
    FaultKind.NOT_UTF8: ("malformed", False, "not UTF-8"),
    FaultKind.BOM: ("loaded", True, ""),
}
# These end the source's questions for the night: each needs a night of its own.
REFUSALS = {FaultKind.FORBIDDEN, FaultKind.TOO_MANY, FaultKind.STALL, FaultKind.HTML}
# A file that came, and of which rows were rejected, is asked for again for three days: it is last.
REST = sorted(
    (kind for kind in FaultKind if kind not in REFUSALS),
    key=lambda kind: kind is FaultKind.NEGATIVE,
)


def fault(kind: FaultKind, day: date) -> Fault:
    return Fault(
        f"{day:_%d%m%Y}",
        kind,
        retry_after=1 if kind is FaultKind.UNAVAILABLE else 600,
        seconds=2,
        size=4 << 20,
    )


@pytest.fixture(scope="module")
def sessions(market: Market) -> list[date]:
    return [day for day in market.sessions["session_date"] if day >= SINCE]


@pytest.fixture(scope="module")
def days(sessions: list[date]) -> dict[FaultKind, date]:
    """The day of each fault: clean ones before and after, so that each has a session before it."""
    return dict(zip(REST, sessions[3:], strict=False))


@pytest.fixture(scope="module")
def nights(
    new_home: Callable[[date], Any], sessions: list[date], days: dict[FaultKind, date]
) -> tuple[Any, Any]:
    """The home after the night of all faults, and after the next."""
    last = sessions[len(days) + 3]
    home = new_home(SINCE)
    home.night(last, "22:30", *(fault(kind, day) for kind, day in days.items()))
    before = home.copy(home.path.with_name("before"))
    home.night(last + timedelta(days=1))
    return before, home


def test_every_kind_has_its_end() -> None:
    assert set(ENDS) == set(FaultKind)


@pytest.mark.parametrize("kind", REST)
def test_the_day_ends_in_the_right_state(
    nights: tuple[Any, Any], days: dict[FaultKind, date], market: Market, kind: FaultKind
) -> None:
    home, day = nights[0], days[kind]
    state, is_whole, words = ENDS[kind]
    found = home.state(INDEX, day)
    assert found["state"] == state
    assert words in found["detail"]
    assert "\n  where:" in found["detail"] or "expected" in found["detail"] or state == "loaded"
    bars = home.read("FROM core.index_bar WHERE session_date = ?", day)
    true = market.index_bars.filter(session_date=day)
    assert (len(bars) == true.height) is is_whole
    if state != "loaded":
        assert bars == [], "nothing of a refused file is believed"


@pytest.mark.parametrize("kind", REST)
def test_the_next_night_heals_it(
    nights: tuple[Any, Any], days: dict[FaultKind, date], market: Market, kind: FaultKind
) -> None:
    home, day = nights[1], days[kind]
    found = home.state(INDEX, day)
    assert found["state"] == "loaded"
    closes = home.read("SELECT index_name, close FROM core.index_bar WHERE session_date = ?", day)
    true = market.index_bars.filter(session_date=day)
    loose = 0.01 if kind is FaultKind.CONFLICTING_DUPLICATES else 0
    assert {row["index_name"]: float(row["close"]) for row in closes} == pytest.approx(
        dict(true.select("index_name", "close").iter_rows()), abs=loose, rel=0
    )


def test_the_other_days_and_sources_went_on(
    nights: tuple[Any, Any], days: dict[FaultKind, date], sessions: list[date]
) -> None:
    home, _ = nights
    last = sessions[len(days) + 3]
    clean = [day for day in sessions if day <= last and day not in days.values()]
    assert len(clean) == 4
    assert {home.state(INDEX, day)["state"] for day in clean} == {"loaded"}
    assert home.state("nse_fii_dii", last)["state"] == "loaded"
    assert home.state("nse_holidays", last)["state"] == "loaded"


def test_what_was_landed_is_kept(nights: tuple[Any, Any], days: dict[FaultKind, date]) -> None:
    """The bytes of a refused file stay, for who wants to look; so do the rows kept aside."""
    home, _ = nights
    for kind in (FaultKind.SHORT, FaultKind.RENAMED_COLUMN, FaultKind.NEGATIVE, FaultKind.BOM):
        (row,) = home.read(
            "FROM ops.fetch WHERE source_id = ? AND session_date = ?", INDEX, days[kind]
        )
        assert (home.path / "landing" / row["path"]).stat().st_size == row["size_bytes"]
    reasons = home.read(
        "SELECT DISTINCT reason FROM ops.rejected_row JOIN ops.fetch USING (file_id) "
        "WHERE session_date = ?",
        days[FaultKind.NEGATIVE],
    )
    assert any("close is out of bounds" in row["reason"] for row in reasons)
    assert any("high is highest" in row["reason"] for row in reasons)


REFUSED = dict(zip(sorted(REFUSALS), (date(2026, 1, day) for day in (21, 23, 28, 30)), strict=True))
"""The session each refusal strikes; the night is that of the session after it."""


@pytest.fixture(scope="module")
def refused(new_home: Callable[..., Any], sessions: list[date]) -> tuple[Any, dict[Any, Any]]:
    """The home after a night of each refusal and one of none; what was asked, and all states."""
    home = new_home(date(2026, 1, 20))
    seen = {}
    for kind, day in REFUSED.items():
        night = next(session for session in sessions if session > day)
        before = len(home.exchange.log)
        home.night(night, "22:30", fault(kind, day))
        asked = [record.path for record in home.exchange.log[before:]]
        states = home.read("FROM ops.day_state")
        told = {(row["source_id"], row["session_date"]): row for row in states}
        seen[kind] = asked, told, night
    home.night(date(2026, 2, 2))
    return home, seen


@pytest.mark.parametrize("kind", sorted(REFUSALS))
def test_a_refusal_ends_the_source_for_the_night(
    refused: tuple[Any, dict[Any, Any]], sessions: list[date], kind: FaultKind
) -> None:
    """Nobody is asked twice who refuses; each session of the window has its state all the same."""
    asked, told, night = refused[1][kind]
    day = REFUSED[kind]
    assert [path for path in asked if f"ind_close_all_{night:%d%m%Y}" in path] == []
    before = max(session for session in sessions if session < day)
    state, _, words = ENDS[kind]
    assert told[INDEX, before]["state"] == "loaded"
    assert told[INDEX, day]["state"] == told[INDEX, night]["state"] == state
    assert words in told[INDEX, day]["detail"]
    assert "next:" in told[INDEX, day]["detail"]
    assert "not asked after this refusal" in told[INDEX, night]["detail"]
    if kind is not FaultKind.HTML:
        assert told["nse_fii_dii", night]["state"] == "loaded", "others go on"


def test_nights_after_refusals_heal(
    refused: tuple[Any, dict[Any, Any]], sessions: list[date]
) -> None:
    window = [day for day in sessions if date(2026, 1, 20) <= day <= date(2026, 2, 2)]
    assert len(window) == 10
    assert {refused[0].state(INDEX, day)["state"] for day in window} == {"loaded"}
