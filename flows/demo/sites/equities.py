"""The exchange's archive of shares as simulated: each generation of its daily files by date."""

from __future__ import annotations

import re
from bisect import bisect_left
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Literal

import polars as pl

from flows.calendar import IST
from flows.demo.formats import equity_bars
from flows.demo.formats.equity_set import zipped
from flows.demo.sites.answers import CSV, Answer, Request, Visitors, page
from flows.demo.sites.equity_sets import evening_sets
from flows.demo.world.market import Market
from flows.demo.world.story import FILES_OUT

Kind = Literal["udiff", "legacy", "full", "delivery", "set"]

ARCHIVES = r"/nsearchives\.nseindia\.com"
UDIFF = re.compile(rf"{ARCHIVES}/content/cm/BhavCopy_NSE_CM_0_0_0_(\d{{8}})_F_0000\.csv\.zip")
LEGACY = re.compile(
    rf"{ARCHIVES}/content/historical/EQUITIES/(\d{{4}})/([A-Z]{{3}})"
    r"/cm(\d\d[A-Z]{3}\d{4})bhav\.csv\.zip"
)
FULL = re.compile(rf"{ARCHIVES}/products/content/sec_bhavdata_full_(\d{{8}})\.csv")
DELIVERY = re.compile(rf"{ARCHIVES}/archives/equities/mto/MTO_(\d{{8}})\.DAT")
SET = re.compile(rf"{ARCHIVES}/archives/equities/bhavcopy/pr/PR(\d{{6}})\.zip")
ZIP, DAT = "application/zip", "application/octet-stream"
TYPES: dict[Kind, str] = {"udiff": ZIP, "legacy": ZIP, "full": CSV, "delivery": DAT, "set": ZIP}

UDIFF_FROM, LEGACY_UNTIL = date(2024, 1, 2), date(2024, 7, 5)
SET_OUT = time(19, 0)
SETTLED_APART_FROM = date(2025, 1, 1)
"""In a genuine file of 2024 settlement prices are the closes, in one of 2026 they are near them."""
SATURDAY = 5
MONTHS_KEPT = 4
"""Rendered months in memory: files are asked for one after another."""


class EquitiesSite:
    """What the archive holds of shares, and from when on.

    The address of `sec_bhavdata_full` answers on weekday holidays and on Sundays too, with the
    session before: who keys on the address loads a session twice.
    """

    pages: tuple[str, ...] = ()

    def __init__(self, market: Market, visitors: Visitors) -> None:
        self.market = market
        self.visitors = visitors  # Files are open to all.
        self._month = lru_cache(maxsize=MONTHS_KEPT * len(TYPES))(self._render_month)

    @cached_property
    def sessions(self) -> list[date]:
        """Sessions with shares; they are drawn when first asked for."""
        return list(self.market.shares.sessions)

    @cached_property
    def late(self) -> frozenset[date]:
        """Sessions whose deliveries are told the day after."""
        return frozenset(self.market.shares.delivery_late)

    @cached_property
    def _bars(self) -> pl.DataFrame:
        """Bars with what the common layout wants besides; numbers of securities are by name."""
        is_apart = pl.col("session_date") >= SETTLED_APART_FROM
        near = (0.975 * pl.col("close") + 0.025 * pl.col("average_price")).round(2)
        return self.market.shares.bars.with_columns(
            token=100 + pl.struct("symbol", "series").rank("dense").cast(pl.Int64),
            settlement_price=pl.when(is_apart).then(near).otherwise("close"),
            lot_shares=pl.lit(1),
        )

    def answer(self, request: Request, now: datetime) -> Answer | None:
        """The file of a session."""
        if not (asked := _asked(request.path)):
            return None
        kind, day = asked
        if kind == "full" and day is not None:
            day = self._shown_instead(day, now)
        return self._file(kind, day, now)

    def another_day(self, request: Request, now: datetime) -> Answer | None:
        """The file of the session before the one asked for."""
        if not (asked := _asked(request.path)):
            return None
        kind, day = asked
        return self._file(kind, self._before(day) if day else None, now)

    def _before(self, day: date) -> date | None:
        position = bisect_left(self.sessions, day)
        return self.sessions[position - 1] if position else None

    def _shown_instead(self, day: date, now: datetime) -> date | None:
        """The session whose rows a date's address shows."""
        if day in self._known or day.weekday() == SATURDAY or now < _at(day, FILES_OUT):
            return day
        return self._before(day)

    @cached_property
    def _known(self) -> frozenset[date]:
        return frozenset(self.sessions)

    def _file(self, kind: Kind, day: date | None, now: datetime) -> Answer:
        if day is None or day not in self._known or not _is_of(kind, day):
            return page(404, "Resource not found")
        out = _at(day, SET_OUT if kind == "set" else FILES_OUT)
        told = out + timedelta(days=day in self.late)
        if now < (told if kind == "delivery" else out):
            return page(404, "Resource not found")
        body = self._month(kind, day.year, day.month).get(day)
        if body is None:
            return page(404, "Resource not found")
        if kind == "full" and now < told:
            return Answer(200, self._without_deliveries(day), CSV, modified=out)
        modified = told if kind in {"full", "delivery"} else out
        return Answer(200, body, TYPES[kind], modified=modified)

    def _without_deliveries(self, day: date) -> bytes:
        bars = self._bars.filter(pl.col("session_date") == day)
        unknown = pl.lit(None, pl.Int64).alias("delivery_shares")
        return equity_bars.full_files(bars.with_columns(unknown))[day]

    def _render_month(self, kind: Kind, year: int, month: int) -> dict[date, bytes]:
        """Files of a month at once: rendering them one by one costs several times as much."""
        first = date(year, month, 1)
        after = (first + timedelta(days=31)).replace(day=1)
        within = pl.col("session_date").is_between(first, after, closed="left")
        if kind == "set":
            days = [day for day in self.sessions if first <= day < after]
            return evening_sets(self.market.shares, days)
        bars = self._bars.filter(within)
        match kind:
            case "full":
                return equity_bars.full_files(bars)
            case "delivery":
                return equity_bars.delivery_files(bars)
            case "udiff":
                files = equity_bars.udiff_files(bars)
                name = "BhavCopy_NSE_CM_0_0_0_{day:%Y%m%d}_F_0000.csv"
                return {day: zipped(day, [(name.format(day=day), files[day])]) for day in files}
            case "legacy":
                files = equity_bars.legacy_files(bars)
                return {day: zipped(day, [(_legacy_name(day), files[day])]) for day in files}


def _is_of(kind: Kind, day: date) -> bool:
    """Whether that product was made on that day."""
    if kind == "udiff":
        return day >= UDIFF_FROM
    return kind != "legacy" or day <= LEGACY_UNTIL


def _legacy_name(day: date) -> str:
    return f"cm{f'{day:%d%b%Y}'.upper()}bhav.csv"


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=IST)


def _asked(path: str) -> tuple[Kind, date | None] | None:
    """Product and date of a path; the date is None where there is no such day, so no such file."""
    if found := UDIFF.fullmatch(path):
        return "udiff", _day(found[1], "%Y%m%d")
    if found := LEGACY.fullmatch(path):
        day = _day(found[3], "%d%b%Y")
        is_filed = day is not None and f"{day:%Y %b}".upper() == f"{found[1]} {found[2]}"
        return "legacy", day if is_filed else None
    if found := FULL.fullmatch(path):
        return "full", _day(found[1], "%d%m%Y")
    if found := DELIVERY.fullmatch(path):
        return "delivery", _day(found[1], "%d%m%Y")
    if found := SET.fullmatch(path):
        return "set", _day(found[1], "%d%m%y")
    return None


def _day(text: str, pattern: str) -> date | None:
    try:
        return datetime.strptime(text, pattern).replace(tzinfo=IST).date()
    except ValueError:
        return None
