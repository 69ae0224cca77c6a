"""The exchange's lists of shares as simulated: those listed, changed names, corporate actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from urllib.parse import parse_qs

import polars as pl

from flows.calendar import IST
from flows.demo.formats.equity_lists import (
    corporate_actions_json,
    listed_csv,
    name_changes_csv,
)
from flows.demo.sites.answers import CSV, JSON, Answer, Request, Visitors, page
from flows.demo.world.market import Market

LISTED = "/nsearchives.nseindia.com/content/equities/EQUITY_L.csv"
NAME_CHANGES = "/nsearchives.nseindia.com/content/equities/namechange.csv"
ACTIONS = "/www.nseindia.com/api/corporates-corporateActions"
ACTIONS_PAGE = "/www.nseindia.com/companies-listing/corporate-filings-actions"
OUT = time(9, 0)
# The exchange's list reaches back to the nineties: it is never empty.
LONG_AGO = pl.DataFrame(
    {
        "symbol": ["QOLDEST"],
        "old_name": ["Oldest Mills (Simulated) Limited"],
        "new_name": ["Oldest Industries (Simulated) Limited"],
        "changed_on": [date(2009, 7, 13)],
    }
)
MAIN_BOARD = ("EQ", "BE", "BZ")
SEGMENTS: Mapping[str, tuple[str, ...]] = {
    "equities": ("share", "partly paid share", "reit", "invit"),
    "sme": ("sme share",),
    "mf": ("fund",),
}
"""Kinds of security by what the interface is asked for."""


class ShareListsSite:
    """Lists that stand from the morning on, and the interface of corporate actions."""

    pages: tuple[str, ...] = (ACTIONS_PAGE,)

    def __init__(self, market: Market, visitors: Visitors) -> None:
        self.market = market
        self._visitors = visitors
        self._listed_body = lru_cache(maxsize=8)(self._render_listed)

    def _symbols(self, segment: str) -> list[str]:
        """Symbols of the securities that the interface tells of when asked for a segment."""
        kinds = SEGMENTS.get(segment, ())
        return [
            name.symbol
            for security in self.market.shares.market.securities
            if security.kind in kinds
            for name in security.names
        ]

    def answer(self, request: Request, now: datetime) -> Answer | None:
        """The list as it stands at the instant; None where the path is not of this site."""
        if request.path == LISTED:
            return self._listed(now)
        if request.path == NAME_CHANGES:
            return self._name_changes(now)
        if request.path == ACTIONS:
            return self._visitors.refused(request, ACTIONS_PAGE) or self._actions(request, now)
        return None

    def another_day(self, request: Request, now: datetime) -> Answer | None:
        """The list of half a year ago."""
        return self.answer(request, now - timedelta(days=184))

    def _listed(self, now: datetime) -> Answer:
        """Main-board shares at the close of the session before, by symbol."""
        morning = _morning_of(now)
        return Answer(200, self._listed_body(morning), CSV, modified=_out(morning))

    def _render_listed(self, morning: date) -> bytes:
        shares = self.market.shares
        before = shares.caps.filter(pl.col("session_date") < morning)
        listed = before.filter(
            pl.col("session_date") == pl.col("session_date").max(),
            pl.col("series").is_in(MAIN_BOARD),
        )
        # A symbol that was given up may be another company's today.
        named = (
            shares.listings.filter(
                pl.col("name_from") < morning,
                pl.col("delisted_on").is_null() | (pl.col("delisted_on") >= morning),
            )
            .sort("name_from", maintain_order=True)
            .unique("company", keep="last")
            .select("symbol", "company_name", "isin", listed_on="main_board_from")
        )
        return listed_csv(listed.join(named, on="symbol", how="inner").sort("symbol"))

    def _name_changes(self, now: datetime) -> Answer:
        """Every change up to the day before, by symbol, the oldest first."""
        day = _morning_of(now)
        changes = pl.concat([LONG_AGO, self.market.shares.name_changes])
        shown = changes.filter(pl.col("changed_on") < day).sort("symbol", "changed_on")
        return Answer(200, name_changes_csv(shown), CSV, modified=_out(day))

    def _actions(self, request: Request, now: datetime) -> Answer:
        """Actions with an ex-date in the window, as far as they are announced; the newest first."""
        asked = {name: values[-1] for name, values in parse_qs(request.query).items()}
        try:
            first = _date(asked["from_date"]) if "from_date" in asked else date.min
            last = _date(asked["to_date"]) if "to_date" in asked else date.max
        except ValueError:
            return page(500, "Internal Server Error")
        actions = self.market.shares.actions
        today = now.astimezone(IST).date()
        shown = actions.filter(
            pl.col("is_announced"),
            pl.col("announced_on") <= today,
            pl.col("ex_date").is_between(first, last),
            pl.col("symbol").is_in(self._symbols(asked.get("index", ""))),
        ).sort("ex_date", descending=True, maintain_order=True)
        return Answer(200, corporate_actions_json(shown), JSON)


def _morning_of(now: datetime) -> date:
    """The last date whose morning list is out."""
    local = now.astimezone(IST)
    return local.date() - timedelta(days=0 if local.time() >= OUT else 1)


def _out(day: date) -> datetime:
    return datetime.combine(day, OUT, tzinfo=IST)


def _date(text: str) -> date:
    return datetime.strptime(text, "%d-%m-%Y").replace(tzinfo=IST).date()
