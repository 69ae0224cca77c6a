"""The views people query: they stand on an empty warehouse, and join what belongs together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.bi.brief_evening import EVENING, MART, build, frame
from transforms.metrics.tables import MART_TABLES
from warehouse.store import Warehouse, open_writer
from warehouse.tables import TABLES
from warehouse.views import VIEWS, create_views

BEFORE = EVENING - timedelta(days=1)


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    path = build(tmp_path_factory.mktemp("views") / "riskon.duckdb")
    with open_writer(path, [*TABLES, *MART_TABLES]) as store:
        create_views(store)
        yield store


def test_every_view_stands_on_an_empty_warehouse(tmp_path: Path) -> None:
    with open_writer(tmp_path / "empty.duckdb", [*TABLES, *MART_TABLES]) as store:
        create_views(store)
        for view in VIEWS:
            rows = store.read(f"SELECT * FROM {view.name}")
            assert rows.width > 1, view.name
            assert rows.height == 0 or view.name == "bi.dictionary", view.name
            assert len(set(rows.columns)) == rows.width, view.name


def test_every_view_says_what_it_means(evening: Warehouse) -> None:
    told = dict(
        evening.read(
            "SELECT schema_name || '.' || view_name, comment FROM duckdb_views() WHERE NOT internal"
        ).iter_rows()
    )
    assert told == {view.name: view.meaning for view in VIEWS}


def test_the_final_figure_stands_beside_the_provisional_one(evening: Warehouse) -> None:
    rows = evening.read(
        "SELECT * FROM bi.flow WHERE scope = 'NSE+BSE+MSEI' AND session_date >= ? ORDER BY 1",
        [BEFORE],
    )
    assert rows.height == 2
    earlier, last = rows.iter_rows(named=True)
    # The 299th weekday: 250 + 298 % 7 provisional, ten more finally.
    assert (earlier["fii_net_crore"], earlier["fii_final_net_crore"]) == (254.0, 264.0)
    assert earlier["dii_net_crore"] == -254.0
    assert earlier["surprise_crore"] == 10.0
    assert earlier["absorption_20_pct"] is None
    assert last["absorption_20_pct"] == 98.4


def test_a_count_of_one_exchange_is_no_surprise_to_the_depository(evening: Warehouse) -> None:
    rows = evening.read("SELECT * FROM bi.flow WHERE scope = 'NSE' AND surprise_crore IS NOT NULL")
    assert rows.is_empty()


def test_the_season_is_the_last_evening_of_every_list(evening: Warehouse) -> None:
    rows = evening.read("SELECT universe, universe_kind, session_date FROM bi.season")
    assert rows["universe"].to_list() == [
        "market",
        "nifty-50",
        "nifty-smallcap-100",
        "industry:Capital Goods",
        "industry:Healthcare",
        "industry:Information Technology",
    ]
    assert rows["session_date"].unique().to_list() == [EVENING]


def test_positions_are_told_in_percent(evening: Warehouse) -> None:
    rows = evening.read(
        "SELECT index_future_long_pct FROM bi.participant_position WHERE participant = 'FII'"
    )
    assert rows.item() == pytest.approx(31.2)


def test_macro_says_where_a_value_came_from(evening: Warehouse) -> None:
    rows = evening.read("SELECT series_id, source_ids FROM bi.macro")
    sources = dict(rows.iter_rows())
    assert rows.height == len(sources)
    assert sources["RBI_REPO"] == "imported_macro"
    assert sources["DGS2"] == "fred"
    assert sources["US_CURVE"] is None, "a difference is no publisher's"


def test_a_company_goes_by_the_name_last_seen(evening: Warehouse) -> None:
    company = {
        "company_id": "one",
        "symbol": "RENAMED",
        "isin": "INE000X01012",
        "company_title": "New Name Limited",
        "industry": "Chemicals",
        "first_seen": date(2025, 10, 20),
        "last_seen": date(2026, 1, 20),
    }
    result = {
        "company_id": "one",
        "quarter_end": date(2025, 12, 31),
        "known_from": datetime(2026, 1, 20, 12, tzinfo=UTC),
        "symbol": "OLD",
        "basis": "standalone",
        "is_revision": False,
        "is_balancing": False,
    }
    unknown = result | {"company_id": "two", "symbol": "UNKNOWN"}
    names, results = MART["mart.company"], MART["mart.company_result"]
    evening.append(names, frame(names, [company]))
    evening.append(results, frame(results, [result, unknown]))
    rows = evening.read("SELECT symbol, company_title, industry FROM bi.company_result ORDER BY 1")
    assert rows.rows() == [("OLD", "New Name Limited", "Chemicals"), ("UNKNOWN", None, None)]
