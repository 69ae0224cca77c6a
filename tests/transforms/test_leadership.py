"""Who leads: against scipy, brute force, plain Python, and contributions chained."""

from __future__ import annotations

import itertools
import math
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy import stats  # type: ignore[import-untyped]

from tests.transforms.breadth_market import calendar, weekdays
from tests.transforms.leadership_market import INDEX, closes, member, memberships, quality
from transforms.metrics.contribution import chained
from transforms.metrics.leadership import (
    LEADERSHIP_COLUMNS,
    PAST_COLUMNS,
    TAIL_SESSIONS,
    leadership,
)
from transforms.metrics.leadership_sections import (
    LEAST_MEMBERS,
    MEMBER_COLUMNS,
    UNIVERSES,
    chance,
    leadership_sections,
)
from transforms.metrics.leadership_sectors import NAMED_SECTORS, chance_of_subset, named_sectors
from transforms.metrics.leadership_tables import METRICS, Leadership
from warehouse.tables.table import schema

DAYS = weekdays(40)
SESSIONS = calendar(DAYS)
SHARES = [f"S{number:02}" for number in range(30)]
RANDOM = np.random.default_rng(11)


def shares(*rows: dict[str, Any]) -> pl.DataFrame:
    kinds: dict[str, Any] = {
        "session_date": pl.Date,
        "instrument_id": pl.String,
        "is_ordinary": pl.Boolean,
    }
    return pl.DataFrame(
        [{"is_ordinary": True, **row} for row in rows],
        schema={name: kinds.get(name, pl.Float32) for name in MEMBER_COLUMNS},
    )


SCORES = dict(zip(SHARES, RANDOM.normal(0, 1, 30).round(3).tolist(), strict=True))
RETURNS = dict(zip(SHARES, RANDOM.normal(2, 6, 30).round(3).tolist(), strict=True))
BETAS = dict(zip(SHARES, RANDOM.normal(1, 0.4, 30).round(3).tolist(), strict=True))
END, START = DAYS[30], DAYS[21]
MARKET_CLOSES = [10_000 * 1.012**number for number in range(40)]
MARKET_RETURN = 100 * (1.012**9 - 1)
INDICES = closes(DAYS, MARKET_CLOSES, "nifty-500")
SECTION = quality(DAYS[5], dict.fromkeys(SHARES, 1), SCORES)
WINDOW = shares(
    *[
        {
            "session_date": day,
            "instrument_id": share,
            "return_9_pct": RETURNS[share] if day == END else -50.0,
            # What was known at the end must not sort: turned round, it would.
            "beta_252_nifty_500": BETAS[share] if day == START else -BETAS[share],
        }
        for share in SHARES
        for day in DAYS[21:31]
    ]
)


def sections(
    rows: pl.DataFrame = WINDOW,
    spans: pl.DataFrame | None = None,
    scored: pl.DataFrame = SECTION,
    universe: str = "market",
) -> dict[str, Any]:
    """The row of the last day."""
    told = leadership_sections(
        rows,
        memberships() if spans is None else spans,
        INDICES,
        quality=scored,
        sessions=SESSIONS,
        since=END,
    )
    assert told["universe"].to_list() == sorted(UNIVERSES)
    return told.row(by_predicate=pl.col("universe") == universe, named=True)


def single(values: dict[str, float]) -> list[float]:
    return [float(np.float32(values[share])) for share in SHARES]


def test_coefficients_are_scipys() -> None:
    told = sections()
    scores = [SCORES[share] for share in SHARES]
    raw = stats.spearmanr(scores, single(RETURNS)).statistic
    residual = np.array(single(RETURNS)) - np.array(single(BETAS)) * MARKET_RETURN
    adjusted = stats.spearmanr(scores, residual).statistic
    assert told["ic_9"] == pytest.approx(raw, abs=1e-9)
    assert told["ic_beta_adjusted_9"] == pytest.approx(adjusted, abs=1e-9)
    assert abs(raw - adjusted) > 0.01
    assert told["ic_members_9"] == 30
    assert told["ic_21"] is told["ic_21_p"] is told["beta_spread_21"] is None


@pytest.mark.parametrize("ties", [False, True])
def test_the_chance_is_that_of_permutations(ties: bool) -> None:
    score = np.array([SCORES[share] for share in SHARES])
    value = 0.25 * score + RANDOM.normal(0, 1, 30)
    if ties:
        score, value = score.round(0), value.round(0)

    def statistic(dealt: Any, axis: int) -> Any:
        ranks = stats.rankdata(dealt, axis=axis)
        fixed = stats.rankdata(value)
        centred = ranks - ranks.mean(axis=axis, keepdims=True)
        spread = np.sqrt((centred**2).sum(axis=axis) * ((fixed - fixed.mean()) ** 2).sum())
        return (centred * (fixed - fixed.mean())).sum(axis=axis) / spread

    dealt = stats.permutation_test(
        (score,),
        statistic,
        permutation_type="pairings",
        n_resamples=20_000,
        alternative="greater",
        vectorized=True,
        rng=np.random.default_rng(1),
    )
    own = chance(pl.Series([float(stats.spearmanr(score, value).statistic)]), pl.Series([30]))
    assert own.item() == pytest.approx(dealt.pvalue, abs=0.012)
    # Exactly, and with ties: mean 0, variance 1 / (n - 1).
    assert dealt.null_distribution.var() == pytest.approx(1 / 29, rel=0.04)


def test_the_chance_is_one_sided() -> None:
    told = chance(pl.Series([0.0, 1.0, -1.0, None, 0.3]), pl.Series([50, 50, 50, 50, 101]))
    want = stats.norm.sf([0, 7, -7]).tolist()
    assert told.to_list()[:3] == pytest.approx(want, rel=1e-12)
    assert told[3] is None
    assert told[4] == pytest.approx(stats.norm.sf(3.0), rel=1e-9)


def test_beta_spread_is_the_outer_fifths() -> None:
    order = sorted(SHARES, key=lambda share: BETAS[share])
    low, high = order[:6], order[-6:]
    want = sum(RETURNS[one] for one in high) / 6 - sum(RETURNS[one] for one in low) / 6
    assert sections()["beta_spread_9"] == pytest.approx(want, abs=1e-5)


def test_equal_betas_part_nobody() -> None:
    rows = WINDOW.with_columns(beta_252_nifty_500=pl.lit(1.0, dtype=pl.Float32))
    assert sections(rows)["beta_spread_9"] is None
    same = WINDOW.with_columns(return_9_pct=pl.lit(3.0, dtype=pl.Float32))
    assert sections(same)["ic_9"] is sections(same)["ic_9_p"] is None
    assert sections(same)["beta_spread_9"] == 0


def test_members_and_quality_are_those_of_the_windows_start() -> None:
    later = DAYS[DAYS.index(START) + 1]
    spans = memberships(
        *[member(share) for share in SHARES[:24]],
        *[member(share, since=later) for share in SHARES[24:]],  # joined after they rose
    )
    told = sections(spans=spans, universe=INDEX)
    inside = SHARES[:24]
    want = stats.spearmanr([SCORES[s] for s in inside], [RETURNS[s] for s in inside]).statistic
    assert told["ic_members_9"] == 24
    assert told["ic_9"] == pytest.approx(want, abs=1e-9)
    turned = quality(later, dict.fromkeys(SHARES, 1), {one: -s for one, s in SCORES.items()})
    assert sections(scored=pl.concat([SECTION, turned]))["ic_9"] == sections()["ic_9"]
    # What was filed in the evening after the window's first close came too late for it.
    that_evening = turned.with_columns(session_date=pl.lit(START))
    assert sections(scored=pl.concat([SECTION, that_evening]))["ic_9"] == sections()["ic_9"]
    on_time = turned.with_columns(session_date=pl.lit(DAYS[DAYS.index(START) - 1]))
    assert sections(scored=pl.concat([SECTION, on_time]))["ic_9"] == -sections()["ic_9"]


def test_few_members_without_quality_and_without_a_market() -> None:
    few = WINDOW.filter(pl.col("instrument_id").is_in(SHARES[: LEAST_MEMBERS - 1]))
    told = sections(few)
    assert told["ic_9"] is told["ic_beta_adjusted_9"] is told["beta_spread_9"] is None
    assert told["ic_members_9"] == LEAST_MEMBERS - 1
    enough = WINDOW.filter(pl.col("instrument_id").is_in(SHARES[:LEAST_MEMBERS]))
    assert sections(enough)["ic_9"] is not None
    nobody = sections(scored=SECTION.clear())
    assert (nobody["ic_members_9"], nobody["ic_9"]) == (0, None)
    assert nobody["beta_spread_9"] is not None
    blind = leadership_sections(
        WINDOW, memberships(), INDICES.clear(), quality=SECTION, sessions=SESSIONS, since=END
    ).filter(universe="market")
    assert blind["ic_9"].item() is not None
    assert blind["ic_beta_adjusted_9"].item() is blind["ic_beta_adjusted_9_p"].item() is None


@pytest.mark.parametrize("day", [START, DAYS[25]])
def test_who_did_not_trade_throughout_is_left_out(day: date) -> None:
    absent = (pl.col("instrument_id") == SHARES[0]) & (pl.col("session_date") == day)
    assert sections(WINDOW.filter(~absent))["ic_members_9"] == 29


@settings(max_examples=5, deadline=None)
@given(number=st.integers(22, 39), seed=st.integers(0, 1000))
def test_sections_of_nights_equal_the_whole(number: int, seed: int) -> None:
    rng = np.random.default_rng(7)
    names = [f"T{one:02}" for one in range(24)]
    rows = shares(
        *[
            {
                "session_date": day,
                "instrument_id": name,
                "is_ordinary": name != "T05",
                "return_9_pct": rng.normal(),
                "return_21_pct": rng.normal(),
                "beta_252_nifty_500": None if rng.random() < 0.05 else rng.normal(1, 1),
            }
            for day in DAYS
            for name in names
            if rng.random() < 0.999
        ]
    )
    scored = pl.concat(
        quality(day, dict.fromkeys(names, 1), dict(zip(names, rng.normal(size=24), strict=True)))
        for day in (DAYS[3], DAYS[15])
    )
    spans = memberships(*[member(name) for name in names[:-1]], member(names[-1], until=DAYS[18]))

    def told(rows: pl.DataFrame, scored: pl.DataFrame, last: int, since: int) -> pl.DataFrame:
        until = pl.col("session_date") <= DAYS[last]
        return leadership_sections(
            rows.filter(until), spans, INDICES.filter(until), quality=scored.filter(until),
            sessions=SESSIONS.filter(until), since=DAYS[since],
        )  # fmt: skip

    whole = told(rows, scored, 39, 0)
    assert whole.filter(universe=INDEX)["ic_9"].drop_nulls().len() > 20
    shuffled = [one.sample(fraction=1, shuffle=True, seed=seed) for one in (rows, scored)]
    assert_frame_equal(told(shuffled[0], shuffled[1], 39, 0), whole, rel_tol=0, abs_tol=0)
    early = whole.filter(pl.col("session_date") <= DAYS[number])
    assert_frame_equal(told(rows, scored, number, 0), early, rel_tol=0, abs_tol=0)
    near = rows.filter(pl.col("session_date") >= DAYS[number - 21])
    assert_frame_equal(
        told(near, scored, number, number),
        whole.filter(session_date=DAYS[number]),
        rel_tol=0,
        abs_tol=0,
    )


@pytest.mark.parametrize(
    ("ranks", "size"),
    [((2, 4, 6, 8, 10, 12, 14), 3), ((2, 5, 5, 8, 10, 13, 13, 16), 4), ((3, 3, 6), 1)],
)
def test_a_subsets_chance_is_counted(ranks: tuple[int, ...], size: int) -> None:
    sums = [sum(one) for one in itertools.combinations(ranks, size)]
    for total in sorted(set(sums)):
        want = sum(one >= total for one in sums) / len(sums)
        assert chance_of_subset(ranks, size, total) == pytest.approx(want, abs=1e-15)


def test_a_subsets_chance_is_mann_and_whitneys() -> None:
    values = RANDOM.normal(0, 1, 22)
    ranks = stats.rankdata(values).astype(int)
    want = stats.mannwhitneyu(values[:6], values[6:], alternative="greater", method="exact")
    told = chance_of_subset(tuple(range(2, 46, 2)), 6, int(2 * ranks[:6].sum()))
    assert told == pytest.approx(want.pvalue, rel=1e-12)


# Contributions of a hundred sessions, made by hand.

LONG = weekdays(100)
LONG_SESSIONS = calendar(LONG)
OTHERS = ("Healthcare", "Power", "Realty", "Telecommunication", "Metals & Mining", "Media")


def contribution(universe: str, grouping: str, name: str, **values: Any) -> pl.DataFrame:
    """Rows of mart.contribution of one group at every session of LONG."""
    usual: dict[str, Any] = {
        "is_survivorship_biased": False,
        "compared": 5,
        "weight_pct": 100.0,
        "return_pct": None,
        "equal_return_pct": None,
        "contribution_points": None,
        "index_close_before": None,
        "index_return_pct": None,
    }
    numbers = {name: pl.Float64 for name, value in usual.items() if value is None}
    return pl.DataFrame(
        {
            "session_date": LONG,
            "universe": universe,
            "grouping": grouping,
            "group_name": name,
            **{**usual, **values},
        },
        schema_overrides=numbers,
    )


@lru_cache(maxsize=1)
def market_rows() -> tuple[pl.DataFrame, dict[str, Any]]:
    """An index of three thirds by quality and as many by speculation, and the numbers behind."""
    rng = np.random.default_rng(4)
    returns = {
        name: rng.normal(0.3, 1.2, 100)
        for name in ("top", "middle", "bottom", "hot", *NAMED_SECTORS, *OTHERS)
    }
    weights = {"top": rng.uniform(35, 45, 100), "bottom": rng.uniform(15, 25, 100)}
    weights["middle"] = 100 - weights["top"] - weights["bottom"]
    points = {name: weights[name] * returns[name] / 100 for name in weights}
    whole = sum(points.values())
    published = whole + rng.normal(0, 0.03, 100)
    before = 5000 * np.concatenate([[1.0], np.cumprod(1 + published / 100)[:-1]])
    index = {"index_close_before": before, "index_return_pct": published}
    rows = [
        contribution(
            INDEX, "whole", "all", return_pct=whole, contribution_points=whole,
            equal_return_pct=whole / 2, **index,
        ),
        *[
            contribution(
                INDEX, "quality", f"{name} third", return_pct=returns[name],
                weight_pct=weights[name], contribution_points=points[name],
                equal_return_pct=returns[name] / 2, **index,
            )
            for name in weights
        ],
        contribution(
            INDEX, "speculative", "top third", return_pct=returns["hot"],
            equal_return_pct=returns["hot"] / 3, weight_pct=30.0,
            contribution_points=0.3 * returns["hot"], **index,
        ),
        *[
            contribution(INDEX, "sector", name, return_pct=returns[name], weight_pct=8.0, **index)
            for name in (*NAMED_SECTORS, *OTHERS)
        ],
        contribution(INDEX, "sector", "unknown", return_pct=50.0, weight_pct=1.0, **index),
    ]  # fmt: skip
    numbers = {**returns, "published": published, "before": before}
    return pl.concat(rows, how="diagonal_relaxed"), numbers


def no_sections() -> pl.DataFrame:
    return leadership_sections(
        WINDOW.clear(),
        memberships(),
        INDICES,
        quality=SECTION,
        sessions=LONG_SESSIONS,
        since=LONG[0],
    )


def told_of(rows: pl.DataFrame, index: pl.DataFrame | None = None, **more: Any) -> pl.DataFrame:
    return leadership(
        rows, no_sections(), INDICES.clear() if index is None else index, LONG_SESSIONS, **more
    )


def chain(returns: Any, last: int, n: int) -> float:
    return 100 * (math.prod(1 + float(one) / 100 for one in returns[last - n + 1 : last + 1]) - 1)


@pytest.mark.parametrize("n", [9, 21, 63])
def test_attribution_windows_are_contributions_chained(n: int) -> None:
    rows, _ = market_rows()
    told = told_of(rows)
    assert told[f"residual_{n}_bps"].null_count() == n - 1
    lifts = 0
    for last in range(n, 100, 7):
        want = chained(rows, LONG[last - n], LONG[last])
        own = told.row(last, named=True)
        whole = want.filter(grouping="whole")
        assert own[f"residual_{n}_bps"] == pytest.approx(
            100 * whole["residual_points"].item(), abs=1e-6
        )
        lift = want.filter(grouping="quality", group_name="top third")["lift"].item()
        assert (own[f"quality_lift_{n}"] is None) == (lift is None)
        if lift is not None:
            lifts += 1
            assert own[f"quality_lift_{n}"] == pytest.approx(lift, abs=1e-7)
    assert lifts > 0


@pytest.mark.parametrize("n", [9, 21, 63])
def test_spreads_are_of_chained_returns(n: int) -> None:
    rows, numbers = market_rows()
    told = told_of(rows)
    for last in (n - 1, 80, 99):
        own = told.row(last, named=True)
        top, bottom, hot = (chain(numbers[one], last, n) for one in ("top", "bottom", "hot"))
        assert own[f"quality_less_speculative_{n}_points"] == pytest.approx(top - hot, abs=1e-7)
        assert own[f"quality_spread_{n}_points"] == pytest.approx(top - bottom, abs=1e-7)
        top, bottom = (chain(numbers[one] / 2, last, n) for one in ("top", "bottom"))
        hot = chain(numbers["hot"] / 3, last, n)
        assert own[f"quality_less_speculative_equal_{n}_points"] == pytest.approx(
            top - hot, abs=1e-7
        )
        assert own[f"quality_spread_equal_{n}_points"] == pytest.approx(top - bottom, abs=1e-7)
    assert told[f"quality_spread_{n}_points"].null_count() == n - 1


def test_of_a_small_move_there_is_no_lift() -> None:
    flat = contribution(
        INDEX, "whole", "all", contribution_points=0.11,
        index_close_before=[100 * 1.0011**number for number in range(100)], index_return_pct=0.11,
    )  # fmt: skip
    top = contribution(INDEX, "quality", "top third", contribution_points=0.055, weight_pct=25.0)
    told = told_of(pl.concat([flat, top], how="diagonal_relaxed"))
    assert told["quality_lift_9"].null_count() == 100  # 9 times 0.11 is below 1
    assert told["quality_lift_21"][99] == pytest.approx(2, abs=1e-6)  # half the move, a quarter


def test_named_sectors_stand_among_all() -> None:
    rows, numbers = market_rows()
    told = told_of(rows)
    names = (*NAMED_SECTORS, *OTHERS)
    for n, last in itertools.product((9, 21), (30, 61, 99)):
        own = told.row(last, named=True)
        values = [chain(numbers[one], last, n) for one in names]
        ranks = stats.rankdata(values)
        assert (own[f"sectors_{n}"], own[f"named_sectors_{n}"]) == (12, 6)
        places = 100 * (ranks[:6] - 0.5) / 12
        assert own[f"named_sector_percentile_{n}"] == pytest.approx(places.mean())
        assert own[f"named_in_top_third_{n}"] == (ranks[:6] > 8).sum()
        want = stats.mannwhitneyu(values[:6], values[6:], alternative="greater", method="exact")
        assert own[f"named_sector_p_{n}"] == pytest.approx(want.pvalue, abs=1e-9)
    assert told["sectors_9"].null_count() == 8
    assert told["named_sector_p_9"].null_count() == 8


def test_one_sector_and_none_named_are_no_test() -> None:
    rows, _ = market_rows()
    for kept in ([NAMED_SECTORS[0]], list(OTHERS), list(NAMED_SECTORS)):
        some = rows.filter((pl.col("grouping") == "sector") & pl.col("group_name").is_in(kept))
        told = named_sectors(some, LONG_SESSIONS, None)
        assert told["sectors_9"][99] == len(kept)
        for column in ("named_in_top_third_9", "named_percentile_9", "named_p_9"):
            assert told[column].null_count() == 100, (kept, column)


def test_microcaps_stand_in_the_row_of_the_market() -> None:
    market = contribution("market", "whole", "all", return_pct=1.0)
    rng = np.random.default_rng(9)
    levels = {
        name: 1000 * np.cumprod(1 + rng.normal(0, 0.01, 100))
        for name in ("nifty-microcap-250", "nifty-smallcap-250", "nifty-smallcap-100")
    }
    index = pl.concat(closes(LONG, levels[name].tolist(), name) for name in levels)
    told = told_of(pl.concat([market, market_rows()[0]], how="diagonal_relaxed"), index)
    own, others = told.filter(universe="market"), told.filter(universe=INDEX)
    micro = levels["nifty-microcap-250"]
    for n, size in itertools.product((9, 21, 63), (250, 100)):
        name, small = f"microcap_less_smallcap_{size}_{n}_points", levels[f"nifty-smallcap-{size}"]
        want = 100 * (micro[99] / micro[99 - n] - small[99] / small[99 - n])
        assert own[name][99] == pytest.approx(want, abs=1e-8)
        assert own[name].null_count() == n
        assert others[name].null_count() == 100


def test_sections_are_passed_on() -> None:
    rows = contribution("market", "whole", "all").with_columns(session_date=pl.Series(LONG))
    told = leadership_sections(
        WINDOW, memberships(), INDICES, quality=SECTION, sessions=SESSIONS, since=END
    )
    seen = leadership(rows, told, INDICES, LONG_SESSIONS).filter(session_date=END)
    row = told.filter(universe="market")
    for mine, theirs in (
        ("quality_ic_9", "ic_9"),
        ("quality_ic_9_p", "ic_9_p"),
        ("quality_ic_beta_adjusted_9", "ic_beta_adjusted_9"),
        ("quality_ic_members_9", "ic_members_9"),
        ("beta_spread_9_points", "beta_spread_9"),
    ):
        assert seen[mine].item() == pytest.approx(row[theirs].item(), abs=1e-9), mine
        assert seen[mine].item() is not None


def test_the_bias_of_the_longest_window_is_told() -> None:
    rows = contribution("market", "whole", "all").with_columns(
        is_survivorship_biased=pl.col("session_date") <= LONG[10]
    )
    flags = told_of(rows)["is_survivorship_biased"].to_list()
    assert flags == [number <= 10 + TAIL_SESSIONS - 1 for number in range(100)]


def test_the_rows_are_those_of_the_table() -> None:
    told = told_of(market_rows()[0])
    assert list(LEADERSHIP_COLUMNS) == list(schema(Leadership)) == told.columns
    assert dict(told.schema) == schema(Leadership)
    Leadership.validate(told)
    for item in METRICS["mart.leadership"]:
        low, high = item.bounds
        known = told[item.id].drop_nulls()
        assert low is None or known.is_empty() or float(known.min()) >= low  # type: ignore[arg-type]
        assert high is None or known.is_empty() or float(known.max()) <= high  # type: ignore[arg-type]


@settings(max_examples=5, deadline=None)
@given(number=st.integers(1, 99), seed=st.integers(0, 1000))
def test_nights_equal_the_whole_and_the_future_changes_nothing(number: int, seed: int) -> None:
    rows, _ = market_rows()
    told = told_of(rows)
    assert_frame_equal(
        told_of(rows.sample(fraction=1, shuffle=True, seed=seed)), told, rel_tol=0, abs_tol=0
    )
    day, first = LONG[number], LONG[max(number - TAIL_SESSIONS, 0)]
    early = told_of(rows.filter(pl.col("session_date") <= day))
    assert_frame_equal(early, told.filter(pl.col("session_date") <= day), rel_tol=0, abs_tol=0)
    night = told_of(
        rows.filter(pl.col("session_date") >= first),
        since=day,
        past=told.filter(pl.col("session_date") < day).select(PAST_COLUMNS),
    )
    assert_frame_equal(night, told.filter(pl.col("session_date") >= day), rel_tol=0, abs_tol=0)


@pytest.mark.parametrize("new", [1, 4, 15])
def test_percentiles_go_on_from_the_past(new: int) -> None:
    days = weekdays(800)
    sessions = calendar(days)
    rng = np.random.default_rng(2)
    micro, small = (1000 * np.cumprod(1 + rng.normal(0, 0.01, 800)) for _ in range(2))
    index = pl.concat(
        [
            closes(days, micro.tolist(), "nifty-microcap-250"),
            closes(days, small.tolist(), "nifty-smallcap-250"),
        ]
    )
    one = contribution("market", "whole", "all").head(1)
    rows = one.drop("session_date").join(pl.DataFrame({"session_date": days}), how="cross")
    whole = leadership(rows, no_sections(), index, sessions)
    name = "microcap_less_smallcap_250_9_points"
    values = whole[name].to_list()
    for last in (9 + 755, 799):
        want = stats.percentileofscore(values[9 : last + 1], values[last], kind="mean")
        assert whole[f"{name}_percentile"][last] == pytest.approx(want, abs=1e-9)
    assert whole[f"{name}_percentile"].null_count() == 9 + 755
    since = days[800 - new]
    night = leadership(
        rows, no_sections(), index, sessions, since=since,
        past=whole.filter(pl.col("session_date") < since).select(PAST_COLUMNS),
    )  # fmt: skip
    assert_frame_equal(
        night, whole.filter(pl.col("session_date") >= since), rel_tol=0, abs_tol=1e-9
    )


def test_since_without_the_past_is_refused() -> None:
    with pytest.raises(ValueError, match="expected both since and past"):
        told_of(market_rows()[0], since=date(2025, 9, 9))
