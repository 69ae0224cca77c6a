"""How far a derivation reaches: the sessions it computes, and those before that it reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from flows.landing import RunRecord
from warehouse.store import Warehouse

FIRST_DAY = date(1990, 1, 1)
"""Before everything that is published."""


@dataclass(frozen=True)
class Reach:
    """What one run of a derivation works on, and from when on."""

    warehouse: Warehouse
    run: RunRecord
    sessions: pl.DataFrame
    """session_date, session_number, is_short of every session."""
    since: date | None
    """The first session to compute; None: all of them."""

    def days(self, first: date | None) -> list[date]:
        """Sessions from a date on, or all."""
        listed = self.sessions["session_date"].sort().to_list()
        return [day for day in listed if first is None or day >= first]

    @property
    def last(self) -> date:
        """The newest session."""
        return self.days(None)[-1]

    def before(self, day: date, count: int) -> date:
        """The session so many before a date, or the first there is."""
        earlier = [one for one in self.days(None) if one < day]
        return earlier[max(len(earlier) - count, 0)] if earlier else day


def earliest(since: date | None, *others: date | None) -> date | None:
    """The earliest of dates; None, all there is, is earlier than any."""
    return None if since is None else min([since, *(day for day in others if day is not None)])


def years(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """First and last of sorted dates, year by year."""
    for year in sorted({day.year for day in days}):
        of_year = [day for day in days if day.year == year]
        yield of_year[0], of_year[-1]
