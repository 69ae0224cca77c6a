"""What should not matter, and whether it does: for the report alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from transforms.signals.event_study.events import (
    DEFINITIONS,
    HORIZONS,
    LARGE,
    LAUNCHED,
    SMALL,
    TARGETS,
    Definition,
    first_of_each,
    strong_relative,
)
from transforms.signals.event_study.inference import circular_shift_p
from transforms.signals.event_study.outcomes import Flags
from transforms.signals.event_study.study import quarter_rows
from transforms.signals.event_study.watched import Watched, kept_rows, ring
from transforms.signals.threshold import Threshold

PLACEBOS = Threshold(
    "study_placebos", 200, "draws", "Random sets of events for each test", "Riskon convention"
)
THRESHOLDS: tuple[Threshold, ...] = (PLACEBOS,)

LEFT_OUT = (2009, 2020)
"""Years of the two great rebounds: a result that goes with one of them is that rebound's."""

ROLES_EXCHANGED = Definition(
    id="large_before_small_80",
    role="control",
    statement=(
        "Nifty 50 less Nifty Smallcap 100, log return of 63 sessions, crosses above its 80th "
        "percentile so far"
    ),
    signal_index=SMALL,
    condition=lambda: strong_relative(LARGE, SMALL),
)

_SEED = 126
_PLACEBO_LEVEL = 0.05


@dataclass(frozen=True)
class Placebo:
    """Random events in place of one test's: how often they look like something at 5%."""

    event_id: str
    target: str
    horizon_sessions: int
    draws: int
    found: int


def subsets(seen: Watched, through: date) -> dict[str, list[dict[str, Any]]]:
    """Rows as of mart.event_study, with some of the events alone; the sessions stay the same.

    Keys say which: before and from the launch of today's Smallcap 100, and without one year's.
    """
    changed = LAUNCHED[SMALL]
    days = seen.dates
    dropped = {
        f"before {changed}": np.array([day >= changed for day in days], dtype=np.bool_),
        f"from {changed}": np.array([day < changed for day in days], dtype=np.bool_),
    } | {
        f"without {year}": np.array([day.year == year for day in days], dtype=np.bool_)
        for year in LEFT_OUT
    }
    return {
        name: [row for row in quarter_rows(_without(seen, gone), through) if row["role"] == "test"]
        for name, gone in dropped.items()
    }


def _without(seen: Watched, gone: Flags) -> Watched:
    return replace(seen, began={key: began & ~gone for key, began in seen.began.items()})


def placebos(seen: Watched, known: int) -> list[Placebo]:
    """For each test that has events, as many at random, drawn from the sessions it is told on."""
    rng = np.random.default_rng(_SEED)
    found = []
    for definition in DEFINITIONS:
        if definition.role != "test":
            continue
        told = np.flatnonzero(seen.told[definition.id][:known])
        for target in TARGETS:
            for horizon in HORIZONS:
                count = np.count_nonzero(kept_rows(seen, definition, horizon) < known)
                p_values = [
                    _placebo(seen, definition, target, horizon, known=known, drawn=drawn)
                    for _ in range(int(PLACEBOS.value) if count else 0)
                    for drawn in [np.sort(rng.choice(told, size=count, replace=False))]
                ]
                made = [p for p in p_values if p is not None]
                if made:
                    hits = sum(p <= _PLACEBO_LEVEL for p in made)
                    found.append(Placebo(definition.id, target, horizon, len(made), hits))
    return found


def _placebo(
    seen: Watched,
    definition: Definition,
    target: str,
    horizon: int,
    *,
    known: int,
    drawn: np.typing.NDArray[np.int64],
) -> float | None:
    held = ring(seen, definition, target, horizon, known, rows=first_of_each(drawn, horizon))
    return circular_shift_p(held.residual, held.places, horizon)
