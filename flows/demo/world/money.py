"""Institutional purchases and sales of the simulated market."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from flows.demo.world.factors import Factors, Floats, fat
from flows.demo.world.story import RESTATED_SESSIONS

RESTATED_SHARE = 0.12
NSE_SHARE = 0.96
NSE_SHARE_DEVIATION = 0.006


def draw_flows(
    sessions: Sequence[date], factors: Factors, rng: np.random.Generator
) -> pl.DataFrame:
    """Buy, sell and net in crore per session and participant, with the evening's restatements.

    Drawn from the latent appetite alone, never from a return. Domestic institutions take the
    other side of part of what foreigners do, and are paid in every month.
    """
    count = len(sessions)
    foreign = factors.foreign_net_crore
    years = np.array([(day - sessions[0]).days for day in sessions], dtype=np.float64) / 365.25
    domestic = -0.55 * foreign + (500.0 + 190.0 * years) + 650.0 * fat(rng, count, 5)
    activity = (0.7 + 0.3 * np.minimum(factors.volatility, 2.5)) * (1.0 + 0.14 * years)
    foreign_buys = activity * 6800.0 * np.maximum(1.0 + 0.16 * fat(rng, count, 6), 0.5)
    domestic_buys = activity * 5600.0 * np.maximum(1.0 + 0.16 * fat(rng, count, 6), 0.5)
    errors = activity * (120.0 * fat(rng, count, 4))
    chosen = rng.random(count) < RESTATED_SHARE
    # The last evening is settled at once: readers of the demo need one figure.
    restated = [
        (bool(chosen[t]) or day in RESTATED_SESSIONS) and t < count - 1
        for t, day in enumerate(sessions)
    ]
    rows: list[tuple[date, str, float, float, float, str]] = []
    for t, day in enumerate(sessions):
        sides = (("DII", domestic_buys, domestic), ("FII", foreign_buys, foreign))
        for participant, buys, nets in sides:
            buy, sell = _sides(buys, nets, t)
            if restated[t] and participant == "FII":
                first_sell = max(round(sell + float(errors[t]), 2), 0.01)
                rows.append((day, participant, buy, first_sell, _net(buy, first_sell), "first"))
                rows.append((day, participant, buy, sell, _net(buy, sell), "restated"))
            else:
                rows.append((day, participant, buy, sell, _net(buy, sell), "first"))
    return pl.DataFrame(
        rows,
        schema={
            "session_date": pl.Date,
            "participant": pl.String,
            "buy_crore": pl.Float64,
            "sell_crore": pl.Float64,
            "net_crore": pl.Float64,
            "stage": pl.String,
        },
        orient="row",
    )


def nse_only(
    flows: pl.DataFrame, sessions: Sequence[date], rng: np.random.Generator
) -> pl.DataFrame:
    """The part of these flows that was dealt on one exchange, as it publishes it on its own.

    A session's share is the same before and after a restatement, so both scopes move together.

    Args:
        flows: of `draw_flows`, or a window of them.
        sessions: of the whole story, which the draws belong to.
        rng: a stream of its own.
    """
    shares = np.clip(NSE_SHARE + NSE_SHARE_DEVIATION * fat(rng, (len(sessions), 2), 6), 0.93, 0.98)
    tilts = np.clip(0.0012 * fat(rng, (len(sessions), 2), 6), -0.006, 0.006)
    position = {day: t for t, day in enumerate(sessions)}
    rows = []
    for row in flows.iter_rows(named=True):
        at = position[row["session_date"]], ("DII", "FII").index(row["participant"])
        buy = round(row["buy_crore"] * float(shares[at]), 2)
        sell = round(row["sell_crore"] * float(shares[at] + tilts[at]), 2)
        rows.append({**row, "buy_crore": buy, "sell_crore": sell, "net_crore": _net(buy, sell)})
    return pl.DataFrame(rows, schema=flows.schema)


def _sides(buys: Floats, nets: Floats, t: int) -> tuple[float, float]:
    """Purchases and sales that leave the net: nobody sells less than nothing."""
    net = round(float(nets[t]), 2)
    buy = round(max(float(buys[t]), 300.0 + max(net, 0.0) * 1.15), 2)
    return buy, round(buy - net, 2)


def _net(buy: float, sell: float) -> float:
    return round(buy - sell, 2)
