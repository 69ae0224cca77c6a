"""A small simulated exchange, and homes that ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from flows import night as nights
from flows.demo.exchange import Exchange
from flows.demo.world.market import Market, simulate
from tests.exchange.homes import CLOSES, Home, Impatient, differing

INDICES = (
    "Nifty 50",
    "Nifty Next 50",
    "Nifty 100",
    "Nifty 200",
    "Nifty 500",
    "NIFTY Midcap 100",
    "NIFTY Midcap 150",
    "NIFTY Smallcap 100",
    "NIFTY Smallcap 250",
    "Nifty Bank",
    "India VIX",
)


def small(market: Market) -> Market:
    """The same market with eleven indices: a night over it takes half the time."""
    return replace(
        market,
        index_bars=market.index_bars.filter(pl.col("index_name").is_in(INDICES)),
        total_returns=market.total_returns.filter(pl.col("index_name").is_in(INDICES)),
    )


@pytest.fixture(scope="session")
def market() -> Market:
    return small(simulate(start=date(2025, 12, 1)))


@pytest.fixture(scope="session")
def compare() -> Callable[..., list[str]]:
    return differing


@pytest.fixture(autouse=True, scope="session")
def _impatient() -> Iterator[None]:
    """Waits are short, and the brief is left to its own suite: these tests are about the data."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nights, "Client", Impatient)
        patch.setattr(nights, "write_brief", lambda _published, folder, day=None: folder)
        yield


@pytest.fixture(scope="session")
def new_home(
    market: Market, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Home]]:
    """Homes that ask one exchange from a date on: closes, flows, holidays and what they name.

    The exchange's clock is set by each night.
    """
    with Exchange(market) as exchange:

        def make(since: date, *sources: str) -> Home:
            path = tmp_path_factory.mktemp("home") / "riskon"
            return Home(path, exchange, since, (*CLOSES, *sources))

        yield make


@pytest.fixture
def home(new_home: Callable[..., Home]) -> Home:
    return new_home(date(2026, 1, 20))
