"""For each check of shares: rows that it lets pass, and rows of which it finds so many."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.warehouse.check_cases_of_flows import MONDAY, SEEN, TUESDAY, WEDNESDAY, Rows, session
from transforms.equity_series import EquitySeries
from transforms.metrics.breadth_tables import BreadthCount
from transforms.metrics.equity_tables import EquityMomentum
from transforms.metrics.leadership_tables import Contribution
from warehouse.tables import (
    CorporateAction,
    EquityBar,
    IndexMembership,
    Instrument,
    InstrumentName,
    MarketCap,
    PriceAdjustment,
    PublishedExtreme,
    TradingSession,
)

NEVER = date(9999, 12, 31)
LONG_AGO = TUESDAY - timedelta(days=400)


def days(*dates: date) -> Rows:
    """Sessions, each after the one named before it."""
    before = [None, *dates]
    return [
        (TradingSession, session(day) | {"previous_session_date": earlier})
        for earlier, day in zip(before, dates, strict=False)
    ]


def bar(close: str = "100", day: date = TUESDAY, **other: Any) -> tuple[Any, dict[str, Any]]:
    facts = {"session_date": day, "symbol": "ACE", "series": "EQ", "source_id": "one"}
    figures = {"close": Decimal(close), "volume_shares": 10, "isin": None}
    return EquityBar, {**facts, **figures, **SEEN, **other}


def chained(close: float = 100, day: date = TUESDAY, **other: Any) -> tuple[Any, dict[str, Any]]:
    facts = {"session_date": day, "instrument_id": "ace", "symbol": "ACE", "series": "EQ"}
    links = {"price_factor": 1, "volume_factor": 1, "chain": 0, "sessions_since_bar": 1}
    flags = {"is_ordinary": True, "is_quarantined": False}
    return EquitySeries, {**facts, "close": close, **links, **flags, **other}


def security(
    instrument_id: str = "ace", first: date = MONDAY, last: date = WEDNESDAY, kind: str = "share"
) -> Rows:
    """A security that goes by its id in capitals, from one session to another."""
    facts = {"instrument_id": instrument_id, "symbol": instrument_id.upper()}
    span = {"first_session": first, "last_session": last}
    name = {**facts, "series": "EQ", "isin": "", **span}
    return [
        (Instrument, {**facts, "kind": kind, "kind_basis": "ISIN", **span}),
        (InstrumentName, name),
    ]


def adjusted(basis: str, kind: str, day: date = TUESDAY, **other: Any) -> tuple[Any, Any]:
    facts = {"instrument_id": "ace", "session_date": day, "kind": kind, "terms": "x"}
    prices = {"previous_close": 100.0, "open": 50.0, "close": 50.0}
    return PriceAdjustment, {**facts, "basis": basis, **prices, "evidence": "told", **other}


def told(purpose: str, ex_date: date = TUESDAY, **other: Any) -> tuple[Any, dict[str, Any]]:
    facts = {"source_id": "one", "symbol": "ACE", "series": "EQ", "ex_date": ex_date}
    return CorporateAction, {**facts, "purpose": purpose, **SEEN, **other}


def member(instrument_id: str, valid_to: date = NEVER, kind: str = "index") -> tuple[Any, Any]:
    universe = {"universe": f"a-{kind}", "universe_kind": kind, "universe_title": "A"}
    span = {"valid_from": MONDAY, "valid_to": valid_to, "basis": "seen"}
    facts = {"instrument_id": instrument_id, "is_survivorship_biased": False}
    return IndexMembership, {**universe, **span, **facts}


def counted(universe: str = "market", **counts: int) -> tuple[Any, dict[str, Any]]:
    facts = {"session_date": TUESDAY, "universe": universe, "universe_kind": "index"}
    words = {"universe_title": "A", "is_survivorship_biased": False}
    none = dict.fromkeys(("advances", "declines", "unchanged", "quarantined", "traded"), 0)
    return BreadthCount, {**facts, **words, **none, "members": counts.get("traded", 0), **counts}


def residual(bps: float | None, universe: str = "nifty-50", **other: Any) -> tuple[Any, Any]:
    """What the members of an index leave unexplained of its return."""
    facts = {"session_date": TUESDAY, "universe": universe, "grouping": "whole"}
    told = {"group_name": "all", "is_survivorship_biased": False, "weight_coverage_pct": 99.0}
    counts = {"compared": 50, "weighed": 50}
    return Contribution, {**facts, **told, **counts, "residual_bps": bps, **other}


def reach(number: int, *, is_high: bool | None, **other: Any) -> Rows:
    """A share's session: its bar, whether it made a new high, and the name it is listed by."""
    who = {"session_date": TUESDAY, "instrument_id": f"s{number}"}
    flags = {"is_new_high_252": is_high, "is_new_low_252": None if is_high is None else False}
    cap = {"session_date": TUESDAY, "symbol": f"S{number}", "series": "EQ", "source_id": "one"}
    return [
        chained(**{**who, "symbol": f"S{number}", "day": TUESDAY, **other}),
        (EquityMomentum, who | flags),
        (MarketCap, {**cap, "security_name": f"Share {number}", "category": "Listed", **SEEN}),
    ]


def listed(number: int) -> tuple[Any, dict[str, Any]]:
    facts = {"session_date": TUESDAY, "security_name": f"Share {number}", "extreme": "high"}
    return PublishedExtreme, {**facts, "source_id": "one", "new_price": Decimal(1), **SEEN}


def several(rows: list[Rows]) -> Rows:
    return [row for part in rows for row in part]


SPLIT = "Face Value Split (Sub-Division) - From Rs 10/- Per Share To Rs 2/- Per Share"
DISTANT = WEDNESDAY + timedelta(days=9)
SHARE_CASES: dict[str, list[tuple[Rows, int]]] = {
    "generations_agree": [
        ([bar("100"), bar("100.01", source_id="two")], 0),
        ([bar("100"), bar("100", source_id="two", series="BE", volume_shares=3)], 0),
        ([bar("100"), bar("100.02", source_id="two")], 1),
        ([bar("100"), bar("100", source_id="two", volume_shares=11)], 1),
        ([bar("100"), *(bar("90", source_id=source) for source in ("two", "three"))], 2),
    ],
    "previous_close_chains": [
        (
            [
                *days(MONDAY, TUESDAY),
                chained(100, MONDAY),
                chained(),
                bar(previous_close=Decimal(100)),
            ],
            0,
        ),
        (
            [
                *days(MONDAY, TUESDAY),
                chained(100, MONDAY),
                chained(),
                bar(previous_close=Decimal(99)),
            ],
            1,
        ),
        # It had traded in another series; it was split; it had not traded the session before.
        (
            [
                *days(MONDAY, TUESDAY),
                chained(100, MONDAY, series="BE"),
                chained(),
                bar(previous_close=Decimal(99)),
            ],
            0,
        ),
        (
            [
                *days(MONDAY, TUESDAY),
                chained(100, MONDAY),
                chained(),
                bar(previous_close=Decimal(50)),
                adjusted("declared", "split"),
            ],
            0,
        ),
        (
            [
                *days(MONDAY, TUESDAY, WEDNESDAY),
                chained(100, MONDAY),
                chained(day=WEDNESDAY),
                bar(day=WEDNESDAY, previous_close=Decimal(99)),
            ],
            0,
        ),
    ],
    "unexplained_jump": [
        ([*days(TUESDAY), *security(), adjusted("inferred", "split")], 0),
        ([*days(LONG_AGO, TUESDAY), *security(), adjusted("quarantined", "jump", LONG_AGO)], 0),
        ([*days(TUESDAY), *security(), adjusted("quarantined", "jump")], 1),
    ],
    "inferred_action": [
        ([*days(TUESDAY), *security(), adjusted("declared", "split")], 0),
        ([*days(LONG_AGO, TUESDAY), *security(), adjusted("inferred", "split", LONG_AGO)], 0),
        ([*days(TUESDAY), *security(), adjusted("inferred", "split")], 1),
    ],
    "action_unread": [
        ([*security(), *map(told, (SPLIT, "Bonus 1:1", "Demerger", "Dividend - Rs 5"))], 0),
        ([*security(), told("Special Dividend - Rs 5 Per Share"), told("ANNUAL GENERAL MEET")], 0),
        ([*security(), *map(told, ("BONUS", "FV SPLIT", "RIGHTS ISSUE", "SPL DIVIDEND"))], 4),
        # Before its day already; whatever the series; two wordings of one thing are one.
        ([*security(), told("Bonus", DISTANT), told("Bonus", DISTANT, series="BE")], 1),
        ([*security(), told("BONUS", series="N1"), told("BONUS", symbol="NOBODY")], 0),
        # Another product tells the terms, or the first price after a scheme did.
        ([*security(), told("BONUS"), told("Bonus 1:1", source_id="two")], 0),
        ([*security(), told("Scheme of Arrangement")], 1),
        (
            [
                *security(),
                told("Scheme of Arrangement"),
                adjusted("opening price", "demerger"),
            ],
            0,
        ),
    ],
    "action_unapplied": [
        ([*security(), told(SPLIT), adjusted("declared", "split", ex_date=TUESDAY)], 0),
        ([*security(), told(SPLIT)], 1),
        ([*security(), told("Fv Spl-Rs10tore1/Bon-1:1")], 2),
        ([*security(), told(SPLIT), told("FV SPLIT RS 10 TO RS 2", series="BE")], 1),
        ([*security(), told(SPLIT), adjusted("quarantined", "jump")], 1),
        ([*security(), told(SPLIT), adjusted("declared", "bonus", ex_date=TUESDAY)], 1),
        # Applied on the date it was moved to; a consolidation in words of a split.
        ([*security(), told(SPLIT), adjusted("declared", "split", WEDNESDAY, ex_date=DISTANT)], 0),
        (
            [
                *security(),
                told("REVERSE SPLIT FROM RE 1 TO RS 10"),
                adjusted("declared", "consolidation", ex_date=TUESDAY),
            ],
            0,
        ),
        # Its day is still to come, it has not traded since, or had not before.
        ([*security(), told(SPLIT, DISTANT)], 0),
        ([*security(last=MONDAY), told(SPLIT)], 0),
        ([*security(first=TUESDAY), told(SPLIT)], 0),
        # Under the symbol of another day, known by its ISIN.
        ([*security(), told(SPLIT, symbol="OLD", isin="INE000X01012")], 0),
        (
            [
                *security(),
                (
                    InstrumentName,
                    security()[1][1] | {"symbol": "NEW", "isin": "INE000X01012"},
                ),
                told(SPLIT, symbol="OLD", isin="INE000X01012"),
            ],
            1,
        ),
    ],
    "delivery_pending": [
        ([*days(MONDAY, DISTANT), chained(day=MONDAY, delivery_shares=0)], 0),
        ([*days(MONDAY, DISTANT), chained(day=MONDAY, series="BE")], 0),
        ([*days(MONDAY, MONDAY + timedelta(days=7)), chained(day=MONDAY)], 0),
        ([*days(MONDAY, DISTANT), chained(day=MONDAY), chained(day=DISTANT)], 1),
    ],
    "bar_on_session": [
        ([*days(TUESDAY), bar()], 0),
        ([*days(MONDAY), bar(), bar(series="BE")], 1),
    ],
    "one_bar_each": [
        ([*days(TUESDAY), *security(), bar(), chained()], 0),
        ([*days(TUESDAY), *security(), bar(), bar(source_id="two"), chained(day=MONDAY)], 1),
        ([*days(TUESDAY), *security(kind="debt"), bar()], 0),
        ([*days(MONDAY), *security(), bar()], 0),
    ],
    "market_hole": [
        ([*days(MONDAY, TUESDAY), *security(), bar(day=TUESDAY)], 0),
        (
            [
                *days(MONDAY, TUESDAY, WEDNESDAY, DISTANT),
                *security(),
                *(bar(day=day) for day in (MONDAY, WEDNESDAY)),
            ],
            1,
        ),
    ],
    "member_unknown": [
        ([*security(), member("ace"), member("gone", TUESDAY), member("x", kind="sector")], 0),
        ([member("ace")], 0),
        ([*security("other"), member("ace")], 1),
    ],
    "breadth_adds_up": [
        ([counted(advances=1, traded=1), chained()], 0),
        (
            [
                counted(declines=1, traded=2),
                chained(),
                chained(instrument_id="b", chain=1, sessions_since_bar=2),
            ],
            0,
        ),
        (
            [
                counted(unchanged=1, traded=1),
                chained(),
                chained(instrument_id="b", is_ordinary=False),
            ],
            0,
        ),
        ([counted(quarantined=1, traded=1), chained(is_quarantined=True)], 0),
        ([counted(advances=1, quarantined=1, traded=1), chained(is_quarantined=True)], 1),
        ([counted(advances=1, traded=2), chained(), chained(instrument_id="b")], 1),
        ([counted(advances=1, traded=1)], 1),
        ([counted("nifty-50", advances=2, declines=1, traded=3, members=50)], 0),
        ([counted("nifty-50", advances=2, declines=2, traded=3, members=50)], 1),
        ([counted("nifty-50", advances=2, traded=3, members=2)], 1),
    ],
    "residual_small": [
        ([residual(200), residual(-200, "nifty-500"), residual(None, "nifty-100")], 0),
        ([residual(201), residual(-201, "nifty-500"), residual(900, grouping="sector")], 2),
        # Of a list not seen yet, with sizes not known, or no index.
        ([residual(900, is_survivorship_biased=True), residual(900, "market")], 0),
        ([residual(900, weighed=49), residual(900, "nifty-500", weight_coverage_pct=94.0)], 0),
    ],
    "extremes_agree": [
        (several([reach(n, is_high=True) for n in range(9)]) + [listed(n) for n in range(4)], 0),
        (several([reach(n, is_high=True) for n in range(9)]) + [listed(n) for n in range(3)], 1),
        (several([reach(n, is_high=n < 3) for n in range(9)]) + [listed(n) for n in range(9)], 1),
        # Too young for a year of sessions, no ordinary share, or a session without that list.
        (several([reach(n, is_high=None) for n in range(9)]) + [listed(n) for n in range(9)], 0),
        (
            several([reach(n, is_high=False, is_ordinary=False) for n in range(9)])
            + [listed(n) for n in range(9)],
            0,
        ),
        (several([reach(n, is_high=True) for n in range(9)]), 0),
    ],
}
