"""Share files of the archive through an import: what came of them, and breadth counted by hand.

Prices are read from the archive's own text by Python's csv reader; none stands here.
"""

from __future__ import annotations

import csv
import re
import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows import night as nights
from flows.bring import Imported, bring
from flows.settings import Settings
from warehouse.store import open_reader

pytestmark = pytest.mark.real
NOW = datetime(2026, 11, 1, 15, tzinfo=UTC)
SLICE, SET, LISTS = "slice", "pr_2025-10-29", "constituents"
FUNDS = "etf29102025.csv"
SET_MEMBERS_READ = ("bc", "etf", "hl", "mcap")

SHARES = ("EQ", "BE")
BOARDS = (*SHARES, "BZ", "SM", "ST", "SZ")
NO_ORDINARY_SHARE = re.compile(r"(-RE\d*|DVR|ETF)$")
"""Rights entitlements, shares with other votes, and a fund that the list of October has no more."""
RENAMED = {"SUVENPHAR": "COHANCE", "AMIORG": "ACUTAAS"}
"""Symbols given up within the slice; the lists of members have the ISINs of both."""
UNBELIEVABLE = 0.21
"""No share moves by more than a fifth without something having been done to it."""


@dataclass
class Brought:
    """A home, what its import said, and the same files as text."""

    settings: Settings
    told: Imported
    inbox: Path

    def read(self, sql: str, *parameters: Any) -> pl.DataFrame:
        with closing(open_reader(self.settings.published)) as reader:
            return reader.read(sql, list(parameters))

    @cached_property
    def sessions(self) -> dict[date, dict[tuple[str, str], float]]:
        """By the date inside, closing prices of each session by symbol and series."""
        found: dict[date, dict[tuple[str, str], float]] = {}
        for path in sorted((self.inbox / SLICE).rglob("sec_bhavdata_full_*.csv")):
            header, *rows = cells_of(path)
            at = [header.index(name) for name in ("DATE1", "SYMBOL", "SERIES", "CLOSE_PRICE")]
            told = [[row[place] for place in at] for row in rows]
            for text in {row[0] for row in told}:
                day = datetime.strptime(text, "%d-%b-%Y").replace(tzinfo=UTC).date()
                found[day] = {
                    (symbol, series): float(close)
                    for on, symbol, series, close in told
                    if on == text
                }
        return dict(sorted(found.items()))

    @cached_property
    def funds(self) -> set[str]:
        header, *rows = cells_of(self.inbox / SET / FUNDS)
        return {row[header.index("SYMBOL")] for row in rows}


def cells_of(path: Path) -> list[list[str]]:
    """Lines of a file, cut and stripped."""
    with path.open(newline="") as lines:
        return [[cell.strip() for cell in row] for row in csv.reader(lines) if row]


@pytest.fixture(scope="module")
def brought(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Brought:
    absent = [name for name in (SLICE, SET, LISTS) if not (archive / name).is_dir()]
    if absent:
        pytest.skip(f"the archive holds no {', '.join(absent)}")
    inbox = tmp_path_factory.mktemp("inbox")
    for name in (SLICE, SET, LISTS):
        shutil.copytree(archive / name, inbox / name)
    settings = Settings(home=tmp_path_factory.mktemp("home") / "riskon", now=NOW)
    with pytest.MonkeyPatch.context() as patch:
        # The page has its own suite.
        patch.setattr(nights, "write_brief", lambda _published, folder, day=None: folder)
        return Brought(settings, bring(settings, inbox, {}), inbox)


def files_of(brought: Brought, pattern: str) -> list[str]:
    return [str(path.relative_to(brought.inbox)) for path in brought.inbox.rglob(pattern)]


def test_nothing_is_refused_but_copies_and_what_nobody_reads(brought: Brought) -> None:
    """Files of dates without a session hold the session before; each is told of, none counts."""
    assert brought.told.refused == []
    equity = files_of(brought, "sec_bhavdata_full_*.csv")
    assert len(equity) == 55
    assert len(files_of(brought, "ind_close_all_*.csv")) == 51
    assert not [name for name in brought.told.unrecognised if not name.startswith(SET)]
    members = {
        name: re.match(r"[a-z]+", Path(name).name.lower()) for name in brought.told.unrecognised
    }
    assert not {found[0] for found in members.values() if found} & set(SET_MEMBERS_READ)
    assert all(brought.told.unrecognised.values())
    landed = brought.read(
        "SELECT url, content_date, load_state, rows_loaded FROM ops.fetch "
        "WHERE source_id = 'nse_equity_full'"
    )
    assert set(landed["load_state"]) == {"loaded"}
    assert landed["content_date"].is_duplicated().sum() == 0
    assert set(landed["content_date"]) == set(brought.sessions)
    copies = len(equity) - len(brought.sessions)
    assert copies > 0
    assert landed.height == len(equity) - copies
    named = [(name, why) for name, why in brought.told.other_days if "sec_bhavdata" in name]
    assert all(re.fullmatch(r"named for [\d-]+, holds [\d-]+", why) for _, why in named)
    assert brought.told.held_already >= copies - len(named)


def test_every_row_is_held_or_has_a_reason(brought: Brought) -> None:
    held = dict(
        brought.read("SELECT session_date, count(*) FROM core.equity_bar GROUP BY ALL").iter_rows()
    )
    rejected = brought.read(
        "SELECT f.source_id, f.content_date, r.reason "
        "FROM ops.rejected_row r JOIN ops.fetch f USING (file_id)"
    )
    assert rejected.height > 0
    assert rejected.filter(pl.col("reason").fill_null("") == "").is_empty()
    lost = rejected.filter(
        pl.col("source_id") == "nse_equity_full", ~pl.col("reason").str.contains("the row stays")
    )
    for day, rows in brought.sessions.items():
        assert held[day] + lost.filter(content_date=day).height == len(rows), day


def closes(brought: Brought, day: date, boards: tuple[str, ...]) -> dict[str, float]:
    """Closing prices of what may be ordinary shares, in these series."""
    return {
        symbol: close
        for (symbol, series), close in brought.sessions[day].items()
        if series in boards and symbol not in brought.funds and not NO_ORDINARY_SHARE.search(symbol)
    }


def test_breadth_is_what_a_count_of_the_text_gives(brought: Brought) -> None:
    """On every pair of sessions over which no share did the unbelievable.

    Who comes from another board is compared with its last price there.
    """
    counts = {
        row["session_date"]: row
        for row in brought.read("FROM mart.breadth_count WHERE universe = 'market'").iter_rows(
            named=True
        )
    }
    assert set(counts) == set(brought.sessions)
    compared = 0
    for before, day in pairwise(brought.sessions):
        now, then = closes(brought, day, SHARES), closes(brought, before, BOARDS)
        then |= {new: then[old] for old, new in RENAMED.items() if old in then and old not in now}
        moves = {symbol: now[symbol] / then[symbol] - 1.0 for symbol in now.keys() & then.keys()}
        if any(abs(move) > UNBELIEVABLE for move in moves.values()):
            continue
        compared += 1
        true = {
            "advances": sum(move > 0 for move in moves.values()),
            "declines": sum(move < 0 for move in moves.values()),
            "unchanged": sum(move == 0 for move in moves.values()),
            "traded": len(now),
        }
        assert {name: counts[day][name] for name in true} == true, day
        assert sum(true.values()) > 4000
    assert compared >= 25


def test_series_of_breadth_stand_on_every_session(brought: Brought) -> None:
    rows = brought.read("FROM mart.breadth WHERE universe = 'market' ORDER BY session_date")
    assert rows["session_date"].to_list() == list(brought.sessions)
    for name in ("advancing_pct", "rana", "trin", "up_volume_pct"):
        assert rows[name].null_count() == 1, f"{name} wants a session before"
    assert rows["rana_trend_10"].null_count() == 19
    lists = brought.read(
        "SELECT universe, bool_and(is_survivorship_biased) AS is_biased, count(*) AS days "
        "FROM mart.breadth WHERE universe_kind = 'index' GROUP BY ALL"
    )
    assert {"nifty-50", "nifty-smallcap-250", "nifty-microcap-250"} <= set(lists["universe"])
    assert lists.filter(universe="nifty-50")["days"].item() == len(brought.sessions)


def test_a_demerger_without_a_feed_is_quarantined(brought: Brought) -> None:
    """Two thirds of the price left with the business: no simple ratio, and nobody says why."""
    day, symbol = date(2025, 5, 22), "ABFRL"
    days = list(brought.sessions)
    before = days[days.index(day) - 1]
    close, last = (brought.sessions[one][symbol, "EQ"] for one in (day, before))
    assert close / last - 1.0 < -0.5
    held = brought.read(
        "SELECT a.* FROM core.price_adjustment a JOIN core.instrument i USING (instrument_id) "
        "WHERE i.symbol = ? AND a.session_date = ?",
        symbol,
        day,
    )
    assert held.select("kind", "basis", "price_factor", "previous_close", "close").rows() == [
        ("jump", "quarantined", None, last, close)
    ]
    series = brought.read(
        "SELECT session_date, is_quarantined, chain FROM mart.equity_series "
        "WHERE symbol = ? ORDER BY session_date",
        symbol,
    )
    assert series.filter("is_quarantined")["session_date"].to_list() == [day]
    chains = dict(series.select("session_date", "chain").iter_rows())
    assert {chain for one, chain in chains.items() if one < day} == {0}
    assert {chain for one, chain in chains.items() if one >= day} == {1}
    counted = brought.read(
        "SELECT quarantined FROM mart.breadth_count WHERE universe = 'market' AND session_date = ?",
        day,
    )
    assert counted["quarantined"].to_list() == [1]
