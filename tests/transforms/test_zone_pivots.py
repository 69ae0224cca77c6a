"""Turning points: strict, known five sessions later, by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from tests.transforms.zone_walks import closes_only, days, sessions_of, walk
from transforms.signals.zone_pivots import pivots

# Sixteen falls of 5, a low of 1,000 at place 16, six rises, a high of 1,030 at 22, falls.
FALL = [1080.0 - 5 * n for n in range(17)]
RISE = [1005.0, 1010.0, 1015.0, 1020.0, 1025.0, 1030.0]
AGAIN = [1025.0, 1020.0, 1015.0, 1010.0, 1005.0, 1002.0]
PATH = [*FALL, *RISE, *AGAIN]


def on_grid(*closes: float | None, spread: float = 5.0) -> pl.DataFrame:
    """Bars of one index, one row a session, also where it has none."""
    frame = pl.DataFrame({"session_date": days(len(closes))})
    return frame.join(
        closes_only(*closes, spread=spread), on="session_date", how="left", maintain_order="left"
    )


def test_a_low_and_a_high_by_hand() -> None:
    got = pivots(on_grid(*PATH)).to_dicts()
    dates = days(40)
    # Every true range is 10, so the ATR is; from 995 up to 1,030, from 1,035 down to 1,000.
    assert got == [
        {
            "session_date": dates[16],
            "kind": "low",
            "level": 995.0,
            "known_from": dates[21],
            "reversal_atr": pytest.approx(3.5),
        },
        {
            "session_date": dates[22],
            "kind": "high",
            "level": 1035.0,
            "known_from": dates[27],
            "reversal_atr": pytest.approx(3.5),
        },
    ]


def test_a_pivot_is_unknown_until_five_sessions_have_closed_after_it() -> None:
    assert pivots(on_grid(*PATH[:21])).height == 0
    assert pivots(on_grid(*PATH[:22]))["level"].to_list() == [995.0]


@pytest.mark.parametrize("twin", [11, 15, 17, 21])
def test_an_equal_low_within_five_sessions_is_no_strict_extreme(twin: int) -> None:
    path = PATH.copy()
    path[twin] = 1000.0
    assert "low" not in pivots(on_grid(*path))["kind"].to_list()


def test_equal_lows_six_sessions_apart_are_both_pivots() -> None:
    path = PATH.copy()
    path[10] = 1000.0
    assert pivots(on_grid(*path))["session_date"].to_list() == [days(40)[n] for n in (10, 16, 22)]


@pytest.mark.parametrize("hole", range(11, 28))
def test_a_missing_close_within_the_eleven_hides_the_pivot(hole: int) -> None:
    path: list[float | None] = [*PATH]
    path[hole] = None
    expected = [place for place in (16, 22) if abs(place - hole) > 5]
    found = pivots(on_grid(*path))["session_date"].to_list()
    assert found == [days(40)[place] for place in expected]


def test_without_high_and_low_the_close_stands_in() -> None:
    nothing = pl.lit(None, dtype=pl.Float64)
    got = pivots(on_grid(*PATH).with_columns(high=nothing, low=nothing))
    assert got["level"].to_list() == [1000.0, 1030.0]
    # Every true range is the change of the close, 5.
    assert got["reversal_atr"].to_list() == pytest.approx([5.0, 5.0])


def test_a_pivot_before_the_average_true_range_has_no_reversal() -> None:
    got = pivots(on_grid(*PATH[8:]))
    assert got["level"].to_list() == [995.0, 1035.0]
    assert got["reversal_atr"].to_list() == [None, pytest.approx(3.5)]


def test_a_pivot_across_a_restatement_is_none() -> None:
    for begins, expected in ((18, []), (12, [1035.0]), (11, [995.0, 1035.0]), (27, [995.0])):
        basis = [int(n >= begins) for n in range(len(PATH) + 1)]
        grid = on_grid(*PATH, 997.0).with_columns(pl.Series("basis", basis))
        assert pivots(grid)["level"].to_list() == expected


def test_every_extreme_of_a_walk_is_found_and_no_other() -> None:
    bars = sessions_of("one", walk(np.random.default_rng(3), 400))
    got = pivots(bars)
    for kind, sign in (("high", 1), ("low", -1)):
        price = (sign * bars[kind]).to_list()
        expected = [
            n for n in range(5, 395) if all(price[n] > price[n + k] for k in range(-5, 6) if k)
        ]
        found = got.filter(kind=kind)["session_date"].to_list()
        assert found == [days(400)[n] for n in expected]
        assert len(found) > 15
        assert all((b - a).days > 5 for a, b in pairwise(found))
