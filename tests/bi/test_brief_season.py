"""The results season: its rows in reading order, its coverage, and what it says of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from bi.brief import season_words
from bi.brief.charts import coverage_panel
from bi.brief.facts import gather
from bi.brief.season_facts import BEFORE, NOW, Season, UniverseResults
from tests.bi.brief_evening import build
from transforms.metrics import season_metrics
from warehouse.store import open_reader


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Season:
    path = build(tmp_path_factory.mktemp("season") / "riskon.duckdb")
    with open_reader(path) as reader:
        return gather(reader).season


@pytest.fixture
def market(season: Season) -> UniverseResults:
    assert season.market is not None
    return season.market


def test_the_market_comes_first_then_tiers_then_sectors_by_growth(season: Season) -> None:
    assert [row.universe for row in season.rows] == [
        "market",
        "nifty-50",
        "nifty-smallcap-100",
        "industry:Capital Goods",
        "industry:Information Technology",
        "industry:Healthcare",
    ]
    groups = season_words.groups(season)
    assert [[row.kind for row in rows] for rows in groups] == [
        ["market"],
        ["index"] * 2,
        ["sector"] * 3,
    ]


def test_coverage_counts_days_from_each_quarters_own_end(season: Season) -> None:
    now = season.coverage.filter(pl.col("name") == NOW)
    before = season.coverage.filter(pl.col("name") == BEFORE)
    # 1 January 2026 is the first weekday after the quarter, 11 February the 42nd day.
    assert now.select("day", "value").row(0) == (1, 0.0)
    assert now.select("day", "value").row(-1) == (42, 65.0)
    assert before["day"].max() == (date(2025, 3, 28) - date(2024, 12, 31)).days
    assert before["value"].max() == 96.0


def test_the_chart_has_both_seasons_and_the_day_it_is_due(season: Season) -> None:
    panel = coverage_panel(season)
    assert panel.wide is not None
    assert panel.narrow is not None
    for drawn in (panel.wide, panel.narrow):
        assert NOW in drawn
        assert BEFORE in drawn
        assert ">due<" in drawn
    assert panel.notes == ()


def test_the_first_season_has_none_before_it(season: Season) -> None:
    alone = replace(season, coverage=season.coverage.filter(pl.col("name") == NOW))
    panel = coverage_panel(alone)
    assert panel.wide is not None
    assert BEFORE not in panel.wide
    assert panel.notes == ("The season a year before is not in the warehouse.",)
    assert "year before it was" not in panel.alt


def test_no_results_are_no_sentence_and_no_drawing(tmp_path: Path) -> None:
    path = build(tmp_path / "w.duckdb", with_results=False, with_macro=False)
    with open_reader(path) as reader:
        facts = gather(reader)
    assert facts.season == Season()
    assert season_words.sentences(facts.season) == ()
    panel = coverage_panel(facts.season)
    assert panel.wide is None
    assert facts.outside.figures == ()


def test_the_sentences_are_the_markets(season: Season) -> None:
    filed, grew, surprised, turned = season_words.sentences(season)
    assert filed == (
        "Of 100 companies, 65 (65%) have filed results of the quarter to 31 December 2025, "
        "due by 14 February 2026. The figures are provisional until 80% have filed."
    )
    assert grew == (
        "Net profit of the 60 companies that can be compared with a year before rose 12.3% "
        "(+8.1% without the largest contributor, percentile 78.0 among 24 quarters); "
        "revenue rose 9.1%."
    )
    assert surprised == (
        "Surprise diffusion is +12.4 points over 55 companies, percentile 66.0 among 21 quarters. "
        + season_words.PROXY
    )
    assert turned == "Four companies turned from loss to profit, one to loss."


def test_one_company_is_one(season: Season, market: UniverseResults) -> None:
    lone = replace(
        market,
        companies=1,
        reported=1,
        coverage_pct=100.0,
        is_provisional=False,
        matched=1,
        surprised=1,
        surprise_diffusion_pct=-100.0,
        surprise_diffusion_percentile=None,
        net_profit_growth_pct=-3.0,
        net_profit_growth_without_largest_pct=None,
        net_profit_growth_percentile=None,
        revenue_growth_pct=0.01,
        turnarounds=1,
        to_losses=0,
    )
    filed, grew, surprised, turned = season_words.sentences(replace(season, rows=(lone,)))
    assert filed == (
        "Of 1 company, one (100%) has filed results of the quarter to 31 December 2025, due by "
        "14 February 2026."
    )
    assert grew == (
        "Net profit of the 1 company that can be compared with a year before fell 3.0%; revenue "
        "was unchanged."
    )
    assert surprised.startswith("Surprise diffusion is \N{MINUS SIGN}100.0 points over 1 company. ")
    assert turned == "One company turned from loss to profit, none to loss."


@pytest.mark.parametrize(
    ("turnarounds", "to_losses", "said"),
    [
        (0, 0, "No company turned from loss to profit or from profit to loss."),
        (0, 2, "No company turned from loss to profit, two to loss."),
        (12, 0, "12 companies turned from loss to profit, none to loss."),
    ],
)
def test_none_is_no_number_of_companies(
    season: Season, turnarounds: int, to_losses: int, said: str
) -> None:
    assert season.market is not None
    turned = replace(season.market, turnarounds=turnarounds, to_losses=to_losses)
    assert season_words.sentences(replace(season, rows=(turned,)))[-1] == said


def test_the_brief_calls_provisional_what_the_metric_does() -> None:
    assert season_words.PROVISIONAL_BELOW_PCT == season_metrics.PROVISIONAL_BELOW_PCT


def test_a_season_that_has_just_begun_says_only_who_has_filed(
    season: Season, market: UniverseResults
) -> None:
    begun = replace(
        market,
        reported=0,
        coverage_pct=0.0,
        matched=0,
        net_profit_growth_pct=None,
        surprised=0,
        surprise_diffusion_pct=None,
        turnarounds=None,
        to_losses=None,
    )
    (only,) = season_words.sentences(replace(season, rows=(begun,)))
    assert only.startswith("Of 100 companies, none (0%) have filed")
    # The table still shows a column of diffusion, so its note says what that is.
    assert season_words.PROXY in season_words.notes(replace(season, rows=(begun,)))


def test_marks_stand_where_they_hold_and_are_explained(season: Season) -> None:
    market, nifty, *_ = season.rows
    assert season_words.mark(market) == ""
    assert season_words.mark(nifty) == " \N{DAGGER}"
    assert season_words.coverage_cell(market) == "65% of 100*"
    notes = season_words.notes(season)
    assert season_words.BIASED in notes
    assert season_words.PROVISIONAL in notes
    assert season_words.PROXY not in notes, "the sentence says it"
    calm = replace(market, is_provisional=False)
    assert season_words.notes(replace(season, rows=(calm,))) == [season_words.CELLS]


@pytest.mark.parametrize(
    ("value", "rank", "said"),
    [
        (12.34, 78.0, "+12.3% (p 78.0)"),
        (-0.04, None, "0.0%"),
        (-3.5, None, "\N{MINUS SIGN}3.5%"),
        (None, None, "n/a"),
    ],
)
def test_growth_in_a_cell(value: float | None, rank: float | None, said: str) -> None:
    assert season_words.ranked_growth_cell(value, rank) == said


def test_nothing_is_called_an_upgrade(season: Season) -> None:
    words = " ".join([*season_words.sentences(season), *season_words.notes(season)])
    assert "upgrade" not in words.lower()
    assert "proxy, no analyst's estimate" in words
