"""Checks of shares: bars, deliveries, corporate actions, members, breadth."""

from __future__ import annotations

from warehouse.check import SINCE, Check
from warehouse.ddl import quoted

WEEK_DAYS = 7
MONTH_DAYS = 31
YEAR_DAYS = 365
MOVED_DAYS = 45
"""Within so many an action under another ex date is the same one, moved."""
RESIDUAL_BPS = 200
LEAST_COVERAGE_PCT = 95
FIRST_DELIVERY = "DATE '2002-01-01'"
"""From here on the exchange tells what was delivered."""
SHARE_SERIES = "('EQ', 'BE', 'BZ', 'SM', 'ST', 'SZ')"
LAST_SESSION = "(SELECT max(session_date) FROM core.trading_session)"

# Read apart from the parser of these texts, and only far enough to miss what it should have read:
# a kind of adjustment, the words that announce it, and the terms it cannot do without.
_FACE_VALUES, _RATIO = r"\d.*TO.*\d", r"\d *: *\d"
_KINDS = {
    "split": (r"SPLI?T|\bF\.?V\.? *-? *SPL|SUB *-? *DIVI", _FACE_VALUES),
    "consolidation": (r"CONSOLID|CONSOLD|CONSLD", _FACE_VALUES),
    "bonus": (r"\bBON(US)?\b", _RATIO),
    "rights": (r"\b(RIGHT|RGHT|RIGTH)S?\b", _RATIO),
    "demerger": (r"DE *-? *MERG|DEMRG|SPIN *-? *OFF", ""),
    "special dividend": (r"(SPECI?A?L|\bSPL)\b[A-Z .(-]*DIV", r"\d"),
    "scheme": (r"SCHEME|ARRANG[EM]|AMALG|CAP\w*\.? *RED", "names no terms"),
}
# Patterns stand written out: DuckDB compiles one that is a column anew for every row.
_TOLD = ", ".join(
    f"CASE WHEN regexp_matches(words, {quoted(words)}) THEN "
    f"{{'kind': {quoted(kind)}, 'has_terms': regexp_matches(words, {quoted(terms)})}} END"
    for kind, (words, terms) in _KINDS.items()
)
_ANNOUNCED = f"""
    SELECT * EXCLUDE (told), unnest(told) FROM (
      SELECT *, unnest([{_TOLD}]) AS told FROM (
        SELECT DISTINCT symbol, isin, ex_date, purpose, upper(purpose) AS words
        FROM core.corporate_action
        WHERE ex_date >= {SINCE} - {MONTH_DAYS} AND series IN {SHARE_SERIES}))
    WHERE told IS NOT NULL
"""
ANNOUNCED_ACTIONS = f"""
    SELECT instrument_id, ex_date, kind, bool_or(has_terms) AS has_terms, min(symbol) AS symbol,
      min(purpose) AS purpose
    FROM (
      SELECT a.*, coalesce(i.instrument_id, n.instrument_id) AS instrument_id
      FROM ({_ANNOUNCED}) a
      LEFT JOIN (SELECT isin, arg_max(instrument_id, last_session) AS instrument_id
                 FROM core.instrument_name WHERE isin <> '' GROUP BY isin) i USING (isin)
      ASOF LEFT JOIN (SELECT * FROM core.instrument_name WHERE series IN {SHARE_SERIES}) n
        ON n.symbol = a.symbol AND n.first_session <= a.ex_date)
    WHERE instrument_id IS NOT NULL
    GROUP BY instrument_id, ex_date, kind
"""
"""What was announced about prices: a row a security, ex date and kind, in one wording of it."""

SHARE_CHECKS: tuple[Check, ...] = (
    Check(
        "generations_agree",
        "warn",
        "two products that state the same security and session agree on its close, within a "
        "paisa, and on its volume",
        f"""
        SELECT a.session_date, a.symbol, a.series, a.source_id, a.close, a.volume_shares,
          b.source_id AS other_source_id, b.close AS other_close,
          b.volume_shares AS other_volume_shares
        FROM core.equity_bar a JOIN core.equity_bar b
          ON (a.session_date, a.symbol, a.series) = (b.session_date, b.symbol, b.series)
          AND a.source_id < b.source_id
        WHERE a.session_date >= {SINCE} AND b.session_date >= {SINCE}
          AND (abs(a.close - b.close) > 0.01 OR a.volume_shares <> b.volume_shares)
        """,
    ),
    Check(
        "previous_close_chains",
        "warn",
        "the previous close that is published is the last close in that series, but where an "
        "action stands between",
        f"""
        SELECT s.session_date, s.symbol, s.series, b.source_id, b.previous_close,
          p.close AS last_close
        FROM mart.equity_series s
        JOIN core.trading_session t ON t.session_date = s.session_date
        JOIN mart.equity_series p ON p.instrument_id = s.instrument_id
          AND p.session_date = t.previous_session_date AND p.series = s.series
        JOIN core.equity_bar b
          ON (b.session_date, b.symbol, b.series) = (s.session_date, s.symbol, s.series)
        ANTI JOIN core.price_adjustment a
          ON (a.instrument_id, a.session_date) = (s.instrument_id, s.session_date)
        WHERE s.session_date >= {SINCE} AND b.session_date >= {SINCE}
          AND p.session_date >= {SINCE} - {MONTH_DAYS}
          AND abs(b.previous_close::DOUBLE - p.close) > 0.0101
        """,
    ),
    Check(
        "unexplained_jump",
        "warn",
        "in the last year no share moved as no trading does without an action that explains it: "
        "until the action is brought, nothing is computed across",
        f"""
        SELECT a.session_date, i.symbol, round(a.close / a.previous_close, 4) AS ratio,
          a.instrument_id, i.kind, a.evidence
        FROM core.price_adjustment a JOIN core.instrument i USING (instrument_id)
        WHERE a.basis = 'quarantined' AND a.session_date > {LAST_SESSION} - {YEAR_DAYS}
        """,
    ),
    Check(
        "inferred_action",
        "warn",
        "in the last year every split and bonus was announced: none stands on its price alone",
        f"""
        SELECT a.session_date, i.symbol, a.kind, a.terms, a.instrument_id, a.evidence
        FROM core.price_adjustment a JOIN core.instrument i USING (instrument_id)
        WHERE a.basis = 'inferred' AND a.session_date > {LAST_SESSION} - {YEAR_DAYS}
        """,
    ),
    Check(
        "action_unread",
        "warn",
        "what is announced about prices names its terms, or prices have told them",
        f"""
        SELECT a.ex_date, a.symbol, a.kind, a.purpose, a.instrument_id
        FROM ({ANNOUNCED_ACTIONS}) a
        WHERE NOT a.has_terms
          AND NOT EXISTS (FROM core.price_adjustment p WHERE p.instrument_id = a.instrument_id
            AND p.basis <> 'quarantined' AND abs(p.session_date - a.ex_date) <= {WEEK_DAYS})
        """,
    ),
    Check(
        "action_unapplied",
        "warn",
        "what was announced with its terms was applied, on this date or the one it was moved to",
        f"""
        SELECT a.ex_date, a.symbol, a.kind, a.purpose, a.instrument_id
        FROM ({ANNOUNCED_ACTIONS}) a JOIN core.instrument i USING (instrument_id)
        WHERE a.has_terms AND i.first_session < a.ex_date AND i.last_session >= a.ex_date
          AND NOT EXISTS (FROM core.price_adjustment p WHERE p.instrument_id = a.instrument_id
            AND abs(p.ex_date - a.ex_date) <= {MOVED_DAYS}
            AND replace(p.kind, 'consolidation', 'split')
              = replace(a.kind, 'consolidation', 'split'))
        """,
    ),
    Check(
        "delivery_pending",
        "warn",
        "what was delivered of every share is known within a week",
        f"""
        SELECT session_date, count(*) AS shares, min(symbol) AS first_symbol
        FROM mart.equity_series
        WHERE series = 'EQ' AND delivery_shares IS NULL
          AND session_date >= greatest({SINCE} - {MONTH_DAYS}, {FIRST_DELIVERY})
          AND session_date < {LAST_SESSION} - {WEEK_DAYS}
        GROUP BY session_date
        """,
    ),
    Check(
        "bar_on_session",
        "warn",
        "shares trade on sessions alone: index closes of those dates make them count",
        f"""
        SELECT session_date, source_id, count(*) AS bars FROM core.equity_bar
        WHERE session_date >= {SINCE}
          AND session_date NOT IN (SELECT session_date FROM core.trading_session)
        GROUP BY ALL
        """,
    ),
    Check(
        "one_bar_each",
        "stop",
        "every share and fund that traded on a session has its bar in mart.equity_series",
        f"""
        SELECT b.session_date, b.symbol, b.series, n.instrument_id
        FROM (SELECT DISTINCT session_date, symbol, series, coalesce(isin, '') AS isin
              FROM core.equity_bar
              WHERE session_date >= {SINCE} AND series IN {SHARE_SERIES}) b
        SEMI JOIN core.trading_session t ON t.session_date = b.session_date
        JOIN core.instrument_name n ON (n.symbol, n.series, n.isin) = (b.symbol, b.series, b.isin)
          AND b.session_date BETWEEN n.first_session AND n.last_session
        JOIN core.instrument i ON i.instrument_id = n.instrument_id
          AND i.kind NOT IN ('debt', 'test')
        ANTI JOIN (SELECT session_date, instrument_id FROM mart.equity_series
                   WHERE session_date >= {SINCE}) s
          ON (s.session_date, s.instrument_id) = (b.session_date, n.instrument_id)
        """,
    ),
    Check(
        "market_hole",
        "warn",
        "every session since the first bar of a share has bars of shares: momentum restarts after "
        "a hole",
        f"""
        SELECT session_date FROM core.trading_session
        WHERE session_date >= {SINCE} - {MONTH_DAYS}
          AND session_date > (SELECT min(first_session) FROM core.instrument)
          AND session_date < (SELECT max(last_session) FROM core.instrument)
          AND session_date NOT IN (SELECT session_date FROM core.equity_bar
                                   WHERE session_date >= {SINCE} - {MONTH_DAYS})
        """,
    ),
    Check(
        "member_unknown",
        "warn",
        "every member of a list has traded where bars of shares are held",
        """
        SELECT instrument_id, min(valid_from) AS member_from,
          list(universe ORDER BY universe) AS universes
        FROM core.index_membership
        WHERE universe_kind = 'index' AND valid_to = DATE '9999-12-31'
          AND EXISTS (FROM core.instrument)
          AND instrument_id NOT IN (SELECT instrument_id FROM core.instrument)
        GROUP BY instrument_id
        """,
    ),
    Check(
        "breadth_adds_up",
        "stop",
        "the market's advances, declines and unchanged are the shares that traded at this session "
        "and the one before; no universe counts more than it has",
        f"""
        SELECT c.session_date, c.universe, c.advances, c.declines, c.unchanged, c.quarantined,
          c.traded, c.members, s.pairs
        FROM mart.breadth_count c
        LEFT JOIN (SELECT session_date, 'market' AS universe, count(*) AS traded,
            count(*) FILTER (sessions_since_bar = 1 AND NOT is_quarantined) AS pairs
          FROM mart.equity_series WHERE is_ordinary AND session_date >= {SINCE}
          GROUP BY session_date) s USING (session_date, universe)
        WHERE c.session_date >= {SINCE}
          AND (c.advances + c.declines + c.unchanged > c.traded OR c.traded > c.members
            OR (c.universe = 'market'
              AND (c.advances + c.declines + c.unchanged, c.traded)
                IS DISTINCT FROM (s.pairs, s.traded)))
        """,
    ),
    Check(
        "residual_small",
        "warn",
        "members by full market cap explain each index's published return within 200 basis points, "
        "where the day's list and nearly all sizes are known; the exchange weighs by free float",
        f"""
        SELECT session_date, universe, residual_bps, index_return_pct, contribution_points,
          weight_coverage_pct, weighed
        FROM mart.contribution
        WHERE session_date >= {SINCE} AND "grouping" = 'whole' AND universe <> 'market'
          AND NOT is_survivorship_biased AND weight_coverage_pct >= {LEAST_COVERAGE_PCT}
          AND weighed = compared AND abs(residual_bps) > {RESIDUAL_BPS}
        """,
    ),
    Check(
        "extremes_agree",
        "warn",
        "most new 52-week highs and lows that the exchange lists are ours, and ours are listed: "
        "the exchange's list is not adjusted for actions",
        f"""
        WITH named AS (
          SELECT DISTINCT session_date, security_name, symbol FROM core.market_cap
          WHERE session_date >= {SINCE}),
        warm AS (
          SELECT s.session_date, s.instrument_id, s.symbol, m.is_new_high_252, m.is_new_low_252
          FROM mart.equity_series s JOIN mart.equity_momentum m
            ON (m.session_date, m.instrument_id) = (s.session_date, s.instrument_id)
          WHERE s.is_ordinary AND m.is_new_high_252 IS NOT NULL
            AND s.session_date >= {SINCE} AND m.session_date >= {SINCE}
            AND s.session_date IN (SELECT session_date FROM core.published_extreme
                                   WHERE session_date >= {SINCE})),
        told AS (
          SELECT DISTINCT e.session_date, e.extreme, w.instrument_id
          FROM core.published_extreme e JOIN named n USING (session_date, security_name)
          JOIN warm w ON (w.session_date, w.symbol) = (e.session_date, n.symbol)
          WHERE e.session_date >= {SINCE}),
        ours AS (
          SELECT session_date, 'high' AS extreme, instrument_id FROM warm WHERE is_new_high_252
          UNION ALL
          SELECT session_date, 'low', instrument_id FROM warm WHERE is_new_low_252)
        SELECT session_date, extreme, count(t.instrument_id) AS published,
          count(o.instrument_id) AS ours,
          count(*) FILTER (t.instrument_id = o.instrument_id) AS of_both
        FROM told t FULL JOIN ours o USING (session_date, extreme, instrument_id)
        GROUP BY session_date, extreme
        HAVING count(*) - of_both > greatest(5, 0.25 * count(*))
        """,
    ),
)
