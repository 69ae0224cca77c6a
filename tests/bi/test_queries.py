"""Saved queries: each asks a question, stands on an empty warehouse, and answers on a full one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.warehouse.check_cases_of_flows import TUESDAY, Rows
from tests.warehouse.check_cases_of_shares import adjusted, chained, counted, days, security
from tests.warehouse.check_cases_of_verdict import monitor, study, transition
from transforms.metrics.breadth_tables import Breadth
from transforms.metrics.equity_tables import EquityMomentum, EquityRank
from transforms.metrics.leadership_tables import Contribution, SectorRotation
from transforms.metrics.tables import MART_TABLES, IndexMomentum
from warehouse.store import open_writer, query
from warehouse.tables import TABLES, Event, RegimeTrigger
from warehouse.tables.table import schema
from warehouse.views import create_views

QUERIES = sorted((Path(__file__).resolve().parents[2] / "bi" / "queries").glob("*.sql"))
INDEX = "nifty-smallcap-100"
SESSIONS = [TUESDAY - timedelta(days=number) for number in range(11, -1, -1)]


def evening() -> Rows:
    """Twelve sessions, the last of which has something to say to each query."""
    who = {"session_date": TUESDAY, "instrument_id": "ace"}
    index = {"session_date": TUESDAY, "universe": INDEX, "is_survivorship_biased": False}
    counts = {"compared": 1, "weighed": 1, "weight_pct": 100.0, "contribution_points": 0.4}
    sector = {"universe": "industry:Chemicals", "universe_title": "Chemicals"}
    moved = {"session_date": TUESDAY, "index_id": INDEX, "run_started_on": TUESDAY}
    whole = {"grouping": "whole", "group_name": "all", "index_close_before": 100.0}
    condition = {"rules": "full", "to_state": "DRAWDOWN", "trigger": "new_low"}
    condition |= {"quantity": "close", "comparison": "below", "unit": "points", "needs": ""}
    happened = {"event_id": "one", "session_date": SESSIONS[0], "target": INDEX}
    happened |= {"horizon_sessions": 21, "role": "test", "entered_on": SESSIONS[0]}
    happened |= {"return_variant": "price", "is_hypothetical": False}
    narrow = {"universe_kind": "index", "universe_title": "A", "members": 9, "advancing_pct": 40.0}
    return [
        *days(*SESSIONS),
        *security(first=SESSIONS[0], last=TUESDAY),
        chained(),
        (EquityMomentum, who | {"is_new_high_252": True, "is_above_sma_200": True}),
        (EquityRank, who | {"relative_strength_rank": 90.0, "missing_parts": ""}),
        adjusted("inferred", "split"),
        counted(),
        (Breadth, index | narrow),
        (IndexMomentum, moved | {"return_1_pct": 0.5}),
        (Contribution, index | counts | whole | {"index_return_pct": 0.5}),
        (SectorRotation, index | sector | {"quadrant": "leading", "rank_21": 1}),
        transition("ADVANCE", "DRAWDOWN"),
        (RegimeTrigger, moved | condition),
        monitor("red", previous_colour="green"),
        study(0.04, 0.2),
        (Event, happened | {"left_on": SESSIONS[0]}),
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("queries")
    rows = evening()
    for name in ("empty", "full"):
        with open_writer(folder / f"{name}.duckdb", (*TABLES, *MART_TABLES)) as warehouse:
            for table in dict.fromkeys(table for table, _ in rows if name == "full"):
                frame = [row for of, row in rows if of is table]
                warehouse.append(table, pl.DataFrame(frame, schema=pl.Schema(schema(table))))
            create_views(warehouse)
            warehouse.checkpoint()
    return folder


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_a_query_asks_and_is_answered(folder: Path, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    first = text.splitlines()[0]
    assert first.startswith("-- ")
    assert first.endswith("?")
    assert query(folder / "empty.duckdb", text).height == 0
    rows = query(folder / "full.duckdb", text)
    assert rows.height == 1
    assert len(set(rows.columns)) == rows.width


def test_there_are_queries() -> None:
    assert {path.stem for path in QUERIES} >= {"strongest_shares", "actions_to_confirm"}
