"""Derive: core to mart, one read of the store, pure transforms, one write."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl

from flows.breadth import derive_breadth, derive_leadership
from flows.calendar import expected_frame, table_years
from flows.known import ABSENT, PROOF, known
from flows.landing import RunRecord
from flows.marts import (
    flow_marts,
    in_stored_order,
    published,
    result_marts,
    world_marts,
)
from flows.reach import earliest
from flows.shares import derive_shares
from flows.states import day_states
from flows.verdict import THRESHOLDS, ZONES, derive_verdict
from transforms.identity import index_names, seams
from transforms.metrics.breadth_tables import Breadth
from transforms.metrics.earnings_tables import CompanyResult, Earnings, Quality
from transforms.metrics.leadership_tables import Leadership
from transforms.metrics.macro_tables import IndexValuation, Macro
from transforms.metrics.momentum import index_momentum
from transforms.metrics.tables import METRICS, Flow, IndexMomentum
from transforms.series import index_series
from transforms.sessions import evidence_from_history, implied_absences, trading_sessions
from transforms.signals import risk_inputs
from transforms.signals.claim import Inputs
from transforms.signals.claims import CLAIMS
from transforms.signals.evidence import evidence
from transforms.signals.size_indices import HEADLINE, SIZE_INDICES
from transforms.universes import MARKET
from warehouse.store import Warehouse
from warehouse.tables import (
    Association,
    DayState,
    Definition,
    EventStudy,
    Evidence,
    EvidenceLeg,
    IndexName,
    IndexSeam,
    Monitor,
    Regime,
    RegimeTransition,
    RiskAppetite,
    TradingSession,
)
from warehouse.tables.table import Table, key, schema

BARS = """
    SELECT session_date, index_name, return_variant, source_id, open, high, low, close,
           turnover_inr, points_change, change_pct
    FROM core.index_bar
"""
FIRST_BAR = """
    SELECT min(b.session_date) AS first
    FROM core.index_bar b JOIN ops.fetch f USING (file_id) WHERE f.run_id = ?
"""
LATEST_EVIDENCE = """
    SELECT * FROM mart.evidence QUALIFY row_number() OVER (
      PARTITION BY session_date, claim_id, definition_version ORDER BY recorded_at DESC) = 1
"""
FIRST_RESULT = """
    SELECT min(day) AS first FROM (
      SELECT timezone('Asia/Kolkata', r.broadcast_at)::DATE AS day, file_id FROM core.filing r
      UNION ALL
      SELECT timezone('Asia/Kolkata', r.published_at)::DATE, file_id FROM core.quarterly_result r
      UNION ALL
      -- The first snapshot of a list stands for all the days before it.
      SELECT CASE WHEN seen_on = min(seen_on) OVER (PARTITION BY list_id) THEN DATE '1900-01-01'
             ELSE seen_on END, file_id FROM core.index_member)
    JOIN ops.fetch f USING (file_id) WHERE f.run_id = ?
"""


def derive(warehouse: Warehouse, run: RunRecord) -> None:
    """Recompute everything that follows from core, in one transaction, at the run's instant.

    Marts and states are replaced whole, or from the first session on that may differ; evidence
    grows by the rows whose grade or figures are new. Where the run brought nothing new, only the
    states move on.
    """
    news = warehouse.read(
        "SELECT 1 FROM ops.fetch WHERE run_id = ? AND rows_loaded > 0 LIMIT 1", [run.run_id]
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
    changed = first_changes(warehouse, run, sessions, names, defined)
    series = index_series(bars, names, sessions).drop("source_id")
    momentum = index_momentum(series, sessions.select("session_date"), changed.bars)
    momentum = momentum.select(list(schema(IndexMomentum)))
    whole = in_stored_order(
        flow_marts(warehouse, sessions) | world_marts(warehouse, sessions, names, series)
    )
    with warehouse.transaction():
        warehouse.replace(TradingSession, sessions)
        warehouse.replace(IndexName, names)
        warehouse.replace(IndexSeam, seams(bars, names))
        for table, rows in whole.items():
            warehouse.replace(table, rows)
        shares = derive_shares(warehouse, run, sessions, series, changed.bars)
        derive_breadth(shares, series)
        results, results_since = result_marts(
            warehouse, sessions, earliest(changed.results, shares.members_from), shares.members
        )
        results = in_stored_order(results)
        seasons = results.pop(Earnings)
        for table, rows in results.items():
            warehouse.replace(table, rows)
        derive_leadership(shares, series, results[Quality], results_since)
        metrics = Inputs(
            sessions=sessions,
            series=series,
            momentum=_with_kept(warehouse, IndexMomentum, momentum, changed.bars),
            flow=whole[Flow],
            earnings=_with_kept(warehouse, Earnings, seasons, results_since),
            macro=whole[Macro],
            valuation=whole[IndexValuation],
            breadth=_of_universes(warehouse, Breadth),
            leadership=_of_universes(warehouse, Leadership),
            published=published(warehouse, sessions, whole | results),
        )
        totals = index_series(bars, names, sessions, "total_return")
        told = derive_verdict(
            warehouse,
            run,
            metrics,
            totals,
            since=changed.verdict,
            breadth_since=shares.cross_from,
        )
        verdicts, legs = evidence(told)
        warehouse.replace_since(IndexMomentum, momentum, changed.bars)
        warehouse.replace_since(Earnings, seasons, results_since)
        _grow(warehouse, verdicts, legs, run.started_at)
        warehouse.replace(Definition, defined)
        absent = dict(absent_days.select("session_date", "reason").iter_rows())
        _states(warehouse, run.started_at, absent)
        _mark_derived(warehouse, run)


@dataclass(frozen=True)
class Changed:
    """The first sessions whose rows may differ from what is stored; null: all of them may."""

    bars: date | None
    results: date | None
    verdict: date | None


def first_changes(
    warehouse: Warehouse,
    run: RunRecord,
    sessions: pl.DataFrame,
    names: pl.DataFrame,
    defined: pl.DataFrame,
) -> Changed:
    """From when on momentum and results must be computed anew.

    No metric looks ahead, so rows before the first bar or broadcast that came or changed stand.
    They do not where an old date became a session or ceased to be one, where a name came to mean
    another index, or where a formula changed. The last session is always computed anew.
    """
    before, now = (
        frame.sort(key(Definition)).partition_by("kind", as_dict=True)
        for frame in (warehouse.read_table(Definition), defined)
    )
    is_same = {kind: (kind,) in before and before[kind,].equals(now[kind,]) for (kind,) in now}
    if not (is_same["metric"] and is_same["claim"]):
        return Changed(None, None, None)
    days = ["session_date"]
    known_days = warehouse.read("SELECT session_date FROM core.trading_session")
    moved = [
        known_days.join(sessions, on=days, how="anti")["session_date"].min(),
        sessions.join(known_days, on=days, how="anti")["session_date"].min(),
        sessions["session_date"].max(),
    ]
    meant = warehouse.read("SELECT index_name, index_id AS old_id FROM core.index_name")
    is_renamed = (
        meant.join(names, on="index_name", how="left")
        .filter(pl.col("old_id").ne_missing(pl.col("index_id")))
        .height
    )
    bars, results = (
        warehouse.read(query, [run.run_id])["first"][0] for query in (FIRST_BAR, FIRST_RESULT)
    )
    first_moved = min(day for day in moved if isinstance(day, date))
    bars_since = None if is_renamed else earliest(first_moved, bars)
    return Changed(
        bars=bars_since,
        results=earliest(first_moved, results),
        verdict=bars_since if is_same["threshold"] else None,
    )


def _with_kept(
    warehouse: Warehouse, table: type[Table], fresh: pl.DataFrame, since: date | None
) -> pl.DataFrame:
    """Fresh rows, and before them the stored ones that stand; of momentum what claims read."""
    if since is None:
        return fresh
    query = f"FROM {table.table} WHERE session_date < ?"
    parameters: list[object] = [since]
    if table is IndexMomentum:
        query += " AND index_id IN (SELECT unnest(?::VARCHAR[]))"
        claimed = {index_id for claim in CLAIMS for index_id in claim.indices}
        parameters += [sorted({*claimed, *risk_inputs.INDICES})]
    return pl.concat([warehouse.read(query, parameters), fresh])


def _of_universes(warehouse: Warehouse, table: type[Table]) -> pl.DataFrame:
    """Rows of the universes that claims, regimes and risk appetite read."""
    claimed = {universe for claim in CLAIMS for universe in claim.universes}
    return warehouse.read(
        f"FROM {table.table} WHERE universe IN (SELECT unnest(?::VARCHAR[]))",
        [sorted({*claimed, *SIZE_INDICES, *risk_inputs.UNIVERSES, MARKET})],
    )


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
    stored = {table: warehouse.read_table(table) for table in (Flow, CompanyResult)}
    return Inputs(
        sessions=sessions,
        series=index_series(warehouse.read(BARS), names, sessions).drop("source_id"),
        momentum=warehouse.read("FROM mart.index_momentum"),
        flow=stored[Flow],
        earnings=warehouse.read("FROM mart.earnings"),
        macro=warehouse.read("FROM mart.macro"),
        valuation=warehouse.read("FROM mart.index_valuation"),
        breadth=_of_universes(warehouse, Breadth),
        leadership=_of_universes(warehouse, Leadership),
        published=published(warehouse, sessions, stored),
        zones=warehouse.read(ZONES, [HEADLINE]),
        regimes=warehouse.read_table(Regime),
        transitions=warehouse.read_table(RegimeTransition),
        appetite=warehouse.read_table(RiskAppetite),
        monitors=warehouse.read_table(Monitor),
        studies=warehouse.read_table(EventStudy),
        associations=warehouse.read_table(Association),
    )


def _grow(warehouse: Warehouse, verdicts: pl.DataFrame, legs: pl.DataFrame, now: datetime) -> None:
    """Add the verdicts that say something new, or stand on something new, and their legs."""
    identity = ["session_date", "claim_id", "definition_version"]
    latest = warehouse.read(LATEST_EVIDENCE)
    said = [name for name in schema(Evidence) if name not in {*identity, "recorded_at"}]
    types = pl.Schema(schema(Evidence))
    graded = verdicts.with_columns(recorded_at=pl.lit(now)).select(list(types)).cast(types)
    is_said = graded.join(latest.cast(types), on=[*identity, *said], how="semi", nulls_equal=True)
    moved = _moved_legs(warehouse, legs).select(identity).unique()
    stands = is_said.join(moved, on=identity, how="anti")
    fresh = graded.join(stands, on=identity, how="anti")
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


def _moved_legs(warehouse: Warehouse, legs: pl.DataFrame) -> pl.DataFrame:
    """Legs that the latest verdicts do not stand on, or that they stood on and do no more."""
    types = pl.Schema({n: t for n, t in schema(EvidenceLeg).items() if n != "recorded_at"})
    stored = warehouse.read(
        f"SELECT l.* EXCLUDE recorded_at FROM mart.evidence_leg l JOIN ({LATEST_EVIDENCE}) "
        "USING (session_date, claim_id, definition_version, recorded_at)"
    )
    now, before = legs.select(list(types)).cast(types), stored.select(list(types)).cast(types)
    sides = (now, before), (before, now)
    return pl.concat(
        [one.join(other, on=list(types), how="anti", nulls_equal=True) for one, other in sides]
    )


def definitions() -> pl.DataFrame:
    """Every metric, claim and threshold as it is defined now: rows of ops.definition."""
    rows: list[dict[str, object]] = []
    rows += [
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
    ]
    rows += [
        {
            "kind": "claim",
            "definition_id": claim.id,
            "version": claim.version,
            "subject": Evidence.table,
            "name": claim.statement,
            "unit": claim.unit,
            "meaning": claim.threshold,
            "citation": claim.citation,
        }
        for claim in CLAIMS
    ]
    rows += [
        {
            "kind": "threshold",
            "definition_id": one.id,
            "version": 1,
            "subject": table.table,
            "name": one.id,
            "unit": one.unit,
            "value": one.value,
            "meaning": one.meaning,
            "citation": one.source,
        }
        for table, thresholds in THRESHOLDS.items()
        for one in thresholds
    ]
    return pl.DataFrame(rows, schema=pl.Schema(schema(Definition)))


def _states(warehouse: Warehouse, now: datetime, absent: dict[date, str]) -> None:
    held = known(warehouse)
    held = replace(held, absent=absent)
    rows = [vars(state) for state in day_states(held, now)]
    warehouse.replace(DayState, pl.DataFrame(rows, schema=_schema(DayState)))


def _schema(table: type[Table]) -> pl.Schema:
    return pl.Schema(schema(table))
