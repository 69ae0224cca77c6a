-- Has strength of small caps preceded bull phases, and on which events does that stand?
SELECT s.event_id, s.target, s.horizon_sessions, s.events, s.excess_pct, s.q_value,
  s.minimum_detectable_pct, s.grade,
  list(e.session_date ORDER BY e.session_date) AS event_sessions
FROM bi.event_study s
JOIN mart.event e USING (event_id, target, horizon_sessions)
WHERE e.left_on <= s.through_date
GROUP BY ALL
ORDER BY s.q_value
