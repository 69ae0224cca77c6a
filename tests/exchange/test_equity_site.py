"""What the simulated archive of shares answers, by address and hour; read by this test's own eyes.

Dates: 2026-01-26 is a holiday on a Monday, 2026-02-01 a session on a Sunday, 2023-07-15 one on a
Saturday; deliveries of 2026-02-05 are told a day late.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta

import polars as pl
import pytest

from flows.calendar import IST
from flows.demo.sites.answers import Answer, Request, Visitors
from flows.demo.sites.equities import EquitiesSite
from flows.demo.sites.share_lists import ACTIONS, ACTIONS_PAGE, ShareListsSite
from flows.demo.world.market import Market, simulate
from tests.exchange.homes import at

ARCHIVES = "/nsearchives.nseindia.com"
LISTS = f"{ARCHIVES}/content/equities"
LAST = date(2026, 2, 11)
BOTH = date(2024, 3, 5)
"""A session that all generations cover."""
LATE = date(2026, 2, 5)

Row = dict[str, str]


@pytest.fixture(scope="module")
def market() -> Market:
    return simulate()


@pytest.fixture(scope="module")
def site(market: Market) -> EquitiesSite:
    return EquitiesSite(market, Visitors())


@pytest.fixture(scope="module")
def visitors() -> Visitors:
    return Visitors()


@pytest.fixture(scope="module")
def lists(market: Market, visitors: Visitors) -> ShareListsSite:
    return ShareListsSite(market, visitors)


Told = Callable[..., list[dict[str, str]]]


@pytest.fixture
def actions(lists: ShareListsSite, visitors: Visitors) -> Told:
    """The interface's answers to a visitor who came by its page."""
    came = {
        "cookie": visitors.welcome(ACTIONS_PAGE).cookie or "",
        "referer": f"https:/{ACTIONS_PAGE}",
    }

    def ask(first: str, last: str, now: datetime, index: str = "equities") -> list[dict[str, str]]:
        query = f"index={index}&from_date={first}&to_date={last}"
        answer = lists.answer(Request("GET", ACTIONS, query, came), now)
        assert answer is not None
        assert answer.status == 200
        rows: list[dict[str, str]] = json.loads(answer.body)
        return rows

    return ask


def udiff(day: date) -> str:
    return f"{ARCHIVES}/content/cm/BhavCopy_NSE_CM_0_0_0_{day:%Y%m%d}_F_0000.csv.zip"


def legacy(day: date) -> str:
    name = f"cm{day:%d%b%Y}".upper().replace("CM", "cm")
    return f"{ARCHIVES}/content/historical/EQUITIES/{f'{day:%Y/%b}'.upper()}/{name}bhav.csv.zip"


def full(day: date) -> str:
    return f"{ARCHIVES}/products/content/sec_bhavdata_full_{day:%d%m%Y}.csv"


def delivery(day: date) -> str:
    return f"{ARCHIVES}/archives/equities/mto/MTO_{day:%d%m%Y}.DAT"


def evening_set(day: date) -> str:
    return f"{ARCHIVES}/archives/equities/bhavcopy/pr/PR{day:%d%m%y}.zip"


def ask(site: EquitiesSite | ShareListsSite, path: str, now: datetime | None = None) -> Answer:
    path, _, query = path.partition("?")
    answer = site.answer(Request("GET", path, query), now or at(LAST))
    assert answer is not None, path
    return answer


def status(site: EquitiesSite, path: str, now: datetime | None = None) -> int:
    return ask(site, path, now).status


def table(body: bytes) -> list[Row]:
    """Rows of a file, blanks around names and fields taken off."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            [name] = archive.namelist()
            body = archive.read(name)
    header, *lines = body.decode().removesuffix("\n").split("\n")
    names = [name.strip() for name in header.split(",")]
    return [
        dict(zip(names, (field.strip() for field in line.split(",")), strict=True))
        for line in lines
    ]


def by_security(rows: list[Row], symbol: str, series: str) -> dict[tuple[str, str], Row]:
    found = {(row[symbol], row[series]): row for row in rows}
    assert len(found) == len(rows) > 60
    return found


def dates(body: bytes) -> set[str]:
    return {row["DATE1"] for row in table(body)}


def members(site: EquitiesSite, day: date) -> dict[str, list[Row]]:
    """The set of a session, members by what their names begin with."""
    with zipfile.ZipFile(io.BytesIO(ask(site, evening_set(day)).body)) as archive:
        return {
            kind: table(archive.read(name))
            for name in archive.namelist()
            for kind in ("mcap", "bc", "hl", "etf")
            if name.lower().startswith(kind)
        }


def test_generations_tell_the_same(site: EquitiesSite, market: Market) -> None:
    new = by_security(table(ask(site, udiff(BOTH)).body), "TckrSymb", "SctySrs")
    old = by_security(table(ask(site, legacy(BOTH)).body), "SYMBOL", "SERIES")
    whole = by_security(table(ask(site, full(BOTH)).body), "SYMBOL", "SERIES")
    true = market.shares.bars.filter(session_date=BOTH)
    assert new.keys() == old.keys() == whole.keys() == set(true.select("symbol", "series").rows())
    for row in true.iter_rows(named=True):
        key = row["symbol"], row["series"]
        assert new[key]["TradDt"] == "2024-03-05"
        assert old[key]["TIMESTAMP"] == "05-MAR-2024"
        assert whole[key]["DATE1"] == "05-Mar-2024"
        assert new[key]["ISIN"] == old[key]["ISIN"] == row["isin"]
        for name, *columns in (
            ("open", "OpnPric", "OPEN", "OPEN_PRICE"),
            ("high", "HghPric", "HIGH", "HIGH_PRICE"),
            ("low", "LwPric", "LOW", "LOW_PRICE"),
            ("close", "ClsPric", "CLOSE", "CLOSE_PRICE"),
            ("volume_shares", "TtlTradgVol", "TOTTRDQTY", "TTL_TRD_QNTY"),
            ("trades", "TtlNbOfTxsExctd", "TOTALTRADES", "NO_OF_TRADES"),
        ):
            told = [
                float(file[key][column])
                for file, column in zip((new, old, whole), columns, strict=True)
            ]
            assert told == [row[name]] * 3, (key, name)
        assert float(new[key]["TtlTrfVal"]) == float(old[key]["TOTTRDVAL"]) == row["turnover_inr"]
        lakh = float(whole[key]["TURNOVER_LACS"])
        assert lakh == pytest.approx(row["turnover_inr"] / 100_000, abs=0.00501)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (udiff(date(2024, 1, 1)), 404),
        (udiff(date(2024, 1, 2)), 200),
        (legacy(date(2024, 1, 1)), 200),
        (legacy(date(2024, 7, 5)), 200),
        (legacy(date(2024, 7, 8)), 404),
        (legacy(BOTH).replace("/MAR/", "/APR/"), 404),
        (udiff(date(2026, 1, 26)), 404),
        (delivery(date(2026, 1, 26)), 404),
        (evening_set(date(2026, 1, 26)), 404),
        (full(date(2021, 12, 31)), 404),
        (full(date(2022, 1, 3)), 200),
        (full(date(2022, 1, 2)), 404),
        (full(LAST).replace("11022026", "31022026"), 404),
    ],
)
def test_which_file_there_is(site: EquitiesSite, path: str, expected: int) -> None:
    assert status(site, path) == expected


def test_files_come_in_the_evening(site: EquitiesSite) -> None:
    for path in (udiff(LAST), full(LAST), delivery(LAST)):
        assert status(site, path, at(LAST, "18:29")) == 404
        assert status(site, path, at(LAST, "18:30")) == 200
    assert status(site, evening_set(LAST), at(LAST, "18:59")) == 404
    assert status(site, evening_set(LAST), at(LAST, "19:00")) == 200


def test_the_full_file_repeats_itself_when_there_is_no_session(site: EquitiesSite) -> None:
    """Of a Friday's rows: Saturday has none, Sunday and Monday's holiday repeat them."""
    friday = ask(site, full(date(2026, 1, 23)))
    assert dates(friday.body) == {"23-Jan-2026"}
    assert status(site, full(date(2026, 1, 24))) == 404
    for day in (date(2026, 1, 25), date(2026, 1, 26)):
        assert ask(site, full(day)).body == friday.body
        assert status(site, full(day), at(day, "18:00")) == 404
    assert dates(ask(site, full(date(2026, 1, 27))).body) == {"27-Jan-2026"}


def test_sessions_at_weekends_have_files(site: EquitiesSite) -> None:
    assert dates(ask(site, full(date(2026, 2, 1))).body) == {"01-Feb-2026"}
    assert dates(ask(site, full(date(2023, 7, 15))).body) == {"15-Jul-2023"}
    assert status(site, udiff(date(2026, 2, 1))) == 200


def test_late_deliveries(site: EquitiesSite) -> None:
    """They are out the next evening; until then the file has dashes for every security."""
    first, still, then = at(LATE), at(date(2026, 2, 6), "18:29"), at(date(2026, 2, 6), "18:30")
    for now in (first, still):
        answer = ask(site, full(LATE), now)
        assert {row["DELIV_QTY"] for row in table(answer.body)} == {"-"}
        assert answer.modified == at(LATE, "18:30")
        assert status(site, delivery(LATE), now) == 404
    after = ask(site, full(LATE), then)
    assert after.modified == then
    assert status(site, delivery(LATE), then) == 200
    known = {row["SYMBOL"]: row for row in table(after.body) if row["DELIV_QTY"] != "-"}
    assert len(known) > 60
    for before in table(ask(site, full(LATE), first).body):
        same = known.get(before["SYMBOL"], before)
        assert before["SERIES"] == "T0" or before["CLOSE_PRICE"] == same["CLOSE_PRICE"]


def test_deliveries_are_told_twice(site: EquitiesSite) -> None:
    lines = ask(site, delivery(LAST)).body.decode().splitlines()
    told = {tuple(line.split(",")[2:4]): line.split(",")[4:] for line in lines[4:]}
    rows = table(ask(site, full(LAST)).body)
    assert {row["SERIES"] for row in rows if row["DELIV_QTY"] == "-"} <= {"BE", "BZ"}
    same = {
        (row["SYMBOL"], row["SERIES"]): [row["TTL_TRD_QNTY"], row["DELIV_QTY"], row["DELIV_PER"]]
        for row in rows
        if row["DELIV_QTY"] != "-"
    }
    assert told == same


def test_market_caps(site: EquitiesSite, market: Market) -> None:
    assert "mcap" not in members(site, date(2024, 1, 31))
    assert "mcap" in members(site, date(2024, 2, 1))
    *rows, listed, permitted, total = members(site, LAST)["mcap"]
    worth = "Market Cap(Rs.)"
    assert [row["Symbol"] for row in (listed, permitted, total)] == ["Listed", "Permitted", "Total"]
    caps = market.shares.caps.filter(session_date=LAST)
    assert len(rows) == caps.height
    for row, true in zip(rows, caps.sort("symbol", "series").iter_rows(named=True), strict=True):
        assert (row["Symbol"], row["Series"]) == (true["symbol"], true["series"])
        shares, paise = true["issued_shares"], round(100 * true["close"])
        assert row[worth] == f"{shares * paise // 100}.{shares * paise % 100:02d}"
    paise = sum(int(row[worth].replace(".", "")) for row in rows)
    assert int(total[worth].replace(".", "")) == int(listed[worth].replace(".", "")) == paise


def test_a_set_tells_of_actions_ahead(site: EquitiesSite, market: Market) -> None:
    """A split and a bonus of one share on 2025-09-12 stand in it for a fortnight, for every series.

    What the exchange never announced stands nowhere.
    """
    [symbol] = market.shares.actions.filter(ex_date=date(2025, 9, 12))["symbol"].unique()

    def told(day: date) -> Counter[tuple[str, str]]:
        rows = [row for row in members(site, day)["bc"] if row["SYMBOL"] == symbol]
        assert {row["EX_DT"] for row in rows} <= {"2025-09-12"}
        return Counter((row["SERIES"], row["PURPOSE"]) for row in rows)

    expected = {
        (series, purpose): 1
        for series in ("BE", "BL", "EQ", "IQ")
        for purpose in ("FVSPLT FRM RS 10 TO RS 2", "BONUS 1:1")
    }
    assert told(date(2025, 9, 8)) == told(date(2025, 9, 12)) == expected
    assert not told(date(2025, 8, 22))
    assert not told(date(2025, 9, 15))
    silent = market.shares.actions.filter(~pl.col("is_announced"))
    assert silent.height
    for row in silent.iter_rows(named=True):
        shown = members(site, row["session_date"])["bc"]
        assert row["symbol"] not in {other["SYMBOL"] for other in shown}


def test_extremes_and_funds(site: EquitiesSite, market: Market) -> None:
    told = members(site, LAST)
    true = market.shares.extremes.filter(session_date=LAST)
    assert {(row["SECURITY"], float(row["NEW"]), row["NEW_STATUS"]) for row in told["hl"]} == {
        (row["security_name"], row["new_price"], {"high": "H", "low": "L"}[row["extreme"]])
        for row in true.iter_rows(named=True)
    }
    funds = market.shares.bars.filter(pl.col("kind") == "fund")
    assert [row["SYMBOL"] for row in told["etf"]] == sorted(
        funds.filter(session_date=LAST)["symbol"]
    )
    one = told["etf"][0]
    year = funds.filter(
        pl.col("symbol") == one["SYMBOL"], pl.col("session_date") > date(2025, 2, 11)
    )
    assert float(one["52 WEEK HIGH"]) == max(year["high"])
    assert float(one["52 WEEK LOW"]) == min(year["low"])
    assert one["UNDERLYING"].casefold().startswith("nifty")


def test_actions_need_a_cookie(lists: ShareListsSite) -> None:
    query = "?index=equities&from_date=01-09-2025&to_date=30-09-2025"
    assert ask(lists, ACTIONS + query).status == 401


def test_actions_by_ex_date(actions: Told, market: Market) -> None:
    rows = actions("01-09-2025", "30-09-2025", at(LAST))
    subjects = {row["subject"] for row in rows if row["exDate"] == "12-Sep-2025"}
    assert subjects == {
        "Bonus 1:1",
        "Face Value Split (Sub-Division) - From Rs 10/- Per Share To Rs 2/- Per Share",
    }
    assert {row["exDate"][3:] for row in rows} == {"Sep-2025"}
    [row] = [row for row in rows if row["subject"] == "Bonus 1:1"]
    known = market.shares.actions.filter(ex_date=date(2025, 9, 12), purpose="Bonus 1:1")
    assert row["isin"] == known["isin"].item()
    told = [
        other
        for year in range(2022, 2027)
        for other in actions(f"01-01-{year}", f"31-12-{year}", at(LAST))
    ]
    silent = market.shares.actions.filter(~pl.col("is_announced"))
    hidden = set(silent.select("symbol", pl.col("ex_date").dt.strftime("%d-%b-%Y")).rows())
    assert hidden
    assert not hidden & {(other["symbol"], other["exDate"]) for other in told}


def test_actions_as_they_are_announced(actions: Told, market: Market) -> None:
    [announced] = market.shares.actions.filter(ex_date=date(2025, 9, 12), purpose="Bonus 1:1")[
        "announced_on"
    ]

    def subjects(now: datetime) -> set[str]:
        rows = actions("12-09-2025", "12-09-2025", now)
        return {row["subject"] for row in rows}

    assert "Bonus 1:1" in subjects(at(announced))
    assert "Bonus 1:1" not in subjects(at(announced - timedelta(days=1)))


def test_actions_of_funds_are_asked_for_apart(actions: Told) -> None:
    [split] = actions("01-08-2025", "31-08-2025", at(LAST), "mf")
    assert split["symbol"] == "ZN50"
    assert "Per Unit" in split["subject"]
    shares = actions("01-08-2025", "31-08-2025", at(LAST))
    assert "ZN50" not in {row["symbol"] for row in shares}


def listed(lists: ShareListsSite, now: datetime) -> dict[str, Row]:
    rows = table(ask(lists, f"{LISTS}/EQUITY_L.csv", now).body)
    assert len({row["SYMBOL"] for row in rows}) == len(rows)
    return {row["SYMBOL"]: row for row in rows}


def test_listed_shares(lists: ShareListsSite, market: Market) -> None:
    rows = listed(lists, at(LAST))
    kinds = dict(market.shares.bars.select("symbol", "kind").rows())
    assert {kinds[symbol] for symbol in rows} == {"share"}
    # What closed in the market's own series the evening before is listed, under the same ISIN.
    before = market.shares.bars.filter(
        pl.col("session_date") == date(2026, 2, 10),
        pl.col("kind") == "share",
        pl.col("series").is_in(["EQ", "BE", "BZ"]),
    )
    assert before.height > 60
    for symbol, series, isin in before.select("symbol", "series", "isin").iter_rows():
        assert (rows[symbol]["SERIES"], rows[symbol]["ISIN NUMBER"]) == (series, isin)


def test_listed_shares_as_of_a_morning(lists: ShareListsSite, market: Market) -> None:
    """A split's new number and face value, a newcomer and one that is gone, from the next day."""
    ex_date = date(2025, 9, 12)
    symbol = market.shares.actions.filter(ex_date=ex_date)["symbol"][0]

    def face(day: date, clock: str) -> str:
        return listed(lists, at(day, clock))[symbol]["FACE VALUE"]

    assert face(ex_date, "23:00") == face(date(2025, 9, 13), "08:59") == "10"
    assert face(date(2025, 9, 13), "09:00") == "2"
    listings = market.shares.listings
    gone = listings.filter(pl.col("delisted_on").is_between(date(2025, 1, 1), LAST))
    came = listings.filter(pl.col("listed_on").is_between(date(2025, 10, 1), LAST))
    early, late = listed(lists, at(date(2025, 6, 2))), listed(lists, at(LAST))
    assert set(gone["symbol"]) & early.keys()
    assert not set(gone["symbol"]) & late.keys()
    assert not set(came["symbol"]) & early.keys()
    assert set(came["symbol"]) & late.keys()


def test_changed_names_as_of_a_morning(lists: ShareListsSite, market: Market) -> None:
    changed = market.shares.name_changes.filter(changed_on=date(2025, 6, 23))
    [(symbol, old, new, _)] = changed.rows()

    def shown(now: datetime) -> list[list[str]]:
        lines = ask(lists, f"{LISTS}/namechange.csv", now).body.decode().splitlines()
        assert lines[0] == "NCH_SYMBOL, NCH_PREV_NAME, NCH_NEW_NAME, NCH_DT"
        return [line.split(",") for line in lines[1:]]

    assert [symbol, old, new, "23-JUN-2025"] in shown(at(LAST))
    assert symbol not in {row[0] for row in shown(at(date(2025, 6, 23)))}


@pytest.mark.parametrize("address", [udiff, full, delivery, evening_set])
def test_another_day_is_the_session_before(site: EquitiesSite, address: object) -> None:
    assert callable(address)
    other = site.another_day(Request("GET", address(date(2026, 1, 27))), at(LAST))
    assert other is not None
    assert other.body == ask(site, address(date(2026, 1, 23))).body


def test_other_paths_are_not_of_these_sites(site: EquitiesSite, lists: ShareListsSite) -> None:
    request = Request("GET", f"{ARCHIVES}/content/indices/ind_close_all_11022026.csv")
    now = datetime(2026, 2, 11, 22, tzinfo=IST)
    for one in (site, lists):
        assert one.answer(request, now) is None
        assert one.another_day(request, now) is None
