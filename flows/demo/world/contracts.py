"""Equity derivatives of the simulated market: what each kind of participant holds and trades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

import numpy as np

from flows.demo.world.depository import share_out
from flows.demo.world.factors import Floats, fat
from flows.demo.world.latent import latent, stream

Measure = Literal["open_interest", "volume"]
PARTICIPANTS = ("Client", "DII", "FII", "Pro")
INSTRUMENTS = (
    "future_index",
    "future_stock",
    "option_index_call",
    "option_index_put",
    "option_stock_call",
    "option_stock_put",
)
# Contracts of the whole market in a calm first year.
_WHOLE: Mapping[Measure, tuple[int, ...]] = {
    "open_interest": (290_000, 2_600_000, 1_500_000, 1_450_000, 500_000, 350_000),
    "volume": (380_000, 1_300_000, 38_000_000, 36_000_000, 1_900_000, 1_100_000),
}
# How the others share what foreigners leave: clients, domestic institutions, own account.
_LONG = ((0.62, 0.22, 0.16), (0.60, 0.06, 0.34), (0.66, 0.01, 0.33), (0.62, 0.03, 0.35))
_SHORT = ((0.58, 0.06, 0.36), (0.06, 0.72, 0.22), (0.62, 0.01, 0.37), (0.66, 0.01, 0.33))
_OPTION = 2
"""From here on instruments are options, which share one pattern for calls and one for puts."""
_FOREIGN_PART = (0.48, 0.42, 0.14, 0.18, 0.09, 0.08)
"""What foreigners hold of all that is held, long and short together."""


@dataclass(frozen=True)
class Book:
    """Contracts by session, participant and instrument; each side adds up to the same whole."""

    long: Mapping[date, tuple[tuple[int, ...], ...]]
    short: Mapping[date, tuple[tuple[int, ...], ...]]


@cache
def draw_contracts(seed: int, measure: Measure) -> Book:
    """Draw the whole story's contracts.

    Foreigners' index futures lean long as their appetite has been of late; nothing else of theirs
    does so.
    """
    state = latent(seed)
    count = len(state.sessions)
    rng = stream(seed, f"contracts {measure}")
    lean = _lean(state.factors.appetite, measure)
    busy = np.exp(0.08 * fat(rng, (count, len(INSTRUMENTS)), 6))
    growth = (1.0 + 0.13 * state.years)[:, None] * (0.8 + 0.2 * state.factors.volatility)[:, None]
    # Positions build up towards the monthly expiry and begin anew after it.
    to_expiry = np.array([((day.day + 4) % 30) / 30.0 for day in state.sessions])[:, None]
    season = 0.75 + 0.5 * to_expiry if measure == "open_interest" else np.ones((count, 1))
    whole = np.rint(np.array(_WHOLE[measure]) * busy * growth * season).astype(np.int64)
    tilt = 0.05 * fat(rng, (count, len(INSTRUMENTS)), 6)
    mix = np.exp(0.05 * fat(rng, (count, 2 * 3 * len(INSTRUMENTS)), 6).reshape(count, 2, 3, -1))
    long, short = {}, {}
    for t, day in enumerate(state.sessions):
        foreign = np.clip(np.concatenate(([lean[t]], 0.5 + tilt[t, 1:])), 0.05, 0.95)
        sides = [
            _side(whole[t], 2.0 * np.array(_FOREIGN_PART) * part, mix[t, side], side)
            for side, part in enumerate((foreign, 1.0 - foreign))
        ]
        long[day], short[day] = sides
    return Book(long, short)


def _lean(appetite: Floats, measure: Measure) -> Floats:
    """Foreigners' long share of index futures, 0 to 1: the appetite of some three weeks."""
    state, memory = 0.0, np.empty(len(appetite))
    for t, now in enumerate(appetite):
        state = round(0.9 * state + 0.1 * float(now), 9)
        memory[t] = state
    if measure == "volume":
        return 0.5 + 0.02 * np.tanh(appetite)
    return 1.0 / (1.0 + np.exp(0.35 - 0.9 * memory))


def _side(
    whole: np.ndarray[tuple[int, ...], np.dtype[np.int64]], foreign: Floats, mix: Floats, side: int
) -> tuple[tuple[int, ...], ...]:
    """Contracts of one side, participant by instrument, in the publisher's order."""
    columns = []
    for k, contracts in enumerate(whole):
        theirs = min(foreign[k], 0.9)
        base = np.array((_LONG, _SHORT)[side][min(k, _OPTION + (k - _OPTION) % 2)])
        rest = base * mix[:, k]
        rest = (1.0 - theirs) * rest / rest.sum()
        parts = np.array([rest[0], rest[1], theirs, rest[2]])
        columns.append(share_out(int(contracts), parts * float(contracts)))
    return tuple(zip(*columns, strict=True))
