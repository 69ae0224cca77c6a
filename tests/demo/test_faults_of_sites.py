"""The other publishers misbehave on request as the exchange does."""

from __future__ import annotations

import re

import pytest
import requests

from flows.demo.exchange import Exchange
from flows.demo.wire.faults import Fault, FaultKind

NSDL = "www.fpi.nsdl.co.in/web"
ARCHIVES = "nsearchives.nseindia.com"
LATEST = f"{NSDL}/Reports/Latest.aspx"
SECTORS = (
    f"{NSDL}/StaticReports/Fortnightly_Sector_wise_FII_Investment_Data"
    "/FIIInvestSector_Jan312026.html"
)
YEARS = f"{NSDL}/Reports/Yearwise.aspx?RptType=6"
CATEGORIES = f"{ARCHIVES}/archives/equities/cat/cat_turnover_100226.xls"
PARTICIPANTS = f"{ARCHIVES}/content/nsccl/fao_participant_oi_11022026.csv"
FRED = "fred.stlouisfed.org/graph/fredgraph.csv?id=DGS2&cosd=2026-01-05"
MEMBERS = f"{ARCHIVES}/content/indices/ind_niftytotalmarket_list.csv"
EVERY = (LATEST, SECTORS, YEARS, CATEGORIES, PARTICIPANTS, FRED, MEMBERS)


def both(exchange: Exchange, path: str, kind: FaultKind) -> tuple[bytes, requests.Response]:
    """The true body, and the answer under a fault."""
    true = requests.get(f"{exchange.url}/{path}", timeout=10)
    assert true.status_code == 200, path
    exchange.faults.append(Fault(re.escape(path), kind))
    return true.content, requests.get(f"{exchange.url}/{path}", timeout=10)


@pytest.mark.parametrize("path", EVERY)
def test_refusals_and_web_pages(exchange: Exchange, path: str) -> None:
    _, refused = both(exchange, path, FaultKind.FORBIDDEN)
    assert refused.status_code == 403
    exchange.faults[:] = [Fault(re.escape(path), FaultKind.HTML)]
    shown = requests.get(f"{exchange.url}/{path}", timeout=10)
    assert shown.status_code == 200
    assert b"Access Denied" in shown.content


@pytest.mark.parametrize("path", EVERY)
def test_another_day_is_another_body(exchange: Exchange, path: str) -> None:
    true, other = both(exchange, path, FaultKind.ANOTHER_DAY)
    assert other.status_code == 200
    assert other.content
    assert other.content != true


@pytest.mark.parametrize("path", [LATEST, CATEGORIES, PARTICIPANTS, MEMBERS])
def test_truncated(exchange: Exchange, path: str) -> None:
    assert requests.get(f"{exchange.url}/{path}", timeout=10).ok
    exchange.faults.append(Fault(re.escape(path), FaultKind.TRUNCATED))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(f"{exchange.url}/{path}", timeout=10)


@pytest.mark.parametrize(
    ("path", "kind", "gone", "come"),
    [
        (LATEST, FaultKind.RENAMED_COLUMN, b"Net Investment (Rs. Crore)", b"Last Value"),
        (LATEST, FaultKind.WRONG_DATE, b"11-Feb-2026", b"14-Jan-2026"),
        (SECTORS, FaultKind.RENAMED_COLUMN, b"IN INR Cr.", b"Last Value"),
        (SECTORS, FaultKind.WRONG_DATE, b"AUC as on January 31, 2026", b"January 03, 2026"),
        (YEARS, FaultKind.RENAMED_COLUMN, b"INR crores", b"Last Value"),
        (PARTICIPANTS, FaultKind.RENAMED_COLUMN, b"Future Index Long", b"Last Value"),
        (PARTICIPANTS, FaultKind.WRONG_DATE, b"Feb 11, 2026", b"Jan 14, 2026"),
        (PARTICIPANTS, FaultKind.MISSING_COLUMN, b"Future Index Long", b"Future Index Short"),
        (FRED, FaultKind.RENAMED_COLUMN, b",DGS2\n", b",Last Value\n"),
        (FRED, FaultKind.WRONG_DATE, b"2026-02-09,", b"2026-01-12,"),
        (MEMBERS, FaultKind.RENAMED_COLUMN, b"ISIN Code", b"Last Value"),
        (MEMBERS, FaultKind.NOT_UTF8, b"\xc3", b"\xe9"),
    ],
)
def test_nearly_right(
    exchange: Exchange, path: str, kind: FaultKind, gone: bytes, come: bytes
) -> None:
    true, other = both(exchange, path, kind)
    assert other.status_code == 200
    assert come in other.content
    assert gone not in other.content
    assert gone in true or kind is FaultKind.NOT_UTF8


def test_the_title_stays_above_the_header(exchange: Exchange) -> None:
    true, other = both(exchange, PARTICIPANTS, FaultKind.EXTRA_COLUMN)
    assert other.content.splitlines()[0] == true.splitlines()[0]
    assert other.content.splitlines()[1] == true.splitlines()[1] + b",Remarks"


@pytest.mark.parametrize(
    ("path", "kind"),
    [(CATEGORIES, FaultKind.RENAMED_COLUMN), (MEMBERS, FaultKind.WRONG_DATE)],
)
def test_what_cannot_be_acted_out_is_said(exchange: Exchange, path: str, kind: FaultKind) -> None:
    _, answer = both(exchange, path, kind)
    assert answer.status_code == 501
