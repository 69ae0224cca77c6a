"""Drawings of breadth: shares of the market over a year with the index under them, new extremes.

Every pane has one place a session, so that a weekend does not look like a hole and a hole does.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from bi.brief.drawings import NARROW, ROWS, WIDE, Drawing, line_look, svg

ABOVE = ("Above the 50-session average", "Above the 200-session average")
HIGH, LOW = "High", "Low"
_PANES = {
    "index_close": "Nifty 500",
    "ad_line": "Advance-decline line",
}
_BAR_COLOURS = {HIGH: "var(--line-2)", LOW: "var(--line-3)"}


def breadth_panes(year: pl.DataFrame) -> tuple[str, str]:
    """Shares above their averages, the index under them and the advance-decline line.

    Args:
        year: `session_date`, `above_50`, `above_200`, `index_close`, `ad_line`, one row a session,
            oldest first; null where the line is to break. A pane without a value is left out.
    """
    frame = _placed(year)
    wide, narrow = (_panes(frame, size) for size in (WIDE, NARROW))
    return svg(wide, frame, columns=2), svg(narrow, frame, columns=1)


def extreme_bars(year: pl.DataFrame) -> tuple[str, str]:
    """New highs as bars up and new lows as bars down, one a session.

    Args:
        year: `session_date`, `new_highs`, `new_lows`, one row a session, oldest first.
    """
    frame = bar_strokes(_placed(year))
    place = frame["place"].n_unique()
    wide, narrow = (_bars(frame, place, size) for size in (WIDE, NARROW))
    return svg(wide, frame, columns=2), svg(narrow, frame, columns=2)


def bar_strokes(frame: pl.DataFrame) -> pl.DataFrame:
    """Each bar as a stroke from nothing to its value, and a break after it.

    Drawn as one broken line, a year of bars weighs a tenth of what a shape for each would.

    Returns:
        session_date, place, name, order, value; three rows a session and name.
    """
    parts = [
        frame.select(
            "session_date", "place", name=pl.lit(name), order=3 * pl.col("place") + at, value=value
        )
        for name, column, sign in ((HIGH, "new_highs", 1), (LOW, "new_lows", -1))
        for at, value in (
            (0, pl.when(pl.col(column).is_not_null()).then(0)),
            (1, sign * pl.col(column)),
            (2, pl.lit(None, pl.Int64)),
        )
    ]
    return pl.concat(parts, how="vertical_relaxed").sort("name", "order")


def _placed(year: pl.DataFrame) -> pl.DataFrame:
    return year.sort("session_date").with_row_index("place").cast({"place": pl.Int64})


def _place_axis(frame: pl.DataFrame, size: tuple[int, int], *, is_labelled: bool) -> Drawing:
    """The sessions' places, labelled where a month begins."""
    at_most = 7 if size == WIDE else 3
    first = (
        frame.select("session_date", "place")
        .unique()
        .sort("place")
        .group_by(pl.col("session_date").dt.truncate("1mo"), maintain_order=True)
        .agg(pl.col("place").min())
    )
    # The window's own start is no month's beginning.
    inner = first[1:] if first.height > 1 else first
    shown = inner.gather_every(-(-inner.height // at_most))
    labels = {
        str(place): f"{day:%b %Y}" for day, place in shown.select("session_date", "place").rows()
    }
    axis: dict[str, Any] | None = None
    if is_labelled:
        axis = {
            "grid": False,
            "values": shown["place"].to_list(),
            "labelExpr": f"{labels!r}[datum.value]",
            "labelFlush": True,
        }
    last = frame["place"].max()
    return {
        "field": "place",
        "type": "quantitative",
        "scale": {"domain": [-0.5, float(last) + 0.5], "nice": False},  # type: ignore[arg-type]
        "axis": axis,
        "title": None,
    }


def _panes(frame: pl.DataFrame, size: tuple[int, int]) -> Drawing:
    above = {
        "data": {"name": ROWS},
        "transform": [
            {"calculate": f"datum.{column}", "as": name}
            for name, column in zip(ABOVE, ("above_50", "above_200"), strict=True)
        ]
        + [{"fold": list(ABOVE), "as": ["name", "value"]}],
        "mark": {"type": "line", "strokeCap": "round", "strokeJoin": "round"},
        "encoding": {
            "x": _place_axis(frame, size, is_labelled=True),
            "y": {
                "field": "value",
                "type": "quantitative",
                "scale": {"domain": [0, 100]},
                "title": "% of shares",
            },
            **line_look(ABOVE),
        },
    }
    panes = [{"layer": [_rule(50), above], "width": size[0], "height": size[1] * 0.6}]
    for column, title in _PANES.items():
        if frame[column].drop_nulls().is_empty():
            continue
        line = {
            "data": {"name": ROWS},
            "mark": {"type": "line", "color": "var(--line-1)", "strokeJoin": "round"},
            "encoding": {
                "x": _place_axis(frame, size, is_labelled=False),
                "y": {
                    "field": column,
                    "type": "quantitative",
                    "scale": {"zero": False},
                    "axis": {"tickCount": 3},
                    "title": None,
                },
            },
        }
        panes.append(line | {"title": title, "width": size[0], "height": size[1] * 0.3})
    return {"vconcat": panes, "spacing": 12}


def _bars(frame: pl.DataFrame, sessions: int, size: tuple[int, int]) -> Drawing:
    named = {"field": "name", "type": "nominal", "title": None}
    bars = {
        "data": {"name": ROWS},
        "mark": {"type": "line", "strokeWidth": max(0.8 * size[0] / sessions, 0.6)},
        "encoding": {
            "x": _place_axis(frame, size, is_labelled=True),
            "y": {
                "field": "value",
                "type": "quantitative",
                "axis": {"labelExpr": "format(abs(datum.value), ',')"},
                "title": "shares: highs up, lows down",
            },
            "order": {"field": "order", "type": "quantitative"},
            "color": named
            | {
                "scale": {
                    "domain": list(_BAR_COLOURS),
                    "range": list(_BAR_COLOURS.values()),
                },
                "legend": None,
            },
        },
    }
    return {"layer": [bars, _rule(0)], "width": size[0], "height": size[1] * 0.6}


def _rule(value: float) -> Drawing:
    return {
        "data": {"values": [{"at": value}]},
        "mark": {"type": "rule", "color": "var(--muted)"},
        "encoding": {"y": {"field": "at", "type": "quantitative"}},
    }
