"""The night on Prefect: `night()` with each step as a task, its artifacts and notifications.

Nothing is decided here: order, retries and settling live in `flows.night` and below. Steps are not
retried by Prefect: HTTP retries what is worth it, and the next scheduled run goes on where this one
stopped. The settings come from the environment of the process that runs the flow.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from time import monotonic
from typing import Any, TypeVar

from polars import selectors as cs
from prefect import State, flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import FlowRun
from prefect.flows import Flow
from prefect.runtime import flow_run as this_run
from prefect.states import Completed
from prefect.utilities.urls import url_for

from bi.brief import words
from bi.brief.facts import gather
from bi.brief.markdown import markdown
from flows.calendar import IST
from flows.extract import Progress
from flows.night import Outcome, night
from flows.notify import tell, tell_overdue
from flows.settings import Settings
from warehouse.store import Warehouse, open_reader

T = TypeVar("T")
DAYS_SHOWN = 10
STATES_NAMED = 5
SECONDS_BETWEEN_LINES = 15.0


def report_failure(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Tell the webhook that a run failed or crashed, with the error's own words."""
    webhook = Settings().webhook
    if webhook is None:
        return
    told = [*(state.message or "no message").split("\n"), "Readers keep the last publication."]
    run = f"Run: {flow_run.name}"
    address = url_for(flow_run)
    title = f"Riskon: {flow.name} {(state.name or state.type.value).lower()}"
    tell(webhook, title, [*told, f"{run}, {address}" if address else run])


def run_name() -> str:
    """The run's scheduled hour in Asia/Kolkata, as the operator's calendar has it."""
    return f"{this_run.flow_name} {this_run.scheduled_start_time.astimezone(IST):%Y-%m-%d %H:%M}"


@flow(
    name="nightly",
    description="Ask for every session not settled up to now, and publish what follows",
    flow_run_name=run_name,
    persist_result=False,
    retries=0,
    on_failure=[report_failure],
    on_crashed=[report_failure],
)
def nightly() -> State[None]:
    """Ask for every session that is not settled up to now, and publish what follows."""
    settings = Settings()
    outcome = night(settings, run_step=as_task, progress=logged_progress())
    state = told(settings, outcome)
    tell_overdue(settings, outcome.troubled, settings.clock())
    return state


def as_task(step: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """Run a step as a Prefect task of its own name."""

    # Without parameters, or Prefect would walk through thousands of questions looking for futures.
    def run() -> T:
        return step(*arguments, **named)

    name = step.__name__
    as_named = task(
        name=name,
        task_run_name=name,
        description=(step.__doc__ or name).split("\n", 1)[0],
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=0,
    )
    return as_named(run)()


def logged_progress() -> Progress:
    """Progress as log lines, few enough for a page."""
    logger = get_run_logger()
    last = monotonic()

    def tell_log(what: str, done: int, total: int) -> None:
        nonlocal last
        if done == total or monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = monotonic()
            logger.info("%d of %d: %s", done, total, what)

    return tell_log


def told(settings: Settings, outcome: Outcome) -> State[None]:
    """The run's end in words, and its artifacts where it did anything."""
    if not outcome.is_settled:
        show(settings, outcome)
    message = summary(outcome)
    if outcome.is_complete:
        return Completed(message=message)
    return Completed(name="Incomplete", message=message)


def summary(outcome: Outcome) -> str:
    """What a run did, in one or two sentences."""
    loaded = outcome.loaded
    text = (
        f"Asked {outcome.asked}, loaded {loaded.files} files: {loaded.rows} rows, "
        f"{loaded.revised} revised, {loaded.rejected} rejected. Last session {outcome.session}."
    )
    if outcome.is_settled:
        text = f"Settled: nothing to ask; the last session is {outcome.session}."
    if outcome.is_complete:
        return text
    named = [
        f"{row['source_id']} {row['session_date']} {row['state']}"
        for row in outcome.troubled[:STATES_NAMED]
    ]
    more = len(outcome.troubled) - len(named)
    return f"{text} Incomplete: {', '.join(named)}{f' and {more} more' if more else ''}."


def show(settings: Settings, outcome: Outcome) -> None:
    """Day states and checks as tables, the verdict as Markdown."""
    with closing(open_reader(settings.published)) as reader:
        create_table_artifact(
            rows_of(
                reader,
                "SELECT session_date, source_id, state, is_settled, asked, last_asked_at, detail "
                "FROM bi.data_health "
                "WHERE session_date > (SELECT max(session_date) FROM bi.data_health) - ? "
                "ORDER BY session_date DESC, source_id",
                [DAYS_SHOWN],
            ),
            key="day-states",
            description=f"Where every source stands, last {DAYS_SHOWN} days",
        )
        create_table_artifact(
            rows_of(
                reader,
                "SELECT check_id, severity, offending_rows, statement, first_rows "
                "FROM ops.check_result ORDER BY offending_rows = 0, severity, check_id",
            ),
            key="checks",
            description="What the declared checks found",
        )
        if outcome.session is not None:
            told = markdown(gather(reader, outcome.session))
            create_markdown_artifact(
                f"{told}\n{summary(outcome)}\n{_page(outcome)}",
                key="verdict",
                description=words.QUESTION,
            )


def _page(outcome: Outcome) -> str:
    return "" if outcome.brief is None else f"\nThe page: `{outcome.brief.resolve()}`\n"


def rows_of(
    reader: Warehouse, sql: str, parameters: list[Any] | None = None
) -> list[dict[str, Any]]:
    """Rows of a query as JSON can say them: dates and UTC instants in words."""
    rows = reader.read(sql, parameters or [])
    return rows.with_columns(
        cs.date().dt.strftime("%Y-%m-%d"), cs.datetime().dt.strftime("%Y-%m-%d %H:%M:%S UTC")
    ).to_dicts()
