"""The shares of one evening that are told by name: new extremes, jumps, deliveries to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from warehouse.store import Warehouse

NAMED = 10
"""Shares told by name; the rest are counted."""
RECENT_SESSIONS = 20
PENDING_SESSIONS = 10


@dataclass(frozen=True)
class Share:
    """A share by its symbol of the session; `title` is empty where no product names it."""

    symbol: str
    title: str


@dataclass(frozen=True)
class Jump:
    """A move that nobody explains, from the last close before to the session's, as published."""

    session_date: date
    symbol: str
    title: str
    previous_close: float | None
    close: float | None

    @property
    def move_pct(self) -> float | None:
        """The move of the close."""
        if self.previous_close is None or self.close is None or self.previous_close <= 0:
            return None
        return 100 * (self.close / self.previous_close - 1)


@dataclass(frozen=True)
class PendingDeliveries:
    """Shares of one session whose deliveries the exchange has still to tell."""

    session_date: date
    pending: int
    shares: int


@dataclass(frozen=True)
class Shares:
    """The evening's shares.

    `highs` and `lows` are those with the most value traded, `high_count` and `low_count` all.
    `jumps` are those of ordinary shares in the last 20 sessions, newest first; `pending` the
    sessions of the last ten that have any, newest first.
    """

    highs: tuple[Share, ...] = ()
    lows: tuple[Share, ...] = ()
    high_count: int = 0
    low_count: int = 0
    jumps: tuple[Jump, ...] = ()
    pending: tuple[PendingDeliveries, ...] = ()


def shares(warehouse: Warehouse, session: date) -> Shares:
    """Read the evening's shares; costs what their last sessions do, not what their history does."""
    found = warehouse.read(
        """
        SELECT s.symbol, coalesce(i.title, '') AS title, m.is_new_high_252 AS is_high,
               m.is_new_low_252 AS is_low
        FROM mart.equity_momentum m
        JOIN mart.equity_series s
          ON s.session_date = $1 AND s.instrument_id = m.instrument_id AND s.is_ordinary
        LEFT JOIN core.instrument i ON i.instrument_id = m.instrument_id
        WHERE m.session_date = $1 AND (m.is_new_high_252 OR m.is_new_low_252)
        ORDER BY s.turnover_inr DESC NULLS LAST, s.symbol
        """,
        [session],
    )
    highs, lows = found.filter("is_high"), found.filter("is_low")
    return Shares(
        _named(highs),
        _named(lows),
        highs.height,
        lows.height,
        _jumps(warehouse, session),
        _pending(warehouse, session),
    )


def _named(found: pl.DataFrame) -> tuple[Share, ...]:
    rows = found.select("symbol", "title").head(NAMED)
    return tuple(Share(**row) for row in rows.iter_rows(named=True))


def _first_of(warehouse: Warehouse, session: date, sessions: int) -> date:
    """First of the last sessions; as a date of its own it spares large tables a whole scan."""
    days = warehouse.read(
        """
        SELECT session_date FROM core.trading_session WHERE session_date <= $1
        ORDER BY session_date DESC LIMIT $2
        """,
        [session, sessions],
    )["session_date"]
    first: date = days.min() if days.len() else session  # type: ignore[assignment]
    return first


def _jumps(warehouse: Warehouse, session: date) -> tuple[Jump, ...]:
    rows = warehouse.read(
        """
        SELECT a.session_date, s.symbol, coalesce(i.title, '') AS title, a.previous_close, a.close
        FROM core.price_adjustment a
        JOIN mart.equity_series s ON s.session_date = a.session_date
          AND s.instrument_id = a.instrument_id AND s.is_ordinary
          AND s.session_date BETWEEN $2 AND $1
        LEFT JOIN core.instrument i ON i.instrument_id = a.instrument_id
        WHERE a.basis = 'quarantined' AND a.session_date BETWEEN $2 AND $1
        ORDER BY a.session_date DESC, s.symbol
        """,
        [session, _first_of(warehouse, session, RECENT_SESSIONS)],
    )
    return tuple(Jump(**row) for row in rows.iter_rows(named=True))


def _pending(warehouse: Warehouse, session: date) -> tuple[PendingDeliveries, ...]:
    """In series EQ alone: in the others every trade is delivered, and no figure is printed."""
    rows = warehouse.read(
        """
        SELECT session_date, count(*) FILTER (delivery_shares IS NULL) AS pending,
               count(*) AS shares
        FROM mart.equity_series
        WHERE is_ordinary AND series = 'EQ' AND session_date BETWEEN $2 AND $1
        GROUP BY session_date HAVING pending > 0 ORDER BY session_date DESC
        """,
        [session, _first_of(warehouse, session, PENDING_SESSIONS)],
    )
    return tuple(PendingDeliveries(**row) for row in rows.iter_rows(named=True))
