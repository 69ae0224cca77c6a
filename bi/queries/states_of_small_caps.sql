-- Which states have small caps gone through, and why?
SELECT session_date, rules, from_state, to_state, days_in_state, reason, legs_missing
FROM bi.regime_transition
WHERE index_id = 'nifty-smallcap-100'
ORDER BY rules, session_date DESC
