"""Markets drawn at random to study events in, and their sessions."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
from numpy.typing import NDArray

LARGE, MARKET, SMALL = "nifty-50", "nifty-500", "nifty-smallcap-100"
NOTHING = pl.DataFrame()


def sessions(length: int) -> pl.DataFrame:
    """Weekdays from a Monday on."""
    monday = dt.date(2005, 1, 3)
    dates = [monday + dt.timedelta(days=7 * (n // 5) + n % 5) for n in range(length)]
    return pl.DataFrame({"session_date": dates})


def levels(index_id: str, log_returns: NDArray[np.float64]) -> pl.DataFrame:
    """Closes of one index that starts at 1000 and then follows the returns."""
    return pl.DataFrame(
        {
            "index_id": index_id,
            "session_date": sessions(len(log_returns))["session_date"],
            "close": 1000 * np.exp(np.cumsum(log_returns)),
        }
    )


def walks(length: int, seed: int) -> pl.DataFrame:
    """Small, large and all caps without drift: they share a market, and nothing leads."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0, 0.009, length)
    return pl.concat(
        [
            levels(LARGE, market + rng.normal(0, 0.003, length)),
            levels(MARKET, market + rng.normal(0, 0.002, length)),
            levels(SMALL, market + rng.normal(0, 0.007, length)),
        ]
    )
