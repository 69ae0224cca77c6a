"""Turnover by price, by hand: bins are a quarter of the ATR, so an ATR of 40 makes bins of 10."""

from __future__ import annotations

import numpy as np
import pytest

from transforms.signals.zone_volume import Business, volume_by_price


def business(*sessions: tuple[float, float, float], short: int | None = None) -> Business:
    """A year that ends in the given sessions (low, high, turnover), before them a thousandth."""
    before = [(100.0, 200.0, 0.001)] * (252 - len(sessions))
    low, high, turnover = (np.array(one) for one in zip(*before, *sessions, strict=True))
    is_short = np.arange(252) == short
    return Business(high, low, turnover, is_short, np.full(252, 40.0), np.zeros(252))


def asked(year: Business, lower: float, upper: float) -> tuple[float, bool]:
    percent, is_peak = volume_by_price(
        year, np.array([lower]), np.array([upper]), np.array([year.low.size - 1])
    )
    return float(percent[0]), bool(is_peak[0])


def test_turnover_is_spread_evenly_from_low_to_high() -> None:
    year = business((100.0, 200.0, 300.0), (150.0, 170.0, 100.0))
    # Of 300 a tenth, of 100 a half lie in 160-170; the thousandths are 0.25 in all.
    got, _ = asked(year, 160.0, 170.0)
    assert got == pytest.approx(100 * (30 + 50 + 0.025) / 400.25)
    assert asked(year, 0.0, 1000.0)[0] == pytest.approx(100)
    assert asked(year, 300.0, 400.0)[0] == 0


def test_a_session_of_one_price_is_wholly_where_it_is() -> None:
    year = business((100.0, 200.0, 300.0), (150.0, 150.0, 100.0))
    got, _ = asked(year, 149.9, 150.1)
    assert got == pytest.approx(100 * (0.6 + 100 + 0.0005) / 400.25, rel=1e-6)


def test_peaks_are_the_tenth_of_the_bins_with_most_turnover() -> None:
    # 11 bins from 100 to 210, so two peaks: 150-160 and 160-170.
    year = business((100.0, 200.0, 300.0), (150.0, 170.0, 100.0), (150.0, 160.0, 50.0))
    assert asked(year, 165.0, 166.0)[1]
    assert asked(year, 149.0, 151.0)[1]
    assert not asked(year, 140.0, 150.0)[1]
    assert not asked(year, 170.0, 180.0)[1]


def test_no_share_while_the_year_is_not_whole() -> None:
    year = business((100.0, 200.0, 300.0))
    percent, _ = volume_by_price(
        year, np.array([160.0, 160.0]), np.array([170.0, 170.0]), np.array([250, 251])
    )
    assert np.isnan(percent[0])
    assert not np.isnan(percent[1])


@pytest.mark.parametrize("lacking", [float("nan"), 0.0, -5.0])
def test_no_share_where_a_full_session_lacks_turnover(lacking: float) -> None:
    year = business((100.0, 200.0, 300.0))
    year.turnover[17] = lacking
    assert np.isnan(asked(year, 160.0, 170.0)[0])


def test_a_short_session_counts_for_nothing() -> None:
    whole = asked(business((100.0, 200.0, 300.0), (150.0, 170.0, 100.0)), 160.0, 170.0)[0]
    year = business((150.0, 170.0, 1e6), (100.0, 200.0, 300.0), (150.0, 170.0, 100.0), short=249)
    assert asked(year, 160.0, 170.0)[0] == pytest.approx(whole, rel=1e-5)
    year.turnover[249] = float("nan")
    assert asked(year, 160.0, 170.0)[0] == pytest.approx(whole, rel=1e-5)


def test_no_share_across_a_restatement() -> None:
    year = business((100.0, 200.0, 300.0))
    year.basis[:3] = 1
    assert np.isnan(asked(year, 160.0, 170.0)[0])


def test_shares_equal_a_count_session_by_session() -> None:
    rng = np.random.default_rng(5)
    low = rng.uniform(9_000, 11_000, 252)
    high = low + rng.uniform(10, 300, 252)
    turnover = rng.uniform(1, 9, 252)
    year = Business(high, low, turnover, np.zeros(252, bool), np.full(252, 150.0), np.zeros(252))
    lower, upper = 9_876.5, 10_023.25
    inside = np.clip(np.minimum(high, upper) - np.maximum(low, lower), 0, None) / (high - low)
    assert asked(year, lower, upper)[0] == pytest.approx(
        100 * (inside * turnover).sum() / turnover.sum(), rel=1e-9
    )
