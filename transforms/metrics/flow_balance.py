"""How much of what foreign institutions sell, or buy, domestic ones take."""

from __future__ import annotations

import polars as pl

from transforms.metrics.flow_grid import SERIES, evaluated, lakh, on_sessions, stored
from transforms.metrics.metric import Metric, metric

FLOW_BALANCE: list[Metric] = []

# Below a twentieth of what moved, the net is what is left of flows that cancel.
_LEAST_SHARE_OF_MOVED = 20

_FOREIGN, _DOMESTIC = pl.col("foreign_lakh"), pl.col("domestic_lakh")
_SOURCE = "Riskon convention: domestic net against foreign net, turned round"


def flow_balance(flow: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """FII against DII, in each scope and stage that has both.

    Args:
        flow: rows of mart.flow, in any order.
        sessions: `session_date` of every trading session.

    Returns:
        session_date, scope, stage (the key), the metrics of FLOW_BALANCE; sorted by scope, stage
        and session. One row a session on which both have a row; a window over another is null.
    """
    count = ["session_date", "scope", "stage"]
    nets = flow.select(*count, "participant", lakh=lakh("net_crore"))
    both = (
        nets.filter(pl.col("participant") == "FII")
        .select(*count, foreign_lakh="lakh")
        .join(
            nets.filter(pl.col("participant") == "DII").select(*count, domestic_lakh="lakh"),
            on=count,
        )
        .with_columns(participant=pl.lit("FII+DII"))
    )
    return (
        evaluated(on_sessions(both, sessions), FLOW_BALANCE, by=SERIES)
        .filter("is_held")
        .select(*count, *stored(FLOW_BALANCE))
        .sort("scope", "stage", "session_date")
    )


def _absorption_pct(n: int) -> pl.Expr:
    foreign = _FOREIGN.rolling_sum(n)
    moved = _FOREIGN.abs().rolling_sum(n)
    is_telling = (foreign != 0) & (foreign.abs() * _LEAST_SHARE_OF_MOVED >= moved)
    return pl.when(is_telling).then(-100 * _DOMESTIC.rolling_sum(n) / foreign)


@metric(
    FLOW_BALANCE,
    name="Foreign net taken by domestic institutions in 5 sessions",
    unit="percent",
    warmup=4,
    needs=("foreign_lakh", "domestic_lakh"),
    source=_SOURCE,
)
def absorption_5_pct() -> pl.Expr:
    """Share of FII net selling (buying) in 5 sessions that DII bought (sold) on balance.

    Above 100 they took more, below 0 they did the same as FII. Null where the FII net is less than
    a twentieth of the daily nets it is made of, signs aside.
    """
    return _absorption_pct(5)


@metric(
    FLOW_BALANCE,
    name="Foreign net taken by domestic institutions in 20 sessions",
    unit="percent",
    warmup=19,
    needs=("foreign_lakh", "domestic_lakh"),
    source=_SOURCE,
)
def absorption_20_pct() -> pl.Expr:
    """Share of FII net selling (buying) in 20 sessions that DII bought (sold) on balance.

    Above 100 they took more, below 0 they did the same as FII. Null where the FII net is less than
    a twentieth of the daily nets it is made of, signs aside.
    """
    return _absorption_pct(20)
