"""How zones, regimes and barriers become grades: the cut-offs of those claims, in one place."""

from __future__ import annotations

from transforms.signals.threshold import Threshold

_OURS = "Riskon convention"

NEAR_ATR = Threshold(
    "level_near_atr", 5.0, "ATR", "A zone farther away is none the price stands at", _OURS
)
STRONG_PERCENTILE = Threshold(
    "level_strong_percentile",
    90.0,
    "percent",
    "Rank of a zone's bounce rate among artificial levels from which it has held",
    f"Design: Osler, Support for Resistance, FRBNY Economic Policy Review (2000); cut-off: {_OURS}",
)
PARTLY_PERCENTILE = Threshold(
    "level_partly_percentile", 60.0, "percent", "The same rank, for holding in part", _OURS
)
WEAK_PERCENTILE = Threshold(
    "level_weak_percentile",
    40.0,
    "percent",
    "Below this rank a zone that was passed has not held at all",
    _OURS,
)
NEW_LOW_SESSIONS = Threshold(
    "failure_new_low_sessions",
    63.0,
    "sessions",
    "A failed recovery has this long to fall below its low: a quarter",
    _OURS,
)
LEAST_FAILURES = Threshold(
    "failure_least", 5.0, "failures", "Fewer past failures say nothing of the next", _OURS
)
LEAST_RECOVERIES = Threshold(
    "failure_least_recoveries",
    126.0,
    "sessions",
    "Decided sessions of a recovery before failures are compared with them: half a year",
    _OURS,
)
DECISION_SESSIONS = Threshold(
    "decision_sessions", 15.0, "sessions", "Three weeks, the farther barrier in time", _OURS
)
SHORT_DECISION_SESSIONS = Threshold(
    "decision_short_sessions", 10.0, "sessions", "Two weeks, the nearer barrier in time", _OURS
)
LEAST_ALIKE = Threshold(
    "decision_least_alike",
    63.0,
    "sessions",
    "Past sessions with like odds before their outcomes are told",
    _OURS,
)
LEAST_JACCARD = Threshold(
    "case_zone_least_jaccard",
    0.3,
    "share",
    "Overlap of a stated zone with ours, as a share of what both cover together",
    _OURS,
)

THRESHOLDS = (
    NEAR_ATR,
    STRONG_PERCENTILE,
    PARTLY_PERCENTILE,
    WEAK_PERCENTILE,
    NEW_LOW_SESSIONS,
    LEAST_FAILURES,
    LEAST_RECOVERIES,
    DECISION_SESSIONS,
    SHORT_DECISION_SESSIONS,
    LEAST_ALIKE,
    LEAST_JACCARD,
)
