"""Index valuation as published, and its ranks, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats  # type: ignore[import-untyped]

from transforms.metrics.macro_tables import IndexValuation
from transforms.metrics.valuation import CONSOLIDATED_FROM, index_valuation
from warehouse.tables.table import schema

NAMES = pl.DataFrame(
    {
        "index_name": ["Nifty 50", "NIFTY 50", "Nifty IT"],
        "index_id": ["nifty-50", "nifty-50", "nifty-it"],
    }
)


def bars(
    start: date,
    earnings: Sequence[float | None],
    book: Sequence[float | None] | None = None,
    dividends: Sequence[float | None] | None = None,
    *,
    name: str = "Nifty 50",
    source_id: str = "nse_index_close",
    variant: str = "price",
) -> pl.DataFrame:
    count = len(earnings)
    return pl.DataFrame(
        {
            "session_date": [start + timedelta(days=n) for n in range(count)],
            "index_name": [name] * count,
            "return_variant": [variant] * count,
            "source_id": [source_id] * count,
            "price_to_earnings": earnings,
            "price_to_book": book or [3.0] * count,
            "dividend_yield_pct": dividends or [1.0] * count,
        },
        schema_overrides=dict.fromkeys(
            ("price_to_earnings", "price_to_book", "dividend_yield_pct"), pl.Decimal(18, 4)
        ),
    )


def valued(*frames: pl.DataFrame) -> list[dict[str, Any]]:
    given = pl.concat(frames)
    return index_valuation(given, NAMES, given.select("session_date").unique()).to_dicts()


def test_figures_are_the_published_ones_and_earnings_below_zero_have_no_ratio() -> None:
    day = date(2025, 1, 1)
    rows = valued(bars(day, [21.5, 0.0, -4.0, None], [3.0, 3.1, 0.0, -1.0], [1.2, 0.0, -0.1, 1.0]))
    assert [row["price_to_earnings"] for row in rows] == [21.5, None, None, None]
    assert [row["price_to_book"] for row in rows] == [3.0, 3.1, None, None]
    assert [row["dividend_yield_pct"] for row in rows] == [1.2, 0.0, None, 1.0]


def test_earnings_are_consolidated_from_the_last_of_march_2021() -> None:
    rows = valued(bars(CONSOLIDATED_FROM - timedelta(days=1), [40.0, 33.0]))
    assert [(row["session_date"], row["earnings_basis"]) for row in rows] == [
        (date(2021, 3, 30), "standalone"),
        (date(2021, 3, 31), "consolidated"),
    ]


def test_percentiles_of_earnings_never_cross_the_change_and_the_others_do() -> None:
    rng = np.random.default_rng(1)
    before, after = 800, 780
    earnings = [round(float(one), 2) for one in rng.normal(25, 3, before + after)]
    book = [round(float(one), 2) for one in rng.normal(3, 0.3, before + after)]
    rows = valued(bars(CONSOLIDATED_FROM - timedelta(days=before), earnings, book))
    assert [row["price_to_earnings_percentile"] for row in rows[:755]] == [None] * 755
    for place, start in ((755, 0), (799, 0), (before + 755, before), (before + 779, before)):
        expected = stats.percentileofscore(
            earnings[start : place + 1], earnings[place], kind="mean"
        )
        assert rows[place]["price_to_earnings_percentile"] == pytest.approx(expected)
    assert [row["price_to_earnings_percentile"] for row in rows[before : before + 755]] == [
        None
    ] * 755
    expected = stats.percentileofscore(book[: before + 11], book[before + 10], kind="mean")
    assert rows[before + 10]["price_to_book_percentile"] == pytest.approx(expected)


def test_the_days_own_file_stands_unless_it_says_less() -> None:
    day = date(2025, 1, 1)
    own = bars(day, [20.0, None], [3.0, None], [1.0, None])
    later = bars(
        day, [21.0, 22.0], [3.5, 3.6], [1.1, 1.2], name="NIFTY 50", source_id="niftyindices_price"
    )
    rows = valued(later, own)
    assert [row["price_to_earnings"] for row in rows] == [20.0, 22.0]
    assert [row["price_to_book"] for row in rows] == [3.0, 3.6]


def test_indices_without_figures_total_returns_and_strange_dates_have_no_row() -> None:
    day = date(2025, 1, 1)
    bare = bars(day, [None], [None], [None], name="Nifty IT")
    total = bars(day, [20.0], name="Nifty IT", variant="total_return")
    own = bars(day, [20.0, 21.0])
    sessions = pl.DataFrame({"session_date": [day]})
    found = index_valuation(pl.concat([bare, total, own]), NAMES, sessions)
    assert found.select("session_date", "index_id").rows() == [(day, "nifty-50")]


def test_no_row_looks_ahead_nor_depends_on_the_order() -> None:
    rng = np.random.default_rng(2)
    start = date(2022, 1, 1)
    frame = pl.concat(
        [
            bars(start, [round(float(one), 2) for one in rng.normal(25, 3, 900)], name=name)
            for name in ("Nifty 50", "Nifty IT")
        ]
    )
    days = frame.select("session_date").unique()
    whole = index_valuation(frame, NAMES, days)
    shuffled = index_valuation(frame.sample(fraction=1, shuffle=True, seed=1), NAMES, days)
    assert shuffled.equals(whole, null_equal=True)
    cut = start + timedelta(days=850)
    past = index_valuation(frame.filter(pl.col("session_date") <= cut), NAMES, days)
    assert past.equals(whole.filter(pl.col("session_date") <= cut), null_equal=True)
    assert whole.schema == pl.Schema(schema(IndexValuation))
    assert whole["price_to_earnings_percentile"].drop_nulls().len() == 2 * 145


def test_without_bars_the_frame_keeps_its_shape() -> None:
    empty = bars(date(2025, 1, 1), [20.0]).clear()
    found = index_valuation(empty, NAMES, empty.select("session_date"))
    assert found.is_empty()
    assert found.schema == pl.Schema(schema(IndexValuation))
