"""Each declared metric against its definition, written a second time in plain Python.

The indicators have their own tests; here it is the declaration that is tested: the right
indicator, column, length, scale and benchmark. Last row of a random history, tolerance 1e-9.
"""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from math import log, sqrt

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from transforms.metrics.metric import Metric
from transforms.metrics.momentum import INDEX_MOMENTUM, NIFTY_50, NIFTY_500, index_momentum

Array = NDArray[np.float64]

ASSET = "nifty-smallcap-100"
SESSIONS = 700
MONDAY = dt.date(2019, 1, 7)


def recursion(values: Array, n: int, alpha: float) -> Array:
    """From the mean of the first n values, alpha of the way to each next one."""
    results = [values[:n].mean()]
    for value in values[n:]:
        results.append(results[-1] + alpha * (value - results[-1]))
    return np.array(results)


def ema(values: Array, n: int) -> Array:
    return recursion(values, n, 2 / (n + 1))


def wilder(values: Array, n: int) -> float:
    return float(recursion(values, n, 1 / n)[-1])


class History:
    """Bars of one index and closes of the benchmarks, as arrays."""

    def __init__(self, bars: pl.DataFrame) -> None:
        asset = bars.filter(pl.col("index_id") == ASSET)
        self.open, self.high, self.low, self.close = (
            asset[name].to_numpy() for name in ("open", "high", "low", "close")
        )
        self.nifty_50, self.nifty_500 = (
            bars.filter(pl.col("index_id") == name)["close"].to_numpy()
            for name in (NIFTY_50, NIFTY_500)
        )
        last = self.close[:-1]
        self.true_range = np.max(
            [
                self.high[1:] - self.low[1:],
                np.abs(self.high[1:] - last),
                np.abs(self.low[1:] - last),
            ],
            axis=0,
        )
        rise, fall = np.diff(self.high), -np.diff(self.low)
        self.plus_dm = np.where((rise > fall) & (rise > 0), rise, 0)
        self.minus_dm = np.where((fall > rise) & (fall > 0), fall, 0)
        self.macd = ema(self.close, 12)[14:] - ema(self.close, 26)

    def rsi(self) -> float:
        change = np.diff(self.close)
        gain, loss = wilder(np.maximum(change, 0), 14), wilder(np.maximum(-change, 0), 14)
        return 100 - 100 / (1 + gain / loss)

    def adx(self) -> float:
        plus, minus = (recursion(moved, 14, 1 / 14) for moved in (self.plus_dm, self.minus_dm))
        return wilder(100 * np.abs(plus - minus) / (plus + minus), 14)

    def band(self) -> tuple[float, float]:
        window = self.close[-20:]
        return float(window.mean()), float(window.std())

    def ulcer(self) -> float:
        window = self.close[-14:]
        drawdowns = 100 * (window / np.maximum.accumulate(window) - 1)
        return float(np.sqrt((drawdowns**2).mean()))

    def volatility(self, n: int) -> float:
        return float(100 * np.diff(np.log(self.close[-n - 1 :])).std(ddof=1) * sqrt(252))

    def parkinson(self) -> float:
        ranges = np.log(self.high[-20:] / self.low[-20:])
        return float(100 * np.sqrt((ranges**2).sum() / (80 * log(2)) * 252))

    def garman_klass(self) -> float:
        ranges = np.log(self.high[-20:] / self.low[-20:])
        bodies = np.log(self.close[-20:] / self.open[-20:])
        terms = 0.5 * ranges**2 - (2 * log(2) - 1) * bodies**2
        return float(100 * np.sqrt(terms.mean() * 252))

    def yang_zhang(self) -> float:
        open_, high, low, close = (
            np.log(values[-20:]) for values in (self.open, self.high, self.low, self.close)
        )
        overnight = open_ - np.log(self.close[-21:-1])
        satchell = (high - close) * (high - open_) + (low - close) * (low - open_)
        k = 0.34 / (1.34 + 21 / 19)
        variance = (
            overnight.var(ddof=1) + k * (close - open_).var(ddof=1) + (1 - k) * satchell.mean()
        )
        return float(100 * np.sqrt(variance * 252))

    def beta_daily(self, market: Array) -> float:
        returns = [values[-252:] / values[-253:-1] - 1 for values in (self.close, market)]
        covariance = np.cov(returns)
        return float(covariance[0, 1] / covariance[1, 1])

    def beta_weekly(self, market: Array) -> float:
        # 700 sessions are 140 whole weeks, the last of which is still this one.
        fridays = range(4, SESSIONS - 5, 5)
        returns = [
            [values[late] / values[early] - 1 for early, late in pairwise(fridays)][-104:]
            for values in (self.close, market)
        ]
        covariance = np.cov(returns)
        return float(covariance[0, 1] / covariance[1, 1])

    def mansfield(self, market: Array) -> float:
        relative = self.close / market
        return float(100 * (relative[-1] / relative[-200:].mean() - 1))

    def rrg(self, market: Array) -> tuple[float, float]:
        relative = self.close / market
        ratios = [
            100 + (window[-1] - window.mean()) / window.std()
            for end in range(SESSIONS - 14, SESSIONS + 1)
            for window in [relative[end - 14 : end]]
        ]
        changes = np.array([late / early - 1 for early, late in pairwise(ratios)])
        return ratios[-1], 100 + (changes[-1] - changes.mean()) / changes.std()


def definitions(h: History) -> dict[str, float]:
    """Value of every metric at the last row."""
    close, last = h.close, float(h.close[-1])
    middle, sd = h.band()
    atr = wilder(h.true_range, 14)
    peak, trough = float(h.high[-252:].max()), float(h.low[-252:].min())
    signal = float(ema(h.macd, 9)[-1])
    values = {
        "rsi_14": h.rsi(),
        "macd": float(h.macd[-1]),
        "macd_signal": signal,
        "macd_histogram": float(h.macd[-1]) - signal,
        "atr_14": atr,
        "atr_14_pct": 100 * atr / last,
        "plus_di_14": 100 * wilder(h.plus_dm, 14) / atr,
        "minus_di_14": 100 * wilder(h.minus_dm, 14) / atr,
        "adx_14": h.adx(),
        "bollinger_percent_b_20": (last - (middle - 2 * sd)) / (4 * sd),
        "bollinger_width_20_pct": 100 * 4 * sd / middle,
        "high_252_nearness_pct": 100 * last / peak,
        "range_position_252_pct": 100 * (last - trough) / (peak - trough),
        "is_new_high_252": float(h.high[-1] > h.high[-253:-1].max()),
        "drawdown_252_pct": 100 * (last / close[-252:].max() - 1),
        "drawdown_pct": 100 * (last / close.max() - 1),
        "sessions_under_water": float(SESSIONS - 1 - close.argmax()),
        "ulcer_14_pct": h.ulcer(),
        "volatility_close_20_pct": h.volatility(20),
        "volatility_close_60_pct": h.volatility(60),
        "volatility_parkinson_20_pct": h.parkinson(),
        "volatility_garman_klass_20_pct": h.garman_klass(),
        "volatility_yang_zhang_20_pct": h.yang_zhang(),
    }
    for n in (1, 5, 9, 21, 63, 126, 252):
        values[f"return_{n}_pct"] = 100 * (last / close[-1 - n] - 1)
    for n in (20, 50, 200):
        simple, exponential = float(close[-n:].mean()), float(ema(close, n)[-1])
        values[f"sma_{n}"], values[f"ema_{n}"] = simple, exponential
        values[f"distance_sma_{n}_pct"] = 100 * (last / simple - 1)
        values[f"distance_ema_{n}_pct"] = 100 * (last / exponential - 1)
    for name, market in (("nifty_50", h.nifty_50), ("nifty_500", h.nifty_500)):
        relative = close / market
        ratio, momentum = h.rrg(market)
        values |= {
            f"beta_252_{name}": h.beta_daily(market),
            f"beta_104_weeks_{name}": h.beta_weekly(market),
            f"mansfield_200_{name}": h.mansfield(market),
            f"relative_return_63_{name}_pct": 100 * (relative[-1] / relative[-64] - 1),
            f"rrg_approx_ratio_14_{name}": ratio,
            f"rrg_approx_momentum_14_{name}": momentum,
        }
    return values


@pytest.fixture(scope="module")
def bars() -> pl.DataFrame:
    rng = np.random.default_rng(20)
    dates = [MONDAY + dt.timedelta(days=7 * (n // 5) + n % 5) for n in range(SESSIONS)]
    frames = []
    for index_id in (NIFTY_50, NIFTY_500, ASSET):
        close = 1_000 * np.exp(rng.normal(0, 0.012, SESSIONS).cumsum())
        open_ = close * np.exp(rng.normal(0, 0.006, SESSIONS))
        high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0, 0.004, SESSIONS)))
        low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0, 0.004, SESSIONS)))
        columns = {"open": open_, "high": high, "low": low, "close": close}
        frames.append(
            pl.DataFrame({"session_date": dates, **columns}).with_columns(
                pl.lit(index_id).alias("index_id")
            )
        )
    return pl.concat(frames)


@pytest.fixture(scope="module")
def last_row(bars: pl.DataFrame) -> dict[str, float]:
    got = index_momentum(bars, bars.select("session_date"))
    return got.filter(pl.col("index_id") == ASSET).row(-1, named=True)


@pytest.fixture(scope="module")
def expected(bars: pl.DataFrame) -> dict[str, float]:
    return definitions(History(bars))


@pytest.mark.parametrize("item", INDEX_MOMENTUM, ids=lambda item: item.id)
def test_equals_its_definition(
    item: Metric, last_row: dict[str, float], expected: dict[str, float]
) -> None:
    assert float(last_row[item.id]) == pytest.approx(expected[item.id], rel=1e-9, abs=1e-9)
