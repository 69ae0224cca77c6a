"""Quality of companies, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.transforms.filed import Document, filed, members, quarter_ends, sessions
from transforms.companies import companies
from transforms.metrics.earnings_tables import Quality
from transforms.metrics.quality import INGREDIENTS, quality
from transforms.quarters import quarters
from warehouse.tables.table import schema

ENDS = quarter_ends(date(2019, 6, 30), 24)  # to March 2025, due on Friday, 30 May
LAST, DUE = ENDS[-1], date(2025, 5, 30)
DAYS = sessions(date(2025, 4, 1), date(2025, 6, 30))
NO_MEMBERS = members()


def told(end: date, days: int = 30) -> datetime:
    return datetime.fromisoformat(f"{end}T10:00:00+00:00") + timedelta(days=days)


def company(
    symbol: str,
    profits: Sequence[float],
    *,
    ends: Sequence[date] = ENDS,
    equity: float | None = 400,
    borrowings: float | None = 100,
    cash: float | None = 30,
    days: int = 30,
    **more: Any,
) -> list[Document]:
    """A quarter each; a balance sheet in September and March, the year's cash flow in March."""
    found = []
    for end, profit in zip(ends[len(ends) - len(profits) :], profits, strict=True):
        figures: dict[str, float | None] = {
            "profit_before_tax": profit * 1.25,
            "finance_costs": 2.0,
            "revenue": 100.0,
        }
        to_date = None
        if end.month in (3, 9):
            figures |= {"equity": equity, "borrowings": borrowings, "assets": 900.0}
        if end.month == 3:
            to_date = {"profit": 48.0, "operating_cash_flow": cash}
        found.append(
            Document(symbol, end, told(end, days), profit, quarter=figures, to_date=to_date, **more)
        )
    return found


def scores(
    documents: Sequence[Document],
    listed: pl.DataFrame = NO_MEMBERS,
    days: pl.DataFrame = DAYS,
    since: date | None = None,
    seed: int | None = None,
) -> pl.DataFrame:
    filings, rows = filed(documents)
    named = companies(filings, rows, listed)
    vintages = quarters(filings, rows, named)
    if seed is not None:
        vintages = vintages.sample(fraction=1, shuffle=True, seed=seed)
    return quality(vintages, listed, named, days, since)


def row(frame: pl.DataFrame, symbol: str) -> dict[str, Any]:
    found = frame.filter(company_id=symbol)
    assert found.height == 1
    return found.row(0, named=True)


STEADY = [10.0] * 20 + [11.0, 12.0, 13.0, 12.0]


def test_the_ingredients_of_one_company() -> None:
    seen = row(scores(company("A", STEADY)), "A")
    assert (seen["quarter_end"], seen["session_date"]) == (LAST, DUE)
    assert seen["return_on_equity_pct"] == pytest.approx(100 * 48 / 400)
    assert seen["debt_to_equity"] == pytest.approx(100 / 400)
    assert seen["return_on_capital_pct"] == pytest.approx(100 * (48 * 1.25 + 8) / 500)
    assert seen["accruals_ratio"] == pytest.approx((48 - 30) / 900)
    growth = [0.0] * 16 + [1 / 10.5, 2 / 11, 3 / 11.5, 2 / 11]
    assert seen["earnings_variability"] == pytest.approx(np.std(growth, ddof=1))
    assert seen["positive_quarters_pct"] == 100
    assert (seen["balance_sheet_date"], seen["balance_sheet_age_days"]) == (LAST, 60)
    assert seen["missing_ingredients"] == 0
    # Alone, a company is its own mean.
    assert (seen["quality_score"], seen["quality_tercile"]) == (0, 2)


def test_a_share_of_losing_quarters_and_what_is_too_short() -> None:
    profits = [10.0, -10.0] * 4
    eight = row(scores(company("A", profits)), "A")
    assert eight["positive_quarters_pct"] == 50
    assert eight["earnings_variability"] is None  # four growths
    seven = row(scores(company("A", profits[1:])), "A")
    assert seven["positive_quarters_pct"] is None
    assert row(scores(company("A", [10.0] * 12)), "A")["earnings_variability"] == 0
    assert row(scores(company("A", [10.0] * 11)), "A")["earnings_variability"] is None


@pytest.mark.parametrize(
    ("kind", "null"),
    [
        ("ind_as", set()),
        ("nbfc", {"debt_to_equity"}),
        ("banking", {"debt_to_equity", "return_on_capital_pct"}),
        ("insurance", {"debt_to_equity", "return_on_capital_pct"}),
    ],
)
def test_financial_companies_have_fewer_ingredients_and_a_score(kind: str, null: set[str]) -> None:
    seen = row(scores(company("A", STEADY, format=kind)), "A")
    assert {name for name in INGREDIENTS if seen[name] is None} == null
    assert seen["missing_ingredients"] == len(null)
    assert seen["quality_score"] is not None


def test_with_three_ingredients_there_is_no_score() -> None:
    # Without a cash flow and as a bank: return on equity, variability and quarters are left.
    seen = row(scores(company("A", STEADY, format="banking", cash=None)), "A")
    assert seen["missing_ingredients"] == 3
    assert (seen["quality_score"], seen["quality_tercile"]) == (None, None)


@pytest.mark.parametrize("equity", [0.0, -50.0, None])
def test_without_equity_there_is_no_return_on_it(equity: float | None) -> None:
    seen = row(scores(company("A", STEADY, equity=equity)), "A")
    assert seen["return_on_equity_pct"] is None
    assert seen["debt_to_equity"] is None


def test_a_missing_quarter_of_the_last_four_leaves_no_return() -> None:
    documents = [one for one in company("A", STEADY) if one.quarter_end != ENDS[-3]]
    seen = row(scores(documents), "A")
    assert seen["return_on_equity_pct"] is None
    assert seen["positive_quarters_pct"] == 100


def test_one_basis_throughout() -> None:
    standalone = company("A", [one / 2 for one in STEADY], basis="standalone", equity=100)
    both = row(scores([*company("A", STEADY), *standalone]), "A")
    assert (both["basis"], both["return_on_equity_pct"]) == ("consolidated", pytest.approx(12))
    began = row(scores([*company("A", STEADY[-2:]), *standalone]), "A")
    assert (began["basis"], began["return_on_equity_pct"]) == ("standalone", pytest.approx(24))


def test_only_what_was_known_on_the_evening_of_the_due_date_counts() -> None:
    late = company("LATE", STEADY)
    late[-1] = Document("LATE", LAST, datetime.fromisoformat("2025-05-30T17:00:01+00:00"), 12)
    again = Document("A", LAST, told(LAST, 90), -500)
    seen = scores([*company("A", STEADY), again, *late])
    assert seen["company_id"].to_list() == ["A"]
    assert row(seen, "A")["return_on_equity_pct"] == pytest.approx(12)
    in_time = datetime.fromisoformat("2025-05-30T17:00:00+00:00")
    late[-1] = Document("LATE", LAST, in_time, 12)
    assert scores([*company("A", STEADY), *late])["company_id"].to_list() == ["A", "LATE"]


def test_a_due_date_without_a_session_is_judged_at_the_next() -> None:
    days = DAYS.filter(pl.col("session_date") != DUE)
    assert row(scores(company("A", STEADY), days=days), "A")["session_date"] == date(2025, 6, 2)
    not_yet = DAYS.filter(pl.col("session_date") < DUE)
    assert scores(company("A", STEADY), days=not_yet).height == 0


RNG = np.random.default_rng(9)
NAMES = [f"S{n:02d}" for n in range(45)]
CROWD = [
    document
    for name in NAMES
    for document in company(
        name,
        [float(one) for one in RNG.normal(20, 15, 24)],
        equity=float(RNG.uniform(50, 500)),
        borrowings=float(RNG.uniform(0, 300)),
        cash=None if name == "S07" else float(RNG.uniform(-40, 90)),
    )
]
# Thirty of one industry, five of another, which are too few, and ten of none.
LISTED = members(
    *[
        ("x", date(2025, 1, 1), name, f"INE{n:03d}A01010", "Large" if n < 30 else "Small")
        for n, name in enumerate(NAMES[:35])
    ]
)


@pytest.fixture(scope="module")
def crowd() -> pl.DataFrame:
    return scores(CROWD, LISTED).sort("company_id")


def test_scores_are_means_of_winsorised_z_by_numpy(crowd: pl.DataFrame) -> None:
    assert crowd.height == 45
    industry = np.array([one or "" for one in crowd["industry"]])
    turned = []
    for name, is_good in INGREDIENTS.items():
        values = crowd[name].to_numpy()
        least, most = np.nanquantile(values, [0.025, 0.975])
        values = np.clip(values, least, most)
        z = (values - np.nanmean(values)) / np.nanstd(values, ddof=1)
        large = industry == "Large"
        inside = values[large]
        z[large] = (inside - np.nanmean(inside)) / np.nanstd(inside, ddof=1)
        turned.append(z if is_good else -z)
    expected = np.nanmean(np.array(turned), axis=0)
    assert crowd["quality_score"].to_numpy() == pytest.approx(expected, rel=1e-9)
    order = expected.argsort().argsort()
    assert crowd["quality_tercile"].to_list() == [1 + int(place) // 15 for place in order]
    missing = crowd["missing_ingredients"].to_list()
    assert sorted(missing)[-1] == 1
    assert sum(missing) == 1


def test_more_debt_and_more_accruals_are_worse() -> None:
    base = [company(f"B{n:02d}", STEADY, borrowings=100 + n) for n in range(20)]
    documents = [one for many in base for one in many]
    worse = scores([*documents, *company("X", STEADY, borrowings=300)])
    assert row(worse, "X")["quality_score"] < row(worse, "B00")["quality_score"]
    cash = scores([*documents, *company("X", STEADY, cash=-300)])
    assert row(cash, "X")["quality_score"] < row(cash, "B10")["quality_score"]


def test_an_outlier_is_held_at_the_edge() -> None:
    others = [one for n in range(40) for one in company(f"B{n:02d}", STEADY, equity=400 + n)]
    wild = scores([*others, *company("X", STEADY, equity=1)])
    wilder = scores([*others, *company("X", STEADY, equity=0.01)])
    assert row(wilder, "X")["return_on_equity_pct"] > 10 * row(wild, "X")["return_on_equity_pct"]
    assert row(wilder, "X")["quality_score"] == pytest.approx(row(wild, "X")["quality_score"])


def test_the_order_of_rows_is_irrelevant_and_since_gives_the_last(crowd: pl.DataFrame) -> None:
    assert_frame_equal(scores(CROWD, LISTED, seed=3).sort("company_id"), crowd)
    days = sessions(date(2024, 1, 1), date(2025, 6, 30))
    whole = scores(CROWD, LISTED, days)
    assert whole["quarter_end"].unique().sort().to_list() == ENDS[-6:]
    latest = scores(CROWD, LISTED, days, date(2025, 5, 30))
    assert_frame_equal(latest, whole.filter(quarter_end=LAST))
    assert scores(CROWD, LISTED, days, date(2025, 6, 2)).height == 0
    Quality.validate(whole.select(list(schema(Quality))), cast=True)


def test_no_documents_are_no_rows() -> None:
    assert scores([]).height == 0
