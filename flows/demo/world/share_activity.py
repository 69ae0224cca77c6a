"""Open, high, low, volume and deliveries of the simulated securities, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flows.demo.world.activity import SHORT_SESSION_ACTIVITY
from flows.demo.world.factors import Floats
from flows.demo.world.latent import stream
from flows.demo.world.share_prices import FINE_TICK, FINE_TICK_BELOW, TICK, Flags, Paths
from flows.demo.world.share_security import Security

LUCKS = 6
ROWS_AT_ONCE = 300_000
TICKET_INR = 24_000.0
"""What one trade is worth on average."""
UNDELIVERED = ("BE", "BZ")
"""Series in which all is delivered, and the files say nothing of it."""


@dataclass(frozen=True)
class Activity:
    """One value a row: prices in rupees, deliveries nan where the exchange does not tell them."""

    open: Floats
    high: Floats
    low: Floats
    last: Floats
    average: Floats
    volume: NDArray[np.int64]
    turnover_inr: Floats
    trades: NDArray[np.int64]
    delivery: Floats


def draw_activity_of(
    securities: Sequence[Security],
    paths: Paths,
    rows: tuple[NDArray[np.intp], NDArray[np.intp]],
    days: tuple[Floats, Flags, Flags],
    seed: int,
) -> Activity:
    """What happens between a session's base and its close.

    `rows` are the session and the security of each row; `days` are volatility and whether the
    session is short, by session, and by row whether all is delivered and nothing said of it.
    """
    luck = _luck(securities, len(days[0]), seed)
    parts = [
        _part(securities, paths, (rows[0][part], rows[1][part]), (*days[:2], days[2][part]), luck)
        for part in np.array_split(np.arange(len(rows[0])), len(rows[0]) // ROWS_AT_ONCE + 1)
    ]
    return Activity(
        *(
            np.concatenate(columns)
            for columns in zip(*(vars(p).values() for p in parts), strict=True)
        )
    )


def _part(
    securities: Sequence[Security],
    paths: Paths,
    rows: tuple[NDArray[np.intp], NDArray[np.intp]],
    days: tuple[Floats, Flags, Flags],
    lucks: NDArray[np.float32],
) -> Activity:
    t, k = rows
    volatility, is_short, is_undelivered = days
    luck: Floats = lucks[:, t, k].astype(np.float64)
    own = np.array([security.temper.own for security in securities])[k]
    close = paths.close[t, k]
    base = np.where(np.isnan(paths.base[t, k]), close, paths.base[t, k])
    tick = np.where(base < FINE_TICK_BELOW, FINE_TICK, TICK)
    reach = own * np.sqrt(volatility)[t] * 0.5
    limit = paths.limit[t, k]
    opens: Floats = base * (1.0 + 0.3 * (close / base - 1.0) + 0.5 * reach * luck[0])
    opens = np.where(paths.unexplained[t, k], close * (1.0 + 0.1 * reach), opens)
    # A demerged share's price is found before trading: it opens at its base.
    for action in paths.actions:
        if action.plan.kind == "demerger":
            opens = np.where((t == action.session) & (k == action.security), base, opens)
    width = np.where(limit == 0.0, 0.199, np.abs(limit))
    lowest, highest = base * (1.0 - width), base * (1.0 + width)
    opens = _ticked(opens, tick)
    high = _ticked(np.maximum(opens, close) * (1.0 + reach * np.abs(luck[1])), tick)
    low = _ticked(np.minimum(opens, close) * (1.0 - reach * np.abs(luck[2])), tick)
    # At a limit the close is as far as the day went.
    high = np.where(limit > 0.0, close, np.minimum(high, np.maximum(highest, close)))
    low = np.where(limit < 0.0, close, np.maximum(low, np.minimum(lowest, close)))
    opens = np.where(limit > 0.0, np.minimum(opens, close), opens)
    opens = np.where(limit < 0.0, np.maximum(opens, close), opens)
    high = np.maximum(_ticked(high, tick), np.maximum(opens, close))
    low = np.maximum(np.minimum(_ticked(low, tick), np.minimum(opens, close)), FINE_TICK)
    mixed = 1.0 / (1.0 + np.exp(-luck[5]))
    average = np.round(np.clip(low + (high - low) * (0.3 + 0.4 * mixed), low, high), 2)
    last = np.round(np.clip(close + np.round(luck[4]) * tick, low, high), 2)
    lot = np.array([security.lot for security in securities])[k]
    busy = np.array([security.turnover for security in securities])[k]
    moved = np.abs(close / base - 1.0) / np.maximum(own, 1e-4)
    busy = busy * np.exp(0.45 * luck[3]) * (0.6 + 0.4 * np.minimum(volatility[t], 2.5))
    busy = busy * (0.7 + 0.3 * np.minimum(moved, 6.0))
    busy = busy * np.where(is_short[t], SHORT_SESSION_ACTIVITY, 1.0)
    value = busy * close * paths.issued[t, k]
    volume = np.maximum(np.round(value / average / lot), 1.0).astype(np.int64) * lot
    turnover = np.round(volume * average, 2)
    trades = np.maximum(np.round(turnover / (TICKET_INR * np.exp(0.2 * luck[4]))), 1.0)
    trades = np.minimum(trades.astype(np.int64), volume // lot)
    part = np.array([security.delivered for security in securities])[k]
    part = np.clip(part + 0.09 * luck[5] - 0.05 * (np.minimum(moved, 4.0) - 1.0), 0.05, 1.0)
    part = np.where(lot > 1, 1.0, part)
    delivery = np.where(is_undelivered, np.nan, np.floor(part * volume))
    return Activity(
        np.round(opens, 2),
        np.round(high, 2),
        np.round(low, 2),
        np.where(volume // lot < 3, np.nan, last),
        average,
        volume,
        turnover,
        trades,
        delivery,
    )


def _luck(securities: Sequence[Security], count: int, seed: int) -> NDArray[np.float32]:
    """Normal draws, cut at four deviations: kind of luck by session by security."""
    luck = np.empty((LUCKS, count, len(securities)), dtype=np.float32)
    for at, security in enumerate(securities):
        rng = stream(seed, f"activity {security.key}")
        luck[:, :, at] = rng.standard_normal((count, LUCKS), dtype=np.float32).T
    np.clip(luck, -4.0, 4.0, out=luck)
    return luck


def _ticked(price: Floats, tick: Floats) -> Floats:
    rounded: Floats = np.round(np.maximum(np.round(price / tick), 1.0) * tick, 2)
    return rounded
