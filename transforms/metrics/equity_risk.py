"""Volatility of a share, its part in the market's moves, and what makes it a lottery ticket."""

from __future__ import annotations

from math import sqrt

import polars as pl

from transforms.metrics import equity_windows as windows
from transforms.metrics.equity_runs import BARS
from transforms.metrics.metric import Metric, metric

EQUITY_RISK: list[Metric] = []
"""What is stored."""
RETURNS: list[Metric] = []
"""What it is computed from."""

_CLOSE = pl.col("close")
_NIFTY_500 = pl.col("nifty_500_close")
_YEAR = 252
_PER_YEAR = 100 * sqrt(_YEAR)
_RETURN = pl.col("simple_return")
_SD = "Sample sd (ddof 1) of log returns; Hull, Options, Futures, and Other Derivatives"


@metric(
    RETURNS,
    name="Log return",
    unit="ratio",
    warmup=1,
    source="Natural logarithm of close over last close",
)
def log_return() -> pl.Expr:
    """Logarithmic return over one session."""
    return (_CLOSE / _CLOSE.shift(1)).log()


@metric(
    RETURNS,
    name="Simple return",
    unit="ratio",
    warmup=1,
    bounds=(-1, None),
    source="Close over last close, less 1",
)
def simple_return() -> pl.Expr:
    """Simple return over one session."""
    return _CLOSE / _CLOSE.shift(1) - 1


@metric(
    RETURNS,
    name="Return of Nifty 500",
    unit="ratio",
    warmup=1,
    bounds=(-1, None),
    needs=("nifty_500_close",),
    source="Close over last close, less 1",
)
def market_return() -> pl.Expr:
    """Simple return of Nifty 500 since the share's last bar."""
    return _NIFTY_500 / _NIFTY_500.shift(1) - 1


@metric(
    RETURNS,
    name="Residual return",
    unit="ratio",
    warmup=126,
    needs=("simple_return", "market_return", "beta_252_nifty_500"),
    source="Sharpe's market model",
)
def residual_return() -> pl.Expr:
    """Return less beta times the market's, by the beta known on that session."""
    return _RETURN - pl.col("beta_252_nifty_500") * pl.col("market_return")


@metric(
    EQUITY_RISK,
    name="Volatility, close to close, 20",
    unit="percent a year",
    warmup=20,
    bounds=(0, None),
    needs=("log_return",),
    source=_SD,
)
def volatility_close_20_pct() -> pl.Expr:
    """Annualised sd of 20 log returns."""
    return _PER_YEAR * windows.deviation(pl.col("log_return"), 20, ddof=1)


@metric(
    EQUITY_RISK,
    name="Volatility, close to close, 60",
    unit="percent a year",
    warmup=60,
    bounds=(0, None),
    needs=("log_return",),
    source=_SD,
)
def volatility_close_60_pct() -> pl.Expr:
    """Annualised sd of 60 log returns."""
    return _PER_YEAR * windows.deviation(pl.col("log_return"), 60, ddof=1)


@metric(
    EQUITY_RISK,
    name="Beta to Nifty 500, 252 sessions",
    unit="ratio",
    warmup=126,
    needs=("simple_return", "market_return"),
    source="Sharpe, Capital Asset Prices, J. Finance 19 (1964); covariance over variance",
)
def beta_252_nifty_500() -> pl.Expr:
    """Beta of simple returns to Nifty 500 over 252 sessions, or the at least 126 so far."""
    market = pl.col("market_return")
    return windows.beta(_RETURN, market, pl.col(BARS), _YEAR, at_least=126)


@metric(
    EQUITY_RISK,
    name="Return of the price ratio to Nifty 500 over 63 sessions",
    unit="percent",
    warmup=63,
    bounds=(-100, None),
    needs=("close", "nifty_500_close"),
    source="StockCharts ChartSchool, Price Relative",
)
def relative_return_63_nifty_500_pct() -> pl.Expr:
    """Change of the close over Nifty 500's close in 63 of the share's sessions."""
    ratio = _CLOSE / _NIFTY_500
    return 100 * (ratio / ratio.shift(63) - 1)


@metric(
    EQUITY_RISK,
    name="Idiosyncratic volatility 21",
    unit="percent a year",
    warmup=146,
    bounds=(0, None),
    needs=("residual_return",),
    source="Ang, Hodrick, Xing and Zhang, J. Finance 61 (2006), by the market model",
)
def idiosyncratic_volatility_21_pct() -> pl.Expr:
    """Annualised sd of 21 returns less beta times Nifty 500's, by each session's beta."""
    return _PER_YEAR * windows.deviation(pl.col("residual_return"), 21, ddof=1)


@metric(
    EQUITY_RISK,
    name="MAX5",
    unit="percent",
    warmup=21,
    bounds=(-100, None),
    needs=("simple_return",),
    source="Bali, Brown, Murray and Tang, A Lottery-Demand-Based Explanation, JFQA 52 (2017)",
)
def max_5_of_21_pct() -> pl.Expr:
    """Mean of the 5 highest one-session returns of 21."""
    return 100 * windows.mean_of_highest(_RETURN, 5, 21)


@metric(
    EQUITY_RISK,
    name="Skewness 63",
    unit="ratio",
    warmup=63,
    # Among 63 values one apart from all others: (n - 2) / sqrt(n - 1).
    bounds=(-7.75, 7.75),
    needs=("simple_return",),
    source="Third standardised moment of returns, population form",
)
def skewness_63() -> pl.Expr:
    """Skewness of 63 one-session returns; null where none moved."""
    return windows.skewness(_RETURN, 63)
