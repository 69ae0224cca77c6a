"""The scripted story of the simulated market: what happens, and when. No randomness here.

Levels are invented round figures; between two of them the path is drawn (see `factors`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

FIRST_SESSION = date(2020, 2, 3)
LAST_SESSION = date(2026, 2, 11)
# Shares begin later than indices: early enough for percentiles, which ask for 756 sessions.
FIRST_SHARE_SESSION = date(2022, 1, 3)

# The rebound under examination: its low, and the sessions that follow, a Sunday first.
LOW = date(2026, 1, 30)
REBOUND_FROM = date(2026, 2, 1)
SMALLCAP_REBOUND = 1.0615
MIDCAP_REBOUND = 1.0530
REBOUND_FII_NET_CRORE = 2250.0

# The twenty sessions before it, in which foreigners sold.
SELLING_FROM = date(2026, 1, 1)
SELLING_FII_NET_CRORE = (-42000.0, -26000.0)

# No calendar foresees the first; every calendar believes in the second.
UNANNOUNCED_SESSION = date(2023, 7, 15)
UNANNOUNCED_CLOSURE = date(2022, 9, 20)

# When the exchange's own systems show a session's files, Asia/Kolkata.
FILES_OUT = time(18, 30)
FLOWS_OUT = time(19, 0)
FLOWS_RESTATED = time(20, 15)

# Numbers below one are published without their leading zero until this session. Genuine lines of
# 2013 and 2025-03-26 lack it and one of 2026-08-20 has it; the day of the change is invented.
LEADING_ZERO_FROM = date(2025, 7, 1)

# Days on which flows are surely restated, whatever the seed draws.
RESTATED_SESSIONS = (date(2025, 3, 27), date(2026, 2, 5))

# The exchange tells how much of these sessions' trades was delivered a day late.
DELIVERY_LATE = (date(2025, 6, 12), date(2025, 11, 20), date(2026, 2, 5))

# In this calendar year the volatility index is published with its close alone.
VIX_CLOSE_ONLY_YEAR = 2020


@dataclass(frozen=True)
class Anchor:
    """Closing levels which the three scripted indices reach on a date."""

    on: date
    nifty_50: float
    midcap_100: float
    smallcap_100: float


BASE = Anchor(date(2020, 2, 1), 11900, 17900, 6250)

ANCHORS = (
    Anchor(date(2020, 2, 19), 12100, 18200, 6300),
    Anchor(date(2020, 3, 23), 7700, 11100, 3450),
    Anchor(date(2020, 6, 8), 10100, 14800, 4750),
    Anchor(date(2020, 12, 31), 13900, 20700, 7050),
    Anchor(date(2021, 10, 18), 18300, 32600, 11500),
    Anchor(date(2022, 3, 7), 15900, 27000, 9300),
    Anchor(date(2022, 6, 20), 15350, 25800, 8050),
    Anchor(date(2022, 12, 1), 18700, 31900, 10000),
    Anchor(date(2023, 3, 28), 17000, 29400, 8800),
    Anchor(date(2023, 9, 15), 20100, 41000, 12900),
    Anchor(date(2023, 12, 29), 21700, 46200, 15100),
    Anchor(date(2024, 6, 28), 24000, 55700, 18400),
    Anchor(date(2024, 9, 26), 26000, 60200, 19400),
    Anchor(date(2024, 11, 14), 23600, 54200, 18100),
    Anchor(date(2024, 12, 12), 24600, 59000, 21700),
    # A bruising 2025: the large hold, the small do not.
    Anchor(date(2024, 12, 31), 23900, 56900, 20600),
    Anchor(date(2025, 1, 31), 23500, 54600, 19600),
    Anchor(date(2025, 2, 28), 22700, 50600, 18300),
    Anchor(date(2025, 4, 7), 22400, 50200, 17900),
    Anchor(date(2025, 4, 30), 24100, 54000, 18950),
    Anchor(date(2025, 5, 30), 24700, 56500, 19250),
    Anchor(date(2025, 6, 30), 25400, 58800, 19600),
    Anchor(date(2025, 7, 31), 24900, 56900, 18950),
    Anchor(date(2025, 8, 29), 24700, 55700, 18300),
    Anchor(date(2025, 9, 30), 24900, 55900, 18100),
    Anchor(date(2025, 10, 31), 25700, 58200, 18400),
    Anchor(date(2025, 11, 28), 26000, 58500, 17800),
    Anchor(date(2025, 12, 31), 25900, 57300, 17150),
    Anchor(date(2026, 1, 20), 25400, 55900, 16750),
    Anchor(date(2026, 1, 27), 25150, 55300, 16520),
    Anchor(date(2026, 1, 28), 25080, 55100, 16390),
    Anchor(date(2026, 1, 29), 24950, 54700, 16190),
    Anchor(LOW, 24800, 54300, 16010),
    Anchor(REBOUND_FROM, 24880, 54600, 16160),
    Anchor(date(2026, 2, 3), 25050, 55400, 16450),
    Anchor(
        LAST_SESSION,
        25450,
        54300 * MIDCAP_REBOUND,
        16010 * SMALLCAP_REBOUND,
    ),
)


@dataclass(frozen=True)
class Mood:
    """From a date on: mean of the appetite for risk, in its own deviations, and of volatility."""

    since: date
    appetite: float
    volatility: float


MOODS = (
    Mood(date(2020, 2, 1), 0.2, 0.9),
    Mood(date(2020, 2, 20), -2.4, 3.4),
    Mood(date(2020, 3, 24), -0.3, 2.2),
    Mood(date(2020, 5, 20), 0.7, 1.3),
    Mood(date(2020, 10, 1), 1.2, 1.0),
    Mood(date(2021, 10, 18), -1.2, 1.1),
    Mood(date(2022, 6, 21), 0.4, 1.0),
    Mood(date(2022, 12, 2), -0.5, 0.8),
    Mood(date(2023, 3, 29), 0.8, 0.65),
    Mood(date(2023, 9, 16), 0.1, 0.75),
    Mood(date(2024, 6, 5), 0.5, 0.9),
    Mood(date(2024, 9, 27), -1.6, 1.0),
    Mood(date(2025, 3, 20), 0.1, 1.1),
    Mood(date(2025, 7, 1), -0.8, 1.0),
    Mood(date(2025, 10, 1), -0.4, 1.35),
    Mood(date(2026, 1, 2), -1.5, 1.5),
    Mood(REBOUND_FROM, 0.3, 1.4),
)
