"""Prices with their names beside a plot, moved apart where they would overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bi.brief.drawings import Drawing

_LINE = 13
"""Pixels from one name beside the plot to the next."""


@dataclass(frozen=True)
class Level:
    """A price with its name; `kind` is support, resistance or line, a line has one price."""

    kind: str
    name: str
    lower: float
    upper: float

    @property
    def middle(self) -> float:
        """Where its name points."""
        return (self.lower + self.upper) / 2


def layer(rows: list[dict[str, Any]], mark: Drawing, encoding: Drawing) -> list[Drawing]:
    """A mark for each row; no layer where there is none."""
    return [{"data": {"values": rows}, "mark": mark, "encoding": encoding}] if rows else []


def names_beside(
    levels: list[Level],
    x: Drawing,
    y: Drawing,
    domain: tuple[float, float],
    scale: tuple[float, float, float],
) -> list[Drawing]:
    """Each level's name beside the plot, moved apart where they would overlap, with a leader."""
    end, step, per_pixel = scale
    ordered = sorted(levels, key=lambda level: -level.middle)
    at = apart([level.middle for level in ordered], _LINE * per_pixel, domain)
    rows = [
        {
            "edge": end,
            "text": end + 12 * step,
            "leader": end + 9 * step,
            "from": level.middle,
            "at": place,
            "name": level.name,
        }
        for level, place in zip(ordered, at, strict=True)
    ]
    return [
        *layer(
            rows,
            {"type": "rule", "color": "var(--muted)", "strokeWidth": 0.75},
            {
                "x": x | {"field": "edge"},
                "x2": {"field": "leader"},
                "y": y | {"field": "from"},
                "y2": {"field": "at"},
            },
        ),
        *layer(
            rows,
            {"type": "text", "align": "left", "color": "var(--ink)", "fontSize": 11},
            {
                "x": x | {"field": "text"},
                "y": y | {"field": "at"},
                "text": {"field": "name", "type": "nominal"},
            },
        ),
    ]


def apart(wanted: list[float], least: float, domain: tuple[float, float]) -> list[float]:
    """Places from the top down, at least so far from one another, near where they are wanted."""
    placed_at: list[float] = []
    for value in wanted:
        above = placed_at[-1] - least if placed_at else domain[1]
        placed_at.append(min(value, above))
    # What was pushed out at the bottom pushes back up.
    floor = domain[0]
    for number in range(len(placed_at) - 1, -1, -1):
        if placed_at[number] >= floor:
            break
        placed_at[number] = floor
        floor += least
    return placed_at
