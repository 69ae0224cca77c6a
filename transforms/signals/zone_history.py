"""What became of the times a price came to a level, and to ten thousand levels beside it.

Design: Osler, Support for Resistance: Technical Analysis and Intraday Exchange Rates, FRBNY
Economic Policy Review 6 (2), 2000: a level is strong if the price bounces off it more often than
off artificial levels of the same range over the same sessions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from transforms.signals.zone_thresholds import (
    ARTIFICIAL_LEVELS,
    BOUNCE_SESSIONS,
    BREAKOUT_CLOSES,
    COMPARABLE_FACTOR,
    PENETRATION_ATR,
    TOLERANCE_ATR,
)

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Steps = npt.NDArray[np.int32]

_AFTER = int(BOUNCE_SESSIONS.value)
_LEVELS = int(ARTIFICIAL_LEVELS.value)
_FACTOR = int(COMPARABLE_FACTOR.value)
# Decided touches count so much beside bounces: one sum holds both, as no year has so many.
_DECIDED = 1024
# Levels judged at a time: their bounds stay in the processor's cache.
_BATCH = 256


@dataclass(frozen=True)
class Path:
    """The sessions of one index, oldest first; NaN where it has no bar.

    `atr` is the average true range at the close before, NaN at the begin of a run: what a
    session's closeness to a level is measured by was known when it opened. `run` numbers stretches
    of closes without a hole.
    """

    high: Floats
    low: Floats
    close: Floats
    atr: Floats
    run: Rows


@dataclass(frozen=True)
class Touches:
    """Which levels each session touches, and off which of them the price bounces.

    The levels that a session touches from above are one interval, those among them that hold
    another, and so from below: counts of any level are sums over the bounds below it.

    start, end      by side (above, below) and session: a level is touched if start <= level < end;
                    NaN where none is
    edge, row       every bound of an interval, ascending, and the place of its session
    touch_step      what the count of touches changes by at that bound
    settled_step    what bounces, and 1,024 times the decided touches, change by
    """

    start: Floats
    end: Floats
    edge: Floats
    row: Rows
    touch_step: Steps
    settled_step: Steps


@dataclass(frozen=True)
class History:
    """What became of levels, one element each; NaN where nothing was decided."""

    touches: Rows
    bounces: Rows
    bounce_rate_pct: Floats
    artificial_bounce_rate_pct: Floats
    strength_percentile: Floats


def touches(path: Path) -> Touches:
    """Every touch of any level.

    A session touches a level if the close before it was more than a quarter of an ATR away on one
    side and its range comes within that quarter, or lies beyond: a gap through a level is the
    failure that matters most, and of an index known by closes alone every session is a gap. The
    touch is a bounce if no close from that session to the fifth after it lies beyond the level by
    more than one ATR. It is never decided where one of these closes is missing.
    """
    row = np.arange(path.close.size)
    near, far = TOLERANCE_ATR.value * path.atr, PENETRATION_ATR.value * path.atr
    before = np.append(np.nan, path.close[:-1])[: row.size]
    ahead = np.lib.stride_tricks.sliding_window_view(
        np.append(path.close, np.full(_AFTER, np.nan)), _AFTER + 1
    )
    last = np.minimum(row + _AFTER, row.size - 1)
    is_decided = (row + _AFTER < row.size) & (path.run[last] == path.run)
    # Half-open intervals everywhere: the next number after x lets "at most x" be "below" it.
    start = np.array([path.low - near, _after(before + near)])
    end = np.array([before - near, _after(path.high + near)])
    is_touch = start < end
    start, end = np.where(is_touch, start, np.nan), np.where(is_touch, end, np.nan)
    turn = np.array([_after(ahead.min(axis=1) + far), ahead.max(axis=1) - far])
    turn = np.clip(turn, start, end)
    one, none = np.ones(is_touch.shape, np.int32), np.zeros(is_touch.shape, np.int32)
    holds_below_turn = np.array([[1], [0]], np.int32)
    settled = is_decided * one
    steps = [
        (start, one, settled * (_DECIDED + holds_below_turn)),
        (turn, none, settled * (1 - 2 * holds_below_turn)),
        (end, -one, -settled * (_DECIDED + 1 - holds_below_turn)),
    ]
    kept = np.tile(is_touch.ravel(), 3)
    edge = np.concatenate([bound.ravel() for bound, _, _ in steps])
    # Where nothing is decided the turn is unknown, and changes nothing.
    kept &= ~np.isnan(edge)
    places = np.tile(row, 6)
    touch = np.concatenate([step.ravel() for _, step, _ in steps])
    change = np.concatenate([step.ravel() for _, _, step in steps])
    order = np.flatnonzero(kept)[np.argsort(edge[kept], kind="stable")]
    return Touches(start, end, edge[order], places[order], touch[order], change[order])


def _after(value: Floats) -> Floats:
    """The next number above."""
    result: Floats = np.nextafter(value, np.inf)
    return result


def history(path: Path, found: Touches, level: Floats, known_row: Rows, last_row: Rows) -> History:
    """Touches and bounces of levels, each from the session after it was known up to its last.

    The artificial levels of each lie evenly over the prices of those sessions, so that they give
    the expectation of random ones, and the same figures every time. Compared with are those with
    between half and twice as many decided touches: a level touched once holds always or never, so
    that all levels together are no measure for one touched often. Strength is the mid-rank of the
    level's bounce rate among theirs.

    Args:
        path: the sessions of the index.
        found: their touches.
        level: points.
        known_row: place of the session at whose close each level was known.
        last_row: place of the last session that counts; ascending.
    """
    counts = np.zeros((3, level.size), dtype=np.int64)
    rates = np.full((2, level.size), np.nan)
    spans = _spans(path, known_row, last_row)
    for first in range(0, level.size, _BATCH):
        part = slice(first, first + _BATCH)
        chosen, sizes = _bounds_of(found, known_row[part], last_row[part])
        some = np.flatnonzero(sizes) + first
        if not some.size:
            continue
        sizes = sizes[sizes > 0]
        begin = np.cumsum(sizes) - sizes
        edge, step = found.edge[chosen], found.settled_step[chosen]
        is_below = edge <= np.repeat(level[some], sizes)
        own = np.add.reduceat(is_below * step, begin)
        counts[0, some] = np.add.reduceat(is_below * found.touch_step[chosen], begin)
        counts[1, some], counts[2, some] = own // _DECIDED, own % _DECIDED
        rates[:, some] = _compared(
            edge, np.cumsum(step, dtype=np.int32), sizes, counts[1:, some], spans[:, some]
        )
    undecided = np.zeros(level.size, dtype=np.int64)
    for back in range(_AFTER):
        row = last_row - back
        at = np.maximum(row, 0)
        is_touch = (found.start[:, at] <= level) & (level < found.end[:, at])
        undecided += (is_touch & (row > known_row)).sum(axis=0)
    rate = _percent(counts[2], counts[1])
    return History(counts[0] + undecided, counts[2], rate, rates[0], rates[1])


def _spans(path: Path, known_row: Rows, last_row: Rows) -> Floats:
    """Lowest and highest price after each was known, from the close at which it was.

    With that close, levels that the first session jumps over are among the artificial ones.
    """
    pairs = np.stack([known_row + 1, last_row + 1], axis=1).ravel()
    low = np.append(np.where(np.isnan(path.low), np.inf, path.low), np.inf)
    high = np.append(np.where(np.isnan(path.high), -np.inf, path.high), -np.inf)
    begin = path.close[known_row]
    lowest, highest = np.minimum.reduceat(low, pairs)[::2], np.maximum.reduceat(high, pairs)[::2]
    return np.stack([np.fmin(lowest, begin), np.fmax(highest, begin)])


def _bounds_of(found: Touches, known_row: Rows, last_row: Rows) -> tuple[Rows, Rows]:
    """Bounds, ascending, of the sessions that count for each level, one after the other."""
    ends = last_row - _AFTER
    near = np.flatnonzero((found.row > known_row.min()) & (found.row <= ends[-1]))
    row = found.row[near]
    counts = (row > known_row[:, None]) & (row <= ends[:, None])
    return near[np.nonzero(counts)[1]], counts.sum(axis=1)


def _compared(edge: Floats, settled: Steps, sizes: Rows, own: Rows, span: Floats) -> Floats:
    """Bounce rate of the artificial levels like each level, and its mid-rank among theirs.

    Between two bounds all levels have the same counts, so that counting levels between bounds
    counts them all. The steps of a level's bounds add up to nothing, so that one running sum
    serves all levels.
    """
    (decided, bounces), (low, high) = own, span
    begin = np.cumsum(sizes) - sizes
    is_wide = high > low
    step = np.where(is_wide, (high - low) / _LEVELS, 1.0)
    below = np.ceil((edge - np.repeat(low, sizes)) / np.repeat(step, sizes) - 0.5)
    below = np.clip(below, 0, _LEVELS).astype(np.int32)
    touched, bounced = settled // _DECIDED, settled % _DECIDED
    whole = np.repeat(decided.astype(np.int32), sizes)
    # After its last bound a level has no touches, so what is counted there never is.
    is_like = (touched > 0) & (touched * _FACTOR >= whole) & (touched <= _FACTOR * whole)
    levels = np.append(np.diff(below), 0) * is_like
    # Rates compared as whole numbers, so that equal ones are equal.
    more = bounced * whole - touched * np.repeat(bounces.astype(np.int32), sizes)
    lower = np.add.reduceat(levels * (2 * (more < 0) + (more == 0)), begin)
    total = np.add.reduceat(levels, begin)
    held, all_touches = (np.add.reduceat(levels * count, begin) for count in (bounced, touched))
    kept = is_wide & (decided > 0)
    return np.where(kept, [_percent(held, all_touches), _percent(lower, 2 * total)], np.nan)


def _percent(part: Rows, whole: Rows) -> Floats:
    """Percentage, NaN of nothing."""
    result: Floats = np.where(whole > 0, 100 * part / np.maximum(whole, 1), np.nan)
    return result


def crossings(
    path: Path, lower: Floats, upper: Floats, known_row: Rows, last_row: Rows
) -> tuple[Rows, Rows]:
    """Breakouts and failures of zones, each from the session it was known up to its last.

    Two closes in a row more than a quarter of an ATR above the upper edge, after a close that was
    not; a failure is the same below the lower edge.
    """
    near = TOLERANCE_ATR.value * path.atr
    found = np.zeros((2, lower.size), dtype=np.int64)
    for first in range(0, lower.size, _BATCH):
        part = slice(first, first + _BATCH)
        known, last = known_row[part, None], last_row[part, None]
        row = last - np.arange(int((last - known).max(initial=0)), -1, -1)
        row = np.where(row >= known, row, -1)
        close, away = path.close[row], near[row]
        is_bar = (row >= 0) & ~np.isnan(close - away)
        sides = (close - away > upper[part, None], close + away < lower[part, None])
        found[:, part] = [_streaks(is_bar & side, is_bar) for side in sides]
    return found[0], found[1]


def _streaks(is_beyond: Bools, is_bar: Bools) -> Rows:
    """How often enough sessions in a row are beyond, after one that has a bar and is not."""
    need = int(BREAKOUT_CLOSES.value)
    count = max(0, is_beyond.shape[1] - need)
    begins = is_bar[:, :count] & ~is_beyond[:, :count]
    for n in range(1, need + 1):
        begins = begins & is_beyond[:, n : n + count]
    result: Rows = begins.sum(axis=1)
    return result
