"""The regimes of two indices read back: writes `bi/proofs/regimes.md`.

    python -m tests.benchmarks.regime_history ARCHIVE WAREHOUSE

ARCHIVE is a folder of publishers' files: Nifty Smallcap 250, 2005 to 2022, by closes alone.
WAREHOUSE is a published warehouse that imported the daily archives: Nifty Smallcap 100 by the full
rules, told anew from its bars, breadth, flows and results. What is written
has dates and percentages, never a level.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import polars as pl

from tests.benchmarks.regime_reading import Read, full, odd, seen, without_levels
from tests.real.verdict_history import read_history, told
from transforms.series import index_series
from transforms.signals.regime import Sources, regimes
from transforms.signals.regime_table import CONFIRMED_LEGS, EARLY_LEGS
from transforms.signals.size_indices import HEADLINE, SIZE_INDICES
from transforms.signals.zones import zones

TARGET = Path(__file__).resolve().parents[2] / "bi" / "proofs" / "regimes.md"
HOW = (
    "Written by `python -m tests.benchmarks.regime_history ARCHIVE WAREHOUSE` from the publishers' "
    "files; dates and percentages only, since levels may not be published. "
    "`tests/real/test_verdict_history.py` tells every session of the first table again by other "
    "code, and holds that later bars change nothing."
)
_LEGS = EARLY_LEGS | CONFIRMED_LEGS
_RECOVERIES = ("REBOUND", "EARLY_RECOVERY", "CONFIRMED", "FAILED")


def table(moves: pl.DataFrame) -> list[str]:
    """One line a transition, oldest first."""
    lines = [
        "| date | from | to | sessions before | why | legs held | legs missing |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in moves.sort("session_date").iter_rows(named=True):
        held, missing = (
            ", ".join(_LEGS[leg] for leg in row[name].split(", ") if leg)
            for name in ("legs_held", "legs_missing")
        )
        lines.append(
            f"| {row['session_date']} | {row['from_state']} | {row['to_state']} | "
            f"{row['days_in_state']} | {without_levels(row['reason'])} | {held} | {missing} |"
        )
    return lines


def hundred(warehouse: Path) -> pl.DataFrame:
    """Transitions of Nifty Smallcap 100 by both sets of rules, from a warehouse's frames."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:

        def read(query: str) -> pl.DataFrame:
            return connection.sql(query).pl()

        sessions = read("SELECT session_date, is_short FROM core.trading_session")
        bars = index_series(
            read("FROM core.index_bar"),
            read("SELECT index_name, index_id FROM core.index_name"),
            sessions,
        ).filter(pl.col("index_id").is_in(SIZE_INDICES))
        found = regimes(
            Sources(
                bars=bars,
                sessions=sessions,
                zones=zones(bars, sessions, None).filter(zone_rank=1),
                breadth=read("FROM mart.breadth"),
                breadth_counts=read(
                    "SELECT session_date, universe, turnover_inr FROM mart.breadth_count"
                ),
                flow=read("FROM mart.flow"),
                earnings=read("FROM mart.earnings"),
            )
        )
    return found.transitions.filter(index_id=HEADLINE)


def main(archive: Path, warehouse: Path) -> None:
    history = read_history(archive)
    moves = told(history).transitions.filter(rules="index")
    both = hundred(warehouse)
    by_full, by_closes = (both.filter(rules=name) for name in ("full", "index"))
    read = Read(moves, history)
    first, last = history.bars["session_date"][0], history.bars["session_date"][-1]
    lines = [
        "# The regimes of small caps, read back",
        "",
        HOW,
        "",
        "## What a reader sees",
        "",
        seen(read),
        "",
        "## What looks odd",
        "",
        odd(read),
        "",
        f"## Nifty Smallcap 250, by closes alone, {first} to {last}",
        "",
        *table(moves),
        "",
        "## Nifty Smallcap 100, by the full rules, from the daily archives",
        "",
        full(by_full, by_closes),
        "",
        *table(by_full),
        "",
    ]
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
