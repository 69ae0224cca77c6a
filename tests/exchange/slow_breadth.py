"""Breadth worked out slowly: plain Python over what is true of the simulated market.

It reads the generator's truth, never Riskon's tables, and shares no code with what it judges: one
share after another, one session after another. What the methodology leaves to the house is said
where it is done.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flows.demo.world.index_members import chosen, ranked
from flows.demo.world.market import Market
from flows.demo.world.share_weights import members_in_force

YEAR = 252
SAME_DAY = "T0"
"""Series of trades settled the same day: a second window on a share."""
LONGEST_GAP = 20
"""Sessions that a share may miss before its windows begin anew: the house's choice."""
SAME = 1e-9
"""Prices nearer than that, in proportion, are one price that floats have rounded differently."""
UNMOVED = 1e-8
"""Returns smaller than that are none: a tick is more."""
AVERAGES = (20, 50, 200)

Value = float | int | bool | None
Row = dict[str, Value]


@dataclass(frozen=True)
class Bar:
    """One share at one session it traded, in the chained prices of its unbroken stretch."""

    company: int
    is_pair: bool
    """It traded the session before too, and what it did since is known."""
    move: float
    """Simple return since then, where it is a pair."""
    turnover: float
    delivered: float | None
    cap_before: float | None
    is_quarantined: bool
    above: Mapping[int, bool]
    """Whether the close is above its average, of those averages that are warm."""
    is_high: bool | None
    is_low: bool | None
    return_9: float | None


@dataclass
class _Run:
    """Chained prices of a stretch without a jump and without a long pause."""

    level: float = 1.0
    closes: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)
    lows: list[float] = field(default_factory=list)

    def add(self, close: float, high: float, low: float, move: float | None) -> None:
        """Go on from the last close by a return; prices of the day stand to its close."""
        if self.closes and move is not None:
            self.level *= 1.0 + move
        self.closes.append(self.level)
        self.highs.append(self.level * high / close)
        self.lows.append(self.level * low / close)


def ordinary_bars(market: Market) -> dict[date, list[Bar]]:
    """By session, the ordinary shares that traded: what each did, and where it stands.

    The window's first session is the first anyone knows of.
    """
    sessions = list(market.sessions["session_date"])
    place = {day: at for at, day in enumerate(sessions)}
    caps = {
        (day, company): issued * close
        for day, company, issued, close in market.shares.caps.select(
            "session_date", "company", "issued_shares", "close"
        ).iter_rows()
        if company is not None
    }
    found: dict[date, list[Bar]] = {day: [] for day in sessions}
    for company, rows in _histories(market).items():
        run = _Run()
        last: int | None = None
        for row in rows:
            day: date = row["session_date"]
            gap: int | None = None if last is None else place[day] - last
            last = place[day]
            if row["is_quarantined"] or (gap is not None and gap > LONGEST_GAP + 1):
                run = _Run()
            run.add(row["close"], row["high"], row["low"], row["adjusted_return"])
            if not row["is_ordinary"]:
                continue
            is_pair = gap == 1 and not row["is_quarantined"]
            found[day].append(
                Bar(
                    company=company,
                    is_pair=is_pair,
                    move=row["adjusted_return"] if is_pair else 0.0,
                    turnover=row["turnover_inr"],
                    delivered=_delivered(row),
                    cap_before=caps.get((sessions[place[day] - 1], company)) if is_pair else None,
                    is_quarantined=row["is_quarantined"],
                    **_standing(run),
                )
            )
    return found


def _histories(market: Market) -> dict[int, list[dict[str, Any]]]:
    """By company, its sessions with the day's range and deliveries, whatever the board.

    The truth is of the main board. Who came to it from another was traded there before: of those
    days there are bars, and no corporate actions.
    """
    truth = {
        (row["session_date"], row["symbol"], row["series"]): row
        for row in market.shares.truth.iter_rows(named=True)
    }
    acted = {row["company"] for row in market.shares.actions.iter_rows(named=True)}
    rows: dict[int, list[dict[str, Any]]] = {}
    for bar in market.shares.bars.sort("session_date").iter_rows(named=True):
        if bar["company"] is None or bar["series"] == SAME_DAY:
            continue
        known = truth.get((bar["session_date"], bar["symbol"], bar["series"]))
        before = rows.setdefault(bar["company"], [])
        if known is None:
            assert bar["company"] not in acted
            move = bar["close"] / before[-1]["close"] - 1.0 if before else None
            known = {"adjusted_return": move, "is_ordinary": False, "is_quarantined": False}
        before.append(bar | known)
    return rows


def _delivered(row: Mapping[str, Any]) -> float | None:
    """Value delivered; where every trade is, nothing is told."""
    shares: int | None = row["delivery_shares"]
    return None if shares is None or row["series"] != "EQ" else shares * row["close"]


def _standing(run: _Run) -> dict[str, Any]:
    """Where the last close of a stretch stands among those before it."""
    close, closes = run.closes[-1], run.closes
    year_before = slice(-YEAR - 1, -1)
    is_old = len(closes) > YEAR
    return {
        "above": {
            n: close > statistics.fmean(closes[-n:]) * (1 + SAME)
            for n in AVERAGES
            if len(closes) >= n
        },
        "is_high": run.highs[-1] > max(run.highs[year_before]) * (1 + SAME) if is_old else None,
        "is_low": run.lows[-1] < min(run.lows[year_before]) * (1 - SAME) if is_old else None,
        "return_9": close / closes[-10] - 1.0 if len(closes) > 9 else None,
    }


@dataclass(frozen=True)
class SeenLists:
    """What can be known of an index's members by who looks on some evenings only.

    A list holds from the evening on which it was seen to the next; before the first evening the
    first list stands in, and the survivors alone are in it.
    """

    market: Market
    name: str
    evenings: Sequence[date]
    reviews: dict[date, frozenset[int]] = field(default_factory=dict)
    """Companies by review, as far as they were asked for."""

    def members(self, session: date) -> frozenset[int]:
        """Companies in the list that stands for a session."""
        seen = [evening for evening in self.evenings if evening <= session]
        evening = seen[-1] if seen else self.evenings[0]
        review = members_in_force(evening)
        if review not in self.reviews:
            self.reviews[review] = _chosen(self.market, self.name, review)
        return self.reviews[review]

    def is_biased(self, session: date) -> bool:
        """Whether the list was first seen after the session."""
        return session < self.evenings[0]


def _chosen(market: Market, name: str, review: date) -> frozenset[int]:
    """Companies that a review put into a list."""
    population = market.results.population
    ranks = ranked(population, market.seed, review)
    return frozenset(one.number for one in chosen(name, ranks, len(population)))


def breadth_rows(
    market: Market, bars: Mapping[date, Sequence[Bar]], universe: SeenLists | None
) -> dict[date, Row]:
    """Counts and series of a universe, session by session; of the whole market where none is named.

    `bars` are those of `ordinary_bars`. Percentages and returns are in percent.
    """
    rows: dict[date, Row] = {}
    for day, is_short in market.sessions.select("session_date", "is_short").iter_rows():
        inside = None if universe is None else universe.members(day)
        traded = [bar for bar in bars[day] if inside is None or bar.company in inside]
        rows[day] = _counts(traded) | {
            "members": len(traded) if inside is None else len(inside),
            "is_survivorship_biased": universe is not None and universe.is_biased(day),
            "is_short": is_short,
        }
    in_order = list(rows.values())
    _participation(in_order)
    _trends(in_order)
    _volumes(in_order)
    return rows


def sector_contributions(
    market: Market, bars: Mapping[date, Sequence[Bar]], universe: SeenLists
) -> dict[tuple[date, str], float]:
    """Percentage points that each industry's members added to their universe's return by size."""
    industry = {one.number: one.industry for one in market.results.population}
    found: dict[tuple[date, str], float] = {}
    for day, traded in bars.items():
        inside = universe.members(day)
        weighed = [bar for bar in traded if bar.is_pair and bar.cap_before]
        weighed = [bar for bar in weighed if bar.company in inside]
        total = math.fsum(bar.cap_before or 0.0 for bar in weighed)
        for bar in weighed:
            key = day, industry[bar.company]
            part = 100 * (bar.cap_before or 0.0) * bar.move / total
            found[key] = found.get(key, 0.0) + part
    return found


def _counts(traded: Sequence[Bar]) -> Row:
    pairs = [bar for bar in traded if bar.is_pair]
    up = [bar for bar in pairs if bar.move > UNMOVED]
    down = [bar for bar in pairs if bar.move < -UNMOVED]
    weighed = [(bar.cap_before, bar.move) for bar in pairs if bar.cap_before]
    nine = [100 * bar.return_9 for bar in traded if bar.return_9 is not None]
    row: Row = {
        "traded": len(traded),
        "advances": len(up),
        "declines": len(down),
        "unchanged": len(pairs) - len(up) - len(down),
        "quarantined": sum(bar.is_quarantined for bar in traded),
        "turnover_inr": math.fsum(bar.turnover for bar in traded),
        "up_turnover_inr": math.fsum(bar.turnover for bar in up),
        "down_turnover_inr": math.fsum(bar.turnover for bar in down),
        "delivery_known": sum(bar.delivered is not None for bar in [*up, *down]),
        "up_delivered_inr": math.fsum(bar.delivered or 0.0 for bar in up),
        "down_delivered_inr": math.fsum(bar.delivered or 0.0 for bar in down),
        "new_highs": sum(bar.is_high is True for bar in traded),
        "new_lows": sum(bar.is_low is True for bar in traded),
        "eligible_252": sum(bar.is_high is not None for bar in traded),
        "equal_weight_return_pct": _ratio(100 * math.fsum(bar.move for bar in pairs), len(pairs)),
        "cap_weight_return_pct": _ratio(
            100 * math.fsum(cap * move for cap, move in weighed),
            math.fsum(cap for cap, _ in weighed),
        ),
        "weighed": len(weighed),
        "dispersion_9_pct": statistics.stdev(nine) if len(nine) > 1 else None,
        "interquartile_9_pct": _interquartile(nine),
    }
    for n in AVERAGES:
        row[f"above_sma_{n}"] = sum(bar.above.get(n, False) for bar in traded)
        row[f"eligible_sma_{n}"] = sum(n in bar.above for bar in traded)
    return row


def _interquartile(values: Sequence[float]) -> float | None:
    if len(values) < 2:
        return None
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return high - low


def _ratio(part: float, whole: Value) -> float | None:
    return part / whole if whole else None


def _of(row: Row, name: str) -> float:
    value = row[name]
    assert value is not None
    return float(value)


def _participation(rows: Iterable[Row]) -> None:
    line = 0.0
    for row in rows:
        advances, declines = _of(row, "advances"), _of(row, "declines")
        moved = advances + declines
        compared = moved + _of(row, "unchanged")
        line += advances - declines
        row["ad_line"] = line
        row["rana"] = _ratio(1000 * (advances - declines), moved)
        row["net_advances_pct"] = _ratio(100 * (advances - declines), moved)
        row["advancing_pct"] = _ratio(100 * advances, compared)
        row["coverage_pct"] = _ratio(100 * _of(row, "traded"), row["members"])
        for n in AVERAGES:
            above = 100 * _of(row, f"above_sma_{n}")
            row[f"above_sma_{n}_pct"] = _ratio(above, row[f"eligible_sma_{n}"])
        highs, lows = _of(row, "new_highs"), _of(row, "new_lows")
        row["net_new_highs_pct"] = _ratio(100 * (highs - lows), row["eligible_252"])


def _trends(rows: Iterable[Row]) -> None:
    """McClellan: each trend starts at the first value, and anew after a session nobody moved."""
    fast = slow = 0.0
    length = 0
    for row in rows:
        rana = row["rana"]
        if rana is None:
            length = 0
        else:
            fast = rana if not length else fast + 0.10 * (rana - fast)
            slow = rana if not length else slow + 0.05 * (rana - slow)
            length += 1
        row["rana_trend_10"] = fast if length >= 19 else None
        row["rana_trend_5"] = slow if length >= 39 else None
        row["mcclellan_oscillator"] = fast - slow if length >= 39 else None
        row["mcclellan_summation"] = 19 * slow - 9 * fast if length >= 127 else None


def _volumes(rows: Sequence[Row]) -> None:
    """Sessions of an hour tell nothing of volumes: they are left out of sums, and have no value."""
    terms = ("advances", "declines", "up_turnover_inr", "down_turnover_inr")
    delivered = ("up_delivered_inr", "down_delivered_inr")
    for at, row in enumerate(rows):
        ten = rows[at - 9 : at + 1] if at >= 9 else []
        full = [one for one in ten if not one["is_short"]]
        sums = [math.fsum(_of(one, name) for one in full) for name in terms]
        told = [math.fsum(_of(one, name) for one in full) for name in delivered]
        is_told = bool(ten) and all(one["delivery_known"] for one in ten)
        is_short = row["is_short"]
        up, down = _of(row, "up_turnover_inr"), _of(row, "down_turnover_inr")
        row["up_volume_pct"] = None if is_short else _ratio(100 * up, up + down)
        row["trin"] = None if is_short else _arms([_of(row, name) for name in terms])
        row["open_trin_10"] = None if is_short else _arms(sums)
        row["up_delivered_10_pct"] = (
            _ratio(100 * told[0], sum(told)) if is_told and not is_short else None
        )


def _arms(terms: Sequence[float]) -> float | None:
    advances, declines, up, down = terms
    return (advances / declines) / (up / down) if all(terms) else None
