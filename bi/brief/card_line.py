"""The closes of the card in pixels, with the nearest zones beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from bi.brief.card_text import drawable, fitted
from bi.brief.numbers import grouped, short_date
from bi.brief.standing_facts import Zone, title
from transforms.signals.size_indices import HEADLINE

CLOSES = 120
LABEL_SIZE = 19
_LABEL_STEP = 24
"""Least pixels from one label's line to the next."""
_FARTHEST = 0.75
"""A zone is drawn within so many heights of the closes' own range; farther, it would flatten them.

Our own choice of what can be read."""


@dataclass(frozen=True)
class Frame:
    """Where the line stands, in pixels; `labels` is the room on its right."""

    left: float
    right: float
    top: float
    bottom: float
    labels: float


@dataclass(frozen=True)
class Band:
    """One zone in pixels, and its name beside it."""

    kind: str
    top: float
    height: float
    label: str
    label_y: float


@dataclass(frozen=True)
class Line:
    """The closes as points of SVG: a piece for each stretch without a hole."""

    pieces: tuple[str, ...]
    end_x: float
    end_y: float
    label: str
    label_y: float
    caption: str
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    frame: Frame

    def down(self, level: float) -> float:
        """Pixels of a level, held within the frame."""
        share = (min(max(level, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.frame.bottom - (self.frame.bottom - self.frame.top) * share, 1)


def line(bars: pl.DataFrame, zones: Sequence[Zone], frame: Frame) -> Line | None:
    """The last closes and the nearest zone of each kind; None where no close is held.

    Args:
        bars: `session_date`, `close`, one row a session, oldest first, null where not held.
        zones: of the last of these sessions.
        frame: where they are drawn.
    """
    shown = bars.select("session_date", "close").tail(CLOSES).with_row_index("place")
    known = shown.drop_nulls("close")
    if known.is_empty():
        return None
    step = (frame.right - frame.left) / max(shown.height - 1, 1)
    near = [zone for zone in zones if zone.zone_rank == 1]
    scale, seen = _scaled([float(close) for close in known["close"]], near, frame)
    first, last = known.row(0, named=True), known.row(-1, named=True)
    ends = [scale.down(last["close"]), *(scale.down((z.lower + z.upper) / 2) for z in seen)]
    places = _apart(ends, frame)
    return Line(
        _pieces(shown, scale, step),
        round(frame.left + step * last["place"], 1),
        ends[0],
        _label(f"Close {grouped(last['close'])}", frame),
        places[0],
        drawable(
            f"{title(HEADLINE)}, closes of {short_date(first['session_date'])} to "
            f"{short_date(last['session_date'])}"
        ),
        tuple(
            Band(
                zone.kind,
                scale.down(zone.upper),
                round(max(scale.down(zone.lower) - scale.down(zone.upper), 2.0), 1),
                _label(f"{zone.kind} {grouped(zone.lower)}-{grouped(zone.upper)}", frame),
                place,
            )
            for zone, place in zip(seen, places[1:], strict=True)
        ),
    )


def _label(text: str, frame: Frame) -> str:
    return fitted(text.capitalize(), frame.labels, (LABEL_SIZE, 17, 15), 1, is_bold=True).lines[0]


def _scaled(
    closes: Sequence[float], zones: Sequence[Zone], frame: Frame
) -> tuple[_Scale, list[Zone]]:
    low, high = min(closes), max(closes)
    spread = (high - low) or 0.02 * high
    least, most = low - _FARTHEST * spread, high + _FARTHEST * spread
    seen = [zone for zone in zones if zone.upper >= least and zone.lower <= most]
    ends = [low, high, *(min(z.upper, most) for z in seen), *(max(z.lower, least) for z in seen)]
    margin = 0.06 * (max(ends) - min(ends) or spread)
    return _Scale(min(ends) - margin, max(ends) + margin, frame), seen


def _pieces(shown: pl.DataFrame, scale: _Scale, step: float) -> tuple[str, ...]:
    pieces: list[list[str]] = [[]]
    for place, _, close in shown.iter_rows():
        if close is None:
            pieces.append([])
            continue
        across = scale.frame.left + step * place
        pieces[-1].append(f"{across:.1f},{scale.down(close):.1f}")
    return tuple(" ".join(points) for points in pieces if points)


def _apart(wanted: Sequence[float], frame: Frame) -> list[float]:
    """Places of labels near the wanted ones, none over another, all beside the frame."""
    order = sorted(range(len(wanted)), key=lambda one: wanted[one])
    placed = dict.fromkeys(order, 0.0)
    above = frame.top - _LABEL_STEP
    for one in order:
        above = placed[one] = max(wanted[one], above + _LABEL_STEP)
    below = frame.bottom + _LABEL_STEP
    for one in reversed(order):
        below = placed[one] = min(placed[one], below - _LABEL_STEP)
    return [round(placed[one], 1) for one in range(len(wanted))]
