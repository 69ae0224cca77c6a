"""Drawings as SVG, by Vega without a browser, coloured by the page's own variables.

Each comes in two widths, because text that a phone shrinks cannot be read. Lines differ in dash as
well as colour, and break where a session has no value.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import polars as pl

from bi.brief import artist
from bi.brief.numbers import MINUS

Drawing = dict[str, Any]
"""A chart, or a part of one, in Vega-Lite's own words."""

WIDE, NARROW = (680, 280), (300, 230)

ROWS = "rows"
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_COLOURS = {
    "Nifty 50": "var(--line-1)",
    "Midcap 100": "var(--line-2)",
    "Smallcap 100": "var(--line-3)",
    "Microcap 250": "var(--line-4)",
    "FII": "var(--line-3)",
    "DII": "var(--line-1)",
    "FII, final": "var(--line-4)",
    "FII, provisional": "var(--line-4)",
    "This season": "var(--line-3)",
    "A year before": "var(--line-1)",
    "Above the 50-session average": "var(--line-3)",
    "Above the 200-session average": "var(--line-2)",
}
_DASHES = {
    "Nifty 50": [1, 0],
    "Midcap 100": [6, 3],
    "Smallcap 100": [1, 0],
    "Microcap 250": [2, 3],
    "FII": [1, 0],
    "DII": [6, 3],
    "FII, final": [2, 3],
    "FII, provisional": [2, 3],
    "This season": [1, 0],
    "A year before": [6, 3],
    "Above the 50-session average": [1, 0],
    "Above the 200-session average": [6, 3],
}
_WIDTHS = {"Smallcap 100": 2.5, "FII": 2.5, "This season": 2.5}
_UTC = {"type": "utc"}

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
    return svg(wide, frame, columns=4), svg(narrow, frame, columns=2)


def bars_with_sums(
    frame: pl.DataFrame, names: tuple[str, ...], marks: dict[str, str] | None = None
) -> tuple[str, str]:
    """Bars of `value` for each name, and lines of `running` below, wide and narrow.

    Args:
        frame: `session_date`, `name`, `value`, `running`.
        names: what has bars of its own.
        marks: for one of `names` another of the frame's, drawn as ticks across its bars.
    """
    wide, narrow = (_flow_drawing(frame, names, marks or {}, size) for size in (WIDE, NARROW))
    return svg(wide, frame, columns=4), svg(narrow, frame, columns=2)


def share_by_day(
    frame: pl.DataFrame, names: tuple[str, ...], unit: str, due_day: int
) -> tuple[str, str]:
    """Lines of a percentage over days since a start, with a rule on the day it is due.

    Args:
        frame: `day`, `name`, `value` (0 to 100).
        names: the lines, in the legend's order.
        unit: title of the vertical axis.
        due_day: where the rule stands.
    """
    wide, narrow = (_share_drawing(names, unit, due_day, size) for size in (WIDE, NARROW))
    return svg(wide, frame, columns=4), svg(narrow, frame, columns=2)


def _day(day: date) -> str:
    # A bare ISO date is UTC to Vega, so the drawing is the same in every time zone.
    return day.isoformat()


def line_look(names: tuple[str, ...]) -> Drawing:
    """Colour, dash and thickness of each line; one legend shows the first two."""

    def scale(looks: dict[str, Any], otherwise: Any = None) -> Drawing:
        return {"domain": list(names), "range": [looks.get(name, otherwise) for name in names]}

    named = {"field": "name", "type": "nominal"}
    shown = {"title": None}
    return {
        "color": named | {"legend": shown, "scale": scale(_COLOURS), "title": None},
        "strokeDash": named | {"legend": shown, "scale": scale(_DASHES)},
        "strokeWidth": named | {"legend": None, "scale": scale(_WIDTHS, 1.75)},
    }


def _time_axis(frame: pl.DataFrame, size: tuple[int, int]) -> Drawing:
    days = frame["session_date"]
    months = (days[-1].year - days[0].year) * 12 + days[-1].month - days[0].month
    step = -(-max(months, 1) // (7 if size == WIDE else 3))
    axis = {
        "format": "%b %Y",
        "grid": False,
        "labelFlush": True,
        "tickCount": {"interval": "month", "step": step},
    }
    return {
        "field": "session_date",
        "type": "temporal",
        "axis": axis,
        "scale": _UTC,
        "title": None,
    }


def _line_drawing(
    frame: pl.DataFrame,
    names: tuple[str, ...],
    unit: str,
    shaded: tuple[date, date] | None,
    size: tuple[int, int],
) -> Drawing:
    y = {"field": "value", "type": "quantitative", "scale": {"zero": False}, "title": unit}
    lines = {
        "data": {"name": ROWS},
        "mark": {"type": "line", "strokeCap": "round", "strokeJoin": "round"},
        "encoding": {"x": _time_axis(frame, size), "y": y, **line_look(names)},
    }
    layers = [lines] if shaded is None else [_band(*shaded), lines]
    return {"layer": layers, "width": size[0], "height": size[1]}


def _band(first: date, last: date) -> Drawing:
    return {
        "data": {"values": [{"start": _day(first), "end": _day(last)}]},
        "mark": {"type": "rect", "color": "var(--shade)", "opacity": 1},
        "encoding": {
            "x": {"field": "start", "type": "temporal", "scale": _UTC},
            "x2": {"field": "end"},
        },
    }


def _flow_drawing(
    frame: pl.DataFrame, names: tuple[str, ...], marks: dict[str, str], size: tuple[int, int]
) -> Drawing:
    """Bars of each kind of investor on one scale, the running sums below on their own.

    A sum of sixty sessions would flatten the bars beside it.
    """
    place = size[0] / frame["session_date"].n_unique()
    # Each pane would else leave out the sessions without a value, and a hole would not show.
    every = {"domain": [_day(day) for day in frame["session_date"].unique().sort()]}
    # One place a session, not a place a day: a weekend must not look like a hole.
    x = {"field": "session_date", "type": "ordinal", "scale": every, "title": None}
    axis = {
        "labelAngle": 0,
        "labelExpr": "utcFormat(toDate(datum.value), '%d %b')",
        "values": _month_starts(frame, 3 if size == WIDE else 2),
    }
    zero = {
        "data": {"values": [{"zero": 0}]},
        "mark": {"type": "rule", "color": "var(--muted)"},
        "encoding": {"y": {"field": "zero", "type": "quantitative"}},
    }
    values = [0.0, *frame["value"].drop_nulls()]
    net = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [min(values), max(values)]},
        "title": "Rs crore",
    }

    def pane(name: str) -> Drawing:
        def of(which: str, mark: Drawing) -> Drawing:
            return {
                "data": {"name": ROWS},
                "transform": [{"filter": {"field": "name", "equal": which}}],
                "mark": mark,
                "encoding": {"x": x | {"axis": None}, "y": net},
            }

        bar = {"type": "bar", "color": _COLOURS[name], "width": max(place * 0.75, 1.0)}
        layers, title = [of(name, bar), zero], f"{name}, net each session"
        if other := marks.get(name):
            tick = {"type": "tick", "color": "var(--ink)", "thickness": 1.5, "width": place}
            layers.append(of(other, tick))
            title += f"; ticks: {other.rpartition(', ')[2]} count"
        return {"layer": layers, "width": size[0], "height": 95, "title": title}

    y = {"field": "running", "type": "quantitative", "title": "Rs crore"}
    lines = {
        "data": {"name": ROWS},
        "mark": {"type": "line", "strokeCap": "round"},
        "encoding": {"x": x | {"axis": axis}, "y": y, **line_look((*names, *marks.values()))},
    }
    running = {
        "layer": [zero, lines],
        "width": size[0],
        "height": size[1] * 0.55,
        "title": "Running sum",
    }
    return {"vconcat": [*(pane(name) for name in names), running], "spacing": 12}


def _month_starts(frame: pl.DataFrame, at_most: int) -> list[str]:
    """First session of each month in the window, thinned where there are many."""
    days = frame.select(pl.col("session_date").unique().sort())
    starts = days.group_by(pl.col("session_date").dt.truncate("1mo"), maintain_order=True).agg(
        first=pl.col("session_date").min()
    )["first"]
    # The window's own start is no month's beginning, and its label would run off the chart.
    inner = [_day(day) for day in starts[1:]] or [_day(days["session_date"][0])]
    return inner[-at_most:]


def _share_drawing(
    names: tuple[str, ...], unit: str, due_day: int, size: tuple[int, int]
) -> Drawing:
    day = {"type": "quantitative", "title": "days after the quarter's end"}
    lines = {
        "data": {"name": ROWS},
        "mark": {"type": "line", "strokeCap": "round", "strokeJoin": "round"},
        "encoding": {
            "x": day | {"field": "day", "axis": {"grid": False, "tickCount": 6}},
            "y": {
                "field": "value",
                "type": "quantitative",
                "scale": {"domain": [0, 100]},
                "title": unit,
            },
            **line_look(names),
        },
    }
    due = {"data": {"values": [{"day": due_day}]}, "encoding": {"x": day | {"field": "day"}}}
    rule = due | {"mark": {"type": "rule", "color": "var(--muted)", "strokeDash": [3, 3]}}
    word = due | {
        "mark": {
            "type": "text",
            "text": "due",
            "color": "var(--muted)",
            "fontSize": 12,
            "align": "left",
            "dx": 4,
            "y": size[1] * 0.75 - 9,
        }
    }
    return {"layer": [rule, word, lines], "width": size[0], "height": size[1] * 0.75}


def svg(drawing: Drawing, frame: pl.DataFrame, columns: int) -> str:
    """A drawing of the frame's rows; the legend has so many columns."""
    rows = frame.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d"))
    specification = drawing | {
        "$schema": _SCHEMA,
        "datasets": {ROWS: rows.to_dicts()},
        "config": _CONFIG | {"legend": _CONFIG["legend"] | {"columns": columns}},
    }
    drawn = artist.drawn(specification, _INDIAN)
    # The page names the drawing in its own words; Vega's names of the parts would be read as well.
    drawn = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", drawn)
    drawn = re.sub(
        r'<svg ([^>]*?) width="[\d.]+" height="[\d.]+"', r'<svg \1 aria-hidden="true"', drawn
    )
    # A tenth of a pixel cannot be seen, and what is beyond it is a third of the page.
    drawn = re.sub(r' d="[^"]*"', _in_tenths, drawn)
    return drawn.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")


def _in_tenths(path: re.Match[str]) -> str:
    return re.sub(
        r"\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), path[0]
    )
