"""What to watch and how much risk is taken: the evening's monitors, pillars and composite."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from warehouse.store import Warehouse
from warehouse.tables.signals import PILLARS

MONITORS = (
    "appetite",
    "level_holds",
    "fii_inflows",
    "midcap_participation",
    "breadth",
    "filings",
    "macro",
)
"""Monitors in reading order; any other follows by its title."""


@dataclass(frozen=True)
class Monitor:
    """One thing to watch; `changed_on` is the first session of its colour."""

    monitor_id: str
    title: str
    colour: str
    value: float | None
    unit: str
    percentile: float | None
    changed_on: date
    previous_colour: str | None
    reasons: str


@dataclass(frozen=True)
class PillarInput:
    """One figure a pillar stands on; `percentile` is its rank, high is appetite."""

    input_id: str
    title: str
    value: float | None
    unit: str
    percentile: float | None
    is_inverted: bool
    age_sessions: int | None
    is_fresh: bool


@dataclass(frozen=True)
class Pillar:
    """One pillar, 0 to 100; `value` is null where too few of its inputs are at hand."""

    pillar: str
    value: float | None
    inputs: int
    fresh: int
    oldest_sessions: int | None
    missing: str
    parts: tuple[PillarInput, ...] = ()


@dataclass(frozen=True)
class Composite:
    """The mean of the pillars; `composite` is null where too few of them are at hand."""

    composite: float | None
    pillars: int
    inputs: int
    fresh_pct: float | None
    lowest_without_one: float | None
    highest_without_one: float | None
    missing: str
    change_9: float | None
    change_9_percentile: float | None
    first_component_percentile: float | None
    is_first_component_apart: bool | None


@dataclass(frozen=True)
class Appetite:
    """The evening's appetite for risk; empty where nothing is known of it."""

    composite: Composite | None = None
    pillars: tuple[Pillar, ...] = ()
    monitors: tuple[Monitor, ...] = ()


def appetite(warehouse: Warehouse, session: date) -> Appetite:
    """Read the session's own rows."""
    composite = warehouse.read(
        """
        SELECT composite, pillars, inputs, fresh_pct, lowest_without_one, highest_without_one,
               missing, change_9, change_9_percentile, first_component_percentile,
               is_first_component_apart
        FROM mart.risk_appetite WHERE session_date = ?
        """,
        [session],
    )
    return Appetite(
        Composite(**composite.row(0, named=True)) if composite.height else None,
        _pillars(warehouse, session),
        _monitors(warehouse, session),
    )


def _pillars(warehouse: Warehouse, session: date) -> tuple[Pillar, ...]:
    inputs = warehouse.read(
        """
        SELECT pillar, input_id, title, value, unit, percentile, is_inverted, age_sessions, is_fresh
        FROM mart.risk_input WHERE session_date = ? ORDER BY title, input_id
        """,
        [session],
    ).partition_by("pillar", as_dict=True, include_key=False)
    rows = warehouse.read(
        """
        SELECT pillar, value, inputs, fresh, oldest_sessions, missing
        FROM mart.risk_pillar WHERE session_date = ?
        """,
        [session],
    )
    found = []
    for row in rows.iter_rows(named=True):
        own = inputs.get((row["pillar"],))
        parts = () if own is None else own.iter_rows(named=True)
        found.append(Pillar(**row, parts=tuple(PillarInput(**part) for part in parts)))
    return tuple(sorted(found, key=lambda pillar: PILLARS.index(pillar.pillar)))


def _monitors(warehouse: Warehouse, session: date) -> tuple[Monitor, ...]:
    rows = warehouse.read(
        """
        SELECT monitor_id, title, colour, value, unit, percentile, changed_on, previous_colour,
               reasons
        FROM mart.monitor WHERE session_date = ? ORDER BY title, monitor_id
        """,
        [session],
    )
    found = [Monitor(**row) for row in rows.iter_rows(named=True)]
    order = {name: place for place, name in enumerate(MONITORS)}
    return tuple(sorted(found, key=lambda monitor: order.get(monitor.monitor_id, len(order))))
