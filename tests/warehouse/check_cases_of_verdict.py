"""For each check of the verdict: rows that it lets pass, and rows of which it finds so many."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.warehouse.check_cases_of_flows import MONDAY, TUESDAY, WEDNESDAY, Rows, session
from tests.warehouse.check_cases_of_shares import days
from warehouse.tables import (
    EventStudy,
    Monitor,
    Regime,
    RegimeTransition,
    RiskAppetite,
    RiskPillar,
    TradingSession,
    Zone,
)

SMALL = "nifty-smallcap-100"


def zone(lower: float, centre: float, upper: float, rank: int = 1, **other: Any) -> Any:
    facts = {"session_date": TUESDAY, "index_id": SMALL, "kind": "support", "zone_rank": rank}
    edges = {"lower": lower, "centre": centre, "upper": upper, "score": 1.0, "distance_pct": 1.0}
    counts = {"pivots": 2, "touches": 3, "bounces": 2, "breakouts": 0, "failures": 0}
    dates = dict.fromkeys(("first_pivot_on", "last_pivot_on", "known_from"), MONDAY)
    return Zone, {**facts, **edges, **counts, **dates, **other}


def regime(state: str, day: date = TUESDAY, **other: Any) -> Any:
    facts = {"session_date": day, "index_id": SMALL, "rules": "full", "state": state}
    counts = {"days_in_state": 1, "past_rebounds": 0, "past_confirmed": 0}
    rest = {"entered_on": day, "is_bear_rally": False, "held_by_data": ""}
    return Regime, {**facts, **counts, **rest, **other}


def transition(before: str, after: str, day: date = TUESDAY) -> Any:
    facts = {"session_date": day, "index_id": SMALL, "rules": "full", "days_in_state": 9}
    words = {"reason": "it fell", "legs_held": "", "legs_missing": "", "is_bear_rally": False}
    return RegimeTransition, {**facts, **words, "from_state": before, "to_state": after}


def appetite(composite: float | None, pillars: int = 4) -> Any:
    counts = {"pillars": pillars, "inputs": 20, "missing": ""}
    return RiskAppetite, {"session_date": TUESDAY, "composite": composite, **counts}


def pillar(name: str, value: float | None) -> Any:
    counts = {"inputs": 4, "fresh": 4, "missing": ""}
    return RiskPillar, {"session_date": TUESDAY, "pillar": name, "value": value, **counts}


def monitor(colour: str, day: date = TUESDAY, **other: Any) -> Any:
    facts = {"session_date": day, "monitor_id": "macro", "title": "Macro", "unit": "percent"}
    told = {"colour": colour, "changed_on": day, "reasons": "because"}
    return Monitor, {**facts, **told, **other}


def study(p: float | None, q: float | None, **other: Any) -> Any:
    facts = {"through_date": MONDAY, "event_id": "one", "target": SMALL, "horizon_sessions": 21}
    counts = {"events": 12, "hypothetical_events": 2, "hits": 7, "bull_phases": 3, "tests": 18}
    words = {"role": "test", "statement": "It rises", "grade": "PARTLY", "reasons": "because"}
    return EventStudy, {**facts, **counts, **words, "p_value": p, "q_value": q, **other}


VERDICT_CASES: dict[str, list[tuple[Rows, int]]] = {
    "zone_is_drawn": [
        ([zone(98, 99, 100)], 0),
        ([zone(98, 97, 100)], 1),
        ([zone(98, 101, 100)], 1),
        ([zone(98, 99, 100, pivots=1)], 1),
        ([zone(98, 99, 100, known_from=WEDNESDAY)], 1),
        ([zone(98, 99, 100, bounces=4)], 1),
        ([zone(98, 99, 100, distance_pct=-0.1)], 1),
    ],
    "zones_do_not_overlap": [
        ([zone(98, 99, 100), zone(90, 91, 92, 2)], 0),
        ([zone(90, 91, 92), zone(98, 99, 100, 2)], 1),
        ([zone(8, 9, 10, kind="resistance"), zone(18, 19, 20, 2, kind="resistance")], 0),
        ([zone(18, 19, 20, kind="resistance"), zone(8, 9, 10, 2, kind="resistance")], 1),
    ],
    "regime_every_session": [
        ([*days(MONDAY, TUESDAY), regime("ADVANCE", MONDAY), regime("ADVANCE")], 0),
        ([*days(MONDAY, TUESDAY), regime("ADVANCE")], 0),
        ([*days(MONDAY, TUESDAY, WEDNESDAY), regime("ADVANCE", MONDAY)], 2),
    ],
    "transition_is_told": [
        ([*days(MONDAY, TUESDAY), regime("ADVANCE", MONDAY), regime("ADVANCE")], 0),
        (
            [
                *days(MONDAY, TUESDAY),
                regime("ADVANCE", MONDAY),
                regime("DRAWDOWN"),
                transition("ADVANCE", "DRAWDOWN"),
            ],
            0,
        ),
        ([*days(MONDAY, TUESDAY), regime("ADVANCE", MONDAY), regime("DRAWDOWN")], 1),
        (
            [
                *days(MONDAY, TUESDAY),
                regime("ADVANCE", MONDAY),
                regime("ADVANCE"),
                transition("ADVANCE", "DRAWDOWN"),
            ],
            1,
        ),
        (
            [
                *days(MONDAY, TUESDAY),
                regime("ADVANCE", MONDAY),
                regime("DRAWDOWN"),
                transition("ADVANCE", "REBOUND"),
            ],
            1,
        ),
    ],
    "appetite_within_reach": [
        ([appetite(50), pillar("trend", 40), pillar("stress", 60)], 0),
        ([appetite(None, 2), pillar("trend", 40)], 0),
        ([appetite(61), pillar("trend", 40), pillar("stress", 60)], 1),
        ([appetite(50, 3), pillar("trend", 40), pillar("stress", 60)], 1),
    ],
    "monitor_has_its_colour": [
        ([monitor("green"), monitor("green", WEDNESDAY, changed_on=TUESDAY)], 0),
        ([monitor("green"), monitor("red", WEDNESDAY, changed_on=TUESDAY)], 1),
        ([monitor("green", previous_colour="green")], 1),
        ([monitor("green", changed_on=TUESDAY + timedelta(days=9))], 1),
    ],
    "study_adds_up": [
        ([study(0.04, 0.2)], 0),
        ([study(None, None)], 0),
        ([study(0.04, 0.03)], 1),
        ([study(1.5, 1.6)], 1),
        ([study(0.04, 0.2, hits=13)], 1),
    ],
    "regime_not_held": [
        ([(TradingSession, session(TUESDAY)), regime("REBOUND")], 0),
        (
            [
                (TradingSession, session(TUESDAY)),
                (TradingSession, session(WEDNESDAY)),
                regime("REBOUND", held_by_data="EARLY_RECOVERY: flows are missing"),
                regime("REBOUND", WEDNESDAY),
            ],
            0,
        ),
        (
            [
                (TradingSession, session(TUESDAY)),
                regime("REBOUND", held_by_data="EARLY_RECOVERY: flows are missing"),
            ],
            1,
        ),
    ],
}
