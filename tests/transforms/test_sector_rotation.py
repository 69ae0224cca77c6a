"""Sectors beside the market, against plain Python and numpy."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.transforms.breadth_market import calendar, counts, weekdays
from transforms.metrics.leadership_tables import SectorRotation
from transforms.metrics.sector_rotation import ROTATION_COLUMNS, sector_rotation
from warehouse.tables.table import schema

DAYS = weekdays(100)
SESSIONS = calendar(DAYS)
SECTORS = ("Chemicals", "Realty", "Textiles", "Power")
RANDOM = np.random.default_rng(3)
CAP = {name: RANDOM.normal(0.05, 1.5, len(DAYS)) for name in ("market", *SECTORS)}
EQUAL = {name: RANDOM.normal(0.05, 1.5, len(DAYS)) for name in ("market", *SECTORS)}


def of(name: str, days: list[date], cap: Any, equal: Any, **more: Any) -> pl.DataFrame:
    """Counts of the market or a sector with these returns by size and with equal weights."""
    is_market = name == "market"
    columns = {
        "advances": [3] * len(days),
        "declines": [1] * len(days),
        "return_sum_pct": [4.0 * one for one in equal],
        "weight_inr": [5e9] * len(days),
        "weighted_return_sum": [5e9 * one for one in cap],
        "above_sma_50": [3] * len(days),
        "eligible_sma_50": [4] * len(days),
    }
    return counts(
        days, name if is_market else f"industry:{name}", **{**columns, **more}
    ).with_columns(
        universe_kind=pl.lit("market" if is_market else "sector"), universe_title=pl.lit(name)
    )


def market_and(*names: str, days: list[date] = DAYS) -> pl.DataFrame:
    """The market and sectors with the random returns above."""
    return pl.concat(
        of(name, days, CAP[name][: len(days)], EQUAL[name][: len(days)])
        for name in ("market", *names)
    )


ALL = market_and(*SECTORS)
TOLD = sector_rotation(ALL, SESSIONS)


def column(told: pl.DataFrame, sector: str, name: str) -> list[Any]:
    return told.filter(universe=f"industry:{sector}")[name].to_list()


def chain(returns: Any, last: int, n: int) -> float:
    return 100 * (math.prod(1 + float(one) / 100 for one in returns[last - n + 1 : last + 1]) - 1)


@pytest.mark.parametrize("n", [9, 21, 63])
@pytest.mark.parametrize(("weights", "returns"), [("cap", CAP), ("equal", EQUAL)])
def test_returns_and_excess_are_chained(n: int, weights: str, returns: dict[str, Any]) -> None:
    for sector in SECTORS:
        shown = column(TOLD, sector, f"{weights}_return_{n}_pct")
        excess = column(TOLD, sector, f"{weights}_excess_{n}_points")
        assert shown[: n - 1] == excess[: n - 1] == [None] * (n - 1)
        for last in (n - 1, 70, 99):
            want = chain(returns[sector], last, n)
            assert shown[last] == pytest.approx(want, abs=1e-8)
            assert excess[last] == pytest.approx(want - chain(returns["market"], last, n), abs=1e-8)


def test_the_plane_is_that_of_population_z_scores() -> None:
    def z(values: np.ndarray[Any, Any]) -> float:
        return float((values[-1] - values.mean()) / values.std(ddof=0))

    for sector in SECTORS:
        level = np.cumprod(1 + CAP[sector] / 100) / np.cumprod(1 + CAP["market"] / 100)
        ratio = np.array([np.nan] * 13 + [100 + z(level[n - 13 : n + 1]) for n in range(13, 100)])
        change = ratio[1:] / ratio[:-1] - 1
        momentum = [None] * 27 + [100 + z(change[n - 14 : n]) for n in range(27, 100)]
        seen = column(TOLD, sector, "rrg_approx_ratio_14")
        assert seen[:13] == [None] * 13
        assert seen[13:] == pytest.approx(list(ratio[13:]), abs=1e-7)
        assert column(TOLD, sector, "rrg_approx_momentum_14")[:27] == [None] * 27
        assert column(TOLD, sector, "rrg_approx_momentum_14")[27:] == pytest.approx(
            momentum[27:], abs=1e-6
        )
        for quadrant, across, upward in zip(
            column(TOLD, sector, "quadrant")[27:], ratio[27:], momentum[27:], strict=True
        ):
            assert upward is not None
            want = {
                (True, True): "leading",
                (True, False): "weakening",
                (False, False): "lagging",
                (False, True): "improving",
            }[bool(across >= 100), bool(upward >= 100)]
            assert quadrant == want
    assert TOLD["quadrant"].n_unique() == 5  # four, and none while not warm


def test_ranks_follow_the_excess_and_equals_share_one() -> None:
    for n in (9, 21, 63):
        day = TOLD.filter(session_date=DAYS[80])
        order = day.sort(f"cap_excess_{n}_points", descending=True)
        assert order[f"rank_{n}"].to_list() == [1, 2, 3, 4]
    twins = pl.concat([ALL, of("Zinc", DAYS, CAP["Realty"], EQUAL["Realty"])])
    told = sector_rotation(twins, SESSIONS).filter(session_date=DAYS[80])
    ranks = dict(told.select("universe_title", "rank_9").iter_rows())
    assert ranks["Zinc"] == ranks["Realty"]
    assert sorted(ranks.values())[-1] in {4, 5}
    assert len(set(ranks.values())) == 4


def test_a_sector_that_is_the_market_stands_nowhere() -> None:
    same = pl.concat(of(name, DAYS, CAP["market"], EQUAL["market"]) for name in ("market", "Power"))
    told = sector_rotation(same, SESSIONS)
    assert told["cap_excess_21_points"].drop_nulls().unique().to_list() == [0.0]
    assert told["rrg_approx_ratio_14"].null_count() == told["quadrant"].null_count() == told.height
    assert told["rank_21"].drop_nulls().unique().to_list() == [1]


def test_without_sizes_equal_weights_remain() -> None:
    bare = ALL.with_columns(weight_inr=pl.lit(0.0), weighted_return_sum=pl.lit(0.0))
    told = sector_rotation(bare, SESSIONS)
    for name in ("cap_return_9_pct", "rrg_approx_ratio_14", "quadrant", "rank_9"):
        assert told[name].null_count() == told.height, name
    assert column(told, "Realty", "equal_excess_9_points") == column(
        TOLD, "Realty", "equal_excess_9_points"
    )


def test_share_above_the_average_and_its_null() -> None:
    assert TOLD["above_sma_50_pct"].unique().to_list() == [75.0]
    young = ALL.with_columns(above_sma_50=pl.lit(0), eligible_sma_50=pl.lit(0))
    assert sector_rotation(young, SESSIONS)["above_sma_50_pct"].null_count() == 4 * len(DAYS)


def test_a_session_without_counts_ends_the_windows() -> None:
    holed = ALL.filter(
        (pl.col("session_date") != DAYS[50]) | (pl.col("universe_title") != "Realty")
    )
    told = sector_rotation(holed, SESSIONS)
    seen = dict(
        told.filter(universe_title="Realty").select("session_date", "cap_return_9_pct").rows()
    )
    assert DAYS[50] not in seen
    assert [seen[day] for day in DAYS[51:59]] == [None] * 8
    assert seen[DAYS[59]] == pytest.approx(chain(CAP["Realty"], 59, 9), abs=1e-8)


def test_the_rows_are_those_of_the_table() -> None:
    assert list(ROTATION_COLUMNS) == list(schema(SectorRotation)) == TOLD.columns
    assert dict(TOLD.schema) == schema(SectorRotation)
    SectorRotation.validate(TOLD)
    assert dict(sector_rotation(ALL.clear(), SESSIONS).schema) == schema(SectorRotation)


@settings(max_examples=8, deadline=None)
@given(number=st.integers(1, 99), seed=st.integers(0, 1000))
def test_nights_equal_the_whole_and_the_future_changes_nothing(number: int, seed: int) -> None:
    shuffled = ALL.sample(fraction=1, shuffle=True, seed=seed)
    assert_frame_equal(sector_rotation(shuffled, SESSIONS), TOLD, rel_tol=0, abs_tol=0)
    day = DAYS[number]
    until = pl.col("session_date") <= day
    early = sector_rotation(ALL.filter(until), SESSIONS.filter(until))
    assert_frame_equal(early, TOLD.filter(until), rel_tol=0, abs_tol=0)
    recent = ALL.filter(pl.col("session_date") >= DAYS[max(number - 63, 0)])
    assert_frame_equal(
        sector_rotation(recent, SESSIONS, since=day),
        TOLD.filter(pl.col("session_date") >= day),
        rel_tol=0,
        abs_tol=1e-8,
    )
