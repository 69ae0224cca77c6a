"""The exchange's workbook of client categories as simulated: final, a session late, not always."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cached_property

import numpy as np
import polars as pl

from flows.calendar import IST
from flows.demo.formats.flows import NEW_SHEET_FROM, category_turnover_xls
from flows.demo.sites.answers import Answer, Request, Visitors, page
from flows.demo.world.depository import EXCHANGE, LEAVES, Depository, draw_depository, share_out
from flows.demo.world.latent import latent, stream
from flows.demo.world.market import Market
from flows.demo.world.money import nse_only

FILE = re.compile(r"/nsearchives\.nseindia\.com/archives/equities/cat/cat_turnover_(\d{6})\.xls")
XLS = "application/vnd.ms-excel"
OUT = time(18, 0)
ABSENT_SHARE = 0.03
Row = tuple[str, float, float]
DOMESTIC = {"Bank": 0.03, "Insurance Companies": 0.17, "Mutual Funds": 0.80}
"""Domestic institutions, and their part of what these buy and sell."""
MANAGED = {"AIF": 0.05, "PMS": 0.06}
"""Money managed for the wealthy, as a part of what institutions trade but none of it."""
OLD_DOMESTIC = {"BNK": 0.03, "DFI": 0.002}
"""The domestic institutions that the sheets before 2024 name; the rest is among OTHERS."""
OF_TURNOVER, PROPRIETARY = 0.17, 0.26
"""Part of domestic institutions and of brokers' own trades in the whole turnover."""


class TurnoverSite:
    """Client categories, one workbook a session, out when the depository has reported it."""

    pages: tuple[str, ...] = ()

    def __init__(self, market: Market, visitors: Visitors) -> None:
        self.market = market
        self.visitors = visitors  # Files are open to all.

    @cached_property
    def figures(self) -> Depository:
        """The depository's figures, part of which the workbook repeats."""
        return draw_depository(self.market)

    @cached_property
    def _position(self) -> dict[date, int]:
        return {day: row for row, day in enumerate(self.figures.traded_on)}

    @cached_property
    def _domestic(self) -> dict[date, tuple[float, float]]:
        """Final purchases and sales of domestic institutions on this exchange, Rs crore."""
        sessions = latent(self.market.seed).sessions
        flows = nse_only(self.market.flows, sessions, stream(self.market.seed, "nse only"))
        final = flows.filter(pl.col("participant") == "DII").unique("session_date", keep="last")
        return {
            day: (buy, sell)
            for day, buy, sell in final.select(
                "session_date", "buy_crore", "sell_crore"
            ).iter_rows()
        }

    @cached_property
    def absent(self) -> frozenset[date]:
        """Sessions without a workbook."""
        sessions = latent(self.market.seed).sessions
        chosen = stream(self.market.seed, "no turnover").random(len(sessions)) < ABSENT_SHARE
        return frozenset(day for day, is_absent in zip(sessions, chosen, strict=True) if is_absent)

    def answer(self, request: Request, now: datetime) -> Answer | None:
        """The workbook of a session; some have none."""
        if not (found := FILE.fullmatch(request.path)):
            return None
        day = _short_date(found[1])
        row = self._position.get(day) if day else None
        if day is None or row is None or day in self.absent or now < self._out(row):
            return page(404, "Resource not found")
        return self._file(row)

    def another_day(self, request: Request, now: datetime) -> Answer | None:
        """The workbook of the session before the one asked for."""
        if not (found := FILE.fullmatch(request.path)):
            return None
        day = _short_date(found[1])
        row = self._position.get(day, 0) if day else 0
        return self._file(row - 1) if row and now >= self._out(row - 1) else page(404, "Not found")

    def _out(self, row: int) -> datetime:
        return datetime.combine(self.figures.days[row], OUT, tzinfo=IST)

    def _file(self, row: int) -> Answer:
        day = self.figures.traded_on[row]
        bought, sold = self._domestic[day]
        rng = stream(self.market.seed, f"turnover {day}")
        if day < NEW_SHEET_FROM:
            categories = _everybody(bought, sold, rng)
        else:
            categories = [*_shares(DOMESTIC, bought, sold, rng), *_managed(bought, sold, rng)]
        leaf = LEAVES.index(("Equity", EXCHANGE))
        fpi = (
            int(self.figures.purchases[row, leaf]) / 100,
            int(self.figures.sales[row, leaf]) / 100,
        )
        body = category_turnover_xls(day, categories, fpi, self.figures.days[row])
        return Answer(200, body, XLS, modified=self._out(row))


def _shares(
    shares: Mapping[str, float], bought: float, sold: float, rng: np.random.Generator
) -> list[Row]:
    """Both sides shared out among these names, to the paisa of a crore."""
    sides: list[list[float]] = []
    for crore in (bought, sold):
        parts = np.array(list(shares.values())) * np.exp(0.15 * rng.standard_normal(len(shares)))
        hundredths = share_out(round(100 * crore), 100 * crore * parts / parts.sum())
        sides.append([part / 100 for part in hundredths])
    return list(zip(shares, sides[0], sides[1], strict=True))


def _managed(bought: float, sold: float, rng: np.random.Generator) -> list[Row]:
    rows = []
    for name, share in MANAGED.items():
        size = share * (bought + sold) / 2
        buy, sell = (size * float(np.exp(0.2 * rng.standard_normal())) for _ in range(2))
        rows.append((name, round(buy, 2), round(sell, 2)))
    return rows


def _everybody(bought: float, sold: float, rng: np.random.Generator) -> list[Row]:
    """All clients of the exchange: what some bought the others sold."""
    turnover = max(bought, sold) / OF_TURNOVER * float(np.exp(0.1 * rng.standard_normal()))
    few = sum(OLD_DOMESTIC.values())
    named = _shares(OLD_DOMESTIC, few * bought, few * sold, rng)
    own = round(PROPRIETARY * turnover, 2)
    named.append(("PRO-TRADES", own, round(own * (1 + 0.01 * float(rng.standard_normal())), 2)))
    buys, sells = sum(row[1] for row in named), sum(row[2] for row in named)
    return [*named, ("OTHERS", round(turnover - buys, 2), round(turnover - sells, 2))]


def _short_date(text: str) -> date | None:
    """The date in a file name; None where there is no such day, so no such file."""
    try:
        return datetime.strptime(text, "%d%m%y").replace(tzinfo=IST).date()
    except ValueError:
        return None
