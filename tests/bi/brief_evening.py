"""A small warehouse made by hand, as a night would leave it: the brief's tests read it."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from tests.bi import evening_appetite as appetite
from tests.bi import evening_institutions as institutions
from tests.bi import evening_outside as outside
from tests.bi import evening_results as results
from tests.bi import evening_shares as shares
from tests.bi import evening_standing as standing
from transforms.metrics.tables import MART_TABLES
from warehouse.store import open_writer
from warehouse.tables import (
    SIGNAL_TABLES,
    TABLES,
    CheckResult,
    DayState,
    Evidence,
    EvidenceLeg,
    Fetch,
    IndexBar,
    IndexName,
    MacroObservation,
    Run,
    Table,
    TradingSession,
)
from warehouse.tables.table import schema
from warehouse.views import create_views

EVENING = date(2026, 2, 11)
KNOWN = datetime(2026, 2, 11, 14, 0, tzinfo=UTC)
GRADED = datetime(2026, 2, 11, 15, 30, tzinfo=UTC)
HOLES = frozenset({date(2025, 12, 15), date(2025, 12, 16)})
TITLES = {
    "nifty-50": ("Nifty 50", 25000.0, 0.0004),
    "nifty-midcap-100": ("NIFTY Midcap 100", 58000.0, 0.0006),
    "nifty-smallcap-100": ("NIFTY Smallcap 100", 17000.0, -0.0007),
}
MART = {table.table: table for table in (*MART_TABLES, *SIGNAL_TABLES)}
EVERY_TABLE = (*TABLES, *MART_TABLES)


def sessions(count: int = 300) -> list[date]:
    """The weekdays up to the evening, oldest first."""
    days = (EVENING - timedelta(days=back) for back in range(2 * count))
    return sorted([day for day in days if day.weekday() < 5][:count])


def frame(table: type[Table], rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """Rows in a table's own types; columns not given are null."""
    types = schema(table)
    given = list(rows)
    return pl.DataFrame(
        {name: [row.get(name) for row in given] for name in types}, schema=types, strict=False
    )


def claim(claim_id: str, grade: str, row: int, **others: Any) -> dict[str, Any]:
    """One graded claim."""
    return {
        "session_date": EVENING,
        "claim_id": claim_id,
        "definition_version": 1,
        "recorded_at": GRADED,
        "article_row": row,
        "statement": f"Statement of {claim_id}",
        "bearing": "rotation",
        "grade": grade,
        "value": 6.154,
        "unit": "percent",
        "window_sessions": 9,
        "percentile": 93.46,
        "low_percentile": "",
        "threshold": "percentile >= 80",
        "null_probability": 0.175,
        "null_model": "driftless walk from a 60-session low",
        "sample_size": 1412,
        "coverage_pct": 100.0,
        "reasons": "Percentile 93.4 is at or above 80.",
        "published_at": KNOWN,
        "sql": "SELECT return_9_pct FROM mart.index_momentum WHERE index_id = 'nifty-smallcap-100'",
        **others,
    }


def leg(claim_id: str, name: str, holds: bool | None, **others: Any) -> dict[str, Any]:
    """One leg of a claim."""
    return {
        "session_date": EVENING,
        "claim_id": claim_id,
        "definition_version": 1,
        "recorded_at": GRADED,
        "leg": name,
        "metric": "return_9_pct",
        "value": 6.154,
        "unit": "percent",
        "window_sessions": 9,
        "percentile": 93.46,
        "sample_size": 1412,
        "threshold": "percentile >= 80",
        "holds": holds,
        "missing": "",
        **others,
    }


CLAIMS = [
    claim("small_caps_rebound", "SUPPORTED", 1),
    claim("mid_caps_follow", "PARTLY", 2, value=5.3, percentile=71.0),
    claim(
        "bruising_year",
        "NOT SUPPORTED",
        4,
        bearing="background",
        value=-12.5,
        percentile=22.0,
        low_percentile="low is deep",
        null_probability=None,
    ),
    claim("foreigners_buy", "SUPPORTED", 5, value=2250.0, unit="Rs crore", percentile=91.2),
    claim(
        "earnings_strong",
        "UNTESTABLE",
        6,
        value=None,
        window_sessions=None,
        percentile=None,
        null_probability=None,
        sample_size=None,
        coverage_pct=0.0,
        published_at=None,
        reasons="No results are loaded: <quarterly_result> is missing.",
    ),
]
LEGS = [
    leg("small_caps_rebound", "Smallcap 100 over 9 sessions", True),
    leg("mid_caps_follow", "Midcap 100 over 9 sessions", False, value=5.3, percentile=71.0),
    leg("bruising_year", "Smallcap 100 below its high", False, value=-12.5, percentile=22.0),
    leg("foreigners_buy", "FII net over 9 sessions", True, value=2250.0, unit="Rs crore",
        percentile=91.2),
    leg("earnings_strong", "Surprises", None, value=None, percentile=None, sample_size=None,
        missing="quarterly results"),
]  # fmt: skip


def build(
    path: Path,
    *,
    origin: str = "simulated",
    claims: Iterable[dict[str, Any]] = tuple(CLAIMS),
    legs: Iterable[dict[str, Any]] = tuple(LEGS),
    with_flows: bool = True,
    with_levels: bool = True,
    with_results: bool = True,
    with_macro: bool = True,
    with_shares: bool = True,
    with_verdict: bool = True,
) -> Path:
    """Write the warehouse file and return its path."""
    parts = {"flows": with_flows, "levels": with_levels, "results": with_results}
    parts |= {"macro": with_macro, "shares": with_shares, "verdict": with_verdict}
    path.write_bytes(_ungraded(origin, frozenset(name for name, is_in in parts.items() if is_in)))
    with open_writer(path, EVERY_TABLE) as store:
        store.append(Evidence, frame(Evidence, claims))
        store.append(EvidenceLeg, frame(EvidenceLeg, legs))
        store.checkpoint()
    return path


@cache
def _ungraded(origin: str, parts: frozenset[str]) -> bytes:
    """The evening without its claims: to write it costs more than most tests of it."""
    days = sessions()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ungraded.duckdb"
        with open_writer(path, EVERY_TABLE) as store:
            store.append(Run, frame(Run, [_run(origin)]))
            store.replace(TradingSession, frame(TradingSession, _sessions(days)))
            store.replace(DayState, frame(DayState, _states(days)))
            store.append(Fetch, frame(Fetch, [_fetch(origin)]))
            store.replace(CheckResult, frame(CheckResult, _checks()))
            marts = {"mart.index_momentum": _momentum(days)} if "levels" in parts else {}
            if "levels" in parts:
                store.replace(IndexName, frame(IndexName, _names(days)))
                store.append(IndexBar, frame(IndexBar, _bars(days)))
            if "flows" in parts:
                marts |= institutions.marts(days, HOLES)
            if "results" in parts:
                marts["mart.earnings"] = results.earnings(days)
            if "macro" in parts:
                marts |= outside.marts(EVENING)
                observed = outside.observations(EVENING, KNOWN, GRADED)
                store.append(MacroObservation, frame(MacroObservation, observed))
            if "shares" in parts:
                marts |= shares.marts(days, HOLES)
                for table, found in shares.core(days).items():
                    store.append(table, frame(table, found))
            if "verdict" in parts:
                marts |= standing.marts(days) | appetite.marts(days)
            for name, rows in marts.items():
                store.replace(MART[name], frame(MART[name], rows))
            create_views(store)
            store.checkpoint()
        return path.read_bytes()


def _run(origin: str) -> dict[str, Any]:
    return {
        "run_id": "2026-02-11T15:30:00Z nightly",
        "command": "nightly",
        "started_at": GRADED,
        "origin": origin,
        "is_derived": True,
        "riskon_version": "0.1.0",
    }


def _sessions(days: list[date]) -> list[dict[str, Any]]:
    return [
        {
            "session_date": day,
            "session_number": number,
            "previous_session_date": days[number - 2] if number > 1 else None,
            "kind": "full",
            "is_short": False,
            "basis": "evidence",
            "reason": "",
        }
        for number, day in enumerate(days, start=1)
    ]


def _names(days: list[date]) -> list[dict[str, Any]]:
    return [
        {
            "index_name": title,
            "index_id": index_id,
            "index_title": title,
            "first_session": days[0],
            "last_session": days[-1],
            "proof": "same name",
            "detail": "Published under its title",
        }
        for index_id, (title, _, _) in TITLES.items()
    ]


def _bars(days: list[date]) -> list[dict[str, Any]]:
    return [
        {
            "session_date": day,
            "index_name": title,
            "return_variant": variant,
            "source_id": "nse_index_close",
            "close": round(level * factor * (1 + drift) ** number, 2),
            "published_at": KNOWN,
            "published_basis": "schedule",
            "recorded_at": GRADED,
            "file_id": 1,
        }
        for title, level, drift in TITLES.values()
        for variant, factor in (("price", 1.0), ("total_return", 7.0))
        for number, day in enumerate(days)
        if day not in HOLES
    ]


def _momentum(days: list[date]) -> list[dict[str, Any]]:
    return [
        {
            "session_date": day,
            "index_id": index_id,
            "run_started_on": days[0],
            "drawdown_252_pct": None if number < 251 else -10.0 + math.sin(number),
        }
        for index_id in TITLES
        for number, day in enumerate(days)
    ]


def _states(days: list[date]) -> list[dict[str, Any]]:
    def state(source: str, day: date, word: str, file: int | None, detail: str) -> dict[str, Any]:
        return {
            "source_id": source,
            "session_date": day,
            "state": word,
            "is_settled": word == "loaded",
            "asked": 2,
            "last_asked_at": GRADED,
            "file_id": file,
            "detail": detail,
        }

    expected = "expected the figures of 11-Feb-2026 by 19:45; got those of 10-Feb-2026"
    return [
        *(state("nse_index_close", day, "loaded", 1, "") for day in days[-12:]),
        *(state("nse_fii_dii", day, "loaded", 1, "") for day in days[-12:-1]),
        state("nse_fii_dii", EVENING, "late", None, expected),
        state("nse_holidays", days[-3], "loaded", 1, ""),
    ]


def _fetch(origin: str) -> dict[str, Any]:
    host = "https://nsearchives.nseindia.com" if origin == "real" else "http://127.0.0.1:8080"
    return {
        "fetch_id": 1,
        "run_id": "2026-02-11T15:30:00Z nightly",
        "source_id": "nse_index_close",
        "session_date": EVENING,
        "url": f"{host}/content/indices/ind_close_all_11022026.csv",
        "fetched_at": GRADED,
        "is_imported": False,
        "status": 200,
        "outcome": "landed",
        "file_id": 1,
        "sha256": "ab" * 32,
        "size_bytes": 12345,
        "path": "ab/abab",
        "load_state": "loaded",
        "content_date": EVENING,
        "rows_loaded": 138,
        "rows_rejected": 1,
        "stated": "",
        "detail": "",
    }


def _checks() -> list[dict[str, Any]]:
    return [
        {
            "check_id": "one_bar_a_session",
            "severity": "warn",
            "statement": "Every session has a bar of every index",
            "offending_rows": 6,
            "first_rows": '[{"session_date":"2025-12-15"}]',
        },
        {
            "check_id": "keys_are_unique",
            "severity": "stop",
            "statement": "No key stands twice",
            "offending_rows": 0,
            "first_rows": "[]",
        },
    ]
