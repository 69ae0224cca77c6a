"""Who moves first: planted leads are found and signed, nothing is found in noise."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from statsmodels.tsa.api import VAR

from tests.transforms.studied_market import LARGE, MARKET, NOTHING, SMALL, levels, sessions, walks
from transforms.signals.associations import RELATIONS, associations
from transforms.signals.event_study.lead_lag import granger, partial_correlation, rotation_p
from transforms.signals.event_study.relation_series import CYCLICAL, DEFENSIVE
from transforms.signals.event_study.study import quarter_ends
from warehouse.tables.signals import Association
from warehouse.tables.table import schema

LENGTH = 1200
DAYS = sessions(LENGTH)
LAST = DAYS["session_date"][-1]


def sectors(defence: NDArray[np.float64], cyclical: NDArray[np.float64]) -> pl.DataFrame:
    return pl.concat(
        [*(levels(one, defence) for one in DEFENSIVE), *(levels(one, cyclical) for one in CYCLICAL)]
    )


def answers(closes: pl.DataFrame, flow: pl.DataFrame = NOTHING) -> dict[str, dict[str, Any]]:
    found = associations(closes, NOTHING, flow, DAYS, [LAST])
    Association.validate(found)
    assert dict(found.schema) == dict(schema(Association))
    return {row["association_id"]: row for row in found.iter_rows(named=True)}


def flows(net: NDArray[np.float64]) -> pl.DataFrame:
    return DAYS.with_columns(
        participant=pl.lit("FII"),
        scope=pl.lit("NSE+BSE+MSEI"),
        stage=pl.lit("provisional"),
        net_crore=pl.Series(net),
    )


def test_granger_equals_the_vector_autoregression_of_statsmodels() -> None:
    """Coefficients are those of VAR's equation; with one lag and no HAC that is all there is."""
    rng = np.random.default_rng(1)
    cause = rng.normal(size=800)
    effect = rng.normal(size=800)
    effect[1:] += 0.3 * cause[:-1]
    found = granger(effect, cause, 1)
    assert found is not None
    fitted = VAR(np.column_stack([effect, cause])).fit(1)
    assert found.value == pytest.approx(fitted.params[2, 0])
    assert found.observations == 799
    assert found.low < 0.3 < found.high
    error = (found.high - found.low) / 2 / 1.96
    assert error == pytest.approx(fitted.stderr[2, 0], rel=0.15)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(found.value / error), rel=1e-3)


def test_granger_sums_the_lags() -> None:
    rng = np.random.default_rng(2)
    cause, effect = rng.normal(size=2000), rng.normal(size=2000)
    effect[3:] += 0.5 * cause[:-3]
    found = granger(effect, cause, 4)
    assert found is not None
    fitted = VAR(np.column_stack([effect, cause])).fit(4)
    assert found.value == pytest.approx(fitted.params[2::2, 0].sum())
    assert found.observations == 1996
    assert found.value == pytest.approx(0.5, abs=0.1)
    reverse = granger(cause, effect, 4)
    assert reverse is not None
    assert reverse.p_value > 0.01


def clustered(seed: int, length: int) -> NDArray[np.float64]:
    """Two columns that share a market and its calm and wild times; neither leads."""
    rng = np.random.default_rng(seed)
    calm = np.zeros(length)
    for row in range(1, length):
        calm[row] = 0.97 * calm[row - 1] + 0.25 * rng.normal()
    both = 0.8 * rng.normal(size=(length, 1)) + 0.6 * rng.normal(size=(length, 2))
    found: NDArray[np.float64] = np.exp(calm / 2)[:, None] * both
    return found


def test_interval_and_p_of_a_lead_are_one_test_and_hold_their_level_in_wild_times() -> None:
    drawn = [clustered(seed, 700) for seed in range(150)]
    found = [granger(one[:, 0], one[:, 1], 4) for one in drawn]
    kept = [one for one in found if one is not None]
    assert len(kept) == 150
    is_outside = [not one.low <= 0 <= one.high for one in kept]
    assert is_outside == [one.p_value < 0.05 for one in kept]
    # 5% of 150 are 7.5, at most 15 by luck; the covariance that ignores wild times gives more.
    assert 1 <= sum(is_outside) <= 15


def test_granger_of_nothing() -> None:
    rng = np.random.default_rng(3)
    assert granger(rng.normal(size=300), np.full(300, 0.1), 4) is None
    assert granger(np.full(300, np.nan), rng.normal(size=300), 4) is None
    assert granger(rng.normal(size=12), rng.normal(size=12), 4) is None


def test_rotation_equals_brute_force() -> None:
    rng = np.random.default_rng(4)
    cause, effect = rng.normal(size=301), rng.normal(size=301)
    effect[2:] += 0.15 * cause[:-2]

    def freed(series: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = np.column_stack([np.ones(299), series[1:-1], series[:-2]])
        return series[2:] - rows @ np.linalg.lstsq(rows, series[2:], rcond=None)[0]

    after, before = freed(effect), freed(cause)

    def tie(shift: int) -> float:
        return sum(np.corrcoef(after, np.roll(before, shift + lag))[0, 1] ** 2 for lag in (1, 2))

    others = [tie(shift) for shift in range(21, 299 - 21 + 1)]
    expected = (1 + sum(one >= tie(0) for one in others)) / (1 + len(others))
    assert rotation_p(effect, cause, 2, 21) == pytest.approx(expected)


def test_rotation_is_uniform_on_noise() -> None:
    p_values = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        p_values.append(rotation_p(rng.normal(size=200), rng.normal(size=200), 2, 21))
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


def test_partial_correlation_is_that_of_residuals() -> None:
    rng = np.random.default_rng(5)
    market = rng.normal(size=500)
    one, other = market + rng.normal(size=500), -2 * market + rng.normal(size=500)
    rows = np.column_stack([one, other, market])
    fits = [np.polyval(np.polyfit(market, series, 1), market) for series in (one, other)]
    expected = np.corrcoef(one - fits[0], other - fits[1])[0, 1]
    assert partial_correlation(rows) == pytest.approx(expected)
    assert partial_correlation(np.column_stack([market, market, market])) == 0.0


def test_a_planted_lead_of_a_week_is_found_and_signed() -> None:
    """Large caps repeat half of what small caps did in the week before."""
    rng = np.random.default_rng(6)
    small = rng.normal(0, 0.01, LENGTH)
    large = rng.normal(0, 0.008, LENGTH)
    large[5:] += 0.5 * small[:-5]
    closes = pl.concat([levels(LARGE, large), levels(MARKET, large), levels(SMALL, small)])
    found = answers(closes)
    forward, back = found["small_before_large_weekly"], found["large_before_small_weekly"]
    assert forward["p_value"] < 0.001
    assert forward["low"] < 0.5 < forward["high"]
    assert forward["sample_size"] in range(230, 241)
    assert back["p_value"] > 0.05
    assert found["small_before_large_daily"]["p_value"] < 0.001


def test_flows_follow_returns_where_they_do() -> None:
    rng = np.random.default_rng(70)
    closes = walks(LENGTH, 7)
    close = closes.filter(pl.col("index_id") == MARKET)["close"].to_numpy()
    net = rng.normal(0, 500, LENGTH)
    net[2:] += 40_000 * np.diff(np.log(close))[:-1]
    found = answers(closes, flows(net))
    assert found["returns_before_flows"]["p_value"] < 0.002
    assert found["returns_before_flows"]["low"] > 0
    assert found["flows_before_returns"]["p_value"] > 0.05
    assert found["returns_before_flows"]["missing"] == ""


def test_participation_is_freed_of_shared_beta() -> None:
    """Small caps and cyclicals both have beta 1.5: they move together for that reason alone."""
    rng = np.random.default_rng(8)
    market = rng.normal(0, 0.01, LENGTH)

    def noise() -> NDArray[np.float64]:
        return rng.normal(0, 0.004, LENGTH)

    sized = [levels(LARGE, market), levels(MARKET, market), levels(SMALL, 1.5 * market + noise())]
    alone = answers(pl.concat([*sized, sectors(0.5 * market + noise(), 1.5 * market + noise())]))
    row = alone["participation_is_defensive"]
    assert row["low"] < 0 < row["high"]
    fear = noise()
    shared = [*sized[:2], levels(SMALL, 1.5 * market - fear)]
    together = answers(pl.concat([*shared, sectors(0.5 * market + fear, 1.5 * market + noise())]))
    row = together["participation_is_defensive"]
    # fear and noise are equally strong in the ratio of sectors: correlation -1 / sqrt 2.
    assert row["value"] == pytest.approx(-0.707, abs=0.06)
    assert row["high"] < 0
    assert row["p_value"] == pytest.approx(2 / 500)


def test_first_to_react_by_hand() -> None:
    """Three lows; small caps are up 5% after 1, 2 and 3 sessions, large caps after 4 each."""
    large, small = np.zeros(LENGTH), np.zeros(LENGTH)
    for number, low in enumerate((300, 500, 700)):
        large[low], small[low] = -0.15, -0.2
        large[low + 1 : low + 11] = 0.0125
        small[low + 1 + number] = 0.2
    closes = pl.concat([levels(LARGE, large), levels(MARKET, large), levels(SMALL, small)])
    row = answers(closes)["first_to_react"]
    assert row["value"] == pytest.approx(np.mean([1 - 4, 2 - 4, 3 - 4]))
    assert row["sample_size"] == 3
    # Student's t of 2 degrees is 4.303 at 95%; the sd of the three is 1.
    assert row["low"] == pytest.approx(-2 - 4.3027 / np.sqrt(3), abs=1e-3)
    assert row["p_value"] == pytest.approx(stats.ttest_1samp([-3, -2, -1], 0).pvalue)


def lows_of(*rows: int) -> NDArray[np.float64]:
    """Log returns of a market that falls by 15% on each row and is back ten sessions later."""
    found = np.zeros(LENGTH)
    for row in rows:
        found[row] = -0.15
        found[row + 1 : row + 11] = 0.0125
    return found


def jumping(after: int, *rows: int) -> NDArray[np.float64]:
    """Falls with the market, and is back at once, so many sessions after each low."""
    found = np.zeros(LENGTH)
    for row in rows:
        found[row], found[row + after] = -0.2, 0.2
    return found


WIDE = "nifty-smallcap-250"
TURNS = (200, 400, 600, 800, 1000)


def reaction(closes: pl.DataFrame, totals: pl.DataFrame, day: dt.date = LAST) -> dict[str, Any]:
    found = associations(closes, totals, NOTHING, DAYS, [day])
    return found.row(by_predicate=pl.col("association_id") == "first_to_react", named=True)


def test_where_no_price_is_held_both_are_asked_in_total_return() -> None:
    """Small caps by price from session 500 on, one session after lows; in total return before."""
    market = lows_of(*TURNS)
    sized = [levels(LARGE, market), levels(MARKET, market)]
    price = levels(SMALL, jumping(1, *TURNS)).filter(
        pl.col("session_date") >= DAYS["session_date"][500]
    )
    # In total return small caps take three sessions, and large caps two, not four.
    totals = pl.concat([levels(SMALL, jumping(3, *TURNS)), levels(LARGE, jumping(2, *TURNS))])
    row = reaction(pl.concat([*sized, price]), totals)
    assert row["value"] == pytest.approx(np.mean([3 - 2, 3 - 2, 1 - 4, 1 - 4, 1 - 4]))
    assert row["sample_size"] == 5
    assert "total return (2 of 5)" in row["method"]
    # One by price and one by total return are never compared.
    alone = reaction(pl.concat([*sized, price]), totals.filter(pl.col("index_id") == SMALL))
    assert (alone["sample_size"], alone["missing"]) == (3, "a series that varies")


def test_the_index_that_answers_most_lows_is_asked() -> None:
    market = lows_of(*TURNS)
    sized = [levels(LARGE, market), levels(MARKET, market)]
    late = levels(SMALL, jumping(1, *TURNS)).filter(
        pl.col("session_date") >= DAYS["session_date"][500]
    )
    wide = np.zeros(LENGTH)
    for number, row in enumerate(TURNS):
        wide[row], wide[row + 2 + number] = -0.2, 0.2
    told = reaction(pl.concat([*sized, late, levels(WIDE, wide)]), NOTHING)
    assert "Nifty Smallcap 250 is up 5%" in told["statement"]
    assert (told["value"], told["sample_size"]) == (pytest.approx(np.mean([2, 3, 4, 5, 6]) - 4), 5)
    # Of equal ones the headline; and it is decided by what was known, not by what came later.
    whole = levels(SMALL, jumping(1, *TURNS) + jumping(7, 1100))
    equal = reaction(pl.concat([*sized, whole, levels(WIDE, wide)]), NOTHING)
    assert "Nifty Smallcap 100 is up 5%" in equal["statement"]
    early = DAYS["session_date"][900]
    gone = whole.filter(pl.col("session_date") < DAYS["session_date"][950])
    before = reaction(pl.concat([*sized, gone, levels(WIDE, wide)]), NOTHING, early)
    assert before == reaction(pl.concat([*sized, whole, levels(WIDE, wide)]), NOTHING, early)
    assert "Nifty Smallcap 100 is up 5%" in before["statement"]


def test_a_reaction_that_may_have_come_in_a_hole_is_none() -> None:
    large, small = np.zeros(LENGTH), np.zeros(LENGTH)
    for low in (300, 500, 700, 900):
        large[low], small[low] = -0.15, -0.2
        large[low + 1 : low + 11] = 0.0125
        small[low + 1 + (low > 500)] = 0.2
    closes = pl.concat([levels(LARGE, large), levels(MARKET, large), levels(SMALL, small)])
    assert answers(closes)["first_to_react"]["sample_size"] == 4
    # Small caps are up on session 702; whether they were on 701 is not known.
    is_hole = (pl.col("index_id") == SMALL) & (pl.col("session_date") == DAYS["session_date"][701])
    assert answers(closes.filter(~is_hole))["first_to_react"]["sample_size"] == 3


def test_what_is_missing_is_named() -> None:
    found = answers(walks(LENGTH, 9).filter(pl.col("index_id") != SMALL))
    assert list(found) == list(RELATIONS)
    for name, row in found.items():
        assert (row["value"], row["low"], row["high"], row["p_value"]) == (None,) * 4
        assert row["missing"], name
    assert "0 of 104 weeks" in found["small_before_large_weekly"]["missing"]
    assert "Nifty PSU Bank" in found["participation_is_defensive"]["missing"]
    assert "net flow of FII" in found["flows_before_returns"]["missing"]


def test_smallcap_250_stands_in() -> None:
    closes = walks(LENGTH, 10).with_columns(pl.col("index_id").replace(SMALL, "nifty-smallcap-250"))
    row = answers(closes)["small_before_large_weekly"]
    assert "Nifty Smallcap 250" in row["statement"]
    assert row["value"] is not None


@pytest.mark.parametrize("length", [0, 1, 40, 400])
def test_too_few_sessions_are_no_relation(length: int) -> None:
    days = DAYS.head(length)
    closes = walks(LENGTH, 1).join(days, on="session_date", how="semi")
    found = associations(closes, NOTHING, NOTHING, days, [LAST])
    assert found["value"].null_count() == len(RELATIONS)
    assert all(found["missing"])


def test_constants_are_no_relation() -> None:
    flat = pl.concat([levels(one, np.zeros(LENGTH)) for one in (LARGE, MARKET, SMALL)])
    flat = pl.concat([flat, sectors(np.zeros(LENGTH), np.zeros(LENGTH))])
    found = answers(flat, flows(np.zeros(LENGTH)))
    assert all(row["value"] is None and row["missing"] for row in found.values())


CLOSES = pl.concat(
    [walks(LENGTH, 12), sectors(*np.random.default_rng(12).normal(0, 0.01, (2, LENGTH)))]
)
FLOWS = flows(np.random.default_rng(13).normal(0, 900, LENGTH))
QUARTERS = quarter_ends(DAYS)


def test_row_order_does_not_matter() -> None:
    frames = [one.sample(fraction=1.0, shuffle=True, seed=2) for one in (CLOSES, FLOWS, DAYS)]
    again = associations(frames[0], NOTHING, frames[1], frames[2], QUARTERS[-2:][::-1])
    assert again.equals(associations(CLOSES, NOTHING, FLOWS, DAYS, QUARTERS[-2:]))


@settings(max_examples=4, deadline=None)
@given(cut=st.integers(900, LENGTH - 1), factor=st.floats(0.5, 2.0), is_dropped=st.booleans())
def test_no_later_bar_changes_a_relation(cut: int, factor: float, is_dropped: bool) -> None:
    day: dt.date = DAYS["session_date"][cut]
    later = pl.col("session_date") > day
    through = [max(quarter for quarter in QUARTERS if quarter <= day)]
    if is_dropped:
        closes, flow, days = (one.filter(~later) for one in (CLOSES, FLOWS, DAYS))
    else:
        closes = CLOSES.with_columns(
            pl.when(later).then(pl.col("close") * factor).otherwise("close")
        )
        flow = FLOWS.with_columns(
            pl.when(later).then(0.0).otherwise("net_crore").alias("net_crore")
        )
        days = DAYS
    before = associations(CLOSES, NOTHING, FLOWS, DAYS, through)
    assert before.equals(associations(closes, NOTHING, flow, days, through))
    assert before["value"].null_count() <= 1


def test_a_week_that_has_not_ended_is_left_out() -> None:
    """2008-12-31 is a Wednesday, 2009-01-02 the Friday that ends its week."""
    closes = walks(LENGTH, 3)
    found = associations(
        closes, NOTHING, NOTHING, DAYS, [dt.date(2008, 12, 31), dt.date(2009, 1, 2)]
    )
    weekly = found.filter(pl.col("association_id") == "small_before_large_weekly")["sample_size"]
    assert weekly[1] == weekly[0] + 1
