"""Simulated indices for tests of zones: each session is a walk of twenty steps."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

STEPS = 20
SIGMA = 0.0115


def days(count: int) -> list[dt.date]:
    """Weekdays from a Monday on."""
    monday = dt.date(2010, 1, 4)
    return [monday + dt.timedelta(days=7 * (n // 5) + n % 5) for n in range(count)]


def calendar(count: int, short: tuple[int, ...] = ()) -> pl.DataFrame:
    """Sessions on those weekdays; places of the short ones."""
    return pl.DataFrame(
        {"session_date": days(count), "is_short": [n in short for n in range(count)]}
    )


def walk(rng: np.random.Generator, length: int) -> np.ndarray:
    """Logarithms of a driftless walk, step by step, from 0."""
    steps = rng.normal(0, SIGMA / np.sqrt(STEPS), length * STEPS)
    return np.concatenate([[0.0], steps.cumsum()])


def sessions_of(index_id: str, path: np.ndarray) -> pl.DataFrame:
    """Bars of a path of logarithms around 10,000."""
    price = 10_000 * np.exp(path)
    inside = np.lib.stride_tricks.sliding_window_view(price, STEPS + 1)[::STEPS]
    return pl.DataFrame(
        {
            "index_id": index_id,
            "session_date": days(len(inside)),
            "open": inside[:, 0],
            "high": inside.max(axis=1),
            "low": inside.min(axis=1),
            "close": inside[:, -1],
            "turnover_inr": np.full(len(inside), 1e9),
        }
    )


def closes_only(*closes: float | None, index_id: str = "one", spread: float = 0.0) -> pl.DataFrame:
    """Bars around given closes, so much above and below; a missing close is a missing bar."""
    rows = [
        {
            "index_id": index_id,
            "session_date": day,
            "open": close,
            "high": close + spread,
            "low": close - spread,
            "close": close,
            "turnover_inr": 1e9,
        }
        for day, close in zip(days(len(closes)), closes, strict=True)
        if close is not None
    ]
    return pl.DataFrame(rows, infer_schema_length=None)
