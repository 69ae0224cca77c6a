"""Every figure of the season in mart.earnings, against the simulated truth in plain Python."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from scipy import stats  # type: ignore[import-untyped]

from flows.calendar import IST
from flows.demo.world.index_members import members, reviewed_on
from flows.demo.world.market import Market
from flows.demo.world.results import FIGURES
from tests.demo.season_by_hand import Season, due, season_of
from transforms.companies import companies
from transforms.metrics.company_results import company_results
from transforms.metrics.earnings import earnings
from transforms.quarters import quarters
from warehouse.tables import Filing, IndexMember, QuarterlyResult
from warehouse.tables.table import Table, schema

LIST, LIST_FILE = "nifty-smallcap-100", "ind_niftysmallcap100list"
WHOLE_FILE = "ind_niftytotalmarket_list"
INDUSTRY = "Financial Services"
SEEN = (date(2025, 4, 1), date(2025, 10, 1))

RANKS = (
    ("net_profit_growth_pct", "net_profit_growth_percentile", "quarters_ranked"),
    ("surprise_diffusion_pct", "surprise_diffusion_percentile", "surprise_quarters_ranked"),
    ("acceleration_pct", "acceleration_percentile", "acceleration_quarters_ranked"),
)

DAYS = (
    date(2020, 2, 3),  # the first session
    date(2021, 8, 16),
    date(2022, 5, 10),
    date(2022, 5, 30),  # due
    date(2023, 7, 15),  # the Saturday that no calendar announced
    date(2024, 11, 14),  # due
    date(2025, 2, 14),  # due; the old list's last quarter
    date(2025, 4, 9),  # after the first list was seen
    date(2025, 5, 19),
    date(2025, 11, 14),  # after the second; due
    date(2026, 1, 27),
    date(2026, 2, 1),  # a Sunday
    date(2026, 2, 5),  # a refiling of that evening
    date(2026, 2, 11),  # one told minutes before the evening ends
)


def _core(table: type[Table], rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in schema(table).items()
        if name not in rows.columns
    ).select(pl.col(name).cast(dtype) for name, dtype in schema(table).items())


@dataclass(frozen=True)
class Truth:
    """The market, its season by hand, and its lists by file and the day they were seen."""

    market: Market
    season: Season
    lists: dict[tuple[str, date], list[tuple[str, str, str, str, str]]]

    def listed(self, name: str, seen: date) -> set[int]:
        """Numbers of the companies in a list."""
        by_isin = {
            isin: one.number
            for one in self.market.results.population
            for isin in (one.isin, one.former_isin)
        }
        return {by_isin[row[4]] for row in self.lists[name, seen]}

    def universe(self, name: str, day: date) -> set[int]:
        """Numbers of the companies of a universe on a day."""
        if name == "market":
            return self.season.market(day)
        if name == LIST:
            return self.listed(LIST_FILE, SEEN[1] if day >= SEEN[1] else SEEN[0])
        ever = self.listed(WHOLE_FILE, SEEN[0]) | self.listed(WHOLE_FILE, SEEN[1])
        population = self.market.results.population
        return {number for number in ever if population[number].industry == INDUSTRY}


@pytest.fixture(scope="module")
def truth(market: Market) -> Truth:
    lists = {
        (name, seen): [
            row
            for row in members(
                name,
                market.results.population,
                market.seed,
                reviewed_on(seen - timedelta(days=1)),
            )
            if row[4].startswith("INE")  # a placeholder is no share
        ]
        for name in (LIST_FILE, WHOLE_FILE)
        for seen in SEEN
    }
    return Truth(market, Season(market.results), lists)


def _filed(market: Market) -> tuple[pl.DataFrame, pl.DataFrame]:
    """core.filing and core.quarterly_result as the documents that exist say it.

    A quarter that covers six months is none, which the reader of documents leaves out.
    """
    results = market.results
    listed = results.filings.with_columns(
        source_id="feed", company_name="symbol", is_revision=pl.col("vintage") > 0
    )
    said = results.figures.filter(
        pl.col("document").is_not_null() & (pl.col("period") != "half_year")
    ).with_columns(
        *[pl.col(name).cast(pl.Decimal(24, 2)) for name in FIGURES], published_at="broadcast_at"
    )
    return _core(Filing, listed), _core(QuarterlyResult, said)


@pytest.fixture(scope="module")
def mart(truth: Truth) -> pl.DataFrame:
    rows = [
        {
            "list_id": LIST if name == LIST_FILE else name,
            "seen_on": seen,
            "company_name": company,
            "industry": industry,
            "symbol": symbol,
            "isin": isin,
        }
        for (name, seen), chosen in truth.lists.items()
        for company, industry, symbol, _, isin in chosen
    ]
    listed = _core(IndexMember, pl.DataFrame(rows))
    filings, results = _filed(truth.market)
    named = companies(filings, results, listed)
    told = company_results(quarters(filings, results, named))
    return earnings(told, listed, named, truth.market.sessions)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("universe", ["market", LIST, f"industry:{INDUSTRY}"])
def test_every_figure_is_that_of_the_truth(
    mart: pl.DataFrame, truth: Truth, universe: str, day: date
) -> None:
    row = mart.filter(session_date=day, universe=universe).row(0, named=True)
    wanted = truth.season.figures(truth.universe(universe, day), day)
    told = {name: value for name, value in wanted.items() if value is not None}
    assert {name for name in wanted if row[name] is not None} == told.keys()
    assert {name: row[name] for name in told} == pytest.approx(told, rel=1e-9)
    assert row["is_survivorship_biased"] == (universe != "market" and day < SEEN[0])


def test_ranks_are_among_the_truth_of_the_quarters_before(mart: pl.DataFrame, truth: Truth) -> None:
    sessions: list[date] = truth.market.sessions["session_date"].to_list()
    day, season = date(2026, 2, 11), truth.season
    ends = [
        sessions[bisect_left(sessions, due(number))]
        for number in range(season_of(sessions[0]), season_of(day))
    ]
    told = [season.figures(season.market(one), one) for one in (*ends, day)]
    row = mart.filter(session_date=day, universe="market").row(0, named=True)
    for figure, rank, count in RANKS:
        values = [one[figure] for one in told if one[figure] is not None]
        assert row[count] == len(values) >= 20
        wanted = stats.percentileofscore(values, values[-1], kind="mean")
        assert row[rank] == pytest.approx(wanted, abs=1e-9)


def test_who_is_listed_without_a_document_has_not_reported(
    mart: pl.DataFrame, truth: Truth
) -> None:
    """The list names the result, but nobody can read it: it is in no figure, so in no coverage."""
    day, quarter = date(2026, 2, 11), date(2025, 12, 31)
    evening = datetime(2026, 2, 11, 22, 30, tzinfo=IST)
    told = [one for one in truth.market.results.known(evening) if one.quarter == quarter]
    market = truth.season.market(day)
    listed = {one.company.number for one in told} & market
    attached = {one.company.number for one in told if one.document} & market
    assert len(listed) > len(attached)
    row = mart.filter(session_date=day, universe="market").row(0, named=True)
    assert (row["companies"], row["reported"]) == (len(market), len(attached))
