-- Which grades and monitors changed with the last session?
WITH two AS (SELECT session_date, row_number() OVER (ORDER BY session_date DESC) AS back
  FROM (SELECT DISTINCT session_date FROM bi.evidence) ORDER BY session_date DESC LIMIT 2)
SELECT 'claim' AS what, e.statement AS which, b.grade AS before, e.grade AS now
FROM bi.evidence e JOIN bi.evidence b USING (claim_id)
WHERE e.session_date = (SELECT session_date FROM two WHERE back = 1)
  AND b.session_date = (SELECT session_date FROM two WHERE back = 2) AND e.grade <> b.grade
UNION ALL
SELECT 'monitor', title, previous_colour, colour FROM bi.monitor
WHERE session_date = (SELECT max(session_date) FROM bi.monitor) AND changed_on = session_date
  AND previous_colour IS NOT NULL
ORDER BY ALL
