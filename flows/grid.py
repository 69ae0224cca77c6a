"""Rows in a terminal: a grid where it can be read, else one line a column."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import chain

import polars as pl
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from flows.calendar import IST

READABLE = 16
"""A column of so many characters still reads well; a narrower one needs no more than it has."""
LINES_A_CELL = 24
"""A cell of more lines than this makes a grid of one row a screen: records read better."""
EXACT_BELOW = 1e15
"""Whole doubles up to here are printed whole: 2250000000000 rupees, not 2.25e+12."""


def print_table(rows: pl.DataFrame, console: Console) -> None:
    """A grid, its long cells wrapped, where the terminal holds it; else row by row, by column."""
    text = [[cell(value) for value in row] for row in rows.iter_rows()]
    broken = [name.replace("_", "_\n") for name in rows.columns]
    for heads in (rows.columns, broken):
        widths = _widths(heads, text, console.width)
        if widths is not None:
            _print_grid(heads, rows, text, widths, console)
            break
    else:
        _print_records(rows.columns, text, console)
    console.print(counted(rows.height, "row"), highlight=False)


def counted(number: int, noun: str) -> str:
    """A number and its noun: 1 row, 2 rows."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def cell(value: object) -> str:  # noqa: PLR0911  one line a type
    """A value as a person reads it: instants in Asia/Kolkata, doubles at ten digits, null empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        is_whole = value.is_integer() and abs(value) < EXACT_BELOW
        return f"{value:.0f}" if is_whole else f"{value:.10g}"
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(IST).isoformat(sep=" ")
    if isinstance(value, list):
        return ", ".join("null" if item is None else cell(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {cell(item)}" for name, item in value.items())
    return str(value)


def _longest(value: str) -> int:
    return max((cell_len(line) for line in value.splitlines()), default=0)


def _widths(heads: list[str], text: list[list[str]], terminal: int) -> list[int] | None:
    """Characters of each column, null where no grid can be read.

    What is left over when every column has what reads well goes to the widest, a character at a
    time, so that the columns that wrap wrap evenly.
    """
    columns = [[row[place] for row in text] for place in range(len(heads))]
    wanted = [
        max(map(_longest, chain([head], column)))
        for head, column in zip(heads, columns, strict=True)
    ]
    widths = [min(width, READABLE) for width in wanted]
    spare = terminal - (3 * len(widths) + 1) - sum(widths)
    if spare < 0:
        return None
    for _ in range(spare):
        short = [place for place, width in enumerate(widths) if width < wanted[place]]
        if not short:
            break
        widths[min(short, key=lambda place: widths[place])] += 1
    for width, column in zip(widths, columns, strict=True):
        if any(cell_len(value) > width * LINES_A_CELL for value in column):
            return None
    return widths


def _print_grid(
    heads: list[str],
    rows: pl.DataFrame,
    text: list[list[str]],
    widths: list[int],
    console: Console,
) -> None:
    grid = Grid()
    for head, dtype, width in zip(heads, rows.dtypes, widths, strict=True):
        justify = "right" if dtype.is_numeric() else "left"
        grid.add_column(escape(head), justify=justify, width=width, overflow="fold")  # type: ignore[arg-type]
    for row in text:
        grid.add_row(*map(escape, row))
    console.print(grid)


def _print_records(heads: list[str], text: list[list[str]], console: Console) -> None:
    for number, row in enumerate(text, start=1):
        console.print(f"[dim]row {number}[/dim]", highlight=False)
        record = Grid.grid(padding=(0, 1, 0, 1))
        record.add_column(no_wrap=True, style="dim")
        record.add_column(overflow="fold")
        for name, value in zip(heads, row, strict=True):
            record.add_row(escape(name), escape(value))
        console.print(record)
