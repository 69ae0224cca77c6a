"""What is otherwise than on the graded session before, each as it was last recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from bi.brief.standing_facts import FULL, title
from transforms.signals.size_indices import HEADLINE, SIZE_INDICES
from warehouse.store import Warehouse

GOOD_STATES = ("loaded", "holiday")
"""Day states of a source that need nobody's attention."""
BROKEN_DOWN, BROKEN_UP, LEFT_DOWN, LEFT_UP, NEW = "failed", "broke", "below", "above", "new"


@dataclass(frozen=True)
class GradeChange:
    """A claim whose grade differs; None where it was not graded."""

    claim_id: str
    statement: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class StateChange:
    """A change of state of one index by size, by the full rules."""

    index_id: str
    before: str
    after: str
    reason: str

    @property
    def title(self) -> str:
        """What a sentence calls the index."""
        return title(self.index_id)


@dataclass(frozen=True)
class ColourChange:
    """A monitor whose colour differs; None where it had none."""

    monitor_id: str
    title: str
    before: str | None
    after: str
    reasons: str


@dataclass(frozen=True)
class ZoneChange:
    """What happened to a zone of the headline index.

    `what` is "failed" or "broke" (two closes passed it downward, upward), "below" or "above" (one
    close left it on the far side), or "new" (two of its pivots are known since this session).
    """

    what: str
    kind: str
    lower: float
    upper: float


@dataclass(frozen=True)
class SourceChange:
    """A source that is in trouble since, or no longer, or in another; by day states."""

    source_id: str
    before: str | None
    after: str

    @property
    def is_better(self) -> bool:
        """Whether the trouble is over."""
        return self.after in GOOD_STATES


@dataclass(frozen=True)
class Changes:
    """The evening beside the one before it; `previous` is None where none is graded.

    `absent` names what could not be compared because one of the two evenings has no rows of it.
    """

    previous: date | None = None
    grades: tuple[GradeChange, ...] = ()
    states: tuple[StateChange, ...] = ()
    colours: tuple[ColourChange, ...] = ()
    zones: tuple[ZoneChange, ...] = ()
    sources: tuple[SourceChange, ...] = ()
    composite_before: float | None = None
    composite_after: float | None = None
    absent: tuple[str, ...] = ()


def changes(warehouse: Warehouse, session: date) -> Changes:
    """Compare a graded session with the graded session before it."""
    previous: date | None = warehouse.read(
        "SELECT max(session_date) FROM mart.evidence WHERE session_date < ?", [session]
    ).item()
    if previous is None:
        return Changes()
    before, after = _composites(warehouse, previous, session)
    colours = _monitors(warehouse, previous, session)
    zones = _zones_of(warehouse, previous, session)
    kept = {
        "the states of the indices": _has_both(warehouse, "mart.regime", previous, session),
        "the zones": _has_both(warehouse, "mart.zone", previous, session),
        "the monitors": _has_both(warehouse, "mart.monitor", previous, session),
        "risk appetite": before is not None and after is not None,
    }
    return Changes(
        previous,
        _grades(warehouse, previous, session),
        _states(warehouse, previous, session),
        colours if kept["the monitors"] else (),
        zones if kept["the zones"] else (),
        _sources(warehouse, previous, session),
        before,
        after,
        tuple(name for name, is_held in kept.items() if not is_held),
    )


def _has_both(warehouse: Warehouse, table: str, previous: date, session: date) -> bool:
    """Whether a table has rows of both sessions, those of the headline index where it has any."""
    one = f" AND index_id = '{HEADLINE}'" if table in ("mart.regime", "mart.zone") else ""
    days: int = warehouse.read(
        f"SELECT count(DISTINCT session_date) FROM {table} WHERE session_date IN ($1, $2){one}",  # noqa: S608
        [previous, session],
    ).item()
    return days == 2


def _grades(warehouse: Warehouse, previous: date, session: date) -> tuple[GradeChange, ...]:
    rows = warehouse.read(
        """
        WITH told AS (
            SELECT session_date, claim_id, article_row, statement, grade FROM mart.evidence
            WHERE session_date IN ($1, $2)
            QUALIFY row_number() OVER (PARTITION BY session_date, claim_id
                ORDER BY recorded_at DESC, definition_version DESC) = 1)
        SELECT claim_id, coalesce(now.statement, old.statement) AS statement,
               old.grade AS before, now.grade AS after
        FROM (FROM told WHERE session_date = $1) old
        FULL JOIN (FROM told WHERE session_date = $2) now USING (claim_id)
        WHERE old.grade IS DISTINCT FROM now.grade
        ORDER BY coalesce(now.article_row, old.article_row), claim_id
        """,
        [previous, session],
    )
    return tuple(GradeChange(**row) for row in rows.iter_rows(named=True))


def _states(warehouse: Warehouse, previous: date, session: date) -> tuple[StateChange, ...]:
    """Transitions of the sessions after the one before: where none was graded, more than one."""
    rows = warehouse.read(
        """
        SELECT index_id, from_state AS before, to_state AS after, reason
        FROM mart.regime_transition
        WHERE session_date > $1 AND session_date <= $2 AND rules = $3
          AND index_id IN (SELECT unnest($4::VARCHAR[]))
        ORDER BY index_id = $5 DESC, list_position($4::VARCHAR[], index_id), session_date
        """,
        [previous, session, FULL, list(SIZE_INDICES), HEADLINE],
    )
    return tuple(StateChange(**row) for row in rows.iter_rows(named=True))


def _monitors(warehouse: Warehouse, previous: date, session: date) -> tuple[ColourChange, ...]:
    rows = warehouse.read(
        """
        SELECT now.monitor_id, now.title, old.colour AS before, now.colour AS after, now.reasons
        FROM (FROM mart.monitor WHERE session_date = $2) now
        LEFT JOIN (FROM mart.monitor WHERE session_date = $1) old USING (monitor_id)
        WHERE old.colour IS DISTINCT FROM now.colour ORDER BY now.monitor_id
        """,
        [previous, session],
    )
    return tuple(ColourChange(**row) for row in rows.iter_rows(named=True))


def _composites(
    warehouse: Warehouse, previous: date, session: date
) -> tuple[float | None, float | None]:
    rows = warehouse.read(
        "SELECT session_date, composite FROM mart.risk_appetite WHERE session_date IN ($1, $2)",
        [previous, session],
    )
    held: dict[date, float | None] = dict(rows.rows())
    return held.get(previous), held.get(session)


def _zones_of(warehouse: Warehouse, previous: date, session: date) -> tuple[ZoneChange, ...]:
    """Zones of the evening before that a close has left on the far side, and zones known since."""
    rows = warehouse.read(
        """
        SELECT session_date, kind, zone_rank, lower, upper, known_from, breakouts, failures
        FROM mart.zone WHERE index_id = $1 AND session_date IN ($2, $3)
        ORDER BY kind DESC, zone_rank
        """,
        [HEADLINE, previous, session],
    )
    close: float | None = warehouse.read(
        "SELECT max(close) FROM mart.regime WHERE session_date = ? AND index_id = ? AND rules = ?",
        [session, HEADLINE, FULL],
    ).item()
    old = rows.filter(pl.col("session_date") == previous).rows(named=True)
    now = rows.filter(pl.col("session_date") == session).rows(named=True)
    told = []
    for zone in old:
        what = None
        for same in now:
            overlaps = same["lower"] <= zone["upper"] and zone["lower"] <= same["upper"]
            # Another first session is another count.
            if overlaps and same["known_from"] == zone["known_from"]:
                if same["failures"] > zone["failures"]:
                    what = BROKEN_DOWN
                elif same["breakouts"] > zone["breakouts"]:
                    what = BROKEN_UP
        if what is None and close is not None:
            if zone["kind"] == "support" and close < zone["lower"]:
                what = LEFT_DOWN
            elif zone["kind"] == "resistance" and close > zone["upper"]:
                what = LEFT_UP
        if what is not None:
            told.append(ZoneChange(what, zone["kind"], zone["lower"], zone["upper"]))
    for zone in now:
        was_there = any(
            one["lower"] <= zone["upper"] and zone["lower"] <= one["upper"] for one in old
        )
        if zone["known_from"] == session and not was_there:
            told.append(ZoneChange(NEW, zone["kind"], zone["lower"], zone["upper"]))
    return tuple(told)


def _sources(warehouse: Warehouse, previous: date, session: date) -> tuple[SourceChange, ...]:
    """Each source by its latest day state at either session; one kind of good is as another."""
    rows = warehouse.read(
        """
        SELECT source_id,
               arg_max(state, session_date) FILTER (session_date <= $1) AS before,
               arg_max(state, session_date) AS after
        FROM ops.day_state WHERE session_date <= $2 GROUP BY source_id
        HAVING before IS DISTINCT FROM after ORDER BY source_id
        """,
        [previous, session],
    )
    found = [SourceChange(**row) for row in rows.iter_rows(named=True)]
    # A source seen for the first time, all well, is no news.
    return tuple(
        one
        for one in found
        if one.after not in GOOD_STATES or (one.before or "loaded") not in GOOD_STATES
    )
