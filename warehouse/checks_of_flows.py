"""Checks of what institutions bought, sold and hold: which figures contradict themselves."""

from __future__ import annotations

from warehouse.check import Check
from warehouse.ddl import quoted
from warehouse.tables.flows import CLIENT_CATEGORIES

_KINDS = ", ".join(f"({quoted(name)}, {quoted(kind)})" for name, kind in CLIENT_CATEGORIES.items())
CATEGORIES = f"""
    SELECT c.*, k.kind, k.name FROM core.category_turnover c
    LEFT JOIN (VALUES {_KINDS}) k(name, kind)
      ON k.name = trim(regexp_replace(lower(c.category), '[^a-z]+', ' ', 'g'))
"""
"""Turnover by category, with whose money the category is."""

FLOW_CHECKS: tuple[Check, ...] = (
    Check(
        "flow_on_session",
        "warn",
        "institutions' figures fall on sessions: index closes of those dates make them count",
        """
        SELECT session_date, participant, scope, source_id, net_crore
        FROM core.institutional_flow
        WHERE session_date NOT IN (SELECT session_date FROM core.trading_session)
        ORDER BY session_date, participant
        """,
    ),
    Check(
        "flow_not_repeated",
        "warn",
        "no session repeats the figures of the session before: a stale copy carried forward",
        """
        SELECT session_date, participant, scope, source_id, net_crore FROM (
          SELECT *, lag(net_crore) OVER w AS before, lag(session_date) OVER w AS day_before
          FROM core.institutional_flow
          WINDOW w AS (PARTITION BY participant, scope, stage, source_id ORDER BY session_date))
        WHERE net_crore = before AND net_crore <> 0 ORDER BY session_date
        """,
    ),
    Check(
        "flow_sources_agree",
        "warn",
        "an imported flow says what the exchange said of the same session and scope",
        """
        SELECT a.session_date, a.participant, a.scope, a.net_crore, b.net_crore AS imported_crore
        FROM core.institutional_flow a JOIN core.institutional_flow b
          USING (session_date, participant, scope, stage)
        WHERE NOT a.is_imported AND b.is_imported AND abs(a.net_crore - b.net_crore) > 0.011
        ORDER BY a.session_date, a.participant
        """,
    ),
    Check(
        "flow_day_and_month",
        "warn",
        "no figure on a date without a session would fall on one with day and month exchanged",
        """
        SELECT f.session_date, f.participant, f.scope, f.source_id, f.net_crore, s.session_date AS
          exchanged
        FROM core.institutional_flow f JOIN core.trading_session s
          ON day(s.session_date) = month(f.session_date)
          AND month(s.session_date) = day(f.session_date)
          AND year(s.session_date) = year(f.session_date)
        WHERE f.session_date NOT IN (SELECT session_date FROM core.trading_session)
          AND f.session_date < (SELECT max(session_date) FROM core.trading_session)
          AND NOT EXISTS (SELECT 1 FROM core.institutional_flow o
            WHERE (o.participant, o.scope, o.stage, o.source_id)
                = (f.participant, f.scope, f.stage, f.source_id)
              AND o.session_date = s.session_date)
        ORDER BY f.session_date, f.participant
        """,
    ),
    Check(
        "flow_whole",
        "warn",
        "a series of flows has every session between its first and its last",
        """
        WITH span AS (
          SELECT participant, scope, stage, min(session_date) AS first, max(session_date) AS last
          FROM core.institutional_flow GROUP BY ALL)
        SELECT s.session_date, p.participant, p.scope, p.stage
        FROM span p JOIN core.trading_session s ON s.session_date BETWEEN p.first AND p.last
        ANTI JOIN core.institutional_flow f
          ON (f.session_date, f.participant, f.scope, f.stage)
           = (s.session_date, p.participant, p.scope, p.stage)
        ORDER BY s.session_date, p.participant, p.scope
        """,
    ),
    Check(
        "depository_adds_up",
        "warn",
        "each report of the depository adds up: net is purchases less sales, sub-totals and total "
        "are the sums of their parts",
        """
        WITH rows AS (
          SELECT *, route IN ('sub_total', 'total') AS is_sum FROM core.depository_flow),
        sums AS (
          SELECT reporting_date, source_id, asset_class,
            max(net_crore) FILTER (is_sum) AS stated_crore,
            sum(net_crore) FILTER (NOT is_sum) AS sum_crore
          FROM rows WHERE asset_class <> 'total' GROUP BY ALL
          UNION ALL
          SELECT reporting_date, source_id, 'total', max(net_crore) FILTER (asset_class = 'total'),
            sum(net_crore) FILTER (route = 'sub_total')
          FROM rows GROUP BY ALL
          UNION ALL
          SELECT reporting_date, source_id, asset_class || ' ' || route, net_crore,
            purchases_crore - sales_crore
          FROM rows)
        SELECT * FROM sums WHERE abs(stated_crore - sum_crore) > 0.05
        ORDER BY reporting_date, asset_class
        """,
    ),
    Check(
        "depository_not_repeated",
        "warn",
        "no report of the depository repeats the one before: a stale copy carried forward",
        """
        SELECT reporting_date, source_id, purchases_crore, sales_crore FROM (
          SELECT *, lag(purchases_crore) OVER w AS bought_before, lag(sales_crore) OVER w AS
            sold_before
          FROM core.depository_flow WHERE asset_class = 'equity' AND route = 'stock_exchange'
          WINDOW w AS (PARTITION BY source_id ORDER BY reporting_date))
        WHERE purchases_crore = bought_before AND sales_crore = sold_before ORDER BY reporting_date
        """,
    ),
    Check(
        "depository_month_is_its_days",
        "warn",
        "where every session of a past month has a report, the month's equity total is their sum",
        """
        WITH days AS (
          SELECT last_day(reporting_date) AS period_end, sum(net_crore) AS sum_crore,
            count(*) AS reports
          FROM (SELECT DISTINCT ON (reporting_date) * FROM core.depository_flow
                WHERE asset_class = 'equity' AND route = 'sub_total'
                ORDER BY reporting_date, source_id DESC)
          GROUP BY ALL),
        sessions AS (
          SELECT last_day(session_date) AS period_end, count(*) AS sessions
          FROM core.trading_session GROUP BY ALL)
        SELECT p.period_end, p.net_crore, d.sum_crore, d.reports, p.source_id
        FROM core.depository_period p JOIN days d USING (period_end)
        JOIN sessions s USING (period_end)
        WHERE p.period = 'month' AND p.asset_class = 'equity' AND d.reports >= s.sessions
          AND p.period_end < (SELECT max(reporting_date) FROM core.depository_flow)
          AND abs(p.net_crore - d.sum_crore) > greatest(1, 0.01 * abs(p.net_crore))
        ORDER BY p.period_end
        """,
    ),
    Check(
        "sectors_are_the_month",
        "warn",
        "two fortnights of all sectors are the depository's equity total of their month",
        """
        WITH fortnights AS (
          SELECT last_day(fortnight_end) AS period_end, sum(net_crore) AS sum_crore,
            count(DISTINCT fortnight_end) AS fortnights
          FROM core.sector_flow WHERE asset_class = 'equity' GROUP BY ALL)
        SELECT p.period_end, p.net_crore, f.sum_crore
        FROM core.depository_period p JOIN fortnights f USING (period_end)
        WHERE p.period = 'month' AND p.asset_class = 'equity' AND f.fortnights = 2
          AND abs(p.net_crore - f.sum_crore) > greatest(50, 0.01 * abs(p.net_crore))
        ORDER BY p.period_end
        """,
    ),
    Check(
        "turnover_has_two_sides",
        "warn",
        "where a sheet holds all other clients too, what some bought others sold: nets add up to 0",
        f"""
        SELECT session_date, source_id, sum(buy_crore) AS bought_crore,
          sum(sell_crore) AS sold_crore
        FROM ({CATEGORIES}) WHERE kind IS DISTINCT FROM 'total' GROUP BY ALL
        HAVING bool_or(name IN ('other', 'others'))
          AND abs(sum(net_crore)) > greatest(1, 0.001 * sum(buy_crore)) ORDER BY session_date
        """,
    ),
    Check(
        "category_is_known",
        "warn",
        "every category of client is known to be an institution, of which kind, or none",
        f"""
        SELECT category, count(*) AS sessions, max(session_date) AS last_session
        FROM ({CATEGORIES}) WHERE kind IS NULL GROUP BY ALL ORDER BY category
        """,
    ),
    Check(
        "contracts_add_up",
        "warn",
        "every contract has two sides, and the total is what the four participants hold, "
        "each of whose figures the exchange may round by one",
        """
        SELECT session_date, measure, source_id,
          sum(total_long_contracts) FILTER (participant = 'TOTAL') AS total_long,
          sum(total_long_contracts) FILTER (participant <> 'TOTAL') AS sum_long,
          sum(total_short_contracts) FILTER (participant = 'TOTAL') AS total_short,
          sum(total_short_contracts) FILTER (participant <> 'TOTAL') AS sum_short,
          sum(future_index_long_contracts) FILTER (participant <> 'TOTAL') AS future_index_long,
          sum(future_index_short_contracts) FILTER (participant <> 'TOTAL') AS future_index_short
        FROM core.participant_contracts GROUP BY ALL
        HAVING abs(total_long - sum_long) > 4 OR abs(total_short - sum_short) > 4
          OR total_long <> total_short OR abs(future_index_long - future_index_short) > 4
        ORDER BY session_date
        """,
    ),
)
