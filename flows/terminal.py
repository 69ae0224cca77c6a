"""What the command line prints of long work: its progress, and what it did."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

from flows import extract
from flows.bring import Imported
from flows.grid import counted
from flows.night import Outcome

NAMES_SHOWN = 20
TEXT_SHOWN = 36

console = Console()
complaints = Console(stderr=True)


class _Count(ProgressColumn):
    """How many of how many, where there is more than one thing to do."""

    def render(self, task: Task) -> Text:
        total = task.total or 0
        return Text(f"{task.completed:.0f}/{total:.0f}" if total else "", style="green")


class _Times(ProgressColumn):
    """How long it runs, and how long the counted part still takes, as far as its speed says."""

    def render(self, task: Task) -> Text:
        text = _clock(task.fields["began"]() if "began" in task.fields else task.elapsed or 0)
        left = task.time_remaining if task.total else None
        return Text(f"{text}, {_clock(left)} left" if left else text, style="cyan")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


@contextmanager
def progress(work: str) -> Iterator[extract.Progress]:
    """A line that lives while long work runs; where nobody watches, one line when it starts.

    One thing to do, or none, has no measure: its bar moves to and fro and the time runs on.

    Args:
        work: what is done, to be told where there is no terminal.
    """
    is_told = False
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=12),
        _Count(),
        _Times(),
        console=complaints,
        transient=True,
        disable=not complaints.is_terminal,
    ) as bars:
        task = bars.add_task(f"{work:<{TEXT_SHOWN}}", total=None)

        def told(what: str, done: int, total: int) -> None:
            nonlocal is_told
            if bars.disable and not is_told:
                complaints.print(
                    f"{work}: working, {what}", markup=False, highlight=False, soft_wrap=True
                )
            is_told = True
            measured = total if total > 1 else None
            text = what if len(what) <= TEXT_SHOWN else f"{what[: TEXT_SHOWN - 1]}…"
            if measured is None and bars.tasks[0].total is not None:
                bars.reset(task, total=None)
            bars.update(
                task, description=f"{text:<{TEXT_SHOWN}}", completed=done, total=measured
            )

        yield told


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
