"""Provisional against final foreign nets, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transforms.metrics.flow_rows import flow_rows
from transforms.metrics.flow_surprise import FLOW_SURPRISE, flow_surprise
from warehouse.tables.flows import CategoryTurnover, DepositoryFlow, InstitutionalFlow
from warehouse.tables.table import schema

START = date(2023, 1, 2)
SUPERSEDED = pl.Schema({**schema(InstitutionalFlow), "superseded_at": pl.Datetime("us", "UTC")})


def day(n: int) -> date:
    return START + timedelta(days=n)


def at(n: int, hour: int = 13) -> datetime:
    return datetime.combine(day(n), datetime.min.time(), UTC) + timedelta(hours=hour)


def days(count: int) -> pl.DataFrame:
    return pl.DataFrame({"session_date": [day(n) for n in range(count)]})


def told(n: int, net: float, **others: Any) -> dict[str, Any]:
    return {
        "session_date": day(n),
        "participant": "FII",
        "scope": "NSE+BSE+MSEI",
        "stage": "provisional",
        "source_id": "nse_fii_dii",
        "net_crore": Decimal(str(net)),
        "is_imported": False,
        "published_at": at(n),
        **others,
    }


def confirmed(n: int, bought: float, sold: float, **others: Any) -> dict[str, Any]:
    """The report of the day after session n."""
    return {
        "reporting_date": day(n + 1),
        "asset_class": "equity",
        "route": "stock_exchange",
        "source_id": "nsdl_fpi_latest",
        "purchases_crore": Decimal(str(bought)),
        "sales_crore": Decimal(str(sold)),
        "net_crore": Decimal(str(bought)) - Decimal(str(sold)),
        "published_at": at(n + 1, 14),
        **others,
    }


def frame(columns: Any, rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in columns} for row in rows], schema=columns)


def rows_of(
    provisional: Sequence[dict[str, Any]], final: Sequence[dict[str, Any]], sessions: pl.DataFrame
) -> pl.DataFrame:
    return flow_rows(
        frame(schema(InstitutionalFlow), provisional),
        frame(schema(CategoryTurnover), []),
        frame(schema(DepositoryFlow), final),
        sessions,
    )


def surprises(
    provisional: Sequence[dict[str, Any]],
    final: Sequence[dict[str, Any]],
    superseded: Sequence[dict[str, Any]] = (),
    count: int = 5,
) -> list[dict[str, Any]]:
    rows = rows_of(provisional, final, days(count))
    return flow_surprise(rows, frame(SUPERSEDED, superseded), days(count)).to_dicts()


def test_surprise_is_the_final_net_less_the_provisional() -> None:
    (row,) = surprises([told(0, -100.10)], [confirmed(0, 1000, 1050)])
    assert row["session_date"] == day(0)
    assert (row["provisional_net_crore"], row["final_net_crore"]) == (-100.10, -50)
    assert row["surprise_crore"] == 50.10  # they sold less than was first told
    assert row["surprise_pct_of_gross"] == pytest.approx(100 * 50.10 / 2050)
    assert row["surprise_z"] is None
    assert row["revision_crore"] == 0


def test_nothing_is_known_before_both_are_out() -> None:
    (row,) = surprises([told(0, 1)], [confirmed(0, 5, 1)])
    assert row["published_at"] == at(1, 14)
    (late,) = surprises([told(0, 1, published_at=at(3))], [confirmed(0, 5, 1)])
    assert late["published_at"] == at(3)


def test_a_session_that_one_of_them_lacks_has_no_row() -> None:
    rows = surprises([told(0, 1), told(1, 2), told(3, 4)], [confirmed(1, 5, 1), confirmed(2, 5, 1)])
    assert [row["session_date"] for row in rows] == [day(1)]


def test_other_series_are_not_read() -> None:
    others = [
        told(0, 7, scope="NSE"),
        told(0, 7, participant="DII"),
        told(0, 7, scope="unstated"),
        told(0, 7, stage="final"),
    ]
    assert surprises(others, [confirmed(0, 5, 1)]) == []


def test_revision_is_the_last_provisional_less_the_first_seen() -> None:
    superseded = [
        told(0, -3750, superseded_at=at(0, 15)),
        told(0, -4000, superseded_at=at(1, 15)),
        told(0, 9999, superseded_at=at(0, 10), source_id="imported_flow"),
        told(0, 9999, superseded_at=at(0, 10), participant="DII"),
        told(1, 8, superseded_at=at(1, 15), scope="NSE"),
    ]
    rows = surprises(
        [told(0, -4367.30), told(1, 8)],
        [confirmed(0, 10, 10), confirmed(1, 10, 10)],
        superseded,
    )
    assert [row["revision_crore"] for row in rows] == [-617.30, 0]
    again = surprises([told(0, -4367.30)], [confirmed(0, 10, 10)], list(reversed(superseded)))
    assert again[0]["revision_crore"] == -617.30


def test_no_gross_has_no_share() -> None:
    (row,) = surprises([told(0, 0)], [confirmed(0, 0, 0)])
    assert row["surprise_pct_of_gross"] is None
    unstated = confirmed(0, 5, 1, purchases_crore=None, sales_crore=None)
    (row,) = surprises([told(0, 0)], [unstated])
    assert (row["surprise_crore"], row["surprise_pct_of_gross"]) == (4, None)


def test_z_stands_on_the_756_surprises_before_and_nothing_looks_ahead() -> None:
    count = 775
    rng = np.random.default_rng(2)
    provisional = rng.normal(0, 900, count).round(2)
    final = (provisional + rng.normal(20, 150, count)).round(2)
    told_rows = [told(n, provisional[n]) for n in range(count) if n != 100]
    # Bought and sold are 10,000 apart from the net.
    final_rows = [confirmed(n, 10000 + final[n], 10000) for n in range(count)]
    rows = rows_of(told_rows, final_rows, days(count))
    empty = frame(SUPERSEDED, [])
    whole = flow_surprise(rows, empty, days(count))
    differences = [round(final[n] - provisional[n], 2) for n in range(count) if n != 100]
    assert whole["surprise_crore"].to_list() == pytest.approx(differences, abs=1e-9)
    for place in (756, 773):
        past = np.array(differences[place - 756 : place])
        z = (differences[place] - past.mean()) / past.std(ddof=1)
        assert whole["surprise_z"][place] == pytest.approx(z, abs=1e-9)
    assert whole["surprise_z"][:756].null_count() == 756
    for item in FLOW_SURPRISE:
        assert whole[item.id][item.warmup] is not None

    known = pl.col("session_date") <= day(765)
    assert_frame_equal(flow_surprise(rows.filter(known), empty, days(766)), whole.filter(known))
    mixed = rows.sample(fraction=1, shuffle=True, seed=3)
    assert_frame_equal(flow_surprise(mixed, empty, days(count).reverse()), whole)


def test_no_rows_make_no_rows() -> None:
    assert surprises([], []) == []
