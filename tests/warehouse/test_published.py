"""A published file of an earlier version: what it lacks is named, what it holds is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.published import NAMED_AT_MOST, open_published, query_published
from warehouse.store import (
    QueryRefused,
    SchemaChanged,
    StoreFailed,
    open_reader,
    open_writer,
    query,
)
from warehouse.tables import TABLES, IndexBar, Run, TradingSession

DECLARED = (IndexBar, Run, TradingSession)
VIEWS = ("bi.run",)


def published(path: Path, *changes: str) -> Path:
    with open_writer(path, DECLARED) as warehouse:
        warehouse.execute("CREATE VIEW bi.run AS FROM ops.run")
        for change in changes:
            warehouse.execute(change)
        warehouse.checkpoint()
    return path


def test_of_this_version_it_is_opened(tmp_path: Path) -> None:
    with open_published(published(tmp_path / "a.duckdb"), DECLARED, VIEWS) as reader:
        assert reader.read("FROM bi.run").height == 0


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        ("DROP TABLE core.trading_session", "core.trading_session"),
        ("ALTER TABLE core.index_bar DROP COLUMN close", "core.index_bar.close"),
        ("ALTER TABLE core.index_bar ALTER close TYPE DOUBLE", "core.index_bar.close"),
        ("DROP VIEW bi.run", "bi.run"),
    ],
)
def test_of_an_earlier_version_it_is_not(tmp_path: Path, change: str, lacks: str) -> None:
    path = published(tmp_path / "a.duckdb", change)
    with pytest.raises(SchemaChanged) as told:
        open_published(path, DECLARED, VIEWS)
    assert str(told.value) == (
        f"The published warehouse is of an earlier version and lacks {lacks}. "
        "Run `riskon rebuild` to replay the landed files."
    )
    with open_writer(path, ()):  # the reader let go of it
        pass


def test_a_column_of_a_later_version_is_no_lack(tmp_path: Path) -> None:
    path = published(tmp_path / "a.duckdb", "ALTER TABLE ops.run ADD COLUMN later DATE")
    with open_published(path, DECLARED, VIEWS):
        pass


def test_of_many_some_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    path = published(tmp_path / "a.duckdb")
    more = len(TABLES) - len(DECLARED) - NAMED_AT_MOST
    with pytest.raises(SchemaChanged, match=f" and {more} more. Run "):
        open_published(path, TABLES, VIEWS)


def test_a_query_is_answered_unless_it_names_what_is_lacking(tmp_path: Path) -> None:
    changes = ("DROP TABLE core.trading_session", "ALTER TABLE core.index_bar DROP COLUMN close")
    path = published(tmp_path / "a.duckdb", *changes)
    assert query_published(path, "FROM ops.run", DECLARED, VIEWS).height == 0
    for sql, lacks in (
        ("SELECT kind FROM core.Trading_Session", "core.trading_session"),
        ('SELECT "kind" FROM core."trading_session"', "core.trading_session"),
        ("SELECT CLOSE FROM core.index_bar", "core.index_bar.close"),
    ):
        with pytest.raises(SchemaChanged, match=f"lacks {lacks}. Run"):
            query_published(path, sql, DECLARED, VIEWS)
    for sql in (
        "FROM core.trading_sessions",
        "FROM mart.trading_session",
        "SELECT clse FROM core.index_bar",
        "FROM",
        "DROP",
    ):
        with pytest.raises(QueryRefused):
            query_published(path, sql, DECLARED, VIEWS)


def test_one_process_opens_it_twice_in_one_time_zone_and_not_in_two(tmp_path: Path) -> None:
    path = published(tmp_path / "a.duckdb")
    instant = "SELECT TIMESTAMPTZ '2026-02-11 17:00:00+00'::VARCHAR AS x"
    with open_reader(path) as one, open_reader(path) as two:
        for reader in (one, two):
            assert reader.read(instant)["x"].item() == "2026-02-11 17:00:00+00"
            with pytest.raises(Exception, match="locked"):
                reader.execute("SET TimeZone = 'Asia/Kolkata'")
        with pytest.raises(StoreFailed, match="open in this process in the time zone UTC"):
            query(path, instant)
    assert query(path, instant)["x"].item() == "2026-02-11 22:30:00+05:30"


def test_what_is_no_warehouse_is_told_plainly(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    path.write_text("no database" * 999)
    with pytest.raises(StoreFailed, match="not a valid DuckDB database"):
        open_published(path, DECLARED)
