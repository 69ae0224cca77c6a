"""Which pivots make a zone, and where its edges are, by hand. The ATR is 10 unless said."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.signals.zone_clusters import Cluster, clusters, founded


def drawn(*levels: float, atr: float = 10.0) -> list[tuple[float, float]]:
    """Edges of the zones of pivots of equal weight."""
    ones = [1.0] * len(levels)
    found = clusters(levels, ones, [0] * len(levels), atr)
    return [(zone.lower, zone.upper) for zone in found]


def test_two_pivots_half_an_atr_apart_are_a_zone_and_farther_are_none() -> None:
    assert drawn(100.0, 105.0) == [(100.0, 105.0)]
    assert drawn(100.0, 105.01) == []


def test_half_an_atr_is_not_decided_by_the_last_bit() -> None:
    # 0.1 + 0.2 is a little more than 0.3, the level of which it is meant to be half an ATR.
    assert len(drawn(0.3, 0.3 + (0.1 + 0.2), atr=0.6)) == 1


def test_centre_and_score_by_hand() -> None:
    (zone,) = clusters([100.0, 104.0], [2.0, 3.0], [63, 0], 10.0)
    assert zone.score == pytest.approx(2 * 0.5 + 3)
    assert zone.centre == pytest.approx((100 * 1 + 104 * 3) / 4)
    # A quarter of an ATR around 103 is 100.5 to 105.5; the lowest pivot lies below that.
    assert (zone.lower, zone.upper) == pytest.approx((100.0, 105.5))
    assert (zone.first, zone.last) == (0, 2)


def test_a_zone_is_at_least_half_an_atr_wide() -> None:
    assert drawn(100.0, 100.0) == [(97.5, 102.5)]


def test_a_chain_is_split_at_its_widest_gap() -> None:
    # 16 wide, more than 15; the widest gap is 5, between 104 and 109.
    assert drawn(100.0, 104.0, 109.0, 113.0, 116.0) == [(99.5, 104.5), (109.0, 116.0)]


def test_edges_of_split_zones_end_at_the_middle_of_the_gap() -> None:
    # A quarter of an ATR above 100 would be 102.5, in the zone that begins at 102.
    levels = [100.0, 100.0, *[102.0 + 1.9 * n for n in range(8)]]
    (low, below), (above, _) = drawn(*levels)
    assert (low, below, above) == (97.5, 101.0, 102.0)


def test_of_equal_gaps_the_most_central_splits() -> None:
    levels = [100.0 + 0.3 * n for n in range(6)]
    # Five gaps of 0.3 and an ATR of 0.95: 1.5 is wider than 1.425, and splits three and three.
    found = clusters(levels, [1.0] * 6, [0] * 6, 0.95)
    assert [(zone.first, zone.last) for zone in found] == [(0, 3), (3, 6)]


def test_a_chain_of_15_is_not_split() -> None:
    assert drawn(100.0, 105.0, 110.0, 115.0) == [(100.0, 115.0)]


def test_a_pivot_split_off_alone_is_no_zone() -> None:
    # The widest gap is that above 100.
    assert drawn(100.0, 105.0, 109.0, 113.0, 116.0) == [(105.0, 116.0)]


@given(
    st.lists(st.integers(9_000, 11_000), min_size=0, max_size=40),
    st.floats(5, 400),
    st.integers(0, 5),
)
def test_zones_never_overlap_and_none_is_wider_than_it_may_be(
    hundredths: list[int], atr: float, seed: int
) -> None:
    levels = sorted(value / 100 for value in hundredths)
    weights = [1 + (n * 7 + seed) % 5 / 3 for n in range(len(levels))]
    found = clusters(
        levels, weights, [(n * 13 + seed) % 252 for n in range(len(levels))], atr / 100
    )
    for zone in found:
        own = levels[zone.first : zone.last]
        assert len(own) >= 2
        assert own[-1] - own[0] <= 1.5 * atr / 100 + 1e-6
        assert zone.lower <= own[0] <= zone.centre <= own[-1] <= zone.upper
        assert zone.upper - zone.lower <= 1.5 * atr / 100 + 0.5 * atr / 100 + 1e-6
    for lower, upper in pairwise(found):
        assert lower.upper <= upper.lower


@given(
    st.lists(st.integers(9_000, 11_000), min_size=2, max_size=40),
    st.integers(8_900, 11_100),
    st.floats(5, 400),
)
def test_those_near_a_price_are_the_nearest_of_all(
    hundredths: list[int], price: int, atr: float
) -> None:
    levels = sorted(value / 100 for value in hundredths)
    given_ = (levels, [1.0] * len(levels), [0] * len(levels), atr / 100)
    whole, few = clusters(*given_), clusters(*given_, price / 100)

    def nearest(found: list[Cluster]) -> list[Cluster]:
        split = sum(zone.centre <= price / 100 for zone in found)
        return found[max(0, split - 3) : split + 3]

    assert nearest(few) == nearest(whole)


def test_a_zone_begins_with_the_first_two_pivots_near_each_other() -> None:
    # By age: 100, then 109 (too far from it), then 104.5, as near to both.
    row, level = founded([100.0, 104.5, 109.0], [10, 80, 40], [2.0, 3.0, 5.0], 10.0)
    assert row == 80
    # Of two pairs of that session, equally near, the one with the oldest: 100 and 104.5.
    faded = 2.0 * 0.5 ** (70 / 63)
    assert level == pytest.approx((100 * faded + 104.5 * 3) / (faded + 3))


def test_pivots_that_come_later_change_neither_beginning_nor_level() -> None:
    before = founded([100.0, 103.0], [10, 30], [1.0, 1.0], 10.0)
    after = founded([98.0, 100.0, 101.0, 103.0], [50, 10, 60, 30], [9.0, 1.0, 9.0, 1.0], 10.0)
    assert after == before
