"""The sets of rules and the total table of transitions of the regime machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from transforms.signals.regime_rules import (
    CONFIRMED_NEEDED,
    CONFIRMED_TESTED,
    EARLY_NEEDED,
    EARLY_TESTED,
    INDEX_CONFIRMED,
    INDEX_EARLY,
)

UNKNOWN, ADVANCE, IN_DRAWDOWN = "UNKNOWN", "ADVANCE", "DRAWDOWN"
REBOUND, EARLY, CONFIRMED, FAILED = "REBOUND", "EARLY_RECOVERY", "CONFIRMED", "FAILED"
RECOVERIES = (REBOUND, EARLY, CONFIRMED)

NEW_LOW = "new_low"
HAVE_LOW = (IN_DRAWDOWN, REBOUND, EARLY, CONFIRMED, FAILED)
"""States that have a low: a close under it leads to a drawdown, before and whatever else."""

TRANSITIONS: dict[str, tuple[tuple[str, str], ...]] = {
    UNKNOWN: (("down_a_tenth", IN_DRAWDOWN), ("warm", ADVANCE)),
    ADVANCE: (("down_a_tenth", IN_DRAWDOWN),),
    IN_DRAWDOWN: (("near_high", ADVANCE), ("rebound", REBOUND)),
    REBOUND: (
        ("near_high", ADVANCE),
        ("support_break", FAILED),
        ("follow_through_break", FAILED),
        ("early_legs", EARLY),
    ),
    EARLY: (
        ("near_high", ADVANCE),
        ("support_break", FAILED),
        ("follow_through_break", FAILED),
        ("confirmed_legs", CONFIRMED),
        ("early_legs_lost", REBOUND),
    ),
    CONFIRMED: (
        ("support_break", FAILED),
        ("follow_through_break", FAILED),
        ("long_mean_lost", FAILED),
        ("near_high_settled", ADVANCE),
    ),
    FAILED: (("near_high", ADVANCE), ("own_fall", IN_DRAWDOWN), ("regained", REBOUND)),
}
"""By state, in the order they are tried: a condition and the state it leads to.

A close near the old high ends a drawdown and whatever became of it: no smaller step comes before.
"""

RANKS: dict[str, int] = {
    UNKNOWN: -1,
    IN_DRAWDOWN: 0,
    FAILED: 0,
    REBOUND: 1,
    EARLY: 2,
    CONFIRMED: 3,
    ADVANCE: 4,
}
"""How good a companion's state is; -1 is not known."""

_MIDDLE, _LARGE = "nifty-midcap-100", "nifty-50"
COMPANIONS: dict[str, str] = {
    "nifty-smallcap-50": _MIDDLE,
    "nifty-smallcap-100": _MIDDLE,
    "nifty-smallcap-250": _MIDDLE,
    "nifty-microcap-250": _MIDDLE,
    "nifty-midcap-100": _LARGE,
    "nifty-midcap-150": _LARGE,
    "nifty-50": _MIDDLE,
    "nifty-100": _MIDDLE,
    "nifty-500": _MIDDLE,
}
"""By index, the one that has to go with it."""

EARLY_LEGS: dict[str, str] = {
    "leg_above_averages": "20- and 50-session means",
    "leg_thrust": "follow-through or thrust",
    "leg_breadth_turns": "breadth",
    "leg_flows": "flows",
    "leg_companion": "the companion index",
}
CONFIRMED_LEGS: dict[str, str] = {
    "leg_summation": "breadth summation",
    "leg_above_sma_200": "members above 200-session means",
    "leg_breakout": "breakout held",
    "leg_risen_20": "a fifth above the low",
    "leg_companion_recovers": "the companion's recovery",
    "leg_results": "results",
}
"""Legs of both steps, and what readers call them."""
PLURAL_LEGS = ("leg_above_averages", "leg_flows", "leg_above_sma_200", "leg_results")


@dataclass(frozen=True)
class RuleSet:
    """Which legs decide, and how many of them it takes."""

    name: str
    early: tuple[str, ...]
    early_needed: int
    early_tested: int
    confirmed: tuple[str, ...]
    confirmed_needed: int
    confirmed_tested: int
    is_index: bool


FULL = RuleSet(
    name="full",
    early=tuple(EARLY_LEGS),
    early_needed=int(EARLY_NEEDED.value),
    early_tested=int(EARLY_TESTED.value),
    confirmed=tuple(CONFIRMED_LEGS),
    confirmed_needed=int(CONFIRMED_NEEDED.value),
    confirmed_tested=int(CONFIRMED_TESTED.value),
    is_index=False,
)
INDEX = RuleSet(
    name="index",
    early=("leg_above_averages",),
    early_needed=int(INDEX_EARLY.value),
    early_tested=int(INDEX_EARLY.value),
    confirmed=("leg_breakout", "leg_risen_20"),
    confirmed_needed=int(INDEX_CONFIRMED.value),
    confirmed_tested=int(INDEX_CONFIRMED.value),
    is_index=True,
)


def decide(state: str, holds: Callable[[str], bool]) -> tuple[str, str] | None:
    """The condition that is met first and the state it leads to; None where none is met.

    Args:
        state: the state before.
        holds: whether a condition of TRANSITIONS, or NEW_LOW, is met.
    """
    if state in HAVE_LOW and holds(NEW_LOW):
        return NEW_LOW, IN_DRAWDOWN
    for condition, to_state in TRANSITIONS[state]:
        if holds(condition):
            return condition, to_state
    return None
