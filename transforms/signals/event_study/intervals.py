"""Intervals of an event's excess, and a second opinion on the family: for the report alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from transforms.signals.event_study.events import HORIZONS, TARGETS, Definition
from transforms.signals.event_study.inference import FALSE_DISCOVERIES
from transforms.signals.event_study.outcomes import Floats
from transforms.signals.event_study.watched import Ring, Watched, kept_rows, ring
from transforms.signals.threshold import Threshold

DRAWS = Threshold(
    "study_draws", 2000, "draws", "Draws of the stationary bootstrap", "Riskon convention"
)
THRESHOLDS: tuple[Threshold, ...] = (DRAWS,)

_SEED = 20040101


@dataclass(frozen=True)
class Confirmation:
    """Hansen's test that no event of the family is followed by gains, and Romano and Wolf's list.

    `names` are the tests compared; `superior` those of them whose excess stands at 10% with the
    whole family allowed for. One-sided: it looks for gains only.
    """

    names: list[str]
    p_value: float
    superior: list[str]


def excess_interval(held: Ring, horizon: int) -> tuple[float, float] | None:
    """95% percentile interval of the mean excess, by the stationary bootstrap.

    Sessions are drawn in blocks with their events, so that both how often events come and how
    outcomes overlap is kept. The mean block is the optimal one, at least the horizon.

    Returns:
        Percent; null without events, or where nothing varies.

    Source: Politis and Romano (1994); block after Politis and White (2004), floored as the
        methodology asks, for the optimum on raw returns can be below one session.
    """
    from arch.bootstrap import (  # noqa: PLC0415 (takes two seconds)
        StationaryBootstrap,
        optimal_block_length,
    )

    if not len(held.places) or not held.residual.std() > 0:
        return None
    is_event = np.zeros(len(held.rows))
    is_event[held.places] = 1.0
    best = float(optimal_block_length(held.residual)["stationary"].iloc[0])
    block = max(ceil(best) if np.isfinite(best) else 1, horizon)
    drawn = StationaryBootstrap(
        block, np.column_stack([is_event, held.returned - held.alike]), seed=_SEED
    ).apply(event_mean, int(DRAWS.value))
    low, high = np.nanquantile(drawn[:, 0], [0.025, 0.975])
    return float(low), float(high)


def event_mean(rows: Floats) -> Floats:
    """Mean of the second column where the first is 1; NaN where it never is."""
    count = rows[:, 0].sum()
    return np.array([rows[:, 0] @ rows[:, 1] / count if count else np.nan])


def confirmation(
    seen: Watched, definitions: Sequence[Definition], known: int
) -> Confirmation | None:
    """The family tested as one, where it has a test at all.

    A test is a strategy that earns, on the sessions of its events, what they bring beyond sessions
    alike, and nothing on others; doing nothing is the benchmark. Blocks are of the longest horizon.

    Source: Hansen, A Test for Superior Predictive Ability (2005), consistent p-value; Romano and
        Wolf, Stepwise Multiple Testing (2005).
    """
    from arch.bootstrap import SPA, StepM  # noqa: PLC0415 (takes two seconds)

    names, gains = [], []
    for definition in definitions:
        for target in TARGETS:
            for horizon in HORIZONS:
                kept = kept_rows(seen, definition, horizon)
                held = ring(seen, definition, target, horizon, known, rows=kept[kept < known])
                gain = np.zeros(known)
                excess = (held.returned - held.alike)[held.places]
                if len(excess) and excess.std() > 0:
                    gain[held.rows[held.places]] = excess * known / len(excess)
                    names.append(f"{definition.id}, {target}, {horizon}")
                    gains.append(gain)
    if not names:
        return None
    losses = -np.column_stack(gains)
    nothing = np.zeros(known)
    draws = int(DRAWS.value) // 2
    spa = SPA(nothing, losses, block_size=max(HORIZONS), reps=draws, seed=_SEED)
    spa.compute()
    stepped = StepM(
        nothing,
        losses,
        size=FALSE_DISCOVERIES.value,
        block_size=max(HORIZONS),
        reps=draws,
        seed=_SEED,
    )
    stepped.compute()
    return Confirmation(
        names,
        float(spa.pvalues["consistent"]),
        [name for column, name in enumerate(names) if column in stepped.superior_models],
    )
