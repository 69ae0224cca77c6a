"""Row 5: foreign buying, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

from transforms.metrics.flows_of_funds import flow
from transforms.signals.claim import Inputs
from transforms.signals.claims.foreign_buying import foreign_buying_renewed

START = date(2022, 1, 1)
COMBINED = "NSE+BSE+MSEI"


def rows(
    nets: Sequence[float | None], scope: str = COMBINED, stage: str = "provisional"
) -> pl.DataFrame:
    return pl.DataFrame(
        [
            (START + timedelta(days=n), "FII", scope, stage, "x", None, None, Decimal(str(net)))
            for n, net in enumerate(nets)
            if net is not None
        ],
        schema={
            "session_date": pl.Date,
            "participant": pl.String,
            "scope": pl.String,
            "stage": pl.String,
            "source_id": pl.String,
            "buy_crore": pl.Decimal(18, 2),
            "sell_crore": pl.Decimal(18, 2),
            "net_crore": pl.Decimal(18, 2),
        },
        orient="row",
    ).with_columns(is_imported=pl.lit(scope == "unstated"))


def inputs(count: int, *flows: pl.DataFrame) -> Inputs:
    days = pl.DataFrame({"session_date": [START + timedelta(days=n) for n in range(count)]})
    nothing = pl.DataFrame()
    return Inputs(days, nothing, nothing, flow(pl.concat([rows([]), *flows]), days), nothing)


def verdicts(count: int, *flows: pl.DataFrame) -> list[dict[str, Any]]:
    return foreign_buying_renewed(inputs(count, *flows)).verdict.to_dicts()


def history(*ends: float) -> list[float | None]:
    """Alternating weeks of buying and selling, then thirty sessions as told: twenty, then ten."""
    past = [100.0 if n // 7 % 2 else -100.0 for n in range(800)]
    return [*past, *[ends[0]] * 20, *[ends[1]] * 10]


@pytest.mark.parametrize(
    ("before", "now", "grade"),
    [
        (-50.0, 100.0, "SUPPORTED"),
        (50.0, 100.0, "PARTLY"),  # more than usual, but they bought before
        (-50.0, 1.0, "PARTLY"),  # they buy again, but hardly
        (50.0, 1.0, "NOT SUPPORTED"),
        (-100.0, -1.0, "NOT SUPPORTED"),  # sell less and less
        (-50.0, -100.0, "CONTRADICTED"),
    ],
)
def test_buying_now_selling_before_and_more_than_usual(
    before: float, now: float, grade: str
) -> None:
    row = verdicts(830, rows(history(before, now)))[-1]
    assert row["grade"] == grade
    assert row["value"] == 10 * now
    assert row["sample_size"] == 821
    assert "scope NSE+BSE+MSEI" in row["reasons"]


def test_legs_show_each_sum_and_what_cannot_be_tested() -> None:
    legs = foreign_buying_renewed(inputs(830, rows(history(-50.0, 100.0)))).legs
    last = {
        row["leg"]: row
        for row in legs.filter(pl.col("session_date") == legs["session_date"].max()).to_dicts()
    }
    assert [last[f"net_sum_{n}"]["value"] for n in (1, 9, 10, 11, 15)] == [
        100,
        900,
        1000,
        950,
        750,
    ]
    assert last["sold_before"]["value"] == -1000
    assert last["streak"]["value"] == 10
    assert last["stabilising"]["value"] == pytest.approx(150)  # 150 more each session
    # 1000 is above every 10-session sum of weeks of 100 (at most 400) and is held once.
    assert last["net_sum_10"]["percentile"] == pytest.approx(100 * 820.5 / 821)
    assert last["net_sum_10"]["sample_size"] == 821
    assert last["depository_agrees"]["holds"] is None
    assert last["depository_agrees"]["missing"] == "nsdl_fpi"


def test_a_late_flow_is_untestable_and_names_the_last_date_held() -> None:
    row = verdicts(831, rows(history(-50.0, 100.0)))[-1]
    assert row["grade"] == "UNTESTABLE"
    assert row["value"] is None
    assert row["null_probability"] is None
    assert "nse_fii_dii has no FII figure" in row["reasons"]
    assert str(START + timedelta(days=829)) in row["reasons"]


def test_no_flow_at_all_is_untestable() -> None:
    grades = verdicts(3)
    assert [row["grade"] for row in grades] == ["UNTESTABLE"] * 3
    assert "none at all" in grades[0]["reasons"]


def test_a_hole_in_the_windows_is_untestable() -> None:
    nets = history(-50.0, 100.0)
    nets[825] = None
    row = verdicts(830, rows(nets))[-1]
    assert row["grade"] == "UNTESTABLE"
    assert "lacks one of the last 10 sessions" in row["reasons"]
    nets = history(-50.0, 100.0)
    nets[805] = None
    row = verdicts(830, rows(nets))[-1]
    assert row["grade"] == "UNTESTABLE"
    assert "lacks one of the 20 sessions before" in row["reasons"]


def test_short_history_has_no_z_and_is_untestable() -> None:
    row = verdicts(765, rows([100.0 * (-1) ** n for n in range(765)]))[-1]
    assert row["grade"] == "UNTESTABLE"
    assert "holds 756 10-session sums, 757 are needed" in row["reasons"]


def test_all_exchanges_come_first_where_they_can_be_tested() -> None:
    nets = history(-50.0, 100.0)
    other = [None if one is None else 2 * one for one in nets]
    both = verdicts(830, rows(nets), rows(other, "unstated"), rows(other, "NSE"))
    assert both[-1]["value"] == 1000
    short = [None] * 815 + nets[815:]
    taken = verdicts(830, rows(short), rows(other, "unstated"))[-1]
    assert taken["value"] == 2000
    assert taken["scope"] == "unstated"
    assert "scope unstated (imported)" in taken["reasons"]
    alone = verdicts(830, rows(short), rows([None] * 820 + nets[820:], "unstated"))[-1]
    assert (alone["scope"], alone["grade"]) == (COMBINED, "UNTESTABLE")


def test_final_figures_and_domestic_ones_are_not_read() -> None:
    final = rows(history(-50.0, 100.0), stage="final")
    domestic = rows(history(-50.0, 100.0)).with_columns(participant=pl.lit("DII"))
    assert verdicts(830, final, domestic)[-1]["grade"] == "UNTESTABLE"


def test_the_null_is_how_often_the_rule_held_before() -> None:
    rng = np.random.default_rng(6)
    nets = [round(float(one), 2) for one in rng.normal(0, 100, 1100)]
    found = verdicts(1100, rows(nets))
    tested = [row for row in found if row["grade"] != "UNTESTABLE"]
    assert tested[251]["null_probability"] is None
    held = [row["grade"] == "SUPPORTED" for row in tested]
    assert any(held)
    places = [252, next(n for n in range(253, len(held)) if held[n])]  # its own day does not count
    for place in places:
        assert tested[place]["null_probability"] == pytest.approx(sum(held[:place]) / place)
