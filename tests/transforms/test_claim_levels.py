"""Rows 15 and 16: a support that has held, a resistance that has stood, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.transforms.drawn_levels import NOTHING, answer, day, inputs, warehouse, zone
from transforms.signals.claim import Claim, Graded, Inputs
from transforms.signals.claims import CLAIMS
from transforms.signals.evidence import evidence

BY_ID = {one.id: one for one in CLAIMS}
KINDS = {
    "support": ("support_holds", "failures", "not_failed", (95.0, 98.0)),
    "resistance": ("resistance_stands", "breakouts", "not_broken", (103.0, 106.0)),
}
COUNT = 260
LAST = COUNT - 1


def claim(kind: str) -> Claim:
    return BY_ID[KINDS[kind][0]]


def last(given: Inputs, kind: str) -> dict[str, Any]:
    return claim(kind).function(given).verdict.row(-1, named=True)


def legs(given: Inputs, kind: str) -> dict[str, dict[str, Any]]:
    told = claim(kind).function(given).legs.filter(session_date=day(given.sessions.height - 1))
    return {row["leg"]: row for row in told.iter_rows(named=True)}


def one_zone(kind: str, **others: Any) -> Inputs:
    """100 at every close, and one zone at the last."""
    return inputs([100.0] * COUNT, [zone(LAST, kind, *KINDS[kind][3], **others)])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("percentile", "passed", "distance", "grade"),
    [
        (90.0, 0, 5.0, "SUPPORTED"),
        (89.9, 0, 1.0, "PARTLY"),
        (60.0, 0, 1.0, "PARTLY"),
        (95.0, 1, 1.0, "PARTLY"),
        (59.9, 0, 1.0, "NOT SUPPORTED"),
        (95.0, 0, 5.1, "NOT SUPPORTED"),
        (10.0, 0, 1.0, "NOT SUPPORTED"),
        (40.0, 2, 1.0, "NOT SUPPORTED"),
        (39.9, 2, 1.0, "CONTRADICTED"),
        (None, 0, 1.0, "UNTESTABLE"),
        (None, 0, 5.1, "NOT SUPPORTED"),
    ],
)
def test_grades(
    kind: str, percentile: float | None, passed: int, distance: float, grade: str
) -> None:
    told = {KINDS[kind][1]: passed, "strength_percentile": percentile, "distance_atr": distance}
    row = last(one_zone(kind, **told), kind)
    assert row["grade"] == grade
    assert (row["value"], row["percentile"], row["sample_size"]) == (75.0, percentile, 4)
    assert row["null_probability"] == 0.4


def test_what_passed_the_other_way_does_not_count() -> None:
    assert last(one_zone("support", breakouts=3), "support")["grade"] == "SUPPORTED"
    assert last(one_zone("resistance", failures=3), "resistance")["grade"] == "SUPPORTED"


def test_the_reasons_name_the_zone_its_touches_and_the_odds() -> None:
    assert last(one_zone("support", failures=1), "support")["reasons"] == (
        "the support of 95.00 to 98.00 (2 turning points, known from 2021-01-01) is 1.2 ATR away; "
        "touches 4, bounces 3: 75.0% of those decided against 55.0% at artificial levels, "
        "percentile 92.0; two closes passed it once; a driftless walk reaches it first in "
        "40.0% of cases"
    )
    alone = last(one_zone("resistance", reach_first_probability=None), "resistance")
    assert alone["reasons"].endswith("there is no zone on the other side to reach first")
    assert alone["null_probability"] is None


@pytest.mark.parametrize("kind", KINDS)
def test_legs(kind: str) -> None:
    _, passed, word, _ = KINDS[kind]
    told = legs(one_zone(kind, **{passed: 2, "is_volume_peak": None, "volume_pct": None}), kind)
    assert {name: row["holds"] for name, row in told.items()} == {
        f"{kind}_is_near": True,
        "bounces_are_frequent": True,
        f"has_{word}": False,
        "volume_peak": None,
    }
    assert told[f"has_{word}"]["value"] == 2
    assert told["volume_peak"]["missing"] == "turnover of nse_index_close"
    undecided = legs(one_zone(kind, strength_percentile=None), kind)["bounces_are_frequent"]
    assert (undecided["holds"], undecided["missing"]) == (None, "a touch that is decided")


def test_no_zone_after_a_year_that_was_seen_is_an_answer() -> None:
    given = inputs([100.0] * 252)
    row = last(given, "support")
    assert (row["grade"], row["value"], row["sample_size"]) == ("NOT SUPPORTED", None, None)
    assert "of the turning points of 252 sessions no two make a zone below" in row["reasons"]
    assert {one["holds"] for one in legs(given, "support").values()} == {False}
    # A zone of the other kind is none of this.
    assert last(one_zone("support"), "resistance")["grade"] == "NOT SUPPORTED"


def holed(count: int, *, ending: int) -> list[float | None]:
    """`count` missing closes, the last of them `ending` sessions before the end."""
    closes: list[float | None] = [100.0] * COUNT
    closes[COUNT - ending - count : COUNT - ending] = [None] * count
    return closes


@pytest.mark.parametrize(
    ("closes", "grade"),
    [
        ([100.0] * 251, "UNTESTABLE"),
        # 95% of 252 closes are 240.
        (holed(12, ending=100), "NOT SUPPORTED"),
        (holed(13, ending=100), "UNTESTABLE"),
        # Fourteen true ranges take fifteen closes in a row.
        (holed(1, ending=15), "NOT SUPPORTED"),
        (holed(1, ending=14), "UNTESTABLE"),
    ],
)
def test_no_zone_in_a_year_not_seen_is_no_answer(closes: list[float | None], grade: str) -> None:
    row = last(inputs(closes), "support")
    assert row["grade"] == grade
    if grade == "UNTESTABLE":
        assert "nse_index_close lacks closes of Nifty Smallcap 100" in row["reasons"]


def test_what_is_missing_is_named() -> None:
    no_close = inputs([*[100.0] * 255, None])
    assert last(no_close, "support")["reasons"] == (
        "nse_index_close has no close of Nifty Smallcap 100 for this session"
    )
    never = replace(inputs([100.0] * COUNT), zones=NOTHING)
    row = last(never, "support")
    assert (row["grade"], row["reasons"]) == ("UNTESTABLE", "mart.zone is not derived")
    assert {one["missing"] for one in legs(never, "support").values()} == {
        "nse_index_close",
        "turnover of nse_index_close",
    }


def test_farther_zones_and_other_indices_are_not_looked_at() -> None:
    given = one_zone("support")
    more = pl.concat(
        [
            given.zones,
            given.zones.with_columns(
                zone_rank=pl.lit(2, pl.Int64), strength_percentile=pl.lit(1.0)
            ),
            given.zones.with_columns(index_id=pl.lit("nifty-50"), strength_percentile=pl.lit(1.0)),
        ]
    )
    assert last(replace(given, zones=more), "support") == last(given, "support")


def many() -> Inputs:
    """Zones that come, weaken, fail and go, over 300 sessions."""
    rows = [
        zone(
            n,
            kind,
            *KINDS[kind][3],
            strength_percentile=None if n % 11 == 0 else float(n * 7 % 100),
            failures=n % 3,
            breakouts=n % 4,
            distance_atr=n % 13 / 2,
        )
        for n in range(20, 300)
        for kind in KINDS
        if n % 5
    ]
    return inputs([None if n == 40 else 100.0 for n in range(300)], rows)


@pytest.mark.parametrize("kind", KINDS)
def test_the_query_returns_the_value(kind: str) -> None:
    given = many()
    verdicts, _ = evidence(given, [claim(kind)])
    with warehouse(given) as connection:
        for row in verdicts[::7].iter_rows(named=True):
            told, value = answer(connection, row["sql"])
            assert value == row["value"]
            assert told in (None, row["session_date"])
    assert verdicts["value"].count() > 200
    assert verdicts["grade"].n_unique() == 5


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cut", [0, 60, 251, 299])
def test_later_data_changes_nothing_before_it_and_order_nothing_at_all(kind: str, cut: int) -> None:
    given = many()
    known = pl.col("session_date") <= day(cut)
    early = given.zones.filter(known)
    other = given.zones.filter(~known).with_columns(
        strength_percentile=pl.lit(3.0), failures=pl.lit(9), lower=pl.lit(1.0)
    )
    whole = claim(kind).function(given)
    changed = replace(
        given,
        zones=pl.concat([other.cast(given.zones.schema), early]).sample(
            fraction=1, shuffle=True, seed=3
        ),
        series=pl.concat(
            [
                given.series.filter(known),
                given.series.filter(~known).with_columns(pl.lit(5.0).alias("close")),
            ]
        ).sample(fraction=1, shuffle=True, seed=5),
    )
    again: Graded = claim(kind).function(changed)
    assert_frame_equal(again.verdict.filter(known), whole.verdict.filter(known))
    assert_frame_equal(
        again.legs.filter(known).sort("session_date", "leg"),
        whole.legs.filter(known).sort("session_date", "leg"),
    )
