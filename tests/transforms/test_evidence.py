"""Every claim at every session: the contract, the past, and the queries that show the figures."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args

import duckdb
import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transforms.metrics.flows_of_funds import flow
from transforms.metrics.momentum import index_momentum
from transforms.signals.claim import (
    LEG_SCHEMA,
    VERDICT_SCHEMA,
    Bearing,
    Claim,
    Graded,
    Inputs,
    leg,
)
from transforms.signals.claims import CLAIMS
from transforms.signals.evidence import evidence
from transforms.signals.grid import session_grid
from transforms.signals.rebounds import rebounds
from warehouse.tables.table import schema
from warehouse.tables.verdict import BEARINGS, Evidence, EvidenceLeg

START = date(2021, 1, 1)
COUNT = 1100
INDICES = (
    "nifty-smallcap-100",
    "nifty-midcap-100",
    "nifty-midcap-150",
    "nifty-midcap-select",
    "nifty-50",
    "nifty-500",
)
DAYS = [START + timedelta(days=n) for n in range(COUNT)]
HOLE = DAYS[950]


def market(seed: int) -> Inputs:
    """A random market without a story, one session missing from it."""
    rng = np.random.default_rng(seed)
    sessions = pl.DataFrame({"session_date": DAYS})
    common = rng.normal(0, 0.009, COUNT)
    bars = []
    for index_id in INDICES:
        close = 10000 * np.exp((common + rng.normal(0, 0.006, COUNT)).cumsum())
        bars.append(
            pl.DataFrame(
                {
                    "session_date": DAYS,
                    "open": close,
                    "high": close * 1.01,
                    "low": close * 0.99,
                    "close": close,
                }
            ).with_columns(index_id=pl.lit(index_id))
        )
    series = pl.concat(bars).filter(pl.col("session_date") != HOLE)
    nets = rng.normal(0, 1500, COUNT)
    published = pl.DataFrame(
        {
            "participant": ["FII"] * COUNT,
            "scope": ["NSE+BSE+MSEI"] * COUNT,
            "stage": ["provisional"] * COUNT,
            "source_id": ["nse_fii_dii"] * COUNT,
            "session_date": DAYS,
            "buy_crore": [None] * COUNT,
            "sell_crore": [None] * COUNT,
            "net_crore": [Decimal(f"{net:.2f}") for net in nets],
            "is_imported": [False] * COUNT,
        },
        schema_overrides={
            "buy_crore": pl.Decimal(18, 2),
            "sell_crore": pl.Decimal(18, 2),
            "net_crore": pl.Decimal(18, 2),
        },
    )
    instants = [datetime(one.year, one.month, one.day, 13, tzinfo=UTC) for one in DAYS]
    known = pl.DataFrame({"session_date": DAYS, "published_at": instants})
    return Inputs(
        sessions=sessions,
        series=series,
        momentum=index_momentum(series, sessions),
        flow=flow(published.filter(pl.col("session_date") != HOLE), sessions),
        published=pl.concat(
            [
                known.with_columns(subject=pl.lit("index")),
                known.with_columns(
                    pl.col("published_at") + timedelta(hours=2), subject=pl.lit("flow")
                ),
            ]
        ).filter(pl.col("session_date") != HOLE),
    )


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return market(7)


@pytest.fixture(scope="module")
def graded(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame]:
    return evidence(inputs)


def test_five_claims_are_declared_once_each() -> None:
    assert [(one.article_row, one.id) for one in CLAIMS] == [
        (1, "smallcap_rise_9_sessions"),
        (2, "midcap_rise_same_window"),
        (3, "rebound_is_fast"),
        (4, "year_was_bruising"),
        (5, "foreign_buying_renewed"),
    ]


def test_rows_are_those_of_the_stored_tables(graded: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    for frame, table in zip(graded, (Evidence, EvidenceLeg), strict=True):
        stored = schema(table)
        recorded = stored.pop("recorded_at")
        assert dict(frame.schema).keys() == stored.keys()
        whole = frame.with_columns(
            recorded_at=pl.lit(datetime(2026, 1, 1, tzinfo=UTC)).cast(recorded),
        )
        table.validate(whole, cast=True)


def test_every_session_has_one_row_for_every_claim(
    graded: tuple[pl.DataFrame, pl.DataFrame],
) -> None:
    verdicts, legs = graded
    assert verdicts.height == COUNT * len(CLAIMS)
    assert not verdicts.select("session_date", "claim_id").is_duplicated().any()
    assert legs["claim_id"].n_unique() == len(CLAIMS)


def test_the_past_year_alone_is_background(graded: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    verdicts, _ = graded
    by_bearing = verdicts.group_by("claim_id").agg(pl.col("bearing").unique())
    found = {claim_id: bearing for claim_id, (bearing,) in by_bearing.iter_rows()}
    assert {one for one, bearing in found.items() if bearing == "background"} == {
        "year_was_bruising"
    }
    assert set(found.values()) == set(BEARINGS) == set(get_args(Bearing))


def test_what_has_no_value_is_untestable_or_says_none_is_under_way(
    graded: tuple[pl.DataFrame, pl.DataFrame],
) -> None:
    verdicts, _ = graded
    untold = verdicts.filter(pl.col("value").is_null(), pl.col("grade") != "UNTESTABLE")
    assert set(untold["claim_id"]) == {"rebound_is_fast"}
    assert untold["reasons"].str.starts_with("no rebound is under way").all()
    untestable = verdicts.filter(pl.col("grade") == "UNTESTABLE")
    assert untestable["reasons"].str.contains("nse_index_close|nse_fii_dii").all()
    at_the_hole = verdicts.filter(pl.col("session_date") == HOLE)
    assert at_the_hole["grade"].unique().to_list() == ["UNTESTABLE"]


def test_coverage_is_the_share_of_legs_that_could_be_tested(
    graded: tuple[pl.DataFrame, pl.DataFrame],
) -> None:
    verdicts, legs = graded
    coverage = verdicts.filter(pl.col("session_date") == DAYS[-1])
    by_claim = dict(zip(coverage["claim_id"], coverage["coverage_pct"], strict=True))
    assert by_claim["smallcap_rise_9_sessions"] == 100
    assert by_claim["foreign_buying_renewed"] == pytest.approx(100 * 19 / 20)
    # The hole is 149 sessions back: windows of 252 reach over it, and Mansfield's 200.
    tested = legs.filter(
        pl.col("session_date") == DAYS[-1], pl.col("claim_id") == "year_was_bruising"
    )
    assert by_claim["year_was_bruising"] == pytest.approx(
        100 * tested["holds"].drop_nulls().len() / 12
    )
    assert legs.filter(pl.col("holds").is_null())["missing"].str.len_chars().min() > 0
    assert set(legs.filter(pl.col("holds").is_not_null())["missing"]) == {""}


def test_published_at_is_that_of_what_the_claim_reads(
    graded: tuple[pl.DataFrame, pl.DataFrame],
) -> None:
    verdicts, _ = graded
    day = verdicts.filter(pl.col("session_date") == DAYS[20])
    hours = dict(zip(day["claim_id"], day["published_at"].dt.hour(), strict=True))
    assert hours["smallcap_rise_9_sessions"] == 13
    assert hours["foreign_buying_renewed"] == 15
    assert verdicts.filter(pl.col("session_date") == HOLE)["published_at"].null_count() == 5


@pytest.mark.parametrize("cut", [0, 100, 500, 951, 1050])
def test_what_comes_later_changes_nothing_before_it(
    inputs: Inputs, graded: tuple[pl.DataFrame, pl.DataFrame], cut: int
) -> None:
    known = pl.col("session_date") <= DAYS[cut]
    past = Inputs(
        **{name: getattr(inputs, name).filter(known) for name in inputs.__dataclass_fields__}
    )
    for early, late in zip(evidence(past), graded, strict=True):
        assert_frame_equal(early, late.filter(known), rel_tol=1e-9)


def test_the_order_of_rows_is_irrelevant(
    inputs: Inputs, graded: tuple[pl.DataFrame, pl.DataFrame]
) -> None:
    mixed = Inputs(
        **{
            name: getattr(inputs, name).sample(fraction=1, shuffle=True, seed=1)
            for name in inputs.__dataclass_fields__
        }
    )
    for one, other in zip(evidence(mixed), graded, strict=True):
        assert_frame_equal(one, other)


def test_without_any_data_everything_is_untestable_and_names_its_source(inputs: Inputs) -> None:
    bare = replace(
        inputs,
        series=inputs.series.clear(),
        momentum=inputs.momentum.clear(),
        flow=inputs.flow.clear(),
        published=inputs.published.clear(),
    )
    verdicts, legs = evidence(bare)
    assert verdicts["grade"].unique().to_list() == ["UNTESTABLE"]
    assert verdicts["coverage_pct"].unique().to_list() == [0]
    assert legs["holds"].null_count() == legs.height
    assert verdicts.height == COUNT * 5


def test_grading_is_quick(inputs: Inputs) -> None:
    began = time.perf_counter()
    evidence(inputs)
    assert time.perf_counter() - began < 2


@pytest.fixture(scope="module")
def warehouse(inputs: Inputs) -> Iterator[duckdb.DuckDBPyConnection]:
    """The inputs as the tables that the claims' queries read."""
    bars = inputs.series.with_columns(
        index_name="index_id", return_variant=pl.lit("price"), source_id=pl.lit("nse_index_close")
    ).drop("index_id")
    # Another product states other closes of the same sessions: the day's own file stands.
    other = bars.with_columns(close=pl.col("close") + 500, source_id=pl.lit("niftyindices_price"))
    total = bars.with_columns(close=pl.col("close") * 3, return_variant=pl.lit("total_return"))
    frames = {
        "mart.index_momentum": inputs.momentum,
        "mart.flow": inputs.flow,
        "core.trading_session": inputs.sessions,
        "core.index_bar": pl.concat([other, bars, total]),
        "core.index_name": pl.DataFrame({"index_name": INDICES, "index_id": INDICES}),
    }
    with duckdb.connect() as connection:
        connection.sql("CREATE SCHEMA mart; CREATE SCHEMA core")
        for name, frame in frames.items():
            connection.register("frame", frame.to_arrow())
            connection.sql(f"CREATE TABLE {name} AS FROM frame")
        yield connection


def asked(warehouse: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    result = warehouse.execute(sql)
    names = [column[0] for column in result.description]
    return [dict(zip(names, one, strict=True)) for one in result.fetchall()]


def test_the_query_of_each_row_returns_its_value(
    warehouse: duckdb.DuckDBPyConnection, graded: tuple[pl.DataFrame, pl.DataFrame]
) -> None:
    verdicts, _ = graded
    chosen = [HOLE, *DAYS[5:1100:73], DAYS[-1]]
    rebound = verdicts.filter(pl.col("claim_id") == "rebound_is_fast").drop_nulls("value")
    chosen += rebound["session_date"].gather_every(20).to_list()
    for row in verdicts.filter(pl.col("session_date").is_in(chosen)).iter_rows(named=True):
        got = asked(warehouse, row["sql"])
        if row["value"] is None:
            assert not got or got[0]["value"] is None, row["sql"]
        else:
            assert len(got) == 1
            assert got[0]["session_date"] == row["session_date"]
            assert got[0]["value"] == pytest.approx(row["value"], rel=1e-9), row["sql"]
    assert rebound.height > 20


def test_no_query_asks_for_what_equals_null(graded: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    verdicts, _ = graded
    assert not verdicts["sql"].str.contains("= NULL", literal=True).any()


@pytest.mark.parametrize("place", [5, 60, 300, 500, 700, 950, 1000, 1050])
def test_without_a_rebound_the_query_shows_the_closes_looked_at(
    inputs: Inputs,
    warehouse: duckdb.DuckDBPyConnection,
    graded: tuple[pl.DataFrame, pl.DataFrame],
    place: int,
) -> None:
    """From `place` on, the next session without a rebound under way."""
    verdicts, _ = graded
    untold = verdicts.filter(
        pl.col("claim_id") == "rebound_is_fast",
        pl.col("value").is_null(),
        pl.col("session_date") >= DAYS[place],
    ).row(0, named=True)
    seen = asked(warehouse, untold["sql"])
    last = DAYS.index(untold["session_date"])
    assert [one["session_date"] for one in seen] == DAYS[max(last - 90, 0) : last + 1][::-1]
    grid = session_grid(inputs, close="nifty-smallcap-100")
    closes = dict(grid.iter_rows())
    assert {one["session_date"]: one["close"] for one in seen} == {
        one["session_date"]: closes[one["session_date"]] for one in seen
    }
    known = rebounds(grid.head(last + 1))["low_date"]
    lows = {one["session_date"] for one in seen if one["begins_a_rebound"]}
    assert lows == set(known.filter(known >= seen[-1]["session_date"]))
    assert {one["value"] for one in seen} == {None}
    assert [one["begins_a_rebound"] for one in seen[:9]] == [None] * min(9, last + 1)


def test_without_a_flow_the_query_shows_which_sessions_lack_one(
    warehouse: duckdb.DuckDBPyConnection, graded: tuple[pl.DataFrame, pl.DataFrame]
) -> None:
    verdicts, _ = graded
    row = verdicts.filter(
        pl.col("claim_id") == "foreign_buying_renewed", pl.col("session_date") == HOLE
    ).row(0, named=True)
    seen = asked(warehouse, row["sql"])
    assert len(seen) == 30
    assert (seen[0]["session_date"], seen[0]["net_crore"]) == (HOLE, None)
    assert all(one["net_crore"] is not None for one in seen[1:])


def broken(verdict: pl.DataFrame | None = None, legs: pl.DataFrame | None = None) -> Claim:
    """A claim that answers rightly for three sessions, but for what is given."""
    right, right_legs = right_answer()
    answer = Graded(right if verdict is None else verdict, right_legs if legs is None else legs)
    return replace(CLAIMS[0], id="broken", sql="SELECT {session_date}", function=lambda _: answer)


def right_answer() -> tuple[pl.DataFrame, pl.DataFrame]:
    days = pl.DataFrame({"session_date": DAYS[:3]})
    verdict = days.with_columns(
        grade=pl.lit("PARTLY"),
        value=pl.lit(1.0),
        percentile=pl.lit(None),
        null_probability=pl.lit(None),
        sample_size=pl.lit(None),
        reasons=pl.lit("so"),
    ).cast(pl.Schema(VERDICT_SCHEMA))
    legs = leg(
        days,
        "a",
        metric="m",
        unit="percent",
        threshold="> 0",
        value=pl.lit(1.0),
        holds=pl.lit(True),
        source="nse_index_close",
    )
    return verdict, legs


def three(inputs: Inputs) -> Inputs:
    return replace(inputs, sessions=pl.DataFrame({"session_date": DAYS[:3]}))


def test_a_claim_of_a_users_own_is_one_function(inputs: Inputs) -> None:
    verdicts, legs = evidence(three(inputs), [broken()])
    assert verdicts["sql"][0] == "SELECT DATE '2021-01-01'"
    assert verdicts["coverage_pct"].to_list() == [100] * 3
    assert legs.height == 3


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        ("without one verdict each", lambda v, e: (v.head(2), e)),
        ("without one verdict each", lambda v, e: (pl.concat([v.head(2), v.head(1)]), e)),
        ("grades that are none", lambda v, e: (v.with_columns(grade=pl.lit("MAYBE")), e)),
        (
            "grades that are none",
            lambda v, e: (v.with_columns(grade=pl.lit(None, dtype=pl.String)), e),
        ),
        ("without reasons", lambda v, e: (v.with_columns(reasons=pl.lit("")), e)),
        ("not finite", lambda v, e: (v.with_columns(value=pl.lit(float("nan"))), e)),
        ("sessions without legs", lambda v, e: (v, e.head(2))),
        ("legs given twice", lambda v, e: (v, pl.concat([e, e.head(1)]))),
        (
            "untested legs without their source",
            lambda v, e: (v, e.with_columns(holds=pl.lit(None, dtype=pl.Boolean))),
        ),
        ("expected columns", lambda v, e: (v.drop("value"), e)),
        ("expected columns", lambda v, e: (v, e.with_columns(value=pl.lit(1)))),
    ],
)
def test_an_answer_that_breaks_the_contract_is_refused(
    inputs: Inputs, fault: str, change: object
) -> None:
    assert callable(change)
    verdict, legs = change(*right_answer())
    with pytest.raises(ValueError, match=fault):
        evidence(three(inputs), [broken(verdict, legs)])


def test_two_claims_of_one_id_are_refused(inputs: Inputs) -> None:
    with pytest.raises(ValueError, match="one claim an id"):
        evidence(inputs, [CLAIMS[0], CLAIMS[0]])


def test_leg_schema_is_the_stored_one() -> None:
    stored = schema(EvidenceLeg)
    assert all(stored[name] == dtype for name, dtype in LEG_SCHEMA.items())
