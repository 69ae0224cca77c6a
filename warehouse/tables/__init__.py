"""One class is one table; no connection. Tables of metrics are built by `transforms.metrics`."""

from warehouse.tables.flows import (
    CategoryTurnover,
    DepositoryFlow,
    DepositoryPeriod,
    InstitutionalFlow,
    ParticipantContracts,
    SectorFlow,
)
from warehouse.tables.market import (
    IndexBar,
    IndexName,
    IndexSeam,
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
from warehouse.tables.reference import IndexMember, MacroObservation, SymbolChange
from warehouse.tables.results import Filing, QuarterlyResult
from warehouse.tables.table import Table
from warehouse.tables.verdict import Evidence, EvidenceLeg

__all__ = [
    "TABLES",
    "CategoryTurnover",
    "CheckResult",
    "DayState",
    "Definition",
    "DepositoryFlow",
    "DepositoryPeriod",
    "Evidence",
    "EvidenceLeg",
    "Fetch",
    "Filing",
    "IndexBar",
    "IndexMember",
    "IndexName",
    "IndexSeam",
    "InstitutionalFlow",
    "ListedHoliday",
    "MacroObservation",
    "ParticipantContracts",
    "QuarterlyResult",
    "RejectedRow",
    "Run",
    "SectorFlow",
    "SymbolChange",
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
    CategoryTurnover,
    DepositoryFlow,
    DepositoryPeriod,
    SectorFlow,
    ParticipantContracts,
    IndexMember,
    SymbolChange,
    MacroObservation,
    Filing,
    QuarterlyResult,
    Evidence,
    EvidenceLeg,
    Run,
    Fetch,
    DayState,
    RejectedRow,
    CheckResult,
    Definition,
)
