"""What the claims on results say of a session, in words."""

from __future__ import annotations

import polars as pl

from transforms.metrics.season_ranks import LEAST_QUARTERS
from transforms.signals.earnings_grades import COVERAGE_FROM_PCT
from transforms.signals.wording import number, percent

RESULTS_SOURCE = "nse_result_document"
LISTS_SOURCE = "nse_index_members"

IS_PROVISIONAL = pl.col("coverage_pct") < COVERAGE_FROM_PCT


def day(column: str) -> pl.Expr:
    """A date as reasons state it."""
    return pl.col(column).dt.to_string("%Y-%m-%d")


def lacks(words: str) -> pl.Expr:
    """What the results do not hold for the season's quarter, which `words` leave a place for."""
    return pl.format(f"{RESULTS_SOURCE} has {words}", day("quarter_end"))


def untold() -> pl.Expr:
    """Why nothing can be said where no result of the quarter is known; else null."""
    return (
        pl.when(pl.col("quarter_end").is_null())
        .then(pl.lit(f"{RESULTS_SOURCE} holds no result that was known by this session"))
        .when(pl.col("reported") == 0)
        .then(
            pl.format(
                f"{RESULTS_SOURCE}: none of {{}} companies had reported the quarter ended {{}}",
                "companies",
                day("quarter_end"),
            )
        )
    )


def too_few(rank: pl.Expr, quarters: str) -> pl.Expr:
    """Why there is no rank, null where there is one; `quarters` is the column of how many."""
    return pl.when(rank.is_null()).then(
        pl.format(
            f"{RESULTS_SOURCE} holds {{}} quarters that can be compared, {LEAST_QUARTERS} are "
            "needed for a rank",
            quarters,
        )
    )


def coverage_words() -> pl.Expr:
    """How many have reported, and that the grade is provisional while they are too few."""
    return pl.format(
        "{}{} of {} companies reported, due {}",
        pl.when(IS_PROVISIONAL).then(pl.lit("provisional: ")).otherwise(pl.lit("")),
        percent(pl.col("coverage_pct"), 0),
        "companies",
        day("due_date"),
    )


def with_small_words(frame: pl.DataFrame, small: pl.DataFrame) -> pl.DataFrame:
    """The sessions with `small_words`: what the first small-cap list says, and how biased it is."""
    words = pl.format(
        "Nifty Smallcap 100 {}, percentile {}, diffusion {} points{}",
        percent(pl.col("net_profit_growth_pct")).fill_null("unknown"),
        number(pl.col("net_profit_growth_percentile")).fill_null("unknown"),
        number(pl.col("surprise_diffusion_pct"), 1).fill_null("of unknown"),
        pl.when(pl.col("biased_quarters_ranked") > 0)
        .then(
            pl.format(
                " (survivorship-biased: {} of its quarters are of members listed later)",
                "biased_quarters_ranked",
            )
        )
        .otherwise(pl.lit("")),
    )
    told = small.select("session_date", small_words=words)
    return frame.join(told, on="session_date", how="left", maintain_order="left")
