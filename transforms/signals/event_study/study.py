"""The event study: did strength of small caps come before rises, beyond what sessions alike did?"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from transforms.signals.event_study import events as frozen
from transforms.signals.event_study import inference
from transforms.signals.event_study import outcomes as followed
from transforms.signals.event_study.events import (
    DEFINITIONS,
    HORIZONS,
    LAUNCHED,
    TARGETS,
    Definition,
    first_of_each,
    signals,
    study_grid,
)
from transforms.signals.event_study.inference import (
    circular_shift_p,
    false_discovery_q,
    minimum_detectable,
    study_grade,
    wilson,
)
from transforms.signals.event_study.outcomes import (
    ENTRY_LAG,
    NO_CELL,
    Flags,
    Floats,
    Outcomes,
    Whole,
    deviation_pct,
    outcomes,
)
from transforms.signals.threshold import Threshold
from transforms.signals.wording import MINUS
from warehouse.tables.signals import Event, EventStudy
from warehouse.tables.table import schema

LEAST_ALIKE = Threshold(
    "study_least_alike",
    30,
    "sessions",
    "Sessions alike in drawdown and volatility that a mean of them takes",
    "Riskon convention",
)
THRESHOLDS: tuple[Threshold, ...] = (
    *frozen.THRESHOLDS,
    *followed.THRESHOLDS,
    *inference.THRESHOLDS,
    LEAST_ALIKE,
)
CELLS = 9
"""Terciles of drawdown by terciles of volatility."""


@dataclass(frozen=True)
class StudyFrames:
    """`events` are rows of mart.event, `studies` of mart.event_study."""

    events: pl.DataFrame
    studies: pl.DataFrame


@dataclass(frozen=True)
class Watched:
    """What a study reads, one element a session: signals, and what each target did.

    grid       what `study_grid` returns; dates its sessions
    began and told, by definition: whether it began on the session, and whether that can be
    told at all. Neither these nor the outcomes change when sessions are added.
    """

    definitions: tuple[Definition, ...]
    grid: pl.DataFrame
    dates: list[date]
    began: dict[str, Flags]
    told: dict[str, Flags]
    targets: dict[str, Outcomes]

    def with_definition(self, definition: Definition) -> Watched:
        """The same sessions and targets, watched after another event alone."""
        (found,) = signals(self.grid, [definition]).values()
        return replace(
            self,
            definitions=(definition,),
            began={definition.id: found.fill_null(False).to_numpy()},
            told={definition.id: found.is_not_null().to_numpy()},
        )


@dataclass(frozen=True)
class Ring:
    """The sessions one test compares, closed to a ring, oldest first.

    rows       their places on the grid: the event could be told, the horizon has ended, and
               enough sessions are alike
    places     places of the events among them
    kept       rows on the grid of all events kept, whether or not in the ring
    returned   return in percent after each; `alike` mean of sessions alike without an event;
    residual   return less the mean of all sessions alike, events among them, so that a rotation
               is measured exactly as the events are
    """

    rows: Whole
    places: Whole
    kept: Whole
    returned: Floats
    alike: Floats
    residual: Floats


def quarter_ends(sessions: pl.DataFrame) -> list[date]:
    """Last session of each calendar quarter after which there is a session at hand, in order."""
    quarter = pl.col("session_date").dt.truncate("1q")
    ends = (
        sessions.group_by(quarter.alias("quarter"))
        .agg(pl.col("session_date").max())
        .sort("session_date")["session_date"]
        .to_list()
    )
    return ends[:-1]


def watched(
    closes: pl.DataFrame,
    total_returns: pl.DataFrame,
    breadth: pl.DataFrame,
    sessions: pl.DataFrame,
    definitions: Sequence[Definition] = DEFINITIONS,
) -> Watched:
    """Signals and outcomes of all sessions; the arguments are those of `event_study`."""
    grid = study_grid(closes, breadth, sessions)
    found = signals(grid, definitions)
    return Watched(
        definitions=tuple(definitions),
        grid=grid,
        dates=grid["session_date"].to_list(),
        began={key: one.fill_null(False).to_numpy() for key, one in found.items()},
        told={key: one.is_not_null().to_numpy() for key, one in found.items()},
        targets={
            target: outcomes(target, grid["session_date"], closes, total_returns)
            for target in TARGETS
        },
    )


def event_study(
    closes: pl.DataFrame,
    total_returns: pl.DataFrame,
    breadth: pl.DataFrame,
    sessions: pl.DataFrame,
    through: Sequence[date],
) -> StudyFrames:
    """Every event with what followed, and the study of each quarter with what was known by then.

    The frames come in any row order. Where both closes of a target have total return, that is
    watched, else price return. Controls are judged as a family of their own: they add nothing to
    the tests that the events are corrected for.

    Args:
        closes: index_id, session_date, close; price return, of small, large and all caps.
        total_returns: the same of total-return levels; possibly empty.
        breadth: rows of mart.breadth; possibly empty, without columns.
        sessions: rows of core.trading_session.
        through: last sessions of the quarters to answer for; an event counts in one when its
            horizon has ended by then.

    Returns:
        Rows of mart.event, of all sessions whose entry is at hand, whatever `through` is; rows of
        mart.event_study, one a quarter, definition, target and horizon.
    """
    seen = watched(closes, total_returns, breadth, sessions)
    rows = [row for day in sorted(set(through)) for row in quarter_rows(seen, day)]
    return StudyFrames(event_rows(seen), pl.DataFrame(rows, schema=schema(EventStudy)))


def ring(
    seen: Watched, definition: Definition, target: str, horizon: int, known: int, *, rows: Whole
) -> Ring:
    """The sessions that a test compares with what was known `known` sessions into the grid.

    Args:
        seen: what a study reads.
        definition: the event.
        target: whose return is watched.
        horizon: sessions from entry to exit.
        known: sessions at hand.
        rows: rows of the events kept.
    """
    one = seen.targets[target]
    returned, cell = one.return_pct[horizon], one.cell
    usable = seen.told[definition.id] & (cell != NO_CELL) & ~np.isnan(returned)
    usable[max(known - ENTRY_LAG - horizon, 0) :] = False
    is_event = np.zeros(len(cell), dtype=np.bool_)
    is_event[rows] = True
    pool = usable & ~is_event
    sizes = np.bincount(cell[pool], minlength=CELLS)
    usable &= sizes[cell] >= LEAST_ALIKE.value
    pool &= usable
    held = np.flatnonzero(usable)
    of_pool = _means(returned[pool], cell[pool])
    of_all = _means(returned[held], cell[held])
    return Ring(
        rows=held,
        places=np.flatnonzero(is_event[held]),
        kept=rows,
        returned=returned[held],
        alike=of_pool[cell[held]],
        residual=returned[held] - of_all[cell[held]],
    )


def kept_rows(seen: Watched, definition: Definition, horizon: int) -> Whole:
    """Rows of the definition's events that are kept for a horizon."""
    return first_of_each(np.flatnonzero(seen.began[definition.id]), horizon)


def quarter_rows(seen: Watched, through: date) -> list[dict[str, Any]]:
    """Rows of mart.event_study of one quarter."""
    known = bisect_right(seen.dates, through)
    rows = [
        _row(seen, definition, target, horizon, known=known, through=through)
        for definition in seen.definitions
        for target in TARGETS
        for horizon in HORIZONS
    ]
    for role in ("test", "control"):
        family = [row for row in rows if row["role"] == role]
        q_values = false_discovery_q([row["p_value"] for row in family])
        made = sum(q is not None for q in q_values)
        for row, q_value in zip(family, q_values, strict=True):
            row["q_value"], row["tests"] = q_value, made
            row["grade"] = study_grade(row["events"], row["p_value"], q_value, row["excess_pct"])
            row["reasons"] = _reasons(row)
    return rows


def _row(
    seen: Watched,
    definition: Definition,
    target: str,
    horizon: int,
    *,
    known: int,
    through: date,
) -> dict[str, Any]:
    kept = kept_rows(seen, definition, horizon)
    kept = kept[kept < known]
    one = seen.targets[target]
    held = ring(seen, definition, target, horizon, known, rows=kept)
    rows, after = held.rows[held.places], held.returned[held.places]
    count, hits = len(rows), int(np.count_nonzero(after > 0))
    interval = wilson(hits, count)
    risen = (one.bull[rows] == 1) & (one.bull_row[rows] < known)
    matched = held.alike[held.places]
    return {
        "through_date": through,
        "event_id": definition.id,
        "target": target,
        "horizon_sessions": horizon,
        "role": definition.role,
        "statement": f"{definition.statement}: {target} over the next {horizon} sessions",
        "events": count,
        "hypothetical_events": sum(_is_hypothetical(seen, definition, target, r) for r in rows),
        "mean_return_pct": _mean(after),
        "base_return_pct": _mean(held.returned),
        "matched_return_pct": _mean(matched),
        "excess_pct": _mean(after - matched),
        "hits": hits,
        "hit_rate": hits / count if count else None,
        "hit_rate_low": interval and interval[0],
        "hit_rate_high": interval and interval[1],
        "base_hit_rate": _mean((held.returned > 0).astype(np.float64)),
        "bull_phases": int(np.count_nonzero(risen)),
        "p_value": circular_shift_p(held.residual, held.places, horizon),
        "minimum_detectable_pct": minimum_detectable(deviation_pct(held.residual), count),
    }


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
        "is_hypothetical": _is_hypothetical(seen, definition, target, row),
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
    return _mean(returned[alike]) if np.count_nonzero(alike) >= LEAST_ALIKE.value else None


def _is_hypothetical(seen: Watched, definition: Definition, target: str, row: int) -> bool:
    launches = [LAUNCHED[name] for name in (definition.signal_index, target) if name in LAUNCHED]
    return any(seen.dates[row] < launched for launched in launches)


def _means(values: Floats, cell: Whole) -> Floats:
    """Mean by cell, 0 where a cell holds nothing."""
    sizes = np.bincount(cell, minlength=CELLS)
    totals = np.bincount(cell, weights=values, minlength=CELLS)
    return np.divide(totals, sizes, out=np.zeros(CELLS), where=sizes > 0)


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None


def signed(value: float) -> str:
    """One decimal with its sign, a minus that is one; nothing has none."""
    return f"{value:+.1f}".replace("-", MINUS) if round(value, 1) else "0.0"


def _reasons(row: dict[str, Any]) -> str:
    """Why this grade, in words."""
    events = row["events"]
    if not events:
        return (
            "No event whose horizon has ended: the sessions held are too few to place one among "
            "those alike, the condition lacks its data, or it never held"
        )
    counted = "1 event" if events == 1 else f"{events} events"
    mean, alike = signed(row["mean_return_pct"]), signed(row["matched_return_pct"])
    said = [f"{counted}, mean {mean}% against {alike}% after sessions alike"]
    if row["p_value"] is None:
        said.append("too few sessions for a p-value")
    else:
        said.append(
            f"p {row['p_value']:.3f}, q {row['q_value']:.3f} of {row['tests']} "
            f"{'test' if row['tests'] == 1 else 'tests'} made"
        )
    if row["minimum_detectable_pct"]:
        said.append(
            f"an excess under {row['minimum_detectable_pct']:.1f} points would mostly be missed"
        )
    if events < inference.LEAST_EVENTS.value:
        said.append(f"fewer than {inference.LEAST_EVENTS.value:.0f} events say nothing")
    elif events < inference.ENOUGH_EVENTS.value:
        said.append(f"fewer than {inference.ENOUGH_EVENTS.value:.0f} events are PARTLY at most")
    if row["hypothetical_events"]:
        said.append(f"{row['hypothetical_events']} of them before the index was launched")
    return "; ".join(said)
