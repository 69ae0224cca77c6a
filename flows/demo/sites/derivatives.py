"""The exchange's archive of derivatives as simulated: who holds and who trades what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time

import numpy as np

from flows.calendar import IST
from flows.demo.formats.flows import participant_csv
from flows.demo.sites.answers import CSV, Answer, Request, Visitors, page
from flows.demo.world.contracts import PARTICIPANTS, Measure, draw_contracts
from flows.demo.world.latent import stream
from flows.demo.world.market import Market

FILE = re.compile(
    r"/nsearchives\.nseindia\.com/content/nsccl/fao_participant_(oi|vol)_(\d{8})\.csv"
)
MEASURES: Mapping[str, Measure] = {"oi": "open_interest", "vol": "volume"}
OUT = time(19, 30)
ROUNDED_SHARE = 0.5
OPTION_COLUMNS = (4, 5, 6, 7)


class DerivativesSite:
    """Contracts by participant, one file a session and measure."""

    pages: tuple[str, ...] = ()

    def __init__(self, market: Market, visitors: Visitors) -> None:
        self.seed = market.seed
        self.visitors = visitors  # Files are open to all.
        self._sessions: list[date] = market.sessions["session_date"].to_list()
        self._known = frozenset(self._sessions)

    def answer(self, request: Request, now: datetime) -> Answer | None:
        """The file of a session; other dates have none."""
        if not (found := FILE.fullmatch(request.path)):
            return None
        day = _compact_date(found[2])
        if day is None or day not in self._known or now < _out(day):
            return page(404, "Resource not found")
        return self._file(MEASURES[found[1]], day)

    def another_day(self, request: Request, now: datetime) -> Answer | None:
        """The file of the session before the one asked for."""
        if not (found := FILE.fullmatch(request.path)):
            return None
        asked = _compact_date(found[2])
        before = [
            day for day in self._sessions if asked is not None and day < asked and _out(day) <= now
        ]
        return self._file(MEASURES[found[1]], before[-1]) if before else page(404, "Not found")

    def _file(self, measure: Measure, day: date) -> Answer:
        book = draw_contracts(self.seed, measure)
        rows = [
            (name, _interleaved(book.long[day][k], book.short[day][k]))
            for k, name in enumerate(PARTICIPANTS)
        ]
        total = [sum(column) for column in zip(*(counts for _, counts in rows), strict=True)]
        _round_otherwise(rows, stream(self.seed, f"rounding {measure} {day}"))
        body = participant_csv(day, measure, [*rows, ("TOTAL", total)])
        return Answer(200, body, CSV, modified=_out(day))


def _interleaved(long: tuple[int, ...], short: tuple[int, ...]) -> list[int]:
    """Counts in the file's order, with the totals of both sides.

    Futures stand side by side; of options come the calls and puts of one side, then of the other.
    """
    futures = [count for k in (0, 1) for count in (long[k], short[k])]
    options = [count for k in (2, 4) for side in (long, short) for count in side[k : k + 2]]
    return [*futures, *options, sum(long), sum(short)]


def _round_otherwise(rows: list[tuple[str, list[int]]], rng: np.random.Generator) -> None:
    """Let one option count be one off, every other session.

    The publisher rounds each count for itself, so that genuine columns and rows miss their totals
    by one; futures do not, and nor does the row TOTAL.
    """
    if rng.random() < ROUNDED_SHARE:
        counts = rows[int(rng.integers(len(rows)))][1]
        at = int(rng.choice(OPTION_COLUMNS))
        counts[at] = max(counts[at] + int(rng.choice((-1, 1))), 0)


def _out(day: date) -> datetime:
    return datetime.combine(day, OUT, tzinfo=IST)


def _compact_date(text: str) -> date | None:
    """The date in a file name; None where there is no such day, so no such file."""
    try:
        return date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None
