"""RSI, MACD, average true range, directional index and Bollinger bands of a share."""

from __future__ import annotations

import polars as pl

from transforms.metrics import equity_windows as windows
from transforms.metrics.metric import Metric, metric

EQUITY_OSCILLATORS: list[Metric] = []
"""What is stored."""
BANDS: list[Metric] = []
"""What it is computed from."""

_CLOSE = pl.col("close")
_CHARTSCHOOL = "StockCharts ChartSchool"
_WILDER = "Wilder, New Concepts in Technical Trading Systems (1978)"
_DEVIATIONS = 2


@metric(
    BANDS,
    name="Deviation of 20 closes",
    unit="rupees a share",
    warmup=19,
    bounds=(0, None),
    source="Population sd",
)
def close_deviation_20() -> pl.Expr:
    """Population sd of 20 closes."""
    return windows.deviation(_CLOSE, 20, ddof=0)


def _share_of_range(movement: pl.Expr) -> pl.Expr:
    true_range = pl.col("average_true_range")
    return pl.when(true_range > 0).then(100 * movement / true_range).when(true_range == 0).then(0.0)


@metric(
    EQUITY_OSCILLATORS,
    name="RSI 14 (Wilder)",
    unit="0-100",
    warmup=14,
    bounds=(0, 100),
    needs=("average_gain", "average_move"),
    source=f"{_WILDER}; {_CHARTSCHOOL}, Relative Strength Index",
)
def rsi_14() -> pl.Expr:
    """Wilder-averaged gains over gains and losses; 100 without a loss, 50 without either."""
    gain, move = pl.col("average_gain"), pl.col("average_move")
    return pl.when(move > 0).then(100 * gain / move).when(move == 0).then(50.0)


@metric(
    EQUITY_OSCILLATORS,
    name="MACD 12, 26",
    unit="rupees a share",
    warmup=25,
    needs=("average_12", "average_26"),
    source=f"{_CHARTSCHOOL}, MACD",
)
def macd() -> pl.Expr:
    """EMA 12 less EMA 26 of the close, each seeded by its own SMA; in own price basis."""
    return pl.col("average_12") - pl.col("average_26")


@metric(
    EQUITY_OSCILLATORS,
    name="MACD signal 9",
    unit="rupees a share",
    warmup=33,
    needs=("average_macd",),
    source=f"{_CHARTSCHOOL}, MACD",
)
def macd_signal() -> pl.Expr:
    """EMA 9 of MACD, seeded by its SMA; in own price basis."""
    return pl.col("average_macd")


@metric(
    EQUITY_OSCILLATORS,
    name="MACD histogram",
    unit="rupees a share",
    warmup=33,
    needs=("macd", "average_macd"),
    source=f"{_CHARTSCHOOL}, MACD-Histogram",
)
def macd_histogram() -> pl.Expr:
    """MACD less its signal; in own price basis."""
    return pl.col("macd") - pl.col("average_macd")


@metric(
    EQUITY_OSCILLATORS,
    name="ATR 14",
    unit="rupees a share",
    warmup=14,
    bounds=(0, None),
    needs=("average_true_range",),
    source=f"{_WILDER}; first true range at the run's second bar",
)
def atr_14() -> pl.Expr:
    """Wilder's average of the true range, in own price basis."""
    return pl.col("average_true_range")


@metric(
    EQUITY_OSCILLATORS,
    name="ATR 14 of the close",
    unit="percent",
    warmup=14,
    bounds=(0, None),
    needs=("close", "average_true_range"),
    source=_WILDER,
)
def atr_14_pct() -> pl.Expr:
    """ATR 14 over the close."""
    return 100 * pl.col("average_true_range") / _CLOSE


@metric(
    EQUITY_OSCILLATORS,
    name="+DI 14",
    unit="0-100",
    warmup=14,
    bounds=(0, 100),
    needs=("average_plus_movement", "average_true_range"),
    source=f"{_WILDER}; {_CHARTSCHOOL}, ADX",
)
def plus_di_14() -> pl.Expr:
    """Upward movement as a share of true range, Wilder's sums of 14; 0 where nothing moved."""
    return _share_of_range(pl.col("average_plus_movement"))


@metric(
    EQUITY_OSCILLATORS,
    name="-DI 14",
    unit="0-100",
    warmup=14,
    bounds=(0, 100),
    needs=("average_minus_movement", "average_true_range"),
    source=f"{_WILDER}; {_CHARTSCHOOL}, ADX",
)
def minus_di_14() -> pl.Expr:
    """Downward movement as a share of true range, Wilder's sums of 14; 0 where nothing moved."""
    return _share_of_range(pl.col("average_minus_movement"))


@metric(
    EQUITY_OSCILLATORS,
    name="ADX 14",
    unit="0-100",
    warmup=27,
    bounds=(0, 100),
    needs=("average_direction",),
    source=f"{_WILDER}; {_CHARTSCHOOL}, ADX",
)
def adx_14() -> pl.Expr:
    """Wilder's average of DX, the difference of the DIs over their sum; above 25 is a trend."""
    return pl.col("average_direction")


@metric(
    EQUITY_OSCILLATORS,
    name="Bollinger %B 20, 2",
    unit="ratio",
    warmup=19,
    # A value is at most sqrt(19) population sds from the mean of the 20 it belongs to.
    bounds=(-0.59, 1.59),
    needs=("close", "sma_20", "close_deviation_20"),
    source=f"{_CHARTSCHOOL}, %B Indicator; population sd",
)
def bollinger_percent_b_20() -> pl.Expr:
    """Place of the close between lower band (0) and upper band (1); null where they coincide."""
    half = _DEVIATIONS * pl.col("close_deviation_20")
    return pl.when(half > 0).then(0.5 + (_CLOSE - pl.col("sma_20")) / (2 * half))


@metric(
    EQUITY_OSCILLATORS,
    name="Bollinger band width 20, 2",
    unit="percent",
    warmup=19,
    bounds=(0, None),
    needs=("close", "sma_20", "close_deviation_20"),
    source=f"{_CHARTSCHOOL}, Bollinger BandWidth; population sd",
)
def bollinger_width_20_pct() -> pl.Expr:
    """Upper less lower band over the middle one."""
    return 200 * _DEVIATIONS * pl.col("close_deviation_20") / pl.col("sma_20")
