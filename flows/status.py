"""What `riskon status` tells: the last dates, where every source stands, what does not hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from flows.night import troubled
from warehouse.store import Warehouse

WELL = ("loaded", "holiday")


@dataclass(frozen=True)
class Run:
    """Consecutive dates of one source in one state; `detail` is the first date's."""

    source_id: str
    state: str
    first: date
    last: date
    dates: int
    detail: str

    def __str__(self) -> str:
        days = str(self.first) if self.dates == 1 else f"{self.first}..{self.last}"
        many = "" if self.dates == 1 else f": {self.dates} dates"
        return f"{self.state} {days}{many}"


@dataclass(frozen=True)
class Standing:
    """Everything the command prints."""

    last_dates: pl.DataFrame
    """A row a date, newest first; a column a source, null where the date means nothing to it."""
    troubles: list[Run]
    """Runs of any length that reach into the last dates and are neither loaded nor holidays."""
    totals: pl.DataFrame
    failed_checks: pl.DataFrame
    session: date | None
    """The last session held."""
    is_complete: bool
    """Nothing of the last session, or of what came after it, is late, blocked or broken."""


def standing(reader: Warehouse, dates: int) -> Standing:
    """Read where everything stands.

    Args:
        reader: a published warehouse.
        dates: how many of the last dates with a state to show.
    """
    states = reader.read(
        "SELECT source_id, session_date, state, detail FROM ops.day_state "
        "ORDER BY source_id, session_date"
    )
    shown = states["session_date"].unique().sort(descending=True).head(dates)
    last = states.filter(pl.col("session_date").is_in(shown.implode()))
    since = min(shown, default=date.max)
    session = reader.read("SELECT max(session_date) FROM core.trading_session").row(0)[0]
    return Standing(
        last_dates=last.pivot(
            "source_id", index="session_date", values="state", sort_columns=True
        ).sort("session_date", descending=True),
        troubles=[run for run in runs(states) if run.state not in WELL and run.last >= since],
        totals=reader.read(
            "SELECT source_id, state, count(*) AS dates, min(session_date) AS first, "
            "max(session_date) AS last FROM ops.day_state GROUP BY ALL ORDER BY ALL"
        ),
        failed_checks=reader.read(
            "SELECT check_id, severity, offending_rows, statement, first_rows "
            "FROM ops.check_result WHERE offending_rows > 0 ORDER BY severity, check_id"
        ),
        session=session,
        is_complete=not troubled(reader, session),
    )


def runs(states: pl.DataFrame) -> list[Run]:
    """Consecutive dates of one source and state as one run, newest first.

    Consecutive are dates of a source with no other state of that source between them.

    Args:
        states: source_id, session_date, state, detail; by source and date.
    """
    grouped = (
        states.with_columns(
            pl.struct("source_id", "state").rle_id().alias("run"),
        )
        .group_by("run", "source_id", "state", maintain_order=True)
        .agg(
            pl.col("session_date").first().alias("first"),
            pl.col("session_date").last().alias("last"),
            pl.len().alias("dates"),
            pl.col("detail").first(),
        )
        .drop("run")
        .sort("last", "source_id", descending=[True, False])
    )
    return [Run(**row) for row in grouped.iter_rows(named=True)]
