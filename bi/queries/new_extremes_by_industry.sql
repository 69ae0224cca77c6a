-- Where were new 52-week highs and lows made in the last five sessions?
SELECT coalesce(industry, 'unknown') AS industry,
  count(*) FILTER (extreme = 'high') AS new_highs, count(*) FILTER (extreme = 'low') AS new_lows,
  list(DISTINCT symbol ORDER BY symbol) FILTER (extreme = 'high') AS at_highs
FROM bi.new_extreme
WHERE session_date IN (SELECT session_date FROM core.trading_session
                       ORDER BY session_date DESC LIMIT 5)
GROUP BY ALL
ORDER BY new_highs - new_lows DESC, industry
