"""For each check of flows: rows that it lets pass, and rows of which it finds so many."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from warehouse.tables import (
    CategoryTurnover,
    DepositoryFlow,
    DepositoryPeriod,
    InstitutionalFlow,
    ParticipantContracts,
    SectorFlow,
    TradingSession,
)
from warehouse.tables.table import Table, schema

Rows = list[tuple[type[Table], dict[str, Any]]]
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 2, day) for day in (9, 10, 11))
SEEN = {
    "published_at": datetime(2026, 2, 11, 13, tzinfo=UTC),
    "published_basis": "header",
    "recorded_at": datetime(2026, 2, 11, 14, tzinfo=UTC),
    "file_id": 1,
}


def session(day: date, kind: str = "full") -> dict[str, Any]:
    return {
        "session_date": day,
        "session_number": day.day,
        "kind": kind,
        "is_short": False,
        "basis": "evidence",
        "reason": "Weekday",
    }


def flow(net: str, day: date = TUESDAY, **other: Any) -> dict[str, Any]:
    facts = {"session_date": day, "participant": "FII", "scope": "NSE", "stage": "provisional"}
    more = {"source_id": "nse_fii_dii", "net_crore": Decimal(net), "is_imported": False}
    return {**facts, **more, **SEEN, **other}


def depository(
    asset_class: str, route: str, bought: str, sold: str, day: date = TUESDAY, **other: Any
) -> dict[str, Any]:
    net = Decimal(bought) - Decimal(sold)
    figures = {"purchases_crore": Decimal(bought), "sales_crore": Decimal(sold), "net_crore": net}
    facts = {"reporting_date": day, "asset_class": asset_class, "route": route}
    return {**facts, "source_id": "nsdl_fpi_latest", **figures, **SEEN, **other}


def report(day: date = TUESDAY, **other: Any) -> Rows:
    """A whole report: equity on two routes, hybrid on one."""
    rows = [
        depository("equity", "stock_exchange", "100", "90", day),
        depository("equity", "primary_market", "5", "1", day),
        depository("equity", "sub_total", "105", "91", day),
        depository("hybrid", "stock_exchange", "2", "1", day),
        depository("hybrid", "sub_total", "2", "1", day),
        depository("total", "total", "107", "92", day),
    ]
    return [(DepositoryFlow, row | other) for row in rows]


def changed(rows: Rows, number: int, **figures: str) -> Rows:
    told = {name: Decimal(figure) for name, figure in figures.items()}
    return [(table, row | (told if i == number else {})) for i, (table, row) in enumerate(rows)]


def month(net: str) -> dict[str, Any]:
    days = {"period_start": date(2026, 1, 1), "period_end": date(2026, 1, 31)}
    facts = {"period": "month", "asset_class": "equity", "source_id": "nsdl_fpi_periods"}
    return {**facts, **days, "net_crore": Decimal(net), **SEEN}


def sector(name: str, net: str, end: date) -> dict[str, Any]:
    facts = {"fortnight_end": end, "sector": name, "asset_class": "equity", "source_id": "s"}
    return {**facts, "net_crore": Decimal(net), **SEEN}


def turnover(category: str, bought: str, sold: str) -> dict[str, Any]:
    net = Decimal(bought) - Decimal(sold)
    figures = {"buy_crore": Decimal(bought), "sell_crore": Decimal(sold), "net_crore": net}
    facts = {"session_date": TUESDAY, "category": category, "source_id": "c"}
    return {**facts, **figures, **SEEN}


def contracts(participant: str, long: int, short: int, **other: int) -> dict[str, Any]:
    counted = [name for name in schema(ParticipantContracts) if name.endswith("_contracts")]
    facts = {"session_date": TUESDAY, "participant": participant, "measure": "open_interest"}
    told = {"total_long_contracts": long, "total_short_contracts": short}
    return {**facts, "source_id": "o", **dict.fromkeys(counted, 0), **told, **SEEN, **other}


def held(*rows: tuple[str, int, int]) -> Rows:
    return [(ParticipantContracts, contracts(*row)) for row in rows]


def traded(*rows: tuple[str, str, str]) -> Rows:
    return [(CategoryTurnover, turnover(*row)) for row in rows]


JANUARY = [date(2026, 1, 30), date(2026, 1, 31)]
FLOW_CASES: dict[str, list[tuple[Rows, int]]] = {
    "flow_on_session": [
        (
            [
                *((TradingSession, session(day)) for day in (MONDAY, TUESDAY, WEDNESDAY)),
                (InstitutionalFlow, flow("1")),
            ],
            0,
        ),
        # History that reaches further back than any index file counts nowhere: it is told.
        ([(TradingSession, session(MONDAY)), (InstitutionalFlow, flow("1", date(2015, 1, 1)))], 1),
        (
            [
                *((TradingSession, session(day)) for day in (MONDAY, WEDNESDAY)),
                (InstitutionalFlow, flow("1")),
            ],
            1,
        ),
    ],
    "flow_not_repeated": [
        ([(InstitutionalFlow, flow("1", MONDAY)), (InstitutionalFlow, flow("2"))], 0),
        ([(InstitutionalFlow, flow("0", MONDAY)), (InstitutionalFlow, flow("0"))], 0),
        ([(InstitutionalFlow, flow("1", MONDAY)), (InstitutionalFlow, flow("1"))], 1),
    ],
    "flow_sources_agree": [
        (
            [
                (InstitutionalFlow, flow("1")),
                (InstitutionalFlow, flow("1.01", source_id="i", is_imported=True)),
                (InstitutionalFlow, flow("9", source_id="i", is_imported=True, scope="unstated")),
            ],
            0,
        ),
        (
            [
                (InstitutionalFlow, flow("1")),
                (InstitutionalFlow, flow("1.02", source_id="i", is_imported=True)),
            ],
            1,
        ),
    ],
    "flow_day_and_month": [
        (
            [
                (TradingSession, session(date(2015, 4, 1))),
                (InstitutionalFlow, flow("1", date(2015, 4, 1))),
                (InstitutionalFlow, flow("2", date(2015, 1, 4))),
            ],
            0,
        ),
        (
            [
                (TradingSession, session(date(2015, 4, 1))),
                (InstitutionalFlow, flow("209.87", date(2015, 1, 4))),
            ],
            1,
        ),
        # Nothing is known of the days after the last session held.
        (
            [
                (TradingSession, session(date(2015, 1, 4))),
                (InstitutionalFlow, flow("209.87", date(2015, 4, 1))),
            ],
            0,
        ),
    ],
    "flow_whole": [
        (
            [
                *((TradingSession, session(day)) for day in (MONDAY, TUESDAY)),
                *((InstitutionalFlow, flow("1", day)) for day in (MONDAY, TUESDAY)),
            ],
            0,
        ),
        (
            [
                *((TradingSession, session(day)) for day in (MONDAY, TUESDAY, WEDNESDAY)),
                *((InstitutionalFlow, flow("1", day)) for day in (MONDAY, WEDNESDAY)),
                (InstitutionalFlow, flow("1", scope="unstated")),
            ],
            1,
        ),
    ],
    "depository_adds_up": [
        (report(), 0),
        (changed(report(), 0, net_crore="12"), 2),
        (changed(report(), 5, net_crore="16", purchases_crore="108"), 1),
    ],
    "depository_not_repeated": [
        (
            [
                (DepositoryFlow, depository("equity", "stock_exchange", "100", "90", MONDAY)),
                (DepositoryFlow, depository("equity", "stock_exchange", "100", "91")),
            ],
            0,
        ),
        ([*report(MONDAY), *report()], 1),
    ],
    "depository_month_is_its_days": [
        (
            [
                *((TradingSession, session(day)) for day in JANUARY),
                *(row for day in (*JANUARY, TUESDAY) for row in report(day)),
                (DepositoryPeriod, month("28")),
            ],
            0,
        ),
        (
            [
                *((TradingSession, session(day)) for day in JANUARY),
                *(row for day in (*JANUARY, TUESDAY) for row in report(day)),
                (DepositoryPeriod, month("280")),
            ],
            1,
        ),
        # A session without a report, so the sum cannot be the month.
        (
            [
                *((TradingSession, session(day)) for day in (*JANUARY, date(2026, 1, 29))),
                *(row for day in (*JANUARY, TUESDAY) for row in report(day)),
                (DepositoryPeriod, month("280")),
            ],
            0,
        ),
    ],
    "sectors_are_the_month": [
        (
            [
                (DepositoryPeriod, month("-35962")),
                (SectorFlow, sector("Metals", "-19014", date(2026, 1, 15))),
                (SectorFlow, sector("Metals", "-16946", date(2026, 1, 31))),
            ],
            0,
        ),
        (
            [
                (DepositoryPeriod, month("-35962")),
                (SectorFlow, sector("Metals", "19014", date(2026, 1, 15))),
                (SectorFlow, sector("Metals", "-16946", date(2026, 1, 31))),
            ],
            1,
        ),
        ([(DepositoryPeriod, month("9")), (SectorFlow, sector("M", "900", date(2026, 1, 15)))], 0),
    ],
    "turnover_has_two_sides": [
        (traded(("FPI", "9", "7"), ("Others", "5", "7")), 0),
        (traded(("FPI", "9", "7"), ("Others", "5", "9"), ("Total", "14", "16")), 1),
        (traded(("Bank", "9", "7"), ("MF", "5", "9")), 0),
    ],
    "category_is_known": [
        (traded(("MUTUAL FUNDS", "9", "7"), ("Pro-Trades", "1", "1"), ("FII / FPI", "1", "1")), 0),
        (traded(("Family offices", "9", "7")), 1),
    ],
    "contracts_add_up": [
        (held(("FII", 3, 5), ("Client", 5, 3), ("TOTAL", 8, 8)), 0),
        (held(("FII", 3, 5), ("Client", 5, 3), ("TOTAL", 12, 12)), 0),
        (held(("FII", 3, 5), ("Client", 5, 3), ("TOTAL", 13, 13)), 1),
        (held(("FII", 3, 5), ("TOTAL", 3, 5)), 1),
    ],
}
