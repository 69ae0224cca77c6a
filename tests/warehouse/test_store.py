"""The store: what goes in comes out, and a merge says once what was said twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from transforms.metrics.tables import MART_TABLES, IndexMomentum
from warehouse.ddl import twin
from warehouse.store import SchemaChanged, StoreFailed, Warehouse, open_reader, open_writer
from warehouse.tables import TABLES, IndexBar, IndexName, InstitutionalFlow, ListedHoliday, Run
from warehouse.tables.table import Table, key, schema

Made = Callable[..., pl.DataFrame]
ALL_TABLES = (*TABLES, *MART_TABLES)
MERGED = [table for table in ALL_TABLES if table.write == "merge"]
EVENING = datetime(2026, 2, 11, 13, 30, tzinfo=UTC)
each_table = pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.table)
each_merged = pytest.mark.parametrize("table", MERGED, ids=lambda table: table.table)


@each_table
def test_round_trip(warehouse: Warehouse, rows: Made, table: type[Table]) -> None:
    frame = rows(table)
    warehouse.append(table, frame.sample(fraction=1, shuffle=True, seed=1))
    held = warehouse.read_table(table)
    assert held.schema == pl.Schema(schema(table))
    assert held.equals(frame.sort(key(table)))


@each_table
def test_an_empty_table_has_the_declared_types(warehouse: Warehouse, table: type[Table]) -> None:
    assert warehouse.read_table(table).schema == pl.Schema(schema(table))


@each_table
def test_every_table_and_column_says_what_it_is(warehouse: Warehouse, table: type[Table]) -> None:
    targets = [table.table, *([twin(table)] if table in MERGED else [])]
    for target in targets:
        schema_name, name = target.split(".")
        where = "schema_name = ? AND table_name = ?"
        comment = warehouse.read(
            f"SELECT comment FROM duckdb_tables() WHERE {where}", [schema_name, name]
        )["comment"][0]
        assert comment
        columns = warehouse.read(
            f"SELECT column_name, comment FROM duckdb_columns() WHERE {where}", [schema_name, name]
        )
        assert columns.height >= len(schema(table))
        assert columns.filter(pl.col("comment").is_null())["column_name"].to_list() == []
        assert columns["comment"].str.contains(r"\S.* \[[^\]]+\]$").all(), "a unit behind each"


@each_table
def test_what_may_not_be_null_is_not(warehouse: Warehouse, rows: Made, table: type[Table]) -> None:
    held = {name for name, column in table.columns().items() if not column.nullable}
    declared = warehouse.read(
        "SELECT column_name FROM duckdb_columns() WHERE NOT is_nullable "
        "AND schema_name || '.' || table_name = ?",
        [table.table],
    )
    assert set(declared["column_name"]) == held
    assert set(key(table)) <= held


@each_merged
def test_merging_twice_is_merging_once(
    warehouse: Warehouse, rows: Made, table: type[Table]
) -> None:
    frame = rows(table)
    first = warehouse.merge(table, frame)
    before = warehouse.read_table(table)
    later = frame.with_columns(
        recorded_at=pl.col("recorded_at") + timedelta(days=1),
        published_at=pl.col("published_at") + timedelta(days=1),
        file_id=pl.lit(99, pl.Int64),
    )
    again = warehouse.merge(table, later)
    assert (first.inserted, first.changed) == (frame.height, 0)
    assert (again.inserted, again.changed) == (0, 0), "a new instant of the same row is no news"
    assert warehouse.read_table(table).equals(before)
    assert warehouse.read(f"FROM {twin(table)}").is_empty()


def test_replace_is_the_whole_content(warehouse: Warehouse, rows: Made) -> None:
    warehouse.replace(IndexName, rows(IndexName, 5))
    warehouse.replace(IndexName, rows(IndexName, 2, start=9))
    assert warehouse.read_table(IndexName).height == 2


def test_replace_since_leaves_what_is_before(warehouse: Warehouse, rows: Made) -> None:
    table = MART_TABLES[0]
    frame = rows(table, 5)
    days = frame["session_date"]
    warehouse.replace_since(table, frame, None)
    warehouse.replace_since(table, frame.filter(pl.col("session_date") >= days[3]), days[3])
    assert warehouse.read_table(table).equals(frame.sort(key(table)))
    warehouse.replace_since(table, frame.clear(), days[1])
    assert warehouse.read_table(table)["session_date"].to_list() == [days[0]]


def test_delete_takes_the_rows_that_match(warehouse: Warehouse, rows: Made) -> None:
    frame = rows(IndexName, 4)
    warehouse.append(IndexName, frame)
    warehouse.delete(IndexName, frame.head(2).select("index_name", "index_id"))
    assert warehouse.read_table(IndexName).height == 2


def test_many_rows_after_none_are_kept(own: Warehouse) -> None:
    """DuckDB 1.5.5 loses a large insert that follows one of no rows in the same transaction."""
    count = 130_000  # more than a row group
    many = pl.DataFrame(
        {
            "session_date": [date(2026, 2, 11)] * count,
            "index_id": [f"index-{number}" for number in range(count)],
            "run_started_on": [date(2026, 2, 11)] * count,
        }
    )
    rows = many.match_to_schema(pl.Schema(schema(IndexMomentum)), missing_columns="insert")
    with own.transaction():
        own.replace(IndexMomentum, rows.clear())
        own.append(IndexMomentum, rows)
    assert own.read("SELECT count(*) FROM mart.index_momentum").row(0) == (count,)


def test_a_transaction_is_all_or_nothing(tmp_path: Path, rows: Made) -> None:
    def interrupted(warehouse: Warehouse) -> None:
        with warehouse.transaction():
            warehouse.append(Run, rows(Run))
            raise KeyboardInterrupt

    with open_writer(tmp_path / "warehouse.duckdb", [Run]) as warehouse:
        with pytest.raises(KeyboardInterrupt):
            interrupted(warehouse)
        assert warehouse.read_table(Run).is_empty()
        with warehouse.transaction():
            warehouse.append(Run, rows(Run))
        assert warehouse.read_table(Run).height == 5


def test_a_row_that_breaks_a_rule_does_not_get_in(warehouse: Warehouse, rows: Made) -> None:
    bad = rows(Run).with_columns(origin=pl.lit("invented"))
    with pytest.raises(Exception, match="origin"):
        warehouse.append(Run, bad)
    assert warehouse.read_table(Run).is_empty()


# ---- revisions ------------------------------------------------------------------------------


def flow(net: str, published: datetime, recorded: datetime, basis: str = "header") -> pl.DataFrame:
    row = {
        "session_date": date(2026, 2, 11),
        "participant": "FII",
        "scope": "NSE",
        "stage": "provisional",
        "source_id": "x",
        "net_crore": Decimal(net),
        "is_imported": False,
        "published_at": published,
        "published_basis": basis,
        "recorded_at": recorded,
        "file_id": int(Decimal(net)),
    }
    return pl.DataFrame([row], schema=pl.Schema(schema(InstitutionalFlow)))


def minutes(count: float) -> datetime:
    return EVENING + timedelta(minutes=count)


def known(warehouse: Warehouse, at: datetime, clock: str) -> list[int]:
    rows = warehouse.read(
        "SELECT net_crore FROM core.institutional_flow_as_of(?, clock := ?)", [at, clock]
    )
    return [int(net) for net in rows["net_crore"]]


def answers(warehouse: Warehouse, clock: str, at: Sequence[float]) -> dict[float, list[int]]:
    return {minute: known(warehouse, minutes(minute), clock) for minute in at}


def test_a_chain_of_revisions_on_both_clocks(warehouse: Warehouse) -> None:
    for net, published, recorded in (("1", 0, 10), ("2", 30, 40), ("3", 60, 70)):
        warehouse.merge(InstitutionalFlow, flow(net, minutes(published), minutes(recorded)))
    assert answers(warehouse, "published", [-1, 0, 29, 30, 59, 60, 999]) == {
        -1: [],
        0: [1],
        29: [1],
        30: [2],
        59: [2],
        60: [3],
        999: [3],
    }
    assert answers(warehouse, "recorded", [9, 10, 39, 40, 69, 70, 999]) == {
        9: [],
        10: [1],
        39: [1],
        40: [2],
        69: [2],
        70: [3],
        999: [3],
    }
    held = warehouse.read_table(InstitutionalFlow)
    assert held["file_id"].to_list() == [3]
    assert warehouse.read(f"FROM {twin(InstitutionalFlow)} ORDER BY recorded_at")[
        "file_id"
    ].to_list() == [1, 2]


def test_revisions_of_one_batch_come_in_the_order_they_stand(warehouse: Warehouse) -> None:
    chain = [flow(str(n), minutes(n * 10), minutes(n * 10 + 5)) for n in (1, 2, 3, 2)]
    done = warehouse.merge(InstitutionalFlow, pl.concat(chain))
    assert (done.inserted, done.changed) == (1, 3)
    assert warehouse.read_table(InstitutionalFlow)["net_crore"].to_list() == [2]


def test_a_revision_was_not_known_before_what_it_replaces(warehouse: Warehouse) -> None:
    """The publisher restates a figure under the same header, or under none."""
    warehouse.merge(InstitutionalFlow, flow("1", minutes(0), minutes(10)))
    warehouse.merge(InstitutionalFlow, flow("2", minutes(0), minutes(40)))
    held = warehouse.read_table(InstitutionalFlow).row(0, named=True)
    assert (held["published_at"], held["published_basis"]) == (minutes(40), "observed")
    assert answers(warehouse, "published", [0, 39, 40]) == {0: [1], 39: [1], 40: [2]}


def test_the_schedule_is_that_of_the_first_publication(warehouse: Warehouse) -> None:
    """Seen at 19:05, due by 19:45, restated and seen at 20:30: nobody knew it at 19:45."""
    warehouse.merge(InstitutionalFlow, flow("1", minutes(5), minutes(5), "observed"))
    warehouse.merge(InstitutionalFlow, flow("2", minutes(45), minutes(90), "schedule"))
    assert answers(warehouse, "published", [5, 45, 89, 90]) == {5: [1], 45: [1], 89: [1], 90: [2]}


def test_an_older_publication_that_is_imported_later(warehouse: Warehouse) -> None:
    """What came last stands; nobody is said to have known it before it came."""
    warehouse.merge(InstitutionalFlow, flow("2", minutes(30), minutes(40)))
    warehouse.merge(InstitutionalFlow, flow("1", minutes(0), minutes(900), "schedule"))
    assert answers(warehouse, "published", [29, 30, 899, 900]) == {
        29: [],
        30: [2],
        899: [2],
        900: [1],
    }
    assert answers(warehouse, "recorded", [39, 40, 899, 900]) == {
        39: [],
        40: [2],
        899: [2],
        900: [1],
    }


def test_an_import_out_of_order_fills_gaps_alone(warehouse: Warehouse, rows: Made) -> None:
    frame = rows(ListedHoliday, 6)
    warehouse.merge(ListedHoliday, frame.tail(3))
    warehouse.merge(ListedHoliday, frame)
    assert warehouse.read_table(ListedHoliday).equals(frame.sort("session_date"))
    assert warehouse.read(f"FROM {twin(ListedHoliday)}").is_empty()


@pytest.mark.parametrize("clock", ["published", "recorded"])
@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (2, 1, 2)])
def test_one_row_is_known_at_every_instant_after_the_first(
    warehouse: Warehouse, order: tuple[int, ...], clock: str
) -> None:
    """However publications and their recording are ordered, a chain has no gap and no overlap."""
    for place, number in enumerate(order):
        revision = flow(str(number * 10 + place), minutes(number * 10), minutes(100 + place))
        warehouse.merge(InstitutionalFlow, revision)
    every = [minutes(at) for at in (*range(-5, 60, 5), 99, 100, 101, 102, 103)]
    counts = [len(known(warehouse, at, clock)) for at in every]
    assert set(counts) <= {0, 1}
    assert counts == sorted(counts), "once known, known"
    assert counts[-1] == 1


def test_a_clock_of_another_name_is_refused(warehouse: Warehouse) -> None:
    warehouse.merge(InstitutionalFlow, flow("1", minutes(0), minutes(0)))
    with pytest.raises(Exception, match="clock is published or recorded"):
        known(warehouse, EVENING, "wall")


def test_a_null_that_is_filled_is_a_revision(warehouse: Warehouse) -> None:
    bare = flow("1", minutes(0), minutes(1))
    whole = flow("1", minutes(5), minutes(6)).with_columns(
        buy_crore=pl.lit("3").cast(pl.Decimal(18, 2)),
        sell_crore=pl.lit("2").cast(pl.Decimal(18, 2)),
    )
    assert warehouse.merge(InstitutionalFlow, bare).inserted == 1
    assert warehouse.merge(InstitutionalFlow, whole).changed == 1
    assert warehouse.read_table(InstitutionalFlow)["buy_crore"].to_list() == [3]


# ---- files ----------------------------------------------------------------------------------


def test_open_writer_stops_on_other_columns(tmp_path: Path) -> None:
    for change, named in (
        ("ALTER TABLE core.index_bar ADD COLUMN extra INTEGER", "extra"),
        ("ALTER TABLE core.index_bar DROP COLUMN close", "close"),
        ("ALTER TABLE core.index_bar ALTER close TYPE DOUBLE", "DOUBLE"),
        ("ALTER TABLE core.index_bar RENAME close TO last", "last"),
    ):
        path = tmp_path / f"{named}.duckdb"
        with open_writer(path, [IndexBar]) as warehouse:
            warehouse.execute(change)
        with pytest.raises(SchemaChanged, match=rf"core\.index_bar.*{named}.*riskon rebuild"):
            open_writer(path, [IndexBar])


def test_open_writer_creates_what_is_missing_and_keeps_what_is_there(
    tmp_path: Path, rows: Made
) -> None:
    path = tmp_path / "deep" / "warehouse.duckdb"
    with open_writer(path, [Run]) as warehouse:
        warehouse.append(Run, rows(Run))
    with open_writer(path, ALL_TABLES) as warehouse:
        assert warehouse.read_table(Run).height == 5
        assert warehouse.read_table(IndexBar).is_empty()


def test_a_file_that_is_no_warehouse_says_so(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    with pytest.raises(StoreFailed, match=r"warehouse\.duckdb"):
        open_writer(path, ALL_TABLES)


def test_instants_are_read_in_utc(warehouse: Warehouse, rows: Made) -> None:
    warehouse.append(Run, rows(Run, 1))
    assert warehouse.read("SELECT started_at FROM ops.run").schema["started_at"] == pl.Datetime(
        "us", "UTC"
    )


def test_a_reader_cannot_write(warehouse: Warehouse, empty_file: Path) -> None:
    with open_reader(empty_file) as reader, pytest.raises(Exception, match="read-only"):
        reader.execute("DELETE FROM ops.run")


def test_differences_count_rows_of_either_side(own: Warehouse, rows: Made, tmp_path: Path) -> None:
    other = tmp_path / "other.duckdb"
    with open_writer(other, ALL_TABLES) as second:
        second.append(Run, rows(Run, 3))
        second.merge(InstitutionalFlow, flow("1", minutes(0), minutes(0)))
        second.merge(InstitutionalFlow, flow("2", minutes(1), minutes(1)))
    own.append(Run, rows(Run, 4, start=3))
    own.merge(InstitutionalFlow, flow("2", minutes(1), minutes(1)))
    found: dict[str, Any] = {
        row["table"]: (row["only_old"], row["only_new"])
        for row in own.differences(other, ALL_TABLES).to_dicts()
    }
    assert found["ops.run"] == (2, 3), "runs 1 to 3 there, 3 to 6 here"
    assert found["core.institutional_flow"] == (0, 0)
    assert found["core.institutional_flow_superseded"] == (1, 0)
    assert found["core.index_bar"] == (0, 0)


def test_differences_from_a_file_with_other_columns_are_unknown(
    own: Warehouse, tmp_path: Path
) -> None:
    other = tmp_path / "other.duckdb"
    with open_writer(other, [Run]) as second:
        second.execute("ALTER TABLE ops.run ADD COLUMN extra INTEGER")
    found = own.differences(other, [Run, IndexBar])
    assert found["only_old"].to_list() == [None] * found.height
    assert found["detail"].null_count() == 0
