"""A company's quarter beside the year before and its own past, as known when it was told.

A row stands from the broadcast of a document to that of the next of the same quarter, and its
figures are those known at its start: what is told later of an earlier quarter makes no new row.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from transforms.metrics.growth import bounded_growth, growth_class, year_on_year_pct
from transforms.metrics.known_quarters import BASES, Floats, known_windows
from transforms.metrics.metric import Metric, metric
from transforms.metrics.surprise import (
    LEAST_DIFFERENCES,
    MOST_DIFFERENCES,
    past_differences,
    surprise,
)
from transforms.quarters import YEAR_QUARTERS as YEAR
from transforms.quarters import quarter_number

COMPANY_RESULT: list[Metric] = []

MEASURES = ("continuing", "period")
LAGS = MOST_DIFFERENCES + YEAR + 1
FEW_LAGS = YEAR + 1

# Interest is what a bank sells and claims are what an insurer pays: their statements have no
# profit before financing.
NO_OPERATING_MARGIN = ("banking", "insurance")

KEY = ["company_id", "quarter_end", "known_from"]


def company_results(vintages: pl.DataFrame) -> pl.DataFrame:
    """Every company's quarters as they were first told and told again.

    Both ends of a comparison are of one basis, the consolidated where both ends have it, and of
    one measure of profit: that of continuing operations where both ends have it, else that of
    the period. Where no comparison can be made the row shows what the quarter alone has.

    Args:
        vintages: what `quarters` returns.

    Returns:
        KEY, symbol, basis, is_revision, is_balancing, superseded_at (null while current),
        profit_measure, revenue_inr, profit_inr, prior_revenue_inr, prior_profit_inr (rupees,
        those of the quarter a year before), revenue_class, profit_class, and the metrics of
        COMPANY_RESULT; sorted by KEY. Independent of row order.
    """
    rows = _as_known(vintages)
    for item in COMPANY_RESULT:
        rows = rows.with_columns(item.expression().cast(item.stored_type).alias(item.id))
    return rows.with_columns(
        superseded_at=pl.col("known_from").shift(-1).over("company_id", "quarter_end"),
        profit_class=growth_class(
            pl.col("profit_inr"), pl.col("prior_profit_inr"), pl.col("trailing_revenue_inr")
        ),
        revenue_class=growth_class(
            pl.col("revenue_inr"), pl.col("prior_revenue_inr"), pl.col("trailing_revenue_inr")
        ),
    ).select(
        *KEY,
        "symbol",
        "basis",
        "is_revision",
        "is_balancing",
        "superseded_at",
        "profit_measure",
        "revenue_inr",
        "profit_inr",
        "prior_revenue_inr",
        "prior_profit_inr",
        "revenue_class",
        "profit_class",
        *[item.id for item in COMPANY_RESULT],
    )


@metric(
    COMPANY_RESULT,
    name="Profit on the year before",
    unit="percent",
    warmup=YEAR,
    needs=("profit_inr", "prior_profit_inr"),
    source="Change on the quarter a year before",
)
def profit_yoy_pct() -> pl.Expr:
    """Growth of profit; null unless the base is above 0 and the quarter is no loss: see class."""
    return year_on_year_pct(pl.col("profit_inr"), pl.col("prior_profit_inr"))


@metric(
    COMPANY_RESULT,
    name="Revenue on the year before",
    unit="percent",
    warmup=YEAR,
    needs=("revenue_inr", "prior_revenue_inr"),
    source="Change on the quarter a year before",
)
def revenue_yoy_pct() -> pl.Expr:
    """Growth of revenue; null unless the base is above 0."""
    return year_on_year_pct(pl.col("revenue_inr"), pl.col("prior_revenue_inr"))


@metric(
    COMPANY_RESULT,
    name="Bounded growth of profit",
    unit="ratio",
    warmup=YEAR,
    bounds=(-2.0, 2.0),
    needs=("profit_inr", "prior_profit_inr"),
    source="(x - b) / ((|x| + |b|) / 2)",
)
def profit_growth_bounded() -> pl.Expr:
    """Change of profit on a year before over the mean size of both, for any sign of the base."""
    return bounded_growth(pl.col("profit_inr"), pl.col("prior_profit_inr"))


@metric(
    COMPANY_RESULT,
    name="Bounded growth of revenue",
    unit="ratio",
    warmup=YEAR,
    bounds=(-2.0, 2.0),
    needs=("revenue_inr", "prior_revenue_inr"),
    source="(x - b) / ((|x| + |b|) / 2)",
)
def revenue_growth_bounded() -> pl.Expr:
    """Change of revenue on a year before over the mean size of both."""
    return bounded_growth(pl.col("revenue_inr"), pl.col("prior_revenue_inr"))


@metric(
    COMPANY_RESULT,
    name="Acceleration of profit",
    unit="ratio",
    warmup=YEAR + 1,
    bounds=(-4.0, 4.0),
    needs=("profit_growth_bounded", "previous_growth_bounded"),
    source="g[q] - g[q-1] of the bounded growth on a year before",
)
def acceleration() -> pl.Expr:
    """Bounded growth of profit less that of the quarter before, on the same basis."""
    return pl.col("profit_growth_bounded") - pl.col("previous_growth_bounded")


@metric(
    COMPANY_RESULT,
    name="Operating margin",
    unit="percent",
    warmup=0,
    needs=("operating_margin",),
    source="(profit before tax + finance costs - other income) / revenue",
)
def operating_margin_pct() -> pl.Expr:
    """Profit before tax, financing and other income over revenue; null of banks and insurers."""
    return 100 * pl.col("operating_margin")


@metric(
    COMPANY_RESULT,
    name="Change of operating margin",
    unit="percentage points",
    warmup=YEAR,
    needs=("operating_margin", "prior_operating_margin"),
    source="Operating margin less that of the quarter a year before",
)
def operating_margin_change_points() -> pl.Expr:
    """Operating margin less that of the quarter a year before, on the same basis."""
    return 100 * (pl.col("operating_margin") - pl.col("prior_operating_margin"))


@metric(
    COMPANY_RESULT,
    name="Standardised unexpected earnings",
    unit="standard deviations",
    warmup=2 * YEAR + LEAST_DIFFERENCES - YEAR,
    needs=("difference_0",),
    source="Foster (1977), Bernard and Thomas (1989), with drift; sd ddof 1",
)
def sue() -> pl.Expr:
    """Seasonal change of profit in rupees less its drift, in sd of the 8 to 20 changes before.

    Profit and not earnings a share: those need the history of splits.
    """
    return surprise(pl.col("difference_0"), pl.col("past_differences"))


@metric(
    COMPANY_RESULT,
    name="Seasonal changes behind the surprise",
    unit="quarters",
    warmup=0,
    bounds=(0, MOST_DIFFERENCES),
    needs=("past_differences",),
    kind="count",
    source="Count of Q[t] - Q[t-4] known in the 20 quarters before",
)
def sue_sample() -> pl.Expr:
    """How many of the 20 seasonal changes before were known, a quarter missing at neither end."""
    return pl.col("past_differences").list.len()


def _as_known(vintages: pl.DataFrame) -> pl.DataFrame:
    """A row for each KEY with the figures of its basis and of the quarters before, as known."""
    coded = vintages.sort("company_id", "known_from", "quarter_end", "basis").with_columns(
        company=pl.col("company_id").rank("dense").cast(pl.Int64) - 1,
        turn=pl.col("known_from").rank("dense").over("company_id").cast(pl.Int64) - 1,
        side=(pl.col("basis") != BASES[0]).cast(pl.Int64),
        number=quarter_number(pl.col("quarter_end")).cast(pl.Int64),
        is_there=pl.lit(1.0),
        balanced=pl.col("is_balancing").cast(pl.Float64),
        operating_margin=_operating_margin(),
    )
    rows = coded.group_by("company", "turn", "number", *KEY, maintain_order=True).agg(
        symbol=pl.col("symbol").first(), is_revision=pl.col("is_revision").any()
    )
    profits = known_windows(coded, rows, ("profit_continuing_inr", "profit_inr"), LAGS)
    others = known_windows(
        coded, rows, ("revenue_inr", "operating_margin", "is_there", "balanced"), FEW_LAGS
    )
    differences = _differences(profits)
    revenue = others[0]
    # The first of these that a basis can answer decides, the consolidated before the standalone.
    can = [
        np.isfinite(differences[:, :, 0]),
        np.isfinite(revenue[:, :, 0] - revenue[:, :, YEAR]),
        np.isfinite(others[2, :, :, 0]),
    ]
    asked = np.concatenate(can)
    side = np.argmax(asked, axis=0) % len(BASES) if rows.height else np.zeros(0, dtype=np.int64)
    place = np.arange(rows.height)
    mine, rest = profits[:, side, place], others[:, side, place]
    difference = differences[side, place]
    return (
        rows.with_columns(
            pl.Series("basis", np.array(BASES)[side], dtype=pl.String),
            **{
                name: pl.Series(values, dtype=pl.Float64)
                for name, values in (_figures(mine, rest) | _named(difference)).items()
            },
        )
        .with_columns(
            pl.col(pl.Float64).fill_nan(None),
        )
        .with_columns(
            is_balancing=pl.col("balanced").fill_null(0) > 0,
            profit_measure=pl.when(pl.col("measure") == 0)
            .then(pl.lit(MEASURES[0]))
            .when(pl.col("measure") == 1)
            .then(pl.lit(MEASURES[1])),
            past_differences=past_differences(
                [pl.col(f"difference_{lag}") for lag in range(1, MOST_DIFFERENCES + 1)]
            ),
        )
        .sort(KEY)
    )


def _operating_margin() -> pl.Expr:
    operating = (
        pl.col("profit_before_tax_inr") + pl.col("finance_costs_inr") - pl.col("other_income_inr")
    )
    has_one = ~pl.col("format").is_in(NO_OPERATING_MARGIN) & (pl.col("revenue_inr") > 0)
    return pl.when(has_one).then(operating / pl.col("revenue_inr"))


def _differences(profits: Floats) -> Floats:
    """Seasonal differences Q[t] - Q[t-4], both ends of one measure; shape (bases, rows, lags)."""
    continuing, period = profits[..., :-YEAR] - profits[..., YEAR:]
    differences: Floats = np.where(np.isfinite(continuing), continuing, period)
    return differences


def _figures(profits: Floats, others: Floats) -> dict[str, Floats]:
    """The columns of one basis; shapes (measures, rows, lags) and (figures, rows, lags)."""
    has_pair = np.isfinite(profits[:, :, 0] - profits[:, :, YEAR])
    has_now = np.isfinite(profits[:, :, 0])
    asked = np.concatenate([has_pair, has_now])
    measure = np.argmax(asked, axis=0) % len(MEASURES) if asked.size else np.zeros(0, dtype=int)
    place = np.arange(measure.size)
    now, prior = profits[measure, place, 0], profits[measure, place, YEAR]
    before_pair = np.isfinite(profits[0, :, 1] - profits[0, :, YEAR + 1])
    before = np.where(before_pair, profits[0, :, 1], profits[1, :, 1])
    before_prior = np.where(before_pair, profits[0, :, YEAR + 1], profits[1, :, YEAR + 1])
    size = (np.abs(before) + np.abs(before_prior)) / 2
    revenue, margin, _, balanced = others
    return {
        "measure": np.where(asked.any(axis=0), measure, np.nan),
        "profit_inr": now,
        "prior_profit_inr": np.where(has_pair.any(axis=0), prior, np.nan),
        "previous_growth_bounded": np.divide(
            before - before_prior, size, out=np.full(size.shape, np.nan), where=size > 0
        ),
        "revenue_inr": revenue[:, 0],
        "prior_revenue_inr": revenue[:, YEAR],
        "trailing_revenue_inr": revenue[:, :YEAR].sum(axis=1),
        "operating_margin": margin[:, 0],
        "prior_operating_margin": margin[:, YEAR],
        "balanced": balanced[:, 0],
    }


def _named(difference: Floats) -> dict[str, Floats]:
    return {f"difference_{lag}": difference[:, lag] for lag in range(MOST_DIFFERENCES + 1)}
