"""Nights as they come: every session in one state, news found, revisions kept, nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.bring import bring
from flows.demo.exchange import Exchange
from flows.demo.formats.market import flow_history_csv
from flows.demo.world.market import Market, simulate
from flows.demo.world.story import UNANNOUNCED_CLOSURE, UNANNOUNCED_SESSION
from flows.errors import CheckFailed, WrongOrigin
from flows.night import Window, night, rebuild
from flows.settings import Settings
from flows.sources import SOURCES
from tests.exchange.homes import CLOSES, asking, at
from warehouse.store import open_reader

INDEX, FLOW, LIST = "nse_index_close", "nse_fii_dii", "nse_holidays"
RESTATED = date(2026, 2, 5)
Compare = Callable[..., list[str]]


@pytest.fixture(scope="module")
def lived(
    new_home: Callable[[date], Any], market: Market, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """A home after a week of nights: imports, a restatement, an evening that was missed."""
    home = new_home(date(2026, 1, 27))
    home.night(date(2026, 2, 2))
    csv = tmp_path_factory.mktemp("inbox") / "flows.csv"
    csv.write_bytes(flows_before(market, date(2026, 2, 3)))
    bring(home.settings(at(date(2026, 2, 3), "09:00")), csv, {})
    home.night(date(2026, 2, 3), "19:30")
    home.night(date(2026, 2, 3), "22:30")
    # Wednesday the machine was off.
    home.night(RESTATED, "19:30")
    home.night(RESTATED, "20:45")
    home.night(RESTATED, "22:30")
    assert home.state(FLOW, date(2026, 2, 4))["state"] == "unrecoverable"
    csv.write_bytes(flows_before(market, RESTATED))
    bring(home.settings(at(RESTATED, "22:40")), csv, {})
    return home


def flows_before(market: Market, day: date) -> bytes:
    return flow_history_csv(market.flows.filter(pl.col("session_date") < day))


def test_every_source_and_session_has_exactly_one_state(lived: Any, market: Market) -> None:
    rows = lived.read("SELECT source_id, session_date, state FROM ops.day_state")
    told = {(row["source_id"], row["session_date"]): row["state"] for row in rows}
    assert len(told) == len(rows)
    dated = {day for source, day in told if source == INDEX}
    assert dated == {date(2026, 1, 27) + timedelta(days=n) for n in range(10)}
    sessions = set(market.sessions["session_date"])
    for day in dated:
        assert told[INDEX, day] == ("loaded" if day in sessions else "holiday")
    assert told[FLOW, RESTATED] == "loaded"
    assert {source for source, _ in told} == {INDEX, FLOW, LIST}
    assert {source for source, _ in told} <= set(SOURCES)


def test_a_missed_evening_is_unrecoverable_until_it_is_imported(lived: Any) -> None:
    assert lived.state(FLOW, date(2026, 2, 4))["state"] == "loaded"
    assert "imported" in lived.state(FLOW, date(2026, 2, 4))["detail"]
    assert lived.state(INDEX, date(2026, 2, 4))["state"] == "loaded", "an archive heals by itself"


def test_a_restatement_of_the_same_evening_keeps_both_vintages(lived: Any, market: Market) -> None:
    true = market.flows.filter(session_date=RESTATED, participant="FII").sort("stage")
    first, restated = true["net_crore"]
    sql = (
        "SELECT net_crore FROM core.institutional_flow_as_of(?, clock := ?) "
        "WHERE session_date = ? AND participant = 'FII' AND NOT is_imported"
    )

    def known(clock: str, which: str) -> list[float]:
        rows = lived.read(sql, at(RESTATED, clock), which, RESTATED)
        return [float(row["net_crore"]) for row in rows]

    for which in ("published", "recorded"):
        assert known("19:00", which) == []
        assert known("19:40", which) == [first]
        assert known("19:50", which) == [first], "the schedule does not know of a restatement"
        assert known("21:00", which) == [restated]


def test_the_same_night_again_changes_nothing(lived: Any, compare: Compare) -> None:
    before = lived.tables()
    asked = len(lived.exchange.log)
    assert lived.night(RESTATED, "22:50").is_settled
    assert len(lived.exchange.log) == asked, "nothing is asked twice"
    assert compare(before, lived.tables()) == []


def test_an_import_again_changes_nothing(
    lived: Any, market: Market, tmp_path: Path, compare: Compare
) -> None:
    before = lived.tables()
    csv = tmp_path / "renamed.csv"
    csv.write_bytes(flows_before(market, RESTATED))
    done = bring(lived.settings(at(date(2026, 2, 6), "09:00")), tmp_path, {})
    assert (done.landed, done.held_already) == (0, 1)
    assert compare(before, lived.tables()) == []


def test_a_rebuild_is_equal_row_for_row(lived: Any, tmp_path: Path, compare: Compare) -> None:
    """Nights, an import, a fault and a restatement replayed: every table, ops included."""
    home = lived.copy(tmp_path / "home")
    before = home.tables()
    assert before["core.institutional_flow_superseded"].height > 0
    assert before["ops.run"].height == 8
    settings = home.settings(at(date(2026, 2, 6), "09:00"))
    _, differences = rebuild(settings)
    assert differences.filter((pl.col("only_old") > 0) | (pl.col("only_new") > 0)).is_empty()
    assert differences["only_old"].null_count() == 0
    assert compare(before, home.tables()) == []


def test_a_lost_warehouse_comes_back_from_the_landed_bytes(home: Any, compare: Compare) -> None:
    home.night(date(2026, 1, 21))
    before = home.tables()
    (home.path / "warehouse.duckdb").unlink()
    home.night(date(2026, 1, 21), "22:50")
    assert compare(before, home.tables()) == []


def test_a_missed_week_heals_in_one_run(home: Any, market: Market) -> None:
    home.night(date(2026, 1, 21))
    outcome = home.night(date(2026, 1, 29))
    assert outcome.is_complete
    window = [
        day
        for day in market.sessions["session_date"]
        if date(2026, 1, 20) <= day <= date(2026, 1, 29)
    ]
    assert [row["session_date"] for row in home.read("FROM core.trading_session")] == window
    missed = [day for day in window if date(2026, 1, 21) < day < date(2026, 1, 29)]
    assert {home.state(FLOW, day)["state"] for day in missed} == {"unrecoverable"}
    assert "riskon import" in home.state(FLOW, missed[0])["detail"]
    assert home.night(date(2026, 1, 29), "23:00").is_settled


@pytest.mark.parametrize(
    ("surprise", "kind"), [(UNANNOUNCED_SESSION, "session"), (UNANNOUNCED_CLOSURE, "closure")]
)
def test_the_files_know_better_than_the_calendar(tmp_path: Path, surprise: date, kind: str) -> None:
    first, last = surprise - timedelta(days=8), surprise + timedelta(days=4)
    market = simulate(start=first, end=last)
    with Exchange(market, now=at(last)) as exchange, asking(CLOSES):
        settings = Settings(
            home=tmp_path, gateway=exchange.url, history_start=first, now=at(surprise)
        )
        exchange.now = at(surprise)
        night(settings)
        exchange.now = at(last)
        outcome = night(settings.model_copy(update={"now": at(last)}))
    with open_reader(settings.published) as reader:
        sessions = reader.read("SELECT * FROM core.trading_session")
        assert set(sessions["session_date"]) == set(market.sessions["session_date"])
        (state,) = reader.read(
            "FROM ops.day_state WHERE source_id = ? AND session_date = ?", [INDEX, surprise]
        ).to_dicts()
        if kind == "session":
            assert state["state"] == "loaded"
            assert sessions.filter(session_date=surprise)["kind"].to_list() == ["unscheduled"]
        else:
            assert (state["state"], state["is_settled"]) == ("holiday", True)
            assert "start from the close of" in state["detail"]
    assert outcome.is_complete


def test_a_severe_check_keeps_the_readers_last_publication(
    home: Any, monkeypatch: pytest.MonkeyPatch, compare: Compare
) -> None:
    from warehouse import checks

    home.night(date(2026, 1, 21))
    before = home.tables()
    failing = checks.Check(
        "no_friday",
        "stop",
        "no session is a Friday",
        ("SELECT session_date FROM core.trading_session WHERE dayofweek(session_date) = 5"),
    )
    with monkeypatch.context() as patch:
        patch.setattr(checks, "CHECKS", (*checks.CHECKS, failing))
        with pytest.raises(CheckFailed, match=r"no_friday.*no session is a Friday.*1 row"):
            home.night(date(2026, 1, 23))
    assert compare(before, home.tables()) == []
    home.night(date(2026, 1, 23), "22:45")
    assert home.state(INDEX, date(2026, 1, 23))["state"] == "loaded"


def test_real_and_simulated_never_mix(home: Any) -> None:
    home.night(date(2026, 1, 21))
    real = Settings(home=home.path, now=at(date(2026, 1, 21)))
    before = len(home.exchange.log)
    with pytest.raises(WrongOrigin, match="simulated"):
        night(real)
    with pytest.raises(WrongOrigin, match="simulated"):
        bring(real, home.path / "landing", {})
    assert len(home.exchange.log) == before


def test_history_of_an_index_is_asked_for_once(new_home: Callable[..., Any]) -> None:
    home = new_home(date(2026, 1, 20), "niftyindices_price", "niftyindices_total_return")
    day = date(2026, 1, 29)
    window = Window(date(2026, 1, 27), day, ("Nifty 50", "Nifty Nowhere"))
    home.night(day, window=window)
    rows = home.read(
        "SELECT DISTINCT source_id, return_variant FROM core.index_bar "
        "WHERE index_name = 'Nifty 50'"
    )
    assert {(row["source_id"], row["return_variant"]) for row in rows} == {
        (INDEX, "price"),
        ("niftyindices_price", "price"),
        ("niftyindices_total_return", "total_return"),
    }
    assert home.state("niftyindices_price", day)["state"] == "malformed"
    assert "the index name is unknown" in home.state("niftyindices_price", day)["detail"]
    before = len(home.exchange.log)
    home.night(day, window=window)
    asked = [record.path for record in home.exchange.log[before:] if "BackPage" in record.path]
    assert len(asked) == 2, "what is held is not asked for again, what failed is"
