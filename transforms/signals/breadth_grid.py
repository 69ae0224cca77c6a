"""Breadth and leadership on the sequence of sessions, and which universe judges a session."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from transforms.signals.claim import Inputs
from transforms.signals.grades import PARTLY, SUPPORTED
from transforms.universes import MARKET

SMALLCAP_100, SMALLCAP_250 = "nifty-smallcap-100", "nifty-smallcap-250"
TITLES = {
    SMALLCAP_250: "Nifty Smallcap 250",
    SMALLCAP_100: "Nifty Smallcap 100",
    MARKET: "every ordinary share",
}
JUDGES = (SMALLCAP_250, MARKET)
"""Small caps first; the whole market, which needs no list of members, stands in."""

THRUSTS = (
    "is_zweig_thrust",
    "is_deemer_thrust",
    "is_whaley_advance_thrust",
    "is_whaley_volume_thrust",
    "is_whaley_price_thrust",
)


def breadth_of(inputs: Inputs, universe: str, columns: Sequence[str]) -> pl.DataFrame:
    """Columns of mart.breadth of one universe at every session, oldest first; null without a row.

    Returns:
        session_date, is_held (the session has a row), is_biased (its members are known from a
        later list), `columns`.
    """
    return _beside(inputs, inputs.breadth, universe, columns, "is_survivorship_biased")


def leadership_of(inputs: Inputs, universe: str, columns: Sequence[str]) -> pl.DataFrame:
    """Columns of mart.leadership of one universe, as `breadth_of` gives those of breadth.

    `is_biased` is so of members in the last 9 sessions.
    """
    return _beside(inputs, inputs.leadership, universe, columns, "is_survivorship_biased_9")


def _beside(
    inputs: Inputs, frame: pl.DataFrame, universe: str, columns: Sequence[str], flag: str
) -> pl.DataFrame:
    days = inputs.sessions.select(pl.col("session_date").unique().sort())
    types = {name: pl.Boolean() if name in THRUSTS else pl.Float64() for name in columns}
    # A warehouse that holds no shares gives a frame without columns.
    if frame.width == 0:
        return days.with_columns(
            pl.lit(value=False).alias("is_held"),
            pl.lit(None, pl.Boolean).alias("is_biased"),
            *[pl.lit(None, dtype).alias(name) for name, dtype in types.items()],
        )
    rows = frame.filter(pl.col("universe") == universe).select(
        "session_date",
        is_held=pl.lit(value=True),
        is_biased=flag,
        **{name: pl.col(name).cast(dtype) for name, dtype in types.items()},
    )
    return days.join(rows, on="session_date", how="left", maintain_order="left").with_columns(
        pl.col("is_held").fill_null(value=False)
    )


def first_that_can(frames: dict[str, pl.DataFrame], is_able: pl.Expr) -> pl.DataFrame:
    """At each session the row of the first universe that can be judged, else of the first held.

    Args:
        frames: by universe, one row a session with `is_held`.
        is_able: whether a row can be judged.

    Returns:
        One row a session, oldest first, with `universe` and its `title`.
    """
    placed = [
        frame.with_columns(
            universe=pl.lit(universe),
            title=pl.lit(TITLES[universe]),
            place=pl.lit(place),
            is_able=is_able.fill_null(value=False),
        )
        for place, (universe, frame) in enumerate(frames.items())
    ]
    order = [pl.col("is_able").not_(), pl.col("is_held").not_(), pl.col("place")]
    return (
        pl.concat(placed)
        .sort("session_date", *order)
        .unique("session_date", keep="first", maintain_order=True)
        .drop("place", "is_able")
    )


def at_low(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The frame with `columns` as they were at its `low_date`, each named `<name>_low`."""
    before = frame.select(low_date="session_date", **{f"{name}_low": name for name in columns})
    return frame.join(before, on="low_date", how="left", maintain_order="left")


def count_of(*parts: pl.Expr) -> pl.Expr:
    """How many of the conditions hold; an untested one does not."""
    return pl.sum_horizontal(part.fill_null(value=False).cast(pl.Int64) for part in parts)


def tested_of(*parts: pl.Expr) -> pl.Expr:
    """How many of the conditions could be tested."""
    return pl.sum_horizontal(part.is_not_null().cast(pl.Int64) for part in parts)


def capped(grade: pl.Expr, is_biased: pl.Expr) -> pl.Expr:
    """The grade, at most PARTLY where the members are known from a later list."""
    return (
        pl.when(is_biased.fill_null(value=False) & (grade == SUPPORTED))
        .then(pl.lit(PARTLY))
        .otherwise(grade)
    )


def bias_in_words(is_biased: pl.Expr, day: pl.Expr, sessions: int = 1) -> pl.Expr:
    """That members are known from a later list alone, and of which session or up to it."""
    whose = "the members of" if sessions == 1 else f"some members in the {sessions} sessions to"
    said = pl.format(
        f"; survivorship-biased, so PARTLY at most: {whose} {{}}"
        " are known only from a list first seen later",
        day.dt.to_string("%Y-%m-%d"),
    )
    return pl.when(is_biased.fill_null(value=False)).then(said).otherwise(pl.lit(""))


def last_without(is_held: pl.Expr) -> pl.Expr:
    """The last session so far on which a condition fails, in words."""
    day = pl.when(~is_held).then("session_date").forward_fill().dt.to_string("%Y-%m-%d")
    return pl.format("the last missing is {}", day).fill_null("the sessions held begin too late")


def last_with(is_held: pl.Expr) -> pl.Expr:
    """The last session so far on which a condition holds, in words."""
    day = pl.when(is_held).then("session_date").forward_fill().dt.to_string("%Y-%m-%d")
    return pl.format("last held for {}", day).fill_null("none is held so far")


def listed(names: dict[str, pl.Expr], *, nothing: str) -> pl.Expr:
    """The names whose condition holds, comma between; `nothing` where none does."""
    told = pl.concat_str(
        [pl.when(holds.fill_null(value=False)).then(pl.lit(name)) for name, holds in names.items()],
        separator=", ",
        ignore_nulls=True,
    )
    return pl.when(told == "").then(pl.lit(nothing)).otherwise(told)
