"""The study on the publisher's own history, 2004 to 2022: read back by hand from its files."""

from __future__ import annotations

import json
from datetime import date, datetime
from math import log
from pathlib import Path

import polars as pl
import pytest

from bi.study import report
from tests.transforms.studied_market import LARGE, MARKET, NOTHING, SMALL
from transforms.parse.index_history import TOTAL_RETURN_JSON
from transforms.parse.layout import Payload
from transforms.signals.associations import associations
from transforms.signals.event_study.study import event_study, quarter_ends

pytestmark = pytest.mark.real

FILES = {LARGE: "NIFTY 50", MARKET: "NIFTY 500", SMALL: "NIFTY SMALLCAP 100"}


def path_of(archive: Path, index_id: str) -> Path:
    path = archive / "niftyindices" / "tri" / f"{FILES[index_id]}.json"
    if not path.exists():
        pytest.skip(f"no total-return history in the archive: {path.name}")
    return path


@pytest.fixture(scope="module")
def totals(archive: Path) -> pl.DataFrame:
    found = []
    for index_id in FILES:
        path = path_of(archive, index_id)
        rows = TOTAL_RETURN_JSON.read(Payload(path.read_bytes(), path.name))
        typed = rows.select(
            index_id=pl.lit(index_id),
            **{
                name: TOTAL_RETURN_JSON.typed[name]
                for name in ("session_date", "return_variant", "close")
            },
        )
        found.append(
            typed.filter(pl.col("return_variant") == "total_return")
            .select("index_id", "session_date", pl.col("close").cast(pl.Float64))
            .unique(["index_id", "session_date"], keep="first")
        )
    return pl.concat(found)


@pytest.fixture(scope="module")
def sessions(totals: pl.DataFrame) -> pl.DataFrame:
    """Days on which small caps have a level: from 2004 on."""
    return totals.filter(pl.col("index_id") == SMALL).select("session_date").sort("session_date")


def test_events_and_what_followed_are_those_of_the_files(
    archive: Path, totals: pl.DataFrame, sessions: pl.DataFrame
) -> None:
    through = quarter_ends(sessions)[-1]
    found = event_study(totals, totals, NOTHING, sessions, [through])
    level = {}
    document = json.loads(path_of(archive, MARKET).read_text(encoding="utf-8"))
    for row in json.loads(document["d"]):
        day = datetime.strptime(row["Date"], "%d %b %Y").date()
        level[day] = float(row["TotalReturnsIndex"])
    days = sessions["session_date"].to_list()
    mine = found.events.filter(
        (pl.col("target") == MARKET)
        & (pl.col("horizon_sessions") == 126)
        & (pl.col("event_id") == "risen_10_after_15")
        & pl.col("left_on").is_not_null()
    )
    assert mine.height >= 10
    for row in mine.iter_rows(named=True):
        at = days.index(row["session_date"])
        assert (row["entered_on"], row["left_on"]) == (days[at + 1], days[at + 127])
        expected = 100 * log(level[row["left_on"]] / level[row["entered_on"]])
        assert row["return_pct"] == pytest.approx(expected, abs=1e-8)
        assert row["is_hypothetical"] is (row["session_date"] < date(2018, 4, 2))
    years = {day.year for day in mine["session_date"]}
    assert {2009, 2020} <= years


def test_what_the_history_says_of_the_claim(totals: pl.DataFrame, sessions: pl.DataFrame) -> None:
    """Twelve of eighteen tests can be made without share prices, and none of them stands."""
    through = quarter_ends(sessions)[-1]
    studies = event_study(totals, totals, NOTHING, sessions, [through]).studies
    tests = studies.filter(pl.col("role") == "test")
    assert set(tests["tests"]) == {12}
    made = tests.filter(pl.col("p_value").is_not_null())
    assert made["events"].min() >= 10  # type: ignore[operator]
    assert set(made["grade"]) == {"NOT SUPPORTED"}
    assert set(tests.filter(pl.col("p_value").is_null())["grade"]) == {"INSUFFICIENT"}


def test_small_caps_do_not_come_first(totals: pl.DataFrame, sessions: pl.DataFrame) -> None:
    """As Sahoo and Kumar (2022) found of daily total returns: if anything, large caps lead."""
    through = quarter_ends(sessions)[-1:]
    rows = associations(totals, totals, NOTHING, sessions, through).rows_by_key(
        "association_id", named=True, unique=True
    )
    assert rows["large_before_small_weekly"]["low"] > 0
    assert rows["small_before_large_weekly"]["low"] < 0 < rows["small_before_large_weekly"]["high"]
    assert rows["small_before_large_weekly"]["p_value"] > 0.10
    assert rows["first_to_react"]["value"] > 0


def test_the_report_reads_to_its_end(totals: pl.DataFrame, sessions: pl.DataFrame) -> None:
    told = report(totals, totals, NOTHING, sessions)
    assert "Of 18 tests 12 could be made on 2004-01-0" in told
    assert "none stands at 10%" in told
