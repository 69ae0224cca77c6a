"""Members of the simulated indices: companies ranked by size, chosen anew twice a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from flows.calendar import expected_sessions
from flows.demo.world.companies import Company
from flows.demo.world.latent import stream
from flows.demo.world.share_series import series_at_review
from flows.demo.world.story import FIRST_SESSION


@dataclass(frozen=True)
class Slice:
    """A list by ranks: from `first` on, to before `last`, of a whole market of `WHOLE`."""

    first: int
    last: int


WHOLE = 750
LISTS: Mapping[str, Slice] = {
    "ind_nifty50list": Slice(0, 50),
    "ind_niftynext50list": Slice(50, 100),
    "ind_nifty100list": Slice(0, 100),
    "ind_nifty200list": Slice(0, 200),
    "ind_niftylargemidcap250list": Slice(0, 250),
    "ind_nifty500list": Slice(0, 500),
    "ind_niftymidcapselect_list": Slice(100, 125),
    "ind_niftymidcap50list": Slice(100, 150),
    "ind_niftymidcap100list": Slice(100, 200),
    "ind_niftymidcap150list": Slice(100, 250),
    "ind_niftymidsmallcap400list": Slice(100, 500),
    "ind_niftysmallcap50list": Slice(250, 300),
    "ind_niftysmallcap100list": Slice(250, 350),
    "ind_niftysmallcap250list": Slice(250, 500),
    "ind_niftymicrocap250_list": Slice(500, 750),
    "ind_niftytotalmarket_list": Slice(0, 750),
}
# The exchange's placeholder for a business given to shareholders stands in these.
WITH_DUMMY = (
    "ind_nifty500list",
    "ind_niftymidsmallcap400list",
    "ind_niftysmallcap250list",
    "ind_niftytotalmarket_list",
)
SIZES = {"large": 0.0, "mid": 1.0, "small": 2.0, "micro": 3.0}
_REVIEWS = (3, 9)

Row = tuple[str, str, str, str, str]
"""Company, industry, symbol, series, ISIN."""


def reviewed_on(day: date) -> date:
    """The last review by this date: the last session of a March or September.

    Before the story's first review, the story's first session.
    """
    reviews = [
        review
        for year in (day.year - 1, day.year)
        for month in _REVIEWS
        if (review := _last_session(year, month)) <= day
    ]
    return max(reviews[-1], FIRST_SESSION)


def members(name: str, companies: Sequence[Company], seed: int, review: date) -> list[Row]:
    """Rows of a list as chosen at a review, by company name.

    With fewer companies than a whole market has, every list is as much shorter.

    Raises:
        KeyError: there is no such list.
    """
    ranks = ranked(companies, seed, review)
    rows = [_row(company, seed, review) for company in chosen(name, ranks, len(companies))]
    small = LISTS["ind_niftysmallcap250list"]
    if name in WITH_DUMMY:
        part = min(len(companies), WHOLE) / WHOLE
        given = ranks[round((small.first + small.last) / 2 * part)]
        rows.append(_dummy(given, review))
    return sorted(rows, key=lambda row: row[0])


def ranked(companies: Sequence[Company], seed: int, review: date) -> list[Company]:
    """Companies listed at a review, the biggest first."""
    listed = [
        company
        for company in companies
        if company.listed_on <= review
        and not (company.delisted_on and company.delisted_on <= review)
    ]
    return sorted(listed, key=lambda company: (size_rank(company, seed, review), company.number))


def chosen(name: str, ranks: Sequence[Company], count: int) -> Sequence[Company]:
    """A list's part of the ranked companies of a market of `count`."""
    part = min(count, WHOLE) / WHOLE
    slot = LISTS[name]
    return ranks[round(slot.first * part) : round(slot.last * part)]


def size_rank(company: Company, seed: int, review: date) -> float:
    """Smaller is bigger: the tier, the company's own place in it, and how that has moved since."""
    rng = stream(seed, f"size {company.number}")
    place = float(rng.uniform(-0.4, 0.4))
    half_years = (review.year - FIRST_SESSION.year) * 2 + (review.month > _REVIEWS[0])
    # The walk's first steps are the same at every review.
    return SIZES[company.tier] + place + float(np.sum(0.09 * rng.standard_normal(half_years + 1)))


def _row(company: Company, seed: int, review: date) -> Row:
    return (
        _short_name(company),
        company.industry,
        company.symbol_on(review),
        series_at_review(company, seed, review),
        company.isin_on(review),
    )


def _dummy(company: Company, review: date) -> Row:
    """The placeholder: no share, and its number is no ISIN."""
    return (
        f"Dummy {_short_name(company)}",
        company.industry,
        f"DUMMY{company.symbol_on(review)[:5]}",
        "BE",
        f"DUM{company.isin_on(review)[3:]}",
    )


def _short_name(company: Company) -> str:
    return company.name.removesuffix("Limited") + "Ltd."


@cache
def _last_session(year: int, month: int) -> date:
    first = date(year, month, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return expected_sessions(first, last)[-1].session_date
