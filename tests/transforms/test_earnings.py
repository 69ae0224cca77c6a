"""The results season as of every evening, by hand."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy.stats import percentileofscore

from tests.transforms.filed import CRORE, Document, filed, members, quarter_ends, sessions
from transforms.companies import companies, latest_names
from transforms.metrics.company_results import company_results
from transforms.metrics.earnings import earnings
from transforms.metrics.earnings_tables import METRICS, TABLES, Company, CompanyResult, Earnings
from transforms.metrics.season_metrics import EARNINGS
from transforms.quarters import quarters
from warehouse.tables.table import schema

BEFORE, END, DUE = date(2023, 12, 31), date(2024, 12, 31), date(2025, 2, 14)
DAYS = sessions(date(2025, 1, 1), date(2025, 3, 31))
NO_MEMBERS = members()


def season(
    documents: Sequence[Document],
    listed: pl.DataFrame = NO_MEMBERS,
    days: pl.DataFrame = DAYS,
    since: date | None = None,
    seed: int | None = None,
) -> pl.DataFrame:
    filings, rows = filed(documents)
    named = companies(filings, rows, listed)
    results = company_results(quarters(filings, rows, named))
    if seed is not None:
        results, listed, named, days = (
            frame.sample(fraction=1, shuffle=True, seed=seed)
            for frame in (results, listed, named, days)
        )
    return earnings(results, listed, named, days, since)


def pair(symbol: str, before: float, now: float, told: date | datetime, **more: Any) -> list[Any]:
    return [
        Document(symbol, BEFORE, date(2024, 2, 1), before, **more),
        Document(symbol, END, told, now, **more),
    ]


def row(frame: pl.DataFrame, day: date, universe: str = "market") -> dict[str, Any]:
    found = frame.filter(session_date=day, universe=universe)
    assert found.height == 1
    return found.row(0, named=True)


FIVE = [
    *pair("A", 100, 130, date(2025, 1, 15)),
    *pair("B", 50, -10, date(2025, 1, 20)),
    *pair("C", -20, -5, date(2025, 2, 3)),
    *pair("D", 0.5, 2, date(2025, 2, 14)),
    Document("E", date(2024, 9, 30), date(2024, 11, 1), 5),
]


def test_the_aggregates_of_five_companies() -> None:
    seen = row(season(FIVE), DUE)
    assert (seen["quarter_end"], seen["due_date"]) == (END, DUE)
    assert (seen["companies"], seen["reported"], seen["matched"]) == (5, 4, 4)
    assert (seen["coverage_pct"], seen["is_provisional"]) == (80.0, False)
    assert seen["net_profit_growth_pct"] == pytest.approx(100 * (117 / 130.5 - 1))
    # B changed most, by 60.
    assert seen["net_profit_growth_without_largest_pct"] == pytest.approx(100 * (127 / 80.5 - 1))
    # A 30/115, B -2, C and D 1.2: the middle of the two in the middle.
    assert seen["median_profit_growth_bounded"] == pytest.approx((30 / 115 + 1.2) / 2)
    assert seen["profit_up_pct"] == 75
    kinds = ("turnarounds", "to_losses", "losses_narrowed", "losses_widened", "low_bases")
    assert [seen[kind] for kind in kinds] == [0, 1, 1, 0, 1]
    assert (seen["surprised"], seen["surprise_diffusion_pct"]) == (0, None)
    assert seen["acceleration_pct"] is None
    assert seen["net_profit_growth_percentile"] is None
    assert seen["quarters_ranked"] == 1
    kind = (seen["universe_kind"], seen["universe_title"], seen["is_survivorship_biased"])
    assert kind == ("market", "All companies that report", False)


def test_the_season_fills_evening_by_evening() -> None:
    seen = season(FIVE).filter(universe="market")
    assert seen["session_date"].to_list() == DAYS["session_date"].to_list()
    reported = dict(zip(seen["session_date"], seen["reported"], strict=True))
    assert reported[date(2025, 1, 14)] == 0
    assert reported[date(2025, 1, 15)] == 1
    assert reported[date(2025, 2, 13)] == 3
    assert reported[date(2025, 3, 31)] == 4
    first = row(seen, date(2025, 1, 15))
    assert first["net_profit_growth_pct"] == pytest.approx(30)
    assert first["net_profit_growth_without_largest_pct"] is None  # there is no other
    assert first["is_provisional"] is True
    empty = row(seen, date(2025, 1, 14))
    assert empty["net_profit_growth_pct"] is None
    assert empty["coverage_pct"] == 0


def test_growth_on_a_loss_of_all_together_is_none() -> None:
    seen = row(season([*pair("A", -30, 5, DUE), *pair("B", 20, 25, DUE)]), DUE)
    assert seen["matched"] == 2
    assert seen["net_profit_growth_pct"] is None
    assert seen["net_profit_growth_without_largest_pct"] == pytest.approx(25)
    assert seen["turnarounds"] == 1


# 22:30 in Kolkata is 17:00 in London's winter.
@pytest.mark.parametrize(
    ("told", "first"),
    [
        (datetime(2025, 1, 15, 17, 0, tzinfo=UTC), date(2025, 1, 15)),
        (datetime(2025, 1, 15, 17, 0, 1, tzinfo=UTC), date(2025, 1, 16)),
        (datetime(2025, 1, 18, 9, 0, tzinfo=UTC), date(2025, 1, 20)),  # a Saturday
        (datetime(2025, 1, 17, 18, 0, tzinfo=UTC), date(2025, 1, 20)),  # late on Friday
    ],
)
def test_a_result_counts_from_the_first_evening_after_its_broadcast(
    told: datetime, first: date
) -> None:
    seen = season(pair("A", 100, 130, told)).filter(pl.col("reported") > 0)
    assert seen["session_date"].min() == first


def test_a_refiling_counts_from_its_own_evening() -> None:
    documents = [*pair("A", 100, 130, date(2025, 1, 15)), Document("A", END, date(2025, 2, 3), 90)]
    seen = season(documents)
    assert row(seen, date(2025, 1, 31))["net_profit_growth_pct"] == pytest.approx(30)
    assert row(seen, date(2025, 2, 3))["net_profit_growth_pct"] == pytest.approx(-10)
    # Filed again before the evening, the first is never seen.
    at_once = [*documents[:2], Document("A", END, datetime(2025, 1, 15, 13, tzinfo=UTC), 90)]
    assert row(season(at_once), date(2025, 1, 15))["net_profit_growth_pct"] == pytest.approx(-10)


def test_the_market_is_who_reported_one_of_the_four_quarters_before() -> None:
    old = Document("OLD", date(2023, 9, 30), date(2023, 11, 1), 5)  # five quarters before
    new = Document("NEW", END, date(2025, 1, 20), 5)
    late = Document("LATE", date(2024, 3, 31), date(2025, 2, 10), 5)
    seen = season([*pair("A", 100, 130, DUE), old, new, late])
    assert row(seen, date(2025, 2, 7))["companies"] == 1
    assert row(seen, date(2025, 2, 10))["companies"] == 2
    assert row(seen, DUE)["reported"] == 1


def test_a_new_quarter_begins_with_the_session_after_its_end() -> None:
    days = sessions(date(2025, 3, 3), date(2025, 4, 30))
    seen = season(FIVE, days=days).filter(universe="market")
    assert row(seen, date(2025, 3, 31))["quarter_end"] == END
    april = row(seen, date(2025, 4, 1))
    assert (april["quarter_end"], april["due_date"]) == (date(2025, 3, 31), date(2025, 5, 30))
    assert (april["companies"], april["reported"]) == (5, 0)


ISIN = {name: f"INE{n}00A01010" for n, name in enumerate("ABCDEX", start=1)}
LISTED = members(
    *[("nifty-smallcap-100", date(2025, 1, 20), name, ISIN[name], "Textiles") for name in "AB"],
    ("nifty-smallcap-100", date(2025, 1, 20), "X", ISIN["X"], "Media"),
    ("nifty-smallcap-100", date(2025, 2, 10), "B", ISIN["B"], "Media"),
    ("nifty-smallcap-100", date(2025, 2, 10), "C", ISIN["C"], "Media"),
)


def test_lists_and_industries_are_those_of_the_latest_snapshot() -> None:
    documents = [
        Document(one.symbol, one.quarter_end, one.told, one.profit, isin=ISIN[one.symbol])
        for one in FIVE
    ]
    seen = season(documents, LISTED)
    name = "nifty-smallcap-100"
    first = row(seen, date(2025, 2, 7), name)
    assert (first["companies"], first["reported"]) == (3, 2)  # A, B and X, which never files
    assert first["net_profit_growth_pct"] == pytest.approx(100 * (120 / 150 - 1))
    assert (first["universe_kind"], first["universe_title"]) == ("index", "Nifty Smallcap 100")
    later = row(seen, date(2025, 2, 10), name)
    assert (later["companies"], later["reported"]) == (2, 2)  # B and C
    assert later["net_profit_growth_pct"] == pytest.approx(100 * (-15 / 30 - 1))
    before = row(seen, date(2025, 1, 17), name)
    assert (before["companies"], before["is_survivorship_biased"]) == (3, True)
    assert first["is_survivorship_biased"] is False
    textiles = [row(seen, day, "industry:Textiles") for day in (date(2025, 2, 7), DUE)]
    assert [one["companies"] for one in textiles] == [2, 1]  # B moved to Media, A left the list
    assert (textiles[0]["universe_kind"], textiles[0]["universe_title"]) == ("sector", "Textiles")
    assert row(seen, DUE, "industry:Media")["companies"] == 3
    assert row(seen, date(2025, 1, 17), "industry:Media")["is_survivorship_biased"] is True


MANY = quarter_ends(date(2016, 12, 31), 33)
LONG_DAYS = sessions(date(2018, 1, 1), date(2025, 3, 31))


def told(end: date, days: int) -> datetime:
    return datetime(end.year, end.month, end.day, 12, tzinfo=UTC) + timedelta(days=days)


def crowd(seed: int, names: int = 12) -> list[Document]:
    """Nine years of quarters; some late, some filed again, some lost."""
    rng = np.random.default_rng(seed)
    return [
        Document(
            f"C{company}",
            end,
            told(end, int(rng.integers(14, 48)) + 30 * vintage),
            round(float(rng.normal(60, 30)), 1),
            basis=basis,
            isin=f"INE{100 + company}A01010",
            quarter={
                "revenue": float(rng.integers(100, 900)),
                "profit_before_tax": 20.0,
                "finance_costs": float(rng.integers(1, 9)),
                "other_income": 1.0,
            },
        )
        for company in range(names)
        for end in MANY
        for basis in ("consolidated", "standalone")[company % 2 :]
        for vintage in range(int(rng.choice([0, 1, 1, 1, 1, 1, 1, 2])))
    ]


CROWD = crowd(5)
CROWD_LISTED = members(
    *[
        ("list", seen, f"C{n}", f"INE{100 + n}A01010", f"I{n % 2}")
        for seen, chosen in (
            (date(2021, 3, 31), range(6)),
            (date(2023, 9, 29), range(3, 12)),
        )
        for n in chosen
    ]
)


@pytest.fixture(scope="module")
def whole() -> pl.DataFrame:
    return season(CROWD, CROWD_LISTED, LONG_DAYS)


def by_hand(day: date, names: set[str], end: date) -> dict[str, Any]:
    """The figures of one evening in plain Python, from the companies' own rows."""
    filings, rows = filed(CROWD)
    named = companies(filings, rows, CROWD_LISTED)
    evening = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
    results = company_results(quarters(filings, rows, named)).filter(
        (pl.col("quarter_end") == end)
        & (pl.col("known_from") <= evening)
        & pl.col("symbol").is_in(names)
    )
    latest = {one["symbol"]: one for one in results.sort("known_from").iter_rows(named=True)}
    seen = list(latest.values())
    pairs = [
        (one["profit_inr"], one["prior_profit_inr"])
        for one in seen
        if one["prior_profit_inr"] is not None
    ]
    surprises = [one["sue"] for one in seen if one["sue"] is not None]
    paces = [one["acceleration"] for one in seen if one["acceleration"] is not None]
    margins = [
        one["operating_margin_change_points"]
        for one in seen
        if one["operating_margin_change_points"] is not None
    ]
    sales = [
        (one["revenue_inr"], one["prior_revenue_inr"])
        for one in seen
        if one["prior_revenue_inr"] is not None
    ]
    bounded = [one["revenue_growth_bounded"] for one in seen if one["prior_revenue_inr"]]
    ups, downs = sum(one > 0.5 for one in surprises), sum(one < -0.5 for one in surprises)
    return {
        "reported": len(seen),
        "matched": len(pairs),
        "net_profit_growth_pct": 100
        * (sum(now for now, _ in pairs) / sum(before for _, before in pairs) - 1),
        "revenue_growth_pct": 100
        * (sum(now for now, _ in sales) / sum(before for _, before in sales) - 1),
        "median_revenue_growth_bounded": statistics.median(bounded),
        "surprised": len(surprises),
        "surprise_diffusion_pct": 100 * (ups - downs) / len(surprises),
        "acceleration_pct": 100 * sum(one > 0 for one in paces) / len(paces),
        "margin_expansion_pct": 100 * sum(one > 0 for one in margins) / len(margins),
        "profit_up_pct": 100 * sum(now > before for now, before in pairs) / len(pairs),
    }


@pytest.mark.parametrize(
    ("day", "universe", "names", "end"),
    [
        (date(2023, 2, 6), "market", range(12), date(2022, 12, 31)),
        (date(2024, 8, 30), "market", range(12), date(2024, 6, 30)),
        (date(2023, 8, 14), "list", range(6), date(2023, 6, 30)),
        (date(2024, 3, 11), "list", range(3, 12), date(2023, 12, 31)),
        (date(2022, 12, 19), "industry:I1", range(1, 6, 2), date(2022, 9, 30)),
        (date(2024, 12, 19), "industry:I0", range(0, 12, 2), date(2024, 9, 30)),
    ],
)
def test_any_evening_is_that_of_plain_python(
    whole: pl.DataFrame, day: date, universe: str, names: range, end: date
) -> None:
    seen = row(whole, day, universe)
    expected = by_hand(day, {f"C{n}" for n in names}, end)
    assert expected["surprised"] > 0
    assert {name: seen[name] for name in expected} == pytest.approx(expected, rel=1e-9)


RANKS = [
    ("net_profit_growth_pct", "net_profit_growth_percentile", "quarters_ranked"),
    ("surprise_diffusion_pct", "surprise_diffusion_percentile", "surprise_quarters_ranked"),
    ("acceleration_pct", "acceleration_percentile", "acceleration_quarters_ranked"),
]


@pytest.mark.parametrize(("figure", "rank", "count"), RANKS)
def test_ranks_are_among_the_quarters_before_as_they_stood_when_due(
    whole: pl.DataFrame, figure: str, rank: str, count: str
) -> None:
    market = whole.filter(universe="market").sort("session_date")
    ends = (
        market.filter(pl.col("session_date") >= pl.col("due_date"))
        .unique("quarter_end", keep="first", maintain_order=True)
        .select("quarter_end", figure)
    )
    for day in (date(2022, 11, 18), date(2024, 2, 2), date(2024, 5, 31), date(2025, 3, 31)):
        seen = row(whole, day)
        past = ends.filter(pl.col("quarter_end") < seen["quarter_end"])[figure].drop_nulls()
        among = [*past, seen[figure]]
        assert seen[count] == len(among)
        if len(among) < 20:
            assert seen[rank] is None
        else:
            expected = percentileofscore(among, seen[figure], kind="mean")
            assert seen[rank] == pytest.approx(expected, rel=1e-12)
    assert (market[count] < 20).any()
    assert (market[count] >= 20).any()
    assert market.filter((pl.col(count) >= 20) == pl.col(rank).is_null()).is_empty()


def test_a_row_says_how_many_ranked_quarters_a_later_list_chose(whole: pl.DataFrame) -> None:
    # Ends from December 2017's, due in February 2018, to September 2020's, due in November 2020,
    # and December 2020's, due in February 2021: thirteen before the first list of March 2021.
    assert row(whole, date(2025, 3, 31), "list")["biased_quarters_ranked"] == 13
    assert row(whole, date(2025, 3, 31))["biased_quarters_ranked"] == 0


def test_one_evening_alone_is_as_among_all(whole: pl.DataFrame) -> None:
    for since in (date(2025, 3, 31), date(2023, 5, 30)):
        alone = season(CROWD, CROWD_LISTED, LONG_DAYS, since)
        assert_frame_equal(alone, whole.filter(pl.col("session_date") >= since), rel_tol=1e-12)
    beyond = season(CROWD, CROWD_LISTED, LONG_DAYS, date(2025, 4, 1))
    assert beyond.height == 0
    assert beyond.schema == whole.schema


def test_nothing_known_later_changes_an_evening(whole: pl.DataFrame) -> None:
    for cut in (date(2022, 2, 7), date(2024, 5, 30)):
        evening = datetime(cut.year, cut.month, cut.day, 17, tzinfo=UTC)
        early = season(
            [one for one in CROWD if one.instant <= evening],
            CROWD_LISTED.filter(pl.col("seen_on") <= cut),
            LONG_DAYS.filter(pl.col("session_date") <= cut),
        )
        assert_frame_equal(early, whole.filter(pl.col("session_date") <= cut), rel_tol=1e-12)


def test_the_order_of_rows_is_irrelevant(whole: pl.DataFrame) -> None:
    assert_frame_equal(season(CROWD, CROWD_LISTED, LONG_DAYS, seed=4), whole)


def test_rows_are_those_of_the_stored_table_and_in_bounds(whole: pl.DataFrame) -> None:
    assert whole.schema.keys() == schema(Earnings).keys()
    Earnings.validate(whole.select(list(schema(Earnings))), cast=True)
    numbers = whole.select(pl.col(pl.Float64))
    assert not numbers.select(pl.any_horizontal(pl.all().is_nan().any())).item()
    for item in EARNINGS:
        low, high = item.bounds
        values = whole[item.id].drop_nulls()
        assert values.len() > 0
        assert low is None or values.min() >= low  # type: ignore[operator]
        assert high is None or values.max() <= high  # type: ignore[operator]


def test_companies_and_their_results_fit_their_tables() -> None:
    filings, rows = filed(FIVE)
    named = companies(filings, rows, LISTED)
    Company.validate(latest_names(named), cast=True)
    results = company_results(quarters(filings, rows, named))
    CompanyResult.validate(results.select(list(schema(CompanyResult))), cast=True)
    assert set(METRICS) < {table.table for table in TABLES}


def test_without_results_there_are_no_rows_but_all_columns(whole: pl.DataFrame) -> None:
    empty = season([], CROWD_LISTED)
    assert empty.height == 0
    assert empty.schema == whole.schema
    assert season(FIVE, days=DAYS.clear()).height == 0


def test_a_company_of_two_ids_of_one_issuer_is_one() -> None:
    split = [
        Document("A", BEFORE, date(2024, 2, 1), 100, isin="INE326B01027"),
        Document("AX", END, date(2025, 1, 15), 130, isin="INE326B01035"),
    ]
    seen = row(season(split), DUE)
    assert (seen["companies"], seen["matched"]) == (1, 1)
    assert seen["net_profit_growth_pct"] == pytest.approx(30)


def test_figures_are_rupees() -> None:
    filings, rows = filed(pair("A", 100, 130, DUE))
    results = company_results(quarters(filings, rows, companies(filings, rows, NO_MEMBERS)))
    assert results.filter(quarter_end=END)["profit_inr"].to_list() == [130 * CRORE]
