"""What institutions bought and sold, net: sums, streaks and ranks of one series at a time."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from transforms import indicators
from transforms.metrics.flow_grid import (
    SERIES,
    evaluated,
    in_crore,
    lakh,
    net_sum_crore,
    on_sessions,
    stored,
    z_against_past,
)
from transforms.metrics.metric import Metric, metric
from transforms.metrics.percentile import LEAST_HISTORY

FLOW: list[Metric] = []

SLOPE_SESSIONS = 5
WINDOW = 10
BEFORE = 60

Declaration = Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]

_NET = pl.col("net_lakh")
_BASIS_POINTS = 10_000
_WHERE_KNOWN = pl.Schema(
    {"published_at": pl.Datetime("us", "UTC"), "turnover_crore": pl.Decimal(18, 2)}
)


def one_source(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a series and session: one that is not imported, then the first by its source's id."""
    return rows.sort(*SERIES, "session_date", "is_imported", "source_id").unique(
        [*SERIES, "session_date"], keep="first", maintain_order=True
    )


def flow(rows: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """Every flow metric of every series: a participant, in one scope and stage, never mixed.

    Where several sources state the same series and session, one that is not imported stands,
    then the first by its id.

    Args:
        rows: rows of flow_rows, or of core.institutional_flow alone, in any order;
            `published_at` and `turnover_crore` may be absent.
        sessions: `session_date` of every trading session.

    Returns:
        session_date, participant, scope, stage (the key), is_imported, published_at, buy_crore,
        sell_crore, net_crore (Float64), the metrics of FLOW, then the percentiles; sorted by
        series and session. A row on a date that is no session is left out. Windows count
        sessions; null where one inside has no row.
    """
    absent = [name for name in _WHERE_KNOWN if name not in rows.columns]
    known = rows.with_columns(pl.lit(None, _WHERE_KNOWN[name]).alias(name) for name in absent)
    figures = one_source(known).select(
        *SERIES,
        "session_date",
        "is_imported",
        "published_at",
        pl.col("buy_crore", "sell_crore", "net_crore").cast(pl.Float64),
        *[lakh(f"{name}_crore").alias(f"{name}_lakh") for name in ("buy", "sell", "net")],
        turnover_lakh=lakh("turnover_crore"),
    )
    grid = on_sessions(figures, sessions).join(
        _financial_year_sessions(sessions), on="session_date", how="left", maintain_order="left"
    )
    return (
        evaluated(grid, FLOW, by=SERIES)
        .filter("is_held")
        .select(
            "session_date",
            *SERIES,
            "is_imported",
            "published_at",
            "buy_crore",
            "sell_crore",
            "net_crore",
            *stored(FLOW),
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


@_sum(40)
def net_sum_40_crore() -> pl.Expr:
    """Bought less sold in 40 sessions."""
    return net_sum_crore(40)


@_sum(60)
def net_sum_60_crore() -> pl.Expr:
    """Bought less sold in 60 sessions."""
    return net_sum_crore(60)


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
    return z_against_past(pl.col("net_sum_10_crore"))


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
    sign = _NET.sign()
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
    held = _NET.fill_null(0).cum_sum()
    holes = _NET.is_null().cum_sum().cast(pl.Int64)
    # The row before the year's first session; -1 where the series begins with that session.
    before = pl.int_range(pl.len(), dtype=pl.Int64) - pl.col("financial_year_session")
    row = before.clip(lower_bound=0)
    held_before = pl.when(before >= 0).then(held.gather(row)).otherwise(0)
    holes_before = pl.when(before >= 0).then(holes.gather(row)).otherwise(0)
    is_whole = (before >= -1) & (holes == holes_before)
    return pl.when(is_whole).then(in_crore(held - held_before))


@metric(
    FLOW,
    name="Slope of net buying",
    unit="Rs crore a session",
    warmup=19 + SLOPE_SESSIONS,
    needs=("net_sum_20_crore",),
    percentile=True,
    source="Change of the 20-session sum over 5 sessions, divided by 5",
)
def net_sum_20_slope() -> pl.Expr:
    """How fast the 20-session sum changed over the last 5 sessions, a session."""
    total = pl.col("net_sum_20_crore")
    return (total - total.shift(SLOPE_SESSIONS)) / SLOPE_SESSIONS


@metric(
    FLOW,
    name="Swings of net buying against before",
    unit="ratio",
    warmup=BEFORE + WINDOW - 1,
    needs=("net_lakh",),
    bounds=(0.0, None),
    source="Riskon convention: ratio of sample standard deviations (ddof 1)",
)
def net_sd_10_ratio() -> pl.Expr:
    """Sd of the nets of the last 10 sessions over that of the 60 before them; below 1 is calmer.

    Null where the 60 never vary.
    """
    before = indicators.rolling_sd(_NET.shift(WINDOW), BEFORE, ddof=1)
    return indicators.ratio(indicators.rolling_sd(_NET, WINDOW, ddof=1), before)


@metric(
    FLOW,
    name="Flows stabilise",
    unit="true or false",
    warmup=BEFORE + WINDOW - 1,
    needs=("net_sum_20_slope", "net_sd_10_ratio"),
    kind="flag",
    source="Riskon convention",
)
def is_stabilising() -> pl.Expr:
    """Whether net buying improves and swings no more than before.

    The 20-session sum rises over 5 sessions (more buying or less selling: a trend alone may be one
    large session), and the nets of the last 10 sessions vary no more than those of the 60 before
    (calm alone may be steady selling).
    """
    improves = pl.col("net_sum_20_slope") > 0
    is_calmer = pl.col("net_sd_10_ratio") <= 1
    # Of a truth and an unknown, `and` would make a falsehood.
    return pl.when(improves.is_not_null() & is_calmer.is_not_null()).then(improves & is_calmer)


@metric(
    FLOW,
    name="Net bought in 10 sessions of all they traded",
    unit="percent",
    warmup=WINDOW - 1,
    needs=("net_lakh", "buy_lakh", "sell_lakh"),
    bounds=(-100.0, 100.0),
    percentile=True,
    source="Net over gross: bought less sold, of bought and sold",
)
def net_to_gross_10_pct() -> pl.Expr:
    """10-session net of all that was bought and sold in them.

    Unlike the sum it does not grow with the market. Null where purchases and sales are not
    published.
    """
    gross = (pl.col("buy_lakh") + pl.col("sell_lakh")).rolling_sum(WINDOW)
    return 100 * indicators.ratio(_NET.rolling_sum(WINDOW), gross)


@metric(
    FLOW,
    name="Net bought in 10 sessions of all trading",
    unit="basis points",
    warmup=WINDOW - 1,
    needs=("net_lakh", "turnover_lakh"),
    percentile=True,
    source="Riskon convention; turnover counts each trade once",
)
def share_of_turnover_10_bps() -> pl.Expr:
    """10-session net of the exchange's whole turnover in them; null where that is not known.

    Turnover is known for the scope of one exchange, where it publishes all categories of client.
    """
    traded = pl.col("turnover_lakh").rolling_sum(WINDOW)
    return _BASIS_POINTS * indicators.ratio(_NET.rolling_sum(WINDOW), traded)
