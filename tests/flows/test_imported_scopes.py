"""What a user imported of flows settles sessions of its own scope, and of no other."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from flows.calendar import IST
from flows.states import Known, State, day_states

MONDAY, TUESDAY = date(2026, 2, 9), date(2026, 2, 10)
NOW = datetime(2026, 2, 10, 22, 30, tzinfo=IST)
COMBINED, ALONE = "nse_fii_dii", "nse_fii_dii_nse"


def flow_states(scopes: str) -> dict[str, dict[date, State]]:
    """States of both sources of flows, when a user imported Monday's and nothing was asked."""
    known = Known([], [MONDAY, TUESDAY], {}, {MONDAY: scopes})
    found: dict[str, dict[date, State]] = {}
    for state in day_states(known, NOW):
        found.setdefault(state.source_id, {})[state.session_date] = state
    return found


@pytest.mark.parametrize(
    ("scopes", "settled"),
    [
        ("NSE+BSE+MSEI", {COMBINED: "NSE+BSE+MSEI"}),
        ("unstated", {COMBINED: "unstated"}),
        ("NSE", {ALONE: "NSE"}),
        ("NSE, NSE+BSE+MSEI, unstated", {COMBINED: "NSE+BSE+MSEI, unstated", ALONE: "NSE"}),
    ],
)
def test_an_import_settles_its_own_scope(scopes: str, settled: dict[str, str]) -> None:
    found = flow_states(scopes)
    assert set(found) == set(settled)
    for source, scope in settled.items():
        monday = found[source][MONDAY]
        assert (monday.state, monday.is_settled) == ("loaded", True)
        assert monday.detail == f"imported, scope {scope}"
        assert found[source][TUESDAY].state == "late"
