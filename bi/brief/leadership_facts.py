"""Who led: sectors beside the market on one evening, and who moved two indices since their low."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from warehouse.store import Warehouse

LOW_SESSIONS = 60
"""The low is the lowest close of so many sessions, as that of a rebound is."""
MOVED = {"nifty-smallcap-100": "Smallcap 100", "nifty-500": "Nifty 500"}
"""Indices whose move is told apart, in reading order."""
WHOLE, SECTOR = "whole", "sector"
GROUPINGS = ("sector", "tier", "quality", "speculative")
"""As mart.contribution has them, in reading order."""
BY_SIZE, ALIKE = "by size", "each share alike"


@dataclass(frozen=True)
class Sector:
    """One sector beside the whole market; null where not warm or not known.

    `excess` is the return over 1, 9, 21 and 63 sessions less the market's, in points.
    """

    title: str
    is_survivorship_biased: bool
    members: int
    excess: tuple[float | None, float | None, float | None, float | None]
    above_50: float | None
    quadrant: str | None


@dataclass(frozen=True)
class Group:
    """What one group of an index's members added to its move.

    `weight_pct` is that of the first session of the stretch, null where the group was not there
    yet; `contribution_points` is null where a session of the stretch lacks sizes or the index.
    """

    grouping: str
    name: str
    weight_pct: float | None
    contribution_points: float | None


@dataclass(frozen=True)
class Move:
    """The move of one index from its low, and the groups behind it.

    `sessions` counts those after the low up to the evening, `known_sessions` those of them that
    mart.contribution holds. `residual_points` is what the members leave unexplained. Groups are in
    the order of GROUPINGS, then from the largest contribution down. Without a stretch, when the
    evening itself is the low, there are none.
    """

    universe: str
    low_date: date
    sessions: int
    known_sessions: int
    index_return_pct: float | None
    residual_points: float | None
    is_survivorship_biased: bool
    groups: tuple[Group, ...]

    @property
    def title(self) -> str:
        """What a sentence calls the index."""
        return MOVED[self.universe]


@dataclass(frozen=True)
class Leadership:
    """The evening's leadership; empty where nothing is known of it.

    `weights` says how the members of a sector were weighed: BY_SIZE where sizes are known, else
    ALIKE. Sectors go from the largest excess over 21 sessions down.
    """

    sectors: tuple[Sector, ...] = ()
    weights: str = ""
    moves: tuple[Move, ...] = ()


def leadership(warehouse: Warehouse, session: date) -> Leadership:
    """Read the evening's sectors and contributions."""
    sectors, weights = _sectors(warehouse, session)
    moves = [_move(warehouse, session, universe) for universe in MOVED]
    return Leadership(sectors, weights, tuple(move for move in moves if move is not None))


def _sectors(warehouse: Warehouse, session: date) -> tuple[tuple[Sector, ...], str]:
    rows = warehouse.read(
        """
        SELECT r.universe_title AS title, r.is_survivorship_biased, s.members,
               s.cap_weight_return_pct - m.cap_weight_return_pct AS cap_1,
               r.cap_excess_9_points AS cap_9, r.cap_excess_21_points AS cap_21,
               r.cap_excess_63_points AS cap_63,
               s.equal_weight_return_pct - m.equal_weight_return_pct AS equal_1,
               r.equal_excess_9_points AS equal_9, r.equal_excess_21_points AS equal_21,
               r.equal_excess_63_points AS equal_63,
               r.above_sma_50_pct AS above_50, r.quadrant
        FROM mart.sector_rotation r
        JOIN mart.breadth s ON s.session_date = $1 AND s.universe = r.universe
        JOIN mart.breadth m ON m.session_date = $1 AND m.universe = 'market'
        WHERE r.session_date = $1
        """,
        [session],
    )
    if rows.is_empty():
        return (), ""
    by_size = ["cap_1", "cap_9", "cap_21", "cap_63"]
    is_sized = rows.select(pl.any_horizontal(pl.col(*by_size).is_not_null().any())).item()
    used = by_size if is_sized else [name.replace("cap", "equal") for name in by_size]
    found = [
        Sector(
            row["title"],
            row["is_survivorship_biased"],
            row["members"],
            (row[used[0]], row[used[1]], row[used[2]], row[used[3]]),
            row["above_50"],
            row["quadrant"],
        )
        for row in rows.sort(used[2], "title", descending=[True, False], nulls_last=True).iter_rows(
            named=True
        )
    ]
    return tuple(found), BY_SIZE if is_sized else ALIKE


def _low(warehouse: Warehouse, session: date, universe: str) -> date | None:
    """The last of the lowest closes of the window; None where the evening's own is not known."""
    rows = warehouse.read(
        """
        SELECT session_date, index_close FROM mart.breadth
        WHERE universe = $1 AND session_date <= $2 AND index_close IS NOT NULL
          AND session_date IN (SELECT session_date FROM core.trading_session
            WHERE session_date <= $2 ORDER BY session_date DESC LIMIT $3)
        ORDER BY index_close, session_date DESC
        """,
        [universe, session, LOW_SESSIONS],
    )
    if rows.filter(pl.col("session_date") == session).is_empty():
        return None
    low: date = rows["session_date"][0]
    return low


def _move(warehouse: Warehouse, session: date, universe: str) -> Move | None:
    """The move since the low; None where mart.contribution says nothing of the evening."""
    low = _low(warehouse, session, universe)
    if low is None:
        return None
    sessions = warehouse.read(
        "SELECT count(*) FROM core.trading_session WHERE session_date > ? AND session_date <= ?",
        [low, session],
    ).item()
    if not sessions:
        return Move(universe, low, 0, 0, None, None, is_survivorship_biased=False, groups=())
    rows = warehouse.read(
        "FROM bi.contribution_since($1, $2::DATE, $3::DATE)", [universe, low, session]
    )
    if rows.is_empty():
        return None
    order = {grouping: number for number, grouping in enumerate(GROUPINGS)}
    whole = rows.filter(grouping=WHOLE).row(0, named=True)
    groups = (
        rows.filter(pl.col("grouping").is_in(list(GROUPINGS)))
        .sort(
            pl.col("grouping").replace_strict(order),
            "contribution_points",
            "group_name",
            descending=[False, True, False],
            nulls_last=True,
        )
        .select("grouping", "weight_pct", "contribution_points", name="group_name")
    )
    return Move(
        universe,
        low,
        sessions,
        whole["sessions"],
        whole["index_return_pct"],
        whole["residual_points"],
        _is_biased(warehouse, universe, low, session),
        tuple(Group(**row) for row in groups.iter_rows(named=True)),
    )


def _is_biased(warehouse: Warehouse, universe: str, low: date, session: date) -> bool:
    """Whether the members of some session of the stretch are those of a later list."""
    is_biased: bool = warehouse.read(
        """
        SELECT coalesce(bool_or(is_survivorship_biased), false) FROM mart.contribution
        WHERE universe = $1 AND session_date > $2 AND session_date <= $3
        """,
        [universe, low, session],
    ).item()
    return is_biased
