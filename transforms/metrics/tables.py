"""Tables of metrics, built from their declarations: a new metric is a new column by itself."""

from __future__ import annotations

from collections.abc import Sequence

import dataframely as dy

from transforms.equity_series import EquitySeries
from transforms.metrics import (
    breadth_tables,
    earnings_tables,
    equity_tables,
    flow_tables,
    leadership_tables,
    macro_tables,
)
from transforms.metrics.flow_tables import Flow
from transforms.metrics.metric import Metric
from transforms.metrics.metric_table import metric_table
from transforms.metrics.momentum import INDEX_MOMENTUM
from warehouse.tables import columns
from warehouse.tables.table import Table

IndexMomentum = metric_table(
    "mart.index_momentum",
    "Momentum of one index at the close of one session, price return.",
    {
        "session_date": columns.session_date(),
        "index_id": columns.text("The index", unit="id", key=True),
        "run_started_on": columns.described(
            dy.Date, "First session of the unbroken run of bars the windows may reach into", "date"
        ),
    },
    INDEX_MOMENTUM,
)

MART_TABLES: tuple[type[Table], ...] = (
    IndexMomentum,
    *flow_tables.TABLES,
    *earnings_tables.TABLES,
    *macro_tables.TABLES,
    EquitySeries,
    *equity_tables.TABLES,
    *breadth_tables.TABLES,
    *leadership_tables.TABLES,
)
METRICS: dict[str, Sequence[Metric]] = {
    IndexMomentum.table: INDEX_MOMENTUM,
    **flow_tables.METRICS,
    **earnings_tables.METRICS,
    **macro_tables.METRICS,
    **equity_tables.METRICS,
    **breadth_tables.METRICS,
    **leadership_tables.METRICS,
}

__all__ = ["MART_TABLES", "METRICS", "Flow", "IndexMomentum"]
