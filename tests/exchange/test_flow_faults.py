"""Every fault on the flow interface, which shows the last session alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.demo.faults import Fault, FaultKind
from flows.demo.market import Market

FLOW = "nse_fii_dii"
DAY = date(2026, 1, 22)
BEFORE = DAY - timedelta(days=1)
PATH = "api/fiidiiTradeReact"

ENDS: dict[FaultKind, tuple[str, int, str]] = {
    FaultKind.FORBIDDEN: ("blocked", 0, "got status 403"),
    FaultKind.TOO_MANY: ("blocked", 0, "got status 429"),
    FaultKind.UNAVAILABLE: ("failed", 0, "got status 503"),
    FaultKind.STALL: ("blocked", 0, "expected"),
    FaultKind.TRUNCATED: ("failed", 0, "expected"),
    FaultKind.OVERSIZED: ("malformed", 0, "expected at most 1048576 bytes"),
    FaultKind.GZIP_BOMB: ("malformed", 0, "inflate to more than"),
    FaultKind.HTML: ("blocked", 0, "access denied"),
    FaultKind.EMPTY: ("malformed", 0, "an empty file"),
    FaultKind.ZIP_BOMB: ("malformed", 0, "a zip archive"),
    FaultKind.ANOTHER_DAY: ("late", 0, "still the session before"),
    FaultKind.SHORT: ("malformed", 0, "no JSON"),
    FaultKind.WRONG_DATE: ("stale", 0, "expected figures of 2026-01-22"),
    FaultKind.MIXED_DATES: ("malformed", 0, "expected one date"),
    FaultKind.RENAMED_COLUMN: ("malformed", 0, "'Last Value'"),
    FaultKind.MISSING_COLUMN: ("malformed", 0, "expected fields"),
    FaultKind.EXTRA_COLUMN: ("malformed", 0, "'Remarks'"),
    FaultKind.DUPLICATE_ROWS: ("loaded", 2, "2 rows rejected"),
    # A digit more behind the point is a finer print of the same figure, within its rounding.
    FaultKind.CONFLICTING_DUPLICATES: ("loaded", 2, "2 rows rejected"),
    FaultKind.NEGATIVE: ("loaded", 1, "1 rows rejected"),
    FaultKind.NOT_UTF8: ("malformed", 0, "not UTF-8"),
    FaultKind.BOM: ("loaded", 2, ""),
}


@pytest.fixture(scope="module")
def evening_before(new_home: Callable[[date], Any]) -> Any:
    home = new_home(date(2026, 1, 19))
    home.night(BEFORE)
    return home


@pytest.mark.parametrize("kind", list(FaultKind))
def test_a_fault_ends_in_its_state_and_heals_the_same_evening(
    evening_before: Any, tmp_path: Path, market: Market, kind: FaultKind
) -> None:
    home = evening_before.copy(tmp_path / "home")
    before = home.tables()["core.institutional_flow"]
    fault = Fault(
        PATH, kind, retry_after=1 if kind is FaultKind.UNAVAILABLE else 600, seconds=2, size=4 << 20
    )
    home.night(DAY, "22:05", fault)
    state, rows, words = ENDS[kind]
    found = home.state(FLOW, DAY)
    assert found["state"] == state
    assert words in found["detail"]
    assert home.state("nse_index_close", DAY)["state"] == "loaded", "the others go on"
    kept = home.tables()["core.institutional_flow"]
    assert kept.filter(session_date=DAY).height == rows
    assert kept.filter(session_date=BEFORE).equals(before.filter(session_date=BEFORE)), (
        "figures of one day never overwrite another's"
    )
    home.night(DAY, "22:45")
    assert home.state(FLOW, DAY)["state"] == "loaded"
    true = market.flows.filter(session_date=DAY).unique("participant", keep="last")
    healed = home.tables()["core.institutional_flow"].filter(session_date=DAY)
    assert {row["participant"]: float(row["net_crore"]) for row in healed.to_dicts()} == dict(
        true.select("participant", "net_crore").iter_rows()
    )


def test_every_kind_has_its_end() -> None:
    assert set(ENDS) == set(FaultKind)
