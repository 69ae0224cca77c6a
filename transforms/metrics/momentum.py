"""Momentum of an index: which metrics, and what their bars are."""

from __future__ import annotations

from datetime import date

import polars as pl

from transforms.corrections import with_basis
from transforms.metrics.evaluate import evaluate
from transforms.metrics.extremes import EXTREMES
from transforms.metrics.metric import Metric
from transforms.metrics.oscillators import OSCILLATORS
from transforms.metrics.relative_strength import RELATIVE_STRENGTH
from transforms.metrics.trend import TREND
from transforms.metrics.volatility import VOLATILITY

NIFTY_50 = "nifty-50"
NIFTY_500 = "nifty-500"

INDEX_MOMENTUM: list[Metric] = [
    *TREND,
    *OSCILLATORS,
    *EXTREMES,
    *VOLATILITY,
    *RELATIVE_STRENGTH,
]


def index_momentum(
    bars: pl.DataFrame, sessions: pl.DataFrame, since: date | None = None
) -> pl.DataFrame:
    """Every index momentum metric at every bar.

    Args:
        bars: `index_id`, `session_date` (together the key), `open`, `high`, `low`, `close` as
            Float64; any row order. Open, high and low are null where the publisher gives
            closes only: metrics that need them begin with them.
        sessions: `session_date` of every trading session, also those an index has no bar for.
        since: give the rows of this session and later only.

    Returns:
        One row a bar, sorted by `index_id` and `session_date`: both, `run_started_on` (first
        session of the unbroken run of closes on one basis; null where the close is null), every
        metric of INDEX_MOMENTUM, then the percentiles. Null until warm; never NaN or infinite.

    Raises:
        ValueError: a bar on a date that is no session, or two bars of one index and session.
    """
    with_benchmarks = with_basis(
        bars.select("index_id", "session_date", "open", "high", "low", "close").sort(
            "index_id", "session_date"
        )
    )
    for index_id, column in ((NIFTY_50, "nifty_50_close"), (NIFTY_500, "nifty_500_close")):
        benchmark = bars.filter(pl.col("index_id") == index_id).select(
            "session_date", pl.col("close").alias(column)
        )
        with_benchmarks = with_benchmarks.join(benchmark, on="session_date", how="left")
    return evaluate(
        with_benchmarks, INDEX_MOMENTUM, subject="index_id", sessions=sessions, since=since
    )
