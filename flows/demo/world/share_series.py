"""Series in which the simulated shares trade: EQ, and for a while BE or BZ."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from flows.demo.world.companies import DEMO_COUNT, Company
from flows.demo.world.latent import stream
from flows.demo.world.story import FIRST_SHARE_SESSION, LAST_SESSION

Spell = tuple[date, date, str]
"""First date, first date after, series."""

RESTRICTED_SHARE = 0.05
"""Of the small and the micro, those in BE around a review of the indices."""
CENSURED_SHARE = 0.01
"""Of all beyond the demonstration's, those sent to BZ once."""

SCRIPTED: Mapping[int, tuple[Spell, ...]] = {
    33: ((date(2025, 7, 7), date(2025, 9, 22), "BE"),),
    37: ((date(2025, 10, 13), date(2025, 12, 29), "BZ"),),
}
"""By number of the company: one that trades delivery only for a while, one that did not file."""


def restricted_around(company: Company, seed: int, review: date) -> Spell | None:
    """The spell in BE that holds a review's date, if it has one."""
    if company.tier not in {"small", "micro"}:
        return None
    rng = stream(seed, f"series {company.number} {review}")
    if rng.random() >= RESTRICTED_SHARE:
        return None
    before, after = (timedelta(days=int(days)) for days in rng.integers(6, 60, 2))
    return review - before, review + after, "BE"


def censured(company: Company, seed: int) -> tuple[Spell, ...]:
    """Spells that no review has a part in."""
    if company.number < DEMO_COUNT:
        return SCRIPTED.get(company.number, ())
    rng = stream(seed, f"censured {company.number}")
    if rng.random() >= CENSURED_SHARE:
        return ()
    first = FIRST_SHARE_SESSION + timedelta(
        days=int(rng.integers(30, (LAST_SESSION - FIRST_SHARE_SESSION).days - 120))
    )
    return ((first, first + timedelta(days=int(rng.integers(20, 100))), "BZ"),)


def series_at_review(company: Company, seed: int, review: date) -> str:
    """The series that a list of members shows, as chosen at a review."""
    for first, after, series in censured(company, seed):
        if first <= review < after:
            return series
    return "BE" if restricted_around(company, seed, review) else "EQ"
