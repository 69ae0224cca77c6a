"""Size tiers by rank of market capitalisation, reset every half-year.

SEBI's rule, as the funds' association (AMFI) applies it: shares are ranked by their average full
market capitalisation over six months; 1 to 100 are large, 101 to 250 mid, the rest small. Beyond
that nothing is official: the border at 500, below which small becomes micro, is ours (the
exchange's broad lists end at 750, the last 250 of which it calls microcap).
"""

from __future__ import annotations

import polars as pl

from transforms.universes import NEVER
from warehouse.tables.instruments import MEMBER_BASES, IndexMembership
from warehouse.tables.table import schema

LAST_RANK = {"large": 100, "mid": 250, "small": 500}
REST = "micro"
TITLES = {"large": "Large caps", "mid": "Mid caps", "small": "Small caps", "micro": "Micro caps"}
FULL_MARKET = 750
MINIMUM_SESSIONS = 20
RECENT_SESSIONS = 20


def size_tiers(caps: pl.DataFrame, sessions: pl.DataFrame | None = None) -> pl.DataFrame:
    """Which tier each ordinary share is in, from one reset to the next.

    A reset is the first session of January and of July, and looks at the half-year before it: the
    mean over the sessions a share has there, of shares that still had a value in its last
    RECENT_SESSIONS sessions. With fewer than FULL_MARKET of them the borders shrink in proportion:
    of 75 shares, 10 are large. Equal means (to the rupee) are ranked by id.

    Args:
        caps: instrument_id, session_date, market_cap_inr of ordinary shares; nulls are no value.
        sessions: session_date of every session; those of `caps` where not given.

    Returns:
        Rows of core.index_membership of kind tier ("tier:large" ...); none for a reset before which
        fewer than MINIMUM_SESSIONS sessions have values.
    """
    known = caps.drop_nulls("market_cap_inr").select(
        "instrument_id",
        "session_date",
        market_cap_inr=pl.col("market_cap_inr").cast(pl.Float64),
        half=_half("session_date"),
    )
    days = known.select("session_date") if sessions is None else sessions.select("session_date")
    resets = _resets(days.unique())
    valued = (
        known.select("half", "session_date")
        .unique()
        .with_columns(
            count=pl.len().over("half"),
            age=pl.col("session_date").rank("ordinal", descending=True).over("half"),
        )
        .filter(pl.col("count") >= MINIMUM_SESSIONS)
    )
    recent_since = (
        valued.filter(pl.col("age") <= RECENT_SESSIONS)
        .group_by("half")
        .agg(recent_since=pl.col("session_date").min())
    )
    means = (
        known.group_by("half", "instrument_id")
        .agg(
            # To the rupee: sums in another order must not change a rank.
            mean_inr=pl.col("market_cap_inr").mean().round(0),
            last_on=pl.col("session_date").max(),
        )
        .join(recent_since, on="half")
        .filter(pl.col("last_on") >= pl.col("recent_since"))
    )
    ranked = (
        means.sort("half", -pl.col("mean_inr"), "instrument_id")
        .with_columns(
            rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("half"),
            market=pl.min_horizontal(pl.len().over("half"), pl.lit(FULL_MARKET)),
        )
        .with_columns(tier=_tier())
        .join(resets, on="half")
    )
    return _rows(ranked)


def merged_tiers(stored: pl.DataFrame, fresh: pl.DataFrame) -> pl.DataFrame:
    """Stored tiers up to the first reset in `fresh`, and the fresh ones from there on.

    For a night that reads no more than the half-year before the last reset: `fresh` is what
    `size_tiers` makes of that.
    """
    if fresh.is_empty():
        return stored
    first = fresh.get_column("valid_from").min()
    kept = stored.filter(pl.col("valid_from") < first).with_columns(
        valid_to=pl.min_horizontal("valid_to", pl.lit(first))
    )
    return pl.concat([kept, fresh.select(kept.columns)]).sort(
        "universe", "instrument_id", "valid_from"
    )


def _half(column: str) -> pl.Expr:
    """The number of the half-year a date is in."""
    return pl.col(column).dt.year() * 2 + (pl.col(column).dt.month() > 6).cast(pl.Int32)


def _resets(sessions: pl.DataFrame) -> pl.DataFrame:
    """By the half-year looked at (`half`): the reset after it, and the next one."""
    return (
        sessions.group_by(opened=_half("session_date"))
        .agg(valid_from=pl.col("session_date").min())
        .sort("opened")
        .select(
            "valid_from",
            half=pl.col("opened") - 1,
            valid_to=pl.col("valid_from").shift(-1).fill_null(NEVER),
        )
    )


def _tier() -> pl.Expr:
    chain: pl.Expr = pl.lit(REST)
    for tier, last in reversed(LAST_RANK.items()):
        # In whole numbers: rank <= last * market / FULL_MARKET.
        inside = pl.col("rank") * FULL_MARKET <= last * pl.col("market")
        chain = pl.when(inside).then(pl.lit(tier)).otherwise(chain)
    return chain


def _rows(ranked: pl.DataFrame) -> pl.DataFrame:
    return (
        ranked.select(
            "instrument_id",
            "valid_from",
            "valid_to",
            universe=pl.format("tier:{}", "tier"),
            universe_kind=pl.lit("tier"),
            universe_title=pl.col("tier").replace_strict(TITLES),
            basis=pl.lit(MEMBER_BASES[0]),
            is_survivorship_biased=pl.lit(value=False),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in schema(IndexMembership).items())
        .sort("universe", "instrument_id", "valid_from")
    )
