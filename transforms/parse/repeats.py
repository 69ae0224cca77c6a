"""Rows of one file that share a key: the same row again, a coarser print of it, or a contradiction.

Republished histories hold a row twice, once cut to fewer decimals or without its open, high and
low. Such a pair does not contradict itself: the more complete and more precise row stands. Two
rows that do contradict each other are both rejected: nobody here knows which is true.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import polars.selectors as cs


def may_repeat(typed: pl.DataFrame, identity: Sequence[str]) -> pl.Series:
    """Whether a row may share its key with another: no row that does is left out."""
    # One hash of the key tells nearly every row apart, and sorts faster than its columns group.
    hashes = [pl.col(name).hash(seed) for seed, name in enumerate(identity)]
    keys = typed.select(key=pl.reduce(lambda one, other: one ^ other, hashes)).to_series()
    ordered = keys.sort()
    if not (ordered == ordered.shift()).any():
        return pl.repeat(value=False, n=typed.height, eager=True)
    return keys.is_duplicated()


def judge_repeats(text: pl.DataFrame, typed: pl.DataFrame, identity: Sequence[str]) -> pl.DataFrame:
    """Say of each row that shares its key within a file why it cannot stay.

    Args:
        text: rows as published, aligned with `typed`.
        typed: the same rows in their types, with `row_number` and `position_`.
        identity: file and key columns.

    Returns:
        position_, repeat_reason; rows that stay are not in it.
    """
    # Rows whose key cannot be read share nothing.
    is_keyed = pl.all_horizontal(pl.col(identity).is_not_null())
    is_shared = typed.select(shared_=is_keyed & (pl.len().over(identity) > 1))["shared_"]
    rows, written = typed.filter(is_shared), text.filter(is_shared)
    if rows.is_empty():
        return pl.DataFrame(schema={"position_": pl.UInt32, "repeat_reason": pl.String})
    place = {*identity, "row_number", "position_"}
    numbers = [c for c in rows.select(cs.numeric()).columns if c not in place]
    words = [c for c in rows.columns if c not in {*numbers, *place}]
    decimals = written.select(
        _decimals(written, name).alias(name) for name in numbers if name in written.columns
    )
    work = rows.with_columns(
        *[decimals[name].alias(f"{name}_decimals") for name in decimals.columns],
        filled_=pl.sum_horizontal(
            pl.lit(0), *(pl.col(name).is_not_null() for name in numbers)
        ).cast(pl.Int64),
        precision_=pl.sum_horizontal(decimals.get_columns()) if decimals.columns else pl.lit(0),
    )
    agreements = [
        # Values agree when they differ by less than one unit of the coarser print's last decimal.
        (pl.col(name).cast(pl.Float64).max() - pl.col(name).cast(pl.Float64).min()).over(identity)
        < (10.0 ** -pl.col(f"{name}_decimals").filter(pl.col(name).is_not_null()).min()).over(
            identity
        )
        * (1 - 1e-9)
        for name in decimals.columns
    ] + [pl.col(name).n_unique().over(identity) == 1 for name in words]
    best = pl.struct(-pl.col("filled_"), -pl.col("precision_"), "row_number")
    return (
        work.with_columns(
            # Of a table that is all key, rows that share it say the same.
            agrees_=pl.all_horizontal(
                pl.lit(value=True), *(one.fill_null(value=True) for one in agreements)
            ),
            kept_=pl.col("row_number").sort_by(best).first().over(identity),
        )
        .filter(~pl.col("agrees_") | (pl.col("row_number") != pl.col("kept_")))
        .select(
            "position_",
            repeat_reason=pl.when("agrees_")
            .then(pl.lit("repeats another row, or says less than it"))
            .otherwise(pl.lit("another row of this file contradicts it under the same key")),
        )
    )


def _decimals(written: pl.DataFrame, name: str) -> pl.Expr:
    """Decimals a number was printed with; one that came typed is taken as exact."""
    type_ = written.schema[name]
    if type_ == pl.String:
        printed = pl.col(name).str.extract(r"\.(\d*)$").str.len_chars()
        return printed.fill_null(0).cast(pl.Int64)
    return pl.repeat(type_.scale if isinstance(type_, pl.Decimal) else 0, pl.len(), dtype=pl.Int64)
