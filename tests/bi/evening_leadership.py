"""Who led a hand-made evening: five sectors, and the four sessions since an index's low."""

from __future__ import annotations

from datetime import date
from typing import Any

INDEX = "nifty-smallcap-100"
EXCESS: dict[str, tuple[float | None, float | None, float | None]] = {
    "Chemicals": (1.2, 6.0, -3.0),
    "Capital Goods": (0.4, 2.0, 9.0),
    "Healthcare": (-0.3, -0.04, 1.0),
    "Realty": (-2.4, -4.5, -12.0),
    "Media": (None, None, None),
}
"""Points over the market, 9, 21 and 63 sessions."""
QUADRANTS = {"Chemicals": "leading", "Capital Goods": "weakening", "Realty": "lagging"}
RETURN_1 = {"Chemicals": 1.0, "Realty": -0.5}
"""Percent; the others and the market 0.25."""
DAILY: dict[str, dict[str, tuple[float, float]]] = {
    "whole": {"all": (100.0, 0.6)},
    "sector": {"Chemicals": (40.0, 0.5), "Realty": (60.0, 0.1)},
    "tier": {"Small caps": (90.0, 0.7), "Micro caps": (10.0, -0.1)},
    "quality": {"unknown": (100.0, 0.6)},
    "speculative": {"top third": (30.0, 0.4), "bottom third": (70.0, 0.2)},
}
"""Weight and contribution of each group at every session, percent and points."""


def marts(days: list[date]) -> dict[str, list[dict[str, Any]]]:
    """Rows of each mart, by its table."""
    return {
        "mart.sector_rotation": [
            {
                "session_date": days[-1],
                "universe": f"industry:{name}",
                "universe_title": name,
                "is_survivorship_biased": name == "Media",
                "quadrant": QUADRANTS.get(name),
                "above_sma_50_pct": 75.0 if name == "Chemicals" else 20.0,
                **{
                    f"{weights}_excess_{sessions}_points": value
                    for weights in ("cap", "equal")
                    for sessions, value in zip((9, 21, 63), excess, strict=True)
                },
            }
            for name, excess in EXCESS.items()
        ],
        "mart.contribution": [
            {
                "session_date": days[-1 - age],
                "universe": INDEX,
                "grouping": grouping,
                "group_name": name,
                "is_survivorship_biased": False,
                "compared": 50,
                "weighed": 50,
                "weight_pct": weight,
                "contribution_points": contribution,
                # The closes of `evening_shares`: 15,000 at the low, 100 more a session.
                "index_close_before": 15_000.0 + 100 * (3 - age),
                "index_return_pct": 100 * (100 / (15_000.0 + 100 * (3 - age))),
            }
            for age in range(4)
            for grouping, groups in DAILY.items()
            for name, (weight, contribution) in groups.items()
        ],
    }
