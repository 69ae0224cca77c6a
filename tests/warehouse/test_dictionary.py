"""The dictionary says every table, column and view; units are from one list."""

from __future__ import annotations

import pytest

from flows.derive import definitions
from transforms.metrics.tables import MART_TABLES
from warehouse.ddl import twin
from warehouse.dictionary import dictionary
from warehouse.store import Warehouse
from warehouse.tables import TABLES
from warehouse.tables.table import Table, key, meaning, schema
from warehouse.views import MACROS, VIEWS, create_views

ALL_TABLES = (*TABLES, *MART_TABLES)
DEFINED = definitions()
TEXT = dictionary(ALL_TABLES, DEFINED)
SUFFIX_UNITS = {
    "_pct": {"percent", "percentage points", "percent a year"},
    "_crore": {"Rs crore"},
    "_inr": {"rupees"},
    "_shares": {"shares"},
    "_at": {"UTC instant"},
    "_sessions": {"sessions"},
    "session_date": {"date"},
}


def section(table: type[Table]) -> str:
    return TEXT.split(f"## {table.table}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.table)
def test_every_column_stands_in_it_with_its_unit(table: type[Table]) -> None:
    rows = [line for line in section(table).splitlines() if line.startswith("| ")][1:]
    assert [row.split(" | ")[0].strip("|* ") for row in rows] == list(schema(table))
    assert all(row.endswith("] |") for row in rows)
    assert meaning(table) in section(table)
    bold = [row.split("**")[1] for row in rows if "**" in row.split(" | ")[0]]
    assert bold == [name for name in schema(table) if name in key(table)]
    assert (twin(table) in section(table)) is (table.write == "merge")


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.table)
def test_a_name_says_its_unit(table: type[Table]) -> None:
    for name, column in table.columns().items():
        unit = (column.metadata or {})["unit"]
        for suffix, units in SUFFIX_UNITS.items():
            if name.endswith(suffix):
                assert unit in units, f"{name} is in {unit}"


def test_tables_have_names_of_their_own() -> None:
    names = [table.table for table in ALL_TABLES]
    assert len(set(names)) == len(names)
    assert all(name.split(".")[0] in {"core", "mart", "ops"} for name in names)


def test_every_view_can_be_read_and_says_what_it_holds(warehouse: Warehouse) -> None:
    create_views(warehouse)
    create_views(warehouse)
    for view in VIEWS:
        assert f"| `{view.name}` | {view.meaning} |" in TEXT
        assert warehouse.read(f"FROM {view.name}").columns
        schema_name, name = view.name.split(".")
        comment = warehouse.read(
            "SELECT comment FROM duckdb_views() WHERE schema_name = ? AND view_name = ?",
            [schema_name, name],
        )
        assert comment["comment"].to_list() == [view.meaning]


def test_every_macro_stands_in_it_as_it_is_asked() -> None:
    for macro in MACROS:
        assert f"| `{macro.name}({macro.parameters})` | {macro.meaning} |" in TEXT


def test_every_threshold_stands_in_it_with_its_value_and_source() -> None:
    rows = [line for line in TEXT.split("## Thresholds\n", 1)[1].splitlines() if "| `" in line]
    thresholds = DEFINED.filter(kind="threshold")
    assert len(rows) == thresholds.height > 50
    for one in thresholds.iter_rows(named=True):
        assert one["citation"], one["definition_id"]
        row = next(row for row in rows if f"| {one['definition_id']} |" in row)
        assert f"| {one['value']:g} {one['unit']} |" in row
