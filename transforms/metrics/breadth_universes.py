"""Which shares belong to which universes at which sessions."""

from __future__ import annotations

from datetime import date

import polars as pl

from transforms.universes import MARKET, NEVER

_from, _to = pl.col("valid_from"), pl.col("valid_to")
KEY = ["session_date", "universe"]


def segments_of(
    shares: pl.DataFrame, spans: pl.DataFrame, first: date
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Stretches of time in which a share belongs to the same universes, and what those are.

    Returns:
        instrument_id, valid_from, valid_to, set; and set, universe, the market among them.
    """
    everyone = shares.select(pl.col("instrument_id").unique()).with_columns(
        pl.col("instrument_id").cast(pl.String)
    )
    spans = spans.select("universe", "instrument_id", "valid_from", "valid_to").join(
        everyone, on="instrument_id", how="semi"
    )
    cuts = (
        pl.concat(
            [
                everyone.with_columns(valid_from=pl.lit(first)),
                spans.select("instrument_id", pl.max_horizontal("valid_from", pl.lit(first))),
                spans.select("instrument_id", pl.col("valid_to").alias("valid_from")),
            ]
        )
        .unique()
        .sort("instrument_id", "valid_from")
        .with_columns(valid_to=_from.shift(-1).over("instrument_id").fill_null(NEVER))
    )
    held = (
        cuts.join(spans, on="instrument_id", how="left", suffix="_span")
        .with_columns(
            universe=pl.when(
                (_from >= pl.col("valid_from_span")) & (_from < pl.col("valid_to_span"))
            ).then("universe")
        )
        .group_by("instrument_id", "valid_from", "valid_to")
        .agg(pl.col("universe").drop_nulls().sort())
        .with_columns(name=pl.col("universe").list.join("\n"))
        .with_columns(set=pl.col("name").rank("dense").cast(pl.UInt32))
    )
    segments = held.select("instrument_id", "valid_from", "valid_to", "set")
    sets = held.select("set", "universe").unique("set").explode("universe").drop_nulls("universe")
    market = held.select(pl.col("set").unique()).with_columns(universe=pl.lit(MARKET))
    # Groups of numbered names take less time than those of text.
    names = pl.Enum([*spans["universe"].unique().sort(), MARKET])
    return segments, pl.concat([sets, market]).with_columns(pl.col("universe").cast(names))


def members_of(spans: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """KEY, members and is_survivorship_biased of every universe but the market."""
    biased = pl.col("is_survivorship_biased").cast(pl.Int64)
    ends = pl.concat(
        [
            spans.select("universe", at="valid_from", joined=pl.lit(1), biased=biased),
            spans.select("universe", at="valid_to", joined=pl.lit(-1), biased=-biased),
        ]
    )
    # An end counts from the first session on or after it.
    steps = (
        ends.sort("at")
        .join_asof(
            days.sort("session_date").with_columns(at=pl.col("session_date")),
            on="at",
            strategy="forward",
        )
        .drop_nulls("session_date")
        .group_by(KEY)
        .agg(pl.col("joined").sum(), pl.col("biased").sum())
    )
    return (
        days.join(spans.select(pl.col("universe").unique()), how="cross")
        .join(steps, on=KEY, how="left")
        .sort("universe", "session_date")
        .select(
            *KEY,
            pl.col("joined")
            .fill_null(0)
            .cum_sum()
            .over("universe")
            .cast(pl.Int64)
            .alias("members"),
            (pl.col("biased").fill_null(0).cum_sum().over("universe") > 0).alias(
                "is_survivorship_biased"
            ),
        )
        .filter(pl.col("members") > 0)
    )
