"""Flow metrics, by hand and against constructed vectors."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy.stats import percentileofscore

from transforms.metrics.flows_of_funds import FLOW, financial_year, flow

ARCHIVE = Path(os.environ.get("RISKON_ARCHIVE", Path(__file__).parents[3] / "shared" / "archive"))
VECTORS = ARCHIVE.parent / "vectors" / "constructed" / "flows.json"

ROW: dict[str, Any] = {
    "session_date": pl.Date,
    "participant": pl.String,
    "scope": pl.String,
    "stage": pl.String,
    "source_id": pl.String,
    "buy_crore": pl.Decimal(18, 2),
    "sell_crore": pl.Decimal(18, 2),
    "net_crore": pl.Decimal(18, 2),
    "is_imported": pl.Boolean,
}
START = date(2025, 9, 1)


def sessions(count: int, start: date = START) -> pl.DataFrame:
    """Sessions on every calendar day: what the sequence is called does not matter."""
    return pl.DataFrame({"session_date": [start + timedelta(days=n) for n in range(count)]})


def rows(
    nets: Sequence[str | float | None],
    *,
    start: date = START,
    participant: str = "FII",
    scope: str = "NSE+BSE+MSEI",
    source_id: str = "nse_fii_dii",
    is_imported: bool = False,
) -> pl.DataFrame:
    """One row a day; None leaves the day out."""
    return pl.DataFrame(
        [
            (
                start + timedelta(days=n),
                participant,
                scope,
                "provisional",
                source_id,
                None,
                None,
                Decimal(str(net)),
                is_imported,
            )
            for n, net in enumerate(nets)
            if net is not None
        ],
        schema=ROW,
        orient="row",
    )


def metric(name: str, nets: Sequence[str | float | None]) -> list[Any]:
    return flow(rows(nets), sessions(len(nets)))[name].to_list()


@pytest.fixture
def vectors() -> Any:
    if not VECTORS.exists():
        pytest.skip(f"no vectors at {VECTORS}")
    return json.loads(VECTORS.read_text())


def test_sum_and_streak_of_the_constructed_flows(vectors: Any) -> None:
    result = flow(rows(vectors["fii_net_crore"]), sessions(9))
    assert result["net_sum_9_crore"].to_list() == [None] * 8 + [vectors["sum9_crore"]]
    assert result["streak_sessions"][-1] == vectors["streak_buy_now"]
    assert result["streak_sessions"].max() == vectors["longest_buy_streak"]


def test_financial_years_of_the_constructed_dates(vectors: Any) -> None:
    frame = pl.DataFrame(vectors["fy"]).with_columns(pl.col("date").str.to_date())
    assert frame.select(financial_year(pl.col("date"))).to_series().to_list() == [
        int("20" + one["fy"][2:]) for one in vectors["fy"]
    ]


def test_sums_are_exact_to_the_paisa_of_a_crore() -> None:
    # As floats 0.1 + 0.2 is 0.30000000000000004, and 1e9 swallows what follows.
    assert metric("net_sum_1_crore", ["0.1", "0.2"]) == [0.1, 0.2]
    assert metric("net_sum_5_crore", ["999999999.99", "0.01", "0.02", "0.07", "-1000000000"]) == [
        None,
        None,
        None,
        None,
        0.09,
    ]


def test_a_missing_session_makes_the_windows_over_it_null() -> None:
    nets = [1, 2, 3, 4, None, 6, 7, 8, 9, 10]
    assert metric("net_sum_5_crore", nets) == [None] * 8 + [40.0]
    assert metric("net_sum_1_crore", nets) == [1, 2, 3, 4, 6, 7, 8, 9, 10]


def test_streaks_count_from_a_change_that_was_seen() -> None:
    nets = [5, 5, -1, -1, -1, 0, 2, 0, 0, 3, 3, None, 3, 3, -4, -4]
    # Before the first change and after the hole nobody knows how long it has lasted.
    expected = [None, None, -1, -2, -3, 0, 1, 0, 0, 1, 2, None, None, -1, -2]
    assert metric("streak_sessions", nets) == expected


def test_a_balanced_session_is_a_streak_of_nothing_even_on_the_first_row() -> None:
    assert metric("streak_sessions", [0, 3]) == [0, 1]


def test_financial_year_sums_from_april_and_needs_each_session() -> None:
    start = date(2025, 3, 30)
    days = sessions(6, start)
    nets = [100, 200, 1, 2, -5, 0.5]  # 30 and 31 March, then four days of April
    whole = flow(rows(nets, start=start), days)["financial_year_net_crore"].to_list()
    # March belongs to a year whose beginning is not held.
    assert whole == [None, None, 1, 3, -2, -1.5]
    holed = flow(rows([100, None, 1, 2, None, 0.5], start=start), days)
    assert holed["financial_year_net_crore"].to_list() == [None, 1, 3, None]
    first = flow(rows([1, 2, -5, 0.5], start=date(2025, 4, 1)), days)
    assert first["financial_year_net_crore"].to_list() == [1, 3, -2, -1.5]
    late = flow(rows([2, -5, 0.5], start=date(2025, 4, 2)), days)
    assert late["financial_year_net_crore"].to_list() == [None, None, None]


def test_slope_is_the_change_of_the_20_session_sum_a_session() -> None:
    # Nets of 1, 2, 3 ... make each sum of 20 greater by 20.
    result = metric("net_sum_20_slope", list(range(1, 28)))
    assert result == [None] * 24 + [20.0] * 3


def test_z_stands_on_the_756_sums_before_whatever_holes_lie_between() -> None:
    rng = np.random.default_rng(3)
    nets: list[float | None] = [round(float(one), 2) for one in rng.normal(50, 900, 800)]
    nets[300] = None
    result = flow(rows(nets), sessions(800))
    sums = result["net_sum_10_crore"].to_list()
    z = result["net_sum_10_z"].to_list()
    held = [n for n, one in enumerate(sums) if one is not None]
    for place in (756, 757, len(held) - 1):
        past = np.array([sums[n] for n in held[place - 756 : place]])
        value = sums[held[place]]
        assert z[held[place]] == pytest.approx((value - past.mean()) / past.std(ddof=1), abs=1e-9)
    assert [one for one in z[: held[756]] if one is not None] == []
    assert len(held) == 781  # 800 less the hole, 9 at the start and 9 after the hole


def test_z_of_flows_that_never_vary_is_null() -> None:
    assert set(metric("net_sum_10_z", [7] * 800)) == {None}


def test_percentile_is_the_expanding_mid_rank() -> None:
    nets = [float(one) for one in np.random.default_rng(4).integers(-6, 6, 770)]
    result = flow(rows(nets), sessions(770))
    sums = result["net_sum_5_crore"].to_list()
    rank = result["net_sum_5_crore_percentile"].to_list()
    assert rank[758] is None
    for n in (759, 769):
        assert rank[n] == pytest.approx(percentileofscore(sums[4 : n + 1], sums[n], kind="mean"))


def test_scopes_and_participants_never_mix() -> None:
    mixed = pl.concat(
        [
            rows([1, 2, 3, 4, 5]),
            rows([10, 20, 30, 40, 50], scope="NSE"),
            rows([100, 200, 300, 400, 500], participant="DII"),
        ]
    )
    last = flow(mixed, sessions(5)).filter(pl.col("session_date") == date(2025, 9, 5))
    assert sorted(last["net_sum_5_crore"]) == [15, 150, 1500]


def test_the_publishers_own_row_stands_before_an_imported_one() -> None:
    own = rows([1, None, 3])
    imported = rows([7, 8, 9], source_id="a_first_by_name", is_imported=True)
    result = flow(pl.concat([imported, own]), sessions(3))
    assert result["net_crore"].to_list() == [1, 8, 3]
    assert result["is_imported"].to_list() == [False, True, False]


def test_a_flow_on_a_date_that_is_no_session_is_left_out() -> None:
    days = sessions(6).filter(pl.col("session_date") != date(2025, 9, 3))
    result = flow(rows([1, 2, 400, 4, 5, 6]), days)
    assert result["net_crore"].to_list() == [1, 2, 4, 5, 6]
    assert result["net_sum_5_crore"].to_list() == [None] * 4 + [18]


def test_bought_and_sold_are_kept() -> None:
    frame = rows([1]).with_columns(
        buy_crore=pl.lit(Decimal("11.25")), sell_crore=pl.lit(Decimal("10.25"))
    )
    row = flow(frame.cast(ROW), sessions(1)).row(0, named=True)
    assert (row["buy_crore"], row["sell_crore"], row["net_crore"]) == (11.25, 10.25, 1.0)


def traded(
    nets: Sequence[float], sold: Sequence[float | None], turnover: Sequence[float | None]
) -> pl.DataFrame:
    """Rows with purchases, sales and the exchange's turnover."""
    return rows(nets).with_columns(
        sell_crore=pl.Series([None if one is None else Decimal(str(one)) for one in sold]),
        buy_crore=pl.Series(
            [
                None if one is None else Decimal(str(one)) + Decimal(str(net))
                for one, net in zip(sold, nets, strict=True)
            ]
        ),
        turnover_crore=pl.Series([None if one is None else Decimal(str(one)) for one in turnover]),
    )


def test_longer_sums_are_sums() -> None:
    nets = [(-1) ** n * n for n in range(1, 63)]
    for n in (40, 60):
        result = metric(f"net_sum_{n}_crore", nets)
        assert result == [None] * (n - 1) + [sum(nets[k - n : k]) for k in range(n, 63)]


def test_net_over_gross_is_the_net_of_all_they_traded() -> None:
    # Ten sessions of 30 bought and 10 sold: 200 net of 400; then one of 10 sold alone.
    frame = traded([20.0] * 10 + [-10.0], [10.0] * 11, [None] * 11)
    result = flow(frame, sessions(11))["net_to_gross_10_pct"].to_list()
    assert result == [None] * 9 + [50.0, pytest.approx(100 * 170 / 370)]
    unknown = traded([20.0] * 11, [10.0] * 4 + [None] + [10.0] * 6, [None] * 11)
    assert set(flow(unknown, sessions(11))["net_to_gross_10_pct"]) == {None}
    nothing = traded([0.0] * 10, [0.0] * 10, [None] * 10)
    assert set(flow(nothing, sessions(10))["net_to_gross_10_pct"]) == {None}


def test_share_of_turnover_is_in_basis_points_of_what_was_known() -> None:
    # 10 x 50 net of 10 x 1,00,000 traded: 5 basis points.
    frame = traded([50.0] * 12, [100.0] * 12, [None] + [100000.0] * 10 + [None])
    result = flow(frame, sessions(12))["share_of_turnover_10_bps"].to_list()
    assert result == [None] * 10 + [5.0, None]


def calm_after_storm(last: Sequence[float]) -> list[float]:
    """Sixty sessions that swing by 600 each way, selling 100 on balance, then ten as told."""
    return [*[-100 + 600 * (-1) ** n for n in range(60)], *last]


@pytest.mark.parametrize(
    ("last", "is_stable"),
    [
        ([50.0, 40.0] * 5, True),  # selling stops, days are alike
        ([50.0, -1900.0] * 5, False),  # wilder, and sells more
        ([-300.0, -310.0] * 5, False),  # calm, but it is steady selling
        ([-500.0, 2500.0] * 5, False),  # buys, but wildly
    ],
)
def test_stabilising_is_a_better_trend_with_calmer_days(last: list[float], is_stable: bool) -> None:
    nets = calm_after_storm(last)
    result = flow(rows(nets), sessions(70))
    row = result.row(69, named=True)
    calm = np.std(last, ddof=1) / np.std(nets[:60], ddof=1)
    slope = (sum(nets[50:70]) - sum(nets[45:65])) / 5
    assert row["net_sd_10_ratio"] == pytest.approx(calm, rel=1e-9)
    assert row["net_sum_20_slope"] == pytest.approx(slope)
    assert row["is_stabilising"] is is_stable
    assert bool(calm <= 1 and slope > 0) is is_stable
    assert result["is_stabilising"].to_list()[:69] == [None] * 69


def test_without_swings_before_nothing_is_calmer() -> None:
    result = flow(rows([5.0] * 60 + [5.0, 6.0] * 5), sessions(70))
    assert result["net_sd_10_ratio"][-1] is None
    assert result["is_stabilising"][-1] is None


def test_when_a_row_was_published_is_kept() -> None:
    told = datetime(2025, 9, 2, 13, tzinfo=UTC)
    frame = rows([1, 2]).with_columns(published_at=pl.lit(told))
    assert flow(frame, sessions(2))["published_at"].to_list() == [told, told]
    assert flow(rows([1]), sessions(1))["published_at"].to_list() == [None]


def test_no_value_is_outside_its_bounds_and_none_is_nan() -> None:
    rng = np.random.default_rng(12)
    nets = [round(float(one), 2) for one in rng.normal(0, 900, 900)]
    frame = traded(nets, [float(one) for one in rng.integers(0, 3000, 900) + 6000], [90000.0] * 900)
    result = flow(frame, sessions(900))
    for item in FLOW:
        values = result[item.id].drop_nulls()
        assert values.len() > 100, item.id
        if item.kind == "number":
            assert values.is_finite().all(), item.id
            low, high = item.bounds
            assert low is None or values.min() >= low, item.id  # type: ignore[operator]
            assert high is None or values.max() <= high, item.id  # type: ignore[operator]
        if item.percentile:
            ranks = result[item.percentile_id].drop_nulls()
            assert ranks.len() > 0, item.id
            assert ranks.is_between(0, 100, closed="none").all(), item.id


def test_nothing_looks_ahead_and_the_order_of_rows_is_irrelevant() -> None:
    rng = np.random.default_rng(8)
    nets: list[float | None] = [round(float(one), 2) for one in rng.normal(0, 500, 820)]
    nets[100] = nets[790] = None
    start = date(2023, 1, 1)
    both = pl.concat([rows(nets, start=start), rows(nets[::-1], start=start, scope="NSE")])
    days = sessions(820, start)
    whole = flow(both, days)
    assert_frame_equal(flow(both.sample(fraction=1, shuffle=True, seed=1), days.reverse()), whole)
    for cut in (30, 400, 795):
        day = start + timedelta(days=cut)
        known = pl.col("session_date") <= day
        assert_frame_equal(flow(both.filter(known), days.filter(known)), whole.filter(known))


def test_each_metric_is_null_through_its_warm_up_and_then_has_a_value() -> None:
    rng = np.random.default_rng(9)
    nets = [round(float(one), 2) for one in rng.normal(0, 500, 770)]
    # Opposite signs at the start, so that the first streak is known as early as can be.
    nets[:2] = [-1.0, 1.0]
    start = date(2024, 4, 1)
    days = sessions(771, date(2024, 3, 31))
    whole = rows(nets, start=start).with_columns(
        buy_crore=pl.col("net_crore") + 5000,
        sell_crore=pl.lit(Decimal(5000)),
        turnover_crore=pl.lit(Decimal(80000)),
    )
    result = flow(whole, days)
    for item in FLOW:
        values = result[item.id].to_list()
        assert values[: item.warmup] == [None] * item.warmup, item.id
        assert values[item.warmup] is not None, item.id
        assert result.schema[item.id] == item.stored_type


def test_no_rows_make_no_rows() -> None:
    result = flow(rows([]), sessions(3))
    assert result.is_empty()
    assert {item.id for item in FLOW} <= set(result.columns)
