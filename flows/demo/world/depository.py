"""What custodians confirm to the depository: the foreign flows of the simulated market, finally.

Figures are whole paise of a crore (hundredths), so that sub-totals and totals add up exactly.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from flows.demo.world.factors import Floats, fat
from flows.demo.world.latent import latent, stream
from flows.demo.world.macro import level_on
from flows.demo.world.market import Market

Hundredths = NDArray[np.int64]

EXCHANGE, PRIMARY = "Stock Exchange", "Primary market & others"
SCHEMES = ("Equity", "Debt", "Hybrid", "Solution oriented", "Other")

# The report's blocks of today. Readers of the report date the new ones to August and September
# 2024; the very day is invented. Before it, what took those routes stood under plain "Debt".
NEW_BLOCKS_FROM = date(2024, 8, 16)
OLD_DEBT = "Debt"
DEBT = "Debt-General Limit"
ROUTES: Mapping[str, tuple[str, ...]] = {
    "Equity": (EXCHANGE, PRIMARY),
    DEBT: (EXCHANGE, PRIMARY),
    "Debt-VRR": (EXCHANGE, PRIMARY),
    "Debt-FAR": (EXCHANGE, PRIMARY),
    "Hybrid": (EXCHANGE, PRIMARY),
    "Mutual Funds": tuple(f"{scheme} schemes" for scheme in SCHEMES),
    "AIFs": (EXCHANGE, PRIMARY),
}
NEW_BLOCKS = ("Debt-FAR", "Mutual Funds", "AIFs")
LEAVES = tuple((block, route) for block, routes in ROUTES.items() for route in routes)
_AT = {leaf: position for position, leaf in enumerate(LEAVES)}


@dataclass(frozen=True)
class Leaf:
    """How one line of the report is drawn: a lognormal on some days, nothing on the others."""

    crore: float
    spread: float
    chance: float
    sold: float = 1.0
    """Sales as a ratio of purchases, in the middle."""


_DRAWN: Mapping[tuple[str, str], Leaf] = {
    ("Equity", PRIMARY): Leaf(75.0, 1.1, 0.97, 0.12),
    (DEBT, EXCHANGE): Leaf(140.0, 0.8, 0.99, 1.1),
    (DEBT, PRIMARY): Leaf(95.0, 1.1, 0.45, 0.8),
    ("Debt-VRR", EXCHANGE): Leaf(420.0, 0.7, 0.99, 0.95),
    ("Debt-VRR", PRIMARY): Leaf(110.0, 0.9, 0.5, 1.0),
    ("Debt-FAR", EXCHANGE): Leaf(520.0, 0.7, 0.99, 0.85),
    ("Debt-FAR", PRIMARY): Leaf(60.0, 0.8, 0.06, 0.0),
    ("Hybrid", EXCHANGE): Leaf(22.0, 0.8, 0.97, 0.95),
    ("Hybrid", PRIMARY): Leaf(4.0, 1.4, 0.12, 0.6),
    ("Mutual Funds", "Equity schemes"): Leaf(9.0, 0.8, 0.95, 0.5),
    ("Mutual Funds", "Debt schemes"): Leaf(6.0, 1.2, 0.1, 0.9),
    ("Mutual Funds", "Hybrid schemes"): Leaf(1.0, 1.0, 0.08, 0.8),
    ("Mutual Funds", "Other schemes"): Leaf(3.0, 1.5, 0.7, 0.8),
    ("AIFs", EXCHANGE): Leaf(2.0, 1.0, 0.02, 0.5),
    ("AIFs", PRIMARY): Leaf(40.0, 1.0, 0.05, 0.1),
}
_OFFERING = Leaf(900.0, 0.8, 0.07)
"""A public offer that foreigners take part in."""
_CUSTODY_NOISE_CRORE = 38.0


@dataclass(frozen=True)
class Depository:
    """Daily figures; row by reporting date, column by `LEAVES`.

    A reporting date holds the trades of the session before it; `traded_on` says which.
    `rates` are rupees a dollar.
    """

    days: tuple[date, ...]
    traded_on: tuple[date, ...]
    purchases: Hundredths
    sales: Hundredths
    rates: Floats

    def rows(self, first: date, last: date) -> range:
        """Positions of the reporting dates from `first` to `last`, both included."""
        return range(bisect_left(self.days, first), bisect_right(self.days, last))

    def leaf_nets(self, rows: range) -> list[int]:
        """Net by column over these rows, in hundredths of a crore."""
        nets = (self.purchases - self.sales)[rows.start : rows.stop].sum(axis=0)
        return [int(net) for net in nets]

    def net(self, rows: range) -> dict[str, int]:
        """Net of each block over these rows, in hundredths of a crore."""
        nets = self.leaf_nets(rows)
        return {
            block: sum(nets[_AT[block, route]] for route in routes)
            for block, routes in ROUTES.items()
        }


def draw_depository(market: Market) -> Depository:
    """Draw what custodians confirm of the market's sessions.

    Equity on exchanges is the market's own final foreign flow with a custodian's noise: trades
    confirmed late, rejected, or reported by another custodian.
    """
    story = latent(market.seed)
    count = len(story.sessions)
    rng = stream(market.seed, "depository")
    noise = fat(rng, (count, 2), 5)
    growth = (1.0 + 0.1 * story.years)[:, None]
    bought, sold = np.zeros((count, len(LEAVES))), np.zeros((count, len(LEAVES)))
    lean = 0.06 * story.factors.appetite
    for leaf, how in _DRAWN.items():
        at = _AT[leaf]
        bought[:, at] = _lognormal(rng, count, how.crore, how.spread, how.chance) * (1.0 + lean)
        sold[:, at] = how.sold * _lognormal(rng, count, how.crore, how.spread, how.chance)
    offers = _lognormal(rng, count, _OFFERING.crore, _OFFERING.spread, _OFFERING.chance)
    bought[:, _AT["Equity", PRIMARY]] += offers * np.maximum(1.0 + 2.0 * lean, 0.2)
    purchases, sales = _hundredths(bought * growth), _hundredths(sold * growth)
    _fold_new_blocks(purchases, story.sessions)
    _fold_new_blocks(sales, story.sessions)

    flows = market.flows.filter(pl.col("participant") == "FII").unique(
        "session_date", keep="last", maintain_order=True
    )
    at, position = _AT["Equity", EXCHANGE], {day: t for t, day in enumerate(story.sessions)}
    for day, buy, net in flows.select("session_date", "buy_crore", "net_crore").iter_rows():
        t = position[day]
        bought_now = round(100.0 * buy * (1.0 + 0.004 * float(noise[t, 0])))
        shift = round(100.0 * _CUSTODY_NOISE_CRORE * float(noise[t, 1]))
        purchases[t, at] = bought_now
        sales[t, at] = max(bought_now - round(100.0 * net) - shift, 0)

    sessions: list[date] = market.sessions["session_date"].to_list()
    traded = [position[day] for day in sessions[:-1]]
    return Depository(
        tuple(sessions[1:]),
        tuple(sessions[:-1]),
        purchases[traded],
        sales[traded],
        np.array([level_on(market.seed, "DEXINUS", day) for day in sessions[1:]]),
    )


def block_names(day: date) -> dict[str, str]:
    """Blocks that the report of a date shows, by the name it then gives them."""
    if day >= NEW_BLOCKS_FROM:
        return {block: block for block in ROUTES}
    return {
        block: OLD_DEBT if block == DEBT else block for block in ROUTES if block not in NEW_BLOCKS
    }


def leaves_of(block: str) -> list[tuple[str, int]]:
    """Routes of a block with their columns."""
    return [(route, _AT[block, route]) for route in ROUTES[block]]


def share_out(total: int, weights: Sequence[float] | Floats) -> list[int]:
    """Whole numbers near these weights that add up to the total: the largest remainders win.

    Weights may be negative; they are taken as they are and need not add up to one.
    """
    exact = [float(weight) for weight in weights]
    parts = [int(np.floor(value)) for value in exact]
    order = sorted(range(len(exact)), key=lambda k: (parts[k] - exact[k], k))
    missing = total - sum(parts)
    for k in range(abs(missing)):
        parts[order[k % len(order)]] += 1 if missing > 0 else -1
    return parts


def _lognormal(
    rng: np.random.Generator, count: int, middle: float, spread: float, chance: float
) -> Floats:
    drawn: Floats = middle * np.exp(spread * np.clip(rng.standard_normal(count), -3.5, 3.5))
    return drawn * (rng.random(count) < chance)


def _hundredths(crore: Floats) -> Hundredths:
    return np.rint(100.0 * crore).astype(np.int64)


def _fold_new_blocks(figures: Hundredths, sessions: Iterable[date]) -> None:
    """Before the report had them, the new debt block stood in the old, the others in none."""
    old = np.array([day < NEW_BLOCKS_FROM for day in sessions])
    for route in (EXCHANGE, PRIMARY):
        figures[old, _AT[DEBT, route]] += figures[old, _AT["Debt-FAR", route]]
    for leaf, at in _AT.items():
        if leaf[0] in NEW_BLOCKS:
            figures[old, at] = 0
