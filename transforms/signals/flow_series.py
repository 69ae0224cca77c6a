"""Which series of foreign flows a session is judged by, and its sums over any window."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from transforms.metrics.earnings import evening
from transforms.metrics.flow_grid import SERIES, lakh, net_sum_crore, on_sessions
from transforms.metrics.flow_rows import BOTH, DEPOSITORY, FINAL
from transforms.signals.claim import FLOW_SOURCE, Inputs
from transforms.signals.grades import LEAST_BASE_RATE_SESSIONS

# All exchanges together first; then a count whose venues nobody states; then one exchange alone.
SCOPES = ("NSE+BSE+MSEI", "unstated", "NSE")
STAGE = "provisional"
LONGEST_SUM = 15
RANKED_SUMS = (1, 5, 9, 10, 15)  # those that mart.flow ranks
BEFORE_SUM, WINDOW = 20, 10

SUMS = tuple(f"net_sum_{n}" for n in range(1, LONGEST_SUM + 1))
DECISIVE = ("net_sum_10_crore", "net_sum_20_before", "net_sum_10_z")

BASE_RATE = (
    "Base rate: share of earlier sessions on which the rule held, null until "
    f"{LEAST_BASE_RATE_SESSIONS} could be tested"
)

LATEST_FINAL_SESSIONS = 5
"""A final sum that ends so many sessions before the evening still speaks for it."""


def foreign_series(inputs: Inputs, decisive: Sequence[str] = DECISIVE) -> pl.DataFrame:
    """Figures of FII flows at every session, each session from one series alone.

    Of the series with a row for the session, the first of SCOPES stands whose decisive figures
    are all there; where none has them, the first with a row.

    Returns:
        One row a session, oldest first: session_date, scope, is_imported (both null where no
        series has a row), the columns of mart.flow that claims read, `net_sum_1` to `net_sum_15`
        (Rs crore), `net_sum_20_before` (the 20-session sum that ended before the 10-session
        window), `net_sum_<n>_sample` for RANKED_SUMS, `net_to_gross_10_sample` and
        `net_sum_20_slope_sample` (such figures of the series so far), `net_sum_10_both` (FII and
        DII together, in the same scope), `last_missing` (the session without a row before this
        one), `last_held` (date of the last row of any series).
    """
    counted = inputs.flow.filter((pl.col("stage") == STAGE) & pl.col("scope").is_in(SCOPES))
    rows = counted.filter(pl.col("participant") == "FII").with_columns(net_lakh=lakh("net_crore"))
    both = counted.filter(pl.col("participant") == BOTH).select(
        "session_date", "scope", net_sum_10_both="net_sum_10_crore"
    )
    sampled = {f"net_sum_{n}_sample": f"net_sum_{n}_crore" for n in RANKED_SUMS}
    sampled |= {
        "net_to_gross_10_sample": "net_to_gross_10_pct",
        "net_sum_20_slope_sample": "net_sum_20_slope",
    }
    figures = (
        on_sessions(rows, inputs.sessions)
        .with_columns(
            *[
                net_sum_crore(n).over(SERIES).alias(f"net_sum_{n}")
                for n in range(1, LONGEST_SUM + 1)
            ],
            *[
                pl.col(value).is_not_null().cum_sum().cast(pl.Int64).over(SERIES).alias(name)
                for name, value in sampled.items()
            ],
            net_sum_20_before=net_sum_crore(BEFORE_SUM).shift(WINDOW).over(SERIES),
            last_missing=pl.when(~pl.col("is_held"))
            .then("session_date")
            .forward_fill()
            .over(SERIES),
        )
        .filter("is_held")
        .join(both, on=["session_date", "scope"], how="left")
        .with_columns(
            is_whole=pl.all_horizontal(pl.col(decisive).is_not_null()),
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


def with_base_rate(frame: pl.DataFrame, rule: str) -> pl.DataFrame:
    """The frame with `base_rate`: how often the rule held before.

    Of the earlier sessions on which the column `rule` is not null, the share on which it is true;
    null where it is null now, and until LEAST_BASE_RATE_SESSIONS of them.
    """
    is_testable = pl.col(rule).is_not_null()
    earlier = is_testable.cum_sum().shift(1).cast(pl.Int64)
    held = pl.col(rule).fill_null(value=False).cum_sum().shift(1)
    return frame.with_columns(
        base_rate=pl.when(is_testable & (earlier >= LEAST_BASE_RATE_SESSIONS)).then(held / earlier)
    )


def series_in_words() -> pl.Expr:
    """Which series the session is judged by."""
    imported = pl.when(pl.col("is_imported")).then(pl.lit(" (imported)")).otherwise(pl.lit(""))
    return pl.format("FII, provisional, scope {}{}", "scope", imported)


def no_row_in_words() -> pl.Expr:
    """That no series has a row for the session, and when one last had."""
    last_held = pl.col("last_held").dt.to_string("%Y-%m-%d").fill_null("none at all")
    return pl.format(
        f"{FLOW_SOURCE} has no FII figure for this session; last held before: {{}}", last_held
    )


def hole_in_words() -> pl.Expr:
    """The session that a window of the series misses."""
    return pl.format("the last missing is {}", pl.col("last_missing").cast(pl.String)).fill_null(
        "the series begins too late"
    )


def depository_by_evening(inputs: Inputs) -> pl.DataFrame:
    """The depository's last 10-session FII net that was out by the evening of each session.

    All ten of its sessions were published by 22:30 in India, so it ends one session before the
    evening or earlier. A session that was restated later is not yet known: the sum before it
    stands. Null where the last one ended over LATEST_FINAL_SESSIONS sessions ago.

    Returns:
        One row a session, oldest first: session_date, final_sum_10 (Rs crore), final_session (the
        last of its sessions).
    """
    days = (
        inputs.sessions.select(pl.col("session_date").unique().sort())
        .with_row_index("number")
        .with_columns(
            pl.col("number").cast(pl.Int64),
            evening=evening(pl.col("session_date")).dt.cast_time_unit("us"),
        )
    )
    finals = inputs.flow.filter(
        (pl.col("participant") == "FII")
        & (pl.col("scope") == DEPOSITORY)
        & (pl.col("stage") == FINAL)
    ).select(*SERIES, "session_date", "net_sum_10_crore", "published_at")
    sums = (
        on_sessions(finals, inputs.sessions)
        .join(days.select("session_date", "number"), on="session_date", how="left")
        .select(
            out_at=pl.col("published_at").rolling_max(WINDOW).over(SERIES),
            final_number="number",
            final_session="session_date",
            final_sum_10="net_sum_10_crore",
        )
        .drop_nulls()
    )
    # Sums come out in any order where history is fetched or restated: the newest that is out.
    newest = sums.sort("out_at", "final_number").select(
        "out_at", final_number=pl.col("final_number").cum_max()
    )
    return (
        days.join_asof(
            newest.unique("out_at", keep="last", maintain_order=True),
            left_on="evening",
            right_on="out_at",
        )
        .join(sums.drop("out_at"), on="final_number", how="left", maintain_order="left")
        .with_columns(age=pl.col("number") - pl.col("final_number"))
        .select(
            "session_date",
            pl.when(pl.col("age").is_between(0, LATEST_FINAL_SESSIONS)).then(
                pl.col("final_sum_10", "final_session")
            ),
        )
    )
