"""Touches, bounces, crossings and the artificial levels: by hand, and level by level."""

from __future__ import annotations

import numpy as np
import pytest

from tests.transforms.zone_walks import sessions_of, walk
from transforms.signals.zone_history import Path, crossings, history, touches

NAN = float("nan")


def path_of(
    bars: list[tuple[float, float, float]], atr: float = 10.0, run: list[int] | None = None
) -> Path:
    """Low, high and close of each session; the ATR before each of them but the first."""
    low, high, close = (np.array(column) for column in zip(*bars, strict=True))
    before = np.full(len(bars), atr)
    before[0] = NAN
    return Path(high, low, close, before, np.array(run or [0] * len(bars)))


def judged(path: Path, level: float, known: int, last: int) -> tuple[int, int, float]:
    """Touches, bounces and bounce rate of one level."""
    got = history(path, touches(path), np.array([level]), np.array([known]), np.array([last]))
    return int(got.touches[0]), int(got.bounces[0]), float(got.bounce_rate_pct[0])


def flat(price: float, count: int) -> list[tuple[float, float, float]]:
    return [(price - 1, price + 1, price)] * count


# The level is 100, tolerance 2.5, penetration 10.
COMES = [(119.0, 121.0, 120.0), (101.0, 120.0, 110.0)]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (flat(110.0, 5), (1, 1, 100.0)),
        # A close of exactly one ATR below undoes nothing, one below that does.
        # (Both come to the level once more, which is not decided yet.)
        ([*flat(110.0, 4), (90.0, 110.0, 90.0)], (2, 1, 100.0)),
        ([*flat(110.0, 4), (89.0, 110.0, 89.9)], (2, 0, 0.0)),
        # A low far below the level is no close.
        ([(110.0, 111.0, 110.0), (50.0, 111.0, 110.0), *flat(110.0, 3)], (2, 2, 100.0)),
        # Beyond on the sixth session after.
        ([*flat(110.0, 5), (80.0, 110.0, 80.0)], (2, 1, 100.0)),
        # Four sessions after: not yet decided.
        (flat(110.0, 4), (1, 0, NAN)),
    ],
)
def test_a_touch_from_above_by_hand(
    after: list[tuple[float, float, float]], expected: tuple[int, int, float]
) -> None:
    path = path_of([*COMES, *after])
    if len(after) == 5 and after[1][0] == 50.0:
        # The second touch is decided once five more sessions have closed.
        path = path_of([*COMES, *after, *flat(110.0, 2)])
    assert judged(path, 100.0, 0, path.close.size - 1) == pytest.approx(expected, nan_ok=True)


def test_what_is_a_touch_from_below_mirrors_it() -> None:
    bars = [*COMES, *flat(110.0, 4), (89.0, 110.0, 89.9)]
    mirrored = [(200 - high, 200 - low, 200 - close) for low, high, close in bars]
    assert judged(path_of(mirrored), 100.0, 0, 6) == (2, 0, 0.0)
    bars[-1] = (90.0, 110.0, 90.0)
    mirrored = [(200 - high, 200 - low, 200 - close) for low, high, close in bars]
    assert judged(path_of(mirrored), 100.0, 0, 6) == (2, 1, 100.0)


@pytest.mark.parametrize(
    ("before", "low", "high", "is_touch"),
    [
        (102.6, 102.5, 104.0, True),  # comes within a quarter of an ATR
        (102.5, 99.0, 104.0, False),  # was within it already
        (110.0, 102.6, 111.0, False),  # stays outside
        (110.0, 80.0, 97.5, True),  # opens far below, its high comes back within
        (110.0, 80.0, 97.4, True),  # jumps across: the price came to it, and went through
        (90.0, 102.6, 120.0, True),  # the same from below
        (90.0, 97.4, 97.4, False),  # a jump that falls short
        (110.0, 102.5, 102.5, True),  # an index of closes alone comes near
        (110.0, 90.0, 90.0, True),  # or jumps
    ],
)
def test_what_is_a_touch(before: float, low: float, high: float, is_touch: bool) -> None:
    bars = [(before, before, before), (low, high, (low + high) / 2)]
    assert judged(path_of(bars), 100.0, 0, 1)[0] == is_touch


def test_touches_count_after_the_session_on_which_the_level_was_known() -> None:
    path = path_of([*COMES, *flat(110.0, 6)])
    assert judged(path, 100.0, 1, 7)[0] == 0
    assert judged(path, 100.0, 0, 7)[0] == 1


def test_a_touch_before_a_hole_is_never_decided_and_none_comes_out_of_it() -> None:
    bars = [*COMES, *flat(110.0, 3), (NAN, NAN, NAN), (99.0, 111.0, 110.0), *flat(110.0, 8)]
    path = path_of(bars, run=[0, 0, 0, 0, 0, 1, 2, *[2] * 8])
    path.atr[5:7] = NAN
    assert judged(path, 100.0, 0, 14) == pytest.approx((1, 0, NAN), nan_ok=True)


def naive(path: Path, level: np.ndarray, known: int, last: int) -> tuple[np.ndarray, ...]:
    """Touches, decided touches and bounces of each level, session by session as the words say."""
    counted, decided, bounces = (np.zeros(level.size, dtype=int) for _ in range(3))
    for now in range(known + 1, last + 1):
        before, atr = path.close[now - 1], path.atr[now]
        near = 0.25 * atr
        # The way from the last close to the session's range belongs to it.
        lowest, highest = min(path.low[now], before), max(path.high[now], before)
        reaches = (lowest - near <= level) & (level <= highest + near)
        side = 1 * (level < before - near) - 1 * (level > before + near)
        is_touch = reaches & (side != 0)
        counted += is_touch
        if now + 5 <= last:
            decided += is_touch
            beyond = side * (path.close[now : now + 6, None] - level) < -atr
            bounces += is_touch & ~beyond.any(axis=0)
    return counted, decided, bounces


def simulated(seed: int, length: int = 160, kind: str = "traded") -> Path:
    """A walk whose sessions begin where the last one ended, jump, or are known by closes alone."""
    bars = sessions_of("one", walk(np.random.default_rng(seed), length))
    low, high, close = (bars[name].to_numpy() for name in ("low", "high", "close"))
    if kind == "gaps":
        nights = np.exp(np.random.default_rng(seed + 1).normal(0, 0.012, length).cumsum())
        low, high, close = low * nights, high * nights, close * nights
    elif kind == "closes":
        low, high = close, close
    atr = np.append(NAN, np.random.default_rng(seed).uniform(80, 250, length - 1))
    return Path(high, low, close, atr, np.zeros(length, dtype=np.int64))


@pytest.mark.parametrize("kind", ["traded", "gaps", "closes"])
@pytest.mark.parametrize("seed", range(3))
def test_strength_equals_ten_thousand_levels_asked_one_by_one(seed: int, kind: str) -> None:
    path, known, last = simulated(seed, kind=kind), 40, 150
    began = path.close[known]
    low = min(began, path.low[known + 1 : last + 1].min())
    high = max(began, path.high[known + 1 : last + 1].max())
    mine = float(path.close[100])
    artificial = low + (np.arange(10_000) + 0.5) * (high - low) / 10_000
    _, touched, held = naive(path, artificial, known, last)
    (counted,), (decided,), (bounces,) = naive(path, np.array([mine]), known, last)
    like = (touched > 0) & (2 * touched >= decided) & (touched <= 2 * decided)
    below = (held * decided < bounces * touched)[like].mean()
    equal = (held * decided == bounces * touched)[like].mean()
    got = history(path, touches(path), np.array([mine]), np.array([known]), np.array([last]))
    assert (got.touches[0], got.bounces[0]) == (counted, bounces)
    assert got.bounce_rate_pct[0] == pytest.approx(100 * bounces / decided)
    # One level of ten thousand may fall on the other side of a bound by its last bit.
    assert got.strength_percentile[0] == pytest.approx(100 * (below + equal / 2), abs=0.02)
    pooled = 100 * held[like].sum() / touched[like].sum()
    assert got.artificial_bounce_rate_pct[0] == pytest.approx(pooled, abs=0.02)


def test_a_gap_through_a_level_is_a_touch_that_fails() -> None:
    """From 110 to 85 overnight, and down there for a week; the level 100 was never traded at."""
    path = path_of([(109.0, 111.0, 110.0), (84.0, 86.0, 85.0), *flat(85.0, 5)])
    assert judged(path, 100.0, 0, 6) == (1, 0, 0.0)
    got = history(path, touches(path), np.array([100.0]), np.array([0]), np.array([6]))
    # Levels like it lie from 84, the lowest, to 110, where it began. Those below 107.5 were
    # touched; those up to 95, at most an ATR above the closes of 85, held.
    assert got.artificial_bounce_rate_pct[0] == pytest.approx(
        100 * (95 - 84) / (107.5 - 84), abs=0.02
    )
    held, failed = 95 - 84, 107.5 - 95
    rank = 100 * failed / 2 / (held + failed)
    assert got.strength_percentile[0] == pytest.approx(rank, abs=0.02)


@pytest.mark.parametrize("kind", ["traded", "gaps", "closes"])
def test_counts_of_many_levels_at_once_equal_those_of_each(kind: str) -> None:
    path = simulated(9, 400, kind)
    rng = np.random.default_rng(4)
    last = np.sort(rng.integers(60, 400, 600))
    known = last - rng.integers(0, 55, 600)
    level = path.close[last] * np.exp(rng.normal(0, 0.03, 600))
    got = history(path, touches(path), level, known, last)
    for n in range(0, 600, 7):
        (counted,), (decided,), (bounces,) = naive(path, level[n : n + 1], known[n], last[n])
        assert (got.touches[n], got.bounces[n]) == (counted, bounces)
        assert np.isnan(got.bounce_rate_pct[n]) == (decided == 0)
    single = [
        history(path, touches(path), level[n : n + 1], known[n : n + 1], last[n : n + 1])
        for n in range(0, 600, 50)
    ]
    alone = [float(one.strength_percentile[0]) for one in single]
    assert got.strength_percentile[::50].tolist() == pytest.approx(alone, nan_ok=True)


@pytest.mark.parametrize(
    ("closes", "expected"),
    [
        ([100, 103, 103], (1, 0)),
        ([100, 103, 102.5, 103, 103], (1, 0)),  # one close beyond is none
        ([100, 103, 103, 103, 103], (1, 0)),  # and four are one
        ([103, 103, 103], (0, 0)),  # it was beyond before it was known
        ([100, 103, 103, 100, 103, 103], (2, 0)),
        ([100, 103, 103, 87, 87], (1, 1)),  # failed from above
        ([100, 87, 87.5, 87, 87], (0, 1)),  # 87.5 is a quarter of an ATR below, not more
        ([100, NAN, 103, 103], (0, 0)),  # a missing close is no close that was not beyond
        ([100, 103], (0, 0)),
        ([100], (0, 0)),
    ],
)
def test_breakouts_and_failures_by_hand(closes: list[float], expected: tuple[int, int]) -> None:
    # The zone is 90 to 100 and known at the second session.
    path = path_of([(close, close, close) for close in [95.0, *closes]])
    last = np.array([len(closes)])
    got = crossings(path, np.array([90.0]), np.array([100.0]), np.array([1]), last)
    assert tuple(int(one[0]) for one in got) == expected
