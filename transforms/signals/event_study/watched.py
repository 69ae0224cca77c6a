"""What a study reads, and which sessions a test compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from transforms.signals.event_study.events import (
    DEFINITIONS,
    LAUNCHED,
    TARGETS,
    Definition,
    first_of_each,
    signals,
    study_grid,
)
from transforms.signals.event_study.outcomes import (
    ENTRY_LAG,
    NO_CELL,
    Flags,
    Floats,
    Outcomes,
    Whole,
    outcomes,
)
from transforms.signals.threshold import Threshold

LEAST_ALIKE = Threshold(
    "study_least_alike",
    30,
    "sessions",
    "Sessions alike in drawdown and volatility that a mean of them takes",
    "Riskon convention",
)
THRESHOLDS: tuple[Threshold, ...] = (LEAST_ALIKE,)
CELLS = 9
"""Terciles of drawdown by terciles of volatility."""


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
    returned   return in percent after each; `alike` mean of sessions alike without an event;
    residual   return less the mean of all sessions alike, events among them, so that a rotation
               is measured exactly as the events are
    """

    rows: Whole
    places: Whole
    returned: Floats
    alike: Floats
    residual: Floats


def watched(
    closes: pl.DataFrame,
    total_returns: pl.DataFrame,
    breadth: pl.DataFrame,
    sessions: pl.DataFrame,
    definitions: Sequence[Definition] = DEFINITIONS,
) -> Watched:
    """Signals and outcomes of all sessions; the arguments are those of `event_study`."""
    grid = study_grid(closes, breadth, sessions, total_returns)
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
        returned=returned[held],
        alike=of_pool[cell[held]],
        residual=returned[held] - of_all[cell[held]],
    )


def kept_rows(seen: Watched, definition: Definition, horizon: int) -> Whole:
    """Rows of the definition's events that are kept for a horizon."""
    return first_of_each(np.flatnonzero(seen.began[definition.id]), horizon)


def is_hypothetical(seen: Watched, definition: Definition, target: str, row: int) -> bool:
    """Whether the signal's index or the target had no history by today's rules yet."""
    launches = [LAUNCHED[name] for name in (definition.signal_index, target) if name in LAUNCHED]
    return any(seen.dates[row] < launched for launched in launches)


def _means(values: Floats, cell: Whole) -> Floats:
    """Mean by cell, 0 where a cell holds nothing."""
    sizes = np.bincount(cell, minlength=CELLS)
    totals = np.bincount(cell, weights=values, minlength=CELLS)
    return np.divide(totals, sizes, out=np.zeros(CELLS), where=sizes > 0)


def mean_of(values: Floats) -> float | None:
    """Mean, null of nothing."""
    return float(values.mean()) if len(values) else None
