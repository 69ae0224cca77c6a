"""Tables of flow metrics, built from their declarations."""

from __future__ import annotations

from collections.abc import Sequence

import dataframely as dy

from transforms.metrics.flow_balance import FLOW_BALANCE
from transforms.metrics.flow_surprise import FLOW_SURPRISE
from transforms.metrics.flows_of_funds import FLOW
from transforms.metrics.metric import Metric
from transforms.metrics.metric_table import metric_table
from transforms.metrics.positioning import PARTICIPANTS, POSITION
from transforms.metrics.sector_flows import SECTOR_FLOW
from warehouse.tables import columns
from warehouse.tables.table import Table

_PUBLISHED_AT = "When the last part of this row was out; null where that is not known"

Flow = metric_table(
    "mart.flow",
    "Net buying of one kind of institution up to one session, in one scope and stage.",
    {
        "session_date": columns.session_date(),
        "participant": columns.word(
            "Kind of investor; the sum where both are held", "FII", "DII", "FII+DII", key=True
        ),
        "scope": columns.word(
            "Which venues are counted, or the depository's count of equity on all exchanges",
            "NSE+BSE+MSEI",
            "NSE",
            "unstated",
            "depository",
            key=True,
        ),
        "stage": columns.word("Whose count", "provisional", "final", key=True),
        "is_imported": columns.flag("The session's row came from a file a user brought"),
        "published_at": columns.instant(_PUBLISHED_AT, nullable=True),
        "buy_crore": columns.number("Bought", "Rs crore"),
        "sell_crore": columns.number("Sold", "Rs crore"),
        "net_crore": columns.number("Bought less sold", "Rs crore"),
    },
    FLOW,
)

FlowBalance = metric_table(
    "mart.flow_balance",
    "What domestic institutions took of the foreign net, in one scope and stage.",
    {
        "session_date": columns.session_date(),
        "scope": columns.text("Which venues are counted", key=True),
        "stage": columns.word("Whose count", "provisional", "final", key=True),
    },
    FLOW_BALANCE,
)

FlowSurprise = metric_table(
    "mart.flow_surprise",
    "Foreign net of one session by the depository's final count against the provisional one.",
    {
        "session_date": columns.session_date(),
        "published_at": columns.instant(_PUBLISHED_AT, nullable=True),
        "provisional_net_crore": columns.number(
            "FII, all exchanges, provisional, as last revised", "Rs crore"
        ),
        "final_net_crore": columns.number(
            "FII, equity on exchanges, final, by the depository", "Rs crore"
        ),
    },
    FLOW_SURPRISE,
)

ParticipantPosition = metric_table(
    "mart.participant_position",
    "Open futures of one kind of participant at the end of one session; context only.",
    {
        "session_date": columns.session_date(),
        "participant": columns.word("Kind of participant", *PARTICIPANTS, key=True),
        "published_at": columns.instant(_PUBLISHED_AT, nullable=True),
    },
    POSITION,
)

SectorFlow = metric_table(
    "mart.sector_flow",
    "Foreign investment in one sector's shares in one fortnight; windows count fortnights.",
    {
        "fortnight_end": columns.described(
            dy.Date,
            "Last date of the fortnight: the 15th or a month's end",
            "date",
            primary_key=True,
        ),
        "sector": columns.text("Sector, as the depository names it", unit="name", key=True),
        "published_at": columns.instant(_PUBLISHED_AT, nullable=True),
        "net_crore": columns.number("Bought less sold in the fortnight", "Rs crore"),
        "assets_crore": columns.number("Assets in custody at the fortnight's end", "Rs crore"),
        "sector_rank": columns.count(
            "Rank among the fortnight's sectors by share_of_assets_bps, 1 the most bought; null "
            "for totals",
            "rank",
        ),
    },
    SECTOR_FLOW,
)

TABLES: tuple[type[Table], ...] = (
    Flow,
    FlowBalance,
    FlowSurprise,
    ParticipantPosition,
    SectorFlow,
)
METRICS: dict[str, Sequence[Metric]] = {
    Flow.table: FLOW,
    FlowBalance.table: FLOW_BALANCE,
    FlowSurprise.table: FLOW_SURPRISE,
    ParticipantPosition.table: POSITION,
    SectorFlow.table: SECTOR_FLOW,
}
