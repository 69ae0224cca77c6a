"""Loading: what a file of a journal becomes, when its rows count as known, and what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.calendar import IST
from flows.landing import FetchRecord, Landing
from flows.load import load
from transforms.parse.index_close import HEADER
from warehouse.store import Warehouse, open_writer
from warehouse.tables import TABLES

TUESDAY, WEDNESDAY = date(2026, 2, 10), date(2026, 2, 11)
INDEX, FLOW = "nse_index_close", "nse_fii_dii"


def at(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=IST).astimezone(UTC)


def closes(day: date, count: int = 10, close: str = "100") -> bytes:
    rows = [f"Index {n},{day:%d-%m-%Y},-,-,-,{close},-,-,-,-,-,-,-" for n in range(count)]
    return "\n".join([",".join(HEADER), *rows, ""]).encode()


def flows(day: date, net: str = "5") -> bytes:
    return json.dumps(
        [
            {
                "category": who,
                "date": f"{day:%d-%b-%Y}",
                "buyValue": net,
                "sellValue": "0",
                "netValue": net,
            }
            for who in ("DII", "FII/FPI")
        ],
        separators=(",", ":"),
    ).encode()


class Nights:
    """A landing and a warehouse; each night lands some files and loads them."""

    def __init__(self, folder: Path, empty: Path) -> None:
        self.root = folder / "landing"
        shutil.copyfile(empty, folder / "warehouse.duckdb")
        self.warehouse = open_writer(folder / "warehouse.duckdb", ())

    def land(self, *files: dict[str, Any]) -> Any:
        with Landing(self.root, "real") as landing:
            run = landing.begin("nightly", at(WEDNESDAY, "20:00"), "0")
            for file in files:
                facts = {"source_id": INDEX, "session_date": WEDNESDAY, **file}
                body = facts.pop("body")
                when = facts.pop("when", at(WEDNESDAY, "20:00"))
                path, digest = landing.place(facts["source_id"], facts["session_date"], body, ".x")
                landing.record(
                    FetchRecord(
                        url=facts.pop("url", "https://example.org/x"),
                        fetched_at=when,
                        outcome="landed",
                        sha256=digest,
                        size_bytes=len(body),
                        path=path,
                        **facts,
                    )
                )
        (journal,) = Landing(self.root, "real").journals(
            [j.run.run_id for j in Landing(self.root, "real").journals() if j.run != run]
        )
        return journal

    def night(self, *files: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows of ops.fetch that a night's files became."""
        journal = self.land(*files)
        load(self.warehouse, Landing(self.root, "real"), journal)
        return self.fetches(journal.run.run_id)

    def fetches(self, run_id: str) -> list[dict[str, Any]]:
        rows = self.warehouse.read("FROM ops.fetch WHERE run_id = ?", [run_id]).to_dicts()
        return sorted(rows, key=lambda row: (row["url"], str(row["session_date"])))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    open_writer(path, TABLES).close()
    return path


@pytest.fixture
def nights(tmp_path: Path, empty: Path) -> Iterator[Nights]:
    made = Nights(tmp_path, empty)
    yield made
    made.warehouse.close()


def bars(warehouse: Warehouse) -> pl.DataFrame:
    return warehouse.read("FROM core.index_bar ORDER BY session_date, index_name")


@pytest.mark.parametrize(
    ("when", "modified", "published", "basis"),
    [
        ("20:00", "Wed, 11 Feb 2026 13:05:00 GMT", "18:35", "header"),
        ("20:00", None, "19:00", "schedule"),
        ("18:40", None, "18:40", "observed"),
        ("20:00", "Wed, 11 Feb 2026 09:00:00 GMT", "19:00", "schedule"),
        ("20:00", "Thu, 12 Feb 2026 13:00:00 GMT", "19:00", "schedule"),
        ("20:00", "no date at all", "19:00", "schedule"),
    ],
)
def test_when_the_world_could_know(
    nights: Nights, when: str, modified: str | None, published: str, basis: str
) -> None:
    """The file's own date if it can be that of its publication, else what we saw, else the hour."""
    seen = at(WEDNESDAY, when)
    nights.night({"body": closes(WEDNESDAY), "when": seen, "last_modified": modified})
    rows = bars(nights.warehouse)
    assert set(rows["published_at"]) == {at(WEDNESDAY, published)}
    assert set(rows["published_basis"]) == {basis}
    assert set(rows["recorded_at"]) == {seen}


def test_a_file_put_up_again_months_later_was_known_the_first_evening(nights: Nights) -> None:
    later = datetime(2026, 6, 1, 12, tzinfo=UTC)
    modified = "Fri, 29 May 2026 10:00:00 GMT"
    nights.night({"body": closes(WEDNESDAY), "when": later, "last_modified": modified})
    assert set(bars(nights.warehouse)["published_at"]) == {at(WEDNESDAY, "19:00")}


def test_another_days_copy_is_stale_unless_someone_brings_it(nights: Nights) -> None:
    (stale,) = nights.night({"body": closes(TUESDAY)})
    assert (stale["load_state"], stale["content_date"]) == ("stale", TUESDAY)
    assert "expected rows of 2026-02-11; got another day's copy, 2026-02-10" in stale["detail"]
    assert bars(nights.warehouse).is_empty()
    (brought,) = nights.night({"body": closes(TUESDAY), "is_imported": True, "session_date": None})
    assert (brought["load_state"], brought["session_date"]) == ("loaded", TUESDAY)
    assert bars(nights.warehouse).height == 10


@pytest.mark.parametrize("imported", [True, False])
def test_a_file_of_tomorrow_is_refused(nights: Nights, imported: bool) -> None:
    (row,) = nights.night(
        {"body": closes(WEDNESDAY), "when": at(TUESDAY, "20:00"), "is_imported": imported}
    )
    assert row["load_state"] == "malformed"
    assert "expected no later date than 2026-02-10; got 2026-02-11" in row["detail"]


def test_flows_of_the_session_before_are_taken_older_ones_are_not(nights: Nights) -> None:
    ask = {"source_id": FLOW}
    (before,) = nights.night({"body": flows(TUESDAY), **ask})
    assert before["load_state"] == "loaded"
    (old,) = nights.night({"body": flows(date(2026, 2, 4), "7"), **ask})
    assert old["load_state"] == "stale"
    assert "not older than 2026-02-09; got 2026-02-04" in old["detail"]


def test_a_file_much_shorter_than_the_day_before_was_cut_off(nights: Nights) -> None:
    first, second = nights.night(
        {"body": closes(TUESDAY, 10), "session_date": TUESDAY, "url": "a"},
        {"body": closes(WEDNESDAY, 7), "url": "b"},
    )
    assert first["load_state"] == "loaded"
    assert second["load_state"] == "malformed"
    assert "expected about 10 rows as on 2026-02-10; got 7" in second["detail"]
    (brought,) = nights.night({"body": closes(WEDNESDAY, 7), "is_imported": True})
    assert brought["load_state"] == "loaded", "who looked at it may bring it"


def test_a_day_of_doubled_rows_does_not_make_the_next_look_short(nights: Nights) -> None:
    doubled = closes(TUESDAY, 10) + b"".join(closes(TUESDAY, 10).splitlines(keepends=True)[1:])
    for rows in (
        nights.night(
            {"body": doubled, "session_date": TUESDAY, "url": "a"},
            {"body": closes(WEDNESDAY, 10), "url": "b"},
        ),
        nights.night(
            {"body": closes(date(2026, 2, 12), 10), "session_date": date(2026, 2, 12)}
            | {"when": at(date(2026, 2, 12), "20:00")}
        ),
    ):
        assert {row["load_state"] for row in rows} == {"loaded"}
    assert bars(nights.warehouse).height == 30


def test_a_file_of_which_no_row_can_be_true_is_malformed(nights: Nights) -> None:
    (row,) = nights.night({"body": closes(WEDNESDAY, 3, "-1")})
    assert row["load_state"] == "malformed"
    assert "3 and kept none, the first because: close is out of bounds" in row["detail"]
    assert nights.warehouse.read("FROM ops.rejected_row").height == 3


def test_one_broken_file_does_not_stop_the_others(nights: Nights) -> None:
    rows = nights.night(
        {"body": b"<html>", "session_date": TUESDAY, "url": "a"},
        {"body": closes(WEDNESDAY), "url": "b"},
        {"body": b"[]", "source_id": FLOW, "url": "c"},
    )
    assert [row["load_state"] for row in rows] == ["malformed", "loaded", "malformed"]
    assert bars(nights.warehouse).height == 10


def test_a_figure_that_goes_back_is_a_third_revision(nights: Nights) -> None:
    """And the rows kept aside of a file that comes back are not kept twice."""
    bad = closes(WEDNESDAY, 10).replace(b"Index 9,11-02-2026,-,-,-,100", b"Index 9,11-02-2026,,,,x")
    other = closes(WEDNESDAY, 10, "101")
    for clock, body in (("19:10", bad), ("19:20", other), ("19:30", bad)):
        nights.night({"body": body, "when": at(WEDNESDAY, clock)})
    held = bars(nights.warehouse).filter(pl.col("index_name") == "Index 0")
    assert held["close"].to_list() == [100]
    past = nights.warehouse.read(
        "SELECT close FROM core.index_bar_superseded WHERE index_name = 'Index 0' "
        "ORDER BY recorded_at"
    )
    assert past["close"].to_list() == [100, 101]
    assert nights.warehouse.read("FROM ops.rejected_row").height == 1


def test_loading_a_journal_again_loads_nothing(nights: Nights) -> None:
    journal = nights.land({"body": closes(WEDNESDAY)}, {"body": flows(TUESDAY), "source_id": FLOW})
    landing = Landing(nights.root, "real")
    first = load(nights.warehouse, landing, journal)
    again = load(nights.warehouse, landing, journal)
    assert (first.files, first.rows) == (2, 12)
    assert (again.files, again.rows) == (0, 0)
    assert len(nights.fetches(journal.run.run_id)) == 2
    assert nights.warehouse.read("FROM ops.run").height == 1


@contextmanager
def lost(path: Path) -> Iterator[None]:
    body = path.read_bytes()
    path.unlink()
    yield
    path.write_bytes(body)


def test_bytes_that_are_gone_stop_the_load_and_nothing_is_half_loaded(nights: Nights) -> None:
    journal = nights.land({"body": closes(WEDNESDAY)}, {"body": flows(TUESDAY), "source_id": FLOW})
    landing = Landing(nights.root, "real")
    path = nights.root / str(journal.fetches[1].path)
    with lost(path), pytest.raises(FileNotFoundError, match=path.name):
        load(nights.warehouse, landing, journal)
    assert bars(nights.warehouse).is_empty()
    assert nights.warehouse.read("FROM ops.fetch").is_empty()
    assert load(nights.warehouse, landing, journal).files == 2
