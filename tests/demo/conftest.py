"""The simulated market, drawn once; a fresh exchange over it for each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from flows.demo.exchange import Exchange
from flows.demo.world.market import Market, simulate


@pytest.fixture(scope="session")
def market() -> Market:
    return simulate()


@pytest.fixture
def exchange(market: Market) -> Iterator[Exchange]:
    with Exchange(market) as running:
        yield running


@pytest.fixture
def client() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture(scope="session")
def genuine() -> Callable[[str], list[Path]]:
    """Genuine publisher files by pattern; the test is skipped, saying which, where none is."""
    default = Path(__file__).resolve().parents[2].parent / "shared" / "archive"
    archive = Path(os.environ.get("RISKON_ARCHIVE", default))

    def find(pattern: str) -> list[Path]:
        found = sorted(archive.glob(pattern))
        if not found:
            pytest.skip(f"RISKON_ARCHIVE holds no {pattern}")
        return found

    return find
