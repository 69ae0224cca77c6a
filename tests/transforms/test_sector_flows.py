"""Foreign money by sector, by hand."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy.stats import percentileofscore  # type: ignore[import-untyped]

from transforms.metrics.sector_flows import SECTOR_FLOW, sector_flow
from warehouse.tables.flows import SectorFlow
from warehouse.tables.table import schema


def fortnight(n: int) -> date:
    """The nth fortnight's last date, from 15 January 2020."""
    month, half = divmod(n, 2)
    year, month = 2020 + month // 12, month % 12 + 1
    return date(year, month, calendar.monthrange(year, month)[1] if half else 15)


def held(
    n: int, sector: str, net: float | None, assets: float | None = 1000.0, **others: Any
) -> Any:
    return {
        "fortnight_end": fortnight(n),
        "sector": sector,
        "asset_class": "equity",
        "source_id": "nsdl_fpi_sectors",
        "net_crore": None if net is None else Decimal(str(net)),
        "assets_crore": None if assets is None else Decimal(str(assets)),
        "published_at": datetime(2020, 1, 20, tzinfo=UTC),
        **others,
    }


def core(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    columns = schema(SectorFlow)
    return pl.DataFrame([{name: row.get(name) for name in columns} for row in rows], schema=columns)


def column(rows: Sequence[dict[str, Any]], name: str, sector: str = "Metals") -> list[Any]:
    return sector_flow(core(rows)).filter(sector=sector)[name].to_list()


def test_six_fortnights_are_summed() -> None:
    rows = [held(n, "Metals", 10.5 * n) for n in range(8)]
    assert column(rows, "net_sum_6_crore") == [None] * 5 + [10.5 * 15, 10.5 * 21, 10.5 * 27]


def test_the_net_is_measured_by_the_assets_of_the_fortnight_before() -> None:
    rows = [held(0, "Metals", 5, 2000), held(1, "Metals", 10, 4000), held(2, "Metals", -6, 1)]
    # 10 of 2,000 and -6 of 4,000.
    assert column(rows, "share_of_assets_bps") == [None, 50, -15]
    assert column([held(0, "Metals", 5, 0), held(1, "Metals", 5, 1)], "share_of_assets_bps") == [
        None,
        None,
    ]


def test_a_missing_fortnight_is_a_hole() -> None:
    rows = [held(n, "Metals", 1) for n in range(12) if n != 4]
    rows += [held(n, "Realty", 1) for n in range(12)]
    assert column(rows, "net_sum_6_crore") == [None] * 9 + [6, 6]
    assert column(rows, "share_of_assets_bps").count(None) == 2
    assert column(rows, "net_sum_6_crore", "Realty") == [None] * 5 + [6] * 7
    alone = [row for row in rows if row["sector"] == "Metals"]
    assert column(alone, "net_sum_6_crore") == [None] * 9 + [6, 6]


def test_a_february_and_a_year_are_two_fortnights_and_twenty_four() -> None:
    assert (fortnight(2), fortnight(3), fortnight(24)) == (
        date(2020, 2, 15),
        date(2020, 2, 29),
        date(2021, 1, 15),
    )
    assert column([held(n, "Metals", 1) for n in range(20, 30)], "net_sum_6_crore")[5:] == [6] * 5


def test_rank_is_among_sectors_by_what_was_bought_of_what_was_held() -> None:
    rows = [
        held(n, sector, net, assets)
        for n in range(2)
        for sector, net, assets in (
            ("Metals", 10, 1000),  # 100 basis points
            ("Realty", 20, 4000),  # 50
            ("Power", 30, 3000),  # 100 as well
            ("Telecom", -5, 100),
            ("Unknown", None, 100),
            ("Grand Total", 5000, 100),
        )
    ]
    result = sector_flow(core(rows)).filter(fortnight_end=fortnight(1))
    assert dict(result.select("sector", "sector_rank").iter_rows()) == {
        "Metals": 1,
        "Power": 1,
        "Realty": 3,
        "Telecom": 4,
        "Unknown": None,
        "Grand Total": None,
    }
    assert (
        sector_flow(core(rows)).filter(fortnight_end=fortnight(0))["sector_rank"].null_count() == 6
    )


def test_only_equity_is_read_and_the_first_source_stands() -> None:
    rows = [
        held(0, "Metals", 1),
        held(0, "Metals", 7, source_id="re_saved"),
        held(0, "Metals", 9, asset_class="debt"),
        held(0, "Metals", 9, asset_class="total"),
    ]
    assert column(rows, "net_crore") == [1.0]


def test_percentile_stands_on_72_fortnights_and_nothing_looks_ahead() -> None:
    rng = np.random.default_rng(9)
    rows = core(
        [
            held(n, sector, round(float(rng.normal(0, 90)), 2), float(rng.integers(900, 1100)))
            for n in range(90)
            for sector in ("Metals", "Realty")
        ]
    )
    whole = sector_flow(rows)
    mine = whole.filter(sector="Metals")
    for item in SECTOR_FLOW:
        values, ranks = mine[item.id].to_list(), mine[item.percentile_id].to_list()
        assert values[: item.warmup] == [None] * item.warmup
        assert values[item.warmup] is not None
        first = item.warmup + 71
        assert ranks[:first] == [None] * first
        for n in (first, 89):
            expected = percentileofscore(values[item.warmup : n + 1], values[n], kind="mean")
            assert ranks[n] == pytest.approx(expected)
    known = pl.col("fortnight_end") <= fortnight(81)
    assert_frame_equal(sector_flow(rows.filter(known)), whole.filter(known))
    assert_frame_equal(sector_flow(rows.sample(fraction=1, shuffle=True, seed=1)), whole)


def test_no_rows_make_no_rows() -> None:
    assert sector_flow(core([])).is_empty()
