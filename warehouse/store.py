"""The warehouse's one door: the only module that imports duckdb."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from warehouse import ddl
from warehouse.tables.table import Table, key, schema

SCHEMAS = ("core", "mart", "ops", "bi")


class SchemaChanged(Exception):  # noqa: N818  named after the operator's next act
    """The file holds other columns than this version declares: `riskon rebuild` replays it."""


class StoreFailed(OSError):  # noqa: N818
    """The file could not be read or written: no space left, no permission, another process."""


class QueryRefused(Exception):  # noqa: N818
    """The statement is more than one plain query, or DuckDB cannot run it."""


class NotHeld(QueryRefused):
    """The query names what the file does not hold."""


@contextmanager
def _without_pandas() -> Iterator[None]:
    """Keep DuckDB from importing pandas, half a second, to see whether a parameter is of it.

    statsmodels brings pandas along; no parameter here is ever of it.
    """
    if "pandas" in sys.modules:
        yield
        return
    sys.modules["pandas"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.modules.pop("pandas", None)


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except (duckdb.IOException, duckdb.FatalException, duckdb.TransactionException) as error:
        raise StoreFailed(str(error)) from error


@dataclass(frozen=True)
class Merged:
    """What a merge did."""

    inserted: int
    changed: int


class Warehouse:
    """An open warehouse file. Close it, or use it in a `with`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Run one statement.

        Raises:
            StoreFailed: the disk is full or failing.
        """
        with _told_plainly(), _without_pandas():
            self._connection.execute(sql, list(parameters))

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> pl.DataFrame:
        """Rows of a query."""
        with _told_plainly(), _without_pandas():
            return self._connection.execute(sql, list(parameters)).pl()

    def read_table(self, table: type[Table]) -> pl.DataFrame:
        """All rows of a table, by key, in the declared types."""
        order = ", ".join(f'"{name}"' for name in key(table))
        names = ", ".join(f'"{name}"' for name in schema(table))
        frame = self.read(f"SELECT {names} FROM {table.table} ORDER BY {order}")
        return frame.cast(pl.Schema(schema(table)))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self.execute("BEGIN")
        try:
            yield
        except BaseException as error:
            try:
                self.execute("ROLLBACK")
            except (duckdb.Error, StoreFailed) as second:
                # DuckDB gives a file up that it cannot write; what led there is what matters.
                error.add_note(f"and the transaction could not be rolled back: {second}")
            raise
        self.execute("COMMIT")

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file, so that a copy of the file is whole."""
        self.execute("CHECKPOINT")

    def create(self, tables: Iterable[type[Table]]) -> None:
        """Create what is missing, and stop where a table holds other columns than declared.

        Raises:
            SchemaChanged: naming the table and the columns.
        """
        present = self._present()
        listed = list(tables)
        missing = [table for table in listed if table.table not in present]
        if missing:
            statements = [f"CREATE SCHEMA IF NOT EXISTS {name}" for name in SCHEMAS]
            statements += [line for table in missing for line in ddl.create(table)]
            # Thousands of comments: one by one each would be put on disk by itself.
            self.execute("; ".join(["BEGIN", *statements, "COMMIT"]))
        for table in listed:
            found = present.get(table.table)
            if found is None:
                continue
            lacking, besides = _differences(table, found)
            if lacking or besides:
                differing = sorted(lacking | besides)
                message = (
                    f"{table.table} does not hold the columns this version declares: {differing}. "
                    "Run `riskon rebuild` to replay the landed files."
                )
                raise SchemaChanged(message)

    def lacking(self, tables: Iterable[type[Table]], views: Iterable[str] = ()) -> list[str]:
        """Names of the tables, columns and views that this version declares and the file lacks."""
        present = self._present()
        names = [name for name in views if name not in present]
        for table in tables:
            found = present.get(table.table)
            if found is None:
                names.append(table.table)
                continue
            lacking, _ = _differences(table, found)
            names += [f"{table.table}.{column}" for column, _ in sorted(lacking)]
        return sorted(names, key=lambda name: name.startswith("bi."))  # what views stand on, first

    def _present(self) -> dict[str, dict[str, str]]:
        rows = self._connection.execute(
            "SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE NOT internal ORDER BY column_index"
        ).fetchall()
        present: dict[str, dict[str, str]] = {}
        for name, column, dtype in rows:
            present.setdefault(name, {})[column] = dtype
        return present

    @contextmanager
    def _registered(self, frame: pl.DataFrame) -> Iterator[str]:
        self._connection.register("incoming_frame", frame.to_arrow())
        try:
            yield "incoming_frame"
        finally:
            self._connection.unregister("incoming_frame")

    def append(self, table: type[Table], frame: pl.DataFrame) -> None:
        """Add rows."""
        frame = table.validate(frame, cast=True)
        if frame.is_empty():
            return  # after an insert of no rows DuckDB 1.5.5 loses the next large one, silently
        names = ", ".join(f'"{name}"' for name in schema(table))
        with self._registered(frame) as source:
            self.execute(f"INSERT INTO {table.table} ({names}) SELECT {names} FROM {source}")

    def replace(self, table: type[Table], frame: pl.DataFrame) -> None:
        """Make these rows the table's content."""
        self.execute(f"DELETE FROM {table.table}")
        self.append(table, frame)

    def replace_since(self, table: type[Table], frame: pl.DataFrame, since: date | None) -> None:
        """Make these rows the table's content from a session on; null is all of it."""
        if since is None:
            self.execute(f"DELETE FROM {table.table}")
        else:
            self.execute(f"DELETE FROM {table.table} WHERE session_date >= ?", [since])
        self.append(table, frame)

    def delete(self, table: type[Table], rows: pl.DataFrame) -> None:
        """Remove the rows that equal one of these in all of their columns."""
        on = " AND ".join(f'old."{name}" = gone."{name}"' for name in rows.columns)
        with self._registered(rows) as source:
            self.execute(f"DELETE FROM {table.table} old USING {source} gone WHERE {on}")

    def merge(self, table: type[Table], frame: pl.DataFrame) -> Merged:
        """Upsert rows by key, in the order they stand; what a row replaces moves to the twin.

        A key that comes several times is several revisions, the last one stays. A revision cannot
        have been known before the row it replaces, and the schedule is that of the first
        publication: where its `published_at` says so, the instant it was recorded stands in its
        place, basis `observed`.
        """
        frame = table.cast(frame)
        if frame.is_empty():
            return Merged(0, 0)
        if not frame.select(key(table)).is_duplicated().any():
            return self._merge_distinct(table, frame)
        # A row printed again is no revision of itself.
        stated = pl.struct(ddl.values(table))
        frame = frame.filter(
            stated.ne_missing(stated.shift(1))
            .over(key(table))
            .or_(pl.int_range(pl.len()).over(key(table)) == 0)
        )
        generations = frame.with_columns(
            pl.int_range(pl.len()).over(key(table)).alias("generation_")
        )
        inserted = changed = 0
        for _, part in sorted(generations.partition_by("generation_", as_dict=True).items()):
            done = self._merge_distinct(table, part.drop("generation_"))
            inserted += done.inserted
            changed += done.changed
        return Merged(inserted, changed)

    def _merge_distinct(self, table: type[Table], frame: pl.DataFrame) -> Merged:
        names = [f'"{name}"' for name in schema(table)]
        on = " AND ".join(f'old."{name}" = new."{name}"' for name in key(table))
        differs = " OR ".join(
            f'old."{name}" IS DISTINCT FROM new."{name}"' for name in ddl.values(table)
        )
        late = "(new.published_at <= old.published_at OR new.published_basis = 'schedule')"
        with self._registered(frame) as source:
            self.execute(
                f"""
                CREATE OR REPLACE TEMP TABLE revised AS
                SELECT old.*, new.recorded_at AS superseded_at,
                  CASE WHEN {late} THEN greatest(new.recorded_at, old.published_at)
                       ELSE new.published_at END AS superseded_published_at
                FROM {table.table} old JOIN {source} new ON {on} WHERE {differs}
                """
            )
            before = self._count(table.table)
            changed = self._count("revised")
            if changed:  # see `append`: an insert of no rows loses a later one
                self.execute(f"INSERT INTO {ddl.twin(table)} BY NAME SELECT * FROM revised")
            sets = ", ".join(
                f'"{name}" = new."{name}"'
                for name in (*ddl.values(table), "recorded_at", "file_id")
            )
            self.execute(
                f"""
                MERGE INTO {table.table} old USING {source} new ON {on}
                WHEN MATCHED AND ({differs}) THEN UPDATE SET {sets},
                  published_basis = CASE WHEN {late} THEN 'observed' ELSE new.published_basis END,
                  published_at = CASE WHEN {late} THEN greatest(new.recorded_at, old.published_at)
                                 ELSE new.published_at END
                WHEN NOT MATCHED THEN INSERT ({", ".join(names)})
                  VALUES ({", ".join(f"new.{name}" for name in names)})
                """
            )
            self.execute("DROP TABLE revised")
            return Merged(self._count(table.table) - before, changed)

    def differences(self, other: Path, tables: Iterable[type[Table]]) -> pl.DataFrame:
        """How many rows of each table only another warehouse file, or only this one, holds.

        Superseded rows are counted too. Null where the other file has no such table, or has it
        with other columns.
        """
        rows = []
        if other.exists():
            self.execute(f"ATTACH {ddl.quoted(str(other))} AS other (READ_ONLY)")
        names = [
            name
            for table in tables
            for name in (table.table, *([ddl.twin(table)] if table.write == "merge" else []))
        ]
        for name in names:
            row: dict[str, Any] = {"table": name, "only_old": None, "only_new": None}
            try:
                for side, one, two in (("only_old", "other.", ""), ("only_new", "", "other.")):
                    mine, theirs = f"{one}{name}", f"{two}{name}"
                    row[side] = self._count(f"(SELECT * FROM {mine} EXCEPT SELECT * FROM {theirs})")
            except duckdb.Error as error:
                row["detail"] = str(error).split("\n", 1)[0]
            rows.append(row)
        if other.exists():
            self.execute("DETACH other")
        columns = {"table": pl.String, "only_old": pl.Int64, "only_new": pl.Int64}
        return pl.DataFrame(rows, schema={**columns, "detail": pl.String})

    def _count(self, table: str) -> int:
        row = self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(row[0]) if row else 0


_ALIASES = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}


def _differences(
    table: type[Table], found: Mapping[str, str]
) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Columns with their types: those declared and not held, and those held and not declared."""
    wanted = {(name, ddl.duckdb_type(dtype)) for name, dtype in schema(table).items()}
    held = {(name, _ALIASES.get(dtype, dtype)) for name, dtype in found.items()}
    return wanted - held, held - wanted


MEMORY = "1500MB"
"""Of the writer; what is more goes to disk. DuckDB alone would take four fifths of the machine."""


def open_writer(path: Path, tables: Iterable[type[Table]]) -> Warehouse:
    """Open the writer's file, creating what it lacks.

    Raises:
        SchemaChanged: an existing table holds other columns than this version declares.
        StoreFailed: it cannot be opened or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _told_plainly():
        warehouse = Warehouse(duckdb.connect(str(path)))
    try:
        warehouse.execute("SET TimeZone = 'UTC'")
        warehouse.execute(f"SET memory_limit = '{MEMORY}'")
        warehouse.create(tables)
    except BaseException:
        warehouse.close()
        raise
    return warehouse


_opening = threading.Lock()


def open_reader(path: Path, time_zone: str = "UTC") -> Warehouse:
    """Open a published file to read: no write, no file or network access, no settings.

    A process that opens it again while it is open reads it in the same time zone.

    Raises:
        StoreFailed: it cannot be opened, or is open in another time zone.
    """
    with _opening, _told_plainly():
        connection = duckdb.connect(
            str(path),
            read_only=True,
            config={
                "enable_external_access": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        try:
            _settle(connection, path, time_zone)
        except BaseException:
            connection.close()
            raise
    return Warehouse(connection)


def _settle(connection: duckdb.DuckDBPyConnection, path: Path, time_zone: str) -> None:
    """Set the time zone and lock all settings: DuckDB shares them among what opens one file."""
    row = connection.execute(
        "SELECT current_setting('lock_configuration'), current_setting('TimeZone')"
    ).fetchone()
    if row is None or not row[0]:
        connection.execute(f"SET GLOBAL TimeZone = {ddl.quoted(time_zone)}")
        connection.execute("SET lock_configuration = true")
    elif row[1] != time_zone:
        message = f"{path} is open in this process in the time zone {row[1]}, not {time_zone}"
        raise StoreFailed(message)


def query(path: Path, sql: str) -> pl.DataFrame:
    """One read-only query on a published file; instants come and are read in Asia/Kolkata.

    Raises:
        QueryRefused: more than one statement, anything but a query, or an error in it; NotHeld
            where it names what the file does not hold.
    """
    with open_reader(path, time_zone="Asia/Kolkata") as reader:
        connection = reader._connection
        try:
            statements = connection.extract_statements(sql)
        except duckdb.Error as error:
            raise QueryRefused(str(error)) from error
        if len(statements) != 1:
            message = f"expected one query, got {len(statements)} statements"
            raise QueryRefused(message)
        if statements[0].type not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
            message = f"expected a query, got {statements[0].type.name}: riskon sql only reads"
            raise QueryRefused(message)
        try:
            return connection.execute(statements[0]).pl()
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise NotHeld(str(error)) from error
        except duckdb.Error as error:
            raise QueryRefused(str(error)) from error
        except pl.exceptions.PolarsError as error:
            message = f"a column of the answer has a type that cannot be shown, cast it: {error}"
            raise QueryRefused(message) from error
