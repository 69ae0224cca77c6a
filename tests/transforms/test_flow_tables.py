"""What the metrics give is what the tables of flows store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from transforms.metrics.flow_balance import flow_balance
from transforms.metrics.flow_rows import flow_rows
from transforms.metrics.flow_surprise import flow_surprise
from transforms.metrics.flow_tables import (
    METRICS,
    TABLES,
    Flow,
    FlowBalance,
    FlowSurprise,
    ParticipantPosition,
    SectorFlow,
)
from transforms.metrics.flows_of_funds import flow
from transforms.metrics.positioning import participant_position
from transforms.metrics.sector_flows import sector_flow
from warehouse.tables import flows as core
from warehouse.tables.table import Table, schema

START = date(2025, 9, 1)
AT = datetime(2025, 9, 1, 13, tzinfo=UTC)
DAYS = [START + timedelta(days=n) for n in range(6)]
SESSIONS = pl.DataFrame({"session_date": DAYS})


def rows(table: type[Table], *told: dict[str, Any]) -> pl.DataFrame:
    columns = schema(table)
    always = {"published_at": AT, "source_id": "x", "is_imported": False}
    whole = [{**always, **one} for one in told]
    return pl.DataFrame(
        [{name: row.get(name) for name in columns} for row in whole], schema=columns
    )


def test_every_frame_is_stored_as_it_is() -> None:
    money = {"buy_crore": Decimal(9), "sell_crore": Decimal(4), "net_crore": Decimal(5)}
    institutional = rows(
        core.InstitutionalFlow,
        *[
            {
                "session_date": day,
                "participant": who,
                "scope": scope,
                "stage": "provisional",
                **money,
            }
            for day in DAYS
            for who in ("FII", "DII")
            for scope in ("NSE+BSE+MSEI", "NSE", "unstated")
        ],
    )
    categories = rows(
        core.CategoryTurnover,
        *[
            {"session_date": day, "category": name, **money}
            for day in DAYS
            for name in ("FPI", "Mutual Funds")
        ],
    )
    depository = rows(
        core.DepositoryFlow,
        *[
            {
                "reporting_date": day + timedelta(days=1),
                "asset_class": "equity",
                "route": "stock_exchange",
                "purchases_crore": Decimal(7),
                "sales_crore": Decimal(1),
                "net_crore": Decimal(6),
            }
            for day in DAYS
        ],
    )
    contracts = rows(
        core.ParticipantContracts,
        *[
            {
                "session_date": day,
                "participant": who,
                "measure": "open_interest",
                **dict.fromkeys(
                    [name for name in schema(core.ParticipantContracts) if "_contracts" in name], 5
                ),
            }
            for day in DAYS
            for who in ("Client", "DII", "FII", "Pro", "TOTAL")
        ],
    )
    sectors = rows(
        core.SectorFlow,
        {
            "fortnight_end": date(2025, 9, 15),
            "sector": "Metals",
            "asset_class": "equity",
            "net_crore": Decimal(5),
            "assets_crore": Decimal(50),
        },
    )
    flows = flow_rows(institutional, categories, depository, SESSIONS)
    marts = flow(flows, SESSIONS)
    superseded = institutional.with_columns(superseded_at=pl.lit(AT))
    frames = {
        Flow: marts,
        FlowBalance: flow_balance(marts, SESSIONS),
        FlowSurprise: flow_surprise(flows, superseded, SESSIONS),
        ParticipantPosition: participant_position(contracts, SESSIONS),
        SectorFlow: sector_flow(sectors),
    }
    # Six sessions: three provisional counts and the exchange's final one with three rows each,
    # and the depository's.
    assert [frame.height for frame in frames.values()] == [6 * 13, 6 * 4, 6, 6 * 4, 1]
    assert tuple(frames) == TABLES
    for table, frame in frames.items():
        assert dict(frame.schema) == schema(table), table.table
        table.validate(frame)


def test_every_metric_is_a_column_of_its_table() -> None:
    assert list(METRICS) == [table.table for table in TABLES]
    for table in TABLES:
        for item in METRICS[table.table]:
            assert schema(table)[item.id] == item.stored_type
            assert item.meaning.endswith("."), item.id
            assert item.source, item.id
            assert not item.percentile or item.percentile_id in schema(table)
