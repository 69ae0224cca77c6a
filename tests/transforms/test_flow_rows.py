"""The series of flows that core's tables give, by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from transforms.metrics.flow_rows import flow_rows
from transforms.metrics.flows_of_funds import flow
from warehouse.tables.flows import (
    CLIENT_CATEGORIES,
    CategoryTurnover,
    DepositoryFlow,
    InstitutionalFlow,
)
from warehouse.tables.table import Table, schema

# Thursday, Friday, Monday, Tuesday of an invented September.
THURSDAY, FRIDAY = date(2025, 9, 4), date(2025, 9, 5)
MONDAY, TUESDAY = date(2025, 9, 8), date(2025, 9, 9)
SESSIONS = pl.DataFrame({"session_date": [THURSDAY, FRIDAY, MONDAY, TUESDAY]})


def at(day: date, hour: int = 13) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def frame(table: type[Table], rows: Sequence[dict[str, Any]], day_column: str) -> pl.DataFrame:
    """Core rows; what a test does not say is left null."""
    columns = schema(table)
    whole = [{"published_at": at(row[day_column]), **row} for row in rows]
    return pl.DataFrame(
        [{name: row.get(name) for name in columns} for row in whole], schema=columns
    )


def told(
    day: date,
    net: float,
    participant: str = "FII",
    scope: str = "NSE+BSE+MSEI",
    source: str = "nse_fii_dii",
    **others: Any,
) -> dict[str, Any]:
    return {
        "session_date": day,
        "participant": participant,
        "scope": scope,
        "stage": "provisional",
        "source_id": source,
        "buy_crore": Decimal("100"),
        "sell_crore": Decimal("100") - Decimal(str(net)),
        "net_crore": Decimal(str(net)),
        "is_imported": False,
        **others,
    }


def traded(day: date, category: str, buy: float, sell: float) -> dict[str, Any]:
    return {
        "session_date": day,
        "category": category,
        "source_id": "nse_category_turnover",
        "buy_crore": Decimal(str(buy)),
        "sell_crore": Decimal(str(sell)),
        "net_crore": Decimal(str(buy)) - Decimal(str(sell)),
    }


def report(
    day: date, bought: float, sold: float, source: str = "nsdl_fpi_latest", **others: Any
) -> dict[str, Any]:
    return {
        "reporting_date": day,
        "asset_class": "equity",
        "route": "stock_exchange",
        "source_id": source,
        "purchases_crore": Decimal(str(bought)),
        "sales_crore": Decimal(str(sold)),
        "net_crore": Decimal(str(bought)) - Decimal(str(sold)),
        **others,
    }


def series(
    institutional: Sequence[dict[str, Any]] = (),
    categories: Sequence[dict[str, Any]] = (),
    depository: Sequence[dict[str, Any]] = (),
    sessions: pl.DataFrame = SESSIONS,
) -> pl.DataFrame:
    return flow_rows(
        frame(InstitutionalFlow, institutional, "session_date"),
        frame(CategoryTurnover, categories, "session_date"),
        frame(DepositoryFlow, depository, "reporting_date"),
        sessions,
    ).sort("session_date", "participant", "scope", "stage")


def nets(rows: pl.DataFrame, **chosen: str) -> dict[date, float]:
    kept = rows.filter(**chosen)
    return {day: float(net) for day, net in kept.select("session_date", "net_crore").iter_rows()}


def test_foreign_and_domestic_together_only_where_both_are() -> None:
    rows = series(
        [
            told(FRIDAY, 10),
            told(FRIDAY, -4, "DII"),
            told(FRIDAY, 7, "DII", scope="NSE"),
            told(MONDAY, 5),
        ]
    )
    both = rows.filter(participant="FII+DII")
    assert both.rows(named=True)[0] | {"published_at": None} == {
        "session_date": FRIDAY,
        "participant": "FII+DII",
        "scope": "NSE+BSE+MSEI",
        "stage": "provisional",
        "source_id": "nse_fii_dii",
        "is_imported": False,
        "buy_crore": Decimal("200.00"),
        "sell_crore": Decimal("194.00"),
        "net_crore": Decimal("6.00"),
        "published_at": None,
        "turnover_crore": None,
    }
    assert both.height == 1


def test_the_sum_is_out_when_its_later_half_is_and_imported_if_one_is() -> None:
    rows = series(
        [
            told(FRIDAY, 10, published_at=at(FRIDAY, 13)),
            told(FRIDAY, -4, "DII", published_at=at(FRIDAY, 15), is_imported=True),
        ]
    )
    both = rows.filter(participant="FII+DII").row(0, named=True)
    assert (both["published_at"], both["is_imported"]) == (at(FRIDAY, 15), True)


def test_one_source_stands_before_halves_are_added() -> None:
    rows = series(
        [
            told(FRIDAY, 10),
            told(FRIDAY, 99, source="imported_flow", is_imported=True),
            told(FRIDAY, 1, "DII"),
        ]
    )
    assert nets(rows, participant="FII+DII") == {FRIDAY: 11}
    assert not rows.select("session_date", "participant", "scope", "stage").is_duplicated().any()


def test_domestic_institutions_are_what_the_exchange_counts_as_such() -> None:
    rows = series(
        categories=[
            traded(FRIDAY, "Bank", 10, 4),
            traded(FRIDAY, " Insurance Companies ", 20, 5),
            traded(FRIDAY, "MUTUAL FUNDS", 100, 40),
            traded(FRIDAY, "N.P.S", 3, 1),
            traded(FRIDAY, "AIF", 1000, 0),
            traded(FRIDAY, "PMS", 0, 1000),
            traded(FRIDAY, "FII/FPI", 50, 80),
        ]
    )
    # 6 + 15 + 60; "n p s" is no name known, AIF and PMS are none of them.
    assert nets(rows, participant="DII", scope="NSE", stage="final") == {FRIDAY: 81}
    assert nets(rows, participant="FII", scope="NSE", stage="final") == {FRIDAY: -30}
    assert nets(rows, participant="FII+DII", scope="NSE", stage="final") == {FRIDAY: 51}
    assert rows["is_imported"].to_list() == [False] * 3


def test_a_sheet_that_counts_funds_among_others_has_no_domestic_row() -> None:
    rows = series(
        categories=[
            traded(THURSDAY, "BNK", 10, 4),
            traded(THURSDAY, "DFI", 1, 2),
            traded(THURSDAY, "PRO-TRADES", 500, 520),
            traded(THURSDAY, "OTHERS", 900, 885),
        ]
    )
    assert rows.is_empty()


def test_a_sheet_with_the_sum_itself_is_not_counted_twice() -> None:
    rows = series(
        categories=[
            traded(FRIDAY, "DII", 110, 40),
            traded(FRIDAY, "Mutual Funds", 100, 40),
            traded(FRIDAY, "Banks", 10, 0),
        ]
    )
    assert nets(rows, participant="DII") == {FRIDAY: 70}


def test_turnover_is_known_where_purchases_are_sales() -> None:
    whole = [
        traded(FRIDAY, "Mutual Funds", 100, 40),
        traded(FRIDAY, "FPI", 50.01, 90.00),
        traded(FRIDAY, "Others", 60, 80),
    ]
    part = [traded(MONDAY, "Mutual Funds", 100, 40), traded(MONDAY, "FPI", 50, 90)]
    rows = series(
        [told(FRIDAY, 3, scope="NSE"), told(FRIDAY, 3), told(MONDAY, 3, scope="NSE")],
        [*whole, *part],
    )
    known = {
        (day, scope): turnover
        for day, scope, turnover in rows.filter(pl.col("turnover_crore").is_not_null())
        .select("session_date", "scope", "turnover_crore")
        .iter_rows()
    }
    # A hundredth more is bought than sold: each category is rounded for itself.
    assert known == {(FRIDAY, "NSE"): Decimal("210.01")}
    assert rows.filter(session_date=FRIDAY, scope="NSE")["turnover_crore"].null_count() == 0


def test_a_published_total_is_the_turnover_and_no_category() -> None:
    rows = series(
        [told(FRIDAY, 3, scope="NSE")],
        [
            traded(FRIDAY, "Mutual Funds", 100, 40),
            traded(FRIDAY, "Retail", 50, 110),
            traded(FRIDAY, "Total", 400, 400),
        ],
    )
    assert set(rows["turnover_crore"]) == {Decimal("400.00")}
    assert nets(rows, participant="DII") == {FRIDAY: 60}


def test_names_are_declared_as_they_are_compared() -> None:
    for name in CLIENT_CATEGORIES:
        assert re.sub(r"[^a-z]+", " ", name.lower()).strip() == name


def test_a_report_holds_the_trades_of_the_session_before_it() -> None:
    rows = series(depository=[report(FRIDAY, 30, 10), report(MONDAY, 5, 9), report(TUESDAY, 1, 0)])
    assert nets(rows, scope="depository", stage="final", participant="FII") == {
        THURSDAY: 20,
        FRIDAY: -4,
        MONDAY: 1,
    }
    assert rows["buy_crore"].to_list() == [Decimal("30"), Decimal("5"), Decimal("1")]
    assert rows["published_at"].to_list() == [at(FRIDAY), at(MONDAY), at(TUESDAY)]


def test_only_equity_on_exchanges_counts() -> None:
    rows = series(
        depository=[
            report(FRIDAY, 30, 10),
            report(FRIDAY, 900, 0, route="primary_market"),
            report(FRIDAY, 930, 10, route="sub_total"),
            report(FRIDAY, 500, 0, asset_class="debt_general"),
        ]
    )
    assert nets(rows) == {THURSDAY: 20}


def test_two_reports_on_one_session_are_added() -> None:
    saturday = FRIDAY + timedelta(days=1)
    rows = series(depository=[report(saturday, 7, 1), report(MONDAY, 5, 9)])
    assert nets(rows) == {FRIDAY: 2}
    assert rows["published_at"].to_list() == [at(MONDAY)]


def test_after_the_last_session_only_the_first_report_is_surely_its_own() -> None:
    wednesday, thursday = TUESDAY + timedelta(days=1), TUESDAY + timedelta(days=2)
    late = [report(wednesday, 7, 1), report(thursday, 500, 0)]
    assert nets(series(depository=late)) == {TUESDAY: 6}
    grown = pl.DataFrame({"session_date": [TUESDAY, wednesday]})
    assert nets(series(depository=late, sessions=grown)) == {TUESDAY: 6, wednesday: 500}


def test_a_report_far_from_any_session_belongs_to_none() -> None:
    assert series(depository=[report(TUESDAY + timedelta(days=8), 7, 1)]).is_empty()
    assert series(depository=[report(THURSDAY, 7, 1)]).is_empty()  # before the first session


def test_the_page_of_the_day_stands_before_the_archive() -> None:
    rows = series(
        depository=[
            report(FRIDAY, 30, 10, "nsdl_fpi_archive"),
            report(FRIDAY, 31, 10, "nsdl_fpi_latest"),
            report(FRIDAY, 99, 0, "a_re_saved_copy"),
            report(MONDAY, 5, 1, "nsdl_fpi_archive"),
        ]
    )
    assert nets(rows) == {THURSDAY: 21, FRIDAY: 4}


def test_no_rows_give_no_series() -> None:
    assert flow(series(), SESSIONS).is_empty()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_is_irrelevant(seed: int) -> None:
    days = SESSIONS["session_date"].to_list()
    institutional = frame(
        InstitutionalFlow,
        [told(day, n, who) for n, day in enumerate(days) for who in ("FII", "DII")],
        "session_date",
    )
    categories = frame(
        CategoryTurnover,
        [traded(day, name, 5, 5) for day in days for name in ("FPI", "Bank", "Mutual Funds")],
        "session_date",
    )
    depository = frame(
        DepositoryFlow, [report(day + timedelta(days=1), 3, 1) for day in days], "reporting_date"
    )
    once = flow_rows(institutional, categories, depository, SESSIONS)
    again = flow_rows(
        institutional.sample(fraction=1, shuffle=True, seed=seed),
        categories.sample(fraction=1, shuffle=True, seed=seed),
        depository.reverse(),
        SESSIONS.reverse(),
    )
    key = ["session_date", "participant", "scope", "stage"]
    assert once.sort(key).equals(again.sort(key))
    assert once.height == 4 * 3 * 2 + 4
