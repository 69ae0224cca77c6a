"""Declared breaks in what publishers state: each with its reason, and what is expected to be seen.

A correction that no longer meets what it expects is an error, so that a fix upstream is noticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl


@dataclass(frozen=True)
class Rebase:
    """A session from which an index is stated on another base; no window reaches across it."""

    index_id: str
    session_date: date
    divisor: float
    """Levels before, over levels from then on."""
    reason: str


REBASES: tuple[Rebase, ...] = (
    Rebase(
        "nifty-it",
        date(2004, 5, 28),
        10,
        "CNX IT: base value changed from 1,000 to 100 with effect from 2004-05-28",
    ),
)
TOLERANCE = 0.25
"""A rebase must show as a jump within this share of its divisor."""


def with_basis(series: pl.DataFrame) -> pl.DataFrame:
    """Number the bases each index was stated on, from 0: `basis`.

    Args:
        series: index_id, session_date, close; sorted by both.

    Raises:
        ValueError: a declared rebase is not seen in the closes around its session.
    """
    basis = pl.lit(0, dtype=pl.Int64)
    for rebase in REBASES:
        is_after = (pl.col("index_id") == rebase.index_id) & (
            pl.col("session_date") >= rebase.session_date
        )
        basis += is_after.cast(pl.Int64)
        _hold_to(rebase, series)
    return series.with_columns(basis=basis)


def _hold_to(rebase: Rebase, series: pl.DataFrame) -> None:
    closes = series.filter(pl.col("index_id") == rebase.index_id)
    before = closes.filter(pl.col("session_date") < rebase.session_date)["close"]
    after = closes.filter(pl.col("session_date") == rebase.session_date)["close"]
    if before.is_empty() or after.is_empty():
        return
    seen = before[-1] / after[0]
    if abs(seen / rebase.divisor - 1) > TOLERANCE:
        message = (
            f"{rebase.index_id}: expected levels divided by {rebase.divisor:g} on "
            f"{rebase.session_date}; got {seen:.3g} ({rebase.reason}). "
            "If the publisher restated its history, take the rebase out of corrections.py"
        )
        raise ValueError(message)
