"""The exchange's lists of index members and of symbol changes: today's list, and no other."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import cache

from flows.calendar import IST
from flows.demo.formats.macro import members_csv, symbol_changes_csv
from flows.demo.sites.answers import CSV, Answer, Request, Visitors, page
from flows.demo.world.index_members import LISTS, members, reviewed_on
from flows.demo.world.market import Market
from flows.demo.world.symbol_changes import symbol_changes

FILE = re.compile(r"/nsearchives\.nseindia\.com/content/indices/(ind_nifty\w*list)\.csv")
SYMBOL_CHANGES = "/nsearchives.nseindia.com/content/equities/symbolchange.csv"
OUT = time(9, 0)


class ListsSite:
    """Index members, as chosen at the last review; symbol changes, from the morning after each."""

    pages: tuple[str, ...] = ()

    def __init__(self, market: Market, visitors: Visitors) -> None:
        self.market = market
        self.visitors = visitors  # Files are open to all.
        self._body = cache(self._render)

    def answer(self, request: Request, now: datetime) -> Answer | None:
        """The list that holds at the instant; a name that is no list of ours is not found."""
        if request.path == SYMBOL_CHANGES:
            return self._symbol_changes(now)
        if not (found := FILE.fullmatch(request.path)):
            return None
        if found[1] not in LISTS:
            return page(404, "Resource not found")
        local = now.astimezone(IST)
        # A review's day ends with the old list; the new one stands the next morning.
        day = local.date() - timedelta(days=1 if local.time() >= OUT else 2)
        review = reviewed_on(day)
        out = datetime.combine(review + timedelta(days=1), OUT, tzinfo=IST)
        return Answer(200, self._body(found[1], review), CSV, modified=out)

    def another_day(self, request: Request, now: datetime) -> Answer | None:
        """The list of half a year ago."""
        return self.answer(request, now - timedelta(days=184))

    def _symbol_changes(self, now: datetime) -> Answer:
        out = {
            change: datetime.combine(change[3] + timedelta(days=1), OUT, tzinfo=IST)
            for change in symbol_changes(self.market.results.population)
        }
        shown = [change for change in out if out[change] <= now]
        modified = max(out[change] for change in shown) if shown else None
        return Answer(200, symbol_changes_csv(shown), CSV, modified=modified)

    def _render(self, name: str, review: date) -> bytes:
        population = self.market.results.population
        return members_csv(members(name, population, self.market.seed, review))
