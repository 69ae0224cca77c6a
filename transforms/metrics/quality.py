"""How sound companies' businesses are, one cross-section a quarter at its due date's evening.

Ingredients of the exchange's quality indices (return on equity, debt to equity, variability of
earnings' growth) and three more: return on capital, accruals, and how often a profit was made.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from transforms.metrics.earnings import evening, season_number
from transforms.metrics.growth import bounded_growth
from transforms.metrics.quality_ingredients import LEAST_HISTORY, QUALITY
from transforms.quarters import YEAR_QUARTERS, due_date, quarter_end, quarter_number
from transforms.universes import KINDS, listed_spans

# Ingredients, with whether more is better.
INGREDIENTS: dict[str, bool] = {
    "return_on_equity_pct": True,
    "debt_to_equity": False,
    "earnings_variability": False,
    "return_on_capital_pct": True,
    "accruals_ratio": False,
    "positive_quarters_pct": True,
}
LEAST_INGREDIENTS = 4
WINSORISED = (0.025, 0.975)
LEAST_OF_INDUSTRY = 10
FIVE_YEARS = 20
# A balance sheet is published every half-year: one older than a year is not the company's any more.
OLDEST_BALANCE = YEAR_QUARTERS
TERCILES = 3

KEY = ["quarter_end", "company_id"]


def quality(
    vintages: pl.DataFrame,
    members: pl.DataFrame,
    named: pl.DataFrame,
    sessions: pl.DataFrame,
    since: date | None = None,
) -> pl.DataFrame:
    """Every company's quality among those that had reported the quarter when it was due.

    A cross-section is drawn once, at the evening of the first session from the quarter's due
    date on, of what was known then, and never again. All of a company's figures are of one
    basis: consolidated where its last four quarters are all told so, else standalone where they
    are, else that of the quarter.

    Args:
        vintages: what `quarters` returns.
        members: rows of core.index_member, for industries.
        named: what `companies` returns.
        sessions: `session_date` of every trading session.
        since: give cross-sections of this session and later alone; None for all.

    Returns:
        KEY, session_date, basis, industry (null where no list knows it), balance_sheet_date,
        balance_sheet_age_days (at the session), the metrics of QUALITY, quality_score (mean z,
        more is better), quality_tercile (1 the lowest, 3 the best), missing_ingredients; sorted
        by KEY. Independent of row order.
    """
    industry = listed_spans(members, named).filter(pl.col("universe_kind") == KINDS[2])
    dated = vintages.with_columns(number=quarter_number(pl.col("quarter_end")))
    held = dated["known_from"].min()
    evenings = (
        _due_sessions(sessions)
        .with_columns(at=evening(pl.col("session_date")))
        .filter(pl.col("at") >= pl.lit(held, dtype=pl.Datetime("us", "UTC")))
    )
    if since is not None:
        evenings = evenings.filter(pl.col("session_date") >= since)
    sections = [
        _section(dated, industry, evenings.slice(place, 1)) for place in range(evenings.height)
    ]
    return pl.concat([_section(dated, industry, _none(evenings)), *sections]).sort(KEY)


def _none(evenings: pl.DataFrame) -> pl.DataFrame:
    """One evening before all history: an empty cross-section has the right columns."""
    return pl.DataFrame({name: [None] for name in evenings.columns}, schema=evenings.schema)


def _due_sessions(sessions: pl.DataFrame) -> pl.DataFrame:
    """The first session from each quarter's due date on, before the next quarter ends."""
    number = season_number(pl.col("session_date"))
    return (
        sessions.select(pl.col("session_date").unique().sort())
        .with_columns(number=number)
        .filter(pl.col("session_date") >= due_date(quarter_end(pl.col("number"))))
        .unique("number", keep="first", maintain_order=True)
    )


def _section(
    dated: pl.DataFrame, industry: pl.DataFrame, evening_row: pl.DataFrame
) -> pl.DataFrame:
    """The cross-section of one evening."""
    session, number, at = evening_row.select("session_date", "number", "at").row(0)
    told = _one_basis(_told(dated, number, at))
    reported = told.filter(pl.col("lag") == 0).select("company_id", "basis", "format")
    wide = (
        reported.join(_past_figures(told), on="company_id", how="left")
        .join(_balance_sheets(told), on="company_id", how="left")
        .join(_years(told), on="company_id", how="left")
        .join(_industry_at(industry, session), on="company_id", how="left")
        .sort("company_id")
    )
    measured = wide.with_columns(
        item.expression().cast(item.stored_type).alias(item.id) for item in QUALITY
    )
    return _scored(measured).select(
        quarter_end=quarter_end(pl.lit(number, dtype=pl.Int32)),
        company_id="company_id",
        session_date=pl.lit(session, dtype=pl.Date),
        basis="basis",
        industry="industry",
        balance_sheet_date="balance_sheet_date",
        balance_sheet_age_days=(
            pl.lit(session, dtype=pl.Date) - pl.col("balance_sheet_date")
        ).dt.total_days(),
        **{item.id: pl.col(item.id) for item in QUALITY},
        quality_score="quality_score",
        quality_tercile="quality_tercile",
        missing_ingredients="missing_ingredients",
    )


def _told(dated: pl.DataFrame, number: int | None, at: object) -> pl.DataFrame:
    """The quarters of the five years and one before, as last told by an evening; `lag` from 0."""
    known = pl.lit(at, dtype=dated.schema["known_from"])
    lag = pl.lit(number, dtype=pl.Int32) - pl.col("number")
    return dated.with_columns(lag=lag).filter(
        (pl.col("known_from") <= known)
        & (pl.col("superseded_at").is_null() | (pl.col("superseded_at") > known))
        & pl.col("lag").is_between(0, FIVE_YEARS + YEAR_QUARTERS - 1)
    )


def _one_basis(told: pl.DataFrame) -> pl.DataFrame:
    """The rows of each company's one basis, of companies that told the quarter itself."""
    is_year = (pl.col("lag") < YEAR_QUARTERS) & pl.col("profit_inr").is_not_null()
    chosen = (
        told.group_by("company_id", "basis")
        .agg(is_whole=is_year.sum() == YEAR_QUARTERS, has_quarter=(pl.col("lag") == 0).any())
        .filter("has_quarter")
        # "consolidated" comes before "standalone" by its letters too.
        .sort("company_id", pl.col("is_whole").not_(), "basis")
        .unique("company_id", keep="first", maintain_order=True)
    )
    return told.join(chosen.select("company_id", "basis"), on=["company_id", "basis"], how="semi")


def _past_figures(told: pl.DataFrame) -> pl.DataFrame:
    """Sums of the last four quarters and what five years of quarters say; one row a company."""
    before = told.select("company_id", lag=pl.col("lag") - YEAR_QUARTERS, prior="profit_inr")
    compared = told.join(before, on=["company_id", "lag"], how="left").with_columns(
        growth=bounded_growth(pl.col("profit_inr"), pl.col("prior"))
    )
    last_year = pl.col("lag") < YEAR_QUARTERS
    operating = pl.col("profit_before_tax_inr") + pl.col("finance_costs_inr")

    def year_sum(figure: pl.Expr) -> pl.Expr:
        of_year = figure.filter(last_year)
        return pl.when(of_year.count() == YEAR_QUARTERS).then(of_year.sum())

    five = pl.col("profit_inr").filter(pl.col("lag") < FIVE_YEARS)
    growth = pl.col("growth").filter(pl.col("lag") < FIVE_YEARS)
    return (
        compared.sort("company_id", "lag")
        .group_by("company_id", maintain_order=True)
        .agg(
            year_profit=year_sum(pl.col("profit_inr")),
            year_operating_profit=year_sum(operating),
            growth_sd=pl.when(growth.count() >= LEAST_HISTORY).then(growth.std(ddof=1)),
            positive_share=pl.when(five.count() >= LEAST_HISTORY).then((five > 0).mean()),
        )
    )


def _balance_sheets(told: pl.DataFrame) -> pl.DataFrame:
    """Each company's latest balance sheet of the year past."""
    return (
        told.filter(pl.col("equity_inr").is_not_null() & (pl.col("lag") <= OLDEST_BALANCE))
        .sort("company_id", "lag")
        .unique("company_id", keep="first", maintain_order=True)
        .select(
            "company_id",
            equity="equity_inr",
            borrowings="borrowings_inr",
            balance_sheet_date="quarter_end",
        )
    )


def _years(told: pl.DataFrame) -> pl.DataFrame:
    """Each company's latest whole year with a cash flow, not older than a year past its end."""
    before = told.select(
        "company_id", lag=pl.col("lag") - YEAR_QUARTERS, assets_before="assets_inr"
    )
    return (
        told.filter(
            pl.col("year_operating_cash_flow_inr").is_not_null()
            & pl.col("year_profit_inr").is_not_null()
            & (pl.col("lag") <= OLDEST_BALANCE)
        )
        .sort("company_id", "lag")
        .unique("company_id", keep="first", maintain_order=True)
        .join(before, on=["company_id", "lag"], how="left")
        .select(
            "company_id",
            accruals=pl.col("year_profit_inr") - pl.col("year_operating_cash_flow_inr"),
            average_assets=(pl.col("assets_inr") + pl.col("assets_before")) / 2,
        )
    )


def _industry_at(industry: pl.DataFrame, session: date | None) -> pl.DataFrame:
    day = pl.lit(session, dtype=pl.Date)
    return industry.filter((pl.col("from_date") <= day) & (pl.col("until_date") > day)).select(
        "company_id", industry="universe_title"
    )


def _scored(measured: pl.DataFrame) -> pl.DataFrame:
    """The score: the mean of the ingredients' z, each winsorised and turned so that more is better.

    z is taken within the industry where LEAST_OF_INDUSTRY companies have the ingredient, else
    among all; where none differs it is 0.
    """
    frame = measured
    for name in INGREDIENTS:
        least, most = (pl.col(name).quantile(q, interpolation="linear") for q in WINSORISED)
        frame = frame.with_columns(pl.col(name).clip(least, most).alias(f"_{name}"))
    scores = [_z(f"_{name}") * (1 if is_good else -1) for name, is_good in INGREDIENTS.items()]
    present = pl.sum_horizontal(pl.col(name).is_not_null() for name in INGREDIENTS)
    rank = pl.col("quality_score").rank("average")
    return (
        frame.with_columns(
            missing_ingredients=(len(INGREDIENTS) - present.cast(pl.Int64)),
            mean_z=pl.mean_horizontal(scores),
        )
        .with_columns(
            quality_score=pl.when(
                pl.col("missing_ingredients") <= len(INGREDIENTS) - LEAST_INGREDIENTS
            ).then("mean_z")
        )
        .with_columns(
            quality_tercile=((rank - 0.5) * TERCILES / pl.col("quality_score").count())
            .floor()
            .cast(pl.Int64)
            + 1
        )
    )


def _z(name: str) -> pl.Expr:
    value = pl.col(name)
    is_enough = pl.col("industry").is_not_null() & (
        value.count().over("industry") >= LEAST_OF_INDUSTRY
    )

    def of(mean: pl.Expr, deviation: pl.Expr, kinds: pl.Expr) -> pl.Expr:
        return (
            pl.when(value.is_null())
            .then(pl.lit(None, dtype=pl.Float64))
            .when(kinds > 1)
            .then((value - mean) / deviation)
            .otherwise(0.0)
        )

    kinds = value.drop_nulls().n_unique()
    return (
        pl.when(is_enough)
        .then(
            of(
                value.mean().over("industry"),
                value.std(ddof=1).over("industry"),
                kinds.over("industry"),
            )
        )
        .otherwise(of(value.mean(), value.std(ddof=1), kinds))
    )
