"""Appetite for risk on a hand-made evening: five pillars, one of them missing, seven monitors."""

from __future__ import annotations

from datetime import date
from typing import Any

COMPOSITE: dict[str, Any] = {
    "composite": 61.5,
    "pillars": 4,
    "inputs": 12,
    "fresh_pct": 83.3,
    "lowest_without_one": 57.2,
    "highest_without_one": 66.4,
    "missing": "stress",
    "change_9": 12.34,
    "change_9_percentile": 91.2,
    "first_component_percentile": 79.0,
    "is_first_component_apart": True,
}
PILLARS: dict[str, tuple[float | None, int, int, int | None, str]] = {
    "trend": (71.0, 3, 3, 0, ""),
    "breadth": (64.0, 3, 3, 0, ""),
    "flows": (74.5, 2, 2, 1, ""),
    "leadership": (36.5, 2, 2, 0, ""),
    "stress": (None, 2, 0, None, "hy_oas: 12 sessions old, india_vix: not held"),
}
"""Value, inputs, fresh, age of the oldest and what is missing."""
INPUTS: dict[str, tuple[str, str, float | None, str, float | None, bool, int | None, bool]] = {
    "return_63": ("trend", "Smallcap 100 over 63 sessions", 6.15, "percent", 80.0, False, 0, True),
    "distance_200": ("trend", "Smallcap 100 from its mean", -2.0, "percent", 55.0, False, 0, True),
    "drawdown_252": ("trend", "Smallcap 100 below its high", -8.0, "percent", 78.0, False, 0, True),
    "above_50": ("breadth", "Above the 50-session mean", 58.0, "percent", 64.0, False, 0, True),
    "above_200": ("breadth", "Above the 200-session mean", 41.0, "percent", 49.0, False, 0, True),
    "highs": ("breadth", "Net new highs", 2.0, "percent", 79.0, False, 0, True),
    "fii_10": ("flows", "FII over 10 sessions", 2250.0, "Rs crore", 91.2, False, 1, True),
    "fii_20": ("flows", "FII over 20 sessions", -1200.0, "Rs crore", 57.8, False, 1, True),
    "small_large": ("leadership", "Smallcap 100 over Nifty 50", 1.4, "ratio", 33.0, False, 0, True),
    "beta_spread": ("leadership", "High beta less low", -1.0, "points", 40.0, False, 0, True),
    "hy_oas": ("stress", "US high-yield spread", 3.1, "percent", 62.0, True, 12, False),
    "india_vix": ("stress", "India VIX", None, "index", None, True, None, False),
}
"""Pillar, title, value, unit, percentile, inverted, age, fresh."""
MONITORS: dict[str, tuple[str, str, float | None, str, float | None, int, str | None, str]] = {
    "macro": ("Macro", "unknown", None, "rank", None, 5, "amber", "stress is missing"),
    "appetite": ("Risk appetite", "green", 61.5, "rank", 77.0, 0, "amber", "percentile is over 60"),
    "level_holds": ("Level holds", "amber", 0.6, "ATR", None, 3, "green", "within 1 ATR"),
    "fii_inflows": ("Foreign inflows", "green", 2250.0, "Rs crore", 91.2, 12, "red", "They buy."),
    "midcap_participation": ("Mid caps take part", "green", None, "", None, 8, "red", "a rebound"),
    "breadth": ("Breadth", "amber", 58.0, "percent", 52.0, 20, None, "between 40 and 60"),
    "filings": ("Filings", "red", -12.0, "percent", 22.0, 2, "amber", "<surprises> are bad"),
}
"""Title, colour, value, unit, percentile, sessions since the change, colour before, reasons."""


def marts(days: list[date]) -> dict[str, list[dict[str, Any]]]:
    """Rows of each mart, by its table: the evening's, and other ones of the session before."""
    return {
        "mart.risk_appetite": [
            {"session_date": days[-2], **COMPOSITE, "composite": 58.0},
            {"session_date": days[-1], **COMPOSITE},
        ],
        "mart.risk_pillar": [
            {
                "session_date": day,
                "pillar": pillar,
                "value": value,
                "inputs": inputs,
                "fresh": fresh,
                "oldest_sessions": oldest,
                "missing": missing,
            }
            for day in days[-2:]
            for pillar, (value, inputs, fresh, oldest, missing) in PILLARS.items()
        ],
        "mart.risk_input": [
            {
                "session_date": day,
                "input_id": input_id,
                "pillar": pillar,
                "title": title,
                "value": value,
                "unit": unit,
                "percentile": percentile,
                "is_inverted": is_inverted,
                "age_sessions": age,
                "is_fresh": is_fresh,
            }
            for day in days[-2:]
            for input_id, (
                pillar,
                title,
                value,
                unit,
                percentile,
                is_inverted,
                age,
                is_fresh,
            ) in INPUTS.items()
        ],
        "mart.monitor": [row for back in (2, 1) for row in _monitors(days[: len(days) - back + 1])],
    }


def _monitors(days: list[date]) -> list[dict[str, Any]]:
    """The last session's monitors; one that changes on the evening has its old colour before."""
    return [
        {
            "session_date": days[-1],
            "monitor_id": monitor_id,
            "title": title,
            "colour": colour,
            "value": value,
            "unit": unit,
            "percentile": percentile,
            "changed_on": days[-1 - age],
            "previous_colour": before,
            "reasons": reasons,
        }
        for monitor_id, (
            title,
            colour,
            value,
            unit,
            percentile,
            age,
            before,
            reasons,
        ) in MONITORS.items()
    ]
