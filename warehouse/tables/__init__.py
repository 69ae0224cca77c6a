"""One class is one table; no connection. Tables of metrics are built by `transforms.metrics`."""

from warehouse.tables.market import (
    IndexBar,
    IndexName,
    IndexSeam,
    InstitutionalFlow,
    ListedHoliday,
    TradingSession,
)
from warehouse.tables.operations import (
    CheckResult,
    DayState,
    Definition,
    Fetch,
    RejectedRow,
    Run,
)
from warehouse.tables.table import Table
from warehouse.tables.verdict import Evidence, EvidenceLeg

__all__ = [
    "TABLES",
    "CheckResult",
    "DayState",
    "Definition",
    "Evidence",
    "EvidenceLeg",
    "Fetch",
    "IndexBar",
    "IndexName",
    "IndexSeam",
    "InstitutionalFlow",
    "ListedHoliday",
    "RejectedRow",
    "Run",
    "Table",
    "TradingSession",
]

TABLES: tuple[type[Table], ...] = (
    TradingSession,
    ListedHoliday,
    IndexBar,
    IndexName,
    IndexSeam,
    InstitutionalFlow,
    Evidence,
    EvidenceLeg,
    Run,
    Fetch,
    DayState,
    RejectedRow,
    CheckResult,
    Definition,
)
