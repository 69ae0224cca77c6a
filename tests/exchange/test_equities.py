"""The archive of shares over real HTTP, and how it misbehaves on request: its zip archives too."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date

import pytest
import requests

from flows.demo.exchange import Exchange, main
from flows.demo.wire.faults import Fault, FaultKind
from flows.demo.world.market import Market, simulate
from tests.exchange.homes import at

ARCHIVES = "nsearchives.nseindia.com"
UDIFF = f"{ARCHIVES}/content/cm/BhavCopy_NSE_CM_0_0_0_20260211_F_0000.csv.zip"
LEGACY = f"{ARCHIVES}/content/historical/EQUITIES/2024/JUL/cm05JUL2024bhav.csv.zip"
FULL = f"{ARCHIVES}/products/content/sec_bhavdata_full_11022026.csv"
DELIVERY = f"{ARCHIVES}/archives/equities/mto/MTO_11022026.DAT"
SET = f"{ARCHIVES}/archives/equities/bhavcopy/pr/PR110226.zip"
LISTED = f"{ARCHIVES}/content/equities/EQUITY_L.csv"
NAMES = f"{ARCHIVES}/content/equities/namechange.csv"
EVERY = (UDIFF, LEGACY, FULL, DELIVERY, SET, LISTED, NAMES)
ZIPPED = (UDIFF, LEGACY, SET)
WWW = "www.nseindia.com"
ACTIONS_PAGE = f"{WWW}/companies-listing/corporate-filings-actions"
ACTIONS = (
    f"{WWW}/api/corporates-corporateActions?index=equities&from_date=01-09-2025&to_date=30-09-2025"
)


@pytest.fixture(scope="module")
def whole() -> Market:
    return simulate()


@pytest.fixture(scope="module")
def running(whole: Market) -> Iterator[Exchange]:
    with Exchange(whole) as exchange:
        yield exchange


@pytest.fixture
def exchange(running: Exchange) -> Exchange:
    running.faults = []
    running.now = at(date(2026, 2, 11))
    return running


def get(exchange: Exchange, path: str) -> requests.Response:
    return requests.get(f"{exchange.url}/{path}", timeout=10)


def under(exchange: Exchange, path: str, kind: FaultKind) -> requests.Response:
    exchange.faults = [Fault(re.escape(path.partition("?")[0]), kind)]
    return get(exchange, path)


def texts(body: bytes) -> bytes:
    """The body, or what the members of an archive hold."""
    if not body.startswith(b"PK"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        return b"".join(archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("path", EVERY)
def test_files_can_be_asked_conditionally(exchange: Exchange, path: str) -> None:
    first = get(exchange, path)
    assert first.status_code == 200
    again = requests.get(
        f"{exchange.url}/{path}", headers={"If-None-Match": first.headers["ETag"]}, timeout=10
    )
    assert again.status_code == 304


def test_a_late_delivery_is_another_file(exchange: Exchange) -> None:
    """Who asks the next evening whether the file has changed is given the new one."""
    path = FULL.replace("11022026", "05022026")
    exchange.now = at(date(2026, 2, 5))
    first = get(exchange, path)
    known = {
        "If-None-Match": first.headers["ETag"],
        "If-Modified-Since": first.headers["Last-Modified"],
    }
    assert requests.get(f"{exchange.url}/{path}", headers=known, timeout=10).status_code == 304
    exchange.now = at(date(2026, 2, 6))
    changed = requests.get(f"{exchange.url}/{path}", headers=known, timeout=10)
    assert changed.status_code == 200
    assert changed.headers["Last-Modified"] != first.headers["Last-Modified"]
    assert first.content.count(b" -, -\n") > 60 > changed.content.count(b" -, -\n")


def test_actions_behind_their_page(exchange: Exchange) -> None:
    assert get(exchange, ACTIONS).status_code == 401
    with requests.Session() as visitor:
        page = f"{exchange.url}/{ACTIONS_PAGE}"
        visitor.get(page, timeout=10)
        answer = visitor.get(f"{exchange.url}/{ACTIONS}", headers={"Referer": page}, timeout=10)
        exchange.faults = [Fault("corporateActions", FaultKind.RENAMED_COLUMN)]
        spoiled = visitor.get(f"{exchange.url}/{ACTIONS}", headers={"Referer": page}, timeout=10)
    assert answer.status_code == 200
    assert all("subject" in row for row in answer.json())
    assert answer.json()
    assert not any("subject" in row for row in spoiled.json())


@pytest.mark.parametrize("path", EVERY)
def test_refusals_and_web_pages(exchange: Exchange, path: str) -> None:
    for kind, status in (
        (FaultKind.FORBIDDEN, 403),
        (FaultKind.TOO_MANY, 429),
        (FaultKind.UNAVAILABLE, 503),
    ):
        assert under(exchange, path, kind).status_code == status
    shown = under(exchange, path, FaultKind.HTML)
    assert shown.status_code == 200
    assert b"Access Denied" in shown.content
    assert under(exchange, path, FaultKind.EMPTY).content == b""


@pytest.mark.parametrize("path", [UDIFF, FULL, SET])
def test_the_wire(exchange: Exchange, path: str) -> None:
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        under(exchange, path, FaultKind.TRUNCATED)
    exchange.faults = [Fault(re.escape(path), FaultKind.STALL, seconds=20)]
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(f"{exchange.url}/{path}", timeout=0.2)


@pytest.mark.parametrize("path", ZIPPED)
def test_archives_that_are_none(exchange: Exchange, path: str) -> None:
    whole = get(exchange, path).content
    short = under(exchange, path, FaultKind.SHORT)
    assert short.status_code == 200
    assert whole.startswith(short.content)
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(short.content))
    exchange.faults = [Fault(re.escape(path), FaultKind.ZIP_BOMB, size=8 << 20)]
    bomb = get(exchange, path).content
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive, zipfile.ZipFile(io.BytesIO(whole)) as true:
        [entry] = archive.infolist()
        assert entry.file_size == 8 << 20 > 100 * len(bomb)
        # Who looks for a member by its name finds it.
        assert entry.filename in true.namelist()


@pytest.mark.parametrize("path", [UDIFF, LEGACY, FULL, DELIVERY, SET])
def test_another_day(exchange: Exchange, path: str) -> None:
    true = get(exchange, path).content
    other = under(exchange, path, FaultKind.ANOTHER_DAY)
    assert other.status_code == 200
    assert other.content
    assert texts(other.content) != texts(true)


@pytest.mark.parametrize(
    ("path", "kind", "gone", "come"),
    [
        (UDIFF, FaultKind.RENAMED_COLUMN, b"ClsPric", b"Last Value"),
        (UDIFF, FaultKind.WRONG_DATE, b"2026-02-11,2026-02-11", b"2026-01-14,2026-01-14"),
        (UDIFF, FaultKind.MISSING_COLUMN, b"LwPric,ClsPric,LastPric", b"LwPric,LastPric"),
        (UDIFF, FaultKind.EXTRA_COLUMN, b"Rsvd4\n", b"Rsvd4,Remarks\n"),
        (UDIFF, FaultKind.NOT_UTF8, b"\xc3\xa9", b" \xe9"),
        (UDIFF, FaultKind.BOM, b"\x00", b"\xef\xbb\xbfTradDt"),
        (LEGACY, FaultKind.RENAMED_COLUMN, b",LOW,CLOSE,", b",LOW,Last Value,"),
        (LEGACY, FaultKind.WRONG_DATE, b"05-JUL-2024", b"07-JUN-2024"),
        (FULL, FaultKind.RENAMED_COLUMN, b"CLOSE_PRICE", b"Last Value"),
        (FULL, FaultKind.WRONG_DATE, b"11-Feb-2026", b"14-Jan-2026"),
        (FULL, FaultKind.NOT_UTF8, b"\xc3\xa9", b" \xe9"),
        (DELIVERY, FaultKind.WRONG_DATE, b"11-FEB-2026", b"14-JAN-2026"),
        (SET, FaultKind.RENAMED_COLUMN, b"Close Price/Paid up value(Rs.)", b"Last Value"),
        (SET, FaultKind.WRONG_DATE, b"11 FEB 2026,Q", b"14 JAN 2026,Q"),
        (LISTED, FaultKind.RENAMED_COLUMN, b"ISIN NUMBER", b"Last Value"),
        (LISTED, FaultKind.WRONG_DATE, b",02-APR-2012,", b",05-MAR-2012,"),
        (NAMES, FaultKind.RENAMED_COLUMN, b"NCH_NEW_NAME", b"Last Value"),
    ],
)
def test_nearly_right(
    exchange: Exchange, path: str, kind: FaultKind, gone: bytes, come: bytes
) -> None:
    true, spoiled = texts(get(exchange, path).content), under(exchange, path, kind)
    assert spoiled.status_code == 200
    assert come not in true
    assert gone not in texts(spoiled.content)
    assert come in texts(spoiled.content)


@pytest.mark.parametrize("path", [UDIFF, LEGACY, FULL, SET])
def test_rows_that_contradict(exchange: Exchange, path: str) -> None:
    """Some rows twice, some dates another, a price below nothing: the others stay as they are."""
    true = texts(get(exchange, path).content).split(b"\n")

    def changed(kind: FaultKind) -> set[bytes]:
        answer = under(exchange, path, kind)
        assert answer.status_code == 200
        lines = texts(answer.content).split(b"\n")
        if kind is FaultKind.DUPLICATE_ROWS:
            assert len(lines) > len(true)
        return set(lines) - set(true)

    assert not changed(FaultKind.DUPLICATE_ROWS)
    # A set has several tables.
    assert 3 <= len(changed(FaultKind.CONFLICTING_DUPLICATES)) <= 15
    assert len(changed(FaultKind.MIXED_DATES)) > 30
    negative = changed(FaultKind.NEGATIVE)
    assert any(re.search(rb", *-\d", line) for line in negative)
    assert len(negative) <= 4


@pytest.mark.parametrize("count", ["63", "2301", "many"])
def test_a_market_of_no_such_size(count: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["--shares", count])
    assert refused.value.code == 2
    assert "--shares" in capsys.readouterr().err
