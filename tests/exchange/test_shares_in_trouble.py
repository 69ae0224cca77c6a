"""Nights that had the shares and not what they rest on: nothing is lost, and all heals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from flows.bring import bring
from flows.demo.exchange import Exchange, draw_shares
from flows.demo.formats.equity_lists import corporate_actions_json
from flows.demo.formats.market import index_close_files
from flows.demo.wire.faults import Fault, FaultKind
from flows.demo.world.market import Market, simulate
from flows.derive import derive
from flows.landing import Landing
from flows.night import ALL_TABLES
from tests.exchange import homes
from tests.exchange.conftest import small
from tests.exchange.homes import CLOSES, Home, Impatient, at
from warehouse.store import open_writer
from warehouse.tables import Definition

FIRST = date(2025, 12, 1)
EVENING, NEXT = date(2026, 1, 20), date(2026, 1, 21)
SOURCES = (*CLOSES, "nse_equity_bhavcopy", "nse_equity_full", "nse_pr_set", "nse_index_members")
MARTS = (
    "mart.equity_series",
    "mart.equity_momentum",
    "mart.equity_rank",
    "mart.breadth_count",
    "mart.breadth",
    "mart.contribution",
    "mart.leadership",
    "mart.sector_rotation",
)


@pytest.fixture(scope="module")
def market() -> Market:
    drawn = small(simulate(start=FIRST))
    draw_shares(drawn)
    return drawn


@pytest.fixture(scope="module")
def exchange(market: Market) -> Iterator[Exchange]:
    with pytest.MonkeyPatch.context() as patch, Exchange(market) as running:
        patch.setitem(homes.FEW_ITEMS, "nse_index_members", ("ind_niftysmallcap250list",))
        patch.setattr(Impatient, "silence_s", 30.0)
        yield running


@pytest.fixture(scope="module")
def held(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home up to an evening; tests copy it."""
    home = Home(tmp_path_factory.mktemp("held") / "home", exchange, FIRST, SOURCES)
    home.night(EVENING)
    return home


def marts(home: Home) -> dict[str, pl.DataFrame]:
    tables = home.tables()
    return {name: tables[name] for name in MARTS}


def test_shares_of_a_date_that_nothing_proves_wait_for_the_proof(
    held: Home, tmp_path: Path
) -> None:
    home = held.copy(tmp_path / "home")
    home.night(NEXT, "22:30", Fault("ind_close_all", FaultKind.FORBIDDEN))
    assert home.read("SELECT max(session_date) AS day FROM mart.equity_series") == [
        {"day": EVENING}
    ]
    assert home.read("SELECT max(session_date) AS day FROM core.equity_bar") == [{"day": NEXT}]
    home.night(NEXT, "23:30")
    spared = held.copy(tmp_path / "spared")
    spared.night(NEXT, "22:30")
    healed, expected = marts(home), marts(spared)
    assert [name for name in MARTS if not healed[name].equals(expected[name])] == []


def test_a_corrected_index_reaches_what_stands_beside_it(
    held: Home, market: Market, tmp_path: Path
) -> None:
    home = held.copy(tmp_path / "home")
    day = date(2026, 1, 12)
    close = pl.col("close")
    is_it = pl.col("index_name") == "Nifty 500"
    corrected = market.index_bars.filter(session_date=day).with_columns(
        close=pl.when(is_it).then((close * 1.001).round(2)).otherwise(close),
        high=pl.when(is_it).then(pl.col("high") * 1.01).otherwise("high"),
    )
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    files = index_close_files(corrected, leading_zero=True)
    (inbox / f"ind_close_all_{day:%d%m%Y}.csv").write_bytes(files[day])
    before = home.tables()["mart.breadth"]
    bring(home.settings(at(EVENING, "23:00")), inbox, {})
    found = marts(home)
    assert not found["mart.breadth"].equals(before)
    assert differing(found, computed_anew(home)) == []


@pytest.mark.parametrize(
    ("purpose", "factor"),
    [
        ("Face Value Split (Sub-Division) - From Rs 10/- Per Share To Rs 8/- Per Share", 1.25),
        ("Dividend - Rs {cash} Per Share", None),
    ],
)
def test_an_action_told_after_its_day_counts_from_its_day(
    held: Home, tmp_path: Path, purpose: str, factor: float | None
) -> None:
    home = held.copy(tmp_path / "home")
    ex_date = date(2026, 1, 7)
    closes = "SELECT symbol, instrument_id, close FROM mart.equity_series WHERE session_date < ? "
    share = home.read(
        f"{closes} AND is_ordinary AND close > 100 ORDER BY session_date DESC, symbol LIMIT 1",
        ex_date,
    )[0]
    cash = round(0.3 * share["close"])
    told = pl.DataFrame(
        {
            "symbol": [share["symbol"]],
            "series": ["EQ"],
            "face_value_inr": [10],
            "purpose": [purpose.format(cash=cash)],
            "ex_date": [ex_date],
            "record_date": [ex_date],
            "company_name": ["Told late"],
            "isin": ["-"],
        }
    )
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "actions.json").write_bytes(corporate_actions_json(told))
    bring(home.settings(at(EVENING, "23:00")), inbox, {})
    expected = factor or share["close"] / (share["close"] - cash)
    rows = home.read(
        "SELECT session_date, price_factor FROM mart.equity_series WHERE instrument_id = ? "
        "ORDER BY session_date",
        share["instrument_id"],
    )
    for row in rows:
        factor_then = expected if row["session_date"] >= ex_date else 1.0
        assert row["price_factor"] == pytest.approx(factor_then), row
    assert differing(marts(home), computed_anew(home)) == []


def computed_anew(home: Home) -> dict[str, pl.DataFrame]:
    """What the marts would be if everything were computed from core alone."""
    settings = home.settings(at(EVENING, "23:30"))
    with closing(open_writer(settings.warehouse, ALL_TABLES)) as warehouse:
        # Without definitions everything is computed anew.
        warehouse.replace(Definition, Definition.create_empty())
        run = list(Landing.held(settings.landing).journals())[-1].run
        derive(warehouse, run)
        return {name: warehouse.read(f"FROM {name} ORDER BY ALL") for name in MARTS}


def differing(found: dict[str, pl.DataFrame], anew: dict[str, pl.DataFrame]) -> list[str]:
    """Marts that differ by more than the last digits."""
    numbers = pl.selectors.float()
    return [
        name
        for name in MARTS
        if not found[name]
        .with_columns(numbers.round(6))
        .equals(anew[name].with_columns(numbers.round(6)))
    ]
