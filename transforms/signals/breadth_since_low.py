"""Breadth now against breadth at the low from which small caps rose."""

from __future__ import annotations

import polars as pl

from transforms.signals.breadth_grid import (
    THRUSTS,
    at_low,
    breadth_of,
    count_of,
    tested_of,
)
from transforms.signals.claim import Inputs

AVERAGES = ("above_sma_20_pct", "above_sma_50_pct", "above_sma_200_pct")
SIZED = "equal_less_cap_9_points"
"""The measure that needs market caps."""
LEVELS = {
    "ad_line": ("advance-decline line", "companies"),
    "mcclellan_summation": ("summation index", "points"),
    "net_new_highs_10_pct": ("new highs less lows", "percent"),
    "up_volume_pct": ("up-volume share", "percent"),
    SIZED: ("equal weights less weights by size", "percentage points"),
}
MEASURES = {
    **{name: title for name, (title, _) in LEVELS.items()},
    "averages": "members above their averages",
    "thrust": "a thrust",
}
RANKED = (
    "mcclellan_summation_percentile",
    "above_sma_50_pct_percentile",
    "net_new_highs_10_pct_percentile",
    "up_volume_pct_percentile",
    "equal_less_cap_9_points_percentile",
)
LEAST_RANKED = 3
_READ = (*LEVELS, *AVERAGES, *RANKED, *THRUSTS)


def since_low(inputs: Inputs, grid: pl.DataFrame, universe: str) -> pl.DataFrame:
    """Seven measures of breadth of one universe at every session, and at the low it rose from.

    Args:
        inputs: frames of the warehouse.
        grid: what `with_low` returns.
        universe: a universe of mart.breadth.

    Returns:
        The grid with the columns read, each also as `<name>_low`; `<measure>_is_better` for each of
        MEASURES, tested and improved (how many), rank (mean percentile) and rank_rise (points),
        thrusts (sessions with one since the low), held_so_far (sessions), is_any_biased (at either
        end) and compared_with: the low, null where it or a session since has no row, because the
        advance-decline line is a sum. What compares is null with it.
    """
    told = grid.join(
        breadth_of(inputs, universe, _READ), on="session_date", how="left", maintain_order="left"
    ).with_columns(
        held_so_far=pl.col("is_held").cum_sum().cast(pl.Int64),
        thrusts_so_far=pl.any_horizontal(pl.col(THRUSTS).fill_null(value=False)).cum_sum(),
    )
    frame = at_low(told, [*_READ, "is_held", "is_biased", "held_so_far", "thrusts_so_far"])
    is_whole = (
        pl.col("is_held")
        & pl.col("is_held_low")
        & (pl.col("held_so_far") - pl.col("held_so_far_low") == pl.col("sessions_since_low"))
    )
    rises = {name: pl.col(name) > pl.col(f"{name}_low") for name in (*LEVELS, *AVERAGES)}
    averages = [rises.pop(name) for name in AVERAGES]
    has_thrust = pl.col("thrusts_so_far") > pl.col("thrusts_so_far_low")
    conditions = {
        **rises,
        "averages": pl.when(tested_of(*averages) == len(averages)).then(count_of(*averages) >= 2),
        "thrust": pl.when(pl.any_horizontal(pl.col(THRUSTS).is_not_null())).then(has_thrust),
    }
    ranks = pl.concat_list(
        pl.when(is_whole).then(pl.col(name) - pl.col(f"{name}_low")) for name in RANKED
    ).list.drop_nulls()
    parts = [pl.col(f"{name}_is_better") for name in MEASURES]
    return (
        frame.with_columns(
            compared_with=pl.when(is_whole).then("low_date"),
            thrusts=pl.when(is_whole).then(
                pl.col("thrusts_so_far").cast(pl.Int64)
                - pl.col("thrusts_so_far_low").cast(pl.Int64)
            ),
            rank_rise=pl.when(ranks.list.len() >= LEAST_RANKED).then(ranks.list.mean()),
            rank=pl.mean_horizontal(RANKED),
            **{
                f"{name}_is_better": pl.when(is_whole).then(condition)
                for name, condition in conditions.items()
            },
        )
        .with_columns(tested=tested_of(*parts), improved=count_of(*parts))
        .with_columns(
            improved=pl.when(pl.col("compared_with").is_not_null()).then("improved"),
            is_any_biased=pl.col("is_biased") | pl.col("is_biased_low"),
        )
    )
