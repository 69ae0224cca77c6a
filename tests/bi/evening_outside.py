"""The world around a hand-made evening: rows of mart.macro and mart.index_valuation."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

SERIES = (
    ("VIXCLS", 16.4, -1.8, -9.9, 48.2, 1, False),
    ("INDIA_VIX", 12.85, -1.1, -7.9, 21.0, 0, False),
    ("DEXINUS", 90.12, 0.45, 0.5, 98.1, 4, False),
    ("RBI_REPO", 5.25, -0.25, None, 12.0, 3, False),
    ("IN_TBILL_91D", 5.31, -0.09, None, 15.0, 5, False),
    ("IN_RATE_CUTS", 0.06, 0.16, None, 44.0, 5, False),
    ("DFF", 3.63, 0.0, None, 61.0, 2, False),
    ("DGS2", 3.48, -0.07, None, 58.3, 2, False),
    ("DGS10", 4.17, 0.02, None, 83.0, 2, False),
    ("US_RATE_CUTS", -0.15, -0.07, None, 31.0, 2, False),
    ("US_CURVE", 0.69, 0.09, None, 66.0, 2, False),
    ("DTWEXBGS", 118.34, -1.02, -0.9, 55.0, 14, True),
    ("BAMLH0A0HYM2", 2.84, 0.06, None, None, 1, False),
    ("DCOILBRENTEU", None, None, None, None, 30, True),
    ("USER_SERIES", 1234.5, None, None, None, 0, False),
    ("DCOILWTICO", 61.2, 2.1, 3.6, 40.0, 9, False),
    ("FEDFUNDS", 3.64, -0.02, None, None, 40, False),
    ("INDIRLTLT01STM", 6.61, 0.04, None, None, 40, False),
    ("SP500", 6912.4, 15.2, 0.2, 97.0, 2, False),
    ("T10Y2Y", 0.69, 0.09, None, 66.0, 2, False),
)
IMPORTED = ("RBI_REPO", "IN_TBILL_91D")


def marts(evening: date) -> dict[str, list[dict[str, Any]]]:
    """Rows of each mart, by its table."""
    return {
        "mart.macro": [
            {
                "session_date": evening,
                "series_id": series,
                "unit": "see dictionary",
                "value": value,
                "observation_date": evening - timedelta(days=age),
                "age_sessions": age,
                "is_stale": stale,
                "change_20": change,
                "change_20_pct": change_pct,
                "value_percentile": percentile,
            }
            for series, value, change, change_pct, percentile, age, stale in SERIES
        ],
        "mart.index_valuation": [
            {
                "session_date": evening,
                "index_id": index,
                "earnings_basis": "consolidated",
                "price_to_earnings": ratio,
                "price_to_earnings_percentile": rank,
                "price_to_book": 3.456,
                "price_to_book_percentile": 64.0,
                "dividend_yield_pct": 1.3,
                "dividend_yield_pct_percentile": 40.2,
            }
            for index, ratio, rank in (
                ("nifty-smallcap-100", 30.15, 88.8),
                ("nifty-50", 22.4, None),
                ("nifty-bank", 15.0, 50.0),
            )
        ],
    }


def observations(evening: date, known: datetime, recorded: datetime) -> list[dict[str, Any]]:
    """What core holds of the series that a user brought, and of one that was fetched."""
    return [
        {
            "series_id": series,
            "frequency": "daily",
            "observation_date": evening - timedelta(days=age),
            "source_id": "imported_macro" if series in IMPORTED else "fred",
            "value": value,
            "published_at": known,
            "published_basis": "assumed",
            "recorded_at": recorded,
            "file_id": 1,
        }
        for series, value, _, _, _, age, _ in SERIES
        if series in (*IMPORTED, "DGS2")
    ]
