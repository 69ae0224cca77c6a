"""The demo: the whole way once, against the simulated exchange, in a home of its own."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path

import polars as pl

from flows.bring import bring
from flows.calendar import IST
from flows.demo.exchange import Exchange
from flows.demo.formats import flow_history_csv
from flows.demo.market import Market, simulate
from flows.extract import Progress
from flows.night import Outcome, Window, night, quietly
from flows.settings import Settings

HOME = Path(".riskon-demo")
LATE_EVENING = time(22, 30)
"""After the exchange's last revision of the evening."""


def tour(home: Path = HOME, progress: Progress = quietly) -> Outcome:
    """Import the flows a user would have, backfill six years, and run the last night."""
    market = simulate()
    sessions = market.sessions["session_date"]
    first, before, last = sessions[0], sessions[-2], sessions[-1]
    with Exchange(market) as exchange:

        def evening(day: object) -> Settings:
            now = datetime.combine(day, LATE_EVENING, tzinfo=IST)  # type: ignore[arg-type]
            exchange.now = now
            return Settings(home=home, gateway=exchange.url, history_start=first, now=now)

        settings = evening(before)
        bring(settings, _history(home, market), {}, progress)
        night(settings, "backfill", window=Window(first), progress=progress)
        return night(evening(last), "nightly", progress=progress)


def _history(home: Path, market: Market) -> Path:
    """What a user has of the flows before Riskon ran: a CSV up to the day before the last two."""
    path = home / "inbox" / "fii_dii_history.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    last = market.sessions["session_date"][-1]
    path.write_bytes(flow_history_csv(market.flows.filter(pl.col("session_date") < last)))
    return path
