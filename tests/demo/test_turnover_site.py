"""The simulated workbook of client categories."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import xlrd  # type: ignore[import-untyped]

from flows.calendar import IST
from flows.demo.sites.answers import Answer, Request, Visitors
from flows.demo.sites.depository import LATEST, DepositorySite
from flows.demo.sites.turnover import TurnoverSite
from flows.demo.world.latent import latent, stream
from flows.demo.world.market import Market
from flows.demo.world.money import nse_only
from tests.demo.depository_page import daily
from transforms.parse.category_turnover import LAYOUT
from transforms.parse.layout import Payload

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
    """Rows of the first sheet, without the empty ones."""
    assert body.startswith(b"\xd0\xcf\x11\xe0"), "an OLE2 file"
    book = xlrd.open_workbook(file_contents=body)
    sheet = book.sheet_by_index(0)
    rows = []
    for n in range(sheet.nrows):
        cells = [
            xlrd.xldate.xldate_as_datetime(cell.value, book.datemode).date()
            if cell.ctype == xlrd.XL_CELL_DATE
            else cell.value
            for cell in sheet.row(n)
        ]
        rows.append([cell for cell in cells if cell != ""])
    return rows


def categories(site: TurnoverSite, day: date) -> dict[str, tuple[float, float]]:
    """Bought and sold by category, without the depository's block."""
    rows = [row for row in rows_of(ask(site, day).body) if len(row) == 4]
    return {
        str(row[1]): (float(str(row[2])), float(str(row[3])))
        for row in rows
        if row[1] not in {"FPI", "Category", "Client Categories"}
    }


def test_a_workbook(site: TurnoverSite) -> None:
    """As the test of a public reader quotes one of 2026."""
    rows = rows_of(ask(site, date(2026, 2, 10)).body)
    head = ["Trade Date", "Client Categories", "Buy Value in Rs.Crores", "Sell Value in Rs.Crores"]
    assert rows[0] == ["Category-wise turnover for 10-02-2026"]
    assert rows[1] == rows[8] == head
    assert [row[1] for row in rows[2:7]] == [
        *("Bank", "Insurance Companies", "Mutual Funds"),
        *("AIF", "PMS"),
    ]
    assert rows[7] == ["FPI Data as reported by NSDL on 11-02-2026"]


def test_a_workbook_before_2024(site: TurnoverSite) -> None:
    """As public readers of the years to 2023 count its rows and name its columns."""
    rows = rows_of(ask(site, date(2022, 3, 10)).body)
    assert rows[2] == ["Trade Date", "Category", "Buy Value in Rs.", "Sell Value in Rs."]
    assert [row[1] for row in rows[3:7]] == ["BNK", "DFI", "PRO-TRADES", "OTHERS"]
    assert "NSDL" not in str(rows)


def test_before_2024_what_some_bought_the_others_sold(site: TurnoverSite) -> None:
    for day in (date(2021, 6, 3), date(2022, 3, 10), date(2023, 11, 2)):
        bought, sold = (sum(side) for side in zip(*categories(site, day).values(), strict=True))
        assert bought == pytest.approx(sold, abs=0.005)
        assert 20_000 < bought < 200_000


def test_foreigners_are_as_the_depository_says(site: TurnoverSite, market: Market) -> None:
    rows = rows_of(ask(site, date(2026, 2, 10)).body)
    [fpi] = [row for row in rows if "FPI" in row]
    depository = DepositorySite(market, Visitors()).answer(Request("GET", LATEST), NIGHT)
    assert depository is not None
    _, _, route, bought, sold, _, _ = daily(depository.body)[0]
    assert route == "Stock Exchange"
    assert fpi[2:] == [bought / 100, sold / 100]


def test_banks_insurers_and_funds_are_the_exchange_s_domestic_institutions(
    site: TurnoverSite, market: Market
) -> None:
    """To the paisa, without the money of AIF and PMS, which none of them is."""
    sessions = latent(market.seed).sessions
    own = nse_only(market.flows, sessions, stream(market.seed, "nse only"))
    for day in (date(2026, 2, 10), date(2024, 5, 15)):
        named = categories(site, day)
        published = own.filter(session_date=day, participant="DII")
        final = published.select("buy_crore", "sell_crore").row(-1)
        for side, whole in enumerate(final):
            parts = [named[name][side] for name in ("Bank", "Insurance Companies", "Mutual Funds")]
            assert sum(parts) == pytest.approx(whole, abs=0.005)
            assert named["AIF"][side] > 0.01 * whole
        [combined] = market.flows.filter(session_date=day, participant="DII").iter_rows(named=True)
        assert 0.92 < final[0] / combined["buy_crore"] < 0.99


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2022, 3, 10), "10-Mar-22"),
        (date(2024, 5, 15), "15 May 24"),
        (date(2024, 8, 28), date(2024, 8, 28)),
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


def test_the_reader_of_the_exchange_s_workbooks_reads_every_year_s(site: TurnoverSite) -> None:
    """A sixth of the sheets of seven years: dates, categories and both sides, nothing set aside."""
    days = [day for day in site.figures.traded_on if day not in site.absent][::6]
    assert {day.year for day in days} == set(range(2020, 2027))
    for day in days:
        payload = Payload(ask(site, day).body, f"cat_turnover_{day:%d%m%y}.xls")
        assert LAYOUT.recognise(payload)
        read = LAYOUT.read(payload)
        assert read["session_date"].unique().to_list() == [day.isoformat()]
        told = {
            row[0]: row[1:] for row in read.select("category", "buy_crore", "sell_crore").rows()
        }
        named = categories(site, day)
        assert {name: tuple(map(float, sides)) for name, sides in told.items()} == named


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
