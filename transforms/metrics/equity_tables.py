"""Tables of shares' metrics: momentum, the state it goes on from, and ranks."""

from __future__ import annotations

from collections.abc import Sequence
from types import new_class
from typing import Any, cast

import dataframely as dy

from transforms.metrics.equity_momentum import EQUITY_MOMENTUM
from transforms.metrics.equity_rank import ABSENT_PARTS, LEAST_PARTS, RANKS, SPECULATIVE_PARTS
from transforms.metrics.equity_recursions import RECURSIONS
from transforms.metrics.metric import Metric
from transforms.metrics.metric_table import metric_table
from warehouse.tables import columns
from warehouse.tables.instruments import instrument_id
from warehouse.tables.table import Table

EquityMomentum = metric_table(
    "mart.equity_momentum",
    "Momentum of one share at the close of one session; levels in that session's price basis.",
    {"session_date": columns.session_date(), "instrument_id": instrument_id()},
    EQUITY_MOMENTUM,
    number=dy.Float32,
    is_large=True,
)


def _table(
    table: str, name: str, meaning: str, body: dict[str, dy.Column], *, is_large: bool = False
) -> type[Table]:
    members: dict[str, Any] = {"table": table, "__doc__": meaning, "is_large": is_large, **body}
    return cast("type[Table]", new_class(name, (Table,), exec_body=lambda to: to.update(members)))


def _bars(description: str) -> dy.Column:
    return columns.described(dy.Int32, description, "count", nullable=True)


def _rank(description: str) -> dy.Column:
    text = f"{description}: mid-rank among ordinary shares of the session"
    return columns.described(dy.Float32, text, "0-100", nullable=True)


EquityState = _table(
    "mart.equity_state",
    "EquityState",
    "What the averages of one share go on from after one of the last sessions; chained prices.",
    {
        "session_date": columns.session_date(),
        "instrument_id": instrument_id(),
        "bars_before": columns.described(
            dy.Int32, "Bars of its run before this one", "count", nullable=False
        ),
        "whole_bars_before": _bars("The same for bars that have a high and a low"),
        **{item.id: columns.number(item.meaning, "chained") for item in RECURSIONS},
    },
)

EquityRank = _table(
    "mart.equity_rank",
    "EquityRank",
    "Where one ordinary share stands among those of its session, and how speculative it is.",
    {
        "session_date": columns.session_date(),
        "instrument_id": instrument_id(),
        **{item.id: _rank(item.meaning) for item in (*RANKS, *SPECULATIVE_PARTS)},
        "speculative_score": columns.number(
            f"Mean of the ranks above from max_5_rank on, at least {LEAST_PARTS}; not known: "
            + ", ".join(ABSENT_PARTS),
            "0-100",
        ),
        "speculative_tercile": columns.count("Third of the session by that score; 3 the highest"),
        "is_lottery": columns.flag(
            "Beyond the median in low price, idiosyncratic volatility and skewness", nullable=True
        ),
        "missing_parts": columns.text("Parts of the score the share has no rank in"),
    },
    is_large=True,
)

TABLES: tuple[type[Table], ...] = (EquityMomentum, EquityState, EquityRank)
METRICS: dict[str, Sequence[Metric]] = {EquityMomentum.table: EQUITY_MOMENTUM}
