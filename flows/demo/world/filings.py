"""When the simulated companies file their results, in which document, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

import numpy as np

from flows.calendar import IST
from flows.demo.world.companies import Company, Form
from flows.demo.world.earnings import LAST_QUARTER, Earnings
from flows.demo.world.factors import Floats

Basis = Literal["consolidated", "standalone"]
Feed = Literal["legacy", "integrated"]
Flaw = Literal["none", "header_only", "ytd_dates", "undeclared", "half_year"]
"""How a document's contexts say which period they are of:

none         both contexts carry their own dates, and say them again as facts
ytd_dates    the year to date's context carries the quarter's dates; its facts tell the truth
header_only  as above, and no facts either: only the financial year and the quarter's name
undeclared   the quarter's context is used by facts and declared nowhere
half_year    the quarter's context holds six months, and their figures
"""

FIRST_FILED = date(2016, 12, 31)
LAST_LEGACY_QUARTER = date(2024, 12, 31)
FIRST_NBFC_QUARTER = date(2019, 12, 31)
"""Before it lenders filled in the form of other companies."""
SEASON = LAST_QUARTER
SEASON_REPORTED = 0.80
"""Share of the companies that have reported the last season before its last three days."""

SCRIPTED_REVISIONS: dict[int, datetime] = {
    9: datetime(2026, 2, 13, 19, 5, 12, tzinfo=IST),
    10: datetime(2026, 2, 5, 20, 41, 33, tzinfo=IST),
    11: datetime(2026, 2, 11, 22, 17, 48, tzinfo=IST),
}
"""Companies that correct the last season's result, and when the world hears: one before the
evening of the story, one late in it, one two days after."""


@dataclass(frozen=True)
class Filing:
    """One document filed, or one that should have been.

    Times are the exchange's, Asia/Kolkata. `announced_at` is null where the list has none: then
    `revised_at` stands, or what the world heard at `disseminated_at`. `changes` is by how much the
    figures differ from the final ones: rupees of revenue and of expenses in the quarter.
    """

    filing_id: str
    company: Company
    quarter: date
    basis: Basis
    vintage: int
    form: Form
    feed: Feed
    is_audited: bool
    is_consolidated_filer: bool
    board_meeting: date
    broadcast_at: datetime
    announced_at: datetime | None
    revised_at: datetime | None
    disseminated_at: datetime
    document: str | None
    file_number: int
    flaw: Flaw
    changes: tuple[float, float]

    @property
    def symbol(self) -> str:
        """The symbol on the day it was filed."""
        return self.company.symbol_on(self.broadcast_at.date())

    @property
    def isin(self) -> str:
        """The ISIN on the day it was filed."""
        return self.company.isin_on(self.broadcast_at.date())


def draw_filings(
    companies: Sequence[Company], earnings: Earnings, seed: int, last: date
) -> list[Filing]:
    """Every filing of quarters to `last`, in the order in which the exchange told of them."""
    streams = np.random.default_rng([seed, 0x6669]).spawn(len(companies))
    filings = [
        filing
        for company, rng in zip(companies, streams, strict=True)
        for filing in _of_company(company, earnings, rng)
        if filing.quarter <= last
    ]
    filings.sort(key=lambda filing: (filing.broadcast_at, filing.company.number, filing.basis))
    return _numbered(filings)


def _of_company(company: Company, earnings: Earnings, rng: np.random.Generator) -> Iterator[Filing]:
    habit = {"large": 21.0, "mid": 31.0, "small": 37.0, "micro": 40.0}[company.tier]
    habit += float(rng.normal(0.0, 4.0))
    # Evenly spread over the companies: a few dozen must show the same season as thousands.
    season_rank = (0.618034 * company.number + 0.05 * float(rng.random())) % 1.0
    surprises = earnings.surprise[company.number]
    for at, quarter in enumerate(earnings.quarters):
        # As many draws for each quarter, whatever becomes of it.
        chances, jitter = rng.random(24), float(rng.normal(0.0, 3.0))
        is_listed = company.listed_on <= quarter + timedelta(days=30)
        is_gone = company.delisted_on is not None and company.delisted_on <= quarter
        if quarter < FIRST_FILED or not is_listed or is_gone:
            continue
        if quarter == SEASON:
            told = _in_season(season_rank, float(surprises[at]), chances)
        else:
            told = _told(quarter, habit + jitter - 2.0 * float(surprises[at]), chances)
        bases: list[Basis] = ["standalone"]
        if company.has_subsidiaries:
            bases = ["consolidated", "standalone"]
            if chances[3] < 0.5:
                bases.reverse()
        for place, basis in enumerate(bases):
            own = chances[8 + 8 * place : 16 + 8 * place]
            gap = timedelta(seconds=int(30 + 2400 * own[0] ** 3)) * place
            if (told + gap).date() != told.date():
                gap = timedelta(seconds=50) * place
            yield from _vintages(company, quarter, basis, told + gap, own)


def _told(quarter: date, lag: float, chances: Floats) -> datetime:
    """When the exchange tells of a result: the worse the later, a few by months too late."""
    is_year = quarter.month == 3
    days = float(np.clip(lag, 10.0, 45.0))
    if is_year:
        days = 15.0 + (days - 10.0) * 45.0 / 35.0
    if chances[0] < 0.012:
        days = (60.0 if is_year else 45.0) + 20.0 + 200.0 * float(chances[1])
    return datetime.combine(quarter + timedelta(days=round(days)), _hour(chances), tzinfo=IST)


def _in_season(rank: float, surprise: float, chances: Floats) -> datetime:
    """The last season is scripted: 12 January to 10 February, and a rest in its last three days.

    A good quarter comes early, a bad one late; `rank` is uniform.
    """
    place = min(max(rank - 0.05 * surprise + 0.04, 0.0), 0.9999)
    if place < SEASON_REPORTED:
        days = 12 + int(30.0 * (place / SEASON_REPORTED) ** 0.7)
    else:
        days = 43 + int(3.0 * (place - SEASON_REPORTED) / (1.0 - SEASON_REPORTED))
    return datetime.combine(SEASON + timedelta(days=days), _hour(chances), tzinfo=IST)


def _hour(chances: Floats) -> time:
    """Afternoons, evenings and some nights."""
    after = 12.0 + 4.5 * chances[4] if chances[5] < 0.3 else 16.5 + 7.45 * chances[4] ** 1.3
    seconds = int(3600.0 * float(after))
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def _vintages(
    company: Company, quarter: date, basis: Basis, told: datetime, chances: Floats
) -> Iterator[Filing]:
    """The filing, and the one that replaces it where it was wrong."""
    feed: Feed = "legacy" if quarter <= LAST_LEGACY_QUARTER else "integrated"
    flaw = _flaw(quarter, feed, float(chances[1]))
    scripted = SCRIPTED_REVISIONS.get(company.number) if quarter == SEASON else None
    if quarter == SEASON or company.form == "insurance":
        flaw = "none"
    is_refiled = scripted is not None or flaw == "half_year" or chances[2] < 0.03
    changes = (0.0, 0.0)
    if is_refiled and flaw != "half_year":
        # Both ways, and often in the profit alone.
        changes = (0.03 * (chances[3] - 0.4), 0.06 * (chances[3] - 0.5))
    form: Form = company.form
    if form == "nbfc" and quarter < FIRST_NBFC_QUARTER:
        form = "ind_as"
    # Insurers have no form of their own before the new feed.
    has_form = form != "insurance" or feed == "integrated"
    is_missing = not has_form or (chances[5] < 0.015 and scripted is None)
    filing = Filing(
        filing_id="",
        company=company,
        quarter=quarter,
        basis=basis,
        vintage=0,
        form=form,
        feed=feed,
        is_audited=quarter.month == 3,
        is_consolidated_filer=company.has_subsidiaries,
        board_meeting=told.date() - timedelta(days=1 if told.hour < 9 else 0),
        broadcast_at=told,
        announced_at=told,
        revised_at=None,
        disseminated_at=told + timedelta(seconds=3 + int(40 * chances[4] ** 2)),
        document=None if is_missing else "",
        file_number=0,
        flaw=flaw,
        changes=changes,
    )
    if feed == "legacy" and quarter < date(2017, 3, 31) and chances[4] < 0.05:
        # The list shows a dash then, and the time of dissemination alone.
        filing = replace(filing, announced_at=None, broadcast_at=filing.disseminated_at)
    yield filing
    if is_refiled:
        wait = timedelta(days=1 + int(12 * chances[6]), minutes=int(90 * chances[7]))
        if chances[7] > 0.6:
            wait += timedelta(days=50 + int(130 * chances[6]))
        told = scripted or told + wait
        if scripted and basis == "standalone":
            told += timedelta(seconds=95)
        # The new list has no broadcast instant for most revisions.
        is_silent = feed == "integrated" and chances[4] < 0.7
        yield replace(
            filing,
            vintage=1,
            broadcast_at=told,
            announced_at=None if is_silent else told,
            revised_at=told if feed == "integrated" else None,
            disseminated_at=told + timedelta(seconds=0 if is_silent else 4),
            document="" if has_form else None,
            flaw="none",
            changes=(0.0, 0.0),
        )


def _flaw(quarter: date, feed: Feed, chance: float) -> Flaw:
    """How the contexts were filled in: careless in the old taxonomy, rarely in the new."""
    if chance > 0.985 and quarter.month in {3, 9}:
        return "half_year"
    if chance > 0.965:
        return "undeclared"
    if feed == "integrated":
        return "ytd_dates" if chance < 0.05 else "none"
    if quarter <= date(2022, 3, 31) and chance < 0.45:
        return "header_only"
    return "ytd_dates" if chance < 0.84 else "none"


def _numbered(filings: Sequence[Filing]) -> list[Filing]:
    """Numbers and file names, which grow as the exchange hands them out.

    The old list's document is stamped on a clock of 24 hours with the second before the broadcast,
    the new one's on a clock of 12 with the instant of dissemination.
    """
    numbered = []
    old, new = 0, 0
    for filing in filings:
        stem = {"ind_as": "INDAS", "banking": "BANKING", "nbfc": "NBFC_INDAS", "insurance": "LI"}
        form = stem[filing.form]
        if filing.feed == "legacy":
            old += 1
            filing_id, file_number = 100001 + 3 * old, 1200000 + 7 * old
            stamp = filing.broadcast_at - timedelta(seconds=1)
            name = f"{form}_{60000 + 2 * old}_{file_number}_{stamp:%d%m%Y%H%M%S}.xml"
        else:
            new += 1
            filing_id, file_number = 2000 + 3 * new, 1400000 + 5 * new
            name = (
                f"INTEGRATED_FILING_{form}_{file_number}"
                f"_{filing.disseminated_at:%d%m%Y%I%M%S}_WEB.xml"
            )
        numbered.append(
            replace(
                filing,
                filing_id=str(filing_id),
                file_number=file_number,
                document=None if filing.document is None else name,
            )
        )
    return numbered
