"""A night to disturb: a small exchange, a home one session behind, and the undisturbed outcome."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from flows import questions
from flows.calendar import IST
from flows.demo.exchange import Exchange
from flows.demo.world.market import simulate
from flows.night import ALL_TABLES, night
from flows.settings import Settings
from flows.sources import SOURCES
from warehouse.ddl import twin
from warehouse.store import open_reader

SINCE, BEFORE, NIGHT = date(2026, 1, 27), date(2026, 1, 28), date(2026, 1, 30)
INDICES = ("Nifty 50", "Nifty 500", "NIFTY Midcap 100", "NIFTY Smallcap 100", "India VIX")
ASKED = (
    *("nse_fii_dii", "nse_holidays", "nse_index_close", "nse_integrated_filing"),
    *("nse_participant_open_interest", "nse_result_document"),
)
"""One source of each way of asking. The depository's pages are left out: each visit's page carries
a token of its own, so that one asked for again after a crash is another file."""
KILLED_NIGHT = Path(__file__).with_name("killed_night.py")


def evening(day: date) -> datetime:
    return datetime.fromisoformat(f"{day}T22:30").replace(tzinfo=IST)


@dataclass
class Bench:
    """The exchange, the home before the night, and what every table must hold after it."""

    exchange: Exchange
    before: Path
    after: dict[str, pl.DataFrame]

    def environment(self, home: Path, **more: str) -> dict[str, str]:
        return {
            **os.environ,
            "RISKON_HOME": str(home),
            "RISKON_GATEWAY": self.exchange.url,
            "RISKON_HISTORY_START": SINCE.isoformat(),
            "RISKON_NOW": evening(NIGHT).isoformat(),
            "COLUMNS": "400",
            "ASKED": ",".join(ASKED),
            **more,
        }

    def start(self, home: Path, *command: str, **more: str) -> subprocess.Popen[str]:
        """Riskon in a process of its own."""
        return subprocess.Popen(
            [sys.executable, str(KILLED_NIGHT), *(command or ("nightly",))],
            env=self.environment(home, **more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, home: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        process = self.start(home, *command, **more)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def finish(self, home: Path) -> None:
        """The re-run, in this process."""
        self.night(self.settings(home))

    def night(self, settings: Settings) -> None:
        """A night that asks as those in processes of their own do."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(questions, "SOURCES", {name: SOURCES[name] for name in ASKED})
            night(settings)

    def settings(self, home: Path) -> Settings:
        now = evening(NIGHT)
        return Settings(home=home, gateway=self.exchange.url, history_start=SINCE, now=now)

    def assert_whole(self, home: Path) -> None:
        """The warehouse is that of an undisturbed night, and every landed file is sound."""
        found = comparable(home)
        assert found.keys() == self.after.keys()
        assert [name for name in found if not found[name].equals(self.after[name])] == []
        with open_reader(home / "published" / "riskon.duckdb") as reader:
            assert reader.read("SELECT bool_and(is_derived) FROM ops.run").row(0) == (True,)
        assert (home / "brief" / f"{NIGHT}.html").stat().st_size > 10_000
        assert sound_landing(home) > 0


def comparable(home: Path) -> dict[str, pl.DataFrame]:
    """Every table but for which run did what: a killed run leaves its own line in the log."""
    found = {}
    with open_reader(home / "published" / "riskon.duckdb") as reader:
        for table in ALL_TABLES:
            for name in (table.table, *([twin(table)] if table.write == "merge" else [])):
                columns = "* EXCLUDE (fetch_id, run_id)" if name == "ops.fetch" else "*"
                if name != "ops.run":
                    found[name] = reader.read(f"SELECT {columns} FROM {name} ORDER BY ALL")
    return found


def sound_landing(home: Path) -> int:
    """Hold every landed file that the journals name against its digest; how many there are."""
    count = 0
    for journal in (home / "landing" / "journal").glob("*.jsonl"):
        for line in journal.read_bytes().split(b"\n")[1:-1]:
            fetch = json.loads(line)
            if fetch["path"]:
                body = (home / "landing" / fetch["path"]).read_bytes()
                assert hashlib.sha256(body).hexdigest() == fetch["sha256"]
                count += 1
    return count


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    market = simulate(start=date(2026, 1, 1))
    bars = market.index_bars.filter(pl.col("index_name").is_in(INDICES))
    folder = tmp_path_factory.mktemp("chaos")
    with Exchange(replace(market, index_bars=bars)) as exchange:
        made = Bench(exchange, folder / "before", {})
        exchange.now = evening(BEFORE)
        made.night(made.settings(made.before).model_copy(update={"now": evening(BEFORE)}))
        exchange.now = evening(NIGHT)
        undisturbed = shutil.copytree(made.before, folder / "undisturbed")
        made.finish(undisturbed)
        made.after = comparable(undisturbed)
        made.assert_whole(undisturbed)
        yield made


@pytest.fixture
def home(bench: Bench, tmp_path: Path) -> Path:
    """The home one night behind."""
    return shutil.copytree(bench.before, tmp_path / "home")
