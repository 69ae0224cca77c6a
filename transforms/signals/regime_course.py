"""One index on its way through the states: what it showed, and what the machine remembers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from math import isnan, nan

from transforms.signals.follow_through import MISSING, NO_ROW, Attempt
from transforms.signals.regime_rules import YEAR
from transforms.signals.regime_table import UNKNOWN, RuleSet

_YEAR = int(YEAR.value)
SUPPORT, FOLLOW_THROUGH, LONG_MEAN = "support", "follow-through", "200-session mean"
"""What a recovery fails by."""


@dataclass(frozen=True, slots=True)
class Tape:
    """What one index showed, a list a measure and an element a session; NaN where missing.

    Flags are YES, NO or MISSING; the counts are those of legs that no low is needed for.
    """

    dates: list[date]
    run: list[int]
    close: list[float]
    low: list[float]
    is_up: list[bool]
    drawdown: list[float]
    atr: list[float]
    mean_200: list[float]
    above: list[int]
    below: list[int]
    threshold: list[float]
    follows: list[int]
    support: list[float]
    resistance: list[float]
    thrust: list[int]
    below_averages: list[int]
    early_held: list[int]
    early_tested: list[int]
    confirmed_held: list[int]
    confirmed_tested: list[int]


@dataclass(frozen=True, slots=True)
class Move:
    """One change of state, with what was known when it was decided."""

    row: int
    from_state: str
    to_state: str
    days: int
    condition: str
    reason: str


@dataclass(slots=True)
class Course:
    """One index under one set of rules, as of the session told last.

    `undecided` has the low of each rebound that neither recovered nor gave way, and the odds a
    driftless walk had when it began; `past_null` sums those odds of the decided ones.
    """

    tape: Tape
    rule_set: RuleSet
    state: str = UNKNOWN
    entered: int = 0
    run: int = 0
    gap: int = 0
    is_bear_rally: bool = False
    attempt: Attempt | None = None
    low_close: float = nan
    top_close: float = nan
    top_row: int = NO_ROW
    peak_close: float = nan
    peak_row: int = NO_ROW
    pending: float = nan
    broken: float = nan
    passed: list[float] = field(default_factory=list)
    support_lower: float = nan
    support_break: float = nan
    failed_level: float = nan
    failed_by: str = ""
    streak: int = 0
    thrust: int = MISSING
    breakout: int = MISSING
    risen: int = MISSING
    companion: int = MISSING
    companion_recovers: int = MISSING
    early_held: int = 0
    early_tested: int = 0
    confirmed_held: int = 0
    confirmed_tested: int = 0
    undecided: list[tuple[float, float]] = field(default_factory=list)
    past: int = 0
    past_confirmed: int = 0
    past_null: float = 0.0
    moves: list[Move] = field(default_factory=list)

    def low_attempt(self) -> Attempt:
        """The attempt to rise off the low.

        Raises:
            RuntimeError: the state has no low.
        """
        if self.attempt is None:
            message = f"expected a low in state {self.state}"
            raise RuntimeError(message)
        return self.attempt


def rise_pct(course: Course, row: int) -> float:
    """Close from the low in percent, without the last bits of a division."""
    return round(100 * (course.tape.close[row] / course.low_close - 1), 9)


def high_row(tape: Tape, row: int) -> int:
    """Session of the highest close of the window that ends at `row`, the last of equal ones."""
    first = max(0, row - _YEAR + 1)
    held = [at for at in range(first, row + 1) if not isnan(tape.close[at])]
    return max(held, key=lambda at: (tape.close[at], at))


def lowest_row(tape: Tape, first: int, last: int) -> int:
    """Session of the lowest close of a span, the first of equal ones."""
    held = [at for at in range(first, last + 1) if not isnan(tape.close[at])]
    return min(held, key=lambda at: (tape.close[at], at))
