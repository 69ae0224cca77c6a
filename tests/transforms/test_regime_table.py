"""The table of transitions is total: every state, every combination of conditions."""

from __future__ import annotations

from itertools import product

import pytest

from transforms.signals.regime_conditions import CONDITIONS
from transforms.signals.regime_rules import THRESHOLDS
from transforms.signals.regime_table import (
    COMPANIONS,
    HAVE_LOW,
    NEW_LOW,
    TRANSITIONS,
    decide,
)
from transforms.signals.size_indices import SIZE_INDICES
from warehouse.tables.signals import STATES

# What the methodology says leads where, told again by hand.
WAYS = {
    "UNKNOWN": {"DRAWDOWN", "ADVANCE"},
    "ADVANCE": {"DRAWDOWN"},
    "DRAWDOWN": {"DRAWDOWN", "REBOUND", "ADVANCE"},
    "REBOUND": {"DRAWDOWN", "FAILED", "EARLY_RECOVERY", "ADVANCE"},
    "EARLY_RECOVERY": {"DRAWDOWN", "FAILED", "CONFIRMED", "ADVANCE", "REBOUND"},
    "CONFIRMED": {"DRAWDOWN", "FAILED", "ADVANCE"},
    "FAILED": {"DRAWDOWN", "REBOUND", "ADVANCE"},
}


@pytest.mark.parametrize("state", STATES)
def test_every_combination_of_conditions_has_one_outcome(state: str) -> None:
    names = [NEW_LOW, *[condition for condition, _ in TRANSITIONS[state]]]
    seen = set()
    for values in product((False, True), repeat=len(names)):
        holds = dict(zip(names, values, strict=True))
        asked: list[str] = []

        def ask(name: str, holds: dict[str, bool] = holds, asked: list[str] = asked) -> bool:
            asked.append(name)
            return holds[name]

        found = decide(state, ask)
        told = [name for name in asked if holds[name]]
        if state in HAVE_LOW and holds[NEW_LOW]:
            assert found == (NEW_LOW, "DRAWDOWN")
        elif not any(holds[name] for name in names[1:]):
            assert found is None
        else:
            # The first that holds decides, and nothing is asked after it.
            assert found is not None
            assert told == [found[0]]
            assert asked[-1] == found[0]
            assert found == next(way for way in TRANSITIONS[state] if holds[way[0]])
        if found is not None:
            seen.add(found[1])
    assert seen == WAYS[state]


def test_every_state_has_a_way_out_and_a_way_in() -> None:
    assert set(TRANSITIONS) == set(STATES)
    for state in STATES:
        assert WAYS[state] - {state}
    # No data leads into UNKNOWN from every state, no condition does.
    assert set().union(*WAYS.values()) == set(STATES) - {"UNKNOWN"}


def test_failure_is_asked_before_progress() -> None:
    for state in ("REBOUND", "EARLY_RECOVERY", "CONFIRMED"):
        targets = [to_state for _, to_state in TRANSITIONS[state] if to_state != "ADVANCE"]
        failures = [at for at, to_state in enumerate(targets) if to_state == "FAILED"]
        assert failures == list(range(len(failures)))


def test_a_close_near_the_high_comes_before_every_smaller_step() -> None:
    for state in ("DRAWDOWN", "REBOUND", "EARLY_RECOVERY", "FAILED"):
        assert TRANSITIONS[state][0] == ("near_high", "ADVANCE")


def test_every_condition_is_known() -> None:
    used = {condition for ways in TRANSITIONS.values() for condition, _ in ways} | {NEW_LOW}
    assert used == set(CONDITIONS)


def test_thresholds_are_declared_once_and_have_a_source() -> None:
    ids = [one.id for one in THRESHOLDS]
    assert len(ids) == len(set(ids))
    assert all(one.id.startswith("regime_") and one.source and one.meaning for one in THRESHOLDS)


def test_every_index_by_size_has_a_companion_among_them() -> None:
    assert set(COMPANIONS) == set(SIZE_INDICES)
    assert all(
        other in SIZE_INDICES and other != index_id for index_id, other in COMPANIONS.items()
    )
