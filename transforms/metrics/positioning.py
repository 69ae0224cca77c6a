"""Which way participants stand in futures: context, not a signal of its own."""

from __future__ import annotations

import polars as pl

from transforms import indicators
from transforms.metrics.flow_grid import evaluated, on_grid, stored
from transforms.metrics.metric import Metric, metric

POSITION: list[Metric] = []

PARTICIPANTS = ("Client", "DII", "FII", "Pro")
CHANGE_SESSIONS = 5

_LONG, _SHORT = pl.col("future_index_long_contracts"), pl.col("future_index_short_contracts")
_INDEX = ("future_index_long_contracts", "future_index_short_contracts")
_STOCK = ("future_stock_long_contracts", "future_stock_short_contracts")
_SOURCE = "NSE, participant-wise open interest"


def participant_position(
    participant_contracts: pl.DataFrame, sessions: pl.DataFrame
) -> pl.DataFrame:
    """Open futures of each kind of participant at the end of each session.

    Args:
        participant_contracts: rows of core.participant_contracts, any measure, any order.
        sessions: `session_date` of every trading session.

    Returns:
        session_date, participant (the key; the four of PARTICIPANTS), published_at, the metrics of
        POSITION, then the percentiles; sorted by participant and session. Where several sources
        state a row, the first by its id stands; a row on a date that is no session is left out.
    """
    held = (
        participant_contracts.filter(
            (pl.col("measure") == "open_interest") & pl.col("participant").is_in(PARTICIPANTS)
        )
        .sort("session_date", "participant", "source_id")
        .unique(["session_date", "participant"], keep="first", maintain_order=True)
        .select("session_date", "participant", "published_at", *_INDEX, *_STOCK)
    )
    by = ["participant"]
    return (
        evaluated(on_grid(held, sessions, by=by, step="session_date"), POSITION, by=by)
        .filter("is_held")
        .select("session_date", "participant", "published_at", *stored(POSITION))
    )


def _change(metric_id: str) -> pl.Expr:
    """Change over CHANGE_SESSIONS; null where a session inside has no value."""
    value = pl.col(metric_id)
    held = value.is_not_null().cast(pl.Int64).rolling_sum(CHANGE_SESSIONS + 1)
    return pl.when(held == CHANGE_SESSIONS + 1).then(value - value.shift(CHANGE_SESSIONS))


@metric(
    POSITION,
    name="Share of index futures held long",
    unit="share 0-1",
    warmup=0,
    needs=_INDEX,
    bounds=(0.0, 1.0),
    percentile=True,
    source=_SOURCE + ": L / (L + S)",
)
def index_future_long_share() -> pl.Expr:
    """Long contracts of long and short; null where none is open.

    Context only: index futures hedge books of large shares.
    """
    return indicators.ratio(_LONG, _LONG + _SHORT)


@metric(
    POSITION,
    name="Index futures long against short",
    unit="ratio",
    warmup=0,
    needs=_INDEX,
    bounds=(0.0, None),
    source=_SOURCE + ": L / S",
)
def index_future_long_short_ratio() -> pl.Expr:
    """Long contracts over short; null where none is short.

    Context only: index futures hedge books of large shares.
    """
    return indicators.ratio(_LONG, _SHORT)


@metric(
    POSITION,
    name="Index futures, net",
    unit="contracts",
    warmup=0,
    needs=_INDEX,
    kind="count",
    source=_SOURCE + ": L - S",
)
def index_future_net_contracts() -> pl.Expr:
    """Long contracts less short; the exchange changes what one contract holds now and then.

    Context only: index futures hedge books of large shares.
    """
    return _LONG - _SHORT


@metric(
    POSITION,
    name="Index futures, change of the net in 5 sessions",
    unit="contracts",
    warmup=CHANGE_SESSIONS,
    needs=("index_future_net_contracts",),
    kind="count",
    source=_SOURCE + ": L - S",
)
def index_future_net_change_5_contracts() -> pl.Expr:
    """Net contracts less those of 5 sessions before; an expiry in between closes many.

    Context only: index futures hedge books of large shares.
    """
    return _change("index_future_net_contracts")


@metric(
    POSITION,
    name="Share of index futures held long, change in 5 sessions",
    unit="share 0-1",
    warmup=CHANGE_SESSIONS,
    needs=("index_future_long_share",),
    bounds=(-1.0, 1.0),
    source=_SOURCE + ": L / (L + S)",
)
def index_future_long_share_change_5() -> pl.Expr:
    """Long share less that of 5 sessions before.

    Context only: index futures hedge books of large shares.
    """
    return _change("index_future_long_share")


@metric(
    POSITION,
    name="Share of stock futures held long",
    unit="share 0-1",
    warmup=0,
    needs=_STOCK,
    bounds=(0.0, 1.0),
    percentile=True,
    source=_SOURCE + ": L / (L + S)",
)
def stock_future_long_share() -> pl.Expr:
    """Long contracts of long and short; null where none is open.

    Context only: much of it is the short side of shares held outright.
    """
    long, short = (pl.col(name) for name in _STOCK)
    return indicators.ratio(long, long + short)
