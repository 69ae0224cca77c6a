"""`riskon sql`: one plain query, and nothing else, on the readers' file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from transforms.metrics.tables import MART_TABLES
from warehouse.store import QueryRefused, open_writer, query
from warehouse.tables import TABLES, Run
from warehouse.views import create_views

Made = Callable[..., pl.DataFrame]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, rows: Made) -> Path:
    path = tmp_path_factory.mktemp("published") / "riskon.duckdb"
    with open_writer(path, (*TABLES, *MART_TABLES)) as warehouse:
        warehouse.append(Run, rows(Run))
        create_views(warehouse)
        warehouse.checkpoint()
    (path.parent / "secret.csv").write_text("a,b\n1,2\n")
    return path


@pytest.mark.parametrize(
    ("sql", "height"),
    [
        ("SELECT * FROM ops.run", 5),
        ("FROM ops.run LIMIT 2", 2),
        ("WITH a AS (SELECT 1 AS x) SELECT * FROM a;", 1),
        ("SELECT * FROM core.institutional_flow_as_of(now())", 0),
        ("VALUES (1), (2)", 2),
        ("EXPLAIN SELECT 1", 1),
        ("-- a comment\nSELECT 1", 1),
        ("SELECT '; DROP TABLE ops.run'", 1),
        ("DESCRIBE ops.run", 6),
        ("SUMMARIZE ops.run", 6),
    ],
)
def test_a_plain_query_is_answered(published: Path, sql: str, height: int) -> None:
    assert query(published, sql).height == height


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO ops.run SELECT * FROM ops.run",
        "UPDATE ops.run SET command = 'x'",
        "DELETE FROM ops.run",
        "TRUNCATE ops.run",
        "MERGE INTO ops.run o USING ops.run n ON false WHEN MATCHED THEN DELETE",
        "CREATE TABLE x (a INT)",
        "CREATE TEMP TABLE x (a INT)",
        "CREATE TEMP MACRO f() AS 1",
        "CREATE OR REPLACE VIEW bi.evidence AS SELECT 1",
        "ALTER TABLE ops.run ADD COLUMN x INT",
        "DROP TABLE ops.run",
        "COPY ops.run TO '{folder}/out.csv'",
        "COPY ops.run FROM '{folder}/secret.csv'",
        "COPY (SELECT 1) TO '{folder}/out.parquet' (FORMAT parquet)",
        "EXPORT DATABASE '{folder}/out'",
        "IMPORT DATABASE '{folder}'",
        "ATTACH '{folder}/other.duckdb' AS other",
        "ATTACH ':memory:' AS other",
        "DETACH riskon",
        "INSTALL httpfs",
        "LOAD httpfs",
        "LOAD '{folder}/x.duckdb_extension'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "RESET enable_external_access",
        "PRAGMA enable_profiling",
        "CALL pragma_table_info('ops.run')",
        "BEGIN",
        "CHECKPOINT",
        "VACUUM",
        "PREPARE x AS SELECT 1",
        "EXECUTE x",
        "USE ops",
        "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
        "EXPLAIN ANALYZE INSERT INTO ops.run SELECT * FROM ops.run",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{folder}/out.csv'",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE ops.run",
        "",
        "-- nothing",
        "SELEKT 1",
        "SELECT * FROM no_such_table",
        "SELECT 1/0 = error('x')",
    ],
)
def test_everything_else_is_refused(published: Path, sql: str) -> None:
    before = published.read_bytes()
    with pytest.raises(QueryRefused):
        query(published, sql.format(folder=published.parent))
    assert sorted(path.name for path in published.parent.iterdir()) == [
        "riskon.duckdb",
        "secret.csv",
    ]
    assert published.read_bytes() == before


@pytest.mark.parametrize(
    "source",
    [
        "read_csv('{file}')",
        "read_csv_auto('{file}')",
        "read_text('{file}')",
        "read_blob('{file}')",
        "read_json('{file}')",
        "read_parquet('{file}')",
        "parquet_scan('{file}')",
        "parquet_metadata('{file}')",
        "sniff_csv('{file}')",
        "glob('{folder}/*')",
        "'{file}'",
        '"{file}"',
        "'https://example.org/x.csv'",
        "read_csv('s3://bucket/x.csv')",
        "query('FROM read_text(''{file}'')')",
        "query_table('{file}')",
        "arrow_scan(1, 2, 3)",
        "sqlite_scan('{file}', 'x')",
    ],
)
def test_no_file_is_read(published: Path, source: str) -> None:
    file = published.parent / "secret.csv"
    with pytest.raises(QueryRefused):
        query(published, f"SELECT * FROM {source.format(file=file, folder=published.parent)}")


@pytest.mark.parametrize("name", ["connection", "path", "sql", "statements", "pl", "frame"])
def test_variables_of_the_program_are_no_tables(published: Path, name: str) -> None:
    frame = pl.DataFrame({"secret": [1]})
    assert frame.height
    with pytest.raises(QueryRefused):
        query(published, f"SELECT * FROM {name}")


@pytest.mark.parametrize(
    "value",
    [
        "INTERVAL 1 DAY",
        "TIME '12:00'",
        "{'a': 1}",
        "MAP {'a': 1}",
        "[1, NULL]",
        "1::HUGEINT",
        "'\\x00'::BLOB",
        "uuid()",
        "'{}'::JSON",
        "NULL",
        "TIMESTAMPTZ '2026-02-11 12:00+05:30'",
        "1e400::DOUBLE",
        "0.1::DECIMAL(38, 10)",
        "'101'::BIT",
    ],
)
def test_a_value_of_any_type_is_answered_or_refused_in_words(published: Path, value: str) -> None:
    try:
        assert query(published, f"SELECT {value} AS x").columns == ["x"]
    except QueryRefused as refusal:
        assert str(refusal)  # noqa: PT017  either will do, but nothing else
