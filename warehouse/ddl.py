"""Table classes as DuckDB's data definition: no keys or checks, DuckLake has none.

Keys live in the table class and are enforced by MERGE and by checks.
"""

from __future__ import annotations

import polars as pl

from warehouse.tables.table import Table, key, meaning, schema

KNOWING = ("published_at", "published_basis", "recorded_at", "file_id")
"""Columns that say when and whence a row is known; a change in them alone is no revision."""

SUPERSEDED = {
    "superseded_at": "When Riskon landed the row that replaced this one",
    "superseded_published_at": "When the world could know the row that replaced this one",
}


def duckdb_type(dtype: pl.DataType) -> str:
    """The DuckDB type that holds a Polars type without loss."""
    if isinstance(dtype, pl.Decimal):
        return f"DECIMAL({dtype.precision},{dtype.scale})"
    if isinstance(dtype, pl.Datetime):
        return "TIMESTAMPTZ" if dtype.time_zone else "TIMESTAMP"
    if isinstance(dtype, pl.List):
        inner = dtype.inner
        return duckdb_type(inner if isinstance(inner, pl.DataType) else inner()) + "[]"
    names: dict[type[pl.DataType], str] = {
        pl.Date: "DATE",
        pl.String: "VARCHAR",
        pl.Float64: "DOUBLE",
        pl.Float32: "FLOAT",
        pl.Int64: "BIGINT",
        pl.Int32: "INTEGER",
        pl.Boolean: "BOOLEAN",
    }
    return names[type(dtype)]


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def twin(table: type[Table]) -> str:
    """Name of the table that keeps a merged table's superseded rows."""
    return f"{table.table}_superseded"


def values(table: type[Table]) -> list[str]:
    """Columns whose change is a revision."""
    return [c for c in schema(table) if c not in (*key(table), *KNOWING)]


def create(table: type[Table]) -> list[str]:
    """Statements that create a table, its twin, its comments and its `as_of` macro."""
    columns = table.columns()
    lines = [
        f'"{name}" {duckdb_type(dtype)}' + ("" if columns[name].nullable else " NOT NULL")
        for name, dtype in schema(table).items()
    ]
    body = ", ".join(lines)
    statements = [f"CREATE TABLE IF NOT EXISTS {table.table} ({body})"]
    if table.write == "merge":
        extra = ", ".join(f"{name} TIMESTAMPTZ NOT NULL" for name in SUPERSEDED)
        statements.append(f"CREATE TABLE IF NOT EXISTS {twin(table)} ({body}, {extra})")
        statements.append(as_of(table))
    return statements + comments(table)


def comments(table: type[Table]) -> list[str]:
    """COMMENT ON statements: the class's meaning, each column's description and unit."""
    statements = [f"COMMENT ON TABLE {table.table} IS {quoted(meaning(table))}"]
    targets = [table.table]
    if table.write == "merge":
        targets.append(twin(table))
        statements.append(
            f"COMMENT ON TABLE {twin(table)} IS "
            + quoted(f"Rows of {table.table} that a later publication replaced.")
        )
        statements += [
            f"COMMENT ON COLUMN {twin(table)}.{name} IS {quoted(text + ' [UTC instant]')}"
            for name, text in SUPERSEDED.items()
        ]
    for name, column in table.columns().items():
        text = quoted(f"{column.description} [{(column.metadata or {})['unit']}]")
        statements += [f'COMMENT ON COLUMN {target}."{name}" IS {text}' for target in targets]
    return statements


def as_of(table: type[Table]) -> str:
    """The table macro that answers as it was known at an instant, on either clock.

    `FROM core.index_bar_as_of(TIMESTAMPTZ '2025-07-18 21:00:00+05:30')` asks what the world could
    know; `clock := 'recorded'` asks what this warehouse knew.
    """
    names = ", ".join(f'"{name}"' for name in schema(table))
    return f"""
        CREATE OR REPLACE MACRO {table.table}_as_of(instant, clock := 'published') AS TABLE
        SELECT {names} FROM {table.table}
        WHERE CASE clock WHEN 'published' THEN published_at WHEN 'recorded' THEN recorded_at
              ELSE error('clock is published or recorded') END <= instant
        UNION ALL BY NAME
        SELECT {names} FROM {twin(table)}
        WHERE CASE clock WHEN 'published'
              THEN published_at <= instant AND superseded_published_at > instant
              ELSE recorded_at <= instant AND superseded_at > instant END
    """
