"""The simulated site of results: what it shows to whom, and from when on."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from flows.calendar import IST
from flows.demo.sites.answers import Answer, Request, Visitors
from flows.demo.sites.results import (
    INTEGRATED_LIST,
    INTEGRATED_PAGE,
    LEGACY_LIST,
    LEGACY_PAGE,
    ResultsSite,
)
from flows.demo.world.market import Market

NOW = datetime(2026, 2, 11, 21, 0, tzinfo=IST)
TYPE = "type=Integrated%20Filing-%20Financials"
FOLDER = "/nsearchives.nseindia.com/corporate/xbrl/"


class Visitor:
    """Has fetched a page of the site, and comes from it."""

    def __init__(self, market: Market) -> None:
        self.visitors = Visitors()
        self.site = ResultsSite(market, self.visitors)
        self.cookie = str(self.visitors.welcome(INTEGRATED_PAGE).cookie).split(";")[0]

    def ask(self, path: str, query: str = "", now: datetime = NOW) -> Answer:
        headers = {
            "cookie": self.cookie,
            "referer": "https://www.nseindia.com/companies-listing/corporate-integrated-filing",
        }
        found = self.site.answer(Request("GET", path, query, headers), now)
        assert found is not None
        return found

    def rows(self, path: str, query: str, now: datetime = NOW) -> Any:
        return json.loads(self.ask(path, query, now).body)


@pytest.fixture
def visitor(market: Market) -> Visitor:
    return Visitor(market)


def test_pages_hand_out_cookies_and_interfaces_want_them(visitor: Visitor) -> None:
    assert set(visitor.site.pages) == {LEGACY_PAGE, INTEGRATED_PAGE}
    for path in (LEGACY_LIST, INTEGRATED_LIST):
        refused = visitor.site.answer(Request("GET", path, TYPE), NOW)
        assert refused is not None
        assert refused.status == 401
    bare = Request("GET", INTEGRATED_LIST, TYPE, {"cookie": visitor.cookie})
    refused = visitor.site.answer(bare, NOW)
    assert refused is not None
    assert refused.status == 401


def test_other_paths_are_others(visitor: Visitor) -> None:
    assert visitor.site.answer(Request("GET", "/www.nseindia.com/api/other"), NOW) is None
    assert visitor.site.another_day(Request("GET", "/www.nseindia.com/api/other"), NOW) is None


def test_old_list_needs_the_period_and_knows_no_issuer(visitor: Visitor) -> None:
    window = "from_date=01-01-2020&to_date=31-03-2020"
    assert visitor.rows(LEGACY_LIST, f"index=equities&{window}") == []
    rows = visitor.rows(LEGACY_LIST, f"index=equities&period=Quarterly&{window}")
    assert rows
    some = visitor.rows(LEGACY_LIST, f"index=equities&period=Quarterly&{window}&issuer=Other")
    assert some == rows
    told = [datetime.strptime(row["exchdisstime"], "%d-%b-%Y %H:%M:%S") for row in rows]
    assert told == sorted(told, reverse=True)
    assert {(at.year, at.month <= 3) for at in told} == {(2020, True)}


def test_old_list_stops_but_late_filers_go_on(visitor: Visitor) -> None:
    rows = visitor.rows(LEGACY_LIST, "period=Quarterly")
    quarters = {row["toDate"] for row in rows}
    assert "31-Dec-2024" in quarters
    assert not any(quarter.endswith(("2025", "2026")) for quarter in quarters)
    assert any(row["xbrl"].endswith("/xbrl/-") for row in rows)
    assert {"Un-Audited", "Unaudited", "Audited"} == {row["audited"] for row in rows}


def test_integrated_list_in_pages(visitor: Visitor, market: Market) -> None:
    answer = visitor.rows(INTEGRATED_LIST, f"index=equities&{TYPE}")
    shown = [f for f in market.results.known(NOW) if f.feed == "integrated"]
    assert (len(answer["data"]), answer["size"], answer["page"]) == (20, 20, -1)
    assert answer["totalCount"] == len(shown)
    pages = [
        visitor.rows(INTEGRATED_LIST, f"index=equities&{TYPE}&page={number}&size=150")["data"]
        for number in range(1, len(shown) // 150 + 3)
    ]
    assert pages[0][:20] == answer["data"]
    ids = [row["seq_Id"] for page in pages for row in page]
    assert ids == [filing.filing_id for filing in reversed(shown)]
    assert pages[-1] == []


def test_integrated_list_wants_the_odd_space(visitor: Visitor) -> None:
    right = visitor.rows(INTEGRATED_LIST, TYPE)
    wrong = visitor.rows(INTEGRATED_LIST, "type=Integrated%20Filing-Financials")
    assert right["totalCount"] > 0
    assert (wrong["data"], wrong["totalCount"]) == ([], 0)


def test_revisions_in_the_integrated_list(visitor: Visitor) -> None:
    rows = visitor.rows(INTEGRATED_LIST, f"{TYPE}&size=5000")["data"]
    revisions = [row for row in rows if row["type_Sub"] == "Revision"]
    assert revisions
    assert all(row["revised_Date"] for row in revisions)
    assert any(row["broadcast_Date"] is None for row in revisions)
    assert all(row["broadcast_Date"] for row in rows if row["type_Sub"] == "Original")


def test_what_is_broadcast_later_is_not_there(visitor: Visitor, market: Market) -> None:
    filing = next(
        filing
        for filing in market.results.records
        if filing.broadcast_at > NOW and filing.document and filing.feed == "integrated"
    )
    for now, is_told in (
        (filing.broadcast_at - timedelta(seconds=1), False),
        (filing.broadcast_at, True),
    ):
        answer = visitor.ask(FOLDER + str(filing.document), now=now)
        assert answer.status == (200 if is_told else 404)
        listed = visitor.rows(INTEGRATED_LIST, f"{TYPE}&size=40", now)["data"]
        assert (filing.filing_id in {row["seq_Id"] for row in listed}) is is_told


def test_listed_documents_are_served(visitor: Visitor) -> None:
    listed = visitor.rows(INTEGRATED_LIST, f"{TYPE}&size=30")["data"]
    for row in listed:
        if row["xbrl"].endswith("/-"):
            continue
        answer = visitor.ask(FOLDER + row["xbrl"].rsplit("/", 1)[1])
        assert answer.status == 200
        assert answer.modified is not None
        assert answer.modified <= NOW
        assert row["xbrlFileSize"] == f"{len(answer.body) / 1024:.2f} KB"
    assert visitor.ask(FOLDER + "INDAS_1_2_01012020000000.xml").status == 404


def test_lists_show_todays_symbol(visitor: Visitor, market: Market) -> None:
    [company] = [c for c in market.results.population if c.symbol == "QM&SIM"]
    assert company.symbol_since is not None
    window = "period=Quarterly&from_date=01-01-2024&to_date=31-12-2024"
    for day, symbol in ((company.symbol_since - timedelta(days=1), "Q-MUSTER"), (NOW, "QM&SIM")):
        now = datetime(day.year, day.month, day.day, 20, 0, tzinfo=IST)
        rows = visitor.rows(LEGACY_LIST, window, now)
        assert {row["symbol"] for row in rows if row["companyName"] == company.name} == {symbol}


def test_another_day(visitor: Visitor, market: Market) -> None:
    request = Request(
        "GET",
        INTEGRATED_LIST,
        TYPE,
        {"cookie": visitor.cookie, "referer": "https:/" + INTEGRATED_PAGE},
    )
    stale = visitor.site.another_day(request, NOW)
    assert stale is not None
    fresh = visitor.ask(INTEGRATED_LIST, TYPE)
    assert json.loads(stale.body)["totalCount"] < json.loads(fresh.body)["totalCount"]
    filing = market.results.known(NOW)[-1]
    other = visitor.site.another_day(Request("GET", FOLDER + str(filing.document)), NOW)
    assert other is not None
    assert other.status == 200
    assert other.body != visitor.ask(FOLDER + str(filing.document)).body


def test_dates_that_are_none(visitor: Visitor) -> None:
    assert visitor.ask(LEGACY_LIST, "period=Quarterly&from_date=31-31-2020").status == 500
    assert visitor.ask(INTEGRATED_LIST, f"{TYPE}&page=x").status == 500
