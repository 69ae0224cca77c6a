"""How many shares took part in one evening's market, and through the year before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from warehouse.store import Warehouse

MARKET = "market"
UNIVERSES = {
    "market": "The market",
    "nifty-500": "Nifty 500",
    "nifty-smallcap-250": "Smallcap 250",
    "tier:large": "Large caps",
    "tier:mid": "Mid caps",
    "tier:small": "Small caps",
    "tier:micro": "Micro caps",
}
"""Universes told, in reading order, and what a row of the table calls them."""
CHANGE_SESSIONS = 20
"""Over which a share of members is compared, and thrusts are looked for."""
YEAR_SESSIONS = 252
THRUSTS = {
    "is_zweig_thrust": "Zweig thrust",
    "is_zweig_thrust_simple": "Zweig thrust by the simple average",
    "is_deemer_thrust": "Deemer thrust",
    "is_whaley_advance_thrust": "Whaley advance thrust",
    "is_whaley_volume_thrust": "Whaley volume thrust",
    "is_whaley_price_thrust": "Whaley price thrust",
    "is_whaley_advance_capitulation": "Whaley advance capitulation",
    "is_whaley_volume_capitulation": "Whaley volume capitulation",
    "is_whaley_price_capitulation": "Whaley price capitulation",
    "is_summation_go": "go signal of the summation index",
    "is_zweig_thrust_matched": "Zweig thrust matched for rarity",
    "is_deemer_thrust_matched": "Deemer thrust matched for rarity",
    "is_whaley_advance_thrust_matched": "Whaley advance thrust matched for rarity",
    "is_whaley_volume_thrust_matched": "Whaley volume thrust matched for rarity",
}
"""Events of mart.breadth and what a sentence calls them; those by raw thresholds first."""
MATCHED = tuple(name for name in THRUSTS if name.endswith("_matched"))
DIVERGENCES = {
    "is_ad_line_divergent": "the advance-decline line",
    "is_summation_divergent": "the summation index",
    "is_above_sma_50_divergent": "the share above the 50-session average",
}
"""Flags of mart.breadth and what is below its value at the index's last swing high."""
_SERIES = {
    "session_date": pl.Date,
    "above_50": pl.Float64,
    "above_200": pl.Float64,
    "index_close": pl.Float64,
    "ad_line": pl.Int64,
    "new_highs": pl.Int64,
    "new_lows": pl.Int64,
}


@dataclass(frozen=True)
class UniverseBreadth:
    """One universe at the evening's close; null where not warm or not known.

    Shares of members are 0 to 100, those that end in `_before` of 20 sessions earlier.
    `net_new_highs_pct` is of the members with a year of history.
    """

    universe: str
    is_survivorship_biased: bool
    members: int
    traded: int
    advances: int
    declines: int
    unchanged: int
    above_20: float | None
    above_50: float | None
    above_200: float | None
    above_20_before: float | None
    above_50_before: float | None
    above_200_before: float | None
    above_50_percentile: float | None
    new_highs: int
    new_lows: int
    eligible_252: int
    net_new_highs_pct: float | None
    summation: float | None
    oscillator: float | None
    up_volume_pct: float | None

    @property
    def title(self) -> str:
        """What a row of the table calls it."""
        return UNIVERSES[self.universe]

    @property
    def compared(self) -> int:
        """Members that traded the session before as well."""
        return self.advances + self.declines + self.unchanged


@dataclass(frozen=True)
class Thrust:
    """An event of one universe: `name` is a key of THRUSTS."""

    session_date: date
    universe: str
    name: str


@dataclass(frozen=True)
class Breadth:
    """The evening's breadth; empty where nothing is known of the session.

    `rows` is in the order of UNIVERSES. `thrusts` holds those of the last 20 sessions, newest
    first, and `judged` the names of those that could be told for the market at the evening.
    `divergent` are keys of DIVERGENCES. `year` has a row for each of the last 252 sessions, nulls
    where there is no row of the market: session_date, above_50 and above_200 (percent),
    index_close, ad_line, new_highs, new_lows (null before any share has a year of history).
    `latest` is the market's last session that is known.
    """

    rows: tuple[UniverseBreadth, ...] = ()
    thrusts: tuple[Thrust, ...] = ()
    judged: tuple[str, ...] = ()
    divergent: tuple[str, ...] = ()
    latest: date | None = None
    year: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_SERIES), compare=False)

    @property
    def market(self) -> UniverseBreadth | None:
        """The whole market's row."""
        return next((row for row in self.rows if row.universe == MARKET), None)

    @property
    def absent(self) -> tuple[str, ...]:
        """Universes without a row at the evening."""
        return tuple(one for one in UNIVERSES if one not in {row.universe for row in self.rows})


def breadth(warehouse: Warehouse, session: date) -> Breadth:
    """Read the evening's breadth and the market's year before it."""
    year = _year(warehouse, session)
    known = year.filter(pl.any_horizontal(pl.exclude("session_date").is_not_null()))
    events, judged, divergent = _events(warehouse, session)
    return Breadth(
        _rows(warehouse, session),
        events,
        judged,
        divergent,
        known["session_date"][-1] if known.height else None,
        year,
    )


_SESSIONS_BACK = """(SELECT session_date FROM core.trading_session WHERE session_date <= $1
    ORDER BY session_date DESC LIMIT 1 OFFSET $2)"""


def _rows(warehouse: Warehouse, session: date) -> tuple[UniverseBreadth, ...]:
    rows = warehouse.read(
        f"""
        SELECT b.universe, b.is_survivorship_biased, c.members, c.traded, c.advances, c.declines,
               c.unchanged, b.above_sma_20_pct AS above_20, b.above_sma_50_pct AS above_50,
               b.above_sma_200_pct AS above_200, p.above_sma_20_pct AS above_20_before,
               p.above_sma_50_pct AS above_50_before, p.above_sma_200_pct AS above_200_before,
               b.above_sma_50_pct_percentile AS above_50_percentile, c.new_highs, c.new_lows,
               c.eligible_252, b.net_new_highs_pct, b.mcclellan_summation AS summation,
               b.mcclellan_oscillator AS oscillator, b.up_volume_pct
        FROM mart.breadth b
        JOIN mart.breadth_count c ON c.session_date = $1 AND c.universe = b.universe
        LEFT JOIN mart.breadth p ON p.universe = b.universe AND p.session_date = {_SESSIONS_BACK}
        WHERE b.session_date = $1 AND list_contains($3::VARCHAR[], b.universe)
        ORDER BY list_position($3::VARCHAR[], b.universe)
        """,  # noqa: S608  our own text
        [session, CHANGE_SESSIONS, list(UNIVERSES)],
    )
    return tuple(UniverseBreadth(**row) for row in rows.iter_rows(named=True))


def _events(
    warehouse: Warehouse, session: date
) -> tuple[tuple[Thrust, ...], tuple[str, ...], tuple[str, ...]]:
    """Thrusts of the last 20 sessions; what could be told at the evening; its divergences."""
    names = ", ".join([*THRUSTS, *DIVERGENCES])
    rows = warehouse.read(
        f"""
        SELECT session_date, universe, {names} FROM mart.breadth
        WHERE session_date BETWEEN coalesce({_SESSIONS_BACK}, DATE '1900-01-01') AND $1
          AND list_contains($3::VARCHAR[], universe)
        ORDER BY session_date DESC, list_position($3::VARCHAR[], universe)
        """,  # noqa: S608  our own names
        [session, CHANGE_SESSIONS - 1, list(UNIVERSES)],
    )
    thrusts = [
        Thrust(row["session_date"], row["universe"], name)
        for row in rows.iter_rows(named=True)
        for name in THRUSTS
        if row[name]
    ]
    at_evening = rows.filter(pl.col("session_date") == session, pl.col("universe") == MARKET)
    if at_evening.is_empty():
        return tuple(thrusts), (), ()
    market = at_evening.row(0, named=True)
    judged = tuple(name for name in THRUSTS if market[name] is not None)
    return tuple(thrusts), judged, tuple(name for name in DIVERGENCES if market[name])


def _year(warehouse: Warehouse, session: date) -> pl.DataFrame:
    return (
        warehouse.read(
            """
            WITH days AS (SELECT session_date FROM core.trading_session WHERE session_date <= $1
              ORDER BY session_date DESC LIMIT $2)
            SELECT d.session_date, b.above_sma_50_pct AS above_50, b.above_sma_200_pct AS above_200,
                   b.index_close, b.ad_line,
                   CASE WHEN c.eligible_252 > 0 THEN c.new_highs END AS new_highs,
                   CASE WHEN c.eligible_252 > 0 THEN c.new_lows END AS new_lows
            FROM days d
            LEFT JOIN mart.breadth b ON b.session_date = d.session_date AND b.universe = $3
            LEFT JOIN mart.breadth_count c ON c.session_date = d.session_date AND c.universe = $3
            ORDER BY d.session_date
            """,
            [session, YEAR_SESSIONS, MARKET],
        )
        .select(*_SERIES)
        .cast(pl.Schema(_SERIES))
    )
