"""Which bars of a share its windows may reach into: runs, and each bar's place in its run.

A run of a share ends where `chain` changes (a jump nobody explains), where the market has a hole
(a session without a bar of any share), and where the share itself did not trade for more than
LONGEST_GAP sessions. Shorter gaps of its own are bridged: windows count the share's own bars.
"""

from __future__ import annotations

from datetime import date

import polars as pl

LONGEST_GAP = 20
"""Sessions in a row a share may miss before its windows begin anew; about a month."""
LONGEST_REACH = 272
"""Bars before a bar that any of its metrics reads: 21 residuals, each against a beta of 252."""
LOOKBACK = 300
"""Sessions of series before the first new one that suffice for most shares."""
LOOKBACK_STATES = 42
"""Sessions whose state is kept: the longest gap before a bar, and as far back again."""

BARS = "bars_before"
WHOLE_BARS = "whole_bars_before"
"""The same for the run of bars that have a high and a low."""
KEY = ("instrument_id", "session_date")

_PLACES = {"run": BARS, "whole_run": WHOLE_BARS}
_IS_WHOLE = pl.col("high").is_not_null() & pl.col("low").is_not_null()


def numbered(sessions: pl.DataFrame) -> pl.DataFrame:
    """Number the sessions, and count the holes of the market up to each.

    Args:
        sessions: `session_date` of every trading session, `has_bars`: whether any share has one.
    """
    return sessions.sort("session_date").select(
        "session_date",
        pl.int_range(pl.len(), dtype=pl.Int32).alias("_session"),
        pl.col("has_bars").not_().cum_sum().cast(pl.Int32).alias("_holes"),
    )


def with_runs(
    series: pl.DataFrame,
    calendar: pl.DataFrame,
    held: pl.DataFrame | None = None,
    since: date | None = None,
) -> pl.DataFrame:
    """Bars in chained prices, with the run of each and its place in it.

    Args:
        series: rows of mart.equity_series.
        calendar: what `numbered` returns, and columns to join by session.
        held: rows of the state; its columns are joined to each share's last bar before `since`,
            where the run is older than the rows given.
        since: first new session.

    Returns:
        The rows sorted by share and session; open, high, low, close chained; `run` and
        `whole_run` (row the run starts on; of whole bars alone), BARS and WHOLE_BARS (bars of the
        run before this one, also those not given; null in WHOLE_BARS where the bar is not
        whole), `known` and `whole_known` (the same, but -1 before the bar whose state is held).

    Raises:
        ValueError: two bars of one share and session, a bar on a date that is no session, or no
            state for a run that is older than the rows given.
    """
    frame = (
        _sorted(series)
        .join(calendar, on="session_date", how="left", maintain_order="left")
        .with_columns(pl.col("high", "low", "close") * pl.col("price_factor"))
    )
    _hold_to_keys(frame)
    is_same = pl.col("_is_same_share")
    follows = (
        is_same
        & (pl.col("chain") == pl.col("chain").shift(1))
        & (pl.col("_holes") == pl.col("_holes").shift(1))
        & (pl.col("_session") - pl.col("_session").shift(1) <= LONGEST_GAP + 1)
    ).fill_null(value=False)
    frame = frame.with_columns(_starts(follows).alias("run")).with_columns(
        (pl.int_range(pl.len(), dtype=pl.Int32) - pl.col("run").cast(pl.Int32)).alias(BARS)
    )
    if frame.select(_IS_WHOLE.all()).item():
        frame = frame.with_columns(pl.col("run").alias("whole_run"), pl.col(BARS).alias(WHOLE_BARS))
    else:
        frame = frame.with_columns(
            _starts(follows & (_IS_WHOLE.shift(1) == _IS_WHOLE)).alias("whole_run")
        ).with_columns(
            pl.when(_IS_WHOLE)
            .then(pl.int_range(pl.len(), dtype=pl.Int32) - pl.col("whole_run").cast(pl.Int32))
            .alias(WHOLE_BARS)
        )
    frame = frame.with_columns(pl.col("run", "whole_run").set_sorted())
    if held is None or since is None:
        return frame.with_columns(
            pl.col(BARS).alias("known"), pl.col(WHOLE_BARS).alias("whole_known")
        )
    return _continued(frame, held, since)


def _sorted(series: pl.DataFrame) -> pl.DataFrame:
    """Rows by share and session, and whether each is of the same share as the row above."""
    share, day = pl.col("instrument_id"), pl.col("session_date")
    is_same = (share == share.shift(1)).fill_null(value=False)
    # Looking is much quicker than sorting text that is sorted already.
    in_order = (share > share.shift(1)) | (is_same & (day >= day.shift(1)))
    if not series.select(in_order.fill_null(value=True).all()).item():
        series = series.sort(*KEY)
    return series.with_columns(is_same.alias("_is_same_share"))


def _starts(follows: pl.Expr) -> pl.Expr:
    """Row on which each bar's run starts."""
    row = pl.int_range(pl.len(), dtype=pl.UInt32)
    return pl.when(follows.not_()).then(row).forward_fill().set_sorted()


def _continued(frame: pl.DataFrame, held: pl.DataFrame, since: date) -> pl.DataFrame:
    """Places in runs that are older than the rows given, from the state of the last bar before."""
    is_old = pl.col("session_date") < since
    row = pl.int_range(pl.len(), dtype=pl.Int32)
    anchors = (
        frame.with_columns(row.alias("_anchor"))
        .filter(
            is_old
            & (
                is_old.shift(-1).not_()
                | (pl.col("instrument_id") != pl.col("instrument_id").shift(-1))
            ).fill_null(value=True)
        )
        .select(*KEY, "_anchor", "run", "whole_run", BARS, WHOLE_BARS)
    )
    # A share with no new bar in the run of its last one needs no state.
    needed = frame.filter(~is_old)["run"].unique().implode()
    anchors = anchors.filter(pl.col("run").is_in(needed)).join(
        held, on=KEY, how="left", suffix="_held", maintain_order="left"
    )
    missing = anchors.filter(pl.col(f"{BARS}_held").is_null())
    if missing.height:
        first = missing.row(0, named=True)
        message = (
            f"expected the state of {missing.height} shares at their last bar before {since}, the "
            f"first {first['instrument_id']} on {first['session_date']}: give these shares' full "
            "history without state"
        )
        raise ValueError(message)
    for run, place in _PLACES.items():
        prefix = "" if run == "run" else "whole_"
        older = anchors.filter(pl.col(f"{place}_held") > pl.col(place)).select(
            run,
            (pl.col(f"{place}_held") - pl.col(place)).cast(pl.Int32).alias("_more"),
            pl.col("_anchor").alias(f"_{prefix}anchor"),
            pl.col(place).alias("_given"),
        )
        frame = (
            frame.join(older, on=run, how="left", maintain_order="left")
            .with_columns((pl.col(place) + pl.col("_more").fill_null(0)).alias(place))
            .with_columns(
                pl.when(row < pl.col(f"_{prefix}anchor"))
                .then(pl.lit(-1, dtype=pl.Int32))
                .otherwise(pl.col(place))
                .alias(f"{prefix}known"),
                pl.when(row == pl.col(f"_{prefix}anchor"))
                .then("_given")
                .alias(f"{prefix}given_before"),
                pl.col(run).set_sorted(),
            )
            .drop("_more", "_given")
        )
    states = [name for name in held.columns if name not in {*KEY, BARS, WHOLE_BARS}]
    return frame.join(
        anchors.select(*KEY, *[pl.col(name).alias(f"{name}_held") for name in states]),
        on=KEY,
        how="left",
        maintain_order="left",
    ).with_columns(pl.col("run", "whole_run").set_sorted())


def short_histories(
    series: pl.DataFrame, held: pl.DataFrame, sessions: pl.DataFrame, since: date
) -> list[str]:
    """Shares with new bars whose windows reach before the rows given, or whose state is not held.

    They trade too seldom for LOOKBACK sessions to hold LONGEST_REACH bars, or came to these rows
    by a change of identity. Compute them from their whole history, without state.

    Args:
        series: rows of mart.equity_series from LOOKBACK sessions before `since` on.
        held: rows of the state.
        sessions: as `numbered` takes them.
        since: first new session.
    """
    frame = with_runs(series, numbered(sessions))
    current = frame.filter(pl.col("session_date") >= since).select("run").unique()
    last = (
        frame.filter(pl.col("session_date") < since)
        .group_by("run", maintain_order=True)
        .agg(pl.col(*KEY, BARS).last())
        .join(current, on="run", how="semi")
        .join(held.select(*KEY, BARS), on=KEY, how="left", suffix="_held")
    )
    place, true_place = pl.col(BARS), pl.col(f"{BARS}_held")
    short = true_place.is_null() | (place > true_place)
    short |= (place < true_place) & (place + 1 < LONGEST_REACH)
    return last.filter(short)["instrument_id"].unique().sort().to_list()


def _hold_to_keys(frame: pl.DataFrame) -> None:
    strangers = frame.filter(pl.col("_session").is_null())["session_date"].unique().sort()
    if strangers.len():
        listed = ", ".join(str(day) for day in strangers.head(10))
        message = f"expected bars on trading sessions, got {strangers.len()} other dates: {listed}"
        raise ValueError(message)
    repeated = frame.filter(
        pl.col("_is_same_share") & (pl.col("_session") == pl.col("_session").shift(1))
    )
    if repeated.height:
        first = repeated.row(0, named=True)
        message = (
            f"expected one bar a share and session, got {repeated.height} more, the first of "
            f"{first['instrument_id']} on {first['session_date']}"
        )
        raise ValueError(message)
