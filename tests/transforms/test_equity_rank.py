"""Ranks across shares, by hand and against scipy."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats  # type: ignore[import-untyped]

from transforms.metrics.equity_rank import RANKS, SPECULATIVE_PARTS, equity_rank
from transforms.metrics.equity_tables import EquityRank

DAY = dt.date(2026, 2, 2)
KEY = ["instrument_id", "session_date"]
PARTS = [item.id for item in SPECULATIVE_PARTS]


def cross_section(
    shares: int, seed: int = 1, day: dt.date = DAY
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Random metrics of one session, and its series."""
    rng = np.random.default_rng(seed)
    key = pl.DataFrame({"instrument_id": [f"S{n:03}" for n in range(shares)], "session_date": day})
    metrics = key.with_columns(
        pl.Series(item.value, rng.normal(0, 10, shares), dtype=pl.Float32)
        for item in (*RANKS, *SPECULATIVE_PARTS)
        if item.value != "close"
    )
    series = key.with_columns(
        close=pl.Series(rng.uniform(10, 1_000, shares)), is_ordinary=pl.lit(value=True)
    )
    return metrics, series


def test_ranks_are_mid_ranks_of_the_session() -> None:
    metrics, series = cross_section(50)
    found = equity_rank(metrics, series)
    for item in (*RANKS, *SPECULATIVE_PARTS):
        if item.low_is_high:
            continue
        sample = metrics[item.value].to_list()
        expected = [stats.percentileofscore(sample, value, kind="mean") for value in sample]
        assert found[item.id].to_list() == pytest.approx(expected)
    price = series["close"].to_list()
    expected = [100 - stats.percentileofscore(price, value, kind="mean") for value in price]
    assert found["low_price_rank"].to_list() == pytest.approx(expected)
    assert EquityRank.is_valid(found, cast=True)


def test_equal_values_share_a_rank_and_nulls_have_none() -> None:
    metrics, series = cross_section(5)
    returns = [1.0, 3.0, 3.0000000001, None, 7.0]
    metrics = metrics.with_columns(return_21_pct=pl.Series(returns, dtype=pl.Float64))
    assert equity_rank(metrics, series)["return_21_rank"].to_list() == [12.5, 50, 50, None, 87.5]


def test_only_ordinary_shares_are_ranked() -> None:
    metrics, series = cross_section(30)
    is_fund = pl.col("instrument_id") == "S007"
    funds = equity_rank(metrics, series.with_columns(is_ordinary=~is_fund))
    assert_frame_equal(funds, equity_rank(metrics.filter(~is_fund), series.filter(~is_fund)))
    assert funds.height == 29


def test_score_is_the_mean_of_its_parts_and_terciles_are_thirds() -> None:
    found = equity_rank(*cross_section(90))
    expected = found.select(PARTS).to_numpy().mean(axis=1)
    assert found["speculative_score"].to_list() == pytest.approx(expected.tolist())
    # Ties across the edge of a third go where their middle is; 3 * (rank - 1/2) / 90 in halves.
    places = (stats.rankdata(found["speculative_score"]) * 2 - 1).astype(int)
    thirds = [1 if place <= 60 else 2 if place <= 120 else 3 for place in places]
    assert found["speculative_tercile"].to_list() == thirds
    assert min(map(thirds.count, (1, 2, 3))) > 27
    highest = found.filter(pl.col("speculative_tercile") == 3)["speculative_score"].min()
    others = found.filter(pl.col("speculative_tercile") < 3)["speculative_score"].max()
    assert highest > others  # type: ignore[operator]


def test_equal_scores_share_a_tercile() -> None:
    metrics, series = cross_section(9)
    # The same three ranks in another order in each part: every mean is the same.
    ranks = [[1.0, 2.0, 3.0], [2.0, 3.0, 1.0], [3.0, 1.0, 2.0]]
    names = [item.value for item in SPECULATIVE_PARTS]
    metrics = metrics.head(3).with_columns(
        pl.Series(name, ranks[n % 3]) for n, name in enumerate(names[:3])
    )
    metrics = metrics.with_columns(turnover_velocity_21_pct=1.0)
    series = series.head(3).with_columns(close=5.0)
    found = equity_rank(metrics, series)
    assert found["speculative_score"].n_unique() == 1
    assert found["speculative_tercile"].to_list() == [2, 2, 2]


def test_one_part_may_be_missing_and_is_named() -> None:
    metrics, series = cross_section(10)
    is_first = pl.col("instrument_id") == "S000"
    one = metrics.with_columns(turnover_velocity_21_pct=pl.lit(None, dtype=pl.Float32))
    found = equity_rank(one, series)
    assert found["speculative_score"].null_count() == 0
    assert set(found["missing_parts"]) == {"turnover_velocity"}
    two = one.with_columns(skewness_63=pl.when(~is_first).then("skewness_63"))
    found = equity_rank(two, series)
    assert found.row(0, named=True)["missing_parts"] == "skewness, turnover_velocity"
    assert found["speculative_score"].is_null().to_list() == [True] + [False] * 9
    assert found["speculative_tercile"].is_null().to_list() == [True] + [False] * 9
    assert found["is_lottery"].is_null().to_list() == [True] + [False] * 9
    assert equity_rank(metrics, series)["missing_parts"].to_list() == [""] * 10


def test_lottery_is_cheap_volatile_and_skewed() -> None:
    metrics, series = cross_section(4)
    metrics = metrics.with_columns(
        idiosyncratic_volatility_21_pct=pl.Series([40.0, 41, 10, 11]),
        skewness_63=pl.Series([2.0, -1, 1, -2]),
    )
    series = series.with_columns(close=pl.Series([5.0, 6, 500, 600]))
    assert equity_rank(metrics, series)["is_lottery"].to_list() == [True, False, False, False]


def test_each_session_stands_alone() -> None:
    one, other = cross_section(40), cross_section(25, seed=2, day=DAY + dt.timedelta(days=1))
    both = equity_rank(pl.concat([other[0], one[0]]), pl.concat([one[1], other[1]]))
    assert_frame_equal(both, pl.concat([equity_rank(*one), equity_rank(*other)]), check_exact=True)
