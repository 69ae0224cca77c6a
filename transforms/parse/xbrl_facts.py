"""Which facts of a result's XBRL document are which of our columns, by form.

Names are local names: `in-bse-fin` (to 2024) and `in-capmkt` (from the integrated filing) share
them, and a new year's version changes the namespace alone. They are those of the forms that
companies fill in: Ind-AS (Schedule III divisions I and II), banking (the Banking Regulation Act's
form), NBFC (division III), life and general insurance (the insurance regulator's forms).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

Facts = Mapping[str, str]
"""Local name to text, of one context."""
MOST_DIGITS = 40


@dataclass(frozen=True)
class Added:
    """Facts whose sum is the figure; without `needs_all` a blank one adds nothing."""

    names: tuple[str, ...]
    needs_all: bool = False


@dataclass(frozen=True)
class Figure:
    """A column, and what may fill it: the first that the document holds.

    `over` says where the fact stands: in the column of the `period`, at its `end` (OneI), or in
    `any` of them, for capital, which forms print beside the period's figures.
    """

    column: str
    over: Literal["period", "end", "any"]
    alternatives: tuple[str | Added, ...]


FIGURES = (
    Figure(
        "revenue_inr",
        "period",
        (
            "RevenueFromOperations",
            "InterestEarned",  # banks; an NBFC's is a part of its RevenueFromOperations
            "NetPremiumIncome",  # life insurers: after reinsurance
            "NetPremiumWritten",  # general insurers: the same
        ),
    ),
    Figure("other_income_inr", "period", ("OtherIncome",)),
    Figure("finance_costs_inr", "period", ("FinanceCosts", "InterestExpended")),
    Figure(
        "profit_before_tax_inr",
        "period",
        (
            "ProfitBeforeTax",
            "ProfitLossFromOrdinaryActivitiesBeforeTax",  # banks
            "ProfitLossBeforeTax",  # life insurers, and banks in some years
            "ProfitOrLossBeforeTax",  # general insurers
        ),
    ),
    Figure(
        "profit_continuing_inr",
        "period",
        (
            "ProfitLossForPeriodFromContinuingOperations",
            # Forms that know no discontinued operations: after tax, before extraordinary items.
            "ProfitLossFromOrdinaryActivitiesAfterTax",  # banks
            "ProfitLossAfterTaxBeforeExtraordinaryItems",  # life insurers
        ),
    ),
    Figure(
        "profit_inr",
        "period",
        (
            "ProfitLossForPeriod",
            "ProfitLossForThePeriod",  # banks
            "ProfitLossAfterTaxAndExtraordinaryItems",  # life insurers
            "ProfitLossAfterTax",  # general insurers
        ),
    ),
    Figure(
        "profit_to_owners_inr",
        "period",
        (
            "ProfitOrLossAttributableToOwnersOfParent",
            # Banks: the last line of the consolidated form.
            "ProfitLossAfterTaxesMinorityInterestAndShareOfProfitLossOfAssociates",
        ),
    ),
    Figure(
        "basic_eps_inr",
        "period",
        (
            "BasicEarningsLossPerShareFromContinuingAndDiscontinuedOperations",
            "BasicEarningsLossPerShareFromContinuingOperations",
            "BasicEarningsPerShareAfterExtraordinaryItems",  # banks
            "BasicEarningsPerShareBeforeExtraordinaryItems",
            # Life insurers print one figure for basic and diluted.
            "BasicAndDilutedEPSAfterExtraordinaryItemsNetOfTaxExpenseForThePeriodNotToBeAnnualized",
        ),
    ),
    Figure(
        "paid_up_capital_inr",
        "any",
        ("PaidUpValueOfEquityShareCapital", "PaidUpEquityCapital", "EquityShareCapital"),
    ),
    Figure("face_value_inr", "any", ("FaceValueOfEquityShareCapital",)),
    # Both sides of a bank's sheet are printed; either is the total.
    Figure("assets_inr", "end", ("Assets", "CapitalAndLiabilities")),
    Figure(
        "equity_inr",
        "end",
        ("Equity", Added(("Capital", "ReservesAndSurplus"), needs_all=True)),
    ),
    Figure(
        "borrowings_inr",
        "end",
        (
            Added(("BorrowingsCurrent", "BorrowingsNoncurrent")),
            # Lenders do not split by term; an NBFC prints its bonds beside its loans.
            Added(("Borrowings", "DebtSecurities", "SubordinatedLiabilities")),
        ),
    ),
    Figure("operating_cash_flow_inr", "period", ("CashFlowsFromUsedInOperatingActivities",)),
)

# What a document says of itself.
SYMBOL = ("Symbol", "NSESymbol")
ISIN = ("ISIN",)
SCRIP_CODE = ("ScripCode",)
BASIS = ("NatureOfReportStandaloneConsolidated",)
AUDITED = ("WhetherResultsAreAuditedOrUnaudited",)
CURRENCY = ("DescriptionOfPresentationCurrency",)
PERIOD_START = ("DateOfStartOfReportingPeriod",)
PERIOD_END = ("DateOfEndOfReportingPeriod",)
YEAR_START = ("DateOfStartOfFinancialYear",)
QUARTER_NAMED = ("ReportingQuarter", "TypeOfReportingPeriod")
OF_ITSELF = (
    *SYMBOL,
    *ISIN,
    *SCRIP_CODE,
    *BASIS,
    *AUDITED,
    *CURRENCY,
    *PERIOD_START,
    *PERIOD_END,
    *YEAR_START,
    *QUARTER_NAMED,
)

# Facts that only one form has.
PREMIUMS = frozenset(
    {
        "NetPremiumIncome",
        "GrossPremiumIncome",
        "NetPremiumWritten",
        "GrossPremiumsWritten",
        "PremiumEarned",
    }
)
BANK_INTEREST = "InterestEarned"
REVENUE = "RevenueFromOperations"
_INSURER = re.compile(r"(?:^|[_/ ])(?:li|gi)(?=[_/])")
"""In names of files and namespaces: life insurance, general insurance."""
FORM_MARKS = PREMIUMS | {BANK_INTEREST, REVENUE}


def _names(alternative: str | Added) -> tuple[str, ...]:
    return (alternative,) if isinstance(alternative, str) else alternative.names


FIGURE_NAMES = frozenset(
    name for figure in FIGURES for choice in figure.alternatives for name in _names(choice)
)
PERIOD_NAMES = frozenset(
    name
    for figure in FIGURES
    if figure.over == "period"
    for choice in figure.alternatives
    for name in _names(choice)
)
WANTED = FIGURE_NAMES | FORM_MARKS | frozenset(OF_ITSELF)


def said(facts: Facts, names: tuple[str, ...]) -> str:
    """The first of some facts, stripped; empty where there is none."""
    return next((text for name in names if (text := facts.get(name, ""))), "")


def figures(own: Facts, other: Facts, end: Facts) -> dict[str, str]:
    """Every column's text for one period; empty where the document has no such fact.

    Args:
        own: facts in the period's column.
        other: facts in the document's other column.
        end: facts at the end of the period.
    """
    places: dict[str, tuple[Facts, ...]] = {
        "period": (own,),
        "end": (end,),
        "any": (own, other, end),
    }
    return {figure.column: _first(figure, places[figure.over]) for figure in FIGURES}


def _first(figure: Figure, places: tuple[Facts, ...]) -> str:
    for choice in figure.alternatives:
        for facts in places:
            text = facts.get(choice, "") if isinstance(choice, str) else _sum(choice, facts)
            if text:
                return plain_number(text)
    return ""


def _sum(added: Added, facts: Facts) -> str:
    parts = [plain_number(facts[name]) for name in added.names if facts.get(name)]
    if not parts or (added.needs_all and len(parts) < len(added.names)):
        return ""
    values = [as_decimal(part) for part in parts]
    known = [value for value in values if value is not None]
    # A part that is no number makes the sum none: its text is shown when the row is rejected.
    return format(sum(known), "f") if len(known) == len(parts) else " + ".join(parts)


def as_decimal(text: str) -> Decimal | None:
    """A finite number of a size that can be money, else null."""
    try:
        value = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value.adjusted()) > MOST_DIGITS:
        return None
    return value


def plain_number(text: str) -> str:
    """A number without exponent and commas; what is no number stays as it is."""
    if text.isdecimal():
        return text
    value = as_decimal(text)
    return text if value is None else format(value, "f")


def form(present: frozenset[str] | set[str], told: str) -> str:
    """Which form a company filled in.

    Args:
        present: local names of FORM_MARKS that the document holds.
        told: file name, schema references and namespaces, lower case: they decide where blanks
            leave no mark.
    """
    if present & PREMIUMS or _INSURER.search(told):
        return "insurance"
    if BANK_INTEREST in present and REVENUE not in present:
        return "banking"
    if BANK_INTEREST in present or "nbfc" in told:
        return "nbfc"
    return "banking" if "banking" in told else "ind_as"
