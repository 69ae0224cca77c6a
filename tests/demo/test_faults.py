"""Every fault, as a client meets it over real HTTP."""

from __future__ import annotations

import csv
import io
import json
import time
import zipfile
import zlib
from collections.abc import Callable
from datetime import date, datetime

import pytest
import requests

from flows.calendar import IST
from flows.demo.exchange import Exchange
from flows.demo.formats.market import INDEX_CLOSE_HEADER
from flows.demo.wire.bombs import gzip_zeros
from flows.demo.wire.faults import Fault, FaultKind

LAST = date(2026, 2, 11)
PATH = "/nsearchives.nseindia.com/content/indices/ind_close_all_11022026.csv"
FLOW_API = "/www.nseindia.com/api/fiidiiTradeReact"


@pytest.fixture
def meet(exchange: Exchange, client: requests.Session) -> Callable[..., requests.Response]:
    def get(kind: FaultKind, path: str = PATH, **options: float) -> requests.Response:
        exchange.faults = [Fault("ind_close_all|api/", kind, **options)]  # type: ignore[arg-type]
        page = f"{exchange.url}/www.nseindia.com/reports/fii-dii"
        client.get(page, timeout=5)
        return client.get(exchange.url + path, headers={"Referer": page}, timeout=5, stream=True)

    return get


Meet = Callable[..., requests.Response]


@pytest.fixture
def true_body(exchange: Exchange, client: requests.Session) -> bytes:
    return client.get(exchange.url + PATH, timeout=5).content


def table(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode())))


@pytest.mark.parametrize(
    ("kind", "status", "retry_after"),
    [
        (FaultKind.FORBIDDEN, 403, None),
        (FaultKind.TOO_MANY, 429, "7"),
        (FaultKind.UNAVAILABLE, 503, "7"),
    ],
)
def test_refusals(meet: Meet, kind: FaultKind, status: int, retry_after: str | None) -> None:
    answer = meet(kind, retry_after=7)
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == retry_after


def test_a_fault_ends_after_its_times(exchange: Exchange, client: requests.Session) -> None:
    exchange.faults = [Fault("11022026", FaultKind.UNAVAILABLE, times=2)]
    other = exchange.url + PATH.replace("11022026", "10022026")
    assert client.get(other, timeout=5).status_code == 200
    statuses = [client.get(exchange.url + PATH, timeout=5).status_code for _ in range(3)]
    assert statuses == [503, 503, 200]
    assert [record.fault for record in exchange.log][1:] == [FaultKind.UNAVAILABLE] * 2 + [None]


def test_stall(exchange: Exchange, client: requests.Session) -> None:
    exchange.faults = [Fault("ind_close_all", FaultKind.STALL, seconds=20)]
    started = time.monotonic()
    with pytest.raises(requests.exceptions.ReadTimeout):
        client.get(exchange.url + PATH, timeout=0.2)
    assert time.monotonic() - started < 5


def test_a_stall_does_not_keep_the_exchange_from_closing(exchange: Exchange) -> None:
    exchange.faults = [Fault("ind_close_all", FaultKind.STALL, seconds=60)]
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(exchange.url + PATH, timeout=0.1)
    started = time.monotonic()
    exchange.__exit__(None, None, None)
    assert time.monotonic() - started < 5


def test_truncated(meet: Meet, true_body: bytes) -> None:
    answer = meet(FaultKind.TRUNCATED)
    assert int(answer.headers["Content-Length"]) == len(true_body)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        _ = answer.content


def test_truncated_can_be_resumed(
    exchange: Exchange, client: requests.Session, true_body: bytes
) -> None:
    exchange.faults = [Fault("ind_close_all", FaultKind.TRUNCATED, times=1)]
    answer = client.get(exchange.url + PATH, timeout=5, stream=True)
    start = answer.raw.read(1000)
    answer.close()
    rest = {"Range": "bytes=1000-", "If-Range": answer.headers["ETag"]}
    assert start + client.get(exchange.url + PATH, headers=rest, timeout=5).content == true_body


def test_short(meet: Meet, true_body: bytes) -> None:
    answer = meet(FaultKind.SHORT)
    body = answer.content
    assert int(answer.headers["Content-Length"]) == len(body) < len(true_body)
    assert true_body.startswith(body)
    assert len(table(body)[-1]) < 13


def test_html(meet: Meet) -> None:
    answer = meet(FaultKind.HTML)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_empty(meet: Meet) -> None:
    answer = meet(FaultKind.EMPTY)
    assert (answer.status_code, answer.content) == (200, b"")


def test_another_day(
    meet: Meet, exchange: Exchange, client: requests.Session, true_body: bytes
) -> None:
    body = meet(FaultKind.ANOTHER_DAY).content
    exchange.faults = []
    yesterday = exchange.url + PATH.replace("11022026", "10022026")
    assert body == client.get(yesterday, timeout=5).content != true_body


def test_another_day_on_a_holiday(meet: Meet) -> None:
    body = meet(FaultKind.ANOTHER_DAY, PATH.replace("11022026", "26012026")).content
    assert {row[1] for row in table(body)[1:]} == {"23-01-2026"}


def test_another_day_of_flows(meet: Meet) -> None:
    rows = meet(FaultKind.ANOTHER_DAY, FLOW_API).json()
    assert {row["date"] for row in rows} == {"10-Feb-2026"}


def test_wrong_date(meet: Meet, true_body: bytes) -> None:
    body = meet(FaultKind.WRONG_DATE).content
    assert {row[1] for row in table(body)[1:]} == {"14-01-2026"}
    assert body.replace(b"14-01-2026", b"11-02-2026") == true_body
    rows = meet(FaultKind.WRONG_DATE, FLOW_API).json()
    assert {row["date"] for row in rows} == {"14-Jan-2026"}


def test_mixed_dates(meet: Meet) -> None:
    rows = table(meet(FaultKind.MIXED_DATES).content)[1:]
    assert [row[1] for row in rows][:3] == ["11-02-2026", "14-01-2026", "11-02-2026"]
    dates = [row["date"] for row in meet(FaultKind.MIXED_DATES, FLOW_API).json()]
    assert dates == ["11-Feb-2026", "14-Jan-2026"]


def test_renamed_column(meet: Meet, true_body: bytes) -> None:
    body = meet(FaultKind.RENAMED_COLUMN).content
    assert body == true_body.replace(b"Closing Index Value", b"Last Value")
    row = meet(FaultKind.RENAMED_COLUMN, FLOW_API).json()[0]
    assert "netValue" not in row
    assert "Last Value" in row


def test_missing_column(meet: Meet) -> None:
    header, *rows = table(meet(FaultKind.MISSING_COLUMN).content)
    assert set(INDEX_CLOSE_HEADER.split(",")) - set(header) == {"Closing Index Value"}
    assert {len(row) for row in rows} == {12}
    assert "netValue" not in meet(FaultKind.MISSING_COLUMN, FLOW_API).json()[0]


def test_extra_column(meet: Meet, true_body: bytes) -> None:
    rows = table(meet(FaultKind.EXTRA_COLUMN).content)
    assert [row[:-1] for row in rows] == table(true_body)
    assert rows[0][-1] == "Remarks"
    assert len(meet(FaultKind.EXTRA_COLUMN, FLOW_API).json()[0]) == 6


def test_duplicate_rows(meet: Meet, true_body: bytes) -> None:
    rows, true_rows = table(meet(FaultKind.DUPLICATE_ROWS).content), table(true_body)
    assert rows == true_rows + true_rows[1:4]


def test_conflicting_duplicates(meet: Meet, true_body: bytes) -> None:
    rows, true_rows = table(meet(FaultKind.CONFLICTING_DUPLICATES).content), table(true_body)
    assert rows[: len(true_rows)] == true_rows
    for added, first in zip(rows[len(true_rows) :], true_rows[1:4], strict=True):
        assert added[:2] == first[:2]
        assert float(added[5]) != float(first[5])
    flows = meet(FaultKind.CONFLICTING_DUPLICATES, FLOW_API).json()
    assert [row["category"] for row in flows] == ["DII", "FII/FPI"] * 2
    assert flows[0]["netValue"] != flows[2]["netValue"]


def test_negative(meet: Meet, true_body: bytes) -> None:
    rows = table(meet(FaultKind.NEGATIVE).content)
    assert float(rows[1][5]) < 0
    assert float(rows[2][3]) < float(rows[2][4])
    assert rows[3:] == table(true_body)[3:]
    flows = meet(FaultKind.NEGATIVE, FLOW_API).json()
    assert float(flows[0]["buyValue"]) < 0


def test_not_utf8(meet: Meet) -> None:
    body = meet(FaultKind.NOT_UTF8).content
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    assert "é" in body.decode("latin-1")


def test_bom(meet: Meet, true_body: bytes) -> None:
    assert meet(FaultKind.BOM).content == b"\xef\xbb\xbf" + true_body


def test_oversized(meet: Meet, exchange: Exchange) -> None:
    with meet(FaultKind.OVERSIZED) as answer:
        assert "Content-Length" not in answer.headers
        seen = 0
        for chunk in answer.iter_content(1 << 18):
            seen += len(chunk)
            if seen > 8 << 20:
                break
    assert seen > 8 << 20
    exchange.faults = []
    assert requests.get(exchange.url + PATH, timeout=5).status_code == 200


def test_oversized_ends_somewhere(meet: Meet) -> None:
    body = meet(FaultKind.OVERSIZED, size=1 << 20).content
    assert 1 << 20 <= len(body) < 2 << 20


def test_gzip_bomb(meet: Meet) -> None:
    with meet(FaultKind.GZIP_BOMB) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        seen = 0
        for chunk in answer.iter_content(1 << 20):
            assert not chunk.strip(b"\0")
            seen += len(chunk)
            if seen > 32 << 20:
                break
    assert seen > 32 << 20


def test_gzip_bomb_is_a_true_stream() -> None:
    size = (3 << 20) + 17
    packed = b"".join(gzip_zeros(size))
    assert len(packed) < size // 500
    assert zlib.decompress(packed, wbits=31) == bytes(size)


def test_zip_bomb(meet: Meet) -> None:
    answer = meet(FaultKind.ZIP_BOMB, size=8 << 20)
    assert answer.headers["Content-Type"] == "application/zip"
    assert len(answer.content) < 1 << 18
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.infolist()[0].file_size == 8 << 20


def test_holiday_list_and_history_can_be_spoiled(
    meet: Meet, exchange: Exchange, client: requests.Session
) -> None:
    holidays = meet(FaultKind.RENAMED_COLUMN, "/www.nseindia.com/api/holiday-master?type=trading")
    assert "Last Value" in holidays.json()["CM"][0]
    exchange.faults = [Fault("BackPage", FaultKind.DUPLICATE_ROWS)]
    info = {"startDate": "09-Feb-2026", "endDate": "11-Feb-2026", "indexName": "Nifty 50"}
    answer = client.post(
        f"{exchange.url}/niftyindices.com/BackPage/getTotalReturnIndexString",
        json={"cinfo": str(info)},
        timeout=5,
    )
    assert len(json.loads(answer.json()["d"])) == 6


def test_a_fault_that_does_not_apply_is_not_silent(meet: Meet) -> None:
    holidays = "/www.nseindia.com/api/holiday-master?type=trading"
    assert meet(FaultKind.ANOTHER_DAY, holidays).status_code == 501
    assert meet(FaultKind.NEGATIVE, holidays).status_code == 501


def test_a_fault_does_not_raise_the_dead(exchange: Exchange, client: requests.Session) -> None:
    exchange.now = datetime(2026, 2, 11, 12, tzinfo=IST)
    exchange.faults = [Fault("ind_close_all", FaultKind.BOM)]
    assert client.get(exchange.url + PATH, timeout=5).status_code == 404


def test_every_kind_has_a_test() -> None:
    tested = {name.removeprefix("test_") for name, value in globals().items() if callable(value)}
    refusals = {FaultKind.FORBIDDEN, FaultKind.TOO_MANY, FaultKind.UNAVAILABLE}
    assert {kind.value for kind in FaultKind if kind not in refusals} <= tested
