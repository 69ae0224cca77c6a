"""The listed companies as securities: how they trade, and what happens to some of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from flows.demo.world.companies import DEMO_COUNT, OF_INDUSTRY, Company
from flows.demo.world.earnings import Earnings
from flows.demo.world.index_members import reviewed_on, size_rank
from flows.demo.world.latent import stream
from flows.demo.world.share_actions import Plan
from flows.demo.world.share_security import Name, Security, Temper, cut
from flows.demo.world.share_series import Spell, censured, restricted_around
from flows.demo.world.story import FIRST_SHARE_SESSION, LAST_SESSION

CALM_YEARS = 16
"""Quarters of accounts that tell whether a company is a sound one."""
LARGEST_INR, STEP = 1.1e12, 1.75
"""Value of a company at the head of the market, and its log fall from tier to tier."""

SECTOR_OF: Mapping[str, str] = {
    "Capital Goods": "industrial",
    "Automobile and Auto Components": "auto",
    "Chemicals": "commodity",
    "Financial Services": "bank",
    "Information Technology": "it",
    "Healthcare": "health",
    "Fast Moving Consumer Goods": "defensive",
    "Metals & Mining": "metal",
    "Realty": "realty",
    "Construction": "infra",
    "Construction Materials": "infra",
    "Consumer Durables": "consumer",
    "Consumer Services": "consumer",
    "Textiles": "consumer",
    "Power": "public",
    "Services": "infra",
}
"""The sector factor an industry follows."""


@dataclass(frozen=True)
class Fate:
    """What happens to one company's share, over what its company says already."""

    plans: tuple[Plan, ...] = ()
    is_silent: bool = False
    """The feed does not tell of its split or consolidation."""
    renamed_on: date | None = None
    pauses: tuple[tuple[date, date], ...] = ()
    jump: tuple[date, float] | None = None
    run: tuple[date, int, float] | None = None


SCRIPTED: Mapping[int, Fate] = {
    3: Fate((Plan("demerger", date(2025, 12, 1)),)),
    9: Fate(pauses=((date(2025, 10, 8), date(2025, 10, 9)),)),
    14: Fate((Plan("bonus", date(2025, 9, 12), 1, 1),)),
    19: Fate(renamed_on=date(2025, 6, 23)),
    24: Fate((Plan("bonus", date(2025, 8, 22), 1, 1),)),
    30: Fate((Plan("bonus", date(2025, 7, 18), 1, 1, is_announced=False),)),
    22: Fate((Plan("bonus", date(2026, 2, 20), 1, 1),)),
    35: Fate((Plan("rights", date(2025, 10, 10), 1, 5),)),
    40: Fate(
        (
            Plan("interim dividend", date(2025, 7, 25), 4),
            Plan("special dividend", date(2025, 7, 25)),
        )
    ),
    41: Fate(is_silent=True),
    42: Fate(jump=(date(2025, 10, 23), 1.58)),
    47: Fate(pauses=((date(2025, 5, 5), date(2025, 6, 16)),)),
    59: Fate(run=(date(2025, 12, 10), 5, 0.05)),
}
"""Fates of the demonstration's companies; beyond them, fates are drawn."""


def draw_shares_of(companies: Sequence[Company], earnings: Earnings, seed: int) -> list[Security]:
    """Their shares, in the companies' order."""
    reviews = sorted(
        {
            reviewed_on(FIRST_SHARE_SESSION + timedelta(days=days))
            for days in range(0, (LAST_SESSION - FIRST_SHARE_SESSION).days, 30)
        }
    )
    return [_share(company, earnings, seed, reviews) for company in companies]


def _share(company: Company, earnings: Earnings, seed: int, reviews: Sequence[date]) -> Security:
    rng = stream(seed, f"share {company.number}")
    is_small = company.tier in {"small", "micro"}
    rank = size_rank(company, seed, reviews[0])
    cap = LARGEST_INR * float(np.exp(-STEP * max(rank, -0.5)))
    low, high = {"large": (400, 3500), "mid": (250, 2500)}.get(company.tier, (90, 900))
    price = float(np.round(np.exp(rng.uniform(np.log(low), np.log(high))), 2))
    if company.former_face_value_inr and company.former_face_value_inr < company.face_value_inr:
        price = 8.4  # Who consolidates has become a penny stock.
    doubt = _speculative(company, earnings, float(rng.random()))
    temper = Temper(
        market=0.75 + 0.5 * doubt + (0.05 if is_small else 0.0),
        mid=1.0 if company.tier == "mid" else 0.0,
        small=(0.85 + 0.3 * doubt) if is_small else 0.0,
        sector=SECTOR_OF[company.industry],
        quality=0.5 - doubt,
        own={"large": 0.0105, "mid": 0.014, "small": 0.018, "micro": 0.023}[company.tier]
        * (0.75 + 0.6 * doubt),
    )
    illiquid = company.tier == "micro" and rng.random() < 0.4
    fate = SCRIPTED.get(company.number, Fate())
    if company.number >= DEMO_COUNT:
        fate = _fate(company, seed)
    return Security(
        key=f"company {company.number}",
        kind="share",
        names=_names(company, fate),
        temper=temper,
        price_inr=price,
        cap_inr=cap,
        company=company.number,
        series=_series(company, seed, reviews),
        listed_on=company.listed_on,
        delisted_on=company.delisted_on,
        has_issue_price=True,
        debut=round(float(stream(seed, f"debut {company.number}").normal(0.12, 0.18)), 4),
        pauses=fate.pauses,
        chance=0.94 if illiquid else 0.9995 if is_small else 1.0,
        turnover={"large": 0.0012, "mid": 0.0022, "small": 0.0035, "micro": 0.004}[company.tier]
        * float(np.exp(rng.normal(0.0, 0.4) + 0.5 * (doubt - 0.5))),
        delivered={"large": 0.58, "mid": 0.5, "small": 0.44, "micro": 0.5}[company.tier]
        + 0.2 * (0.5 - doubt),
        plans=tuple(
            sorted(
                [*_face(company, fate), *fate.plans, *_dividends(rng, price)],
                key=lambda plan: plan.ex_date,
            )
        ),
        jump=fate.jump,
        run=fate.run,
    )


def _speculative(company: Company, earnings: Earnings, chance: float) -> float:
    """From nought, a sound company, to one: by what it earns in the years before, and its own."""
    lines = earnings.lines
    revenue = lines["revenue"][company.number, :CALM_YEARS, 0].astype(np.float64)
    profit = lines["profit_before_tax"][company.number, :CALM_YEARS, 0].astype(np.float64)
    short = OF_INDUSTRY[company.industry].margin - float(profit.sum() / revenue.sum())
    return round(0.65 * min(max(0.5 + 3.0 * short, 0.0), 1.0) + 0.35 * chance, 6)


def _names(company: Company, fate: Fate) -> tuple[Name, ...]:
    """One name from each change of symbol, of ISIN or of the company's name on."""
    changes = {company.symbol_since, company.isin_since, fate.renamed_on} - {None}
    names = []
    for since in sorted([date.min, *(day for day in changes if day)]):
        name = company.name
        if fate.renamed_on and since < fate.renamed_on:
            name = former_name(company)
        names.append(
            Name(
                since,
                company.symbol_on(since),
                company.isin_on(since),
                cut(name),
                name,
                company.face_value_on(since),
            )
        )
    return tuple(names)


def former_name(company: Company) -> str:
    """The name of a company before it took another."""
    return f"{company.name.split()[0]} Old Works (Simulated) Limited"


def _series(company: Company, seed: int, reviews: Sequence[date]) -> tuple[Spell, ...]:
    """A reprimand first: who is told to trade in BZ trades nowhere else."""
    restricted = (restricted_around(company, seed, review) for review in reviews)
    return (*censured(company, seed), *(spell for spell in restricted if spell))


def _face(company: Company, fate: Fate) -> list[Plan]:
    before, after = company.former_face_value_inr, company.face_value_inr
    if before is None or company.isin_since is None:
        return []
    told = not fate.is_silent
    if after < before:
        return [Plan("split", company.isin_since, before, after, told)]
    return [Plan("consolidation", company.isin_since, before, after, told)]


def _dividends(rng: np.random.Generator, price: float) -> list[Plan]:
    """A final one in most summers, of some half a percent."""
    chances, days = rng.random(4), rng.integers(0, 75, 4)
    paid = max(round(price * 0.006 * 2) / 2, 0.5)
    return [
        Plan("dividend", date(2022 + year, 6, 20) + timedelta(days=int(days[year])), paid)
        for year in range(4)
        if chances[year] < 0.55
    ]


def _fate(company: Company, seed: int) -> Fate:
    """What a company beyond the demonstration's goes through: most of them nothing."""
    rng = stream(seed, f"fate {company.number}")
    chances = rng.random(9)
    span = (LAST_SESSION - FIRST_SHARE_SESSION).days - 60
    days = [FIRST_SHARE_SESSION + timedelta(days=30 + int(day)) for day in rng.integers(0, span, 9)]
    terms = ((1, 1), (1, 2), (2, 1), (4, 1), (1, 4))[int(rng.integers(0, 5))]
    plans = []
    if chances[0] < 0.10:
        plans.append(Plan("bonus", days[0], *terms, is_announced=bool(chances[0] > 0.008)))
    if chances[1] < 0.03:
        plans.append(Plan("special dividend", days[1]))
    if chances[2] < 0.04:
        plans.append(Plan("rights", days[2], 1, int(rng.integers(2, 12))))
    if chances[3] < 0.006:
        plans.append(Plan("demerger", days[3]))
    rest = timedelta(days=int(rng.integers(5, 50)))
    pauses = [(days[4], days[4] + rest)] if chances[4] < 0.015 else []
    if chances[5] < 0.03:
        pauses.append((days[5], days[5] + timedelta(days=1)))
    limit = 0.05 if chances[8] < 0.5 else -0.05
    return Fate(
        plans=tuple(plans),
        is_silent=bool(rng.random() < 0.04),
        renamed_on=days[6] if chances[6] < 0.03 else None,
        pauses=tuple(pauses),
        jump=(days[7], 1.58) if chances[7] < 0.003 else None,
        run=(days[8], int(rng.integers(1, 7)), limit) if chances[8] < 0.03 else None,
    )
