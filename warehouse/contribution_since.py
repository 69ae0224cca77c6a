"""What each group added to the move of its universe since a date, in SQL."""

from __future__ import annotations

CONTRIBUTION_SINCE = """
    CREATE OR REPLACE MACRO bi.contribution_since(of_universe, since, until) AS TABLE
    WITH stretch AS (
      SELECT * FROM mart.contribution
      WHERE universe = of_universe AND session_date > since AND session_date <= until),
    whole AS (
      SELECT min(session_date) AS begins, count(*) AS sessions,
        first(index_close_before ORDER BY session_date) AS level,
        last(index_close_before * (1 + index_return_pct / 100) ORDER BY session_date) AS reached,
        sum(contribution_points * index_close_before ORDER BY session_date) AS explained,
        bool_and(contribution_points * index_close_before IS NOT NULL) AS is_whole
      FROM stretch WHERE "grouping" = 'whole'),
    groups AS (
      SELECT universe, "grouping", group_name,
        sum(contribution_points * index_close_before ORDER BY session_date) AS worth,
        first(weight_pct ORDER BY session_date) FILTER (session_date = begins) AS weight_pct
      FROM stretch, whole GROUP BY ALL),
    told AS (
      SELECT universe, "grouping", group_name, sessions, weight_pct,
        CASE WHEN is_whole THEN worth / level END AS contribution_points,
        CASE WHEN is_whole THEN 100 * (reached / level - 1) END AS index_return_pct,
        CASE WHEN is_whole THEN 100 * (reached / level - 1) - explained / level END
          AS residual_points
      FROM groups, whole)
    SELECT *, CASE WHEN abs(index_return_pct) >= 1
        THEN 100 * contribution_points / index_return_pct END AS share_of_move_pct,
      CASE WHEN weight_pct > 0 THEN share_of_move_pct / weight_pct END AS lift
    FROM told ORDER BY "grouping", group_name
"""
"""The table macro `bi.contribution_since(universe, since, until)`: a stretch from the close of
`since`, or the last before it, to `until`; mart.contribution's groups, chained by the index.
`transforms.metrics.contribution.chained` is the same in frames, and is its test."""
