"""Thrusts: moves of breadth so one-sided that they are rare, by published and by own thresholds.

All of these thresholds were fitted to New York: `breadth_rarity` has this market's own.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from transforms import indicators
from transforms.metrics.metric import Metric, metric

STRENGTHS: list[Metric] = []
THRUSTS: list[Metric] = []

WINDOW = 10
"""Sessions within which a rise must happen, and within which repeats are dropped."""
ZWEIG_LOW_PCT, ZWEIG_HIGH_PCT = 40.0, 61.5
DEEMER_RATIO = 1.97
WHALEY_ADVANCES_PCT, WHALEY_VOLUME_PCT, WHALEY_PRICE_PCT = 73.66, 77.88, 10.05
WHALEY_LOW_ADVANCES_PCT, WHALEY_LOW_VOLUME_PCT, WHALEY_LOW_PRICE_PCT = 19.05, 16.41, -13.85
GO = 500.0

_ADVANCES, _DECLINES = pl.col("advances"), pl.col("declines")
_IS_FULL = pl.col("is_short").not_()
_ZWEIG = "Zweig, Winning on Wall Street (1986)"
_DEEMER = "Deemer, breakaway momentum: ratio of 10-session sums of A and D above 1.97"
_WHALEY = "Whaley, Planes, Trains and Automobiles (2010)"

Declaration = Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]


def _strength(
    name: str,
    unit: str,
    *,
    needs: tuple[str, ...],
    source: str,
    warmup: int,
    bounds: tuple[float | None, float | None] = (0.0, 100.0),
    percentile: bool = False,
) -> Declaration:
    return metric(
        STRENGTHS,
        name=name,
        unit=unit,
        warmup=warmup,
        source=source,
        needs=needs,
        bounds=bounds,
        percentile=percentile,
    )


@_strength("Zweig ratio", "percent", needs=("movers",), source=_ZWEIG, warmup=9, percentile=True)
def zweig_ema_10_pct() -> pl.Expr:
    """EMA of 10 sessions of A / (A + D), from the SMA of the run's first 10."""
    return indicators.ema(100 * _ADVANCES / pl.col("movers"), 10)


@_strength("Zweig ratio, simple average", "percent", needs=("movers",), source=_ZWEIG, warmup=9)
def zweig_sma_10_pct() -> pl.Expr:
    """SMA of 10 sessions of A / (A + D): how much hangs on the kind of average."""
    return indicators.sma(100 * _ADVANCES / pl.col("movers"), 10)


@_strength(
    "Rise of the Zweig ratio",
    "percentage points",
    needs=("zweig_ema_10_pct",),
    source=f"{_ZWEIG}: the rise from below 40% to above 61.5% as one number",
    warmup=9 + WINDOW,
    bounds=(-100.0, 100.0),
)
def zweig_rise_10_points() -> pl.Expr:
    """Zweig ratio less its least value in the 10 sessions before."""
    ratio = pl.col("zweig_ema_10_pct")
    return ratio - ratio.shift(1).rolling_min(WINDOW)


@_strength(
    "Deemer ratio",
    "ratio",
    needs=("advances", "declines"),
    source=_DEEMER,
    warmup=9,
    bounds=(0.0, None),
    percentile=True,
)
def deemer_ratio_10() -> pl.Expr:
    """Advances of 10 sessions over their declines; null without a decline."""
    return indicators.ratio(_ADVANCES.rolling_sum(10), _DECLINES.rolling_sum(10))


@_strength(
    "Whaley advances",
    "percent",
    needs=("advances", "declines"),
    source=f"{_WHALEY}, ADT",
    warmup=4,
    percentile=True,
)
def whaley_advances_5_pct() -> pl.Expr:
    """Advances of 5 sessions over their advances and declines."""
    return 100 * _ADVANCES.rolling_sum(5) / (_ADVANCES + _DECLINES).rolling_sum(5)


@_strength(
    "Whaley up-volume",
    "percent",
    needs=("up_turnover_paise", "down_turnover_paise", "is_short"),
    source=f"{_WHALEY}, UDT, by traded value",
    warmup=4,
)
def whaley_volume_5_pct() -> pl.Expr:
    """Up-volume of 5 sessions over up- and down-volume, short sessions left out."""
    up, down = (
        pl.when(_IS_FULL).then(pl.col(name)).otherwise(0).rolling_sum(5)
        for name in ("up_turnover_paise", "down_turnover_paise")
    )
    return pl.when(_IS_FULL).then(100 * up / (up + down))


@_strength(
    "Whaley price",
    "percent",
    needs=("index_close",),
    source=f"{_WHALEY}, price thrust",
    warmup=5,
    bounds=(-100.0, None),
)
def whaley_price_5_pct() -> pl.Expr:
    """Return of the universe's index over 5 sessions."""
    return 100 * indicators.simple_return(pl.col("index_close"), 5)


def first_in_window(is_beyond: pl.Expr) -> pl.Expr:
    """Whether a condition holds that held at none of the 10 sessions before.

    Null where the condition is, or was at all of them.
    """
    before = is_beyond.cast(pl.Int32).shift(1).rolling_max(WINDOW, min_samples=1)
    return pl.when(before.is_not_null()).then(is_beyond & (before == 0))


def rise_through(ratio: pl.Expr, low: float, high: float) -> pl.Expr:
    """Whether the ratio comes to exceed `high`, having been below `low` in the 10 sessions before.

    Null where its last value is.
    """
    lowest = ratio.shift(1).rolling_min(WINDOW, min_samples=1)
    is_rise = (ratio > high) & (ratio.shift(1) <= high) & (lowest < low)
    return pl.when(ratio.shift(1).is_not_null()).then(is_rise)


def go_signal(rasi: pl.Expr) -> pl.Expr:
    """Whether the summation index first exceeds +500 after it was at 0 or below."""
    zone = pl.when(rasi > GO).then(1).when(rasi <= 0).then(-1)
    before = zone.forward_fill().shift(1)
    return pl.when(rasi.shift(1).is_not_null()).then((rasi > GO) & (before == -1).fill_null(False))


def _event(name: str, *needs: str, source: str, warmup: int) -> Declaration:
    return metric(
        THRUSTS,
        name=name,
        unit="true or false",
        warmup=warmup,
        kind="flag",
        source=source,
        needs=needs,
    )


@_event("Zweig thrust", "zweig_ema_10_pct", source=_ZWEIG, warmup=10)
def is_zweig_thrust() -> pl.Expr:
    """Zweig ratio first above 61.5% within 10 sessions of a value below 40%."""
    return rise_through(pl.col("zweig_ema_10_pct"), ZWEIG_LOW_PCT, ZWEIG_HIGH_PCT)


@_event("Zweig thrust, simple average", "zweig_sma_10_pct", source=_ZWEIG, warmup=10)
def is_zweig_thrust_simple() -> pl.Expr:
    """The same of the simple average."""
    return rise_through(pl.col("zweig_sma_10_pct"), ZWEIG_LOW_PCT, ZWEIG_HIGH_PCT)


@_event("Deemer thrust", "deemer_ratio_10", source=_DEEMER, warmup=10)
def is_deemer_thrust() -> pl.Expr:
    """Deemer ratio above 1.97, for the first time in 10 sessions."""
    return first_in_window(pl.col("deemer_ratio_10") > DEEMER_RATIO)


@_event("Whaley advance thrust", "whaley_advances_5_pct", source=_WHALEY, warmup=5)
def is_whaley_advance_thrust() -> pl.Expr:
    """Five-session advances above 73.66%, for the first time in 10 sessions."""
    return first_in_window(pl.col("whaley_advances_5_pct") > WHALEY_ADVANCES_PCT)


@_event("Whaley volume thrust", "whaley_volume_5_pct", source=_WHALEY, warmup=5)
def is_whaley_volume_thrust() -> pl.Expr:
    """Five-session up-volume above 77.88%, for the first time in 10 sessions."""
    return first_in_window(pl.col("whaley_volume_5_pct") > WHALEY_VOLUME_PCT)


@_event("Whaley price thrust", "whaley_price_5_pct", source=_WHALEY, warmup=6)
def is_whaley_price_thrust() -> pl.Expr:
    """Five-session return of the index above 10.05%, for the first time in 10 sessions."""
    return first_in_window(pl.col("whaley_price_5_pct") > WHALEY_PRICE_PCT)


@_event("Whaley advance capitulation", "whaley_advances_5_pct", source=_WHALEY, warmup=5)
def is_whaley_advance_capitulation() -> pl.Expr:
    """Five-session advances below 19.05%, for the first time in 10 sessions."""
    return first_in_window(pl.col("whaley_advances_5_pct") < WHALEY_LOW_ADVANCES_PCT)


@_event("Whaley volume capitulation", "whaley_volume_5_pct", source=_WHALEY, warmup=5)
def is_whaley_volume_capitulation() -> pl.Expr:
    """Five-session up-volume below 16.41%, for the first time in 10 sessions."""
    return first_in_window(pl.col("whaley_volume_5_pct") < WHALEY_LOW_VOLUME_PCT)


@_event("Whaley price capitulation", "whaley_price_5_pct", source=_WHALEY, warmup=6)
def is_whaley_price_capitulation() -> pl.Expr:
    """Five-session return of the index below -13.85%, for the first time in 10 sessions."""
    return first_in_window(pl.col("whaley_price_5_pct") < WHALEY_LOW_PRICE_PCT)


@_event(
    "Go signal of the summation index",
    "mcclellan_summation",
    source="McClellan (17 January 2019): above +500 after 0 or below, a new uptrend",
    warmup=127,
)
def is_summation_go() -> pl.Expr:
    """Summation index first above +500 after it was at 0 or below."""
    return go_signal(pl.col("mcclellan_summation"))
