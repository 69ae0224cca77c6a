"""Bars of one index on the sequence of sessions, with the measures its zones are drawn in."""

from __future__ import annotations

import polars as pl

from transforms import indicators
from transforms.corrections import with_basis
from transforms.signals.regime_rules import MOST_GAP
from transforms.signals.zone_thresholds import ATR_SESSIONS, SIGMA_SESSIONS

_PRICES = ("high", "low", "close")


def bars_on_sessions(bars: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """Bars of each index, one row a session from its first bar to its last.

    Args:
        bars: index_id, session_date (together the key), high, low, close, turnover_inr; any order.
        sessions: session_date, is_short; any order.

    Returns:
        index_id, session_date (sorted by both), is_short, high, low, close, turnover_inr, basis
        (number of the scale the index is stated on); null where there is no bar. A close that is
        not a positive number is no bar.

    Raises:
        ValueError: a bar on a date that is no session, or two bars of one index and session.
    """
    grid = sessions.select("session_date", "is_short").unique("session_date")
    strangers = bars.join(grid, on="session_date", how="anti")
    if strangers.height:
        dates = ", ".join(str(day) for day in strangers["session_date"].unique().sort().head(10))
        message = f"expected bars on trading sessions, got other dates: {dates}"
        raise ValueError(message)
    key = ("index_id", "session_date")
    ordered = bars.select(*key, *_PRICES, "turnover_inr").sort(key)
    repeated = ordered.filter(pl.struct(key).is_first_distinct().not_())
    if repeated.height:
        name, day = repeated.row(0)[:2]
        message = f"expected one bar a session, got more of {name} on {day}"
        raise ValueError(message)
    traded = with_basis(ordered.filter(pl.col("close").is_finite() & (pl.col("close") > 0)))
    span = traded.group_by("index_id").agg(
        pl.col("session_date").min().alias("first"), pl.col("session_date").max().alias("last")
    )
    return (
        span.join(grid, how="cross")
        .filter(pl.col("session_date").is_between("first", "last"))
        .drop("first", "last")
        .join(traded, on=key, how="left")
        .sort(key)
    )


def measured(grid: pl.DataFrame) -> pl.DataFrame:
    """The grid with its true extremes and measures, and no bar that is none.

    Where high or low is missing or contradicts the close, the close stands in: an index known by
    closes alone has zones of closes.

    Args:
        grid: session_date, high, low, close, one row a session, oldest first; `index_id` if there
            are several, one after the other; `basis` if one was restated on another scale.

    Returns:
        The grid with high, low (whole where there is a close), basis, run (number of the stretch
        of closes of one index on one basis without a hole), atr_14 in points and sigma_60, a
        fraction of one session; both null without a close, and until enough closes are held.
    """
    if "basis" not in grid.columns:
        grid = grid.with_columns(basis=pl.lit(0, dtype=pl.Int64))
    close = pl.col("close")
    kept = grid.with_columns(
        pl.when(close.is_finite() & (close > 0)).then(close).alias("close"),
    ).with_columns(
        pl.when(pl.col("high").is_finite() & (pl.col("high") >= close))
        .then("high")
        .otherwise("close")
        .alias("high"),
        pl.when(pl.col("low").is_between(0, close, closed="right"))
        .then("low")
        .otherwise("close")
        .alias("low"),
    )
    goes_on = close.is_not_null() & close.shift(1).is_not_null()
    for column in {"index_id", "basis"} & set(grid.columns):
        goes_on &= pl.col(column) == pl.col(column).shift(1)
    kept = kept.with_columns(run=goes_on.fill_null(value=False).not_().cum_sum()).with_row_index(
        "row"
    )
    # One file that is late must not leave an index without zones for weeks: as in the regime
    # machine, measures go on over the closes held, across a hole of MOST_GAP sessions at most.
    is_apart = pl.col("row").cast(pl.Int64).diff() - 1 > int(MOST_GAP.value)
    for column in {"index_id", "basis"} & set(grid.columns):
        is_apart |= pl.col(column) != pl.col(column).shift(1)
    measures = (
        kept.filter(close.is_not_null())
        .with_columns(stretch=is_apart.fill_null(value=True).cum_sum())
        .select(
            "row",
            indicators.atr(pl.col("high"), pl.col("low"), close, int(ATR_SESSIONS.value))
            .over("stretch")
            .alias("atr_14"),
            indicators.rolling_sd(indicators.log_return(close), int(SIGMA_SESSIONS.value), ddof=1)
            .over("stretch")
            .alias("sigma_60"),
        )
    )
    return kept.join(measures, on="row", how="left", maintain_order="left").drop("row")
