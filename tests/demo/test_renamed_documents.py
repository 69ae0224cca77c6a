"""Documents of companies that changed their symbol, read as the companies' own."""

from __future__ import annotations

from datetime import date

import pytest

from flows.demo.formats.xbrl_writer import document
from flows.demo.world.filings import Filing
from flows.demo.world.market import SEED
from flows.demo.world.results import Results, draw_results
from flows.demo.world.symbol_changes import symbol_changes
from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.xbrl import LAYOUT
from transforms.symbol_history import symbol_history, symbols_of

TODAY = date(2026, 2, 11)


@pytest.fixture(scope="module")
def results() -> Results:
    return draw_results(SEED)


@pytest.fixture(scope="module")
def renamed(results: Results) -> list[Filing]:
    """Every filing with a document whose company had another symbol on the day it was filed."""
    return [
        filing
        for filing in results.records
        if filing.document and filing.symbol != filing.company.symbol_on(TODAY)
    ]


def stated(filing: Filing, *symbols: str) -> dict[str, str]:
    """What the integrated list, which has no ISIN, says of a filing today."""
    return {
        "symbol": filing.company.symbol_on(TODAY),
        "symbols": ",".join(symbols),
        "isin": "",
        "basis": filing.basis,
        "period_end": filing.quarter.isoformat(),
        "broadcast_at": filing.broadcast_at.isoformat(),
    }


def test_with_the_symbol_changes_none_is_refused(results: Results, renamed: list[Filing]) -> None:
    changes = symbol_changes(results.population)
    history = symbol_history((old, new, day) for _, old, new, day in changes)
    assert {filing.symbol for filing in renamed} == {"QOLDNAME", "Q-MUSTER"}
    for filing in renamed:
        now = filing.company.symbol_on(TODAY)
        symbols = symbols_of(history, now, filing.broadcast_at.date(), TODAY)
        assert symbols == (filing.symbol, now), "and not those of who had the symbol before"
        body = document(results.statement(filing))
        rows = LAYOUT.read(Payload(body, filing.document or "", stated(filing, *symbols)))
        assert not rows.is_empty()


def test_without_them_every_one_is_anothers(results: Results, renamed: list[Filing]) -> None:
    for filing in renamed[::7]:
        body = document(results.statement(filing))
        with pytest.raises(NotThisLayout, match=f"another company's: {filing.symbol}"):
            LAYOUT.read(Payload(body, filing.document or "", stated(filing)))
