"""Rows for any table, made from its declaration, and a warehouse to put them in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from transforms.metrics.tables import MART_TABLES
from warehouse.store import Warehouse, open_writer
from warehouse.tables import TABLES
from warehouse.tables.table import Table, schema

ALL_TABLES = (*TABLES, *MART_TABLES)
MORNING = datetime(2026, 2, 11, 3, 30, tzinfo=UTC)
# Levels and amounts that keep the tables' row rules: a high above, and a net of nought.
RULED = {"high": Decimal("9.5"), "low": Decimal("0.5"), "net_crore": Decimal(0)}


def value(name: str, dtype: pl.DataType, words: list[str] | None, number: int) -> Any:
    if words:
        return words[number % len(words)]
    if name in RULED and isinstance(dtype, pl.Decimal):
        return RULED[name]
    made: dict[type[pl.DataType], Any] = {
        pl.Date: date(2026, 1, 1) + timedelta(days=number),
        pl.String: f"{name} 'é' {number}",
        pl.Int64: number,
        pl.Int32: number,
        pl.Float64: number + 0.1,
        pl.Float32: number + 0.5,
        pl.Boolean: number % 2 == 0,
    }
    if isinstance(dtype, pl.Datetime):
        return MORNING + timedelta(microseconds=number)
    if isinstance(dtype, pl.Decimal):
        return Decimal("1.25")
    return made[type(dtype)]


def made_rows(table: type[Table], count: int = 5, start: int = 1) -> pl.DataFrame:
    """Rows that a table takes; in the last one everything that may be null is."""
    columns = table.columns()
    rows = []
    for number in range(start, start + count):
        row = {}
        for name, dtype in schema(table).items():
            column = columns[name]
            unit = (column.metadata or {})["unit"]
            listed = (column.description or "").rsplit(": ", 1)[-1].split(", ")
            words = listed if unit == "word" else None
            is_last = number == start + count - 1
            row[name] = None if is_last and column.nullable else value(name, dtype, words, number)
        rows.append(row)
    return pl.DataFrame(rows, schema=pl.Schema(schema(table)))


Made = Callable[..., pl.DataFrame]


@pytest.fixture(scope="session")
def rows() -> Made:
    return made_rows


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse file with every table and no row."""
    path = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    open_writer(path, ALL_TABLES).close()
    return path


@pytest.fixture(scope="session")
def opened(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    path = tmp_path_factory.mktemp("warehouse") / "warehouse.duckdb"
    path.write_bytes(empty_file.read_bytes())
    with open_writer(path, ()) as warehouse:
        yield warehouse


@pytest.fixture
def warehouse(opened: Warehouse) -> Iterator[Warehouse]:
    """An empty warehouse: what a test did to it is rolled back."""
    opened.execute("BEGIN")
    yield opened
    opened.execute("ROLLBACK")


@pytest.fixture
def own(empty_file: Path, tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse file of the test's own, for what cannot be rolled back."""
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(empty_file.read_bytes())
    with open_writer(path, ()) as warehouse:
        yield warehouse
