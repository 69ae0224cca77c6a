"""The low from which the rebound of a session rose, if one is under way."""

from __future__ import annotations

import polars as pl

from transforms.signals.claim import INDEX_SOURCE
from transforms.signals.grades import REBOUND_FRESH_SESSIONS
from transforms.signals.grid import last_missing, whole
from transforms.signals.rebounds import LOOK_BACK, WINDOW, rebounds

REACH = REBOUND_FRESH_SESSIONS + WINDOW + LOOK_BACK


def under_way(grid: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The grid with the last rebound that had ended by each session, and whether it still runs.

    Args:
        grid: `session_date`, `close`; one row a session, oldest first.
        events: rows of `rebounds`, and what else is told of each.

    Returns:
        The grid with row, end_row, is_under_way (a rebound ended at most REBOUND_FRESH_SESSIONS
        before and its low holds; null where a missing close may hide a rebound or a fall below the
        low), and the columns of `events`, null unless it is under way.
    """
    close = pl.col("close")
    facts = [name for name in events.columns if name != "row"]
    last = (
        grid.with_row_index("row")
        .with_columns(pl.col("row").cast(pl.Int64))
        .join(events.with_columns(end_row="row"), on="row", how="left", maintain_order="left")
        .with_columns(pl.col(*facts, "end_row").forward_fill())
        # Within one rebound's reign: the lowest close and the missing closes since it ended.
        .with_columns(
            lowest=close.cum_min().forward_fill().over("end_row"),
            missing_since=close.is_null().cum_sum().over("end_row"),
        )
    )
    is_fresh = (pl.col("row") - pl.col("end_row") <= REBOUND_FRESH_SESSIONS).fill_null(value=False)
    is_fresh &= pl.col("missing_since") == 0
    is_broken = (pl.col("lowest") < pl.col("low_close")).fill_null(value=False)
    is_seen = whole(close, REACH).fill_null(value=False)
    is_under_way = (
        pl.when(close.is_null())
        .then(pl.lit(None, dtype=pl.Boolean))
        .when(is_fresh & ~is_broken)
        .then(pl.lit(value=True))
        .when(is_seen | (is_fresh & is_broken))
        .then(pl.lit(value=False))
    )
    # A rebound that is over lends its figures to nothing.
    return (
        last.with_columns(is_under_way=is_under_way)
        .with_columns(pl.when("is_under_way").then(pl.col(facts)))
        .drop("lowest", "missing_since")
    )


def with_low(grid: pl.DataFrame) -> pl.DataFrame:
    """The grid with the low of the rebound under way.

    Returns:
        The grid with is_under_way (see `under_way`), low_date and sessions_since_low, both null
        unless it is under way.
    """
    events = rebounds(grid).select("row", "low_row", "low_date", "low_close")
    return under_way(grid, events).select(
        *grid.columns,
        "is_under_way",
        "low_date",
        sessions_since_low=pl.col("row") - pl.col("low_row"),
    )


def no_low_in_words() -> pl.Expr:
    """Why there is no low to compare with, on a frame of `with_low`; null where there is one."""
    return (
        pl.when(pl.col("close").is_null())
        .then(pl.lit(f"{INDEX_SOURCE} has no close of Nifty Smallcap 100 for this session"))
        .when(pl.col("is_under_way").is_null())
        .then(
            pl.format(
                f"{INDEX_SOURCE} lacks a close of Nifty Smallcap 100 in the {REACH} sessions "
                "before, in which a low may hide: {}",
                last_missing(pl.col("close")),
            )
        )
        .when(~pl.col("is_under_way"))
        .then(
            pl.lit(
                f"no rebound is under way: none of {WINDOW} sessions from a low ended in the last "
                f"{REBOUND_FRESH_SESSIONS} sessions with its low unbroken"
            )
        )
    )
