"""Zones, regimes and transitions told by hand, as claims read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl

from transforms.metrics.momentum import index_momentum
from transforms.signals.claim import Inputs
from transforms.signals.size_indices import HEADLINE
from warehouse.tables.signals import Regime, RegimeTransition, Zone
from warehouse.tables.table import schema

START = date(2021, 1, 1)
NOTHING = pl.DataFrame()


def day(number: int) -> date:
    return START + timedelta(days=number)


def zone(number: int, kind: str, lower: float, upper: float, **others: Any) -> dict[str, Any]:
    """A zone of one session: two turning points, four touches, three of them bounced."""
    told: dict[str, Any] = {
        "session_date": day(number),
        "index_id": HEADLINE,
        "kind": kind,
        "zone_rank": 1,
        "lower": lower,
        "upper": upper,
        "centre": (lower + upper) / 2,
        "pivots": 2,
        "score": 3.5,
        "first_pivot_on": START,
        "last_pivot_on": START,
        "known_from": START,
        "touches": 4,
        "bounces": 3,
        "breakouts": 0,
        "failures": 0,
        "bounce_rate_pct": 75.0,
        "artificial_bounce_rate_pct": 55.0,
        "strength_percentile": 92.0,
        "volume_pct": 8.0,
        "is_volume_peak": True,
        "distance_pct": 1.0,
        "distance_atr": 1.2,
        "reach_first_probability": 0.4,
    }
    return told | others


def state(number: int, name: str, close: float | None, **others: Any) -> dict[str, Any]:
    """A regime of one session, by the full rules unless said."""
    told: dict[str, Any] = {
        "session_date": day(number),
        "index_id": HEADLINE,
        "rules": "full",
        "state": name,
        "days_in_state": 7,
        "entered_on": START,
        "is_bear_rally": False,
        "held_by_data": "",
        "close": close,
        "low_close": 90.0,
        "low_date": START,
        "past_rebounds": 0,
        "past_confirmed": 0,
    }
    return told | others


def failure(number: int, rules: str = "full") -> dict[str, Any]:
    return {
        "session_date": day(number),
        "index_id": HEADLINE,
        "rules": rules,
        "from_state": "REBOUND",
        "to_state": "FAILED",
    }


def inputs(
    closes: Sequence[float | None],
    zones: Sequence[dict[str, Any]] = (),
    states: Sequence[dict[str, Any]] = (),
    transitions: Sequence[dict[str, Any]] = (),
) -> Inputs:
    """One close of the headline a session, null where it has no bar, and what is told of them."""
    sessions = pl.DataFrame({"session_date": [day(n) for n in range(len(closes))]})
    close = pl.Series("close", closes, dtype=pl.Float64)
    series = sessions.select(
        "session_date",
        index_id=pl.lit(HEADLINE),
        **dict.fromkeys(("open", "high", "low", "close"), close),
    ).drop_nulls("close")
    frames = [
        pl.DataFrame(rows, schema=pl.Schema(schema(table)))
        for table, rows in ((Zone, zones), (Regime, states), (RegimeTransition, transitions))
    ]
    published = {
        "subject": pl.String(),
        "session_date": pl.Date(),
        "published_at": pl.Datetime("us", "UTC"),
    }
    return Inputs(
        sessions,
        series,
        pl.DataFrame(schema={"index_id": pl.String, "session_date": pl.Date}),
        NOTHING,
        pl.DataFrame(schema=published),
        zones=frames[0],
        regimes=frames[1],
        transitions=frames[2],
    )


@contextmanager
def warehouse(given: Inputs) -> Iterator[duckdb.DuckDBPyConnection]:
    """The inputs as the tables that the claims' queries read."""
    momentum = index_momentum(given.series, given.sessions)
    frames = {
        "mart.zone": given.zones,
        "mart.regime": given.regimes,
        "mart.regime_transition": given.transitions,
        "mart.index_momentum": momentum,
    }
    with duckdb.connect() as connection:
        connection.sql("CREATE SCHEMA mart")
        for name, frame in frames.items():
            connection.register("frame", frame.to_arrow())
            connection.sql(f"CREATE TABLE {name} AS FROM frame")
        yield connection


def answer(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[date | None, float | None]:
    """The session and the value that a query returns first, nulls where it returns nothing."""
    result = connection.execute(sql)
    names = [column[0] for column in result.description]
    row = result.fetchone()
    if row is None:
        return None, None
    told = dict(zip(names, row, strict=True))
    return told["session_date"], told["value"]
