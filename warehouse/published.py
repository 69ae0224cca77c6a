"""A published file may be of an earlier version: readers are told what it lacks, what mends it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from warehouse.store import NotHeld, SchemaChanged, Warehouse, open_reader, query
from warehouse.tables.table import Table

NAMED_AT_MOST = 3


def open_published(
    path: Path, tables: Iterable[type[Table]], views: Iterable[str] = ()
) -> Warehouse:
    """Open a published file to read, where it holds all that this version declares.

    Raises:
        SchemaChanged: an earlier version published it; names what it lacks.
        StoreFailed: it cannot be opened.
    """
    reader = open_reader(path)
    try:
        lacking = reader.lacking(tables, views)
    except BaseException:
        reader.close()
        raise
    if lacking:
        reader.close()
        raise SchemaChanged(_published_lacks(lacking))
    return reader


def _published_lacks(lacking: Sequence[str]) -> str:
    more = len(lacking) - NAMED_AT_MOST
    names = ", ".join(lacking[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
    return (
        f"The published warehouse is of an earlier version and lacks {names}. "
        "Run `riskon rebuild` to replay the landed files."
    )


def query_published(
    path: Path, sql: str, tables: Iterable[type[Table]], views: Iterable[str] = ()
) -> pl.DataFrame:
    """As `query`; what an earlier version did publish is answered.

    Raises:
        QueryRefused: as `query`.
        SchemaChanged: the query names what this version declares and the file lacks.
    """
    try:
        return query(path, sql)
    except NotHeld as error:
        with open_reader(path) as reader:
            lacking = reader.lacking(tables, views)
        asked = [name for name in lacking if _is_named(name, sql.replace('"', ""))]
        if not asked:
            raise
        raise SchemaChanged(_published_lacks(asked)) from error


def _is_named(name: str, sql: str) -> bool:
    """Whether a query speaks of a column of any table, or of a table with or without schema."""
    schema, table, *column = name.split(".")
    spelled = rf"\b{column[0]}\b" if column else rf"(?<![\w.])(?:{schema}\.)?{table}\b"
    return re.search(spelled, sql, re.IGNORECASE) is not None
