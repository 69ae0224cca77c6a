"""Zones from turning points: which pivots belong together, and where their edges are.

Plain Python: a close has some forty pivots in its year, too few for arrays to pay.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from transforms.signals.zone_thresholds import (
    HALF_LIFE_SESSIONS,
    LEAST_PIVOTS,
    LINK_ATR,
    MOST_ZONES,
    TOLERANCE_ATR,
    WIDEST_ATR,
    WINDOW_SESSIONS,
)

# In ATR: prices are in hundredths, and their differences in dust that must decide nothing.
_DUST = 1e-9
_MOST = int(MOST_ZONES.value)
_FADED = [0.5 ** (age / HALF_LIFE_SESSIONS.value) for age in range(int(WINDOW_SESSIONS.value))]


class Cluster(NamedTuple):
    """Pivots `first` to `last` (excluded) of those given; edges and centre in points."""

    first: int
    last: int
    lower: float
    upper: float
    centre: float
    score: float


def clusters(
    level: Sequence[float],
    reversal_atr: Sequence[float],
    age: Sequence[int],
    atr: float,
    near: float | None = None,
) -> list[Cluster]:
    """Pivots that lie together, two or more, as zones that do not overlap, lowest first.

    A gap wider than half an ATR parts two clusters; one wider than 1.5 ATR is split at its widest
    gap, of equal ones the most central, until none is. A zone reaches from its lowest to its
    highest pivot and at least a quarter of an ATR around its centre, though never past the middle
    of the gap to a neighbour.

    Args:
        level: points, ascending.
        reversal_atr: of each pivot, above 0.
        age: sessions since each pivot, fewer than a window has.
        atr: average true range now, above 0.
        near: draw only those that can be among the nearest kept below or above this price.
    """
    half = TOLERANCE_ATR.value * atr
    parts = [part for part in _parted(level, atr) if part[1] - part[0] >= LEAST_PIVOTS.value]
    begin, end = 0, len(parts)
    if near is not None:
        # Of those that begin below the price one may reach across it, and be of either kind.
        split = bisect_right(parts, near, key=lambda part: level[part[0]])
        begin, end = max(0, split - _MOST - 1), min(end, split + _MOST)
    drawn = []
    for number in range(begin, end):
        first, last = parts[number]
        least, greatest = level[first], level[last - 1]
        weights = [_FADED[age[n]] * reversal_atr[n] for n in range(first, last)]
        score = sum(weights)
        # From the lowest, so that rounding cannot carry the mean of equal levels off them.
        above = sum(weights[n - first] * (level[n] - least) for n in range(first, last))
        centre = min(least + above / score, greatest)
        lower, upper = centre - half, centre + half
        if number:
            lower = max(lower, (level[parts[number - 1][1] - 1] + least) / 2)
        if number + 1 < len(parts):
            upper = min(upper, (greatest + level[parts[number + 1][0]]) / 2)
        drawn.append(Cluster(first, last, min(lower, least), max(upper, greatest), centre, score))
    return drawn


def _parted(level: Sequence[float], atr: float) -> list[tuple[int, int]]:
    """First and last (excluded) of each cluster of ascending levels."""
    link, widest = (LINK_ATR.value + _DUST) * atr, (WIDEST_ATR.value + _DUST) * atr
    cuts = [n for n in range(1, len(level)) if level[n] - level[n - 1] > link]
    waiting = list(pairwise([0, *cuts, len(level)]))[::-1] if level else []
    done = []
    while waiting:
        first, last = waiting.pop()
        if level[last - 1] - level[first] <= widest:
            done.append((first, last))
            continue
        gaps = {n: level[n] - level[n - 1] for n in range(first + 1, last)}
        least = max(gaps.values()) - _DUST * atr
        cut = min((n for n in gaps if gaps[n] >= least), key=lambda n: abs(2 * n - first - last))
        waiting += [(cut, last), (first, cut)]
    return done


def founded(
    level: Sequence[float], row: Sequence[int], reversal_atr: Sequence[float], atr: float
) -> tuple[int, float]:
    """When a cluster of pivots became a zone, and where it lay then.

    The pivots that came later are the bounces that a zone is judged by: neither its beginning nor
    the level its touches are counted at may depend on them. So it begins with the first of its
    pivots to lie within half an ATR of an earlier one, at the mean of these two weighed by score,
    whose weights to each other never change. Of several pairs of one session the nearest counts,
    then the oldest.

    Args:
        level: points, of the pivots of one cluster, two or more.
        row: place of the session of each.
        reversal_atr: of each, above 0.
        atr: average true range now.

    Returns:
        Place of the session of the later of the two pivots, which is known some sessions after it;
        the level in points.
    """
    by_age = sorted(zip(row, level, reversal_atr, strict=True))
    link = (LINK_ATR.value + _DUST) * atr
    pairs: list[tuple[int, float, int, int]] = []
    for number, (later, price, _) in enumerate(by_age):
        if pairs and later > pairs[0][0]:
            break
        for earlier in range(number):
            apart = abs(price - by_age[earlier][1])
            if apart <= link:
                pairs.append((later, round(apart / atr, 9), earlier, number))
    later, _, one, other = min(pairs)
    (first, low, small), (_, high, large) = by_age[one], by_age[other]
    faded = small * _FADED[later - first]
    # From one of them, so that the mean of equal levels is that level.
    return later, low + (high - low) * (large / (faded + large))
