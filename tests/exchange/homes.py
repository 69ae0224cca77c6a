"""Homes that Riskon keeps beside a small simulated exchange, and a way to compare them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows import questions
from flows.calendar import IST
from flows.demo.exchange import Exchange
from flows.demo.wire.faults import Fault
from flows.http import Client, Reply
from flows.night import ALL_TABLES, Outcome, Window, night
from flows.settings import Settings
from flows.sources import SOURCES
from warehouse.ddl import twin
from warehouse.store import open_reader

CLOSES = ("nse_index_close", "nse_fii_dii", "nse_holidays")
"""What a night needs to know a session by, and the flows of it."""


FEW_ITEMS = {
    "fred": ("DGS2", "DFF"),
    "nse_index_members": ("ind_niftytotalmarket_list", "ind_niftysmallcap100list"),
}


def at(day: date, clock: str = "22:30") -> datetime:
    """An instant of the exchange's clock."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=IST)


@dataclass
class Home:
    """A folder of Riskon's, and the exchange it asks."""

    path: Path
    exchange: Exchange
    since: date
    sources: tuple[str, ...] = CLOSES
    """What its nights ask for; results' documents besides, where a list names any."""
    documents_per_run: int = 2000

    def settings(self, now: datetime) -> Settings:
        return Settings(
            home=self.path,
            gateway=self.exchange.url,
            history_start=self.since,
            now=now,
            documents_per_run=self.documents_per_run,
        )

    def night(
        self, day: date, clock: str = "22:30", *faults: Fault, window: Window | None = None
    ) -> Outcome:
        """The night of a day, seen by both sides at the same instant, under these faults."""
        now = at(day, clock)
        self.exchange.now = now
        self.exchange.faults = list(faults)
        with asking(self.sources):
            if window is not None:
                return night(self.settings(now), "backfill", window=window)
            return night(self.settings(now))

    def copy(self, path: Path) -> Home:
        shutil.copytree(self.path, path)
        return replace(self, path=path)

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


@contextmanager
def asking(sources: Iterable[str]) -> Iterator[None]:
    """Nights ask for these alone: a suite about one publisher need not wait for all of them.

    Of the publishers of many lists two are asked for.
    """
    chosen = {
        name: replace(SOURCES[name], items=FEW_ITEMS.get(name, SOURCES[name].items))
        for name in sorted({*sources, "nse_result_document"})
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(questions, "SOURCES", chosen)
        yield


class Impatient(Client):
    """Gives up soon, and takes no more than a mebibyte."""

    silence_s = 0.3

    def __init__(self, user_agent: str, gateway: str | None = None, **settings: Any) -> None:
        super().__init__(
            user_agent,
            gateway,
            timeout=(2, self.silence_s),
            retries=1,
            pause=lambda _: None,
            **settings,
        )

    def get(self, url: str, **named: Any) -> Reply:
        return super().get(url, max_bytes=1 << 20, **named)


def differing(one: dict[str, pl.DataFrame], two: dict[str, pl.DataFrame]) -> list[str]:
    """Names of the tables that differ."""
    assert one.keys() == two.keys()
    return [name for name in one if not one[name].equals(two[name])]
