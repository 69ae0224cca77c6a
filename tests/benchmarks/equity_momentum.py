"""Time of equity momentum beside a TA-Lib loop over the same shares, in one run; and of a night.

Twenty years of 2,250 shares, made chunk by chunk, computed chunk by chunk. TA-Lib computes what it
knows of the 27 metrics compared, share by share, without runs, dates, benchmarks or state. Then
one session on top of a lookback, on twenty years and on one: the same work, whatever lies before.

    python tests/benchmarks/equity_momentum.py [SHARES] [SESSIONS]
"""

from __future__ import annotations

import datetime as dt
import resource
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import polars as pl
import talib

from transforms.metrics.equity_momentum import EQUITY_MOMENTUM, equity_momentum, momentum_values
from transforms.metrics.equity_runs import LOOKBACK

CHUNK = 1_000_000
COMPARED = {
    *[f"return_{n}_pct" for n in (1, 5, 9, 21, 63, 126, 252)],
    *[f"{kind}_{n}" for kind in ("sma", "ema") for n in (20, 50, 200)],
    *("rsi_14", "macd", "macd_signal", "macd_histogram", "atr_14"),
    *("plus_di_14", "minus_di_14", "adx_14", "bollinger_percent_b_20", "bollinger_width_20_pct"),
    *("volatility_close_20_pct", "volatility_close_60_pct"),
    *("high_252_nearness_pct", "drawdown_252_pct"),
}
FEWEST = 250


def calendar(length: int) -> pl.DataFrame:
    """Sessions of five-day weeks from a Monday."""
    monday = dt.date(2004, 1, 5)
    dates = [monday + dt.timedelta(days=7 * (n // 5) + n % 5) for n in range(length)]
    return pl.DataFrame({"session_date": dates})


def chunk(first: int, last: int, days: pl.Series) -> pl.DataFrame:
    """Random walks of shares of unequal age, as rows of mart.equity_series."""
    rng = np.random.default_rng(first)
    ages = rng.integers(min(FEWEST, len(days)), len(days) + 1, last - first)
    # Most shares are old: two of three have every session.
    ages[rng.random(last - first) < 2 / 3] = len(days)
    rows = int(ages.sum())
    starts = np.repeat(np.cumsum(ages) - ages, ages)
    walk = rng.normal(0, 0.02, rows).cumsum()
    close = 100 * np.exp(walk - walk[starts])
    high = close * np.exp(np.abs(rng.normal(0, 0.01, rows)))
    low = close * np.exp(-np.abs(rng.normal(0, 0.01, rows)))
    volume = rng.integers(1_000, 1_000_000, rows)
    place = np.arange(rows) - starts + np.repeat(len(days) - ages, ages)
    return pl.DataFrame(
        {
            "instrument_id": np.repeat([f"INE{n:06}" for n in range(first, last)], ages),
            "session_date": days.gather(place),
            "open": np.sqrt(high * low),
            "high": high,
            "low": low,
            "close": close,
            "volume_shares": volume,
            "turnover_inr": volume * close,
            "trades": rng.integers(10, 10_000, rows),
            "delivery_shares": (volume * rng.random(rows)).astype(np.int64),
            "market_cap_inr": close * 1e7,
        }
    ).with_columns(series=pl.lit("EQ"), price_factor=1.0, volume_factor=1.0, chain=pl.lit(0))


def chunks(shares: int, days: pl.Series) -> Iterator[pl.DataFrame]:
    """The market, about a million rows at a time."""
    step = max(1, round(CHUNK / len(days)))
    for first in range(0, shares, step):
        yield chunk(first, min(first + step, shares), days)


def talib_loop(series: pl.DataFrame) -> None:
    """TA-Lib's share of the metrics compared, share by share."""
    starts = series["instrument_id"].rle().struct.field("len").cum_sum().to_list()
    high, low, close = (series[name].to_numpy() for name in ("high", "low", "close"))
    first = 0
    for last in starts:
        h, lo, c = high[first:last], low[first:last], close[first:last]
        for n in (1, 5, 9, 21, 63, 126, 252):
            talib.ROC(c, n)
        for n in (20, 50, 200):
            talib.SMA(c, n)
            talib.EMA(c, n)
        talib.RSI(c, 14)
        talib.MACD(c)
        talib.ATR(h, lo, c, 14)
        talib.PLUS_DI(h, lo, c, 14)
        talib.MINUS_DI(h, lo, c, 14)
        talib.ADX(h, lo, c, 14)
        upper, middle, lower = talib.BBANDS(c, 20)
        _ = (c - lower) / (upper - lower), (upper - lower) / middle
        log_return = np.diff(np.log(c))
        talib.STDDEV(log_return, 20)
        talib.STDDEV(log_return, 60)
        _ = c / talib.MAX(h, 252), c / talib.MAX(c, 252)
        first = last


def one_session(shares: int, length: int) -> float:
    """Least processor seconds of a night that adds one session to so many."""
    sessions = calendar(length).with_columns(has_bars=True)
    days = sessions["session_date"]
    market = benchmark(days)
    since = days[-1]
    lookback, states = [], []
    for series in chunks(shares, days):
        old = series.filter(pl.col("session_date") < since)
        states.append(equity_momentum(old, market, sessions.head(length - 1))[1])
        lookback.append(
            series.filter(pl.col("session_date") >= days[max(0, length - LOOKBACK - 1)])
        )
    series, held = pl.concat(lookback), pl.concat(states)
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        equity_momentum(series, market, sessions, held=held, since=since)
        best = min(best, time.process_time() - started)
    return best


def benchmark(days: pl.Series) -> pl.DataFrame:
    """A random walk of the market."""
    walk = np.random.default_rng(0).normal(0, 0.01, len(days)).cumsum()
    return pl.DataFrame({"session_date": days, "nifty_500_close": 1_000 * np.exp(walk)})


def main(shares: int = 2_250, length: int = 5_217) -> None:
    """Print times and ratios."""
    sessions = calendar(length).with_columns(has_bars=True)
    days = sessions["session_date"]
    market = benchmark(days)
    compared = [item for item in EQUITY_MOMENTUM if item.id in COMPARED]
    works: dict[str, Callable[[pl.DataFrame], object]] = {
        "TA-Lib loop": talib_loop,
        f"{len(compared)} metrics": lambda series: momentum_values(
            series, market, sessions, metrics=compared
        ),
        f"all {len(EQUITY_MOMENTUM)} metrics": lambda series: equity_momentum(
            series, market, sessions
        ),
    }
    rows, wall, cpu = 0, dict.fromkeys(works, 0.0), dict.fromkeys(works, 0.0)
    for series in chunks(shares, days):
        rows += series.height
        for name, work in works.items():
            started, spent = time.perf_counter(), time.process_time()
            work(series)
            wall[name] += time.perf_counter() - started
            # Where others use the processors too, their seconds compare better than the clock's.
            cpu[name] += time.process_time() - spent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    sys.stdout.write(f"{rows:,} bars, peak {peak:.2f} GiB\n")
    for name in works:
        sys.stdout.write(
            f"{name}: {wall[name]:.2f} s, {wall[name] / wall['TA-Lib loop']:.1f} times TA-Lib; "
            f"processors {cpu[name]:.2f} s, {cpu[name] / cpu['TA-Lib loop']:.1f} times\n"
        )
    long, short = one_session(shares, length), one_session(shares, min(length, LOOKBACK + 2))
    sys.stdout.write(
        f"One session more: processors {long:.3f} s on {length:,} sessions, {short:.3f} s on "
        f"{min(length, LOOKBACK + 2):,}; ratio {long / short:.2f}\n"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
