"""Turnover by price: how much of a year's business was done at which prices."""

from __future__ import annotations

from dataclasses import dataclass

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
# Sessions judged at a time: neighbours share most of their year, and their sums the cache.
_BATCH = 32


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


@dataclass(frozen=True)
class _Turns:
    """Lows and highs of full sessions, ascending: what turnover a point changes by there.

    `row` is the place of the session.
    """

    edge: Floats
    step: Floats
    row: Rows


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
    turns = _turns(business)
    days = np.unique(row)
    days = days[_is_whole(business, days)]
    for begin in range(0, days.size, _BATCH):
        now = days[begin : begin + _BATCH]
        of_day = np.minimum(np.searchsorted(now, row), now.size - 1)
        zones = np.flatnonzero(now[of_day] == row)
        percent[zones], is_peak[zones] = _shares(
            turns, now, business.atr[now], lower[zones], upper[zones], of_day=of_day[zones]
        )
    return percent, is_peak


def _turns(business: Business) -> _Turns:
    """Where the full sessions begin and end in price."""
    low, high = business.low, business.high
    narrow = high - low < _NARROWEST * high
    top = np.where(narrow, low * (1 + _NARROWEST), high)
    slope = business.turnover / (top - low)
    edge, step = np.concatenate([low, top]), np.concatenate([slope, -slope])
    order = np.argsort(edge, kind="stable")
    order = order[np.tile(~business.is_short, 2)[order] & ~np.isnan(edge[order])]
    return _Turns(edge[order], step[order], np.tile(np.arange(low.size), 2)[order])


def _is_whole(business: Business, now: Rows) -> Bools:
    """Whether the turnover of the year up to each session is known, at prices of one scale."""
    found = now >= _WINDOW - 1
    year = now[found] - _WINDOW + 1
    if year.size:
        counted = np.lib.stride_tricks.sliding_window_view(~business.is_short, _WINDOW)
        # A restated index has no common prices with its past.
        serves = np.lib.stride_tricks.sliding_window_view(business.turnover > 0, _WINDOW)
        basis = np.lib.stride_tricks.sliding_window_view(business.basis, _WINDOW)
        found[found] = [
            counted[one].any()
            and (serves[one] & (basis[one] == basis[one, -1]))[counted[one]].all()
            for one in year.tolist()
        ]
    return found


def _shares(
    turns: _Turns, now: Rows, atr: Floats, lower: Floats, upper: Floats, *, of_day: Rows
) -> tuple[Floats, Bools]:
    """The same of a few sessions, side by side; `of_day` says which one each zone is of.

    What lies outside a session's year counts for nothing in its sums, which so keep their digits.
    """
    first = now - _WINDOW + 1
    near = np.flatnonzero((turns.row >= first[0]) & (turns.row <= now[-1]))
    edge, row = turns.edge[near], turns.row[near]
    is_inside = (row >= first[:, None]) & (row <= now[:, None])
    start = edge[is_inside.argmax(axis=1)]
    end = edge[edge.size - 1 - is_inside[:, ::-1].argmax(axis=1)]
    step = np.where(is_inside, turns.step[near], 0.0)
    density = np.cumsum(step, axis=1)
    offset = np.cumsum(step * (edge - start[:, None]), axis=1)

    def below(price: Floats, day: Rows) -> Floats:
        """Turnover up to a price, from the lowest of the year."""
        place = np.searchsorted(edge, price, side="right") - 1
        told = density[day, place] * (price - start[day]) - offset[day, place]
        return np.where(place >= 0, told, 0.0)

    width = VOLUME_BIN_ATR.value * atr
    bins = ((end - start) / width).astype(np.int64) + 1
    most, days = int(bins.max()), np.arange(now.size)
    bounds = start[:, None] + width[:, None] * np.arange(most + 1)
    up_to = below(bounds, days[:, None])
    whole = up_to[days, bins]
    shares = np.round(np.diff(up_to / whole[:, None], axis=1), _DIGITS)
    shares[np.arange(most) >= bins[:, None]] = -np.inf
    kept = np.maximum(1, np.ceil(VOLUME_PEAK_SHARE.value * bins)).astype(np.int64)
    least = np.sort(shares, axis=1)[days, most - kept]
    is_peak = (shares > 0) & (shares >= least[:, None])
    overlaps = (bounds[of_day, :-1] < upper[:, None]) & (bounds[of_day, 1:] > lower[:, None])
    inside = below(upper, of_day) / whole[of_day] - below(lower, of_day) / whole[of_day]
    return np.clip(100 * inside, 0.0, 100.0), (overlaps & is_peak[of_day]).any(axis=1)
