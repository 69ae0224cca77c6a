"""Bull and bear phases of an index, dated by how far it rose and fell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from transforms.signals.event_study.outcomes import Floats
from transforms.signals.threshold import Threshold

BULL_BEGINS = Threshold(
    "study_phase_rise",
    0.2,
    "ratio",
    "Rise from a low that makes it the start of a bull phase",
    "Lunde and Timmermann, Duration Dependence in Stock Prices, JBES 22 (2004)",
)
BEAR_BEGINS = Threshold(
    "study_phase_fall",
    0.1,
    "ratio",
    "Fall from a high that makes it the start of a bear phase",
    "Lunde and Timmermann, Duration Dependence in Stock Prices, JBES 22 (2004)",
)
THRESHOLDS: tuple[Threshold, ...] = (BULL_BEGINS, BEAR_BEGINS)

_ROUNDING = 1e-12


@dataclass(frozen=True)
class Turn:
    """A low or high between phases, at `row`; it could be known at the close of `known_row`."""

    kind: Literal["low", "high"]
    row: int
    known_row: int


def turns(
    close: Floats, rise: float = BULL_BEGINS.value, fall: float = BEAR_BEGINS.value
) -> list[Turn]:
    """Lows and highs in turn, each known once the close is `rise` above or `fall` below it.

    A later bar changes no turn found before it. Of equal extremes the first is the turn. Missing
    closes are passed over. Before the first turn the phase is unknown; the last phase is open.
    """
    found: list[Turn] = []
    high = low = -1
    phase: Literal["unknown", "bull", "bear"] = "unknown"
    levels = close.tolist()
    for row in np.flatnonzero(~np.isnan(close)).tolist():
        now = levels[row]
        if high < 0 or now > levels[high]:
            high = row
        if low < 0 or now < levels[low]:
            low = row
        fell = phase != "bear" and now <= levels[high] * (1 - fall) * (1 + _ROUNDING)
        rose = phase != "bull" and now >= levels[low] * (1 + rise) * (1 - _ROUNDING)
        if fell:
            found.append(Turn("high", high, row))
            phase, low = "bear", row
        elif rose:
            found.append(Turn("low", low, row))
            phase, high = "bull", row
    return found
