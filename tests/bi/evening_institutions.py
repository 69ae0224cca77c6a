"""Flows of a hand-made evening: what the marts of institutions would hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

WIDEST, DEPOSITORY = "NSE+BSE+MSEI", "depository"
FORTNIGHT_END = date(2026, 1, 31)
SECTORS = {
    "Financial Services": 4210.0,
    "Capital Goods": 1825.5,
    "Automobile": 940.0,
    "Healthcare": 12.0,
    "Power": -55.0,
    "Fast Moving Consumer Goods": -1340.0,
    "Information Technology": -6120.0,
    "Total": -527.5,
}


def marts(days: list[date], holes: frozenset[date]) -> dict[str, list[dict[str, Any]]]:
    """Rows of each mart, by its table; the depository tells a session on the next one's evening."""
    flows = [*_provisional(days), *_final(days)]
    return {
        "mart.flow": [row for row in flows if row["session_date"] not in holes],
        "mart.flow_balance": [
            {
                "session_date": days[-1],
                "scope": WIDEST,
                "stage": "provisional",
                "absorption_5_pct": 100.0,
                "absorption_20_pct": 98.4,
            }
        ],
        "mart.flow_surprise": [
            {
                "session_date": days[-2],
                "published_at": _evening(days[-1]),
                "surprise_crore": 10.0,
                "surprise_pct_of_gross": 0.04,
                "surprise_z": 0.2,
            }
        ],
        "mart.participant_position": [
            {
                "session_date": days[-1],
                "participant": who,
                "published_at": _evening(days[-1]),
                "index_future_long_share": share,
                "index_future_long_share_percentile": 12.3,
                "index_future_net_contracts": net,
            }
            for who, share, net in (("FII", 0.312, -123456), ("Client", 0.61, 98765))
        ],
        "mart.sector_flow": [
            {
                "fortnight_end": FORTNIGHT_END,
                "sector": sector,
                "published_at": _evening(date(2026, 2, 9)),
                "net_crore": net,
                "net_sum_6_crore": 3 * net,
                "share_of_assets_bps": net / 100,
            }
            for sector, net in SECTORS.items()
        ],
    }


def _evening(day: date) -> datetime:
    return datetime.combine(day, time(14), UTC)


def _row(day: date, participant: str, scope: str, stage: str, net: float) -> dict[str, Any]:
    buys = net > 0
    return {
        "session_date": day,
        "participant": participant,
        "scope": scope,
        "stage": stage,
        "is_imported": False,
        "published_at": _evening(day),
        "net_crore": net,
        "net_sum_5_crore": 5 * net,
        "net_sum_10_crore": 2250.0 if buys else -2251.0,
        "net_sum_10_crore_percentile": 91.2 if buys else 8.7,
        "net_sum_20_crore": 20 * net,
        "net_sum_20_crore_percentile": 77.0 if buys else 23.0,
        "streak_sessions": 41 if buys else -41,
        "financial_year_net_crore": -84250.0 if buys else 112300.0,
        "is_stabilising": True,
    }


def _provisional(days: list[date]) -> list[dict[str, Any]]:
    rows = []
    for number, day in enumerate(days):
        for participant, sign in (("FII", 1.0), ("DII", -1.0)):
            for scope in (WIDEST, *(["NSE"] if number % 2 else [])):
                row = _row(day, participant, scope, "provisional", sign * (250.0 + number % 7))
                rows.append(row | {"is_imported": number < len(days) - 30})
    return rows


def _final(days: list[date]) -> list[dict[str, Any]]:
    """Ten crore above the provisional figure; the last session's is told tomorrow."""
    followed = zip(days, [*days[1:], None], strict=True)
    return [
        _row(day, "FII", DEPOSITORY, "final", 260.0 + number % 7)
        | {"published_at": _evening(after) if after else _evening(date(2026, 2, 12))}
        for number, (day, after) in enumerate(followed)
    ]
