"""The world around the market on one evening: rates, currencies, volatility, and its price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from warehouse.store import Warehouse

VALUED = {
    "nifty-50": "Nifty 50",
    "nifty-smallcap-100": "Smallcap 100",
    "nifty-smallcap-250": "Smallcap 250",
}


@dataclass(frozen=True)
class MacroFigure:
    """One series as it was known by the evening.

    `change_20` is over 20 sessions, in the unit of `value`, `change_20_pct` in percent, null of
    a rate; `age_sessions` counts the sessions since the day the value speaks of; `percentile` is 0
    to 100 among the series' own past.
    """

    series_id: str
    title: str
    unit: str
    value: float | None
    change_20: float | None
    change_20_pct: float | None
    percentile: float | None
    observation_date: date | None
    age_sessions: int | None
    is_stale: bool | None
    is_imported: bool

    @property
    def is_known(self) -> bool:
        """Whether Riskon knows what the series is: it may be a user's own, or a misspelt id."""
        return self.series_id in STRIP


@dataclass(frozen=True)
class Valuation:
    """What an index is priced at; percentiles are 0 to 100 within one basis of earnings."""

    index_id: str
    title: str
    session_date: date
    price_to_earnings: float | None
    price_to_earnings_percentile: float | None
    price_to_book: float | None
    price_to_book_percentile: float | None
    dividend_yield_pct: float | None
    dividend_yield_pct_percentile: float | None
    earnings_basis: str | None


@dataclass(frozen=True)
class Outside:
    """The macro strip in reading order, and the valuation of the indices that have one."""

    figures: tuple[MacroFigure, ...] = ()
    valuations: tuple[Valuation, ...] = ()


STRIP = {
    "INDIA_VIX": ("India VIX", ""),
    "DEXINUS": ("Rupees a dollar", ""),
    "RBI_REPO": ("RBI repo rate", "%"),
    "IN_TBILL_91D": ("India 91-day bill", "%"),
    "IN_RATE_CUTS": ("91-day bill less repo", "pp"),
    "INDIRLTLT01STM": ("India 10-year, monthly", "%"),
    "DFF": ("US fed funds", "%"),
    "DGS2": ("US 2-year", "%"),
    "DGS10": ("US 10-year", "%"),
    "US_RATE_CUTS": ("US 2-year less fed funds", "pp"),
    "US_CURVE": ("US 10-year less 2-year", "pp"),
    "DTWEXBGS": ("Dollar index", ""),
    "SP500": ("S&P 500", ""),
    "VIXCLS": ("US VIX", ""),
    "BAMLH0A0HYM2": ("US high-yield spread", "%"),
    "DCOILBRENTEU": ("Brent, US$", ""),
    "DCOILWTICO": ("WTI, US$", ""),
}
"""Title and unit of each cell, in reading order: home first, then rates, then risk."""
TOLD_BY_ANOTHER = ("FEDFUNDS", "T10Y2Y")
"""Monthly means of DFF, and the publisher's own US_CURVE: a second cell would tell nothing."""
_PARTS = {"IN_RATE_CUTS": ("IN_TBILL_91D", "RBI_REPO")}
"""A difference is imported where a part of it is."""


def outside(warehouse: Warehouse, session: date) -> Outside:
    """Read the evening's macro figures and valuations."""
    return Outside(_figures(warehouse, session), _valuations(warehouse, session))


def _figures(warehouse: Warehouse, session: date) -> tuple[MacroFigure, ...]:
    """Every series of the evening; one that the strip does not know comes last, by its id."""
    rows = warehouse.read(
        """
        SELECT m.series_id, m.value, m.change_20, m.change_20_pct, m.value_percentile AS percentile,
               m.observation_date, m.age_sessions, m.is_stale,
               coalesce(o.is_imported, false) AS is_imported
        FROM mart.macro m LEFT JOIN (
            SELECT series_id, observation_date, bool_and(source_id = 'imported_macro')
                AS is_imported
            FROM core.macro_observation GROUP BY ALL) o USING (series_id, observation_date)
        WHERE m.session_date = $1 AND NOT list_contains($3::VARCHAR[], m.series_id)
        ORDER BY list_position($2::VARCHAR[], m.series_id) NULLS LAST, m.series_id
        """,
        [session, list(STRIP), list(TOLD_BY_ANOTHER)],
    )
    found = []
    imported = {row["series_id"] for row in rows.iter_rows(named=True) if row["is_imported"]}
    for row in rows.iter_rows(named=True):
        row["is_imported"] |= bool(imported.intersection(_PARTS.get(row["series_id"], ())))
        title, unit = STRIP.get(row["series_id"], (row["series_id"], ""))
        found.append(MacroFigure(**row, title=title, unit=unit))
    return tuple(found)


def _valuations(warehouse: Warehouse, session: date) -> tuple[Valuation, ...]:
    rows = warehouse.read(
        """
        SELECT index_id, session_date, price_to_earnings, price_to_earnings_percentile,
               price_to_book, price_to_book_percentile, dividend_yield_pct,
               dividend_yield_pct_percentile, earnings_basis
        FROM mart.index_valuation
        WHERE session_date = $1 AND index_id IN (SELECT unnest($2::VARCHAR[]))
          AND coalesce(price_to_earnings, price_to_book, dividend_yield_pct) IS NOT NULL
        ORDER BY list_position($2::VARCHAR[], index_id)
        """,
        [session, list(VALUED)],
    )
    return tuple(
        Valuation(**row, title=VALUED[row["index_id"]]) for row in rows.iter_rows(named=True)
    )
