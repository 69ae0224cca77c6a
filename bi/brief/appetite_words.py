"""Monitors, pillars and the composite in words; colours are words before they are colours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from bi.brief.appetite_facts import Appetite, Composite, Monitor, Pillar, PillarInput
from bi.brief.numbers import (
    counted,
    figure,
    grouped,
    listed,
    percent,
    percentile,
    short_date,
    signed,
)
from bi.brief.regime_words import named
from transforms.signals.risk_inputs import INPUTS

WATCH_TITLE = "What to watch next"
APPETITE_TITLE = "Appetite for risk"
NO_MONITORS = "Nothing to watch is coloured for this session."
NO_APPETITE = "Appetite for risk is not measured for this session."
COLOURS = {"green": "green", "amber": "amber", "red": "red", "unknown": "not known"}
UNKNOWN = "unknown"
SHAPES = {
    "green": "\N{BLACK UP-POINTING TRIANGLE}",
    "amber": "\N{BLACK DIAMOND}",
    "red": "\N{BLACK DOWN-POINTING TRIANGLE}",
    "unknown": "?",
}
TITLES = {
    "trend": "Price and trend",
    "breadth": "Breadth",
    "flows": "Flows",
    "leadership": "Leadership",
    "stress": "Low stress",
}
SCALE = (
    "Each figure is ranked in its own history up to the session, 0 to 100; figures of stress are "
    "turned round, so that high is appetite everywhere. A pillar is the mean of its ranks, the "
    "whole the mean of the pillars. 50 is the middle of what has been seen."
)
_TITLES = {one.id: one.title for one in INPUTS} | {
    name: title.lower() for name, title in TITLES.items()
}
# An id stands before a colon, a comma or the end: a word within a sentence stays.
_ID = re.compile(rf"\b({'|'.join(sorted(_TITLES, key=len, reverse=True))})(?=:|,|$)")
# Where monitors change colour too (methodology 2, row 18).
_HIGH, _LOW = 60.0, 40.0


def colour_word(colour: str) -> str:
    """A colour as a sentence says it."""
    return COLOURS[colour]


def tally(monitors: Sequence[Monitor]) -> str:
    """How many monitors have which colour, as a sentence."""
    if not monitors:
        return NO_MONITORS
    found = [monitor.colour for monitor in monitors]
    parts = [f"{found.count(name)} {word}" for name, word in COLOURS.items() if name in found]
    return f"Of {counted(len(found), 'monitor')}: {listed(parts)}."


def since(monitor: Monitor, session: date) -> str:
    """Since when a monitor has its colour, and what it was before."""
    before = monitor.previous_colour
    if before is None and monitor.colour == UNKNOWN:
        return "never known so far"
    was = f", before that {colour_word(before)}" if before is not None else ""
    if monitor.changed_on == session:
        return f"new tonight{was}" if before is not None else "first known tonight"
    return f"since {short_date(monitor.changed_on)}{was}"


def measured(value: float | None, unit: str) -> str:
    """A monitor's or an input's figure; a mean of ranks is a place on the gauge's scale."""
    if unit == "rank" and value is not None:
        return f"{grouped(value)} of 100"
    return figure(value, unit)


_MEASURED = {
    "fii_inflows": "{} net over 10 sessions",
    "filings": "{} more surprises up than down",
    "midcap_participation": "{} from the high of 252 sessions",
    "level_holds": "{} above the support",
}
"""What a monitor's figure measures; a mean of ranks says it by its scale."""


def monitor_figure(monitor: Monitor) -> str:
    """A monitor's figure with what it measures, and its rank; empty where there is none.

    Below its support a close is measured by the failure line, in the reason.
    """
    if monitor.value is None:
        return ""
    if monitor.unit == "ATR" and monitor.value < 0:
        return ""
    unit = monitor.unit
    shown = (
        f"{grouped(monitor.value, 1)} {unit}" if unit == "ATR" else measured(monitor.value, unit)
    )
    shown = _MEASURED.get(monitor.monitor_id, "{}").format(shown)
    # A mean of ranks is on the scale of its bands already: it has no rank beside itself.
    if monitor.percentile is None or unit == "rank":
        return shown
    return f"{shown}, percentile {percentile(monitor.percentile)}"


def monitor_line(monitor: Monitor, session: date) -> str:
    """A monitor as one line: `Foreign inflows: green, since ..., Rs ..., percentile ...`."""
    said = [f"{monitor.title}: {colour_word(monitor.colour)}", since(monitor, session)]
    measures = monitor_figure(monitor)
    said += [measures] if measures else []
    return f"{', '.join(said)}. {why(monitor)}".strip()


def why(monitor: Monitor) -> str:
    """Why a monitor has its colour, as a sentence; empty where nothing is said."""
    text = left_out(named(monitor.reasons))
    text = text[:1].upper() + text[1:]
    return text if not text or text.endswith(".") else f"{text}."


def left_out(text: str) -> str:
    """Inputs and pillars by their titles instead of their ids."""
    return _ID.sub(lambda found: _TITLES[found[1]], text)


def headline(composite: Composite | None) -> str:
    """The composite in one sentence, or why there is none."""
    if composite is None:
        return NO_APPETITE
    if composite.composite is None:
        missing = f" Left out: {left_out(composite.missing)}." if composite.missing else ""
        return (
            f"No composite: {grouped(composite.pillars)} of 5 pillars and "
            f"{percent(composite.fresh_pct, 0)} of {counted(composite.inputs, 'input')} are at "
            f"hand; it takes 4 and 60%.{missing}"
        )
    value = composite.composite
    where = "near the middle of what has been seen"
    if not _LOW < value < _HIGH:
        where = f"on the side of {'appetite' if value >= _HIGH else 'caution'}"
    return f"{grouped(value)} of 100, {where}{_range(composite)}{_change(composite)}."


def _range(composite: Composite) -> str:
    low, high = composite.lowest_without_one, composite.highest_without_one
    if low is None or high is None:
        return ""
    return f"; {span(low, high)} with any one pillar left out"


def span(low: float, high: float) -> str:
    """Two values as a range, or the one that both round to."""
    return grouped(low) if grouped(low) == grouped(high) else f"{grouped(low)} to {grouped(high)}"


def _change(composite: Composite) -> str:
    if composite.change_9 is None:
        return ""
    rank = composite.change_9_percentile
    ranked = "" if rank is None else f" (percentile {percentile(rank)} of such changes)"
    return f"; {signed(composite.change_9, 1)} points over nine sessions{ranked}"


def coverage(composite: Composite) -> str:
    """What the composite stands on, and what it lacks."""
    text = (
        f"{grouped(composite.pillars)} of 5 pillars, {percent(composite.fresh_pct, 0)} of "
        f"{counted(composite.inputs, 'input')} fresh."
    )
    return f"{text} Left out: {left_out(composite.missing)}." if composite.missing else text


def component(composite: Composite) -> str:
    """What the first principal component says beside the equal weights; empty where unknown."""
    rank = composite.first_component_percentile
    if rank is None:
        return ""
    if composite.is_first_component_apart:
        told = "more than 15 from the composite, so the weights matter tonight"
    else:
        told = "close to the composite"
    return f"As a check, the first principal component is at percentile {percentile(rank)}, {told}."


def pillar_title(pillar: Pillar) -> str:
    """What people call a pillar."""
    return TITLES[pillar.pillar]


def pillar_value(pillar: Pillar) -> str:
    """A pillar's value, or that it is missing."""
    return "missing" if pillar.value is None else grouped(pillar.value)


def pillar_note(pillar: Pillar) -> str:
    """What a pillar stands on: coverage, freshness, what is left out."""
    parts = [f"{pillar.fresh} of {pillar.inputs} inputs fresh"]
    if pillar.value is not None and pillar.oldest_sessions:
        parts.append(f"the oldest {counted(pillar.oldest_sessions, 'session')} old")
    if pillar.missing:
        parts.append(f"left out: {left_out(pillar.missing)}")
    return "; ".join(parts)


def pillar_alt(pillar: Pillar) -> str:
    """A pillar's gauge in words."""
    if pillar.value is None:
        return f"{pillar_title(pillar)}: no value."
    ranks = [part.percentile for part in used(pillar)]
    shown = [rank for rank in ranks if rank is not None]
    spread = f"; its inputs from {span(min(shown), max(shown))}" if shown else ""
    return f"{pillar_title(pillar)}: {grouped(pillar.value)} of 100{spread}."


def composite_alt(composite: Composite) -> str:
    """The composite's gauge in words."""
    return f"Composite: {headline(composite)}"


def used(pillar: Pillar) -> list[PillarInput]:
    """The inputs a pillar's value is the mean of."""
    return [part for part in pillar.parts if part.is_fresh and part.percentile is not None]


def input_age(part: PillarInput) -> str:
    """How old an input's figure is, and whether it is used."""
    if part.age_sessions is None:
        return "not held"
    age = "of this session" if part.age_sessions == 0 else counted(part.age_sessions, "session")
    age = age if part.age_sessions == 0 else f"{age} old"
    return age if part.is_fresh else f"{age}, not used"


def input_rank(part: PillarInput) -> str:
    """An input's rank, and whether it is turned round."""
    return percentile(part.percentile) + (" (turned round)" if part.is_inverted else "")


def lines(appetite: Appetite) -> tuple[str, ...]:
    """The composite and the pillars as plain lines."""
    composite = appetite.composite
    if composite is None:
        return (NO_APPETITE,)
    head = [headline(composite)]
    if composite.composite is not None:
        head += [coverage(composite), component(composite)]
    pillars = [
        f"{pillar_title(pillar)}: {pillar_value(pillar)} ({pillar_note(pillar)})"
        for pillar in appetite.pillars
    ]
    return tuple(line for line in (*head, *pillars) if line)


def monitor_lines(appetite: Appetite, session: date) -> tuple[str, ...]:
    """The monitors as plain lines."""
    if not appetite.monitors:
        return (NO_MONITORS,)
    return tuple(monitor_line(monitor, session) for monitor in appetite.monitors)
