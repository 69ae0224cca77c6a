"""From metrics to what the verdict stands on: zones, regimes, appetite, monitors, studies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from flows.landing import RunRecord
from flows.reach import earliest
from transforms.signals import (
    associations,
    level_grades,
    monitors,
    regime_rules,
    risk_appetite,
    verdict_grades,
    zone_thresholds,
)
from transforms.signals.claim import Inputs
from transforms.signals.event_study import events, study
from transforms.signals.regime import Sources, regimes
from transforms.signals.size_indices import HEADLINE, SIZE_INDICES
from transforms.signals.threshold import Threshold
from transforms.signals.zones import zones
from transforms.universes import MARKET
from warehouse import tables as marts
from warehouse.store import Warehouse
from warehouse.tables.table import Table, schema


def _formula(table: type[Table], version: int) -> Threshold:
    """The version of what is kept from night to night: another one draws it all anew."""
    return Threshold(
        id=f"{table.table.removeprefix('mart.')}_formula",
        value=version,
        unit="version",
        meaning="Raised when rows are formed otherwise",
        source="Riskon convention",
    )


THRESHOLDS: dict[type[Table], tuple[Threshold, ...]] = {
    marts.Zone: (_formula(marts.Zone, 1), *zone_thresholds.THRESHOLDS),
    marts.Regime: regime_rules.THRESHOLDS,
    marts.RiskAppetite: risk_appetite.THRESHOLDS,
    marts.Monitor: monitors.THRESHOLDS,
    marts.EventStudy: (_formula(marts.EventStudy, events.VERSION), *study.THRESHOLDS),
    marts.Association: (_formula(marts.Association, 1), *associations.THRESHOLDS),
    marts.Evidence: (*level_grades.THRESHOLDS, *verdict_grades.THRESHOLDS),
}
"""Every declared number that decides, by the table it decides of."""

# Claims look at every zone of the headline, the machine at the nearest of each index.
ZONES = "FROM mart.zone WHERE zone_rank = 1 OR index_id = ?"
FIRST_FLOW = """
    SELECT min(r.session_date) AS first
    FROM core.institutional_flow r JOIN ops.fetch f USING (file_id) WHERE f.run_id = ?
"""


def derive_verdict(
    warehouse: Warehouse,
    run: RunRecord,
    inputs: Inputs,
    totals: pl.DataFrame,
    *,
    since: date | None,
    breadth_since: date | None,
) -> Inputs:
    """Bring the marts of the verdict up to date, inside the transaction that is open.

    Zones are drawn for the sessions from `since` on, studies for the quarters that data which
    changed reaches into; the rest is recomputed whole, which takes a few seconds in twenty years.

    Args:
        warehouse: where marts are read and written.
        run: the run whose files may have changed something.
        inputs: frames of the warehouse, without what is derived here.
        totals: index_id, session_date, close, total return.
        since: index bars before it are what they were; None: all may differ.
        breadth_since: the same of breadth.

    Returns:
        the inputs with what was derived.
    """
    bars = inputs.series.filter(pl.col("index_id").is_in(SIZE_INDICES))
    _store(warehouse, marts.Zone, zones(bars, inputs.sessions, since), since)
    drawn = warehouse.read(ZONES, [HEADLINE])
    found = regimes(
        Sources(
            bars=bars,
            sessions=inputs.sessions,
            zones=drawn.filter(zone_rank=1),
            breadth=inputs.breadth,
            breadth_counts=warehouse.read(
                "SELECT session_date, universe, turnover_inr FROM mart.breadth_count "
                "WHERE universe = ?",
                [MARKET],
            ),
            flow=inputs.flow,
            earnings=inputs.earnings,
        )
    )
    _store(warehouse, marts.Regime, found.states)
    _store(warehouse, marts.RegimeTransition, found.transitions)
    _store(warehouse, marts.RegimeTrigger, found.triggers)
    inputs = replace(inputs, zones=drawn, regimes=found.states, transitions=found.transitions)
    risk = risk_appetite.risk_appetite(inputs)
    _store(warehouse, marts.RiskAppetite, risk.appetite)
    _store(warehouse, marts.RiskPillar, risk.pillars)
    _store(warehouse, marts.RiskInput, risk.inputs)
    inputs = replace(inputs, appetite=risk.appetite)
    watched = monitors.monitors(inputs, risk)
    _store(warehouse, marts.Monitor, watched)
    first_flow = warehouse.read(FIRST_FLOW, [run.run_id])["first"][0]
    studied = earliest(since, breadth_since, first_flow) if breadth_since else None
    _studies(warehouse, inputs, totals, studied)
    return replace(
        inputs,
        monitors=watched,
        studies=warehouse.read_table(marts.EventStudy),
        associations=warehouse.read_table(marts.Association),
    )


def _studies(
    warehouse: Warehouse, inputs: Inputs, totals: pl.DataFrame, since: date | None
) -> None:
    """Study the completed quarters that are not studied, or whose data changed."""
    if since is not None:
        for table in (marts.EventStudy, marts.Association):
            warehouse.execute(f"DELETE FROM {table.table} WHERE through_date >= ?", [since])
    held = warehouse.read_table(marts.EventStudy)["through_date"].unique()
    ends = study.quarter_ends(inputs.sessions)
    through = ends if since is None else [day for day in ends if day not in held]
    closes = inputs.series.select("index_id", "session_date", "close")
    studied = study.event_study(closes, totals, inputs.breadth, inputs.sessions, through)
    related = associations.associations(closes, totals, inputs.flow, inputs.sessions, through)
    _store(warehouse, marts.Event, studied.events)
    for table, rows in ((marts.EventStudy, studied.studies), (marts.Association, related)):
        if since is None:
            _store(warehouse, table, rows)
        else:
            warehouse.append(table, rows.select(list(schema(table))))


def _store(
    warehouse: Warehouse, table: type[Table], rows: pl.DataFrame, since: date | None = None
) -> None:
    warehouse.replace_since(table, rows.select(list(schema(table))), since)
