"""Every event with what each target did after it."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from transforms.signals.event_study.events import HORIZONS, TARGETS, Definition
from transforms.signals.event_study.outcomes import ENTRY_LAG, NO_CELL, Outcomes, Whole
from transforms.signals.event_study.watched import (
    LEAST_ALIKE,
    Watched,
    is_hypothetical,
    kept_rows,
    mean_of,
)
from warehouse.tables.signals import Event
from warehouse.tables.table import schema


def event_rows(seen: Watched) -> pl.DataFrame:
    """Rows of mart.event: each event kept, by target and horizon, entered once that is at hand."""
    rows = [
        _event(seen, definition, target, horizon, row)
        for definition in seen.definitions
        for horizon in HORIZONS
        for row in _entered(seen, kept_rows(seen, definition, horizon))
        for target in TARGETS
    ]
    return pl.DataFrame(rows, schema=schema(Event))


def _entered(seen: Watched, kept: Whole) -> list[int]:
    return [int(row) for row in kept if row + ENTRY_LAG < len(seen.dates)]


def _event(
    seen: Watched, definition: Definition, target: str, horizon: int, row: int
) -> dict[str, Any]:
    one = seen.targets[target]
    left = row + ENTRY_LAG + horizon
    returned = float(one.return_pct[horizon][row])
    return {
        "event_id": definition.id,
        "session_date": seen.dates[row],
        "target": target,
        "horizon_sessions": horizon,
        "role": definition.role,
        "entered_on": seen.dates[row + ENTRY_LAG],
        "left_on": seen.dates[left] if left < len(seen.dates) else None,
        "return_variant": "total_return" if _is_total(one, horizon, row) else "price",
        "return_pct": None if np.isnan(returned) else returned,
        "matched_return_pct": _matched_then(seen, definition, target, horizon, row),
        "became_bull": None if one.bull[row] < 0 else bool(one.bull[row]),
        "is_hypothetical": is_hypothetical(seen, definition, target, row),
    }


def _is_total(one: Outcomes, horizon: int, row: int) -> bool:
    """Whether total return is watched; while the exit is open, as far as the entry says."""
    is_open = np.isnan(one.return_pct[horizon][row])
    return bool(one.enters_total[row] if is_open else one.is_total[horizon][row])


def _matched_then(
    seen: Watched, definition: Definition, target: str, horizon: int, row: int
) -> float | None:
    """Mean after sessions alike, without an event, whose horizon had ended at the event."""
    one = seen.targets[target]
    reach = max(row - ENTRY_LAG - horizon + 1, 0)
    if one.cell[row] == NO_CELL:
        return None
    returned = one.return_pct[horizon][:reach]
    alike = (one.cell[:reach] == one.cell[row]) & seen.told[definition.id][:reach]
    alike &= ~np.isnan(returned)
    kept = kept_rows(seen, definition, horizon)
    alike[kept[kept < reach]] = False
    return mean_of(returned[alike]) if np.count_nonzero(alike) >= LEAST_ALIKE.value else None
