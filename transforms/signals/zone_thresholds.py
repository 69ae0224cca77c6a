"""The numbers that decide what a zone of support or resistance is."""

from __future__ import annotations

from transforms.signals.threshold import Threshold

_CONVENTION = "Riskon convention"
_WILDER = "Wilder, New Concepts in Technical Trading Systems (1978)"
_OSLER = (
    "Design: Osler, Support for Resistance, FRBNY Economic Policy Review 6 (2), 2000, who compares "
    "published levels with 10,000 sets of artificial ones; the number is a Riskon convention"
)

PIVOT_SESSIONS = Threshold(
    id="zone_pivot_sessions",
    value=5,
    unit="sessions",
    meaning="A pivot is a strict extreme of so many sessions on each side, known after the later",
    source="Swing points of technical analysis; the number is a Riskon convention",
)
ATR_SESSIONS = Threshold(
    id="zone_atr_sessions",
    value=14,
    unit="sessions",
    meaning="Sessions of Wilder's average true range, the measure of every distance",
    source=_WILDER,
)
WINDOW_SESSIONS = Threshold(
    id="zone_window_sessions",
    value=252,
    unit="sessions",
    meaning="Pivots and turnover are those of so many sessions, this one included",
    source=f"{_CONVENTION}: a year",
)
LINK_ATR = Threshold(
    id="zone_link_atr",
    value=0.5,
    unit="ATR",
    meaning="Neighbouring pivots farther apart than this belong to different zones",
    source=_CONVENTION,
)
WIDEST_ATR = Threshold(
    id="zone_widest_atr",
    value=1.5,
    unit="ATR",
    meaning="A cluster wider than this is split at its widest gap",
    source=_CONVENTION,
)
LEAST_PIVOTS = Threshold(
    id="zone_least_pivots",
    value=2,
    unit="pivots",
    meaning="Pivots that make a zone",
    source=_CONVENTION,
)
HALF_LIFE_SESSIONS = Threshold(
    id="zone_half_life_sessions",
    value=63,
    unit="sessions",
    meaning="Age at which a pivot counts half",
    source=f"{_CONVENTION}: a quarter",
)
TOLERANCE_ATR = Threshold(
    id="zone_tolerance_atr",
    value=0.25,
    unit="ATR",
    meaning=(
        "Half width of a level: a zone reaches so far from its centre at least, a touch comes so "
        "near, a breakout closes so far beyond"
    ),
    source=_CONVENTION,
)
PENETRATION_ATR = Threshold(
    id="zone_penetration_atr",
    value=1,
    unit="ATR",
    meaning="A close farther than this beyond a touched level undoes the bounce",
    source=_CONVENTION,
)
BOUNCE_SESSIONS = Threshold(
    id="zone_bounce_sessions",
    value=5,
    unit="sessions",
    meaning="Sessions after a touch in which a bounce must hold",
    source=_CONVENTION,
)
BREAKOUT_CLOSES = Threshold(
    id="zone_breakout_closes",
    value=2,
    unit="sessions",
    meaning="Closes in a row beyond a zone that break it",
    source=_CONVENTION,
)
ARTIFICIAL_LEVELS = Threshold(
    id="zone_artificial_levels",
    value=10_000,
    unit="levels",
    meaning="Artificial levels, evenly spaced over the range since the zone was known",
    source=_OSLER,
)
COMPARABLE_FACTOR = Threshold(
    id="zone_comparable_factor",
    value=2,
    unit="ratio",
    meaning=(
        "An artificial level is compared with if it was touched at least half and at most twice "
        "as often as the zone"
    ),
    source=(
        "Riskon convention: on random walks the ranks of zones are then even; among all levels "
        "they are not, because a level touched once holds always or never"
    ),
)
SIGMA_SESSIONS = Threshold(
    id="zone_sigma_sessions",
    value=60,
    unit="sessions",
    meaning="Log returns whose sample deviation is one session's sigma",
    source=_CONVENTION,
)
VOLUME_BIN_ATR = Threshold(
    id="zone_volume_bin_atr",
    value=0.25,
    unit="ATR",
    meaning="Width of a price bin of turnover, from the lowest price of the window up",
    source=_CONVENTION,
)
VOLUME_PEAK_SHARE = Threshold(
    id="zone_volume_peak_share",
    value=0.1,
    unit="fraction",
    meaning="Share of the bins, those with most turnover, that are peaks; at least one",
    source=f"{_CONVENTION}: the top decile",
)
MOST_ZONES = Threshold(
    id="zone_most_zones",
    value=3,
    unit="zones",
    meaning="Zones of each kind that are kept, the nearest",
    source=_CONVENTION,
)

THRESHOLDS = (
    PIVOT_SESSIONS,
    ATR_SESSIONS,
    WINDOW_SESSIONS,
    LINK_ATR,
    WIDEST_ATR,
    LEAST_PIVOTS,
    HALF_LIFE_SESSIONS,
    TOLERANCE_ATR,
    PENETRATION_ATR,
    BOUNCE_SESSIONS,
    BREAKOUT_CLOSES,
    ARTIFICIAL_LEVELS,
    COMPARABLE_FACTOR,
    SIGMA_SESSIONS,
    VOLUME_BIN_ATR,
    VOLUME_PEAK_SHARE,
    MOST_ZONES,
)
