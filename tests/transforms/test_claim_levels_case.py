"""Zones that an article prints, against our own: overlap by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from bi.cases import cases
from tests.transforms.drawn_levels import NOTHING, day, inputs, zone
from transforms.signals.case import grade_case
from transforms.signals.claim import Inputs
from transforms.signals.figures import grade_figure
from transforms.signals.level_figure import Zone, jaccard, rise_from, rise_to
from transforms.signals.size_indices import HEADLINE

CASE = cases()["smallcap-rebound-2026"]
STATED = Zone("support_holds", HEADLINE, "support", 16_350.0, 16_500.0)


@pytest.mark.parametrize(
    ("lower", "upper", "share"),
    [
        (16_350.0, 16_500.0, 1.0),
        (16_300.0, 16_400.0, 50 / 200),  # 16,350 to 16,400 of 16,300 to 16,500
        (16_400.0, 16_450.0, 50 / 150),  # inside
        (16_200.0, 16_800.0, 150 / 600),  # around
        (16_500.0, 16_600.0, 0.0),  # they touch
        (15_000.0, 15_100.0, 0.0),
    ],
)
def test_jaccard(lower: float, upper: float, share: float) -> None:
    got = pl.select(jaccard(pl.lit(lower), pl.lit(upper), STATED)).item()
    assert got == pytest.approx(share, abs=1e-12)


def graded(*zones: dict[str, Any], figure: Zone = STATED) -> Any:
    return grade_figure(inputs([16_800.0], zones), figure, day(0))


def own(lower: float, upper: float, strength: float | None, rank: int = 1) -> dict[str, Any]:
    return zone(0, "support", lower, upper, strength_percentile=strength, zone_rank=rank)


@pytest.mark.parametrize(
    ("lower", "upper", "strength", "grade"),
    [
        # 16,455 to 16,500 of 16,350 to 16,500 is 0.3.
        (16_455.0, 16_500.0, 90.0, "SUPPORTED"),
        (16_455.0, 16_500.0, 89.9, "PARTLY"),
        (16_455.0, 16_500.0, None, "PARTLY"),
        (16_456.0, 16_500.0, 99.0, "NOT SUPPORTED"),
        (15_000.0, 15_100.0, 99.0, "NOT SUPPORTED"),
    ],
)
def test_overlap_and_strength_grade(
    lower: float, upper: float, strength: float | None, grade: str
) -> None:
    found = graded(own(lower, upper, strength))
    assert found.grade == grade
    assert (found.stated, found.value) == (16_425.0, (lower + upper) / 2)
    assert (found.percentile, found.null_probability) == (strength, 0.4)
    assert found.ends_on == day(0)


def test_the_zone_that_shares_most_grades_and_all_are_named() -> None:
    found = graded(
        own(16_600.0, 16_700.0, 99.0),
        own(16_340.0, 16_460.0, 95.0, 2),
        own(16_000.0, 16_100.0, 1.0, 3),
    )
    # 16,350 to 16,460 of 16,340 to 16,500.
    assert found.reasons == (
        "16,350.00 to 16,500.00 shares 68.8% of its range with our support of 16,340.00 to "
        "16,460.00 (2 turning points); its bounces stand at percentile 95.0 of artificial levels; "
        "all of ours: support 16,600.00 to 16,700.00, support 16,340.00 to 16,460.00, support "
        "16,000.00 to 16,100.00"
    )
    assert found.grade == "SUPPORTED"
    # Where none overlaps, the nearest is told.
    assert graded(own(15_000.0, 15_100.0, 50.0), own(16_600.0, 16_700.0, 50.0, 2)).value == 16_650


def test_a_support_is_no_resistance_and_no_zone_at_all_is_no_answer() -> None:
    resistance = zone(0, "resistance", 16_350.0, 16_500.0)
    found = graded(resistance)
    assert (found.grade, found.value) == ("NOT SUPPORTED", None)
    assert found.reasons == (
        "we find no support on 2021-01-01, whose zones are resistance 16,350.00 to 16,500.00"
    )
    for given in (
        inputs([16_800.0]),
        replace(inputs([16_800.0]), zones=NOTHING),
        inputs([16_800.0], [zone(0, "support", 16_350.0, 16_500.0, index_id="nifty-50")]),
        inputs([16_800.0] * 2, [zone(1, "support", 16_350.0, 16_500.0)]),
    ):
        none = grade_figure(given, STATED, day(0))
        assert none.grade == "UNTESTABLE"
        assert none.reasons == f"mart.zone holds no zone of {HEADLINE} for 2021-01-01"


@pytest.mark.parametrize(
    ("figure", "says"),
    [
        (
            replace(STATED, course=rise_to(17_000.0, 6.0)),
            "a rise of 6% that ends at 17,000 starts at 16,038, below the stated support",
        ),
        (
            replace(STATED, course=rise_to(17_400.0, 6.0)),
            "a rise of 6% that ends at 17,400 starts at 16,415, within the stated support",
        ),
        (
            Zone(
                "resistance_stands",
                HEADLINE,
                "resistance",
                17_100.0,
                17_250.0,
                rise_from(16_350.0, 6.0),
            ),
            "a rise of 6% that starts at 16,350 ends at 17,331, above the stated resistance",
        ),
    ],
)
def test_the_rise_is_held_against_the_levels(figure: Zone, says: str) -> None:
    """Methodology 0.4."""
    for found in (graded(figure=figure), graded(own(1.0, 2.0, 5.0), figure=figure)):
        assert found.reasons.endswith(f"; {says}")


def at_the_case(*zones: dict[str, Any], days_later: int = 0) -> Inputs:
    """The case's own date as the first of a few sessions."""
    shift = CASE.published_on - day(0)
    given = inputs([16_800.0] * (1 + days_later), zones)
    moved = pl.col("session_date") + shift
    return replace(
        given,
        sessions=given.sessions.with_columns(moved),
        series=given.series.with_columns(moved),
        zones=given.zones.with_columns(moved),
        momentum=pl.DataFrame(
            schema={"index_id": pl.String, "session_date": pl.Date, "return_9_pct": pl.Float64}
        ),
    )


def zone_rows(given: Inputs, as_of: date | None = None) -> dict[int, dict[str, Any]]:
    bare = replace(CASE, claims=(), figures=CASE.figures[-2:])
    rows = grade_case(given, bare, as_of).iter_rows(named=True)
    return {row["article_row"]: row for row in rows}


def test_the_article_s_two_zones_are_graded_as_of_its_date() -> None:
    support = zone(0, "support", 16_350.0, 16_500.0)
    rows = zone_rows(at_the_case(support, zone(0, "resistance", 17_000.0, 17_050.0)))
    assert [(row["grade"], row["stated"]) for row in rows.values()] == [
        ("SUPPORTED", 16_425.0),
        ("NOT SUPPORTED", 17_175.0),
    ]
    assert rows[15]["percentile"] == 92.0
    assert "starts at 16,038, below the stated support" in rows[15]["reasons"]
    assert "ends at 17,331, above the stated resistance" in rows[16]["reasons"]
    # A zone drawn a session later was not there to be read.
    later = zone_rows(at_the_case(support | {"session_date": day(1)}, days_later=1))
    assert later[15]["grade"] == "UNTESTABLE"
