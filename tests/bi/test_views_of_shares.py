"""Views of shares: today's price basis, names and industries of the day, breadth side by side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl
import pytest

from tests.warehouse.check_cases_of_flows import MONDAY, TUESDAY, WEDNESDAY, Rows
from tests.warehouse.check_cases_of_shares import adjusted, chained, counted, security
from transforms.metrics.breadth_tables import Breadth
from transforms.metrics.earnings_tables import Company
from transforms.metrics.equity_tables import EquityMomentum, EquityRank
from transforms.metrics.leadership_tables import Contribution, SectorRotation
from transforms.metrics.tables import MART_TABLES
from warehouse.store import Warehouse, open_writer
from warehouse.tables import TABLES, IndexMembership, IndexName
from warehouse.tables.table import schema
from warehouse.views import MACROS, create_views


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    path = tmp_path_factory.mktemp("views") / "warehouse.duckdb"
    with open_writer(path, (*TABLES, *MART_TABLES)) as warehouse:
        create_views(warehouse)
        yield warehouse


@pytest.fixture
def warehouse(opened: Warehouse) -> Iterator[Warehouse]:
    opened.execute("BEGIN")
    yield opened
    opened.execute("ROLLBACK")


def put(warehouse: Warehouse, rows: Rows) -> None:
    for table in dict.fromkeys(table for table, _ in rows):
        frame = pl.DataFrame(
            [row for of, row in rows if of is table], schema=pl.Schema(schema(table))
        )
        warehouse.append(table, frame)


def traded(close: float, day: date, **other: Any) -> Rows:
    """A session's bar and momentum."""
    flags = {name: other.pop(name, False) for name in ("is_new_high_252", "is_new_low_252")}
    bar = chained(close, day, **{"volume_shares": 10, **other})
    who = {name: bar[1][name] for name in ("session_date", "instrument_id")}
    return [bar, (EquityMomentum, who | flags | {"rsi_14": 70})]


def industry(name: str, valid_from: date, valid_to: date) -> Rows:
    universe = {"universe": f"industry:{name}", "universe_kind": "sector", "universe_title": name}
    span = {"valid_from": valid_from, "valid_to": valid_to, "basis": "seen"}
    return [
        (
            IndexMembership,
            {**universe, **span, "instrument_id": "ace", "is_survivorship_biased": False},
        )
    ]


def test_prices_are_told_in_today_s_basis(warehouse: Warehouse) -> None:
    """After a 2:1 split and a demerger at 0.8: 200 is 80 today, 10 shares are 20."""
    put(
        warehouse,
        [
            *security(),
            *traded(200, MONDAY),
            *traded(101, TUESDAY, price_factor=2, volume_factor=2),
            *traded(80, WEDNESDAY, price_factor=2.5, volume_factor=2),
            adjusted("declared", "split", price_factor=2, volume_factor=2),
            adjusted("opening price", "demerger", WEDNESDAY, price_factor=1.25, volume_factor=1),
        ],
    )
    rows = warehouse.read("FROM bi.share ORDER BY session_date")
    assert rows["close"].to_list() == [200, 101, 80]
    assert rows["adjusted_close"].to_list() == pytest.approx([80, 80.8, 80])
    assert rows["adjusted_volume_shares"].to_list() == [20, 10, 10]
    assert rows["rsi_14"].to_list() == [70, 70, 70]
    assert rows["relative_strength_rank"].to_list() == [None, None, None]


def test_nothing_is_told_across_a_jump_nobody_explains(warehouse: Warehouse) -> None:
    put(
        warehouse,
        [
            *security(),
            *traded(100, MONDAY),
            *traded(300, TUESDAY, chain=1, is_quarantined=True),
            *traded(310, WEDNESDAY, chain=1),
            adjusted("quarantined", "jump"),
        ],
    )
    rows = warehouse.read("SELECT adjusted_close FROM bi.share ORDER BY session_date")
    assert rows["adjusted_close"].to_list() == [None, 300, 310]


def test_a_share_has_one_row_a_session_and_the_industry_of_its_day(warehouse: Warehouse) -> None:
    company = {"company_id": "ace", "company_title": "Ace Limited"}
    seen = {"first_seen": MONDAY, "last_seen": MONDAY}
    put(
        warehouse,
        [
            *security(),
            *(row for day in (MONDAY, TUESDAY, WEDNESDAY) for row in traded(100, day)),
            *industry("Chemicals", MONDAY, TUESDAY),
            *industry("Textiles", TUESDAY, WEDNESDAY),
            (Company, {**company, **seen}),
        ],
    )
    rows = warehouse.read("SELECT session_date, title, industry FROM bi.share ORDER BY ALL")
    assert rows.rows() == [
        (MONDAY, "Ace Limited", "Chemicals"),
        (TUESDAY, "Ace Limited", "Textiles"),
        (WEDNESDAY, "Ace Limited", None),
    ]


def test_today_is_the_last_session_that_shares_traded(warehouse: Warehouse) -> None:
    rank = {"session_date": TUESDAY, "instrument_id": "ace", "relative_strength_rank": 50.0}
    put(
        warehouse,
        [
            *security(last=TUESDAY),
            *security("bee", last=MONDAY),
            *traded(90, MONDAY),
            *traded(100, TUESDAY),
            *traded(10, MONDAY, instrument_id="bee", symbol="BEE"),
            (EquityRank, rank | {"missing_parts": ""}),
        ],
    )
    today = warehouse.read("FROM bi.share_today")
    assert today.height == 1
    assert today["relative_strength_rank"].item() == 50
    assert today.equals(warehouse.read("FROM bi.share WHERE session_date = ?", [TUESDAY]))


def test_new_extremes_are_those_of_ordinary_shares(warehouse: Warehouse) -> None:
    put(
        warehouse,
        [
            *security(),
            *traded(100, MONDAY, high=105.0, low=99.0, is_new_high_252=True),
            # A day beyond both ends of the year is two of them.
            *traded(80, TUESDAY, high=110.0, low=70.0, is_new_high_252=True, is_new_low_252=True),
            *traded(80, WEDNESDAY),
            *traded(9, MONDAY, instrument_id="etf", is_ordinary=False, is_new_high_252=True),
        ],
    )
    rows = warehouse.read("SELECT session_date, extreme, symbol, new_price FROM bi.new_extreme")
    assert sorted(rows.rows()) == [
        (MONDAY, "high", "ACE", 105.0),
        (TUESDAY, "high", "ACE", 110.0),
        (TUESDAY, "low", "ACE", 70.0),
    ]


def test_sizes_stand_beside_the_market(warehouse: Warehouse) -> None:
    def breadth(universe: str, kind: str, above: float, *, biased: bool) -> tuple[Any, Any]:
        facts = {"session_date": TUESDAY, "universe": universe, "universe_kind": kind}
        told = {"universe_title": "A", "is_survivorship_biased": biased, "members": 1}
        return Breadth, {**facts, **told, "above_sma_50_pct": above, "index_close": 9.0}

    put(
        warehouse,
        [
            counted(advances=3, declines=2, traded=6, new_highs=1, new_lows=2),
            counted("nifty-50", advances=1, traded=1),
            breadth("market", "market", 40, biased=False),
            breadth("nifty-smallcap-250", "index", 20, biased=True),
            breadth("industry:Chemicals", "sector", 70, biased=True),
        ],
    )
    (row,) = warehouse.read("FROM bi.breadth").iter_rows(named=True)
    assert (row["traded"], row["advances"], row["declines"]) == (6, 3, 2)
    assert (row["new_highs"], row["new_lows"], row["nifty_500_close"]) == (1, 2, 9)
    assert (row["above_sma_50_pct"], row["smallcap_250_above_sma_50_pct"]) == (40, 20)
    assert row["nifty_50_above_sma_50_pct"] is None
    assert row["is_survivorship_biased"] is True


def test_an_action_says_how_it_is_known(warehouse: Warehouse) -> None:
    put(warehouse, [*security(), adjusted("inferred", "split", price_factor=2.0)])
    rows = warehouse.read(
        "SELECT symbol, action, basis, price_factor, kind FROM bi.corporate_action"
    )
    assert rows.rows() == [("ACE", "split", "inferred", 2.0, "share")]


def test_sectors_stand_with_the_breadth_of_their_members(warehouse: Warehouse) -> None:
    who = {"session_date": TUESDAY, "universe": "industry:Chemicals"}
    told = {"universe_title": "Chemicals", "is_survivorship_biased": False}
    breadth = {"universe_kind": "sector", "members": 7, "advancing_pct": 60.0}
    put(
        warehouse,
        [
            (SectorRotation, {**who, **told, "quadrant": "leading", "rank_21": 1}),
            (Breadth, {**who, **told, **breadth}),
            (Breadth, {**who, **told, **breadth, "session_date": MONDAY, "members": 8}),
        ],
    )
    rows = warehouse.read("SELECT sector, quadrant, rank_21, members, advancing_pct FROM bi.sector")
    assert rows.rows() == [("Chemicals", "leading", 1, 7, 60.0)]


def contribution(day: date, group: str, points: float, level: float) -> tuple[Any, Any]:
    grouping = "whole" if group == "all" else "tier"
    who = {"session_date": day, "universe": "nifty-50", "grouping": grouping, "group_name": group}
    counts = {"compared": 1, "weighed": 1, "is_survivorship_biased": False}
    told = {"weight_pct": 40.0, "contribution_points": points}
    index = {"index_close_before": level, "index_return_pct": 10.0}
    return Contribution, {**who, **counts, **told, **index}


def test_contributions_chain_since_a_date(warehouse: Warehouse) -> None:
    """Twice 10% is 21%; 4 points at 100 and 5 at 110 are 4 + 5.5 of the level it began at."""
    name = {"index_name": "Nifty 50", "index_id": "nifty-50", "index_title": "Nifty 50"}
    seen = {"first_session": MONDAY, "last_session": MONDAY, "proof": "same name", "detail": ""}
    days = ((TUESDAY, 4.0, 100.0), (WEDNESDAY, 5.0, 110.0))
    rows = [
        contribution(day, group, points, level)
        for day, points, level in days
        for group in ("all", "large")
    ]
    put(warehouse, [*rows, (IndexName, {**name, **seen})])
    told = warehouse.read("SELECT DISTINCT universe_title FROM bi.contribution")
    assert told["universe_title"].to_list() == ["Nifty 50"]
    chained_ = warehouse.read("FROM bi.contribution_since('nifty-50', ?, ?)", [MONDAY, WEDNESDAY])
    tier = chained_.row(by_predicate=pl.col("grouping") == "tier", named=True)
    assert tier["sessions"] == 2
    assert tier["contribution_points"] == pytest.approx(9.5)
    assert tier["index_return_pct"] == pytest.approx(21)
    assert tier["residual_points"] == pytest.approx(11.5)
    assert tier["lift"] == pytest.approx(9.5 / 21 / 0.4)


def test_every_macro_says_what_it_means(warehouse: Warehouse) -> None:
    told = warehouse.read(
        "SELECT DISTINCT schema_name || '.' || function_name AS name, comment "
        "FROM duckdb_functions() WHERE schema_name = 'bi'"
    )
    assert dict(told.iter_rows()) == {macro.name: macro.meaning for macro in MACROS}
