"""XBRL documents a second, from landed bytes to rows in the warehouse, beside a bare parse.

    python -m tests.benchmarks.documents [COMPANIES [QUARTERS]]

Simulated companies file what they file in so many quarters; the documents are landed, and then
loaded as a night loads them. Prints documents a second, the ratio to lxml alone in the same run,
and peak memory; asserts nothing. Two thousand companies and twenty quarters need 3 GB of disk.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

from lxml import etree

from flows.demo.formats.xbrl_writer import document
from flows.demo.world.results import draw_results
from flows.landing import FetchRecord, Landing
from flows.load import load
from flows.night import ALL_TABLES
from flows.settings import VERSION
from warehouse.store import open_writer

SEED = 20260211
LAST = date(2025, 12, 31)
SAMPLE = 400
NOW = datetime(2026, 2, 28, 17, tzinfo=UTC)


def land(folder: Path, companies: int, quarters: int) -> tuple[int, int]:
    """Land the documents of the last quarters; gives their number and bytes."""
    results = draw_results(SEED, count=companies, last=LAST)
    month = LAST.year * 12 + LAST.month - 3 * quarters
    count = size = 0
    with Landing(folder, "simulated") as landing:
        landing.begin("import", NOW, VERSION)
        for filing in results.records:
            end = filing.quarter
            if filing.document is None or end.year * 12 + end.month <= month:
                continue
            body = document(results.statement(filing))
            path, digest = landing.place("nse_result_document", end, body, ".xml")
            landing.record(
                FetchRecord(
                    source_id="nse_result_document",
                    session_date=None,
                    url=filing.document,
                    fetched_at=NOW,
                    outcome="landed",
                    is_imported=True,
                    sha256=digest,
                    size_bytes=len(body),
                    path=path,
                )
            )
            count, size = count + 1, size + len(body)
    return count, size


def bare(folder: Path) -> float:
    """Seconds that lxml alone takes for a document of a sample."""
    bodies = [path.read_bytes() for path in islice(folder.rglob("*.xml"), SAMPLE)]
    began = time.perf_counter()
    for body in bodies:
        etree.fromstring(body)
    return (time.perf_counter() - began) / len(bodies)


def main(companies: int = 64, quarters: int = 36) -> None:
    """Print how fast documents are loaded, beside lxml alone on one core."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "landing"
        began = time.perf_counter()
        count, size = land(folder, companies, quarters)
        written = time.perf_counter() - began
        alone = bare(folder)
        with open_writer(Path(home) / "warehouse.duckdb", ALL_TABLES) as warehouse:
            landing = Landing.held(folder)
            began = time.perf_counter()
            for journal in landing.journals():
                done = load(warehouse, landing, journal)
            wall = time.perf_counter() - began
    mine, theirs = (
        resource.getrusage(who).ru_maxrss / 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(
        f"{count} documents of {size / count / 1024:.0f} KB, {done.rows} rows, "
        f"{done.rejected} rejected, {len(done.refused)} refused: {count / wall:.0f} a second, "
        f"{wall / count / alone:.1f} times lxml alone on one core; peak {mine:.0f} MiB, and "
        f"{theirs:.0f} MiB in the largest reader; landed in {written:.1f} s"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
