"""Where a season's figure stands among those of the quarters before it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

LEAST_QUARTERS = 20


@dataclass(frozen=True)
class Ranked:
    """A figure of the season, with the columns of its rank and of how many quarters it is among."""

    figure: str
    rank: str
    count: str


GROWTH = Ranked("net_profit_growth_pct", "net_profit_growth_percentile", "quarters_ranked")
DIFFUSION = Ranked(
    "surprise_diffusion_pct", "surprise_diffusion_percentile", "surprise_quarters_ranked"
)
ACCELERATION = Ranked("acceleration_pct", "acceleration_percentile", "acceleration_quarters_ranked")
RANKED = (GROWTH, DIFFUSION, ACCELERATION)


def with_ranks(seen: pl.DataFrame) -> pl.DataFrame:
    """Each row with the mid-ranks of its figures among those of the quarters before, as due.

    A quarter before counts with its figure at its own end, the first session from its due date
    on; the row's own figure counts too. Null where there are fewer than LEAST_QUARTERS.

    Args:
        seen: session_date, universe, number (of the quarter), is_end, is_survivorship_biased and
            the figures of RANKED.

    Returns:
        The rows with the columns of RANKED (percent, 0-100; counts of quarters) and
        `biased_quarters_ranked`, those whose growth is of companies that a later list names.
    """
    figures = [one.figure for one in RANKED]
    ends = seen.filter("is_end").select(
        "universe",
        pl.col("is_survivorship_biased").alias("_is_biased"),
        pl.col("number").alias("_number"),
        *[pl.col(name).alias(f"_{name}") for name in figures],
    )
    key = ["session_date", "universe"]
    against = (
        seen.select(*key, "number", "is_survivorship_biased", *figures)
        .join(ends, on="universe")
        .filter(pl.col("_number") < pl.col("number"))
        .group_by(key)
        .agg(
            *[(pl.col(f"_{name}") < pl.col(name)).sum().alias(f"{name}_below") for name in figures],
            *[(pl.col(f"_{name}") == pl.col(name)).sum().alias(f"{name}_same") for name in figures],
            *[pl.col(f"_{name}").count().alias(f"{name}_past") for name in figures],
            biased_past=(pl.col("_is_biased") & pl.col(f"_{GROWTH.figure}").is_not_null()).sum(),
        )
    )
    own = pl.col(GROWTH.figure).is_not_null() & pl.col("is_survivorship_biased")
    return (
        seen.join(against, on=key, how="left", maintain_order="left")
        .with_columns(
            **{
                one.count: pl.when(pl.col(one.figure).is_not_null()).then(
                    pl.col(f"{one.figure}_past").fill_null(0).cast(pl.Int64) + 1
                )
                for one in RANKED
            },
            biased_quarters_ranked=pl.when(pl.col(GROWTH.figure).is_not_null()).then(
                pl.col("biased_past").fill_null(0).cast(pl.Int64) + own.cast(pl.Int64)
            ),
        )
        .with_columns(
            **{
                one.rank: pl.when(pl.col(one.count) >= LEAST_QUARTERS).then(
                    100
                    * (pl.col(f"{one.figure}_below") + 0.5 * (pl.col(f"{one.figure}_same") + 1))
                    / pl.col(one.count)
                )
                for one in RANKED
            }
        )
    )
