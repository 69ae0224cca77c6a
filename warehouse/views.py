"""Friendly views for BI tools and people: `bi.*`, one name a thing, the latest of everything."""

from __future__ import annotations

from warehouse.ddl import quoted
from warehouse.store import Warehouse
from warehouse.view import Macro, View
from warehouse.views_of_shares import SHARE_MACROS, SHARE_VIEWS
from warehouse.views_of_verdict import VERDICT_VIEWS

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
        "Institutional flows and their sums, FII beside DII, provisional beside final: one row a "
        "session, scope and stage. fii_final_net_crore is the depository's count of that session, "
        "known an evening later.",
        """
        SELECT f.*, d.net_crore AS fii_final_net_crore, s.surprise_crore, b.absorption_20_pct
        FROM (SELECT session_date, scope, stage,
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
          FROM mart.flow GROUP BY ALL) f
        LEFT JOIN mart.flow d ON d.session_date = f.session_date
          AND d.participant = 'FII' AND d.scope = 'depository' AND d.stage = 'final'
        LEFT JOIN mart.flow_surprise s ON s.session_date = f.session_date
          AND f.scope = 'NSE+BSE+MSEI' AND f.stage = 'provisional'
        LEFT JOIN mart.flow_balance b
          ON (b.session_date, b.scope, b.stage) = (f.session_date, f.scope, f.stage)
        """,
    ),
    View(
        "bi.participant_position",
        "Open futures of each kind of participant: context only, index futures hedge large shares.",
        """
        SELECT session_date, participant, 100 * index_future_long_share AS index_future_long_pct,
          * EXCLUDE (session_date, participant)
        FROM mart.participant_position
        """,
    ),
    View(
        "bi.earnings",
        "Results of every list of companies as each evening knew them; diffusion is a proxy from "
        "each company's own past, no analyst's estimate.",
        "SELECT universe_title, * EXCLUDE (universe_title) FROM mart.earnings",
    ),
    View(
        "bi.season",
        "The season's latest evening of every list: the market first, then indices, then sectors.",
        """
        SELECT * FROM bi.earnings
        QUALIFY row_number() OVER (PARTITION BY universe ORDER BY session_date DESC) = 1
        ORDER BY list_position(['market', 'index', 'tier', 'sector'], universe_kind), universe
        """,
    ),
    View(
        "bi.company_result",
        "Companies' quarters beside the year before, with the name and industry last seen.",
        """
        SELECT c.company_title, c.isin, c.industry, r.* FROM mart.company_result r
        LEFT JOIN mart.company c USING (company_id)
        """,
    ),
    *SHARE_VIEWS,
    *VERDICT_VIEWS,
    View(
        "bi.macro",
        "What each evening knew of each series from outside the exchange, with where it came from.",
        """
        SELECT o.source_ids, m.* FROM mart.macro m
        LEFT JOIN (SELECT series_id, observation_date,
            string_agg(DISTINCT source_id, ', ' ORDER BY source_id) AS source_ids
          FROM core.macro_observation GROUP BY ALL) o USING (series_id, observation_date)
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


MACROS: tuple[Macro, ...] = SHARE_MACROS


def create_views(warehouse: Warehouse) -> None:
    """Create or replace every view and macro, and say what it means."""
    for view in VIEWS:
        warehouse.execute(f"CREATE OR REPLACE VIEW {view.name} AS {view.sql}")
        warehouse.execute(f"COMMENT ON VIEW {view.name} IS {quoted(view.meaning)}")
    for macro in MACROS:
        warehouse.execute(macro.create)
        warehouse.execute(f"COMMENT ON MACRO TABLE {macro.name} IS {quoted(macro.meaning)}")
