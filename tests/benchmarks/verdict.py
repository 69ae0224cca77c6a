"""What the verdict costs: its whole history, a night's share of it, and a brief.

    python -m tests.benchmarks.verdict [HOME OF RISKON]

Prints seconds and ratios; asserts nothing. Without a home the demo's is made first. The home is
read from its published file alone, and may be in use. Processor seconds stand beside the clock's,
because other work on the machine stretches only these.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

import polars as pl

from flows.demo.tour import tour
from flows.derive import BARS, inputs
from transforms.series import index_series
from transforms.signals import associations, monitors, risk_appetite
from transforms.signals.claim import Inputs
from transforms.signals.claims import CLAIMS
from transforms.signals.event_study import study
from transforms.signals.evidence import evidence
from transforms.signals.regime import Sources, regimes
from transforms.signals.size_indices import HEADLINE, SIZE_INDICES
from transforms.signals.zones import zones
from transforms.universes import MARKET
from warehouse.store import Warehouse, open_reader

T = TypeVar("T")

COUNTS = "SELECT session_date, universe, turnover_inr FROM mart.breadth_count WHERE universe = ?"
BRIEF = """
import sys, time
from datetime import date
from pathlib import Path
from bi.brief.write import write_brief
imported = time.perf_counter()
write_brief(Path(sys.argv[1]), Path(sys.argv[2]), date.fromisoformat(sys.argv[3]))
print(time.perf_counter() - imported)
"""
BRIEFS = 3


def used(of: int = resource.RUSAGE_SELF) -> float:
    """Processor seconds of this process, or of its ended children."""
    usage = resource.getrusage(of)
    return usage.ru_utime + usage.ru_stime


def timed(what: str, work: Callable[[], T]) -> tuple[float, T]:
    """Run and print; the seconds are the processor's."""
    clock, before = time.perf_counter(), used()
    value = work()
    seconds = used() - before
    told(what, seconds, time.perf_counter() - clock)
    return seconds, value


def told(what: str, processor: float, clock: float) -> None:
    """Print one line."""
    print(f"{what:58s} {processor:8.2f} s of processor {clock:8.2f} s", flush=True)


def whole(warehouse: Warehouse) -> tuple[float, float]:
    """Every step over the whole history, and those a night repeats with one more session.

    Returns:
        Processor seconds of the history and of the night.
    """
    held = inputs(warehouse)
    names = warehouse.read("SELECT index_name, index_id FROM core.index_name")
    totals = index_series(warehouse.read(BARS), names, held.sessions, "total_return")
    bars = held.series.filter(pl.col("index_id").is_in(SIZE_INDICES))
    last = held.sessions["session_date"].max()
    assert isinstance(last, date), "a home has sessions"
    print(f"{held.sessions.height} sessions, {bars.height} of them with a bar of an index by size")
    zones_whole, drawn = timed("zones", lambda: zones(bars, held.sessions))
    zones_night, _ = timed("zones of the last session", lambda: zones(bars, held.sessions, last))
    sources = Sources(
        bars=bars,
        sessions=held.sessions,
        zones=drawn.filter(zone_rank=1),
        breadth=held.breadth,
        breadth_counts=warehouse.read(COUNTS, [MARKET]),
        flow=held.flow,
        earnings=held.earnings,
    )
    machine, found = timed("regimes", lambda: regimes(sources))
    held = replace(
        held,
        zones=drawn.filter((pl.col("zone_rank") == 1) | (pl.col("index_id") == HEADLINE)),
        regimes=found.states,
        transitions=found.transitions,
    )
    appetite, risk = timed("risk appetite", lambda: risk_appetite.risk_appetite(held))
    held = replace(held, appetite=risk.appetite)
    watching, watched = timed("monitors", lambda: monitors.monitors(held, risk))
    held = replace(held, monitors=watched)
    studied, unstudied = studies(held, totals)
    graded, _ = timed(f"evidence of {len(CLAIMS)} claims", lambda: evidence(held))
    both = machine + appetite + watching + graded
    return both + zones_whole + studied, both + zones_night + unstudied


def studies(held: Inputs, totals: pl.DataFrame) -> tuple[float, float]:
    """Event study and associations of every quarter, and of none, as on most nights."""
    closes = held.series.select("index_id", "session_date", "close")
    quarters = study.quarter_ends(held.sessions)
    seconds = []
    for through in (quarters, []):
        of = f"of {len(through)} quarters"
        events, _ = timed(
            f"event study {of}",
            partial(study.event_study, closes, totals, held.breadth, held.sessions, through),
        )
        related, _ = timed(
            f"associations {of}",
            partial(associations.associations, closes, totals, held.flow, held.sessions, through),
        )
        seconds.append(events + related)
    return seconds[0], seconds[1]


def briefs(published: Path, folder: Path) -> None:
    """Briefs of sessions spread over the history, each by a process of its own."""
    with open_reader(published) as reader:
        graded = reader.read("SELECT DISTINCT session_date FROM mart.evidence ORDER BY ALL")
    for part in range(BRIEFS, 0, -1):
        day = graded["session_date"][graded.height * part // BRIEFS - 1]
        clock, before = time.perf_counter(), used(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-c", BRIEF, str(published), str(folder), str(day)],
            check=True,
            capture_output=True,
            text=True,
        )
        spent = time.perf_counter() - clock
        told(f"brief of {day}, whole process", used(resource.RUSAGE_CHILDREN) - before, spent)
        print(f"{'  of that, once its modules are imported':58s} {float(done.stdout):8.2f} s")


def main() -> None:
    """Measure a home, or the demo's."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(name) / "demo"
        if not home.exists():
            timed("demo", lambda: tour(home))
        published = home / "published" / "riskon.duckdb"
        load, cores = os.getloadavg()[0], os.cpu_count() or 1
        print(f"{load:.1f} processes ran in the last minute, on {cores} cores")
        with open_reader(published) as reader:
            history, night = whole(reader)
        print(f"{'all of it, the whole history':58s} {history:8.2f} s of processor")
        print(f"{'all of it, a night':58s} {night:8.2f} s of processor")
        print(f"{'a night / the whole history':58s} {night / history:8.2f}")
        briefs(published, Path(name) / "brief")


if __name__ == "__main__":
    main()
