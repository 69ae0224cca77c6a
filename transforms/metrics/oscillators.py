"""RSI, MACD, average true range, directional index, Bollinger bands."""

from __future__ import annotations

import polars as pl

from transforms import indicators
from transforms.metrics.metric import Metric, metric

OSCILLATORS: list[Metric] = []

_CLOSE = pl.col("close")
_HIGH = pl.col("high")
_LOW = pl.col("low")
_BAR = ("high", "low", "close")
_CHARTSCHOOL = "StockCharts ChartSchool"
_WILDER = "Wilder, New Concepts in Technical Trading Systems (1978)"


@metric(
    OSCILLATORS,
    name="RSI 14 (Wilder)",
    unit="0-100",
    warmup=14,
    bounds=(0, 100),
    percentile=True,
    source=f"{_WILDER}; {_CHARTSCHOOL}, Relative Strength Index",
)
def rsi_14() -> pl.Expr:
    """Wilder-averaged gains over gains and losses; 100 without a loss, 50 without either."""
    return indicators.rsi(_CLOSE, 14)


@metric(
    OSCILLATORS,
    name="MACD 12, 26",
    unit="points",
    warmup=25,
    source=f"{_CHARTSCHOOL}, MACD",
)
def macd() -> pl.Expr:
    """EMA 12 less EMA 26 of the close, each seeded by its own SMA."""
    return indicators.macd(_CLOSE)


@metric(
    OSCILLATORS,
    name="MACD signal 9",
    unit="points",
    warmup=33,
    needs=("macd",),
    source=f"{_CHARTSCHOOL}, MACD",
)
def macd_signal() -> pl.Expr:
    """EMA 9 of MACD, seeded by its SMA."""
    return indicators.macd_signal(pl.col("macd"))


@metric(
    OSCILLATORS,
    name="MACD histogram",
    unit="points",
    warmup=33,
    needs=("macd", "macd_signal"),
    source=f"{_CHARTSCHOOL}, MACD-Histogram",
)
def macd_histogram() -> pl.Expr:
    """MACD less its signal."""
    return pl.col("macd") - pl.col("macd_signal")


@metric(
    OSCILLATORS,
    name="ATR 14",
    unit="points",
    warmup=14,
    bounds=(0, None),
    needs=_BAR,
    source=f"{_WILDER}; first true range at the run's second bar",
)
def atr_14() -> pl.Expr:
    """Wilder's average of the true range."""
    return indicators.atr(_HIGH, _LOW, _CLOSE, 14)


@metric(
    OSCILLATORS,
    name="ATR 14 of the close",
    unit="percent",
    warmup=14,
    bounds=(0, None),
    needs=("close", "atr_14"),
    percentile=True,
    source=_WILDER,
)
def atr_14_pct() -> pl.Expr:
    """ATR 14 over the close."""
    return 100 * pl.col("atr_14") / _CLOSE


@metric(
    OSCILLATORS,
    name="+DI 14",
    unit="0-100",
    warmup=14,
    bounds=(0, 100),
    needs=("high", "low", "atr_14"),
    source=f"{_WILDER}; {_CHARTSCHOOL}, ADX",
)
def plus_di_14() -> pl.Expr:
    """Upward movement as a share of true range, Wilder's sums of 14; 0 where nothing moved."""
    return indicators.plus_di(_HIGH, _LOW, pl.col("atr_14"), 14)


@metric(
    OSCILLATORS,
    name="-DI 14",
    unit="0-100",
    warmup=14,
    bounds=(0, 100),
    needs=("high", "low", "atr_14"),
    source=f"{_WILDER}; {_CHARTSCHOOL}, ADX",
)
def minus_di_14() -> pl.Expr:
    """Downward movement as a share of true range, Wilder's sums of 14; 0 where nothing moved."""
    return indicators.minus_di(_HIGH, _LOW, pl.col("atr_14"), 14)


@metric(
    OSCILLATORS,
    name="ADX 14",
    unit="0-100",
    warmup=27,
    bounds=(0, 100),
    needs=("plus_di_14", "minus_di_14"),
    percentile=True,
    source=f"{_WILDER}; {_CHARTSCHOOL}, ADX",
)
def adx_14() -> pl.Expr:
    """Wilder's average of DX, the difference of the DIs over their sum; above 25 is a trend."""
    return indicators.adx(pl.col("plus_di_14"), pl.col("minus_di_14"), 14)


@metric(
    OSCILLATORS,
    name="Bollinger %B 20, 2",
    unit="ratio",
    warmup=19,
    # A value is at most sqrt(19) population sds from the mean of the 20 it belongs to.
    bounds=(-0.59, 1.59),
    source=f"{_CHARTSCHOOL}, %B Indicator; population sd",
)
def bollinger_percent_b_20() -> pl.Expr:
    """Place of the close between lower band (0) and upper band (1); null where they coincide."""
    return indicators.bollinger_percent_b(_CLOSE, 20)


@metric(
    OSCILLATORS,
    name="Bollinger band width 20, 2",
    unit="percent",
    warmup=19,
    bounds=(0, None),
    percentile=True,
    source=f"{_CHARTSCHOOL}, Bollinger BandWidth; population sd",
)
def bollinger_width_20_pct() -> pl.Expr:
    """Upper less lower band over the middle one."""
    return 100 * indicators.bollinger_width(_CLOSE, 20)
