"""Row 3: rebounds from a low, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import log, sqrt
from typing import Any

import numpy as np
import polars as pl
import pytest

from transforms.signals.claim import Inputs
from transforms.signals.claims.rebound_speed import rebound_is_fast
from transforms.signals.random_walk import survival_from_low
from transforms.signals.rebounds import rebounds

START = date(2022, 1, 1)


def days(count: int) -> list[date]:
    return [START + timedelta(days=n) for n in range(count)]


def grid(closes: Sequence[float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {"session_date": days(len(closes)), "close": closes},
        schema={"session_date": pl.Date, "close": pl.Float64},
    )


def inputs(closes: Sequence[float | None]) -> Inputs:
    frame = grid(closes)
    bars = frame.drop_nulls().with_columns(index_id=pl.lit("nifty-smallcap-100"))
    nothing = pl.DataFrame()
    return Inputs(frame.select("session_date"), bars, nothing, nothing, nothing)


def cycle(rise_pct: float, level: float = 1000.0) -> list[float]:
    """Sixty sessions down by a fifth, the low last, then nine up, and back: 90 closes."""
    down = [level * (1 - 0.2 * n / 60) * (1.002 if n % 2 else 1.0) for n in range(60)]
    low = level * 0.79
    up = [low * (1 + rise_pct / 100 * n / 9) for n in range(1, 10)]
    on = [up[-1] + (level - up[-1]) * n / 20 for n in range(1, 21)]
    return [*down, low, *up, *on]


def graded(closes: Sequence[float | None]) -> list[dict[str, Any]]:
    return rebound_is_fast(inputs(closes)).verdict.to_dicts()


def test_a_rebound_is_known_nine_sessions_after_its_low() -> None:
    closes = [1000.0, *cycle(6.0)]
    found = rebounds(grid(closes)).to_dicts()
    assert [(one["low_row"], one["row"]) for one in found] == [(61, 70)]
    one = found[0]
    assert one["low_date"] == days(62)[-1]
    assert one["return_pct"] == pytest.approx(6.0)
    sigma = float(np.std(np.diff(np.log(closes[1:62])), ddof=1))
    assert one["speed"] == pytest.approx(log(1.06) / (sigma * sqrt(9)), abs=1e-12)
    assert rebounds(grid(closes[:70])).is_empty()


def test_a_low_needs_sixty_sessions_before_it_and_nine_above_it() -> None:
    closes = [1000.0, *cycle(6.0)]
    assert rebounds(grid(closes[2:])).is_empty()
    undercut = [*closes[:70], closes[61] * 0.999, *closes[71:]]
    assert 70 not in rebounds(grid(undercut))["row"].to_list()
    deeper = [closes[61] * 0.99, *closes[1:]]
    assert rebounds(grid(deeper))["low_row"].to_list() == [61]  # 61 sessions back is too far
    deeper = [closes[0], closes[61] * 0.99, *closes[2:]]
    assert rebounds(grid(deeper)).is_empty()


def test_of_equal_lows_the_last_is_the_low() -> None:
    closes = [1000.0, *cycle(6.0)]
    twin = [*closes[:60], closes[61], *closes[61:]]
    assert rebounds(grid(twin))["low_row"].to_list() == [61]


def test_a_hole_hides_a_low() -> None:
    closes: list[float | None] = [1000.0, *cycle(6.0)]
    closes[30] = None
    assert rebounds(grid(closes)).is_empty()


def test_rebounds_rank_among_those_before_them() -> None:
    closes = [1000.0]
    for rise in (5.0, 8.0, 3.0, 8.0):
        closes += cycle(rise)
    found = rebounds(grid(closes))
    assert found["number"].to_list() == [1, 2, 3, 4]
    # 8% equals 8%: each counts the other by half.
    assert found["percentile"].to_list() == pytest.approx([50, 75, 100 / 6, 75], abs=1e-9)
    # The first two end before April 2022 is over or after: years begin on 1 April.
    assert found["financial_year"].to_list() == [2022, 2023, 2023, 2023]
    assert found["year_number"].to_list() == [1, 1, 2, 3]
    assert found["year_rank"].to_list() == [1, 1, 2, 1]


def many(*rises: float) -> list[float]:
    closes = [1000.0]
    for rise in rises:
        closes += cycle(rise)
    return closes


NINE = (5.0, 4.0, 3.5, 3.0, 2.5, 4.5, 5.5, 6.0, 6.5)


def test_the_fastest_of_ten_is_supported_for_as_long_as_it_is_fresh() -> None:
    closes = many(*NINE, 9.0)
    end = 10 * 90 - 20
    rows = graded([*closes, *[closes[-1]] * 5])
    assert rows[end - 1]["grade"] == "NOT SUPPORTED"
    assert rows[end]["grade"] == "SUPPORTED"
    assert rows[end]["percentile"] == pytest.approx(95)
    assert rows[end]["sample_size"] == 10
    assert rows[end + 21]["grade"] == "SUPPORTED"
    assert rows[end + 22]["grade"] == "NOT SUPPORTED"
    assert rows[end + 22]["value"] is None
    assert "no rebound is under way" in rows[end + 22]["reasons"]
    found = rebounds(grid(closes)).row(-1, named=True)
    odds = survival_from_low(np.array([log(1.09)]), np.array([found["sigma"]]), 9)[0]
    assert rows[end]["null_probability"] == pytest.approx(odds, abs=1e-9)


def test_nine_rebounds_are_too_few() -> None:
    row = graded(many(*NINE))[9 * 90 - 20]
    assert row["grade"] == "UNTESTABLE"
    assert "shows 9 rebounds" in row["reasons"]
    assert row["percentile"] is None


def test_fast_in_the_year_but_not_in_history_is_partly() -> None:
    # The tenth rebound is the first to end in FY25, so the thirteenth is its fourth.
    slow = (2.0, 2.1, 2.2, 2.3)
    row = graded(many(*NINE, *slow))[13 * 90 - 20]
    assert row["grade"] == "PARTLY"
    assert row["percentile"] < 90
    assert "rank 1 of 4 in FY25" in row["reasons"]


def test_to_be_among_three_of_three_is_nothing() -> None:
    rows = graded(many(*NINE, 2.0, 2.1, 2.2))
    row = rows[12 * 90 - 20]
    assert "rank 1 of 3 in FY25" in row["reasons"]
    assert row["grade"] == "NOT SUPPORTED"


def test_fast_in_history_but_not_in_the_year_is_partly() -> None:
    fast = [8.0 + n / 100 for n in range(4)]
    rises = [1.0 + n / 100 for n in range(37)]
    # FY32 ends with its fourth, slower than its three but than none before them.
    closes = many(*rises, *fast[::-1])
    years = rebounds(grid(closes))
    at = next(
        one
        for one in years.iter_rows(named=True)
        if one["year_rank"] > 3 and one["percentile"] >= 90
    )
    assert graded(closes)[at["row"]]["grade"] == "PARTLY"


def test_slow_in_both_is_not_supported() -> None:
    closes = many(*NINE[:5], 5.0, 6.0, 7.0, 8.0, 8.5, 8.7, 8.9, 1.0)
    row = graded(closes)[13 * 90 - 20]
    year = rebounds(grid(closes)).row(-1, named=True)
    assert year["year_rank"] > 3
    assert row["grade"] == "NOT SUPPORTED"
    assert row["value"] == pytest.approx(year["speed"])


def test_a_broken_low_ends_it_and_an_equal_close_does_not() -> None:
    closes = many(*NINE, 9.0)
    end = 10 * 90 - 20
    low = closes[end - 9]
    touched = [*closes[: end + 3], low, *closes[end + 4 :]]
    assert graded(touched)[end + 5]["grade"] == "SUPPORTED"
    broken = [*closes[: end + 3], low - 0.01, *closes[end + 4 :]]
    rows = graded(broken)
    assert rows[end + 2]["grade"] == "SUPPORTED"
    assert {row["grade"] for row in rows[end + 3 : end + 12]} == {"NOT SUPPORTED"}


def test_a_missing_close_may_hide_the_end_of_it() -> None:
    closes: list[float | None] = list(many(*NINE, 9.0))
    end = 10 * 90 - 20
    closes[end + 3] = None
    rows = graded(closes)
    assert rows[end + 2]["grade"] == "SUPPORTED"
    assert {row["grade"] for row in rows[end + 3 :]} == {"UNTESTABLE"}
    assert "nse_index_close has no close" in rows[end + 3]["reasons"]
    assert "nse_index_close lacks a close" in rows[end + 4]["reasons"]
    legs = rebound_is_fast(inputs(closes)).legs.filter(pl.col("session_date") == days(end + 5)[-1])
    assert legs["holds"].to_list() == [None] * 3
    assert set(legs["missing"]) == {"nse_index_close"}


def test_ninety_sessions_are_needed_before_none_can_be_said_to_be_under_way() -> None:
    rising = [1000.0 + n for n in range(100)]
    grades = [row["grade"] for row in graded(rising)]
    assert grades == ["UNTESTABLE"] * 90 + ["NOT SUPPORTED"] * 10
