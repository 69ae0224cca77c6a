"""Which dates a column of a result covers: what it says of itself, else its context, else the year.

The context is the weaker witness: the year-to-date column often carries the quarter's dates there,
and older documents leave the columns' contexts out. Columns are told apart by id, never by dates.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from transforms.parse.xbrl_facts import (
    PERIOD_END,
    PERIOD_START,
    QUARTER_NAMED,
    YEAR_START,
    said,
)
from transforms.parse.xbrl_instance import END, QUARTER, YEAR_TO_DATE, Instance, day

QUARTER_DAYS = range(60, 131)
LONGEST_YEAR_DAYS = 560
"""A company that changes its financial year may report eighteen months."""


@dataclass(frozen=True)
class Period:
    """First and last date covered."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """Dates covered."""
        return (self.end - self.start).days + 1


def candidates(instance: Instance, column: str) -> list[Period]:
    """Dates of a column by its own facts, by its context, by its parts' contexts, in this order."""
    facts = instance.of(column)
    pairs = [(day(said(facts, PERIOD_START)), day(said(facts, PERIOD_END)))]
    if column in instance.contexts:
        context = instance.contexts[column]
        pairs.append((context.start, context.end))
    else:
        ordinal = column.removesuffix("D")
        parts = {
            (context.start, context.end)
            for name, context in instance.contexts.items()
            if name.startswith(ordinal) and name not in {QUARTER, YEAR_TO_DATE, END}
        }
        # Parts of one column cover its dates; where they differ they say nothing of the whole.
        pairs += parts if len(parts) == 1 else set()
    return [Period(start, end) for start, end in pairs if start and end and start <= end]


def quarter_of(instance: Instance, stated_end: date | None) -> Period | None:
    """The dates of OneD; null where it covers no quarter of 60 to 130 days.

    Where no start is told anywhere, but the document calls itself quarterly, the three months
    before its end are taken.
    """
    found = candidates(instance, QUARTER)
    for period in found:
        if period.days in QUARTER_DAYS:
            return period
    facts = instance.of(QUARTER)
    end = day(said(facts, PERIOD_END)) or stated_end
    is_quarterly = any("quarter" in facts.get(name, "").lower() for name in QUARTER_NAMED)
    if found or end is None or not is_quarterly:
        return None
    if end.day != calendar.monthrange(end.year, end.month)[1]:
        return None
    return Period(_months_before(end, 2), end)


def year_to_date_of(
    instance: Instance, quarter: Period | None, stated_end: date | None
) -> Period | None:
    """The dates of FourD; null where its end is told nowhere.

    Dates of the quarter count in the first quarter of the financial year alone; else the year
    starts where the document says, or on 1 April.
    """
    found = candidates(instance, YEAR_TO_DATE)
    end = quarter.end if quarter else None
    if end is None:
        end = next((period.end for period in found), None)
        end = end or day(said(instance.of(YEAR_TO_DATE), PERIOD_END)) or stated_end
    if end is None:
        return None
    year = Period(_year_start(instance, quarter or Period(end, end)), end)
    for period in found:
        is_told = period.end == end and period.days <= LONGEST_YEAR_DAYS
        if is_told and (period != quarter or period == year):
            return period
    return year


def _year_start(instance: Instance, period: Period) -> date:
    """First date of the financial year in which a period lies."""
    told = day(
        said(instance.of(QUARTER), YEAR_START) or said(instance.of(YEAR_TO_DATE), YEAR_START)
    )
    longest = timedelta(days=LONGEST_YEAR_DAYS)
    if told and told <= period.start and period.end - told < longest:
        return told
    return date(period.end.year - (period.end.month < 4), 4, 1)


def _months_before(end: date, months: int) -> date:
    """First date of the month so many months before."""
    month = end.year * 12 + end.month - 1 - months
    return date(month // 12, month % 12 + 1, 1)
