-- Which sectors and tiers made the last nine sessions of small caps, more than their weight?
SELECT "grouping", group_name, weight_pct, contribution_points, share_of_move_pct, lift,
  index_return_pct, residual_points
FROM bi.contribution_since(
  'nifty-smallcap-100',
  (SELECT session_date FROM core.trading_session ORDER BY session_date DESC LIMIT 1 OFFSET 9),
  (SELECT max(session_date) FROM core.trading_session))
ORDER BY "grouping", contribution_points DESC
