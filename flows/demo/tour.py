"""The demo: the whole way once, against the simulated exchange, in a home of its own."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl

from flows.bring import bring
from flows.calendar import IST
from flows.demo.exchange import Exchange, draw_shares
from flows.demo.formats.market import flow_history_csv
from flows.demo.sites.macro import macro_history_csv
from flows.demo.world.companies import DEMO_COUNT
from flows.demo.world.market import Market, simulate
from flows.demo.world.story import FIRST_SHARE_SESSION
from flows.extract import Progress
from flows.night import Outcome, Window, night, quietly
from flows.settings import Settings
from flows.sources import SOURCES

HOME = Path(".riskon-demo")
LATE_EVENING = time(22, 30)
"""After the exchange's last revision of the evening."""


RECENT_ONLY = ("nse_category_turnover", "nse_participant_volume")
"""Sources of which the demo has the last months: one file a session, and nothing ranks them."""
RECENT = timedelta(days=120)
FOUR_YEARS = timedelta(days=4 * 365)
RESULTS_FROM = date(2017, 1, 1)
"""Surprises need twelve quarters, and their ranks twenty more."""
RESULTS = ("nse_results", "nse_integrated_filing", "nse_result_document")
SHARES = (
    *("nse_equity_bhavcopy", "nse_equity_bhavcopy_legacy", "nse_equity_full"),
    *("nse_delivery_positions", "nse_corporate_actions"),
)
"""Sources of share prices and of what changes them; what lists tell is asked for today."""
SIZES = "nse_pr_set"
DELIVERIES, EIGHTEEN_MONTHS = "nse_equity_full", timedelta(days=550)
"""Deliveries are scored against sixty sessions, and the scores' mean against a year of them."""
FOURTEEN_MONTHS = timedelta(days=426)
"""A year of sizes before the two months under examination."""


def tour(
    home: Path = HOME, progress: Progress = quietly, *, share_count: int = DEMO_COUNT
) -> Outcome:
    """Import the flows a user would have, backfill six years, and run the last night.

    `share_count` companies are listed.
    """
    market = simulate(share_count=share_count)
    draw_shares(market)
    sessions = market.sessions["session_date"]
    first, before, last = sessions[0], sessions[-2], sessions[-1]
    with Exchange(market) as exchange:

        def evening(day: object) -> Settings:
            now = datetime.combine(day, LATE_EVENING, tzinfo=IST)  # type: ignore[arg-type]
            exchange.now = now
            return Settings(
                home=home,
                gateway=exchange.url,
                history_start=before - RECENT,
                documents_per_run=10_000,
                now=now,
            )

        settings = evening(before)
        bring(settings, _inbox(home, market), {}, progress)
        since = dict.fromkeys(SOURCES, first)
        since |= dict.fromkeys(RESULTS, RESULTS_FROM)
        since |= dict.fromkeys(RECENT_ONLY, before - RECENT)
        since["nse_participant_open_interest"] = before - FOUR_YEARS
        since |= dict.fromkeys(SHARES, FIRST_SHARE_SESSION)
        since[SIZES] = before - FOURTEEN_MONTHS
        since[DELIVERIES] = before - EIGHTEEN_MONTHS
        night(settings, "backfill", window=Window(first, sources=since), progress=progress)
        return night(evening(last), "nightly", progress=progress)


def _inbox(home: Path, market: Market) -> Path:
    """What a user has from before Riskon ran: flows up to the day before the last two, and rates.

    The publishers of the rates have no file that Riskon asks for.
    """
    folder = home / "inbox"
    folder.mkdir(parents=True, exist_ok=True)
    last = market.sessions["session_date"][-1]
    held = market.flows.filter(pl.col("session_date") < last)
    (folder / "fii_dii_history.csv").write_bytes(flow_history_csv(held))
    (folder / "indian_rates.csv").write_bytes(macro_history_csv(market))
    return folder
