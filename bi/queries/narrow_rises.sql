-- On which sessions did small caps as an index rise while most of them fell?
SELECT b.session_date, round(m.return_1_pct, 2) AS index_return_pct,
  b.smallcap_100_advancing_pct, b.smallcap_100_above_sma_50_pct, b.is_survivorship_biased
FROM bi.breadth b JOIN mart.index_momentum m
  ON m.session_date = b.session_date AND m.index_id = 'nifty-smallcap-100'
WHERE m.return_1_pct > 0 AND b.smallcap_100_advancing_pct < 50
ORDER BY b.session_date DESC
LIMIT 100
