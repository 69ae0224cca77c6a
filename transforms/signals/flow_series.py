"""Which series of foreign flows a session is judged by, and its sums over any window."""

from __future__ import annotations

import polars as pl

from transforms.metrics.flows_of_funds import lakh, net_sum_crore, on_sessions
from transforms.signals.claim import Inputs

# All exchanges together first; then a count whose venues nobody states; then one exchange alone.
SCOPES = ("NSE+BSE+MSEI", "unstated", "NSE")
STAGE = "provisional"
LONGEST_SUM = 15
RANKED_SUMS = (1, 5, 9, 10, 15)  # those that mart.flow ranks
BEFORE_SUM, WINDOW = 20, 10

SUMS = tuple(f"net_sum_{n}" for n in range(1, LONGEST_SUM + 1))
DECISIVE = ("net_sum_10_crore", "net_sum_20_before", "net_sum_10_z")


def foreign_series(inputs: Inputs) -> pl.DataFrame:
    """Figures of FII flows at every session, each session from one series alone.

    Of the series with a row for the session, the first of SCOPES stands whose decisive figures
    are all there; where none has them, the first with a row.

    Returns:
        One row a session, oldest first: session_date, scope, is_imported (both null where no
        series has a row), the columns of mart.flow that claims read, `net_sum_1` to `net_sum_15`
        (Rs crore), `net_sum_20_before` (the 20-session sum that ended before the 10-session
        window), `net_sum_<n>_sample` for RANKED_SUMS (such sums so far), `last_missing` (the
        session without a row before this one), `last_held` (date of the last row of any
        series).
    """
    rows = inputs.flow.filter(
        (pl.col("participant") == "FII")
        & (pl.col("stage") == STAGE)
        & pl.col("scope").is_in(SCOPES)
    ).with_columns(net_lakh=lakh("net_crore"))
    by_series = ["participant", "scope", "stage"]
    figures = (
        on_sessions(rows, inputs.sessions)
        .with_columns(
            *[
                net_sum_crore(n).over(by_series).alias(f"net_sum_{n}")
                for n in range(1, LONGEST_SUM + 1)
            ],
            *[
                pl.col(f"net_sum_{n}_crore")
                .is_not_null()
                .cum_sum()
                .cast(pl.Int64)
                .over(by_series)
                .alias(f"net_sum_{n}_sample")
                for n in RANKED_SUMS
            ],
            net_sum_20_before=net_sum_crore(BEFORE_SUM).shift(WINDOW).over(by_series),
            last_missing=pl.when(~pl.col("is_held"))
            .then("session_date")
            .forward_fill()
            .over(by_series),
        )
        .filter("is_held")
        .with_columns(
            is_whole=pl.all_horizontal(pl.col(DECISIVE).is_not_null()),
            preference=pl.col("scope").replace_strict(
                {scope: rank for rank, scope in enumerate(SCOPES)}, return_dtype=pl.Int64
            ),
        )
        .sort("session_date", pl.col("is_whole").not_(), "preference")
        .unique("session_date", keep="first", maintain_order=True)
    )
    days = inputs.sessions.select(pl.col("session_date").unique().sort())
    return days.join(
        figures.with_columns(last_held="session_date"),
        on="session_date",
        how="left",
        maintain_order="left",
    ).with_columns(pl.col("last_held").forward_fill())
