"""The latent state of a simulated market, for publishers that draw their own figures from it.

Sites draw over the whole story whatever the market's window, each from a stream of its own: what
one of them publishes changes neither the exchange's figures nor another site's.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np

from flows.demo.world.factors import Factors, Floats, draw_factors
from flows.demo.world.story import FIRST_SESSION, LAST_SESSION
from flows.demo.world.trading_days import trading_sessions


@dataclass(frozen=True)
class Latent:
    """Sessions of the whole story and the state behind them, one value a session."""

    sessions: tuple[date, ...]
    factors: Factors

    @property
    def years(self) -> Floats:
        """Years since the first session."""
        days = [(day - self.sessions[0]).days for day in self.sessions]
        return np.array(days, dtype=np.float64) / 365.25


@cache
def latent(seed: int) -> Latent:
    """The state that `simulate` draws for this seed."""
    sessions = trading_sessions(FIRST_SESSION, LAST_SESSION)["session_date"].to_list()
    return Latent(tuple(sessions), draw_factors(sessions, np.random.default_rng(seed).spawn(4)[0]))


def stream(seed: int, name: str) -> np.random.Generator:
    """Random numbers of one subject; no other subject's draws move them."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])
