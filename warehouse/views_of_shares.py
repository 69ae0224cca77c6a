"""Views of shares: each share's sessions, breadth, sectors, contributions, corporate actions."""

from __future__ import annotations

from warehouse.contribution_since import CONTRIBUTION_SINCE
from warehouse.view import Macro, View

# Beside the market: how large the companies are, by index, and what its columns begin with.
SIZES = {
    "nifty-50": "nifty_50",
    "nifty-midcap-100": "midcap_100",
    "nifty-midcap-150": "midcap_150",
    "nifty-smallcap-100": "smallcap_100",
    "nifty-smallcap-250": "smallcap_250",
    "nifty-microcap-250": "microcap_250",
}
SIZE_MEASURES = (
    "advancing_pct",
    "above_sma_20_pct",
    "above_sma_50_pct",
    "above_sma_200_pct",
    "net_new_highs_pct",
    "fallen_20_pct",
    "mcclellan_summation",
)
MARKET_COUNTS = ("traded", "advances", "declines", "unchanged", "quarantined", "new_highs")
MARKET_MEASURES = (
    *SIZE_MEASURES,
    "ad_line",
    "mcclellan_oscillator",
    "up_volume_pct",
    "trin",
    "open_trin_10",
    "equal_less_cap_21_points",
    "average_correlation_60",
    "is_zweig_thrust",
    "is_deemer_thrust",
)


def _breadth_columns() -> str:
    columns = [
        f"any_value(b.{measure}) FILTER (b.universe = '{universe}') AS {prefix}_{measure}"
        for universe, prefix in SIZES.items()
        for measure in SIZE_MEASURES
    ]
    market = [
        f"any_value(b.{measure}) FILTER (b.universe = 'market') AS {measure}"
        for measure in MARKET_MEASURES
    ]
    return ", ".join([*market, *columns])


_SIZES = ", ".join(f"'{universe}'" for universe in SIZES)
_TITLES = """
    LEFT JOIN core.instrument i ON i.instrument_id = s.instrument_id
    LEFT JOIN mart.company c ON c.company_id = s.instrument_id
    LEFT JOIN core.index_membership n ON n.instrument_id = s.instrument_id
      AND n.universe_kind = 'sector'
      AND s.session_date >= n.valid_from AND s.session_date < n.valid_to
"""


def _share(of: str = "") -> str:
    """Query of each security's sessions; `of` is a condition on session_date or instrument_id."""
    series, momentum, rank = (
        f"(FROM mart.equity_{name} {of})" for name in ("series", "momentum", "rank")
    )
    return f"""
        SELECT s.session_date, s.symbol, coalesce(c.company_title, i.title) AS title,
          n.universe_title AS industry, i.kind, s.series, s.open, s.high, s.low, s.close,
          CASE WHEN s.chain = coalesce(a.chain, 0)
            THEN s.close * s.price_factor / coalesce(a.price_factor, 1) END AS adjusted_close,
          CASE WHEN s.chain = coalesce(a.chain, 0)
            THEN s.volume_shares * coalesce(a.volume_factor, 1) / s.volume_factor
          END AS adjusted_volume_shares,
          s.volume_shares, s.turnover_inr, s.trades, s.delivery_shares, s.market_cap_inr,
          s.sessions_since_bar, s.is_ordinary, s.is_quarantined,
          m.* EXCLUDE (session_date, instrument_id), r.* EXCLUDE (session_date, instrument_id),
          s.instrument_id
        FROM {series} s
        JOIN {momentum} m
          ON m.session_date = s.session_date AND m.instrument_id = s.instrument_id
        LEFT JOIN {rank} r
          ON r.session_date = s.session_date AND r.instrument_id = s.instrument_id
        -- Factors start at 1: all of them together are those of the last bar.
        LEFT JOIN (SELECT instrument_id, product(price_factor) AS price_factor,
            product(volume_factor) AS volume_factor,
            count(DISTINCT session_date) FILTER (basis = 'quarantined') AS chain
          FROM core.price_adjustment GROUP BY instrument_id) a
          ON a.instrument_id = s.instrument_id
        {_TITLES}
    """


# Through these joins DuckDB carries a date that is written out, but none that it must look up.
_LAST = "WHERE session_date = (SELECT max(last_session) FROM core.instrument)"

SHARE_VIEWS: tuple[View, ...] = (
    View(
        "bi.share",
        "Every security at every session it traded: prices as published, its close and volume in "
        "today's basis (null before a jump nobody explains), momentum (levels in their own "
        "session's basis) and ranks, with the name last seen and the industry of that day. Write "
        "out the session_date or the instrument_id you want, or it reads everything.",
        _share(),
    ),
    View(
        "bi.share_today",
        "bi.share at the last session: what a screen of shares starts from.",
        _share(_LAST),
    ),
    View(
        "bi.breadth",
        "Breadth of the whole market, one row a session, with that of the indices by size beside "
        "it under their names; mart.breadth has every index, sector and tier. "
        "is_survivorship_biased: of some of those indices the day's list is not known.",
        f"""
        SELECT c.session_date, c.members, {", ".join(f"c.{name}" for name in MARKET_COUNTS)},
          c.new_lows, b.* EXCLUDE (session_date)
        FROM mart.breadth_count c
        JOIN (SELECT b.session_date, any_value(b.index_close) FILTER (b.universe = 'market')
              AS nifty_500_close, bool_or(b.is_survivorship_biased) AS is_survivorship_biased,
              {_breadth_columns()}
            FROM mart.breadth b WHERE b.universe IN ('market', {_SIZES})
            GROUP BY b.session_date) b ON b.session_date = c.session_date
        WHERE c.universe = 'market'
        """,
    ),
    View(
        "bi.new_extreme",
        "Ordinary shares that made a new 252-session high or low, adjusted for corporate actions.",
        f"""
        SELECT s.session_date, e.extreme, s.symbol, coalesce(c.company_title, i.title) AS title,
          n.universe_title AS industry, CASE e.extreme WHEN 'high' THEN s.high ELSE s.low END
            AS new_price, s.close, m.return_1_pct, m.return_21_pct, s.market_cap_inr,
          s.instrument_id
        FROM mart.equity_momentum m
        JOIN mart.equity_series s
          ON s.session_date = m.session_date AND s.instrument_id = m.instrument_id
        JOIN (VALUES ('high'), ('low')) e(extreme)
          ON (e.extreme = 'high' AND m.is_new_high_252) OR (e.extreme = 'low' AND m.is_new_low_252)
        {_TITLES}
        WHERE s.is_ordinary AND (m.is_new_high_252 OR m.is_new_low_252)
        """,
    ),
    View(
        "bi.corporate_action",
        "What was done to each security's prices: terms, factors, how they are known, and what "
        "says so. basis inferred: confirm it; quarantined: bring the action, or leave it out.",
        """
        SELECT a.session_date, i.symbol, coalesce(c.company_title, i.title) AS title,
          a.kind AS action, a.terms, a.basis, a.price_factor, a.volume_factor, a.ex_date,
          a.previous_close, a.open, a.close, a.evidence, i.kind, a.instrument_id
        FROM core.price_adjustment a LEFT JOIN core.instrument i USING (instrument_id)
        LEFT JOIN mart.company c ON c.company_id = a.instrument_id
        """,
    ),
    View(
        "bi.sector",
        "Every sector beside the market at every session: returns, quadrant, rank, and the breadth "
        "of its members.",
        """
        SELECT r.session_date, r.universe_title AS sector, r.quadrant, b.members, b.advancing_pct,
          b.above_sma_200_pct, b.net_new_highs_pct,
          r.* EXCLUDE (session_date, universe_title, quadrant)
        FROM mart.sector_rotation r LEFT JOIN mart.breadth b
          ON b.session_date = r.session_date AND b.universe = r.universe
        """,
    ),
    View(
        "bi.contribution",
        "What sectors, size tiers and thirds by quality and speculation added to the move of each "
        "index at each session; of a stretch, ask bi.contribution_since.",
        """
        SELECT c.session_date, coalesce(n.index_title, 'Every ordinary share') AS universe_title,
          c.* EXCLUDE (session_date)
        FROM mart.contribution c
        LEFT JOIN (SELECT DISTINCT index_id, index_title FROM core.index_name) n
          ON n.index_id = c.universe
        """,
    ),
)
SHARE_MACROS: tuple[Macro, ...] = (
    Macro(
        "bi.contribution_since",
        "universe, since, until",
        "What each group added to the move of a universe from the close of one date to that of "
        "another, chained by the index; residual_points is what all of them leave unexplained.",
        CONTRIBUTION_SINCE,
    ),
)
