"""The simulated companies, what they earn, and when they tell."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from flows.calendar import IST
from flows.demo.world.companies import CAST, check_digit, draw_companies
from flows.demo.world.earnings import STRONG_INDUSTRIES, STRONG_QUARTER, quarter_ends
from flows.demo.world.filings import FIRST_FILED
from flows.demo.world.market import SEED
from flows.demo.world.results import Results, draw_results

SEASON = date(2025, 12, 31)
EVENING = datetime(2026, 2, 11, 20, 0, tzinfo=IST)


@pytest.fixture(scope="module")
def results() -> Results:
    return draw_results(SEED)


@pytest.mark.parametrize("isin", ["US0378331005", "AU0000XVGZA3", "GB0002634946"])
def test_check_digit_of_published_numbers(isin: str) -> None:
    """Examples of the standard, ISO 6166."""
    assert check_digit(isin[:11]) == int(isin[11])


def test_thousands_of_companies_are_told_apart() -> None:
    companies = draw_companies(SEED, 2300)
    for own in ("symbol", "name", "isin", "scrip_code"):
        assert len({getattr(company, own) for company in companies}) == 2300
    assert all(len(company.symbol) <= 10 for company in companies)
    assert all("(Simulated)" in company.name for company in companies)
    assert companies[:64] == draw_companies(SEED, 64)
    assert {company.form for company in companies} == {"ind_as", "banking", "nbfc", "insurance"}


def test_too_many_companies() -> None:
    with pytest.raises(ValueError, match="asked for 2301"):
        draw_companies(SEED, 2301)


def test_those_with_a_part(results: Results) -> None:
    cast = results.population[: len(CAST)]
    [split] = [company for company in cast if company.isin_since]
    before, after = date(2023, 8, 17), date(2023, 8, 18)
    assert split.isin_on(before) != split.isin_on(after)
    assert (split.face_value_on(before), split.face_value_on(after)) == (10, 2)
    renamed = [company for company in cast if company.former_symbol]
    assert len(renamed) == 2
    for company in renamed:
        assert company.symbol_since is not None
        day_before = company.symbol_since - timedelta(days=1)
        assert company.symbol_on(day_before) == company.former_symbol
        assert company.symbol_on(company.symbol_since) == company.symbol
    [gone] = [company for company in cast if company.delisted_on]
    quarters = {filing.quarter for filing in results.records if filing.company is gone}
    assert max(quarters) == date(2021, 6, 30)


def test_statements_add_up(results: Results) -> None:
    lines = results.earnings.lines
    spent = sum(
        lines[name]
        for name in ("materials", "employee", "finance_costs", "depreciation", "other_expenses")
    )
    income = lines["revenue"] + lines["other_income"]
    assert (income - spent == lines["profit_before_tax"]).all()
    assert (lines["profit_before_tax"] - lines["tax"] == lines["profit_continuing"]).all()
    assert (lines["revenue"] > 0).all()
    liabilities = lines["assets"] - lines["equity"]
    assert (liabilities >= lines["borrowings_current"] + lines["borrowings_noncurrent"]).all()


def test_the_last_quarter_is_what_the_year_leaves(results: Results) -> None:
    """Of filings nobody had to correct: year less nine months is the quarter filed with it."""
    final = results.figures.filter(pl.col("format") != "insurance")
    refiled = results.filings.filter(pl.col("vintage") > 0).select("company", "basis", "period_end")
    final = final.join(refiled, on=["company", "basis", "period_end"], how="anti")
    year = final.filter(period="year_to_date")
    at = ["company", "basis", "period_start"]
    whole = year.filter(pl.col("period_end").dt.month() == 3)
    nine = year.filter(pl.col("period_end").dt.month() == 12)
    quarter = final.filter(period="quarter").select(
        "filing_id", last_inr="profit_continuing_inr", revenue_last_inr="revenue_inr"
    )
    joined = whole.join(nine, on=at, suffix="_nine").join(quarter, on="filing_id")
    assert joined.height > 300
    for name, last in (("profit_continuing_inr", "last_inr"), ("revenue_inr", "revenue_last_inr")):
        assert (joined[name] - joined[f"{name}_nine"]).equals(joined[last].alias(name))


def test_losses_turn_both_ways(results: Results) -> None:
    profit = results.earnings.lines["profit_continuing"][:, :, 0]
    before, now = profit[:, :-4], profit[:, 4:]
    assert ((before < 0) & (now > 0)).any()
    assert ((before > 0) & (now < 0)).any()
    assert ((before < 0) & (now < before)).any()
    revenue = results.earnings.lines["revenue"][:, :-4, 0]
    low_base = (before > 0) & (before * 100 < revenue)
    assert low_base.any()


def test_a_demerger_dwarfs_the_quarter(results: Results) -> None:
    rows = results.figures.filter(
        pl.col("profit_inr") != pl.col("profit_continuing_inr"), period="quarter"
    )
    assert set(rows["period_end"]) == {SEASON}
    assert (rows["profit_inr"] > 2 * rows["profit_continuing_inr"]).all()


def test_balance_sheets_at_half_years_and_cash_flows_at_the_end(results: Results) -> None:
    rows = results.figures.filter(pl.col("format") != "insurance")
    month = pl.col("period_end").dt.month()
    assert rows.filter(month.is_in([3, 9]))["assets_inr"].null_count() == 0
    assert rows.filter(month.is_in([6, 12]))["assets_inr"].count() == 0
    years = rows.filter(month == 3, pl.col("period") == "year_to_date")
    assert years["operating_cash_flow_inr"].null_count() == 0
    assert rows["operating_cash_flow_inr"].count() == years.height


def test_the_scripted_quarter_is_strong_where_it_should_be(results: Results) -> None:
    at = results.earnings.quarters.index(STRONG_QUARTER)
    profit = results.earnings.lines["profit_continuing"][:, :, 0]
    growth = profit[:, at].sum() / profit[:, at - 4].sum() - 1.0
    assert growth > 0.05
    is_strong = np.array(
        [
            company.tier in {"small", "micro"} and company.industry in STRONG_INDUSTRIES
            for company in results.population
        ]
    )
    now, before = profit[is_strong, at].sum(), profit[is_strong, at - 4].sum()
    assert now / before - 1.0 > growth + 0.1


@pytest.mark.parametrize("seed", [SEED, 1, 2])
def test_the_season_on_the_evening_of_the_story(seed: int) -> None:
    season = draw_results(seed).filings.filter(period_end=SEASON, vintage=0)
    told = season["broadcast_at"].dt.convert_time_zone("Asia/Kolkata").dt.date()
    assert date(2026, 1, 12) <= told.min()  # type: ignore[operator]
    assert told.max() <= date(2026, 2, 14)  # type: ignore[operator]
    known = season.filter(pl.col("broadcast_at") <= EVENING.astimezone(tz=None))["company"]
    assert 0.75 <= known.n_unique() / season["company"].n_unique() <= 0.85


def test_when_companies_tell(results: Results) -> None:
    first = results.filings.filter(vintage=0).with_columns(
        told=pl.col("broadcast_at").dt.convert_time_zone("Asia/Kolkata")
    )
    lag = (pl.col("told").dt.date() - pl.col("period_end")).dt.total_days()
    first = first.with_columns(lag=lag, is_year=pl.col("period_end").dt.month() == 3)
    assert first["lag"].min() >= 10  # type: ignore[operator]
    in_time = pl.when("is_year").then(60).otherwise(45)
    late = first.filter(pl.col("lag") > in_time)
    assert 0.003 < late.height / first.height < 0.03
    assert first.filter(pl.col("told").dt.weekday() >= 6).height > 0
    assert first.filter(pl.col("told").dt.hour() >= 21).height > 0


def test_the_worse_the_later(results: Results) -> None:
    """Within a company, quarters that tell late are on average worse than those that tell early."""
    surprises, lags = [], []
    for filing in results.records:
        if filing.vintage or filing.basis == "consolidated" or filing.quarter.month == 3:
            continue
        at = results.earnings.quarters.index(filing.quarter)
        surprises.append(float(results.earnings.surprise[filing.company.number, at]))
        lags.append((filing.company.number, (filing.broadcast_at.date() - filing.quarter).days))
    frame = pl.DataFrame(
        {"company": [who for who, _ in lags], "lag": [lag for _, lag in lags], "good": surprises}
    ).filter(pl.col("lag") <= 45)
    late = pl.col("lag") > pl.col("lag").median().over("company")
    means = frame.group_by(late.alias("late")).agg(pl.col("good").mean()).sort("late")
    assert means["good"][0] > means["good"][1] + 0.1


def test_filings_as_they_come(results: Results) -> None:
    filings = results.filings
    assert set(filings["period_end"]) == set(quarter_ends(FIRST_FILED, SEASON))
    assert filings["broadcast_at"].is_sorted()
    assert filings["filing_id"].is_unique().all()
    documents = filings["document"].drop_nulls()
    assert documents.is_unique().all()
    assert 0 < filings["document"].null_count() < 0.1 * filings.height
    last_old = filings.filter(feed="legacy")["period_end"].max()
    assert last_old == date(2024, 12, 31)
    assert filings.filter(feed="integrated")["period_end"].min() == date(2025, 3, 31)
    both = filings.filter(vintage=0).group_by("company", "period_end", maintain_order=True)
    orders = both.agg("basis").filter(pl.col("basis").list.len() == 2)["basis"].to_list()
    assert {order[0] for order in orders} == {"consolidated", "standalone"}
    flaws = {"none", "header_only", "ytd_dates", "undeclared", "half_year"}
    assert set(filings["flaw"]) == flaws


def test_corrections_change_the_figures(results: Results) -> None:
    figures = results.figures.filter(period="quarter")
    first, second = figures.filter(vintage=0), figures.filter(vintage=1)
    pairs = first.join(second, on=["company", "basis", "period_end"], suffix="_later").filter(
        pl.col("format") != "insurance"
    )
    assert pairs.height > 20
    assert (pairs["broadcast_at"] < pairs["broadcast_at_later"]).all()
    assert (pairs["profit_inr"] != pairs["profit_inr_later"]).mean() > 0.9  # type: ignore[operator]
    season = pairs.filter(period_end=SEASON)["broadcast_at_later"]
    assert season.min() < EVENING < season.max()  # type: ignore[operator]


def test_a_shorter_story_shows_the_same_figures(results: Results) -> None:
    shorter = draw_results(SEED, last=date(2019, 3, 31)).figures.drop("filing_id", "document")
    longer = results.figures.drop("filing_id", "document").filter(
        pl.col("period_end") <= date(2019, 3, 31)
    )
    assert shorter.equals(longer)
