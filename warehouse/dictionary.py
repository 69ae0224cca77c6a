"""The dictionary: every table and column in Markdown, written from the table classes."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from warehouse.ddl import duckdb_type, twin
from warehouse.tables.table import Table, key, meaning, schema
from warehouse.views import MACROS, VIEWS


def dictionary(tables: Sequence[type[Table]], definitions: pl.DataFrame) -> str:
    """DICTIONARY.md.

    Args:
        tables: every table.
        definitions: rows of ops.definition, of which the thresholds are told.
    """
    lines = [
        "# Dictionary",
        "",
        "Every table and column of the warehouse. Written by `python -m tests.check --write` from",
        "the table classes; the checks fail when it is stale. Units stand behind the meaning.",
        "Columns in **bold** are the key.",
        "",
        "## Views for BI tools",
        "",
        "| view | holds |",
        "|---|---|",
        *(f"| `{view.name}` | {view.meaning} |" for view in VIEWS),
        *(f"| `{one.name}({one.parameters})` | {one.meaning} |" for one in MACROS),
        "",
    ]
    for table in tables:
        lines += [f"## {table.table}", "", meaning(table), ""]
        if table.write == "merge":
            lines += [
                f"Superseded rows: `{twin(table)}`.",
                f"As known: `{table.table}_as_of(instant, clock := 'published' or 'recorded')`.",
                "",
            ]
        lines += ["| column | type | meaning |", "|---|---|---|"]
        columns = table.columns()
        for name, dtype in schema(table).items():
            column = columns[name]
            unit = (column.metadata or {})["unit"]
            shown = f"**{name}**" if name in key(table) else name
            text = (column.description or "").replace("|", "\\|").replace("\n", " ")
            null = "" if not column.nullable else ", may be null"
            lines.append(f"| {shown} | {duckdb_type(dtype)}{null} | {text} [{unit}] |")
        lines.append("")
    return "\n".join([*lines, *_thresholds(definitions)])


def _thresholds(definitions: pl.DataFrame) -> list[str]:
    lines = [
        "## Thresholds",
        "",
        "Every declared number that decides a state, a zone, a rank, a colour or a test, with its",
        "source; `ops.definition` has those that built a warehouse.",
        "",
        "| decides of | threshold | value | meaning | source |",
        "|---|---|---|---|---|",
    ]
    told = definitions.filter(pl.col("kind") == "threshold").sort("subject", "definition_id")
    for row in told.iter_rows(named=True):
        meaning_, source = (row[name].replace("|", "\\|") for name in ("meaning", "citation"))
        lines.append(
            f"| `{row['subject']}` | {row['definition_id']} | {row['value']:g} {row['unit']} "
            f"| {meaning_} | {source} |"
        )
    return [*lines, ""]
