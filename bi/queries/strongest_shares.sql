-- Which ordinary shares lead tonight, and is what was bought also taken home?
SELECT symbol, title, industry, close, relative_strength_rank, return_21_pct, return_63_pct,
  delivery_share_pct, delivery_share_z_60, drawdown_252_pct
FROM bi.share_today
WHERE relative_strength_rank >= 80 AND is_above_sma_200 AND NOT coalesce(is_lottery, false)
ORDER BY relative_strength_rank DESC, symbol
LIMIT 50
