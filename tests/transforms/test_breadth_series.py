"""Series of breadth against published vectors and hand calculation."""

from __future__ import annotations

import itertools
import json
import math
import statistics
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.transforms.breadth_market import calendar, counts, no_closes, weekdays
from transforms.metrics.breadth_participation import FAST, SLOW, summation, trend
from transforms.metrics.breadth_series import BREADTH, PAST_COLUMNS, TAIL_SESSIONS, breadth
from transforms.metrics.breadth_tables import Breadth
from transforms.metrics.breadth_thrusts import first_in_window, rise_through


def vector(archive: Path, name: str) -> Any:
    path = archive.parent / "vectors" / "constructed" / name
    if not path.is_file():
        pytest.skip(f"no reference vectors beside the archive: {name}")
    return json.loads(path.read_text())


def plain(days: list[date], short: tuple[date, ...] = (), **columns: list[Any]) -> pl.DataFrame:
    """Breadth of the market from counts, no index."""
    return breadth(counts(days, "market", **columns), no_closes(), calendar(days, short))


def test_the_published_constructions(archive: Path) -> None:
    want = vector(archive, "breadth.json")
    days = weekdays(len(want["advances"]))
    seen = plain(days, advances=want["advances"], declines=want["declines"])
    assert seen["ad_line"].to_list() == want["ad_line"]
    assert seen["rana"].to_list() == pytest.approx(want["rana"], abs=1e-9)
    for column, key, unit in (
        ("zweig_ema_10_pct", "zbt_ema10_smaseed", 100),
        ("zweig_sma_10_pct", "zbt_sma10", 100),
        ("deemer_ratio_10", "deemer_ratio10", 1),
        ("whaley_advances_5_pct", "whaley_adt5", 100),
    ):
        for got, wanted in zip(seen[column], want[key], strict=True):
            assert got == (None if wanted is None else pytest.approx(unit * wanted, abs=1e-9)), key
    assert seen["is_deemer_thrust"].arg_true().to_list() == [want["first_bar_deemer_gt_1.97"]]
    assert seen["is_whaley_advance_thrust"].arg_true().to_list() == [want["first_bar_adt_gt_.7366"]]


def test_the_oscillator_and_the_closed_form_of_its_sum(archive: Path) -> None:
    want = vector(archive, "breadth.json")
    trends = pl.DataFrame({"rana": want["rana"]}).select(
        oscillator=trend(pl.col("rana"), FAST) - trend(pl.col("rana"), SLOW),
        summation=summation(pl.col("rana")),
    )
    oscillator = want["ra_mcclellan_first_value_seed"]
    assert trends["oscillator"].to_list() == pytest.approx(oscillator, rel=1e-11)
    sums = trends["summation"]
    gained = [one - sums[0] for one in sums]
    assert gained == pytest.approx(want["rasi_running_sum"], rel=1e-11, abs=1e-9)


def test_trin_and_its_null(archive: Path) -> None:
    want = vector(archive, "trin.json")
    days = weekdays(10)
    single = want[:3]
    seen = plain(
        days[:3],
        advances=[one["adv"] for one in single],
        declines=[one["dec"] for one in single],
        up_turnover_inr=[one["av"] for one in single],
        down_turnover_inr=[one["dv"] for one in single],
    )
    assert seen["trin"].to_list()[:2] == pytest.approx(
        [one["trin"] for one in single[:2]], abs=1e-9
    )
    assert seen["trin"][2] is None is single[2]["trin"]
    sums = want[3]

    def ten(values: list[int]) -> list[int]:
        return [*values, *[0] * 8]

    over_ten = plain(
        days,
        advances=ten(sums["adv_10d"]),
        declines=ten(sums["dec_10d"]),
        up_turnover_inr=ten(sums["av_10d"]),
        down_turnover_inr=ten(sums["dv_10d"]),
    )
    assert over_ten["open_trin_10"].to_list() == [None] * 9 + [sums["open_trin"]]


def test_the_zweig_event(archive: Path) -> None:
    want = vector(archive, "zbt_event.json")

    def events(values: list[float]) -> list[int]:
        shown = pl.DataFrame({"ratio": values}).select(rise_through(pl.col("ratio"), 0.40, 0.615))
        return shown.to_series().arg_true().to_list()

    assert events(want["zbt"]) == [want["event_index"]]
    assert events(want["no_event"]["zbt"]) == []


def test_repeats_within_ten_sessions_are_dropped() -> None:
    flags: list[bool | None] = [None, False, *[False] * 2, True, True, *[False] * 9, True]
    flags += [*[False] * 10, True]
    shown = pl.DataFrame({"flag": flags}).select(first_in_window(pl.col("flag"))).to_series()
    assert shown.arg_true().to_list() == [4, 26]  # the one at 15 repeats that at 5
    assert shown.to_list()[:2] == [None, None]


def test_a_first_value_beyond_is_no_event() -> None:
    shown = pl.DataFrame({"flag": [None, True, True, False]}).select(
        first_in_window(pl.col("flag"))
    )
    assert shown.to_series().to_list() == [None, None, False, False]


def test_go_signal_after_zero_only() -> None:
    from transforms.metrics.breadth_thrusts import go_signal

    rasi = [600.0, 300.0, 501.0, 0.0, 400.0, 500.0, 500.5, 450.0, 700.0, -3.0, 900.0]
    shown = pl.DataFrame({"rasi": rasi}).select(go_signal(pl.col("rasi"))).to_series()
    assert shown.arg_true().to_list() == [6, 10]
    assert shown[0] is None


def test_short_sessions_count_for_prices_and_not_for_volumes() -> None:
    days = weekdays(11)
    ups, downs = [100 + n for n in range(11)], [50] * 11
    columns: dict[str, list[Any]] = {
        "advances": [6] * 11,
        "declines": [3] * 11,
        "up_turnover_inr": [9_000_000_000 if n == 4 else ups[n] for n in range(11)],
        "down_turnover_inr": downs,
        "delivery_known": [9] * 11,
        "up_delivered_inr": [9_000_000_000 if n == 4 else 30 for n in range(11)],
        "down_delivered_inr": [10] * 11,
    }
    seen = plain(days, (days[4],), **columns)
    short = seen.row(4, named=True)
    assert [short[name] for name in ("up_volume_pct", "trin", "whaley_volume_5_pct")] == [None] * 3
    assert short["ad_line"] == 15
    assert short["whaley_advances_5_pct"] == pytest.approx(200 / 3)
    rest = [n for n in range(1, 11) if n != 4]
    volume = sum(ups[n] for n in rest) / (50 * 9)
    assert seen["open_trin_10"][10] == pytest.approx(2 / volume, abs=1e-9)
    assert seen["up_delivered_10_pct"][10] == pytest.approx(75.0)
    last_five = [n for n in range(4, 9) if n != 4]
    up = sum(ups[n] for n in last_five)
    assert seen["whaley_volume_5_pct"][8] == pytest.approx(100 * up / (up + 200))


def test_deliveries_not_told_leave_the_window_open() -> None:
    days = weekdays(12)
    seen = plain(
        days,
        delivery_known=[5] * 11 + [0],
        up_delivered_inr=[3] * 11 + [0],
        down_delivered_inr=[1] * 11 + [0],
    )
    assert seen["up_delivered_10_pct"].to_list() == [None] * 9 + [75.0, 75.0, None]


def test_shares_of_members_and_their_nulls() -> None:
    days = weekdays(2)
    seen = plain(
        days,
        members=[10, 10],
        traded=[8, 8],
        advances=[4, 0],
        declines=[1, 0],
        unchanged=[3, 0],
        above_sma_50=[3, 0],
        eligible_sma_50=[4, 0],
        new_highs=[1, 0],
        new_lows=[3, 0],
        eligible_252=[8, 0],
    )
    first, nothing = seen.rows(named=True)
    assert (first["coverage_pct"], first["advancing_pct"], first["net_advances_pct"]) == (
        80,
        50,
        60,
    )
    assert (first["above_sma_50_pct"], first["net_new_highs_pct"]) == (75, -25)
    for name in (
        "advancing_pct",
        "net_advances_pct",
        "rana",
        "above_sma_50_pct",
        "net_new_highs_pct",
        "up_volume_pct",
    ):
        assert nothing[name] is None, name
    assert nothing["ad_line"] == 3


def test_equal_less_cap_weights_is_chained() -> None:
    days = weekdays(12)
    rng = np.random.default_rng(5)
    equal, cap = rng.normal(0, 2, (2, 12))
    seen = plain(
        days,
        weighed=[4] * 12,
        weighed_return_sum_pct=list(4 * equal),
        weighted_return_sum=list(7e9 * cap),
        weight_inr=[7e9] * 12,
    )
    want = math.prod(1 + equal[3:] / 100) - math.prod(1 + cap[3:] / 100)
    assert seen["equal_less_cap_9_points"][11] == pytest.approx(100 * want, abs=1e-8)
    assert seen["equal_less_cap_9_points"].null_count() == 8
    assert seen["cap_weight_return_pct"].to_list() == pytest.approx(list(cap))


def test_average_correlation_is_that_of_the_pairs() -> None:
    rng = np.random.default_rng(8)
    common = rng.normal(0, 1, 60)
    sizes = np.array([1.0, 2.0, 0.5, 3.0])
    returns = sizes[:, None] * (common + rng.normal(0, 1, (4, 60)))
    covariance = np.cov(returns)
    sds = np.sqrt(np.diag(covariance))
    pairs = list(itertools.combinations(range(4), 2))
    weighted = sum(covariance[i, j] for i, j in pairs) / sum(sds[i] * sds[j] for i, j in pairs)
    yearly = sds * math.sqrt(252)
    days = weekdays(60)
    seen = plain(
        days,
        advances=[4] * 60,
        return_sum_pct=list(returns.sum(axis=0)),
        eligible_volatility=[4] * 60,
        volatility_sum_pct=[yearly.sum()] * 60,
        variance_sum_pct2=[(yearly**2).sum()] * 60,
    )
    assert seen["average_correlation_60"].null_count() == 59
    assert seen["average_correlation_60"][59] == pytest.approx(weighted, abs=1e-9)


def test_one_member_has_no_correlation_and_one_mind_is_at_most_one() -> None:
    days = weekdays(60)
    moves = [(-1.0) ** n for n in range(60)]
    volatility = statistics.stdev(moves) * math.sqrt(252)

    def last(members: int, reported: float) -> Any:
        return plain(
            days,
            advances=[members] * 60,
            return_sum_pct=[members * one for one in moves],
            eligible_volatility=[members] * 60,
            volatility_sum_pct=[members * reported] * 60,
            variance_sum_pct2=[members * reported**2] * 60,
        )["average_correlation_60"][59]

    assert last(1, volatility) is None
    assert last(3, volatility) == pytest.approx(1.0)
    assert last(3, volatility * 0.9) == 1.0


def random_counts(days: list[date], universes: tuple[str, ...], seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    size = len(days)
    frames = []
    for universe in universes:
        ups = np.clip(np.round(50 + 20 * rng.normal(0, 1, size)), 1, 99).astype(int)
        up, down = np.exp(rng.normal(9, 1, (2, size))).round(2)
        frames.append(
            counts(
                days,
                universe,
                members=[100] * size,
                traded=[100] * size,
                advances=list(ups),
                declines=list(100 - ups),
                up_turnover_inr=list(up),
                down_turnover_inr=list(down),
                delivery_known=[100] * size,
                up_delivered_inr=list(up / 2),
                down_delivered_inr=list(down / 3),
                above_sma_50=list(rng.integers(0, 100, size)),
                eligible_sma_50=[100] * size,
                new_highs=list(rng.integers(0, 5, size)),
                new_lows=list(rng.integers(0, 5, size)),
                eligible_252=[90] * size,
                return_sum_pct=list(rng.normal(0, 100, size)),
                weighed=[100] * size,
                weighed_return_sum_pct=list(rng.normal(0, 100, size)),
                weighted_return_sum=list(rng.normal(0, 1e9, size)),
                weight_inr=[1e9] * size,
                eligible_volatility=[100] * size,
                volatility_sum_pct=[3000.0] * size,
                variance_sum_pct2=[100_000.0] * size,
            )
        )
    return pl.concat(frames)


@pytest.fixture(scope="module")
def years() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Five years of two universes with a hole, an index for one of them, and their breadth."""
    days = weekdays(TAIL_SESSIONS + 500)
    told = random_counts(days, ("a", "b"), 2).filter(
        (pl.col("universe") == "a") | (pl.col("session_date") != days[600])
    )
    rng = np.random.default_rng(1)
    level = 1000 * np.exp(np.cumsum(rng.normal(0, 0.01, len(days))))
    closes = pl.DataFrame({"universe": "a", "session_date": days, "close": level})
    sessions = calendar(days, (days[610], days[-3]))
    return told, closes, sessions, breadth(told, closes, sessions)


Years = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]


def test_rows_are_those_of_the_table_and_within_bounds(years: Years) -> None:
    seen = years[3]
    Breadth.validate(seen)
    for item in BREADTH:
        column = seen[item.id].drop_nulls()
        if item.kind == "number" and len(column):
            assert column.is_finite().all(), item.id
            low, high = item.bounds
            values = column.cast(pl.Float64)
            assert low is None or values.ge(low - 1e-9).all(), item.id
            assert high is None or values.le(high + 1e-9).all(), item.id


def test_nothing_looks_ahead(years: Years) -> None:
    told, closes, sessions, whole = years
    days = sessions["session_date"]
    for end in (days[601], days[-40]):
        is_past = pl.col("session_date") <= end
        cut = breadth(told.filter(is_past), closes.filter(is_past), sessions.filter(is_past))
        assert_frame_equal(cut, whole.filter(is_past), check_exact=True)


def test_nothing_looks_ahead_from_the_first_session_after_a_hole(years: Years) -> None:
    told, closes, sessions, whole = years
    after = sessions["session_date"][601]
    is_past = pl.col("session_date") <= after
    cut = breadth(told.filter(is_past), closes, sessions)
    assert_frame_equal(
        cut.filter(session_date=after), whole.filter(session_date=after), check_exact=True
    )


def test_row_order_does_not_matter(years: Years) -> None:
    told, closes, sessions, whole = years
    mixed = [one.sample(fraction=1, shuffle=True, seed=4) for one in (told, closes, sessions)]
    assert_frame_equal(breadth(*mixed), whole, check_exact=True)


@pytest.mark.parametrize("new", [1, 3, 14])
def test_a_night_adds_the_rows_a_rebuild_would_have(years: Years, new: int) -> None:
    told, closes, sessions, whole = years
    since = sessions["session_date"][-new]
    near = pl.col("session_date") >= sessions["session_date"][-new - TAIL_SESSIONS]
    past = whole.select(PAST_COLUMNS)
    night = breadth(told.filter(near), closes, sessions, since=since, past=past)
    assert_frame_equal(night, whole.filter(pl.col("session_date") >= since), check_exact=True)


def test_a_night_without_a_new_session_adds_nothing(years: Years) -> None:
    told, closes, sessions, whole = years
    since = sessions["session_date"][-1]
    until = pl.col("session_date") < since
    shown = breadth(
        told.filter(until), closes, sessions, since=since, past=whole.select(PAST_COLUMNS)
    )
    assert_frame_equal(shown, whole.clear())


def test_the_night_of_a_first_session(years: Years) -> None:
    told, closes, sessions, whole = years
    first = sessions["session_date"][0]
    shown = breadth(
        told.filter(session_date=first),
        closes,
        sessions.filter(session_date=first),
        since=first,
        past=whole.clear().select(PAST_COLUMNS),
    )
    assert_frame_equal(shown, whole.filter(session_date=first), check_exact=True)


def test_a_night_after_a_hole_starts_anew_as_a_rebuild_does(years: Years) -> None:
    told, closes, sessions, _ = years
    days = sessions["session_date"]
    told = told.filter(pl.col("session_date") != days[-2])
    whole = breadth(told, closes, sessions)
    past = whole.filter(pl.col("session_date") < days[-1]).select(PAST_COLUMNS)
    night = breadth(told, closes, sessions, since=days[-1], past=past)
    assert_frame_equal(night, whole.filter(pl.col("session_date") == days[-1]), check_exact=True)
    first = told.filter((pl.col("session_date") == days[-1]) & (pl.col("universe") == "a"))
    net = first["advances"][0] - first["declines"][0]
    assert night.filter(universe="a")["ad_line"].to_list() == [net]


def test_since_without_past_gives_the_same_rows(years: Years) -> None:
    told, closes, sessions, whole = years
    since = sessions["session_date"][-2]
    shown = breadth(told, closes, sessions, since=since)
    assert_frame_equal(shown, whole.filter(pl.col("session_date") >= since), check_exact=True)


def test_a_hole_nulls_windows_and_restarts_recursions(years: Years) -> None:
    told, _, sessions, whole = years
    hole = sessions["session_date"][600]
    after = whole.filter((pl.col("universe") == "b") & (pl.col("session_date") > hole))
    first = told.filter(
        (pl.col("universe") == "b") & (pl.col("session_date") == after["session_date"][0])
    )
    assert after["ad_line"][0] == first["advances"][0] - first["declines"][0]
    assert after["zweig_ema_10_pct"].is_null().arg_true().to_list() == list(range(9))
    assert after["mcclellan_summation"].is_null().arg_true().to_list() == list(range(126))
    net = (first["advances"][0] - first["declines"][0]) / 100
    assert after["rana"][0] == pytest.approx(1000 * net)
