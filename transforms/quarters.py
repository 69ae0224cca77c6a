"""From documents to quarters: what each company had said of each quarter, and since when.

Every document is a vintage, known from the instant the exchange broadcast it. Nothing replaces
it before the next document of the same quarter and basis is out.
"""

from __future__ import annotations

import polars as pl

from transforms.companies import with_company

QUARTER_DAYS = (60, 130)
NINE_MONTHS_DAYS = (250, 290)
YEAR_DAYS = (350, 380)

FLOWS = (
    "revenue_inr",
    "other_income_inr",
    "finance_costs_inr",
    "profit_before_tax_inr",
    "profit_continuing_inr",
    "profit_inr",
)
BALANCES = ("assets_inr", "equity_inr", "borrowings_inr")
SERIES = ["company_id", "basis", "quarter_end"]
YEAR_QUARTERS = 4

QUARTER_COLUMNS = [
    *SERIES,
    "known_from",
    "superseded_at",
    "document",
    "symbol",
    "format",
    "is_revision",
    "is_balancing",
    *FLOWS,
    *BALANCES,
    "year_profit_inr",
    "year_operating_cash_flow_inr",
]


def quarters(filings: pl.DataFrame, results: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Every vintage of every quarter, one row a document.

    A figure of the quarter that the document of a year's end does not give is the balancing
    figure: the year less the nine months of the same basis, as last known before it.

    Args:
        filings: rows of core.filing.
        results: rows of core.quarterly_result.
        named: what `companies` returns.

    Returns:
        QUARTER_COLUMNS, the figures Float64 rupees; sorted by SERIES and known_from.
        `known_from` is the broadcast of the listed document, else the result's published_at;
        `superseded_at` is null while current; `is_balancing` tells that the profit is a
        balancing figure. The year's profit and cash flow are null but at the end of a
        company's year. A document whose period does not end with a calendar quarter, or whose
        company is unknown, is left out; of two broadcast in the same instant the last by file
        name stands.
    """
    by_document = _documents(filings, results, named)
    vintages = _with_balancing(by_document)
    of_series = pl.col("known_from").rank("ordinal").over(SERIES) > 1
    return (
        vintages.sort(*SERIES, "known_from", "document")
        .unique([*SERIES, "known_from"], keep="last", maintain_order=True)
        .with_columns(
            superseded_at=pl.col("known_from").shift(-1).over(SERIES),
            is_revision=pl.col("is_revision").fill_null(value=False) | of_series,
        )
        .select(QUARTER_COLUMNS)
    )


def quarter_number(day: pl.Expr) -> pl.Expr:
    """Calendar quarters since the year 0: quarters that follow each other differ by one."""
    return day.dt.year().cast(pl.Int32) * 4 + (day.dt.month().cast(pl.Int32) - 1) // 3


def quarter_end(number: pl.Expr) -> pl.Expr:
    """Last date of the quarter of that number."""
    return pl.date(number // 4, number % 4 * 3 + 3, 1).dt.month_end()


def due_date(end: pl.Expr) -> pl.Expr:
    """Last date for the results of the quarter: 45 days after its end, 60 after a March.

    Source: SEBI listing regulations, regulation 33.
    """
    days = pl.when(end.dt.month() == 3).then(60).otherwise(45)
    return end + pl.duration(days=days)


def _documents(filings: pl.DataFrame, results: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """One row a document, the figures of its two periods side by side, null where they differ."""
    listed = (
        filings.drop_nulls("document")
        .sort("broadcast_at", "source_id", "filing_id")
        .group_by("document", maintain_order=True)
        .agg(
            broadcast_at=pl.col("broadcast_at").first(),
            listed_symbol=pl.col("symbol").first(),
            listed_isin=pl.col("isin").first(),
            is_revision=pl.col("is_revision").first(),
        )
    )
    days = (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1
    money = [*FLOWS, *BALANCES, "operating_cash_flow_inr"]
    rows = results.select(
        "document",
        "period",
        "symbol",
        "isin",
        "basis",
        "format",
        "published_at",
        "period_end",
        pl.col(money).cast(pl.Float64),
        days=days,
    )
    quarter = rows.filter(pl.col("period") == "quarter").with_columns(
        # What covers more than a quarter is not the quarter's.
        pl.when(pl.col("days").is_between(*QUARTER_DAYS)).then(pl.col(FLOWS)).name.keep()
    )
    to_date = rows.filter(pl.col("period") == "year_to_date").select(
        "document",
        *[pl.col(name).alias(f"{name}_to_date") for name in money],
        days_to_date="days",
    )
    heads = pl.concat([quarter, rows.filter(pl.col("period") == "year_to_date")]).unique(
        "document", keep="first", maintain_order=True
    )
    return (
        heads.select("document", "symbol", "isin", "basis", "format", "published_at", "period_end")
        .join(quarter.select("document", *FLOWS, *BALANCES), on="document", how="left")
        .join(to_date, on="document", how="left")
        .join(listed, on="document", how="left")
        .with_columns(
            symbol=pl.coalesce("symbol", "listed_symbol"),
            isin=pl.coalesce("isin", "listed_isin"),
            known_from=pl.coalesce("broadcast_at", "published_at"),
            quarter_end=pl.col("period_end").dt.month_end(),
            is_year=pl.col("days_to_date").is_between(*YEAR_DAYS).fill_null(value=False),
            is_nine_months=pl.col("days_to_date")
            .is_between(*NINE_MONTHS_DAYS)
            .fill_null(value=False),
            **{name: pl.coalesce(name, f"{name}_to_date") for name in BALANCES},
        )
        .with_columns(
            year_profit_inr=pl.when("is_year").then("profit_inr_to_date"),
            year_operating_cash_flow_inr=pl.when("is_year").then("operating_cash_flow_inr_to_date"),
        )
        .filter(pl.col("quarter_end").dt.month() % 3 == 0)
        .pipe(with_company, named)
        .drop_nulls("company_id")
    )


def _with_balancing(documents: pl.DataFrame) -> pl.DataFrame:
    """The documents, a year's last quarter filled in where only the year is told."""
    number = quarter_number(pl.col("quarter_end"))
    nine = (
        documents.filter("is_nine_months")
        .select(
            "company_id",
            "basis",
            "known_from",
            "document",
            *[pl.col(f"{name}_to_date").alias(f"{name}_nine") for name in FLOWS],
            _number=number + 1,
        )
        .sort("known_from", "document")
        .drop("document")
    )
    lacking = documents.select(
        "document",
        "company_id",
        "basis",
        "known_from",
        *[f"{name}_to_date" for name in FLOWS],
        _number=number,
        is_lacking=pl.col("is_year") & pl.any_horizontal(pl.col(FLOWS).is_null()),
    ).filter("is_lacking")
    balancing = (
        lacking.sort("known_from")
        .join_asof(
            nine, on="known_from", by=["company_id", "basis", "_number"], check_sortedness=False
        )
        .select(
            "document",
            *[
                (pl.col(f"{name}_to_date") - pl.col(f"{name}_nine")).alias(f"{name}_balancing")
                for name in FLOWS
            ],
        )
    )
    profits = ("profit_continuing_inr", "profit_inr")
    was_told = pl.any_horizontal(pl.col(profits).is_not_null())
    is_balanced = pl.any_horizontal(pl.col(f"{name}_balancing").is_not_null() for name in profits)
    return documents.join(balancing, on="document", how="left").with_columns(
        is_balancing=~was_told & is_balanced,
        **{name: pl.coalesce(name, f"{name}_balancing") for name in FLOWS},
    )
