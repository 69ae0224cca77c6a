"""Returns of indices and net foreign buying, laid on sessions and weeks to be related."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from transforms.metrics.momentum import NIFTY_500
from transforms.signals.event_study.events import LARGE, SMALL, SMALL_WIDE
from transforms.signals.event_study.outcomes import Floats
from transforms.signals.threshold import Threshold

FLOW_USUAL = Threshold(
    "association_flow_usual",
    252,
    "sessions",
    "Figures before it, whose mean absolute net flow is a usual day",
    "Riskon convention",
)

DEFENSIVE = ("nifty-fmcg", "nifty-pharma", "nifty-it")
CYCLICAL = ("nifty-auto", "nifty-metal", "nifty-realty", "nifty-psu-bank")
INDICES = (LARGE, NIFTY_500, SMALL, SMALL_WIDE, *DEFENSIVE, *CYCLICAL)

_FRIDAY = 4


@dataclass(frozen=True)
class Series:
    """What relations read, oldest first; by index id, NaN where missing.

    days: dates of the sessions; `closes` are levels of price, `totals` of total return; `returns`
        log returns times 100 from one session to the next
    weeks: Monday of each week with sessions; `weekly` the same over whole weeks
    flow: net foreign buying in usual days of its year before
    """

    days: list[date]
    closes: dict[str, Floats]
    totals: dict[str, Floats]
    returns: dict[str, Floats]
    weeks: list[date]
    weekly: dict[str, Floats]
    flow: Floats

    def through(self, day: date) -> Series:
        """What was known by a day: whole weeks only."""
        sessions = sum(held <= day for held in self.days)
        monday = day - timedelta(days=day.weekday())
        weeks = sum(
            week < monday or (week == monday and day.weekday() >= _FRIDAY) for week in self.weeks
        )
        return Series(
            self.days[:sessions],
            {name: one[:sessions] for name, one in self.closes.items()},
            {name: one[:sessions] for name, one in self.totals.items()},
            {name: one[:sessions] for name, one in self.returns.items()},
            self.weeks[:weeks],
            {name: one[:weeks] for name, one in self.weekly.items()},
            self.flow[:sessions],
        )


def related_series(
    closes: pl.DataFrame, total_returns: pl.DataFrame, flow: pl.DataFrame, sessions: pl.DataFrame
) -> Series:
    """Closes, returns and flow on the sessions; the arguments are those of `associations`."""
    days = sessions["session_date"].unique().sort()
    price, total = (_levels(frame, days) for frame in (closes, total_returns))
    by_price, by_total = (
        {n: _log_returns(level) for n, level in one.items()} for one in (price, total)
    )
    # Compared returns are of one kind: those of sizes, and those of sectors.
    returns: dict[str, Floats] = {}
    for compared in ((LARGE, NIFTY_500, SMALL), (SMALL_WIDE,), (*DEFENSIVE, *CYCLICAL)):
        has_total = ~np.isnan(np.array([by_total[name] for name in compared])).any(axis=0)
        for name in compared:
            returns[name] = np.where(has_total, by_total[name], by_price[name])
    monday = days.dt.truncate("1w").to_list()
    first = [n for n, week in enumerate(monday) if not n or week != monday[n - 1]]
    return Series(
        days=days.to_list(),
        closes=price,
        totals=total,
        returns=returns,
        weeks=[monday[n] for n in first],
        weekly={
            name: np.add.reduceat(one, first) if first else one for name, one in returns.items()
        },
        flow=_flow(flow, days),
    )


def _levels(frame: pl.DataFrame, days: pl.Series) -> dict[str, Floats]:
    if frame.is_empty():
        return {name: np.full(len(days), np.nan) for name in INDICES}
    grid = pl.DataFrame({"session_date": days})
    found = {}
    for name in INDICES:
        one = frame.filter(pl.col("index_id") == name).select(
            "session_date", pl.col("close").cast(pl.Float64)
        )
        joined = grid.join(one, on="session_date", how="left", maintain_order="left")
        found[name] = joined["close"].to_numpy().astype(np.float64)
    return found


def _log_returns(level: Floats) -> Floats:
    result = np.full(len(level), np.nan)
    result[1:] = np.round(100 * np.diff(np.log(level)), 9)
    return result


def _flow(flow: pl.DataFrame, days: pl.Series) -> Floats:
    """Net foreign buying of each session over the mean absolute net of the 252 figures before."""
    if flow.is_empty():
        return np.full(len(days), np.nan)
    one = flow.filter(
        (pl.col("participant") == "FII")
        & (pl.col("scope") == "NSE+BSE+MSEI")
        & (pl.col("stage") == "provisional")
    ).select("session_date", pl.col("net_crore").cast(pl.Float64))
    # The last figures held, whatever sessions lack one: this is a unit, not a window of sessions.
    usual = pl.col("net_crore").abs().rolling_mean(int(FLOW_USUAL.value)).shift(1)
    scaled = (
        one.drop_nulls()
        .sort("session_date")
        .select("session_date", scaled=pl.when(usual > 0).then(pl.col("net_crore") / usual))
    )
    joined = pl.DataFrame({"session_date": days}).join(
        scaled, on="session_date", how="left", maintain_order="left"
    )
    return joined["scaled"].to_numpy().astype(np.float64)
