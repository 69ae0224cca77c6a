"""Turnover by price: how much of a year's business was done at which prices."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from transforms.signals.zone_thresholds import (
    VOLUME_BIN_ATR,
    VOLUME_PEAK_SHARE,
    WINDOW_SESSIONS,
)

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_WINDOW = int(WINDOW_SESSIONS.value)
# A session of one price is spread over a millionth of it, less than a publisher's last decimal.
_NARROWEST = 1e-6
# Digits of a bin's share that tell two bins apart.
_DIGITS = 9


@dataclass(frozen=True)
class Business:
    """The sessions of one index, oldest first.

    Turnover is NaN where it is not known; a short session counts for nothing. `atr` is that at the
    close; `basis` numbers the scales the index was stated on, NaN where it has no bar.
    """

    high: Floats
    low: Floats
    turnover: Floats
    is_short: Bools
    atr: Floats
    basis: Floats


def volume_by_price(
    business: Business, lower: Floats, upper: Floats, row: Rows
) -> tuple[Floats, Bools]:
    """Share of a year's turnover done inside each zone, and whether the zone overlaps a peak.

    Each session's turnover is spread evenly from its low to its high. Price bins are a quarter of
    an ATR wide, from the lowest low up; the tenth of them with most turnover, at least one, and
    those that equal the last of these, are peaks.

    Args:
        business: the sessions.
        lower: lower edge of each zone.
        upper: upper edge.
        row: place of the session each is drawn at; ascending.

    Returns:
        Percent, and flags; percent is NaN, and the flag means nothing, where the year is not yet
        whole, a full session lacks turnover, or the index was restated.
    """
    percent, is_peak = np.full(row.size, np.nan), np.zeros(row.size, dtype=np.bool_)
    low, high = business.low, business.high
    narrow = high - low < _NARROWEST * high
    top = np.where(narrow, low * (1 + _NARROWEST), high)
    counted = ~business.is_short
    with_turnover = np.where(counted, business.turnover, 0.0)
    slope = with_turnover / (top - low)
    edge, step = np.concatenate([low, top]), np.concatenate([slope, -slope])
    order = np.argsort(edge, kind="stable")
    edge, step, place = edge[order], step[order], np.tile(np.arange(low.size), 2)[order]
    is_counted = np.tile(counted, 2)[order]
    lacking = np.cumsum(counted & ~(business.turnover > 0))
    last_of_each = np.flatnonzero(np.diff(row, append=-1))
    begin = 0
    for end in (last_of_each + 1).tolist():
        now, zones, begin = int(row[begin]), slice(begin, end), end
        first = now - _WINDOW + 1
        window = slice(first, now + 1)
        if first < 0 or lacking[now] > (lacking[first - 1] if first else 0):
            continue
        # A restated index has no common prices with its past.
        if not (business.basis[window][counted[window]] == business.basis[now]).all():
            continue
        inside = np.flatnonzero((place >= first) & (place <= now) & is_counted)
        if not inside.size:
            continue
        percent[zones], is_peak[zones] = _shares(
            edge[inside], step[inside], lower[zones], upper[zones], business.atr[now]
        )
    return percent, is_peak


def _shares(
    edge: Floats, step: Floats, lower: Floats, upper: Floats, atr: float
) -> tuple[Floats, Bools]:
    """The same of one year, from its lows and highs, ascending, and the steps of density there."""
    start = edge[0]
    bins = int((edge[-1] - start) / (VOLUME_BIN_ATR.value * atr)) + 1
    bounds = start + VOLUME_BIN_ATR.value * atr * np.arange(bins + 1)
    price = np.concatenate([bounds, lower, upper])
    # Turnover up to a price, from the lowest: the sums then keep their digits.
    place = np.searchsorted(edge, price, side="right") - 1
    density, offset = np.cumsum(step), np.cumsum(step * (edge - start))
    below = np.where(place >= 0, density[place] * (price - start) - offset[place], 0.0)
    below /= below[bins]
    shares = np.round(np.diff(below[: bins + 1]), _DIGITS)
    kept = max(1, ceil(VOLUME_PEAK_SHARE.value * bins))
    is_peak = (shares > 0) & (shares >= np.partition(shares, bins - kept)[bins - kept])
    overlaps = (bounds[:-1] < upper[:, None]) & (bounds[1:] > lower[:, None])
    inside = below[bins + 1 + lower.size :] - below[bins + 1 : bins + 1 + lower.size]
    return np.clip(100 * inside, 0.0, 100.0), (overlaps & is_peak).any(axis=1)
