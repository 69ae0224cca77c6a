"""What the command line prints: tables, progress, what a run did."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as Grid

from flows import extract
from flows.bring import Imported
from flows.night import Outcome

NAMES_SHOWN = 20
WIDEST = 60

console = Console()
complaints = Console(stderr=True)


@contextmanager
def progress() -> Iterator[extract.Progress]:
    """A bar for long work; silent where nobody watches."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=complaints,
        transient=True,
        disable=not complaints.is_terminal,
    ) as bars:
        task = bars.add_task("", total=None)

        def told(what: str, done: int, total: int) -> None:
            bars.update(task, description=what[:48], completed=done, total=total)

        yield told


def print_table(rows: pl.DataFrame) -> None:
    """A grid where it fits the terminal, else one line a column, row by row."""
    text = rows.select(pl.all().map_elements(_cell, pl.String, skip_nulls=False))
    widths = [
        max(len(name), *(min(len(value), WIDEST) for value in text[name]), 0)
        for name in text.columns
    ]
    if sum(widths) + 3 * len(widths) + 1 <= console.width:
        grid = Grid()
        for name, dtype in rows.schema.items():
            right = dtype.is_numeric()
            grid.add_column(name, justify="right" if right else "left", overflow="fold")
        for row in text.iter_rows():
            grid.add_row(*map(escape, row))
        console.print(grid)
    else:
        for number, row in enumerate(text.iter_rows(), start=1):
            console.print(f"[dim]row {number}[/dim]")
            for name, value in zip(text.columns, row, strict=True):
                console.print(f"  {name}: {value}", markup=False, highlight=False)
    console.print(f"{rows.height} rows")


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def tell_outcome(outcome: Outcome, *, with_states: bool = True) -> None:
    """What a run did, what it could not, and what is late."""
    if outcome.is_settled:
        console.print(f"Settled: nothing to ask; the last session is {outcome.session}.")
        return
    loaded = outcome.loaded
    console.print(
        f"Asked {outcome.asked}, loaded {loaded.files} files: {loaded.rows} rows, "
        f"{loaded.revised} revised, {loaded.rejected} rejected. Last session {outcome.session}."
    )
    for line in loaded.refused[:NAMES_SHOWN]:
        complaints.print(f"  not loaded: {line}", markup=False)
    for check in outcome.checks:
        complaints.print(
            f"  check {check['check_id']}: {check['offending_rows']} rows; {check['statement']}",
            markup=False,
        )
    for state in outcome.troubled[: NAMES_SHOWN if with_states else 0]:
        complaints.print(
            f"  {state['state']}: {state['source_id']} {state['session_date']}: {state['detail']}",
            markup=False,
        )


def tell_import(done: Imported) -> None:
    """What became of every file."""
    console.print(
        f"{done.outcome.asked} files: {done.landed} landed, {done.held_already} held already, "
        f"{len(done.unrecognised)} not understood yet."
    )
    groups = (
        ("another day's copy, loaded under the date inside", done.other_days),
        ("not loaded", done.refused),
        ("not understood yet", [(name, "") for name in done.unrecognised]),
    )
    for title, files in groups:
        for name, why in files[:NAMES_SHOWN]:
            complaints.print(f"  {title}: {name}{': ' if why else ''}{why}", markup=False)
        if len(files) > NAMES_SHOWN:
            complaints.print(
                f"  {title}: and {len(files) - NAMES_SHOWN} more; all are named in ops.fetch: "
                'riskon sql "SELECT url, outcome, detail FROM ops.fetch WHERE is_imported"',
                markup=False,
            )
    tell_outcome(done.outcome, with_states=False)


def write_rows(rows: pl.DataFrame, form: str, output: Path | None) -> None:
    """Rows as CSV, JSON or Parquet, to a file or to standard output."""
    if form == "parquet":
        assert output is not None  # noqa: S101  asked for above
        rows.write_parquet(output)
        return
    plain = rows.with_columns(
        pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
        for name, dtype in rows.schema.items()
        if isinstance(dtype, pl.Datetime)
    )
    text = plain.write_csv() if form == "csv" else plain.write_json() + "\n"
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")
