"""Where each share stands among the ordinary shares of its session, and how speculative it is."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from transforms.metrics.equity_runs import KEY


@dataclass(frozen=True)
class Rank:
    """A percentile rank across shares: its column, what it ranks, and which end ranks high."""

    id: str
    value: str
    meaning: str
    low_is_high: bool = False


RANKS: tuple[Rank, ...] = (
    Rank("return_21_rank", "return_21_pct", "Return over 21 sessions"),
    Rank("return_63_rank", "return_63_pct", "Return over 63 sessions"),
    Rank("return_126_rank", "return_126_pct", "Return over 126 sessions"),
    Rank("return_252_rank", "return_252_pct", "Return over 252 sessions"),
    Rank(
        "relative_strength_rank",
        "relative_return_63_nifty_500_pct",
        "Return over 63 sessions relative to Nifty 500",
    ),
    Rank("delivery_rank", "delivery_share_z_60", "Delivered share against its 60 sessions"),
    Rank("volatility_rank", "volatility_close_60_pct", "Volatility of 60 sessions"),
)
SPECULATIVE_PARTS: tuple[Rank, ...] = (
    Rank("max_5_rank", "max_5_of_21_pct", "Mean of the 5 highest returns of 21"),
    Rank(
        "idiosyncratic_volatility_rank",
        "idiosyncratic_volatility_21_pct",
        "Volatility left over by beta, of 21 sessions",
    ),
    Rank("skewness_rank", "skewness_63", "Skewness of 63 returns"),
    Rank("low_price_rank", "close", "Price of a share, lowest first", low_is_high=True),
    Rank(
        "turnover_velocity_rank",
        "turnover_velocity_21_pct",
        "Value traded in 21 sessions over market cap",
    ),
)
ABSENT_PARTS = ("upper-circuit days", "loss-making", "ASM/GSM surveillance")
"""Parts of the methodology's speculative score for which there is no data here."""
LEAST_PARTS = 4
MEDIAN = 50
TERCILES = 3
_LOTTERY = ("low_price_rank", "idiosyncratic_volatility_rank", "skewness_rank")
_SCORE_DIGITS = 9


def equity_rank(momentum: pl.DataFrame, series: pl.DataFrame) -> pl.DataFrame:
    """Ranks of every ordinary share among those of its session; each session by itself.

    Args:
        momentum: rows of mart.equity_momentum of some sessions, whole sessions each.
        series: rows of mart.equity_series of the same sessions.

    Returns:
        One row an ordinary share and session, sorted by session and share: KEY, RANKS and
        SPECULATIVE_PARTS as mid-ranks in percent (0-100, never its ends; null where the share
        has no value, which then counts nowhere), `speculative_score` (mean of its parts, null
        with fewer than LEAST_PARTS), `speculative_tercile` (3: the most speculative),
        `is_lottery` (beyond the median in low price, idiosyncratic volatility and skewness, as
        Kumar, J. Finance 64 (2009); null where one is), `missing_parts`.
    """
    ranked = (*RANKS, *SPECULATIVE_PARTS)
    ordinary = series.filter("is_ordinary").select(*KEY, "close")
    # In single precision, as stored: values that differ by rounding alone are equal.
    values = ordinary.join(momentum, on=KEY, how="inner").select(
        *KEY, *[pl.col(item.value).cast(pl.Float32) for item in ranked]
    )
    parts = [item.id for item in SPECULATIVE_PARTS]
    count = pl.sum_horizontal(pl.col(part).is_not_null() for part in parts)
    beyond = [pl.col(part) > MEDIAN for part in _LOTTERY]
    is_complete = pl.all_horizontal(pl.col(part).is_not_null() for part in _LOTTERY)
    return (
        values.sort("session_date", "instrument_id")
        .with_columns(_mid_rank(item) for item in ranked)
        .with_columns(
            # Rounded, so that equal means of other parts are equal.
            pl.when(count >= LEAST_PARTS)
            .then(pl.mean_horizontal(parts).round(_SCORE_DIGITS))
            .alias("speculative_score"),
            pl.when(is_complete).then(pl.all_horizontal(beyond)).alias("is_lottery"),
            _missing(parts).alias("missing_parts"),
        )
        .with_columns(_tercile("speculative_score").alias("speculative_tercile"))
        .select(
            *KEY,
            *[item.id for item in ranked],
            "speculative_score",
            "speculative_tercile",
            "is_lottery",
            "missing_parts",
        )
    )


def _mid_rank(item: Rank) -> pl.Expr:
    """Mid-rank in percent among the session's values; scipy's percentileofscore(kind="mean")."""
    value = pl.col(item.value)
    rank = value.rank("average", descending=item.low_is_high)
    return (100 * (rank - 0.5) / value.count()).over("session_date").alias(item.id)


def _tercile(score: str) -> pl.Expr:
    """1, 2 or 3 by mid-rank; equal scores share one."""
    value = pl.col(score)
    # In ranks counted twice, whole numbers: no rounding decides who is in which third.
    twice = 2 * value.rank("average") - 1
    thirds = [TERCILES * twice > 2 * third * value.count() for third in range(1, TERCILES)]
    return pl.when(value.is_not_null()).then(
        (1 + pl.sum_horizontal(thirds)).cast(pl.Int64).over("session_date")
    )


def _missing(parts: list[str]) -> pl.Expr:
    """Names of the parts the share has no rank in, joined by commas; empty where it has all."""
    return pl.concat_str(
        [
            pl.when(pl.col(part).is_null()).then(pl.lit(part.removesuffix("_rank")))
            for part in parts
        ],
        separator=", ",
        ignore_nulls=True,
    )
