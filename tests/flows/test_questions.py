"""What is asked of lists, months, fortnights, sessions and documents, and where each stands."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from flows.calendar import IST
from flows.landing import said
from flows.questions import documents, pages, questions
from flows.sources import SOURCES
from flows.sources.source import Asks, Question, Source
from flows.states import Known, State, day_states, fortnight_ends
from transforms.parse.index_close import LAYOUT

MONDAY, TUESDAY = date(2026, 2, 9), date(2026, 2, 10)
NAME = "example"


def at(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=IST)


def source(asks: Asks, url: str, **facts: Any) -> Source:
    return Source(NAME, "Example", "Example", (LAYOUT,), asks, time(19, 30), url=url, **facts)


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make one source the only one there is."""

    def make(one: Source) -> Source:
        for name in list(SOURCES):
            monkeypatch.delitem(SOURCES, name)
        monkeypatch.setitem(SOURCES, one.id, one)
        return one

    return make


def fetch(
    day: date, when: datetime, url: str, outcome: str = "landed", **facts: Any
) -> dict[str, Any]:
    is_landed = outcome == "landed"
    row = {
        "run_id": f"{when:%Y%m%d%H%M}",
        "source_id": NAME,
        "session_date": day,
        "url": url,
        "fetched_at": when,
        "outcome": outcome,
        "is_imported": False,
        "file_id": 7 if is_landed else None,
        "sha256": "ab" if is_landed else None,
        "etag": None,
        "last_modified": None,
        "stated": "",
        "load_state": "loaded" if is_landed else None,
        "content_date": day if is_landed else None,
        "rows_loaded": 10 if is_landed else None,
        "rows_rejected": 0 if is_landed else None,
        "rows_pending": None,
        "detail": "",
    }
    return row | facts


def known(*fetches: dict[str, Any], **facts: Any) -> Known:
    return Known(list(fetches), facts.pop("sessions", []), facts.pop("absent", {}), {}, **facts)


def asked(held: Known, now: datetime, first: date, last: date | None = None) -> list[Question]:
    return questions(held, now, lambda _: first, last)


def state(held: Known, day: date, now: datetime) -> State | None:
    found = [one for one in day_states(held, now) if one.session_date == day]
    assert len(found) <= 1
    return found[0] if found else None


# ---- every session, every fortnight ---------------------------------------------------------


def test_a_file_a_session_is_not_asked_for_on_days_without_one(only: Any) -> None:
    only(source("every session", "https://example.org/{day:%Y%m%d}.csv"))
    found = asked(known(), at(TUESDAY, "22:30"), date(2026, 1, 23))
    days = [question.day for question in found]
    assert date(2026, 1, 26) not in days, "Republic Day"
    assert date(2026, 1, 31) not in days, "an ordinary Saturday"
    assert date(2026, 2, 1) in days, "the Budget's Sunday"
    proven = known(sessions=[date(2026, 1, 31)], absent={date(2026, 1, 23): "none took place"})
    days = [question.day for question in asked(proven, at(TUESDAY, "22:30"), date(2026, 1, 23))]
    assert date(2026, 1, 31) in days, "proven by a dated file"
    assert date(2026, 1, 23) not in days


def test_a_file_that_comes_the_day_after_is_not_asked_for_before(only: Any) -> None:
    only(source("every session", "https://example.org/{day:%Y%m%d}", days_later=1))
    held = known(fetch(MONDAY, at(TUESDAY, "22:00"), "https://example.org/20260209"))
    assert asked(held, at(TUESDAY, "22:30"), MONDAY) == []
    assert state(held, TUESDAY, at(TUESDAY, "22:30")) is None
    assert [q.day for q in asked(held, at(TUESDAY + timedelta(days=1), "19:30"), MONDAY)] == [
        TUESDAY
    ]


def test_what_need_not_exist_is_given_up_after_a_while(only: Any) -> None:
    only(source("every session", "https://example.org/{day:%Y%m%d}", is_informational=True))
    url = "https://example.org/20260209"
    held = known(fetch(MONDAY, at(MONDAY, "22:00"), url, "absent"), sessions=[MONDAY])
    early, late = at(TUESDAY, "22:30"), at(date(2026, 2, 20), "22:30")
    found = state(held, MONDAY, early)
    assert found is not None
    assert (found.state, found.is_settled) == ("late", False)
    found = state(held, MONDAY, late)
    assert found is not None
    assert (found.state, found.is_settled) == ("unrecoverable", True)


def test_fortnights_end_on_the_15th_and_with_the_month(only: Any) -> None:
    assert list(fortnight_ends(date(2024, 2, 1), date(2024, 3, 15))) == [
        date(2024, 2, 15),
        date(2024, 2, 29),
        date(2024, 3, 15),
    ]
    only(source("every fortnight", "https://example.org/{day:%b%d%Y}.html", days_later=8))
    found = asked(known(), at(TUESDAY, "22:30"), date(2026, 1, 1))
    assert [q.address.rsplit("/", 1)[1] for q in found] == ["Jan152026.html", "Jan312026.html"]


# ---- lists ----------------------------------------------------------------------------------


def test_each_item_of_a_list_is_asked_once_a_day(only: Any) -> None:
    url = "https://example.org/graph?id={item}&from={since:%Y-%m-%d}"
    one = only(source("list", url, items=("A", "B"), history_start=date(2005, 1, 1)))
    now = at(TUESDAY, "22:30")
    first = asked(known(), now, MONDAY)
    assert [q.url for q in first] == [
        "https://example.org/graph?id=A&from=2005-01-01",
        "https://example.org/graph?id=B&from=2005-01-01",
    ]
    assert [q.stated for q in first] == [{"item": "A"}, {"item": "B"}]
    had = known(
        fetch(MONDAY, at(MONDAY, "22:30"), "x", stated=said({"item": "A"})),
        fetch(TUESDAY, at(TUESDAY, "20:00"), "y", "failed", stated=said({"item": "B"})),
    )
    again = asked(had, now, MONDAY)
    since = TUESDAY - timedelta(days=one.again_days)
    assert [q.url.rsplit("=", 1)[1] for q in again] == [str(since), "2005-01-01"], "A was loaded"
    assert again[0].sha256 == {"ab"}, "the copy held, whichever day it came"
    done = known(
        fetch(TUESDAY, at(TUESDAY, "20:00"), "x", stated=said({"item": "A"})),
        fetch(TUESDAY, at(TUESDAY, "20:00"), "y", "unchanged", stated=said({"item": "B"})),
    )
    assert asked(done, now, MONDAY) == []
    assert asked(known(), at(TUESDAY, "19:00"), MONDAY) == [], "not before its hour"


def test_a_list_that_has_not_changed_since_another_day_is_loaded(only: Any) -> None:
    only(source("list", "https://example.org/list"))
    held = known(
        fetch(MONDAY, at(MONDAY, "20:00"), "https://example.org/list"),
        fetch(TUESDAY, at(TUESDAY, "20:00"), "https://example.org/list", "unchanged"),
    )
    found = state(held, TUESDAY, at(TUESDAY, "22:30"))
    assert found is not None
    assert (found.state, found.is_settled) == ("loaded", True)


# ---- months ---------------------------------------------------------------------------------


def test_a_month_is_asked_until_it_was_heard_after_its_end(only: Any) -> None:
    only(source("months", "https://example.org/?from={first:%d-%m-%Y}&to={last:%d-%m-%Y}"))
    december = "https://example.org/?from=01-12-2025&to=31-12-2025"
    now = at(TUESDAY, "22:30")
    found = asked(known(), now, date(2025, 12, 10))
    assert [(q.url[-10:], q.day) for q in found] == [
        ("31-12-2025", date(2025, 12, 31)),
        ("31-01-2026", date(2026, 1, 31)),
        ("28-02-2026", TUESDAY),
    ]
    inside = known(fetch(date(2025, 12, 20), at(date(2025, 12, 20), "22:00"), december))
    assert december in [q.address for q in asked(inside, now, date(2025, 12, 1))]
    after = known(fetch(date(2025, 12, 31), at(date(2026, 1, 2), "22:00"), december))
    assert december not in [q.address for q in asked(after, now, date(2025, 12, 1))]


@pytest.mark.parametrize(
    ("revised_until", "heard", "now", "is_asked"),
    [
        (None, "19:40", "22:30", False),
        (None, "19:00", "22:30", True),
        (time(22, 0), "19:40", "20:30", True),
        (time(22, 0), "22:10", "22:30", False),
        (time(22, 0), "21:50", "22:30", True),
    ],
)
def test_the_current_month_is_asked_for_this_evenings_last_word(
    only: Any, revised_until: time | None, heard: str, now: str, is_asked: bool
) -> None:
    only(source("months", "https://example.org/?to={last}", revised_until=revised_until))
    held = known(fetch(TUESDAY, at(TUESDAY, heard), "https://example.org/?to=2026-02-28"))
    assert bool(asked(held, at(TUESDAY, now), date(2026, 2, 1))) is is_asked


def test_before_its_hour_the_current_month_rests(only: Any) -> None:
    only(source("months", "https://example.org/?to={last}"))
    held = known(fetch(MONDAY, at(MONDAY, "22:30"), "https://example.org/?to=2026-02-28"))
    assert asked(held, at(TUESDAY, "08:30"), date(2026, 2, 1)) == []
    assert len(asked(held, at(TUESDAY, "19:30"), date(2026, 2, 1))) == 1


def test_a_full_page_asks_for_the_next(only: Any) -> None:
    only(source("months", "https://example.org/?page={page}&size=10", page_size=10))
    full = fetch(TUESDAY, at(TUESDAY, "22:00"), "https://example.org/?page=1&size=10")
    (more,) = pages([full], set())
    assert more.address == "https://example.org/?page=2&size=10"
    assert list(pages([full], {more.address})) == []
    assert list(pages([full | {"rows_loaded": 6, "rows_rejected": 3}], set())) == []
    rejected = full | {"rows_loaded": 6, "rows_rejected": 4}
    assert len(list(pages([rejected], set()))) == 1, "rejected rows were on the page too"


# ---- documents ------------------------------------------------------------------------------


def filing(name: str, **facts: Any) -> dict[str, Any]:
    row = {
        "document_url": f"https://example.org/{name}.xml",
        "broadcast_at": at(TUESDAY, "20:00"),
        "symbol": "ABC",
        "symbols": ("OLD", "ABC"),
        "isin": None,
        "basis": "standalone",
        "period_end": date(2025, 12, 31),
    }
    return row | facts


def test_documents_are_asked_for_newest_quarter_first_the_group_before_the_company(
    only: Any,
) -> None:
    only(source("documents", "https://example.org/"))
    found = documents(
        [
            filing("old", period_end=date(2025, 9, 30), basis="consolidated"),
            filing("company"),
            filing("group", basis="consolidated"),
            filing("elsewhere", document_url="https://elsewhere.example/x.xml"),
        ],
        limit=2,
    )
    assert [q.url.rsplit("/", 1)[1] for q in found] == ["group.xml", "company.xml"]
    assert found[0].day == TUESDAY
    assert found[0].stated == {
        "broadcast_at": "2026-02-10T20:00:00+05:30",
        "symbol": "ABC",
        "symbols": "OLD,ABC",
        "isin": "",
        "basis": "consolidated",
        "period_end": "2025-12-31",
    }


COUNTS = {"loaded": 0, "refused": 0, "absent": 0, "failed": 0, "unasked": 0}


@pytest.mark.parametrize(
    ("counts", "name", "is_settled"),
    [
        ({"loaded": 3}, "loaded", True),
        ({"loaded": 2, "unasked": 1}, "late", False),
        ({"loaded": 2, "failed": 1, "unasked": 1}, "failed", False),
        ({"loaded": 2, "refused": 1}, "malformed", True),
        ({"loaded": 2, "absent": 1}, "loaded", True),
    ],
)
def test_a_day_of_documents_has_one_state(
    only: Any, counts: dict[str, int], name: str, is_settled: bool
) -> None:
    only(source("documents", "https://example.org/"))
    row = COUNTS | counts
    row |= {"broadcast_on": TUESDAY, "listed": sum(row.values()), "asked": 3, "detail": ""}
    found = state(known(documents=[row | {"last_asked_at": None}]), TUESDAY, at(TUESDAY, "23:00"))
    assert found is not None
    assert (found.state, found.is_settled) == (name, is_settled)
    for what, number in counts.items():
        assert f"{number} " in found.detail, what
