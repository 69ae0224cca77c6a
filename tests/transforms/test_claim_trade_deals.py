"""Row 11: trade deals, by hand."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from flows.demo.world.catalog import INDICES
from transforms.identity import index_names
from transforms.metrics.macro_tables import Macro
from transforms.signals.claim import REGISTRY, Graded, Inputs
from transforms.signals.claims.trade_deals import _graded, trade_deals_triggered_rally
from transforms.signals.evidence import evidence
from transforms.signals.trade_announcements import (
    ANNOUNCEMENTS,
    DOMESTIC,
    EXPORTERS,
    Announcement,
)
from warehouse.tables.table import schema

START = date(2022, 1, 1)
DEAL_ROW = 900
ALL = (*EXPORTERS, *DOMESTIC)


def day(row: int) -> date:
    return START + timedelta(days=row)


def deal(row: int = DEAL_ROW, name: str = "deal") -> Announcement:
    return Announcement(name, day(row), day(row), f"a {name}", "invented")


def inputs(
    closes: Mapping[str, Sequence[float | None]], rupee: pl.DataFrame | None = None
) -> Inputs:
    count = len(next(iter(closes.values())))
    days = pl.DataFrame({"session_date": [day(n) for n in range(count)]})
    series = pl.concat(
        days.with_columns(index_id=pl.lit(name), close=pl.Series(one, dtype=pl.Float64))
        for name, one in closes.items()
    ).drop_nulls()
    nothing = pl.DataFrame()
    held = nothing if rupee is None else rupee
    return Inputs(days, series, nothing, nothing, nothing, macro=held)


def closes(
    count: int = 930, move: float = 0.0, at: int = DEAL_ROW
) -> dict[str, list[float | None]]:
    """Domestic sectors stand; exporters swing by a percent, and by `move` on day 0."""
    level = [100.0 if n // 5 % 2 else 101.0 for n in range(at)]
    base = level[at - 2]
    level[at - 1] = base
    level += [base * (1 + move)] * (count - at)
    found: dict[str, list[float | None]] = {name: [*level] for name in EXPORTERS}
    return found | {name: [50.0] * count for name in DOMESTIC}


def rows(graded: Graded) -> list[dict[str, Any]]:
    return graded.verdict.sort("session_date").to_dicts()


def test_before_a_deal_and_a_month_after_it_there_is_none_to_test() -> None:
    found = rows(_graded(inputs(closes(move=0.05)), [deal()]))
    for place in (0, DEAL_ROW - 1, DEAL_ROW + 21, 929):
        assert found[place]["grade"] == "UNTESTABLE"
        assert "no dated announcement in the last 21 sessions" in found[place]["reasons"]
        assert found[place]["value"] is None
    for place in range(DEAL_ROW, DEAL_ROW + 3):
        assert found[place]["grade"] == "UNTESTABLE"
        assert "a deal: its window is complete 3 sessions after day 0" in found[place]["reasons"]
    graded = [row["grade"] for row in found[DEAL_ROW + 3 : DEAL_ROW + 21]]
    assert graded == ["PARTLY"] * 18
    assert all("cause is untestable" in row["reasons"] for row in found)


@pytest.mark.parametrize(
    ("move", "grade"),
    [(0.05, "PARTLY"), (0.0, "NOT SUPPORTED"), (-0.005, "NOT SUPPORTED"), (-0.05, "CONTRADICTED")],
)
def test_the_spread_is_five_sessions_around_day_0_and_never_more_than_partly(
    move: float, grade: str
) -> None:
    row = rows(_graded(inputs(closes(move=move)), [deal()]))[DEAL_ROW + 3]
    assert row["grade"] == grade
    assert row["value"] == pytest.approx(100 * move, abs=1e-9)
    assert (row["window_start"], row["window_end"]) == (day(DEAL_ROW - 2), day(DEAL_ROW + 3))


def test_the_baskets_are_equal_means_and_the_difference_is_theirs() -> None:
    given = closes(move=0.0)
    given["nifty-it"][DEAL_ROW:] = [given["nifty-it"][DEAL_ROW - 2] * 1.06] * 30  # type: ignore[operator]
    given["nifty-media"][DEAL_ROW + 3 :] = [51.0] * 27
    row = rows(_graded(inputs(given), [deal()]))[DEAL_ROW + 3]
    # A sixth of a hundred on one of three, two per cent on one of four.
    assert row["value"] == pytest.approx(6 / 3 - 2 / 4)


def test_odds_and_rank_are_among_windows_that_ended_before_and_touch_no_deal() -> None:
    rng = np.random.default_rng(7)
    walk = 100 * np.exp(rng.normal(0, 0.01, 930).cumsum())
    given = closes() | {name: walk.tolist() for name in EXPORTERS}
    early = deal(400, "early")
    row = rows(_graded(inputs(given), [deal(), early]))[DEAL_ROW + 5]
    moves = {n: walk[n] / walk[n - 5] - 1 for n in range(5, DEAL_ROW - 1)}
    # The early deal's returns are those of rows 399 to 403; a window ends up to four rows later.
    for n in range(399, 408):
        del moves[n]
    own = walk[DEAL_ROW + 3] / walk[DEAL_ROW - 2] - 1
    others = np.array(list(moves.values()))
    assert row["sample_size"] == len(others)
    assert row["null_probability"] == pytest.approx((others >= own).mean())
    assert row["percentile"] == pytest.approx(100 * (others < own).mean())


def test_short_history_and_missing_closes_are_untestable() -> None:
    short = rows(_graded(inputs(closes(430, 0.05, 400)), [deal(400)]))[404]
    assert short["grade"] == "UNTESTABLE"
    assert "394 other windows are held (nse_index_close), 756 are needed" in short["reasons"]
    assert short["null_probability"] is None
    given = closes(move=0.05)
    given["nifty-media"][DEAL_ROW + 1] = None
    hole = rows(_graded(inputs(given), [deal()]))[DEAL_ROW + 3]
    assert (hole["grade"], hole["value"]) == ("UNTESTABLE", None)
    assert "lacks closes of the two baskets in its window" in hole["reasons"]
    bare = replace(inputs(closes()), series=pl.DataFrame())
    assert _graded(bare, [deal()]).verdict["grade"].unique().to_list() == ["UNTESTABLE"]


def test_the_latest_deal_whose_window_is_complete_stands() -> None:
    found = rows(_graded(inputs(closes(move=0.05)), [deal(DEAL_ROW + 5, "later"), deal()]))
    assert "a deal" in found[DEAL_ROW + 7]["reasons"]
    assert "a later" in found[DEAL_ROW + 8]["reasons"]


def test_day_0_is_the_first_session_on_or_after_the_date() -> None:
    told = Announcement("x", day(889), day(890), "a deal", "invented")
    given = inputs(closes(move=0.05))
    # Ten dates without a session, from the announcement on.
    held = given.sessions.filter(~pl.col("session_date").is_between(day(890), day(899)))
    row = rows(_graded(replace(given, sessions=held), [told]))[893]
    assert row["window_end"] == day(903)
    assert row["window_start"] == day(888)


def rupee(pairs: Sequence[tuple[int, int, float]]) -> pl.DataFrame:
    """Session row, row of the observation, rate."""
    return pl.DataFrame(
        [
            {
                "session_date": day(row),
                "series_id": "DEXINUS",
                "unit": "INR per USD",
                "observation_date": day(seen),
                "value": rate,
                "age_sessions": row - seen,
                "is_stale": False,
            }
            for row, seen, rate in pairs
        ],
        schema=pl.Schema(schema(Macro)),
    )


def test_the_rupee_is_held_against_the_last_rate_before_the_window() -> None:
    rates = [(n, n - n % 7 - 6, 90.0) for n in range(880, DEAL_ROW + 6)]
    rates = [(n, seen, 90.0 + 0.1 * (seen // 7)) for n, seen, _ in rates]
    rates += [(n, DEAL_ROW + 1, 80.0) for n in range(DEAL_ROW + 6, DEAL_ROW + 15)]
    graded = _graded(inputs(closes(move=0.05), rupee(rates)), [deal()])
    legs = {
        row["session_date"]: row
        for row in graded.legs.filter(pl.col("leg") == "rupee_strengthened").to_dicts()
    }
    before = legs[day(DEAL_ROW + 4)]
    assert (before["holds"], before["missing"]) == (None, "fred"), "no rate of day 0 is known yet"
    known = [rate for _, seen, rate in rates if seen <= DEAL_ROW - 2][-1]
    after = legs[day(DEAL_ROW + 8)]
    assert after["value"] == pytest.approx(100 * (80.0 / known - 1))
    assert after["holds"] is True
    assert "rupees to a dollar" in rows(graded)[DEAL_ROW + 8]["reasons"]


def test_the_cause_is_never_tested() -> None:
    legs = _graded(inputs(closes(move=0.05)), [deal()]).legs.filter(pl.col("leg") == "cause")
    assert legs.height == 930
    assert legs["holds"].null_count() == 930
    assert legs["missing"].unique().to_list() == ["a record of why buyers bought"]


def test_the_query_returns_the_value() -> None:
    rng = np.random.default_rng(8)
    span = (date(2026, 2, 20) - START).days + 1
    moves = rng.normal(0, 0.01, (len(ALL), span)).cumsum(axis=1)
    given = inputs(
        {name: (100 * np.exp(walk)).tolist() for name, walk in zip(ALL, moves, strict=True)}
    )
    nothing = pl.DataFrame(
        schema={
            "subject": pl.String,
            "session_date": pl.Date,
            "published_at": pl.Datetime("us", "UTC"),
        }
    )
    given = replace(given, momentum=pl.DataFrame({"index_id": ["x"]}), published=nothing)
    claim = next(one for one in REGISTRY if one.function is trade_deals_triggered_rally)
    verdicts, _ = evidence(given, [claim])
    bars = given.series.with_columns(
        index_name="index_id",
        return_variant=pl.lit("price"),
        source_id=pl.lit("nse_index_close"),
        high="close",
        low="close",
    ).drop("index_id")
    names = pl.DataFrame({"index_name": ALL, "index_id": ALL})
    with duckdb.connect() as connection:
        connection.sql("CREATE SCHEMA core")
        for table, frame in (
            ("index_bar", bars),
            ("index_name", names),
            ("trading_session", given.sessions),
        ):
            connection.register("frame", frame.to_arrow())
            connection.sql(f"CREATE TABLE core.{table} AS FROM frame")
        for when in (date(2025, 5, 12), date(2026, 1, 31), date(2026, 2, 20)):
            row = verdicts.row(by_predicate=pl.col("session_date") == when, named=True)
            (got,) = connection.execute(row["sql"]).fetchall()
            assert row["value"] is not None
            assert got == (when, pytest.approx(row["value"], rel=1e-9))
        none = verdicts.row(by_predicate=pl.col("session_date") == date(2025, 1, 1), named=True)
        assert {value for _, value in connection.execute(none["sql"]).fetchall()} == {None}
    assert all(index_id in claim.sql for index_id in ALL)


def test_the_frozen_deals_are_in_order_and_the_baskets_are_indices_of_the_exchange() -> None:
    assert all(one.told_on <= one.reacts_from for one in ANNOUNCEMENTS)
    assert [one.reacts_from for one in ANNOUNCEMENTS] == sorted(
        one.reacts_from for one in ANNOUNCEMENTS
    )
    assert [(one.told_on, one.reacts_from) for one in ANNOUNCEMENTS[-2:]] == [
        (date(2026, 1, 27), date(2026, 1, 27)),
        (date(2026, 2, 2), date(2026, 2, 3)),
    ]
    assert not set(EXPORTERS) & set(DOMESTIC)
    published = pl.DataFrame(
        {"index_name": [one.name for one in INDICES], "session_date": [START] * len(INDICES)}
    )
    known = index_names(published, pl.DataFrame(schema=_BARS))
    assert set(ALL) <= set(known["index_id"])


_BARS = {
    "session_date": pl.Date,
    "index_name": pl.String,
    "return_variant": pl.String,
    "source_id": pl.String,
    "close": pl.Float64,
    "points_change": pl.Float64,
    "change_pct": pl.Float64,
}


def test_grading_is_quick() -> None:
    given = inputs({name: np.linspace(100, 200, 1600).tolist() for name in ALL})
    began = time.perf_counter()
    trade_deals_triggered_rally(given)
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize("cut", [100, DEAL_ROW, DEAL_ROW + 2, DEAL_ROW + 4, DEAL_ROW + 12])
def test_what_comes_later_changes_nothing_before_it(cut: int) -> None:
    rng = np.random.default_rng(9)
    walks = 100 * np.exp(rng.normal(0, 0.01, (len(ALL), 930)).cumsum(axis=1))
    rates = [(n, n - n % 7 - 6, 90.0 + n / 100) for n in range(850, 930)]
    given = inputs({name: one.tolist() for name, one in zip(ALL, walks, strict=True)}, rupee(rates))
    deals = [deal(), deal(400, "early"), deal(DEAL_ROW + 6, "later")]
    known = pl.col("session_date") <= day(cut)
    past = replace(
        given,
        sessions=given.sessions.filter(known),
        series=given.series.filter(known),
        macro=given.macro.filter(known),
    )
    whole, early = _graded(given, deals), _graded(past, deals)
    assert early.verdict.equals(whole.verdict.filter(known), null_equal=True)
    order = ["leg", "session_date"]
    assert early.legs.sort(order).equals(whole.legs.filter(known).sort(order), null_equal=True)
