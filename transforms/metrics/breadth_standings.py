"""Where the shares of a universe stand at one session: sums over its members."""

from __future__ import annotations

import polars as pl

from transforms.metrics.breadth_moves import UNMOVED_PCT, adds, whole_units
from transforms.metrics.metric import Metric

STANDINGS: list[Metric] = []

VOLATILITY_UNIT = 10_000
SCORE_UNIT = 1_000_000

# Below, one expression is what one share adds at one session that it traded.


@adds(STANDINGS, "Above SMA 20", "companies", "is_above_sma_20")
def above_sma_20() -> pl.Expr:
    """Shares whose close is above their average of 20 sessions."""
    return pl.col("is_above_sma_20")


@adds(STANDINGS, "With SMA 20", "companies", "is_above_sma_20")
def eligible_sma_20() -> pl.Expr:
    """Shares with 20 sessions of history."""
    return pl.col("is_above_sma_20").is_not_null()


@adds(STANDINGS, "Above SMA 50", "companies", "is_above_sma_50")
def above_sma_50() -> pl.Expr:
    """Shares whose close is above their average of 50 sessions."""
    return pl.col("is_above_sma_50")


@adds(STANDINGS, "With SMA 50", "companies", "is_above_sma_50")
def eligible_sma_50() -> pl.Expr:
    """Shares with 50 sessions of history."""
    return pl.col("is_above_sma_50").is_not_null()


@adds(STANDINGS, "Above SMA 200", "companies", "is_above_sma_200")
def above_sma_200() -> pl.Expr:
    """Shares whose close is above their average of 200 sessions."""
    return pl.col("is_above_sma_200")


@adds(STANDINGS, "With SMA 200", "companies", "is_above_sma_200")
def eligible_sma_200() -> pl.Expr:
    """Shares with 200 sessions of history."""
    return pl.col("is_above_sma_200").is_not_null()


@adds(STANDINGS, "New 252-session highs", "companies", "is_new_high_252")
def new_highs() -> pl.Expr:
    """Shares above each of their 252 highs before."""
    return pl.col("is_new_high_252")


@adds(STANDINGS, "New 252-session lows", "companies", "is_new_low_252")
def new_lows() -> pl.Expr:
    """Shares below each of their 252 lows before."""
    return pl.col("is_new_low_252")


@adds(STANDINGS, "With 252 sessions", "companies", "is_new_high_252")
def eligible_252() -> pl.Expr:
    """Shares with 252 sessions of history before the session."""
    return pl.col("is_new_high_252").is_not_null()


@adds(STANDINGS, "Risen over 9 sessions", "companies", "return_9_pct")
def risen_9() -> pl.Expr:
    """Shares above their close 9 sessions before."""
    return pl.col("return_9_pct") > UNMOVED_PCT


@adds(STANDINGS, "With 9-session return", "companies", "return_9_pct")
def eligible_9() -> pl.Expr:
    """Shares with a return over 9 sessions."""
    return pl.col("return_9_pct").is_not_null()


@adds(STANDINGS, "Risen over 21 sessions", "companies", "return_21_pct")
def risen_21() -> pl.Expr:
    """Shares above their close 21 sessions before."""
    return pl.col("return_21_pct") > UNMOVED_PCT


@adds(STANDINGS, "With 21-session return", "companies", "return_21_pct")
def eligible_21() -> pl.Expr:
    """Shares with a return over 21 sessions."""
    return pl.col("return_21_pct").is_not_null()


@adds(STANDINGS, "Risen over 63 sessions", "companies", "return_63_pct")
def risen_63() -> pl.Expr:
    """Shares above their close 63 sessions before."""
    return pl.col("return_63_pct") > UNMOVED_PCT


@adds(STANDINGS, "With 63-session return", "companies", "return_63_pct")
def eligible_63() -> pl.Expr:
    """Shares with a return over 63 sessions."""
    return pl.col("return_63_pct").is_not_null()


@adds(STANDINGS, "20% below their high", "companies", "drawdown_252_pct")
def fallen_20() -> pl.Expr:
    """Shares at least 20% below their highest close of 252 sessions."""
    return _fallen(20)


@adds(STANDINGS, "30% below their high", "companies", "drawdown_252_pct")
def fallen_30() -> pl.Expr:
    """Shares at least 30% below their highest close of 252 sessions."""
    return _fallen(30)


@adds(STANDINGS, "50% below their high", "companies", "drawdown_252_pct")
def fallen_50() -> pl.Expr:
    """Shares at least 50% below their highest close of 252 sessions."""
    return _fallen(50)


@adds(STANDINGS, "With drawdown", "companies", "drawdown_252_pct")
def eligible_drawdown() -> pl.Expr:
    """Shares with 252 sessions of history."""
    return pl.col("drawdown_252_pct").is_not_null()


def _fallen(percent: float) -> pl.Expr:
    return pl.col("drawdown_252_pct") <= -percent


@adds(STANDINGS, "With volatility", "companies", "volatility_close_60_pct")
def eligible_volatility() -> pl.Expr:
    """Shares with a volatility of 60 sessions."""
    return pl.col("volatility_close_60_pct").is_not_null()


@adds(
    STANDINGS,
    "Sum of volatilities",
    "percent a year",
    "volatility_close_60_pct",
    kind="number",
    whole=VOLATILITY_UNIT,
)
def volatility_sum_pct() -> pl.Expr:
    """Volatilities of 60 sessions added up."""
    return whole_units(pl.col("volatility_close_60_pct"), VOLATILITY_UNIT)


@adds(
    STANDINGS,
    "Sum of variances",
    "squared percent a year",
    "volatility_close_60_pct",
    kind="number",
    whole=VOLATILITY_UNIT**2,
)
def variance_sum_pct2() -> pl.Expr:
    """Squares of the volatilities of 60 sessions added up."""
    return whole_units(pl.col("volatility_close_60_pct"), VOLATILITY_UNIT) ** 2


@adds(STANDINGS, "With average-trade score", "companies", "average_trade_z_60")
def eligible_average_trade_z() -> pl.Expr:
    """Shares with a score of their average trade."""
    return pl.col("average_trade_z_60").is_not_null()


@adds(
    STANDINGS,
    "Sum of average-trade scores",
    "standard deviations",
    "average_trade_z_60",
    kind="number",
    whole=SCORE_UNIT,
    bounds=(None, None),
)
def average_trade_z_sum() -> pl.Expr:
    """Scores of the average trade against each share's own past added up."""
    return whole_units(pl.col("average_trade_z_60"), SCORE_UNIT)


@adds(STANDINGS, "With delivery score", "companies", "delivery_share_z_60")
def eligible_delivery_z() -> pl.Expr:
    """Shares with a score of their delivery share."""
    return pl.col("delivery_share_z_60").is_not_null()


@adds(
    STANDINGS,
    "Sum of delivery scores",
    "standard deviations",
    "delivery_share_z_60",
    kind="number",
    whole=SCORE_UNIT,
    bounds=(None, None),
)
def delivery_z_sum() -> pl.Expr:
    """Scores of the delivery share against each share's own past added up."""
    return whole_units(pl.col("delivery_share_z_60"), SCORE_UNIT)
