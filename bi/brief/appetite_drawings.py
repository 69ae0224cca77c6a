"""Gauges from 0 to 100 as plain SVG: places in percent, so that text is never stretched.

Vega would take a twentieth of a second for each of these few lines.
"""

from __future__ import annotations

from collections.abc import Sequence

_HEIGHT = 22
_MIDDLE = _HEIGHT / 2


def gauge(
    value: float | None,
    marks: Sequence[float] = (),
    span: tuple[float, float] | None = None,
) -> str:
    """One gauge; its words stand beside it, so the drawing itself is silent.

    Args:
        value: where the pointer stands; without one there is none, and the track is dashed.
        marks: the ranks the value is the mean of, as ticks.
        span: the range of the value with one part left out, as a band.
    """
    track = "track" if value is not None else "track none"
    parts = [f'<line class="{track}" x1="0%" x2="100%" y1="{_MIDDLE:g}" y2="{_MIDDLE:g}"/>']
    parts += [
        f'<line class="scale" x1="{place}%" x2="{place}%" y1="3" y2="{_HEIGHT - 3}"/>'
        for place in (0, 50, 100)
    ]
    if span is not None:
        low, high = (_placed(end) for end in span)
        width = _placed(max(span[1] - span[0], 0.0))
        parts.append(
            f'<rect class="span" x="{low}%" width="{width}%" y="{_MIDDLE - 4:g}" height="8"/>'
        )
        parts += [
            f'<line class="end" x1="{end}%" x2="{end}%" y1="5" y2="{_HEIGHT - 5}"/>'
            for end in (low, high)
        ]
    parts += [
        f'<line class="mark" x1="{at}%" x2="{at}%" y1="6" y2="{_HEIGHT - 6}"/>'
        for at in map(_placed, marks)
    ]
    if value is not None:
        parts.append(f'<circle class="pointer" cx="{_placed(value)}%" cy="{_MIDDLE:g}" r="6"/>')
    return (
        f'<svg class="gauge" width="100%" height="{_HEIGHT}" aria-hidden="true" '
        f'focusable="false">{"".join(parts)}</svg>'
    )


def _placed(value: float) -> str:
    return f"{min(max(value, 0.0), 100.0):.1f}".removesuffix(".0")
