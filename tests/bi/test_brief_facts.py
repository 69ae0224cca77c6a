"""What the brief reads from a published warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bi.brief.charts import coverage_panel, flows_panel
from bi.brief.facts import Facts, NothingToTell, gather
from bi.brief.numbers import long_date
from bi.brief.series import evening as end_of
from tests.bi.brief_evening import (
    CLAIMS,
    EVENING,
    GRADED,
    HOLES,
    LEGS,
    build,
    claim,
    leg,
    sessions,
)
from transforms.metrics.tables import MART_TABLES
from warehouse.store import Warehouse, open_reader, open_writer
from warehouse.tables import TABLES
from warehouse.tables.table import schema


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    path = build(tmp_path_factory.mktemp("evening") / "riskon.duckdb")
    with open_reader(path) as reader:
        yield reader


@pytest.fixture(scope="module")
def facts(evening: Warehouse) -> Facts:
    return gather(evening)


def told(path: Path, session: date | None = None) -> Facts:
    with open_reader(path) as reader:
        return gather(reader, session)


def test_the_latest_evening_is_the_default(evening: Warehouse, facts: Facts) -> None:
    assert facts.session_date == facts.latest_session == EVENING
    assert facts == gather(evening, EVENING)


def test_claims_come_in_the_methodologys_order_with_their_own_legs(facts: Facts) -> None:
    assert [claim.article_row for claim in facts.claims] == [1, 2, 4, 5, 6]
    assert [[leg.leg for leg in claim.legs] for claim in facts.claims] == [
        ["Smallcap 100 over 9 sessions"],
        ["Midcap 100 over 9 sessions"],
        ["Smallcap 100 below its high"],
        ["FII net over 9 sessions"],
        ["Surprises"],
    ]


def test_only_the_last_recorded_grade_and_its_legs_are_told(tmp_path: Path) -> None:
    later = GRADED + timedelta(hours=2)
    claims = [
        *CLAIMS,
        claim("mid_caps_follow", "CONTRADICTED", 2, recorded_at=later, definition_version=2),
    ]
    legs = [
        *LEGS,
        leg("mid_caps_follow", "regraded", False, recorded_at=later, definition_version=2),
    ]
    facts = told(build(tmp_path / "w.duckdb", claims=claims, legs=legs))
    regraded = facts.claims[1]
    assert (regraded.grade, regraded.definition_version) == ("CONTRADICTED", 2)
    assert [leg.leg for leg in regraded.legs] == ["regraded"]
    assert len(facts.claims) == len(CLAIMS)


def test_legs_are_ordered_as_people_count(tmp_path: Path) -> None:
    names = ["net_sum_10", "net_sum_2", "above_usual", "net_sum_1"]
    legs = [leg("a", name, True) for name in names]
    facts = told(build(tmp_path / "w.duckdb", claims=[claim("a", "PARTLY", 1)], legs=legs))
    assert [leg.leg for leg in facts.claims[0].legs] == [
        "above_usual",
        "net_sum_1",
        "net_sum_2",
        "net_sum_10",
    ]


def test_an_ungraded_date_names_the_nearest_graded_sessions(tmp_path: Path) -> None:
    before = EVENING - timedelta(days=7)
    claims = [claim("a", "PARTLY", 1), claim("a", "PARTLY", 1, session_date=before)]
    path = build(tmp_path / "w.duckdb", claims=claims, legs=[])
    with pytest.raises(NothingToTell, match="a session, but nothing is graded") as ungraded:
        told(path, EVENING - timedelta(days=2))
    assert f"{before} and {EVENING}" in str(ungraded.value)
    with pytest.raises(NothingToTell, match="no trading session"):
        told(path, date(2026, 2, 8))
    with pytest.raises(NothingToTell, match=f"Thursday, 12 February 2026 .* {EVENING}\\."):
        told(path, EVENING + timedelta(days=1))
    assert told(path, before).latest_session == EVENING


def test_a_date_in_a_hole_or_beyond_the_ends_is_not_called_no_session(tmp_path: Path) -> None:
    """2022-12-07 was a session: holding nothing of it says nothing about the exchange."""
    path = build(tmp_path / "w.duckdb")
    first = sessions()[0]
    outside = ((first - timedelta(days=400), first), (EVENING + timedelta(days=1), EVENING))
    for asked, nearest in outside:
        with pytest.raises(NothingToTell) as untold:
            told(path, asked)
        assert str(untold.value) == (
            f"No data is held for {long_date(asked)} ({asked}); "
            f"the nearest sessions held: {nearest}."
        )
    before, after = date(2025, 10, 31), date(2025, 11, 17)
    with open_writer(path, []) as store:
        store.execute(
            "DELETE FROM core.trading_session WHERE session_date > ? AND session_date < ?",
            [before, after],
        )
    for asked in (date(2025, 11, 8), date(2025, 11, 12)):
        with pytest.raises(NothingToTell, match=f"No data is held .* {before} and {after}"):
            told(path, asked)
    with pytest.raises(NothingToTell, match="is no trading session"):
        told(path, date(2025, 10, 26))


def test_nothing_graded_is_an_error_not_an_empty_page(tmp_path: Path) -> None:
    with pytest.raises(NothingToTell, match="riskon nightly"):
        told(build(tmp_path / "w.duckdb", claims=[], legs=[]))


def test_trouble_stands_first_and_a_source_without_sessions_shows_its_last_state(
    facts: Facts,
) -> None:
    assert [(source.source_id, source.state) for source in facts.sources] == [
        ("nse_fii_dii", "late"),
        ("nse_holidays", "loaded"),
        ("nse_index_close", "loaded"),
    ]
    late, listed, closes = facts.sources
    assert "got those of 10-Feb-2026" in late.detail
    assert late.recent[0] == (EVENING, "late")
    assert listed.state_date < EVENING
    assert closes.sha256 == "ab" * 32
    assert len(closes.recent) == 10


def test_only_checks_that_found_rows_are_named(facts: Facts) -> None:
    assert facts.checks == 2
    assert [check.check_id for check in facts.failed_checks] == ["one_bar_a_session"]


def test_levels_are_price_and_a_missing_session_is_null(facts: Facts) -> None:
    frame = facts.levels.frame
    assert facts.levels.names == ("Nifty 50", "Midcap 100", "Smallcap 100")
    assert facts.levels.absent == ("Microcap 250",)
    assert frame.height == 3 * 120
    empty = frame.filter(frame["value"].is_null())["session_date"].to_list()
    assert set(empty) == HOLES
    nifty = frame.filter(frame["name"] == "Nifty 50").drop_nulls()["value"].max()
    assert isinstance(nifty, float)
    assert nifty < 30000, "a total return level was drawn as price"


def test_flows_keep_to_one_scope(facts: Facts) -> None:
    flows = facts.flows
    assert (flows.scope, flows.stage) == ("NSE+BSE+MSEI", "provisional")
    assert flows.lines.frame.height == 2 * 60
    assert flows.imported_sessions == 28


def test_an_earlier_evening_sees_nothing_later(tmp_path: Path) -> None:
    before = EVENING - timedelta(days=7)
    claims = [*CLAIMS, claim("a", "PARTLY", 1, session_date=before)]
    facts = told(build(tmp_path / "w.duckdb", claims=claims), before)
    assert facts.levels.frame["session_date"].max() == before
    assert facts.drawdowns.frame["session_date"].max() == before
    assert facts.flows.lines.frame["session_date"].max() == before
    assert all(day <= before for source in facts.sources for day, _ in source.recent)


def test_before_warm_up_the_drawdown_is_absent(tmp_path: Path) -> None:
    early = EVENING - timedelta(days=90)
    claims = [claim("a", "UNTESTABLE", 1, session_date=early)]
    facts = told(build(tmp_path / "w.duckdb", claims=claims, legs=[]), early)
    assert facts.drawdowns.names == ()
    assert facts.drawdowns.absent == ("Smallcap 100", "Nifty 50")


def test_an_empty_market_is_told_as_absent(tmp_path: Path) -> None:
    facts = told(build(tmp_path / "w.duckdb", with_levels=False, with_flows=False))
    assert facts.levels.names == facts.drawdowns.names == facts.flows.lines.names == ()
    assert (facts.flows.scope, facts.flows.stage) == ("", "")


def test_an_evening_is_the_same_before_and_after_what_came_later(tmp_path: Path) -> None:
    """Flows, results and the world outside: a past evening's are what that evening's were."""
    day = EVENING - timedelta(days=1)
    claims = [*CLAIMS, claim("small_caps_rebound", "SUPPORTED", 1, session_date=day)]
    path = build(tmp_path / "w.duckdb", claims=claims)
    with open_writer(path, [*TABLES, *MART_TABLES]) as store:
        for table in ("mart.earnings", "mart.macro", "mart.index_valuation"):
            store.execute(f"DELETE FROM {table} WHERE session_date = ?", [day])
            store.execute(
                f"INSERT INTO {table} SELECT * REPLACE ($1::DATE AS session_date) FROM {table} "
                "WHERE session_date = $2",
                [day, EVENING],
            )
        after = gather(store, day)
        for mart in MART_TABLES:
            if "session_date" in schema(mart):
                store.execute(f"DELETE FROM {mart.table} WHERE session_date > ?", [day])
            if "published_at" in schema(mart):
                store.execute(f"DELETE FROM {mart.table} WHERE published_at > ?", [end_of(day)])
        before = gather(store, day)
    assert len(before.season.rows) == 6
    assert len(before.outside.figures) == 18
    assert [
        count.session_date for count in before.institutions.counts if count.stage == "final"
    ] == [day - timedelta(days=1)]
    assert after.institutions == before.institutions
    assert after.outside == before.outside
    assert after.season == before.season
    assert flows_panel(after) == flows_panel(before)
    assert coverage_panel(after.season) == coverage_panel(before.season)
