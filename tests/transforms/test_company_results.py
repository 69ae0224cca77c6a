"""A company's quarter beside its past, by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.transforms.filed import CRORE, Document, filed, members, quarter_ends
from transforms.companies import companies
from transforms.metrics.company_results import COMPANY_RESULT, company_results
from transforms.quarters import quarters

ENDS = quarter_ends(date(2019, 3, 31), 28)
LAST = ENDS[-1]


def results(*documents: Document, seed: int | None = None) -> pl.DataFrame:
    filings, rows = filed(documents)
    vintages = quarters(filings, rows, companies(filings, rows, members()))
    if seed is not None:
        vintages = vintages.sample(fraction=1, shuffle=True, seed=seed)
    return company_results(vintages)


def told(end: date, days: int = 30) -> datetime:
    return datetime(end.year, end.month, end.day, 15, tzinfo=UTC) + timedelta(days=days)


def document(end: date, profit: float | None, days: int = 30, **more: Any) -> Document:
    return Document("A", end, told(end, days), profit, **more)


def series(profits: list[float | None], **more: Any) -> list[Document]:
    """One document a quarter, the last of them of LAST; None is a quarter not told."""
    ends = ENDS[len(ENDS) - len(profits) :]
    return [
        document(end, profit, **more)
        for end, profit in zip(ends, profits, strict=True)
        if profit is not None
    ]


def last(frame: pl.DataFrame) -> dict[str, Any]:
    return frame.filter(quarter_end=LAST).row(-1, named=True)


def test_a_quarter_is_compared_with_that_of_the_year_before() -> None:
    row = last(results(*series([100, 1, 2, 3, 125])))
    assert (row["profit_inr"], row["prior_profit_inr"]) == (125 * CRORE, 100 * CRORE)
    assert row["profit_yoy_pct"] == pytest.approx(25)
    assert row["profit_growth_bounded"] == pytest.approx(25 / 112.5)
    assert (row["profit_class"], row["basis"]) == ("growth", "consolidated")
    assert row["superseded_at"] is None


def test_without_the_quarter_of_the_year_before_there_is_no_comparison() -> None:
    row = last(results(*series([100, None, 1, 2, 3, 125])))
    assert row["profit_yoy_pct"] is None
    assert row["profit_class"] is None
    assert row["profit_inr"] == 125 * CRORE


@pytest.mark.parametrize("swap", [False, True])
def test_the_bases_are_never_mixed_and_consolidated_comes_first(swap: bool) -> None:
    year_before, now = ENDS[-5], LAST

    def pair(basis: str, before: float | None, after: float | None, days: int) -> list[Document]:
        told_of = [(year_before, before), (now, after)]
        return [
            document(end, profit, days, basis=basis)
            for end, profit in told_of
            if profit is not None
        ]

    early, late = (31, 30) if swap else (30, 31)
    both = last(results(*pair("consolidated", 100, 120, early), *pair("standalone", 50, 40, late)))
    assert (both["basis"], both["profit_yoy_pct"]) == ("consolidated", pytest.approx(20))
    # It began to consolidate this year: the comparison is standalone.
    began = last(
        results(*pair("consolidated", None, 120, early), *pair("standalone", 50, 40, late))
    )
    assert (began["basis"], began["profit_yoy_pct"]) == ("standalone", pytest.approx(-20))
    # Nothing of one basis at both ends: none at all.
    mixed = last(
        results(*pair("consolidated", None, 120, early), *pair("standalone", 50, None, late))
    )
    assert (mixed["basis"], mixed["profit_yoy_pct"]) == ("consolidated", None)
    assert mixed["prior_profit_inr"] is None


def test_before_the_consolidated_result_is_out_the_standalone_one_stands() -> None:
    rows = results(
        document(ENDS[-5], 100),
        document(ENDS[-5], 50, basis="standalone"),
        document(LAST, 40, 30, basis="standalone"),
        document(LAST, 120, 31),
    ).filter(quarter_end=LAST)
    assert rows["basis"].to_list() == ["standalone", "consolidated"]
    assert rows["profit_yoy_pct"].to_list() == pytest.approx([-20, 20])
    assert rows["superseded_at"].to_list() == [told(LAST, 31), None]
    assert rows["is_revision"].to_list() == [False, False]


def test_a_refiling_replaces_from_its_broadcast_only() -> None:
    rows = results(document(ENDS[-5], 100), document(LAST, 120), document(LAST, 90, 50)).filter(
        quarter_end=LAST
    )
    assert rows["profit_yoy_pct"].to_list() == pytest.approx([20, -10])
    assert rows["superseded_at"].to_list() == [told(LAST, 50), None]
    assert rows["is_revision"].to_list() == [False, True]


def test_the_year_before_is_taken_as_it_was_known() -> None:
    before, refiled = document(ENDS[-5], 100), document(ENDS[-5], 80, 100)
    assert last(results(before, refiled, document(LAST, 120)))["prior_profit_inr"] == 80 * CRORE
    too_late = document(ENDS[-5], 80, (told(LAST) - told(ENDS[-5], 0)).days + 1)
    rows = results(before, too_late, document(LAST, 120))
    assert last(rows)["prior_profit_inr"] == 100 * CRORE
    assert rows.filter(quarter_end=LAST).height == 1  # no new row: the row keeps what was known


def test_profit_of_continuing_operations_counts_where_both_ends_have_it() -> None:
    def pair(before: float | None, now: float | None) -> dict[str, Any]:
        return last(
            results(
                document(ENDS[-5], 100, quarter={"profit_continuing": before}),
                document(LAST, 433, quarter={"profit_continuing": now}),
            )
        )

    both = pair(100, 110)
    assert (both["profit_yoy_pct"], both["profit_measure"]) == (pytest.approx(10), "continuing")
    one = pair(None, 110)
    assert (one["profit_yoy_pct"], one["profit_measure"]) == (pytest.approx(333), "period")


def test_acceleration_is_the_growth_less_that_of_the_quarter_before() -> None:
    row = last(results(*series([100, 100, 1, 1, 120, 150])))
    assert row["acceleration"] == pytest.approx(50 / 125 - 20 / 110)
    assert last(results(*series([None, 100, 1, 1, 120, 150])))["acceleration"] is None


MARGINS = {"revenue": 200.0, "profit_before_tax": 30.0, "finance_costs": 10.0, "other_income": 4.0}


def test_operating_margin_and_its_change() -> None:
    before = document(ENDS[-5], 20, quarter=MARGINS)
    now = document(LAST, 30, quarter={**MARGINS, "profit_before_tax": 40.0})
    row = last(results(before, now))
    assert row["operating_margin_pct"] == pytest.approx(100 * 46 / 200)
    assert row["operating_margin_change_points"] == pytest.approx(5)
    lacking = document(LAST, 30, quarter={**MARGINS, "finance_costs": None})
    assert last(results(before, lacking))["operating_margin_pct"] is None


@pytest.mark.parametrize(
    ("kind", "has_one"),
    [("ind_as", True), ("nbfc", True), ("banking", False), ("insurance", False)],
)
def test_banks_and_insurers_have_no_operating_margin(kind: str, has_one: bool) -> None:
    documents = [document(end, 20, quarter=MARGINS, format=kind) for end in (ENDS[-5], LAST)]
    row = last(results(*documents))
    assert (row["operating_margin_pct"] is not None) is has_one
    assert (row["operating_margin_change_points"] is not None) is has_one
    assert row["revenue_yoy_pct"] == pytest.approx(0)


def test_a_low_base_is_one_of_the_trailing_revenue() -> None:
    ends, revenue = ENDS[-5:], {"revenue": 100.0}
    row = last(results(*[document(end, 3.9, quarter=revenue) for end in ends]))
    assert row["profit_class"] == "low_base"  # below a hundredth of 400
    row = last(results(*[document(end, 4.0, quarter=revenue) for end in ends]))
    assert row["profit_class"] == "growth"
    # A quarter's revenue is missing: the floor of a crore alone counts.
    holed = [document(end, 3.9, quarter=revenue if end != ENDS[-3] else {}) for end in ends]
    assert last(results(*holed))["profit_class"] == "growth"


RNG = np.random.default_rng(8)
PROFITS = [round(float(one), 1) for one in 100 + RNG.normal(0, 10, 28).cumsum()]


def by_numpy(profits: list[float | None]) -> tuple[float | None, int]:
    """Surprise and sample of the last quarter, from its own differences."""
    values = np.array([np.nan if one is None else one for one in profits]) * CRORE
    padded = np.concatenate([np.full(30, np.nan), values])
    differences = padded[4:] - padded[:-4]
    past = differences[-21:-1]
    past = past[np.isfinite(past)]
    if past.size < 8 or not np.isfinite(differences[-1]):
        return None, past.size
    return float((differences[-1] - past.mean()) / past.std(ddof=1)), past.size


@pytest.mark.parametrize("count", [5, 12, 13, 20, 25, 26, 28])
def test_surprises_are_those_of_numpy(count: int) -> None:
    profits: list[float | None] = [*PROFITS[:count]]
    row = last(results(*series(profits)))
    expected, sample = by_numpy(profits)
    assert row["sue_sample"] == sample == min(max(count - 5, 0), 20)
    assert (row["sue"] is None) is (expected is None) is (count < 13)
    if expected is not None:
        assert row["sue"] == pytest.approx(expected, rel=1e-9)


def test_a_missing_quarter_takes_its_two_differences_with_it() -> None:
    profits: list[float | None] = [*PROFITS]
    profits[-10] = None
    row = last(results(*series(profits)))
    expected, sample = by_numpy(profits)
    assert (row["sue_sample"], sample) == (18, 18)
    assert row["sue"] == pytest.approx(expected, rel=1e-9)
    profits[-5] = None
    assert last(results(*series(profits)))["sue"] is None


def test_the_past_of_a_surprise_is_of_one_basis() -> None:
    consolidated = series([*PROFITS])
    standalone = series([one / 7 for one in PROFITS], basis="standalone")
    row = last(results(*consolidated, *standalone))
    assert row["sue"] == pytest.approx(last(results(*consolidated))["sue"], rel=1e-12)
    short = last(results(*consolidated[-6:], *standalone))
    assert (short["basis"], short["sue"], short["sue_sample"]) == ("consolidated", None, 1)


def crowd(seed: int) -> list[Document]:
    """Companies that file late, again, on two bases and with holes."""
    rng = np.random.default_rng(seed)
    return [
        Document(
            f"C{company}",
            end,
            told(end, int(rng.integers(20, 200))),
            round(float(rng.normal(50, 60)), 1),
            basis=basis,
            number=vintage,
            quarter={"revenue": float(rng.integers(100, 900))},
        )
        for company in range(4)
        for end in ENDS
        for basis in ("consolidated", "standalone")
        for vintage in range(int(rng.integers(0, 3)))
    ]


def test_nothing_known_later_changes_a_row() -> None:
    documents = crowd(3)
    whole = results(*documents)
    assert whole["sue"].count() > 50
    for cut in (told(ENDS[13]), told(ENDS[20], 70), told(ENDS[27])):
        early = results(*[one for one in documents if one.instant <= cut])
        kept = whole.filter(pl.col("known_from") <= cut)
        assert early.height > 50
        assert_frame_equal(early.drop("superseded_at"), kept.drop("superseded_at"), rel_tol=1e-12)
        expected = kept.with_columns(pl.when(pl.col("superseded_at") <= cut).then("superseded_at"))
        assert early["superseded_at"].equals(expected["superseded_at"])


def test_the_order_of_rows_is_irrelevant_and_bounds_hold() -> None:
    documents = crowd(4)
    whole = results(*documents)
    assert_frame_equal(whole, results(*documents, seed=2))
    numbers = whole.select(pl.col(pl.Float64))
    assert not numbers.select(pl.any_horizontal(pl.all().is_nan().any())).item()
    for item in COMPANY_RESULT:
        low, high = item.bounds
        values = whole[item.id].drop_nulls()
        assert values.len() == 0 or low is None or values.min() >= low - 1e-9  # type: ignore[operator]
        assert values.len() == 0 or high is None or values.max() <= high + 1e-9  # type: ignore[operator]


def test_no_documents_are_no_rows() -> None:
    assert results().height == 0
