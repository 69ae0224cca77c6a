"""The publishers' own files: every one is loaded or named, and holes in them stay holes."""

from __future__ import annotations

import csv
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.bring import bring
from warehouse.store import open_reader

pytestmark = pytest.mark.real
HOLE = (date(2022, 12, 8), date(2024, 6, 3))
"""The last session before the hole between the two archives, and the first after it."""

UNREAD = (
    # What no metric rests on: board meetings, holders, and figures beside the documents'.
    *("nse_api_boardMeetings", "nse_api_shareholding", "nse_api_results_comparison"),
    # The exchange's own index history: the index publisher's is read.
    "nse_api_fetch_historical_index_data",
)
"""Marks of the files that no layout knows."""


def read(brought: Any, sql: str, *parameters: Any) -> pl.DataFrame:
    with closing(open_reader(brought.settings.published)) as reader:
        return reader.read(sql, list(parameters))


@pytest.mark.parametrize(
    ("pattern", "source"),
    [
        ("%ind_close_all_%", "nse_index_close"),
        ("niftyindices/price/%", "niftyindices_price"),
        ("niftyindices/tri/%", "niftyindices_total_return"),
        ("fii_dii/%", "imported_flow"),
        ("fred/%", "fred"),
        ("constituents/%", "nse_index_members"),
        ("samples/fiidiiTradeReact%", "nse_fii_dii"),
        ("samples/fao_participant_oi%", "nse_participant_open_interest"),
        ("samples/fiidii_legacy%", "imported_flow"),
        ("samples/nsdl_fpi_latest%", "nsdl_fpi_archive"),
        ("samples/integrated-filing%", "nse_integrated_filing"),
        ("samples/corporates-financial-results%", "nse_results"),
        ("samples/nse_api_financial_results%", "nse_results"),
        ("samples/holiday-master%", "nse_holidays"),
    ],
)
def test_every_file_of_a_known_layout_is_loaded(brought: Any, pattern: str, source: str) -> None:
    known = [
        name for name in brought.files if pattern.strip("%") in name and "excerpts" not in name
    ]
    assert known
    rows = read(brought, "FROM ops.fetch WHERE url LIKE ?", pattern).filter(
        ~pl.col("url").str.contains("excerpts")
    )
    told = {row["url"]: row for row in rows.to_dicts()}
    held_already = set(known) - set(told)
    assert len(held_already) <= brought.told.held_already, "a file with the same bytes is held"
    bad = {
        name: (row["load_state"], row["detail"])
        for name, row in told.items()
        if (row["source_id"], row["load_state"]) != (source, "loaded") or not row["rows_loaded"]
    }
    assert bad == {}


def test_every_file_has_an_end(brought: Any) -> None:
    told = brought.told
    assert told.outcome.asked == len(brought.files)
    assert told.landed + told.held_already + len(told.unrecognised) == len(brought.files)
    assert set(told.unrecognised) <= set(brought.files)
    unread = {name: [mark for mark in UNREAD if mark in name] for name in told.unrecognised}
    assert [name for name, marks in unread.items() if len(marks) != 1] == []
    assert {mark for marks in unread.values() for mark in marks} == set(UNREAD)
    assert [why for _, why in told.refused if not why] == []
    named = read(brought, "SELECT url, detail FROM ops.fetch WHERE outcome = 'unrecognised'")
    assert set(named["url"]) == set(told.unrecognised)


def test_what_was_not_loaded_is_a_sample_and_says_why(brought: Any) -> None:
    assert [name for name, _ in brought.told.refused if not name.startswith("samples/")] == []


def test_the_hole_between_the_archives_makes_windows_null(brought: Any) -> None:
    """No index is said to have returned seventy per cent over the hole."""
    before, after = HOLE
    momentum = read(
        brought,
        "SELECT * FROM mart.index_momentum WHERE index_id = 'nifty-smallcap-100' "
        "AND session_date BETWEEN ? AND ? ORDER BY session_date",
        before,
        after + timedelta(days=60),
    )
    first = momentum.row(by_predicate=pl.col("session_date") == after, named=True)
    returns = [
        name for name in momentum.columns if name.startswith("return_") and "perc" not in name
    ]
    assert len(returns) > 5
    assert {name: first[name] for name in returns if first[name] is not None} == {}
    later = momentum.filter(pl.col("session_date") > after)
    assert later["return_1_pct"].null_count() == 0
    assert later["return_1_pct"].abs().max() < 15
    tenth = later.row(9, named=True)
    assert tenth["return_9_pct"] is not None
    assert tenth["return_21_pct"] is None
    assert tenth["sma_200"] is None


def test_no_index_jumps(brought: Any) -> None:
    jumps = read(
        brought,
        "SELECT index_id, session_date, return_1_pct FROM mart.index_momentum "
        "WHERE abs(return_1_pct) > 25 AND index_id NOT LIKE '%vix%' "
        "AND index_id NOT LIKE '%dividend-points%' AND index_id NOT LIKE '%leverage%'",
    )
    assert jumps.rows() == []


def test_sessions_are_those_on_which_the_market_traded(brought: Any, archive: Path) -> None:
    """Where index files prove sessions: none is invented, none that has a file is lost."""
    with (archive / "sessions_2004_2025.csv").open(newline="") as lines:
        observed = {date.fromisoformat(row[0]) for row in csv.reader(lines) if row[0][:2] == "20"}
    assert len(observed) > 5000
    sessions = read(brought, "FROM core.trading_session WHERE basis = 'evidence'")
    proven = sessions.filter(pl.col("session_date") >= date(2004, 1, 1))["session_date"]
    first, last = min(observed), max(observed)
    invented = [day for day in proven if first <= day <= last and day not in observed]
    assert invented == []
    windows = ((date(2019, 10, 1), HOLE[0]), (HOLE[1], date(2025, 8, 29)))
    for start, end in windows:
        expected = {day for day in observed if start <= day <= end}
        held = set(read(brought, "FROM core.trading_session")["session_date"])
        assert expected - held <= {
            # No file of these weekend sessions is in the archive.
            date(2019, 10, 27),
            date(2020, 2, 1),
            date(2020, 11, 14),
            date(2025, 2, 1),
        }


def test_flows_are_those_of_the_files(brought: Any, archive: Path) -> None:
    true: dict[tuple[date, str], float] = {}
    for path in sorted((archive / "fii_dii").glob("*.csv")):
        with path.open(newline="") as lines:
            for row in csv.DictReader(lines):
                day = date.fromisoformat(row["date"])
                for participant, column in (("FII", "fii_net_cr"), ("DII", "dii_net_cr")):
                    if row[column] not in {"", "-"}:
                        true[day, participant] = float(row[column])
    held = read(
        brought,
        "SELECT session_date, participant, net_crore FROM core.institutional_flow "
        "WHERE source_id = 'imported_flow'",
    )
    assert {(day, who): float(net) for day, who, net in held.iter_rows()} == pytest.approx(true)


def test_the_holes_of_macro_series_are_listed(brought: Any, archive: Path) -> None:
    """A date the publisher left out is a row without a value: a hole that SQL can count."""
    holes: dict[str, int] = {}
    for path in sorted((archive / "fred").glob("*.csv")):
        with path.open(newline="") as lines:
            _, *rows = csv.reader(lines)
        holes[path.stem.split("_monthly")[0]] = sum(row[1] in {"", "."} for row in rows)
    held = read(
        brought,
        "SELECT series_id, count(*) FILTER (value IS NULL) AS holes FROM core.macro_observation "
        "WHERE source_id = 'fred' GROUP BY ALL",
    )
    assert dict(held.iter_rows()) == holes
    assert sum(holes.values()) > 100


def test_a_second_import_changes_nothing(brought: Any) -> None:
    before = read(brought, "SELECT count(*) FROM ops.fetch").row(0)
    inbox = brought.inbox / "fii_dii"
    again = bring(brought.settings, inbox, {})
    assert (again.landed, again.held_already) == (0, 2)
    assert read(brought, "SELECT count(*) FROM ops.fetch").row(0) == before
