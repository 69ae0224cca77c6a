"""Time of index momentum beside a TA-Lib loop over the same bars, in one run.

TA-Lib computes what it knows of the same metrics, once for each index, without dates, holes,
benchmarks or percentiles: a floor to compare with, not a rival.

    python tests/benchmarks/momentum.py [INDICES] [SESSIONS]
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable

import numpy as np
import polars as pl
import talib

from transforms.metrics.momentum import INDEX_MOMENTUM, NIFTY_50, NIFTY_500, index_momentum

REPEATS = 3


def market(indices: int, length: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Random walks of equal length, and their sessions."""
    rng = np.random.default_rng(1)
    monday = dt.date(2000, 1, 3)
    dates = [monday + dt.timedelta(days=7 * (n // 5) + n % 5) for n in range(length)]
    close = 1_000 * np.exp(rng.normal(0, 0.011, (indices, length)).cumsum(axis=1)).ravel()
    high = close * np.exp(np.abs(rng.normal(0, 0.005, close.size)))
    low = close * np.exp(-np.abs(rng.normal(0, 0.005, close.size)))
    names = [NIFTY_50, NIFTY_500, *(f"index-{n}" for n in range(2, indices))]
    bars = pl.DataFrame(
        {
            "index_id": np.repeat(names, length),
            "session_date": dates * indices,
            "open": np.sqrt(high * low),
            "high": high,
            "low": low,
            "close": close,
        }
    )
    return bars, pl.DataFrame({"session_date": dates})


def talib_loop(bars: pl.DataFrame) -> None:
    """TA-Lib's share of the metrics, index by index."""
    for (_,), group in bars.group_by("index_id", maintain_order=True):
        high, low, close = (group[name].to_numpy() for name in ("high", "low", "close"))
        for n in (1, 5, 9, 21, 63, 126, 252):
            talib.ROC(close, n)
        for n in (20, 50, 200):
            talib.SMA(close, n)
            talib.EMA(close, n)
        talib.RSI(close, 14)
        talib.MACD(close)
        talib.ATR(high, low, close, 14)
        talib.NATR(high, low, close, 14)
        talib.PLUS_DI(high, low, close, 14)
        talib.MINUS_DI(high, low, close, 14)
        talib.ADX(high, low, close, 14)
        talib.BBANDS(close, 20)
        talib.MAX(high, 252)
        talib.MIN(low, 252)
        talib.MAX(close, 252)
        talib.STDDEV(close, 20)
        talib.STDDEV(close, 60)
        talib.BETA(close, close, 252)


def best_seconds(work: Callable[[], object]) -> float:
    """Least wall-clock seconds of a few repeats."""
    seconds = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def main(indices: int = 170, length: int = 1_500) -> None:
    """Print both times and their ratio."""
    bars, sessions = market(indices, length)
    ours = best_seconds(lambda: index_momentum(bars, sessions))
    theirs = best_seconds(lambda: talib_loop(bars))
    ranked = sum(item.percentile for item in INDEX_MOMENTUM)
    sys.stdout.write(
        f"{bars.height:,} bars, {len(INDEX_MOMENTUM)} metrics and {ranked} percentiles: "
        f"{ours:.2f} s; TA-Lib loop {theirs:.2f} s; ratio {ours / theirs:.1f}\n"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
