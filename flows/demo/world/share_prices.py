"""Daily returns and closes of the simulated securities, session by security.

A session follows from the one before: closes are rounded to ticks, actions restate them, limits
bind, and members of the exact indices share what their index still misses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from flows.demo.world.catalog import SECTORS
from flows.demo.world.factors import Factors, Floats, fat
from flows.demo.world.latent import stream
from flows.demo.world.share_actions import Action, Plan, settle
from flows.demo.world.share_security import Security
from flows.demo.world.share_weights import EXACT

Flags = NDArray[np.bool_]

FINE_TICK_BELOW, FINE_TICK, TICK = 250.0, 0.01, 0.05
ROUNDING = 5e-5
"""By so much the ticks of its members may move an index."""
STRICT_BAND = 0.05
"""Limit of a day's move in series BE and BZ."""


@dataclass(frozen=True)
class Paths:
    """What the walk leaves behind; arrays are session by security.

    `base` is the close before in the session's basis (nan on the first session without one),
    `previous` the same as published, `close` the last close, also where it did not trade, `issued`
    the shares in issue after the session's actions. `limit` is the band that bound, with its sign.
    """

    traded: Flags
    listed: Flags
    base: Floats
    previous: Floats
    close: Floats
    issued: Floats
    limit: Floats
    unexplained: Flags
    actions: tuple[Action, ...]


def draw_returns(
    securities: Sequence[Security],
    factors: Factors,
    follows: dict[str, Floats],
    seed: int,
) -> Floats:
    """Returns that the factors and its own luck give each security, before any limit.

    `factors` and the indices' returns in `follows` are those of the sessions wanted.
    """
    count = len(factors.market)
    returns = np.empty((count, len(securities)))
    calm = np.sqrt(factors.volatility)
    quality = factors.sectors[:, SECTORS.index("quality")]
    for k, security in enumerate(securities):
        temper = security.temper
        own = temper.own * calm * fat(stream(seed, f"returns {security.key}"), count, 4)
        if temper.follows:
            returns[:, k] = follows[temper.follows] + own
            continue
        path = temper.market * factors.market
        path = path + temper.mid * factors.mid + temper.small * factors.small
        if temper.sector:
            path = path + 0.6 * factors.sectors[:, SECTORS.index(temper.sector)]
        returns[:, k] = path + temper.quality * quality + own
    return np.round(returns, 7)


def sessions_traded(
    securities: Sequence[Security], sessions: Sequence[date], seed: int
) -> tuple[Flags, Flags]:
    """Session by security: whether it traded, and whether it was listed."""
    days = np.array(sessions, dtype="datetime64[D]")
    listed = np.zeros((len(days), len(securities)), dtype=np.bool_)
    traded = np.zeros_like(listed)
    for k, security in enumerate(securities):
        here = days >= np.datetime64(security.listed_on)
        if security.delisted_on:
            here &= days < np.datetime64(security.delisted_on)
        listed[:, k] = here
        if security.chance < 1.0:
            drawn = stream(seed, f"trades {security.key}").random(len(days))
            here = here & (drawn < security.chance)
        # All begin with a bar: who did not would have no session before its second.
        here = here | (listed[:, k] & (days == days[0]))
        for first, after in security.pauses:
            here = here & ~((days >= np.datetime64(first)) & (days < np.datetime64(after)))
        traded[:, k] = here
        # Something happens at the first session and on those with an action or a jump.
        sure = [security.listed_on, *(plan.ex_date for plan in security.plans)]
        sure += [security.jump[0]] if security.jump else []
        for day in sure:
            at = int(np.searchsorted(days, np.datetime64(day)))
            if at < len(days) and listed[at, k] and (day > sessions[0]):
                traded[at, k] = True
    return traded, listed


def walk(
    who_and_when: tuple[Sequence[Security], Sequence[date]],
    returns: Floats,
    presence: tuple[Flags, Flags],
    band: Floats,
    members: tuple[NDArray[np.int8], Floats],
) -> Paths:
    """Closes of every session.

    `who_and_when` are the securities and the sessions; `presence` is who traded and who was listed;
    `band` the largest move allowed, session by security; `members` the exact index of each company,
    which are the first securities, and the returns of the exact indices.
    """
    securities, sessions = who_and_when
    traded, listed = presence
    belongs, index_returns = members
    shape, count = traded.shape, len(securities)
    days = np.array(sessions, dtype="datetime64[D]")
    base, close = np.full(shape, np.nan), np.full(shape, np.nan)
    previous, issued = np.full(shape, np.nan), np.full(shape, np.nan)
    limit, unexplained = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    forced, jumps = _forced(securities, days)
    due = _due(securities, days)
    last = np.array([security.price_inr for security in securities])
    shares = np.array([max(round(s.cap_inr / s.price_inr / 100), 1) * 100.0 for s in securities])
    is_priced = np.array([security.has_issue_price for security in securities])
    seen = np.array([security.listed_on < sessions[0] for security in securities])
    carried = np.zeros(count)
    actions: list[Action] = []
    for t in range(shape[0]):
        here = traded[t]
        value = np.where(seen & listed[max(t - 1, 0)], last * shares, 0.0)
        before = last.copy()
        for k, plans in due.get(t, {}).items():
            if not (seen[k] and listed[t, k]):
                continue
            face = [n for n in securities[k].names if n.since < sessions[t]][-1].face_value_inr
            quote = (float(last[k]), face, float(_tick(last)[k]))
            for action in settle(plans, k, t, quote):
                last[k] *= action.price_factor
                shares[k] = np.round(shares[k] * action.share_factor)
                actions.append(action)
        # What would have moved it while nobody traded moves it now.
        move = returns[t] + carried
        bound = band[t].copy()
        may_shift = here.copy()
        for k, (scripted, largest) in forced.get(t, {}).items():
            move[k], bound[k], may_shift[k] = scripted, largest, False
        unexplained[t] = jumps[t] & here & seen
        move = np.clip(move, -bound, bound)
        indices = members_of(belongs, t), index_returns[t]
        _add_up(
            move,
            value,
            (here & ~unexplained[t], may_shift),
            bound,
            indices,
        )
        tick = _tick(last)
        at_most = np.floor(last * (1.0 + bound) / tick + 1e-6) * tick
        at_least = np.ceil(last * (1.0 - bound) / tick - 1e-6) * tick
        target = np.round(last * (1.0 + np.round(move, 7)) / tick) * tick
        rounded = np.maximum(np.round(np.clip(target, at_least, at_most), 2), tick)
        free = may_shift & (np.abs(move) < bound - 1e-9)
        _spread_ticks(rounded, last, value, (here & ~unexplained[t], free), indices)
        limit[t] = np.where(here & (np.abs(move) >= bound - 1e-9), np.sign(move) * bound, 0.0)
        known = here & (seen | is_priced)
        base[t], previous[t] = np.where(known, last, np.nan), np.where(known, before, np.nan)
        last = np.where(here, rounded, last)
        carried = np.where(here | ~listed[t], 0.0, carried + returns[t])
        seen = seen | here
        close[t], issued[t] = np.where(seen, last, np.nan), shares
    return Paths(traded, listed, base, previous, close, issued, limit, unexplained, tuple(actions))


def members_of(belongs: NDArray[np.int8], t: int) -> list[NDArray[np.intp]]:
    """Companies in each exact index on a session."""
    return [np.flatnonzero(belongs[t] == place) for place in range(len(EXACT))]


def _add_up(
    move: Floats,
    value: Floats,
    flags: tuple[Flags, Flags],
    bound: Floats,
    indices: tuple[Sequence[NDArray[np.intp]], Floats],
) -> None:
    """Shift the moves of each index's members alike, so that the index moves as published.

    `flags` say whose move counts and who may be shifted; nobody is shifted past a limit, so that
    the others have to carry what such a one cannot. `indices` are their members and returns.
    """
    inside_each, index_returns = indices
    counts, may_shift = flags
    for inside, wanted in zip(inside_each, index_returns, strict=True):
        weight = value[inside]
        for _ in range(6):
            missing = wanted * weight.sum() - (weight * move[inside] * counts[inside]).sum()
            free = inside[may_shift[inside] & (np.abs(move[inside]) < bound[inside] - 1e-9)]
            carrying = value[free].sum()
            if carrying <= 0.0 or abs(missing) < 1e-8 * weight.sum():
                break
            move[free] = np.clip(move[free] + missing / carrying, -bound[free], bound[free])


def _spread_ticks(
    close: Floats,
    base: Floats,
    value: Floats,
    flags: tuple[Flags, Flags],
    indices: tuple[Sequence[NDArray[np.intp]], Floats],
) -> None:
    """Give members a tick more or less where rounding has moved their index too far."""
    counts, free = flags
    tick = _tick(base)
    worth_of_tick = value * tick / base
    for inside, wanted in zip(*indices, strict=True):
        mine = inside[counts[inside]]
        gained = (value[mine] * (close[mine] / base[mine] - 1.0)).sum()
        missing = float(wanted * value[inside].sum() - gained)
        if abs(missing) <= ROUNDING * value[inside].sum():
            continue
        able = mine[free[mine]]
        for k in able[np.argsort(-worth_of_tick[able], kind="stable")]:
            if worth_of_tick[k] < 1.5 * abs(missing):
                close[k] = np.round(close[k] + np.sign(missing) * tick[k], 2)
                missing -= float(np.sign(missing) * worth_of_tick[k])


def _tick(price: Floats) -> Floats:
    return np.where(price < FINE_TICK_BELOW, FINE_TICK, TICK)


def _due(
    securities: Sequence[Security], days: NDArray[np.datetime64]
) -> dict[int, dict[int, list[Plan]]]:
    """Plans by session and security: the first session from the date announced on."""
    due: dict[int, dict[int, list[Plan]]] = {}
    for k, security in enumerate(securities):
        for plan in security.plans:
            t = int(np.searchsorted(days, np.datetime64(plan.ex_date)))
            if days[0] < np.datetime64(plan.ex_date) and t < len(days):
                due.setdefault(t, {}).setdefault(k, []).append(plan)
    return due


def _forced(
    securities: Sequence[Security], days: NDArray[np.datetime64]
) -> tuple[dict[int, dict[int, tuple[float, float]]], Flags]:
    """Moves that no factor makes, and how far they may go, by session and security.

    Beside them, session by security, which of them nothing explains.
    """
    forced: dict[int, dict[int, tuple[float, float]]] = {}
    jumps = np.zeros((len(days), len(securities)), dtype=np.bool_)

    def at(day: date) -> int:
        return int(np.searchsorted(days, np.datetime64(day)))

    for k, security in enumerate(securities):
        if security.has_issue_price and days[0] <= np.datetime64(security.listed_on) <= days[-1]:
            forced.setdefault(at(security.listed_on), {})[k] = (security.debut, 0.39)
        if security.jump:
            t, ratio = at(security.jump[0]), security.jump[1]
            forced.setdefault(t, {})[k] = (ratio - 1.0, 0.9)
            jumps[t, k] = True
        if security.run:
            first, length, move = security.run
            for t in range(at(first), at(first) + length):
                forced.setdefault(t, {})[k] = (move, abs(move))
    return forced, jumps
