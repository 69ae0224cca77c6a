"""Drawings as SVG, by Vega without a browser, coloured by the page's own variables.

Each comes in two widths, because text that a phone shrinks cannot be read. Lines differ in dash as
well as colour, and break where a session has no value.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import altair as alt
import polars as pl
import vl_convert

from bi.brief.numbers import MINUS

Drawing = alt.LayerChart | alt.FacetChart | alt.VConcatChart

WIDE, NARROW = (680, 280), (300, 230)

_ROWS = "rows"
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
_WIDTHS = {"Smallcap 100": 2.5, "FII": 2.5}
_LINE = "name:N"

_INDIAN = {
    "decimal": ".",
    "thousands": ",",
    "grouping": [3, 2, 2, 2, 2],
    "currency": ["Rs ", ""],
    "minus": MINUS,
}
_CONFIG: dict[str, Any] = {
    "background": "transparent",
    "font": "sans-serif",
    "padding": 4,
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--ink)",
        "titleColor": "var(--muted)",
        "gridColor": "var(--rule)",
        "domainColor": "var(--muted)",
        "tickColor": "var(--muted)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "legend": {
        "orient": "top",
        "labelColor": "var(--ink)",
        "labelFontSize": 13,
        "symbolSize": 300,
        "symbolStrokeWidth": 2.5,
        "labelLimit": 0,
    },
    "title": {
        "color": "var(--ink)",
        "fontSize": 13,
        "anchor": "start",
        "fontWeight": "normal",
    },
}


def lines(
    frame: pl.DataFrame,
    names: tuple[str, ...],
    unit: str,
    shaded: tuple[date, date] | None = None,
) -> tuple[str, str]:
    """Lines over time, wide and narrow, with a stretch of sessions shaded.

    Args:
        frame: `session_date`, `name`, `value`; null where the line is to break.
        names: the lines, in the legend's order.
        unit: title of the vertical axis.
        shaded: first and last session of the stretch.
    """
    wide, narrow = (_line_drawing(frame, names, unit, shaded, size) for size in (WIDE, NARROW))
    return _svg(wide, frame, columns=4), _svg(narrow, frame, columns=2)


def bars_with_sums(frame: pl.DataFrame, names: tuple[str, ...]) -> tuple[str, str]:
    """Bars of `value` for each name, and lines of `running` below, wide and narrow."""
    wide, narrow = (_flow_drawing(frame, names, size) for size in (WIDE, NARROW))
    return _svg(wide, frame, columns=4), _svg(narrow, frame, columns=2)


def _day(day: date) -> str:
    # A bare ISO date is UTC to Vega, so the drawing is the same in every time zone.
    return day.isoformat()


def _colour(names: tuple[str, ...], legend: alt.Legend | None) -> alt.Color:
    scale = alt.Scale(domain=list(names), range=[_COLOURS[name] for name in names])
    return alt.Color(_LINE, scale=scale, legend=legend, title=None)


def _dash(names: tuple[str, ...]) -> alt.StrokeDash:
    scale = alt.Scale(domain=list(names), range=[_DASHES[name] for name in names])
    return alt.StrokeDash(_LINE, scale=scale, legend=alt.Legend(title=None))


def _thickness(names: tuple[str, ...]) -> alt.StrokeWidth:
    scale = alt.Scale(domain=list(names), range=[_WIDTHS.get(name, 1.75) for name in names])
    return alt.StrokeWidth(_LINE, scale=scale, legend=None)


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


def _line_drawing(
    frame: pl.DataFrame,
    names: tuple[str, ...],
    unit: str,
    shaded: tuple[date, date] | None,
    size: tuple[int, int],
) -> Drawing:
    lines = (
        alt.Chart(alt.NamedData(_ROWS))
        .mark_line(strokeCap="round", strokeJoin="round")
        .encode(
            x=_time_axis(frame, size),
            y=alt.Y("value:Q", title=unit, scale=alt.Scale(zero=False)),
            color=_colour(names, alt.Legend(title=None)),
            strokeDash=_dash(names),
            strokeWidth=_thickness(names),
        )
    )
    layers = [lines] if shaded is None else [_band(*shaded), lines]
    return alt.layer(*layers).properties(width=size[0], height=size[1])


def _band(first: date, last: date) -> alt.Chart:
    stretch = alt.InlineData(values=[{"start": _day(first), "end": _day(last)}])
    band = alt.Chart(stretch).mark_rect(color="var(--shade)", opacity=1)
    chart: alt.Chart = band.encode(x=alt.X("start:T", scale=alt.Scale(type="utc")), x2="end:T")
    return chart


def _flow_drawing(frame: pl.DataFrame, names: tuple[str, ...], size: tuple[int, int]) -> Drawing:
    """Bars of each kind of investor on one scale, the running sums below on their own.

    A sum of sixty sessions would flatten the bars beside it.
    """
    own = alt.Chart(alt.NamedData(_ROWS))
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
    zero = alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(color="var(--muted)")
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


def _svg(drawing: Drawing, frame: pl.DataFrame, columns: int) -> str:
    specification = drawing.to_dict(validate=False)
    # Rows join the finished specification: Altair copies a chart's data at every step.
    rows = frame.with_columns(session_date=pl.col("session_date").dt.to_string("%Y-%m-%d"))
    specification.setdefault("datasets", {})[_ROWS] = rows.to_dicts()
    specification["config"] = _CONFIG | {"legend": _CONFIG["legend"] | {"columns": columns}}
    svg: str = vl_convert.vegalite_to_svg(
        specification, format_locale=_INDIAN, allowed_base_urls=[]
    )
    # The page names the drawing in its own words; Vega's names of the parts would be read as well.
    svg = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", svg)
    svg = re.sub(
        r'<svg ([^>]*?) width="[\d.]+" height="[\d.]+"', r'<svg \1 aria-hidden="true"', svg
    )
    return svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
