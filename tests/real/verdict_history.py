"""The price history of one index from the publisher's file, and its regime told again by hand.

The machine here reads closes as whole hundredths and looks back over them at every session, where
the one it is held against remembers. Of that one it takes nothing but the edges of zones.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from math import inf, nan
from pathlib import Path
from statistics import median

import polars as pl

from transforms.parse.index_history import PRICE_CSV
from transforms.parse.layout import Payload
from transforms.signals.regime import Regimes, Sources, regimes
from transforms.signals.zones import zones

INDEX_ID = "nifty-smallcap-250"
PRICES = Path("niftyindices") / "price" / "NIFTY SMALLCAP 250.csv"
SESSIONS = Path("sessions_2004_2025.csv")
_LEVELS = ("open", "high", "low", "close", "turnover_inr")
_NOTHING = pl.DataFrame()


@dataclass(frozen=True)
class History:
    """Bars of the index on the exchange's sessions, one a session, and those sessions."""

    bars: pl.DataFrame
    sessions: pl.DataFrame

    def through(self, day: date) -> History:
        """What was known at the close of a session."""
        known = pl.col("session_date") <= day
        return History(self.bars.filter(known), self.sessions.filter(known))

    def scaled_after(self, day: date, factor: float) -> History:
        """The same with every later level multiplied."""
        is_later = pl.col("session_date") > day
        return History(
            self.bars.with_columns(
                pl.when(is_later).then(factor * pl.col(name)).otherwise(name).alias(name)
                for name in ("open", "high", "low", "close")
            ),
            self.sessions,
        )


def read_history(archive: Path) -> History:
    """The file as the project parses it, on the sessions that the exchange held.

    Most sessions stand in it twice: one print cuts the close to a tenth, so the higher one is
    whole, and of some only one has a high and a low.
    """
    path = archive / PRICES
    rows = PRICE_CSV.read(Payload(path.read_bytes(), path.name)).select(**PRICE_CSV.typed)
    with (archive / SESSIONS).open(encoding="utf-8", newline="") as lines:
        held = [date.fromisoformat(row["date"]) for row in csv.DictReader(lines)]
    bars = (
        rows.select(
            "session_date",
            index_id=pl.lit(INDEX_ID),
            **{name: pl.col(name).cast(pl.Float64) for name in _LEVELS},
        )
        .filter(pl.col("session_date").is_in(held))
        .sort("session_date", pl.col("high").is_null(), -pl.col("close"))
        .unique("session_date", keep="first", maintain_order=True)
    )
    first, last = bars["session_date"][0], bars["session_date"][-1]
    days = sorted(day for day in held if first <= day <= last)
    return History(bars, pl.DataFrame({"session_date": days, "is_short": [False] * len(days)}))


def nearest_zones(history: History) -> pl.DataFrame:
    """The nearest zone of each kind at every close."""
    return zones(history.bars, history.sessions, None).filter(pl.col("zone_rank") == 1)


def told(history: History, nearest: pl.DataFrame | None = None) -> Regimes:
    """The regimes of the index, with no other data than its bars."""
    edges = nearest_zones(history) if nearest is None else nearest
    return regimes(Sources(history.bars, history.sessions, edges, *[_NOTHING] * 4))


@dataclass(frozen=True)
class ByHand:
    """What is known of one session: the state, its low, whether a recovery has just given way."""

    state: str
    low_on: date | None
    is_bear_rally: bool


class Tape:
    """Closes of an index with one at every session, as hundredths, and what they say of a row."""

    def __init__(self, history: History, nearest: pl.DataFrame) -> None:
        held = history.bars
        self.dates: list[date] = held["session_date"].to_list()
        self.close: list[int] = [round(100 * close) for close in held["close"]]
        self.sums = [0, *accumulate(self.close)]
        # A high below the close, or a low above it, is none; nor is a missing one.
        highs = [
            max(float(close), 100 * (high or 0.0))
            for high, close in zip(held["high"], self.close, strict=True)
        ]
        lows = [
            100 * low if low and 100 * low <= close else float(close)
            for low, close in zip(held["low"], self.close, strict=True)
        ]
        self.range = self._wilder(highs, lows)
        self.support = self._edges(nearest, "support", "lower")
        self.resistance = self._edges(nearest, "resistance", "upper")
        self.asked: list[float] = self._rises_asked()

    def _edges(self, nearest: pl.DataFrame, kind: str, edge: str) -> dict[int, float]:
        at = {day: row for row, day in enumerate(self.dates)}
        drawn = nearest.filter(pl.col("kind") == kind).select("session_date", edge).rows()
        return {at[day]: 100 * level for day, level in drawn}

    def _wilder(self, highs: Sequence[float], lows: Sequence[float]) -> list[float]:
        """Average true range: a mean of 14, then a fourteenth of each; NaN for 26 sessions."""
        spread = [
            max(high, before) - min(low, before)
            for high, low, before in zip(highs[1:], lows[1:], self.close[:-1], strict=True)
        ]
        average = sum(spread[:14]) / 14
        found = [nan] * 14 + [average]
        for one in spread[14:]:
            average += (one - average) / 14
            found.append(average)
        return [nan if row < 26 else one for row, one in enumerate(found)]

    def _rises_asked(self) -> list[float]:
        """Percent that a rebound takes: 5, or the median of ten past rises or more."""
        close, rises, asked = self.close, [], []
        for end in range(len(close)):
            low = end - 9
            # Lower than all that follow it, and not above those before.
            is_low = low >= 60 and close[low] < min(close[low + 1 : end + 1])
            if is_low and close[low] <= min(close[low - 60 : low]):
                rises.append(100 * (close[end] - close[low]) / close[low])
            asked.append(max(5.0, median(rises)) if len(rises) >= 10 else 5.0)
        return asked

    def is_above(self, row: int, length: int) -> bool | None:
        """Whether a close is above its own mean; null before there is one, or on it."""
        total = self.sums[row + 1] - self.sums[max(0, row + 1 - length)]
        apart = self.close[row] * length - total
        return None if row + 1 < length or not apart else apart > 0

    def trends(self, row: int, *, up: bool) -> bool:
        """Five of seven closes on one side of their 200-session mean."""
        return [self.is_above(at, 200) for at in range(row - 6, row + 1)].count(up) >= 5

    def high_row(self, row: int) -> int:
        """The highest close of 252 sessions, the last of equal ones."""
        return max(range(max(0, row - 251), row + 1), key=lambda at: (self.close[at], at))

    def low_row(self, first: int, row: int) -> int:
        """The lowest close of a span, the first of equal ones."""
        return min(range(first, row + 1), key=lambda at: (self.close[at], at))

    def is_down(self, row: int) -> bool:
        """A tenth below that high."""
        return 10 * self.close[row] <= 9 * self.close[self.high_row(row)]

    def is_near(self, row: int) -> bool:
        """Less than a twentieth below it."""
        return 20 * self.close[row] > 19 * self.close[self.high_row(row)]

    def day(self, low: int, row: int) -> int:
        """Day of the attempt: the first higher close after the low is day 1."""
        ups = (at for at in range(low + 1, row + 1) if self.close[at] > self.close[at - 1])
        first = next(ups, None)
        return 0 if first is None else row - first + 1

    def has_risen(self, low: int, row: int) -> bool:
        """As far above the low as a rebound takes."""
        return 100 * (self.close[row] - self.close[low]) >= self.asked[row] * self.close[low]

    def broke_out(self, low: int, row: int) -> bool:
        """Three closes above a resistance seen since the low, which two closes had broken."""
        floor, best = float(min(self.close[row - 2 : row + 1])), -inf
        for seen in range(row - 2, low - 1, -1):
            pair = [self.close[at] - 0.25 * self.range[at] for at in (seen + 1, seen + 2)]
            best = max(best, min(pair))
            edge = self.resistance.get(seen, inf)
            if edge < best and edge < floor:
                return True
        return False


class Machine:
    """The rules by closes alone, of methodology 4.1 and the table of transitions."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.state, self.entered = "UNKNOWN", 0
        self.low = self.peak = -1
        self.is_bear_rally = self.fell_below_mean = False
        self.support = self.line = nan

    def run(self) -> list[ByHand]:
        """The state at every session."""
        dates, known = self.tape.dates, []
        for row in range(len(dates)):
            self._tell(row)
            low_on = dates[self.low] if self.low >= 0 else None
            known.append(ByHand(self.state, low_on, self.is_bear_rally))
        return known

    def _tell(self, row: int) -> None:
        if self.low >= 0 and self.tape.close[row] < self.tape.close[self.low]:
            self.low = row
            if self.state != "DRAWDOWN":
                self.state, self.entered, self.is_bear_rally = "DRAWDOWN", row, True
            return
        if row - self.entered < 3:
            return
        self.peak = self.tape.high_row(row)
        moved = self._next(row)
        if moved == self.state:
            return
        self.is_bear_rally = self.is_bear_rally and moved == "FAILED"
        if moved == "DRAWDOWN":
            self.low = self.tape.low_row(self.peak, row)
        elif moved == "ADVANCE":
            self.low = -1
        elif moved != "FAILED":
            self._stop(row, moved)
        self.state, self.entered = moved, row

    def _stop(self, row: int, moved: str) -> None:
        """A recovery fails by the support of its first session, if that is an ATR below it."""
        support = self.tape.support.get(row, nan)
        span = self.tape.range[row]
        is_step_up = (self.state, moved) in (
            ("REBOUND", "EARLY_RECOVERY"),
            ("EARLY_RECOVERY", "CONFIRMED"),
        )
        if self.tape.close[row] - support >= span:
            self.support, self.line = support, support - 0.5 * span
        elif not is_step_up:
            self.support = self.line = nan

    def _next(self, row: int) -> str:
        if self.state in ("UNKNOWN", "ADVANCE"):
            return self._from_nothing(row)
        if self.state == "CONFIRMED":
            return self._from_confirmed(row)
        # Near the old high a drawdown, and whatever became of it, is over.
        if self.tape.is_near(row):
            return "ADVANCE"
        if self.state == "FAILED":
            return self._from_failed(row)
        if self.state != "DRAWDOWN":
            return self._from_recovery(row)
        is_old = self.tape.day(self.low, row) >= 4
        return "REBOUND" if is_old and self.tape.has_risen(self.low, row) else "DRAWDOWN"

    def _from_nothing(self, row: int) -> str:
        """From the two states without a low."""
        if row < 251:
            return "UNKNOWN"
        if self.state == "ADVANCE":
            # A low before the advance is not the low of the drawdown after it.
            self.peak = max(self.peak, self.entered)
        return "DRAWDOWN" if self.tape.is_down(row) else "ADVANCE"

    def _is_broken(self, row: int) -> bool:
        """Two closes below the support."""
        if all(close < self.line for close in self.tape.close[row - 1 : row + 1]):
            self.fell_below_mean = False
            return True
        return False

    def _from_recovery(self, row: int) -> str:
        if self._is_broken(row):
            return "FAILED"
        means = [self.tape.is_above(row, length) for length in (20, 50)]
        if self.state == "REBOUND" and means == [True, True]:
            return "EARLY_RECOVERY"
        if self.state == "EARLY_RECOVERY" and self._is_confirmed(row):
            return "CONFIRMED"
        return "REBOUND" if means == [False, False] else self.state

    def _is_confirmed(self, row: int) -> bool:
        close, tape = self.tape.close, self.tape
        is_a_fifth_up = 5 * close[row] >= 6 * close[self.low]
        is_up = tape.is_above(row, 200) is True and tape.trends(row, up=True)
        return is_a_fifth_up and is_up and tape.broke_out(self.low, row)

    def _from_confirmed(self, row: int) -> str:
        if self._is_broken(row):
            return "FAILED"
        if row - self.entered < 60:
            return "CONFIRMED"
        if self.tape.trends(row, up=False):
            self.fell_below_mean = True
            return "FAILED"
        return "ADVANCE" if self.tape.is_near(row) else "CONFIRMED"

    def _from_failed(self, row: int) -> str:
        tape, close = self.tape, self.tape.close
        top = max(range(self.low, row + 1), key=lambda at: (close[at], -at))
        if 5 * close[top] >= 6 * close[self.low] and 10 * close[row] <= 9 * close[top]:
            self.peak = top
            return "DRAWDOWN"
        is_back = (
            tape.trends(row, up=True)
            if self.fell_below_mean
            else min(close[row - 2 : row + 1]) > self.support
        )
        return "REBOUND" if is_back and tape.has_risen(self.low, row) else "FAILED"
