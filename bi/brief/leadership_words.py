"""What leadership says in words, and in the cells of its tables."""

from __future__ import annotations

from collections.abc import Sequence

from bi.brief.leadership_facts import (
    ALIKE,
    BY_SIZE,
    LOW_SESSIONS,
    MOVED,
    SECTOR,
    Group,
    Leadership,
    Move,
    Sector,
)
from bi.brief.numbers import (
    NOT_GIVEN,
    count,
    counted,
    grouped,
    listed,
    percent,
    short_date,
    signed,
)

EXCESS_SESSIONS = (1, 9, 21, 63)
"""Over which the columns of excess run."""
SHADES = 3
NO_SECTORS = (
    "mart.sector_rotation holds no row of this evening: it takes the bars of shares and a list "
    "that names their industries."
)
NO_MOVES = (
    "mart.contribution holds no row of the Smallcap 100 or the Nifty 500 for this evening: it "
    "takes the bars of shares, their sizes at the session before, the index's closes and its list "
    "of members."
)
QUADRANTS = (
    "Quadrant, an approximation of the proprietary RRG by public z-scores of 14 sessions: leading "
    "is ahead of the market and gaining, weakening ahead and losing, lagging behind and losing, "
    "improving behind and gaining."
)
NO_QUADRANTS = "No quadrant can be told: it takes the members' sizes of the sessions before."
SHADING = (
    "The stronger the colour, the further: thirds of the column's largest figure, and of the 50 "
    "points on either side of one half above the average. The figure says it without colour."
)
BIASED = (
    "\N{DAGGER} By the list's members of a later day: companies that have left it since are "
    "missing, which flatters the figures."
)
WEIGHTS = (
    "Weights are full market values at the session before; the index weighs free float, so the "
    "residual is what that and unknown sizes leave unexplained. Quality and speculation are thirds "
    "of all shares as they stood before each session."
)
_WEIGHED = {
    BY_SIZE: "members weighed by market value",
    ALIKE: "each member alike, for sizes are not known",
}
_LARGEST, _SMALLEST = 5, 3
_GROUPINGS = {
    "sector": "By sector",
    "tier": "By size",
    "quality": "By quality",
    "speculative": "By speculation",
}


def sector_sentence(leadership: Leadership) -> str:
    """Which sectors are furthest from the market over 21 sessions, and how they were weighed."""
    known = [one for one in leadership.sectors if one.excess[2] is not None]
    basis = f"In points over the market's return, {_WEIGHED[leadership.weights]}."
    if len(known) < 2:
        return basis
    best, worst = known[0], known[-1]
    ahead = sum(_rounded(one.excess[2]) > 0 for one in known)
    return (
        f"Of {counted(len(known), 'sector')}, {count(ahead)} did better than the market over 21 "
        f"sessions: furthest ahead {best.title} ({excess_cell(best.excess[2])}), furthest behind "
        f"{worst.title} ({excess_cell(worst.excess[2])}). {basis}"
    )


def sector_notes(leadership: Leadership) -> tuple[str, ...]:
    """What the heatmap's words, marks and colours mean."""
    is_biased = any(one.is_survivorship_biased for one in leadership.sectors)
    has_quadrant = any(one.quadrant for one in leadership.sectors)
    quadrants = QUADRANTS if has_quadrant else NO_QUADRANTS
    return (quadrants, SHADING, *([BIASED] if is_biased else []))


def sector_mark(sector: Sector) -> str:
    """The mark of a sector known from a later list."""
    return f" {BIASED[0]}" if sector.is_survivorship_biased else ""


def excess_cell(value: float | None) -> str:
    """Points over the market in a table's cell."""
    return NOT_GIVEN if value is None else signed(value, 1)


def quadrant_cell(sector: Sector) -> str:
    """The quadrant in a table's cell."""
    return sector.quadrant or NOT_GIVEN


def shades(sectors: Sequence[Sector]) -> tuple[tuple[str, ...], ...]:
    """The class of each sector's cells: the columns of excess, then the share above 50.

    A figure printed as nothing has no shade.
    """
    columns = range(len(EXCESS_SESSIONS))
    largest = [
        max((abs(value) for one in sectors if (value := one.excess[at]) is not None), default=0.0)
        for at in columns
    ]
    return tuple(
        (
            *(_shade(one.excess[at], largest[at]) for at in columns),
            _shade(None if one.above_50 is None else one.above_50 - 50, 50.0),
        )
        for one in sectors
    )


def _shade(value: float | None, largest: float) -> str:
    """Which third of the largest distance a figure is in, and on which side."""
    if value is None or not _rounded(value) or not largest:
        return ""
    # A figure on a border is of the lower third, whatever its last bit says.
    third = next(
        (one for one in range(1, SHADES) if abs(value) * SHADES <= one * largest * (1 + 1e-9)),
        SHADES,
    )
    return f"{'up' if value > 0 else 'down'}-{third}"


def _rounded(value: float | None) -> float:
    """The figure as a cell prints it."""
    return 0.0 if value is None else float(f"{value:.1f}")


def move_sentence(move: Move) -> str:
    """The index's move from its low, what is unexplained of it, and what is missing."""
    day = short_date(move.low_date)
    if not move.sessions:
        return (
            f"{move.title}: this evening's close is the lowest of {LOW_SESSIONS} sessions, so "
            "there is no move from a low to tell apart."
        )
    since = f"{counted(move.sessions, 'session')} after its low of {day}"
    if move.index_return_pct is None or move.residual_points is None:
        return (
            f"{move.title}, {since}: a session of the stretch lacks the members' sizes or the "
            "index's close, so its move cannot be told apart."
        )
    told = (
        f"{move.title}: {signed(move.index_return_pct, 1)}% in the {since}, the lowest close of "
        f"{LOW_SESSIONS} sessions; its members by market value leave "
        f"{signed(move.residual_points, 2)} points of that unexplained."
    )
    if move.known_sessions < move.sessions:
        told += f" Members are known on {move.known_sessions} of these sessions alone."
    if move.is_survivorship_biased:
        told += " On some of these sessions its members are those of a later list: survivors alone."
    return told


def absent_moves(leadership: Leadership) -> str:
    """Which index's move is not told apart, as a sentence; empty where none is missing."""
    told = {move.universe for move in leadership.moves}
    missing = [title for universe, title in MOVED.items() if universe not in told]
    if not missing or not told:
        return ""
    return f"Not in the warehouse for this evening: contributions to {listed(missing)}."


def groupings(move: Move) -> list[tuple[str, list[Group]]]:
    """Groups by what parts them, with a heading; of many sectors the middle ones in one row."""
    told = []
    for grouping, title in _GROUPINGS.items():
        rows = [one for one in move.groups if one.grouping == grouping]
        # Where the groups of all but one member are unknown, nothing is parted.
        if any(one.name != "unknown" for one in rows):
            told.append((title, _shortened(rows)))
    return told


def _shortened(rows: list[Group]) -> list[Group]:
    middle = rows[_LARGEST : len(rows) - _SMALLEST]
    if rows[0].grouping != SECTOR or len(middle) < 2:
        return rows
    weights = [one.weight_pct for one in middle if one.weight_pct is not None]
    added = [one.contribution_points for one in middle if one.contribution_points is not None]
    rest = Group(
        SECTOR,
        counted(len(middle), "other sector"),
        sum(weights) if weights else None,
        sum(added) if len(added) == len(middle) else None,
    )
    return [*rows[:_LARGEST], rest, *rows[len(rows) - _SMALLEST :]]


def absent_groupings(move: Move) -> str:
    """What the members cannot be parted by, as a sentence; empty where all is known."""
    told = {title for title, _ in groupings(move)}
    missing = [title.removeprefix("By ") for title in _GROUPINGS.values() if title not in told]
    return f"Not known of these members: their {listed(missing)}." if missing else ""


def weight_cell(group: Group) -> str:
    """A weight in a table's cell."""
    return percent(group.weight_pct)


def points_cell(group: Group) -> str:
    """A contribution in a table's cell."""
    return NOT_GIVEN if group.contribution_points is None else signed(group.contribution_points, 2)


def share_cell(group: Group, move: Move) -> str:
    """Part of the index's move in a table's cell; of a move under 1% no parts are told."""
    if group.contribution_points is None or move.index_return_pct is None:
        return NOT_GIVEN
    if abs(move.index_return_pct) < 1:
        return NOT_GIVEN
    return f"{grouped(100 * group.contribution_points / move.index_return_pct)}%"


def bar(group: Group, move: Move) -> tuple[str, float, float] | None:
    """The bar of a contribution: its side, and its start and length in percent of the cell.

    One scale for all groups of the move; None where there is no contribution.
    """
    values = [
        one.contribution_points
        for _, rows in groupings(move)
        for one in rows
        if one.contribution_points is not None
    ]
    if group.contribution_points is None or not any(values):
        return None
    low, high = min(0.0, *values), max(0.0, *values)
    scale = 100 / (high - low)
    start = min(group.contribution_points, 0.0) - low
    side = "up" if group.contribution_points > 0 else "down"
    return side, round(start * scale, 1), round(abs(group.contribution_points) * scale, 1)
