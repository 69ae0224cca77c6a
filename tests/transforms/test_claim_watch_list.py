"""Row 18: what the monitors say together, by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from tests.transforms.told_verdict import graded, inputs, keeps_the_contract, legs_at, rows
from transforms.signals.claims.watch_list import watch_list_is_green
from warehouse.tables.signals import Monitor

WATCHED = ("fii_inflows", "filings", "midcap_participation", "macro")
DAYS = [date(2025, 1, 1) + timedelta(days=n) for n in range(4)]
G, A, R, U = "green", "amber", "red", "unknown"


def row(day: date, monitor: str, colour: str) -> dict[str, Any]:
    is_known = colour != "unknown"
    return {
        "session_date": day,
        "monitor_id": monitor,
        "title": monitor,
        "colour": colour,
        "value": 12.5 if is_known else None,
        "unit": "percent",
        "percentile": 70.0 if is_known else None,
        "changed_on": day,
        "reasons": "because",
    }


def monitors(colours: str, level: str = G, days: list[date] = DAYS) -> pl.DataFrame:
    """The four monitors in order, one letter a colour, and the level, on all days."""
    named = {"G": G, "A": A, "R": R, "U": U}
    told = [(name, named[one]) for name, one in zip(WATCHED, colours, strict=True)]
    return rows(
        Monitor,
        [
            row(day, name, colour)
            for day in days
            for name, colour in (*told, ("level_holds", level))
        ],
    )


def at(held: pl.DataFrame, day: date = DAYS[-1], days: list[date] = DAYS) -> dict[str, Any]:
    return graded(watch_list_is_green, inputs(days, monitors=held))[day]


@pytest.mark.parametrize(
    ("colours", "level", "grade", "value"),
    [
        ("GGGG", G, "SUPPORTED", 4),
        ("GGGG", A, "SUPPORTED", 4),
        ("GGGG", U, "SUPPORTED", 4),
        ("GGGG", R, "PARTLY", 4),  # a broken support is a veto
        ("GGGA", G, "PARTLY", 3),
        ("GGGU", G, "PARTLY", 3),  # the fourth might be red
        ("GGAA", G, "PARTLY", 2),
        ("GAAA", G, "NOT SUPPORTED", 1),
        ("GGGR", G, "NOT SUPPORTED", 3),
        ("RRGG", G, "NOT SUPPORTED", 2),
        ("RRRG", G, "CONTRADICTED", 1),
        ("RRRU", G, "CONTRADICTED", 0),
        ("RRRR", R, "CONTRADICTED", 0),
        ("GGUU", G, "UNTESTABLE", None),
        ("UUUU", U, "UNTESTABLE", None),
    ],
)
def test_colours_grade(colours: str, level: str, grade: str, value: float | None) -> None:
    told = at(monitors(colours, level))
    assert (told["grade"], told["value"]) == (grade, value)


def test_reasons_name_each_monitor_and_what_is_unknown() -> None:
    told = at(monitors("GGRU", R))
    assert "2 of 4 green: FII inflows green" in told["reasons"]
    assert "mid caps red, world outside unknown; the support is broken" in told["reasons"]
    assert "not known: world outside (fred)" in told["reasons"]
    assert "PARTLY at most" not in told["reasons"]
    assert "broken, so PARTLY at most" in at(monitors("GGGG", R))["reasons"]
    few = at(monitors("GUUU"))
    assert few["reasons"].startswith("1 of the 4 monitors are known, 3 are needed")
    assert "results (proxy for guidance) (nse_result_document)" in few["reasons"]
    assert at(pl.DataFrame())["reasons"] == "mart.monitor is not derived"


def test_legs_hold_where_green_and_name_the_source_where_unknown() -> None:
    legs = legs_at(watch_list_is_green, inputs(DAYS, monitors=monitors("GAUR", A)), DAYS[0])
    assert {name: (one["holds"], one["missing"]) for name, one in legs.items()} == {
        "fii_inflows": (True, ""),
        "filings": (False, ""),
        "midcap_participation": (None, "nse_index_close"),
        "macro": (False, ""),
        "level_holds": (True, ""),
    }
    assert (legs["fii_inflows"]["value"], legs["fii_inflows"]["unit"]) == (12.5, "Rs crore")
    broken = legs_at(watch_list_is_green, inputs(DAYS, monitors=monitors("GGGG", R)), DAYS[0])
    assert broken["level_holds"]["holds"] is False


def test_what_never_happened_is_not_impossible() -> None:
    days = [date(2023, 1, 1) + timedelta(days=n) for n in range(254)]
    told = graded(watch_list_is_green, inputs(days, monitors=monitors("GGGA", days=days)))
    assert told[days[251]]["null_probability"] is None
    assert "earlier" not in told[days[251]]["reasons"]
    row = told[days[252]]
    assert (row["grade"], row["null_probability"]) == ("PARTLY", pytest.approx(1 / 253))
    assert row["reasons"].endswith(
        "; all green, and the support not broken, on none of 252 earlier sessions"
    )


def test_luck_is_how_often_all_were_green_before() -> None:
    days = [date(2023, 1, 1) + timedelta(days=n) for n in range(260)]
    green, amber, half = days[:100], days[100:250], days[250:]
    held = pl.concat(
        [
            monitors("GGGG", days=green),
            monitors("GGGA", days=amber),
            monitors("GGGU", days=half[:5]),  # untested: neither for nor against
            monitors("GGGG", days=half[5:]),
        ]
    )
    told = graded(watch_list_is_green, inputs(days, monitors=held))
    assert told[days[252]]["null_probability"] is None
    # 252 sessions were tested before the last but two: 100 green early, 2 of the last 5.
    assert told[days[257]]["null_probability"] == pytest.approx(103 / 253)
    assert told[days[259]]["null_probability"] == pytest.approx(105 / 255)
    assert told[days[259]]["sample_size"] == 255


def test_the_contract_is_kept() -> None:
    held = pl.concat(
        [
            monitors("GGGG", days=DAYS[:1]),
            monitors("GGUU", days=DAYS[1:2]),
            monitors("RRRG", R, days=DAYS[2:3]),
        ]
    )
    keeps_the_contract("watch_list_is_green", inputs(DAYS, monitors=held), DAYS)
    keeps_the_contract("watch_list_is_green", inputs(DAYS), DAYS[-1:])
    untold = at(held, DAYS[3])
    assert (untold["grade"], untold["value"]) == ("UNTESTABLE", None)
