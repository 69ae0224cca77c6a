"""Beta and strength relative to Nifty 50 and Nifty 500."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import polars as pl

from transforms import indicators
from transforms.metrics.metric import Metric, metric

RELATIVE_STRENGTH: list[Metric] = []

# A value is at most sqrt(n - 1) population sds from the mean of the n it belongs to.
_RRG_REACH = sqrt(13) + 1e-9

Declaration = Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]

_CLOSE = pl.col("close")
_NIFTY_50 = pl.col("nifty_50_close")
_NIFTY_500 = pl.col("nifty_500_close")


def _relative_return(benchmark: str, column: str) -> Declaration:
    return metric(
        RELATIVE_STRENGTH,
        name=f"Return of the price ratio to {benchmark} over 63 sessions",
        unit="percent",
        warmup=63,
        bounds=(-100, None),
        needs=("close", column),
        percentile=True,
        source="StockCharts ChartSchool, Price Relative",
    )


def _beta_daily(benchmark: str, column: str) -> Declaration:
    return metric(
        RELATIVE_STRENGTH,
        name=f"Beta to {benchmark}, 252 sessions",
        unit="ratio",
        warmup=126,
        needs=("close", column),
        source="Sharpe, Capital Asset Prices, J. Finance 19 (1964); covariance over variance",
    )


def _beta_weekly(benchmark: str, column: str) -> Declaration:
    return metric(
        RELATIVE_STRENGTH,
        name=f"Beta to {benchmark}, 104 weeks",
        unit="ratio",
        # 105 weekly closes: so many sessions where each week has five, from a Monday on.
        warmup=525,
        needs=("close", column),
        source="Sharpe, Capital Asset Prices, J. Finance 19 (1964); covariance over variance",
    )


def _mansfield(benchmark: str, column: str) -> Declaration:
    return metric(
        RELATIVE_STRENGTH,
        name=f"Mansfield relative strength to {benchmark}, 200",
        unit="percent",
        warmup=199,
        bounds=(-100, None),
        needs=("close", column),
        percentile=True,
        source="Mansfield relative strength: Weinstein, Secrets for Profiting (1988)",
    )


def _rrg_approx_ratio(benchmark: str, column: str) -> Declaration:
    return metric(
        RELATIVE_STRENGTH,
        name=f"RRG-approx ratio to {benchmark}, 14",
        unit="100 + z",
        warmup=13,
        bounds=(100 - _RRG_REACH, 100 + _RRG_REACH),
        needs=("close", column),
        source="Public z-score approximation of the proprietary JdK RS-Ratio",
    )


def _rrg_approx_momentum(benchmark: str, ratio: str) -> Declaration:
    return metric(
        RELATIVE_STRENGTH,
        name=f"RRG-approx momentum to {benchmark}, 14",
        unit="100 + z",
        warmup=27,
        bounds=(100 - _RRG_REACH, 100 + _RRG_REACH),
        needs=(ratio,),
        source="Public z-score approximation of the proprietary JdK RS-Momentum",
    )


@_relative_return("Nifty 50", "nifty_50_close")
def relative_return_63_nifty_50_pct() -> pl.Expr:
    """Change of the close over Nifty 50's close in 63 sessions."""
    return 100 * indicators.simple_return(_CLOSE / _NIFTY_50, 63)


@_beta_daily("Nifty 50", "nifty_50_close")
def beta_252_nifty_50() -> pl.Expr:
    """Beta of simple returns to Nifty 50 over 252 sessions, or the at least 126 so far."""
    asset = indicators.simple_return(_CLOSE, 1)
    market = indicators.simple_return(_NIFTY_50, 1)
    return indicators.beta(asset, market, 252, at_least=126)


@_beta_weekly("Nifty 50", "nifty_50_close")
def beta_104_weeks_nifty_50() -> pl.Expr:
    """Beta of weekly simple returns to Nifty 50 over 104 ISO weeks that ended before this one."""
    return indicators.beta_weekly(pl.col("session_date"), _CLOSE, _NIFTY_50, 104)


@_mansfield("Nifty 50", "nifty_50_close")
def mansfield_200_nifty_50() -> pl.Expr:
    """Price ratio to Nifty 50 over its 200-session SMA, less 1."""
    return 100 * indicators.mansfield(_CLOSE, _NIFTY_50, 200)


@_rrg_approx_ratio("Nifty 50", "nifty_50_close")
def rrg_approx_ratio_14_nifty_50() -> pl.Expr:
    """100 + z of the price ratio to Nifty 50 in 14 sessions; null where it stood still."""
    return indicators.rrg_approx_ratio(_CLOSE, _NIFTY_50, 14)


@_rrg_approx_momentum("Nifty 50", "rrg_approx_ratio_14_nifty_50")
def rrg_approx_momentum_14_nifty_50() -> pl.Expr:
    """100 + z of the one-session change of the ratio to Nifty 50; null where it did not vary."""
    return indicators.rrg_approx_momentum(pl.col("rrg_approx_ratio_14_nifty_50"), 14)


@_relative_return("Nifty 500", "nifty_500_close")
def relative_return_63_nifty_500_pct() -> pl.Expr:
    """Change of the close over Nifty 500's close in 63 sessions."""
    return 100 * indicators.simple_return(_CLOSE / _NIFTY_500, 63)


@_beta_daily("Nifty 500", "nifty_500_close")
def beta_252_nifty_500() -> pl.Expr:
    """Beta of simple returns to Nifty 500 over 252 sessions, or the at least 126 so far."""
    asset = indicators.simple_return(_CLOSE, 1)
    market = indicators.simple_return(_NIFTY_500, 1)
    return indicators.beta(asset, market, 252, at_least=126)


@_beta_weekly("Nifty 500", "nifty_500_close")
def beta_104_weeks_nifty_500() -> pl.Expr:
    """Beta of weekly simple returns to Nifty 500 over 104 ISO weeks that ended before this one."""
    return indicators.beta_weekly(pl.col("session_date"), _CLOSE, _NIFTY_500, 104)


@_mansfield("Nifty 500", "nifty_500_close")
def mansfield_200_nifty_500() -> pl.Expr:
    """Price ratio to Nifty 500 over its 200-session SMA, less 1."""
    return 100 * indicators.mansfield(_CLOSE, _NIFTY_500, 200)


@_rrg_approx_ratio("Nifty 500", "nifty_500_close")
def rrg_approx_ratio_14_nifty_500() -> pl.Expr:
    """100 + z of the price ratio to Nifty 500 in 14 sessions; null where it stood still."""
    return indicators.rrg_approx_ratio(_CLOSE, _NIFTY_500, 14)


@_rrg_approx_momentum("Nifty 500", "rrg_approx_ratio_14_nifty_500")
def rrg_approx_momentum_14_nifty_500() -> pl.Expr:
    """100 + z of the one-session change of the ratio to Nifty 500; null where it did not vary."""
    return indicators.rrg_approx_momentum(pl.col("rrg_approx_ratio_14_nifty_500"), 14)
