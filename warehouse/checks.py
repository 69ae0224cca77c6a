"""Checks across rows: each returns the rows that offend; a severe one stops publication."""

from __future__ import annotations

from datetime import date

import polars as pl

from warehouse.check import SINCE, Check
from warehouse.checks_of_filings import FILING_CHECKS
from warehouse.checks_of_flows import FLOW_CHECKS
from warehouse.checks_of_shares import SHARE_CHECKS
from warehouse.checks_of_verdict import VERDICT_CHECKS
from warehouse.store import Warehouse
from warehouse.tables import CheckResult
from warehouse.tables.table import Table, key, schema

ROWS_SHOWN = 5


def _rows(table: type[Table]) -> str:
    """The rows of a table that a check looks at."""
    return f"{table.table} WHERE session_date >= {SINCE}" if table.is_large else table.table


def key_check(table: type[Table]) -> Check:
    """No two rows of a table share its key: DuckDB is told of no key, so it is checked here."""
    names = ", ".join(f'"{name}"' for name in key(table))
    return Check(
        f"key_{table.table.replace('.', '_')}",
        "stop",
        f"one row of {table.table} for each {names.replace(chr(34), '')}",
        f"SELECT {names}, count(*) AS rows FROM {_rows(table)} GROUP BY ALL HAVING count(*) > 1",
    )


CHECKS: tuple[Check, ...] = (
    *FLOW_CHECKS,
    *FILING_CHECKS,
    *SHARE_CHECKS,
    *VERDICT_CHECKS,
    Check(
        "sources_agree",
        "warn",
        "two products that state the same index and session close within 0.1%",
        """
        SELECT a.session_date, n.index_id, a.source_id, a.close, b.source_id AS other_source_id,
               b.close AS other_close
        FROM core.index_bar a JOIN core.index_name n USING (index_name)
        JOIN core.index_name m ON m.index_id = n.index_id
        JOIN core.index_bar b ON b.index_name = m.index_name AND b.session_date = a.session_date
          AND b.return_variant = a.return_variant AND a.source_id < b.source_id
        WHERE abs(a.close - b.close) > 0.001 * a.close
        ORDER BY a.session_date, n.index_id
        """,
    ),
    Check(
        "one_series_an_index",
        "stop",
        "two names of one index never close differently in the same session and product",
        """
        SELECT session_date, index_id, return_variant, source_id,
          list(index_name ORDER BY index_name) AS index_names
        FROM core.index_bar JOIN core.index_name USING (index_name)
        GROUP BY ALL HAVING count(DISTINCT close) > 1 ORDER BY session_date, index_id
        """,
    ),
    Check(
        "rename_meets",
        "stop",
        "where a declared rename falls inside the data, the closing values meet",
        """
        SELECT * FROM core.index_seam WHERE NOT proven ORDER BY new_session
        """,
    ),
    Check(
        "jump_explained",
        "warn",
        "no index moves more than 25% in a session, but volatility and sums of dividends do",
        """
        SELECT index_id, session_date, return_1_pct FROM mart.index_momentum
        WHERE abs(return_1_pct) > 25 AND index_id NOT LIKE '%vix%'
          AND index_id NOT LIKE '%dividend-points%' ORDER BY session_date, index_id
        """,
    ),
    Check(
        "holiday_list_agrees",
        "warn",
        "a date the exchange lists as a holiday is none of its sessions, Muhurat aside",
        """
        SELECT h.session_date, h.description, s.kind FROM core.listed_holiday h
        JOIN core.trading_session s USING (session_date)
        WHERE s.kind <> 'muhurat' ORDER BY h.session_date
        """,
    ),
    Check(
        "evidence_is_whole",
        "stop",
        "every session has a grade for every claim that is defined",
        """
        SELECT s.session_date, d.definition_id AS claim_id
        FROM core.trading_session s, ops.definition d
        WHERE d.kind = 'claim' AND NOT EXISTS (
          SELECT 1 FROM mart.evidence e WHERE e.session_date = s.session_date
            AND e.claim_id = d.definition_id AND e.definition_version = d.version)
        ORDER BY ALL
        """,
    ),
)


def nan_check(table: type[Table]) -> Check | None:
    """No stored number is NaN or infinite: DuckDB and Polars order NaN above everything."""
    floats = [name for name, dtype in schema(table).items() if dtype.is_float()]
    if not floats:
        return None
    bad = " OR ".join(f'NOT isfinite("{name}")' for name in floats)
    names = ", ".join(f'"{name}"' for name in key(table))
    return Check(
        f"finite_{table.table.replace('.', '_')}",
        "stop",
        f"every number in {table.table} is finite or null",
        f"SELECT {names} FROM (FROM {_rows(table)}) WHERE {bad}",
    )


def run_checks(
    warehouse: Warehouse, tables: tuple[type[Table], ...], since: date | None = None
) -> pl.DataFrame:
    """Run every check; one row of ops.check_result each.

    Args:
        warehouse: what is checked.
        tables: whose keys and numbers are checked.
        since: of large tables, look at this session and later ones alone; None for all.
    """
    checks = [*CHECKS, *(key_check(table) for table in tables)]
    checks += [check for check in map(nan_check, tables) if check is not None]
    rows = []
    for check in checks:
        found = warehouse.read(
            f"SELECT *, count(*) OVER () AS all_ FROM ({check.query(since)}) "
            f"ORDER BY ALL LIMIT {ROWS_SHOWN}"
        )
        total = int(found["all_"][0]) if found.height else 0
        rows.append(
            {
                "check_id": check.id,
                "severity": check.severity,
                "statement": check.statement,
                "offending_rows": total,
                "first_rows": found.drop("all_").write_json() if total else "[]",
            }
        )
    return pl.DataFrame(rows, schema=pl.Schema(schema(CheckResult)))


def severe(results: pl.DataFrame) -> pl.DataFrame:
    """The results that stop publication."""
    return results.filter((pl.col("severity") == "stop") & (pl.col("offending_rows") > 0))
