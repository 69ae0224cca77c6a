"""Tables of breadth: counts of every universe and session, and the series over them."""

from __future__ import annotations

from collections.abc import Sequence

import dataframely as dy

from transforms.metrics.breadth_counts import COUNTS, UNIVERSE_KINDS
from transforms.metrics.breadth_series import BREADTH
from transforms.metrics.metric import Metric
from transforms.metrics.metric_table import metric_table
from warehouse.tables import columns
from warehouse.tables.table import Table


def _identity() -> dict[str, dy.Column]:
    return {
        "session_date": columns.session_date(),
        "universe": columns.text(
            'The market, or a universe of core.index_membership: an index, "industry:…", "tier:…"',
            unit="id",
            key=True,
        ),
        "universe_kind": columns.word("Kind of universe", *UNIVERSE_KINDS),
        "universe_title": columns.text("What people call it", unit="name"),
        "is_survivorship_biased": columns.flag(
            "Some member is known from a list first seen after the session"
        ),
    }


BreadthCount = metric_table(
    "mart.breadth_count",
    "What the shares of one universe did at one session: sums over its members.",
    _identity(),
    COUNTS,
)

Breadth = metric_table(
    "mart.breadth",
    "Breadth of one universe at one session.",
    {
        **_identity(),
        "members": columns.count("Members, traded or not; of the market, those traded"),
        "index_close": columns.number(
            "Close of the universe's index; null where it has none", "points"
        ),
    },
    BREADTH,
)

TABLES: tuple[type[Table], ...] = (BreadthCount, Breadth)
METRICS: dict[str, Sequence[Metric]] = {
    BreadthCount.table: COUNTS,
    Breadth.table: BREADTH,
}
