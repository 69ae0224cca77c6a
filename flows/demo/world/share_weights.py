"""Which shares make up the indices that the simulated shares add up to, session by session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from flows.demo.world.catalog import RENAMES
from flows.demo.world.companies import Company
from flows.demo.world.factors import Floats
from flows.demo.world.index_members import chosen, ranked, reviewed_on

EXACT: dict[str, str] = {
    "Nifty 50": "ind_nifty50list",
    "NIFTY Midcap 100": "ind_niftymidcap100list",
    "NIFTY Smallcap 100": "ind_niftysmallcap100list",
    "NIFTY Microcap 250": "ind_niftymicrocap250_list",
}
"""Indices whose published return of a session is that of their list's members, by market cap.

Weights are market values of the session before, all shares counted as free to trade; members are
those of the evening's list; who did not trade, or moved without a reason, counts as unchanged. No
share is a member of two of these lists, other indices are drawn without asking their members.
"""

NOBODY = -1


def members_in_force(session: date) -> date:
    """The review whose list holds on a session: a review's own day ends with the old list."""
    return reviewed_on(session - timedelta(days=1))


def memberships(
    companies: Sequence[Company], seed: int, sessions: Sequence[date]
) -> NDArray[np.int8]:
    """Session by company: the exact index that holds it, by its place in `EXACT`, or nobody."""
    reviews = [members_in_force(session) for session in sessions]
    belongs: dict[date, NDArray[np.int8]] = {}
    for review in sorted(set(reviews)):
        ranks = ranked(companies, seed, review)
        row = np.full(len(companies), NOBODY, dtype=np.int8)
        for place, name in enumerate(EXACT.values()):
            row[[company.number for company in chosen(name, ranks, len(companies))]] = place
        belongs[review] = row
    return np.stack([belongs[review] for review in reviews])


def closes_of(index_bars: pl.DataFrame, names: Sequence[str], sessions: Sequence[date]) -> Floats:
    """Session by index: published closes, under whichever name."""
    today = {rename.old_name: rename.new_name for rename in RENAMES}
    wide = (
        index_bars.with_columns(pl.col("index_name").replace(today))
        .filter(
            pl.col("index_name").is_in(list(names)),
            pl.col("session_date").is_between(sessions[0], sessions[-1]),
        )
        .pivot("index_name", index="session_date", values="close")
        .sort("session_date")
    )
    closes: Floats = wide.select(names).to_numpy()
    return closes
