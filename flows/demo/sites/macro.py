"""FRED as simulated: one series a download, with its holes and its delay."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from urllib.parse import parse_qs

from flows.demo.formats.macro import fred_csv, macro_csv
from flows.demo.sites.answers import CSV, Answer, Request, Visitors, page
from flows.demo.world.macro import (
    FIRST_DAY,
    SERIES,
    closed_days,
    days_of,
    level_on,
    paths,
    released_at,
)
from flows.demo.world.market import Market

DOWNLOAD = "/fred.stlouisfed.org/graph/fredgraph.csv"
BROUGHT = {"RBI_REPO": range(5), "IN_TBILL_91D": range(2, 3)}
"""Series a user has, and weekdays with a value: bills are auctioned on Wednesdays."""


class MacroSite:
    """Series of the world outside, as far as they are out at the instant asked."""

    pages: tuple[str, ...] = ()

    def __init__(self, market: Market, visitors: Visitors) -> None:
        self.seed = market.seed
        self.visitors = visitors  # It is open to all.
        self._rows = cache(self._draw)

    def answer(self, request: Request, now: datetime) -> Answer | None:
        """The series from `cosd` to `coed`; an unknown one is not found."""
        if request.path != DOWNLOAD:
            return None
        asked = {name: values[-1] for name, values in parse_qs(request.query).items()}
        series = SERIES.get(asked.get("id", ""))
        if series is None:
            return page(404, "Not Found")
        try:
            first = date.fromisoformat(asked.get("cosd", "1776-07-04"))
            last = date.fromisoformat(asked.get("coed", "9999-12-31"))
        except ValueError:
            return page(400, "Bad Request")
        rows = [
            (day, value)
            for day, value, out in self._rows(series.id)
            if first <= day <= last and out <= now
        ]
        return Answer(200, fred_csv(series.id, rows, decimals=series.decimals), CSV)

    def another_day(self, request: Request, now: datetime) -> Answer | None:
        """The download of a fortnight ago."""
        return self.answer(request, now - timedelta(days=14))

    def _draw(self, series_id: str) -> list[tuple[date, float | None, datetime]]:
        series = SERIES[series_id]
        closed = closed_days(series.closed)
        return [
            (
                day,
                None if day in closed else level_on(self.seed, series_id, day),
                released_at(series, day),
            )
            for day in days_of(series)
        ]


def macro_history_csv(market: Market) -> bytes:
    """What a user has of India's policy rate and treasury bills, in percent.

    Up to the day before the market's last session, as who collects by hand is never up to date.
    """
    last: date = market.sessions["session_date"][-1]
    days = [FIRST_DAY + timedelta(days=k) for k in range((last - FIRST_DAY).days)]
    return macro_csv(
        (name, day, float(paths(market.seed)[name][(day - FIRST_DAY).days]))
        for name, weekdays in BROUGHT.items()
        for day in days
        if day.weekday() in weekdays
    )
