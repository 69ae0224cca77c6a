"""How many members take part: advances and declines, their trends, members above and below.

Each expression reads the rows of one unbroken run of counts of one universe, oldest first; a
session without counts ends the run. Sessions that are short count for prices and not for volumes:
they add nothing to a window of volumes, and have no value themselves.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from transforms import indicators
from transforms.metrics.metric import Metric, metric

PARTICIPATION: list[Metric] = []

_ADVANCES, _DECLINES = pl.col("advances"), pl.col("declines")
_MCCLELLAN = "McClellan, Patterns for Profit (1989), ratio-adjusted; closed form of the sum"

FAST, SLOW = 0.10, 0.05
SEED_FORGOTTEN = 126
"""Sessions until the first value weighs under 0.2% in the slow trend."""

Declaration = Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]


def trend(rana: pl.Expr, share: float) -> pl.Expr:
    """Exponential trend that takes `share` of each new value; the first value is its own trend."""
    return rana.ewm_mean(alpha=share, adjust=False)


def summation(rana: pl.Expr) -> pl.Expr:
    """McClellan's summation index as 19 slow trends less 9 fast ones: neutral at 0.

    Equals the running sum of the oscillator up to a constant, and forgets where it began.
    """
    return 19 * trend(rana, SLOW) - 9 * trend(rana, FAST)


def _warm(value: pl.Expr, warmup: int) -> pl.Expr:
    """The value from row `warmup` of its run on."""
    return pl.when(pl.int_range(pl.len()) >= warmup).then(value)


def _share(part: str, whole: str) -> pl.Expr:
    return 100 * pl.col(part) / pl.col(whole)


def _participation(
    name: str,
    unit: str = "percent",
    *,
    needs: tuple[str, ...],
    source: str,
    warmup: int = 0,
    bounds: tuple[float | None, float | None] = (0.0, 100.0),
    percentile: bool = False,
) -> Declaration:
    return metric(
        PARTICIPATION,
        name=name,
        unit=unit,
        warmup=warmup,
        source=source,
        needs=needs,
        bounds=bounds,
        percentile=percentile,
    )


@_participation("Coverage", needs=("traded", "members"), source="Traded over members")
def coverage_pct() -> pl.Expr:
    """Share of the members that traded; 100 for the market, whose members are those traded."""
    return _share("traded", "members")


@_participation(
    "Advancing members", needs=("advances",), source="A / (A + D + unchanged)", percentile=True
)
def advancing_pct() -> pl.Expr:
    """Share of the members compared with the session before that rose."""
    return 100 * _ADVANCES / (_ADVANCES + _DECLINES + pl.col("unchanged"))


@_participation(
    "Net advances",
    needs=("movers",),
    source="(A - D) / (A + D)",
    bounds=(-100.0, 100.0),
    percentile=True,
)
def net_advances_pct() -> pl.Expr:
    """Advances less declines as a share of both; null where nothing moved."""
    return 100 * (_ADVANCES - _DECLINES) / pl.col("movers")


@metric(
    PARTICIPATION,
    name="Advance-decline line",
    unit="companies",
    warmup=0,
    kind="count",
    needs=("advances", "declines"),
    source="StockCharts ChartSchool, AD Line: cumulative A - D",
)
def ad_line() -> pl.Expr:
    """Advances less declines added up since the run began: its course counts, not its level."""
    return (_ADVANCES - _DECLINES).cum_sum()


@_participation(
    "Ratio-adjusted net advances",
    "points",
    needs=("movers",),
    source=_MCCLELLAN,
    bounds=(-1000.0, 1000.0),
)
def rana() -> pl.Expr:
    """1000 (A - D) / (A + D): independent of how many shares there are."""
    return 1000 * (_ADVANCES - _DECLINES) / pl.col("movers")


@_participation(
    "10% trend of net advances",
    "points",
    needs=("rana", "movers"),
    source=_MCCLELLAN,
    warmup=18,
    bounds=(-1000.0, 1000.0),
)
def rana_trend_10() -> pl.Expr:
    """Trend that takes a tenth of each new value, about 19 sessions; from the run's first value."""
    return _warm(trend(pl.col("rana"), FAST), 18)


@_participation(
    "5% trend of net advances",
    "points",
    needs=("rana", "movers"),
    source=_MCCLELLAN,
    warmup=38,
    bounds=(-1000.0, 1000.0),
)
def rana_trend_5() -> pl.Expr:
    """Trend that takes a twentieth of each new value, about 39 sessions; from the first value."""
    return _warm(trend(pl.col("rana"), SLOW), 38)


@_participation(
    "Ratio-adjusted McClellan oscillator",
    "points",
    needs=("rana_trend_10", "rana_trend_5"),
    source=_MCCLELLAN,
    warmup=38,
    bounds=(-2000.0, 2000.0),
    percentile=True,
)
def mcclellan_oscillator() -> pl.Expr:
    """10% trend less 5% trend of the ratio-adjusted net advances."""
    return pl.col("rana_trend_10") - pl.col("rana_trend_5")


@_participation(
    "Ratio-adjusted summation index",
    "points",
    needs=("rana", "movers"),
    source=_MCCLELLAN,
    warmup=SEED_FORGOTTEN,
    bounds=(-28000.0, 28000.0),
    percentile=True,
)
def mcclellan_summation() -> pl.Expr:
    """RASI = 19 T5 - 9 T10, neutral at 0, once the trends have forgotten where they began."""
    return _warm(summation(pl.col("rana")), SEED_FORGOTTEN)


def _above(n: int) -> Declaration:
    return _participation(
        f"Above SMA {n}",
        needs=(f"above_sma_{n}", f"eligible_sma_{n}"),
        source=f"Members above their average over members with {n} sessions of history",
        percentile=True,
    )


@_above(20)
def above_sma_20_pct() -> pl.Expr:
    """Share of the members with full history whose close is above their 20-session average."""
    return _share("above_sma_20", "eligible_sma_20")


@_above(50)
def above_sma_50_pct() -> pl.Expr:
    """Share of the members with full history whose close is above their 50-session average."""
    return _share("above_sma_50", "eligible_sma_50")


@_above(200)
def above_sma_200_pct() -> pl.Expr:
    """Share of the members with full history whose close is above their 200-session average."""
    return _share("above_sma_200", "eligible_sma_200")


@_participation(
    "New highs less new lows",
    needs=("new_highs", "new_lows", "eligible_252"),
    source="StockCharts ChartSchool, High-Low Percent",
    bounds=(-100.0, 100.0),
)
def net_new_highs_pct() -> pl.Expr:
    """New 252-session highs less lows as a share of the members with 252 sessions of history."""
    return 100 * (pl.col("new_highs") - pl.col("new_lows")) / pl.col("eligible_252")


@_participation(
    "New highs less new lows, 10 sessions",
    needs=("net_new_highs_pct",),
    source="Mean of 10 sessions",
    warmup=9,
    bounds=(-100.0, 100.0),
    percentile=True,
)
def net_new_highs_10_pct() -> pl.Expr:
    """Mean of the net new highs of 10 sessions."""
    return indicators.sma(pl.col("net_new_highs_pct"), 10)


def _risen(n: int) -> Declaration:
    return _participation(
        f"Risen over {n} sessions",
        needs=(f"risen_{n}", f"eligible_{n}"),
        source=f"Members with a positive return over {n} sessions over members with one",
    )


@_risen(9)
def risen_9_pct() -> pl.Expr:
    """Share of the members above their close 9 sessions before."""
    return _share("risen_9", "eligible_9")


@_risen(21)
def risen_21_pct() -> pl.Expr:
    """Share of the members above their close 21 sessions before."""
    return _share("risen_21", "eligible_21")


@_risen(63)
def risen_63_pct() -> pl.Expr:
    """Share of the members above their close 63 sessions before."""
    return _share("risen_63", "eligible_63")


def _fallen(percent: int) -> Declaration:
    return _participation(
        f"At least {percent}% below their high",
        needs=(f"fallen_{percent}", "eligible_drawdown"),
        source="Members that far below their highest close of 252 sessions over members with one",
        percentile=percent == 20,
    )


@_fallen(20)
def fallen_20_pct() -> pl.Expr:
    """Share of the members at least 20% below their highest close of 252 sessions."""
    return _share("fallen_20", "eligible_drawdown")


@_fallen(30)
def fallen_30_pct() -> pl.Expr:
    """Share of the members at least 30% below their highest close of 252 sessions."""
    return _share("fallen_30", "eligible_drawdown")


@_fallen(50)
def fallen_50_pct() -> pl.Expr:
    """Share of the members at least 50% below their highest close of 252 sessions."""
    return _share("fallen_50", "eligible_drawdown")
