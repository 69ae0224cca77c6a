-- What would change the state of small caps at the next session, the nearest first?
SELECT to_state, quantity, comparison, level, unit, current, distance_pct, needs
FROM bi.regime_trigger
WHERE index_id = 'nifty-smallcap-100' AND rules = 'full'
  AND session_date = (SELECT max(session_date) FROM bi.regime_trigger)
ORDER BY abs(distance_pct) NULLS LAST
