"""Row 9: traces of large buyers, against statistics by the standard library."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from tests.transforms.told_shares import MARKET, SMALLCAP_250, breadth
from transforms.metrics.flow_tables import Flow
from transforms.signals.claim import Inputs
from transforms.signals.claims import CLAIMS
from transforms.signals.claims.institutions_buy import institutions_buy
from transforms.signals.evidence import evidence
from warehouse.tables.table import schema

START = date(2024, 1, 1)
COUNT = 300
DAYS = [START + timedelta(days=n) for n in range(COUNT)]
RNG = np.random.default_rng(5)
NOISE = {
    name: [float(one) for one in RNG.normal(centre, 1, COUNT)]
    for name, centre in (
        ("delivery_z_mean", 0),
        ("average_trade_z_mean", 0),
        ("up_delivered_10_pct", 50),
        ("net_to_gross_10_pct", 2),
    )
}
SHARES = ("delivery_z_mean", "average_trade_z_mean", "up_delivered_10_pct")
Series = Sequence[float | None]


def flows(
    figures: Series, *, scope: str = "NSE+BSE+MSEI", stage: str = "provisional", **more: Series
) -> pl.DataFrame:
    """Rows of mart.flow of FII and DII together."""
    told: dict[str, Any] = {
        "session_date": DAYS,
        "participant": ["FII+DII"] * COUNT,
        "scope": [scope] * COUNT,
        "stage": [stage] * COUNT,
        "net_to_gross_10_pct": list(figures),
        **more,
    }
    return pl.DataFrame(
        {
            name: pl.Series(name, told.get(name, [None] * COUNT), dtype=dtype)
            for name, dtype in schema(Flow).items()
        }
    )


def inputs(
    flow: pl.DataFrame | None = None,
    universe: str = SMALLCAP_250,
    told: Mapping[str, Any] | None = None,
) -> Inputs:
    held = breadth(DAYS, universe, **({name: NOISE[name] for name in SHARES} | dict(told or {})))
    days = pl.DataFrame({"session_date": DAYS})
    nothing = pl.DataFrame()
    flow = flows(NOISE["net_to_gross_10_pct"]) if flow is None else flow
    published = pl.DataFrame(
        schema={
            "subject": pl.String,
            "session_date": pl.Date,
            "published_at": pl.Datetime("us", "UTC"),
        }
    )
    series = pl.DataFrame(schema={"index_id": pl.String, "session_date": pl.Date})
    return Inputs(days, series, series, flow, published, nothing, breadth=held)


def lifted(name: str, by: float, last: int = 10) -> list[float]:
    """The noise, its last sessions moved."""
    return [one + (by if n >= COUNT - last else 0) for n, one in enumerate(NOISE[name])]


def at(given: Inputs, row: int = -1) -> dict[str, Any]:
    return institutions_buy(given).verdict.row(row, named=True)


def legs(given: Inputs) -> dict[str, Any]:
    frame = institutions_buy(given).legs.filter(session_date=DAYS[-1])
    return {one["leg"]: one for one in frame.iter_rows(named=True)}


def test_each_measure_is_judged_by_the_252_before_it() -> None:
    means = [
        statistics.fmean(NOISE["delivery_z_mean"][n - 9 : n + 1]) for n in range(COUNT - 253, COUNT)
    ]
    past = means[:-1]
    assert len(past) == 252
    delivery = (means[-1] - statistics.fmean(past)) / statistics.stdev(past)
    delivered = NOISE["up_delivered_10_pct"]
    value = (delivered[-1] - statistics.fmean(delivered[-253:-1])) / statistics.stdev(
        delivered[-253:-1]
    )
    found = legs(inputs())
    assert found["delivery"]["value"] == pytest.approx(delivery, rel=1e-9)
    assert found["delivered_value"]["value"] == pytest.approx(value, rel=1e-9)
    assert at(inputs(), 251)["grade"] == "UNTESTABLE"
    assert at(inputs(), 252)["value"] is not None
    assert at(inputs(), 261)["grade"] != "UNTESTABLE"


def moved(by: float, names: Sequence[str]) -> Inputs:
    told = {name: lifted(name, by) for name in SHARES if name in names}
    flow = lifted("net_to_gross_10_pct", by if "net_to_gross_10_pct" in names else 0)
    return inputs(flows(flow), told=told)


@pytest.mark.parametrize("untouched", [None, *NOISE])
def test_three_of_four_unusual_are_partly_and_never_more(untouched: str | None) -> None:
    names = [name for name in NOISE if name != untouched]
    row = at(moved(20.0, names))
    assert row["value"] >= len(names)
    assert row["grade"] == "PARTLY"
    assert "who bought is not published" in row["reasons"]
    fallen = at(moved(-20.0, names))
    assert fallen["grade"] == "CONTRADICTED"
    assert fallen["value"] <= 1


def test_two_of_four_unusual_are_not_supported() -> None:
    names = ["delivery_z_mean", "net_to_gross_10_pct"]
    low = {"average_trade_z_mean": lifted("average_trade_z_mean", -20.0)}
    low["up_delivered_10_pct"] = lifted("up_delivered_10_pct", -20.0)
    given = inputs(
        flows(lifted("net_to_gross_10_pct", 20.0)),
        told={"delivery_z_mean": lifted("delivery_z_mean", 20.0), **low},
    )
    row = at(given)
    assert (row["grade"], row["value"]) == ("NOT SUPPORTED", float(len(names)))


def test_where_the_unknown_one_would_decide_nothing_is_said() -> None:
    low = {"average_trade_z_mean": lifted("average_trade_z_mean", -20.0)}
    high = {name: lifted(name, 20.0) for name in ("delivery_z_mean", "up_delivered_10_pct")}
    empty = flows([None] * COUNT).clear()
    open_ = at(inputs(empty, told=high | low))
    assert (open_["grade"], open_["value"]) == ("UNTESTABLE", 2.0)
    assert "the unknown one may decide" in open_["reasons"]
    assert "nse_fii_dii: none is held so far" in open_["reasons"]
    one = {"delivery_z_mean": high["delivery_z_mean"]} | low
    one["up_delivered_10_pct"] = [50.0 + n % 2 for n in range(COUNT - 1)] + [50.5]
    settled = at(inputs(empty, told=one))
    assert (settled["grade"], settled["value"]) == ("NOT SUPPORTED", 1.0)


def test_what_no_free_source_tells_is_untestable_and_named() -> None:
    found = legs(inputs())
    assert {name: one["missing"] for name, one in found.items() if one["holds"] is None} == {
        "bulk_and_block_deals": "nse_bulk_and_block_deals",
        "shareholding": "nse_shareholding_patterns",
    }


def test_pending_deliveries_leave_the_rest_to_judge() -> None:
    pending = {
        name: [*NOISE[name][:-1], None] for name in ("delivery_z_mean", "up_delivered_10_pct")
    }
    given = inputs(told=pending)
    found = legs(given)
    assert found["delivered_value"]["holds"] is None
    assert found["delivered_value"]["missing"] == "nse_equity_full"
    assert found["delivery"]["holds"] is not None
    assert at(given)["grade"] != "UNTESTABLE"
    without = replace(given, flow=given.flow.clear())
    row = at(without)
    assert row["grade"] == "UNTESTABLE"
    assert f"deliveries: last held for {DAYS[-2]}" in row["reasons"]
    assert "nse_fii_dii: none is held so far" in row["reasons"]


def test_the_whole_turnover_of_the_exchange_comes_first_and_the_market_stands_in() -> None:
    own = flows(NOISE["net_to_gross_10_pct"])
    share = flows(
        [None] * COUNT,
        scope="NSE",
        stage="final",
        share_of_turnover_10_bps=lifted("net_to_gross_10_pct", 20.0),
    )
    row = at(inputs(pl.concat([own, share]), MARKET))
    assert (row["flow_stage"], row["flow_scope"]) == ("final", "NSE")
    assert row["flow_figure"] == "share_of_turnover_10_bps"
    assert row["universe"] == MARKET
    assert "every ordinary share" in row["reasons"]
    assert legs(inputs(pl.concat([own, share])))["institutional_net"]["value"] > 5
    assert at(inputs(own))["flow_figure"] == "net_to_gross_10_pct"


def test_a_later_list_is_told() -> None:
    row = at(inputs(told={"is_biased": True}))
    assert f"the members of {DAYS[-1]} are known only from a list" in row["reasons"]


@pytest.fixture
def warehouse() -> Iterator[tuple[Inputs, duckdb.DuckDBPyConnection]]:
    pending = [*NOISE["delivery_z_mean"][:-1], None]
    given = inputs(told={"delivery_z_mean": pending})
    frames = {
        "core.trading_session": given.sessions,
        "mart.breadth": given.breadth,
        "mart.flow": given.flow,
    }
    with duckdb.connect() as connection:
        connection.sql("CREATE SCHEMA mart; CREATE SCHEMA core")
        for name, frame in frames.items():
            connection.register("frame", frame.to_arrow())
            connection.sql(f"CREATE TABLE {name} AS FROM frame")
        yield given, connection


def test_the_query_counts_as_the_claim_does(
    warehouse: tuple[Inputs, duckdb.DuckDBPyConnection],
) -> None:
    given, connection = warehouse
    verdicts, _ = evidence(given, [one for one in CLAIMS if one.id == "institutions_buy"])
    values = set()
    for row in [verdicts.row(n, named=True) for n in (5, 251, *range(252, 300, 6), 299)]:
        found = connection.execute(row["sql"]).fetchall()
        assert found == [(row["session_date"], row["value"])]
        values.add(row["value"])
    assert len(values) > 2


def test_what_comes_later_changes_nothing_before_it() -> None:
    given = moved(20.0, list(NOISE))
    for cut in (100, 270, 295):
        known = pl.col("session_date") <= DAYS[cut]
        past = replace(
            given,
            sessions=given.sessions.filter(known),
            flow=given.flow.filter(known),
            breadth=given.breadth.filter(known),
        )
        expected = institutions_buy(given).verdict.filter(known)
        assert institutions_buy(past).verdict.equals(expected)
