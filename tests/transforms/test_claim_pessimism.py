"""Row 24: where four measures stood at the low, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from scipy import stats  # type: ignore[import-untyped]

from tests.transforms.told_shares import MARKET, SMALLCAP_250, breadth
from transforms.metrics.flow_tables import Flow
from transforms.metrics.macro_tables import IndexValuation
from transforms.signals.claim import Inputs
from transforms.signals.claims.peak_pessimism import pessimism_was_extreme
from warehouse.tables.table import schema

# Long enough to rank a sum of flows, then a fall of sixty sessions and a rise of twenty.
BEFORE = 720
FALL = [1000 * (1 - 0.2 * n / 60) * (1.002 if n % 2 else 1.0) for n in range(61)]
CLOSES = [*[1000.0] * BEFORE, *FALL, 790.0, *[790.0 + 5 * n for n in range(1, 41)]]
LOW, LAST = BEFORE + 61, BEFORE + 70
COUNT = len(CLOSES)
DAYS = [date(2022, 1, 1) + timedelta(days=n) for n in range(COUNT)]
AT_LOW = DAYS[LOW]


def table(rows: dict[str, Any], types: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            name: pl.Series(name, rows.get(name, [None] * COUNT), dtype=dtype)
            for name, dtype in types.items()
        }
    )


def at_low(value: float | None, otherwise: float | None = 50.0) -> list[float | None]:
    return [value if n == LOW else otherwise for n in range(COUNT)]


def inputs(
    drawdown: float | None = 2.0,
    above: float | None = 3.0,
    net: float | None = -9000.0,
    price: float | None = 4.0,
    *,
    universe: str = SMALLCAP_250,
    biased: bool = False,
) -> Inputs:
    """The percentiles at the low; all else is average. Nets are 0, 1, 2 ... crore before it."""
    nets: list[float | None] = [float(n) for n in range(COUNT)]
    nets[LOW] = net
    momentum = pl.DataFrame(
        {
            "session_date": DAYS,
            "index_id": ["nifty-smallcap-100"] * COUNT,
            "drawdown_252_pct": at_low(-21.0),
            "drawdown_252_pct_percentile": at_low(drawdown),
        },
        schema_overrides={"drawdown_252_pct_percentile": pl.Float64},
    )
    flow = table(
        {
            "session_date": DAYS,
            "participant": ["FII"] * COUNT,
            "scope": ["NSE+BSE+MSEI"] * COUNT,
            "stage": ["provisional"] * COUNT,
            "net_sum_20_crore": nets,
        },
        schema(Flow),
    )
    valuation = table(
        {
            "session_date": DAYS,
            "index_id": ["nifty-smallcap-100"] * COUNT,
            "earnings_basis": ["consolidated"] * COUNT,
            "price_to_earnings": at_low(19.0),
            "price_to_earnings_percentile": at_low(price),
        },
        schema(IndexValuation),
    )
    held = breadth(
        DAYS,
        universe,
        is_biased=[biased and n == LOW for n in range(COUNT)],
        above_sma_200_pct=at_low(8.0),
        above_sma_200_pct_percentile=at_low(above),
    )
    series = pl.DataFrame(
        {"session_date": DAYS, "close": CLOSES, "index_id": ["nifty-smallcap-100"] * COUNT}
    )
    days = pl.DataFrame({"session_date": DAYS})
    return Inputs(days, series, momentum, flow, pl.DataFrame(), valuation=valuation, breadth=held)


def at(given: Inputs, row: int = LAST) -> dict[str, Any]:
    return pessimism_was_extreme(given).verdict.row(row, named=True)


def legs(given: Inputs, row: int = LAST) -> dict[str, Any]:
    frame = pessimism_was_extreme(given).legs.filter(session_date=DAYS[row])
    return {one["leg"]: one for one in frame.iter_rows(named=True)}


@pytest.mark.parametrize(
    ("given", "worst", "grade"),
    [
        ((2.0, 3.0, -9000.0, 4.0), 4.0, "SUPPORTED"),
        ((10.0, 10.0, -9000.0, 10.1), 3.0, "SUPPORTED"),
        ((10.1, 10.0, 9000.0, 10.0), 2.0, "PARTLY"),
        ((50.0, 50.0, -9000.0, 50.0), 1.0, "NOT SUPPORTED"),
        ((50.0, 50.0, 9000.0, 50.0), 0.0, "CONTRADICTED"),
        ((50.0, 50.0, 9000.0, None), 0.0, "NOT SUPPORTED"),
        ((2.0, 3.0, -9000.0, None), 3.0, "SUPPORTED"),
        ((2.0, None, -9000.0, 50.0), 2.0, "PARTLY"),
        ((2.0, None, -9000.0, None), 2.0, "UNTESTABLE"),
    ],
)
def test_three_of_four_in_the_worst_decile_support(
    given: tuple[float | None, ...], worst: float, grade: str
) -> None:
    row = at(inputs(*given))
    assert (row["value"], row["grade"]) == (worst, grade)
    assert str(AT_LOW) in row["reasons"]
    assert row["low_date"] == AT_LOW


def test_the_foreign_net_is_ranked_among_those_up_to_the_low() -> None:
    for net in (-9000.0, 100.0, 700.5):
        past = [float(n) for n in range(LOW)]
        expected = stats.percentileofscore([*past, net], net, kind="mean")
        assert legs(inputs(net=net))["foreign_net"]["percentile"] == pytest.approx(expected)
    early = replace(inputs(), flow=inputs().flow.filter(pl.col("session_date") > DAYS[LOW - 755]))
    leg = legs(early)["foreign_net"]
    assert (leg["percentile"], leg["missing"]) == (None, "nse_fii_dii")
    enough = replace(inputs(), flow=inputs().flow.filter(pl.col("session_date") >= DAYS[LOW - 755]))
    assert legs(enough)["foreign_net"]["holds"] is True


def test_the_legs_show_the_figures_of_the_low() -> None:
    found = legs(inputs())
    assert {name: one["value"] for name, one in found.items()} == {
        "drawdown": -21.0,
        "above_average": 8.0,
        "foreign_net": -9000.0,
        "valuation": 19.0,
    }
    assert found["valuation"]["percentile"] == 4.0


def test_a_later_list_caps_the_grade_and_the_market_has_none() -> None:
    row = at(inputs(biased=True))
    assert row["grade"] == "PARTLY"
    assert f"the members of {AT_LOW} are known only from a list first seen later" in row["reasons"]
    market = at(inputs(universe=MARKET))
    assert (market["grade"], market["universe"]) == ("SUPPORTED", MARKET)


def test_what_cannot_be_ranked_is_named_with_its_source() -> None:
    row = at(inputs(above=None, price=None))
    assert "members above SMA 200 (nse_equity_full), P/E (nse_index_close)" in row["reasons"]
    assert "756" in row["reasons"]


def test_without_a_rebound_there_is_no_low() -> None:
    row = at(inputs(), -1)
    assert (row["grade"], row["value"], row["low_date"]) == ("NOT SUPPORTED", None, None)
    assert row["reasons"].startswith("no rebound is under way")
    assert {one["holds"] for one in legs(inputs(), -1).values()} == {False}


@pytest.mark.parametrize("cut", [LOW, LAST - 1, LAST, LAST + 3])
def test_what_comes_later_changes_nothing_before_it(cut: int) -> None:
    given = inputs()
    known = pl.col("session_date") <= DAYS[cut]
    names = ("sessions", "series", "momentum", "flow", "valuation", "breadth")
    past = replace(given, **{name: getattr(given, name).filter(known) for name in names})
    expected = pessimism_was_extreme(given).verdict.filter(known)
    assert pessimism_was_extreme(past).verdict.equals(expected)
