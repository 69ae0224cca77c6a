"""What shares' metrics mean: against index momentum, published worksheets and plain Python."""

from __future__ import annotations

import datetime as dt
import json
import os
from math import sqrt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats  # type: ignore[import-untyped]

from transforms.metrics.equity_momentum import (
    EQUITY_MOMENTUM,
    LEVEL,
    equity_momentum,
    momentum_values,
)
from transforms.metrics.equity_tables import EquityMomentum, EquityState
from transforms.metrics.metric import Metric
from transforms.metrics.momentum import INDEX_MOMENTUM, NIFTY_500, index_momentum

REPOSITORY = Path(__file__).parents[2]
ARCHIVE = Path(os.environ.get("RISKON_ARCHIVE", REPOSITORY.parent / "shared" / "archive"))
VECTORS = ARCHIVE.parent / "vectors"
needs_vectors = pytest.mark.skipif(not VECTORS.is_dir(), reason="no reference vectors")

SESSIONS = 620
KEY = ["instrument_id", "session_date"]
SHARED = sorted({item.id for item in EQUITY_MOMENTUM} & {item.id for item in INDEX_MOMENTUM})
LEVELS = [item.id for item in EQUITY_MOMENTUM if item.unit == LEVEL]
each_metric = pytest.mark.parametrize("item", EQUITY_MOMENTUM, ids=lambda item: item.id)


def calendar(length: int = SESSIONS, hole: int | None = None) -> pl.DataFrame:
    monday = dt.date(2019, 1, 7)
    dates = [monday + dt.timedelta(days=7 * (n // 5) + n % 5) for n in range(length)]
    return pl.DataFrame({"session_date": dates, "has_bars": [n != hole for n in range(length)]})


def benchmark(length: int = SESSIONS) -> pl.DataFrame:
    walk = np.random.default_rng(99).normal(0, 0.01, length).cumsum()
    return calendar(length).select("session_date", nifty_500_close=pl.Series(9_000 * np.exp(walk)))


def share(name: str, seed: int, length: int = SESSIONS) -> pl.DataFrame:
    """A random walk in paise, as rows of mart.equity_series."""
    rng = np.random.default_rng(seed)
    close = np.round(300 * np.exp(rng.normal(0, 0.02, length).cumsum()), 2)
    open_ = np.round(close * np.exp(rng.normal(0, 0.005, length)), 2)
    high = np.round(np.maximum(open_, close) * np.exp(np.abs(rng.normal(0, 0.01, length))), 2)
    low = np.round(np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0, 0.01, length))), 2)
    volume = rng.integers(1_000, 100_000, length)
    return calendar(length).select(
        pl.lit(name).alias("instrument_id"),
        "session_date",
        pl.lit("EQ").alias("series"),
        open=pl.Series(open_),
        high=pl.Series(high),
        low=pl.Series(low),
        close=pl.Series(close),
        volume_shares=pl.Series(volume),
        turnover_inr=pl.Series(np.round(volume * close, 2)),
        trades=pl.Series(rng.integers(10, 1_000, length)),
        delivery_shares=pl.Series((volume * rng.random(length)).astype(np.int64)),
        market_cap_inr=pl.Series(close * 1e7),
        price_factor=pl.lit(1.0),
        volume_factor=pl.lit(1.0),
        chain=pl.lit(0, dtype=pl.Int64),
    )


def flat(length: int, **changed: list[float]) -> pl.DataFrame:
    """A share that stands at 100, but for what is changed."""
    prices = ("open", "high", "low", "close")
    return share("FLAT", 0, length).with_columns(
        pl.Series(name, changed.get(name, [100.0] * length)) for name in prices
    )


def values(series: pl.DataFrame, sessions: pl.DataFrame | None = None) -> pl.DataFrame:
    if sessions is None:
        sessions = calendar()
    return momentum_values(series, benchmark(sessions.height), sessions)[0]


@pytest.fixture(scope="module")
def asset() -> pl.DataFrame:
    return share("ASSET", 1)


@pytest.fixture(scope="module")
def result(asset: pl.DataFrame) -> pl.DataFrame:
    return values(pl.concat([share("BEFORE", 2), asset, share("BETWEEN", 3, 300)])).filter(
        pl.col("instrument_id") == "ASSET"
    )


# -- against the indicators of indices, which are proven against published worksheets


@pytest.fixture(scope="module")
def as_an_index(asset: pl.DataFrame) -> pl.DataFrame:
    columns = ["index_id", "session_date", "open", "high", "low", "close"]
    market = benchmark().select(
        pl.lit(NIFTY_500).alias("index_id"),
        "session_date",
        *[pl.col("nifty_500_close").alias(name) for name in columns[2:]],
    )
    bars = pl.concat([market, asset.with_columns(index_id=pl.lit("asset")).select(columns)])
    return index_momentum(bars, calendar()).filter(pl.col("index_id") == "asset")


def test_the_index_set_is_shared() -> None:
    wanted = {
        *[f"return_{n}_pct" for n in (1, 5, 9, 21, 63, 126, 252)],
        *[f"{kind}_{n}" for kind in ("sma", "ema") for n in (20, 50, 200)],
        *("rsi_14", "macd", "macd_signal", "macd_histogram", "atr_14", "atr_14_pct"),
        *("plus_di_14", "minus_di_14", "adx_14", "is_new_high_252", "high_252_nearness_pct"),
        *("bollinger_percent_b_20", "bollinger_width_20_pct", "range_position_252_pct"),
        *("drawdown_pct", "drawdown_252_pct", "volatility_close_20_pct"),
        *("volatility_close_60_pct", "beta_252_nifty_500", "relative_return_63_nifty_500_pct"),
    }
    assert wanted <= set(SHARED)


@pytest.mark.parametrize("name", SHARED)
def test_a_share_that_trades_every_session_is_computed_as_an_index_is(
    result: pl.DataFrame, as_an_index: pl.DataFrame, name: str
) -> None:
    assert_frame_equal(result.select(name), as_an_index.select(name), rel_tol=1e-9, abs_tol=1e-9)


# -- against published worksheets


def priced(high: list[float], low: list[float], close: list[float]) -> pl.DataFrame:
    prices = {"open": close, "high": high, "low": low, "close": close}
    return flat(len(close), **prices)


@needs_vectors
def test_rsi_meets_the_published_worksheet() -> None:
    published = json.loads((VECTORS / "stockcharts_published" / "rsi14.json").read_text())
    close = published["close"]
    found = values(priced(close, close, close), calendar(len(close)))["rsi_14"].drop_nulls()
    expected = next(published[name] for name in published if name.startswith("rsi"))
    assert len(expected) > 10
    assert found.to_list() == pytest.approx(
        [value for value in expected if value is not None], abs=0.006
    )


@needs_vectors
def test_directional_index_meets_the_published_worksheet() -> None:
    sheet = pl.read_csv(VECTORS / "stockcharts_via_bukosabino" / "cs-adx.csv")
    bars = priced(*(sheet[name].to_list() for name in ("High", "Low", "Close")))
    found = values(bars, calendar(sheet.height))
    for name, column in (("plus_di_14", "+DI14"), ("minus_di_14", "-DI14"), ("adx_14", "ADX")):
        both = pl.DataFrame({"found": found[name], "published": sheet[column]}).drop_nulls()
        assert both.height > 100
        assert both["found"].to_list() == pytest.approx(both["published"].to_list(), abs=1e-4)


# -- what indices have not, a second time in plain Python


def at_end(result: pl.DataFrame, name: str) -> float:
    value: float = result[name][-1]
    return value


def test_lottery_metrics_by_another_hand(asset: pl.DataFrame, result: pl.DataFrame) -> None:
    close, market = asset["close"].to_numpy(), benchmark()["nifty_500_close"].to_numpy()
    returns, of_market = close[1:] / close[:-1] - 1, market[1:] / market[:-1] - 1
    assert at_end(result, "max_5_of_21_pct") == pytest.approx(
        100 * sum(sorted(returns[-21:])[-5:]) / 5, rel=1e-12
    )
    assert at_end(result, "skewness_63") == pytest.approx(stats.skew(returns[-63:]), rel=1e-9)
    residuals = []
    for end in range(len(returns) - 20, len(returns) + 1):
        window = slice(end - 252, end)
        slope = stats.linregress(of_market[window], returns[window]).slope
        residuals.append(returns[end - 1] - slope * of_market[end - 1])
    assert at_end(result, "idiosyncratic_volatility_21_pct") == pytest.approx(
        100 * sqrt(252) * float(np.std(residuals, ddof=1)), rel=1e-9
    )


def test_beta_of_a_young_share_takes_the_returns_there_are() -> None:
    young = share("YOUNG", 5).tail(200)
    found = values(pl.concat([share("OLD", 4), young])).tail(200)["beta_252_nifty_500"]
    close = young["close"].to_numpy()
    market = benchmark().tail(200)["nifty_500_close"].to_numpy()
    assert found[:126].null_count() == 126
    for bar in (126, 199):
        x, y = (p[1 : bar + 1] / p[:bar] - 1 for p in (market, close))
        assert found[bar] == pytest.approx(stats.linregress(x, y).slope, rel=1e-9)


def test_trading_metrics_by_another_hand(asset: pl.DataFrame, result: pl.DataFrame) -> None:
    delivered = (asset["delivery_shares"] / asset["volume_shares"] * 100).to_numpy()
    trade = (asset["turnover_inr"] / asset["trades"]).to_numpy()
    assert at_end(result, "delivery_share_pct") == pytest.approx(delivered[-1])
    assert at_end(result, "average_trade_inr") == pytest.approx(trade[-1])
    for name, sample in (("delivery_share_z_60", delivered), ("average_trade_z_60", trade)):
        assert at_end(result, name) == pytest.approx(stats.zscore(sample[-60:])[-1], rel=1e-9)
    assert at_end(result, "turnover_velocity_21_pct") == pytest.approx(
        100 * sum(asset["turnover_inr"][-21:]) / asset["market_cap_inr"][-1]
    )


def test_new_low_is_strict_and_only_of_grown_shares() -> None:
    low = [100.0] * 254
    low[253] = 99.95
    found = values(flat(254, low=low), calendar(254))["is_new_low_252"]
    assert found.to_list() == [None] * 252 + [False, True]


def test_delivered_share_is_of_eq_alone_and_waits() -> None:
    series = share("MOVES", 6, 70).with_row_index("n")
    series = series.with_columns(
        series=pl.when(pl.col("n") == 3).then(pl.lit("BE")).otherwise("series"),
        delivery_shares=pl.when(pl.col("n") != 69).then("delivery_shares"),
    ).drop("n")
    found = values(series, calendar(70))
    is_null = found["delivery_share_pct"].is_null()
    assert is_null.arg_true().to_list() == [3, 69]
    # 60 sessions after the one in BE, and not while the last is pending.
    assert found["delivery_share_z_60"].is_not_null().arg_true().to_list() == [
        63 + n for n in range(6)
    ]
    assert found["average_trade_z_60"].is_not_null().arg_true()[0] == 59


# -- ties


def test_a_close_on_its_average_is_not_above_it() -> None:
    thirds = flat(260).with_columns(price_factor=pl.lit(1 / 3))
    dear = thirds.with_columns(pl.col("open", "high", "low", "close") * 1.0007)
    for series in (thirds, dear):
        found = values(series, calendar(260))
        for n in (20, 50, 200):
            assert set(found[f"is_above_sma_{n}"].drop_nulls()) == {False}
        assert set(found["is_new_high_252"].drop_nulls()) == {False}
        assert set(found["bollinger_percent_b_20"]) == {None}
        assert set(found["volatility_close_60_pct"].drop_nulls()) == {0.0}
        assert set(found["skewness_63"]) == {None}
        assert set(found["rsi_14"].drop_nulls()) == {50.0}


def test_equal_rise_and_fall_move_in_neither_direction() -> None:
    # In binary 100.15 - 100.10 and 99.95 - 99.90 differ.
    high = [100.10 + 0.05 * n for n in range(40)]
    low = [99.95 - 0.05 * n for n in range(40)]
    found = values(
        flat(40, high=[round(p, 2) for p in high], low=[round(p, 2) for p in low]), calendar(40)
    )
    assert found["plus_di_14"].drop_nulls().to_list() == [0.0] * 26
    assert found["minus_di_14"].drop_nulls().to_list() == [0.0] * 26


# -- adjustment


def test_a_split_changes_levels_and_nothing_else(asset: pl.DataFrame, result: pl.DataFrame) -> None:
    is_after = pl.col("session_date") >= calendar()["session_date"][400]
    split = asset.with_columns(
        *[
            pl.when(is_after).then(pl.col(name) / 5).otherwise(pl.col(name)).alias(name)
            for name in ("open", "high", "low", "close")
        ],
        price_factor=pl.when(is_after).then(5.0).otherwise(1.0),
    )
    found = values(split)
    others = [item.id for item in EQUITY_MOMENTUM if item.id not in LEVELS]
    assert_frame_equal(found.select(others), result.select(others), rel_tol=1e-9, abs_tol=1e-9)
    shown = pl.when(is_after).then(0.2).otherwise(1.0)
    assert_frame_equal(
        found.select(LEVELS),
        result.select(pl.col(name) * shown for name in LEVELS),
        rel_tol=1e-9,
        abs_tol=1e-9,
    )


# -- runs


def restarted(found: pl.DataFrame, series: pl.DataFrame, at: int) -> None:
    """From row `at` on all is as if nothing had been before."""
    alone = values(series.slice(at))
    assert_frame_equal(found.slice(at), alone)
    assert at_end(alone, "ema_200") is not None
    assert found["return_1_pct"][at] is None


def test_an_unexplained_jump_ends_the_run(asset: pl.DataFrame) -> None:
    chain = (pl.int_range(pl.len()) >= 300).cast(pl.Int64)
    series = asset.with_columns(chain=chain)
    restarted(values(series), series, 300)


def test_a_suspension_ends_the_run_and_a_shorter_gap_does_not(asset: pl.DataFrame) -> None:
    long_gap = pl.concat([asset.head(300), asset.slice(321)])
    restarted(values(long_gap), long_gap, 300)
    gap = pl.concat([asset.head(300), asset.slice(320)])
    found = values(gap)
    close = gap["close"]
    assert found["return_5_pct"][302] == pytest.approx(100 * (close[302] / close[297] - 1))
    assert found["sma_20"][302] == pytest.approx(close[283:303].mean())


def test_a_hole_of_the_market_ends_the_run(asset: pl.DataFrame) -> None:
    series = pl.concat([asset.head(300), asset.slice(301)])
    found = values(series, calendar(hole=300))
    restarted(found, series, 300)


def test_a_bar_without_a_high_ends_what_needs_one_and_nothing_else(
    asset: pl.DataFrame, result: pl.DataFrame
) -> None:
    is_doubted = pl.int_range(pl.len()) == 300
    series = asset.with_columns(high=pl.when(~is_doubted).then("high"))
    found = values(series)
    assert_frame_equal(found.head(300), result.head(300))
    needs_high = {
        *("atr_14", "atr_14_pct", "plus_di_14", "minus_di_14", "adx_14"),
        *("high_252_nearness_pct", "range_position_252_pct", "is_new_high_252"),
    }
    others = [name for name in found.columns if name not in needs_high]
    assert_frame_equal(found.select(others), result.select(others))
    later = values(asset.slice(301))
    for name in sorted(needs_high):
        assert found[name][300] is None
        assert_frame_equal(found.slice(301).select(name), later.select(name))


# -- what holds for all


@pytest.fixture(scope="module")
def market() -> pl.DataFrame:
    """Shares of all kinds: complete, with gaps, young, suspended, split, jumping, doubted."""
    rng = np.random.default_rng(7)
    gaps = share("GAPS", 11).filter(pl.Series(rng.random(SESSIONS) > 0.05))
    suspended = pl.concat([share("SUSPENDED", 12).head(200), share("SUSPENDED", 12).slice(280)])
    jumping = share("JUMPING", 13).with_columns(
        chain=(pl.int_range(pl.len()) >= 250).cast(pl.Int64)
    )
    split = share("SPLIT", 14).with_columns(
        price_factor=pl.when(pl.int_range(pl.len()) >= 500).then(10.0).otherwise(1.0)
    )
    doubted = share("DOUBTED", 15).with_columns(
        low=pl.when(pl.int_range(pl.len()) != 333).then("low")
    )
    flat_one = flat(SESSIONS)
    young = share("YOUNG", 16).tail(90)
    return pl.concat(
        [share("WHOLE", 10), gaps, suspended, jumping, split, doubted, flat_one, young]
    )


@pytest.fixture(scope="module")
def whole(market: pl.DataFrame) -> pl.DataFrame:
    return values(market)


@each_metric
def test_null_until_warm_then_within_bounds(whole: pl.DataFrame, item: Metric) -> None:
    column = whole.filter(pl.col("instrument_id") == "WHOLE")[item.id]
    warmup = item.warmup
    assert column[:warmup].null_count() == warmup
    assert column[warmup:].null_count() == 0
    low, high = item.bounds
    everywhere = whole[item.id].drop_nulls()
    if item.kind == "number":
        assert everywhere.is_finite().all()
    if low is not None:
        assert everywhere.min() >= low  # type: ignore[operator]
    if high is not None:
        assert everywhere.max() <= high  # type: ignore[operator]


def test_what_comes_later_changes_nothing(market: pl.DataFrame, whole: pl.DataFrame) -> None:
    days = calendar()["session_date"]
    for cut in (275, 505):
        early = market.filter(pl.col("session_date") <= days[cut])
        found = momentum_values(early, benchmark(), calendar(cut + 1))[0]
        assert_frame_equal(
            found, whole.filter(pl.col("session_date") <= days[cut]), check_exact=True
        )


def test_neither_row_order_nor_company_matters(market: pl.DataFrame, whole: pl.DataFrame) -> None:
    assert_frame_equal(
        values(market.sample(fraction=1, shuffle=True, seed=1)), whole, check_exact=True
    )
    for name in ("GAPS", "YOUNG"):
        one = pl.col("instrument_id") == name
        assert_frame_equal(values(market.filter(one)), whole.filter(one), check_exact=True)


def test_rows_are_as_the_tables_store_them(market: pl.DataFrame, whole: pl.DataFrame) -> None:
    rows, state = equity_momentum(market, benchmark(), calendar())
    assert EquityMomentum.is_valid(rows)
    assert EquityState.is_valid(state)
    assert rows.height == market.height
    kept = calendar()["session_date"].tail(42)
    assert state.height == market.filter(pl.col("session_date").is_in(kept.implode())).height
    numbers = [item.id for item in EQUITY_MOMENTUM if item.kind == "number"]
    assert_frame_equal(rows, whole.with_columns(pl.col(numbers).cast(pl.Float32)))


def test_no_bars_give_no_rows(market: pl.DataFrame) -> None:
    rows, state = equity_momentum(market.clear(), benchmark(), calendar())
    assert rows.height == state.height == 0
    assert EquityMomentum.is_valid(rows)


def test_a_bar_on_no_session_and_a_bar_twice_are_refused(asset: pl.DataFrame) -> None:
    with pytest.raises(ValueError, match="expected bars on trading sessions, got 1 other"):
        values(asset, calendar(SESSIONS - 1))
    with pytest.raises(ValueError, match="1 more, the first of ASSET on 2019-01-07"):
        values(pl.concat([asset, asset.head(1)]))
