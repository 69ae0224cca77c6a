"""Faults on the other publishers: each stops its own source alone, and the next night heals it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from typing import Any

import polars as pl
import pytest

from flows.demo.wire.faults import Fault, FaultKind
from tests.exchange.homes import Impatient
from warehouse.ddl import KNOWING
from warehouse.store import open_reader

BEFORE, LAST = date(2026, 2, 2), date(2026, 2, 11)
EVENINGS = [date(2026, 2, day) for day in (3, 4, 5, 6, 9)]
A_PAGE = date(2026, 2, 10)

PATHS: dict[str, str] = {
    "nse_participant_open_interest": r"fao_participant_oi_{day:%d%m%Y}",
    "nse_participant_volume": r"fao_participant_vol_{day:%d%m%Y}",
    "nse_category_turnover": r"cat_turnover_{before:%d%m%y}",
    "nsdl_fpi_latest": r"Reports/Latest\.aspx",
    "nsdl_fpi_archive": r"Reports/Archive\.aspx",
    "nsdl_fpi_periods": r"Reports/Yearwise\.aspx",
    "nse_index_members": r"ind_niftysmallcap100list\.csv",
    "nse_integrated_filing": r"api/integrated-filing-results.*from_date=01-02-2026",
    "fred": r"fredgraph\.csv\?id=DGS2&",
}
KINDS = (
    FaultKind.FORBIDDEN,
    FaultKind.UNAVAILABLE,
    FaultKind.TRUNCATED,
    FaultKind.ANOTHER_DAY,
    FaultKind.RENAMED_COLUMN,
)
ENDS: dict[FaultKind, tuple[str, str]] = {
    FaultKind.FORBIDDEN: ("blocked", "got status 403"),
    FaultKind.UNAVAILABLE: ("loaded", ""),  # once, and then well
    FaultKind.TRUNCATED: ("failed", "expected"),
    FaultKind.ANOTHER_DAY: ("stale", "another day's copy"),
    FaultKind.RENAMED_COLUMN: ("malformed", "expected"),
}
# What bears no date of its own is true, and shorter by the newest: the next night has the rest.
UNDATED = (
    "nsdl_fpi_latest",
    "nsdl_fpi_archive",
    "nsdl_fpi_periods",
    "nse_integrated_filing",
    "fred",
)
CANNOT = {
    # An old workbook's columns cannot be renamed without writing it anew, and a list of members
    # says nowhere of which day it is.
    ("nse_category_turnover", FaultKind.RENAMED_COLUMN),
    # The archive's form, which is fetched first, has no columns.
    ("nsdl_fpi_archive", FaultKind.RENAMED_COLUMN),
    ("nse_index_members", FaultKind.ANOTHER_DAY),
}
TABLES = (
    *("core.participant_contracts", "core.category_turnover", "core.depository_flow"),
    *("core.depository_period", "core.macro_observation", "core.filing", "core.index_member"),
)


def strikes(source: str, evening: date) -> FaultKind | None:
    """The kind of fault a source meets on an evening: another each time, and no two alike."""
    kind = KINDS[(list(PATHS).index(source) + EVENINGS.index(evening)) % len(KINDS)]
    return None if (source, kind) in CANNOT else kind


def asked_of(source: str, evening: date, sessions: list[date]) -> date:
    """The day a source is asked for on an evening: the workbook comes a session late."""
    before = max(day for day in sessions if day < evening)
    return before if source == "nse_category_turnover" else evening


def fault(source: str, kind: FaultKind, evening: date, sessions: list[date]) -> Fault:
    before = asked_of("nse_category_turnover", evening, sessions)
    path = PATHS[source].replace("{", "{0[").replace(":", "]:") if "{" in PATHS[source] else ""
    path = path.format({"day": evening, "before": before}) if path else PATHS[source]
    return Fault(path, kind, times=1 if kind is FaultKind.UNAVAILABLE else None)


@pytest.fixture(scope="module")
def sessions(market: Any) -> list[date]:
    return [day for day in market.sessions["session_date"] if day >= BEFORE]


@pytest.fixture(scope="module", autouse=True)
def _patiently() -> Iterator[None]:
    """The simulated sites draw their figures at the first question, which takes a moment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Impatient, "silence_s", 10.0)
        yield


@pytest.fixture(scope="module")
def told(new_home: Callable[..., Any], sessions: list[date]) -> tuple[Any, dict[Any, Any]]:
    """The home after a week of faults and a night of none, and each evening's states."""
    home = new_home(BEFORE, *PATHS)
    home.documents_per_run = 0
    home.night(BEFORE)
    seen: dict[Any, Any] = {}
    for evening in EVENINGS:
        struck = {source: strikes(source, evening) for source in PATHS}
        faults = [fault(s, kind, evening, sessions) for s, kind in struck.items() if kind]
        home.night(evening, "22:30", *faults)
        for source, kind in struck.items():
            if kind:
                seen[source, kind] = home.state(source, asked_of(source, evening, sessions))
        seen[evening] = {
            s: home.state(s, evening)["state"] for s in ("nse_index_close", "nse_fii_dii")
        }
    home.night(A_PAGE, "22:30", Fault(PATHS["nsdl_fpi_latest"], FaultKind.HTML))
    seen[A_PAGE] = {s: home.state(s, A_PAGE) for s in PATHS if s != "nse_category_turnover"}
    home.night(LAST)
    return home, seen


@pytest.mark.parametrize(
    ("source", "kind"),
    [(s, kind) for s in PATHS for kind in KINDS if (s, kind) not in CANNOT],
)
def test_a_fault_ends_in_its_state(told: Any, source: str, kind: FaultKind) -> None:
    found = told[1][source, kind]
    state, words = ENDS[kind]
    if kind is FaultKind.ANOTHER_DAY and source in UNDATED:
        state, words = "loaded", ""
    assert found["state"] == state, found["detail"]
    assert words in found["detail"]


def test_it_stops_its_own_source_alone(told: Any) -> None:
    """Each evening's other sources met other faults, or none, and ended in their own states."""
    for evening in EVENINGS:
        assert told[1][evening] == {"nse_index_close": "loaded", "nse_fii_dii": "loaded"}
        assert len({strikes(source, evening) for source in PATHS} - {None}) >= len(KINDS) - 1


def test_a_page_that_refuses_shuts_its_host_and_no_other(told: Any) -> None:
    states = {source: row["state"] for source, row in told[1][A_PAGE].items()}
    assert {s for s, state in states.items() if state == "blocked"} <= {
        "nsdl_fpi_latest",
        "nsdl_fpi_archive",
        "nsdl_fpi_periods",
    }
    assert states["nsdl_fpi_latest"] == "blocked"
    assert {states[s] for s in PATHS if "nsdl" not in s and s in states} == {"loaded"}


def test_nothing_is_lost(told: Any, new_home: Callable[..., Any]) -> None:
    """After the last night all is held that one undisturbed night would hold."""
    calm = new_home(BEFORE, *PATHS)
    calm.documents_per_run = 0
    calm.night(LAST)
    for table in TABLES:
        struck, undisturbed = (rows_of(home, table) for home in (told[0], calm))
        assert undisturbed.height > 0
        lost = undisturbed.join(struck, on=undisturbed.columns, how="anti", nulls_equal=True)
        assert lost.is_empty(), table
        more = struck.join(undisturbed, on=undisturbed.columns, how="anti", nulls_equal=True)
        # The archive once served the month before, whose figures are as true.
        assert more.is_empty() or table == "core.depository_flow", table


def rows_of(home: Any, table: str) -> pl.DataFrame:
    """What a table says, but for when we came to know it."""
    with closing(open_reader(home.path / "published" / "riskon.duckdb")) as reader:
        rows = reader.read(f"FROM {table}")
    return rows.drop(*KNOWING, "seen_on", strict=False).unique().sort(pl.all())


def test_dated_files_healed_the_next_night(told: Any, sessions: list[date]) -> None:
    home = told[0]
    for source in ("nse_participant_open_interest", "nse_participant_volume"):
        states = {home.state(source, day)["state"] for day in sessions if day <= LAST}
        assert states == {"loaded"}
