"""The results season as claims read it, and how often what they ask held in quarters before."""

from __future__ import annotations

import polars as pl

from transforms.signals.claim import Inputs
from transforms.signals.earnings_grades import (
    DIFFUSION_ABOVE_PCT,
    LEAST_PAST_QUARTERS,
    STRONG_FROM_PERCENTILE,
)

MARKET = "market"
SMALL_CAPS = ("nifty-smallcap-100", "nifty-smallcap-250")

_READ: dict[str, pl.DataType] = {
    "session_date": pl.Date(),
    "universe": pl.String(),
    "quarter_end": pl.Date(),
    "due_date": pl.Date(),
    "companies": pl.Int64(),
    "reported": pl.Int64(),
    "coverage_pct": pl.Float64(),
    "is_survivorship_biased": pl.Boolean(),
    "net_profit_growth_pct": pl.Float64(),
    "net_profit_growth_without_largest_pct": pl.Float64(),
    "net_profit_growth_percentile": pl.Float64(),
    "quarters_ranked": pl.Int64(),
    "biased_quarters_ranked": pl.Int64(),
    "surprise_diffusion_pct": pl.Float64(),
    "surprised": pl.Int64(),
    "acceleration_pct": pl.Float64(),
    "acceleration_percentile": pl.Float64(),
    "acceleration_quarters_ranked": pl.Int64(),
}


def session_days(inputs: Inputs) -> pl.DataFrame:
    """Every session once, oldest first."""
    return inputs.sessions.select(pl.col("session_date").unique().sort())


def season_rows(inputs: Inputs) -> pl.DataFrame:
    """The columns of mart.earnings that are read; none of its rows where there is no mart yet."""
    if not inputs.earnings.columns:
        return pl.DataFrame(schema=_READ)
    return inputs.earnings.select(pl.col(name).cast(dtype) for name, dtype in _READ.items())


def at_sessions(days: pl.DataFrame, read: pl.DataFrame, universe: str) -> pl.DataFrame:
    """One row a session, oldest first: what was known of the universe, nulls where nothing was."""
    of_universe = read.filter(pl.col("universe") == universe)
    return days.join(of_universe, on="session_date", how="left", maintain_order="left")


def quarter_ends(read: pl.DataFrame) -> pl.DataFrame:
    """The market's figures of each quarter at the first session from its due date on."""
    return (
        read.filter((pl.col("universe") == MARKET) & (pl.col("session_date") >= pl.col("due_date")))
        .sort("session_date")
        .unique("quarter_end", keep="first", maintain_order=True)
        .select(
            past_quarter="quarter_end",
            past_growth="net_profit_growth_pct",
            past_diffusion="surprise_diffusion_pct",
            past_acceleration="acceleration_pct",
        )
    )


def with_base_rate(frame: pl.DataFrame, ends: pl.DataFrame) -> pl.DataFrame:
    """The frame with `base_rate`: how often the rule held among the quarters before.

    Ranks are those of each among all the quarters before, as this session could know them.
    """
    both = ends.drop_nulls(["past_growth", "past_diffusion"])
    rates = (
        frame.select("quarter_end")
        .drop_nulls()
        .unique()
        .join(both, how="cross")
        .filter(pl.col("past_quarter") < pl.col("quarter_end"))
        .with_columns(
            rank=100
            * (pl.col("past_growth").rank("average").over("quarter_end") - 0.5)
            / pl.len().over("quarter_end")
        )
        .group_by("quarter_end")
        .agg(
            quarters=pl.len(),
            rate=(
                (pl.col("rank") >= STRONG_FROM_PERCENTILE)
                & (pl.col("past_diffusion") > DIFFUSION_ABOVE_PCT)
            ).mean(),
        )
        .filter(pl.col("quarters") >= LEAST_PAST_QUARTERS)
        .select("quarter_end", base_rate="rate")
    )
    return frame.join(rates, on="quarter_end", how="left", maintain_order="left")


def with_share_at_least(frame: pl.DataFrame, ends: pl.DataFrame) -> pl.DataFrame:
    """The frame with `base_rate`: the share of quarters before with at least its breadth."""
    rates = (
        frame.select("session_date", "quarter_end", "acceleration_pct")
        .drop_nulls()
        .join(ends.drop_nulls("past_acceleration"), how="cross")
        .filter(pl.col("past_quarter") < pl.col("quarter_end"))
        .group_by("session_date")
        .agg(
            quarters=pl.len(),
            rate=(pl.col("past_acceleration") >= pl.col("acceleration_pct")).mean(),
        )
        .filter(pl.col("quarters") >= LEAST_PAST_QUARTERS)
        .select("session_date", base_rate="rate")
    )
    return frame.join(rates, on="session_date", how="left", maintain_order="left")
