"""Lists and documents that mislead, break off or fail: the night goes on, and later ones heal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from flows.demo.exchange import Exchange
from flows.demo.sites.answers import HTML, Answer, Request, page
from tests.exchange.homes import Home, Impatient

LIST, DOCUMENTS = "nse_integrated_filing", "nse_result_document"
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 2, day) for day in (9, 10, 11))
ROOT = "https://nsearchives.nseindia.com/corporate/xbrl/"
ELSEWHERE = (
    "http://nsearchives.nseindia.com/corporate/xbrl/plain.xml",
    "https://archives.nseindia.com/corporate/xbrl/other-host.xml",
    "https://user:word@nsearchives.nseindia.com/corporate/xbrl/user.xml",
)
STRANGE = (f"{ROOT}../../etc/passwd.xml", f"{ROOT}a b\r\nHost: x.xml", f"{ROOT}%00%zz.xml")
ERROR_PAGE = b"<html><body>Down for maintenance</body></html>"
Change = Callable[[Request, Answer], Answer]


@pytest.fixture(autouse=True)
def _patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulated sites draw their figures at the first question, which takes a moment."""
    monkeypatch.setattr(Impatient, "silence_s", 10.0)


@contextmanager
def changed(exchange: Exchange, change: Change) -> Iterator[None]:
    """The exchange answers otherwise."""
    true = exchange.publishers.answer
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            exchange.publishers, "answer", lambda request, now: change(request, true(request, now))
        )
        yield


def row(number: int, **told: str) -> Mapping[str, str]:
    facts = {
        "seq_Id": f"{number}",
        "symbol": f"INVENTED{number}",
        "smName": f"Invented {number} Limited",
        "qe_Date": "31-DEC-2025",
        "consolidated": "Standalone",
        "audited": "Audited",
        "broadcast_Date": "09-Feb-2026 18:00:00",
        "revised_Date": "",
        "type_Sub": "Original",
        "xbrl": f"{ROOT}-",
    }
    return facts | told


def listing(rows: list[Mapping[str, str]], *, broken_page: int = 0, heeds_page: bool = True) -> Any:
    """A list of February in place of the true one, in pages of a thousand."""

    def change(request: Request, answer: Answer) -> Answer:
        if not request.path.endswith("/api/integrated-filing-results"):
            return answer
        asked = {name: values[-1] for name, values in parse_qs(request.query).items()}
        number, size = int(asked["page"]), int(asked["size"])
        if number == broken_page:
            return page(500, "Internal Server Error")
        shown = rows if asked["from_date"] == "01-02-2026" else []
        shown = shown[(number - 1) * size : number * size] if heeds_page else shown[:size]
        return replace(answer, body=json.dumps({"data": shown, "totalCount": len(rows)}).encode())

    return change


def pages_asked(home: Home, since: int) -> list[str]:
    return [
        parse_qs(record.path.partition("?")[2])["page"][0]
        for record in home.exchange.log[since:]
        if "integrated-filing-results" in record.path and "from_date=01-02" in record.path
    ]


@pytest.fixture
def home(new_home: Callable[..., Home]) -> Home:
    return new_home(MONDAY, LIST)


def held(home: Home) -> int:
    found = home.read("SELECT count(*) AS rows FROM core.filing WHERE symbol LIKE 'INVENTED%'")
    return int(found[0]["rows"])


def test_a_page_that_breaks_off_is_had_in_the_next_run(home: Home) -> None:
    rows = [row(number) for number in range(2500)]
    with changed(home.exchange, listing(rows, broken_page=2)):
        home.night(MONDAY, "22:30")
    assert held(home) == 1000
    assert home.state(LIST, MONDAY)["state"] == "failed"
    with changed(home.exchange, listing(rows)):
        home.night(MONDAY, "22:45")
        assert held(home) == 2500
        assert home.state(LIST, MONDAY)["state"] == "loaded"
        asked = len(home.exchange.log)
        assert home.night(MONDAY, "22:50").is_settled
    assert len(home.exchange.log) == asked


def test_a_list_without_end_ends(home: Home) -> None:
    rows = [row(number) for number in range(1000)]
    before = len(home.exchange.log)
    with changed(home.exchange, listing(rows, heeds_page=False)):
        home.night(MONDAY, "22:30")
    assert pages_asked(home, before) == ["1", "2"]
    assert held(home) == 1000


def test_addresses_that_mislead_are_not_asked(home: Home) -> None:
    rows = [row(number, xbrl=url) for number, url in enumerate([*ELSEWHERE, *STRANGE])]
    before = len(home.exchange.log)
    with changed(home.exchange, listing(rows)):
        home.night(MONDAY, "22:30")
        asked = [one.path for one in home.exchange.log[before:] if one.path.endswith(".xml")]
        assert len(asked) == len(STRANGE), "on the host we know, and not there"
        assert {path.split("/")[1] for path in asked} == {"nsearchives.nseindia.com"}
        found = home.state(DOCUMENTS, MONDAY)
        assert (found["state"], found["is_settled"]) == ("malformed", True)
        assert "3 refused, 3 not at their address" in found["detail"]
        assert "at an address that is not asked" in found["detail"]
        assert home.night(MONDAY, "22:45").is_settled, "and not every hour again"


def instead_of_documents(answer: Answer) -> Change:
    return lambda request, true: answer if "/corporate/xbrl/" in request.path else true


def test_a_host_that_fails_is_not_asked_for_every_document(home: Home) -> None:
    before = len(home.exchange.log)
    with changed(home.exchange, instead_of_documents(page(500, "Internal Server Error"))):
        outcome = home.night(MONDAY, "22:30")
    asked = {one.path for one in home.exchange.log[before:] if "/corporate/xbrl/" in one.path}
    assert len(asked) == 3, "left alone after three in a row"
    assert home.state(DOCUMENTS, MONDAY)["state"] in {"failed", "late"}
    assert not outcome.is_complete
    home.night(MONDAY, "22:45")
    assert home.state(DOCUMENTS, MONDAY)["state"] == "loaded"


def test_an_error_page_in_place_of_documents_heals_two_nights_later(home: Home) -> None:
    with changed(home.exchange, instead_of_documents(Answer(200, ERROR_PAGE, HTML))):
        home.night(MONDAY, "22:30")
    found = home.state(DOCUMENTS, MONDAY)
    assert found["state"] == "malformed"
    assert "a web page" in found["detail"]
    again = home.night(MONDAY, "22:45")
    assert again.is_settled
    assert not again.is_complete, "settled is not whole: the exit code says so still"
    home.night(TUESDAY, "22:30")
    assert home.state(DOCUMENTS, MONDAY)["state"] == "malformed"
    home.night(WEDNESDAY, "22:30")
    assert home.state(DOCUMENTS, MONDAY)["state"] == "loaded"


def test_an_error_page_in_place_of_a_list_heals_in_the_next_run(home: Home) -> None:
    def change(request: Request, true: Answer) -> Answer:
        return Answer(200, ERROR_PAGE, HTML) if "/api/" in request.path else true

    home.night(MONDAY - timedelta(days=1), "22:30")
    with changed(home.exchange, change):
        home.night(MONDAY, "22:30")
    assert home.state(LIST, MONDAY)["state"] == "malformed"
    assert home.state("nse_holidays", MONDAY)["state"] == "malformed"
    home.night(MONDAY, "22:45")
    for source in (LIST, "nse_holidays", "nse_fii_dii"):
        assert home.state(source, MONDAY)["state"] == "loaded", source
