"""The event study: did strength of small caps come before rises, beyond what sessions alike did?"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from transforms.signals.event_study import events as frozen
from transforms.signals.event_study import inference
from transforms.signals.event_study import outcomes as followed
from transforms.signals.event_study import watched as watching
from transforms.signals.event_study.event_list import event_rows
from transforms.signals.event_study.events import HORIZONS, TARGETS, TITLES, Definition
from transforms.signals.event_study.inference import (
    circular_shift_p,
    false_discovery_q,
    minimum_detectable,
    study_grade,
    wilson,
)
from transforms.signals.event_study.outcomes import ENTRY_LAG, deviation_pct
from transforms.signals.event_study.watched import (
    Ring,
    Watched,
    is_hypothetical,
    kept_rows,
    mean_of,
    ring,
    watched,
)
from transforms.signals.threshold import Threshold
from transforms.signals.wording import MINUS
from warehouse.tables.signals import EventStudy
from warehouse.tables.table import schema

THRESHOLDS: tuple[Threshold, ...] = (
    *frozen.THRESHOLDS,
    *followed.THRESHOLDS,
    *inference.THRESHOLDS,
    *watching.THRESHOLDS,
)


@dataclass(frozen=True)
class StudyFrames:
    """`events` are rows of mart.event, `studies` of mart.event_study."""

    events: pl.DataFrame
    studies: pl.DataFrame


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


def quarter_rows(seen: Watched, through: date) -> list[dict[str, Any]]:
    """Rows of mart.event_study of one quarter."""
    known = bisect_right(seen.dates, through)
    rows, unmatched = [], []
    for definition in seen.definitions:
        for target in TARGETS:
            for horizon in HORIZONS:
                kept = kept_rows(seen, definition, horizon)
                held = ring(seen, definition, target, horizon, known, rows=kept[kept < known])
                ended = np.count_nonzero(kept < known - ENTRY_LAG - horizon)
                unmatched.append(int(ended) - len(held.places))
                told = {"through_date": through} | _row(
                    seen, definition, target, horizon, known=known, held=held
                )
                rows.append(told)
    for role in ("test", "control"):
        family = [row for row in rows if row["role"] == role]
        q_values = false_discovery_q([row["p_value"] for row in family])
        made = sum(q is not None for q in q_values)
        for row, q_value in zip(family, q_values, strict=True):
            row["q_value"], row["tests"] = q_value, made
            row["grade"] = study_grade(row["events"], row["p_value"], q_value, row["excess_pct"])
    for row, lost in zip(rows, unmatched, strict=True):
        row["reasons"] = _reasons(row, lost)
    return rows


def _row(
    seen: Watched,
    definition: Definition,
    target: str,
    horizon: int,
    *,
    known: int,
    held: Ring,
) -> dict[str, Any]:
    one = seen.targets[target]
    rows, after = held.rows[held.places], held.returned[held.places]
    count, hits = len(rows), int(np.count_nonzero(after > 0))
    interval = wilson(hits, count)
    risen = (one.bull[rows] == 1) & (one.bull_row[rows] < known)
    matched = held.alike[held.places]
    return {
        "event_id": definition.id,
        "target": target,
        "horizon_sessions": horizon,
        "role": definition.role,
        "statement": f"{definition.statement}: {TITLES[target]} over the next {horizon} sessions",
        "events": count,
        "hypothetical_events": sum(is_hypothetical(seen, definition, target, r) for r in rows),
        "mean_return_pct": mean_of(after),
        "base_return_pct": mean_of(held.returned),
        "matched_return_pct": mean_of(matched),
        "excess_pct": mean_of(after - matched),
        "hits": hits,
        "hit_rate": hits / count if count else None,
        "hit_rate_low": interval and interval[0],
        "hit_rate_high": interval and interval[1],
        "base_hit_rate": mean_of((held.returned > 0).astype(np.float64)),
        "bull_phases": int(np.count_nonzero(risen)),
        "p_value": circular_shift_p(held.residual, held.places, horizon),
        "minimum_detectable_pct": minimum_detectable(deviation_pct(held.residual), count),
    }


def signed(value: float) -> str:
    """One decimal with its sign, a minus that is one; nothing has none."""
    return f"{value:+.1f}".replace("-", MINUS) if round(value, 1) else "0.0"


def _reasons(row: dict[str, Any], unmatched: int) -> str:
    """Why this grade, in words; `unmatched` events ended, with nothing to compare them with."""
    events = row["events"]
    lost = (
        f"{unmatched} more {'has' if unmatched == 1 else 'have'} too few sessions alike, or no "
        "return"
    )
    if not events:
        return (
            f"No event to compare: {unmatched} ended, each with too few sessions alike, or no "
            "return"
            if unmatched
            else "No event whose horizon has ended: the condition never began to hold, or its data "
            "is missing or too short"
        )
    counted = "1 event" if events == 1 else f"{events} events"
    mean, alike = signed(row["mean_return_pct"]), signed(row["matched_return_pct"])
    said = [f"{counted}, mean {mean}% against {alike}% after sessions alike"]
    if unmatched:
        said.append(lost)
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
        said.append(f"{row['hypothetical_events']} of them before the index had its present rules")
    return "; ".join(said)
