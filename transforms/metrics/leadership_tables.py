"""Tables of leadership: contributions to each universe's move, who leads it, sectors' rotation."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.metrics.contribution import GROUPINGS, UNKNOWN
from transforms.metrics.contribution_measures import CONTRIBUTION
from transforms.metrics.leadership_measures import LEADERSHIP
from transforms.metrics.metric import Metric
from transforms.metrics.metric_table import metric_table
from transforms.metrics.sector_rotation import QUADRANTS, SECTOR_ROTATION
from warehouse.tables import columns
from warehouse.tables.table import Table

_BIASED = "Some member{} is known from a list first seen after the session"

Contribution = metric_table(
    "mart.contribution",
    "What one group of a universe's members added to its return at one session.",
    {
        "session_date": columns.session_date(),
        "universe": columns.text("The market, or an index", unit="id", key=True),
        "grouping": columns.word("What parts the members", *GROUPINGS, key=True),
        "group_name": columns.text(
            "The sector, the tier by size, or the third by quality or speculation as drawn before "
            f'the session; "{UNKNOWN}" where none is known',
            unit="name",
            key=True,
        ),
        "is_survivorship_biased": columns.flag(_BIASED.format(" of the universe")),
    },
    CONTRIBUTION,
)

Leadership = metric_table(
    "mart.leadership",
    "Who leads the move of one universe at one session.",
    {
        "session_date": columns.session_date(),
        "universe": columns.text("The market, or an index by size", unit="id", key=True),
        "is_survivorship_biased": columns.flag(_BIASED.format(" in the last 63 sessions")),
        "is_survivorship_biased_9": columns.flag(_BIASED.format(" in the last 9 sessions")),
    },
    LEADERSHIP,
)

SectorRotation = metric_table(
    "mart.sector_rotation",
    "One sector beside the whole market at one session.",
    {
        "session_date": columns.session_date(),
        "universe": columns.text('The sector, "industry:…"', unit="id", key=True),
        "universe_title": columns.text("What people call it", unit="name"),
        "is_survivorship_biased": columns.flag(_BIASED.format("")),
        "quadrant": columns.word(
            "RRG-approx ratio across and its momentum upward, parted at 100",
            *QUADRANTS,
            nullable=True,
        ),
    },
    SECTOR_ROTATION,
)

TABLES: tuple[type[Table], ...] = (Contribution, Leadership, SectorRotation)
METRICS: dict[str, Sequence[Metric]] = {
    Contribution.table: CONTRIBUTION,
    Leadership.table: LEADERSHIP,
    SectorRotation.table: SECTOR_ROTATION,
}
