"""Five sessions around a trade deal: how far exporters were ahead, against all other dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from transforms.metrics.percentile import LEAST_HISTORY
from transforms.signals.claim import Inputs
from transforms.signals.grid import return_pct, session_grid
from transforms.signals.macro_grades import FRESH_SESSIONS
from transforms.signals.macro_grid import macro_of
from transforms.signals.trade_announcements import DOMESTIC, EXPORTERS, Announcement

WINDOW = 5
BEFORE, AFTER = 1, 3
"""Days of the window before and after day 0: five returns, from the close of day -2."""
RUPEE = "DEXINUS"


@dataclass(frozen=True)
class Event:
    """An announcement on the sequence of sessions: row of day 0."""

    announcement: Announcement
    row: int

    @property
    def start(self) -> int:
        """Row of the close that the window is measured from."""
        return self.row - BEFORE - 1

    @property
    def end(self) -> int:
        """Row of the window's last close."""
        return self.row + AFTER


def events_of(days: pl.Series, announcements: Sequence[Announcement]) -> list[Event]:
    """Announcements whose day 0 and the two sessions before it are held, oldest first."""
    found = []
    for one in sorted(announcements, key=lambda one: one.reacts_from):
        row = int(days.search_sorted(one.reacts_from))
        if BEFORE < row < days.len():
            found.append(Event(one, row))
    return found


def judged_sessions(inputs: Inputs, announcements: Sequence[Announcement]) -> pl.DataFrame:
    """The figures of the deal that each session is judged by, null where it is judged by none.

    A session is judged by the latest deal whose window is complete and whose day 0 is one of its
    last 21 sessions. `pending` is the latest deal that waits for its window.
    """
    frame = _spreads(inputs)
    days = frame["session_date"]
    events = events_of(days, announcements)
    judging = np.full(days.len(), -1)
    waiting = np.full(days.len(), -1)
    for place, event in enumerate(events):
        judging[event.end : event.row + FRESH_SESSIONS] = place
        waiting[event.row : event.end] = place
    facts = pl.DataFrame(
        [{"place": place, **_figures(frame, event, events)} for place, event in enumerate(events)],
        schema=FIGURES,
    )
    judged = (
        frame.select("session_date")
        .with_columns(
            place=pl.Series(judging, dtype=pl.Int64),
            pending_place=pl.Series(waiting, dtype=pl.Int64),
        )
        .join(facts, on="place", how="left", maintain_order="left")
        .join(
            facts.select(pending_place="place", pending="what"),
            on="pending_place",
            how="left",
            maintain_order="left",
        )
    )
    return _with_rupee(judged, macro_of(inputs, RUPEE))


FIGURES: dict[str, pl.DataType] = {
    "place": pl.Int64(),
    "what": pl.String(),
    "told_on": pl.Date(),
    "day_0": pl.Date(),
    "window_start": pl.Date(),
    "window_end": pl.Date(),
    "spread_pct": pl.Float64(),
    "exporters_pct": pl.Float64(),
    "percentile": pl.Float64(),
    "as_far_ahead": pl.Float64(),
    "others": pl.Int64(),
}


def _spreads(inputs: Inputs) -> pl.DataFrame:
    """Returns over 5 sessions of both baskets at every session; null where a close is missing."""
    members = {index_id.replace("-", "_"): index_id for index_id in (*EXPORTERS, *DOMESTIC)}
    if inputs.series.width:
        grid = session_grid(inputs, **members)
    else:
        grid = inputs.sessions.select(pl.col("session_date").unique().sort()).with_columns(
            pl.lit(None, pl.Float64).alias(name) for name in members
        )

    def basket(ids: Sequence[str]) -> pl.Expr:
        returns = [return_pct(pl.col(index_id.replace("-", "_")), WINDOW) for index_id in ids]
        # A mean over the members that happen to be held would change the basket.
        return pl.sum_horizontal(returns, ignore_nulls=False) / len(ids)

    return grid.select(
        "session_date", exporters_pct=basket(EXPORTERS), domestic_pct=basket(DOMESTIC)
    ).with_columns(spread_pct=pl.col("exporters_pct") - pl.col("domestic_pct"))


def _figures(
    frame: pl.DataFrame, event: Event, events: Sequence[Event]
) -> dict[str, str | date | float | int | None]:
    """One deal's spread, and its rank among the windows that ended before its own began.

    Windows that share a return with any announcement's window are no other dates.
    """
    days = frame["session_date"]
    is_other = np.ones(event.start + 1, dtype=bool)
    for one in events:
        # A window that ends on a row spans the returns of that row and the four before it.
        is_other[max(0, one.start + 1) : one.end + WINDOW] = False
    others = frame["spread_pct"].head(event.start + 1).filter(pl.Series(is_other)).drop_nulls()
    is_complete = event.end < days.len()
    spread = frame["spread_pct"][event.end] if is_complete else None
    is_ranked = spread is not None and others.len() >= LEAST_HISTORY
    return {
        "what": event.announcement.what,
        "told_on": event.announcement.told_on,
        "day_0": days[event.row],
        "window_start": days[event.start],
        "window_end": days[event.end] if is_complete else None,
        "spread_pct": spread,
        "exporters_pct": frame["exporters_pct"][event.end] if is_complete else None,
        "percentile": 100.0
        * (int((others < spread).sum()) + 0.5 * int((others == spread).sum()))
        / others.len()
        if is_ranked
        else None,
        "as_far_ahead": int((others >= spread).sum()) / others.len() if is_ranked else None,
        "others": others.len(),
    }


def _with_rupee(judged: pl.DataFrame, rupee: pl.DataFrame) -> pl.DataFrame:
    """Change of the rupee from the last rate dated before the window to the newest one known.

    Null until a rate is known that is dated on day 0 or later: the Federal Reserve tells a week's
    rates in the next week.
    """
    rates = (
        rupee.drop_nulls("value")
        .unique("observation_date", keep="first", maintain_order=True)
        .sort("observation_date")
    )
    eves = (
        judged.select("window_start")
        .drop_nulls()
        .unique()
        .sort("window_start")
        .join_asof(
            rates.select("observation_date", rate_before="value"),
            left_on="window_start",
            right_on="observation_date",
        )
        .drop("observation_date")
    )
    newest = rupee.select("session_date", rate_on="observation_date", rate="value")
    return (
        judged.join(newest, on="session_date", how="left", maintain_order="left")
        .join(eves, on="window_start", how="left", maintain_order="left")
        .with_columns(
            rupee_pct=pl.when(pl.col("rate_on") >= pl.col("day_0")).then(
                100 * (pl.col("rate") / pl.col("rate_before") - 1)
            )
        )
    )
