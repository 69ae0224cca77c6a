"""What the warehouse holds that states and questions follow from."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from flows.calendar import foreseen
from flows.sources import SOURCES
from flows.sources.source import documents_root
from flows.states import Known
from transforms.symbol_history import symbol_history, symbols_of
from warehouse.store import Warehouse

ABSENT = """
    SELECT session_date, detail FROM ops.day_state
    WHERE source_id = ? AND state = 'holiday' AND is_settled
"""
PROOF = "nse_index_close"
"""The source whose dated file proves a session."""
DOCUMENTS = "nse_result_document"
"""The source of the documents that core.filing names."""
ENOUGH_ANSWERS = 10
"""A document that its host so often answered with an error is asked for no more."""
DOCUMENT_FATES = f"""
    SELECT f.*, d.asked, d.answers, d.fetched_at, d.sha256, d.stated, CASE
      WHEN d.outcome IS NOT NULL THEN d.detail
      WHEN NOT f.is_ours THEN 'at an address that is not asked: ' || f.document_url END AS detail,
      CASE WHEN f.document IN (SELECT document FROM core.quarterly_result) THEN 'loaded'
      WHEN d.outcome IN ('landed', 'unchanged', 'malformed') OR NOT f.is_ours
        OR d.errors >= {ENOUGH_ANSWERS} THEN 'refused'
      WHEN d.outcome = 'absent' THEN 'absent' WHEN d.outcome IS NOT NULL THEN 'failed' END AS fate
    FROM (SELECT DISTINCT ON (document_url) *,
            starts_with(document_url, '{documents_root(SOURCES[DOCUMENTS])}') AS is_ours
          FROM core.filing WHERE document_url IS NOT NULL ORDER BY document_url, broadcast_at) f
    LEFT JOIN (
      SELECT url, outcome, sha256, stated, detail, max(fetched_at) OVER same AS fetched_at,
        count(*) OVER same AS asked,
        count(*) FILTER (outcome IN ('landed', 'unchanged', 'malformed')) OVER same AS answers,
        count(*) FILTER (outcome IN ('failed', 'blocked') AND status IS NOT NULL) OVER same
          AS errors
      FROM ops.fetch WHERE source_id = $1 WINDOW same AS (PARTITION BY url)
      QUALIFY row_number() OVER (PARTITION BY url
        ORDER BY outcome = 'landed' DESC, ops.fetch.fetched_at DESC)
        = 1) d ON d.url = f.document_url
"""
"""Filings that name a document, each with what became of it."""


def known(warehouse: Warehouse) -> Known:
    """What states and questions are derived from."""
    fetches = warehouse.read(
        "SELECT * FROM ops.fetch WHERE source_id <> ? ORDER BY run_id, fetched_at, fetch_id",
        [DOCUMENTS],
    ).to_dicts()
    sessions = warehouse.read("SELECT session_date FROM core.trading_session ORDER BY ALL")
    absent = warehouse.read(ABSENT, [PROOF])
    imported = warehouse.read(
        "SELECT session_date, string_agg(DISTINCT scope, ', ' ORDER BY scope) "
        "FROM core.institutional_flow WHERE is_imported GROUP BY ALL ORDER BY ALL"
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


def newly_proven(warehouse: Warehouse) -> set[date]:
    """Sessions nobody expected that a dated file proves and that nothing was derived of yet."""
    days = warehouse.read(
        "SELECT DISTINCT content_date FROM ops.fetch WHERE source_id = ? AND load_state = 'loaded' "
        "AND content_date NOT IN (SELECT session_date FROM core.trading_session)",
        [PROOF],
    )
    return {day for day in days["content_date"] if foreseen(day) is None}


def unasked_documents(warehouse: Warehouse, now: datetime, first: date) -> list[dict[str, Any]]:
    """Filings whose document was not had yet, and may still be: from a date's month on.

    A document that was refused is asked for once more when the company is known under a symbol
    that was not stated then: the exchange lists a rename the morning after it. Besides twice more,
    every other night: what came may have been an error page in its place. One that failed is asked
    for in every run at first, then once a day.

    Returns:
        document_url, broadcast_at, symbol, symbols (all the company had, the oldest first), isin,
        basis, period_end, is_asked (before), sha256 (of what was refused, where the same bytes
        would be refused again).
    """
    rows = warehouse.read(
        f"""
        SELECT document_url, broadcast_at, symbol, isin, basis, period_end,
          timezone('Asia/Kolkata', broadcast_at)::DATE AS broadcast_on,
          timezone('Asia/Kolkata', recorded_at)::DATE AS listed_on,
          asked IS NOT NULL AS is_asked, sha256,
          CASE fate WHEN 'refused' THEN coalesce(stated, '') END AS refused_as,
          coalesce(answers BETWEEN 1 AND 2 AND $3 - fetched_at > INTERVAL 40 HOUR, false)
            AS is_due_again
        FROM ({DOCUMENT_FATES})
        WHERE is_ours AND broadcast_on >= $2 AND (
          fate IS NULL OR fate = 'refused'
          OR (fate = 'failed' AND (asked < 6 OR $3 - fetched_at > INTERVAL 20 HOUR))
          OR (fate = 'absent' AND $3 - broadcast_at < INTERVAL 3 DAY
              AND $3 - fetched_at > INTERVAL 20 HOUR))
        ORDER BY document_url
        """,
        # Lists come by the month, and every document they name has a state: it is asked for too.
        [DOCUMENTS, first.replace(day=1), now],
    ).to_dicts()
    changes = warehouse.read("SELECT old_symbol, new_symbol, changed_on FROM core.symbol_change")
    history = symbol_history(changes.iter_rows())
    found = []
    for row in rows:
        days = row.pop("broadcast_on"), row.pop("listed_on")
        row["symbols"] = symbols_of(history, row["symbol"], *days)
        refused_as, is_due_again = row.pop("refused_as"), row.pop("is_due_again")
        is_renamed = refused_as is not None and bool(
            {*row["symbols"]} - _stated_symbols(refused_as)
        )
        if is_renamed:
            row["sha256"] = None  # what was refused under the old symbol may be read under the new
        if refused_as is None or is_renamed or is_due_again:
            found.append(row)
    return found


def _stated_symbols(stated: str) -> set[str]:
    """The symbols that were stated of a document when it was asked for."""
    told = json.loads(stated) if stated else {}
    return {*told.get("symbols", told.get("symbol", "")).split(",")}


def fetched(warehouse: Warehouse, run_id: str) -> list[dict[str, Any]]:
    """What a run asked and loaded: rows of ops.fetch."""
    return warehouse.read(
        "SELECT source_id, session_date, url, sha256, rows_loaded, rows_rejected FROM ops.fetch "
        "WHERE run_id = ? AND load_state = 'loaded' AND source_id <> ? ORDER BY fetch_id",
        [run_id, DOCUMENTS],
    ).to_dicts()
