-- Which moves of the last year stand on their price alone, or on nothing?
SELECT session_date, symbol, title, kind, action, terms, basis, previous_close, open, close, evidence
FROM bi.corporate_action
WHERE basis IN ('inferred', 'quarantined')
  AND session_date > (SELECT max(session_date) FROM core.trading_session) - 365
ORDER BY session_date DESC, symbol
