"""One class is one table: columns, keys, units, descriptions and row rules."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import ClassVar, Literal

import dataframely as dy
import polars as pl

Write = Literal["merge", "replace", "append"]


class Table(dy.Schema):
    """A table of the warehouse; the class docstring's first line is the table's meaning.

    A subclass sets `table` ("core.index_bar") and `write`:

    merge     rows are upserted by key; superseded rows move to the twin `<table>_superseded`
    replace   derived whole by every run
    append    only grows
    """

    table: ClassVar[str]
    write: ClassVar[Write] = "replace"
    is_large: ClassVar[bool] = False
    """Millions of rows by `session_date`: a night reads and checks the sessions it touched."""
    set_aside: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Rules that doubt some columns and not the row: what they doubt is taken out, and told."""


def key(table: type[Table]) -> list[str]:
    """Columns that identify a row."""
    return list(table.primary_key())


def schema(table: type[Table]) -> dict[str, pl.DataType]:
    """Column names and Polars types, in stored order."""
    return dict(_schema(table))


@cache
def _schema(table: type[Table]) -> pl.Schema:
    return table.create_empty().schema


def meaning(table: type[Table]) -> str:
    """The table's meaning in one line."""
    return (table.__doc__ or "").strip().split("\n")[0]
