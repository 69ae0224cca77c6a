"""What the simulated companies earn: the latent cycle, and the lines of their accounts.

Economy, industry and company each swing on their own; no metric of ours is asked. Everything is
drawn for the whole story, so that a shorter one shows the same figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from flows.demo.world.companies import OF_INDUSTRY, TRADES, Company
from flows.demo.world.factors import Floats, fat

Rupees = NDArray[np.int64]

FIRST_QUARTER = date(2016, 6, 30)
LAST_QUARTER = date(2025, 12, 31)
LAKH, CRORE = 100_000, 10_000_000

ECONOMY: Mapping[date, float] = {
    date(2020, 3, 31): -0.05,
    date(2020, 6, 30): -0.24,
    date(2020, 9, 30): -0.08,
    date(2020, 12, 31): 0.02,
    date(2021, 3, 31): 0.06,
    date(2021, 6, 30): -0.07,
    date(2021, 9, 30): 0.05,
    date(2022, 3, 31): 0.06,
    date(2023, 6, 30): 0.03,
    date(2024, 9, 30): -0.02,
    date(2025, 3, 31): -0.01,
    date(2025, 6, 30): -0.015,
    date(2025, 9, 30): -0.01,
    date(2025, 12, 31): 0.03,
}
"""Scripted swings of the economy, in log revenue of an industry with a cycle of one."""

STRONG_QUARTER = date(2025, 12, 31)
STRONG_INDUSTRIES = ("Capital Goods", "Automobile and Auto Components", "Chemicals")
SIZES = {"large": 6e10, "mid": 9e9, "small": 1.9e9, "micro": 4.5e8}
"""Quarterly revenue in rupees of a middling company, at the start."""

FLOWS = (
    "revenue",
    "other_income",
    "materials",
    "employee",
    "finance_costs",
    "depreciation",
    "other_expenses",
    "profit_before_tax",
    "tax",
    "profit_continuing",
    "profit_discontinued",
    "profit",
    "profit_to_owners",
)
INSTANTS = ("assets", "equity", "borrowings_current", "borrowings_noncurrent")


@dataclass(frozen=True)
class Earnings:
    """Final figures in whole rupees, before anyone files them wrongly.

    Arrays are company by quarter by basis (the group, the company alone); a company without
    subsidiaries has both alike. `lines` adds up: profit before tax is income less the five kinds of
    expense. `operating_cash_flow` is the year's, in its last quarter. `shares` is company by
    quarter. `surprise` is the group's profit against a year before, in deviations of its own.
    """

    quarters: tuple[date, ...]
    lines: Mapping[str, Rupees]
    operating_cash_flow: Rupees
    paid_up: Rupees
    shares: Rupees
    surprise: Floats


def quarter_ends(first: date, last: date) -> list[date]:
    """Ends of the quarters from `first`, itself one, to `last`."""
    ends, day = [], first
    while day <= last:
        ends.append(day)
        after = (day + timedelta(days=1)).replace(day=1)
        day = (after + timedelta(days=95)).replace(day=1) - timedelta(days=1)
    return ends


def draw_earnings(companies: Sequence[Company], seed: int) -> Earnings:
    """Draw the accounts of every quarter of the story."""
    quarters = quarter_ends(FIRST_QUARTER, LAST_QUARTER)
    common, *own = np.random.default_rng([seed, 0x6561]).spawn(1 + len(companies))
    scripted = np.array([ECONOMY.get(day, 0.0) for day in quarters])
    economy = scripted + _swings(fat(common, (1, len(quarters)), 6), 0.7, 0.012)[0]
    industries = _swings(fat(common, (len(TRADES), len(quarters)), 6), 0.8, 0.02)
    drawn = [
        _company(company, quarters, economy, industries, rng)
        for company, rng in zip(companies, own, strict=True)
    ]
    lines = {name: np.stack([each.lines[name] for each in drawn]) for name in drawn[0].lines}
    return Earnings(
        quarters=tuple(quarters),
        lines=lines,
        operating_cash_flow=np.stack([each.operating_cash_flow for each in drawn]),
        paid_up=np.array([each.paid_up for each in drawn], dtype=np.int64),
        shares=np.stack([each.shares for each in drawn]),
        surprise=_surprise(lines["profit_before_tax"][:, :, 0]),
    )


@dataclass(frozen=True)
class _Accounts:
    lines: dict[str, Rupees]
    operating_cash_flow: Rupees
    paid_up: int
    shares: Rupees


def _swings(draws: Floats, persistence: float, deviation: float) -> Floats:
    """First-order autoregression along the last axis."""
    path = np.empty_like(draws)
    state = np.zeros(draws.shape[0])
    for t in range(draws.shape[1]):
        state = persistence * state + deviation * draws[:, t]
        path[:, t] = state
    return path


def _surprise(profit: Rupees) -> Floats:
    """Change on the year before in deviations of the company's changes; nought in the first."""
    values = profit.astype(np.float64)
    change = np.zeros_like(values)
    change[:, 4:] = values[:, 4:] - values[:, :-4]
    spread = change[:, 4:].std(axis=1, keepdims=True)
    return np.clip(change / np.where(spread > 0.0, spread, 1.0), -3.0, 3.0)


def _company(
    company: Company,
    quarters: Sequence[date],
    economy: Floats,
    industries: Floats,
    rng: np.random.Generator,
) -> _Accounts:
    trade = OF_INDUSTRY[company.industry]
    count = len(quarters)
    is_small = company.tier in {"small", "micro"}
    own = _swings(fat(rng, (1, count), 5), 0.75, 0.045 if is_small else 0.025)[0]
    noise = fat(rng, (6, count), 6)
    level, trend, slack, share, minority = rng.uniform(0.0, 1.0, 5)
    is_troubled = bool(rng.random() < 0.10)
    swing = trade.cycle * economy + industries[TRADES.index(trade)]
    season = np.array([trade.season[(day.month // 3 + 2) % 4] for day in quarters])
    boost = _strength(company, quarters)
    years = np.arange(count) / 4.0
    revenue = (
        SIZES[company.tier]
        * np.exp(1.4 * (level - 0.5) + (0.04 + 0.12 * trend) * years)
        * np.exp(season + swing + own + 0.02 * noise[0] + boost)
    )
    audited = np.array([1.8 if day.month == 3 else 1.0 for day in quarters])
    margin = trade.margin + 0.10 * (slack - 0.5)
    margin = margin + 0.45 * swing + 0.35 * own + 0.3 * boost
    margin = margin + (0.012 if is_small else 0.007) * audited * noise[1]
    if is_troubled:
        # Deep in the red, then slowly out of it: bases that are negative and then low.
        margin = margin - 0.25 * np.exp(-years / 5.0)
    unit = CRORE if company.tier == "large" else LAKH
    group = _decompose(company, revenue, margin, noise[2], unit)
    part = 0.55 + 0.4 * share
    if company.has_subsidiaries:
        alone = _decompose(
            company,
            revenue * part * np.exp(0.015 * noise[3]),
            margin + 0.01 * noise[4] + 0.02 * (minority - 0.5),
            noise[2],
            unit,
        )
        owed = 0.12 * max(minority - 0.4, 0.0)
    else:
        alone, owed = group, 0.0
    gain = _discontinued(company, quarters, group["revenue"], unit)
    lines = {name: np.stack([group[name], alone[name]], axis=-1) for name in FLOWS if name in group}
    lines["profit_discontinued"] = np.stack([gain, gain], axis=-1)
    lines["profit"] = lines["profit_continuing"] + lines["profit_discontinued"]
    minorities = _rounded(owed * group["profit_continuing"], unit)
    lines["profit_to_owners"] = lines["profit"].copy()
    lines["profit_to_owners"][:, 0] -= minorities
    shares_at_ten = _rounded(np.array([SIZES[company.tier] * (0.004 + 0.01 * share)]), LAKH)[0]
    faces = np.array([company.face_value_on(day) for day in quarters], dtype=np.int64)
    paid_up = int(max(shares_at_ten, LAKH) * 10)
    lines |= _positions(company, lines, paid_up, noise[5], unit)
    return _Accounts(
        lines=lines,
        operating_cash_flow=_operating_cash(quarters, lines, noise[4], unit),
        paid_up=paid_up,
        shares=paid_up // faces,
    )


def _strength(company: Company, quarters: Sequence[date]) -> Floats:
    """What the scripted quarter adds to log revenue: most to the small of three industries."""
    small = company.tier in {"small", "micro"}
    size = 0.06 if small else 0.03
    if small and company.industry in STRONG_INDUSTRIES:
        size = 0.16
    return np.array([size if day == STRONG_QUARTER else 0.0 for day in quarters])


def _rounded(values: Floats | Rupees, unit: int) -> Rupees:
    return np.rint(np.asarray(values, dtype=np.float64) / unit).astype(np.int64) * unit


def _decompose(
    company: Company, revenue: Floats, margin: Floats, noise: Floats, unit: int
) -> dict[str, Rupees]:
    """Lines of the statement of profit and loss, rounded first and then added up.

    For a lender finance costs are what it pays its depositors, and depreciation its provisions.
    """
    is_financial = company.form != "ind_as"
    people = 0.52 if company.industry == "Information Technology" else 0.11
    shares = (
        {"employee": 0.13, "finance_costs": 0.42, "depreciation": 0.07}
        if is_financial
        else {"employee": people, "finance_costs": 0.02, "depreciation": 0.035}
    )
    lines = {name: _rounded(share * revenue, unit) for name, share in shares.items()}
    lines["revenue"] = _rounded(revenue, unit)
    lines["other_income"] = _rounded((0.022 + 0.004 * noise) * revenue, unit)
    bounded = np.clip(margin, -0.6, 0.33)
    profit = _rounded(bounded * revenue, unit)
    rest = lines["revenue"] + lines["other_income"] - profit
    rest = rest - lines["employee"] - lines["finance_costs"] - lines["depreciation"]
    spent = rest if is_financial else np.minimum(_rounded(0.12 * revenue, unit), rest)
    lines["other_expenses"] = spent
    lines["materials"] = rest - spent
    lines["profit_before_tax"] = profit
    lines["tax"] = _rounded(np.where(profit > 0, 0.2517 * profit, 0.10 * profit), unit)
    lines["profit_continuing"] = profit - lines["tax"]
    return lines


def _discontinued(company: Company, quarters: Sequence[date], revenue: Rupees, unit: int) -> Rupees:
    """Profit after tax on a business given away: it dwarfs the quarter in which it is booked."""
    if company.demerged_on is None:
        return np.zeros_like(revenue)
    booked = next(day for day in quarters if day >= company.demerged_on)
    return np.array(
        [
            unit * round(0.45 * int(sold) / unit) if day == booked else 0
            for day, sold in zip(quarters, revenue, strict=True)
        ],
        dtype=np.int64,
    )


def _positions(
    company: Company, lines: Mapping[str, Rupees], paid_up: int, noise: Floats, unit: int
) -> dict[str, Rupees]:
    """Balance sheet at the end of each quarter: equity grows by what is kept."""
    revenue = lines["revenue"].astype(np.float64)
    kept = np.cumsum(0.75 * lines["profit_continuing"], axis=0)
    equity = _rounded(2.2 * revenue[:1] + kept, unit) + paid_up
    weight = 12.0 if company.form != "ind_as" else 0.9
    owed = weight * revenue * np.exp(0.08 * noise)[:, None]
    current = _rounded(0.4 * owed, unit)
    noncurrent = _rounded(0.6 * owed, unit)
    liabilities = _rounded(1.3 * revenue, unit)
    return {
        "assets": equity + current + noncurrent + liabilities,
        "equity": equity,
        "borrowings_current": current,
        "borrowings_noncurrent": noncurrent,
    }


def _operating_cash(
    quarters: Sequence[date], lines: Mapping[str, Rupees], noise: Floats, unit: int
) -> Rupees:
    """Cash from operations of the year that ends with the quarter; nought in other quarters."""
    earned = (lines["profit_continuing"] + lines["depreciation"]).astype(np.float64)
    cash = np.zeros_like(lines["revenue"])
    for at, day in enumerate(quarters):
        if day.month == 3 and at >= 3:
            tied = 0.08 * noise[at] * lines["revenue"][at - 3 : at + 1].sum(axis=0)
            cash[at] = _rounded(earned[at - 3 : at + 1].sum(axis=0) - tied, unit)
    return cash
