"""The command line. Exit codes: 0 done, 1 failed, 2 wrong use, 3 done but incomplete."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import cyclopts
import polars as pl
from cyclopts import Parameter

from bi.brief.facts import gather
from bi.brief.numbers import figure
from bi.brief.terminal import show
from bi.brief.write import write_brief
from bi.cases import cases
from flows import night as nights
from flows.bring import bring
from flows.demo.tour import HOME as DEMO_HOME
from flows.demo.tour import tour
from flows.derive import inputs
from flows.doctor import examine
from flows.errors import RiskonError
from flows.night import Window
from flows.settings import VERSION, Settings
from flows.terminal import (
    complaints,
    console,
    print_table,
    progress,
    tell_import,
    tell_outcome,
    write_rows,
)
from transforms.signals.case import grade_case
from warehouse.store import QueryRefused, SchemaChanged, open_reader, query

DONE, FAILED, WRONG_USE, INCOMPLETE = 0, 1, 2, 3

app = cyclopts.App(
    name="riskon",
    version=VERSION,
    help=(
        "Is smart money rotating back into high-risk trades? Every evening, with evidence.\n\n"
        "State lives under RISKON_HOME (default .riskon/). Figures are the publishers'; their "
        "terms are yours to accept. Riskon describes; it gives no investment advice.\n\n"
        "Exit codes: 0 done, 1 failed, 2 wrong use, 3 done but incomplete (late, blocked)."
    ),
    result_action="return_value",
)


@app.command
def demo(
    *,
    home: Annotated[Path, Parameter(help="Folder for the demo's state")] = DEMO_HOME,
    open_brief: Annotated[
        bool, Parameter(name="--open", help="Open the brief in a browser when done")
    ] = True,
) -> int:
    """Run the whole thing with no network, on a simulated exchange.

    Starts a simulated exchange on loopback, imports a flow history, backfills six years of 136
    indices, runs the last night, and shows the brief. Every figure is SIMULATED.
    """
    with progress() as bar:
        outcome = tour(home, bar)
    settings = Settings(home=home)
    _show_brief(settings, outcome.session)
    tell_outcome(outcome)
    if outcome.brief is None:
        outcome.brief = write_brief(settings.published, settings.brief)
    console.print(f"\nThe brief: {outcome.brief.resolve()}")
    console.print(f'Ask it anything: RISKON_HOME={home} riskon sql "FROM bi.evidence LIMIT 5"')
    if open_brief and sys.stdout.isatty():
        import webbrowser  # noqa: PLC0415  only where a person watches

        webbrowser.open(outcome.brief.resolve().as_uri())
    return DONE if outcome.is_complete else INCOMPLETE


@app.command
def nightly() -> int:
    """Fetch every session not settled up to now, derive, check, publish, write the brief.

    Safe to run at any hour and as often as you like: a night that is settled ends at once, a
    missed week heals in one run. Asks from RISKON_HISTORY_START on, one request a second.
    """
    with progress() as bar:
        outcome = nights.night(Settings(), progress=bar)
    tell_outcome(outcome)
    return DONE if outcome.is_complete else INCOMPLETE


@app.command
def backfill(
    *,
    first: Annotated[date, Parameter(name="--from", help="First date, YYYY-MM-DD")],
    last: Annotated[date | None, Parameter(name="--to", help="Last date; default today")] = None,
    history: Annotated[
        tuple[str, ...],
        Parameter(help='Also ask the index company for this index, e.g. "NIFTY SMALLCAP 100"'),
    ] = (),
) -> int:
    """Fetch a range of dates; resumable, with progress.

    Example: riskon backfill --from 2020-01-01 --to 2020-12-31 --history "NIFTY 50"
    """
    if last is not None and last < first:
        complaints.print(f"--to {last} lies before --from {first}")
        return WRONG_USE
    with progress() as bar:
        window = Window(first, last, history)
        outcome = nights.night(Settings(), "backfill", window=window, progress=bar)
    tell_outcome(outcome)
    return DONE if outcome.is_complete else INCOMPLETE


@app.command(name="import")
def import_(
    path: Annotated[Path, Parameter(help="A folder, searched whole, or one file")],
    /,
    *,
    scope: Annotated[
        Literal["NSE+BSE+MSEI", "NSE"] | None,
        Parameter(help="Venues a flow CSV counts, where the file does not say"),
    ] = None,
    unit: Annotated[
        Literal["crore", "lakh", "million", "billion"] | None,
        Parameter(help="Unit of a flow CSV in rupees, where the file does not say"),
    ] = None,
    index_name: Annotated[
        str | None, Parameter(help="Index of a history CSV; default: the file's name")
    ] = None,
) -> int:
    """Take publisher files you already have; they are recognised by content, not by name.

    Reads index closes (ind_close_all), index history (price CSV, price and total return JSON),
    FII/DII figures (fiidiiTradeReact, or a CSV: date, participant, net; buy, sell, scope and unit
    optional), and holiday lists. Every file that is not read is named with the reason.
    """
    stated = {"scope": scope, "unit": unit, "index_name": index_name}
    with progress() as bar:
        done = bring(Settings(), path, {k: v for k, v in stated.items() if v}, bar)
    tell_import(done)
    return INCOMPLETE if done.refused else DONE


@app.command
def rebuild() -> int:
    """Replay every landed byte into a new warehouse, after a parser or formula change.

    Prints the rows of each table that only the old or only the new warehouse holds.
    """
    settings = Settings()
    if not settings.landing.exists():
        complaints.print(f"nothing was ever landed in {settings.landing}: riskon nightly")
        return FAILED
    with progress() as bar:
        outcome, differences = nights.rebuild(settings, bar)
    changed = differences.filter(
        (pl.col("only_old") != 0) | (pl.col("only_new") != 0) | pl.col("only_old").is_null()
    )
    if changed.is_empty():
        console.print("The new warehouse equals the old one, row for row.")
    else:
        print_table(changed)
    tell_outcome(outcome)
    return DONE


@app.command
def brief(
    *,
    session: Annotated[date | None, Parameter(help="A session, YYYY-MM-DD; default last")] = None,
    output: Annotated[Path | None, Parameter(help="Folder for the page")] = None,
) -> int:
    """Print the verdict and its evidence, and write the page."""
    settings = Settings()
    _show_brief(settings, session)
    page = write_brief(_published(settings), output or settings.brief, session)
    console.print(f"\nThe page: {page.resolve()}")
    return DONE


@app.command
def case(
    name: Annotated[str | None, Parameter(help="The case; none lists them")] = None,
    /,
    *,
    session: Annotated[date | None, Parameter(help="Grade as of this date instead")] = None,
) -> int:
    """Grade a named article's literal figures and claims as of its date.

    Example: riskon case smallcap-rebound-2026
    """
    known = cases()
    if name is None:
        for one in known.values():
            console.print(f"{one.id}  {one.published_on}  {one.title}")
        return DONE
    if name not in known:
        complaints.print(f"no case {name!r}; known: {', '.join(known)}")
        return WRONG_USE
    with closing(open_reader(_published(Settings()))) as reader:
        grades = grade_case(inputs(reader), known[name], session)
    console.print(f"{known[name].title}\n{known[name].url}", markup=False)
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
    return DONE


@app.command
def status(
    *,
    days: Annotated[int, Parameter(help="How many of the last dates to show")] = 10,
) -> int:
    """Day states, freshness and failed checks of the published warehouse."""
    with closing(open_reader(_published(Settings()))) as reader:
        states = reader.read(
            """
            SELECT session_date, source_id, state, detail FROM ops.day_state
            WHERE session_date > (SELECT max(session_date) FROM ops.day_state) - ?
            ORDER BY session_date DESC, source_id
            """,
            [days],
        )
        print_table(states.pivot("source_id", index="session_date", values="state"))
        for row in states.filter(~pl.col("state").is_in(["loaded", "holiday"])).iter_rows():
            console.print(f"{row[0]} {row[1]} {row[2]}: {row[3]}", markup=False, highlight=False)
        print_table(
            reader.read(
                "SELECT source_id, state, count(*) AS days, min(session_date) AS first, "
                "max(session_date) AS last FROM ops.day_state GROUP BY ALL ORDER BY ALL"
            )
        )
        checks = reader.read(
            "SELECT check_id, severity, offending_rows, statement, first_rows "
            "FROM ops.check_result WHERE offending_rows > 0 ORDER BY severity, check_id"
        )
    console.print("Every check holds." if checks.is_empty() else "Checks with offending rows:")
    if checks.height:
        print_table(checks)
    return DONE


@app.command
def doctor() -> int:
    """Ask each publisher once: does it answer, and with the layout we know?"""
    findings = examine(Settings())
    print_table(
        pl.DataFrame(
            {
                "source_id": [one.source_id for one in findings],
                "answer": ["well" if one.is_well else "NOT WELL" for one in findings],
                "layout": ["verified" if one.is_verified else "unverified" for one in findings],
                "found": [one.found for one in findings],
            }
        )
    )
    return DONE if all(one.is_well for one in findings) else INCOMPLETE


@app.command
def sql(
    text: Annotated[str, Parameter(help="One query")],
    /,
    *,
    format_: Annotated[
        Literal["table", "csv", "json", "parquet"],
        Parameter(name="--format", help="How to print the rows; parquet needs --output"),
    ] = "table",
    output: Annotated[Path | None, Parameter(help="File to write instead of printing")] = None,
) -> int:
    """Query the published warehouse, read-only: no write, no file, no network, no extension.

    Examples:
      riskon sql "FROM bi.evidence WHERE session_date = DATE '2026-02-11'"
      riskon sql "SELECT * FROM bi.dictionary WHERE column_name LIKE 'rsi%'"
      riskon sql "FROM mart.flow" --format parquet --output flow.parquet
    """
    if format_ == "parquet" and output is None:
        complaints.print("--format parquet needs --output FILE")
        return WRONG_USE
    rows = query(_published(Settings()), text)
    if format_ == "table" and output is None:
        print_table(rows)
        return DONE
    write_rows(rows, format_ if format_ != "table" else "csv", output)
    return DONE


@app.command
def export(
    folder: Annotated[Path, Parameter(help="Folder for one Parquet file a table")],
    /,
    *,
    schema: Annotated[
        Literal["mart", "core", "ops", "bi"], Parameter(help="Which tables or views")
    ] = "mart",
) -> int:
    """Write tables to Parquet, one file each.

    Example: riskon export out/ --schema bi
    """
    folder.mkdir(parents=True, exist_ok=True)
    with closing(open_reader(_published(Settings()))) as reader:
        names = reader.read(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = ? ORDER BY ALL",
            [schema],
        )["table_name"]
        for name in names:
            rows = reader.read(f'FROM {schema}."{name}"')
            rows.write_parquet(folder / f"{name}.parquet")
            console.print(f"{folder / f'{name}.parquet'}  {rows.height} rows")
    return DONE


def _published(settings: Settings) -> Path:
    if not settings.published.exists():
        message = (
            f"nothing is published in {settings.home} yet: run `riskon nightly`, `riskon import` "
            "or `riskon demo` first, or set RISKON_HOME"
        )
        raise FileNotFoundError(message)
    return settings.published


def _show_brief(settings: Settings, session: date | None) -> None:
    with closing(open_reader(_published(settings))) as reader:
        show(gather(reader, session), console)


def main() -> None:
    """Run one command and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; errors are told on stderr, with what to do next."""
    try:
        code = app(arguments, exit_on_error=False, print_error=True, error_console=complaints)
    except cyclopts.CycloptsError:
        return WRONG_USE
    except (RiskonError, QueryRefused, SchemaChanged, FileNotFoundError, ValueError) as error:
        complaints.print(str(error), markup=False, highlight=False)
        return FAILED
    except OSError as error:
        complaints.print(
            f"expected to read and write files; got {error}\n"
            f"  where: {error.filename or Settings().home}\n"
            "  next:  Free space or correct the permissions, and run again: what was landed is "
            "kept, and the next run goes on from it.",
            markup=False,
            highlight=False,
        )
        return FAILED
    except KeyboardInterrupt:
        complaints.print("interrupted; the next run goes on from here")
        return FAILED
    return code if isinstance(code, int) else DONE
