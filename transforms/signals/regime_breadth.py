"""The legs of the regime machine that the shares of the whole market stand for."""

from __future__ import annotations

import polars as pl

from transforms.signals import regime_rules as rules
from transforms.signals.breadth_grid import THRUSTS
from transforms.universes import MARKET

_THRUST = int(rules.THRUST_SESSIONS.value)
_BREADTH = ("mcclellan_summation", "mcclellan_oscillator", "above_sma_50_pct", "above_sma_200_pct")
_KEY = ["index_id", "session_date"]


def with_breadth(grid: pl.DataFrame, breadth: pl.DataFrame) -> pl.DataFrame:
    """The legs of breadth, of the whole market.

    The market needs no list of members, so nothing changes on the day the first list is known.

    Args:
        grid: index_id, session_date, day (number of the session), sorted by index and session.
        breadth: rows of mart.breadth; may have no columns.

    Returns:
        The grid with leg_breadth_turns, leg_summation, leg_above_sma_200 and breadth_thrust (of
        the last THRUST_SESSIONS), null where what decides is missing.
    """
    if breadth.width == 0:
        empty: dict[str, pl.DataType] = {"session_date": pl.Date()}
        empty |= dict.fromkeys(_BREADTH, pl.Float64()) | dict.fromkeys(THRUSTS, pl.Boolean())
        breadth = pl.DataFrame(schema=empty)
    else:
        breadth = breadth.filter(universe=MARKET).select(
            "session_date",
            **{name: pl.col(name).cast(pl.Float64).round(9) for name in _BREADTH},
            **{name: pl.col(name) for name in THRUSTS},
        )
    days = grid.select("session_date", "day").unique()
    told = (
        breadth.join(days, on="session_date", how="inner")
        .sort("session_date")
        .with_columns(
            rises=pl.when(pl.col("day").diff() == 1).then(pl.col("mcclellan_summation").diff() > 0),
            thrust=_any_told(THRUSTS),
        )
        .select("session_date", *_BREADTH, "rises", "thrust")
    )
    facts = [*_BREADTH, "rises", "thrust"]
    joined = grid.join(told, on="session_date", how="left", maintain_order="left")
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
