"""The table class that stores declared metrics: a new metric is a new column by itself."""

from __future__ import annotations

from collections.abc import Sequence
from types import new_class
from typing import Any, cast

import dataframely as dy

from transforms.metrics.metric import Metric
from warehouse.tables import columns
from warehouse.tables.table import Table


def metric_table(
    table: str,
    meaning: str,
    identity: dict[str, dy.Column],
    metrics: Sequence[Metric],
    *,
    number: type[dy.Column] = dy.Float64,
    is_large: bool = False,
) -> type[Table]:
    """The table class that stores metrics, one column each, after the columns of identity.

    Args:
        table: its name, schema included.
        meaning: one line.
        identity: columns before the metrics.
        metrics: declarations.
        number: type that numbers are stored as; ranks among own history are always Float64.
        is_large: see `Table`.
    """
    stored = {item.id: _column(item, number) for item in metrics}
    ranks = {
        item.percentile_id: columns.number(
            f"Rank of {item.id} in its own history up to the session", "percent"
        )
        for item in metrics
        if item.percentile
    }
    name = "".join(part.capitalize() for part in table.split(".")[1].split("_"))
    told = {"table": table, "__doc__": meaning, "is_large": is_large}
    body: dict[str, Any] = {**told, **identity, **stored, **ranks}
    return cast("type[Table]", new_class(name, (Table,), exec_body=lambda to: to.update(body)))


def _column(item: Metric, number: type[dy.Column]) -> dy.Column:
    text = f"{item.name}. {item.meaning}"
    if item.kind == "flag":
        return columns.flag(text, nullable=True)
    if item.kind == "count":
        return columns.count(text, item.unit)
    return columns.described(number, text, item.unit, nullable=True)
