"""For each check of filings and series: rows it lets pass, and rows of which it finds so many."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.warehouse.check_cases_of_flows import SEEN, Rows
from warehouse.tables import Filing, IndexMember, MacroObservation, QuarterlyResult

QUARTER_END = date(2025, 12, 31)


def filing(**other: Any) -> dict[str, Any]:
    facts = {"source_id": "nse_results", "filing_id": "1", "symbol": "ABC", "company_name": "Abc"}
    more = {"period_end": QUARTER_END, "basis": "consolidated", "is_revision": False}
    told = {"broadcast_at": SEEN["published_at"], "document": "a.xml", "document_url": "x/a.xml"}
    return {**facts, **more, **told, **SEEN, **other}


def result(revenue: str = "1000", end: date = QUARTER_END, **other: Any) -> dict[str, Any]:
    facts = {"document": f"{end}.xml", "period": "quarter", "symbol": "ABC", "isin": "INE1"}
    more = {"format": "ind_as", "taxonomy": "t", "basis": "consolidated"}
    days = {"period_start": (end - timedelta(days=80)).replace(day=1), "period_end": end}
    return {**facts, **more, **days, "revenue_inr": Decimal(revenue), **SEEN, **other}


def year(revenue: str) -> dict[str, Any]:
    days = {"period_start": date(2024, 4, 1), "document": "year.xml", "period": "year_to_date"}
    return result(revenue, date(2025, 3, 31), **days)


def value(day: int, number: str | None = "1", **other: Any) -> dict[str, Any]:
    facts = {"series_id": "DGS2", "frequency": "daily", "source_id": "fred"}
    on = date(2026, 1, 1) + timedelta(days=day)
    told = {"observation_date": on, "value": None if number is None else Decimal(number)}
    return {**facts, **told, **SEEN, **other}


def member(isin: str, file_id: int = 7, **other: Any) -> tuple[type[IndexMember], dict[str, Any]]:
    facts = {"list_id": "nifty-50", "seen_on": QUARTER_END, "isin": isin, "symbol": isin}
    names = {"company_name": "Abc Ltd.", "industry": "Power", "series": "EQ"}
    return IndexMember, {**facts, **names, **SEEN, "file_id": file_id, **other}


def results(*rows: dict[str, Any]) -> Rows:
    return [(QuarterlyResult, row) for row in rows]


def values(*rows: dict[str, Any]) -> Rows:
    return [(MacroObservation, row) for row in rows]


QUARTERS = [date(2024, 6, 30), date(2024, 9, 30), date(2024, 12, 31), date(2025, 3, 31)]
FILING_CASES: dict[str, list[tuple[Rows, int]]] = {
    "document_is_of_its_filing": [
        ([(Filing, filing()), (QuarterlyResult, result(document="a.xml"))], 0),
        ([(Filing, filing()), (QuarterlyResult, result(document="a.xml", basis="standalone"))], 1),
        ([(Filing, filing()), (QuarterlyResult, result("1", QUARTERS[1], document="a.xml"))], 1),
        ([(Filing, filing()), (QuarterlyResult, result(basis="standalone"))], 0),
    ],
    "quarters_are_the_year": [
        (results(*(result("250", end) for end in QUARTERS), year("1000")), 0),
        (results(*(result("250", end) for end in QUARTERS), year("1100")), 1),
        (results(*(result("250", end) for end in QUARTERS[1:]), year("1100")), 0),
    ],
    "figures_in_rupees": [
        (results(result("999", QUARTERS[2]), result("1", QUARTERS[3])), 0),
        (results(result("1000", QUARTERS[2]), result("1", QUARTERS[3])), 1),
        (results(result("1000", QUARTERS[2]), result("1", QUARTERS[3], basis="standalone")), 0),
    ],
    "series_without_hole": [
        (values(value(0), value(10)), 0),
        (values(value(0), value(11)), 1),
        (values(value(0), value(5, None), value(11)), 1),
        (values(*(value(day, frequency="monthly") for day in (0, 31))), 0),
    ],
    "list_seen_once": [
        ([member("INE1"), member("INE2")], 0),
        ([member("INE1"), member("INE2", 8, seen_on=QUARTERS[0])], 0),
        ([member("INE1"), member("INE2", 8, list_id="nifty-500")], 0),
        ([member("INE1"), member("INE2"), member("INE3", 8)], 1),
    ],
}
