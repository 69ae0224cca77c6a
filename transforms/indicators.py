"""Indicators, column to column: each reads the bars of one unbroken run, oldest first.

An input may begin with nulls (its own warm-up) but holds none after its first value: the
evaluator cuts runs at every hole, so a recursion never crosses one. Everything is a fraction or
in price units; percentages belong to the metrics.
"""

from __future__ import annotations

import math
import operator
from functools import reduce

import polars as pl

SESSIONS_PER_YEAR = 252


def simple_return(price: pl.Expr, n: int) -> pl.Expr:
    """Simple return over n sessions, which is n + 1 prices; a fraction."""
    return price / price.shift(n) - 1


def log_return(price: pl.Expr) -> pl.Expr:
    """Logarithmic return over one session."""
    return (price / price.shift(1)).log()


def sma(value: pl.Expr, n: int) -> pl.Expr:
    """Simple moving average; first value at bar n-1."""
    return value.rolling_mean(n)


def _smoothed(value: pl.Expr, n: int, alpha: float) -> pl.Expr:
    """Exponential recursion that starts from the SMA of the first n values."""
    # The first n values give way to their average: null until all n are there.
    seeded = pl.when(value.shift(n).is_null()).then(value.rolling_mean(n)).otherwise(value)
    return seeded.ewm_mean(alpha=alpha, adjust=False)


def ema(value: pl.Expr, n: int) -> pl.Expr:
    """Exponential moving average, alpha 2/(n+1); first value, at bar n-1, the SMA of n."""
    return _smoothed(value, n, 2 / (n + 1))


def wilder(value: pl.Expr, n: int) -> pl.Expr:
    """Wilder's average, alpha 1/n; first value, at bar n-1, the SMA of n."""
    return _smoothed(value, n, 1 / n)


def rolling_sd(value: pl.Expr, n: int, *, ddof: int) -> pl.Expr:
    """Standard deviation of n values; exactly 0 where all n are equal."""
    return value.rolling_std(n, ddof=ddof)


def ratio(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """Quotient, null where the denominator is 0."""
    return pl.when(denominator != 0).then(numerator / denominator)


def rsi(close: pl.Expr, n: int) -> pl.Expr:
    """Wilder's relative strength index, 0-100; first value at bar n.

    100 where no loss was averaged in; 50 where neither gain nor loss was.
    """
    change = close.diff()
    # Gains and losses add up to movement, so their averages do; 0/0 is no movement at all.
    share = wilder(change.clip(lower_bound=0), n) / wilder(change.abs(), n)
    return (100 * share).fill_nan(50)


def macd(close: pl.Expr, fast: int = 12, slow: int = 26) -> pl.Expr:
    """Fast EMA less slow EMA, each seeded by its own SMA; first value at bar slow-1."""
    return ema(close, fast) - ema(close, slow)


def macd_signal(macd_line: pl.Expr, signal: int = 9) -> pl.Expr:
    """EMA of the MACD line, seeded by its SMA; first value signal - 1 bars after the line's."""
    return ema(macd_line, signal)


def true_range(high: pl.Expr, low: pl.Expr, close: pl.Expr) -> pl.Expr:
    """Largest of high - low and the distances of both from the last close; null at bar 0."""
    last = close.shift(1)
    # max_horizontal passes over nulls and would turn bar 0 into high - low.
    return pl.when(last.is_not_null()).then(
        pl.max_horizontal(high - low, (high - last).abs(), (low - last).abs())
    )


def atr(high: pl.Expr, low: pl.Expr, close: pl.Expr, n: int) -> pl.Expr:
    """Average true range, Wilder's average of n; first value at bar n."""
    return wilder(true_range(high, low, close), n)


def _directional_index(movement: pl.Expr, average_true_range: pl.Expr, n: int) -> pl.Expr:
    """Directional movement as a share of true range, 0-100; 0 where nothing moved."""
    # The ratio of Wilder's averages is the ratio of his running sums, S = S - S/n + x.
    return (100 * wilder(movement, n) / average_true_range).fill_nan(0)


def plus_di(high: pl.Expr, low: pl.Expr, average_true_range: pl.Expr, n: int) -> pl.Expr:
    """Wilder's +DI, 0-100, from the ATR of the same n; first value at bar n."""
    rise, fall = high.diff(), -low.diff()
    movement = pl.when((rise > fall) & (rise > 0)).then(rise).when(rise.is_not_null()).then(0.0)
    return _directional_index(movement, average_true_range, n)


def minus_di(high: pl.Expr, low: pl.Expr, average_true_range: pl.Expr, n: int) -> pl.Expr:
    """Wilder's -DI, 0-100, from the ATR of the same n; first value at bar n."""
    rise, fall = high.diff(), -low.diff()
    movement = pl.when((fall > rise) & (fall > 0)).then(fall).when(fall.is_not_null()).then(0.0)
    return _directional_index(movement, average_true_range, n)


def adx(plus_di: pl.Expr, minus_di: pl.Expr, n: int) -> pl.Expr:
    """Wilder's average directional index, 0-100: his average of DX; first value at bar 2n-1.

    DX is 0 where neither direction moved.
    """
    dx = 100 * (plus_di - minus_di).abs() / (plus_di + minus_di)
    return wilder(dx.fill_nan(0), n)


def bollinger_percent_b(close: pl.Expr, n: int, deviations: float = 2) -> pl.Expr:
    """Place between the lower (0) and upper (1) Bollinger band; population sd.

    Null where the bands coincide.
    """
    half = deviations * rolling_sd(close, n, ddof=0)
    return ratio(close - (sma(close, n) - half), 2 * half)


def bollinger_width(close: pl.Expr, n: int, deviations: float = 2) -> pl.Expr:
    """Upper less lower Bollinger band over the middle; population sd."""
    return 2 * deviations * rolling_sd(close, n, ddof=0) / sma(close, n)


def volatility_close(close: pl.Expr, n: int) -> pl.Expr:
    """Annualised sd (ddof 1) of n log returns; first value at bar n."""
    return rolling_sd(log_return(close), n, ddof=1) * math.sqrt(SESSIONS_PER_YEAR)


def volatility_parkinson(high: pl.Expr, low: pl.Expr, n: int) -> pl.Expr:
    """Parkinson's annualised volatility of n ranges; blind to overnight gaps."""
    variance = (high / low).log().pow(2).rolling_mean(n) / (4 * math.log(2))
    return _annualised(variance)


def volatility_garman_klass(
    open_: pl.Expr, high: pl.Expr, low: pl.Expr, close: pl.Expr, n: int
) -> pl.Expr:
    """Garman and Klass's annualised volatility of n bars; blind to overnight gaps."""
    range_squared = (high / low).log().pow(2)
    body_squared = (close / open_).log().pow(2)
    variance = (0.5 * range_squared - (2 * math.log(2) - 1) * body_squared).rolling_mean(n)
    return _annualised(variance)


def volatility_yang_zhang(
    open_: pl.Expr, high: pl.Expr, low: pl.Expr, close: pl.Expr, n: int
) -> pl.Expr:
    """Yang and Zhang's annualised volatility: overnight, open to close and range.

    First value at bar n: the first overnight gap needs a close before it.
    """
    overnight = (open_ / close.shift(1)).log()
    body = (close / open_).log()
    upper, lower = (high / open_).log(), (low / open_).log()
    rogers_satchell = upper * (upper - body) + lower * (lower - body)
    weight = 0.34 / (1.34 + (n + 1) / (n - 1))
    return _annualised(
        rolling_sd(overnight, n, ddof=1).pow(2)
        + weight * rolling_sd(body, n, ddof=1).pow(2)
        + (1 - weight) * rogers_satchell.rolling_mean(n)
    )


def _annualised(variance: pl.Expr) -> pl.Expr:
    """Square root of a session's variance over a year."""
    # A running mean of zeros after large values may end a rounding below zero.
    return (variance.clip(lower_bound=0) * SESSIONS_PER_YEAR).sqrt()


def drawdown(close: pl.Expr, n: int | None = None) -> pl.Expr:
    """Close over the highest close of n sessions, or of the run so far, less 1; never above 0."""
    peak = close.cum_max() if n is None else close.rolling_max(n)
    return close / peak - 1


def sessions_under_water(close: pl.Expr) -> pl.Expr:
    """Sessions since the highest close of the run; 0 on it, and on a close that equals it."""
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    return row - pl.when(close == close.cum_max()).then(row).forward_fill()


def ulcer(close: pl.Expr, n: int) -> pl.Expr:
    """Ulcer index: root mean square of the drawdowns inside a window of n closes; a fraction.

    Each drawdown is from the highest close of the window so far, as Martin defines it, so that
    nothing before the window counts. First value at bar n-1.
    """
    # The close `age` sessions back has n - age closes of the window behind it, itself included.
    squares = [drawdown(close, n - age).pow(2).shift(age) for age in range(n)]
    # Added one by one: a horizontal sum may add in another order next time.
    return (reduce(operator.add, squares) / n).sqrt()


def nearness_to_high(high: pl.Expr, close: pl.Expr, n: int) -> pl.Expr:
    """Close over the highest high of n sessions, this one included; at most 1."""
    return close / high.rolling_max(n)


def range_position(high: pl.Expr, low: pl.Expr, close: pl.Expr, n: int) -> pl.Expr:
    """Place of the close between the lowest low (0) and highest high (1) of n sessions.

    Null where they coincide.
    """
    floor = low.rolling_min(n)
    return ratio(close - floor, high.rolling_max(n) - floor)


def is_new_high(high: pl.Expr, n: int) -> pl.Expr:
    """Whether the high exceeds each of the n highs before it; first value at bar n."""
    return high > high.shift(1).rolling_max(n)


def beta(asset: pl.Expr, market: pl.Expr, n: int, *, at_least: int) -> pl.Expr:
    """Covariance of returns over the market's variance, in n returns, or `at_least` so far.

    Null where the market did not move.
    """
    covariance = pl.rolling_cov(asset, market, window_size=n, min_samples=at_least, ddof=1)
    return ratio(covariance, market.rolling_var(n, min_samples=at_least, ddof=1))


def beta_weekly(session_date: pl.Expr, asset: pl.Expr, market: pl.Expr, weeks: int) -> pl.Expr:
    """Beta of weekly returns over the last `weeks` ISO weeks that ended before this one.

    A week closes with its last session; the run's first week may be a part of one. Null where
    the market did not move.
    """
    week = session_date.dt.truncate("1w")
    # A week is known to be over on the first session of the next: then its close is one bar back.
    is_first_of_week = week != week.shift(1)
    closes = [price.shift(1).filter(is_first_of_week) for price in (asset, market)]
    returns = [simple_return(close, 1) for close in closes]
    completed = is_first_of_week.fill_null(value=False).cum_sum().cast(pl.Int64)
    latest = pl.when(completed > 0).then(completed - 1)
    return beta(returns[0], returns[1], weeks, at_least=weeks).gather(latest)


def mansfield(asset: pl.Expr, benchmark: pl.Expr, n: int) -> pl.Expr:
    """Mansfield relative strength: the price ratio over its own SMA, less 1."""
    relative = asset / benchmark
    return relative / sma(relative, n) - 1


def rrg_approx_ratio(asset: pl.Expr, benchmark: pl.Expr, n: int) -> pl.Expr:
    """Public approximation of the RS-Ratio: 100 + z of the price ratio in n sessions, ddof 0.

    Null where the ratio did not move. The original is proprietary.
    """
    return 100 + _z_score(asset / benchmark, n)


def rrg_approx_momentum(approx_ratio: pl.Expr, n: int) -> pl.Expr:
    """Public approximation of the RS-Momentum: the same z of the RS-Ratio's one-session change.

    Null where the change did not vary. The original is proprietary.
    """
    return 100 + _z_score(simple_return(approx_ratio, 1), n)


def _z_score(value: pl.Expr, n: int) -> pl.Expr:
    """Distance from the mean of n values in population sds."""
    return ratio(value - sma(value, n), rolling_sd(value, n, ddof=0))
