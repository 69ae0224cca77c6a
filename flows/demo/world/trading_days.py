"""Days on which the simulated exchange trades."""

from __future__ import annotations

from datetime import date

import polars as pl

from flows.calendar import expected_sessions
from flows.demo.world.story import UNANNOUNCED_CLOSURE, UNANNOUNCED_SESSION


def trading_sessions(start: date, end: date) -> pl.DataFrame:
    """Days on which the simulated exchange really trades; no calendar knows all of them."""
    sessions = {
        session.session_date: (session.is_short, session.reason)
        for session in expected_sessions(start, end)
        if session.session_date != UNANNOUNCED_CLOSURE
    }
    if start <= UNANNOUNCED_SESSION <= end:
        sessions[UNANNOUNCED_SESSION] = (False, "Special session which no calendar announced")
    days = sorted(sessions)
    return pl.DataFrame(
        {
            "session_date": days,
            "is_short": [sessions[day][0] for day in days],
            "reason": [sessions[day][1] for day in days],
        },
        schema={"session_date": pl.Date, "is_short": pl.Boolean, "reason": pl.String},
    )
