"""What one evening's brief is made of, read from the published warehouse and from nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from bi.brief.appetite_facts import Appetite, appetite
from bi.brief.breadth_facts import Breadth, breadth
from bi.brief.change_facts import Changes, changes
from bi.brief.flow_facts import FlowFacts, flow_facts
from bi.brief.leadership_facts import Leadership, leadership
from bi.brief.numbers import long_date
from bi.brief.outside_facts import Outside, outside
from bi.brief.season_facts import Season, season
from bi.brief.series import Flows, Lines, drawdowns, levels, net_flows
from bi.brief.share_facts import Shares, shares
from bi.brief.standing_facts import Standing, standing
from warehouse.store import Warehouse

RECENT_SESSIONS = 10

# Worst first: what an operator has to see.
STATE_ORDER = (
    "blocked",
    "malformed",
    "failed",
    "late",
    "stale",
    "unrecoverable",
    "loaded",
    "holiday",
)
GOOD_STATES = ("loaded", "holiday")


# Neighbouring sessions further apart than a long weekend of holidays have a hole between them.
_LONGEST_BREAK = timedelta(days=7)


class NothingToTell(ValueError):  # noqa: N818  named after what the reader is told
    """The warehouse holds no graded evening, or not the one asked for; says which it does hold."""


@dataclass(frozen=True)
class Leg:
    """One leg a claim stands on; `holds` is None where it could not be tested.

    `metric_name` is the declared metric's name in words, None where `metric` is none of them.
    """

    leg: str
    metric: str
    value: float | None
    unit: str
    window_sessions: int | None
    percentile: float | None
    sample_size: int | None
    threshold: str
    holds: bool | None
    missing: str
    metric_name: str | None = None


@dataclass(frozen=True)
class Claim:
    """One graded claim, as it was last recorded; `bearing` is "rotation" or "background"."""

    claim_id: str
    definition_version: int
    recorded_at: datetime
    article_row: int
    statement: str
    bearing: str
    grade: str
    value: float | None
    unit: str
    window_sessions: int | None
    percentile: float | None
    low_percentile: str
    threshold: str
    null_probability: float | None
    null_model: str
    sample_size: int | None
    coverage_pct: float | None
    reasons: str
    published_at: datetime | None
    sql: str
    legs: tuple[Leg, ...] = ()


@dataclass(frozen=True)
class SourceState:
    """Where one source stands for the session, and where it stood in the sessions before.

    `state_date` differs from the brief's session where the source has no sessions of its own, or
    has no row for this one. `recent` is newest first.
    """

    source_id: str
    state_date: date
    state: str
    detail: str
    asked: int
    last_asked_at: datetime | None
    recent: tuple[tuple[date, str], ...]
    url: str | None
    sha256: str | None
    fetched_at: datetime | None
    is_imported: bool | None
    rows_loaded: int | None
    rows_rejected: int | None


@dataclass(frozen=True)
class FailedCheck:
    """A declared check that found rows which say otherwise."""

    check_id: str
    severity: str
    statement: str
    offending_rows: int
    first_rows: str


@dataclass(frozen=True)
class Facts:
    """Everything the brief of one evening says."""

    session_date: date
    latest_session: date
    session_kind: str
    session_basis: str
    session_reason: str
    origin: str
    run_id: str
    run_started_at: datetime
    riskon_version: str
    claims: tuple[Claim, ...]
    sources: tuple[SourceState, ...]
    checks: int
    failed_checks: tuple[FailedCheck, ...]
    levels: Lines = field(compare=False)
    drawdowns: Lines = field(compare=False)
    flows: Flows = field(compare=False)
    institutions: FlowFacts = field(default_factory=FlowFacts)
    season: Season = field(default_factory=Season)
    outside: Outside = field(default_factory=Outside)
    breadth: Breadth = field(default_factory=Breadth)
    shares: Shares = field(default_factory=Shares)
    leadership: Leadership = field(default_factory=Leadership)
    standing: Standing = field(default_factory=Standing)
    changes: Changes = field(default_factory=Changes)
    appetite: Appetite = field(default_factory=Appetite)

    @property
    def is_simulated(self) -> bool:
        """Whether the figures come from the simulated exchange."""
        return self.origin == "simulated"


def gather(warehouse: Warehouse, session: date | None = None) -> Facts:
    """Read one evening from a published warehouse.

    Args:
        warehouse: an open reader.
        session: the trading session; None is the latest one graded.

    Raises:
        NothingToTell: nothing is graded yet, or not that date; names the nearest graded sessions.
    """
    latest, session = _graded_session(warehouse, session)
    day = _one(
        warehouse,
        "SELECT kind, basis, reason FROM core.trading_session WHERE session_date = ?",
        [session],
        f"{session} is graded in mart.evidence but is no row of core.trading_session",
    )
    run = _one(
        warehouse,
        "SELECT run_id, origin, started_at, riskon_version FROM ops.run "
        "ORDER BY is_derived DESC, started_at DESC, run_id DESC LIMIT 1",
        [],
        "ops.run is empty, so nobody can say whether the figures are real or simulated",
    )
    checks = warehouse.read("SELECT * FROM ops.check_result ORDER BY severity, check_id")
    flows = net_flows(warehouse, session)
    return Facts(
        session_date=session,
        latest_session=latest,
        session_kind=day["kind"],
        session_basis=day["basis"],
        session_reason=day["reason"],
        origin=run["origin"],
        run_id=run["run_id"],
        run_started_at=run["started_at"],
        riskon_version=run["riskon_version"],
        claims=_claims(warehouse, session),
        sources=_sources(warehouse, session),
        checks=checks.height,
        failed_checks=tuple(
            FailedCheck(**row)
            for row in checks.filter(pl.col("offending_rows") > 0).iter_rows(named=True)
        ),
        levels=levels(warehouse, session),
        drawdowns=drawdowns(warehouse, session),
        flows=flows,
        institutions=flow_facts(warehouse, session, flows.scope, flows.stage),
        season=season(warehouse, session),
        outside=outside(warehouse, session),
        breadth=breadth(warehouse, session),
        shares=shares(warehouse, session),
        leadership=leadership(warehouse, session),
        standing=standing(warehouse, session),
        changes=changes(warehouse, session),
        appetite=appetite(warehouse, session),
    )


def _graded_session(warehouse: Warehouse, asked: date | None) -> tuple[date, date]:
    graded = warehouse.read(
        """
        SELECT max(session_date) AS latest,
               max(session_date) FILTER (session_date <= $1) AS before,
               min(session_date) FILTER (session_date > $1) AS after
        FROM mart.evidence
        """,
        [asked],
    ).row(0, named=True)
    latest = graded["latest"]
    if latest is None:
        message = (
            "expected graded claims in mart.evidence; got none. "
            "Run `riskon nightly` or `riskon demo` first."
        )
        raise NothingToTell(message)
    if asked is None or asked == graded["before"]:
        return latest, asked or latest
    day = f"{long_date(asked)} ({asked})"
    held = warehouse.read(
        """
        SELECT max(session_date) FILTER (session_date <= $1) AS before,
               min(session_date) FILTER (session_date > $1) AS after
        FROM core.trading_session
        """,
        [asked],
    ).row(0, named=True)
    if asked == held["before"]:
        what = "a session, but nothing is graded for it"
        raise NothingToTell(f"{day} is {what}; the nearest graded: {_near(graded)}.")
    if _is_within(held):
        raise NothingToTell(f"{day} is no trading session; the nearest graded: {_near(graded)}.")
    # What Riskon holds nothing of may well have been a session.
    raise NothingToTell(f"No data is held for {day}; the nearest sessions held: {_near(held)}.")


def _near(days: dict[str, date | None]) -> str:
    return " and ".join(str(day) for day in (days["before"], days["after"]) if day)


def _is_within(held: dict[str, date | None]) -> bool:
    """Whether the sessions around a date are neighbours, with nothing missing between them."""
    before, after = held["before"], held["after"]
    return before is not None and after is not None and after - before <= _LONGEST_BREAK


def _one(warehouse: Warehouse, sql: str, parameters: list[Any], absent: str) -> dict[str, Any]:
    rows = warehouse.read(sql, parameters)
    if rows.height != 1:
        raise NothingToTell(absent)
    return rows.row(0, named=True)


def _claims(warehouse: Warehouse, session: date) -> tuple[Claim, ...]:
    graded = warehouse.read(
        """
        SELECT * FROM mart.evidence WHERE session_date = ?
        QUALIFY row_number() OVER (
            PARTITION BY claim_id ORDER BY recorded_at DESC, definition_version DESC) = 1
        ORDER BY article_row, claim_id
        """,
        [session],
    )
    legs = warehouse.read(
        """
        SELECT leg.*, (SELECT min(name) FROM ops.definition
            WHERE kind = 'metric' AND definition_id = leg.metric) AS metric_name
        FROM mart.evidence_leg leg WHERE session_date = ?
        """,
        [session],
    )
    identity = ["session_date", "claim_id", "definition_version", "recorded_at"]
    by_claim = legs.partition_by(identity, as_dict=True, include_key=False)
    claims = []
    for row in graded.iter_rows(named=True):
        own = by_claim.get(tuple(row[name] for name in identity))
        del row["session_date"]
        found = [] if own is None else [Leg(**leg) for leg in own.iter_rows(named=True)]
        claims.append(Claim(**row, legs=tuple(sorted(found, key=_as_counted))))
    return tuple(claims)


def _as_counted(leg: Leg) -> list[tuple[int, str]]:
    """Sorts names as people count: net_sum_2 before net_sum_10."""
    return [
        (int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", leg.leg)
    ]


def _sources(warehouse: Warehouse, session: date) -> tuple[SourceState, ...]:
    """One row a source: its state for the session, else the nearest before, else its latest."""
    states = warehouse.read(
        """
        SELECT d.source_id, d.session_date AS state_date, d.state, d.detail, d.asked,
               d.last_asked_at, f.url, f.sha256, f.fetched_at, f.is_imported,
               f.rows_loaded, f.rows_rejected
        FROM ops.day_state d
        LEFT JOIN (SELECT * FROM ops.fetch WHERE file_id IS NOT NULL QUALIFY row_number() OVER (
            PARTITION BY file_id ORDER BY fetched_at, fetch_id) = 1) f USING (file_id)
        QUALIFY row_number() OVER (
            PARTITION BY d.source_id
            ORDER BY d.session_date <= $1 DESC, d.session_date DESC) = 1
        ORDER BY d.source_id
        """,
        [session],
    )
    recent = warehouse.read(
        """
        SELECT source_id, session_date, state FROM ops.day_state WHERE session_date <= $1
        QUALIFY row_number() OVER (PARTITION BY source_id ORDER BY session_date DESC) <= $2
        ORDER BY source_id, session_date DESC
        """,
        [session, RECENT_SESSIONS],
    )
    past: dict[str, list[tuple[date, str]]] = {}
    for source_id, day, state in recent.iter_rows():
        past.setdefault(source_id, []).append((day, state))
    found = [
        SourceState(**row, recent=tuple(past.get(row["source_id"], ())))
        for row in states.iter_rows(named=True)
    ]
    return tuple(sorted(found, key=lambda source: STATE_ORDER.index(source.state)))
