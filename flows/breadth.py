"""From shares to breadth and leadership: by session, then by universe."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from flows.reach import FIRST_DAY, Reach, earliest, years
from flows.shares import Shares, has_bars
from transforms.metrics.breadth_counts import CROSS_COLUMNS, breadth_counts
from transforms.metrics.breadth_series import PAST_COLUMNS, TAIL_SESSIONS, breadth
from transforms.metrics.breadth_tables import Breadth, BreadthCount
from transforms.metrics.contribution import contributions
from transforms.metrics.equity_rank import RANKS, SPECULATIVE_PARTS, equity_rank
from transforms.metrics.equity_tables import EquityMomentum, EquityRank
from transforms.metrics.evaluate import FEW_SESSIONS
from transforms.metrics.leadership import PAST_COLUMNS as LEADERSHIP_PAST
from transforms.metrics.leadership import TAIL_SESSIONS as LEADERSHIP_TAIL
from transforms.metrics.leadership import leadership
from transforms.metrics.leadership_sections import UNIVERSES, WINDOWS, leadership_sections
from transforms.metrics.leadership_tables import Contribution, Leadership, SectorRotation
from transforms.metrics.momentum import NIFTY_500
from transforms.metrics.sector_rotation import TAIL_SESSIONS as ROTATION_TAIL
from transforms.metrics.sector_rotation import sector_rotation
from transforms.universes import MARKET
from warehouse.tables.table import schema

_OWN = ("session_date", "instrument_id")
_MEASURED = sorted(
    {*CROSS_COLUMNS, *(rank.value for rank in (*RANKS, *SPECULATIVE_PARTS))}
    & {*schema(EquityMomentum)} - {*_OWN}
)


def _cross(measured: Sequence[str]) -> str:
    """What shares did at each session of a stretch, and what they were worth the session before."""
    return f"""
        SELECT s.session_date, s.instrument_id, s.is_ordinary, s.is_quarantined,
          s.sessions_since_bar, s.close, s.turnover_inr, s.volume_shares, s.trades,
          s.market_cap_inr, CASE WHEN s.series = 'EQ' THEN s.delivery_shares END AS delivery_shares,
          b.market_cap_inr AS market_cap_before_inr, {", ".join(f"m.{name}" for name in measured)}
        FROM (FROM mart.equity_series WHERE session_date BETWEEN $1 AND $2) s
        LEFT JOIN (FROM mart.equity_momentum WHERE session_date BETWEEN $1 AND $2) m
          USING (session_date, instrument_id)
        LEFT JOIN core.trading_session t USING (session_date)
        LEFT JOIN (SELECT session_date AS day, instrument_id AS id, market_cap_inr
                   FROM mart.equity_series WHERE session_date BETWEEN $3 AND $2) b
          ON b.id = s.instrument_id AND b.day = t.previous_session_date
    """


def derive_breadth(shares: Shares, closes: pl.DataFrame) -> None:
    """Bring the marts of breadth and of shares' ranks up to date.

    Args:
        shares: what `derive_shares` returned.
        closes: index_id, session_date, close of every index.
    """
    if not has_bars(shares.night.warehouse):
        return
    for first, last in years(shares.night.days(shares.cross_from)):
        _cross_sections(shares.night, shares.members, first, last)
    _breadth(shares.night, closes, shares.cross_from)


def derive_leadership(
    shares: Shares, closes: pl.DataFrame, quality: pl.DataFrame, since: date | None
) -> None:
    """Bring the marts of leadership up to date, once quality is known.

    Args:
        shares: what `derive_shares` returned.
        closes: index_id, session_date, close of every index.
        quality: rows of mart.quality.
        since: sessions before it have the quality they had; None: all may have another.
    """
    night = shares.night
    if not has_bars(night.warehouse):
        return
    first = None if shares.cross_from is None else earliest(since, shares.cross_from)
    beside = _beside(closes)
    sections = [
        _led(shares, beside, quality, start, last) for start, last in years(night.days(first))
    ]
    _leadership(night, beside, pl.concat(sections), first)


def _cross_sections(night: Reach, members: pl.DataFrame, first: date, last: date) -> None:
    """Compute what is of one session alone, for the sessions of a stretch."""
    warehouse = night.warehouse
    cross = warehouse.read(_cross(_MEASURED), [first, last, night.before(first, 1)])
    for table, rows in (
        (EquityRank, equity_rank(cross.select(*_OWN, *_MEASURED), cross.drop(_MEASURED))),
        (BreadthCount, breadth_counts(cross, members, night.sessions)),
    ):
        between = "WHERE session_date BETWEEN ? AND ?"
        warehouse.execute(f"DELETE FROM {table.table} {between}", [first, last])
        warehouse.append(table, rows)


def _breadth(night: Reach, closes: pl.DataFrame, since: date | None) -> None:
    """Bring mart.breadth up to date."""
    warehouse = night.warehouse
    beside = _beside(closes)
    if since is None or len(night.days(since)) > FEW_SESSIONS:
        counts, past = warehouse.read_table(BreadthCount), None
    else:
        counts = warehouse.read(
            "FROM mart.breadth_count WHERE session_date >= ?", [night.before(since, TAIL_SESSIONS)]
        )
        names = ", ".join(PAST_COLUMNS)
        past = warehouse.read(f"SELECT {names} FROM mart.breadth WHERE session_date < ?", [since])
    rows = breadth(counts, beside, night.sessions, since=since, past=past)
    warehouse.replace_since(Breadth, rows.select(list(schema(Breadth))), since)


def _beside(closes: pl.DataFrame) -> pl.DataFrame:
    """Closes by universe; beside the whole market stands the broadest index."""
    own = closes.select("session_date", "close", universe="index_id")
    market = closes.filter(index_id=NIFTY_500).select(
        "session_date", "close", universe=pl.lit(MARKET)
    )
    return pl.concat([own, market])


def _led(
    shares: Shares, beside: pl.DataFrame, quality: pl.DataFrame, first: date, last: date
) -> pl.DataFrame:
    """Write what groups of shares contributed at the sessions of a stretch.

    Returns:
        what `leadership_sections` says of these sessions.
    """
    night, members, warehouse = shares.night, shares.members, shares.night.warehouse
    before = night.before(first, 1)
    ranks = warehouse.read(
        "SELECT session_date, instrument_id, speculative_tercile FROM mart.equity_rank "
        "WHERE session_date BETWEEN ? AND ?",
        [before, last],
    )
    rows = contributions(
        warehouse.read(_cross(["return_1_pct"]), [first, last, before]),
        members,
        beside,
        quality=quality,
        ranks=ranks,
        sessions=night.sessions,
    )
    warehouse.execute(
        "DELETE FROM mart.contribution WHERE session_date BETWEEN ? AND ?", [first, last]
    )
    warehouse.append(Contribution, rows)
    windows = warehouse.read(
        "SELECT session_date, instrument_id, s.is_ordinary, return_9_pct, return_21_pct, "
        "beta_252_nifty_500 FROM mart.equity_series s JOIN mart.equity_momentum m "
        "USING (session_date, instrument_id) WHERE session_date BETWEEN ? AND ?",
        [night.before(first, max(WINDOWS)), last],
    )
    return leadership_sections(
        windows, members, beside, quality=quality, sessions=night.sessions, since=first
    )


def _leadership(
    night: Reach, beside: pl.DataFrame, sections: pl.DataFrame, since: date | None
) -> None:
    """Bring mart.leadership and mart.sector_rotation up to date."""
    warehouse = night.warehouse
    first = FIRST_DAY if since is None else night.before(since, LEADERSHIP_TAIL)
    contributed = warehouse.read(
        "FROM mart.contribution WHERE session_date >= ? "
        "AND universe IN (SELECT unnest(?::VARCHAR[]))",
        [first, list(UNIVERSES)],
    )
    past = None
    if since is not None:
        names = ", ".join(LEADERSHIP_PAST)
        past = warehouse.read(
            f"SELECT {names} FROM mart.leadership WHERE session_date < ?", [since]
        )
    led = leadership(contributed, sections, beside, night.sessions, since=since, past=past)
    warehouse.replace_since(Leadership, led.select(list(schema(Leadership))), since)
    counted = warehouse.read(
        "FROM mart.breadth_count WHERE universe_kind IN ('market', 'sector') AND session_date >= ?",
        [FIRST_DAY if since is None else night.before(since, ROTATION_TAIL)],
    )
    turned = sector_rotation(counted, night.sessions, since)
    warehouse.replace_since(SectorRotation, turned.select(list(schema(SectorRotation))), since)
