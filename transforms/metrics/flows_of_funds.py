"""What institutions bought and sold, net: sums, streaks and ranks of one series at a time."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from transforms import indicators
from transforms.metrics.metric import Metric, metric
from transforms.metrics.percentile import LEAST_HISTORY, percentile_rank

FLOW: list[Metric] = []

SERIES = ("participant", "scope", "stage")
SUM_SESSIONS = (1, 5, 9, 10, 15, 20)
SLOPE_SESSIONS = 5

Declaration = Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]

# Publishers print to a hundredth of a crore, which is a lakh: whole lakhs add up exactly.
_LAKH = pl.col("net_lakh")
_LAKH_PER_CRORE = 100


def lakh(crore: str) -> pl.Expr:
    """Rs crore, of two decimals, in whole lakhs."""
    return (pl.col(crore).cast(pl.Float64) * _LAKH_PER_CRORE).round().cast(pl.Int64)


def net_sum_crore(n: int) -> pl.Expr:
    """Sum of `net_lakh` over n rows, in Rs crore; null where one of them is."""
    return _crore(_LAKH.rolling_sum(n))


def _crore(lakhs: pl.Expr) -> pl.Expr:
    """Whole lakhs in Rs crore: the float nearest to the two decimals, as a parser would read it."""
    # Polars divides by a constant through its inverse, which is a rounding off.
    return (lakhs / _LAKH_PER_CRORE).round(2)


def on_sessions(rows: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """Each series with a row for every session from its first to its last, nulls where none was.

    Args:
        rows: SERIES, `session_date` (together the key) and figures.
        sessions: `session_date` of every trading session.

    Returns:
        Sorted by series and session, with `is_held`; rows on a date that is no session are gone.
    """
    days = sessions.select(pl.col("session_date").unique())
    held = rows.join(days, on="session_date", how="semi").with_columns(is_held=pl.lit(True))
    spans = held.group_by(SERIES).agg(
        first=pl.col("session_date").min(), last=pl.col("session_date").max()
    )
    return (
        spans.join(days, how="cross")
        .filter(pl.col("session_date").is_between("first", "last"))
        .drop("first", "last")
        .join(held, on=[*SERIES, "session_date"], how="left")
        .with_columns(pl.col("is_held").fill_null(value=False))
        .sort(*SERIES, "session_date")
    )


def flow(institutional_flow: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """Every flow metric of every series: a participant, in one scope and stage, never mixed.

    Where several sources state the same series and session, one that is not imported stands,
    then the first by its id.

    Args:
        institutional_flow: rows of core.institutional_flow, in any order.
        sessions: `session_date` of every trading session.

    Returns:
        session_date, participant, scope, stage (the key), is_imported, buy_crore, sell_crore,
        net_crore (Float64), the metrics of FLOW, then the percentiles; sorted by series and
        session. A row on a date that is no session is left out. Windows count sessions; null
        where one inside has no row.
    """
    one_source = (
        institutional_flow.sort(*SERIES, "session_date", "is_imported", "source_id")
        .unique([*SERIES, "session_date"], keep="first", maintain_order=True)
        .select(
            *SERIES,
            "session_date",
            "is_imported",
            pl.col("buy_crore", "sell_crore", "net_crore").cast(pl.Float64),
            net_lakh=lakh("net_crore"),
        )
    )
    grid = on_sessions(one_source, sessions).join(
        _financial_year_sessions(sessions), on="session_date", how="left", maintain_order="left"
    )
    declared = {item.id for item in FLOW}
    waiting = list(FLOW)
    while waiting:
        ready = [item for item in waiting if not declared.intersection(item.needs)]
        grid = grid.with_columns(item.expression().over(SERIES).alias(item.id) for item in ready)
        declared -= {item.id for item in ready}
        waiting = [item for item in waiting if item not in ready]
    ranked = [item for item in FLOW if item.percentile]
    return (
        grid.with_columns(
            percentile_rank(pl.col(item.id)).over(SERIES).alias(item.percentile_id)
            for item in ranked
        )
        .filter("is_held")
        .select(
            "session_date",
            *SERIES,
            "is_imported",
            "buy_crore",
            "sell_crore",
            "net_crore",
            *[pl.col(item.id).cast(item.stored_type) for item in FLOW],
            *[item.percentile_id for item in ranked],
        )
    )


def financial_year(session_date: pl.Expr) -> pl.Expr:
    """Calendar year in which the Indian financial year of a date ends: FY26 ends in March 2026."""
    return session_date.dt.year() + (session_date.dt.month() >= 4).cast(pl.Int32)


def _financial_year_sessions(sessions: pl.DataFrame) -> pl.DataFrame:
    """Number of each session in its financial year, from 1; null in the first year held.

    The first year's sessions may begin before the table does.
    """
    year = financial_year(pl.col("session_date"))
    return sessions.select(pl.col("session_date").unique().sort()).with_columns(
        financial_year_session=pl.when(year > year.min()).then(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(year)
        )
    )


def _sum(n: int) -> Declaration:
    return metric(
        FLOW,
        name=f"Net bought in {n} session{'s' if n > 1 else ''}",
        unit="Rs crore",
        warmup=n - 1,
        needs=("net_lakh",),
        percentile=True,
        source="NSE, FII/FPI and DII trading activity: bought less sold",
    )


@_sum(1)
def net_sum_1_crore() -> pl.Expr:
    """Bought less sold in the session."""
    return net_sum_crore(1)


@_sum(5)
def net_sum_5_crore() -> pl.Expr:
    """Bought less sold in 5 sessions."""
    return net_sum_crore(5)


@_sum(9)
def net_sum_9_crore() -> pl.Expr:
    """Bought less sold in 9 sessions."""
    return net_sum_crore(9)


@_sum(10)
def net_sum_10_crore() -> pl.Expr:
    """Bought less sold in 10 sessions."""
    return net_sum_crore(10)


@_sum(15)
def net_sum_15_crore() -> pl.Expr:
    """Bought less sold in 15 sessions."""
    return net_sum_crore(15)


@_sum(20)
def net_sum_20_crore() -> pl.Expr:
    """Bought less sold in 20 sessions."""
    return net_sum_crore(20)


@metric(
    FLOW,
    name="Net bought in 10 sessions against its past",
    unit="standard deviations",
    warmup=9 + LEAST_HISTORY,
    needs=("net_sum_10_crore",),
    source="z-score on the sample mean and sd (ddof 1)",
)
def net_sum_10_z() -> pl.Expr:
    """Distance of the 10-session sum from the mean of the 756 sums held before it, in their sd.

    The session's own sum is not among the 756; a hole makes them reach further back.
    """
    value = pl.col("net_sum_10_crore")
    number = value.is_not_null().cum_sum().cast(pl.Int64)
    window = f"{LEAST_HISTORY}i"
    mean = value.rolling_mean_by(
        number, window_size=window, min_samples=LEAST_HISTORY, closed="left"
    )
    deviation = value.rolling_std_by(
        number, window_size=window, min_samples=LEAST_HISTORY, closed="left"
    )
    return pl.when(value.is_not_null()).then(indicators.ratio(value - mean, deviation))


@metric(
    FLOW,
    name="Sessions of buying or selling in a row",
    unit="sessions",
    warmup=1,
    needs=("net_lakh",),
    kind="count",
    source="Run length of the sign of the net",
)
def streak_sessions() -> pl.Expr:
    """Sessions in a row with net buying (above 0) or net selling (below 0); 0 where they balance.

    Null while the streak reaches back to a hole or to the first row: its start is not known.
    """
    sign = _LAKH.sign()
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    begins = sign.ne_missing(sign.shift(1))
    is_seen = sign.shift(1).is_not_null()
    start = pl.when(begins).then(row).forward_fill()
    is_known = pl.when(begins).then(is_seen).forward_fill() | (sign == 0)
    return pl.when(is_known).then(sign * (row - start + 1))


@metric(
    FLOW,
    name="Net bought in the financial year so far",
    unit="Rs crore",
    warmup=0,
    needs=("net_lakh", "financial_year_session"),
    source="Indian financial year, from 1 April",
)
def financial_year_net_crore() -> pl.Expr:
    """Bought less sold since 1 April; null where a session of the year so far has no row."""
    held = _LAKH.fill_null(0).cum_sum()
    holes = _LAKH.is_null().cum_sum().cast(pl.Int64)
    # The row before the year's first session; -1 where the series begins with that session.
    before = pl.int_range(pl.len(), dtype=pl.Int64) - pl.col("financial_year_session")
    row = before.clip(lower_bound=0)
    held_before = pl.when(before >= 0).then(held.gather(row)).otherwise(0)
    holes_before = pl.when(before >= 0).then(holes.gather(row)).otherwise(0)
    is_whole = (before >= -1) & (holes == holes_before)
    return pl.when(is_whole).then(_crore(held - held_before))


@metric(
    FLOW,
    name="Slope of net buying",
    unit="Rs crore a session",
    warmup=19 + SLOPE_SESSIONS,
    needs=("net_sum_20_crore",),
    source="Change of the 20-session sum over 5 sessions, divided by 5",
)
def net_sum_20_slope() -> pl.Expr:
    """How fast the 20-session sum changed over the last 5 sessions, a session."""
    total = pl.col("net_sum_20_crore")
    return (total - total.shift(SLOPE_SESSIONS)) / SLOPE_SESSIONS
