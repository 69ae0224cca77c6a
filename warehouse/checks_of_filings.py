"""Checks of filings, documents, lists and series: what cannot be seen in one row alone."""

from __future__ import annotations

from warehouse.check import Check

FILING_CHECKS: tuple[Check, ...] = (
    Check(
        "document_is_of_its_filing",
        "warn",
        "a document covers the quarter, and is on the basis, that the list of filings says",
        """
        SELECT f.symbol, f.period_end, f.basis, r.period_end AS document_period_end,
          r.basis AS document_basis, r.document
        FROM core.filing f JOIN core.quarterly_result r USING (document)
        WHERE r.period = 'quarter' AND (f.period_end <> r.period_end OR f.basis <> r.basis)
        ORDER BY f.period_end, f.symbol
        """,
    ),
    Check(
        "quarters_are_the_year",
        "warn",
        "four quarters on one basis add up to the year's revenue that the company filed",
        """
        WITH latest AS (
          SELECT DISTINCT ON (coalesce(isin, symbol), basis, period, period_end) *,
            coalesce(isin, symbol) AS company
          FROM core.quarterly_result WHERE revenue_inr IS NOT NULL
          ORDER BY coalesce(isin, symbol), basis, period, period_end, published_at DESC)
        SELECT y.company, y.basis, y.period_end, y.revenue_inr, sum(q.revenue_inr) AS sum_inr
        FROM latest y JOIN latest q ON (q.company, q.basis) = (y.company, y.basis)
          AND q.period = 'quarter' AND q.period_end BETWEEN y.period_start AND y.period_end
        WHERE y.period = 'year_to_date' AND month(y.period_end) = 3
          AND y.period_end - y.period_start > 360
        GROUP BY ALL
        HAVING count(*) = 4 AND abs(sum_inr - y.revenue_inr) > 0.02 * abs(y.revenue_inr)
        ORDER BY y.period_end, y.company
        """,
    ),
    Check(
        "figures_in_rupees",
        "warn",
        "no company's revenue changes a thousandfold from a quarter to the next: lakhs for rupees",
        """
        SELECT company, basis, period_end, revenue_inr, before FROM (
          SELECT coalesce(isin, symbol) AS company, *, lag(revenue_inr) OVER (
            PARTITION BY coalesce(isin, symbol), basis ORDER BY period_end, published_at) AS before
          FROM core.quarterly_result WHERE period = 'quarter' AND revenue_inr > 0)
        WHERE greatest(revenue_inr / before, before / revenue_inr) >= 1000
        ORDER BY period_end, company
        """,
    ),
    Check(
        "series_without_hole",
        "warn",
        "a daily series has a value at least every ten days",
        """
        SELECT series_id, source_id, before AS last_value_on, observation_date AS next_value_on
        FROM (
          SELECT *, lag(observation_date) OVER (
            PARTITION BY series_id, source_id ORDER BY observation_date) AS before
          FROM core.macro_observation WHERE frequency = 'daily' AND value IS NOT NULL)
        WHERE observation_date - before > 10 ORDER BY observation_date, series_id
        """,
    ),
    Check(
        "list_seen_once",
        "warn",
        "the members of a list on one date come from one file: of two a reader sees both together",
        """
        SELECT list_id, seen_on, count(DISTINCT file_id) AS files, count(*) AS members
        FROM core.index_member GROUP BY ALL HAVING files > 1 ORDER BY seen_on, list_id
        """,
    ),
)
