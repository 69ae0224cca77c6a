"""Every fault on the flow interface, which shows the last session alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.demo.wire.faults import Fault, FaultKind
from flows.demo.world.market import Market

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
    FaultKind.NEGATIVE: ("loaded", 1, "1 row rejected"),
    FaultKind.NOT_UTF8: ("malformed", 0, "not UTF-8"),
    FaultKind.BOM: ("loaded", 2, ""),
}


LOADS = [kind for kind in FaultKind if ENDS[kind][0] == "loaded"]
REST = [kind for kind in FaultKind if kind not in LOADS]


def fault(kind: FaultKind) -> Fault:
    wait = 1 if kind is FaultKind.UNAVAILABLE else 600
    return Fault(PATH, kind, retry_after=wait, seconds=2, size=4 << 20)


@pytest.fixture(scope="module")
def evening_before(new_home: Callable[[date], Any]) -> Any:
    home = new_home(date(2026, 1, 19))
    home.night(BEFORE)
    return home


@pytest.fixture(scope="module")
def evening(evening_before: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[Any, Any]:
    """One evening on which every fault strikes, a minute after the other, and then none.

    By fault, and None for the end: the day's state and the flows that are held.
    """
    home = evening_before.copy(tmp_path_factory.mktemp("evening") / "home")
    seen = {}
    for minute, kind in enumerate(REST):
        home.night(DAY, f"22:{minute + 5:02}", fault(kind))
        seen[kind] = home.state(FLOW, DAY), home.flows()
    assert home.state("nse_index_close", DAY)["state"] == "loaded", "the others go on"
    home.night(DAY, "22:45")
    seen[None] = home.state(FLOW, DAY), home.flows()
    return seen


def assert_true(flows: pl.DataFrame, market: Market) -> None:
    true = market.flows.filter(session_date=DAY).unique("participant", keep="last")
    held = flows.filter(session_date=DAY)
    assert {row["participant"]: float(row["net_crore"]) for row in held.to_dicts()} == dict(
        true.select("participant", "net_crore").iter_rows()
    )


def assert_untouched(flows: pl.DataFrame, evening_before: Any) -> None:
    before = evening_before.flows().filter(session_date=BEFORE)
    assert flows.filter(pl.col("session_date") < DAY).equals(before), (
        "figures of one day never overwrite another's"
    )


@pytest.mark.parametrize("kind", REST)
def test_a_fault_ends_in_its_state(
    evening: dict[Any, Any], evening_before: Any, kind: FaultKind
) -> None:
    found, flows = evening[kind]
    state, rows, words = ENDS[kind]
    assert found["state"] == state
    assert words in found["detail"]
    assert flows.filter(session_date=DAY).height == rows
    assert_untouched(flows, evening_before)


def test_after_all_that_the_same_evening_heals(
    evening: dict[Any, Any], evening_before: Any, market: Market
) -> None:
    found, flows = evening[None]
    assert (found["state"], found["is_settled"]) == ("loaded", True)
    assert found["asked"] == len(REST) + 1
    assert_true(flows, market)
    assert_untouched(flows, evening_before)


@pytest.mark.parametrize("kind", LOADS)
def test_a_fault_that_lets_rows_through(
    evening_before: Any, tmp_path: Path, market: Market, kind: FaultKind
) -> None:
    home = evening_before.copy(tmp_path / "home")
    home.night(DAY, "22:05", fault(kind))
    found = home.state(FLOW, DAY)
    state, rows, words = ENDS[kind]
    assert found["state"] == state
    assert words in found["detail"]
    assert found["is_settled"] is (not words), "rows that were rejected may be put right"
    flows = home.flows()
    assert flows.filter(session_date=DAY).height == rows
    home.night(DAY, "22:45")
    assert_true(home.flows(), market)


def test_every_kind_has_its_end() -> None:
    assert set(ENDS) == set(FaultKind)
