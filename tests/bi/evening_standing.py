"""Where a hand-made evening stands: an early recovery on its sixth day, after two of a drawdown."""

from __future__ import annotations

from datetime import date
from typing import Any

HEADLINE = "nifty-smallcap-100"
LOW, LOW_AGE = 13_000.0, 20
"""Lowest close of the drawdown, and the sessions since."""
EARLY_LEGS = {
    "leg_above_averages": True,
    "leg_thrust": True,
    "leg_breadth_turns": True,
    "leg_flows": None,
    "leg_companion": False,
}
CONFIRMED_LEGS = {
    "leg_summation": True,
    "leg_above_sma_200": False,
    "leg_breakout": False,
    "leg_risen_20": False,
    "leg_companion_recovers": False,
    "leg_results": None,
}


def regime(days: list[date], age: int, state: str, day: int, **others: Any) -> dict[str, Any]:
    """A row of mart.regime, so many sessions before the evening."""
    return {
        "session_date": days[-1 - age],
        "index_id": HEADLINE,
        "rules": "full",
        "state": state,
        "days_in_state": day,
        "entered_on": days[-age - day],
        "is_bear_rally": False,
        "held_by_data": "",
        "close": 13_793.0,
        "drawdown_252_pct": -18.24,
        "low_close": LOW,
        "low_date": days[-1 - LOW_AGE],
        "rise_from_low_pct": 6.1,
        "day_count": LOW_AGE - age,
        "above_sma_200_of_7": 2,
        **EARLY_LEGS,
        **CONFIRMED_LEGS,
        "early_held": 3,
        "early_tested": 4,
        "confirmed_held": 1,
        "confirmed_tested": 5,
        "past_rebounds": 14,
        "past_confirmed": 9,
        "confirmed_probability": 9 / 14,
        "confirmed_probability_low": 0.388,
        "confirmed_probability_high": 0.837,
        "past_null_probability": 0.4512,
        "recovery_null_probability": 0.3248,
        **others,
    }


def transition(
    days: list[date], age: int, before: str, after: str, **others: Any
) -> dict[str, Any]:
    """A row of mart.regime_transition, so many sessions before the evening."""
    return {
        "session_date": days[-1 - age],
        "index_id": HEADLINE,
        "rules": "full",
        "from_state": before,
        "to_state": after,
        "days_in_state": 5,
        "reason": f"{before} ended at 13,650.00",
        "legs_held": "",
        "legs_missing": "",
        "is_bear_rally": False,
        **others,
    }


def trigger(day: date, to_state: str, name: str, level: float, **others: Any) -> dict[str, Any]:
    """A row of mart.regime_trigger."""
    return {
        "session_date": day,
        "index_id": HEADLINE,
        "rules": "full",
        "to_state": to_state,
        "trigger": name,
        "quantity": "close",
        "comparison": "below" if level < 13_793 else "above",
        "level": level,
        "unit": "points",
        "current": 13_793.0,
        "distance_pct": 100 * (level / 13_793 - 1),
        "is_met": False,
        "needs": "",
        **others,
    }


def zone(
    day: date, kind: str, rank: int, lower: float, upper: float, **others: Any
) -> dict[str, Any]:
    """A row of mart.zone."""
    near = upper if kind == "support" else lower
    return {
        "session_date": day,
        "index_id": HEADLINE,
        "kind": kind,
        "zone_rank": rank,
        "lower": lower,
        "upper": upper,
        "centre": (lower + upper) / 2,
        "pivots": 3,
        "score": 2.5,
        "first_pivot_on": date(2025, 10, 6),
        "last_pivot_on": date(2025, 12, 1),
        "known_from": date(2025, 11, 3),
        "touches": 5,
        "bounces": 3,
        "breakouts": 1,
        "failures": 0,
        "bounce_rate_pct": 60.0,
        "artificial_bounce_rate_pct": 55.0,
        "strength_percentile": 61.24,
        "distance_pct": abs(100 * (near / 13_793 - 1)),
        "distance_atr": 1.26,
        "distance_sessions": 3.4,
        "reach_first_probability": 0.7312,
        **others,
    }


def marts(days: list[date]) -> dict[str, list[dict[str, Any]]]:
    """Rows of each mart, by its table."""
    evening, before = days[-1], days[-2]
    return {
        "mart.regime": [
            *(regime(days, age, "DRAWDOWN", 30 - age) for age in range(29, 9, -1)),
            *(regime(days, age, "REBOUND", 10 - age) for age in range(9, 5, -1)),
            *(regime(days, age, "EARLY_RECOVERY", 6 - age) for age in range(5, -1, -1)),
            regime(days, 0, "REBOUND", 10, rules="index"),
            regime(days, 0, "ADVANCE", 40, index_id="nifty-midcap-100", rise_from_low_pct=None),
            regime(days, 1, "ADVANCE", 90, index_id="nifty-50", rise_from_low_pct=None),
            regime(days, 0, "DRAWDOWN", 1, index_id="nifty-50", rise_from_low_pct=0.0),
        ],
        "mart.regime_transition": [
            transition(days, 260, "UNKNOWN", "ADVANCE"),
            transition(days, 29, "ADVANCE", "DRAWDOWN"),
            transition(days, 9, "DRAWDOWN", "REBOUND", days_in_state=20),
            transition(days, 5, "REBOUND", "EARLY_RECOVERY", legs_missing="flows"),
            transition(
                days,
                0,
                "ADVANCE",
                "DRAWDOWN",
                index_id="nifty-50",
                reason="closed at 22,400.00, 10.4% below its highest close of 252 sessions.",
            ),
        ],
        "mart.regime_trigger": [
            trigger(before, "DRAWDOWN", "yesterday", 12_000.0),
            trigger(evening, "DRAWDOWN", "new_low", LOW),
            trigger(evening, "FAILED", "support", 13_400.0, needs="a second close in a row"),
            trigger(evening, "ADVANCE", "near_high", 16_020.0),
        ],
        "mart.zone": [
            zone(before, "support", 1, 13_500.0, 13_600.0),
            zone(before, "resistance", 1, 13_700.0, 13_760.0, breakouts=0),
            zone(before, "resistance", 2, 14_100.0, 14_200.0),
            zone(evening, "support", 1, 13_705.0, 13_765.0, known_from=days[-40]),
            zone(evening, "support", 2, 13_500.0, 13_600.0),
            zone(evening, "resistance", 1, 13_900.0, 13_950.0, known_from=evening),
            zone(evening, "resistance", 2, 14_100.0, 14_200.0),
        ],
    }
