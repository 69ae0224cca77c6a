"""What is asked again, and what rests: error pages, lost pages, documents in vain."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from flows.calendar import IST
from flows.errors import Unavailable
from flows.extract import FAILURES_IN_A_ROW, extract
from flows.http import Reply
from flows.questions import MOST_PAGES, documents, pages, questions
from flows.sources import SOURCES
from flows.sources.source import Asks, Question, Source
from flows.states import Known, State, day_states
from transforms.parse.index_close import LAYOUT

MONDAY, TUESDAY = date(2026, 2, 9), date(2026, 2, 10)
NAME, URL = "example", "https://example.org/list"
PAGED = "https://example.org/?to={last}&page={page}&size=10"
FEBRUARY = "https://example.org/?to=2026-02-28&page={}&size=10"


def at(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=IST)


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make one source the only one there is."""

    def make(asks: Asks, url: str = URL, **facts: Any) -> Source:
        one = Source(NAME, "Example", "Example", (LAYOUT,), asks, time(19, 30), url=url, **facts)
        for name in list(SOURCES):
            monkeypatch.delitem(SOURCES, name)
        monkeypatch.setitem(SOURCES, one.id, one)
        return one

    return make


def fetch(when: datetime, url: str = URL, outcome: str = "landed", **facts: Any) -> dict[str, Any]:
    """A row of ops.fetch; a landed one is loaded and speaks of its day, unless told."""
    is_landed, day = outcome == "landed", when.astimezone(IST).date()
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


def error_page(when: datetime, url: str = URL, **facts: Any) -> dict[str, Any]:
    """An answer of status 200 that could not be read."""
    told = {"load_state": "malformed", "sha256": "html", "detail": "got a web page"}
    return fetch(when, url, **{**told, "rows_loaded": None, "content_date": None, **facts})


def known(*fetches: dict[str, Any]) -> Known:
    return Known(list(fetches), [], {}, {})


def asked(held: Known, now: datetime, first: date = MONDAY) -> list[str]:
    return [question.address for question in questions(held, now, lambda _: first, None)]


def state(held: Known, day: date, now: datetime) -> State | None:
    found = [one for one in day_states(held, now) if one.session_date == day]
    assert len(found) <= 1
    return found[0] if found else None


# An error page is no answer.


def test_a_list_that_came_as_an_error_page_is_asked_again_that_evening(only: Any) -> None:
    only("list")
    held = known(error_page(at(TUESDAY, "20:00")))
    assert asked(held, at(TUESDAY, "21:00")) == [URL]


def test_a_month_that_came_as_an_error_page_is_not_taken_for_heard(only: Any) -> None:
    only("months", PAGED)
    january = "https://example.org/?to=2026-01-31&page=1&size=10"
    row = error_page(at(MONDAY, "22:00"), january, session_date=date(2026, 1, 31))
    first = date(2026, 1, 5)
    assert january in asked(known(row), at(TUESDAY, "19:30"), first)
    assert january not in asked(known(row), at(MONDAY, "23:00"), first), "an old one, once a day"
    lost = row | {"outcome": "failed", "load_state": None}
    assert january in asked(known(lost), at(MONDAY, "23:00"), first), "the network's fault"


def test_the_copy_held_after_an_error_page_is_loaded(only: Any) -> None:
    only("list")
    held = known(
        fetch(at(MONDAY, "20:00")),
        error_page(at(TUESDAY, "20:00")),
        fetch(at(TUESDAY, "21:00"), outcome="unchanged", sha256="ab"),
    )
    found = state(held, TUESDAY, at(TUESDAY, "22:00"))
    assert found is not None
    assert (found.state, found.is_settled) == ("loaded", True)


def test_the_same_error_page_again_is_one_still(only: Any) -> None:
    only("every date", "https://example.org/{day}")
    url = f"https://example.org/{TUESDAY}"
    held = known(
        error_page(at(TUESDAY, "20:00"), url),
        fetch(at(TUESDAY, "21:00"), url, "unchanged", sha256="html"),
    )
    found = state(held, TUESDAY, at(TUESDAY, "22:00"))
    assert found is not None
    assert found.state == "malformed"


# Lists.


@pytest.mark.parametrize(
    ("content_date", "heard", "now", "is_asked"),
    [
        (MONDAY, "19:35", "20:30", True),
        (TUESDAY, "19:35", "20:30", False),
        (MONDAY, "22:05", "22:30", False),
    ],
)
def test_a_list_that_does_not_speak_of_today_yet_is_asked_until_its_hour(
    only: Any, content_date: date, heard: str, now: str, is_asked: bool
) -> None:
    only("list", revised_until=time(22, 0))
    held = known(fetch(at(TUESDAY, heard), content_date=content_date))
    assert bool(asked(held, at(TUESDAY, now))) is is_asked


def test_a_list_that_no_run_asked_for_today_says_so(only: Any) -> None:
    """Its host was out of reach, and the run left it alone: not just missing."""
    only("list")
    held = known(fetch(at(MONDAY, "20:00")))
    assert state(held, TUESDAY, at(TUESDAY, "19:00")) is None, "not due"
    found = state(held, TUESDAY, at(TUESDAY, "22:30"))
    assert found is not None
    assert (found.state, found.is_settled) == ("late", False)
    assert "not asked yet today" in found.detail
    assert state(known(), TUESDAY, at(TUESDAY, "22:30")) is None, "never asked for at all"


# Pages.


def page(number: int, when: str, **facts: Any) -> dict[str, Any]:
    return fetch(at(TUESDAY, when), FEBRUARY.format(number), **{"sha256": f"{number}", **facts})


def test_a_page_that_failed_is_asked_in_the_next_run(only: Any) -> None:
    only("months", PAGED, page_size=10)
    failed = page(2, "20:00", outcome="failed", load_state=None)
    assert asked(known(page(1, "20:00"), failed), at(TUESDAY, "20:30")) == [FEBRUARY.format(2)]
    whole = known(page(1, "20:00"), failed, page(2, "20:30", rows_loaded=4))
    assert asked(whole, at(TUESDAY, "21:00")) == []


def test_each_page_of_a_month_is_asked_for_todays_last_word(only: Any) -> None:
    only("months", PAGED, page_size=10)
    before = [page(number, "10:00", rows_loaded=rows) for number, rows in ((1, 10), (2, 4))]
    assert asked(known(*before), at(TUESDAY, "20:00")) == [FEBRUARY.format(n) for n in (1, 2)]


def test_a_publisher_that_heeds_no_page_is_not_asked_for_ever(only: Any) -> None:
    only("months", PAGED, page_size=10)
    same = [page(1, "20:00", sha256="same"), page(2, "20:00", sha256="same")]
    assert [q.address for q in pages(same, {row["url"] for row in same})] == []
    assert asked(known(*same), at(TUESDAY, "20:30")) == []
    other = page(MOST_PAGES, "20:00")
    assert list(pages([other], set())) == []


# Documents.


def filing(name: str, **facts: Any) -> dict[str, Any]:
    row = {
        "document_url": f"https://example.org/{name}.xml",
        "broadcast_at": at(TUESDAY, "20:00"),
        "symbol": "ABC",
        "symbols": ("ABC",),
        "isin": None,
        "basis": "standalone",
        "period_end": date(2025, 12, 31),
    }
    return row | facts


def test_documents_asked_for_in_vain_keep_no_other_waiting(only: Any) -> None:
    only("documents", "https://example.org/")
    found = documents([filing("vain", is_asked=True), filing("new", basis="standalone")], limit=1)
    assert [question.url for question in found] == ["https://example.org/new.xml"]


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/x.xml",
        "https://elsewhere.example/x.xml",
        "https://example.org.elsewhere.example/x.xml",
        "https://example.org:8443/x.xml",
        "https://user:word@example.org/x.xml",
        "https://example.org@elsewhere.example/x.xml",
        "https://example.org\\@elsewhere.example/x.xml",
        "file:///etc/passwd",
    ],
)
def test_a_list_sends_us_to_no_other_host(only: Any, address: str) -> None:
    only("documents", "https://example.org/corporate/")
    assert documents([filing("x", document_url=address)], limit=9) == []


# A publisher that fails again and again.


class Failing:
    """A client of a publisher whose every answer is 500, but for some paths."""

    def __init__(self, well: tuple[str, ...] = ()) -> None:
        self.asked: list[str] = []
        self.well = well
        self.now = at(TUESDAY, "22:30")

    def clock(self) -> datetime:
        return self.now

    def get(self, url: str, **_: Any) -> Reply:
        self.asked.append(url)
        if url.endswith(self.well) and self.well:
            return Reply(url, 404, {}, None, self.now, 1)
        raise Unavailable(expected="the file", got="status 500", where=url, status=500)


class Lines:
    """A landing that keeps nothing but its lines."""

    def __init__(self) -> None:
        self.records: list[Any] = []

    def record(self, record: Any) -> None:
        self.records.append(record)


def asks_for(one: Source, names: str) -> list[Question]:
    return [Question(one, TUESDAY, f"https://example.org/{name}") for name in names]


def test_a_source_that_fails_again_and_again_is_left_alone(only: Any) -> None:
    one, client, lines = only("documents", "https://example.org/"), Failing(), Lines()
    shut: set[str] = set()
    extract(client, lines, asks_for(one, "abcdefgh"), lambda *_: None, shut)  # type: ignore[arg-type]
    assert len(client.asked) == FAILURES_IN_A_ROW
    assert shut == {NAME}
    assert {record.status for record in lines.records} == {500}


def test_one_answer_between_failures_is_a_sign_of_life(only: Any) -> None:
    one, client = only("documents", "https://example.org/"), Failing(well=("c", "f"))
    extract(client, Lines(), asks_for(one, "abcdefgh"), lambda *_: None, set())  # type: ignore[arg-type]
    assert len(client.asked) == len("abcdefgh")


# What is not there.


def test_a_file_that_never_comes_is_given_up_after_a_month_and_three_visits(only: Any) -> None:
    only("every session", "https://example.org/{day}")
    url = f"https://example.org/{MONDAY}"
    late = at(MONDAY + timedelta(days=40), "22:30")
    visits = [
        fetch(late - timedelta(days=days), url, "absent", session_date=MONDAY) for days in (2, 1, 0)
    ]
    assert MONDAY.isoformat() in "".join(asked(known(*visits[:2]), late))
    found = state(known(*visits), MONDAY, late + timedelta(days=1))
    assert found is not None
    assert (found.state, found.is_settled) == ("unrecoverable", True)
    assert "riskon import" in found.detail
    assert url not in asked(known(*visits), late + timedelta(days=2))


def test_before_the_evening_todays_flows_are_not_late(only: Any) -> None:
    only("latest session", history_start=MONDAY)
    held = known(fetch(at(MONDAY, "22:30")))
    assert state(held, TUESDAY, at(TUESDAY, "08:30")) is None
    found = state(held, TUESDAY, at(TUESDAY, "18:30"))
    assert found is not None
    assert found.state == "late"
