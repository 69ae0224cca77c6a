"""What holds for every index momentum metric, and for the evaluator that computes them."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal, assert_series_equal
from scipy import stats  # type: ignore[import-untyped]

from transforms.metrics.evaluate import evaluate
from transforms.metrics.metric import Metric, metric
from transforms.metrics.momentum import INDEX_MOMENTUM, NIFTY_50, NIFTY_500, index_momentum
from transforms.metrics.percentile import LEAST_HISTORY, percentile_rank

REPOSITORY = Path(__file__).parents[2]
ARCHIVE = Path(os.environ.get("RISKON_ARCHIVE", REPOSITORY.parent / "shared" / "archive"))
PRICES = ARCHIVE / "niftyindices" / "price"

ASSET = "nifty-smallcap-100"
SESSIONS = 1_300
HOLE = 604  # a Friday, so that what follows begins with a week
MONDAY = dt.date(2019, 1, 7)

each_metric = pytest.mark.parametrize("item", INDEX_MOMENTUM, ids=lambda item: item.id)
each_ranked = pytest.mark.parametrize(
    "item", [item for item in INDEX_MOMENTUM if item.percentile], ids=lambda item: item.id
)
KEY = ["index_id", "session_date"]


def calendar(length: int) -> pl.DataFrame:
    """Sessions of five-day weeks from a Monday."""
    dates = [MONDAY + dt.timedelta(days=7 * (n // 5) + n % 5) for n in range(length)]
    return pl.DataFrame({"session_date": dates})


def random_bars(index_id: str, length: int, seed: int) -> pl.DataFrame:
    """A random walk with plausible bars."""
    rng = np.random.default_rng(seed)
    close = 1_000 * np.exp(rng.normal(0, 0.012, length).cumsum())
    open_ = np.roll(close, 1) * np.exp(rng.normal(0, 0.004, length))
    open_[0] = close[0]
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0, 0.004, length)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0, 0.004, length)))
    return calendar(length).with_columns(
        pl.lit(index_id).alias("index_id"),
        *[
            pl.Series(name, values)
            for name, values in (("open", open_), ("high", high), ("low", low), ("close", close))
        ],
    )


def of_asset(result: pl.DataFrame) -> pl.DataFrame:
    return result.filter(pl.col("index_id") == ASSET)


@pytest.fixture(scope="module")
def sessions() -> pl.DataFrame:
    return calendar(SESSIONS)


@pytest.fixture(scope="module")
def bars() -> pl.DataFrame:
    names = (NIFTY_50, NIFTY_500, ASSET)
    return pl.concat([random_bars(name, SESSIONS, seed) for seed, name in enumerate(names)])


@pytest.fixture(scope="module")
def result(bars: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    return index_momentum(bars, sessions)


@pytest.fixture(scope="module")
def with_hole(bars: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """The asset lacks one session."""
    missing = (pl.col("index_id") == ASSET) & (pl.col("session_date") == session(sessions, HOLE))
    return index_momentum(bars.filter(~missing), sessions)


@pytest.fixture(scope="module")
def fresh_after_hole(bars: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """The asset from bars after the hole alone."""
    after = bars.filter(pl.col("session_date") > session(sessions, HOLE))
    return of_asset(index_momentum(after, sessions))


@pytest.fixture(scope="module")
def with_other_future(bars: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """As it will look if all prices double after session 1,002, a Wednesday."""
    later = pl.col("session_date") > session(sessions, 1_002)
    prices = ["open", "high", "low", "close"]
    return index_momentum(
        bars.with_columns(
            pl.when(later).then(2 * pl.col(name)).otherwise(pl.col(name)).alias(name)
            for name in prices
        ),
        sessions,
    )


def session(sessions: pl.DataFrame, number: int) -> dt.date:
    date: dt.date = sessions["session_date"][number]
    return date


# -- declarations


def test_the_issue_s_metrics_are_all_declared() -> None:
    wanted = {
        *[f"return_{n}_pct" for n in (1, 5, 9, 21, 63, 126, 252)],
        *[f"{kind}_{n}" for kind in ("sma", "ema") for n in (20, 50, 200)],
        *[f"distance_{kind}_{n}_pct" for kind in ("sma", "ema") for n in (20, 50, 200)],
        *["rsi_14", "macd", "macd_signal", "macd_histogram", "atr_14", "atr_14_pct"],
        *["plus_di_14", "minus_di_14", "adx_14"],
        *["bollinger_percent_b_20", "bollinger_width_20_pct"],
        *["high_252_nearness_pct", "range_position_252_pct", "is_new_high_252"],
        *["drawdown_252_pct", "drawdown_pct", "sessions_under_water", "ulcer_14_pct"],
        *[f"volatility_{kind}_20_pct" for kind in ("close", "parkinson", "garman_klass")],
        *["volatility_yang_zhang_20_pct", "volatility_close_60_pct"],
        *[f"beta_{window}_nifty_{n}" for window in ("252", "104_weeks") for n in (50, 500)],
        *[f"mansfield_200_nifty_{n}" for n in (50, 500)],
        *[f"relative_return_63_nifty_{n}_pct" for n in (50, 500)],
        *[f"rrg_approx_{kind}_14_nifty_{n}" for kind in ("ratio", "momentum") for n in (50, 500)],
    }
    assert {item.id for item in INDEX_MOMENTUM} == wanted
    assert len(INDEX_MOMENTUM) == len(wanted)


@each_metric
def test_a_metric_says_what_it_is(item: Metric) -> None:
    assert item.meaning
    assert item.name
    assert item.unit
    assert item.source
    assert item.version >= 1
    assert item.unit.startswith("percent") or not item.id.endswith("_pct")


# -- every metric


@each_metric
def test_within_bounds(item: Metric, result: pl.DataFrame) -> None:
    values = result[item.id].cast(pl.Float64).drop_nulls()
    assert values.len() > 0
    low, high = item.bounds
    if low is not None:
        assert values.min() >= low - 1e-9  # type: ignore[operator]
    if high is not None:
        assert values.max() <= high + 1e-9  # type: ignore[operator]


@each_metric
def test_first_value_on_the_row_of_the_warmup(item: Metric, result: pl.DataFrame) -> None:
    values = of_asset(result)[item.id]
    assert values[: item.warmup].null_count() == item.warmup
    assert values[item.warmup :].null_count() == 0


@each_metric
def test_varies(item: Metric, result: pl.DataFrame) -> None:
    assert of_asset(result)[item.id].drop_nulls().n_unique() > 1


@each_metric
def test_never_looks_ahead(
    item: Metric, result: pl.DataFrame, with_other_future: pl.DataFrame, sessions: pl.DataFrame
) -> None:
    past = pl.col("session_date") <= session(sessions, 1_002)
    columns = [item.id, *([item.percentile_id] if item.percentile else [])]
    now, then = (frame.filter(past).select(columns) for frame in (result, with_other_future))
    assert_frame_equal(now, then, check_exact=True)


@each_metric
def test_after_a_hole_as_if_nothing_was_before(
    item: Metric, fresh_after_hole: pl.DataFrame, with_hole: pl.DataFrame, sessions: pl.DataFrame
) -> None:
    """Null as far as a window covers the hole, and recursions start anew."""
    after = with_hole.filter(
        (pl.col("index_id") == ASSET) & (pl.col("session_date") > session(sessions, HOLE))
    )
    assert after[item.id][: item.warmup].null_count() == min(item.warmup, after.height)
    assert after[item.id].null_count() < after.height
    assert_series_equal(after[item.id], fresh_after_hole[item.id], rel_tol=1e-9, abs_tol=1e-9)


@each_metric
def test_before_a_hole_unchanged(
    item: Metric, result: pl.DataFrame, with_hole: pl.DataFrame, sessions: pl.DataFrame
) -> None:
    past = pl.col("session_date") < session(sessions, HOLE)
    now, then = (frame.filter(past)[item.id] for frame in (result, with_hole))
    assert_series_equal(now, then, check_exact=True)


@each_ranked
def test_percentile_equals_scipy(item: Metric, with_hole: pl.DataFrame) -> None:
    """A hole shortens the sample and does not restart it."""
    ranks = of_asset(with_hole)
    known = ranks.filter(pl.col(item.id).is_not_null())
    values = known[item.id].cast(pl.Float64).to_numpy()
    got = known[item.percentile_id]
    assert got[: LEAST_HISTORY - 1].null_count() == min(LEAST_HISTORY - 1, got.len())
    for row in range(LEAST_HISTORY - 1, got.len(), 37):
        expected = stats.percentileofscore(values[: row + 1], values[row], kind="mean")
        assert got[row] == pytest.approx(expected, abs=1e-9)
    missing = ranks.filter(pl.col(item.id).is_null())[item.percentile_id]
    assert missing.null_count() == missing.len()


def test_percentiles_begin_after_their_history(result: pl.DataFrame) -> None:
    for item in INDEX_MOMENTUM:
        if item.percentile:
            ranks = of_asset(result)[item.percentile_id]
            first = item.warmup + LEAST_HISTORY - 1
            assert ranks[:first].null_count() == first, item.id
            assert ranks[first:].null_count() == 0, item.id


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.integers(-3, 3).map(float), st.floats(-1e9, 1e9)), max_size=40)
)
def test_percentile_rank_of_ties_and_nulls(values: list[float | None]) -> None:
    frame = pl.DataFrame({"value": values}, schema={"value": pl.Float64})
    got = frame.select(percentile_rank(pl.col("value"), at_least=3)).to_series().to_list()
    so_far: list[float] = []
    for value, rank in zip(values, got, strict=True):
        if value is not None:
            so_far.append(value)
        if value is None or len(so_far) < 3:
            assert rank is None
        else:
            expected = stats.percentileofscore(so_far, value, kind="mean")
            assert rank == pytest.approx(expected, abs=1e-9)


# -- the frame


def test_columns_and_types(result: pl.DataFrame) -> None:
    expected: dict[str, type[pl.DataType]] = {
        "index_id": pl.String,
        "session_date": pl.Date,
        "run_started_on": pl.Date,
        **{item.id: item.stored_type for item in INDEX_MOMENTUM},
        **{item.percentile_id: pl.Float64 for item in INDEX_MOMENTUM if item.percentile},
    }
    assert dict(result.schema) == expected
    assert list(result.columns) == list(expected)


def test_row_order_is_irrelevant(
    bars: pl.DataFrame, sessions: pl.DataFrame, result: pl.DataFrame
) -> None:
    shuffled = index_momentum(
        bars.sample(fraction=1, shuffle=True, seed=7),
        sessions.sample(fraction=1, shuffle=True, seed=8),
    )
    assert_frame_equal(shuffled, result, check_exact=True)
    assert_frame_equal(result, result.sort(KEY), check_exact=True)


def test_one_row_a_bar(bars: pl.DataFrame, result: pl.DataFrame) -> None:
    assert_frame_equal(result.select(KEY), bars.select(KEY).sort(KEY))


def assert_finite(frame: pl.DataFrame) -> None:
    for name, kind in frame.schema.items():
        if kind == pl.Float64:
            values = frame[name].drop_nulls()
            assert values.is_finite().all(), name


def test_no_nan_and_nothing_infinite(result: pl.DataFrame, with_hole: pl.DataFrame) -> None:
    assert_finite(result)
    assert_finite(with_hole)


def test_constant_prices(sessions: pl.DataFrame) -> None:
    flat = pl.concat(
        sessions.with_columns(
            pl.lit(index_id).alias("index_id"),
            *[pl.lit(0.1).alias(name) for name in ("open", "high", "low", "close")],
        )
        for index_id in (NIFTY_50, NIFTY_500, ASSET)
    )
    got = index_momentum(flat, sessions)
    assert_finite(got)
    last = got.row(-1, named=True)
    undefined = {
        *["bollinger_percent_b_20", "range_position_252_pct"],
        *[f"beta_{window}_nifty_{n}" for window in ("252", "104_weeks") for n in (50, 500)],
        *[f"rrg_approx_{kind}_14_nifty_{n}" for kind in ("ratio", "momentum") for n in (50, 500)],
    }
    assert {item.id for item in INDEX_MOMENTUM if last[item.id] is None} == undefined
    assert last["rsi_14"] == 50
    assert last["adx_14"] == last["plus_di_14"] == last["minus_di_14"] == 0
    assert last["high_252_nearness_pct"] == 100
    assert last["is_new_high_252"] is False
    for name in ("close_20", "close_60", "parkinson_20", "garman_klass_20", "yang_zhang_20"):
        assert last[f"volatility_{name}_pct"] == 0
    assert last["return_252_pct"] == last["drawdown_pct"] == last["ulcer_14_pct"] == 0
    assert last["return_1_pct_percentile"] == 50


def test_a_price_of_zero_gives_null_and_no_infinity(
    bars: pl.DataFrame, sessions: pl.DataFrame
) -> None:
    """No index closes at 0; a bad row may say so, and must not become an infinite number."""
    bad = pl.col("session_date") == session(sessions, 400)
    prices = ["open", "high", "low", "close"]
    assert_finite(
        index_momentum(
            bars.with_columns(
                pl.when(bad).then(0.0).otherwise(pl.col(name)).alias(name) for name in prices
            ),
            sessions,
        )
    )


def test_a_benchmark_against_itself(result: pl.DataFrame) -> None:
    last = result.filter(pl.col("index_id") == NIFTY_50).row(-1, named=True)
    assert last["beta_252_nifty_50"] == pytest.approx(1, abs=1e-12)
    assert last["beta_104_weeks_nifty_50"] == pytest.approx(1, abs=1e-12)
    assert last["mansfield_200_nifty_50"] == pytest.approx(0, abs=1e-12)
    assert last["relative_return_63_nifty_50_pct"] == 0
    assert last["rrg_approx_ratio_14_nifty_50"] is None


# -- holes and nulls


def test_run_started_on(with_hole: pl.DataFrame, sessions: pl.DataFrame) -> None:
    asset = of_asset(with_hole)
    assert asset["run_started_on"].unique().sort().to_list() == [
        session(sessions, 0),
        session(sessions, HOLE + 1),
    ]
    assert (asset["run_started_on"] <= asset["session_date"]).all()
    untouched = with_hole.filter(pl.col("index_id") == NIFTY_50)
    assert untouched["run_started_on"].unique().to_list() == [session(sessions, 0)]


def test_a_return_never_spans_a_hole(with_hole: pl.DataFrame, sessions: pl.DataFrame) -> None:
    """Nine rows back is ten sessions back here: a count of rows would give a number."""
    after = with_hole.filter(
        (pl.col("index_id") == ASSET) & (pl.col("session_date") > session(sessions, HOLE))
    )
    assert after["return_9_pct"][:9].null_count() == 9
    assert after["return_9_pct"][9] is not None


def test_a_day_that_is_no_session_is_no_hole(bars: pl.DataFrame, sessions: pl.DataFrame) -> None:
    """A holiday: no session and no bar, and every window runs on."""
    holiday = pl.col("session_date") == session(sessions, 40)
    got = of_asset(index_momentum(bars.filter(~holiday), sessions.filter(~holiday)))
    assert got["run_started_on"].n_unique() == 1
    assert got["return_9_pct"].null_count() == 9


def nulled(bars: pl.DataFrame, condition: pl.Expr, *columns: str) -> pl.DataFrame:
    return bars.with_columns(
        pl.when(condition).then(None).otherwise(pl.col(name)).alias(name) for name in columns
    )


def test_a_null_close_breaks_the_run(bars: pl.DataFrame, sessions: pl.DataFrame) -> None:
    at = (pl.col("index_id") == ASSET) & (pl.col("session_date") == session(sessions, 600))
    got = of_asset(index_momentum(nulled(bars, at, "close"), sessions))
    row = got.row(600, named=True)
    by_high_and_low_alone = {"is_new_high_252", "volatility_parkinson_20_pct"}
    for item in INDEX_MOMENTUM:
        if item.id not in by_high_and_low_alone:
            assert row[item.id] is None, item.id
    assert row["run_started_on"] is None
    assert got["run_started_on"][601] == session(sessions, 601)
    assert got["ema_20"][601:620].null_count() == 19
    assert got["ema_20"][620] == pytest.approx(got["sma_20"][620], rel=1e-12)


def test_a_null_high_breaks_only_what_needs_it(
    bars: pl.DataFrame, sessions: pl.DataFrame, result: pl.DataFrame
) -> None:
    at = (pl.col("index_id") == ASSET) & (pl.col("session_date") == session(sessions, 600))
    got = of_asset(index_momentum(nulled(bars, at, "high"), sessions))
    assert got["atr_14"][600:615].null_count() == 15
    assert got["adx_14"][600:628].null_count() == 28
    assert got["adx_14"][628] is not None
    assert got["volatility_parkinson_20_pct"][600:620].null_count() == 20
    for name in ("return_252_pct", "ema_200", "rsi_14", "drawdown_pct", "beta_252_nifty_50"):
        assert_series_equal(got[name], of_asset(result)[name], check_exact=True)


def test_closes_only_at_first(bars: pl.DataFrame, sessions: pl.DataFrame) -> None:
    """Old history has closes alone: the metrics of the bar begin with the bars."""
    early = (pl.col("index_id") == ASSET) & (pl.col("session_date") < session(sessions, 300))
    got = of_asset(index_momentum(nulled(bars, early, "open", "high", "low"), sessions))
    assert_finite(got)
    for item in INDEX_MOMENTUM:
        if item.id in {"atr_14", "adx_14", "volatility_yang_zhang_20_pct", "is_new_high_252"}:
            first = 300 + item.warmup
            assert got[item.id][:first].null_count() == first, item.id
            assert got[item.id][first:].null_count() == 0, item.id
    assert got["return_252_pct"][252] is not None


def test_a_benchmark_s_hole_breaks_what_compares_with_it(
    bars: pl.DataFrame, sessions: pl.DataFrame, result: pl.DataFrame
) -> None:
    at = (pl.col("index_id") == NIFTY_500) & (pl.col("session_date") == session(sessions, 600))
    got = of_asset(index_momentum(bars.filter(~at), sessions))
    assert got["beta_252_nifty_500"][600 : 600 + 127].null_count() == 127
    assert got["mansfield_200_nifty_500"][600 : 600 + 200].null_count() == 200
    assert got["mansfield_200_nifty_500"][800] is not None
    for name in ("beta_252_nifty_50", "return_252_pct"):
        assert_series_equal(got[name], of_asset(result)[name], check_exact=True)


def test_no_benchmark_at_all(bars: pl.DataFrame, sessions: pl.DataFrame) -> None:
    got = index_momentum(bars.filter(pl.col("index_id") == ASSET), sessions)
    assert got["beta_252_nifty_50"].null_count() == got.height
    assert got["return_252_pct"].null_count() == 252


def test_two_subjects_never_share_a_run(bars: pl.DataFrame, sessions: pl.DataFrame) -> None:
    """The one ends on a session, the other begins on the next."""
    first = bars.filter(
        (pl.col("index_id") == NIFTY_50) & (pl.col("session_date") < session(sessions, 30))
    )
    second = bars.filter(
        (pl.col("index_id") == ASSET) & (pl.col("session_date") >= session(sessions, 30))
    )
    got = of_asset(index_momentum(pl.concat([first, second]), sessions))
    assert got["return_1_pct"][0] is None
    assert got["run_started_on"][0] == session(sessions, 30)


# -- refusals


def test_a_bar_on_no_session_is_refused(bars: pl.DataFrame, sessions: pl.DataFrame) -> None:
    closed = pl.col("session_date") == session(sessions, 40)
    with pytest.raises(ValueError, match=str(session(sessions, 40))):
        index_momentum(bars, sessions.filter(~closed))


def test_two_bars_of_one_session_are_refused(bars: pl.DataFrame, sessions: pl.DataFrame) -> None:
    with pytest.raises(ValueError, match="expected one bar a session"):
        index_momentum(pl.concat([bars, bars.tail(1)]), sessions)


def test_a_metric_that_needs_what_is_not_there_is_refused(
    bars: pl.DataFrame, sessions: pl.DataFrame
) -> None:
    registry: list[Metric] = []

    @metric(registry, name="x", unit="x", warmup=0, source="x", needs=("turnover",))
    def unknown() -> pl.Expr:
        """Reads a column that is not there."""
        return pl.col("turnover")

    with pytest.raises(ValueError, match="unknown needs turnover"):
        evaluate(bars, registry, subject="index_id", sessions=sessions)


# -- real history


@pytest.mark.real
@pytest.mark.skipif(
    not PRICES.is_dir(), reason=f"real index history: {PRICES} is absent, see RISKON_ARCHIVE"
)
def test_real_history() -> None:
    """Closes alone before bars, holes and all."""
    names = {"NIFTY_50": NIFTY_50, "NIFTY 500": NIFTY_500, "NIFTY MIDCAP 150": "nifty-midcap-150"}
    frames = []
    for name, index_id in names.items():
        text = pl.read_csv(PRICES / f"{name}.csv", infer_schema=False)
        numbers = {
            column.lower(): pl.col(column).cast(pl.Float64, strict=False)
            for column in ("Open", "High", "Low", "Close")
        }
        frames.append(
            text.select(
                pl.lit(index_id).alias("index_id"),
                pl.col("Date").str.to_date().alias("session_date"),
                **{name: pl.when(value > 0).then(value) for name, value in numbers.items()},
            )
            .sort("session_date", "high", nulls_last=True)
            .unique("session_date", keep="first", maintain_order=True)
        )
    bars = pl.concat(frames)
    got = index_momentum(bars, bars.select("session_date"))
    assert_finite(got)
    assert got.height == bars.height
    midcap = got.filter(pl.col("index_id") == "nifty-midcap-150")
    first_return = midcap.filter(pl.col("return_252_pct").is_not_null())["session_date"][0]
    first_range = midcap.filter(pl.col("atr_14").is_not_null())["session_date"][0]
    assert first_return < first_range
    march_2020 = got.filter(
        (pl.col("index_id") == NIFTY_50) & (pl.col("session_date") == dt.date(2020, 3, 23))
    ).row(0, named=True)
    assert march_2020["return_1_pct"] == pytest.approx(-12.98, abs=0.005)
    assert march_2020["return_1_pct_percentile"] < 0.1
