"""Cases: literal figures, graded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

from bi.cases import cases
from transforms.metrics.flows_of_funds import flow
from transforms.metrics.momentum import index_momentum
from transforms.signals.case import CASE_SCHEMA, grade_case
from transforms.signals.claim import Inputs
from transforms.signals.claims import CLAIMS
from transforms.signals.random_walk import survival_from_low

CASE = cases()["smallcap-rebound-2026"]
FIGURES = replace(CASE, claims=())
END = date(2026, 2, 11)
COUNT = 120
DAYS = [END - timedelta(days=COUNT - 1 - n) for n in range(COUNT)]
FLAT = [100.0 * (1.002 if n % 2 else 1.0) for n in range(COUNT)]


def ending(*last: float) -> list[float]:
    return [*FLAT[: COUNT - len(last)], *last]


def inputs(
    small: Sequence[float] = FLAT,
    mid: Sequence[float] = FLAT,
    nets: Sequence[float | None] = (),
    days: Sequence[date] = DAYS,
    **others: Sequence[float],
) -> Inputs:
    sessions = pl.DataFrame({"session_date": days})
    closes = {"nifty-smallcap-100": small, "nifty-midcap-100": mid, "nifty-50": FLAT}
    closes |= {name.replace("_", "-"): values for name, values in others.items()}
    series = pl.concat(
        [
            pl.DataFrame({"session_date": days, "close": values}).select(
                "session_date",
                *[pl.col("close").alias(name) for name in ("open", "high", "low", "close")],
                index_id=pl.lit(name),
            )
            for name, values in closes.items()
        ]
    )
    rows = [
        (day, "FII", "unstated", "provisional", "x", None, None, Decimal(str(net)), True)
        for day, net in zip(days[len(days) - len(nets) :], nets, strict=True)
        if net is not None
    ]
    flows = pl.DataFrame(
        rows,
        schema={
            "session_date": pl.Date,
            "participant": pl.String,
            "scope": pl.String,
            "stage": pl.String,
            "source_id": pl.String,
            "buy_crore": pl.Decimal(18, 2),
            "sell_crore": pl.Decimal(18, 2),
            "net_crore": pl.Decimal(18, 2),
            "is_imported": pl.Boolean,
        },
        orient="row",
    )
    published = pl.DataFrame(
        schema={
            "subject": pl.String,
            "session_date": pl.Date,
            "published_at": pl.Datetime("us", "UTC"),
        }
    )
    return Inputs(
        sessions, series, index_momentum(series, sessions), flow(flows, sessions), published
    )


def figure(given: Inputs, row: int, as_of: date | None = None) -> dict[str, Any]:
    frame = grade_case(given, FIGURES, as_of).filter(article_row=row)
    assert frame.height == 1
    return frame.row(0, named=True)


def climb(total_pct: float, steps: int = 9, start: float = 90.0) -> list[float]:
    return [start * (1 + total_pct / 100 * n / steps) for n in range(steps + 1)]


def test_the_article_is_a_case_of_every_row_of_the_methodology() -> None:
    graded = grade_case(inputs(), CASE)
    assert dict(graded.schema) == CASE_SCHEMA
    assert graded["article_row"].to_list() == [
        *[1, 1, 2, 2, 3, 4, 5, 5, 5, 6, 6, 7, 7, *range(8, 15), 15, 15, 16, 16, *range(17, 26)]
    ]
    assert graded.filter(basis="figure")["stated"].to_list() == [
        *[6.0, 5.3, 2250.0, 16_425.0, 17_175.0]
    ]
    assert graded.filter(basis="standing rule")["stated"].null_count() == len(CLAIMS)
    assert graded["session_date"].unique().to_list() == [END]
    assert "nse_equity_full" in graded.filter(article_row=4)["reasons"].item()


def test_six_percent_is_reached_in_nine_and_in_eight_sessions() -> None:
    nine = figure(inputs(ending(*climb(6.0))), 1)
    assert nine["grade"] == "SUPPORTED"
    assert nine["value"] == pytest.approx(6.0)
    assert (nine["window_sessions"], nine["ends_on"]) == (9, END)
    assert "+6.00% in 9 sessions to 2026-02-11" in nine["reasons"]
    assert "in 8 sessions" not in nine["reasons"]
    sigma = np.diff(np.log(ending(*climb(6.0))[-70:-9])).std(ddof=1)
    odds = survival_from_low(np.array([np.log(1.06)]), np.array([sigma]), 9)[0]
    assert nine["null_probability"] == pytest.approx(odds, abs=1e-9)
    eight = figure(inputs(ending(90.0, *climb(6.0, 8))), 1)
    assert eight["grade"] == "SUPPORTED"
    assert "in 8 sessions to 2026-02-11" in eight["reasons"]


def test_less_than_six_percent_is_not_supported_and_a_fall_contradicts() -> None:
    short = figure(inputs(ending(*climb(5.99))), 1)
    assert (short["grade"], short["value"]) == ("NOT SUPPORTED", pytest.approx(5.99))
    fallen = [100 * 0.99**n for n in range(COUNT)]
    assert figure(inputs(fallen), 1)["grade"] == "CONTRADICTED"


def test_the_rise_may_have_ended_four_sessions_before_and_not_five() -> None:
    top = 90 * 1.06
    four = figure(inputs(ending(*climb(6.0), *[top - n for n in range(1, 5)])), 1)
    assert four["grade"] == "SUPPORTED"
    assert four["ends_on"] == END - timedelta(days=4)
    five = figure(inputs(ending(*climb(6.0), *[top - n for n in range(1, 6)])), 1)
    assert five["grade"] == "NOT SUPPORTED"


def test_what_came_after_publication_is_not_looked_at() -> None:
    given = inputs(ending(*climb(6.0)))
    assert figure(given, 1, END - timedelta(days=1))["grade"] == "NOT SUPPORTED"
    later = replace(CASE, published_on=END - timedelta(days=1))
    assert grade_case(given, later)["grade"][0] == "NOT SUPPORTED"


@pytest.mark.parametrize(
    ("pct", "grade"),
    [(5.3, "SUPPORTED"), (5.54, "SUPPORTED"), (5.06, "SUPPORTED"), (5.56, "NOT SUPPORTED")],
)
def test_mid_caps_within_a_quarter_of_a_point_over_the_same_window(pct: float, grade: str) -> None:
    row = figure(inputs(ending(*climb(6.0)), ending(*climb(pct))), 2)
    assert (row["grade"], row["window_sessions"], row["ends_on"]) == (grade, 9, END)
    assert row["value"] == pytest.approx(pct)
    assert "nse_index_close lacks nifty-midcap-150, nifty-midcap-select" in row["reasons"]


def test_a_rise_of_mid_caps_over_another_window_does_not_count() -> None:
    # 5.3% in eight sessions, while small caps took nine.
    row = figure(inputs(ending(*climb(6.0)), ending(91.0, *climb(5.3, 8))), 2)
    assert row["grade"] == "NOT SUPPORTED"


def test_another_index_that_midcap_may_mean_makes_it_partly() -> None:
    given = inputs(ending(*climb(6.0)), ending(*climb(3.0)), nifty_midcap_150=ending(*climb(5.2)))
    row = figure(given, 2)
    assert row["grade"] == "PARTLY"
    assert row["value"] == pytest.approx(3.0)
    assert "nifty-midcap-150" in row["reasons"]


def test_the_number_of_sessions_with_that_net_is_reported() -> None:
    row = figure(inputs(nets=[-3000.0, *[250.0] * 9]), 5)
    assert row["grade"] == "SUPPORTED"
    assert (row["value"], row["window_sessions"]) == (2250.0, 9)
    assert "9 (Rs 2,250.00 crore)" in row["reasons"]
    assert "8 (" not in row["reasons"]
    assert row["null_probability"] is None


@pytest.mark.parametrize(
    ("net", "grade"),
    [
        (2362.5, "SUPPORTED"),
        (2137.5, "SUPPORTED"),
        (2362.51, "UNTESTABLE"),
        (2137.49, "UNTESTABLE"),
    ],
)
def test_within_five_percent(net: float, grade: str) -> None:
    row = figure(inputs(nets=[-9000.0] * 14 + [net]), 5)
    assert row["grade"] == grade
    assert row["window_sessions"] == 1


def test_fifteen_sessions_are_looked_back_on_and_not_sixteen() -> None:
    assert figure(inputs(nets=[2250.0, *[0.0] * 14]), 5)["window_sessions"] == 15
    assert figure(inputs(nets=[2250.0, *[0.0] * 15]), 5)["grade"] == "UNTESTABLE"


def test_no_flow_for_the_session_is_untestable_with_the_last_date_held() -> None:
    row = figure(inputs(nets=[2250.0, None]), 5)
    assert row["grade"] == "UNTESTABLE"
    assert "nse_fii_dii has no FII figure for 2026-02-11" in row["reasons"]
    assert "2026-02-10" in row["reasons"]
    assert "none at all" in figure(inputs(), 5)["reasons"]


def test_sessions_that_end_long_before_the_case_make_all_untestable() -> None:
    graded = grade_case(inputs(ending(*climb(6.0))), CASE, END + timedelta(days=8))
    assert graded["grade"].unique().to_list() == ["UNTESTABLE"]
    assert graded["session_date"].null_count() == graded.height == 33
    assert "nse_index_close" in graded["reasons"][0]
    weekend = grade_case(inputs(ending(*climb(6.0))), CASE, END + timedelta(days=7))
    assert weekend["session_date"].unique().to_list() == [END]


def test_no_windows_are_untestable() -> None:
    row = figure(inputs(small=[1.0] * 8, mid=[1.0] * 8, days=DAYS[-8:], nifty_50=[1.0] * 8), 1)
    assert row["grade"] == "UNTESTABLE"
    assert "nse_index_close" in row["reasons"]


def test_standing_rules_are_graded_as_every_night() -> None:
    graded = grade_case(inputs(), CASE).filter(basis="standing rule")
    # The article speaks of every claim there is.
    assert graded["claim_id"].to_list() == [one.id for one in CLAIMS]


def test_a_case_of_figures_alone_makes_no_claims() -> None:
    graded = grade_case(inputs(), FIGURES)
    assert graded["basis"].to_list() == ["figure"] * 5


def test_a_case_that_names_no_claim_is_refused() -> None:
    with pytest.raises(ValueError, match="no_such_claim"):
        grade_case(inputs(), replace(CASE, claims=("no_such_claim",)))
