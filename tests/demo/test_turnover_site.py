"""The simulated workbook of client categories."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
from python_calamine import CalamineWorkbook

from flows.calendar import IST
from flows.demo.answers import Answer, Request, Visitors
from flows.demo.depository_site import LATEST, DepositorySite
from flows.demo.market import Market
from flows.demo.turnover_site import TurnoverSite
from tests.demo.depository_page import daily

FOLDER = "/nsearchives.nseindia.com/archives/equities/cat"
NIGHT = datetime(2026, 2, 11, 22, 30, tzinfo=IST)


@pytest.fixture(scope="module")
def site(market: Market) -> TurnoverSite:
    return TurnoverSite(market, Visitors())


def ask(site: TurnoverSite, day: date, now: datetime = NIGHT) -> Answer:
    answer = site.answer(Request("GET", f"{FOLDER}/cat_turnover_{day:%d%m%y}.xls"), now)
    assert answer is not None
    return answer


def rows_of(body: bytes) -> list[list[object]]:
    assert body.startswith(b"\xd0\xcf\x11\xe0"), "an OLE2 file"
    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    return [list(row) for row in book.get_sheet_by_index(0).to_python()]


def test_a_workbook(site: TurnoverSite) -> None:
    rows = rows_of(ask(site, date(2026, 2, 10)).body)
    assert rows[0][0] == "Category-wise turnover for 10-02-2026"
    assert rows[2] == [
        *("Trade Date", "Client Categories"),
        *("Buy Value in Rs.Crores", "Sell Value in Rs.Crores"),
    ]
    assert [row[1] for row in rows[3:8]] == [
        *("Bank", "Insurance Companies", "Mutual Funds"),
        *("AIF", "PMS"),
    ]
    assert rows[9][0] == "FPI Data as reported by NSDL on 11-02-2026"


def test_foreigners_are_as_the_depository_says(site: TurnoverSite, market: Market) -> None:
    rows = rows_of(ask(site, date(2026, 2, 10)).body)
    [fpi] = [row for row in rows if row[1] == "FPI"]
    depository = DepositorySite(market, Visitors()).answer(Request("GET", LATEST), NIGHT)
    assert depository is not None
    _, _, route, bought, sold, _, _ = daily(depository.body)[0]
    assert route == "Stock Exchange"
    assert fpi[2:] == [bought / 100, sold / 100]


def test_domestic_categories_are_a_share_of_all_exchanges(
    site: TurnoverSite, market: Market
) -> None:
    for day in (date(2026, 2, 10), date(2024, 5, 15), date(2022, 3, 10)):
        categories = [row for row in rows_of(ask(site, day).body)[3:8] if isinstance(row[2], float)]
        [combined] = market.flows.filter(session_date=day, participant="DII").iter_rows(named=True)
        for column, name in ((2, "buy_crore"), (3, "sell_crore")):
            part = sum(float(str(row[column])) for row in categories) / combined[name]
            assert 0.92 < part < 0.99


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2022, 3, 10), date(2022, 3, 10)),
        (date(2024, 5, 15), date(2024, 5, 15)),
        (date(2025, 8, 28), "28-Aug-25"),
        (date(2026, 2, 10), "02/10/2026"),
    ],
)
def test_dates_were_written_in_several_ways(site: TurnoverSite, day: date, shown: object) -> None:
    assert rows_of(ask(site, day).body)[3][0] == shown


def test_out_with_the_depository_s_report(site: TurnoverSite) -> None:
    friday, monday = date(2026, 2, 6), datetime(2026, 2, 9, 18, tzinfo=IST)
    assert ask(site, friday, monday.replace(hour=17, minute=59)).status == 404
    assert ask(site, friday, monday).status == 200
    assert ask(site, date(2026, 2, 11)).status == 404


def test_some_sessions_have_none(site: TurnoverSite, market: Market) -> None:
    sessions = market.sessions["session_date"].to_list()[-501:-1]
    without = {day for day in sessions if ask(site, day).status == 404}
    assert 0.01 < len(without) / len(sessions) < 0.06
    assert without == site.absent & set(sessions)


def test_the_same_bytes_each_time(site: TurnoverSite, market: Market) -> None:
    again = TurnoverSite(market, Visitors())
    day = date(2026, 2, 10)
    assert ask(again, day).body == ask(site, day).body


def test_another_day(site: TurnoverSite) -> None:
    asked = Request("GET", f"{FOLDER}/cat_turnover_100226.xls")
    answer = site.another_day(asked, NIGHT)
    assert answer is not None
    assert "09-02-2026" in str(rows_of(answer.body)[0][0])
