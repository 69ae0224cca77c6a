"""Main-board shares outside the indices: they come, they go, they take up old symbols."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from flows.demo.world.companies import DEMO_COUNT, MOST, isin_of, word_of
from flows.demo.world.latent import stream
from flows.demo.world.share_security import FIRST_PEER, Name, Security, Temper, cut
from flows.demo.world.story import FIRST_SHARE_SESSION, LAST_SESSION

PEER_ISSUER = 34_000
DEMERGED = 4_999
REUSED_SYMBOL = "QREUSED"
_SPAN = (LAST_SESSION - FIRST_SHARE_SESSION).days


def draw_peers(count: int, seed: int) -> list[Security]:
    """Peers of the companies, numbered from `FIRST_PEER` on.

    One block of them for as many companies as the demonstration has; the first is scripted.
    """
    blocks = max(count // DEMO_COUNT, 1)
    return [peer for block in range(blocks) for peer in _block(block, seed)]


def _block(block: int, seed: int) -> list[Security]:
    """Five peers: gone and its symbol's heir, gone lately, newly listed, moved up from SME."""
    rng = stream(seed, f"peers {block}")
    if block:
        gone, lately = (
            FIRST_SHARE_SESSION + timedelta(days=int(day))
            for day in rng.integers(60, _SPAN - 30, 2)
        )
        came, moved = (
            FIRST_SHARE_SESSION + timedelta(days=int(day)) for day in rng.integers(30, _SPAN - 9, 2)
        )
        heir = gone + timedelta(days=300)
    else:
        gone, heir = date(2023, 6, 30), date(2025, 3, 10)
        lately, came, moved = date(2025, 8, 29), date(2025, 11, 12), date(2025, 6, 18)
    reused = f"{REUSED_SYMBOL}{block or ''}"
    first = _peer(5 * block, seed)
    second = _peer(5 * block + 1, seed)
    peers = [
        replace(_called(first, reused), delisted_on=gone),
        replace(_peer(5 * block + 2, seed), delisted_on=lately),
        replace(_peer(5 * block + 3, seed), listed_on=came, has_issue_price=True),
        replace(
            _peer(5 * block + 4, seed),
            series=((date.min, moved, "SM"),),
            listed_on=moved - timedelta(days=700),
            has_issue_price=True,
        ),
    ]
    if heir < LAST_SESSION:
        peers.append(replace(_called(second, reused), listed_on=heir, has_issue_price=True))
    if block == 0:
        # What a demerged business becomes: its first price is found on the day.
        peers.append(replace(_peer(DEMERGED, seed), listed_on=date(2026, 1, 12)))
    return peers


def _peer(k: int, seed: int) -> Security:
    rng = stream(seed, f"peer {k}")
    word = word_of((7 * k + 11) % MOST)
    name = f"New {word} Works {k} (Simulated) Limited"
    price = float(np.round(rng.uniform(60.0, 700.0), 2))
    return Security(
        key=f"peer {k}",
        kind="share",
        names=(
            Name(
                date.min,
                f"X{k}{word.upper()}"[:10],
                isin_of(PEER_ISSUER + k),
                cut(name),
                name,
                float(rng.choice((1, 2, 5, 10))),
            ),
        ),
        temper=Temper(market=1.0, small=0.9, own=0.022),
        price_inr=price,
        cap_inr=float(np.exp(rng.uniform(np.log(1.5e9), np.log(2.5e10)))),
        company=FIRST_PEER + k,
        chance=0.998,
        turnover=0.004,
        delivered=0.45,
    )


def _called(share: Security, symbol: str) -> Security:
    return replace(share, names=tuple(replace(name, symbol=symbol) for name in share.names))
