"""Volume, turnover and valuation of the simulated indices, session by index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from flows.demo.world.catalog import INDICES
from flows.demo.world.factors import Factors, Floats, fat

SHORT_SESSION_ACTIVITY = 0.09


def _only(kinds: set[str], values: Floats) -> Floats:
    """Values of indices of these kinds; the others publish none."""
    without = [i for i, index in enumerate(INDICES) if index.kind not in kinds]
    values[:, without] = np.nan
    return values


def draw_activity(
    dates: Sequence[date],
    is_short: NDArray[np.bool_],
    factors: Factors,
    closes: Floats,
    rng: np.random.Generator,
) -> dict[str, Floats]:
    """Volume in shares and turnover in crore: more in moving markets, less in an hour."""
    turnover = np.round(rng.uniform(800.0, 9000.0, len(INDICES)), 0)
    turnover[:3] = 21000.0, 12000.0, 7500.0
    share_price = np.round(rng.uniform(280.0, 1400.0, len(INDICES)), 0)
    busy = fat(rng, (len(dates), 1), 6) * 0.12 + fat(rng, (len(dates), len(INDICES)), 6) * 0.07
    years = np.array([(day - dates[0]).days for day in dates], dtype=np.float64) / 365.25
    level = (0.55 + 0.45 * np.minimum(factors.volatility, 2.5)) * (1.0 + 0.09 * years)
    level = np.where(is_short, SHORT_SESSION_ACTIVITY, 1.0) * level
    crore = turnover * level[:, None] * np.maximum(1.0 + busy, 0.35)
    price = share_price * (0.6 + 0.4 * closes / closes[0])
    return {
        "volume_shares": _only({"equity"}, np.round(crore * 1e7 / price, 0)),
        "turnover_crore": _only({"equity"}, np.round(crore, 2)),
    }


def draw_valuation(closes: Floats, rng: np.random.Generator) -> dict[str, Floats]:
    """Price to earnings, price to book and yield: levels over slowly growing fundamentals."""
    count = len(closes)
    way = (np.arange(count) / (count - 1))[:, None]

    def over(first: tuple[float, float], last: tuple[float, float]) -> Floats:
        start = closes[0] / rng.uniform(*first, len(INDICES))
        finish = closes[-1] / rng.uniform(*last, len(INDICES))
        path: Floats = start + (finish - start) * way
        return path

    return {
        "price_to_earnings": _only({"equity"}, np.round(closes / over((17, 28), (19, 34)), 2)),
        "price_to_book": _only({"equity"}, np.round(closes / over((2.0, 3.8), (2.6, 5.5)), 2)),
        "dividend_yield_pct": _only(
            {"equity"}, np.round(100.0 / (closes / over((65, 95), (75, 150))), 2)
        ),
    }
