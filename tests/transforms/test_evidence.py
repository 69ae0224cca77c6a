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

from tests.transforms.filed import quarter_ends
from tests.transforms.told_shares import random_breadth, random_leadership
from transforms.macro_titles import KNOWN
from transforms.metrics.earnings_tables import Earnings
from transforms.metrics.flows_of_funds import flow
from transforms.metrics.macro import macro
from transforms.metrics.momentum import index_momentum
from transforms.metrics.valuation import index_valuation
from transforms.signals.associations import associations
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
from transforms.signals.event_study.study import event_study
from transforms.signals.event_study.study import quarter_ends as quarters_ended
from transforms.signals.evidence import evidence
from transforms.signals.grid import session_grid
from transforms.signals.monitors import monitors
from transforms.signals.rebounds import rebounds
from transforms.signals.regime import Sources, regimes
from transforms.signals.risk_appetite import risk_appetite
from transforms.signals.size_indices import SIZE_INDICES
from transforms.signals.zones import zones
from warehouse.tables import (
    Association,
    EventStudy,
    Monitor,
    Regime,
    RegimeTransition,
    RiskAppetite,
    Zone,
)
from warehouse.tables.table import Table, schema
from warehouse.tables.verdict import BEARINGS, Evidence, EvidenceLeg

START = date(2023, 6, 1)  # three years, so that deals told in 2025 and 2026 have a past to rank in
COUNT = 1100
INDICES = (
    "nifty-smallcap-100",
    "nifty-midcap-100",
    "nifty-midcap-150",
    "nifty-midcap-select",
    "nifty-50",
    "nifty-500",
)
SECTORS = (
    *("nifty-it", "nifty-pharma", "nifty-auto"),
    *("nifty-fmcg", "nifty-realty", "nifty-psu-bank", "nifty-media"),
)
VALUED = ("nifty-smallcap-100", "nifty-smallcap-250")
RATES = {"DGS2": 4.0, "DFF": 4.1, "DEXINUS": 85.0, "IN_TBILL_91D": 6.4, "RBI_REPO": 6.5}
UNIVERSES = ("market", *VALUED)
DERIVED: dict[str, type[Table]] = {
    "zones": Zone,
    "regimes": Regime,
    "transitions": RegimeTransition,
    "appetite": RiskAppetite,
    "monitors": Monitor,
    "studies": EventStudy,
    "associations": Association,
}
REBOUND_CLAIMS = {"rebound_is_fast", "breadth_has_improved", "pessimism_was_extreme"}
DAYS = [START + timedelta(days=n) for n in range(COUNT)]
HOLE = DAYS[950]
LISTED = [day for day in DAYS[30:] if day != HOLE]
"""Sessions with shares."""


def market(seed: int) -> Inputs:
    """A random market without a story, one session missing from it."""
    rng = np.random.default_rng(seed)
    sessions = pl.DataFrame(
        {
            "session_date": DAYS,
            "session_number": range(1, COUNT + 1),
            "previous_session_date": [None, *DAYS[:-1]],
            "kind": "full",
            "is_short": False,
            "basis": "evidence",
            "reason": "",
        }
    )
    common = rng.normal(0, 0.009, COUNT)
    bars = []
    for index_id in (*INDICES, *SECTORS):
        close = 10000 * np.exp((common + rng.normal(0, 0.006, COUNT)).cumsum())
        bars.append(
            pl.DataFrame(
                {
                    "session_date": DAYS,
                    "open": close,
                    "high": close * 1.01,
                    "low": close * 0.99,
                    "close": close,
                    "turnover_inr": rng.lognormal(0, 0.3, COUNT),
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
    told = pl.DataFrame({"session_date": DAYS, "published_at": [at(one, 0) for one in DAYS]})
    metrics = Inputs(
        sessions=sessions,
        series=series,
        momentum=index_momentum(
            series.filter(pl.col("index_id").is_in(INDICES)), sessions.select("session_date")
        ),
        flow=flow(published.filter(pl.col("session_date") != HOLE), sessions),
        published=pl.concat(
            [
                told.with_columns(
                    pl.col("published_at") + timedelta(hours=hour), subject=pl.lit(subject)
                )
                for subject, hour in KNOWN_AT.items()
            ]
        ).filter(pl.col("session_date") != HOLE),
        earnings=seasons(rng),
        macro=macro(rates(rng), sessions).filter(pl.col("session_date") != HOLE),
        valuation=index_valuation(
            valuations(rng), pl.DataFrame({"index_name": VALUED, "index_id": VALUED}), sessions
        ),
        breadth=pl.concat(random_breadth(rng, LISTED, universe) for universe in UNIVERSES),
        leadership=pl.concat(random_leadership(rng, LISTED, universe) for universe in UNIVERSES),
    )
    return with_verdict(metrics)


def with_verdict(inputs: Inputs) -> Inputs:
    """The inputs with what is derived of them for the claims on levels, states and appetite."""
    bars = inputs.series.filter(pl.col("index_id").is_in(SIZE_INDICES))
    closes = inputs.series.select("index_id", "session_date", "close")
    drawn = zones(bars, inputs.sessions)
    counts = pl.DataFrame()
    found = regimes(
        Sources(bars, inputs.sessions, drawn, inputs.breadth, counts, inputs.flow, inputs.earnings)
    )
    through = quarters_ended(inputs.sessions)
    studied = event_study(closes, closes.clear(), inputs.breadth, inputs.sessions, through)
    inputs = replace(
        inputs,
        zones=drawn,
        regimes=found.states,
        transitions=found.transitions,
        studies=studied.studies,
        associations=associations(closes, closes.clear(), inputs.flow, inputs.sessions, through),
    )
    risk = risk_appetite(inputs)
    inputs = replace(inputs, appetite=risk.appetite)
    return replace(inputs, monitors=monitors(inputs, risk))


KNOWN_AT = {
    **{"macro": 3, "earnings": 12, "index": 13, "final flow": 14, "flow": 15},
    "shares": 16,
}
"""UTC hour of each session at which each subject was published."""


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def valuations(rng: np.random.Generator) -> pl.DataFrame:
    """What the exchange says two indices cost, on every session but the missing one."""
    return pl.concat(
        pl.DataFrame(
            {
                "session_date": DAYS,
                "price_to_earnings": rng.uniform(20, 40, COUNT),
                "price_to_book": rng.uniform(3, 5, COUNT),
                "dividend_yield_pct": rng.uniform(0.5, 1.5, COUNT),
            }
        ).with_columns(
            index_name=pl.lit(name),
            return_variant=pl.lit("price"),
            source_id=pl.lit("nse_index_close"),
        )
        for name in VALUED
    ).filter(pl.col("session_date") != HOLE)


def rates(rng: np.random.Generator) -> pl.DataFrame:
    """Daily rates and the rupee, each known the next morning; the first fifty days have none."""
    return pl.concat(
        pl.DataFrame(
            {
                "observation_date": DAYS[50:],
                "value": level + rng.normal(0, 0.2, COUNT - 50),
                "published_at": [at(one, 3) + timedelta(days=1) for one in DAYS[50:]],
            },
            schema_overrides={"published_at": pl.Datetime("us", "UTC")},
        ).with_columns(
            series_id=pl.lit(series_id),
            frequency=pl.lit(KNOWN[series_id].frequency),
            source_id=pl.lit("fred" if KNOWN[series_id].is_fred else "imported_macro"),
        )
        for series_id, level in RATES.items()
    )


def seasons(rng: np.random.Generator) -> pl.DataFrame:
    """The results season of three universes, from the hundredth session on."""
    ends = quarter_ends(date(2023, 3, 31), 13)
    rows = []
    for day in DAYS[100:]:
        if day == HOLE:
            continue
        end = max(one for one in ends if one < day)
        for universe in UNIVERSES:
            growth, diffusion, pace = rng.normal(10, 8), rng.normal(0, 10), rng.uniform(20, 80)
            rows.append(
                {
                    "session_date": day,
                    "universe": universe,
                    "universe_kind": "market" if universe == "market" else "index",
                    "universe_title": universe,
                    "quarter_end": end,
                    "due_date": end + timedelta(days=60 if end.month == 3 else 45),
                    "is_survivorship_biased": False,
                    "biased_quarters_ranked": 0,
                    "companies": 100,
                    "reported": min((day - end).days * 2, 100),
                    "coverage_pct": float(min((day - end).days * 2, 100)),
                    "net_profit_growth_pct": growth,
                    "net_profit_growth_without_largest_pct": growth - 1,
                    "net_profit_growth_percentile": rng.uniform(0, 100),
                    "quarters_ranked": 20,
                    "surprise_diffusion_pct": diffusion,
                    "surprised": 50,
                    "acceleration_pct": pace,
                    "acceleration_percentile": rng.uniform(0, 100),
                    "acceleration_quarters_ranked": 20,
                }
            )
    held = pl.DataFrame(rows, infer_schema_length=None)
    return held.select(
        pl.col(name).cast(dtype) if name in held.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in schema(Earnings).items()
    )


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return market(7)


@pytest.fixture(scope="module")
def graded(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame]:
    return evidence(inputs)


def test_claims_are_declared_once_each() -> None:
    assert [(one.article_row, one.id) for one in CLAIMS] == [
        (1, "smallcap_rise_9_sessions"),
        (2, "midcap_rise_same_window"),
        (3, "rebound_is_fast"),
        (4, "year_was_bruising"),
        (5, "foreign_buying_renewed"),
        (5, "foreign_flows_stabilise"),
        (6, "earnings_momentum_improves"),
        (6, "earnings_strong"),
        (7, "breadth_has_improved"),
        (7, "rise_is_broad"),
        (8, "quality_leads"),
        (9, "institutions_buy"),
        (10, "named_sectors_lead"),
        (11, "trade_deals_triggered_rally"),
        (12, "small_caps_react_first"),
        (13, "strength_precedes_bull_phases"),
        (14, "weak_participation_is_defensive"),
        (15, "support_holds"),
        (16, "resistance_stands"),
        (17, "recovery_is_early"),
        (18, "watch_list_is_green"),
        (19, "failure_is_a_bear_rally"),
        (20, "next_weeks_decide"),
        (21, "valuations_are_a_concern"),
        (22, "high_beta_rotates"),
        (23, "rate_cut_expectations_alive"),
        (24, "pessimism_was_extreme"),
        (25, "risk_on_is_more_probable"),
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


def test_what_went_before_is_background(graded: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    verdicts, _ = graded
    by_bearing = verdicts.group_by("claim_id").agg(pl.col("bearing").unique())
    found = {claim_id: bearing for claim_id, (bearing,) in by_bearing.iter_rows()}
    assert {one for one, bearing in found.items() if bearing == "background"} == {
        "year_was_bruising",
        "valuations_are_a_concern",
        "pessimism_was_extreme",
        "small_caps_react_first",
        "strength_precedes_bull_phases",
        "weak_participation_is_defensive",
        "support_holds",
        "resistance_stands",
        "recovery_is_early",
        "failure_is_a_bear_rally",
        "next_weeks_decide",
    }
    assert set(found.values()) == set(BEARINGS) == set(get_args(Bearing))


def test_what_has_no_value_is_untestable_or_says_none_is_under_way(
    graded: tuple[pl.DataFrame, pl.DataFrame],
) -> None:
    verdicts, _ = graded
    untold = verdicts.filter(pl.col("value").is_null(), pl.col("grade") != "UNTESTABLE")
    level_claims = {"support_holds", "resistance_stands"}
    assert set(untold["claim_id"]) == {*REBOUND_CLAIMS, *level_claims, "recovery_is_early"}
    is_of = pl.col("claim_id").is_in
    rebounds_of = untold.filter(is_of(list(REBOUND_CLAIMS)))
    assert rebounds_of["reasons"].str.starts_with("no rebound is under way").all()
    levels_of = untold.filter(is_of(list(level_claims)))["reasons"]
    assert levels_of.str.contains("^no (support|resistance) is known").all()
    states_of = untold.filter(claim_id="recovery_is_early")["reasons"]
    assert states_of.str.contains("^(ADVANCE|DRAWDOWN|FAILED|CONFIRMED)").all()
    untestable = verdicts.filter(pl.col("grade") == "UNTESTABLE")
    sources = (
        "nse_index_close|nse_fii_dii|nse_result_document|fred|imported_macro|nse_equity_full"
        "|nse_index_members"
        # … or say of what there is too little yet.
        "|are needed; |too few to rank|no touch of it is decided yet|no quarter that ended before"
    )
    silent = untestable.filter(~pl.col("reasons").str.contains(sources))
    assert set(silent["claim_id"]) == {"trade_deals_triggered_rally"}
    assert silent["reasons"].str.contains("prices hold no record of why buyers bought").all()
    # What a quarter has shown stands through a session without a close, and so does a state.
    stands = [f"mart.{name}" for name in ("association", "event_study", "monitor", "regime")]
    at_the_hole = verdicts.filter(
        pl.col("session_date") == HOLE, ~pl.col("sql").str.contains_any(stands)
    )
    assert at_the_hole["grade"].unique().to_list() == ["UNTESTABLE"]


def test_coverage_is_the_share_of_legs_that_could_be_tested(
    graded: tuple[pl.DataFrame, pl.DataFrame],
) -> None:
    verdicts, legs = graded
    coverage = verdicts.filter(pl.col("session_date") == DAYS[-1])
    by_claim = dict(zip(coverage["claim_id"], coverage["coverage_pct"], strict=True))
    assert by_claim["smallcap_rise_9_sessions"] == 100
    assert by_claim["foreign_buying_renewed"] == pytest.approx(100 * 19 / 22)
    untested = legs.filter(pl.col("session_date") == DAYS[-1], pl.col("holds").is_null())
    foreign = untested.filter(pl.col("claim_id") == "foreign_buying_renewed")
    # The market states nets of foreign institutions alone, and holds no depository.
    assert dict(foreign.select("leg", "missing").iter_rows()) == {
        "net_over_gross": "nse_fii_dii",
        "foreign_and_domestic": "nse_fii_dii",
        "depository_agrees": "nsdl_fpi",
    }
    for whole in ("earnings_strong", "valuations_are_a_concern", "rate_cut_expectations_alive"):
        assert by_claim[whole] == 100
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
    assert hours == {
        **dict.fromkeys(("smallcap_rise_9_sessions", "midcap_rise_same_window"), 13),
        **dict.fromkeys(("rebound_is_fast", "valuations_are_a_concern"), 13),
        **dict.fromkeys(("breadth_has_improved", "rise_is_broad", "year_was_bruising"), 16),
        **dict.fromkeys(("quality_leads", "institutions_buy", "named_sectors_lead"), 16),
        "pessimism_was_extreme": 16,
        **dict.fromkeys(("recovery_is_early", "failure_is_a_bear_rally", "high_beta_rotates"), 16),
        "strength_precedes_bull_phases": 16,
        "watch_list_is_green": 15,
        "risk_on_is_more_probable": 16,
        **dict.fromkeys(("small_caps_react_first", "weak_participation_is_defensive"), 13),
        **dict.fromkeys(("support_holds", "resistance_stands", "next_weeks_decide"), 13),
        **dict.fromkeys(("foreign_buying_renewed", "foreign_flows_stabilise"), 15),
        **dict.fromkeys(("earnings_strong", "earnings_momentum_improves"), 12),
        "trade_deals_triggered_rally": 13,
        "rate_cut_expectations_alive": 3,
    }
    at_the_hole = verdicts.filter(pl.col("session_date") == HOLE)
    assert at_the_hole["published_at"].null_count() == len(CLAIMS)


def test_what_was_restated_later_dates_every_session_that_looks_back_on_it(
    inputs: Inputs,
) -> None:
    """A sum of ten sessions is not known before the last of the ten is."""
    told_again = at(DAYS[30], 4)
    published = inputs.published.with_columns(
        pl.when((pl.col("subject") == "flow") & (pl.col("session_date") == DAYS[20]))
        .then(pl.lit(told_again))
        .otherwise("published_at")
        .alias("published_at")
    )
    # Shares are published last: they would date every session by themselves.
    claims = [one for one in CLAIMS if "flow" in one.reads and "shares" not in one.reads]
    verdicts, _ = evidence(replace(inputs, published=published), claims)
    for one in claims:
        mine = verdicts.filter(pl.col("claim_id") == one.id).sort("session_date")
        known = mine["published_at"].to_list()
        assert known[19] == at(DAYS[19], 15)
        assert known[20:30] == [told_again] * 10
        assert known[30] == at(DAYS[30], 15)


@pytest.mark.parametrize("cut", [0, 100, 500, 951, 1050])
def test_what_comes_later_changes_nothing_before_it(
    inputs: Inputs, graded: tuple[pl.DataFrame, pl.DataFrame], cut: int
) -> None:
    known = pl.col("session_date") <= DAYS[cut]
    through = pl.col("through_date") <= DAYS[cut]
    past = Inputs(
        **{
            name: frame.filter(through if "through_date" in frame.columns else known)
            for name, frame in ((one, getattr(inputs, one)) for one in inputs.__dataclass_fields__)
        }
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


@pytest.mark.parametrize("has_marts", [True, False])
def test_without_any_data_everything_is_untestable_and_names_its_source(
    inputs: Inputs, has_marts: bool
) -> None:
    """Of results, rates and valuation a warehouse may lack the rows, or the tables."""
    nothing = pl.DataFrame()
    bare = replace(
        inputs,
        series=inputs.series.clear(),
        momentum=inputs.momentum.clear(),
        flow=inputs.flow.clear(),
        published=inputs.published.clear(),
        earnings=inputs.earnings.clear() if has_marts else nothing,
        macro=inputs.macro.clear() if has_marts else nothing,
        valuation=inputs.valuation.clear() if has_marts else nothing,
        breadth=inputs.breadth.clear() if has_marts else nothing,
        leadership=inputs.leadership.clear() if has_marts else nothing,
        **{name: getattr(inputs, name).clear() if has_marts else nothing for name in DERIVED},
    )
    verdicts, legs = evidence(bare)
    assert verdicts["grade"].unique().to_list() == ["UNTESTABLE"]
    assert verdicts["coverage_pct"].unique().to_list() == [0]
    assert legs["holds"].null_count() == legs.height
    assert verdicts.height == COUNT * len(CLAIMS)


def test_grading_is_quick(inputs: Inputs) -> None:
    # Of all processors, whoever else is at work on them.
    began = time.process_time()
    evidence(inputs)
    assert time.process_time() - began < 4


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
        "mart.earnings": inputs.earnings,
        "mart.macro": inputs.macro,
        "mart.index_valuation": inputs.valuation,
        "mart.breadth": inputs.breadth,
        "mart.leadership": inputs.leadership,
        **{table.table: getattr(inputs, name) for name, table in DERIVED.items()},
        "core.trading_session": inputs.sessions,
        "core.index_bar": pl.concat([other, bars, total]),
        "core.index_name": pl.DataFrame(
            {"index_name": (*INDICES, *SECTORS), "index_id": (*INDICES, *SECTORS)}
        ),
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
    deals = verdicts.filter(pl.col("claim_id") == "trade_deals_triggered_rally")
    chosen += deals.drop_nulls("value")["session_date"].gather_every(9).to_list()
    pessimism = verdicts.filter(pl.col("claim_id") == "pessimism_was_extreme").drop_nulls("value")
    chosen += pessimism["session_date"].gather_every(20).to_list()
    for row in verdicts.filter(pl.col("session_date").is_in(chosen)).iter_rows(named=True):
        got = asked(warehouse, row["sql"])
        if row["value"] is None:
            assert not got or got[0]["value"] is None, row["sql"]
        else:
            assert len(got) == 1
            assert got[0]["session_date"] == row["session_date"]
            assert got[0]["value"] == pytest.approx(row["value"], rel=1e-9), row["sql"]
    assert rebound.height > 20
    assert deals["value"].count() > 20
    assert pessimism.height > 20


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
    assert verdicts["sql"][0] == "SELECT DATE '2023-06-01'"
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
