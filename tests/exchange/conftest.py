"""A small simulated exchange, homes that Riskon keeps beside it, and a way to compare them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows import night as nights
from flows.calendar import IST
from flows.demo.exchange import Exchange
from flows.demo.faults import Fault
from flows.demo.market import Market, simulate
from flows.http import Client, Reply
from flows.night import ALL_TABLES, Outcome, night
from flows.settings import Settings
from warehouse.ddl import twin
from warehouse.store import open_reader

INDICES = (
    "Nifty 50",
    "Nifty Next 50",
    "Nifty 100",
    "Nifty 200",
    "Nifty 500",
    "NIFTY Midcap 100",
    "NIFTY Midcap 150",
    "NIFTY Smallcap 100",
    "NIFTY Smallcap 250",
    "Nifty Bank",
    "India VIX",
)


def small(market: Market) -> Market:
    """The same market with eleven indices: a night over it takes half the time."""
    return replace(
        market,
        index_bars=market.index_bars.filter(pl.col("index_name").is_in(INDICES)),
        total_returns=market.total_returns.filter(pl.col("index_name").is_in(INDICES)),
    )


@dataclass
class Home:
    """A folder of Riskon's, and the exchange it asks."""

    path: Path
    exchange: Exchange
    since: date

    def settings(self, now: datetime) -> Settings:
        return Settings(
            home=self.path, gateway=self.exchange.url, history_start=self.since, now=now
        )

    def night(self, day: date, clock: str = "22:30", *faults: Fault) -> Outcome:
        """The night of a day, seen by both sides at the same instant, under these faults."""
        now = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=IST)
        self.exchange.now = now
        self.exchange.faults = list(faults)
        return night(self.settings(now))

    def copy(self, path: Path) -> Home:
        shutil.copytree(self.path, path)
        return Home(path, self.exchange, self.since)

    def read(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        published = self.path / "published" / "riskon.duckdb"
        with closing(open_reader(published)) as reader:
            return reader.read(sql, list(parameters)).to_dicts()

    def state(self, source: str, day: date) -> dict[str, Any]:
        """The day state of a source: there is exactly one."""
        rows = self.read("FROM ops.day_state WHERE source_id = ? AND session_date = ?", source, day)
        assert len(rows) == 1, f"{source} {day}: {rows}"
        return rows[0]

    def flows(self) -> pl.DataFrame:
        """What is held of institutional flows."""
        with closing(open_reader(self.path / "published" / "riskon.duckdb")) as reader:
            return reader.read("FROM core.institutional_flow ORDER BY ALL")

    def tables(self) -> dict[str, pl.DataFrame]:
        """Every table that readers see, superseded rows too, in one order."""
        found = {}
        with closing(open_reader(self.path / "published" / "riskon.duckdb")) as reader:
            for table in ALL_TABLES:
                names = [table.table, *([twin(table)] if table.write == "merge" else [])]
                for name in names:
                    found[name] = reader.read(f"FROM {name} ORDER BY ALL")
        return found


def differing(one: dict[str, pl.DataFrame], two: dict[str, pl.DataFrame]) -> list[str]:
    """Names of the tables that differ."""
    assert one.keys() == two.keys()
    return [name for name in one if not one[name].equals(two[name])]


@pytest.fixture(scope="session")
def market() -> Market:
    return small(simulate(start=date(2025, 12, 1)))


@pytest.fixture(scope="session")
def compare() -> Callable[..., list[str]]:
    return differing


class Impatient(Client):
    """Gives up soon, and takes no more than a mebibyte."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        short = {"timeout": (2, 0.3), "retries": 1, "pause": lambda _: None}
        super().__init__(*arguments, **short, **settings)

    def get(self, url: str, **named: Any) -> Reply:
        return super().get(url, max_bytes=1 << 20, **named)


@pytest.fixture(autouse=True, scope="session")
def _impatient() -> Iterator[None]:
    """Waits are short, and the brief is left to its own suite: these tests are about the data."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nights, "Client", Impatient)
        patch.setattr(nights, "write_brief", lambda _published, folder, day=None: folder)
        yield


@pytest.fixture(scope="session")
def new_home(
    market: Market, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[date], Home]]:
    """Homes that ask from a date on, all of them one exchange; its clock is set by each night."""
    with Exchange(market) as exchange:

        def make(since: date) -> Home:
            return Home(tmp_path_factory.mktemp("home") / "riskon", exchange, since)

        yield make


@pytest.fixture
def home(new_home: Callable[[date], Home]) -> Home:
    return new_home(date(2026, 1, 20))
