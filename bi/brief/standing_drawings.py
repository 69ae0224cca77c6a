"""The drawing of the headline index: closes, ranges, states, zones, turning points and levels.

One place a session, so that a weekend does not look like a hole and a hole does. Every band and
line has its name beside it: colour says nothing alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from bi.brief.drawings import ROWS, Drawing, svg
from bi.brief.standing_labels import Level, layer, names_beside

_PLOTS = ((540, 300), (205, 250))
"""Width and height of the plot, wide and narrow; names stand beside it."""
_TOP = 18
"""Pixels kept free at the top for the names of the states."""
_LETTER = 6.4
_CODE = 9
_FILLS = {
    "DRAWDOWN": "var(--down-1)",
    "FAILED": "var(--down-2)",
    "REBOUND": "var(--up-1)",
    "EARLY_RECOVERY": "var(--up-1)",
    "CONFIRMED": "var(--up-2)",
    "UNKNOWN": "var(--shade)",
}
_ZONES = {"support": ("var(--line-2)", [1, 0]), "resistance": ("var(--line-3)", [4, 2])}


@dataclass(frozen=True)
class Band:
    """A stretch of sessions with a name; places as in the frame, both included."""

    state: str
    name: str
    code: str
    first: int
    last: int


def standing(
    bars: pl.DataFrame, bands: list[Band], levels: list[Level], pivots: pl.DataFrame
) -> tuple[str, str]:
    """Closes with all that stands around them, wide and narrow.

    Args:
        bars: session_date, high, low, close, one row a session, oldest first; null where the line
            is to break.
        bands: the states, by places in `bars`.
        levels: zones and lines, in points.
        pivots: session_date, kind (high, low), level.
    """
    frame = bars.with_row_index("place").cast({"place": pl.Int64})
    turns = pivots.join(frame.select("session_date", "place"), on="session_date")
    wide, narrow = (_drawing(frame, bands, levels, turns, size) for size in _PLOTS)
    return svg(wide, frame, columns=1), svg(narrow, frame, columns=1)


def _drawing(
    frame: pl.DataFrame,
    bands: list[Band],
    levels: list[Level],
    turns: pl.DataFrame,
    size: tuple[int, int],
) -> Drawing:
    width, height = size
    low, high = _domain(frame, levels, height)
    per_pixel = (high - low) / height
    y: dict[str, Any] = {
        "type": "quantitative",
        "scale": {"domain": [low, high], "nice": False, "zero": False},
        "title": None,
    }
    x = _axis(frame, at_most=7 if size == _PLOTS[0] else 3)
    place = {"type": "quantitative", "title": None}
    end = frame.height - 0.5
    step = frame.height / width
    layers = [
        *_bands(bands, place, y, (low, high), step),
        *_levels(levels, place, y, end),
        _ranges(frame, place, y),
        {
            "data": {"name": ROWS},
            "mark": {
                "type": "line",
                "color": "var(--ink)",
                "strokeJoin": "round",
                "strokeWidth": 1.75 if size == _PLOTS[0] else 1.25,
            },
            "encoding": {"x": x, "y": y | {"field": "close", "axis": {"tickCount": 5}}},
        },
        *_turns(turns, place, y),
        *names_beside(levels, place, y, (low, high), (end, step, per_pixel)),
    ]
    return {"layer": layers, "width": width, "height": height}


def _axis(frame: pl.DataFrame, at_most: int) -> Drawing:
    """The sessions' places, labelled where a month begins."""
    starts = frame.group_by(pl.col("session_date").dt.truncate("1mo"), maintain_order=True).agg(
        pl.col("place").first()
    )
    # The window's own start is no month's beginning.
    inner = starts[1:] if starts.height > 1 else starts
    shown = inner.gather_every(-(-inner.height // at_most))
    names = {str(place): f"{month:%b %Y}" for month, place in shown.iter_rows()}
    return {
        "field": "place",
        "type": "quantitative",
        "scale": {"domain": [-0.5, frame.height - 0.5], "nice": False},
        "axis": {
            "grid": False,
            "values": shown["place"].to_list(),
            "labelExpr": f"{names!r}[datum.value]",
            "labelFlush": True,
        },
        "title": None,
    }


def _domain(frame: pl.DataFrame, levels: list[Level], height: int) -> tuple[float, float]:
    """Least and greatest price shown, with room for the states' names above."""
    prices = [
        *frame.select(pl.min_horizontal("low", "close").min()).row(0),
        *frame.select(pl.max_horizontal("high", "close").max()).row(0),
        *(price for level in levels for price in (level.lower, level.upper)),
    ]
    low, high = min(prices), max(prices)
    room = (high - low) or abs(high) or 1.0
    return low - 0.03 * room, high + room * (0.03 + _TOP / (height - _TOP))


def _bands(
    bands: list[Band],
    x: Drawing,
    y: Drawing,
    domain: tuple[float, float],
    step: float,
) -> list[Drawing]:
    rows = [
        {
            "first": band.first - 0.5,
            "last": band.last + 0.5,
            "low": domain[0],
            "high": domain[1],
            "middle": (band.first + band.last) / 2,
            "fill": _FILLS.get(band.state, "transparent"),
            # The state of the evening is named however young it is.
            "name": _fitting(band, (band.last - band.first + 1) / step)
            or (band.code if band is bands[-1] else ""),
        }
        for band in bands
    ]
    edges = [{"at": row["first"]} for row in rows[1:]]
    across = {"x": x | {"field": "first"}, "x2": {"field": "last"}}
    return [
        *layer(
            rows,
            {"type": "rect", "fillOpacity": 0.7},
            across
            | {
                "y": y | {"field": "low"},
                "y2": {"field": "high"},
                "fill": {"field": "fill", "type": "nominal", "scale": None},
            },
        ),
        *layer(
            edges,
            {"type": "rule", "color": "var(--muted)", "strokeWidth": 0.5},
            {"x": x | {"field": "at"}},
        ),
        *layer(
            [row for row in rows if row["name"]],
            {"type": "text", "color": "var(--ink)", "fontSize": 11, "baseline": "top", "dy": 3},
            {
                "x": x | {"field": "middle"},
                "y": y | {"field": "high"},
                "text": {"field": "name", "type": "nominal"},
            },
        ),
    ]


def _fitting(band: Band, pixels: float) -> str:
    """The longest name of a state that its stretch has room for."""
    if pixels >= _LETTER * len(band.name):
        return band.name
    return band.code if pixels >= _CODE else ""


def _levels(levels: list[Level], x: Drawing, y: Drawing, end: float) -> list[Drawing]:
    def row(level: Level) -> dict[str, Any]:
        return {"first": -0.5, "last": end, "low": level.lower, "high": level.upper}

    across = {"x": x | {"field": "first"}, "x2": {"field": "last"}}
    parts = []
    for kind, (colour, dash) in _ZONES.items():
        rows = [row(level) for level in levels if level.kind == kind]
        parts += layer(
            rows,
            {
                "type": "rect",
                "fill": colour,
                "fillOpacity": 0.22,
                "stroke": colour,
                "strokeWidth": 1,
                "strokeDash": dash,
            },
            across | {"y": y | {"field": "low"}, "y2": {"field": "high"}},
        )
    lines = [row(level) for level in levels if level.kind == "line"]
    thin = {"type": "rule", "color": "var(--ink)", "strokeWidth": 0.75, "strokeDash": [2, 3]}
    return parts + layer(lines, thin, across | {"y": y | {"field": "low"}})


def _ranges(frame: pl.DataFrame, x: Drawing, y: Drawing) -> Drawing:
    """Each session's low to high, as one broken line: a tenth of the weight of a mark for each."""
    rows = [
        {"place": place, "order": 3 * place + at, "price": price}
        for place, high, low in frame.select("place", "high", "low").iter_rows()
        if high is not None and low is not None
        for at, price in enumerate((low, high, None))
    ]
    return {
        "data": {"values": rows},
        "mark": {"type": "line", "color": "var(--muted)", "strokeWidth": 0.8},
        "encoding": {
            "x": x | {"field": "place"},
            "y": y | {"field": "price"},
            "order": {"field": "order", "type": "quantitative"},
        },
    }


def _turns(turns: pl.DataFrame, x: Drawing, y: Drawing) -> list[Drawing]:
    parts = []
    for kind, shape, away in (("high", "triangle-down", -6), ("low", "triangle-up", 6)):
        rows = [
            {"place": place, "price": level}
            for place, level in turns.filter(pl.col("kind") == kind)
            .select("place", "level")
            .iter_rows()
        ]
        parts += layer(
            rows,
            {
                "type": "point",
                "shape": shape,
                "size": 34,
                "filled": True,
                "color": "var(--line-4)",
                "opacity": 1,
                "yOffset": away,
            },
            {"x": x | {"field": "place"}, "y": y | {"field": "price"}},
        )
    return parts
