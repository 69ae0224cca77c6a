"""The simulated depository: its pages add up, tell the market's flows, and keep to the clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from lxml import html

from flows.calendar import IST
from flows.demo.formats.depository import Line, Report, grouped, latest_table
from flows.demo.sites.answers import Answer, Request, Visitors
from flows.demo.sites.depository import ARCHIVE, HOST, LATEST, YEARS, DepositorySite
from flows.demo.world.depository import share_out
from flows.demo.world.market import Market, simulate
from flows.demo.world.sectors import fortnight_end, fortnight_start, released_at
from tests.demo.depository_page import cells_of, daily

NIGHT = datetime(2026, 2, 11, 22, 30, tzinfo=IST)
SECTOR_FOLDER = f"{HOST}/StaticReports/Fortnightly_Sector_wise_FII_Investment_Data"


@pytest.fixture(scope="module")
def site(market: Market) -> DepositorySite:
    return DepositorySite(market, Visitors())


def ask(site: DepositorySite, path: str, now: datetime = NIGHT, query: str = "") -> Answer:
    answer = site.answer(Request("GET", path, query), now)
    assert answer is not None
    return answer


def archive(
    site: DepositorySite, day: str, now: datetime = NIGHT, changed: Mapping[str, str] | None = None
) -> Answer:
    """The archive's form sent back as a browser would."""
    page: Any = html.fromstring(ask(site, ARCHIVE, now).body)
    fields = {field.get("name"): field.get("value", "") for field in page.xpath("//input")}
    sent = {**fields, "__EVENTTARGET": "btnSubmit1", "txtDate": day, "hdnDate": day}
    sent |= changed or {}
    answer = site.answer(Request("POST", ARCHIVE, body=urlencode(sent).encode()), now)
    assert answer is not None
    return answer


def sector_path(day: date) -> str:
    return f"{SECTOR_FOLDER}/FIIInvestSector_{day:%b%d%Y}.html"


def sector_rows(body: bytes) -> tuple[list[str], dict[str, list[int]]]:
    """Measures of each column, and figures by sector."""
    page: Any = html.fromstring(body)
    table = page.xpath("//div[@id='dvFortnightly']/table")[0]
    lines = cells_of(table)
    rows = {
        line[1]: [int(cell.replace(",", "")) for cell in line[2:]]
        for line in lines
        if line[0].isdigit() or line[1] == "Grand Total"
    }
    heads = [
        f"{a} {b} {c}" for a, b, c in zip(lines[0], lines[1], lines[-1 - len(rows)], strict=True)
    ]
    return heads[2:], rows


@pytest.mark.real
def test_genuine_table_comes_back(genuine: Callable[[str], list[Path]]) -> None:
    [file] = genuine("samples/nsdl_fpi_latest__*.html")
    body = file.read_bytes()
    blocks: dict[str, list[Line]] = {}
    rows = daily(body)
    for _, block, route, *figures in rows[:-1]:
        blocks.setdefault(block, []).append(Line(route, *figures))
    label, _, route, *total = rows[-1]
    [rate] = set(re.findall(rb"> (Rs\.[\d.]+)<", body))
    report = Report(label, blocks, Line(route, *total), rate=f" {rate.decode()}")
    assert len(rows) == 25
    # The capture was saved with a line end of its own.
    assert latest_table(report).encode() == body.rstrip(b"\n")


def test_latest_is_the_final_flow_of_the_session_before(
    site: DepositorySite, market: Market
) -> None:
    final = dict(
        market.flows.filter(participant="FII")
        .unique("session_date", keep="last")
        .select("session_date", "net_crore")
        .iter_rows()
    )
    sessions = market.sessions["session_date"].to_list()
    gaps = []
    for before, day in zip(sessions[-120:], sessions[-119:], strict=False):
        rows = daily(ask(site, LATEST, datetime(day.year, day.month, day.day, 18, tzinfo=IST)).body)
        shown = {(block, route): net for _, block, route, _, _, net, _ in rows}
        assert rows[0][0] == f"{day:%d-%b-%Y}"
        gaps.append(abs(shown["Equity", "Stock Exchange"] / 100 - final[before]))
    # The flows themselves deviate by some 2,500 crore.
    assert 0 < sum(gaps) / len(gaps) < 60
    assert max(gaps) < 500


def test_latest_waits_for_the_evening(site: DepositorySite) -> None:
    for clock, day in ((17, "10-Feb-2026"), (18, "11-Feb-2026")):
        rows = daily(ask(site, LATEST, datetime(2026, 2, 11, clock, tzinfo=IST)).body)
        assert {row[0] for row in rows} == {day}


@pytest.mark.parametrize("month", ["28-Feb-2025", "30-Jun-2021", "31-Aug-2024"])
def test_a_month_adds_up(site: DepositorySite, month: str) -> None:
    rows = daily(archive(site, month).body)
    labels = list(dict.fromkeys(row[0] for row in rows))
    for label in labels:
        of_day = [row for row in rows if row[0] == label]
        for block in dict.fromkeys(row[1] for row in of_day):
            lines = [row[3:] for row in of_day if row[1] == block and row[2] != "Total"]
            assert [sum(column) for column in zip(*lines[:-1], strict=True)] == list(lines[-1])
        subs = [row[3:] for row in of_day if row[2] == "Sub-total"]
        [total] = [row[3:] for row in of_day if row[2] == "Total"]
        assert tuple(sum(column) for column in zip(*subs, strict=True)) == total
        assert all(row[3] - row[4] == row[5] for row in of_day)
    days = [label for label in labels if not label.startswith("Total for")]
    equity = [row[5] for row in rows if row[0] in days and row[1:3] == ("Equity", "Sub-total")]
    [of_month] = [
        row[5]
        for row in rows
        if row[0] == f"Total for {datetime.strptime(month, '%d-%b-%Y'):%B}"
        and row[1:3] == ("Equity", "Sub-total")
    ]
    assert sum(equity) == of_month
    assert len(days) >= 18


def test_dollars_follow_the_day_s_rate(site: DepositorySite) -> None:
    body = ask(site, LATEST).body
    [rate] = {float(found) for found in re.findall(r"> Rs\.([\d.]+)<", body.decode())}
    assert 80 < rate < 100
    for _, _, route, _, _, net, dollars in daily(body):
        if route not in {"Sub-total", "Total"}:
            assert dollars == pytest.approx(net * 10 / rate, abs=0.51)


def test_the_archive_shows_each_day_as_the_latest_page_did(site: DepositorySite) -> None:
    rows = daily(archive(site, "31-Jan-2026").body)
    for day in (date(2026, 1, 6), date(2026, 1, 30)):
        then = datetime(day.year, day.month, day.day, 21, tzinfo=IST)
        assert [row for row in rows if row[0] == f"{day:%d-%b-%Y}"] == daily(
            ask(site, LATEST, then).body
        )


def test_blocks_came_later(site: DepositorySite) -> None:
    rows = daily(archive(site, "31-Aug-2024").body)
    old = {row[1] for row in rows if row[0] == "14-Aug-2024" and row[2] != "Total"}
    new = {row[1] for row in rows if row[0] == "20-Aug-2024" and row[2] != "Total"}
    assert old == {"Equity", "Debt", "Debt-VRR", "Hybrid"}
    assert new == {
        *("Equity", "Debt-General Limit", "Debt-VRR", "Debt-FAR"),
        *("Hybrid", "Mutual Funds", "AIFs"),
    }


@pytest.mark.parametrize(
    "changed",
    [
        {"__VIEWSTATE": "of another page"},
        {"__EVENTVALIDATION": ""},
        {"__VIEWSTATEGENERATOR": "00000000"},
        {"__EVENTTARGET": ""},
    ],
)
def test_the_form_wants_its_hidden_fields_back(
    site: DepositorySite, changed: dict[str, str]
) -> None:
    assert b"tbls01" in archive(site, "31-Jan-2026").body
    answer = archive(site, "31-Jan-2026", changed=changed)
    assert answer.status == 200
    assert b"tbls01" not in answer.body


def test_the_submit_button_may_be_named_as_a_field(site: DepositorySite) -> None:
    sent = archive(site, "31-Jan-2026", changed={"__EVENTTARGET": "", "btnSubmit1": "View Report"})
    assert b"tbls01" in sent.body


def test_dates_the_archive_does_not_know(site: DepositorySite) -> None:
    assert b"No Records Found" in archive(site, "28-Feb-2026").body
    assert b"No Records Found" in archive(site, "31-Jan-2020").body
    assert b"Login" in archive(site, "2026-01-31").body
    running = daily(archive(site, "11-Feb-2026").body)
    assert "11-Feb-2026" in {row[0] for row in running}
    early = daily(archive(site, "11-Feb-2026", NIGHT.replace(hour=12)).body)
    assert "11-Feb-2026" not in {row[0] for row in early}


@pytest.mark.parametrize(("end", "wide"), [(date(2026, 1, 31), 12), (date(2023, 10, 15), 5)])
def test_sectors_add_up_to_the_fortnight(site: DepositorySite, end: date, wide: int) -> None:
    heads, rows = sector_rows(ask(site, sector_path(end)).body)
    assert len(heads) == 8 * wide
    first = fortnight_start(end)
    now = f"Net Investment {end:%B} {first:%d}-{end:%d}, {end:%Y} IN INR Cr. Equity"
    column = heads.index(now)
    assert column == 4 * wide
    reports = daily(archive(site, f"{end:%d-%b-%Y}").body)
    equity = sum(
        row[5]
        for row in reports
        if row[1:3] == ("Equity", "Sub-total")
        and not row[0].startswith("Total")
        and first <= datetime.strptime(row[0], "%d-%b-%Y").date() <= end
    )
    total = rows.pop("Grand Total")
    assert len(rows) == 24
    assert [sum(values) for values in zip(*rows.values(), strict=True)][column] == total[column]
    assert total[column] == round(equity / 100)
    for values in (*rows.values(), total):
        # Dollars, each rounded for itself, do not add up; rupees do.
        for block in range(0, 8 * wide, 2 * wide):
            assert sum(values[block : block + wide - 1]) == values[block + wide - 1]


def test_a_fortnight_is_told_again_as_the_prior_one(site: DepositorySite) -> None:
    heads, rows = sector_rows(ask(site, sector_path(date(2026, 1, 15))).body)
    later_heads, later = sector_rows(ask(site, sector_path(date(2026, 1, 31))).body)
    label = "Net Investment January 01-15, 2026 IN INR Cr. Equity"
    assert {s: v[heads.index(label)] for s, v in rows.items()} == {
        s: v[later_heads.index(label)] for s, v in later.items()
    }


def test_fortnights_come_out_five_to_eight_days_later(site: DepositorySite, market: Market) -> None:
    for end in (date(2025, 12, 31), date(2026, 1, 15), date(2026, 1, 31)):
        out = released_at(market.seed, end)
        assert 5 <= (out.date() - end).days <= 8
        assert ask(site, sector_path(end), out).status == 200
        before = datetime(out.year, out.month, out.day, 17, 59, tzinfo=IST)
        assert ask(site, sector_path(end), before).status == 404
    for name in ("Jan302026", "Feb312026", "Jan152027"):
        path = f"{SECTOR_FOLDER}/FIIInvestSector_{name}.html"
        assert ask(site, path, NIGHT.replace(year=2027)).status == 404


def test_months_of_the_year_are_the_days_added_up(site: DepositorySite) -> None:
    page: Any = html.fromstring(ask(site, YEARS, query="RptType=6").body)
    monthly, yearly = page.xpath("//table")
    lines = {line[0]: line[1:] for line in cells_of(monthly)}
    january = [row for row in daily(archive(site, "31-Jan-2026").body) if row[2] == "Sub-total"]
    equity = sum(row[5] for row in january if row[1] == "Equity" and not row[0].startswith("Total"))
    assert int(lines["January"][0]) == round(equity / 100)
    assert lines["Total - 2026"][0] == str(int(lines["January"][0]) + int(lines["February **"][0]))
    for label in ("January", "February **", "Total - 2026"):
        assert sum(map(int, lines[label][:-1])) == int(lines[label][-1])
    assert "** up to 11 Feb 2026" in lines
    years = {line[0]: line[1:] for line in cells_of(yearly) if line[0].isdigit()}
    assert list(years) == ["2020", "2021", "2022", "2023", "2024", "2025"]
    whole = daily(archive(site, "31-Dec-2025").body)
    [of_year] = [
        r[5] for r in whole if r[0] == "Total for 2025" and r[1:3] == ("Equity", "Sub-total")
    ]
    assert int(years["2025"][0]) == round(of_year / 100)


def test_another_day(site: DepositorySite) -> None:
    latest = site.another_day(Request("GET", LATEST), NIGHT)
    assert latest is not None
    assert {row[0] for row in daily(latest.body)} == {"10-Feb-2026"}
    sector = site.another_day(Request("GET", sector_path(date(2026, 1, 31))), NIGHT)
    assert sector is not None
    assert sector.body == ask(site, sector_path(date(2026, 1, 15))).body
    assert site.another_day(Request("GET", "/elsewhere"), NIGHT) is None


def test_other_paths_are_not_ours(site: DepositorySite) -> None:
    pilot = LATEST.replace("www.fpi", "pilot.fpi")
    assert site.answer(Request("GET", pilot), NIGHT) is None
    assert ask(site, YEARS, query="RptType=5").status == 404


def test_a_window_shows_the_figures_of_the_whole(site: DepositorySite) -> None:
    window = simulate(start=date(2025, 3, 3), end=date(2025, 4, 30))
    small = DepositorySite(window, Visitors())
    then = datetime(2025, 4, 15, 20, tzinfo=IST)
    assert ask(small, LATEST, then).body == ask(site, LATEST, then).body


def test_figures_hang_on_the_seed(site: DepositorySite) -> None:
    other = DepositorySite(simulate(seed=7), Visitors())
    assert ask(other, LATEST).body != ask(site, LATEST).body


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (618, "618"),
        (-2562, "-2,562"),
        (446481, "4,46,481"),
        (2077268, "20,77,268"),
        (-12345678, "-1,23,45,678"),
    ],
)
def test_indian_commas(value: int, text: str) -> None:
    assert grouped(value) == text


def test_sharing_out() -> None:
    assert share_out(10, [3.3, 3.3, 3.4]) == [3, 3, 4]
    assert share_out(-5, [-7.5, 2.5]) == [-7, 2]
    assert sum(share_out(100, [50.0, 20.0, 20.0])) == 100


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2024, 2, 1), date(2024, 2, 15)),
        (date(2024, 2, 15), date(2024, 2, 15)),
        (date(2024, 2, 16), date(2024, 2, 29)),
        (date(2025, 12, 31), date(2025, 12, 31)),
    ],
)
def test_fortnights(day: date, end: date) -> None:
    assert fortnight_end(day) == end
    assert fortnight_start(end) in {date(end.year, end.month, 1), date(end.year, end.month, 16)}


def test_primary_market_is_beside_the_exchange(site: DepositorySite) -> None:
    """A reader who takes the sub-total for the exchange's figure would not notice otherwise."""
    primary = [
        row[5]
        for row in daily(archive(site, "31-Jan-2026").body)
        if row[1:3] == ("Equity", "Primary market & others")
    ]
    assert sum(net != 0 for net in primary) > 0.8 * len(primary)
