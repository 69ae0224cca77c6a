"""The study's controls, in words and tables."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from transforms.signals.event_study import controls
from transforms.signals.event_study.bull_phases import BEAR_BEGINS, BULL_BEGINS, Turn, turns
from transforms.signals.event_study.events import DEFINITIONS, HORIZONS, MARKET, TITLES
from transforms.signals.event_study.study import quarter_rows, signed
from transforms.signals.event_study.watched import Watched, kept_rows

_AFTER_LOW = 63


def controls_told(seen: Watched, through: date, known: int) -> list[str]:
    """Sections on what should not matter, and where events fall in dated bull phases."""
    return [
        "## Controls",
        "",
        *_exchanged(seen, through),
        "",
        *_placebo(seen, known),
        "",
        *_subsets(seen, through),
        "",
        *_dated(seen),
    ]


def _exchanged(seen: Watched, through: date) -> list[str]:
    """Large caps in the place of small ones."""
    told = [
        f"- {TITLES[row['target']]}, {row['horizon_sessions']} sessions: {row['reasons']}."
        for row in quarter_rows(seen.with_definition(controls.ROLES_EXCHANGED), through)
    ]
    return [f"Roles exchanged. {controls.ROLES_EXCHANGED.statement}:", "", *told]


def _placebo(seen: Watched, known: int) -> list[str]:
    found = controls.placebos(seen, known)
    draws = sum(one.draws for one in found)
    if not draws:
        return ["Placebo: no test has events whose number could be drawn at random."]
    hits = sum(one.found for one in found)
    return [
        (
            f"Placebo: {draws} sets of as many sessions at random, over {len(found)} tests, "
            "were found "
            f"to matter at 5% in {100 * hits / draws:.1f}% of cases; 5% is what chance allows."
        )
    ]


def _subsets(seen: Watched, through: date) -> list[str]:
    """Excess in points and p, with some of the events alone."""
    found = controls.subsets(seen, through)
    head = ["event", "target", "h", *found]
    lines = ["Excess in points, number of events and p with some of them alone:", ""]
    lines += [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for position, row in enumerate(next(iter(found.values()))):
        cells = [_cell(rows[position]) for rows in found.values()]
        named = [f"`{row['event_id']}`", TITLES[row["target"]], str(row["horizon_sessions"])]
        lines.append(f"| {' | '.join([*named, *cells])} |")
    return lines


def _cell(row: dict[str, Any]) -> str:
    if row["excess_pct"] is None:
        return "no event"
    p_value = "" if row["p_value"] is None else f", p {row['p_value']:.2f}"
    return f"{signed(row['excess_pct'])} (N {row['events']}{p_value})"


def _dated(seen: Watched) -> list[str]:
    """Where events stand in bull phases, which only later sessions can date."""
    close = seen.targets[MARKET].level
    found = turns(close)
    lows = [turn for turn in found if turn.kind == "low"]
    told = [
        (
            f"Bull phases of {TITLES[MARKET]}, dated afterwards by a rise of "
            f"{100 * BULL_BEGINS.value:.0f}% "
            f"from a low and a fall of {100 * BEAR_BEGINS.value:.0f}% from a high: "
            f"{len(lows)}, from "
            f"lows of {', '.join(str(seen.dates[turn.row]) for turn in lows) or 'no session'}."
        ),
        "",
    ]
    for definition in DEFINITIONS:
        rows = kept_rows(seen, definition, max(HORIZONS))
        counted = Counter(_place(found, int(row)) for row in rows)
        listed = ", ".join(f"{count} {place}" for place, count in counted.most_common())
        told.append(f"- `{definition.id}`: {listed or 'no event'}.")
    return told


def _place(found: list[Turn], row: int) -> str:
    """Where a row stands among the dated phases."""
    before = [turn for turn in found if turn.row <= row]
    if not before:
        return "before the first turn"
    if before[-1].kind == "high":
        return "in a bear phase"
    near = row - before[-1].row <= _AFTER_LOW
    return f"in a bull phase, {'within' if near else 'after'} {_AFTER_LOW} sessions of its low"
