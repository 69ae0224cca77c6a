"""The exchange's lists of index members as simulated: today's list, and no other."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import cache

from flows.calendar import IST
from flows.demo.answers import CSV, Answer, Request, Visitors, page
from flows.demo.formats_macro import members_csv
from flows.demo.index_members import LISTS, members, reviewed_on
from flows.demo.market import Market

FILE = re.compile(r"/nsearchives\.nseindia\.com/content/indices/(ind_nifty\w*list)\.csv")
OUT = time(9, 0)


class ListsSite:
    """Index members, as chosen at the last review."""

    pages: tuple[str, ...] = ()

    def __init__(self, market: Market, visitors: Visitors) -> None:
        self.market = market
        self.visitors = visitors  # Files are open to all.
        self._body = cache(self._render)

    def answer(self, request: Request, now: datetime) -> Answer | None:
        """The list that holds at the instant; a name that is no list of ours is not found."""
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

    def _render(self, name: str, review: date) -> bytes:
        population = self.market.results.population
        return members_csv(members(name, population, self.market.seed, review))
