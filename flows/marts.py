"""Marts by subject: core rows read once, pure transforms, rows to write."""

from __future__ import annotations

from datetime import date

import polars as pl

from transforms.companies import companies, latest_names
from transforms.metrics.company_results import company_results
from transforms.metrics.earnings import earnings, evening
from transforms.metrics.earnings_tables import Company, CompanyResult, Earnings, Quality
from transforms.metrics.flow_balance import flow_balance
from transforms.metrics.flow_rows import flow_rows
from transforms.metrics.flow_surprise import flow_surprise
from transforms.metrics.flow_tables import (
    Flow,
    FlowBalance,
    FlowSurprise,
    ParticipantPosition,
    SectorFlow,
)
from transforms.metrics.flows_of_funds import flow
from transforms.metrics.macro import macro
from transforms.metrics.macro_tables import IndexValuation, Macro
from transforms.metrics.positioning import participant_position
from transforms.metrics.quality import quality
from transforms.metrics.sector_flows import sector_flow
from transforms.metrics.valuation import index_valuation
from transforms.quarters import quarters
from warehouse import tables as core
from warehouse.ddl import twin
from warehouse.store import Warehouse
from warehouse.tables.table import Table, schema

Rows = dict[type[Table], pl.DataFrame]

VALUATIONS = """
    SELECT session_date, index_name, return_variant, source_id, price_to_earnings, price_to_book,
           dividend_yield_pct
    FROM core.index_bar
    WHERE coalesce(price_to_earnings, price_to_book, dividend_yield_pct) IS NOT NULL
"""


def flow_marts(warehouse: Warehouse, sessions: pl.DataFrame) -> Rows:
    """What institutions bought, sold and hold."""
    rows = flow_rows(
        warehouse.read_table(core.InstitutionalFlow),
        warehouse.read_table(core.CategoryTurnover),
        warehouse.read_table(core.DepositoryFlow),
        sessions,
    )
    flows = flow(rows, sessions)
    superseded = warehouse.read(f"FROM {twin(core.InstitutionalFlow)}")
    return {
        Flow: flows,
        FlowBalance: flow_balance(flows, sessions),
        FlowSurprise: flow_surprise(rows, superseded, sessions),
        ParticipantPosition: participant_position(
            warehouse.read_table(core.ParticipantContracts), sessions
        ),
        SectorFlow: sector_flow(warehouse.read_table(core.SectorFlow)),
    }


def world_marts(
    warehouse: Warehouse, sessions: pl.DataFrame, names: pl.DataFrame, series: pl.DataFrame
) -> Rows:
    """Rates and prices from outside the exchange, and what its indices cost."""
    closes = series.select("index_id", "session_date", "close")
    return {
        Macro: macro(warehouse.read_table(core.MacroObservation), sessions, closes),
        IndexValuation: index_valuation(warehouse.read(VALUATIONS), names, sessions),
    }


def result_marts(
    warehouse: Warehouse,
    sessions: pl.DataFrame,
    since: date | None,
    memberships: pl.DataFrame | None = None,
) -> tuple[Rows, date | None]:
    """Companies and their results, and the session from which mart.earnings has rows here.

    Args:
        warehouse: core is read from it, and which companies its marts know.
        sessions: `session_date` of every trading session.
        since: sessions before it stand as they are stored; null is none of them.
        memberships: rows of core.index_membership.

    Returns:
        the rows, and `since`, null where companies came to be other ones.
    """
    filings = warehouse.read_table(core.Filing)
    results = warehouse.read_table(core.QuarterlyResult)
    members = warehouse.read_table(core.IndexMember)
    named = companies(filings, results, members)
    known = latest_names(named)
    identity = ["company_id", "industry"]
    stored = warehouse.read_table(Company).select(identity)
    if stored.join(known, on=identity, how="anti", nulls_equal=True).height:
        since = None
    vintages = quarters(filings, results, named)
    told = company_results(vintages)
    drawn = quality(vintages, members, named, sessions, since)
    # A cross-section of quality is drawn once: those before stand.
    kept = warehouse.read_table(Quality).join(drawn, on="quarter_end", how="anti")
    return {
        Company: known,
        CompanyResult: told,
        Earnings: earnings(told, members, named, sessions, since, memberships=memberships),
        Quality: drawn if since is None else pl.concat([kept, drawn.select(kept.columns)]),
    }, since


def published(warehouse: Warehouse, sessions: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """When the world could know what each session's claims stand on: the frame of `Inputs`."""
    of_session = warehouse.read(
        """
        SELECT 'index' AS subject, session_date, max(published_at) AS published_at
        FROM core.index_bar WHERE return_variant = 'price' GROUP BY ALL
        UNION ALL
        SELECT 'flow', session_date, max(published_at) FROM core.institutional_flow GROUP BY ALL
        UNION ALL
        SELECT 'shares', session_date, max(published_at) FROM core.equity_bar GROUP BY ALL
        """
    )
    instants = {
        "final flow": rows[Flow].filter(stage="final")["published_at"],
        "earnings": rows[CompanyResult]["known_from"],
        "macro": warehouse.read("SELECT DISTINCT published_at FROM core.macro_observation")[
            "published_at"
        ],
    }
    by_evening = sessions.select("session_date", instant=evening(pl.col("session_date"))).sort(
        "instant"
    )
    last_known = [
        by_evening.join_asof(
            known.drop_nulls().unique().sort().dt.cast_time_unit("us").to_frame("published_at"),
            left_on=pl.col("instant").dt.cast_time_unit("us"),
            right_on="published_at",
            coalesce=False,
        )
        .drop_nulls("published_at")
        .select(pl.lit(subject).alias("subject"), "session_date", "published_at")
        for subject, known in instants.items()
    ]
    return pl.concat([of_session.cast(last_known[0].schema), *last_known])


def in_stored_order(rows: Rows) -> Rows:
    """The same rows with the columns of their tables, in stored order."""
    return {table: frame.select(list(schema(table))) for table, frame in rows.items()}
