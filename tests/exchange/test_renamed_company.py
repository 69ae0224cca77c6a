"""A company changes its symbol: lists show the new one, its old documents hold the old one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.demo.exchange import Exchange
from flows.demo.world.market import simulate
from flows.night import Window
from tests.exchange.homes import CLOSES, Home, at

DOCUMENT, CHANGES = "nse_result_document", "nse_symbol_changes"
LISTS = ("nse_results", "nse_integrated_filing")
OLD, NEW = "Q-MUSTER", "QM&SIM"
RENAMED = date(2025, 4, 9)
FILED_FROM = date(2025, 2, 1)
DAYS = Window(
    date(2025, 4, 8),
    sources={
        **dict.fromkeys((*CLOSES, CHANGES), date(2025, 4, 8)),
        **dict.fromkeys((*LISTS, DOCUMENT), FILED_FROM),
    },
)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[date, Any]]:
    """The night of the change, on which the list does not know of it, and the one after."""
    market = simulate(start=date(2025, 4, 1), end=date(2025, 4, 11))
    folder: Path = tmp_path_factory.mktemp("home")
    seen: dict[date, Any] = {}
    with Exchange(market) as exchange:
        home = Home(folder / "riskon", exchange, DAYS.first, (*CLOSES, *LISTS, CHANGES))
        for day in (RENAMED, date(2025, 4, 10), date(2025, 4, 11)):
            asked = len(exchange.log)
            home.night(day, window=DAYS)
            seen[day] = {
                "documents": home.read(
                    "SELECT url, load_state, stated, detail FROM ops.fetch WHERE source_id = ? "
                    "QUALIFY row_number() OVER (PARTITION BY url ORDER BY fetched_at DESC) = 1",
                    DOCUMENT,
                ),
                "filings": home.read("FROM core.filing WHERE symbol IN (?, ?)", OLD, NEW),
                "results": home.read("FROM core.quarterly_result WHERE symbol IN (?, ?)", OLD, NEW),
                "states": home.read(
                    "SELECT state FROM ops.day_state WHERE source_id = ?", DOCUMENT
                ),
                "changes": home.read("FROM core.symbol_change ORDER BY changed_on"),
                "asked": [one.path for one in exchange.log[asked:] if "/xbrl/" in one.path],
            }
        yield seen


def test_until_the_exchange_lists_the_change_its_documents_are_anothers(
    nights: dict[date, Any],
) -> None:
    night = nights[RENAMED]
    assert {row["symbol"] for row in night["filings"]} == {NEW}
    named = {row["document_url"] for row in night["filings"] if row["document_url"]}
    refused = {row["url"] for row in night["documents"] if row["load_state"] == "malformed"}
    assert refused
    assert refused == named
    assert night["results"] == []


def test_the_morning_after_they_are_the_companys(nights: dict[date, Any]) -> None:
    night = nights[date(2025, 4, 10)]
    refused = [row["detail"] for row in night["documents"] if row["load_state"] != "loaded"]
    assert refused == []
    assert {row["state"] for row in night["states"]} == {"loaded"}
    assert {row["symbol"] for row in night["results"]} == {OLD}, "as the documents say"
    held = {row["document"] for row in night["results"]}
    assert held == {row["document"] for row in night["filings"] if row["document"]}
    again = {path.rsplit("/", 1)[1] for path in night["asked"]}
    assert held <= again
    assert '"symbols": "Q-MUSTER,QM&SIM"' in next(
        row["stated"] for row in night["documents"] if row["url"].rsplit("/", 1)[1] in held
    )


def test_a_change_is_known_by_its_own_morning_or_when_the_list_shows_it(
    nights: dict[date, Any],
) -> None:
    """The file's own date speaks for the change that it was put up with, and for no other."""
    before, after = nights[RENAMED]["changes"], nights[date(2025, 4, 10)]["changes"]
    assert NEW not in {row["new_symbol"] for row in before}
    known = {row["new_symbol"]: (row["published_at"], row["published_basis"]) for row in after}
    assert known[NEW] == (at(date(2025, 4, 10), "09:00"), "header")
    assert known["QGONE"] == (at(date(2009, 7, 6), "08:00"), "schedule")


def test_then_nothing_is_asked_again(nights: dict[date, Any]) -> None:
    first, second, third = (set(nights[day]["asked"]) for day in sorted(nights))
    assert not third & (first | second)
    assert len(nights[RENAMED]["asked"]) == len(first)
