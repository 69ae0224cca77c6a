"""Derive: core to mart, one read of the store, pure transforms, one write."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import polars as pl

from flows.calendar import expected_frame, table_years
from flows.landing import RunRecord
from flows.states import Known, day_states
from transforms.identity import index_names, seams
from transforms.metrics.flows_of_funds import flow
from transforms.metrics.momentum import index_momentum
from transforms.metrics.tables import METRICS, Flow, IndexMomentum
from transforms.series import index_series
from transforms.sessions import evidence_from_history, implied_absences, trading_sessions
from transforms.signals.claim import Inputs
from transforms.signals.claims import CLAIMS
from transforms.signals.evidence import evidence
from warehouse.store import Warehouse
from warehouse.tables import (
    DayState,
    Definition,
    Evidence,
    EvidenceLeg,
    IndexName,
    IndexSeam,
    TradingSession,
)
from warehouse.tables.table import Table, key, schema

BARS = """
    SELECT session_date, index_name, return_variant, source_id, open, high, low, close,
           points_change, change_pct
    FROM core.index_bar
"""
ABSENT = """
    SELECT session_date, detail FROM ops.day_state
    WHERE source_id = ? AND state = 'holiday' AND is_settled
"""
PROOF = "nse_index_close"
"""The source whose dated file proves a session."""
DOCUMENTS = "nse_result_document"
"""The source of the documents that core.filing names."""
DOCUMENT_FATES = """
    SELECT f.*, d.asked, d.fetched_at, d.detail, CASE
      WHEN f.document IN (SELECT document FROM core.quarterly_result) THEN 'loaded'
      WHEN d.outcome IN ('landed', 'unchanged', 'malformed') THEN 'refused'
      WHEN d.outcome = 'absent' THEN 'absent' WHEN d.outcome IS NOT NULL THEN 'failed' END AS fate
    FROM (SELECT DISTINCT ON (document_url) * FROM core.filing WHERE document_url IS NOT NULL
          ORDER BY document_url, broadcast_at) f
    LEFT JOIN (
      SELECT url, outcome, load_state, detail, fetched_at, count(*) OVER (PARTITION BY url) AS asked
      FROM ops.fetch WHERE source_id = $1
      QUALIFY row_number() OVER (PARTITION BY url ORDER BY outcome = 'landed' DESC, fetched_at DESC)
        = 1) d ON d.url = f.document_url
"""
"""Filings that name a document, each with what became of it."""


def derive(warehouse: Warehouse, run: RunRecord) -> None:
    """Recompute everything that follows from core, in one transaction, at the run's instant.

    Marts and states are replaced whole; evidence grows by the rows whose grade or figures are new.
    Where the run brought nothing new, only the states move on.
    """
    news = warehouse.read(
        "SELECT 1 FROM ops.fetch WHERE run_id = ? AND load_state = 'loaded' LIMIT 1", [run.run_id]
    )
    bars = warehouse.read(BARS) if news.height else news
    if bars.is_empty():
        with warehouse.transaction():
            absent = dict(warehouse.read(ABSENT, [PROOF]).iter_rows())
            _states(warehouse, run.started_at, absent)
            _mark_derived(warehouse, run)
        return
    sessions, absent_days = _sessions(bars)
    names = index_names(bars.select("index_name", "session_date"), bars)
    defined = definitions()
    since = _first_change(warehouse, run, sessions, names, defined)
    series = index_series(bars, names, sessions).drop("source_id")
    fresh = index_momentum(series, sessions.select("session_date"), since)
    fresh = fresh.select(list(schema(IndexMomentum)))
    kept = warehouse.read(
        "FROM mart.index_momentum WHERE session_date < ? AND index_id IN "
        "(SELECT unnest(?::VARCHAR[]))",
        [since, sorted({index_id for claim in CLAIMS for index_id in claim.indices})],
    )
    flows = flow(warehouse.read("FROM core.institutional_flow"), sessions)
    verdicts, legs = evidence(
        Inputs(
            sessions=sessions,
            series=series,
            momentum=pl.concat([kept, fresh]) if since else fresh,
            flow=flows,
            published=_published(warehouse),
        )
    )
    with warehouse.transaction():
        warehouse.replace(TradingSession, sessions)
        warehouse.replace(IndexName, names)
        warehouse.replace(IndexSeam, seams(bars, names))
        warehouse.replace_since(IndexMomentum, fresh, since)
        warehouse.replace(Flow, flows)
        _grow(warehouse, verdicts, legs, run.started_at)
        warehouse.replace(Definition, defined)
        absent = dict(absent_days.select("session_date", "reason").iter_rows())
        _states(warehouse, run.started_at, absent)
        _mark_derived(warehouse, run)


def _first_change(
    warehouse: Warehouse,
    run: RunRecord,
    sessions: pl.DataFrame,
    names: pl.DataFrame,
    defined: pl.DataFrame,
) -> date | None:
    """The first session whose momentum may differ from what is stored; null: all of it may.

    No metric looks ahead, so rows before the first bar that came or changed stand. They do not
    where an old date became a session or ceased to be one, where a name came to mean another
    index, or where a formula changed. The last session is always computed anew.
    """
    before = warehouse.read_table(Definition)
    if not before.equals(defined.sort(key(Definition))):
        return None
    meant = warehouse.read("SELECT index_name, index_id AS old_id FROM core.index_name")
    if (
        meant.join(names, on="index_name", how="left")
        .filter(pl.col("old_id").ne_missing(pl.col("index_id")))
        .height
    ):
        return None
    bars = warehouse.read(
        "SELECT min(b.session_date) AS first FROM core.index_bar b "
        "JOIN ops.fetch f USING (file_id) WHERE f.run_id = ?",
        [run.run_id],
    )
    days = ["session_date"]
    known_days = warehouse.read("SELECT session_date FROM core.trading_session")
    moved = [
        known_days.join(sessions, on=days, how="anti")["session_date"].min(),
        sessions.join(known_days, on=days, how="anti")["session_date"].min(),
        bars["first"][0],
        sessions["session_date"].max(),
    ]
    first: date = min(day for day in moved if day is not None)
    return first


def _mark_derived(warehouse: Warehouse, run: RunRecord) -> None:
    warehouse.execute("UPDATE ops.run SET is_derived = true WHERE run_id = ?", [run.run_id])


def _sessions(bars: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Trading sessions, and the expected dates that closing values prove to have had none."""
    dated = bars.filter(pl.col("source_id") == PROOF).select("session_date", "source_id").unique()
    history = evidence_from_history(bars.filter(pl.col("source_id") != PROOF))
    proof = pl.concat([dated, history.select("session_date", "source_id")])
    first: date = bars["session_date"].min()  # type: ignore[assignment]
    last: date = bars["session_date"].max()  # type: ignore[assignment]
    expected = expected_frame(max(first, date(table_years()[0], 1, 1)), last)
    absent = implied_absences(bars, expected.select("session_date"))
    return trading_sessions(proof, expected, absent), absent


def inputs(warehouse: Warehouse) -> Inputs:
    """What claims read, from a warehouse that is derived."""
    names = warehouse.read("SELECT index_name, index_id FROM core.index_name")
    sessions = warehouse.read("FROM core.trading_session ORDER BY session_date")
    return Inputs(
        sessions=sessions,
        series=index_series(warehouse.read(BARS), names, sessions).drop("source_id"),
        momentum=warehouse.read("FROM mart.index_momentum"),
        flow=warehouse.read("FROM mart.flow"),
        published=_published(warehouse),
    )


def _published(warehouse: Warehouse) -> pl.DataFrame:
    return warehouse.read(
        """
        SELECT 'index' AS subject, session_date, max(published_at) AS published_at
        FROM core.index_bar WHERE return_variant = 'price' GROUP BY ALL
        UNION ALL
        SELECT 'flow', session_date, max(published_at) FROM core.institutional_flow GROUP BY ALL
        ORDER BY ALL
        """
    )


def _grow(warehouse: Warehouse, verdicts: pl.DataFrame, legs: pl.DataFrame, now: datetime) -> None:
    """Add the verdicts that say something new, and their legs."""
    identity = ["session_date", "claim_id", "definition_version"]
    latest = warehouse.read(
        """
        SELECT * FROM mart.evidence QUALIFY row_number() OVER (
          PARTITION BY session_date, claim_id, definition_version ORDER BY recorded_at DESC) = 1
        """
    )
    said = [name for name in schema(Evidence) if name not in {*identity, "recorded_at"}]
    types = pl.Schema(schema(Evidence))
    graded = verdicts.with_columns(recorded_at=pl.lit(now)).select(list(types)).cast(types)
    fresh = graded.join(latest.cast(types), on=[*identity, *said], how="anti", nulls_equal=True)
    # A run that takes the same instant for now corrects what a cut-off one said at it.
    for table in (Evidence, EvidenceLeg):
        warehouse.delete(table, fresh.select(*identity, "recorded_at"))
    warehouse.append(Evidence, fresh)
    warehouse.append(
        EvidenceLeg,
        legs.join(fresh.select(*identity, "recorded_at"), on=identity, how="inner").select(
            list(schema(EvidenceLeg))
        ),
    )


def definitions() -> pl.DataFrame:
    """Every metric and claim as it is defined now: rows of ops.definition."""
    rows = [
        {
            "kind": "metric",
            "definition_id": item.id,
            "version": item.version,
            "subject": table,
            "name": item.name,
            "unit": item.unit,
            "warmup_sessions": item.warmup,
            "meaning": item.meaning,
            "citation": item.source,
        }
        for table, metrics in METRICS.items()
        for item in metrics
    ] + [
        {
            "kind": "claim",
            "definition_id": claim.id,
            "version": claim.version,
            "subject": Evidence.table,
            "name": claim.statement,
            "unit": claim.unit,
            "warmup_sessions": None,
            "meaning": claim.threshold,
            "citation": claim.citation,
        }
        for claim in CLAIMS
    ]
    return pl.DataFrame(rows, schema=pl.Schema(schema(Definition)))


def known(warehouse: Warehouse) -> Known:
    """What states and questions are derived from."""
    fetches = warehouse.read(
        "SELECT * FROM ops.fetch WHERE source_id <> ? ORDER BY run_id, fetched_at, fetch_id",
        [DOCUMENTS],
    ).to_dicts()
    sessions = warehouse.read("SELECT session_date FROM core.trading_session ORDER BY ALL")
    absent = warehouse.read(ABSENT, [PROOF])
    imported = warehouse.read(
        "SELECT session_date, max(scope) FROM core.institutional_flow "
        "WHERE is_imported GROUP BY ALL ORDER BY ALL"
    )
    documents = warehouse.read(
        f"""
        SELECT timezone('Asia/Kolkata', broadcast_at)::DATE AS broadcast_on, count(*) AS listed,
          count(*) FILTER (fate = 'loaded') AS loaded,
          count(*) FILTER (fate = 'refused') AS refused,
          count(*) FILTER (fate = 'absent') AS absent,
          count(*) FILTER (fate = 'failed') AS failed,
          count(*) FILTER (fate IS NULL) AS unasked,
          coalesce(sum(asked), 0)::BIGINT AS asked, max(fetched_at) AS last_asked_at,
          coalesce(min(document || ': ' || detail) FILTER (fate IN ('refused', 'failed')), '')
            AS detail
        FROM ({DOCUMENT_FATES}) GROUP BY ALL ORDER BY ALL
        """,
        [DOCUMENTS],
    )
    return Known(
        fetches=fetches,
        sessions=list(sessions["session_date"]),
        absent=dict(absent.iter_rows()),
        imported_flows=dict(imported.iter_rows()),
        documents=documents.to_dicts(),
    )


def unasked_documents(warehouse: Warehouse, now: datetime, first: date) -> list[dict[str, Any]]:
    """Filings whose document was not had yet, and may still be: broadcast from a date on."""
    return warehouse.read(
        f"""
        SELECT document_url, broadcast_at, symbol, isin, basis, period_end
        FROM ({DOCUMENT_FATES})
        WHERE timezone('Asia/Kolkata', broadcast_at)::DATE >= $2 AND (
          fate IS NULL OR fate = 'failed'
          OR (fate = 'absent' AND $3 - broadcast_at < INTERVAL 3 DAY
              AND $3 - fetched_at > INTERVAL 20 HOUR))
        ORDER BY document_url
        """,
        [DOCUMENTS, first, now],
    ).to_dicts()


def fetched(warehouse: Warehouse, run_id: str) -> list[dict[str, Any]]:
    """What a run asked and loaded: rows of ops.fetch."""
    return warehouse.read(
        "SELECT source_id, session_date, url, rows_loaded, rows_rejected FROM ops.fetch "
        "WHERE run_id = ? AND load_state = 'loaded' AND source_id <> ? ORDER BY fetch_id",
        [run_id, DOCUMENTS],
    ).to_dicts()


def _states(warehouse: Warehouse, now: datetime, absent: dict[date, str]) -> None:
    held = known(warehouse)
    held = replace(held, absent=absent)
    rows = [vars(state) for state in day_states(held, now)]
    warehouse.replace(DayState, pl.DataFrame(rows, schema=_schema(DayState)))


def _schema(table: type[Table]) -> pl.Schema:
    return pl.Schema(schema(table))
