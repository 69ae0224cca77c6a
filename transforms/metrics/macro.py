"""The world outside the exchange as an evening knew it: rates, the rupee, oil, volatility.

A value is carried forward until the next one is known, which no other table does: it is what the
evening had. Its age in sessions stands beside it, and beyond the series' bound it is stale.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from transforms.metrics.as_known import (
    EVENING,
    KEYS,
    OBSERVATION,
    as_known,
    india_vix,
    one_source,
    steps_of,
)
from transforms.metrics.metric import Metric, metric
from transforms.metrics.percentile import percentile_rank

MACRO: list[Metric] = []

CHANGE_SESSIONS = 20
DECIMALS = 6
"""Those that core keeps of a value."""
RATES = ("percent", "percentage points", "unknown")
"""Units of which a change in percent says nothing, or nobody knows whether it does."""


@dataclass(frozen=True)
class Difference:
    """A series that is one known series less another."""

    id: str
    of: str
    less: str


DIFFERENCES = (
    Difference("US_RATE_CUTS", "DGS2", "DFF"),
    Difference("US_CURVE", "DGS10", "DGS2"),
    Difference("IN_RATE_CUTS", "IN_TBILL_91D", "RBI_REPO"),
)
"""The two of rate cuts are below 0 where the market expects the policy rate to fall."""


def macro(
    observations: pl.DataFrame, sessions: pl.DataFrame, index_series: pl.DataFrame | None = None
) -> pl.DataFrame:
    """What each evening knew of each series, and of the differences that are derived from them.

    A series keeps its name at its declared frequency (of an undeclared one, the finest); at another
    it is a series of its own, DEXINUS_MONTHLY. Where several sources state a value, one that is
    not imported stands. A value revised later counts from its first instant: the publisher gives
    no history of revisions.

    Args:
        observations: rows of core.macro_observation, any order.
        sessions: `session_date` of every trading session.
        index_series: index_id, session_date, close; of it India VIX is read.

    Returns:
        One row a session and series that has any value, sorted by series and session:
        session_date, series_id (the key), unit, observation_date, the metrics of MACRO,
        value_percentile. All but the key and unit are null before the first value was known.
        `value_percentile` ranks a value among the observations known with it (of a difference:
        among the sessions' values so far), null below 756.
    """
    days = sessions.select(pl.col("session_date").unique().sort())
    rows = one_source(observations.select(list(OBSERVATION)).cast(pl.Schema(OBSERVATION)))
    if index_series is not None and "close" in index_series.columns:
        rows = pl.concat([rows, india_vix(index_series)])
    grid = as_known(steps_of(rows), days)
    grid = pl.concat([grid, *[_difference(grid, one) for one in DIFFERENCES]])
    over = pl.col("series_id")
    grid = grid.sort("series_id", "session_date")
    for item in MACRO:  # each after those it needs
        grid = grid.with_columns(item.expression().over(over).cast(item.stored_type).alias(item.id))
    return grid.select(*KEYS, *[item.id for item in MACRO], "value_percentile")


def _difference(grid: pl.DataFrame, one: Difference) -> pl.DataFrame:
    """One series less another as each evening knew them; no value where a part is stale."""
    of, less = (
        grid.filter(pl.col("series_id") == name).select(
            "session_date",
            "observation_date",
            "known_value",
            "known_age",
            is_old=pl.col("known_age") > pl.col("stale_after_sessions"),
        )
        for name in (one.of, one.less)
    )
    both = of.join(less, on="session_date", how="inner", suffix="_less").sort("session_date")
    is_old = pl.col("is_old") | pl.col("is_old_less")
    is_known = pl.col("known_age").is_not_null() & pl.col("known_age_less").is_not_null()
    return (
        both.with_columns(
            # 0.30 less 0.47 and 3.45 less 3.62 are the same to a rank, and not to a float.
            value_=pl.when(is_known & ~is_old).then(
                (pl.col("known_value") - pl.col("known_value_less")).round(DECIMALS)
            )
        )
        .select(
            session_date="session_date",
            series_id=pl.lit(one.id),
            unit=pl.lit("percentage points"),
            observation_date=pl.when(is_known).then(
                pl.min_horizontal("observation_date", "observation_date_less")
            ),
            known_value="value_",
            known_age=pl.when(is_known).then(pl.max_horizontal("known_age", "known_age_less")),
            # Stale is what either part is, each by its own bound.
            stale_after_sessions=pl.when(is_old)
            .then(pl.lit(-1, pl.Int64))
            .otherwise(pl.max_horizontal("known_age", "known_age_less")),
            value_percentile=percentile_rank(pl.col("value_")),
        )
        .select(grid.columns)
    )


@metric(
    MACRO,
    name="Value known in the evening",
    unit="see unit",
    warmup=0,
    needs=("known_value",),
    percentile=True,
    source=f"Newest observation published by {EVENING:%H:%M} Asia/Kolkata",
)
def value() -> pl.Expr:
    """The newest observation known that evening, carried forward until the next; see its age.

    A difference of two series is null where one of them is stale.
    """
    return pl.col("known_value")


@metric(
    MACRO,
    name="Age of the value",
    unit="sessions",
    warmup=0,
    bounds=(0, None),
    needs=("known_age",),
    kind="count",
    source="Sessions after the observation's date, up to this one",
)
def age_sessions() -> pl.Expr:
    """Sessions since the date the value speaks of; of a difference, the older part's."""
    return pl.col("known_age")


@metric(
    MACRO,
    name="Stale",
    unit="true or false",
    warmup=0,
    needs=("known_age",),
    kind="flag",
    source="Riskon convention: older than the series' release leaves it",
)
def is_stale() -> pl.Expr:
    """Whether the value is older than the declared bound: the next should have come."""
    return pl.col("known_age") > pl.col("stale_after_sessions")


@metric(
    MACRO,
    name=f"Change over {CHANGE_SESSIONS} sessions",
    unit="see unit",
    warmup=CHANGE_SESSIONS,
    needs=("value", "is_stale"),
    source="Difference of the values the two evenings knew",
)
def change_20() -> pl.Expr:
    """Value less the one known 20 sessions before; null where either evening's was stale."""
    now, then = pl.col("value"), pl.col("value").shift(CHANGE_SESSIONS)
    return pl.when(_both_fresh()).then(now - then)


@metric(
    MACRO,
    name=f"Change over {CHANGE_SESSIONS} sessions in percent",
    unit="percent",
    warmup=CHANGE_SESSIONS,
    needs=("value", "is_stale"),
    source="Ratio of the values the two evenings knew, less 1",
)
def change_20_pct() -> pl.Expr:
    """Change of a price or an index level in percent; null for rates and where a level is not > 0.

    Oil was below 0 in April 2020, of which no ratio makes sense.
    """
    now, then = pl.col("value"), pl.col("value").shift(CHANGE_SESSIONS)
    is_level = ~pl.col("unit").is_in(RATES) & (now > 0) & (then > 0)
    return pl.when(_both_fresh() & is_level).then(100 * (now / then - 1))


def _both_fresh() -> pl.Expr:
    return ~pl.col("is_stale") & ~pl.col("is_stale").shift(CHANGE_SESSIONS)
