"""Tables of macro series and index valuation."""

from __future__ import annotations

from collections.abc import Sequence

import dataframely as dy

from transforms.metrics.macro import MACRO
from transforms.metrics.metric import Metric
from transforms.metrics.metric_table import metric_table
from transforms.metrics.valuation import CONSOLIDATED, STANDALONE, VALUATION
from warehouse.tables import columns
from warehouse.tables.table import Table

Macro = metric_table(
    "mart.macro",
    "What the evening of one session knew of one series from outside the exchange.",
    {
        "session_date": columns.session_date(),
        "series_id": columns.text(
            "The series; of another frequency than its own it carries that in its name",
            unit="id",
            key=True,
        ),
        "unit": columns.text("Unit of the value", unit="unit"),
        "observation_date": columns.described(
            dy.Date,
            "Date the value speaks of; of a difference the older part's; null before the first",
            "date",
            nullable=True,
        ),
    },
    MACRO,
)

IndexValuation = metric_table(
    "mart.index_valuation",
    "What one index cost at the close of one session, as the exchange computes it.",
    {
        "session_date": columns.session_date(),
        "index_id": columns.text("The index", unit="id", key=True),
        "earnings_basis": columns.word("Whose earnings P/E divides by", STANDALONE, CONSOLIDATED),
    },
    VALUATION,
)

TABLES: tuple[type[Table], ...] = (Macro, IndexValuation)
METRICS: dict[str, Sequence[Metric]] = {
    Macro.table: MACRO,
    IndexValuation.table: VALUATION,
}
