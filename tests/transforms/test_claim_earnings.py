"""Row 6: strong results and earnings momentum, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.transforms.filed import quarter_ends, sessions
from transforms.metrics.earnings_tables import Earnings
from transforms.signals.claim import REGISTRY, Claim, Inputs
from transforms.signals.claims.earnings import earnings_momentum_improves, earnings_strong
from transforms.signals.evidence import evidence
from warehouse.tables.table import schema

ENDS = quarter_ends(date(2019, 3, 31), 28)  # to December 2025
LAST, DUE = ENDS[-1], date(2026, 2, 16)
DAYS = sessions(date(2026, 1, 1), date(2026, 2, 27))
NOTHING = pl.DataFrame()
CLAIMS: tuple[Claim, ...] = tuple(one for one in REGISTRY if one.article_row == 6)


def season(day: date, end: date = LAST, universe: str = "market", **figures: Any) -> dict[str, Any]:
    due = end + timedelta(days=60 if end.month == 3 else 45)
    return {
        "session_date": day,
        "universe": universe,
        "universe_kind": "market",
        "universe_title": universe,
        "quarter_end": end,
        "due_date": due,
        "is_survivorship_biased": False,
        "biased_quarters_ranked": 0,
        "companies": 200,
        "reported": 180,
        "coverage_pct": 90.0,
        "net_profit_growth_pct": 12.0,
        "net_profit_growth_without_largest_pct": 11.0,
        "net_profit_growth_percentile": 75.0,
        "quarters_ranked": 21,
        "surprise_diffusion_pct": 5.0,
        "surprised": 150,
        "acceleration_pct": 55.0,
        "acceleration_percentile": 85.0,
        "acceleration_quarters_ranked": 21,
        **figures,
    }


def mart(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    types = schema(Earnings)
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return frame.with_columns(
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in types.items()
        if name not in frame.columns
    ).select(pl.col(name).cast(dtype) for name, dtype in types.items())


def past(
    growths: Sequence[float | None],
    diffusions: Sequence[float | None],
    paces: Sequence[float] | None = None,
) -> list[dict[str, Any]]:
    """The quarters before the last, oldest first, each on the first session from its due date."""
    ends = ENDS[-1 - len(growths) : -1]
    rows = []
    for place, (end, growth, diffusion) in enumerate(zip(ends, growths, diffusions, strict=True)):
        due = end + timedelta(days=60 if end.month == 3 else 45)
        figures = {"net_profit_growth_pct": growth, "surprise_diffusion_pct": diffusion}
        figures["acceleration_pct"] = None if paces is None else paces[place]
        rows.append(season(due + timedelta(days=1), end, **figures))
        # What comes later in that season is not what it was judged by when due.
        later = {"net_profit_growth_pct": 999.0, "surprise_diffusion_pct": 99.0}
        rows.append(season(due + timedelta(days=9), end, **later, acceleration_pct=99.0))
    return rows


def inputs(rows: Sequence[dict[str, Any]], days: pl.DataFrame = DAYS) -> Inputs:
    found = mart(rows) if rows else NOTHING
    return Inputs(days, NOTHING, NOTHING, NOTHING, NOTHING, earnings=found)


def strong(*rows: dict[str, Any]) -> dict[str, Any]:
    verdict = earnings_strong(inputs(rows)).verdict
    return verdict.filter(session_date=DUE).row(0, named=True)


def momentum(*rows: dict[str, Any]) -> dict[str, Any]:
    verdict = earnings_momentum_improves(inputs(rows)).verdict
    return verdict.filter(session_date=DUE).row(0, named=True)


@pytest.mark.parametrize(
    ("rank", "diffusion", "coverage", "grade"),
    [
        (70.0, 0.1, 80.0, "SUPPORTED"),
        (70.0, 0.1, 79.9, "PARTLY"),  # provisional
        (69.9, 0.1, 100.0, "PARTLY"),
        (70.0, 0.0, 100.0, "PARTLY"),
        (40.0, 0.1, 100.0, "PARTLY"),
        (39.9, 0.1, 100.0, "NOT SUPPORTED"),
        (40.0, 0.0, 100.0, "NOT SUPPORTED"),
        (39.9, 0.0, 80.0, "CONTRADICTED"),
        (39.9, 0.0, 79.9, "NOT SUPPORTED"),  # provisional
        (None, 5.0, 100.0, "UNTESTABLE"),
        (75.0, None, 100.0, "UNTESTABLE"),
    ],
)
def test_growth_diffusion_and_coverage_grade(
    rank: float | None, diffusion: float | None, coverage: float, grade: str
) -> None:
    row = strong(
        season(
            DUE,
            net_profit_growth_percentile=rank,
            surprise_diffusion_pct=diffusion,
            coverage_pct=coverage,
        )
    )
    assert row["grade"] == grade
    assert (row["value"], row["percentile"]) == (12.0, rank)
    if grade != "UNTESTABLE":
        assert ("provisional" in row["reasons"]) is (coverage < 80)
        assert "of 200 companies reported, due 2026-02-14" in row["reasons"]


@pytest.mark.parametrize(
    ("rank", "coverage", "grade"),
    [
        (80.0, 80.0, "SUPPORTED"),
        (80.0, 79.9, "PARTLY"),
        (79.9, 80.0, "PARTLY"),
        (59.9, 80.0, "NOT SUPPORTED"),
        (39.9, 80.0, "CONTRADICTED"),
        (39.9, 79.9, "NOT SUPPORTED"),
        (None, 90.0, "UNTESTABLE"),
    ],
)
def test_breadth_of_acceleration_grades_by_its_rank(
    rank: float | None, coverage: float, grade: str
) -> None:
    row = momentum(season(DUE, acceleration_percentile=rank, coverage_pct=coverage))
    assert (row["grade"], row["value"]) == (grade, 55.0)


def test_reasons_say_what_is_missing() -> None:
    assert "holds no result that was known" in strong()["reasons"]
    unreported = season(
        DUE, reported=0, net_profit_growth_pct=None, net_profit_growth_percentile=None
    )
    assert "none of 200 companies had reported" in strong(unreported)["reasons"]
    alone = season(DUE, net_profit_growth_pct=None, net_profit_growth_percentile=None)
    assert "no profit of a year before" in strong(alone)["reasons"]
    short = season(DUE, net_profit_growth_percentile=None, quarters_ranked=19)
    assert "19 quarters that can be compared, 20 are needed" in strong(short)["reasons"]
    young = season(DUE, surprise_diffusion_pct=None)
    assert "too few years for a surprise" in strong(young)["reasons"]
    assert (
        "no company with the growth"
        in momentum(season(DUE, acceleration_pct=None, acceleration_percentile=None))["reasons"]
    )


def test_reasons_tell_the_figures_and_the_small_caps() -> None:
    small = season(
        DUE,
        universe="nifty-smallcap-100",
        net_profit_growth_pct=-3.4,
        net_profit_growth_percentile=20.0,
        biased_quarters_ranked=13,
    )
    told = strong(season(DUE), small)["reasons"]
    assert "quarter ended 2025-12-31 12.0%" in told
    assert "(11.0% without the company that changed most)" in told
    assert "percentile 75 of 21 quarters" in told
    assert "Nifty Smallcap 100 \N{MINUS SIGN}3.4%, percentile 20, diffusion 5.0 points" in told
    assert "13 of its quarters are of members listed later" in told
    assert "Nifty Smallcap 100 unknown, percentile unknown" in strong(season(DUE))["reasons"]


def test_the_null_is_how_often_the_rule_held_when_quarters_were_due() -> None:
    growths = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]
    # Ranks 5, 15 … 95: the rule asks for the last three, and diffusion is above 0 in two of them.
    diffusions = [9.0] * 7 + [1.0, 0.0, 1.0]
    row = strong(*past(growths, diffusions), season(DUE))
    assert row["null_probability"] == pytest.approx(2 / 10)
    # Without diffusion a quarter is no sample: of eight, the last two rank 70 or more, at 81 and
    # 94, and one of them has diffusion. Seven are too few.
    assert strong(*past(growths, [None] * 2 + diffusions[2:]), season(DUE))[
        "null_probability"
    ] == pytest.approx(1 / 8)
    assert (
        strong(*past(growths, [None] * 3 + diffusions[3:]), season(DUE))["null_probability"] is None
    )


def test_the_null_of_momentum_is_the_share_with_as_much_breadth() -> None:
    paces = [40.0, 45.0, 50.0, 55.0, 55.0, 60.0, 65.0, 70.0]
    rows = past([1.0] * 8, [1.0] * 8, paces)
    assert momentum(*rows, season(DUE))["null_probability"] == pytest.approx(5 / 8)
    assert momentum(*rows[2:], season(DUE))["null_probability"] is None


def test_legs_name_the_universe_and_what_is_missing() -> None:
    graded = earnings_strong(
        inputs([season(DUE), season(DUE, universe="nifty-smallcap-250", coverage_pct=70.0)])
    )
    legs = {one["leg"]: one for one in graded.legs.filter(session_date=DUE).to_dicts()}
    assert len(legs) == 9
    growth = legs["market_profit_growth"]
    assert (growth["holds"], growth["percentile"], growth["sample_size"]) == (True, 75.0, 21)
    assert legs["market_surprises"]["value"] == 5.0
    assert legs["nifty_smallcap_250_coverage"]["holds"] is False
    absent = legs["nifty_smallcap_100_profit_growth"]
    assert (absent["holds"], absent["missing"]) == (None, "nse_index_members")
    before = graded.legs.filter(session_date=date(2026, 2, 13))
    missing = dict(before.select("leg", "missing").iter_rows())
    assert missing["market_coverage"] == "nse_result_document"


def known_rows() -> list[dict[str, Any]]:
    growths = [float(n * 7 % 20) for n in range(24)]
    days = DAYS["session_date"].to_list()
    return [
        *past(growths, [float(n % 5 - 2) for n in range(24)], growths),
        *[
            season(
                day,
                net_profit_growth_pct=float(n),
                net_profit_growth_percentile=2.4 * n,
                acceleration_pct=50.0 + n,
                acceleration_percentile=2.3 * n,
                coverage_pct=90.0 if n % 2 else 2.5 * n,
            )
            for n, day in enumerate(days)
            if n > 2
        ],
        *[season(day, universe="nifty-smallcap-100") for day in days[20:]],
    ]


def graded(given: Inputs) -> tuple[pl.DataFrame, pl.DataFrame]:
    published = pl.DataFrame(
        schema={
            "subject": pl.String,
            "session_date": pl.Date,
            "published_at": pl.Datetime("us", "UTC"),
        }
    )
    momentum_of = pl.DataFrame(schema={"index_id": pl.String})
    whole = Inputs(
        given.sessions, NOTHING, momentum_of, NOTHING, published, earnings=given.earnings
    )
    return evidence(whole, CLAIMS)


def test_the_two_claims_keep_the_contract_and_never_look_ahead() -> None:
    assert {one.id for one in CLAIMS} == {"earnings_strong", "earnings_momentum_improves"}
    verdicts, legs = graded(inputs(known_rows()))
    assert verdicts["grade"].n_unique() == 5
    cut = pl.col("session_date") <= date(2026, 1, 26)
    rows = mart(known_rows())
    past_rows = Inputs(
        DAYS.filter(cut), NOTHING, NOTHING, NOTHING, NOTHING, earnings=rows.filter(cut)
    )
    for early, late in zip(graded(past_rows), (verdicts, legs), strict=True):
        assert_frame_equal(early, late.filter(cut))
    mixed = Inputs(
        DAYS, NOTHING, NOTHING, NOTHING, NOTHING, earnings=rows.sample(fraction=1, shuffle=True)
    )
    assert_frame_equal(graded(mixed)[0], verdicts)


@pytest.mark.parametrize("has_columns", [False, True])
def test_without_any_mart_every_session_is_untestable(has_columns: bool) -> None:
    empty = mart(known_rows()).clear() if has_columns else NOTHING
    verdicts, legs = graded(Inputs(DAYS, NOTHING, NOTHING, NOTHING, NOTHING, earnings=empty))
    assert verdicts["grade"].unique().to_list() == ["UNTESTABLE"]
    assert verdicts.height == 2 * DAYS.height
    assert verdicts["reasons"].str.contains("nse_result_document").all()
    assert legs["holds"].null_count() == legs.height


def test_the_query_of_each_row_returns_its_value() -> None:
    rows = mart(known_rows())
    verdicts, _ = graded(inputs(known_rows()))
    with duckdb.connect() as connection:
        connection.register("frame", rows.to_arrow())
        connection.sql("CREATE SCHEMA mart; CREATE TABLE mart.earnings AS FROM frame")
        for one in verdicts.iter_rows(named=True):
            found = connection.execute(one["sql"])
            names = [column[0] for column in found.description]
            got = [dict(zip(names, values, strict=True)) for values in found.fetchall()]
            if one["value"] is None:
                assert not got
            else:
                assert [(each["session_date"], each["value"]) for each in got] == [
                    (one["session_date"], one["value"])
                ]
    assert verdicts["value"].null_count() == 6
