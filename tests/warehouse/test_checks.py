"""Every check finds the rows that offend, and nothing where all is well."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tests.warehouse.check_cases_of_filings import FILING_CASES
from tests.warehouse.check_cases_of_flows import (
    FLOW_CASES,
    MONDAY,
    SEEN,
    TUESDAY,
    WEDNESDAY,
    Rows,
    session,
)
from tests.warehouse.check_cases_of_shares import SHARE_CASES
from tests.warehouse.check_cases_of_verdict import VERDICT_CASES
from transforms.metrics.tables import MART_TABLES, IndexMomentum
from warehouse.checks import CHECKS, key_check, nan_check, run_checks, severe
from warehouse.store import Warehouse
from warehouse.tables import (
    TABLES,
    Definition,
    Evidence,
    IndexBar,
    IndexName,
    IndexSeam,
    ListedHoliday,
    TradingSession,
)
from warehouse.tables.table import Table, schema

Made = Callable[..., pl.DataFrame]
ALL_TABLES = (*TABLES, *MART_TABLES)


def put(warehouse: Warehouse, table: type[Table], *rows: dict[str, Any]) -> None:
    warehouse.append(table, pl.DataFrame(rows, schema=pl.Schema(schema(table))))


def bar(close: str, source: str = "nse_index_close", **other: Any) -> dict[str, Any]:
    facts = {"session_date": TUESDAY, "index_name": "Nifty 50", "return_variant": "price"}
    return {**facts, "source_id": source, "close": Decimal(close), **SEEN, **other}


def name(index_name: str) -> dict[str, Any]:
    facts = {"index_id": "nifty-50", "index_title": "Nifty 50", "proof": "same name"}
    days = {"first_session": MONDAY, "last_session": TUESDAY}
    return {"index_name": index_name, **facts, **days, "detail": ""}


def seam(proven: bool | None) -> dict[str, Any]:
    names = {"index_id": "i", "old_name": "A", "new_name": "B", "source_id": "x"}
    days = {"old_session": MONDAY, "new_session": TUESDAY}
    return {**names, **days, "return_variant": "price", "proven": proven, "detail": ""}


def momentum(return_pct: float, index_id: str = "nifty-50") -> dict[str, Any]:
    facts = {"session_date": TUESDAY, "index_id": index_id, "run_started_on": MONDAY}
    return {**facts, "return_1_pct": return_pct}


def claim() -> dict[str, Any]:
    words = ("subject", "name", "unit", "meaning", "citation")
    return {
        "kind": "claim",
        "definition_id": "rises",
        "version": 2,
        **dict.fromkeys(words, "x"),
    }


def verdict(version: int) -> dict[str, Any]:
    words = (
        "statement",
        "unit",
        "low_percentile",
        "threshold",
        "null_model",
        "reasons",
        "sql",
    )
    return {
        "session_date": TUESDAY,
        "claim_id": "rises",
        "definition_version": version,
        "recorded_at": SEEN["recorded_at"],
        "article_row": 1,
        "bearing": "rotation",
        "grade": "SUPPORTED",
        **dict.fromkeys(words, "x"),
    }


def holiday() -> dict[str, Any]:
    return {"session_date": TUESDAY, "description": "Holi", **SEEN}


# For each check: rows that it lets pass, and rows of which it finds so many.
CASES: dict[str, list[tuple[Rows, int]]] = {
    **FLOW_CASES,
    **FILING_CASES,
    **SHARE_CASES,
    **VERDICT_CASES,
    "sources_agree": [
        ([(IndexName, name("Nifty 50")), (IndexBar, bar("100")), (IndexBar, bar("100.1", "b"))], 0),
        ([(IndexName, name("Nifty 50")), (IndexBar, bar("100")), (IndexBar, bar("100.2", "b"))], 1),
        (
            [
                (IndexName, name("Nifty 50")),
                (IndexBar, bar("100")),
                (IndexBar, bar("300", "b", return_variant="total_return")),
            ],
            0,
        ),
    ],
    "one_series_an_index": [
        (
            [
                *((IndexName, name(each)) for each in ("Nifty 50", "NIFTY 50")),
                (IndexBar, bar("100")),
                (IndexBar, bar("100", index_name="NIFTY 50")),
            ],
            0,
        ),
        (
            [
                *((IndexName, name(each)) for each in ("Nifty 50", "NIFTY 50")),
                (IndexBar, bar("100")),
                (IndexBar, bar("101", index_name="NIFTY 50")),
            ],
            1,
        ),
    ],
    "rename_meets": [
        ([(IndexSeam, seam(True))], 0),
        ([(IndexSeam, seam(None))], 0),
        ([(IndexSeam, seam(False))], 1),
    ],
    "jump_explained": [
        ([(IndexMomentum, momentum(25)), (IndexMomentum, momentum(40, "india-vix"))], 0),
        ([(IndexMomentum, momentum(25.1)), (IndexMomentum, momentum(-30, "other"))], 2),
    ],
    "holiday_list_agrees": [
        ([(ListedHoliday, holiday()), (TradingSession, session(TUESDAY, "muhurat"))], 0),
        ([(ListedHoliday, holiday()), (TradingSession, session(WEDNESDAY))], 0),
        ([(ListedHoliday, holiday()), (TradingSession, session(TUESDAY))], 1),
    ],
    "evidence_is_whole": [
        (
            [
                (TradingSession, session(TUESDAY)),
                (Definition, claim()),
                (Evidence, verdict(2)),
            ],
            0,
        ),
        ([(TradingSession, session(TUESDAY)), (Definition, claim() | {"kind": "metric"})], 0),
        ([(TradingSession, session(TUESDAY)), (Definition, claim())], 1),
        (
            [
                (TradingSession, session(TUESDAY)),
                (Definition, claim()),
                (Evidence, verdict(1)),
            ],
            1,
        ),
    ],
}


def test_every_declared_check_has_its_cases() -> None:
    assert set(CASES) == {check.id for check in CHECKS}
    for check_id, cases in CASES.items():
        assert any(count == 0 for _, count in cases), check_id
        assert any(count > 0 for _, count in cases), check_id


@pytest.mark.parametrize(
    ("check_id", "rows", "count"),
    [(check_id, *case) for check_id, cases in CASES.items() for case in cases],
)
def test_a_check_finds_what_offends(
    warehouse: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
    check_id: str,
    rows: Rows,
    count: int,
) -> None:
    # The others would cost a second a case.
    alone = tuple(check for check in CHECKS if check.id == check_id)
    monkeypatch.setattr("warehouse.checks.CHECKS", alone)
    for table in dict.fromkeys(table for table, _ in rows):
        put(warehouse, table, *(row for of, row in rows if of is table))
    results = run_checks(warehouse, ())
    result = results.row(by_predicate=pl.col("check_id") == check_id, named=True)
    assert result["offending_rows"] == count
    assert (result["first_rows"] == "[]") is (count == 0)
    stops = check_id in severe(results)["check_id"]
    assert stops is (count > 0 and result["severity"] == "stop")


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.table)
def test_a_key_that_comes_twice_stops_publication(
    warehouse: Warehouse, rows: Made, table: type[Table]
) -> None:
    warehouse.append(table, rows(table, 3))
    check = key_check(table)
    assert warehouse.read(check.query()).is_empty()
    # Behind the back of the store, which would not take it.
    warehouse.execute(f"INSERT INTO {table.table} SELECT * FROM {table.table} LIMIT 2")
    assert warehouse.read(check.query()).height == 2
    assert check.severity == "stop"
    day = schema(table).get("session_date")
    if table.is_large and day is not None:
        last = warehouse.read(f"SELECT max(session_date) FROM {table.table}").row(0)[0]
        assert warehouse.read(check.query(last + timedelta(days=1))).is_empty()


@pytest.mark.parametrize("number", ["'NaN'", "'Infinity'", "'-Infinity'"])
def test_a_number_that_is_none_stops_publication(
    warehouse: Warehouse, rows: Made, number: str
) -> None:
    check = nan_check(IndexMomentum)
    assert check is not None
    warehouse.append(IndexMomentum, rows(IndexMomentum, 3))
    assert warehouse.read(check.sql).is_empty()
    warehouse.execute(
        f"UPDATE mart.index_momentum SET return_5_pct = {number} WHERE index_id LIKE '% 2'"
    )
    assert warehouse.read(check.sql).height == 1
    assert check.severity == "stop"


def test_tables_without_numbers_need_no_such_check() -> None:
    assert nan_check(ListedHoliday) is None


def test_the_first_rows_are_shown_and_all_are_counted(warehouse: Warehouse) -> None:
    put(warehouse, IndexMomentum, *(momentum(30 + n, f"index-{n}") for n in range(9)))
    results = run_checks(warehouse, ())
    result = results.row(by_predicate=pl.col("check_id") == "jump_explained", named=True)
    assert result["offending_rows"] == 9
    assert result["first_rows"].count("index_id") == 5
    assert "index-0" in result["first_rows"]


def test_an_empty_warehouse_offends_nobody(warehouse: Warehouse) -> None:
    results = run_checks(warehouse, ALL_TABLES)
    assert results["offending_rows"].sum() == 0
    assert results["check_id"].is_unique().all()
