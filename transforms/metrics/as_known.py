"""Which observation of a series from outside the exchange the evening of a session knew."""

from __future__ import annotations

from datetime import date, time

import polars as pl

from transforms.macro_titles import KNOWN, UNKNOWN
from transforms.metrics.percentile import percentile_rank

EVENING = time(22, 30)
"""Asia/Kolkata: what was published by then, the evening of a session knows."""
INDIA_VIX, INDIA_VIX_INDEX = "INDIA_VIX", "india-vix"

_VIX_BOUND = 3
_VIX_KNOWN = time(19, 0)
_FREQUENCIES = ("daily", "weekly", "monthly")

KEYS: dict[str, pl.DataType] = {
    "session_date": pl.Date(),
    "series_id": pl.String(),
    "unit": pl.String(),
    "observation_date": pl.Date(),
}
OBSERVATION: dict[str, pl.DataType] = {
    "series_id": pl.String(),
    "frequency": pl.String(),
    "observation_date": pl.Date(),
    "source_id": pl.String(),
    "value": pl.Float64(),
    "published_at": pl.Datetime("us", "UTC"),
}


def one_source(observations: pl.DataFrame) -> pl.DataFrame:
    """Observations with a value: one a series and date, under the name its frequency gives."""
    home = {one.id: one.frequency for one in KNOWN.values()}
    rank = pl.col("frequency").replace_strict(
        {name: place for place, name in enumerate(_FREQUENCIES)}, return_dtype=pl.Int64
    )
    finest = pl.col("frequency").sort_by(rank).first().over("series_id")
    declared = pl.col("series_id").replace_strict(home, default=None, return_dtype=pl.String)
    unit = pl.col("series_id").replace_strict(
        {one.id: one.unit for one in KNOWN.values()},
        default=UNKNOWN["daily"].unit,
        return_dtype=pl.String,
    )
    own_bound = pl.col("series_id").replace_strict(
        {one.id: one.stale_after_sessions for one in KNOWN.values()},
        default=None,
        return_dtype=pl.Int64,
    )
    usual_bound = pl.col("frequency").replace_strict(
        {name: one.stale_after_sessions for name, one in UNKNOWN.items()}, return_dtype=pl.Int64
    )
    is_home = pl.col("frequency") == pl.coalesce(declared, finest)
    return (
        observations.drop_nulls("value")
        .filter(pl.col("value").is_finite())
        .sort(
            "series_id",
            "frequency",
            "observation_date",
            pl.col("source_id").str.starts_with("imported"),
            "source_id",
        )
        .unique(["series_id", "frequency", "observation_date"], keep="first", maintain_order=True)
        .with_columns(
            unit=unit,
            stale_after_sessions=pl.when(is_home)
            .then(pl.coalesce(own_bound, usual_bound))
            .otherwise(usual_bound),
            series_id=pl.when(is_home)
            .then("series_id")
            .otherwise(pl.format("{}_{}", "series_id", pl.col("frequency").str.to_uppercase())),
        )
        .drop("frequency", "source_id")
    )


def india_vix(index_series: pl.DataFrame) -> pl.DataFrame:
    """India VIX as observations: its close, known in the evening of its session."""
    return index_series.filter(
        (pl.col("index_id") == INDIA_VIX_INDEX) & pl.col("close").is_finite()
    ).select(
        series_id=pl.lit(INDIA_VIX),
        observation_date="session_date",
        value=pl.col("close").cast(pl.Float64),
        published_at=_instant(pl.col("session_date"), _VIX_KNOWN),
        unit=pl.lit("points"),
        stale_after_sessions=pl.lit(_VIX_BOUND, pl.Int64),
    )


def _instant(day: pl.Expr, moment: time) -> pl.Expr:
    local = day.dt.combine(moment).dt.replace_time_zone("Asia/Kolkata")
    return local.dt.convert_time_zone("UTC").dt.cast_time_unit("us")


def steps_of(rows: pl.DataFrame) -> pl.DataFrame:
    """The instants at which a newer observation became known, each with its rank among the known.

    An older observation that comes late adds to the history that later ones are ranked in, and is
    itself never the newest.
    """
    over = pl.col("series_id")
    newest = pl.col("observation_date").cum_max().over(over)
    return (
        rows.sort("series_id", "published_at", "observation_date")
        .with_columns(value_percentile=percentile_rank(pl.col("value")).over(over), newest_=newest)
        .filter(pl.col("observation_date") == pl.col("newest_"))
        .unique(["series_id", "published_at"], keep="last", maintain_order=True)
        .drop("newest_")
        .rename({"value": "known_value"})
    )


def as_known(steps: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Each session and series with the newest observation known that evening."""
    facts = steps.select("series_id", "unit", "stale_after_sessions").unique("series_id")
    numbered = days.with_columns(
        session=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
        evening=_instant(pl.col("session_date"), EVENING),
    )
    first: date = days["session_date"].min() or date.max  # type: ignore[assignment]
    grid = (
        numbered.join(facts, how="cross")
        .sort("evening")
        .join_asof(
            steps.drop("unit", "stale_after_sessions").sort("published_at"),
            left_on="evening",
            right_on="published_at",
            by="series_id",
            check_sortedness=False,
        )
    )
    sessions_by_then = days["session_date"].search_sorted(
        grid["observation_date"].fill_null(first), side="right"
    )
    seen = pl.Series("seen", sessions_by_then).cast(pl.Int64)
    before_table = pl.business_day_count("observation_date", "session_date").cast(pl.Int64)
    return grid.with_columns(seen).select(
        *KEYS,
        "known_value",
        # Of an observation older than the first session held, weekdays stand for sessions.
        known_age=pl.when(pl.col("observation_date") < pl.lit(first))
        .then(before_table)
        .when(pl.col("observation_date").is_not_null())
        .then(pl.col("session") - pl.col("seen")),
        stale_after_sessions="stale_after_sessions",
        value_percentile="value_percentile",
    )
