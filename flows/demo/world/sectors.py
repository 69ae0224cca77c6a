"""Foreign flows by sector and fortnight, as the simulated depository splits them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl

from flows.calendar import IST
from flows.demo.world.depository import DEBT, OLD_DEBT, Depository, share_out
from flows.demo.world.latent import stream
from flows.demo.world.market import Market
from flows.demo.world.story import BASE

# Sectors as the report names them, with an invented share of the assets in percent.
WEIGHTS: Mapping[str, float] = {
    "Automobile and Auto Components": 7.0,
    "Capital Goods": 5.0,
    "Chemicals": 2.0,
    "Construction": 2.0,
    "Construction Materials": 2.0,
    "Consumer Durables": 3.0,
    "Consumer Services": 4.0,
    "Diversified": 0.2,
    "Fast Moving Consumer Goods": 7.0,
    "Financial Services": 31.0,
    "Forest Materials": 0.1,
    "Healthcare": 6.5,
    "Information Technology": 9.5,
    "Media, Entertainment & Publication": 0.4,
    "Metals & Mining": 2.8,
    "Oil, Gas & Consumable Fuels": 7.0,
    "Power": 3.2,
    "Realty": 1.5,
    "Services": 2.0,
    "Telecommunication": 3.2,
    "Textiles": 0.3,
    "Utilities": 0.1,
    "Sovereign": 0.0,
    "Others": 0.2,
}
ASSETS_CRORE = 2_600_000.0
"""Shares in custody when the large index stood where the story begins."""
# New columns came with the new blocks of the daily report, at the end of that fortnight.
NEW_COLUMNS_FROM = date(2024, 8, 31)
OLD_COLUMNS = ("Equity", OLD_DEBT, "Debt VRR", "Hybrid", "Total")
NEW_COLUMNS = (
    "Equity",
    "Debt General Limit",
    "Debt VRR",
    "Debt-FAR",
    "Hybrid",
    "MF Equity",
    "MF Debt General Limit",
    "MF Hybrid",
    "MF Solution oriented",
    "MF Other",
    "AIF",
    "Total",
)
_BLOCK_OF = {
    OLD_DEBT: DEBT,
    "Debt General Limit": DEBT,
    "Debt VRR": "Debt-VRR",
    "Debt-FAR": "Debt-FAR",
    "Hybrid": "Hybrid",
}
_OTHER_ASSETS = {"Debt": 0.07, "Debt VRR": 0.02, "Debt-FAR": 0.03, "Hybrid": 0.001}

Cells = dict[str, int]
"""Whole crore by column."""


def fortnight_end(day: date) -> date:
    """The last date of the fortnight that holds this one: a 15th, or a month's end."""
    if day.day <= 15:
        return day.replace(day=15)
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def fortnight_start(end: date) -> date:
    """First date of the fortnight that ends then."""
    return end.replace(day=1) if end.day == 15 else end.replace(day=16)


def released_at(seed: int, end: date) -> datetime:
    """When the report of a fortnight comes out: five to eight days after its end."""
    later = 5 + int(stream(seed, f"sectors out {end}").integers(0, 4))
    return datetime.combine(end + timedelta(days=later), time(18), tzinfo=IST)


def columns_of(end: date) -> tuple[str, ...]:
    """Columns of the report of a fortnight."""
    return NEW_COLUMNS if end >= NEW_COLUMNS_FROM else OLD_COLUMNS


@dataclass(frozen=True)
class Sectors:
    """Net investment and assets by sector; whole crore."""

    seed: int
    figures: Depository
    level: Callable[[date], float]
    """Close of the large index on a date or the last before it, as a ratio of the story's start."""

    def net(self, end: date, columns: tuple[str, ...]) -> dict[str, Cells]:
        """Net investment of a fortnight.

        A column adds up to what the daily reports of these reporting dates add up to, rounded.
        """
        nets = self.figures.net(self.figures.rows(fortnight_start(end), end))
        rng = stream(self.seed, f"sectors {end}")
        weights = np.array(list(WEIGHTS.values())) / sum(WEIGHTS.values())
        tilt = rng.standard_normal(len(weights)) * np.sqrt(weights)
        # Money moves between sectors: what some gain by it the others lose.
        tilt -= weights * tilt.sum()
        equity = round(nets["Equity"] / 100.0)
        pieces = {"Equity": share_out(equity, equity * weights + 1400.0 * tilt)}
        lent = np.array(
            [{"Sovereign": 0.8, "Financial Services": 0.2}.get(s, 0.0) for s in WEIGHTS]
        )
        for column in columns:
            if column in _BLOCK_OF:
                whole = round(nets[_BLOCK_OF[column]] / 100.0)
                pieces[column] = share_out(whole, whole * lent)
        return _cells(columns, pieces)

    def assets(self, day: date, columns: tuple[str, ...]) -> dict[str, Cells]:
        """Assets in custody on a date: they move with the market, and each sector a little more."""
        level = self.level(day)
        drift = stream(self.seed, "sector assets").standard_normal(len(WEIGHTS))
        years = (day - date(2020, 1, 1)).days / 365.25
        shares = np.array(list(WEIGHTS.values())) / sum(WEIGHTS.values())
        crore = ASSETS_CRORE * level * shares * np.exp(0.03 * years * drift)
        pieces = {"Equity": [round(float(value)) for value in crore]}
        for column, part in _OTHER_ASSETS.items():
            owners = {"Sovereign": 0.8, "Financial Services": 0.2}
            pieces[column] = [
                round(ASSETS_CRORE * part * owners.get(sector, 0.0)) for sector in WEIGHTS
            ]
        pieces["Debt General Limit"] = pieces["Debt"]
        return _cells(columns, pieces)


def sectors_of(market: Market, figures: Depository) -> Sectors:
    """The split of these daily figures."""
    closes = market.index_bars.filter(pl.col("index_name") == "Nifty 50")
    days: list[date] = closes["session_date"].to_list()
    levels: list[float] = closes["close"].to_list()

    def level(day: date) -> float:
        before = int(np.searchsorted(np.array(days, dtype="datetime64[D]"), np.datetime64(day)))
        on_or_before = before if before < len(days) and days[before] == day else before - 1
        return levels[max(on_or_before, 0)] / BASE.nifty_50

    return Sectors(market.seed, figures, level)


def _cells(columns: tuple[str, ...], pieces: Mapping[str, list[int]]) -> dict[str, Cells]:
    """One row a sector; a column that was not drawn is nought, and the last is the sum."""
    rows: dict[str, Cells] = {}
    for k, sector in enumerate(WEIGHTS):
        cells = {column: pieces[column][k] if column in pieces else 0 for column in columns}
        rows[sector] = {**cells, "Total": sum(cells.values())}
    return rows
