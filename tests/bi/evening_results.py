"""A results season of a hand-made evening: rows of mart.earnings."""

from __future__ import annotations

from datetime import date
from typing import Any

QUARTER_END, DUE = date(2025, 12, 31), date(2026, 2, 14)
UNIVERSES = (
    ("industry:Healthcare", "sector", "Healthcare", None, None),
    ("industry:Capital Goods", "sector", "Capital Goods", 24.1, 30.0),
    ("industry:Information Technology", "sector", "Information Technology", -3.5, -12.0),
    ("nifty-smallcap-100", "index", "Nifty Smallcap 100", 18.2, 15.0),
    ("nifty-50", "index", "Nifty 50", 6.4, 4.0),
    ("market", "market", "All companies", 12.3, 12.4),
)


def earnings(days: list[date]) -> list[dict[str, Any]]:
    """Every list on the last session; the market through this season and the one before it."""
    latest = [_row(days[-1], universe) for universe in UNIVERSES]
    market = UNIVERSES[-1]
    through = [
        _row(day, market)
        | {"reported": min(3 * number, 65), "coverage_pct": float(min(3 * number, 65))}
        for number, day in enumerate(day for day in days if QUARTER_END < day < days[-1])
    ]
    before = date(2024, 12, 31)
    year_ago = [
        _row(day, market)
        | {
            "quarter_end": before,
            "due_date": date(2025, 2, 14),
            "coverage_pct": float(min(4 * number, 96)),
        }
        for number, day in enumerate(day for day in days if before < day <= date(2025, 3, 28))
    ]
    return [*latest, *through, *year_ago]


def _row(day: date, one: tuple[str, str, str, float | None, float | None]) -> dict[str, Any]:
    universe, kind, title, growth, diffusion = one
    return {
        "session_date": day,
        "universe": universe,
        "universe_kind": kind,
        "universe_title": title,
        "quarter_end": QUARTER_END,
        "due_date": DUE,
        "companies": 100,
        "reported": 65,
        "coverage_pct": 65.0,
        "is_provisional": True,
        "is_survivorship_biased": kind == "index",
        "matched": 60,
        "net_profit_growth_pct": growth,
        "net_profit_growth_without_largest_pct": None if growth is None else growth - 4.2,
        "net_profit_growth_percentile": 78.0 if kind == "market" else None,
        "revenue_growth_pct": 9.1,
        "surprise_diffusion_pct": diffusion,
        "surprise_diffusion_percentile": 66.0 if kind == "market" else None,
        "surprised": 55,
        "acceleration_pct": 52.0,
        "margin_expansion_pct": 47.0,
        "profit_up_pct": 61.0,
        "turnarounds": 4,
        "to_losses": 1,
        "quarters_ranked": 24,
        "surprise_quarters_ranked": 21,
    }
