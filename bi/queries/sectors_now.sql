-- How do sectors stand beside the market tonight?
SELECT sector, quadrant, rank_21, cap_excess_21_points, equal_excess_21_points, members,
  advancing_pct, above_sma_50_pct, above_sma_200_pct, is_survivorship_biased
FROM bi.sector
WHERE session_date = (SELECT max(session_date) FROM mart.sector_rotation)
ORDER BY rank_21 NULLS LAST, sector
