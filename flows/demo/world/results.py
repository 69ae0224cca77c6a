"""The simulated results: who files what, when, and the figures each document holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Literal

import polars as pl

from flows.demo.world.companies import DEMO_COUNT, Company, draw_companies
from flows.demo.world.earnings import (
    CRORE,
    FLOWS,
    INSTANTS,
    LAKH,
    LAST_QUARTER,
    Earnings,
    draw_earnings,
)
from flows.demo.world.filings import Filing, draw_filings

Period = Literal["quarter", "year_to_date", "half_year"]

FIGURES = (
    "revenue_inr",
    "other_income_inr",
    "finance_costs_inr",
    "profit_before_tax_inr",
    "profit_continuing_inr",
    "profit_inr",
    "profit_to_owners_inr",
    "basic_eps_inr",
    "paid_up_capital_inr",
    "face_value_inr",
    "assets_inr",
    "equity_inr",
    "borrowings_inr",
    "operating_cash_flow_inr",
)
"""Columns of `Results.figures` that core.quarterly_result has too."""


@dataclass(frozen=True)
class Column:
    """One column of a results table: what it covers, and its lines in rupees.

    `lines` are those of `earnings.FLOWS`, with `basic_eps_hundredths` beside them.
    """

    period: Period
    first: date
    last: date
    lines: Mapping[str, int]


@dataclass(frozen=True)
class Statement:
    """All that a document says. `instants` are nought days long: the balance sheet, if any."""

    filing: Filing
    columns: tuple[Column, ...]
    instants: Mapping[str, int] | None
    operating_cash_flow: int | None
    paid_up: int
    face_value: int
    unit: int

    @property
    def financial_year(self) -> tuple[date, date]:
        """Its first and last date."""
        first = year_start(self.filing.quarter)
        return first, date(first.year + 1, 3, 31)

    @property
    def is_blank(self) -> bool:
        """Insurers leave most cells empty, and some quarters all."""
        return self.filing.form == "insurance" and self.filing.quarter.month == 6


@dataclass(frozen=True)
class Results:
    """Nine years of results; frames are made when they are asked for.

    `records` are in the order of broadcast.
    """

    population: tuple[Company, ...]
    records: tuple[Filing, ...]
    earnings: Earnings

    @cached_property
    def companies(self) -> pl.DataFrame:
        """One row a company, under today's symbol and ISIN, with the former ones beside them."""
        return pl.DataFrame(
            [vars(company) for company in self.population], infer_schema_length=None
        )

    @cached_property
    def filings(self) -> pl.DataFrame:
        """One row a filing, as of the day it was filed; instants in UTC."""
        rows = [
            {
                "filing_id": filing.filing_id,
                "company": filing.company.number,
                "symbol": filing.symbol,
                "isin": filing.isin,
                "industry": filing.company.industry,
                "tier": filing.company.tier,
                "format": filing.form,
                "feed": filing.feed,
                "period_end": filing.quarter,
                "basis": filing.basis,
                "vintage": filing.vintage,
                "is_audited": filing.is_audited,
                "broadcast_at": filing.broadcast_at,
                "document": filing.document,
                "flaw": filing.flaw,
            }
            for filing in self.records
        ]
        return pl.DataFrame(rows, infer_schema_length=None).with_columns(
            pl.col("broadcast_at").dt.convert_time_zone("UTC")
        )

    @cached_property
    def figures(self) -> pl.DataFrame:
        """What each filing says: one row a filing and period, named as in core.quarterly_result.

        Rows of a filing without a document stand here too: nobody can know them. The period
        `half_year` is of documents whose quarter covers six months. What the form has no place for,
        or left blank, is null.
        """
        rows = [row for filing in self.records for row in figures_of(self.statement(filing))]
        return pl.DataFrame(rows, infer_schema_length=None).join(
            self.filings.select(
                "filing_id", "company", "symbol", "isin", "basis", "vintage", "broadcast_at"
            ),
            on="filing_id",
            how="left",
            maintain_order="left",
        )

    @cached_property
    def by_document(self) -> Mapping[str, Filing]:
        """Filings by the file name of their document."""
        return {filing.document: filing for filing in self.records if filing.document}

    def statement(self, filing: Filing) -> Statement:
        """What the document of a filing says."""
        earnings, company = self.earnings, filing.company.number
        at = earnings.quarters.index(filing.quarter)
        basis = 0 if filing.basis == "consolidated" else 1
        unit = CRORE if filing.company.tier == "large" else LAKH
        begun = at - (at % 4)
        spans: list[tuple[Period, int]] = [("quarter", at)]
        if filing.flaw == "half_year":
            spans = [("half_year", at - 1)]
        if not (filing.feed == "integrated" and at == begun):
            spans.append(("year_to_date", begun))
        columns = []
        for period, start in spans:
            lines = {
                name: int(earnings.lines[name][company, start : at + 1, basis].sum())
                for name in FLOWS
            }
            revenue = int(earnings.lines["revenue"][company, at, basis])
            _misstate(lines, filing, revenue, unit)
            shares = int(earnings.shares[company, at])
            lines["basic_eps_hundredths"] = round(100 * lines["profit_to_owners"] / shares)
            first = _quarter_start(earnings.quarters[start])
            columns.append(Column(period, first, filing.quarter, lines))
        is_half = filing.quarter.month in {3, 9}
        return Statement(
            filing=filing,
            columns=tuple(columns),
            instants={name: int(earnings.lines[name][company, at, basis]) for name in INSTANTS}
            if is_half
            else None,
            operating_cash_flow=int(earnings.operating_cash_flow[company, at, basis])
            if filing.quarter.month == 3
            else None,
            paid_up=int(earnings.paid_up[company]),
            face_value=filing.company.face_value_on(filing.quarter),
            unit=unit,
        )

    def known(self, now: datetime) -> list[Filing]:
        """Filings of which the exchange has told by an instant, oldest first."""
        return [filing for filing in self.records if filing.broadcast_at <= now]


def draw_results(seed: int, *, count: int = DEMO_COUNT, last: date = LAST_QUARTER) -> Results:
    """Draw the results of `count` companies for quarters to `last`.

    A shorter story and a smaller market show the same figures; filing numbers and with them file
    names count all filings, so that they differ.
    """
    companies = draw_companies(seed, count)
    earnings = draw_earnings(companies, seed)
    return Results(companies, tuple(draw_filings(companies, earnings, seed, last)), earnings)


def year_start(quarter: date) -> date:
    """First date of the financial year of a quarter's end."""
    return date(quarter.year - (1 if quarter.month == 3 else 0), 4, 1)


def _quarter_start(quarter: date) -> date:
    return (quarter.replace(day=1) - timedelta(days=40)).replace(day=1)


def _misstate(lines: dict[str, int], filing: Filing, revenue: int, unit: int) -> None:
    """What a filing says wrongly, and a later one corrects: revenue, expenses, thus profit."""
    more_revenue, more_spent = (unit * round(change * revenue / unit) for change in filing.changes)
    lines["revenue"] += more_revenue
    lines["other_expenses"] += more_spent
    for name in (
        "profit_before_tax",
        "profit_continuing",
        "profit",
        "profit_to_owners",
    ):
        lines[name] += more_revenue - more_spent


def figures_of(statement: Statement) -> list[dict[str, object]]:
    """Rows of `Results.figures` for one document, one a column."""
    filing, instants = statement.filing, statement.instants
    is_insurer, is_group = filing.form == "insurance", filing.basis == "consolidated"
    rows = []
    for column in statement.columns:
        lines = column.lines
        row: dict[str, object] = {
            "filing_id": filing.filing_id,
            "document": filing.document,
            "format": filing.form,
            "period": column.period,
            "period_start": column.first,
            "period_end": column.last,
            "revenue_inr": lines["revenue"],
            "other_income_inr": lines["other_income"],
            "finance_costs_inr": lines["finance_costs"],
            "profit_before_tax_inr": lines["profit_before_tax"],
            "profit_continuing_inr": lines["profit_continuing"],
            "profit_inr": lines["profit"],
            "profit_to_owners_inr": lines["profit_to_owners"] if is_group else None,
            "basic_eps_inr": lines["basic_eps_hundredths"] / 100,
            "paid_up_capital_inr": statement.paid_up,
            "face_value_inr": statement.face_value,
            "assets_inr": instants["assets"] if instants else None,
            "equity_inr": instants["equity"] if instants else None,
            "borrowings_inr": instants["borrowings_current"] + instants["borrowings_noncurrent"]
            if instants
            else None,
            "operating_cash_flow_inr": statement.operating_cash_flow
            if column.period == "year_to_date"
            else None,
        }
        if is_insurer:
            told = {"revenue_inr", "profit_before_tax_inr", "profit_continuing_inr", "profit_inr"}
            told = set() if statement.is_blank else told
            row |= {name: None for name in FIGURES if name not in told}
        rows.append(row)
    return rows
