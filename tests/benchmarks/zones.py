"""Time of the zones of all indices by size, and of artificial levels asked one by one.

The naive version asks each of 10,000 levels at each of the sessions since a zone was known, as a
matrix; ours sorts the bounds of what each session touches and counts the levels between them.

    python -m tests.benchmarks.zones [INDICES] [SESSIONS]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import polars as pl

from tests.transforms.zone_walks import calendar, sessions_of, walk
from transforms.signals.zone_history import Path, history, touches
from transforms.signals.zones import zones

REPEATS = 3
LEVELS = 10_000


def best_seconds(work: Callable[[], object]) -> float:
    """Least processor seconds of a few repeats."""
    seconds = []
    for _ in range(REPEATS):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return min(seconds)


def matrix(path: Path, known: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Decided touches and bounces of the artificial levels of one zone."""
    rows = np.arange(known + 1, last - 4)
    low, high = path.low[known + 1 : last + 1].min(), path.high[known + 1 : last + 1].max()
    level = low + (np.arange(LEVELS) + 0.5)[:, None] * (high - low) / LEVELS
    near, before = 0.25 * path.atr[rows], path.close[rows - 1]
    reaches = (path.low[rows] - near <= level) & (level <= path.high[rows] + near)
    is_above = reaches & (level < before - near)
    is_below = reaches & (level > before + near)
    ahead = np.lib.stride_tricks.sliding_window_view(path.close, 6)[rows]
    holds = (is_above & (ahead.min(axis=1) >= level - path.atr[rows])) | (
        is_below & (ahead.max(axis=1) <= level + path.atr[rows])
    )
    return (is_above | is_below).sum(axis=1), holds.sum(axis=1)


def main(indices: int = 9, length: int = 1_500) -> None:
    """Print the time of a whole history, of a night, and the ratio to the naive version."""
    rng = np.random.default_rng(1)
    bars = pl.concat([sessions_of(f"index-{n}", walk(rng, length)) for n in range(indices)])
    sessions = calendar(length)
    whole = zones(bars, sessions)
    seconds = best_seconds(lambda: zones(bars, sessions))
    night = best_seconds(lambda: zones(bars, sessions, sessions["session_date"][-1]))
    evenings = whole.select("index_id", "session_date").n_unique()
    low, high, close = (bars[name].to_numpy()[:length] for name in ("low", "high", "close"))
    atr = np.append(np.nan, np.full(length - 1, 0.015 * close.mean()))
    path = Path(high, low, close, atr, np.zeros(length, dtype=np.int64))
    found = touches(path)
    last = np.arange(300, length)
    known = last - 120
    ours = best_seconds(lambda: history(path, found, close[last], known, last)) / last.size
    naive = best_seconds(lambda: matrix(path, 180, 300))
    sys.stdout.write(
        f"{indices} indices x {length:,} sessions, {whole.height:,} zones: {seconds:.2f} s, "
        f"{1_000 * seconds / evenings:.3f} ms an index and session; "
        f"a night {1_000 * night:.0f} ms\n"
        f"artificial levels over 120 sessions: {1e6 * ours:.0f} us a zone, as a matrix "
        f"{1e6 * naive:.0f} us; ratio {naive / ours:.0f}\n"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
