"""Who trades a share: deliveries, the size of a trade, how often the company changes hands."""

from __future__ import annotations

from math import sqrt

import polars as pl

from transforms.metrics import equity_windows as windows
from transforms.metrics.metric import Metric, metric

EQUITY_TRADING: list[Metric] = []

_TURNOVER = pl.col("turnover_inr")
_QUARTER = 60
# A value is at most sqrt(59) population sds from the mean of the 60 it belongs to.
_REACH = sqrt(_QUARTER - 1) + 1e-9
_Z = "Distance from the mean of 60 sessions, this one included, in population sds"


@metric(
    EQUITY_TRADING,
    name="Delivered share of volume",
    unit="percent",
    warmup=0,
    bounds=(0, 100),
    needs=("series", "delivery_shares", "volume_shares"),
    source="NSE, Security-wise Delivery Positions",
)
def delivery_share_pct() -> pl.Expr:
    """Shares delivered over traded; EQ alone, as in BE all is delivered. Null while pending."""
    is_netted = (pl.col("series") == "EQ") & (pl.col("volume_shares") > 0)
    return pl.when(is_netted).then(100 * pl.col("delivery_shares") / pl.col("volume_shares"))


@metric(
    EQUITY_TRADING,
    name="Delivered share against its 60 sessions",
    unit="z",
    warmup=59,
    bounds=(-_REACH, _REACH),
    needs=("delivery_share_pct",),
    source=_Z,
)
def delivery_share_z_60() -> pl.Expr:
    """How unusual the delivered share is; null where one of the 60 sessions has none."""
    return windows.z_score(pl.col("delivery_share_pct"), _QUARTER)


@metric(
    EQUITY_TRADING,
    name="Average trade",
    unit="rupees",
    warmup=0,
    bounds=(0, None),
    needs=("turnover_inr", "trades"),
    source="Value traded over trades made",
)
def average_trade_inr() -> pl.Expr:
    """Value traded over the number of trades."""
    return pl.when(pl.col("trades") > 0).then(_TURNOVER / pl.col("trades"))


@metric(
    EQUITY_TRADING,
    name="Average trade against its 60 sessions",
    unit="z",
    warmup=59,
    bounds=(-_REACH, _REACH),
    needs=("average_trade_inr",),
    source=_Z,
)
def average_trade_z_60() -> pl.Expr:
    """How unusual the average trade is; null where one of the 60 sessions has none."""
    return windows.z_score(pl.col("average_trade_inr"), _QUARTER)


@metric(
    EQUITY_TRADING,
    name="Turnover velocity 21",
    unit="percent",
    warmup=20,
    bounds=(0, None),
    needs=("turnover_inr", "market_cap_inr"),
    source="Datar, Naik and Radcliffe, Liquidity and Stock Returns, J. Financial Markets 1 (1998)",
)
def turnover_velocity_21_pct() -> pl.Expr:
    """Value traded in 21 of the share's sessions over market cap; null where that is not known."""
    cap = pl.col("market_cap_inr")
    return pl.when(cap > 0).then(100 * windows.total(_TURNOVER, 21) / cap)
