"""The results season up to one evening: how many have filed, and what they said together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from warehouse.store import Warehouse

MARKET = "market"
BY_SIZE = (
    *("nifty-50", "nifty-next-50", "nifty-100", "nifty-200", "nifty-500"),
    *("nifty-midcap-50", "nifty-midcap-100", "nifty-midcap-150"),
    *("nifty-smallcap-50", "nifty-smallcap-100", "nifty-smallcap-250"),
    *("nifty-midsmallcap-400", "nifty-microcap-250", "nifty-total-market"),
)
"""Lists in the order people read tiers; others follow by their title."""
NOW, BEFORE = "This season", "A year before"
_COVERAGE = {"day": pl.Int64, "name": pl.String, "value": pl.Float64}


@dataclass(frozen=True)
class UniverseResults:
    """Results of one list of companies, as known by the evening; null where not known.

    `kind` is "market", "index" or "sector". Percentiles are 0 to 100, that of growth among
    `quarters_ranked` quarters, that of the diffusion among `surprise_quarters_ranked`. The
    diffusion is the share of positive less that of negative surprises, in points.
    """

    universe: str
    kind: str
    title: str
    quarter_end: date
    due_date: date
    companies: int
    reported: int
    coverage_pct: float | None
    is_provisional: bool | None
    is_survivorship_biased: bool | None
    matched: int | None
    net_profit_growth_pct: float | None
    net_profit_growth_without_largest_pct: float | None
    net_profit_growth_percentile: float | None
    revenue_growth_pct: float | None
    surprise_diffusion_pct: float | None
    surprise_diffusion_percentile: float | None
    surprised: int | None
    acceleration_pct: float | None
    margin_expansion_pct: float | None
    profit_up_pct: float | None
    turnarounds: int | None
    to_losses: int | None
    quarters_ranked: int | None
    surprise_quarters_ranked: int | None


@dataclass(frozen=True)
class Season:
    """The season of the last quarter that ended before the evening.

    `rows` has the market first, then lists of indices by size, then sectors down from the
    strongest profit growth. `coverage` has `day` (days since the quarter's end), `name` (NOW or
    BEFORE) and `value` (percent of the market's companies that have filed).
    """

    rows: tuple[UniverseResults, ...] = ()
    coverage: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema=_COVERAGE), compare=False
    )

    @property
    def market(self) -> UniverseResults | None:
        """The whole market's row."""
        return next((row for row in self.rows if row.kind == MARKET), None)


def season(warehouse: Warehouse, session: date) -> Season:
    """Read the season as the evening's rows of mart.earnings tell it."""
    rows = warehouse.read(
        """
        SELECT universe, universe_kind AS kind, universe_title AS title, quarter_end, due_date,
               companies, reported, coverage_pct, is_provisional, is_survivorship_biased, matched,
               net_profit_growth_pct, net_profit_growth_without_largest_pct,
               net_profit_growth_percentile, revenue_growth_pct, surprise_diffusion_pct,
               surprise_diffusion_percentile, surprised, acceleration_pct, margin_expansion_pct,
               profit_up_pct, turnarounds, to_losses, quarters_ranked, surprise_quarters_ranked
        FROM mart.earnings WHERE session_date = $1
        ORDER BY list_position(['market', 'index', 'tier', 'sector'], universe_kind),
            list_position($2::VARCHAR[], universe) NULLS LAST,
            CASE WHEN universe_kind = 'sector' THEN net_profit_growth_pct END DESC NULLS LAST,
            universe_title, universe
        """,
        [session, list(BY_SIZE)],
    )
    found = tuple(UniverseResults(**row) for row in rows.iter_rows(named=True))
    if not found:
        return Season()
    return Season(found, _coverage(warehouse, session, found[0].quarter_end))


def _coverage(warehouse: Warehouse, session: date, quarter_end: date) -> pl.DataFrame:
    return warehouse.read(
        """
        SELECT session_date - quarter_end AS day,
               CASE WHEN quarter_end = $2 THEN $3 ELSE $4 END AS name, coverage_pct AS value
        FROM mart.earnings
        WHERE universe_kind = 'market' AND session_date <= $1
          AND quarter_end IN ($2, ($2::DATE - INTERVAL 1 YEAR)::DATE)
        ORDER BY name DESC, day
        """,
        [session, quarter_end, NOW, BEFORE],
    ).cast(pl.Schema(_COVERAGE))
