"""Every symbol that a listed company had, by the exchange's list of changes.

A symbol that one company gave up may be another's later: a step from one symbol to the next is
taken only where nobody else can have held the symbol in between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

Step = tuple[date, str]
"""The first date under the new symbol, and the symbol at the other end of the change."""


@dataclass(frozen=True)
class SymbolHistory:
    """Changes by the symbol they led to and by the one they led from, oldest first."""

    into: Mapping[str, Sequence[Step]]
    out_of: Mapping[str, Sequence[Step]]


def symbol_history(changes: Iterable[tuple[str, str, date]]) -> SymbolHistory:
    """Changes (old symbol, new symbol, first date under the new one), in any order."""
    into: dict[str, list[Step]] = defaultdict(list)
    out_of: dict[str, list[Step]] = defaultdict(list)
    for old, new, changed_on in sorted(changes, key=lambda change: (change[2], change[:2])):
        into[new].append((changed_on, old))
        out_of[old].append((changed_on, new))
    return SymbolHistory(dict(into), dict(out_of))


def symbols_of(
    history: SymbolHistory, symbol: str, broadcast_on: date, listed_on: date
) -> tuple[str, ...]:
    """All symbols of the company whose filing is listed under `symbol`, oldest first.

    Args:
        history: the changes.
        symbol: as listed.
        broadcast_on: the date of the filing.
        listed_on: the date on which the list was had. A list that a user had kept shows the symbol
            of an earlier date: where the symbol was given up since the broadcast and nobody took it
            after, the filing is the former holder's.
    """
    day = _held_on(history, symbol, broadcast_on, listed_on)
    former: list[str] = []
    at = symbol, day
    while step := _before(history, *at):
        former.append(step[1])
        at = step[1], step[0] - timedelta(days=1)
    later: list[str] = []
    at = symbol, day
    while step := _after(history, *at):
        later.append(step[1])
        at = step[1], step[0]
    return tuple(dict.fromkeys((*reversed(former), symbol, *later)))


def _held_on(history: SymbolHistory, symbol: str, broadcast_on: date, listed_on: date) -> date:
    """A date on which the company of the filing held the symbol."""
    given_up = [on for on, _ in history.out_of.get(symbol, ()) if broadcast_on <= on <= listed_on]
    if not given_up:
        return listed_on
    is_taken = any(given_up[-1] <= on <= listed_on for on, _ in history.into.get(symbol, ()))
    return listed_on if is_taken else given_up[-1] - timedelta(days=1)


def _before(history: SymbolHistory, symbol: str, day: date) -> Step | None:
    """The change by which whoever held a symbol on a day had come to it."""
    steps = [step for step in history.into.get(symbol, ()) if step[0] <= day]
    if not steps:
        return None
    came_on = steps[-1][0]
    is_gone = any(came_on < on <= day for on, _ in history.out_of.get(symbol, ()))
    return None if is_gone else steps[-1]


def _after(history: SymbolHistory, symbol: str, day: date) -> Step | None:
    """The change by which whoever held a symbol on a day gave it up."""
    step = next((step for step in history.out_of.get(symbol, ()) if step[0] > day), None)
    if step is None:
        return None
    is_anothers = any(day < on < step[0] for on, _ in history.into.get(symbol, ()))
    return None if is_anothers else step
