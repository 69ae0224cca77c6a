"""The brief's charts as SVG: drawn by Vega without a browser, coloured by the page's own variables.

Each comes in two widths, because text that a phone shrinks cannot be read. Lines differ in dash as
well as colour, and break where a session has no value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import altair as alt
import polars as pl
import vl_convert

from bi.brief.facts import Facts
from bi.brief.numbers import grouped, listed, rupees_crore, short_date
from bi.brief.series import INDICES, LEVEL_SESSIONS, Flows, Lines

MARKED_SESSIONS = 9
WIDE, NARROW = (680, 280), (300, 230)

Drawing = alt.LayerChart | alt.FacetChart | alt.VConcatChart

_COLOURS = {
    "Nifty 50": "var(--line-1)",
    "Midcap 100": "var(--line-2)",
    "Smallcap 100": "var(--line-3)",
    "Microcap 250": "var(--line-4)",
    "FII": "var(--line-3)",
    "DII": "var(--line-1)",
}
_DASHES = {
    "Nifty 50": [1, 0],
    "Midcap 100": [6, 3],
    "Smallcap 100": [1, 0],
    "Microcap 250": [2, 3],
    "FII": [1, 0],
    "DII": [6, 3],
}
_WIDTHS = {"Smallcap 100": 3.0, "FII": 2.5}
_LINE_ENCODING = "name:N"


@dataclass(frozen=True)
class Panel:
    """One chart of the page: its heading, what it shows in words, and two drawings or none."""

    title: str
    alt: str
    notes: tuple[str, ...]
    wide: str | None
    narrow: str | None


def panels(facts: Facts) -> tuple[Panel, ...]:
    """The three charts; a panel whose data is missing says so instead of drawing nothing."""
    return (_rebased(facts), _drawdown(facts), _flows(facts))


def _rebased(facts: Facts) -> Panel:
    title = "Four tiers of the market, rebased to 100"
    lines = facts.levels
    if not lines.names:
        return _missing(title, _levels_missing(facts.session_date))
    frame, base = rebased(lines)
    if base is None:
        return _missing(
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
    band = pl.DataFrame({"start": [_day(first)], "end": [_day(last)]})

    def draw(size: tuple[int, int]) -> Drawing:
        shade = (
            alt.Chart(band)
            .mark_rect(color="var(--shade)", opacity=1)
            .encode(x=alt.X("start:T", scale=alt.Scale(type="utc")), x2="end:T")
        )
        return alt.layer(shade, _line_chart(frame, lines.names, "100 = " + str(base), size))

    notes = [f"Shaded: the {MARKED_SESSIONS} sessions after the close of {short_date(first)}."]
    return _panel(title, alt_text, [*notes, *_gaps(lines)], draw)


def _drawdown(facts: Facts) -> Panel:
    title = "Below the highest close of 252 sessions"
    lines = facts.drawdowns
    if not lines.names:
        return _missing(
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

    def draw(size: tuple[int, int]) -> Drawing:
        return _line_chart(lines.frame, lines.names, "percent", size)

    return _panel(title, alt_text, _gaps(lines), draw)


def _flows(facts: Facts) -> Panel:
    title = "Net buying by foreign and domestic institutions"
    flows = facts.flows
    lines = flows.lines
    if not lines.names:
        return _missing(
            title,
            f"mart.flow holds no net buying for {listed(list(lines.absent))} in the sessions up to "
            f"{short_date(facts.session_date)}. The exchange shows the figure on the day "
            "alone: missed days can only be imported.",
        )
    frame = running_sums(lines)
    ends = [
        f"{name} {rupees_crore(value)}"
        for name in lines.names
        if (value := _value_on(frame, name, facts.session_date, "running")) is not None
    ]
    alt_text = (
        f"Net buying of {listed(list(lines.names))} each session as bars, and the running sums as "
        f"lines, in Rs crore, from {short_date(frame['session_date'][0])} to "
        f"{short_date(facts.session_date)}. Running sum at the end: {listed(ends) or 'not known'}."
    )

    def draw(size: tuple[int, int]) -> Drawing:
        return _flow_chart(frame, lines.names, size)

    return _panel(title, alt_text, [_flow_basis(flows), *_gaps(lines)], draw)


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
    words = f"Rs crore, {flows.scope}, {flows.stage}."
    if flows.imported_sessions:
        words += f" {flows.imported_sessions} of these sessions come from an imported file."
    return words


def _gaps(lines: Lines) -> list[str]:
    notes = []
    if lines.absent:
        notes.append(f"Not in the warehouse for these sessions: {listed(list(lines.absent))}.")
    holes = (
        lines.frame.group_by("name", maintain_order=True)
        .agg(holes=pl.col("value").null_count(), sessions=pl.len())
        .filter(pl.col("holes") > 0)
        .group_by("holes", "sessions", maintain_order=True)
        .agg("name")
    )
    for missing, sessions, names in holes.iter_rows():
        notes.append(
            f"{listed(names)}: no value on {missing} of {sessions} sessions; the line breaks there."
        )
    return notes


def _value_on(frame: pl.DataFrame, name: str, session: date, column: str = "value") -> float | None:
    row = frame.filter(pl.col("name") == name, pl.col("session_date") == session)
    value: float | None = row[column][0] if row.height else None
    return value


def _last(frame: pl.DataFrame, name: str) -> str | None:
    value = _value_on(frame, name, frame["session_date"].max())  # type: ignore[arg-type]
    return None if value is None else grouped(value, 1)


def _day(day: date) -> str:
    # A bare ISO date is UTC to Vega, so the drawing is the same in every time zone.
    return day.isoformat()


def _drawable(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(session_date=pl.col("session_date").dt.to_string("%Y-%m-%d"))


def _colour(names: tuple[str, ...], legend: alt.Legend | None) -> alt.Color:
    scale = alt.Scale(domain=list(names), range=[_COLOURS[name] for name in names])
    return alt.Color(_LINE_ENCODING, scale=scale, legend=legend, title=None)


def _dash(names: tuple[str, ...]) -> alt.StrokeDash:
    scale = alt.Scale(domain=list(names), range=[_DASHES[name] for name in names])
    return alt.StrokeDash(_LINE_ENCODING, scale=scale, legend=alt.Legend(title=None))


def _thickness(names: tuple[str, ...]) -> alt.StrokeWidth:
    scale = alt.Scale(domain=list(names), range=[_WIDTHS.get(name, 1.75) for name in names])
    return alt.StrokeWidth(_LINE_ENCODING, scale=scale, legend=None)


def _time_axis(frame: pl.DataFrame, size: tuple[int, int]) -> alt.X:
    days = frame["session_date"]
    months = (days[-1].year - days[0].year) * 12 + days[-1].month - days[0].month
    step = -(-max(months, 1) // (7 if size == WIDE else 3))
    axis = alt.Axis(
        format="%b %Y",
        tickCount=alt.TimeIntervalStep(interval="month", step=step),
        labelFlush=True,
        grid=False,
    )
    return alt.X("session_date:T", scale=alt.Scale(type="utc"), axis=axis, title=None)


def _line_chart(
    frame: pl.DataFrame, names: tuple[str, ...], unit: str, size: tuple[int, int]
) -> Drawing:
    lines = (
        alt.Chart(_drawable(frame))
        .mark_line(strokeCap="round", strokeJoin="round")
        .encode(
            x=_time_axis(frame, size),
            y=alt.Y("value:Q", title=unit, scale=alt.Scale(zero=False)),
            color=_colour(names, alt.Legend(title=None)),
            strokeDash=_dash(names),
            strokeWidth=_thickness(names),
        )
    )
    return alt.layer(lines).properties(width=size[0], height=size[1])


def _flow_chart(frame: pl.DataFrame, names: tuple[str, ...], size: tuple[int, int]) -> Drawing:
    """Bars of each kind of investor on one scale, the running sums below on their own.

    A sum of sixty sessions would flatten the bars beside it.
    """
    own = alt.Chart(_drawable(frame))
    bar_width = max(size[0] / frame["session_date"].n_unique() * 0.75, 1.0)
    # One place a session, not a place a day: a weekend must not look like a hole.
    axis = alt.Axis(
        values=_month_starts(frame, 3 if size == WIDE else 2),
        labelExpr="utcFormat(toDate(datum.value), '%d %b')",
        labelAngle=0,
    )
    # Each pane would else leave out the sessions without a value, and a hole would not show.
    every = alt.Scale(domain=[_day(day) for day in frame["session_date"].unique().sort()])
    x = alt.X("session_date:O", axis=axis, scale=every, title=None)
    zero = alt.Chart(pl.DataFrame({"zero": [0]})).mark_rule(color="var(--muted)")
    zero = zero.encode(y="zero:Q")
    values = [0.0, *frame["value"].drop_nulls()]
    scale = alt.Scale(domain=[min(values), max(values)])
    panes = [
        alt.layer(
            own.transform_filter(alt.datum.name == name)
            .mark_bar(width=bar_width, color=_COLOURS[name])
            .encode(x=x.axis(None), y=alt.Y("value:Q", title="Rs crore", scale=scale)),
            zero,
        ).properties(width=size[0], height=95, title=f"{name}, net each session")
        for name in names
    ]
    lines = own.mark_line(strokeCap="round").encode(
        x=x,
        y=alt.Y("running:Q", title="Rs crore"),
        color=_colour(names, alt.Legend(title=None)),
        strokeDash=_dash(names),
        strokeWidth=_thickness(names),
    )
    running = alt.layer(zero, lines).properties(
        width=size[0], height=size[1] * 0.55, title="Running sum"
    )
    return alt.vconcat(*panes, running, spacing=12)


def _month_starts(frame: pl.DataFrame, at_most: int) -> list[str]:
    """First session of each month in the window, thinned where there are many."""
    days = frame.select(pl.col("session_date").unique().sort())
    starts = days.group_by(pl.col("session_date").dt.truncate("1mo"), maintain_order=True).agg(
        first=pl.col("session_date").min()
    )["first"]
    # The window's own start is no month's beginning, and its label would run off the chart.
    inner = [_day(day) for day in starts[1:]] or [_day(days["session_date"][0])]
    return inner[-at_most:]


def _panel(
    title: str,
    alt_text: str,
    notes: list[str],
    draw: Callable[[tuple[int, int]], Drawing],
) -> Panel:
    return Panel(title, alt_text, tuple(notes), _svg(draw(WIDE), "w"), _svg(draw(NARROW), "n"))


def _missing(title: str, what: str) -> Panel:
    return Panel(title, what, (what,), None, None)


def _svg(chart: Drawing, size: str) -> str:
    legend_columns = 4 if size == "w" else 2
    styled = (
        chart.configure(background="transparent", font="sans-serif", padding=4)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor="var(--ink)",
            titleColor="var(--muted)",
            gridColor="var(--rule)",
            domainColor="var(--muted)",
            tickColor="var(--muted)",
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
        )
        .configure_legend(
            orient="top",
            columns=legend_columns,
            labelColor="var(--ink)",
            labelFontSize=13,
            symbolSize=300,
            symbolStrokeWidth=2.5,
            labelLimit=0,
        )
        .configure_title(color="var(--ink)", fontSize=13, anchor="start", fontWeight="normal")
    )
    svg: str = vl_convert.vegalite_to_svg(styled.to_dict())
    # The page names the drawing in its own words; Vega's names of the parts would be read as well.
    svg = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", svg)
    svg = re.sub(
        r'<svg ([^>]*?) width="[\d.]+" height="[\d.]+"', r'<svg \1 aria-hidden="true"', svg
    )
    return svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
