"""The ingredients of quality: one expression each over what is known of one company."""

from __future__ import annotations

import polars as pl

from transforms.metrics.metric import Metric, metric
from transforms.quarters import YEAR_QUARTERS

QUALITY: list[Metric] = []

LEAST_HISTORY = 8

FINANCIAL = ("banking", "nbfc", "insurance")
# Of these, interest and claims are costs of the trade, and borrowings leave deposits out.
NO_CAPITAL_RETURN = ("banking", "insurance")


def _ratio(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """Quotient; null unless the denominator is above 0."""
    return pl.when(denominator > 0).then(numerator / denominator)


_IS_FINANCIAL = pl.col("format").is_in(FINANCIAL)


@metric(
    QUALITY,
    name="Return on equity",
    unit="percent",
    warmup=3,
    needs=("year_profit", "equity"),
    source="Profit of the last four quarters over the latest total equity known",
)
def return_on_equity_pct() -> pl.Expr:
    """Profit of four quarters over equity; null where equity is not above 0."""
    return 100 * _ratio(pl.col("year_profit"), pl.col("equity"))


@metric(
    QUALITY,
    name="Debt to equity",
    unit="ratio",
    warmup=0,
    needs=("borrowings", "equity"),
    source="Borrowings over total equity, not of financial companies",
)
def debt_to_equity() -> pl.Expr:
    """Borrowings over equity of the latest balance sheet; null of financial companies."""
    return pl.when(~_IS_FINANCIAL).then(_ratio(pl.col("borrowings"), pl.col("equity")))


@metric(
    QUALITY,
    name="Variability of earnings",
    unit="ratio",
    warmup=LEAST_HISTORY + YEAR_QUARTERS - 1,
    bounds=(0.0, None),
    needs=("growth_sd",),
    source="sd (ddof 1) of bounded growth on a year before, over 20 quarters",
)
def earnings_variability() -> pl.Expr:
    """How much the growth of quarterly profit varies over five years, of 8 quarters at least."""
    return pl.col("growth_sd")


@metric(
    QUALITY,
    name="Return on capital",
    unit="percent",
    warmup=3,
    needs=("year_operating_profit", "equity", "borrowings"),
    source="(Profit before tax + finance costs) of four quarters over equity and borrowings",
)
def return_on_capital_pct() -> pl.Expr:
    """Earnings before interest and tax over capital employed; null of banks and insurers."""
    capital = pl.col("equity") + pl.col("borrowings")
    has_one = ~pl.col("format").is_in(NO_CAPITAL_RETURN)
    return 100 * pl.when(has_one).then(_ratio(pl.col("year_operating_profit"), capital))


@metric(
    QUALITY,
    name="Accruals",
    unit="ratio",
    warmup=YEAR_QUARTERS,
    needs=("accruals", "average_assets"),
    source="Sloan (1996): (profit - operating cash flow) over average assets of the year",
)
def accruals_ratio() -> pl.Expr:
    """Profit that was not cash, over average assets, of the latest whole year; low is good."""
    return _ratio(pl.col("accruals"), pl.col("average_assets"))


@metric(
    QUALITY,
    name="Quarters with a profit",
    unit="percent",
    warmup=LEAST_HISTORY - 1,
    bounds=(0.0, 100.0),
    needs=("positive_share",),
    source="Share of the last 20 quarters, of 8 at least",
)
def positive_quarters_pct() -> pl.Expr:
    """Share of the quarters of five years in which a profit was made."""
    return 100 * pl.col("positive_share")
