"""Macro series as an evening knew them, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats  # type: ignore[import-untyped]

from transforms.metrics.macro import DIFFERENCES, macro
from transforms.metrics.macro_tables import METRICS, TABLES, Macro
from warehouse.tables.table import schema

START = date(2026, 1, 5)  # a Monday


def sessions(count: int, start: date = START) -> pl.DataFrame:
    """Weekdays."""
    days: list[date] = []
    day = start
    while len(days) < count:
        if day.weekday() < 5:
            days.append(day)
        day += timedelta(days=1)
    return pl.DataFrame({"session_date": days}, schema={"session_date": pl.Date})


def at(day: date, hour: int = 2, minute: int = 30) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


Row = tuple[str, str, date, float | None, datetime]


def observations(rows: Sequence[Row], source_id: str = "fred") -> pl.DataFrame:
    return pl.DataFrame(
        [(s, f, d, source_id, v, p, "assumed") for s, f, d, v, p in rows],
        schema={
            "series_id": pl.String,
            "frequency": pl.String,
            "observation_date": pl.Date,
            "source_id": pl.String,
            "value": pl.Float64,
            "published_at": pl.Datetime("us", "UTC"),
            "published_basis": pl.String,
        },
        orient="row",
    ).with_columns(pl.col("value").cast(pl.Decimal(18, 6)))


def daily(
    series_id: str, values: Sequence[float | None], lag: int = 1, start: date = START
) -> list[Row]:
    """One value each weekday, known at 08:00 in India so many days later."""
    days = sessions(len(values), start)["session_date"]
    return [
        (series_id, "daily", day, value, at(day + timedelta(days=lag)))
        for day, value in zip(days, values, strict=True)
    ]


def of(frame: pl.DataFrame, series_id: str) -> list[dict[str, Any]]:
    return frame.filter(pl.col("series_id") == series_id).sort("session_date").to_dicts()


def test_an_evening_knows_what_was_published_by_half_past_ten() -> None:
    monday, tuesday = START, START + timedelta(days=1)
    early = ("DGS2", "daily", monday, 3.5, at(tuesday, 17, 0))  # 22:30 in India
    late = ("DGS2", "daily", tuesday, 3.6, at(tuesday, 17, 1))
    rows = of(macro(observations([late, early]), sessions(3)), "DGS2")
    assert [row["value"] for row in rows] == [None, 3.5, 3.6]
    assert [row["observation_date"] for row in rows] == [None, monday, tuesday]
    assert [row["age_sessions"] for row in rows] == [None, 1, 1]
    assert [row["is_stale"] for row in rows] == [None, False, False]


def test_sessions_before_the_first_known_value_can_be_stored() -> None:
    late = [("DGS2", "daily", START, 3.5, at(START + timedelta(days=2)))]
    rows = macro(observations(late), sessions(4))
    assert rows["observation_date"].to_list() == [None, None, START, START]
    kept = Macro.validate(rows.select(Macro.column_names()), cast=True)
    assert kept.height == 4
    assert Macro.primary_key() == ["session_date", "series_id"]


def test_a_value_is_carried_with_its_age_until_it_is_stale() -> None:
    rows = of(macro(observations(daily("DGS2", [3.5], lag=0)), sessions(8)), "DGS2")
    assert [row["value"] for row in rows] == [3.5] * 8
    assert [row["age_sessions"] for row in rows] == list(range(8))
    # A daily series of the United States is stale beyond five sessions.
    assert [row["is_stale"] for row in rows] == [False] * 6 + [True] * 2


def test_ages_count_sessions_and_not_days() -> None:
    days = pl.DataFrame({"session_date": [START, START + timedelta(days=9)]})
    friday = START + timedelta(days=4)
    rows = of(macro(observations([("DGS2", "daily", friday, 3.5, at(friday))]), days), "DGS2")
    assert [row["age_sessions"] for row in rows] == [None, 1]


def test_before_the_sessions_held_weekdays_stand_for_them() -> None:
    old = START - timedelta(days=7)
    rows = of(macro(observations([("DGS2", "daily", old, 3.5, at(old))]), sessions(2)), "DGS2")
    assert [row["age_sessions"] for row in rows] == [5, 6]


def test_a_hole_is_passed_over_and_a_late_old_value_is_not_the_newest() -> None:
    monday, tuesday, wednesday = (START + timedelta(days=n) for n in range(3))
    rows: list[Row] = [
        ("DGS2", "daily", monday, 3.5, at(wednesday)),  # late
        ("DGS2", "daily", tuesday, 3.6, at(tuesday)),
        ("DGS2", "daily", wednesday, None, at(wednesday)),
    ]
    found = of(macro(observations(rows), sessions(3)), "DGS2")
    assert [row["value"] for row in found] == [None, 3.6, 3.6]


def test_of_a_week_told_at_once_the_last_value_is_known() -> None:
    week = sessions(5)["session_date"]
    told = at(START + timedelta(days=7))
    rows: list[Row] = [("DEXINUS", "daily", day, 90.0 + n, told) for n, day in enumerate(week)]
    found = of(macro(observations(rows[::-1]), sessions(7)), "DEXINUS")
    assert [row["value"] for row in found] == [None] * 5 + [94.0, 94.0]
    assert [row["age_sessions"] for row in found] == [None] * 5 + [1, 2]


def test_changes_are_between_what_two_evenings_knew() -> None:
    levels = [80.0 + n for n in range(25)]
    brent = of(
        macro(observations(daily("DCOILBRENTEU", levels, lag=0)), sessions(25)), "DCOILBRENTEU"
    )
    assert [row["change_20"] for row in brent] == [None] * 20 + [20.0] * 5
    assert brent[20]["change_20_pct"] == pytest.approx(25.0)
    assert brent[24]["change_20_pct"] == pytest.approx(100 * 20 / 84)
    rate = of(macro(observations(daily("DGS2", levels, lag=0)), sessions(25)), "DGS2")
    assert rate[24]["change_20"] == 20.0
    assert rate[24]["change_20_pct"] is None, "a rate changes by points"


def test_of_a_price_below_zero_there_is_no_ratio() -> None:
    levels = [20.0, *[10.0] * 19, -37.0, *[10.0] * 20]
    wti = of(macro(observations(daily("DCOILWTICO", levels, lag=0)), sessions(41)), "DCOILWTICO")
    assert wti[20]["change_20"] == -57.0
    assert wti[20]["change_20_pct"] is None
    assert wti[40]["change_20"] == 47.0
    assert wti[40]["change_20_pct"] is None


def test_a_change_from_or_to_a_stale_value_is_null() -> None:
    levels = [*range(1, 5), *[None] * 15, *range(20, 45)]
    rows = of(macro(observations(daily("SP500", levels, lag=0)), sessions(44)), "SP500")
    assert rows[9]["is_stale"] is True
    assert rows[19]["is_stale"] is False
    assert rows[29]["change_20"] is None
    assert rows[39]["change_20"] == 20.0


def test_the_percentile_ranks_among_the_observations_known_then() -> None:
    rng = np.random.default_rng(3)
    values = [float(round(one, 1)) for one in rng.normal(0, 1, 800)]
    # 700 of them lie before the first session held: they count as observations all the same.
    table = sessions(800)["session_date"][700:].to_frame()
    rows = of(macro(observations(daily("DGS2", values)), table), "DGS2")
    assert [row["value_percentile"] for row in rows[:56]] == [None] * 56
    for place in (60, 99):
        at_hand = values[: 700 + place]  # of the session before, known this morning
        if rows[place]["session_date"].weekday() == 0:
            assert rows[place]["observation_date"].weekday() == 4
        expected = stats.percentileofscore(at_hand, at_hand[-1], kind="mean")
        assert rows[place]["value_percentile"] == pytest.approx(expected)


def test_differences_are_of_what_was_known_and_null_where_a_part_is_stale() -> None:
    two = daily("DGS2", [3.5, 3.4, 3.3, *[3.2] * 9], lag=0)
    funds = daily("DFF", [3.9, 3.8, 3.7], lag=0)
    found = macro(observations([*two, *funds]), sessions(12))
    cuts = of(found, "US_RATE_CUTS")
    assert cuts[0]["value"] == pytest.approx(-0.4)
    assert cuts[7]["value"] == pytest.approx(3.2 - 3.7)  # DFF is five sessions old
    assert [row["value"] for row in cuts[8:]] == [None] * 4
    assert [row["is_stale"] for row in cuts] == [False] * 8 + [True] * 4
    assert [row["age_sessions"] for row in cuts[6:9]] == [4, 5, 6]
    assert cuts[7]["observation_date"] == funds[2][2]
    assert {row["unit"] for row in cuts} == {"percentage points"}
    assert of(found, "US_CURVE") == []
    curve = of(
        macro(observations([*two, *daily("DGS10", [4.1] * 12, lag=0)]), sessions(12)), "US_CURVE"
    )
    assert curve[0]["value"] == pytest.approx(4.1 - 3.5)


def test_the_indian_difference_has_a_bill_of_the_week_and_a_rate_of_the_meeting() -> None:
    rows: list[Row] = [("RBI_REPO", "daily", START, 5.25, at(START))]
    rows += [
        ("IN_TBILL_91D", "weekly", day, 5.3 - 0.1 * n, at(day))
        for n, day in enumerate(START + timedelta(days=2 + 7 * n) for n in range(3))
    ]
    found = of(macro(observations(rows, "imported_macro"), sessions(40)), "IN_RATE_CUTS")
    assert [round(row["value"], 9) for row in found[2:13:5]] == [0.05, -0.05, -0.15]
    assert found[0]["value"] is None
    # The last bill, of the twelfth session, is stale from the eleventh session after it.
    assert found[22]["value"] is not None
    assert found[23]["value"] is None


def test_the_rank_of_a_difference_is_among_its_sessions() -> None:
    rng = np.random.default_rng(4)
    two = [float(round(one, 2)) for one in rng.normal(4, 0.2, 800)]
    given = observations([*daily("DGS2", two, lag=0), *daily("DFF", [4.0] * 800, lag=0)])
    rows = of(macro(given, sessions(800)), "US_RATE_CUTS")
    assert rows[754]["value_percentile"] is None
    values = [row["value"] for row in rows]
    for place in (755, 799):
        expected = stats.percentileofscore(values[: place + 1], values[place], kind="mean")
        assert rows[place]["value_percentile"] == pytest.approx(expected)


def test_equal_differences_are_equal_to_the_rank() -> None:
    """Hundredths apart by as much: floats of them are not, as 0.30 less 0.47 and 3.45 less 3.62."""
    rng = np.random.default_rng(4)
    less = rng.integers(30, 500, 800)
    apart = rng.integers(-20, -10, 800)
    hundredths = [(int(one + other), int(one)) for one, other in zip(less, apart, strict=True)]
    of_both = daily("DGS2", [one / 100 for one, _ in hundredths])
    of_both += daily("DFF", [other / 100 for _, other in hundredths])
    rows = of(macro(observations(of_both), sessions(801)), "US_RATE_CUTS")[1:]
    wanted = [one - other for one, other in hundredths]
    assert [row["value"] for row in rows] == [one / 100 for one in wanted]
    for n in (755, 780, 799):
        rank = stats.percentileofscore(wanted[: n + 1], wanted[n], kind="mean")
        assert rows[n]["value_percentile"] == pytest.approx(rank, abs=1e-9)


def test_a_monthly_mean_is_never_mixed_with_daily_values() -> None:
    month: Row = ("DEXINUS", "monthly", date(2025, 12, 1), 80.0, at(START))
    day: Row = ("DEXINUS", "daily", START, 90.0, at(START))
    found = macro(observations([month, day]), sessions(2))
    assert [row["value"] for row in of(found, "DEXINUS")] == [90.0, 90.0]
    assert [row["value"] for row in of(found, "DEXINUS_MONTHLY")] == [80.0, 80.0]
    alone = macro(observations([month]), sessions(2))
    assert alone["series_id"].unique().to_list() == ["DEXINUS_MONTHLY"]
    assert alone["unit"].unique().to_list() == ["INR per USD"]


def test_the_publisher_stands_before_an_import_and_an_import_fills_its_hole() -> None:
    ours = observations(daily("DGS2", [9.0, 9.1], lag=0), "imported_macro")
    theirs = observations(daily("DGS2", [3.5, None], lag=0))
    rows = of(macro(pl.concat([ours, theirs]), sessions(2)), "DGS2")
    assert [row["value"] for row in rows] == [3.5, 9.1]


def test_an_unknown_series_has_an_unknown_unit_and_no_ratio() -> None:
    rows = of(
        macro(observations(daily("MINE", [float(n) for n in range(1, 30)], lag=0)), sessions(29)),
        "MINE",
    )
    assert {row["unit"] for row in rows} == {"unknown"}
    assert rows[28]["change_20"] == 20.0
    assert rows[28]["change_20_pct"] is None


def test_india_vix_is_read_from_the_index_and_known_that_evening() -> None:
    days = sessions(4)
    bars = days.with_columns(
        index_id=pl.lit("india-vix"), close=pl.Series([14.0, 15.0, None, 16.0])
    )
    other = days.with_columns(index_id=pl.lit("nifty-50"), close=pl.lit(25000.0))
    nothing = observations([])
    found = macro(nothing, days, pl.concat([bars, other]))
    assert found["series_id"].unique().to_list() == ["INDIA_VIX"]
    assert [row["value"] for row in of(found, "INDIA_VIX")] == [14.0, 15.0, 15.0, 16.0]
    assert [row["age_sessions"] for row in of(found, "INDIA_VIX")] == [0, 0, 1, 0]


def everything(count: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    rng = np.random.default_rng(5)

    def walk() -> list[float | None]:
        steps = rng.normal(0, 0.05, count).cumsum() + 4
        return [None if rng.random() < 0.05 else round(float(one), 2) for one in steps]

    names = ("DGS2", "DGS10", "DFF", "DEXINUS", "DCOILBRENTEU")
    lags = (2, 2, 1, 9, 9)
    rows = [row for name, lag in zip(names, lags, strict=True) for row in daily(name, walk(), lag)]
    return observations(rows), sessions(count)


def test_no_evening_looks_ahead() -> None:
    given, days = everything(900)
    whole = macro(given, days)
    cut = days["session_date"][849]
    evening = at(cut, 17, 0)
    past = macro(given.filter(pl.col("published_at") <= evening), days.head(850))
    seen = whole.filter(pl.col("session_date") <= cut)
    assert past.equals(seen, null_equal=True)
    assert past["value_percentile"].drop_nulls().len() > 300


def test_the_order_of_rows_does_not_matter() -> None:
    given, days = everything(820)
    shuffled = macro(given.sample(fraction=1, shuffle=True, seed=1), days.reverse())
    assert shuffled.equals(macro(given, days), null_equal=True)


def test_the_frame_is_the_tables_and_holds_no_nan() -> None:
    given, days = everything(800)
    found = macro(given, days)
    assert found.schema == pl.Schema(schema(Macro))
    assert not found.select(pl.col(pl.Float64).is_nan().any()).row(0).count(True)
    assert found.select("session_date", "series_id").is_duplicated().any() is False
    assert found["session_date"].n_unique() == 800
    assert set(found["series_id"]) == {
        "DGS2", "DGS10", "DFF", "DEXINUS", "DCOILBRENTEU", "US_RATE_CUTS", "US_CURVE",
    }  # fmt: skip
    assert {one.id for one in DIFFERENCES} - set(found["series_id"]) == {"IN_RATE_CUTS"}
    assert set(METRICS) == {table.table for table in TABLES}


@pytest.mark.parametrize(("rows", "days"), [(0, 5), (5, 0), (0, 0)])
def test_nothing_gives_an_empty_frame_of_the_same_shape(rows: int, days: int) -> None:
    found = macro(observations(daily("DGS2", [1.0] * rows)), sessions(days))
    assert found.is_empty()
    assert found.schema == pl.Schema(schema(Macro))
