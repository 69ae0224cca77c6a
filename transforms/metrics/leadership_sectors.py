"""Did the named sectors lead: their place among all sectors of a universe, against luck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import accumulate
from math import comb

import polars as pl

from transforms.metrics.breadth_universes import KEY
from transforms.metrics.contribution import SECTOR, UNKNOWN
from transforms.metrics.evaluate import evaluate
from transforms.metrics.leadership_windows import chained_pct
from transforms.metrics.metric import Metric, metric

# Frozen before any test: the exchange's industries that hold what the article of February 2026
# names. Industrial manufacturing is a part of Capital Goods, auto ancillaries of Automobile and
# Auto Components, specialty chemicals of Chemicals, logistics of Services; "industrials" is the
# exchange's macro sector of Capital Goods and Construction; "niche exporters" has no industry, and
# Textiles stands for it.
NAMED_SECTORS = (
    "Automobile and Auto Components",
    "Capital Goods",
    "Chemicals",
    "Construction",
    "Services",
    "Textiles",
)
SECTOR_WINDOWS = (9, 21)
_RETURNS: list[Metric] = []


def _sector_return(n: int) -> None:
    def chain() -> pl.Expr:
        """Return of the sector's members in the universe, by market cap."""
        return chained_pct(pl.col("close"), n)

    chain.__name__ = f"return_{n}"
    metric(_RETURNS, name=chain.__name__, unit="percent", warmup=n - 1, source="Chained daily")(
        chain
    )


for _n in SECTOR_WINDOWS:
    _sector_return(_n)


def named_sectors(
    contributions: pl.DataFrame, sessions: pl.DataFrame, since: date | None
) -> pl.DataFrame:
    """How the named sectors stand among the sectors of each universe over SECTOR_WINDOWS.

    Args:
        contributions: rows of mart.contribution, grouping sector, from 20 sessions before `since`.
        sessions: `session_date` of every trading session.
        since: give this session and later ones; None: all.

    Returns:
        KEY and, for each window n: sectors_n (with returns on all n sessions), named_sectors_n
        (of those, the named), named_in_top_third_n, named_percentile_n (mean mid-rank of the
        named, 0-100), named_p_n (`chance_of_subset`). The last three are null where no sector is
        named or no other is there. Sorted by KEY.
    """
    known = contributions.filter(
        (pl.col("grouping") == SECTOR)
        & (pl.col("group_name") != UNKNOWN)
        & pl.col("return_pct").is_not_null()
    )
    # Sorted and grouped as numbers: names take longer.
    subject = ["universe", "group_name"]
    subjects = known.select(subject).unique().sort(subject).with_row_index("subject")
    bars = known.join(subjects, on=subject).select("session_date", "subject", close="return_pct")
    chained = (
        evaluate(bars, _RETURNS, subject="subject", sessions=sessions)
        .filter(pl.lit(value=True) if since is None else pl.col("session_date") >= since)
        .join(subjects, on="subject")
    )
    told = chained.select(KEY).unique()
    for n in SECTOR_WINDOWS:
        told = told.join(_standing(chained, n), on=KEY, how="left")
    return told.sort(KEY)


def _standing(chained: pl.DataFrame, n: int) -> pl.DataFrame:
    """The places of the named sectors over one window."""
    ranked = (
        chained.select(*KEY, "group_name", value=pl.col(f"return_{n}"))
        .drop_nulls("value")
        # Counted twice, mid-ranks are whole numbers.
        .with_columns(
            twice=(2 * pl.col("value").rank("average").over(KEY)).cast(pl.Int64),
            is_named=pl.col("group_name").is_in(NAMED_SECTORS),
        )
    )
    told = ranked.group_by(KEY).agg(
        sectors=pl.len().cast(pl.Int64),
        named=pl.col("is_named").sum().cast(pl.Int64),
        in_top_third=(
            pl.col("is_named") & (3 * (pl.col("twice") - 1) > 4 * pl.len().cast(pl.Int64))
        )
        .sum()
        .cast(pl.Int64),
        total=pl.col("twice").filter("is_named").sum(),
        twice=pl.col("twice").sort(),
    )
    is_test = (pl.col("named") > 0) & (pl.col("named") < pl.col("sectors"))
    chances = pl.Series(
        "p",
        [
            chance_of_subset(tuple(ranks), named, total) if 0 < named < sectors else None
            for ranks, named, total, sectors in told.select(
                "twice", "named", "total", "sectors"
            ).iter_rows()
        ],
        dtype=pl.Float64,
    )
    mean = 100 * (pl.col("total") / pl.col("named") - 1) / (2 * pl.col("sectors"))
    return told.with_columns(chances).select(
        *KEY,
        pl.col("sectors").alias(f"sectors_{n}"),
        pl.col("named").alias(f"named_sectors_{n}"),
        pl.when(is_test).then("in_top_third").alias(f"named_in_top_third_{n}"),
        pl.when(is_test).then(mean).alias(f"named_percentile_{n}"),
        pl.col("p").alias(f"named_p_{n}"),
    )


def chance_of_subset(ranks: Sequence[int], size: int, total: int) -> float:
    """How often `size` of the ranks, drawn at random, add up to `total` or more; exact.

    Source: the distribution of Wilcoxon's rank sum, with ties (Mann and Whitney, Ann. Math.
    Statist. 18 (1947)), counted and not approximated.

    Raises:
        KeyError: no such subset adds up to `total`.
    """
    return _chances(tuple(ranks), size)[total]


@lru_cache(maxsize=4096)
def _chances(ranks: tuple[int, ...], size: int) -> dict[int, float]:
    """For each sum that subsets of that size reach, the chance of as much or more."""
    ways: list[Counter[int]] = [Counter({0: 1}), *[Counter() for _ in range(size)]]
    for rank in ranks:
        for taken in range(size, 0, -1):
            for reached, count in ways[taken - 1].items():
                ways[taken][reached + rank] += count
    totals = sorted(ways[size], reverse=True)
    beyond = accumulate(ways[size][total] for total in totals)
    return {
        total: count / comb(len(ranks), size) for total, count in zip(totals, beyond, strict=True)
    }
