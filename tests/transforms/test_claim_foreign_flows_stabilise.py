"""Row 5: whether foreign flows grow steady, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transforms.metrics.flows_of_funds import flow
from transforms.signals.claim import Inputs
from transforms.signals.claims import CLAIMS
from transforms.signals.claims.foreign_flows_stabilise import foreign_flows_stabilise
from transforms.signals.evidence import evidence

CLAIM = next(one for one in CLAIMS if one.id == "foreign_flows_stabilise")
START = date(2022, 1, 1)
COMBINED = "NSE+BSE+MSEI"


def day(n: int) -> date:
    return START + timedelta(days=n)


def rows(nets: Sequence[float | None], scope: str = COMBINED) -> pl.DataFrame:
    held = [(day(n), Decimal(str(net))) for n, net in enumerate(nets) if net is not None]
    amount = pl.Decimal(18, 2)
    return pl.DataFrame(
        held, schema={"session_date": pl.Date, "net_crore": amount}, orient="row"
    ).with_columns(
        participant=pl.lit("FII"),
        scope=pl.lit(scope),
        stage=pl.lit("provisional"),
        source_id=pl.lit("x"),
        is_imported=pl.lit(value=False),
        buy_crore=pl.lit(None, amount),
        sell_crore=pl.lit(None, amount),
    )


def inputs(count: int, *flows: pl.DataFrame) -> Inputs:
    days = pl.DataFrame({"session_date": [day(n) for n in range(count)]})
    nothing = pl.DataFrame()
    return Inputs(days, nothing, nothing, flow(pl.concat([rows([]), *flows]), days), nothing)


def verdicts(count: int, *flows: pl.DataFrame) -> list[dict[str, Any]]:
    return foreign_flows_stabilise(inputs(count, *flows)).verdict.to_dicts()


def after_storm(*last: float) -> list[float]:
    """Sixty sessions that swing by 600 each way, selling 100 on balance, then ten as told."""
    return [*[-100 + 600 * (-1) ** n for n in range(60)], *last]


@pytest.mark.parametrize(
    ("last", "holding", "grade"),
    [
        ([50.0, 40.0] * 5, (True, True, True), "SUPPORTED"),
        ([-10.0, -20.0] * 5, (True, True, False), "PARTLY"),  # better and calm, yet selling
        ([-900.0, 2900.0] * 5, (True, False, True), "PARTLY"),  # buys, but wildly
        ([500.0] * 5 + [-450.0] * 5, (False, True, True), "PARTLY"),  # bought, then turned
        ([-300.0, -310.0] * 5, (False, True, False), "NOT SUPPORTED"),  # steady selling
        ([2900.0] * 5 + [-3000.0] * 5, (False, False, False), "CONTRADICTED"),
    ],
)
def test_better_calmer_and_not_selling(
    last: list[float], holding: tuple[bool, ...], grade: str
) -> None:
    nets = after_storm(*last)
    graded = foreign_flows_stabilise(inputs(70, rows(nets)))
    slope = (sum(nets[50:70]) - sum(nets[45:65])) / 5
    spread = np.std(nets[60:], ddof=1) / np.std(nets[:60], ddof=1)
    assert (slope > 0, bool(spread <= 1), sum(last) >= 0) == holding
    row = graded.verdict.row(-1, named=True)
    assert (row["grade"], row["value"]) == (grade, pytest.approx(slope))
    legs = graded.legs.filter(session_date=day(69))
    assert legs["leg"].to_list() == ["improves", "calmer", "does_not_sell"]
    assert legs["holds"].to_list() == list(holding)
    assert legs["value"].to_list() == [
        pytest.approx(slope),
        pytest.approx(spread),
        pytest.approx(sum(last)),
    ]
    assert "scope NSE+BSE+MSEI" in row["reasons"]


def test_the_rule_is_the_flag_of_the_mart_and_no_selling() -> None:
    rng = np.random.default_rng(3)
    nets = [round(float(one), 2) for one in rng.normal(0, 900, 400)]
    given = inputs(400, rows(nets))
    graded = foreign_flows_stabilise(given).verdict
    both = graded.join(given.flow, on="session_date").filter(pl.col("is_stabilising").is_not_null())
    expected = both["is_stabilising"] & (both["net_sum_10_crore"] >= 0)
    assert both.height == 400 - 69
    assert (both["grade"] == "SUPPORTED").equals(expected, check_names=False)
    assert expected.sum() > 20


@pytest.mark.parametrize("hole", [5, 30, 65])
def test_a_hole_is_untestable_and_names_its_date(hole: int) -> None:
    nets: list[float | None] = [*after_storm(*[50.0, 40.0] * 5)]
    nets[hole] = None
    row = verdicts(70, rows(nets))[-1]
    assert row["grade"] == "UNTESTABLE"
    assert "nse_fii_dii lacks one of the last 70 sessions" in row["reasons"]
    assert str(day(hole)) in row["reasons"]
    assert row["null_probability"] is None


def test_a_session_without_a_row_is_untestable_and_names_the_last_held() -> None:
    row = verdicts(71, rows(after_storm(*[50.0, 40.0] * 5)))[-1]
    assert (row["grade"], row["value"]) == ("UNTESTABLE", None)
    assert str(day(69)) in row["reasons"]
    assert [one["grade"] for one in verdicts(3)] == ["UNTESTABLE"] * 3


def test_all_exchanges_come_first_where_they_can_be_tested() -> None:
    nets = after_storm(*[50.0, 40.0] * 5)
    other = [2 * net for net in nets]
    assert verdicts(70, rows(nets), rows(other, "NSE"))[-1]["scope"] == COMBINED
    short = [None] * 20 + nets[20:]
    assert verdicts(70, rows(short), rows(other, "NSE"))[-1]["scope"] == "NSE"


def test_the_null_is_how_often_the_rule_held_before() -> None:
    rng = np.random.default_rng(6)
    nets = [round(float(one), 2) for one in rng.normal(0, 100, 500)]
    tested = [row for row in verdicts(500, rows(nets)) if row["grade"] != "UNTESTABLE"]
    held = [row["grade"] == "SUPPORTED" for row in tested]
    assert tested[251]["null_probability"] is None
    for place in (252, next(n for n in range(300, len(held)) if held[n])):
        assert tested[place]["null_probability"] == pytest.approx(sum(held[:place]) / place)
    assert tested[-1]["sample_size"] == 500 - 24


def test_the_query_gives_the_figure_and_nothing_looks_ahead() -> None:
    rng = np.random.default_rng(8)
    nets: list[float | None] = [round(float(one), 2) for one in rng.normal(0, 100, 120)]
    nets[100] = None
    given = inputs(120, rows(nets))
    published = pl.DataFrame(
        schema={
            "subject": pl.String,
            "session_date": pl.Date,
            "published_at": pl.Datetime("us", "UTC"),
        }
    )
    momentum = pl.DataFrame(schema={"index_id": pl.String})
    whole = Inputs(given.sessions, given.series, momentum, given.flow, published)
    told, legs = evidence(whole, [CLAIM])
    with duckdb.connect() as connection:
        connection.sql("CREATE SCHEMA mart; CREATE SCHEMA core")
        for name, frame in (("mart.flow", whole.flow), ("core.trading_session", whole.sessions)):
            connection.register("frame", frame.to_arrow())
            connection.sql(f"CREATE TABLE {name} AS FROM frame")
        for row in told.iter_rows(named=True):
            found = connection.execute(row["sql"]).pl()
            value = found["value"][0] if found.height else None
            assert value == (None if row["value"] is None else pytest.approx(row["value"]))
    known = pl.col("session_date") <= day(90)
    past = Inputs(
        whole.sessions.filter(known), whole.series, momentum, whole.flow.filter(known), published
    )
    for early, late in zip(evidence(past, [CLAIM]), (told, legs), strict=True):
        assert_frame_equal(early, late.filter(known))
