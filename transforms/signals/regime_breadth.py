"""The legs of the regime machine that the members of an index, or of the market, stand for."""

from __future__ import annotations

import polars as pl

from transforms.signals import regime_rules as rules
from transforms.signals.breadth_grid import THRUSTS
from transforms.universes import MARKET

_THRUST = int(rules.THRUST_SESSIONS.value)
_BREADTH = ("mcclellan_summation", "mcclellan_oscillator", "above_sma_50_pct", "above_sma_200_pct")
_KEY = ["index_id", "session_date"]


def with_breadth(grid: pl.DataFrame, breadth: pl.DataFrame) -> pl.DataFrame:
    """The legs of breadth: an index's own where its members are known, else the market's.

    Args:
        grid: index_id, session_date, day (number of the session), sorted by index and session.
        breadth: rows of mart.breadth; may have no columns.

    Returns:
        The grid with leg_breadth_turns, leg_summation, leg_above_sma_200 and breadth_thrust (of
        the last THRUST_SESSIONS), null where what decides is missing.
    """
    if breadth.width == 0:
        empty = {"universe": pl.String(), "session_date": pl.Date(), "is_biased": pl.Boolean()}
        empty |= dict.fromkeys(_BREADTH, pl.Float64()) | dict.fromkeys(THRUSTS, pl.Boolean())
        breadth = pl.DataFrame(schema=empty)
    else:
        breadth = breadth.select(
            "universe",
            "session_date",
            is_biased="is_survivorship_biased",
            **{name: pl.col(name).cast(pl.Float64).round(9) for name in _BREADTH},
            **{name: pl.col(name) for name in THRUSTS},
        )
    wanted = [*grid["index_id"].unique(), MARKET]
    days = grid.select("session_date", "day").unique()
    told = (
        breadth.filter(pl.col("universe").is_in(wanted))
        .join(days, on="session_date", how="inner")
        .sort("universe", "session_date")
        .with_columns(
            rises=pl.when(pl.col("day").diff().over("universe") == 1).then(
                pl.col("mcclellan_summation").diff().over("universe") > 0
            ),
            thrust=_any_told(THRUSTS),
        )
        .select("universe", "session_date", "is_biased", *_BREADTH, "rises", "thrust")
    )
    own = (
        told.filter(~pl.col("is_biased")).drop("is_biased").with_columns(is_own=pl.lit(value=True))
    )
    facts = [*_BREADTH, "rises", "thrust"]
    market = told.filter(pl.col("universe") == MARKET).select(
        "session_date", **{f"market_{name}": pl.col(name) for name in facts}
    )
    joined = (
        grid.join(own.rename({"universe": "index_id"}), on=_KEY, how="left", maintain_order="left")
        .join(market, on="session_date", how="left", maintain_order="left")
        .with_columns(
            pl.when("is_own").then(name).otherwise(f"market_{name}").alias(name) for name in facts
        )
        .drop("is_own", *[f"market_{name}" for name in facts])
    )
    above = pl.col("above_sma_200_pct")
    majority = (
        pl.when(above >= rules.HALF_ABOVE.value)
        .then(pl.lit(value=True))
        .when(above < rules.HALF_ABOVE_EXIT.value)
        .then(pl.lit(value=False))
    )
    thrusts = pl.col("thrust").cast(pl.Int32)
    untold = pl.col("thrust").is_null().cast(pl.Int32)
    return joined.with_columns(
        leg_breadth_turns=(
            pl.col("rises") & (pl.col("mcclellan_oscillator") > rules.OSCILLATOR.value)
        )
        | (pl.col("above_sma_50_pct") >= rules.HALF_ABOVE.value),
        leg_summation=pl.col("mcclellan_summation") > rules.SUMMATION.value,
        leg_above_sma_200=pl.when(above.is_not_null()).then(
            majority.forward_fill().over("index_id").fill_null(value=False)
        ),
        breadth_thrust=pl.when(thrusts.rolling_sum(_THRUST, min_samples=1).over("index_id") > 0)
        .then(pl.lit(value=True))
        .when(untold.rolling_sum(_THRUST).over("index_id") == 0)
        .then(pl.lit(value=False)),
    ).drop(*facts)


def _any_told(flags: tuple[str, ...]) -> pl.Expr:
    """Whether one of the flags holds; null where none is told."""
    is_told = pl.any_horizontal(pl.col(flags).is_not_null())
    return pl.when(is_told).then(pl.any_horizontal(pl.col(flags).fill_null(value=False)))
