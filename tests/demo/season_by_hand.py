"""The results season from the simulated truth in plain Python: no transform has a part in it."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flows.calendar import IST
from flows.demo.world.filings import Basis, Filing
from flows.demo.world.results import FIGURES, Results

EVENING = time(22, 30)
BASES: tuple[Basis, ...] = ("consolidated", "standalone")
CONTINUING, PERIOD = "profit_continuing_inr", "profit_inr"
CRORE = 1e7
LAGS = range(1, 21)

Figures = dict[str, float | None]
Pair = tuple[float, float]


def quarter_number(day: date) -> int:
    """Quarters that follow each other differ by one."""
    return day.year * 4 + (day.month - 1) // 3


def season_of(day: date) -> int:
    """Number of the last quarter that ended before the day."""
    return quarter_number(day) - 1


def due(number: int) -> date:
    """45 days after the quarter's end, 60 after a March."""
    year, quarter = divmod(number, 4)
    following = date(year + (quarter == 3), (quarter * 3 + 3) % 12 + 1, 1)
    return following + timedelta(days=(60 if quarter == 0 else 45) - 1)


@dataclass(frozen=True)
class Told:
    """One document as the world read it: the figures of its quarter and of the year to date."""

    filing: Filing
    figures: Figures
    to_date: Figures

    @property
    def number(self) -> int:
        return quarter_number(self.filing.quarter)


@dataclass(frozen=True)
class Result:
    """One company's quarter beside the year before, as known when its last document came."""

    profit: Pair | None
    revenue: Pair | None
    previous: Pair | None
    past: tuple[float, ...]
    margins: Pair | None
    trailing_revenue: float | None

    @property
    def growth(self) -> float | None:
        return bounded(self.profit)

    @property
    def surprise(self) -> float | None:
        if self.profit is None or len(self.past) < 8:
            return None
        drift, deviation = statistics.mean(self.past), statistics.stdev(self.past)
        return (self.profit[0] - self.profit[1] - drift) / deviation

    @property
    def kind(self) -> str | None:
        if self.profit is None or self.profit == (0, 0):
            return None
        now, base = self.profit
        if base <= 0 < now:
            return "turnarounds"
        if now < 0 <= base:
            return "to_losses"
        if base < 0:
            return "losses_narrowed" if now > base else "losses_widened"
        trailing = self.trailing_revenue
        is_low = base < CRORE or (trailing is not None and base < trailing / 100)
        return "low_bases" if is_low else "growth"


def bounded(pair: Pair | None) -> float | None:
    """Change over the mean size of both."""
    if pair is None or pair == (0, 0):
        return None
    return (pair[0] - pair[1]) / ((abs(pair[0]) + abs(pair[1])) / 2)


class Season:
    """All documents, company by company, as they came; those never attached nobody knows."""

    def __init__(self, results: Results) -> None:
        said: dict[tuple[str, str], Figures] = {
            (row["filing_id"], row["period"]): {name: row[name] for name in FIGURES}
            for row in results.figures.iter_rows(named=True)
        }
        self.told: dict[int, list[Told]] = {}
        with_document = [filing for filing in results.records if filing.document]
        for filing in sorted(with_document, key=lambda one: (one.broadcast_at, one.document or "")):
            quarter = said.get((filing.filing_id, "quarter"), {})
            to_date = said.get((filing.filing_id, "year_to_date"), {})
            self.told.setdefault(filing.company.number, []).append(
                Told(filing, dict(quarter), to_date)
            )
        for documents in self.told.values():
            _balance(documents)

    def market(self, day: date) -> set[int]:
        """Companies that had told one of the four quarters before by the evening."""
        number = season_of(day)
        return {
            company
            for company, documents in self.told.items()
            if any(
                number - 4 <= one.number < number and one.filing.broadcast_at <= _evening(day)
                for one in documents
            )
        }

    def result(self, company: int, day: date) -> Result | None:
        """The result of the season's quarter, as known at its last broadcast by the evening."""
        number, evening = season_of(day), _evening(day)
        documents = self.told.get(company, [])
        mine = [
            one for one in documents if one.number == number and one.filing.broadcast_at <= evening
        ]
        if not mine:
            return None
        instant = mine[-1].filing.broadcast_at
        known = {
            (one.filing.basis, one.number): one
            for one in documents
            if one.filing.broadcast_at <= instant
        }
        return _compared(known, number)

    def figures(self, companies: Collection[int], day: date) -> dict[str, float | None]:
        """The columns of mart.earnings that are figures, for these companies."""
        found = [self.result(company, day) for company in companies]
        seen = [one for one in found if one is not None]
        profits = [one.profit for one in seen if one.profit]
        largest = max(profits, key=lambda pair: abs(pair[0] - pair[1]), default=(0.0, 0.0))
        rest = [pair for pair in profits if pair is not largest]
        surprises = [one.surprise for one in seen if one.surprise is not None]
        beyond = sum(one > 0.5 for one in surprises) - sum(one < -0.5 for one in surprises)
        paces = [
            one.growth > before
            for one in seen
            if one.growth is not None and (before := bounded(one.previous)) is not None
        ]
        margins = [one.margins[0] > one.margins[1] for one in seen if one.margins]
        counted = ("turnarounds", "to_losses", "losses_narrowed", "losses_widened", "low_bases")
        return {
            "companies": len(companies),
            "reported": len(seen),
            "coverage_pct": 100 * len(seen) / len(companies),
            "matched": len(profits),
            "net_profit_growth_pct": _together(profits),
            "net_profit_growth_without_largest_pct": _together(rest) if rest else None,
            "revenue_growth_pct": _together([one.revenue for one in seen if one.revenue]),
            "median_profit_growth_bounded": _median(one.growth for one in seen),
            "median_revenue_growth_bounded": _median(bounded(one.revenue) for one in seen),
            "surprised": len(surprises),
            "surprise_diffusion_pct": 100 * beyond / len(surprises) if surprises else None,
            "acceleration_pct": _share(paces),
            "margin_expansion_pct": _share(margins),
            "profit_up_pct": _share([now > before for now, before in profits]),
            **{name: sum(one.kind == name for one in seen) for name in counted},
        }


def _evening(day: date) -> datetime:
    return datetime.combine(day, EVENING, IST)


def _balance(documents: list[Told]) -> None:
    """Of a March whose quarter is not told: the year less the nine months told before."""
    for place, year in enumerate(documents):
        if year.filing.quarter.month != 3:
            continue
        nine = [
            one
            for one in documents[:place]
            if one.number == year.number - 1 and one.filing.basis == year.filing.basis
        ]
        if not nine:
            continue
        for name, value in year.to_date.items():
            before = nine[-1].to_date.get(name)
            if value is not None and before is not None and year.figures.get(name) is None:
                year.figures[name] = value - before


def _compared(known: dict[tuple[Basis, int], Told], number: int) -> Result:
    """Both ends of one basis, the consolidated where both ends have it, and of one measure."""

    def figure(basis: Basis, back: int, name: str) -> float | None:
        one = known.get((basis, number - back))
        return None if one is None else one.figures.get(name)

    def pair(basis: Basis, back: int, *names: str) -> Pair | None:
        for name in names:
            now, before = figure(basis, back, name), figure(basis, back + 4, name)
            if now is not None and before is not None:
                return now, before
        return None

    def margin(basis: Basis, back: int) -> float | None:
        one = known.get((basis, number - back))
        if one is None or one.filing.form in {"banking", "insurance"}:
            return None
        before_tax, costs, other, revenue = (
            one.figures.get(f"{name}_inr")
            for name in ("profit_before_tax", "finance_costs", "other_income", "revenue")
        )
        if before_tax is None or costs is None or other is None or not revenue or revenue < 0:
            return None
        return (before_tax + costs - other) / revenue

    basis = next(
        one
        for can in (
            {one for one in BASES if pair(one, 0, CONTINUING, PERIOD)},
            {one for one in BASES if pair(one, 0, "revenue_inr")},
            {one for one in BASES if (one, number) in known},
        )
        for one in BASES
        if one in can
    )
    earlier = [pair(basis, back, CONTINUING, PERIOD) for back in LAGS]
    now, before = margin(basis, 0), margin(basis, 4)
    sales = [figure(basis, back, "revenue_inr") for back in range(4)]
    whole = [one for one in sales if one is not None]
    return Result(
        profit=pair(basis, 0, CONTINUING, PERIOD),
        revenue=pair(basis, 0, "revenue_inr"),
        previous=earlier[0],
        past=tuple(one[0] - one[1] for one in earlier if one),
        margins=None if now is None or before is None else (now, before),
        trailing_revenue=sum(whole) if len(whole) == len(sales) else None,
    )


def _together(pairs: list[Pair]) -> float | None:
    now, before = sum(one for one, _ in pairs), sum(one for _, one in pairs)
    return 100 * (now / before - 1) if before > 0 else None


def _median(values: Iterable[float | None]) -> float | None:
    told = [one for one in values if one is not None]
    return statistics.median(told) if told else None


def _share(held: list[bool]) -> float | None:
    return 100 * sum(held) / len(held) if held else None
