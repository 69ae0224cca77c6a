"""What changed since the session before, one sentence each; nothing is a sentence too."""

from __future__ import annotations

from bi.brief.appetite_words import COLOURS
from bi.brief.change_facts import (
    BROKEN_DOWN,
    BROKEN_UP,
    LEFT_DOWN,
    LEFT_UP,
    NEW,
    Changes,
    ColourChange,
    GradeChange,
    SourceChange,
    StateChange,
    ZoneChange,
)
from bi.brief.numbers import grouped, listed, long_date, short_date, signed
from bi.brief.regime_words import named, state_name

FIRST = "This is the first graded session: there is none before it to compare with."
_GRADES = {
    "SUPPORTED": "supported",
    "PARTLY": "supported in part",
    "NOT SUPPORTED": "not supported",
    "CONTRADICTED": "contradicted",
    "UNTESTABLE": "not testable",
}
_ZONES = {
    BROKEN_DOWN: "was passed downward by two closes",
    BROKEN_UP: "was passed upward by two closes",
    LEFT_DOWN: "has a close below it; to fail takes two",
    LEFT_UP: "has a close above it; to break takes two",
}


def title(changes: Changes) -> str:
    """The section's heading."""
    if changes.previous is None:
        return "What changed"
    return f"What changed since {long_date(changes.previous)}"


def lines(changes: Changes) -> tuple[str, ...]:
    """The changes, what people look for first at the head; what could not be compared at the end.

    One sentence where nothing changed, or where there is no session before.
    """
    if changes.previous is None:
        return (FIRST,)
    told = [
        *(_state(one) for one in changes.states),
        *(_grade(one) for one in changes.grades),
        *(_zone(one) for one in changes.zones),
        *(_colour(one) for one in changes.colours),
        *_composite(changes),
        *(_source(one) for one in changes.sources),
    ]
    if not told:
        told = [_nothing(changes)]
    if changes.absent:
        absent = listed(list(changes.absent))
        told.append(f"Not compared, for want of rows on one of the two sessions: {absent}.")
    return tuple(told)


def _nothing(changes: Changes) -> str:
    compared = ["no grade"]
    for name, words in (
        ("the states of the indices", "no state"),
        ("the zones", "no zone"),
        ("the monitors", "no monitor"),
    ):
        if name not in changes.absent:
            compared.append(words)
    compared.append("no source")
    since = "" if changes.previous is None else f" since {short_date(changes.previous)}"
    return f"Nothing changed{since}: {listed(compared)}."


def _state(change: StateChange) -> str:
    reason = named(change.reason).rstrip(".")
    why = f": {reason}" if reason else ""
    return (
        f"The {change.title} went from {state_name(change.before).lower()} to "
        f"{state_name(change.after).lower()}{why}."
    )


def _grade(change: GradeChange) -> str:
    claim = f"“{change.statement.rstrip('.')}”"
    if change.before is None:
        return f"{claim} is graded for the first time: {_GRADES[str(change.after)]}."
    if change.after is None:
        return f"{claim} is graded no more; it was {_GRADES[change.before]}."
    return f"{claim} is {_GRADES[change.after]}, was {_GRADES[change.before]}."


def _zone(change: ZoneChange) -> str:
    zone = f"{change.kind} {grouped(change.lower)}-{grouped(change.upper)}"
    if change.what == NEW:
        return f"New {zone}: two of its turning points are known now."
    return f"The {zone} {_ZONES[change.what]}."


def _colour(change: ColourChange) -> str:
    was = "" if change.before is None else f", was {COLOURS[change.before]}"
    why = f" {named(change.reasons).rstrip('.')}." if change.reasons else ""
    return f"Monitor “{change.title}” is {COLOURS[change.after]}{was}.{why}"


def _composite(changes: Changes) -> list[str]:
    before, after = changes.composite_before, changes.composite_after
    if before is None or after is None:
        return []
    moved = signed(round(after, 1) - round(before, 1), 1)
    if moved.strip("0.+") == "":
        return []
    return [f"Risk appetite stands at {grouped(after, 1)} of 100, {moved} on the session before."]


def _source(change: SourceChange) -> str:
    if change.is_better:
        return f"Source {change.source_id} is {change.after} again, was {change.before}."
    was = "" if change.before is None else f", was {change.before}"
    return f"Source {change.source_id} is {change.after}{was}."
