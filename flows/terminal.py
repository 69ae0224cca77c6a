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

from bi.brief.numbers import figure
from flows import extract
from flows.bring import Imported
from flows.grid import counted, print_table
from flows.night import Outcome
from flows.status import Standing
from transforms.signals.case import Case

NAMES_SHOWN = 20
TEXT_SHOWN = 34
MEASURABLE = 20
"""Fewer things than this have no speed."""

console = Console()
complaints = Console(stderr=True)


class _Count(ProgressColumn):
    """Which of how many is being done, where there is more than one thing to do."""

    def render(self, task: Task) -> Text:
        """The count, or nothing."""
        text = "" if task.total is None else f"{task.completed + 1:.0f}/{task.total:.0f}"
        return Text(text, style="green")


class _Times(ProgressColumn):
    """How long it runs, and how long a long count still takes at its speed."""

    def render(self, task: Task) -> Text:
        """The times as h:mm:ss."""
        text = _clock(task.elapsed or 0)
        is_long = task.total is not None and task.total >= MEASURABLE
        left = task.time_remaining if is_long else None
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
            text = what if len(what) <= TEXT_SHOWN else f"{what[: TEXT_SHOWN - 1]}…"
            if total <= 1:
                bars.tasks[0].total = None  # `update` takes null for "as it was"
                bars.update(task, description=f"{text:<{TEXT_SHOWN}}")
            else:
                bars.update(
                    task,
                    description=f"{text:<{TEXT_SHOWN}}",
                    completed=max(done - 1, 0),  # it is told before it is done
                    total=total,
                )

        yield told


def tell_outcome(outcome: Outcome, *, with_states: bool = True) -> None:
    """What a run did, what it could not, and what is late.

    Args:
        outcome: of the run.
        with_states: whether to name refused files and states; an import has named its own.
    """
    if outcome.is_settled:
        console.print(f"Settled: nothing to ask; the last session is {outcome.session}.")
    loaded = outcome.loaded
    if not outcome.is_settled:
        console.print(
            f"Asked {outcome.asked}, loaded {counted(loaded.files, 'file')}: "
            f"{counted(loaded.rows, 'row')}, {loaded.revised} revised, {loaded.rejected} rejected. "
            f"Last session {outcome.session}."
        )
    for line in loaded.refused[: NAMES_SHOWN if with_states else 0]:
        complaints.print(f"  not loaded: {line}", markup=False)
    for check in outcome.checks:
        complaints.print(
            f"  check {check['check_id']}: {counted(check['offending_rows'], 'row')}; "
            f"{check['statement']}",
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
        f"{counted(done.outcome.asked, 'file')}: {done.landed} landed, "
        f"{done.held_already} held already, {len(done.unrecognised)} not understood yet."
    )
    groups = (
        ("another day's copy, loaded under the date inside", done.other_days),
        ("not loaded", done.refused),
        ("rejected, see ops.rejected_row", done.rejected),
        ("not understood yet", list(done.unrecognised.items())),
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


def tell_case(case: Case, grades: pl.DataFrame) -> None:
    """A case's figures and claims, each with its grade."""
    console.print(f"{case.title}\n{case.url}", markup=False)
    for row in grades.iter_rows(named=True):
        told = "" if row["stated"] is None else f"stated {figure(row['stated'], row['unit'])}, "
        found = (
            "no figure" if row["value"] is None else f"found {figure(row['value'], row['unit'])}"
        )
        luck = row["null_probability"]
        odds = "" if luck is None else f"; by luck {100 * luck:.1f}%"
        console.print(f"\n[bold]{row['grade']}[/bold]  {row['statement']}")
        console.print(f"  {told}{found}{odds}  ({row['basis']})", highlight=False)
        console.print(f"  {row['reasons']}", markup=False, highlight=False)


def tell_standing(found: Standing) -> None:
    """The last dates, what is not well and since when, every source's totals, the checks."""
    for line in dated_marks(found.last_dates):
        print_whole(line)
    for run in found.troubles:
        console.print(f"{run.source_id} {run}: {run.detail}", markup=False, highlight=False)
    print_table(found.totals, console)
    checks = found.failed_checks
    console.print("Every check holds." if checks.is_empty() else "Checks with offending rows:")
    if checks.height:
        print_table(checks, console)
    session = "no session is held yet" if found.session is None else f"{found.session}"
    whole = "whole" if found.is_complete else "incomplete"
    console.print(f"Last session: {session}, {whole}.", highlight=False)


MARKS = {
    "loaded": ".",
    "holiday": "-",
    "late": "L",
    "stale": "S",
    "blocked": "B",
    "malformed": "M",
    "failed": "F",
    "unrecoverable": "U",
}
QUIET = (".", "-", " ")


def dated_marks(last_dates: pl.DataFrame) -> list[str]:
    """A line a source with a mark a date, newest date first, sources in trouble above the others.

    Args:
        last_dates: session_date, newest first, and a column a source with its state or null.
    """
    dates = last_dates["session_date"].to_list()
    if not dates:
        return ["No source has a state yet."]
    sources = [name for name in last_dates.columns if name != "session_date"]
    marks = {
        name: [" " if state is None else MARKS[state] for state in last_dates[name]]
        for name in sources
    }
    width = max(map(len, sources))
    in_order = sorted(sources, key=lambda name: (set(marks[name]) <= {*QUIET}, name))
    legend = ", ".join(f"{mark} {state}" for state, mark in MARKS.items())
    return [
        f"{len(dates)} dates, from {dates[0]} back to {dates[-1]}: {legend}",
        " ".join([" " * width, *[f"{day:%d}" for day in dates]]),
        *[" ".join([f"{name:<{width}}", *[f"{m:>2}" for m in marks[name]]]) for name in in_order],
        "",
    ]


def print_whole(line: str) -> None:
    """One line whatever the width: a path or a command that is copied must not be broken."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def write_rows(rows: pl.DataFrame, form: str, output: Path | None) -> None:
    """Rows as CSV, JSON or Parquet, to a file or to standard output; instants in text are UTC."""
    if form == "parquet":
        assert output is not None  # noqa: S101  asked for above
        rows.write_parquet(output)
        return
    plain = rows.with_columns(
        pl.col(name).dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
        for name, dtype in rows.schema.items()
        if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
    )
    text = plain.write_csv() if form == "csv" else plain.write_json() + "\n"
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")
