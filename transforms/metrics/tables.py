"""Tables of metrics, built from their declarations: a new metric is a new column by itself."""

from __future__ import annotations

from collections.abc import Sequence

import dataframely as dy

from transforms.metrics.flows_of_funds import FLOW
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

Flow = metric_table(
    "mart.flow",
    "Net buying of one kind of institution up to one session, in one scope and stage.",
    {
        "session_date": columns.session_date(),
        "participant": columns.word("Kind of investor", "FII", "DII", key=True),
        "scope": columns.text("Which venues are counted", key=True),
        "stage": columns.word("Whose count", "provisional", "final", key=True),
        "is_imported": columns.flag("The session's row came from a file a user brought"),
        "buy_crore": columns.number("Bought", "Rs crore"),
        "sell_crore": columns.number("Sold", "Rs crore"),
        "net_crore": columns.number("Bought less sold", "Rs crore"),
    },
    FLOW,
)

MART_TABLES: tuple[type[Table], ...] = (IndexMomentum, Flow)
METRICS: dict[str, Sequence[Metric]] = {
    IndexMomentum.table: INDEX_MOMENTUM,
    Flow.table: FLOW,
}
