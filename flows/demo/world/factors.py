"""Latent state of the simulated market: appetite for risk, volatility, factor returns.

Nothing in this state is published. Index returns and institutional flows are both drawn from it.
Every result is rounded before it is compounded, so that a last bit which differs between two
processors' mathematics cannot grow into a different price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from flows.demo.world.catalog import MIDCAP_100, SECTORS, SMALLCAP_100
from flows.demo.world.story import (
    ANCHORS,
    BASE,
    LAST_SESSION,
    LOW,
    MOODS,
    REBOUND_FII_NET_CRORE,
    REBOUND_FROM,
    SELLING_FII_NET_CRORE,
    SELLING_FROM,
)

Floats = NDArray[np.float64]

PERSISTENCE = 0.93
INNOVATION = 0.37  # leaves the appetite a deviation of about one
MARKET_DAILY = 0.0088
NET_PER_APPETITE = 1350.0  # foreign net purchase in crore, at the first session's size
RETURN_DECIMALS = 7
LARGEST_MOVE = 0.13


@dataclass(frozen=True)
class Factors:
    """Latent paths, one value a session.

    `volatility` is a ratio of its calm level; `market`, `mid` and `small` are daily simple
    returns, the latter two in excess of the market; `sectors` is session by sector.
    `foreign_net_crore` is the final foreign net purchase, before rounding.
    """

    appetite: Floats
    volatility: Floats
    market: Floats
    mid: Floats
    small: Floats
    sectors: Floats
    foreign_net_crore: Floats


def draw_factors(sessions: Sequence[date], rng: np.random.Generator) -> Factors:
    """Draw the latent state for these sessions."""
    count = len(sessions)
    innovations = fat(rng, count, 6)
    foreign_noise = 900.0 * fat(rng, count, 5)
    bought = REBOUND_FII_NET_CRORE * (1 + rng.uniform(-0.015, 0.015))
    sold = rng.uniform(*SELLING_FII_NET_CRORE)
    appetite = _appetite(sessions, innovations)
    foreign = _foreign_net(sessions, appetite, foreign_noise)
    for since, until, total in (
        (SELLING_FROM, LOW, sold),
        (REBOUND_FROM, LAST_SESSION, bought),
    ):
        inside = np.array([since <= day <= until for day in sessions])
        appetite, foreign = _condition(appetite, foreign, inside, _growth(sessions), total)
    # What moved the appetite also moved prices that day, small companies more than large.
    shock = _shocks(sessions, appetite)
    own = fat(rng, (count, 3), 5)
    volatility = _volatility(sessions, own[:, 0])
    scale = MARKET_DAILY * volatility
    market = scale * (0.35 * shock + 0.93 * own[:, 0])
    small = 0.55 * scale * (0.30 * shock + 0.95 * own[:, 1])
    mid = 0.40 * scale * (0.20 * shock + 0.50 * own[:, 1] + 0.80 * own[:, 2])
    sectors = _sectors(rng, count, scale)

    steps = [sum(day <= anchor.on for day in sessions) for anchor in ANCHORS]
    path = (BASE, *ANCHORS)
    market = _through([a.nifty_50 for a in path], steps, market, np.zeros(count), scale)
    mid = _through([a.midcap_100 for a in path], steps, mid, MIDCAP_100.market * market, scale)
    small = _through(
        [a.smallcap_100 for a in path], steps, small, SMALLCAP_100.market * market, scale
    )
    return Factors(appetite, volatility, market, mid, small, sectors, foreign)


def fat(rng: np.random.Generator, size: int | tuple[int, int], freedom: int) -> Floats:
    """Student t draws of unit variance, cut at nine deviations."""
    draws: Floats = rng.standard_t(freedom, size) * np.sqrt((freedom - 2) / freedom)
    return np.clip(draws, -9.0, 9.0)


def _by_mood(sessions: Sequence[date], of: str) -> Floats:
    values = np.empty(len(sessions))
    for mood in MOODS:
        values[[day >= mood.since for day in sessions]] = getattr(mood, of)
    return values


def _appetite(sessions: Sequence[date], innovations: Floats) -> Floats:
    """First-order autoregression around the scripted mood."""
    path = np.empty(len(sessions))
    state = 0.0
    for t, innovation in enumerate(innovations):
        state = PERSISTENCE * state + INNOVATION * innovation
        path[t] = state
    return path + _by_mood(sessions, "appetite")


def _shocks(sessions: Sequence[date], appetite: Floats) -> Floats:
    state = appetite - _by_mood(sessions, "appetite")
    before = np.concatenate(([0.0], state[:-1]))
    return np.clip((state - PERSISTENCE * before) / INNOVATION, -6.0, 6.0)


def _growth(sessions: Sequence[date]) -> Floats:
    """Market activity relative to the first session: money flows grow with the market."""
    elapsed = np.array([(day - sessions[0]).days for day in sessions], dtype=np.float64)
    return 1.0 + elapsed / 365.0 * 0.12


def _foreign_net(sessions: Sequence[date], appetite: Floats, noise: Floats) -> Floats:
    net: Floats = _growth(sessions) * (NET_PER_APPETITE * appetite - 250.0 + noise)
    return net


def _condition(
    appetite: Floats, foreign: Floats, inside: NDArray[np.bool_], growth: Floats, total: float
) -> tuple[Floats, Floats]:
    """The latent path, given that foreigners bought `total` crore net `inside` a stretch.

    Conditioning an unobserved path on its end, as a bridge does: appetite is lifted by a ramp of
    four sessions that then stays, and buying and prices follow from the lifted path.
    """
    ramp = np.where(inside, np.minimum(np.cumsum(inside) / 4.0, 1.0), 0.0)
    gain = NET_PER_APPETITE * growth * ramp
    lift = (total - float(foreign[inside].sum())) / float(gain.sum())
    return appetite + lift * ramp, foreign + lift * gain


def _volatility(sessions: Sequence[date], shocks: Floats) -> Floats:
    """GARCH(1,1) around one, times the mood's level, approached over some two weeks."""
    scripted = _by_mood(sessions, "volatility")
    path = np.empty(len(sessions))
    variance, level = 1.0, scripted[0]
    for t, shock in enumerate(shocks):
        level += 0.15 * (scripted[t] - level)
        path[t] = level * np.sqrt(variance)
        variance = min(0.05 + 0.08 * variance * shock * shock + 0.87 * variance, 5.0)
    return path


def _sectors(rng: np.random.Generator, count: int, scale: Floats) -> Floats:
    """Sector factors: own fat tails, and tides of a quarter or so."""
    draws = fat(rng, (count, len(SECTORS)), 5)
    tides = fat(rng, (count, len(SECTORS)), 6)
    returns = np.empty_like(draws)
    tide = np.zeros(len(SECTORS))
    for t in range(count):
        tide = 0.985 * tide + 0.00006 * tides[t]
        returns[t] = 0.75 * scale[t] * draws[t] + tide
    rates = SECTORS.index("rates")
    # Interest rates know neither the share market's panics nor its tides.
    returns[:, rates] = 0.0016 * draws[:, rates] + 0.00018
    return np.round(returns, RETURN_DECIMALS)


def _through(
    levels: Sequence[float], steps: Sequence[int], factor: Floats, other: Floats, scale: Floats
) -> Floats:
    """The factor path, given the levels its index reaches: a bridge between the anchors.

    `levels[0]` stands before the first session, `levels[i + 1]` after `steps[i]` sessions.
    `other` is the rest of the index's return. What is missing between two anchors is spread in
    proportion to variance, as a Brownian bridge spreads it; the days keep their own noise.
    """
    bridged = factor.copy()
    first = 0
    for level, target, last in zip(levels[:-1], levels[1:], steps, strict=True):
        part = slice(first, last)
        weight = scale[part] * scale[part]
        weight = weight / weight.sum()
        for _ in range(6):
            returns = np.clip(other[part] + bridged[part], -LARGEST_MOVE, LARGEST_MOVE)
            bridged[part] += (np.log(target / level) - np.log1p(returns).sum()) * weight
        first = last
    return np.round(bridged, RETURN_DECIMALS)
