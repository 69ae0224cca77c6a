"""A seeded model of the Indian equity market: what the simulated exchange publishes.

Same seed, same figures. Indices carry true names; every figure is invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from flows.demo.world.activity import draw_activity, draw_valuation
from flows.demo.world.catalog import INDICES, RENAMES, SECTORS, VIX, Index
from flows.demo.world.companies import DEMO_COUNT
from flows.demo.world.factors import LARGEST_MOVE, MARKET_DAILY, Factors, Floats, draw_factors, fat
from flows.demo.world.money import draw_flows
from flows.demo.world.results import Results, draw_results
from flows.demo.world.shares import Shares, draw_shares
from flows.demo.world.story import (
    BASE,
    FIRST_SESSION,
    LAST_SESSION,
    VIX_CLOSE_ONLY_YEAR,
)
from flows.demo.world.trading_days import trading_sessions

SEED = 20260211


@dataclass(frozen=True)
class Market:
    """Everything the simulated publishers know.

    sessions       session_date, is_short, reason: days on which trading really took place
    index_bars     one row per session and index published that day, under that day's name;
                   prices in points (2 decimals, India VIX 4), volume_shares, turnover_crore
    total_returns  session_date, index_name (today's), total_return, net_total_return (null)
    flows          session_date, participant (FII, DII), buy_crore, sell_crore, net_crore,
                   stage: `first` for every session, `restated` where the evening changed it
    renames        old_name, new_name, first_session
    """

    seed: int
    sessions: pl.DataFrame
    index_bars: pl.DataFrame
    total_returns: pl.DataFrame
    flows: pl.DataFrame
    renames: pl.DataFrame
    share_count: int = DEMO_COUNT
    window: tuple[date, date] = (FIRST_SESSION, LAST_SESSION)

    @cached_property
    def results(self) -> Results:
        """Results of the listed companies; they are drawn when someone asks."""
        return draw_results(self.seed, count=self.share_count)

    @cached_property
    def shares(self) -> Shares:
        """Shares of the same companies, and all that trades beside them; drawn when asked for."""
        whole = self
        if self.window != (FIRST_SESSION, LAST_SESSION):
            whole = simulate(seed=self.seed)
        return draw_shares(
            self.results.population,
            self.results.earnings,
            (whole.index_bars, whole.sessions),
            self.seed,
            self.window,
        )


def simulate(
    *,
    seed: int = SEED,
    start: date = FIRST_SESSION,
    end: date = LAST_SESSION,
    share_count: int = DEMO_COUNT,
) -> Market:
    """Simulate the market from `start` to `end`, with so many listed companies.

    The whole scripted story is drawn whatever the window, so a window shows the same figures as
    the full history does.

    Raises:
        ValueError: the window reaches outside the story.
    """
    if not FIRST_SESSION <= start <= end <= LAST_SESSION:
        raise ValueError(
            f"The story runs from {FIRST_SESSION} to {LAST_SESSION}; asked for {start} to {end}"
        )
    sessions = trading_sessions(FIRST_SESSION, LAST_SESSION)
    dates: list[date] = sessions["session_date"].to_list()
    # Each part has its own stream: more indices must not change the flows.
    factor_rng, price_rng, activity_rng, flow_rng = np.random.default_rng(seed).spawn(4)
    factors = draw_factors(dates, factor_rng)
    returns = _returns(factors, price_rng)
    closes, previous = _compound(returns, _base_levels(price_rng))
    bars = _bars(dates, factors, closes, previous, price_rng)
    bars.update(
        draw_activity(dates, sessions["is_short"].to_numpy(), factors, closes, activity_rng)
    )
    bars.update(draw_valuation(closes, activity_rng))
    window = pl.col("session_date").is_between(start, end)
    return Market(
        seed=seed,
        sessions=sessions.filter(window),
        index_bars=_bar_frame(dates, bars).filter(window),
        total_returns=_total_returns(dates, closes, previous, bars["dividend_yield_pct"]).filter(
            window
        ),
        flows=draw_flows(dates, factors, flow_rng).filter(window),
        renames=pl.DataFrame([vars(rename) for rename in RENAMES]),
        share_count=share_count,
        window=(start, end),
    )


def _base_levels(rng: np.random.Generator) -> Floats:
    """Levels before the first session: scripted for some, drawn for the others."""
    drawn = np.round(rng.uniform(1500.0, 16000.0, len(INDICES)), 2)
    levels = np.array([index.level or drawn[i] for i, index in enumerate(INDICES)])
    levels[:3] = BASE.nifty_50, BASE.midcap_100, BASE.smallcap_100
    for i, index in enumerate(INDICES):
        if index.kind == "leveraged":
            levels[i] = 4000.0 if index.market > 0 else 400.0
        elif index.kind == "debt":
            levels[i] = np.round(1000.0 + drawn[i] / 20.0, 2)
    return levels


def _returns(factors: Factors, rng: np.random.Generator) -> Floats:
    """Daily simple returns, session by index."""
    count = len(factors.market)
    scale = MARKET_DAILY * factors.volatility
    noise = fat(rng, (count, len(INDICES)), 5)
    returns = np.empty((count, len(INDICES)))
    for i, index in enumerate(INDICES):
        if index is VIX:
            returns[:, i] = _fear(factors, noise[:, i])
            continue
        # Added term by term: a matrix product may sum in another order on another machine.
        path = index.market * factors.market
        path = path + index.mid * factors.mid + index.small * factors.small
        for sector, loading in index.sectors.items():
            path = path + loading * factors.sectors[:, SECTORS.index(sector)]
        path = path + index.carry + index.idiosyncratic * scale * noise[:, i]
        returns[:, i] = np.clip(path, -LARGEST_MOVE, LARGEST_MOVE)
    return np.round(returns, 7)


def _fear(factors: Factors, noise: Floats) -> Floats:
    """Returns of the volatility index: it follows volatility and jumps when the market falls."""
    level = VIX.level or 14.0
    returns = np.empty(len(noise))
    for t, expected in enumerate(16.0 * factors.volatility):
        move = 0.12 * (expected / level - 1.0) - 2.2 * factors.market[t] + 0.028 * noise[t]
        before, level = level, min(max(level * (1.0 + min(max(move, -0.28), 0.45)), 8.5), 85.0)
        returns[t] = level / before - 1.0
    return returns


def _decimals() -> list[int]:
    return [4 if index is VIX else 2 for index in INDICES]


def _round(values: Floats) -> Floats:
    """Each index to the decimals it is published with; the last axis is the index."""
    rounded = np.round(values, 2)
    for i, decimals in enumerate(_decimals()):
        if decimals != 2:
            rounded[..., i] = np.round(values[..., i], decimals)
    return rounded


def _compound(returns: Floats, base: Floats) -> tuple[Floats, Floats]:
    """Closes and the closes before them, rounded at every session as a publisher does."""
    closes = np.empty_like(returns)
    level = base
    for t, row in enumerate(returns):
        level = _round(level * (1.0 + row))
        closes[t] = level
    return closes, np.vstack([base, closes[:-1]])


def _bars(
    dates: Sequence[date],
    factors: Factors,
    closes: Floats,
    previous: Floats,
    rng: np.random.Generator,
) -> dict[str, Floats]:
    """Open, high, low and the change of the day, session by index.

    The gap at the opening and the reach beyond open and close are partly common to all indices,
    as they are when one market moves them.
    """
    shape = closes.shape
    own = np.array([0.25 if i.kind == "debt" else 1.0 for i in INDICES])
    own[INDICES.index(VIX)] = 4.0
    spread = (MARKET_DAILY * factors.volatility)[:, None] * own * 0.55
    moved = closes / previous - 1.0
    common = fat(rng, (shape[0], 3), 6)
    each = fat(rng, (shape[0], shape[1]), 6)
    gap = 0.35 * moved + spread * (0.35 * common[:, :1] + 0.15 * each)
    opens = _round(previous * (1.0 + gap))
    above = spread * np.abs(0.7 * common[:, 1:2] + 0.3 * each)
    below = spread * np.abs(0.7 * common[:, 2:] - 0.3 * each)
    highest, lowest = np.maximum(opens, closes), np.minimum(opens, closes)
    no_range = np.array([day.year == VIX_CLOSE_ONLY_YEAR for day in dates])
    bars = {
        "open": opens,
        "high": np.maximum(_round(highest * (1.0 + above)), highest),
        "low": np.minimum(_round(lowest * (1.0 - below)), lowest),
        "close": closes,
        "points_change": _round(closes - previous),
        "change_pct": np.round(100.0 * (closes - previous) / previous, 2),
    }
    vix = INDICES.index(VIX)
    for name in ("open", "high", "low", "points_change", "change_pct"):
        bars[name][no_range, vix] = np.nan
    return bars


def _bar_frame(dates: Sequence[date], bars: dict[str, Floats]) -> pl.DataFrame:
    """Session-by-index matrices as rows, under the name of the day, in the publisher's order."""
    count = len(dates)
    frame = pl.DataFrame(
        {
            "session_date": pl.Series(dates, dtype=pl.Date).repeat_by(len(INDICES)).explode(),
            "index_name": [index.name for index in INDICES] * count,
            **{name: values.ravel() for name, values in bars.items()},
        }
    ).with_columns(pl.selectors.float().fill_nan(None) + 0.0)  # no negative zero
    frame = frame.with_columns(pl.col("volume_shares").cast(pl.Int64))
    for index in INDICES:
        frame = frame.filter(~_unpublished(index))
    for rename in RENAMES:
        frame = frame.with_columns(
            pl.when(
                pl.col("index_name").eq(rename.new_name)
                & pl.col("session_date").lt(rename.first_session)
            )
            .then(pl.lit(rename.old_name))
            .otherwise("index_name")
            .alias("index_name")
        )
    return frame


def _unpublished(index: Index) -> pl.Expr:
    outside = pl.lit(False)
    if index.first_session:
        outside = outside | pl.col("session_date").lt(index.first_session)
    if index.last_session:
        outside = outside | pl.col("session_date").gt(index.last_session)
    return pl.col("index_name").eq(index.name) & outside


def _total_returns(
    dates: Sequence[date], closes: Floats, previous: Floats, yields: Floats
) -> pl.DataFrame:
    """Levels with dividends reinvested, for the indices that publish them."""
    chosen = [i for i, index in enumerate(INDICES) if index.total_return]
    growth = np.round(closes[:, chosen] / previous[:, chosen] + yields[:, chosen] / 25200.0, 9)
    level = np.round(previous[0, chosen] * 1.38, 2)
    levels = np.empty_like(growth)
    for t, row in enumerate(growth):
        level = np.round(level * row, 2)
        levels[t] = level
    days = [day for day in dates for _ in chosen]
    names = [INDICES[i].name for i in chosen]
    frame = pl.DataFrame(
        {
            "session_date": pl.Series(days, dtype=pl.Date),
            "index_name": names * len(dates),
            "total_return": levels.ravel(),
            "net_total_return": pl.Series([None] * levels.size, dtype=pl.Float64),
        }
    )
    for i in chosen:
        frame = frame.filter(~_unpublished(INDICES[i]))
    return frame
