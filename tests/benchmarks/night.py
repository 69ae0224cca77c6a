"""What a night, an import and the demo cost, each beside an alternative in the same run.

    python -m tests.benchmarks.night [FOLDER OF ind_close_all FILES]

Prints seconds and ratios; asserts nothing. Without a folder the import is measured on simulated
files.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import polars as pl

from flows.bring import bring
from flows.calendar import IST
from flows.demo.exchange import Exchange
from flows.demo.formats.market import index_close_files
from flows.demo.tour import tour
from flows.demo.world.market import simulate
from flows.derive import BARS, index_names, index_series
from flows.night import ALL_TABLES, Window, night
from flows.settings import Settings
from transforms.metrics.momentum import index_momentum
from warehouse.store import open_writer

T = TypeVar("T")


def timed(what: str, work: Callable[[], T]) -> tuple[float, T]:
    """Run and print."""
    start = time.perf_counter()
    value = work()
    seconds = time.perf_counter() - start
    print(f"{what:58s} {seconds:8.2f} s", flush=True)
    return seconds, value


def demo(folder: Path) -> None:
    """The whole way once."""
    timed("demo: six years of 136 indices, import, backfill, night", lambda: tour(folder / "demo"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{'demo: peak memory of the process':58s} {peak:8.2f} GiB")


def one_session(folder: Path) -> None:
    """A night that adds one session to six years, against recomputing all of momentum."""
    market = simulate()
    first, before, last = (market.sessions["session_date"][n] for n in (0, -2, -1))
    home = folder / "night"
    with Exchange(market) as exchange:
        for day, what in ((before, "backfill"), (last, "night")):
            exchange.now = datetime.combine(day, datetime.min.time(), tzinfo=IST) + timedelta(
                hours=22, minutes=30
            )
            settings = Settings(
                home=home, gateway=exchange.url, history_start=first, now=exchange.now
            )
            seconds, _ = timed(
                f"{what}: to {day}", lambda s=settings: night(s, "nightly", window=Window(first))
            )
        again, _ = timed("night: settled, run again", lambda: night(settings))
    with closing(open_writer(home / "warehouse.duckdb", ALL_TABLES)) as warehouse:
        bars = warehouse.read(BARS)
        sessions = warehouse.read("SELECT session_date FROM core.trading_session")
    names = index_names(bars.select("index_name", "session_date"), bars)
    series = index_series(bars, names, sessions).drop("source_id")
    whole, _ = timed(
        f"momentum alone, all {series.height} rows", lambda: index_momentum(series, sessions)
    )
    print(f"{'night / momentum of the whole history alone':58s} {seconds / whole:8.2f}")
    print(f"{'settled night / night':58s} {again / seconds:8.2f}")


def importing(folder: Path, files: Path | None) -> None:
    """Import of index files, against reading each with polars and doing nothing else."""
    if files is None:
        files = folder / "files"
        files.mkdir()
        for day, body in index_close_files(simulate().index_bars).items():
            (files / f"ind_close_all_{day:%d%m%Y}.csv").write_bytes(body)
    paths = sorted(files.rglob("ind_close_all_*.csv"))
    reading, _ = timed(
        f"pl.read_csv of {len(paths)} files, nothing else",
        lambda: [pl.read_csv(path, infer_schema=False) for path in paths],
    )
    seconds, done = timed(
        "riskon import: land, check, load, derive, publish, brief",
        lambda: bring(Settings(home=folder / "import"), files, {}),
    )
    assert done.landed == len(paths), "every file lands"
    print(f"{'riskon import, files a second':58s} {len(paths) / seconds:8.1f}")
    print(f"{'riskon import / reading alone':58s} {seconds / reading:8.2f}")


def main() -> None:
    """Run all three in a folder of their own."""
    files = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        demo(folder)
        one_session(folder)
        importing(folder, files)


if __name__ == "__main__":
    main()
