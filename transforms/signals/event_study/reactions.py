"""How many sessions after a low of the market small caps were up 5% later than large caps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from transforms.metrics.momentum import NIFTY_500
from transforms.signals.event_study.bull_phases import turns
from transforms.signals.event_study.events import LARGE, SMALL, SMALL_WIDE
from transforms.signals.event_study.outcomes import Floats, Whole
from transforms.signals.event_study.relation_series import Series
from transforms.signals.threshold import Threshold

MARKET_TURN = Threshold(
    "association_market_turn",
    0.1,
    "ratio",
    "Fall of the market and rise after it that date a low",
    "A correction is a tenth: methodology, row 4",
)
REACTION = Threshold(
    "association_reaction", 0.05, "ratio", "Rise that is a reaction", "Methodology, row 12"
)
THRESHOLDS: tuple[Threshold, ...] = (MARKET_TURN, REACTION)


@dataclass(frozen=True)
class Reactions:
    """Of one index of small caps, at each low that it and large caps answered.

    `lags` are its sessions to 5% up less those of large caps; `by_total` of them are of total
    return. `sessions` have a close of the market and levels of one kind of both.
    """

    small: str
    lags: list[int]
    by_total: int
    sessions: int


def reactions(known: Series, least: int) -> Reactions:
    """Those of the index of small caps that answers most lows, Nifty Smallcap 100 if both do.

    A handful of lows gives any sign: an index held for a few years says less than one held for
    twenty. With fewer than `least` sessions no low is looked at.
    """
    lows = _lows(known.closes[NIFTY_500])
    found = [_of(known, small, lows, least) for small in (SMALL, SMALL_WIDE)]
    # Of equal ones the first; where no low is answered, the one that is held for longer.
    return max(found, key=lambda one: (len(one.lags), one.sessions))


def _of(known: Series, small: str, lows: list[int], least: int) -> Reactions:
    market = known.closes[NIFTY_500]
    pairs = [(levels[small], levels[LARGE]) for levels in (known.closes, known.totals)]
    is_held = np.any([~np.isnan(one + other) for one, other in pairs], axis=0)
    sessions = int(np.count_nonzero(is_held & ~np.isnan(market)))
    lags, by_total = [], 0
    for row in lows if sessions >= least else []:
        # What both answer by price, else both by total return: never one by each.
        for kind, (one, other) in enumerate(pairs):
            after, before = _reaction(one, row), _reaction(other, row)
            if after is not None and before is not None:
                lags.append(after - before)
                by_total += kind
                break
    return Reactions(small, lags, by_total, sessions)


def _lows(market: Floats) -> list[int]:
    """Rows of lows after a fall of a tenth, followed by a rise of one, with no hole between."""
    return [
        turn.row
        for turn in turns(market, MARKET_TURN.value, MARKET_TURN.value)
        if turn.kind == "low" and not np.isnan(market[turn.row : turn.known_row]).any()
    ]


def _reaction(close: Floats, row: int) -> int | None:
    """Sessions from a row to the first close 5% above that row's.

    Null until there is one, and where a close before it is missing: that may have been the first.
    """
    with_it = close[row:] / close[row] - 1 - REACTION.value
    # What is missing stops the search as a rise does, and is then no answer.
    risen: Whole = np.flatnonzero(~(np.round(with_it, 12) < 0))
    return int(risen[0]) if len(risen) and not np.isnan(with_it[risen[0]]) else None
