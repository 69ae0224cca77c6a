"""Friendly views for BI tools and people: `bi.*`, one name a thing, the latest of everything."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.ddl import quoted
from warehouse.store import Warehouse


@dataclass(frozen=True)
class View:
    """A view and its meaning."""

    name: str
    meaning: str
    sql: str


VIEWS: tuple[View, ...] = (
    View(
        "bi.evidence",
        "Every claim's grade for every session, as last graded.",
        """
        SELECT * EXCLUDE (null_model, published_at, sql), null_model, published_at, sql
        FROM mart.evidence QUALIFY row_number() OVER (
          PARTITION BY session_date, claim_id
          ORDER BY definition_version DESC, recorded_at DESC) = 1
        """,
    ),
    View(
        "bi.evidence_leg",
        "The legs of every claim's last grade.",
        """
        SELECT l.* FROM mart.evidence_leg l
        JOIN bi.evidence e USING (session_date, claim_id, definition_version, recorded_at)
        """,
    ),
    View(
        "bi.index_momentum",
        "Closes and momentum of every index, with the name to show.",
        """
        SELECT n.index_title, b.close, m.*
        FROM mart.index_momentum m
        JOIN (SELECT DISTINCT index_id, index_title FROM core.index_name) n USING (index_id)
        JOIN (SELECT session_date, index_id, arg_min(close, source_id <> 'nse_index_close') AS close
              FROM core.index_bar JOIN core.index_name USING (index_name)
              WHERE return_variant = 'price' GROUP BY ALL) b USING (session_date, index_id)
        """,
    ),
    View(
        "bi.flow",
        "Institutional flows and their sums, FII beside DII, one row a session and scope.",
        """
        SELECT session_date, scope, stage,
          max(net_crore) FILTER (participant = 'FII') AS fii_net_crore,
          max(net_crore) FILTER (participant = 'DII') AS dii_net_crore,
          max(net_sum_5_crore) FILTER (participant = 'FII') AS fii_net_sum_5_crore,
          max(net_sum_10_crore) FILTER (participant = 'FII') AS fii_net_sum_10_crore,
          max(net_sum_20_crore) FILTER (participant = 'FII') AS fii_net_sum_20_crore,
          max(net_sum_20_crore) FILTER (participant = 'DII') AS dii_net_sum_20_crore,
          max(streak_sessions) FILTER (participant = 'FII') AS fii_streak_sessions,
          max(financial_year_net_crore) FILTER (participant = 'FII')
            AS fii_financial_year_net_crore,
          bool_or(is_imported) AS is_imported
        FROM mart.flow GROUP BY ALL
        """,
    ),
    View(
        "bi.data_health",
        "Where every source stands for every session, the troubled ones first.",
        """
        SELECT session_date, source_id, state, is_settled, asked, last_asked_at, detail
        FROM ops.day_state
        ORDER BY state IN ('loaded', 'holiday'), session_date DESC, source_id
        """,
    ),
    View(
        "bi.dictionary",
        "Every column of the warehouse with its meaning and unit.",
        """
        SELECT schema_name || '.' || table_name AS table_name, column_name, data_type, comment
        FROM duckdb_columns() WHERE schema_name IN ('core', 'mart', 'ops', 'bi') AND NOT internal
        ORDER BY ALL
        """,
    ),
)


def create_views(warehouse: Warehouse) -> None:
    """Create or replace every view, and say what it means."""
    for view in VIEWS:
        warehouse.execute(f"CREATE OR REPLACE VIEW {view.name} AS {view.sql}")
        warehouse.execute(f"COMMENT ON VIEW {view.name} IS {quoted(view.meaning)}")
