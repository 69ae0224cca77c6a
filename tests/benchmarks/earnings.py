"""Time of the earnings metrics: companies, quarters, and one evening after years of them.

python tests/benchmarks/earnings.py [COMPANIES] [QUARTERS]
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable

import numpy as np
import polars as pl

from transforms.companies import companies
from transforms.metrics.company_results import company_results
from transforms.metrics.earnings import earnings
from transforms.metrics.quality import quality
from transforms.quarters import due_date, quarter_end, quarter_number, quarters

LISTS = 15
INDUSTRIES = 20
LAST = dt.date(2025, 12, 31)
FIVE_YEARS = 1_250


def documents(count: int, length: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Filings and results of random companies: some of both bases, some filed again."""
    rng = np.random.default_rng(1)
    number = pl.select(quarter_number(pl.lit(LAST))).item()
    ends = pl.DataFrame({"number": range(number - length + 1, number + 1)}).select(
        period_end=quarter_end(pl.col("number"))
    )
    base = pl.DataFrame(
        {"company": np.arange(count), "scale": np.exp(rng.normal(18, 2, count))}
    ).join(ends, how="cross")
    vintages = pl.concat(
        [
            base.with_columns(basis=pl.lit("standalone"), vintage=pl.lit(0)),
            base.filter(pl.col("company") % 3 < 2).with_columns(
                basis=pl.lit("consolidated"), vintage=pl.lit(0)
            ),
            base.sample(fraction=0.05, seed=1).with_columns(
                basis=pl.lit("standalone"), vintage=pl.lit(1)
            ),
        ]
    )
    late = rng.beta(6, 2, vintages.height)
    profit = vintages["scale"].to_numpy() * (1 + rng.normal(0, 0.6, vintages.height))
    span = (due_date(pl.col("period_end")) - pl.col("period_end")).dt.total_seconds()
    told = vintages.with_columns(pl.Series("late", late), pl.Series("profit", profit)).with_columns(
        symbol=pl.format("C{}", "company"),
        isin=pl.format("INE{}01012", pl.format("{}", pl.col("company") + 1000)),
        document=pl.format("{}_{}_{}_{}.xml", "company", "period_end", "basis", "vintage"),
        broadcast_at=(
            pl.col("period_end").cast(pl.Datetime("us"))
            + pl.duration(seconds=(span * pl.col("late")).cast(pl.Int64))
            + pl.duration(days=20 * pl.col("vintage"), hours=14)
        ).dt.replace_time_zone("UTC"),
        money=pl.col("profit"),
    )
    filings = told.select(
        "symbol",
        "isin",
        "document",
        "broadcast_at",
        company_name="symbol",
        source_id=pl.lit("nse_integrated_filing"),
        filing_id="document",
        is_revision=pl.col("vintage") > 0,
    )
    results = told.select(
        "document",
        "symbol",
        "isin",
        "basis",
        "period_end",
        period=pl.lit("quarter"),
        format=pl.lit("ind_as"),
        period_start=pl.col("period_end").dt.offset_by("-80d"),
        published_at="broadcast_at",
        revenue_inr=pl.col("scale") * 10,
        other_income_inr=pl.col("scale") / 10,
        finance_costs_inr=pl.col("scale") / 5,
        profit_before_tax_inr=pl.col("money") * 1.3,
        profit_continuing_inr="money",
        profit_inr="money",
        assets_inr=pl.col("scale") * 40,
        equity_inr=pl.col("scale") * 20,
        borrowings_inr=pl.col("scale") * 5,
        operating_cash_flow_inr=pl.col("scale") * 4,
    )
    year = results.filter(pl.col("period_end").dt.month() == 3).with_columns(
        period=pl.lit("year_to_date"), period_start=pl.col("period_end").dt.offset_by("-364d")
    )
    return filings, pl.concat([results, year])


def lists(count: int) -> pl.DataFrame:
    """Lists of different sizes, taken anew every half-year."""
    rng = np.random.default_rng(2)
    rows = [
        (f"list-{number}", seen, f"C{company}", f"INE{company + 1000}01012", company % INDUSTRIES)
        for number in range(LISTS)
        for seen in (dt.date(2024, 9, 30), dt.date(2025, 3, 31), dt.date(2025, 9, 30))
        for company in rng.choice(count, min(count, 50 * (1 + number % 5)), replace=False)
    ]
    return pl.DataFrame(
        rows, schema=["list_id", "seen_on", "symbol", "isin", "number"], orient="row"
    ).with_columns(company_name="symbol", industry=pl.format("Industry {}", "number"))


def timed(name: str, work: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """Print the least wall-clock seconds of two runs."""
    seconds = []
    for _ in range(2):
        started = time.perf_counter()
        answer = work()
        seconds.append(time.perf_counter() - started)
    sys.stdout.write(f"{name}: {min(seconds):.2f} s\n")
    return answer


def main(count: int = 2_000, length: int = 20) -> None:
    """Print the time of every step, and of one evening."""
    filings, results = documents(count, length)
    members = lists(count)
    monday = LAST + dt.timedelta(days=40)
    dates = [monday - dt.timedelta(days=n) for n in range(FIVE_YEARS * 7 // 5)]
    sessions = pl.DataFrame({"session_date": [one for one in dates if one.weekday() < 5]})
    last = max(one for one in dates if one.weekday() < 5)
    sys.stdout.write(f"{results.height:,} rows of documents, {sessions.height:,} sessions\n")
    named = timed("companies", lambda: companies(filings, results, members))
    vintages = timed("quarters", lambda: quarters(filings, results, named))
    rows = timed("company_results", lambda: company_results(vintages))
    seen = timed("earnings", lambda: earnings(rows, members, named, sessions))
    timed("earnings, one evening", lambda: earnings(rows, members, named, sessions, last))
    scores = timed("quality", lambda: quality(vintages, members, named, sessions))
    sys.stdout.write(
        f"{rows.height:,} company results, {seen.height:,} rows of earnings in "
        f"{seen['universe'].n_unique()} universes, {scores.height:,} scores\n"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
