"""One night, from what is not settled to the readers' file and the brief: the only order.

    plan → extract → load → derive → check → publish → brief

Each step is a plain function; the command line calls it as it is, Prefect wraps it in a task.
Every step may be killed at any instant: the next run loads what was landed, derives what was
loaded, publishes what was derived.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from bi.brief.write import write_brief
from flows import derive as deriving
from flows import extract as extracting
from flows import known as knowing
from flows import load as loading
from flows.calendar import IST
from flows.errors import CheckFailed
from flows.extract import Progress
from flows.http import Client
from flows.landing import Journal, Landing, only_writer
from flows.questions import documents, history_questions, pages, questions
from flows.settings import VERSION, Settings
from flows.sources import SOURCES
from flows.sources.source import Question
from transforms.metrics.tables import MART_TABLES
from warehouse.checks import run_checks, severe
from warehouse.publish import publish
from warehouse.store import Warehouse, open_reader, open_writer
from warehouse.tables import TABLES, CheckResult
from warehouse.views import create_views

T = TypeVar("T")
RunStep = Callable[..., Any]
ALL_TABLES = (*TABLES, *MART_TABLES)
OF_SESSIONS = ("every date", "every session", "latest session")
"""Ways of asking for what speaks of one session."""
CHECKED_AT_MOST = timedelta(days=400)
"""Of large tables; after a backfill of many years the newest part of them is checked."""
TROUBLED = ("late", "stale", "blocked", "malformed", "failed")


def plainly(step: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """Run a step as it is."""
    return step(*arguments, **named)


def quietly(_what: str, _done: int, _total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True)
class Window:
    """What to ask for: dates, histories of which indices, and of which sources alone, if any."""

    first: date
    last: date | None = None
    indices: tuple[str, ...] = ()
    sources: Mapping[str, date] | None = None
    """Each with a first date of its own."""

    def since(self, source_id: str) -> date | None:
        """The first date to ask a source for; null is none."""
        return self.first if self.sources is None else self.sources.get(source_id)


@dataclass
class Outcome:
    """What a run did, in words for the terminal and for Prefect's artifacts."""

    run_id: str = ""
    is_settled: bool = False
    asked: int = 0
    loaded: loading.Loaded = field(default_factory=loading.Loaded)
    session: date | None = None
    brief: Path | None = None
    troubled: list[dict[str, Any]] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Nothing of the last session is late, blocked or broken."""
        return not self.troubled


def night(
    settings: Settings,
    command: str = "nightly",
    *,
    window: Window | None = None,
    run_step: RunStep = plainly,
    progress: Progress = quietly,
) -> Outcome:
    """Ask for everything not settled up to now, and publish what follows.

    Raises:
        Locked: another process writes to this home.
        WrongOrigin: the home holds figures of the other origin.
        CheckFailed: a severe check found rows; readers keep the last publication.
    """
    now = settings.clock()
    window = window or Window(settings.history_start)
    with only_writer(settings.home, command, now):
        run_step(replay, settings, progress)
        asks = plan(settings, window, now)
        if not asks and is_published(settings):
            return settled(settings)
        outcome = Outcome(asked=len(asks))
        if asks:
            outcome.asked, outcome.loaded = run_step(
                ask, settings, command, asks, window=window, now=now, progress=progress
            )
            outcome.loaded.add(run_step(replay, settings, progress))
        return run_step(finish, settings, outcome, progress)  # type: ignore[no-any-return]


def settled(settings: Settings) -> Outcome:
    """Nothing to ask and all of it published; a page that a crash left out is written."""
    outcome = Outcome(is_settled=True, session=last_session(settings))
    with closing(open_reader(settings.published)) as reader:
        outcome.troubled = troubled(reader, outcome.session)
    if outcome.session is not None:
        outcome.brief = settings.brief / f"{outcome.session.isoformat()}.html"
        published_at = settings.published.stat().st_mtime_ns
        if not outcome.brief.exists() or outcome.brief.stat().st_mtime_ns < published_at:
            outcome.brief = write_brief(settings.published, settings.brief, outcome.session)
    return outcome


def plan(settings: Settings, window: Window, now: datetime) -> list[Question]:
    """What is to be asked."""
    with closing(open_writer(settings.warehouse, ALL_TABLES)) as warehouse:
        held = knowing.known(warehouse)
        filings = _unasked(warehouse, window, now)
    asks = questions(held, now, window.since, window.last)
    asks += documents(filings, settings.documents_per_run)
    if window.indices:
        last = window.last or now.astimezone(IST).date()
        asks += history_questions(held, window.indices, window.first, last)
    return asks


def ask(
    settings: Settings,
    command: str,
    asks: Sequence[Question],
    *,
    window: Window,
    now: datetime,
    progress: Progress,
) -> tuple[int, loading.Loaded]:
    """Ask, and land what comes, then what the answers name.

    Returns:
        how much was asked, and what was loaded already to learn what the answers name.
    """
    asked: set[str] = set()
    loaded = loading.Loaded()
    shut: set[str] = set()
    with Landing(settings.landing, settings.origin) as landing:
        run = landing.begin(command, now, VERSION)
        with Client(
            settings.user_agent,
            settings.gateway,
            default_rate=settings.requests_per_second,
            parts=settings.landing / "parts",
            clock=settings.clock,
        ) as client:
            while asks:
                extracting.extract(client, landing, asks, progress, shut)
                asked |= {question.address for question in asks}
                landing.settle()
                with closing(open_writer(settings.warehouse, ALL_TABLES)) as warehouse:
                    journal = landing.journal(run.run_id)
                    loaded.add(loading.load(warehouse, landing, journal))
                    asks = _named(warehouse, journal, window, asked, settings.documents_per_run)
    return len(asked), loaded


def _named(
    warehouse: Warehouse, journal: Journal, window: Window, asked: set[str], limit: int
) -> list[Question]:
    """What the answers that a run loaded name and it did not ask.

    Files of sessions that nobody expected and that are proven now, next pages, then documents.
    """
    run = journal.run
    if proven := knowing.newly_proven(warehouse):
        held = knowing.known(warehouse)
        held = replace(held, sessions=sorted({*held.sessions, *proven}))
        found = questions(held, run.started_at, window.since, window.last)
        if more := [
            question
            for question in found
            if question.source.asks == "every session"
            and question.day in proven
            and question.address not in asked
        ]:
            return more
    if more := list(pages(knowing.fetched(warehouse, run.run_id), asked)):
        return more
    filings = _unasked(warehouse, window, run.started_at)
    done = sum(SOURCES[record.source_id].asks == "documents" for record in journal.fetches)
    new = [row for row in filings if row["document_url"] not in asked]
    return documents(new, max(limit - done, 0))


def _unasked(warehouse: Warehouse, window: Window, now: datetime) -> list[dict[str, Any]]:
    since = window.since(knowing.DOCUMENTS)
    return [] if since is None else knowing.unasked_documents(warehouse, now, since)


def replay(
    settings: Settings,
    progress: Progress = quietly,
    into: Path | None = None,
    until: datetime | None = None,
) -> loading.Loaded:
    """Load and derive, run by run, what the landed journals hold and the warehouse does not.

    After a night that is this night's run; after a crash, whatever it left; for a rebuild, `into`
    a new file, all; for a past evening the runs that had begun `until` then.
    """
    # A rebuild asks nobody anything: whatever figures the home holds are replayed.
    landing = Landing.held(settings.landing) if into else Landing(settings.landing, settings.origin)
    done = loading.Loaded()
    with closing(open_writer(into or settings.warehouse, ALL_TABLES)) as warehouse:
        derived = set(warehouse.read("SELECT run_id FROM ops.run WHERE is_derived")["run_id"])
        journals = [
            journal
            for journal in landing.journals(derived)
            if until is None or journal.run.started_at <= until
        ]
        for number, journal in enumerate(journals, start=1):
            progress(f"load run {journal.run.run_id[:6]}", number, len(journals))
            loaded = loading.load(warehouse, landing, journal)
            progress(f"derive run {journal.run.run_id[:6]}", number, len(journals))
            deriving.derive(warehouse, journal.run)
            done.add(loaded)
    return done


def finish(settings: Settings, outcome: Outcome, progress: Progress = quietly) -> Outcome:
    """Check, publish, and write the brief."""
    progress("check", 1, 3)
    with closing(open_writer(settings.warehouse, ALL_TABLES)) as warehouse:
        check(warehouse, _unpublished_since(warehouse, settings.published))
        create_views(warehouse)
        warehouse.checkpoint()
    progress("publish", 2, 3)
    publish(settings.warehouse, settings.published)
    outcome.session = last_session(settings)
    with closing(open_reader(settings.published)) as reader:
        outcome.troubled = troubled(reader, outcome.session)
        outcome.checks = reader.read(
            "SELECT check_id, severity, statement, offending_rows FROM ops.check_result "
            "WHERE offending_rows > 0 ORDER BY severity, check_id"
        ).to_dicts()
        outcome.run_id = reader.read("SELECT max(run_id) FROM ops.run").row(0)[0] or ""
    if outcome.session is not None:
        progress("write the brief", 3, 3)
        outcome.brief = write_brief(settings.published, settings.brief, outcome.session)
    return outcome


def _unpublished_since(warehouse: Warehouse, published: Path) -> date | None:
    """The first session of which anything was loaded that readers have not seen; null: all."""
    if not published.exists():
        return None
    with closing(open_reader(published)) as reader:
        seen = reader.read("SELECT max(run_id) FROM ops.run").row(0)[0]
    return warehouse.read(  # type: ignore[no-any-return]
        "SELECT min(content_date) FROM ops.fetch WHERE run_id > ? AND rows_loaded > 0 "
        "AND source_id IN (SELECT unnest(?::VARCHAR[]))",
        [seen, [source.id for source in SOURCES.values() if source.asks in OF_SESSIONS]],
    ).row(0)[0]


def _within(since: date | None, last: date | None) -> date | None:
    """What is checked of large tables after a backfill: the newest part."""
    if last is None:
        return since
    return max(since or date.min, last - CHECKED_AT_MOST)


def check(warehouse: Warehouse, since: date | None = None) -> None:
    """Run every check, in large tables from a session on, and keep the results.

    Raises:
        CheckFailed: naming the first severe check and its rows.
    """
    last = warehouse.read("SELECT max(session_date) FROM core.trading_session").row(0)[0]
    results = run_checks(warehouse, ALL_TABLES, _within(since, last))
    warehouse.replace(CheckResult, results)
    bad = severe(results).to_dicts()
    if bad:
        raise CheckFailed(
            check=bad[0]["check_id"],
            rows=bad[0]["offending_rows"],
            expected=bad[0]["statement"],
            where=bad[0]["first_rows"],
        )


def rebuild(settings: Settings, progress: Progress = quietly) -> tuple[Outcome, pl.DataFrame]:
    """Replay every landed byte into a new warehouse, and put it in the old one's place.

    Returns:
        the outcome, and a row a table: rows only the old or only the new warehouse holds.
    """
    now = settings.clock()
    fresh = settings.warehouse.with_suffix(".rebuild.duckdb")
    with only_writer(settings.home, "rebuild", now):
        _clear(fresh)
        outcome = Outcome(loaded=replay(settings, progress, into=fresh))
        compared = [table for table in ALL_TABLES if table is not CheckResult]
        with closing(open_writer(fresh, ALL_TABLES)) as warehouse:
            differences = warehouse.differences(settings.warehouse, compared)
            warehouse.checkpoint()
        # The old log goes first: beside the new file it would speak of another.
        settings.warehouse.with_name(f"{settings.warehouse.name}.wal").unlink(missing_ok=True)
        fresh.replace(settings.warehouse)
        return finish(settings, outcome, progress), differences


@contextmanager
def as_of(settings: Settings, instant: datetime, progress: Progress = quietly) -> Iterator[Path]:
    """The warehouse as readers saw it at an instant, replayed from the landed bytes.

    It is gone with the context.

    Raises:
        LookupError: no run had begun.
    """
    past = settings.home / f"as-of-{os.getpid()}.duckdb"
    _clear(past)
    try:
        replay(settings, progress, into=past, until=instant)
        with closing(open_writer(past, ALL_TABLES)) as warehouse:
            if warehouse.read("SELECT 1 FROM ops.run LIMIT 1").is_empty():
                message = f"no run had begun by {instant.isoformat()} in {settings.home}"
                raise LookupError(message)
            check(warehouse)
            create_views(warehouse)
            warehouse.checkpoint()
        yield past
    finally:
        _clear(past)


def _clear(path: Path) -> None:
    for leftover in (path, path.with_name(f"{path.name}.wal")):
        leftover.unlink(missing_ok=True)


def is_published(settings: Settings) -> bool:
    """Whether readers see what the writer last loaded."""
    if not settings.published.exists():
        return False
    query = "SELECT max(run_id) FROM ops.run"
    with closing(open_reader(settings.published)) as reader:
        seen = reader.read(query).row(0)
    with closing(open_writer(settings.warehouse, ALL_TABLES)) as warehouse:
        return bool(seen == warehouse.read(query).row(0))


def last_session(settings: Settings) -> date | None:
    """The last session readers see."""
    if not settings.published.exists():
        return None
    with closing(open_reader(settings.published)) as reader:
        row = reader.read("SELECT max(session_date) FROM core.trading_session").row(0)
    return row[0]  # type: ignore[no-any-return]


def troubled(reader: Warehouse, session: date | None) -> list[dict[str, Any]]:
    """States that keep the last session, or what came after it, from being whole.

    A file that need not exist is missed by nobody until it comes.
    """
    marks = ", ".join(f"'{state}'" for state in TROUBLED)
    need_not_exist = [source.id for source in SOURCES.values() if source.is_informational]
    return reader.read(
        f"""
        SELECT source_id, session_date, state, detail FROM ops.day_state
        WHERE state IN ({marks}) AND session_date >= coalesce(?, session_date)
          AND NOT (state = 'late' AND list_contains(?::VARCHAR[], source_id))
        ORDER BY session_date, source_id
        """,
        [session, need_not_exist],
    ).to_dicts()
