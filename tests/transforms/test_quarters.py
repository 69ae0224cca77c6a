"""From documents to quarters, by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.transforms.filed import CRORE, Document, filed, members
from transforms.companies import companies
from transforms.quarters import due_date, quarter_end, quarter_number, quarters

JUNE, SEPTEMBER = date(2024, 6, 30), date(2024, 9, 30)
DECEMBER, MARCH = date(2024, 12, 31), date(2025, 3, 31)


def vintages(*documents: Document, seed: int | None = None) -> pl.DataFrame:
    filings, results = filed(documents)
    if seed is not None:
        filings = filings.sample(fraction=1, shuffle=True, seed=seed)
        results = results.sample(fraction=1, shuffle=True, seed=seed)
    return quarters(filings, results, companies(filings, results, members()))


def row(frame: pl.DataFrame, **wanted: Any) -> dict[str, Any]:
    found = frame.filter(**wanted)
    assert found.height == 1
    return found.row(0, named=True)


@pytest.mark.parametrize(
    ("end", "due"),
    [
        (DECEMBER, date(2025, 2, 14)),
        (MARCH, date(2025, 5, 30)),
        (date(2024, 6, 30), date(2024, 8, 14)),
        (date(2024, 9, 30), date(2024, 11, 14)),
    ],
)
def test_due_dates(end: date, due: date) -> None:
    assert pl.select(due_date(pl.lit(end))).item() == due


def test_quarters_are_numbered_without_a_gap() -> None:
    days = pl.DataFrame({"day": [JUNE, date(2024, 7, 1), SEPTEMBER, DECEMBER, MARCH]})
    numbers = days.select(quarter_number(pl.col("day"))).to_series()
    assert (numbers - numbers[0]).to_list() == [0, 1, 1, 2, 3]
    ends = days.select(quarter_end(quarter_number(pl.col("day")))).to_series().to_list()
    assert ends == [JUNE, SEPTEMBER, SEPTEMBER, DECEMBER, MARCH]


def test_a_document_is_known_from_its_broadcast_until_the_next_of_its_basis() -> None:
    first, again = datetime(2024, 8, 1, 15, tzinfo=UTC), datetime(2024, 9, 5, 4, tzinfo=UTC)
    other = datetime(2024, 8, 20, tzinfo=UTC)
    seen = vintages(
        Document("A", JUNE, first, 10),
        Document("A", JUNE, again, 9),
        Document("A", JUNE, other, 8, basis="standalone"),
        Document("A", SEPTEMBER, again, 11, revision=True),
    )
    june = seen.filter(quarter_end=JUNE, basis="consolidated").to_dicts()
    assert [(one["known_from"], one["superseded_at"]) for one in june] == [
        (first, again),
        (again, None),
    ]
    assert [one["profit_inr"] for one in june] == [10 * CRORE, 9 * CRORE]
    assert [one["is_revision"] for one in june] == [False, True]
    assert row(seen, basis="standalone")["superseded_at"] is None
    # The list calls it a revision, though the original was never seen.
    assert row(seen, quarter_end=SEPTEMBER)["is_revision"] is True


def test_a_document_no_list_names_is_known_from_its_own_publishing() -> None:
    told = datetime(2024, 8, 1, 15, tzinfo=UTC)
    assert vintages(Document("A", JUNE, told, 1, is_listed=False))["known_from"].to_list() == [told]


def year(profit: float, told: date = date(2025, 5, 20), **more: Any) -> Document:
    return Document("A", MARCH, told, to_date={"profit": profit, "revenue": 900}, **more)


def nine_months(profit: float, told: date = date(2025, 2, 1), **more: Any) -> Document:
    figures = {"profit": profit, "revenue": 600}
    return Document("A", DECEMBER, told, 30, to_date=figures, months=9, **more)


def test_the_last_quarter_is_the_year_less_nine_months() -> None:
    seen = row(vintages(year(140), nine_months(100)), quarter_end=MARCH)
    assert (seen["profit_inr"], seen["revenue_inr"]) == (40 * CRORE, 300 * CRORE)
    assert seen["is_balancing"] is True
    assert seen["year_profit_inr"] == 140 * CRORE


def test_a_last_quarter_that_is_told_stands() -> None:
    told = Document("A", MARCH, date(2025, 5, 20), 37, to_date={"profit": 140, "revenue": 900})
    seen = row(vintages(told, nine_months(100)), quarter_end=MARCH)
    assert (seen["profit_inr"], seen["is_balancing"]) == (37 * CRORE, False)
    assert seen["revenue_inr"] == 300 * CRORE  # what is missing beside it is filled in


def test_the_nine_months_are_those_of_the_same_basis_known_by_then() -> None:
    other_basis = nine_months(90, basis="standalone")
    assert row(vintages(year(140), other_basis), quarter_end=MARCH)["profit_inr"] is None
    too_late = nine_months(100, told=date(2025, 5, 21))
    assert row(vintages(year(140), too_late), quarter_end=MARCH)["profit_inr"] is None
    refiled = [nine_months(100), nine_months(95, told=date(2025, 3, 1))]
    seen = row(vintages(year(140), *refiled), quarter_end=MARCH)
    assert seen["profit_inr"] == 45 * CRORE
    after = vintages(year(140), nine_months(100), nine_months(95, told=date(2025, 6, 1)))
    assert row(after, quarter_end=MARCH)["profit_inr"] == 40 * CRORE


def test_half_a_year_is_no_nine_months_and_no_quarter() -> None:
    half = Document("A", DECEMBER, date(2025, 2, 1), 30, to_date={"profit": 60}, months=6)
    assert row(vintages(year(140), half), quarter_end=MARCH)["profit_inr"] is None
    long = Document("A", JUNE, date(2024, 8, 1), 30, quarter_start=date(2024, 1, 1))
    assert vintages(long)["profit_inr"].to_list() == [None]


def test_only_a_whole_year_has_a_years_cash_flow() -> None:
    flow = {"profit": 100.0, "operating_cash_flow": 80.0}
    whole = Document("A", MARCH, date(2025, 5, 1), 30, to_date=flow)
    half = Document("A", SEPTEMBER, date(2024, 11, 1), 30, to_date=flow, months=6)
    seen = vintages(whole, half)
    assert row(seen, quarter_end=MARCH)["year_operating_cash_flow_inr"] == 80 * CRORE
    assert row(seen, quarter_end=SEPTEMBER)["year_operating_cash_flow_inr"] is None


def test_two_documents_of_one_instant_leave_one() -> None:
    one, other = (Document("A", JUNE, date(2024, 8, 1), 1 + n, number=n) for n in (0, 1))
    assert vintages(one, other)["profit_inr"].to_list() == [2 * CRORE]
    assert vintages(other, one)["profit_inr"].to_list() == [2 * CRORE]


def test_a_period_that_ends_within_a_quarter_is_none() -> None:
    assert vintages(Document("A", date(2024, 8, 31), date(2024, 10, 1), 1)).height == 0
    assert vintages(Document("A", date(2024, 6, 28), date(2024, 8, 1), 1))[
        "quarter_end"
    ].to_list() == [JUNE]


def test_the_order_of_rows_is_irrelevant() -> None:
    documents = [
        year(140),
        nine_months(100),
        nine_months(95, told=date(2025, 3, 1)),
        *[Document(name, JUNE, date(2024, 8, n), n) for n in range(1, 9) for name in "AB"],
    ]
    assert_frame_equal(vintages(*documents), vintages(*documents, seed=5))
