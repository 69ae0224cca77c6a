"""Indicators against hand calculations, published vectors and TA-Lib.

Conventions that differ, and how each comparison minds them:

- StockCharts' ATR counts the first bar's high - low; ours has no true range there.
- TA-Lib's ADX and DI seed with sums of 13 bars: compared from bar 300.
- TA-Lib's MACD delays the fast average's seed to the slow one's bar: compared from bar 300.
- TA-Lib's Bollinger bands, STDDEV and VAR use ddof 0, as our Bollinger bands do.
- TA-Lib's ROC is a percentage, its BETA takes (market, asset) and simple returns.
- TA-Lib's RSI is 0 where nothing moved, ours 50: no index stands still for 15 sessions.
- StockCharts' Ulcer index takes each drawdown from the highest of 14 closes before it; ours, as
  Martin's, from the window's own. Both agree on the first value, which is what is published.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import talib
from numpy.typing import NDArray

from transforms import indicators
from transforms.metrics.percentile import percentile_rank

REPOSITORY = Path(__file__).parents[2]
GOLDEN = REPOSITORY / "tests" / "golden"
ARCHIVE = Path(os.environ.get("RISKON_ARCHIVE", REPOSITORY.parent / "shared" / "archive"))
VECTORS = ARCHIVE.parent / "vectors"
PRICES = ARCHIVE / "niftyindices" / "price"

OPEN, HIGH, LOW, CLOSE = (pl.col(name) for name in ("open", "high", "low", "close"))

needs_vectors = pytest.mark.skipif(
    not VECTORS.is_dir(), reason=f"published vectors: {VECTORS} is absent, see RISKON_ARCHIVE"
)
needs_prices = pytest.mark.skipif(
    not PRICES.is_dir(), reason=f"real index history: {PRICES} is absent, see RISKON_ARCHIVE"
)


def column(frame: pl.DataFrame, expression: pl.Expr) -> list[Any]:
    return frame.select(expression.alias("value"))["value"].to_list()


def golden(name: str) -> pl.DataFrame:
    return pl.read_csv(GOLDEN / f"{name}.csv", comment_prefix="#").cast(pl.Float64)


def vector(path: str) -> Any:
    return json.loads((VECTORS / path).read_text())


def worksheet(name: str) -> pl.DataFrame:
    return pl.read_csv(VECTORS / "stockcharts_via_bukosabino" / f"{name}.csv")


# -- by hand


def test_ema_and_wilder_start_from_the_average() -> None:
    expected = golden("ema_3")
    value = pl.col("value")
    assert column(expected, indicators.ema(value, 3)) == pytest.approx(
        expected["ema"].to_list(), abs=1e-9
    )
    assert column(expected, indicators.wilder(value, 3)) == pytest.approx(
        expected["wilder"].to_list(), abs=1e-9
    )


def test_recursion_after_leading_nulls_starts_as_if_they_were_not_there() -> None:
    values = [2.0, 4.0, 9.0, 7.0, 2.0, 10.0]
    late = pl.DataFrame({"value": [None, None, *values]})
    early = pl.DataFrame({"value": values})
    expression = indicators.ema(pl.col("value"), 3)
    assert column(late, expression) == [None, None, *column(early, expression)]


def test_rsi_by_hand() -> None:
    expected = golden("rsi_2")
    assert column(expected, indicators.rsi(CLOSE, 2)) == pytest.approx(
        expected["rsi"].to_list(), abs=1e-9
    )


@pytest.mark.parametrize(
    ("closes", "expected"),
    [([1.0, 2, 3, 4], 100.0), ([4.0, 3, 2, 1], 0.0), ([5.0, 5, 5, 5], 50.0)],
    ids=["only gains", "only losses", "no movement"],
)
def test_rsi_at_its_ends(closes: list[float], expected: float) -> None:
    frame = pl.DataFrame({"close": closes})
    assert column(frame, indicators.rsi(CLOSE, 3)) == [None, None, None, expected]


def test_directional_system_by_hand() -> None:
    bars = golden("adx_2").with_columns(got_atr=indicators.atr(HIGH, LOW, CLOSE, 2))
    bars = bars.with_columns(
        got_plus_di=indicators.plus_di(HIGH, LOW, pl.col("got_atr"), 2),
        got_minus_di=indicators.minus_di(HIGH, LOW, pl.col("got_atr"), 2),
    ).with_columns(got_adx=indicators.adx(pl.col("got_plus_di"), pl.col("got_minus_di"), 2))
    for name in ("atr", "plus_di", "minus_di", "adx"):
        assert bars[f"got_{name}"].to_list() == pytest.approx(bars[name].to_list(), abs=1e-9), name


def test_directional_system_where_nothing_moves() -> None:
    bars = pl.DataFrame({name: [7.0] * 8 for name in ("high", "low", "close")}).with_columns(
        atr=indicators.atr(HIGH, LOW, CLOSE, 2)
    )
    bars = bars.with_columns(
        plus=indicators.plus_di(HIGH, LOW, pl.col("atr"), 2),
        minus=indicators.minus_di(HIGH, LOW, pl.col("atr"), 2),
    )
    assert bars["plus"].to_list() == bars["minus"].to_list() == [None, None, *[0.0] * 6]
    assert column(bars, indicators.adx(pl.col("plus"), pl.col("minus"), 2)) == [
        *[None] * 3,
        *[0.0] * 5,
    ]


def test_directional_movement_ties_count_for_neither() -> None:
    bars = pl.DataFrame({"high": [10.0, 11], "low": [8.0, 7], "close": [9.0, 9]})
    true_range = indicators.true_range(HIGH, LOW, CLOSE)
    assert column(bars, indicators.plus_di(HIGH, LOW, true_range, 1)) == [None, 0.0]
    assert column(bars, indicators.minus_di(HIGH, LOW, true_range, 1)) == [None, 0.0]


def test_true_range_takes_the_gap_and_none_at_the_first_bar() -> None:
    bars = pl.DataFrame(
        {"high": [10.0, 15, 9, 9], "low": [9.0, 14, 8, 8], "close": [9.5, 14.5, 8.5, 8.6]}
    )
    assert column(bars, indicators.true_range(HIGH, LOW, CLOSE)) == [None, 5.5, 6.5, 1.0]


def test_ulcer_by_hand() -> None:
    expected = golden("ulcer_3")
    assert column(expected, indicators.ulcer(CLOSE, 3)) == pytest.approx(
        expected["ulcer"].to_list(), abs=1e-9
    )


def test_bollinger_where_the_bands_coincide() -> None:
    flat = pl.DataFrame({"close": [0.1] * 30})
    assert column(flat, indicators.bollinger_percent_b(CLOSE, 20)) == [None] * 30
    assert column(flat, indicators.bollinger_width(CLOSE, 20))[19:] == pytest.approx(
        [0.0] * 11, abs=0
    )


def test_bands_coincide_exactly_after_a_shock_has_left_the_window() -> None:
    frame = pl.DataFrame({"close": [1e9, 0.3, *[0.1] * 30]})
    assert column(frame, indicators.rolling_sd(CLOSE, 20, ddof=0))[-5:] == [0.0] * 5
    assert column(frame, indicators.bollinger_percent_b(CLOSE, 20))[-5:] == [None] * 5


def test_range_estimators_of_equal_bars() -> None:
    """Where high/low is e^a and close is open, Parkinson is a sqrt(252 / (4 ln 2))."""
    a = 0.02
    bars = pl.DataFrame(
        {
            "open": [100.0] * 25,
            "high": [100 * math.exp(a / 2)] * 25,
            "low": [100 * math.exp(-a / 2)] * 25,
            "close": [100.0] * 25,
        }
    )
    parkinson = column(bars, indicators.volatility_parkinson(HIGH, LOW, 20))
    garman_klass = column(bars, indicators.volatility_garman_klass(OPEN, HIGH, LOW, CLOSE, 20))
    assert parkinson[-1] == pytest.approx(a * math.sqrt(252 / (4 * math.log(2))), abs=1e-12)
    assert garman_klass[-1] == pytest.approx(a * math.sqrt(252 / 2), abs=1e-12)


def test_new_high_compares_with_the_sessions_before() -> None:
    bars = pl.DataFrame({"high": [5.0, 4, 5, 6, 6, 7]})
    assert column(bars, indicators.is_new_high(HIGH, 2)) == [None, None, False, True, False, True]


def test_nearness_and_range_position() -> None:
    bars = pl.DataFrame(
        {"high": [10.0, 12, 11, 9], "low": [8.0, 9, 9, 9], "close": [9.0, 12, 9, 9]}
    )
    assert column(bars, indicators.nearness_to_high(HIGH, CLOSE, 2)) == [None, 1.0, 0.75, 9 / 11]
    assert column(bars, indicators.range_position(HIGH, LOW, CLOSE, 2)) == [None, 1.0, 0.0, 0.0]
    assert column(bars.tail(1), indicators.range_position(HIGH, LOW, CLOSE, 1)) == [None]


def test_sessions_under_water_restart_on_an_equal_high() -> None:
    frame = pl.DataFrame({"close": [5.0, 4, 5, 3, 2, 6, 6, 1]})
    assert column(frame, indicators.sessions_under_water(CLOSE)) == [0, 1, 0, 1, 2, 0, 0, 1]


def test_beta_of_a_multiple_is_the_multiple() -> None:
    rng = np.random.default_rng(1)
    market = rng.normal(0, 0.01, 40)
    frame = pl.DataFrame({"asset": 1.5 * market + 0.002, "market": market, "still": [0.0] * 40})
    got = column(frame, indicators.beta(pl.col("asset"), pl.col("market"), 20, at_least=10))
    assert got[:9] == [None] * 9
    assert got[9:] == pytest.approx([1.5] * 31, abs=1e-10)
    still = column(frame, indicators.beta(pl.col("asset"), pl.col("still"), 20, at_least=10))
    assert still == [None] * 40


def test_beta_to_a_market_that_came_to_rest() -> None:
    """What left the window leaves no crumb of variance to divide by."""
    rng = np.random.default_rng(3)
    market = [*rng.normal(0, 0.01, 40), 1e6, *[0.0] * 40]
    frame = pl.DataFrame({"asset": rng.normal(0, 0.01, 81), "market": market})
    got = column(frame, indicators.beta(pl.col("asset"), pl.col("market"), 20, at_least=10))
    assert got[-20:] == [None] * 20


def test_weekly_beta_knows_only_weeks_that_are_over() -> None:
    """Sessions on Thursday, Friday, then five weeks; the market's weekly returns by hand."""
    dates = pl.date_range(pl.date(2026, 1, 1), pl.date(2026, 2, 6), eager=True)
    dates = dates.filter(dates.dt.weekday() <= 5)
    rng = np.random.default_rng(2)
    market = 100 * np.exp(rng.normal(0, 0.02, dates.len()).cumsum())
    asset = 100 * np.exp(rng.normal(0, 0.02, dates.len()).cumsum())
    frame = pl.DataFrame({"session_date": dates, "asset": asset, "market": market})
    got = column(
        frame,
        indicators.beta_weekly(pl.col("session_date"), pl.col("asset"), pl.col("market"), 3),
    )
    # Week closes on Fridays: rows 1, 6, 11, 16, 21; row 22 opens the week after the fifth.
    assert got[:17] == [None] * 17
    for first_row, fridays in ((17, (1, 6, 11, 16)), (22, (6, 11, 16, 21))):
        returns = [
            [prices[late] / prices[early] - 1 for early, late in pairwise(fridays)]
            for prices in (asset, market)
        ]
        covariance = np.cov(returns, ddof=1)
        week = got[first_row : first_row + 5]
        assert week == pytest.approx([covariance[0, 1] / covariance[1, 1]] * 5, rel=1e-9)


def test_rrg_approximation_is_null_where_the_ratio_stands_still() -> None:
    frame = pl.DataFrame({"close": [1.0, 2.0] * 20, "benchmark": [1.0, 2.0] * 20})
    got = column(frame, indicators.rrg_approx_ratio(CLOSE, pl.col("benchmark"), 14))
    assert got == [None] * 40


# -- published vectors


@needs_vectors
@pytest.mark.parametrize(("name", "function"), [("ema", indicators.ema), ("sma", indicators.sma)])
def test_averages_as_stockcharts_prints(name: str, function: Any) -> None:
    published = vector("stockcharts_published/ema10.json")
    got = column(pl.DataFrame({"close": published["close"]}), function(CLOSE, 10))
    first = published["first_index"]
    assert got[:first] == [None] * first
    assert got[first:] == pytest.approx(published[name], abs=0.006)


@needs_vectors
def test_rsi_as_stockcharts_prints() -> None:
    published = vector("stockcharts_published/rsi14.json")
    got = column(pl.DataFrame({"close": published["close"]}), indicators.rsi(CLOSE, 14))
    first = published["first_index"]
    assert got[:first] == [None] * first
    assert got[first:] == pytest.approx(published["rsi"], abs=0.006)


@needs_vectors
def test_directional_system_as_the_worksheet() -> None:
    sheet = worksheet("cs-adx").rename(str.lower)
    sheet = sheet.with_columns(got_atr=indicators.atr(HIGH, LOW, CLOSE, 14))
    sheet = sheet.with_columns(
        got_plus=indicators.plus_di(HIGH, LOW, pl.col("got_atr"), 14),
        got_minus=indicators.minus_di(HIGH, LOW, pl.col("got_atr"), 14),
        got_tr=indicators.true_range(HIGH, LOW, CLOSE),
    ).with_columns(got_adx=indicators.adx(pl.col("got_plus"), pl.col("got_minus"), 14))
    for got, printed, first in (
        ("got_tr", "tr", 1),
        ("got_plus", "+di14", 14),
        ("got_minus", "-di14", 14),
        ("got_adx", "adx", 27),
    ):
        assert sheet[got][:first].null_count() == first, printed
        assert sheet[got][first:].to_list() == pytest.approx(
            sheet[printed][first:].to_list(), abs=1e-4
        ), printed


@needs_vectors
def test_atr_as_the_worksheet_but_for_its_first_bar() -> None:
    sheet = worksheet("cs-atr").rename(str.lower)
    ours = indicators.true_range(HIGH, LOW, CLOSE)
    theirs = pl.coalesce(ours, HIGH - LOW)
    got = column(sheet, indicators.wilder(theirs, 14))
    assert got[13:] == pytest.approx(sheet["atr"].to_list()[13:], abs=1e-4)
    assert column(sheet, indicators.atr(HIGH, LOW, CLOSE, 14))[13] is None


@needs_vectors
def test_bollinger_as_the_worksheet() -> None:
    sheet = worksheet("cs-bbands").rename(str.lower)
    for expression, printed in (
        (indicators.sma(CLOSE, 20), "middleband"),
        (indicators.rolling_sd(CLOSE, 20, ddof=0), "20-day standard deviation"),
        (100 * indicators.bollinger_width(CLOSE, 20), "widthband"),
        (indicators.bollinger_percent_b(CLOSE, 20), "percentageband"),
    ):
        got = column(sheet, expression)
        assert got[:19] == [None] * 19, printed
        assert got[19:] == pytest.approx(sheet[printed].to_list()[19:], abs=1e-4), printed


@needs_vectors
def test_rate_of_change_as_the_worksheet() -> None:
    sheet = worksheet("cs-roc").rename(str.lower)
    got = column(sheet, 100 * indicators.simple_return(CLOSE, 12))
    assert got[:12] == [None] * 12
    assert got[12:] == pytest.approx(sheet["roc"].to_list()[12:], abs=1e-4)


@needs_vectors
def test_ulcer_as_the_worksheet() -> None:
    sheet = worksheet("cs-ui").rename(str.lower)
    got = column(sheet, 100 * indicators.ulcer(CLOSE, 14))
    assert got[:13] == [None] * 13
    assert got[13:] == pytest.approx(sheet["ulcer_index"].to_list()[13:], abs=1e-4)


@needs_vectors
def test_nine_session_return_spans_ten_closes() -> None:
    case = vector("constructed/nsession.json")
    frame = pl.DataFrame({"close": case["close"]}).cast(pl.Float64)
    got = column(frame, indicators.simple_return(CLOSE, case["n"]))
    assert got[:-1] == [None] * 9
    assert got[-1] == pytest.approx(case["simple"], abs=1e-12)


@needs_vectors
def test_drawdown_as_constructed() -> None:
    case = vector("constructed/drawdown.json")
    frame = pl.DataFrame({"close": case["close"]}).cast(pl.Float64)
    assert column(frame, indicators.drawdown(CLOSE)) == pytest.approx(case["dd"], abs=1e-12)
    under_water = column(frame, indicators.sessions_under_water(CLOSE))
    assert under_water[-1] == case["underwater_sessions_now"]


@needs_vectors
def test_percentile_rank_as_constructed() -> None:
    case = vector("constructed/pctrank.json")
    values = [value for value in case["hist"] if value != case["x"]]
    frame = pl.DataFrame({"value": [*values, case["x"], case["x"]]}).cast(pl.Float64)
    got = column(frame, percentile_rank(pl.col("value"), at_least=1))
    assert got[-1] == pytest.approx(case["mean_rank"], abs=1e-12)


@needs_vectors
@pytest.mark.parametrize("estimator", ["cc", "parkinson", "garman_klass", "yang_zhang"])
def test_volatility_as_constructed(estimator: str) -> None:
    case = vector("constructed/vol_spy20.json")
    bars = pl.read_csv(VECTORS / "skender" / "default.csv")
    expression = {
        "cc": indicators.volatility_close(CLOSE, 20),
        "parkinson": indicators.volatility_parkinson(HIGH, LOW, 20),
        "garman_klass": indicators.volatility_garman_klass(OPEN, HIGH, LOW, CLOSE, 20),
        "yang_zhang": indicators.volatility_yang_zhang(OPEN, HIGH, LOW, CLOSE, 20),
    }[estimator]
    got = column(bars, expression)
    for row, values in case["values"].items():
        assert got[int(row)] == pytest.approx(values[estimator], abs=1e-12), row


@needs_vectors
def test_relative_strength_as_constructed() -> None:
    case = vector("constructed/relative_strength.json")
    asset, benchmark = (
        pl.read_csv(VECTORS / "skender" / f"{name}.csv")["close"] for name in ("default", "compare")
    )
    frame = pl.DataFrame({"close": asset, "benchmark": benchmark}).with_columns(
        mansfield=100 * indicators.mansfield(CLOSE, pl.col("benchmark"), 200),
        ratio=indicators.rrg_approx_ratio(CLOSE, pl.col("benchmark"), 14),
    )
    momentum = column(frame, indicators.rrg_approx_momentum(pl.col("ratio"), 14))
    for row, value in case["mansfield_sma200_pct"].items():
        assert frame["mansfield"][int(row)] == pytest.approx(value, abs=1e-12), row
    for row, values in case["rrg_approx_n14_ddof0"].items():
        assert frame["ratio"][int(row)] == pytest.approx(values["rs_ratio"], abs=1e-12), row
        assert momentum[int(row)] == pytest.approx(values["rs_momentum"], abs=1e-12), row


@needs_vectors
@pytest.mark.parametrize(
    ("name", "start", "tolerance"),
    # The doubles nearest to 10,000,000.1 are 2e-9 apart, which bounds what can be asked.
    [("NumAcc2", 1.0, 1e-15), ("NumAcc3", 1e6, 1e-10), ("NumAcc4", 1e7, 1e-9)],
)
def test_sd_is_not_one_pass(name: str, start: float, tolerance: float) -> None:
    certified = vector("nist/numacc.json")[name]
    values = [start + 0.2, *[start + 0.1, start + 0.3] * (certified["n"] // 2)]
    frame = pl.DataFrame({"close": values * 2})
    got = column(frame, indicators.rolling_sd(CLOSE, certified["n"], ddof=1))
    assert got[certified["n"] - 1] == pytest.approx(certified["sd"], abs=tolerance)
    assert got[-1] == pytest.approx(certified["sd"], abs=tolerance)


# -- TA-Lib on real index history


def price_history(name: str) -> pl.DataFrame:
    """Bars of a republished price file: one a date, blanks, dashes and zeros null."""
    text = pl.read_csv(PRICES / f"{name}.csv", infer_schema=False)
    number = {
        new: pl.when(pl.col(old).cast(pl.Float64, strict=False) > 0).then(
            pl.col(old).cast(pl.Float64, strict=False)
        )
        for new, old in zip(
            ("open", "high", "low", "close"), ("Open", "High", "Low", "Close"), strict=True
        )
    }
    return (
        text.select(pl.col("Date").str.to_date().alias("session_date"), **number)
        .sort("session_date", "high", nulls_last=True)
        .unique("session_date", keep="first", maintain_order=True)
    )


def talib_pairs(bars: pl.DataFrame) -> Iterator[tuple[str, pl.Expr, NDArray[np.float64], int]]:
    """Name, our expression, TA-Lib's array, and the row from which they must agree."""
    high, low, close = (bars[name].to_numpy() for name in ("high", "low", "close"))
    yield "sma", indicators.sma(CLOSE, 50), talib.SMA(close, 50), 49
    yield "ema", indicators.ema(CLOSE, 50), talib.EMA(close, 50), 49
    yield "rsi", indicators.rsi(CLOSE, 14), talib.RSI(close, 14), 14
    yield "roc", 100 * indicators.simple_return(CLOSE, 21), talib.ROC(close, 21), 21
    macd = indicators.macd(CLOSE)
    line, signal, _ = talib.MACD(close, 12, 26, 9)
    yield "macd", macd, line, 300
    yield "macd signal", indicators.macd_signal(macd), signal, 300
    average = indicators.atr(HIGH, LOW, CLOSE, 14)
    plus = indicators.plus_di(HIGH, LOW, average, 14)
    minus = indicators.minus_di(HIGH, LOW, average, 14)
    yield "true range", indicators.true_range(HIGH, LOW, CLOSE), talib.TRANGE(high, low, close), 1
    yield "atr", average, talib.ATR(high, low, close, 14), 14
    yield "+di", plus, talib.PLUS_DI(high, low, close, 14), 300
    yield "-di", minus, talib.MINUS_DI(high, low, close, 14), 300
    yield "adx", indicators.adx(plus, minus, 14), talib.ADX(high, low, close, 14), 300
    upper, middle, lower = talib.BBANDS(close, 20, 2.0, 2.0)
    percent_b, width = (close - lower) / (upper - lower), (upper - lower) / middle
    yield "%b", indicators.bollinger_percent_b(CLOSE, 20), percent_b, 19
    yield "width", indicators.bollinger_width(CLOSE, 20), width, 19
    peak, trough = talib.MAX(high, 252), talib.MIN(low, 252)
    yield "nearness", indicators.nearness_to_high(HIGH, CLOSE, 252), close / peak, 251
    position = (close - trough) / (peak - trough)
    yield "range position", indicators.range_position(HIGH, LOW, CLOSE, 252), position, 251
    highest = talib.MAX(close, 252)
    yield "drawdown", indicators.drawdown(CLOSE, 252), close / highest - 1, 251


@needs_prices
@pytest.mark.real
@pytest.mark.parametrize("name", ["NIFTY_50", "NIFTY SMALLCAP 250", "NIFTY BANK"])
def test_indicators_equal_talib_on_real_history(name: str) -> None:
    bars = price_history(name)
    bars = bars.filter(pl.all_horizontal(HIGH.is_not_null(), LOW.is_not_null()))
    assert bars.height > 900
    for label, expression, theirs, first in talib_pairs(bars):
        ours = bars.select(expression.alias("value"))["value"]
        assert ours[first:].null_count() == 0, label
        # Seeds that differ fade; TA-Lib's variance is one-pass. All else agrees to rounding.
        tolerance = 1e-6 if first == 300 or label in {"%b", "width"} else 1e-9
        np.testing.assert_allclose(
            ours[first:].to_numpy(),
            theirs[first:],
            rtol=tolerance,
            atol=tolerance,
            err_msg=label,
        )


@needs_prices
@pytest.mark.real
def test_beta_equals_talib_on_real_history() -> None:
    both = price_history("NIFTY SMALLCAP 250").join(
        price_history("NIFTY_50"), on="session_date", suffix="_market"
    )
    market = pl.col("close_market")
    got = column(
        both,
        indicators.beta(
            indicators.simple_return(CLOSE, 1),
            indicators.simple_return(market, 1),
            252,
            at_least=126,
        ),
    )
    theirs = talib.BETA(both["close_market"].to_numpy(), both["close"].to_numpy(), 252)
    np.testing.assert_allclose(np.array(got[252:], dtype=float), theirs[252:], rtol=1e-6)
