"""The command line.

Exit codes: 0 done, 1 failed, 2 wrong use, 3 done but incomplete, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from contextlib import closing
from datetime import date, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Literal

import cyclopts
import polars as pl
from cyclopts import Parameter
from cyclopts.validators import Number

from bi.brief.facts import Facts, NothingToTell, gather
from bi.brief.terminal import show
from bi.brief.write import helped, write_brief, write_facts
from bi.cases import cases
from flows import night as nights
from flows.bring import bring
from flows.demo.tour import HOME as DEMO_HOME
from flows.demo.tour import tour
from flows.demo.world.companies import DEMO_COUNT, MOST
from flows.derive import inputs
from flows.doctor import examine
from flows.examples import epilogue
from flows.exits import (
    DONE,
    FAILED,
    INCOMPLETE,
    WRONG_USE,
    NothingPublished,
    WrongUse,
    exit_code,
)
from flows.grid import counted, print_table
from flows.night import Window
from flows.settings import VERSION, Settings
from flows.sources import SOURCES
from flows.status import standing
from flows.study import study_report
from flows.terminal import (
    complaints,
    console,
    print_whole,
    progress,
    tell_case,
    tell_import,
    tell_outcome,
    tell_standing,
    write_rows,
)
from transforms.signals.case import grade_case
from warehouse.published import open_published, query_published
from warehouse.store import Warehouse
from warehouse.views import VIEWS

__all__ = ["DONE", "FAILED", "INCOMPLETE", "WRONG_USE", "app", "main", "run"]

app = cyclopts.App(
    name="riskon",
    version=VERSION,
    help=(
        "Is smart money rotating back into high-risk trades? Every evening, with evidence.\n\n"
        "State lives under RISKON_HOME (default .riskon/). Figures are the publishers'; their "
        "terms are yours to accept. Riskon describes; it gives no investment advice.\n\n"
        "Exit codes:\n\n"
        "- 0: done\n"
        "- 1: failed, or nothing is published yet, or by an earlier version\n"
        "- 2: wrong use: an option, a setting, a path, a session that is not held, a refused "
        "statement\n"
        "- 3: done but incomplete: something of the last session is late, blocked or broken\n"
        "- 130: stopped by Ctrl-C; what was fetched is kept"
    ),
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)


@app.command(help_epilogue=epilogue("demo"))
def demo(
    *,
    home: Annotated[Path, Parameter(help="Folder for the demo's state")] = DEMO_HOME,
    shares: Annotated[
        int,
        Parameter(
            validator=Number(gte=DEMO_COUNT, lte=MOST),
            help=f"Companies listed; {MOST} are the full market, and take much longer",
        ),
    ] = DEMO_COUNT,
    open_brief: Annotated[
        bool, Parameter(name="--open", help="Open the brief in a browser when done")
    ] = True,
) -> int:
    """Run the whole thing with no network, on a simulated exchange.

    Starts a simulated exchange on loopback, imports histories of flows and of India's rates,
    backfills six years of 136 indices, nine of 64 companies' results and four of their shares, runs
    the last night, and shows the brief: about two minutes on two cores. Every figure is SIMULATED.
    """
    with progress("riskon demo") as bar:
        outcome = tour(home, bar, share_count=shares)
    settings = Settings(home=home)
    show(_facts(_published(settings), outcome.session), console, legs=False)
    tell_outcome(outcome)
    if outcome.brief is None:
        outcome.brief = write_brief(settings.published, settings.brief)
    home_told, started_by = shlex.quote(str(home.resolve())), shlex.quote(_started_by(sys.argv[0]))
    console.print()
    print_whole(f"The brief: {outcome.brief.resolve()}")
    print_whole("Ask it anything:")
    print_whole(f'RISKON_HOME={home_told} {started_by} sql "FROM bi.data_health"')
    if open_brief and sys.stdout.isatty():
        import webbrowser  # noqa: PLC0415  only where a person watches

        webbrowser.open(outcome.brief.resolve().as_uri())
    return DONE if outcome.is_complete else INCOMPLETE


@app.command(help_epilogue=epilogue("nightly"))
def nightly() -> int:
    """Fetch every session not settled up to now, derive, check, publish, write the brief.

    Safe to run at any hour and as often as you like: a night that is settled ends at once, a
    missed week heals in one run. Asks from RISKON_HISTORY_START on, one request a second, so the
    first night takes two to three hours; documents of results at most RISKON_DOCUMENTS_PER_RUN,
    newest quarter first. Stop it with Ctrl-C when you like: what was fetched is kept, the next run
    goes on from there.
    """
    with progress("riskon nightly") as bar:
        outcome = nights.night(Settings(), progress=bar)
    tell_outcome(outcome)
    return DONE if outcome.is_complete else INCOMPLETE


@app.command(help_epilogue=epilogue("backfill"))
def backfill(
    *,
    first: Annotated[date, Parameter(name="--from", help="First date, YYYY-MM-DD")],
    last: Annotated[date | None, Parameter(name="--to", help="Last date; default today")] = None,
    history: Annotated[
        tuple[str, ...],
        Parameter(
            negative="",
            show_default=False,
            help='Also ask the index company for this index, e.g. "NIFTY SMALLCAP 100"',
        ),
    ] = (),
    source: Annotated[
        tuple[str, ...],
        Parameter(
            negative="",
            show_default=False,
            help="Ask this source alone, e.g. nse_result_document; repeatable",
        ),
    ] = (),
) -> int:
    """Fetch a range of dates; resumable, with progress.

    What is held is not asked for again. Documents of results come newest quarter first, at most
    RISKON_DOCUMENTS_PER_RUN (2,000) a run: raise it or run again for years of them.
    """
    if unknown := sorted({*source} - {*SOURCES}):
        message = f"--source: {', '.join(unknown)} is none of {', '.join(SOURCES)}"
        raise WrongUse(message)
    if last is not None and last < first:
        message = f"--to {last} lies before --from {first}"
        raise WrongUse(message)
    with progress("riskon backfill") as bar:
        window = Window(first, last, history, dict.fromkeys(source, first) if source else None)
        outcome = nights.night(Settings(), "backfill", window=window, progress=bar)
    tell_outcome(outcome)
    return DONE if outcome.is_complete else INCOMPLETE


@app.command(name="import", help_epilogue=epilogue("import"))
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

    Reads every file that `riskon nightly` and `riskon backfill` would fetch: index closes and
    history, FII/DII figures, turnover by category, contracts by participant, the depository's
    pages, lists of results and their XBRL documents, lists of members, FRED's CSV. And two of your
    own: flows (columns date, participant, net; buy, sell, scope, unit optional) and macro series
    (series_id, observation_date, value). Dates are YYYY-MM-DD. Every file that is not read is
    named; rows set aside are counted and stand in ops.rejected_row.
    """
    if not path.exists():
        message = f"there is no folder or file {path}"
        raise WrongUse(message)
    stated = {"scope": scope, "unit": unit, "index_name": index_name}
    with progress("riskon import") as bar:
        done = bring(Settings(), path, {k: v for k, v in stated.items() if v}, bar)
    tell_import(done)
    return INCOMPLETE if done.refused else DONE


@app.command(help_epilogue=epilogue("rebuild"))
def rebuild() -> int:
    """Replay every landed byte into a new warehouse, after a parser or formula change.

    Prints how many rows of each table only the old or only the new warehouse holds.
    """
    settings = Settings()
    if not settings.landing.exists():
        complaints.print(f"nothing was ever landed in {settings.landing}: riskon nightly")
        return FAILED
    with progress("riskon rebuild") as bar:
        outcome, differences = nights.rebuild(settings, bar)
    changed = differences.filter(
        (pl.col("only_old") != 0) | (pl.col("only_new") != 0) | pl.col("only_old").is_null()
    )
    if changed.is_empty():
        console.print("The new warehouse equals the old one, row for row.")
    else:
        print_table(changed, console)
    tell_outcome(outcome)
    return DONE


@app.command(help_epilogue=epilogue("brief"))
def brief(
    *,
    session: Annotated[date | None, Parameter(help="A session, YYYY-MM-DD; default last")] = None,
    legs: Annotated[
        bool,
        Parameter(
            negative="", show_default=False, help="Also what each claim stands on, leg by leg"
        ),
    ] = False,
    output: Annotated[Path | None, Parameter(help="Folder for the page")] = None,
    as_of: Annotated[
        str | None,
        Parameter(
            help="Instant with an offset: rebuild the brief from what had landed by then, back to "
            "your first night; a minute, or more where many nights have run"
        ),
    ] = None,
) -> int:
    """Print the verdict and its evidence, and write the page."""
    if output is not None and output.exists() and not output.is_dir():
        message = f"--output {output} is no folder: name one, it may be new"
        raise WrongUse(message)
    settings = Settings()
    if as_of is None:
        page = _brief(_published(settings), output or settings.brief, session, legs=legs)
    else:
        instant = _instant(as_of)
        folder = output or settings.brief / f"as-of-{instant:%Y-%m-%dT%H%M%S%z}"
        try:
            with progress("brief") as tell, nights.as_of(settings, instant, tell) as past:
                page = _brief(past, folder, session, legs=legs)
        except LookupError as error:
            raise WrongUse(str(error)) from error
    console.print()
    print_whole(f"The page: {page.resolve()}")
    return DONE


@app.command(help_epilogue=epilogue("case"))
def case(
    name: Annotated[str | None, Parameter(help="The case; none lists them")] = None,
    /,
    *,
    session: Annotated[date | None, Parameter(help="Grade as of this date instead")] = None,
) -> int:
    """Grade a named article's literal figures and claims as of its date."""
    known = cases()
    if name is None:
        for one in known.values():
            console.print(f"{one.id}  {one.published_on}  {one.title}")
        return DONE
    if name not in known:
        message = f"no case {name!r}; known: {', '.join(known)}"
        raise WrongUse(message)
    with closing(_open(_published(Settings()))) as reader:
        grades = grade_case(inputs(reader), known[name], session)
    tell_case(known[name], grades)
    return DONE


@app.command(help_epilogue=epilogue("study"))
def study(
    *,
    through: Annotated[
        date | None, Parameter(help="Use what was known at the end of this date's last quarter")
    ] = None,
    output: Annotated[
        Path | None, Parameter(help="File to write as Markdown, instead of printing")
    ] = None,
) -> int:
    """Has strength of small caps preceded bull phases? The frozen event study, whole.

    Eighteen tests with matched base rates, circular shifts, bootstrap intervals, multiplicity,
    power and controls, and every event, on all the index history held: up to a minute. Bring
    total-return and price history back to 2004 first, with `riskon import` or
    `riskon backfill --history`.
    """
    if output is not None and not output.parent.is_dir():
        message = f"there is no folder {output.parent}: create it, or write elsewhere"
        raise WrongUse(message)
    if output is not None and output.is_dir():
        message = f"--output {output} is a folder: name a file in it"
        raise WrongUse(message)
    try:
        with closing(_open(_published(Settings()))) as reader:
            told = study_report(reader, through)
    except LookupError as error:
        raise WrongUse(str(error)) from error
    if output is None:
        console.print(told, markup=False, highlight=False, soft_wrap=True)
    else:
        output.write_text(told, encoding="utf-8")
        print_whole(f"The study: {output.resolve()}")
    return DONE


@app.command(help_epilogue=epilogue("status"))
def status(
    *,
    days: Annotated[
        int, Parameter(validator=Number(gte=1), help="How many of the last dates to show")
    ] = 10,
) -> int:
    """Day states, freshness and failed checks of the published warehouse.

    Ends with 3 where something of the last session is late, blocked or broken.
    """
    with closing(_open(_published(Settings()))) as reader:
        found = standing(reader, days)
    tell_standing(found)
    return DONE if found.is_complete else INCOMPLETE


@app.command(help_epilogue=epilogue("doctor"))
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
        ),
        console,
    )
    return DONE if all(one.is_well for one in findings) else INCOMPLETE


@app.command(help_epilogue=epilogue("sql"))
def sql(
    # A query may begin with a comment, which begins with hyphens.
    text: Annotated[str, Parameter(help="One query", allow_leading_hyphen=True)],
    /,
    *,
    format_: Annotated[
        Literal["table", "csv", "json", "parquet"],
        Parameter(name="--format", help="How to print the rows; parquet needs --output"),
    ] = "table",
    output: Annotated[Path | None, Parameter(help="File to write instead of printing")] = None,
) -> int:
    """Query the published warehouse, read-only: no write, no file, no network, no extension.

    Tables show instants in Asia/Kolkata; CSV and JSON write them in UTC, CSV lists as JSON.
    """
    if format_ == "parquet" and output is None:
        message = "--format parquet needs --output FILE"
        raise WrongUse(message)
    if output is not None and not output.parent.is_dir():
        message = f"there is no folder {output.parent}: create it, or write elsewhere"
        raise WrongUse(message)
    if output is not None and output.is_dir():
        message = f"--output {output} is a folder: name a file in it"
        raise WrongUse(message)
    rows = query_published(_published(Settings()), text, *_DECLARED)
    if format_ == "table" and output is None:
        print_table(rows, console)
        return DONE
    kind = format_ if format_ != "table" else "csv"
    write_rows(_flat(rows) if kind == "csv" else rows, kind, output)
    return DONE


def _flat(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows whose lists and structures, of which CSV has none, are JSON."""
    nested = [name for name, dtype in rows.schema.items() if dtype.is_nested()]
    texts = {
        name: [None if cell is None else json.dumps(cell, default=str) for cell in column]
        for name in nested
        for column in [rows[name].to_list()]
    }
    return rows.with_columns(pl.Series(name, texts[name], pl.String) for name in nested)


@app.command(help_epilogue=epilogue("export"))
def export(
    folder: Annotated[Path, Parameter(help="Folder for one Parquet file a table")],
    /,
    *,
    schema: Annotated[
        Literal["mart", "core", "ops", "bi"], Parameter(help="Which tables or views")
    ] = "mart",
) -> int:
    """Write tables to Parquet, one file each."""
    if folder.exists() and not folder.is_dir():
        message = f"{folder} is no folder: name one, it may be new"
        raise WrongUse(message)
    with closing(_open(_published(Settings()))) as reader:
        folder.mkdir(parents=True, exist_ok=True)
        names = reader.read(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = ? ORDER BY ALL",
            [schema],
        )["table_name"]
        for name in names:
            rows = reader.read(f'FROM {schema}."{name}"')
            rows.write_parquet(folder / f"{name}.parquet")
            print_whole(f"{folder / f'{name}.parquet'}  {counted(rows.height, 'row')}")
    return DONE


def _published(settings: Settings) -> Path:
    if not settings.published.exists():
        message = (
            f"nothing is published in {settings.home} yet: run `riskon nightly`, `riskon import` "
            "or `riskon demo` first, or set RISKON_HOME"
        )
        raise NothingPublished(message)
    return settings.published


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"--as-of: expected an instant such as 2026-02-10T22:30+05:30, got {text!r}"
        raise WrongUse(message) from error
    if instant.tzinfo is None:
        whole = instant if len(text) > len("2026-02-10") else instant.replace(hour=22, minute=30)
        message = f"--as-of: {text!r} lacks its offset, as in {whole:%Y-%m-%dT%H:%M}+05:30"
        raise WrongUse(message)
    return instant


def _brief(published: Path, folder: Path, session: date | None, *, legs: bool) -> Path:
    """Print the brief and write it, of facts gathered once, while what draws it starts."""
    with helped():
        facts = _facts(published, session)
        show(facts, console, legs=legs)
        return write_facts(facts, folder)


def _facts(published: Path, session: date | None) -> Facts:
    with closing(_open(published)) as reader:
        try:
            return gather(reader, session)
        except NothingToTell as error:
            graded = reader.read("SELECT 1 FROM mart.evidence LIMIT 1").height
            if session is None or not graded:
                raise
            raise WrongUse(str(error)) from error


_DECLARED = (nights.ALL_TABLES, tuple(view.name for view in VIEWS))


def _open(published: Path) -> Warehouse:
    return open_published(published, *_DECLARED)


def _started_by(argument: str) -> str:
    """The command as it was started, for the next one to be started alike.

    Args:
        argument: the process's first argument; the installed script, found on the path or named.
    """
    name = Path(argument).name
    found = shutil.which(name)
    if found is not None and Path(found).resolve() == Path(argument).resolve():
        return name
    return argument


def main() -> None:
    """Run one command and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal without a character we print shows "?" for it, and the rest.
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; errors are told on stderr, with what to do next."""
    return exit_code(
        lambda: app(arguments, exit_on_error=False, print_error=True, error_console=complaints),
        complaints,
    )
