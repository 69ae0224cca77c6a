"""The shares of a hand-made evening: breadth of three universes, new extremes, a jump."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

from tests.bi import evening_leadership as leadership
from transforms.metrics.breadth_counts import COUNTS
from warehouse.tables.instruments import Instrument, PriceAdjustment
from warehouse.tables.table import Table

UNIVERSES = (
    ("market", "market", "Every ordinary share", 2000),
    ("nifty-500", "index", "Nifty 500", 500),
    ("tier:large", "tier", "Large caps", 100),
    ("nifty-smallcap-100", "index", "Nifty Smallcap 100", 100),
    *((f"industry:{name}", "sector", name, 40) for name in leadership.EXCESS),
)
HIGHS, LOWS = 12, 2
"""Ordinary shares at a new high and at a new low on the evening."""
JUMPS = (("JUMPED", 0, 400.0, 100.0), ("LEAPT", 3, 20.0, 50.0), ("LONGAGO", 30, 10.0, 1.0))
"""Symbol, sessions before the evening, last close before, close."""


def core(days: list[date]) -> dict[type[Table], list[dict[str, Any]]]:
    """Rows of each core table: who the shares are, and the jumps of three."""
    evening = days[-1]
    return {
        Instrument: [
            {
                "instrument_id": symbol,
                "kind": "share",
                "kind_basis": "series",
                "symbol": symbol,
                "title": "Highest Limited" if symbol == "HIGH11" else None,
                "first_session": days[0],
                "last_session": evening,
            }
            for symbol in _symbols()
        ],
        PriceAdjustment: [
            {
                "instrument_id": symbol,
                "session_date": days[-1 - age],
                "kind": "jump",
                "terms": "unexplained",
                "basis": "quarantined",
                "previous_close": before,
                "open": close,
                "close": close,
                "evidence": "no action known",
            }
            for symbol, age, before, close in JUMPS
        ],
    }


def marts(days: list[date], holes: AbstractSet[date]) -> dict[str, list[dict[str, Any]]]:
    """Rows of each mart, by its table; nothing in the holes."""
    known = [(number, day) for number, day in enumerate(days) if day not in holes]
    rows = [(number, day, one) for number, day in known for one in UNIVERSES]
    return {
        **leadership.marts(days),
        "mart.breadth_count": [_count(number, day, one) for number, day, one in rows],
        "mart.breadth": [_breadth(len(days) - 1 - number, day, one) for number, day, one in rows],
        "mart.equity_series": _series(days),
        "mart.equity_momentum": [
            {
                "session_date": days[-1],
                "instrument_id": symbol,
                "is_new_high_252": symbol.startswith("HIGH"),
                "is_new_low_252": symbol.startswith("LOW"),
            }
            for symbol in _symbols()
        ],
    }


def _symbols() -> list[str]:
    return [
        *(f"HIGH{number}" for number in range(HIGHS)),
        *(f"LOW{number}" for number in range(LOWS)),
        "HIGHFUND",
        *(symbol for symbol, *_ in JUMPS),
    ]


def _identity(day: date, one: tuple[str, str, str, int]) -> dict[str, Any]:
    universe, kind, title, _ = one
    return {
        "session_date": day,
        "universe": universe,
        "universe_kind": kind,
        "universe_title": title,
        "is_survivorship_biased": kind == "index",
    }


def _count(number: int, day: date, one: tuple[str, str, str, int]) -> dict[str, Any]:
    """Six in ten rise, three fall; from the 250th session on shares have a year of history."""
    members = one[3]
    nothing = {item.id: 0 for item in COUNTS if item.kind == "count"}
    return {
        **nothing,
        **_identity(day, one),
        "members": members,
        "traded": members - (5 if one[1] == "index" else 0),
        "advances": 6 * members // 10,
        "declines": 3 * members // 10,
        "unchanged": members // 10,
        "new_highs": HIGHS if number >= 250 else 0,
        "new_lows": LOWS if number >= 250 else 0,
        "eligible_252": members if number >= 250 else 0,
        **dict.fromkeys([item.id for item in COUNTS if item.kind == "number"], 0.0),
    }


def _breadth(age: int, day: date, one: tuple[str, str, str, int]) -> dict[str, Any]:
    """A share above the 50-session average that rises by half a point a session to 70%."""
    is_market = one[1] == "market"
    return {
        **_identity(day, one),
        "members": one[3],
        "index_close": _close(one[0], age),
        "cap_weight_return_pct": leadership.RETURN_1.get(one[2], 0.25),
        "equal_weight_return_pct": leadership.RETURN_1.get(one[2], 0.25),
        "above_sma_20_pct": 80.0,
        "above_sma_50_pct": 70.0 - 0.5 * age if age < 130 else None,
        "above_sma_50_pct_percentile": 91.26 if is_market else None,
        "above_sma_200_pct": 45.5 if is_market and age < 60 else None,
        "net_new_highs_pct": 0.5,
        "ad_line": 600 * (300 - age),
        "mcclellan_summation": 612.4,
        "mcclellan_oscillator": -18.2,
        "up_volume_pct": 66.6,
        "is_zweig_thrust": age == 4 if is_market else None,
        "is_deemer_thrust": (age in {4, 25}) if is_market else one[1] == "index" and age == 4,
        "is_summation_go": False,
        "is_ad_line_divergent": age == 0,
    }


def _close(universe: str, age: int) -> float | None:
    """The market's index rises throughout, the Smallcap 100 since its low of four sessions ago."""
    if universe == "market":
        return 20_000.0 - 10 * age
    return 15_000.0 + 100 * abs(4 - age) if universe == leadership.INDEX else None


def _series(days: list[date]) -> list[dict[str, Any]]:
    """The more is traded of a share, the higher its number; two are not told the deliveries of."""
    evening = [
        _share(days[-1], symbol)
        | {
            "turnover_inr": 1e6 + number,
            "delivery_shares": None if symbol.startswith("LOW") else 40,
            "is_ordinary": symbol != "HIGHFUND",
        }
        for number, symbol in enumerate(_symbols())
        if symbol not in {"LEAPT", "LONGAGO"}
    ]
    before = [
        _share(days[-1 - age], symbol) | {"is_quarantined": True}
        for symbol, age, *_ in JUMPS
        if age
    ]
    return [*evening, *before]


def _share(day: date, symbol: str) -> dict[str, Any]:
    return {
        "session_date": day,
        "instrument_id": symbol,
        "symbol": symbol,
        "series": "EQ",
        "close": 100.0,
        "volume_shares": 100,
        "turnover_inr": 10_000.0,
        "delivery_shares": 50,
        "price_factor": 1.0,
        "volume_factor": 1.0,
        "chain": 0,
        "sessions_since_bar": 1,
        "is_ordinary": True,
        "is_quarantined": symbol == "JUMPED",
    }
