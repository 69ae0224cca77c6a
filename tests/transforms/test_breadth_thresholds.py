"""Thresholds matched for rarity, and divergences from the index."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.transforms.breadth_market import weekdays
from transforms.metrics.breadth_divergence import at_last_swing_high, is_divergent
from transforms.metrics.breadth_rarity import (
    FORTNIGHTS_A_YEAR,
    MATCHED,
    RARITIES,
    matched_thresholds,
)

DEEMER = next(one for one in RARITIES if one.strength == "deemer_ratio_10")
BLOCKS = DEEMER.years * FORTNIGHTS_A_YEAR
MONDAY = date(2005, 1, 3)


def strengths(values: list[float], days: list[date]) -> pl.DataFrame:
    return pl.DataFrame(
        {"universe": "a", "session_date": days, **{one.strength: values for one in RARITIES}}
    )


def test_the_threshold_is_a_quantile_of_the_fortnights_before() -> None:
    days = weekdays(2_000, MONDAY)
    values = list(np.random.default_rng(3).normal(0, 1, len(days)))
    shown = matched_thresholds(strengths(values, days), "universe").sort("session_date")
    epoch = date(1970, 1, 5)  # a Monday
    shift = {
        number: [v for v, d in zip(values, days, strict=True) if ((d - epoch).days // 14) == number]
        for number in {(d - epoch).days // 14 for d in days}
    }
    # Either parity of weeks is a calendar of fortnights; ours is the one polars starts at.
    start = pl.select(pl.lit(MONDAY).dt.truncate("2w")).item()
    if (start - epoch).days % 14:
        epoch += timedelta(days=7)
        shift = {
            number: [
                v for v, d in zip(values, days, strict=True) if ((d - epoch).days // 14) == number
            ]
            for number in {(d - epoch).days // 14 for d in days}
        }
    highest = [max(shift[number]) for number in sorted(shift)]
    for at in (950, 1_500, 1_999):
        done = sorted(shift).index((days[at] - epoch).days // 14)
        want = np.quantile(highest[:done], 1 - 1 / BLOCKS)
        assert shown[DEEMER.threshold][at] == pytest.approx(want, rel=1e-12)


def test_it_is_null_until_as_many_fortnights_as_one_event_takes() -> None:
    days = weekdays(1_100, MONDAY)
    shown = matched_thresholds(strengths([1.0] * len(days), days), "universe").sort("session_date")
    first = shown.filter(pl.col(DEEMER.threshold).is_not_null())["session_date"].min()
    assert isinstance(first, date)
    assert 14 * BLOCKS <= (first - MONDAY).days <= 14 * (BLOCKS + 2)


def test_it_is_exceeded_as_seldom_as_published() -> None:
    days = weekdays(10_000, date(1985, 1, 7))
    rng = np.random.default_rng(11)
    events = 0
    for _ in range(5):
        frame = strengths(list(rng.normal(0, 1, len(days))), days)
        shown = frame.join(matched_thresholds(frame, "universe"), on=["universe", "session_date"])
        shown = shown.filter(pl.col(DEEMER.threshold).is_not_null())
        events += shown.filter(pl.col(DEEMER.strength) > pl.col(DEEMER.threshold)).height
    years = 5 * (10_000 / 260.9 - DEEMER.years)
    expected = years / DEEMER.years
    assert abs(events - expected) < 4 * expected**0.5


def test_the_own_fortnight_and_all_later_ones_are_not_looked_at() -> None:
    days = weekdays(1_500, MONDAY)
    values = list(np.random.default_rng(5).normal(0, 1, len(days)))
    whole = matched_thresholds(strengths(values, days), "universe").sort("session_date")
    changed = [*values[:1_200], *[1e6] * 300]
    other = matched_thresholds(strengths(changed, days), "universe").sort("session_date")
    assert_frame_equal(whole.head(1_201), other.head(1_201), check_exact=True)
    assert whole[DEEMER.threshold][-1] != other[DEEMER.threshold][-1]


def test_a_swing_high_is_known_five_sessions_on() -> None:
    close = [*range(1, 11), *range(9, 0, -1)]  # 10 at row 9
    shown = pl.DataFrame({"close": close, "value": range(len(close))}).select(
        at_last_swing_high(pl.col("close"), pl.col("value"))
    )
    assert shown.to_series().to_list() == [None] * 14 + [9] * 5


def test_a_flat_top_is_no_swing_high() -> None:
    close = [1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1, 0]
    shown = pl.DataFrame({"close": close, "value": close}).select(
        at_last_swing_high(pl.col("close"), pl.col("value"))
    )
    assert shown.to_series().null_count() == len(close)


def test_divergence_by_hand() -> None:
    rise, fall = range(100, 120), range(118, 110, -1)
    close = [*rise, *fall, *range(111, 125)]  # swing high 119 at row 19; 20-session highs from 120
    falling = [float(-n) for n in range(len(close))]
    rising = [float(n) for n in range(len(close))]
    frame = pl.DataFrame({"close": close, "falling": falling, "rising": rising})
    shown = frame.select(
        falling=is_divergent(pl.col("close"), pl.col("falling")),
        rising=is_divergent(pl.col("close"), pl.col("rising")),
    )
    known = 19 + 5
    assert shown["falling"].null_count() == known
    tops = [row for row in range(19, len(close)) if close[row] == max(close[row - 19 : row + 1])]
    assert shown["falling"].arg_true().to_list() == [row for row in tops if row >= known]
    assert not shown["rising"].any()


def test_divergence_asks_for_the_value_at_both_ends() -> None:
    close = [*range(100, 120), *range(118, 110, -1), *range(111, 125)]
    value = [None] * 20 + [1.0] * (len(close) - 20)
    shown = pl.DataFrame({"close": close, "value": value}).select(
        is_divergent(pl.col("close"), pl.col("value"))
    )
    assert shown.to_series().null_count() == len(close)


def test_every_rarity_has_a_threshold_and_an_event() -> None:
    ids = [item.id for item in MATCHED]
    needs = list(
        itertools.chain.from_iterable(item.needs for item in MATCHED if item.kind == "flag")
    )
    for one in RARITIES:
        assert one.threshold in ids
        assert needs.count(one.threshold) == 1
