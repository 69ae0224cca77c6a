"""Rows 8 and 10: who leads, by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from tests.transforms.told_shares import MARKET, SMALLCAP_250, leadership
from transforms.signals.claim import Inputs
from transforms.signals.claims.quality_leads import quality_leads
from transforms.signals.claims.sectors_lead import named_sectors_lead

DAYS = [date(2026, 2, 2) + timedelta(days=n) for n in range(4)]
LEADS: dict[str, Any] = {
    "quality_lift_9": 1.2,
    "index_move_9_pct": 4.0,
    "quality_ic_beta_adjusted_9": 0.12,
    "quality_ic_beta_adjusted_9_p": 0.04,
    "quality_ic_9": 0.02,
    "quality_ic_9_p": 0.4,
    "quality_ic_members_9": 200,
    "residual_9_bps": 12.0,
}


def inputs(*held: pl.DataFrame) -> Inputs:
    nothing = pl.DataFrame()
    days = pl.DataFrame({"session_date": DAYS})
    told = pl.concat(held) if held else nothing
    return Inputs(days, nothing, nothing, nothing, nothing, leadership=told)


def quality(microcap: float | None = -1.0, biased: bool = False, **told: Any) -> Inputs:
    return inputs(
        leadership(DAYS, SMALLCAP_250, is_biased=biased, **(LEADS | told)),
        leadership(DAYS, MARKET, microcap_less_smallcap_100_9_points=microcap),
    )


def led(given: Inputs) -> dict[str, Any]:
    return quality_leads(given).verdict.row(-1, named=True)


@pytest.mark.parametrize(
    ("microcap", "told", "grade"),
    [
        (-0.1, {}, "SUPPORTED"),
        (0.0, {}, "PARTLY"),
        (-0.1, {"quality_lift_9": 1.1}, "PARTLY"),
        (-0.1, {"index_move_9_pct": -4.0}, "PARTLY"),  # a greater part of a fall is no lead
        (-0.1, {"index_move_9_pct": -4.0, "quality_lift_9": 0.5}, "SUPPORTED"),
        (-0.1, {"quality_ic_beta_adjusted_9_p": 0.1}, "PARTLY"),
        (-0.1, {"quality_lift_9": None}, "PARTLY"),  # the index stood still: nothing led
        (None, {}, "PARTLY"),
        (1.0, {"quality_lift_9": 1.0}, "NOT SUPPORTED"),
        (None, {"quality_lift_9": 1.0}, "UNTESTABLE"),  # microcaps would have decided
        (1.0, {"quality_lift_9": None, "residual_9_bps": None}, "UNTESTABLE"),
        (1.0, {"quality_lift_9": 1.0, "quality_ic_beta_adjusted_9": -0.1}, "CONTRADICTED"),
        (-0.1, {"quality_ic_beta_adjusted_9": None}, "UNTESTABLE"),
    ],
)
def test_lift_skill_and_microcaps_grade(
    microcap: float | None, told: dict[str, Any], grade: str
) -> None:
    assert led(quality(microcap, **told))["grade"] == grade


def test_skill_without_beta_decides_and_its_chance_is_the_null() -> None:
    row = led(quality())
    assert (row["value"], row["null_probability"], row["sample_size"]) == (0.12, 0.04, 200)
    legs = quality_leads(quality()).legs.filter(session_date=DAYS[-1])
    assert dict(legs.select("leg", "holds").iter_rows()) == {
        "lift": True,
        "quality_beyond_beta": True,
        "quality_as_it_is": False,
        "beats_microcaps": True,
    }


def test_a_large_residual_or_a_later_list_caps_the_grade_and_is_told() -> None:
    assert led(quality(residual_9_bps=45.0))["grade"] == "SUPPORTED"
    rough = led(quality(residual_9_bps=-45.1))
    assert rough["grade"] == "PARTLY"
    assert "residual \N{MINUS SIGN}45.1 basis points, so PARTLY at most" in rough["reasons"]
    biased = led(quality(biased=True))
    assert biased["grade"] == "PARTLY"
    assert f"the 9 sessions to {DAYS[-1]} are known only from a list" in biased["reasons"]


def test_a_move_without_lift_says_so() -> None:
    row = led(quality(quality_lift_9=None))
    assert "no lift, because the index moved less than 1%" in row["reasons"]
    legs = quality_leads(quality(quality_lift_9=None)).legs.filter(leg="lift")
    assert (legs["holds"][-1], legs["value"][-1]) == (False, None)


def test_no_members_or_no_results_are_named_with_the_last_session_that_had_them() -> None:
    assert "nse_index_members" in led(inputs())["reasons"]
    assert "none is held so far" in led(inputs())["reasons"]
    known = leadership(DAYS[:2], SMALLCAP_250, **LEADS)
    row = led(inputs(known))
    assert (row["grade"], row["value"]) == ("UNTESTABLE", None)
    assert f"last held for {DAYS[1]}" in row["reasons"]
    silent = led(quality(quality_ic_beta_adjusted_9=None, quality_ic_members_9=19))
    assert silent["reasons"].startswith("19 members of Nifty Smallcap 250 have quality")
    assert "nse_result_document" in silent["reasons"]


SECTORS: dict[str, Any] = {
    "sectors_9": 20,
    "named_sectors_9": 6,
    "named_in_top_third_9": 4,
    "named_sector_percentile_9": 74.0,
    "named_sector_p_9": 0.05,
    "sectors_21": 20,
    "named_sectors_21": 6,
    "named_in_top_third_21": 3,
    "named_sector_percentile_21": 60.0,
    "named_sector_p_21": 0.2,
}


def sectors(universe: str = SMALLCAP_250, biased: bool = False, **told: Any) -> Inputs:
    return inputs(leadership(DAYS, universe, is_biased=biased, **(SECTORS | told)))


def lead(given: Inputs) -> dict[str, Any]:
    return named_sectors_lead(given).verdict.row(-1, named=True)


@pytest.mark.parametrize(
    ("told", "grade"),
    [
        ({}, "SUPPORTED"),
        ({"named_sector_p_9": 0.1}, "PARTLY"),
        ({"named_in_top_third_9": 3}, "PARTLY"),
        ({"named_in_top_third_9": 2, "named_sectors_9": 3}, "SUPPORTED"),
        ({"named_in_top_third_9": 3, "named_sectors_9": 5}, "PARTLY"),
        ({"named_in_top_third_9": 3, "named_sector_p_9": 0.2}, "NOT SUPPORTED"),
        (
            {
                "named_in_top_third_9": 0,
                "named_sector_p_9": 0.8,
                "named_sector_percentile_9": 39.9,
            },
            "CONTRADICTED",
        ),
        ({"named_sector_percentile_9": None, "named_sector_p_9": None}, "UNTESTABLE"),
    ],
)
def test_unlikely_and_in_the_top_third_grade(told: dict[str, Any], grade: str) -> None:
    assert lead(sectors(**told))["grade"] == grade


def test_places_are_told_with_the_chance_of_luck() -> None:
    row = lead(sectors())
    assert (row["value"], row["null_probability"], row["sample_size"]) == (74.0, 0.05, 20)
    assert row["reasons"] == (
        "of 20 sectors of Nifty Smallcap 250 over 9 sessions, 4 of 6 named are in the top third, "
        "mean percentile 74.0; as high by chance in 5.0% of draws"
    )
    few = lead(sectors(named_sectors_9=5))
    assert "some of the 6 named have no known return" in few["reasons"]
    legs = named_sectors_lead(sectors()).legs.filter(session_date=DAYS[-1])
    assert dict(legs.select("leg", "holds").iter_rows()) == {
        "beyond_chance_9": True,
        "top_third_9": True,
        "beyond_chance_21": False,
        "top_third_21": False,
    }


def test_sectors_of_the_market_stand_in_and_a_later_list_caps() -> None:
    assert lead(sectors(MARKET))["universe"] == MARKET
    assert lead(sectors(biased=True))["grade"] == "PARTLY"
    assert lead(inputs())["grade"] == "UNTESTABLE"
    assert "nse_index_members" in lead(inputs())["reasons"]


@pytest.mark.parametrize("cut", range(4))
def test_what_comes_later_changes_nothing_before_it(cut: int) -> None:
    told = SECTORS | LEADS
    given = inputs(leadership(DAYS, **told), leadership(DAYS[2:], MARKET, **told))
    known = pl.col("session_date") <= DAYS[cut]
    past = inputs(given.leadership.filter(known))
    for claim in (quality_leads, named_sectors_lead):
        expected = claim(given).verdict.filter(known)
        assert claim(past).verdict.filter(known).equals(expected)
