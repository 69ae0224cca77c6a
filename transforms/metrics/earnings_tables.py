"""Tables of companies, their results, the results season and quality."""

from __future__ import annotations

from collections.abc import Sequence

import dataframely as dy

from transforms.metrics.company_results import COMPANY_RESULT, MEASURES
from transforms.metrics.growth import CLASSES
from transforms.metrics.known_quarters import BASES
from transforms.metrics.metric import Metric
from transforms.metrics.metric_table import metric_table
from transforms.metrics.quality_ingredients import QUALITY
from transforms.metrics.season_metrics import EARNINGS
from transforms.metrics.season_ranks import LEAST_QUARTERS, RANKED
from transforms.universes import KINDS
from warehouse.tables import columns
from warehouse.tables.table import Table


class Company(Table):
    """One company, through changes of its symbol and ISIN, as last seen."""

    table = "mart.company"

    company_id = columns.text(
        "The company, by the issuer in its ISIN, else by the symbol first seen", unit="id", key=True
    )
    symbol = columns.text("Symbol as last seen", unit="id", nullable=True)
    isin = columns.text("ISIN as last seen", unit="id", nullable=True)
    company_title = columns.text("Name as last seen", unit="name")
    industry = columns.text("Industry, of the last list that has it", unit="name", nullable=True)
    first_seen = columns.described(dy.Date, "First date a filing or list names it", "date")
    last_seen = columns.described(dy.Date, "Last date a filing or list names it", "date")


def _day(description: str, *, key: bool = False, nullable: bool = False) -> dy.Column:
    return columns.described(dy.Date, description, "date", primary_key=key, nullable=nullable)


_COMPANY = columns.text("The company, see mart.company", unit="id", key=True)

CompanyResult = metric_table(
    "mart.company_result",
    "One company's quarter beside the year before, as known from one broadcast to the next.",
    {
        "company_id": _COMPANY,
        "quarter_end": _day("Last date of the quarter", key=True),
        "known_from": columns.instant("Broadcast from which the row could be known", key=True),
        "symbol": columns.text("Symbol in the document", unit="id", nullable=True),
        "basis": columns.word("Whether subsidiaries are included, at both ends", *BASES),
        "is_revision": columns.flag("The document replaces an earlier one of the same basis"),
        "is_balancing": columns.flag("The profit is the year less its nine months"),
        "superseded_at": columns.instant("Broadcast that replaced the row", nullable=True),
        "profit_measure": columns.word(
            "Profit of continuing operations or of the whole period, at both ends",
            *MEASURES,
            nullable=True,
        ),
        "revenue_inr": columns.number("Revenue from operations", "rupees"),
        "profit_inr": columns.number("Profit after tax, of that measure", "rupees"),
        "prior_revenue_inr": columns.number("Revenue a year before, as then known", "rupees"),
        "prior_profit_inr": columns.number("Profit a year before, as then known", "rupees"),
        "revenue_class": columns.word("Kind of change of revenue", *CLASSES, nullable=True),
        "profit_class": columns.word("Kind of change of profit", *CLASSES, nullable=True),
    },
    COMPANY_RESULT,
)

Earnings = metric_table(
    "mart.earnings",
    "The results season of one universe of companies, as known at the end of one session.",
    {
        "session_date": columns.session_date(),
        "universe": columns.text("The market, a list or an industry", unit="id", key=True),
        "universe_kind": columns.word("Kind of universe", *KINDS),
        "universe_title": columns.text("What people call it", unit="name"),
        "quarter_end": _day("Last date of the last quarter that ended before the session"),
        "due_date": _day("Last date for its results"),
        "is_survivorship_biased": columns.flag(
            "The companies are those of a list first seen after the session"
        ),
        **{
            one.rank: columns.number(
                f"Rank of {one.figure} among the quarters before, each as known when it was due; "
                f"null below {LEAST_QUARTERS} quarters",
                "percent",
            )
            for one in RANKED
        },
        **{
            one.count: columns.count(f"Quarters {one.rank} is among, this one included", "quarters")
            for one in RANKED
        },
        "biased_quarters_ranked": columns.count(
            "Of the quarters ranked, those of companies that a later list names", "quarters"
        ),
    },
    EARNINGS,
)

Quality = metric_table(
    "mart.quality",
    "How sound one company is among those that had reported a quarter by its due date.",
    {
        "quarter_end": _day("Last date of the quarter", key=True),
        "company_id": _COMPANY,
        "session_date": _day("Session at whose end the cross-section was drawn"),
        "basis": columns.word("Whether subsidiaries are included", *BASES),
        "industry": columns.text("Industry by the lists then known", unit="name", nullable=True),
        "balance_sheet_date": _day("Date of the balance sheet used", nullable=True),
        "balance_sheet_age_days": columns.count("Age of it at the session", "days"),
        "quality_score": columns.number(
            "Mean z of the ingredients, more is better, winsorised, within the industry where it "
            "is large enough; null with fewer than four",
            "standard deviations",
        ),
        "quality_tercile": columns.count("Third of the scores: 1 the lowest, 3 the best", "rank"),
        "missing_ingredients": columns.count("Ingredients of the six that are null", "count"),
    },
    QUALITY,
)

TABLES: tuple[type[Table], ...] = (Company, CompanyResult, Earnings, Quality)
METRICS: dict[str, Sequence[Metric]] = {
    CompanyResult.table: COMPANY_RESULT,
    Earnings.table: EARNINGS,
    Quality.table: QUALITY,
}
