"""What the simulated publishers answer, and from when on. No sockets here.

Paths are `/<publisher host>/<publisher path>`.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache, cached_property

import polars as pl

from flows.calendar import IST, expectation
from flows.demo.formats.market import (
    HOLIDAY_SEGMENTS,
    HistoryLayout,
    fii_dii_json,
    holiday_master_json,
    index_close_files,
    index_history_json,
)
from flows.demo.sites.answers import CSV, JSON, Answer, Request, Site, Visitors, page
from flows.demo.sites.depository import DepositorySite
from flows.demo.sites.derivatives import DerivativesSite
from flows.demo.sites.equities import EquitiesSite
from flows.demo.sites.lists import ListsSite
from flows.demo.sites.macro import MacroSite
from flows.demo.sites.results import ResultsSite
from flows.demo.sites.share_lists import ShareListsSite
from flows.demo.sites.turnover import TurnoverSite
from flows.demo.world.latent import latent, stream
from flows.demo.world.market import Market
from flows.demo.world.money import nse_only
from flows.demo.world.story import FILES_OUT, FLOWS_OUT, FLOWS_RESTATED, LEADING_ZERO_FROM

INDEX_FILE = re.compile(
    r"/(nsearchives\.nseindia\.com/content/indices|(?:www\.)?niftyindices\.com/Daily_Snapshot)"
    r"/ind_close_all_(\d{8})\.csv"
)
HISTORY = re.compile(
    r"/(?:www\.)?niftyindices\.com/BackPage/"
    r"(getHistoricaldatatabletoString|getTotalReturnIndexString)"
)
LAYOUTS: Mapping[str, HistoryLayout] = {
    "getHistoricaldatatabletoString": "price",
    "getTotalReturnIndexString": "total_return",
}
FLOW_PAGE = "/www.nseindia.com/reports/fii-dii"
HOLIDAY_PAGE = "/www.nseindia.com/resources/exchange-communication-holidays"
PAGES = ("/www.nseindia.com/", "/www.nseindia.com", FLOW_PAGE, HOLIDAY_PAGE)
"""Front page, and those that hand out the cookies of the interfaces here."""
FLOW_API = "/www.nseindia.com/api/fiidiiTradeReact"
NSE_FLOW_API = "/www.nseindia.com/api/fiidiiTradeNse"
"""The two differ in scope: all exchanges, and this one alone."""
HOLIDAY_API = "/www.nseindia.com/api/holiday-master"
LONGEST_WINDOW = timedelta(days=366)
SITES = (
    *(DepositorySite, TurnoverSite, DerivativesSite, MacroSite, ListsSite, ResultsSite),
    *(EquitiesSite, ShareListsSite),
)


class Publishers:
    """The publishers' sites over one simulated market."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self._sessions: list[date] = market.sessions["session_date"].to_list()
        self._visitors = Visitors()
        self._sites: list[Site] = [site(market, self._visitors) for site in SITES]
        self._pages = {*PAGES, *(path for site in self._sites for path in site.pages)}
        self._quarter = cache(self._render_quarter)
        self._former = {
            new: old for old, new, _ in market.renames.iter_rows() if isinstance(new, str)
        }
        names = [*market.index_bars["index_name"].unique(maintain_order=True)]
        self._names: dict[str, str] = {name.casefold(): name for name in names}

    def answer(self, request: Request, now: datetime) -> Answer:
        """What is answered at the instant `now`."""
        if found := INDEX_FILE.fullmatch(request.path):
            return self._index_file(found[1], _compact_date(found[2]), now)
        if found := HISTORY.fullmatch(request.path):
            if request.method != "POST":
                return page(405, "Method Not Allowed")
            return self._history(LAYOUTS[found[1]], request.body, now)
        return self._exchange_site(request, now) or self._other_site(request, now)

    def another_day(self, request: Request, now: datetime) -> Answer:
        """The answer of the session before, as if it were the one asked for.

        Raises:
            ValueError: the path has no day.
        """
        if found := INDEX_FILE.fullmatch(request.path):
            asked = _compact_date(found[2])
            before = [day for day in self._sessions if asked is not None and day < asked]
            if not before:
                return page(404, "Resource not found")
            return self._published_file(before[-1])
        if request.path in {FLOW_API, NSE_FLOW_API}:
            shown = self._flow_session(now)
            before = [day for day in self._sessions if shown is not None and day < shown]
            return self._flow_answer(request, before[-1] if before else None, now)
        answers = (site.another_day(request, now) for site in self._sites)
        if found_answer := next((found for found in answers if found), None):
            return found_answer
        raise ValueError(f"{request.path} has no day")

    def forget_cookies(self) -> None:
        """Every visitor must fetch a page again before an API answers."""
        self._visitors.forget()

    def _exchange_site(self, request: Request, now: datetime) -> Answer | None:
        """Pages of the exchange and the interfaces behind them; None for the others."""
        if request.path in self._pages:
            return self._visitors.welcome(request.path)
        if request.path in {FLOW_API, NSE_FLOW_API}:
            return self._flow_answer(request, self._flow_session(now), now)
        return self._holidays(request, now) if request.path == HOLIDAY_API else None

    def _other_site(self, request: Request, now: datetime) -> Answer:
        answers = (site.answer(request, now) for site in self._sites)
        return next((found for found in answers if found), page(404, "Resource not found"))

    def _index_file(self, place: str, day: date | None, now: datetime) -> Answer:
        if day not in self._files_near(day) or day is None or now < published_at(day):
            # One of the two sites says so; the other serves its front page.
            if place.startswith("nsearchives"):
                return page(404, "Resource not found")
            return page(200, "Nifty Indices")
        return self._published_file(day)

    def _published_file(self, day: date) -> Answer:
        return Answer(200, self._files_near(day)[day], CSV, modified=published_at(day))

    def _files_near(self, day: date | None) -> dict[date, bytes]:
        return {} if day is None else self._quarter(day.year, (day.month - 1) // 3)

    def _render_quarter(self, year: int, quarter: int) -> dict[date, bytes]:
        """Files of a quarter at once: rendering them one by one costs several times as much."""
        first = date(year, 3 * quarter + 1, 1)
        after = (first + timedelta(days=95)).replace(day=1)
        bars = self.market.index_bars.filter(
            pl.col("session_date").is_between(first, after, closed="left")
        )
        return index_close_files(bars, leading_zero=first >= LEADING_ZERO_FROM)

    def _flow_session(self, now: datetime) -> date | None:
        """The session whose flows are shown; the answer holds no other."""
        shown = [
            day for day in self._sessions if now >= datetime.combine(day, FLOWS_OUT, tzinfo=IST)
        ]
        return shown[-1] if shown else None

    def _flow_answer(self, request: Request, day: date | None, now: datetime) -> Answer:
        if refused := self._visitors.refused(request, FLOW_PAGE):
            return refused
        if day is None:
            return Answer(200, b"[]", JSON)
        flows = self.market.flows if request.path == FLOW_API else self._nse_flows
        rows = flows.filter(session_date=day)
        if now < datetime.combine(day, FLOWS_RESTATED, tzinfo=IST):
            rows = rows.filter(stage="first")
        shown = rows.unique("participant", keep="last", maintain_order=True).sort("participant")
        return Answer(200, fii_dii_json(shown), JSON)

    @cached_property
    def _nse_flows(self) -> pl.DataFrame:
        """What was dealt on this exchange alone, drawn when first asked for."""
        seed = self.market.seed
        return nse_only(self.market.flows, latent(seed).sessions, stream(seed, "nse only"))

    def _holidays(self, request: Request, now: datetime) -> Answer:
        if refused := self._visitors.refused(request):
            return refused
        if request.query != "type=trading":
            return Answer(200, b"{}", JSON)
        closed = listed_holidays(now.astimezone(IST).year)
        return Answer(200, holiday_master_json(dict.fromkeys(HOLIDAY_SEGMENTS, closed)), JSON)

    def _history(self, layout: HistoryLayout, body: bytes, now: datetime) -> Answer:
        try:
            asked = ast.literal_eval(json.loads(body)["cinfo"])
            name = str(asked["indexName"])
            first, last = _history_date(asked["startDate"]), _history_date(asked["endDate"])
        except (KeyError, SyntaxError, TypeError, ValueError):
            return page(500, "There was an error processing the request.")
        if last - first > LONGEST_WINDOW:
            # What the site does then is not known from a capture; a refusal hides nothing.
            return page(500, "There was an error processing the request.")
        known = self._names.get(name.casefold())
        names = [known, *([self._former[known]] if known in self._former else [])]
        source = self.market.index_bars if layout == "price" else self.market.total_returns
        rows = source.filter(
            pl.col("index_name").is_in([name for name in names if name is not None]),
            pl.col("session_date").is_between(first, last),
        )
        out = [day for day in rows["session_date"] if now >= published_at(day)]
        rows = rows.filter(pl.col("session_date").is_in(out))
        return Answer(200, index_history_json(rows, index_name=known or "", layout=layout), JSON)


def published_at(day: date) -> datetime:
    """When a session's files appear."""
    return datetime.combine(day, FILES_OUT, tzinfo=IST)


def listed_holidays(year: int) -> dict[date, str]:
    """The year's list of holidays as the exchange publishes it.

    Muhurat days are on it; a closure decided at short notice is not.
    """
    listed = {}
    day = date(year, 1, 1)
    while day.year == year:
        expected = expectation(day)
        if expected.kind in {"holiday", "muhurat"}:
            listed[day] = expected.reason.removesuffix(", Muhurat trading")
        day += timedelta(days=1)
    return listed


def _compact_date(text: str) -> date | None:
    """The date in a file name; None where there is no such day, so no such file."""
    try:
        return date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None


def _history_date(text: str) -> date:
    return datetime.strptime(text, "%d-%b-%Y").replace(tzinfo=IST).date()
