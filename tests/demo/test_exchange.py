"""The simulated exchange over real HTTP."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import polars as pl
import pytest
import requests

from flows.calendar import IST
from flows.demo.exchange import Exchange, fault_from_text, ist_instant
from flows.demo.formats.market import index_close_csv
from flows.demo.wire.faults import FaultKind
from flows.demo.world.market import Market

WWW = "www.nseindia.com"
LAST = date(2026, 2, 11)


def at(day: date, clock: str) -> datetime:
    return datetime.combine(day, datetime.strptime(clock, "%H:%M").time(), tzinfo=IST)


def index_file(exchange: Exchange, day: date, host: str = "nsearchives.nseindia.com") -> str:
    folder = "content/indices" if host.startswith("nse") else "Daily_Snapshot"
    return f"{exchange.url}/{host}/{folder}/ind_close_all_{day:%d%m%Y}.csv"


def flows(
    exchange: Exchange, client: requests.Session, interface: str = "fiidiiTradeReact"
) -> list[dict[str, str]]:
    """The flow answer as a polite visitor gets it."""
    page = f"{exchange.url}/{WWW}/reports/fii-dii"
    assert client.get(page, timeout=5).status_code == 200
    answer = client.get(
        f"{exchange.url}/{WWW}/api/{interface}", headers={"Referer": page}, timeout=5
    )
    assert answer.status_code == 200
    rows: list[dict[str, str]] = answer.json()
    return rows


def history(
    exchange: Exchange, function: str, name: str, window: tuple[str, str]
) -> requests.Response:
    info = {"name": name, "startDate": window[0], "endDate": window[1], "indexName": name}
    return requests.post(
        f"{exchange.url}/niftyindices.com/BackPage/{function}",
        json={"cinfo": str(info)},
        timeout=5,
    )


def test_index_file_is_the_markets(
    exchange: Exchange, client: requests.Session, market: Market
) -> None:
    answer = client.get(index_file(exchange, LAST), timeout=5)
    bars = market.index_bars.filter(session_date=LAST)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv"
    assert answer.content == index_close_csv(bars)


def test_leading_zero_is_missing_in_older_files(
    exchange: Exchange, client: requests.Session
) -> None:
    old = client.get(index_file(exchange, date(2025, 3, 26)), timeout=5).text
    new = client.get(index_file(exchange, date(2025, 7, 18)), timeout=5).text
    assert ",." in old or ",-." in old
    assert ",0." not in old
    assert ",0." in new
    assert ",." not in new


@pytest.mark.parametrize(
    "day", [date(2026, 2, 7), date(2026, 1, 26), date(2022, 9, 20), date(2030, 1, 1)]
)
def test_no_session_no_file(exchange: Exchange, client: requests.Session, day: date) -> None:
    assert client.get(index_file(exchange, day), timeout=5).status_code == 404
    page = client.get(index_file(exchange, day, "niftyindices.com"), timeout=5)
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("day", [date(2023, 7, 15), date(2026, 2, 1), date(2025, 10, 21)])
def test_surprising_sessions_have_files(
    exchange: Exchange, client: requests.Session, day: date
) -> None:
    answer = client.get(index_file(exchange, day), timeout=5)
    assert f",{day:%d-%m-%Y}," in answer.text


def test_a_name_that_is_no_date_is_absent(exchange: Exchange, client: requests.Session) -> None:
    url = index_file(exchange, LAST).replace("11022026", "31022026")
    assert client.get(url, timeout=5).status_code == 404


def test_the_file_appears_in_the_evening(exchange: Exchange, client: requests.Session) -> None:
    exchange.now = at(LAST, "18:29")
    assert client.get(index_file(exchange, LAST), timeout=5).status_code == 404
    exchange.now = at(LAST, "18:30")
    assert client.get(index_file(exchange, LAST), timeout=5).status_code == 200


def test_the_clock_needs_a_zone(exchange: Exchange) -> None:
    with pytest.raises(ValueError, match="time zone"):
        exchange.now = datetime(2026, 2, 11, 19, 30)


def test_conditional_requests(exchange: Exchange, client: requests.Session) -> None:
    url = index_file(exchange, LAST)
    first = client.get(url, timeout=5)
    assert first.headers["Last-Modified"] == "Wed, 11 Feb 2026 13:00:00 GMT"
    for condition in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        again = client.get(url, headers=condition, timeout=5)
        assert again.status_code == 304
        assert again.content == b""
    changed = client.get(url, headers={"If-None-Match": '"other"'}, timeout=5)
    assert changed.status_code == 200
    older = {"If-Modified-Since": "Tue, 10 Feb 2026 13:00:00 GMT"}
    assert client.get(url, headers=older, timeout=5).status_code == 200


def test_ranges_resume(exchange: Exchange, client: requests.Session) -> None:
    url = index_file(exchange, LAST)
    whole = client.get(url, timeout=5)
    size = len(whole.content)
    rest = client.get(
        url, headers={"Range": "bytes=1000-", "If-Range": whole.headers["ETag"]}, timeout=5
    )
    assert rest.status_code == 206
    assert rest.headers["Content-Range"] == f"bytes 1000-{size - 1}/{size}"
    assert rest.content == whole.content[1000:]
    changed = {"Range": "bytes=1000-", "If-Range": '"other"'}
    assert client.get(url, headers=changed, timeout=5).content == whole.content
    tail = client.get(url, headers={"Range": "bytes=-10"}, timeout=5)
    assert tail.content == whole.content[-10:]
    beyond = client.get(url, headers={"Range": f"bytes={size}-"}, timeout=5)
    assert beyond.status_code == 416


def test_head_and_unknown_methods(exchange: Exchange, client: requests.Session) -> None:
    url = index_file(exchange, LAST)
    head = client.head(url, timeout=5)
    assert head.content == b""
    assert int(head.headers["Content-Length"]) == len(client.get(url, timeout=5).content)
    assert client.delete(url, timeout=5).status_code == 501


def test_flows_need_cookie_and_referer(exchange: Exchange, client: requests.Session) -> None:
    api = f"{exchange.url}/{WWW}/api/fiidiiTradeReact"
    page = f"{exchange.url}/{WWW}/reports/fii-dii"
    assert client.get(api, headers={"Referer": page}, timeout=5).status_code == 401
    client.get(f"{exchange.url}/{WWW}/", timeout=5)
    assert client.get(api, timeout=5).status_code == 401
    assert client.get(api, headers={"Referer": page}, timeout=5).status_code == 200
    exchange.forget_cookies()
    assert client.get(api, headers={"Referer": page}, timeout=5).status_code == 401


def test_flows_show_the_latest_day_only(exchange: Exchange, client: requests.Session) -> None:
    exchange.now = at(LAST, "18:59")
    assert {row["date"] for row in flows(exchange, client)} == {"10-Feb-2026"}
    exchange.now = at(LAST, "19:00")
    rows = flows(exchange, client)
    assert [row["category"] for row in rows] == ["DII", "FII/FPI"]
    assert {row["date"] for row in rows} == {"11-Feb-2026"}


def test_flows_are_restated_in_the_evening(
    exchange: Exchange, client: requests.Session, market: Market
) -> None:
    day = date(2026, 2, 5)
    shown = []
    for clock in ("19:30", "21:00"):
        exchange.now = at(day, clock)
        shown.append(float(flows(exchange, client)[1]["netValue"]))
    known = market.flows.filter(session_date=day, participant="FII").sort("stage")
    assert shown == known["net_crore"].to_list()
    assert shown[0] != shown[1]


@pytest.mark.parametrize("interface", ["fiidiiTradeReact", "fiidiiTradeNse"])
def test_both_scopes_want_a_cookie(
    exchange: Exchange, client: requests.Session, interface: str
) -> None:
    api = f"{exchange.url}/{WWW}/api/{interface}"
    assert client.get(api, timeout=5).status_code == 401
    assert len(flows(exchange, client, interface)) == 2


def test_one_exchange_is_most_of_all_exchanges(
    exchange: Exchange, client: requests.Session, market: Market
) -> None:
    shares = []
    for day in market.sessions["session_date"].to_list()[-40:]:
        exchange.now = at(day, "21:00")
        whole, part = (
            flows(exchange, client, interface)
            for interface in ("fiidiiTradeReact", "fiidiiTradeNse")
        )
        for combined, alone in zip(whole, part, strict=True):
            assert combined["date"] == alone["date"] == f"{day:%d-%b-%Y}"
            assert combined["category"] == alone["category"]
            sides = ("buyValue", "sellValue")
            shares += [float(alone[side]) / float(combined[side]) for side in sides]
            net = float(alone["buyValue"]) - float(alone["sellValue"])
            assert float(alone["netValue"]) == pytest.approx(net, abs=0.011)
    assert 0.955 < sum(shares) / len(shares) < 0.965
    assert 0.92 < min(shares) < max(shares) < 0.99
    assert len({round(share, 4) for share in shares}) > 100, "with noise of its own"


def test_one_exchange_is_restated_with_all(exchange: Exchange, client: requests.Session) -> None:
    day, shown = date(2026, 2, 5), {}
    for clock in ("19:30", "21:00"):
        exchange.now = at(day, clock)
        for interface in ("fiidiiTradeReact", "fiidiiTradeNse"):
            shown[clock, interface] = float(flows(exchange, client, interface)[1]["netValue"])
    moved = {
        interface: shown["21:00", interface] - shown["19:30", interface]
        for interface in ("fiidiiTradeReact", "fiidiiTradeNse")
    }
    assert moved["fiidiiTradeReact"] != 0
    ratio = moved["fiidiiTradeNse"] / moved["fiidiiTradeReact"]
    assert ratio == pytest.approx(0.96, abs=0.04)


def test_holiday_list(exchange: Exchange, client: requests.Session) -> None:
    api = f"{exchange.url}/{WWW}/api/holiday-master?type=trading"
    assert client.get(api, timeout=5).status_code == 401
    exchange.now = at(date(2025, 6, 2), "20:00")
    client.get(f"{exchange.url}/{WWW}/", timeout=5)
    answer = client.get(api, timeout=5).json()
    days = [row["tradingDate"] for row in answer["CM"]]
    assert answer["CM"] == answer["FO"]
    assert "21-Oct-2025" in days, "a Muhurat day is listed as a holiday"
    assert "15-Aug-2025" in days
    assert all(day.endswith("-2025") for day in days)
    exchange.now = at(date(2022, 9, 1), "20:00")
    days = [row["tradingDate"] for row in client.get(api, timeout=5).json()["CM"]]
    assert "20-Sep-2022" not in days, "nobody foresaw this closure"
    exchange.now = at(date(2024, 1, 1), "20:00")
    days = [row["tradingDate"] for row in client.get(api, timeout=5).json()["CM"]]
    assert "22-Jan-2024" not in days, "decided at short notice"


FEBRUARY = ("01-Feb-2026", "28-Feb-2026")


def test_price_history(exchange: Exchange, market: Market) -> None:
    window = ("03-Jan-2022", "14-Jan-2022")
    answer = history(exchange, "getHistoricaldatatabletoString", "NIFTY MICROCAP 250", window)
    rows = json.loads(answer.json()["d"])
    bars = market.index_bars.filter(
        pl.col("index_name").is_in(["NIFTY MICROCAP250", "NIFTY Microcap 250"]),
        pl.col("session_date").is_between(date(2022, 1, 3), date(2022, 1, 14)),
    )
    assert bars["index_name"].n_unique() == 2, "the window spans a rename"
    assert [float(row["CLOSE"]) for row in rows] == bars["close"].reverse().to_list()
    assert {row["Index Name"] for row in rows} == {"NIFTY Microcap 250"}


def test_total_return_history(exchange: Exchange, market: Market) -> None:
    answer = history(exchange, "getTotalReturnIndexString", "nifty 50", FEBRUARY)
    rows = json.loads(answer.json()["d"])
    assert [row["Date"] for row in rows][:2] == ["11 Feb 2026", "10 Feb 2026"]
    assert {row["NTR_Value"] for row in rows} == {"-"}
    levels = market.total_returns.filter(index_name="Nifty 50").tail(9)["total_return"]
    assert [float(row["TotalReturnsIndex"]) for row in rows] == levels.reverse().to_list()


def test_history_knows_no_unpublished_session(exchange: Exchange) -> None:
    exchange.now = at(LAST, "12:00")
    answer = history(exchange, "getTotalReturnIndexString", "Nifty 50", FEBRUARY)
    assert json.loads(answer.json()["d"])[0]["Date"] == "10 Feb 2026"


@pytest.mark.parametrize(
    ("name", "start", "status"),
    [
        ("Nifty Nowhere", "01-Feb-2026", 200),
        ("Nifty 50", "01-Jan-2024", 500),
        ("Nifty 50", "?", 500),
    ],
)
def test_history_refusals(exchange: Exchange, name: str, start: str, status: int) -> None:
    answer = history(exchange, "getTotalReturnIndexString", name, (start, "11-Feb-2026"))
    assert answer.status_code == status
    if status == 200:
        assert answer.json() == {"d": "[]"}


def test_unknown_paths(exchange: Exchange, client: requests.Session) -> None:
    for path in ("/", "/example.com/x", f"/{WWW}/api/nothing", "/../etc/passwd"):
        assert client.get(exchange.url + path, timeout=5).status_code == 404


def test_one_connection_serves_many_files_and_the_log_knows(
    exchange: Exchange, market: Market
) -> None:
    days = market.sessions["session_date"].to_list()[-40:]
    with requests.Session() as client:
        client.headers["User-Agent"] = "Mozilla/5.0 (compatible; Riskon/test)"
        sources = set()
        for day in days:
            answer = client.get(index_file(exchange, day), timeout=5, stream=True)
            connection = getattr(answer.raw, "connection", None)
            sources.add(connection.sock.getsockname() if connection else None)
            assert len(answer.content) > 5000
    assert len(sources) == 1
    assert [record.path[-12:-4] for record in exchange.log] == [f"{day:%d%m%Y}" for day in days]
    record = exchange.log[0]
    assert (record.method, record.status, record.fault) == ("GET", 200, None)
    assert record.headers["user-agent"] == "Mozilla/5.0 (compatible; Riskon/test)"
    assert [r.at for r in exchange.log] == sorted(r.at for r in exchange.log)


def test_many_clients_at_once(exchange: Exchange) -> None:
    days = [LAST - timedelta(days=back) for back in (0, 1, 2, 5, 6, 7, 8, 9)] * 4
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda day: requests.get(index_file(exchange, day), timeout=10).content, days)
        )
    assert all(
        f",{day:%d-%m-%Y},".encode() in body for day, body in zip(days, answers, strict=True)
    )


def test_text_of_the_command_line() -> None:
    assert ist_instant("2026-02-11T19:30") == at(LAST, "19:30")
    assert ist_instant("2026-02-11T14:00+00:00") == at(LAST, "19:30")
    fault = fault_from_text("too_many@ind_close_all@3")
    assert (fault.kind, fault.path, fault.times) == (FaultKind.TOO_MANY, "ind_close_all", 3)


def test_served_in_the_foreground() -> None:
    command = [sys.executable, "-m", "flows.demo.exchange", "--now", "2026-02-11T19:30"]
    command += ["--fault", "forbidden@_10022026"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            folder = f"{url}/nsearchives.nseindia.com/content/indices"
            good = requests.get(f"{folder}/ind_close_all_11022026.csv", timeout=10)
            assert good.text.startswith("Index Name,Index Date,")
            refused = requests.get(f"{folder}/ind_close_all_10022026.csv", timeout=10)
            assert refused.status_code == 403
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
