"""Chance, intervals, multiplicity and power of an event study."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np

from transforms.signals.event_study.outcomes import Floats, Whole
from transforms.signals.threshold import Threshold

LEAST_EVENTS = Threshold(
    "study_least_events", 10, "events", "Fewer are INSUFFICIENT", "Methodology 5.7"
)
ENOUGH_EVENTS = Threshold(
    "study_enough_events", 30, "events", "Fewer are PARTLY at most", "Methodology 5.7"
)
FALSE_DISCOVERIES = Threshold(
    "study_false_discoveries",
    0.10,
    "probability 0-1",
    "False discovery rate of the family, of SUPPORTED and PARTLY alike",
    "Methodology 5.5; Benjamini and Hochberg (1995)",
)
LEAST_SHIFTS = Threshold(
    "study_least_shifts",
    99,
    "rotations",
    "Fewer rotations give no p-value: it could not be below 1%",
    "Riskon convention",
)
THRESHOLDS: tuple[Threshold, ...] = (LEAST_EVENTS, ENOUGH_EVENTS, FALSE_DISCOVERIES, LEAST_SHIFTS)

POWER_SIGMAS = 1.959963984540054 + 0.8416212335729143
"""Normal quantiles of a two-sided 5% test and of 80% power."""

_ROUNDING = 1e-9
"""Part of the largest possible statistic that is rounding: it must not part equal ones."""


def rotations(residual: Floats, rows: Whole) -> Floats:
    """Mean residual over the events at every rotation of them: element s has moved them by s."""
    twice = np.concatenate([residual, residual])
    total = np.zeros(len(residual))
    for row in rows:
        total += twice[row : row + len(residual)]
    return total / len(rows)


def circular_shift_p(residual: Floats, rows: Whole, horizon: int) -> float | None:
    """Two-sided p-value: how often events moved elsewhere together do as well or badly.

    Every rotation of at least `horizon` sessions either way is looked at, a superset of any
    10,000 drawn at random from them. Moving all events at once keeps their clusters.

    Args:
        residual: one value a session of the ring.
        rows: places of the events in it.
        horizon: sessions of the outcome; nearer rotations would overlap with the events.

    Returns:
        (1 + rotations at least as far from 0) / (1 + rotations), null without events or where the
        ring is too short for LEAST_SHIFTS.

    Source: methodology 5.4; the added 1 after Phipson and Smyth, Permutation P-values Should
        Never Be Zero (2010).
    """
    shifts = len(residual) - 2 * horizon + 1
    if not len(rows) or shifts < LEAST_SHIFTS.value:
        return None
    # Centred, so that the mean over all rotations is nothing.
    far = np.abs(rotations(residual - residual.mean(), rows))
    tolerance = _ROUNDING * float(np.abs(residual).max())
    moved = far[horizon : len(residual) - horizon + 1]
    return float(1 + np.count_nonzero(moved >= far[0] - tolerance)) / (1 + shifts)


def false_discovery_q(p_values: Sequence[float | None]) -> list[float | None]:
    """Benjamini-Hochberg adjusted p-values over the tests that could be made; null stays null."""
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415 (takes two seconds)

    made = [p for p in p_values if p is not None]
    if not made:
        return [None] * len(p_values)
    adjusted = iter(multipletests(made, method="fdr_bh")[1])
    return [None if p is None else float(next(adjusted)) for p in p_values]


def wilson(hits: int, trials: int) -> tuple[float, float] | None:
    """95% Wilson score interval of a share; null without trials."""
    return _proportion(hits, trials, "wilson")


def clopper_pearson(hits: int, trials: int) -> tuple[float, float] | None:
    """95% exact (Clopper-Pearson) interval of a share; null without trials."""
    return _proportion(hits, trials, "beta")


def _proportion(hits: int, trials: int, method: str) -> tuple[float, float] | None:
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415 (two seconds)

    if not trials:
        return None
    low, high = proportion_confint(hits, trials, alpha=0.05, method=method)
    return float(low), float(high)


def minimum_detectable(deviation: float, events: int) -> float | None:
    """Excess that a two-sided 5% test finds with 80% power, in the unit of `deviation`."""
    return POWER_SIGMAS * deviation / sqrt(events) if events else None


def study_grade(
    events: int, p_value: float | None, q_value: float | None, excess: float | None
) -> str:
    """The grade of one test; events never overlap, so that each counts as one (N_eff = N).

    All grades but NOT SUPPORTED take the p-value corrected for the tests made: the best of
    eighteen is below 10% by luck alone in most histories.
    """
    if events < LEAST_EVENTS.value or p_value is None or q_value is None or excess is None:
        return "INSUFFICIENT"
    if q_value > FALSE_DISCOVERIES.value or not excess:
        return "NOT SUPPORTED"
    if excess < 0:
        return "CONTRADICTED"
    return "SUPPORTED" if events >= ENOUGH_EVENTS.value else "PARTLY"
