"""Whether the results of the quarter are strong, and whether profits gain pace."""

from __future__ import annotations

import polars as pl

from transforms.signals.claim import VERDICT_SCHEMA, Graded, Inputs, claim, leg
from transforms.signals.earnings_grades import (
    COVERAGE_FROM_PCT,
    DIFFUSION_ABOVE_PCT,
    LEAST_PAST_QUARTERS,
    STRONG_FROM_PERCENTILE,
    WEAK_BELOW_PERCENTILE,
)
from transforms.signals.grades import (
    CONTRADICTED,
    NOT_SUPPORTED,
    PARTLY,
    SUPPORTED,
    SUPPORTED_FROM_PERCENTILE,
    UNTESTABLE,
    by_percentile,
)
from transforms.signals.season_series import (
    MARKET,
    SMALL_CAPS,
    at_sessions,
    quarter_ends,
    season_rows,
    session_days,
    with_base_rate,
    with_share_at_least,
)
from transforms.signals.season_words import (
    IS_PROVISIONAL,
    LISTS_SOURCE,
    RESULTS_SOURCE,
    coverage_words,
    day,
    lacks,
    too_few,
    untold,
    with_small_words,
)
from transforms.signals.wording import number, percent

# The year before's quarter is what all is compared with.
WINDOW_SESSIONS = 252


@claim(
    article_row=6,
    statement="Results of the quarter are strong",
    unit="percent",
    window_sessions=WINDOW_SESSIONS,
    threshold=(
        f"Growth of net profit ranks >= {STRONG_FROM_PERCENTILE:g} among 20 quarters and diffusion "
        f"of surprises > {DIFFUSION_ABOVE_PCT:g}, with >= {COVERAGE_FROM_PCT:g}% reported. Until "
        "then provisional: PARTLY at most, and never CONTRADICTED. One of the two with a rank >= "
        f"{WEAK_BELOW_PERCENTILE:g} is PARTLY; a rank below that without diffusion CONTRADICTED"
    ),
    null_model=(
        "Base rate: share of the earlier quarters, as known when due, that rank as high among "
        "themselves with diffusion above 0; null until "
        f"{LEAST_PAST_QUARTERS} of them have both"
    ),
    citation="Riskon convention; surprises after Foster (1977), a proxy for revised estimates",
    sql="""
        SELECT session_date, net_profit_growth_pct AS value,
               net_profit_growth_percentile AS percentile, surprise_diffusion_pct, coverage_pct
        FROM mart.earnings WHERE universe = 'market' AND session_date = {session_date}
    """,
    reads=("earnings",),
)
def earnings_strong(inputs: Inputs) -> Graded:
    """Strong: growth high among twenty quarters, and more companies above their trend than below.

    The market decides: its companies are those that report, so no later list chooses them. The
    small-cap lists are legs beside it.
    """
    days, read = session_days(inputs), season_rows(inputs)
    frame = with_base_rate(at_sessions(days, read, MARKET), quarter_ends(read))
    legs = [
        part
        for universe in (MARKET, *SMALL_CAPS)
        for part in _strong_legs(at_sessions(days, read, universe), universe)
    ]
    frame = with_small_words(frame, at_sessions(days, read, SMALL_CAPS[0]))
    return Graded(_strong_verdict(frame), pl.concat(legs))


@claim(
    article_row=6,
    statement="Earnings momentum improves",
    unit="percent",
    window_sessions=WINDOW_SESSIONS,
    threshold=(
        "Share of companies whose growth is above that of the quarter before, by its rank among 20 "
        f"quarters: 80 supports, 60 partly, below 40 contradicts; with < {COVERAGE_FROM_PCT:g}% "
        "reported provisional: PARTLY at most, and never CONTRADICTED"
    ),
    null_model=(
        "Share of the earlier quarters, as known when due, with at least this breadth; null until "
        f"there are {LEAST_PAST_QUARTERS}"
    ),
    citation="Riskon convention; acceleration of bounded growth, a proxy for revised estimates",
    sql="""
        SELECT session_date, acceleration_pct AS value, acceleration_percentile AS percentile,
               coverage_pct
        FROM mart.earnings WHERE universe = 'market' AND session_date = {session_date}
    """,
    reads=("earnings",),
)
def earnings_momentum_improves(inputs: Inputs) -> Graded:
    """Breadth of acceleration against its past."""
    days, read = session_days(inputs), season_rows(inputs)
    frame = with_share_at_least(at_sessions(days, read, MARKET), quarter_ends(read))
    legs = [
        _leg(
            at_sessions(days, read, universe),
            _named(universe, "acceleration"),
            metric="acceleration_pct",
            value="acceleration_pct",
            threshold=f"ranks >= {SUPPORTED_FROM_PERCENTILE:g}",
            holds=pl.col("acceleration_percentile") >= SUPPORTED_FROM_PERCENTILE,
            percentile="acceleration_percentile",
            sample_size="acceleration_quarters_ranked",
            universe=universe,
        )
        for universe in (MARKET, *SMALL_CAPS)
    ]
    legs.append(_coverage_leg(at_sessions(days, read, MARKET), MARKET))
    return Graded(_momentum_verdict(frame), pl.concat(legs))


def _strong_legs(frame: pl.DataFrame, universe: str) -> list[pl.DataFrame]:
    return [
        _leg(
            frame,
            _named(universe, "profit_growth"),
            metric="net_profit_growth_pct",
            value="net_profit_growth_pct",
            threshold=f"ranks >= {STRONG_FROM_PERCENTILE:g}",
            holds=pl.col("net_profit_growth_percentile") >= STRONG_FROM_PERCENTILE,
            percentile="net_profit_growth_percentile",
            sample_size="quarters_ranked",
            universe=universe,
        ),
        _leg(
            frame,
            _named(universe, "surprises"),
            metric="surprise_diffusion_pct",
            value="surprise_diffusion_pct",
            threshold=f"> {DIFFUSION_ABOVE_PCT:g}",
            holds=pl.col("surprise_diffusion_pct") > DIFFUSION_ABOVE_PCT,
            sample_size="surprised",
            universe=universe,
        ),
        _coverage_leg(frame, universe),
    ]


def _coverage_leg(frame: pl.DataFrame, universe: str) -> pl.DataFrame:
    return _leg(
        frame,
        _named(universe, "coverage"),
        metric="coverage_pct",
        value="coverage_pct",
        threshold=f">= {COVERAGE_FROM_PCT:g}%",
        holds=pl.col("coverage_pct") >= COVERAGE_FROM_PCT,
        sample_size="companies",
        universe=universe,
    )


def _named(universe: str, what: str) -> str:
    return f"{universe.replace('-', '_')}_{what}"


def _leg(
    frame: pl.DataFrame,
    name: str,
    *,
    metric: str,
    value: str,
    threshold: str,
    holds: pl.Expr,
    sample_size: str,
    universe: str,
    percentile: str | None = None,
) -> pl.DataFrame:
    rows = leg(
        frame,
        name,
        metric=metric,
        unit="percent",
        threshold=threshold,
        value=pl.col(value),
        holds=holds,
        source=RESULTS_SOURCE,
        percentile=None if percentile is None else pl.col(percentile),
        sample_size=pl.col(sample_size),
    )
    is_unlisted = frame["companies"].is_null() & (universe != MARKET)
    return rows.with_columns(
        missing=pl.when(is_unlisted).then(pl.lit(LISTS_SOURCE)).otherwise("missing")
    )


def _strong_verdict(frame: pl.DataFrame) -> pl.DataFrame:
    rank = pl.col("net_profit_growth_percentile")
    diffusion = pl.col("surprise_diffusion_pct")
    grows, surprises = rank >= STRONG_FROM_PERCENTILE, diffusion > DIFFUSION_ABOVE_PCT
    is_weak = rank < WEAK_BELOW_PERCENTILE
    grade = (
        pl.when(rank.is_null() | diffusion.is_null())
        .then(pl.lit(UNTESTABLE))
        .when(grows & surprises & ~IS_PROVISIONAL)
        .then(pl.lit(SUPPORTED))
        .when((grows | surprises) & ~is_weak)
        .then(pl.lit(PARTLY))
        .when(is_weak & ~surprises & ~IS_PROVISIONAL)
        .then(pl.lit(CONTRADICTED))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    growth = pl.col("net_profit_growth_pct")
    told = pl.format(
        "Net profit of the quarter ended {} {} on the year before ({} without the company that "
        "changed most), percentile {} of {} quarters; diffusion of surprises {} points ({} "
        "companies)",
        day("quarter_end"),
        percent(growth),
        percent(pl.col("net_profit_growth_without_largest_pct")).fill_null("not known"),
        number(rank, 0),
        "quarters_ranked",
        number(diffusion, 1),
        "surprised",
    )
    no_pair = pl.when(growth.is_null()).then(
        lacks("no profit of a year before to compare with, for the quarter ended {}")
    )
    no_surprise = pl.when(diffusion.is_null()).then(
        lacks("too few years for a surprise of the quarter ended {}")
    )
    reasons = pl.coalesce(
        untold(),
        no_pair,
        too_few(rank, "quarters_ranked"),
        no_surprise,
        pl.format("{}; {}; {}", told, coverage_words(), "small_words"),
    )
    return _verdict(
        frame,
        grade=grade,
        value=growth,
        percentile=rank,
        is_tested=rank.is_not_null() & diffusion.is_not_null(),
        sample_size="quarters_ranked",
        reasons=reasons,
    )


def _momentum_verdict(frame: pl.DataFrame) -> pl.DataFrame:
    rank, value = pl.col("acceleration_percentile"), pl.col("acceleration_pct")
    plain = by_percentile(rank)
    grade = (
        pl.when(IS_PROVISIONAL & (plain == SUPPORTED))
        .then(pl.lit(PARTLY))
        .when(IS_PROVISIONAL & (plain == CONTRADICTED))
        .then(pl.lit(NOT_SUPPORTED))
        .otherwise(plain)
    )
    no_pair = pl.when(value.is_null()).then(
        lacks("no company with the growth of two quarters, for the quarter ended {}")
    )
    told = pl.format(
        "{} of companies sped up in the quarter ended {} on the one before, percentile {} of {} "
        "quarters; {}",
        percent(value),
        day("quarter_end"),
        number(rank, 0),
        "acceleration_quarters_ranked",
        coverage_words(),
    )
    reasons = pl.coalesce(untold(), no_pair, too_few(rank, "acceleration_quarters_ranked"), told)
    return _verdict(
        frame,
        grade=grade,
        value=value,
        percentile=rank,
        is_tested=rank.is_not_null(),
        sample_size="acceleration_quarters_ranked",
        reasons=reasons,
    )


def _verdict(
    frame: pl.DataFrame,
    *,
    grade: pl.Expr,
    value: pl.Expr,
    percentile: pl.Expr,
    is_tested: pl.Expr,
    sample_size: str,
    reasons: pl.Expr,
) -> pl.DataFrame:
    columns = {
        "session_date": pl.col("session_date"),
        "grade": grade,
        "value": value,
        "percentile": percentile,
        "null_probability": pl.when(is_tested).then("base_rate"),
        "sample_size": pl.col(sample_size),
        "reasons": reasons,
    }
    return frame.select(
        expression.cast(VERDICT_SCHEMA[name]).alias(name) for name, expression in columns.items()
    )
