"""The simulated lists of index members."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from flows.calendar import IST
from flows.demo.formats.macro import members_csv, symbol_changes_csv
from flows.demo.sites.answers import Answer, Request, Visitors
from flows.demo.sites.lists import SYMBOL_CHANGES, ListsSite
from flows.demo.world.companies import Company, draw_companies
from flows.demo.world.index_members import LISTS, Row, members, reviewed_on
from flows.demo.world.market import Market

FOLDER = "/nsearchives.nseindia.com/content/indices"
NIGHT = datetime(2026, 2, 11, 22, 30, tzinfo=IST)
SEPTEMBER, MARCH = date(2025, 9, 30), date(2025, 3, 28)
SEED = 20260211


@pytest.fixture(scope="module")
def site(market: Market) -> ListsSite:
    return ListsSite(market, Visitors())


@pytest.fixture(scope="module")
def many() -> tuple[Company, ...]:
    return draw_companies(SEED, 900)


def ask(site: ListsSite, name: str, now: datetime = NIGHT) -> Answer:
    answer = site.answer(Request("GET", f"{FOLDER}/{name}.csv"), now)
    assert answer is not None
    return answer


def real_rows(rows: list[Row]) -> list[Row]:
    return [row for row in rows if not row[4].startswith("DUM")]


@pytest.mark.real
def test_genuine_lists_come_back(genuine: Callable[[str], list[Path]]) -> None:
    files = genuine("constituents/*/ind_*.csv")
    for file in files:
        body = file.read_bytes()
        _, *rows = csv.reader(body.decode().splitlines())
        assert members_csv(rows) == body, file.name


@pytest.mark.real
def test_genuine_symbol_changes_come_back(genuine: Callable[[str], list[Path]]) -> None:
    (file,) = genuine("samples/symbolchange__line_excerpts.csv")
    rows = [line.rsplit(",", 3) for line in file.read_text().splitlines()]
    changes = [
        (name, old, new, datetime.strptime(day, "%d-%b-%Y").date()) for name, old, new, day in rows
    ]
    assert symbol_changes_csv(changes) == file.read_bytes()


def test_a_symbol_change_is_listed_the_morning_after(site: ListsSite) -> None:
    def shown(now: datetime) -> list[str]:
        answer = site.answer(Request("GET", SYMBOL_CHANGES), now)
        assert answer is not None
        return [line.rsplit(",", 3)[1] for line in answer.body.decode().splitlines()]

    evening = datetime(2025, 4, 9, 22, 30, tzinfo=IST)
    morning = datetime(2025, 4, 10, 9, tzinfo=IST)
    assert set(shown(morning)) - set(shown(evening)) == {"Q-MUSTER"}
    assert shown(NIGHT) == shown(morning)
    assert shown(datetime(2012, 1, 1, tzinfo=IST)), "the list goes further back than the market"


def test_header_and_order(site: ListsSite) -> None:
    header, *lines = ask(site, "ind_niftytotalmarket_list").body.decode().splitlines()
    assert header == "Company Name,Industry,Symbol,Series,ISIN Code"
    assert lines == sorted(lines)
    assert 55 <= len(lines) <= 66


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_there(site: ListsSite, name: str) -> None:
    rows = list(csv.DictReader(ask(site, name).body.decode().splitlines()))
    assert rows
    assert {row["Series"] for row in rows} <= {"EQ", "BE"}
    assert len({row["ISIN Code"] for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("ind_nifty50list", 50),
        ("ind_niftynext50list", 50),
        ("ind_nifty100list", 100),
        ("ind_nifty500list", 501),
        ("ind_niftymidcap150list", 150),
        ("ind_niftysmallcap100list", 100),
        ("ind_niftysmallcap250list", 251),
        ("ind_niftymicrocap250_list", 250),
        ("ind_niftytotalmarket_list", 751),
    ],
)
def test_a_whole_market_fills_the_lists(many: tuple[Company, ...], name: str, count: int) -> None:
    """With the placeholder, as the publisher's own lists are one too long."""
    assert len(members(name, many, SEED, SEPTEMBER)) == count


def test_lists_are_made_of_lists(many: tuple[Company, ...]) -> None:
    def isins(name: str) -> set[str]:
        return {row[4] for row in real_rows(members(name, many, SEED, SEPTEMBER))}

    assert isins("ind_nifty50list") < isins("ind_nifty100list")
    assert isins("ind_niftysmallcap100list") < isins("ind_niftysmallcap250list")
    parts = [isins(f"ind_nifty{part}list") for part in ("100", "midcap150", "smallcap250")]
    assert set.union(*parts) == isins("ind_nifty500list")
    assert sum(map(len, parts)) == 500


def test_a_placeholder_is_no_share(many: tuple[Company, ...]) -> None:
    rows = members("ind_niftysmallcap250list", many, SEED, SEPTEMBER)
    [dummy] = [row for row in rows if row not in real_rows(rows)]
    assert dummy[0].startswith("Dummy ")
    assert dummy[2].startswith("DUMMY")
    assert dummy[3] == "BE"
    assert len(dummy[4]) == 12


def test_a_few_trade_in_the_other_series(many: tuple[Company, ...]) -> None:
    rows = real_rows(members("ind_niftysmallcap250list", many, SEED, SEPTEMBER))
    assert 2 <= sum(row[3] == "BE" for row in rows) <= 25


def test_members_change_twice_a_year_and_not_much(many: tuple[Company, ...]) -> None:
    before, after = (
        {row[4] for row in real_rows(members("ind_niftysmallcap250list", many, SEED, review))}
        for review in (MARCH, SEPTEMBER)
    )
    assert 4 <= len(before - after) <= 60


@pytest.mark.parametrize(
    ("day", "review"),
    [
        (date(2026, 2, 11), SEPTEMBER),
        (SEPTEMBER, SEPTEMBER),
        (SEPTEMBER - timedelta(days=1), MARCH),
        (MARCH - timedelta(days=1), date(2024, 9, 30)),
        (date(2020, 2, 20), date(2020, 2, 3)),
    ],
)
def test_reviews_are_on_the_last_session(day: date, review: date) -> None:
    assert reviewed_on(day) == review


def test_the_new_list_stands_the_morning_after(site: ListsSite) -> None:
    def shown(now: datetime) -> bytes:
        return ask(site, "ind_niftytotalmarket_list", now).body

    evening = datetime(2025, 9, 30, 22, 30, tzinfo=IST)
    morning = datetime(2025, 10, 1, 9, 0, tzinfo=IST)
    assert shown(evening) == shown(datetime(2025, 4, 1, 12, tzinfo=IST))
    assert shown(morning) != shown(evening)
    assert shown(morning) == shown(NIGHT)
    assert ask(site, "ind_nifty50list").modified == morning


def test_who_is_not_listed_is_no_member(many: tuple[Company, ...]) -> None:
    early = date(2020, 9, 30)
    absent = {
        company.isin
        for company in many
        if company.listed_on > early or (company.delisted_on and company.delisted_on <= early)
    }
    assert absent
    rows = members("ind_niftytotalmarket_list", many, SEED, early)
    assert not absent & {row[4] for row in rows}


def test_unknown_lists_and_other_days(site: ListsSite) -> None:
    assert ask(site, "ind_niftynowherelist").status == 404
    assert site.answer(Request("GET", f"{FOLDER}/ind_close_all_11022026.csv"), NIGHT) is None
    asked = Request("GET", f"{FOLDER}/ind_niftytotalmarket_list.csv")
    old = site.another_day(asked, NIGHT)
    assert old is not None
    assert old.body != ask(site, "ind_niftytotalmarket_list").body
