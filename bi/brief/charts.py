"""The brief's charts: what each shows, in figures for drawing and in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from bi.brief import drawings
from bi.brief.facts import Facts
from bi.brief.flow_words import venues
from bi.brief.numbers import grouped, listed, rupees_crore, short_date
from bi.brief.season_facts import BEFORE, NOW, Season
from bi.brief.series import INDICES, LEVEL_SESSIONS, Flows, Lines

MARKED_SESSIONS = 9
FEW_DATES = 3
DAYS_AFTER_DUE = 20


@dataclass(frozen=True)
class Panel:
    """One chart of the page: its heading, what it shows in words, and two drawings or none."""

    title: str
    alt: str
    notes: tuple[str, ...]
    wide: str | None
    narrow: str | None


def panels(facts: Facts) -> tuple[Panel, ...]:
    """The charts of the market; a panel whose data is missing says so instead of drawing none."""
    return (levels_panel(facts), drawdown_panel(facts))


def levels_panel(facts: Facts) -> Panel:
    """The four tiers of the market, set to 100 on one session."""
    title = "Four tiers of the market, rebased to 100"
    lines = facts.levels
    if not lines.names:
        return undrawn(title, _levels_missing(facts.session_date))
    frame, base = rebased(lines)
    if base is None:
        return undrawn(
            title,
            f"{listed(list(lines.names))} share no session with a close in the last "
            f"{LEVEL_SESSIONS}, so there is no common base.",
        )
    marked = frame["session_date"].unique().sort()[-(MARKED_SESSIONS + 1) :]
    first, last = marked[0], marked[-1]
    ends = [
        f"{name} {_last(frame, name)}" for name in lines.names if _last(frame, name) is not None
    ]
    alt_text = (
        f"Closing levels of {listed(list(lines.names))}, price return, from "
        f"{short_date(frame['session_date'][0])} to {short_date(facts.session_date)}, "
        f"each set to 100 on {short_date(base)}. At the end: {listed(ends) or 'no closes'}. "
        f"The {MARKED_SESSIONS} sessions after {short_date(first)} are shaded."
    )
    notes = [f"Shaded: the {MARKED_SESSIONS} sessions after the close of {short_date(first)}."]
    drawn = drawings.lines(frame, lines.names, f"100 = {base}", shaded=(first, last))
    return Panel(title, alt_text, (*notes, *_gaps(lines)), *drawn)


def drawdown_panel(facts: Facts) -> Panel:
    """How far two indices are below their highest close of 252 sessions."""
    title = "Below the highest close of 252 sessions"
    lines = facts.drawdowns
    if not lines.names:
        return undrawn(
            title,
            "mart.index_momentum holds no drawdown for "
            f"{listed(list(lines.absent))} up to {short_date(facts.session_date)}: it takes 252 "
            "sessions without a hole.",
        )
    ends = [
        f"{name} {grouped(value, 1)}%"
        for name in lines.names
        if (value := _value_on(lines.frame, name, facts.session_date)) is not None
    ]
    alt_text = (
        f"Drawdown of {listed(list(lines.names))} from the highest close of 252 sessions, in "
        f"percent, from {short_date(lines.frame['session_date'][0])} to "
        f"{short_date(facts.session_date)}. At the end: {listed(ends) or 'not known'}."
    )

    drawn = drawings.lines(lines.frame, lines.names, "percent")
    return Panel(title, alt_text, tuple(_gaps(lines)), *drawn)


def flows_panel(facts: Facts) -> Panel:
    """Net buying each session, and its running sums."""
    title = "Net buying by foreign and domestic institutions"
    flows = facts.flows
    lines = flows.lines
    if not lines.names:
        return undrawn(
            title,
            f"mart.flow holds no net buying for {listed(list(lines.absent))} in the sessions up to "
            f"{short_date(facts.session_date)}. The exchange shows the figure on the day "
            "alone: missed days can only be imported.",
        )
    frame = running_sums(lines)
    marks = {}
    if flows.beside is not None and "FII" in lines.names:
        frame = pl.concat([frame, running_sums(flows.beside)])
        marks = {"FII": flows.beside.names[0]}
    ends = [
        f"{name} {rupees_crore(value)}"
        for name in lines.names
        if (value := _value_on(frame, name, facts.session_date, "running")) is not None
    ]
    beside = f" The {marks['FII'].rpartition(', ')[2]} count stands as ticks." if marks else ""
    alt_text = (
        f"Net buying of {listed(list(lines.names))} each session as bars, and the running sums as "
        f"lines, in Rs crore, from {short_date(frame['session_date'][0])} to "
        f"{short_date(facts.session_date)}.{beside} "
        f"Running sum at the end: {listed(ends) or 'not known'}."
    )

    drawn = drawings.bars_with_sums(frame, lines.names, marks)
    return Panel(title, alt_text, (_flow_basis(flows), *_gaps(lines)), *drawn)


def coverage_panel(season: Season) -> Panel:
    """How many of the market's companies had filed on each day of the season, and a year before."""
    title = "Results filed through the season"
    frame, market = season.coverage, season.market
    shown = frame.drop_nulls("value")
    names = tuple(name for name in (NOW, BEFORE) if name in set(shown["name"]))
    if market is None or NOW not in names:
        return undrawn(title, "mart.earnings does not say how many companies have filed.")
    due_day = (market.due_date - market.quarter_end).days
    day, value = shown.filter(pl.col("name") == NOW).select("day", "value").row(-1)
    then = shown.filter(pl.col("name") == BEFORE, pl.col("day") <= day)["value"]
    text = (
        f"Share of the market's companies that have filed, by days after the quarter's end; "
        f"{grouped(value)}% on day {day}, due on day {due_day}."
    )
    text += f" A year before it was {grouped(then[-1])}% by then." if len(then) else ""
    notes = [] if BEFORE in names else ["The season a year before is not in the warehouse."]
    # What came in long after the due day says nothing of this one.
    frame = frame.filter(pl.col("day") <= max(due_day + DAYS_AFTER_DUE, day))
    drawn = drawings.share_by_day(frame, names, "% of companies", due_day)
    return Panel(title, text, tuple(notes), *drawn)


def rebased(lines: Lines) -> tuple[pl.DataFrame, date | None]:
    """Each line over its value on the first session that all have, times 100, and that session.

    The session is None where they share none.
    """
    counts = lines.frame.drop_nulls("value").group_by("session_date").len()
    shared = counts.filter(pl.col("len") == len(lines.names))["session_date"].sort()
    if shared.is_empty():
        return lines.frame, None
    base: date = shared[0]
    start = lines.frame.filter(pl.col("session_date") == base).select("name", start="value")
    frame = lines.frame.join(start, on="name", how="left", maintain_order="left")
    return frame.with_columns(value=100 * pl.col("value") / pl.col("start")).drop("start"), base


def running_sums(lines: Lines) -> pl.DataFrame:
    """The frame with `running`: the sum since the window's start, or since the last hole."""
    run = pl.col("value").is_null().cum_sum().over("name")
    return lines.frame.with_columns(run=run).with_columns(
        running=pl.when(pl.col("value").is_not_null()).then(
            pl.col("value").cum_sum().over("name", "run")
        )
    )


def _levels_missing(session: date) -> str:
    return (
        f"core.index_bar holds no price close of {listed(list(INDICES.values()))} in the "
        f"{LEVEL_SESSIONS} sessions up to {short_date(session)}."
    )


def _flow_basis(flows: Flows) -> str:
    words = f"Rs crore, {venues(flows.scope)}, {flows.stage}."
    if flows.beside is not None:
        other = flows.beside.names[0].rpartition(", ")[2]
        words += f" Ticks and dotted line: {other}, {venues(flows.beside_scope)}."
    if flows.imported_sessions:
        words += f" {flows.imported_sessions} of these sessions come from an imported file."
    return words


def _gaps(lines: Lines) -> list[str]:
    notes = []
    if lines.absent:
        notes.append(f"Not in the warehouse for these sessions: {listed(list(lines.absent))}.")
    holes = (
        lines.frame.group_by("name", maintain_order=True)
        .agg(
            missing=pl.col("session_date").filter(pl.col("value").is_null()),
            sessions=pl.len(),
        )
        .filter(pl.col("missing").list.len() > 0)
        .group_by("missing", "sessions", maintain_order=True)
        .agg("name")
    )
    for missing, sessions, names in holes.iter_rows():
        notes.append(
            f"{listed(names)}: no value on {len(missing)} of {sessions} sessions; the line breaks "
            f"there. {dated(missing)}"
        )
    return notes


def dated(missing: list[date]) -> str:
    """Which sessions lack a value: each where they are few, else the first and the last."""
    if len(missing) <= FEW_DATES:
        return f"Missing: {listed([short_date(day) for day in missing])}."
    return f"Missing first on {short_date(missing[0])}, last on {short_date(missing[-1])}."


def _value_on(frame: pl.DataFrame, name: str, session: date, column: str = "value") -> float | None:
    row = frame.filter(pl.col("name") == name, pl.col("session_date") == session)
    value: float | None = row[column][0] if row.height else None
    return value


def _last(frame: pl.DataFrame, name: str) -> str | None:
    value = _value_on(frame, name, frame["session_date"].max())  # type: ignore[arg-type]
    return None if value is None else grouped(value, 1)


def undrawn(title: str, what: str) -> Panel:
    """A panel without a drawing, which says what is missing."""
    return Panel(title, what, (what,), None, None)
