"""The chart of the headline index: what it shows, in figures for drawing and in words."""

from __future__ import annotations

from datetime import date

import polars as pl

from bi.brief.charts import Panel, dated, undrawn
from bi.brief.facts import Facts
from bi.brief.numbers import counted, grouped, listed, percent, short_date
from bi.brief.regime_words import state_name
from bi.brief.standing_drawings import Band, standing
from bi.brief.standing_facts import YEAR_SESSIONS, Chart, Standing, title
from bi.brief.standing_labels import Level
from transforms.signals.size_indices import HEADLINE

NEAREST_LINES = 3
"""Triggers drawn as lines: the nearest."""
FARTHEST_PCT = 20.0
"""From the range of closes; a level beyond it would flatten the closes."""
TOLD_SPANS = 6
"""Stretches that the words of the chart tell: the last."""
_CODES = {
    "UNKNOWN": "?",
    "ADVANCE": "A",
    "DRAWDOWN": "D",
    "REBOUND": "R",
    "EARLY_RECOVERY": "E",
    "CONFIRMED": "C",
    "FAILED": "F",
}
_ZONES = {"support": "Sup", "resistance": "Res"}
_LEVELS = {
    "down_a_tenth": "Drawdown",
    "new_low": "New low",
    "rebound": "Rebound",
    "near_high": "Near high",
    "near_high_settled": "Near high",
    "support_break": "Support",
    "follow_through_break": "Follow day",
    "above_averages": "Means",
    "below_averages": "Means",
    "above_sma_200": "200-mean",
    "long_mean_lost": "200-mean",
    "breakout": "Breakout",
    "risen": "Rise 20%",
    "own_fall": "New fall",
    "regained": "Regained",
}
"""What a level is, not the state behind it: few changes take one close alone."""


def standing_panel(facts: Facts) -> Panel:
    """Closes of 252 sessions with tonight's zones, known turning points, states and levels."""
    name = title(HEADLINE)
    heading = f"The {name}: state, levels and turning points"
    told = facts.standing
    known = told.chart.bars.drop_nulls("close")
    if known.is_empty():
        return undrawn(
            heading,
            f"No close of the {name} is held in the {YEAR_SESSIONS} sessions "
            f"up to {short_date(facts.session_date)}.",
        )
    # What lies before the first close held is no hole.
    bars = told.chart.bars.filter(pl.col("session_date") >= known["session_date"][0])
    levels, beyond = _levels(told, known)
    bands = _bands(told.chart, bars)
    notes = [*_notes(bars, told, bands), *beyond]
    drawn = standing(bars, bands, levels, told.chart.pivots)
    return Panel(heading, _alt(told, known, name), tuple(notes), *drawn)


def _bands(chart: Chart, bars: pl.DataFrame) -> list[Band]:
    places = {day: place for place, day in enumerate(bars["session_date"])}
    bands = []
    for span in chart.spans:
        within = [place for day, place in places.items() if span.first <= day <= span.last]
        if within:
            name = state_name(span.state)
            bands.append(Band(span.state, name, _CODES[span.state], within[0], within[-1]))
    return bands


def _levels(told: Standing, known: pl.DataFrame) -> tuple[list[Level], list[str]]:
    """Zones, the low and the nearest triggers; those too far to be drawn are said instead."""
    found = [
        Level(
            zone.kind,
            f"{_ZONES[zone.kind]} {grouped(zone.lower)}-{grouped(zone.upper)}",
            zone.lower,
            zone.upper,
        )
        for zone in told.zones
    ]
    regime = told.regime
    if regime is not None and regime.low_close is not None and regime.state != "ADVANCE":
        found.append(_line("Low", regime.low_close))
    prices = [
        trigger
        for trigger in told.triggers
        if trigger.unit == "points" and trigger.level is not None
    ]
    taken = {level.lower for level in found if level.kind == "line"}
    drawn = 0
    for trigger in prices:
        if trigger.level is None or trigger.level in taken or drawn == NEAREST_LINES:
            continue
        taken.add(trigger.level)
        drawn += 1
        sign = "<" if trigger.comparison == "below" else ">"
        found.append(_line(f"{_LEVELS.get(trigger.trigger, 'Level')} {sign}", trigger.level))
    low, high = float(known["close"].min()), float(known["close"].max())  # type: ignore[arg-type]
    room = FARTHEST_PCT / 100
    near = [one for one in found if low * (1 - room) <= one.middle <= high * (1 + room)]
    far = [one.name for one in found if one not in near]
    return near, [f"Too far to be drawn: {listed(far)}."] if far else []


def _line(name: str, price: float) -> Level:
    return Level("line", f"{name} {grouped(price)}", price, price)


def _notes(bars: pl.DataFrame, told: Standing, bands: list[Band]) -> list[str]:
    notes = []
    if bands:
        codes = dict.fromkeys((band.code, band.name) for band in bands)
        names = ", ".join(f"{code} {name.lower()}" for code, name in codes)
        notes.append(f"Shaded: the state by the full rules ({names}).")
    else:
        notes.append("Not drawn: the states, of which none is known in these sessions.")
    shapes = []
    if told.regime is not None:
        shapes.append(
            "dotted lines are the low and the nearest levels that count towards another state, "
            "most with more to it"
        )
    if told.zones:
        shapes.append("bands of support and resistance are tonight's, drawn back over the year")
    if told.chart.pivots.height:
        shapes.append("triangles are turning points, each known five sessions later")
    if shapes:
        text = "; ".join(shapes)
        notes.append(f"{text[0].upper()}{text[1:]}.")
    missing = bars.filter(pl.col("close").is_null())["session_date"].to_list()
    if missing:
        notes.append(
            f"No close on {len(missing)} of {bars.height} sessions; the line breaks there. "
            f"{dated(missing)}"
        )
    bare = bars.filter(
        pl.col("close").is_not_null(), pl.any_horizontal(pl.col("high", "low").is_null())
    ).height
    if bare:
        all_of = "No session has" if bare == bars.height - len(missing) else f"{bare} sessions lack"
        notes.append(f"{all_of} a high and a low: only closes are drawn there.")
    return notes


def _alt(told: Standing, known: pl.DataFrame, name: str) -> str:
    days, closes = known["session_date"], known["close"]
    last: date = days[-1]
    first_close, last_close = closes[0], closes[-1]
    story = (
        f"Closes of the {name} from {short_date(days[0])} to {short_date(last)}: they began at "
        f"{grouped(first_close)}, were highest {_extreme(known, descending=True)} and lowest "
        f"{_extreme(known, descending=False)}, and stand at {grouped(last_close)}."
    )
    parts = [story]
    spans = [
        f"{state_name(span.state).lower()} from {short_date(span.first)}"
        for span in told.chart.spans[-TOLD_SPANS:]
    ]
    if spans:
        whole = len(told.chart.spans)
        which = "States" if whole == len(spans) else f"The last {len(spans)} of {whole} states"
        parts.append(f"{which}: {listed(spans)}.")
    for kind, plural in (("support", "Support"), ("resistance", "Resistance")):
        zones = [
            f"{grouped(zone.lower)} to {grouped(zone.upper)}"
            for zone in told.zones
            if zone.kind == kind
        ]
        if zones:
            parts.append(f"{plural} at {listed(zones)}.")
    regime = told.regime
    if regime is not None and regime.low_close is not None and regime.low_date is not None:
        rise = regime.rise_from_low_pct
        since = "" if rise is None else f", {percent(rise)} below the close"
        parts.append(
            f"The low of the drawdown is {grouped(regime.low_close)} of "
            f"{short_date(regime.low_date)}{since if (rise or 0) > 0 else ''}."
        )
    turns = told.chart.pivots["kind"].to_list()
    if turns:
        highs = turns.count("high")
        marked = [counted(highs, "high"), counted(len(turns) - highs, "low")]
        parts.append(f"Marked as turning points: {listed(marked)}.")
    return " ".join(parts)


def _extreme(known: pl.DataFrame, *, descending: bool) -> str:
    """The highest or lowest close with its session, the latest of equals."""
    row = known.sort("close", "session_date", descending=[descending, True]).row(0, named=True)
    return f"at {grouped(row['close'])} on {short_date(row['session_date'])}"
