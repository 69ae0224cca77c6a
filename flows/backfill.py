"""A backfill on Prefect: the same night over a range of dates."""

from __future__ import annotations

from datetime import date

from prefect import State, flow

from flows.night import Window, night
from flows.nightly import as_task, logged_progress, report_failure, run_name, told
from flows.settings import Settings


@flow(
    name="backfill",
    description="Ask for a range of dates, resumable, and publish what follows",
    flow_run_name=run_name,
    persist_result=False,
    retries=0,
    on_failure=[report_failure],
    on_crashed=[report_failure],
)
def backfill(first: date, last: date | None = None, history: tuple[str, ...] = ()) -> State[None]:
    """Ask for a range of dates, and publish what follows.

    Args:
        first: first date.
        last: last date; null is today.
        history: indices whose whole history the index company is also asked for, by their
            published names, such as NIFTY SMALLCAP 100.

    Raises:
        ValueError: the range ends before it begins.
    """
    if last is not None and last < first:
        message = f"expected a last date on or after {first}, got {last}"
        raise ValueError(message)
    settings = Settings()
    window = Window(first, last, history)
    outcome = night(
        settings, "backfill", window=window, run_step=as_task, progress=logged_progress()
    )
    # Whoever asked for a range is watching: overdue data is the nightly run's to tell.
    return told(settings, outcome)
