"""What institutions did up to one evening: every count apart, and what stands around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bi.brief.series import FLOW_SESSIONS, evening
from warehouse.store import Warehouse

SECTORS_SHOWN = 3


@dataclass(frozen=True)
class FlowCount:
    """The last row of one count, no later than the evening: one investor, scope and stage.

    Figures are Rs crore, percentiles 0 to 100, `streak_sessions` above 0 for buying in a row and
    below for selling. Null where the metric is.
    """

    participant: str
    scope: str
    stage: str
    session_date: date
    is_imported: bool
    net_crore: float
    net_sum_5_crore: float | None
    net_sum_10_crore: float | None
    net_sum_10_crore_percentile: float | None
    net_sum_20_crore: float | None
    net_sum_20_crore_percentile: float | None
    streak_sessions: int | None
    financial_year_net_crore: float | None
    is_stabilising: bool | None


@dataclass(frozen=True)
class Absorption:
    """How much of what foreign investors sold net the domestic ones bought, in one count."""

    session_date: date
    scope: str
    stage: str
    absorption_5_pct: float | None
    absorption_20_pct: float | None


@dataclass(frozen=True)
class Surprise:
    """By how much the final count of a session differs from the provisional one."""

    session_date: date
    surprise_crore: float
    surprise_pct_of_gross: float | None
    surprise_z: float | None


@dataclass(frozen=True)
class Position:
    """What foreign investors hold in index futures; `long_share` is 0 to 1."""

    session_date: date
    long_share: float
    percentile: float | None
    net_contracts: int


@dataclass(frozen=True)
class SectorFlow:
    """Net buying of foreign investors in one sector in the last fortnight told."""

    fortnight_end: date
    sector: str
    net_crore: float
    net_sum_6_crore: float | None
    share_of_assets_bps: float | None


@dataclass(frozen=True)
class FlowFacts:
    """The evening's flows; a part that the warehouse has no row of is empty or None.

    `most_bought` is sorted down from the most, `most_sold` from the least up; a sector stands in
    one of the two.
    """

    counts: tuple[FlowCount, ...] = ()
    absorption: Absorption | None = None
    surprise: Surprise | None = None
    position: Position | None = None
    most_bought: tuple[SectorFlow, ...] = ()
    most_sold: tuple[SectorFlow, ...] = ()


def flow_facts(warehouse: Warehouse, session: date, scope: str, stage: str) -> FlowFacts:
    """Read the evening's flows.

    Args:
        warehouse: an open reader.
        session: the evening.
        scope: whose count the panel is drawn by; absorption is told of it.
        stage: as `scope`.
    """
    sectors = _sectors(warehouse, session)
    bought = [row for row in sectors if row.net_crore > 0][:SECTORS_SHOWN]
    sold = [row for row in reversed(sectors) if row.net_crore < 0][:SECTORS_SHOWN]
    return FlowFacts(
        _counts(warehouse, session),
        _absorption(warehouse, session, scope, stage),
        _surprise(warehouse, session),
        _position(warehouse, session),
        tuple(bought),
        tuple(sold),
    )


_WINDOW = """(SELECT min(session_date) FROM (SELECT session_date FROM core.trading_session
    WHERE session_date <= $1 ORDER BY session_date DESC LIMIT $2))"""


def _counts(warehouse: Warehouse, session: date) -> tuple[FlowCount, ...]:
    """Counts that have a row in the window of the chart: an old import is not this evening's."""
    rows = warehouse.read(
        f"""
        SELECT participant, scope, stage, session_date, is_imported, net_crore,
               net_sum_5_crore, net_sum_10_crore, net_sum_10_crore_percentile,
               net_sum_20_crore, net_sum_20_crore_percentile, streak_sessions,
               financial_year_net_crore, is_stabilising
        FROM mart.flow
        WHERE session_date BETWEEN {_WINDOW} AND $1 AND net_crore IS NOT NULL
          AND (stage = 'provisional' OR coalesce(published_at <= $3, true))
        QUALIFY row_number() OVER (
            PARTITION BY participant, scope, stage ORDER BY session_date DESC) = 1
        ORDER BY list_position(['FII', 'DII', 'FII+DII'], participant), stage = 'final',
            list_position(['NSE+BSE+MSEI', 'depository', 'NSE', 'unstated'], scope)
        """,  # noqa: S608  our own text
        [session, FLOW_SESSIONS, evening(session)],
    )
    return tuple(FlowCount(**row) for row in rows.iter_rows(named=True))


def _absorption(warehouse: Warehouse, session: date, scope: str, stage: str) -> Absorption | None:
    rows = warehouse.read(
        f"""
        SELECT session_date, scope, stage, absorption_5_pct, absorption_20_pct
        FROM mart.flow_balance
        WHERE session_date BETWEEN {_WINDOW} AND $1 AND scope = $3 AND stage = $4
        ORDER BY session_date DESC LIMIT 1
        """,  # noqa: S608  our own text
        [session, FLOW_SESSIONS, scope, stage],
    )
    return Absorption(**rows.row(0, named=True)) if rows.height else None


def _surprise(warehouse: Warehouse, session: date) -> Surprise | None:
    rows = warehouse.read(
        f"""
        SELECT session_date, surprise_crore, surprise_pct_of_gross, surprise_z
        FROM mart.flow_surprise
        WHERE session_date BETWEEN {_WINDOW} AND $1 AND surprise_crore IS NOT NULL
          AND coalesce(published_at <= $3, true)
        ORDER BY session_date DESC LIMIT 1
        """,  # noqa: S608  our own text
        [session, FLOW_SESSIONS, evening(session)],
    )
    return Surprise(**rows.row(0, named=True)) if rows.height else None


def _position(warehouse: Warehouse, session: date) -> Position | None:
    rows = warehouse.read(
        f"""
        SELECT session_date, index_future_long_share AS long_share,
               index_future_long_share_percentile AS percentile,
               index_future_net_contracts AS net_contracts
        FROM mart.participant_position
        WHERE participant = 'FII' AND index_future_long_share IS NOT NULL
          AND coalesce(published_at <= $3, true)
          AND session_date BETWEEN {_WINDOW} AND $1
        ORDER BY session_date DESC LIMIT 1
        """,  # noqa: S608  our own text
        [session, FLOW_SESSIONS, evening(session)],
    )
    return Position(**rows.row(0, named=True)) if rows.height else None


def _sectors(warehouse: Warehouse, session: date) -> list[SectorFlow]:
    """Sectors of the last fortnight told, the most bought first."""
    rows = warehouse.read(
        """
        SELECT fortnight_end, sector, net_crore, net_sum_6_crore, share_of_assets_bps
        FROM mart.sector_flow
        WHERE net_crore IS NOT NULL AND NOT contains(lower(sector), 'total') AND fortnight_end =
            (SELECT max(fortnight_end) FROM mart.sector_flow
             WHERE fortnight_end <= $1 AND coalesce(published_at <= $2, true))
        ORDER BY net_crore DESC, sector
        """,
        [session, evening(session)],
    )
    return [SectorFlow(**row) for row in rows.iter_rows(named=True)]
