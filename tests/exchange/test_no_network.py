"""A night without a network ends soon, says so, and the next one heals it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.demo.exchange import Exchange
from flows.demo.world.market import simulate
from flows.night import night
from flows.settings import Settings
from tests.exchange.homes import Impatient
from tests.ports import free_port
from warehouse.store import open_reader

FIRST = date(2026, 2, 2)


def test_each_host_is_tried_once_and_the_next_night_heals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The simulated sites draw their figures at the first question, which takes a moment.
    monkeypatch.setattr(Impatient, "silence_s", 10.0)
    with Exchange(simulate()) as exchange:
        dead = Settings(
            home=tmp_path,
            gateway=f"http://127.0.0.1:{free_port()}",
            history_start=FIRST,
            now=exchange.now,
        )
        outcome = night(dead)
        assert not outcome.is_complete
        with open_reader(dead.published) as reader:
            asked = reader.read(
                "SELECT source_id, count(*) AS times, any_value(outcome) AS outcome, "
                "any_value(detail) AS detail FROM ops.fetch GROUP BY ALL ORDER BY ALL"
            )
            # Flows and holidays live on one host: the second of them is not even tried.
            assert asked["times"].to_list() == [1] * asked.height
            assert set(asked["outcome"]) == {"failed"}
            assert "network" in asked["detail"][0]
            states = reader.read("SELECT DISTINCT state FROM ops.day_state")["state"]
            assert set(states) <= {"failed", "late"}
        live = dead.model_copy(
            update={"gateway": exchange.url, "now": exchange.now + timedelta(hours=1)}
        )
        assert night(live).session == date(2026, 2, 11)
        with open_reader(live.published) as reader:
            loaded = reader.read(
                "SELECT count(*) FROM ops.day_state WHERE source_id = 'nse_index_close' "
                "AND state = 'loaded'"
            )
            assert loaded.row(0)[0] == sum(
                day >= FIRST for day in exchange.market.sessions["session_date"]
            )
