"""What one more session costs on N years of shares, and what it costs on one year.

    python -m tests.benchmarks.shares_night [YEARS [SHARES]]

Core rows are made and put in directly; the last session comes as the exchange's own files through
`riskon import`, so that it is landed, loaded, derived, checked, published and shown. Prints seconds
and ratios; asserts nothing.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl

from flows import breadth, shares
from flows import bring as bringing
from flows import night as nights
from flows.calendar import IST, expected_sessions
from flows.demo.formats.equity_bars import full_files, udiff_files
from flows.demo.formats.market import index_close_files
from flows.demo.world.companies import isin_of
from flows.derive import derive
from flows.landing import RunRecord
from flows.night import ALL_TABLES
from flows.settings import VERSION, Settings
from transforms.parse.index_members import LISTS
from warehouse.store import Warehouse, open_writer
from warehouse.tables import EquityBar, Fetch, IndexBar, IndexMember, MarketCap, Run
from warehouse.tables.table import Table, schema

LAST = date(2025, 12, 31)
STEPS = (
    *((shares, name) for name in ("_identities", "_chains", "_histories", "_members")),
    *((breadth, name) for name in ("_cross_sections", "_breadth", "_led", "_leadership")),
)
INDICES = ("Nifty 50", "Nifty 500", "NIFTY Midcap 100", "NIFTY Smallcap 100", "India VIX")
INDUSTRIES = [f"Industry {number:02}" for number in range(30)]
BACKFILL = "000001-20251230T170000Z-backfill"
RUN = RunRecord(BACKFILL, "backfill", datetime(2025, 12, 30, 17, tzinfo=UTC), "real", VERSION)


def sessions(years: int) -> list[date]:
    """The last sessions of so many years of 250, without asking a calendar that begins later."""
    known = [one.session_date for one in expected_sessions(date(2004, 1, 1), LAST)]
    return known[-250 * years :]


def bars(days: list[date], shares_count: int, seed: int) -> pl.DataFrame:
    """Bars of ordinary shares for a stretch of sessions, as `index_close`-like frames of P8's."""
    rng = np.random.default_rng(seed)
    count = len(days)
    start = 50 + (np.arange(shares_count) % 97) * 31.0
    moves = np.clip(rng.standard_normal((count, shares_count)) * 0.02, -0.15, 0.15)
    close = np.round(start * np.exp(np.cumsum(moves, axis=0) * 0.2), 2)
    before = np.vstack([close[:1], close[:-1]])
    volume = rng.integers(1_000, 500_000, (count, shares_count))
    frame = pl.DataFrame(
        {
            "session_date": np.repeat(np.array(days, dtype="datetime64[D]"), shares_count),
            "number": np.tile(np.arange(shares_count), count),
            "close": close.ravel(),
            "previous_close": before.ravel(),
            "volume_shares": volume.ravel(),
        }
    )
    names = pl.DataFrame(
        {
            "number": range(shares_count),
            "symbol": [f"Q{number:05}" for number in range(shares_count)],
            "isin": [isin_of(number) for number in range(shares_count)],
        }
    )
    price = pl.col("close")
    return (
        frame.with_columns(pl.col("session_date").cast(pl.Date))
        .join(names, on="number", maintain_order="left")
        .with_columns(
            series=pl.lit("EQ"),
            security_name=pl.col("symbol"),
            open=pl.col("previous_close"),
            high=(pl.max_horizontal("close", "previous_close") * 1.01).round(2),
            low=(pl.min_horizontal("close", "previous_close") * 0.99).round(2),
            last=price,
            average_price=price,
            turnover_inr=(price * pl.col("volume_shares")).round(2),
            trades=pl.col("volume_shares") // 40 + 1,
            delivery_shares=pl.col("volume_shares") // 2,
            kind=pl.lit("share"),
            token=pl.col("number") + 1,
            lot_shares=pl.lit(1),
            settlement_price=price,
        )
    )


def known(frame: pl.DataFrame, table: type[Table], **columns: object) -> pl.DataFrame:
    """Rows with what core wants to know of them."""
    instant = pl.col("session_date").dt.combine(pl.time(13, 30)).dt.replace_time_zone("UTC")
    told = frame.with_columns(
        published_at=instant,
        published_basis=pl.lit("schedule"),
        recorded_at=instant,
        file_id=pl.col("session_date").to_physical().cast(pl.Int64),
    ).with_columns(**{name: pl.lit(value) for name, value in columns.items()})
    missing = [name for name in schema(table) if name not in told.columns]
    return told.with_columns(pl.lit(None).alias(name) for name in missing).select(
        list(schema(table))
    )


def index_rows(days: list[date]) -> pl.DataFrame:
    """Closes of a few indices: what sessions are proven by and what stands beside breadth."""
    rng = np.random.default_rng(7)
    parts = []
    for place, name in enumerate(INDICES):
        close = np.round(10_000 * np.exp(np.cumsum(rng.standard_normal(len(days)) * 0.006)), 2)
        before = np.concatenate([close[:1], close[:-1]])
        parts.append(
            pl.DataFrame(
                {
                    "session_date": days,
                    "index_name": name,
                    "open": before,
                    "high": np.maximum(close, before),
                    "low": np.minimum(close, before),
                    "close": close,
                    "points_change": np.round(close - before, 2),
                    "change_pct": np.round(100 * (close / before - 1), 2),
                    "volume_shares": [1_000_000 + place] * len(days),
                    "turnover_crore": [1000.0] * len(days),
                    "price_to_earnings": [20.0] * len(days),
                    "price_to_book": [3.0] * len(days),
                    "dividend_yield_pct": [1.2] * len(days),
                }
            )
        )
    return pl.concat(parts)


def fill(warehouse: Warehouse, days: list[date], shares_count: int) -> None:
    """All sessions but the last, as if they had been loaded."""
    warehouse.append(
        Run,
        pl.DataFrame([{**vars(RUN), "is_derived": False}], schema=pl.Schema(schema(Run))),
    )
    indices = index_rows(days)
    warehouse.append(
        IndexBar,
        known(
            indices.with_columns(turnover_inr=pl.col("turnover_crore") * 1e7),
            IndexBar,
            source_id="nse_index_close",
            return_variant="price",
        ),
    )
    for year in sorted({day.year for day in days}):
        of_year = [day for day in days if day.year == year]
        frame = bars(of_year, shares_count, year)
        for source, told in (
            ("nse_equity_bhavcopy", frame.with_columns(delivery_shares=pl.lit(None))),
            ("nse_equity_full", frame.with_columns(isin=pl.lit(None))),
        ):
            warehouse.append(EquityBar, known(told, EquityBar, source_id=source))
        if year >= LAST.year - 1:
            caps = frame.with_columns(
                issued_shares=10_000_000 * (1 + pl.col("number") % 50),
                category=pl.lit("Listed"),
                last_trade_date=pl.col("session_date"),
                face_value_inr=pl.lit(10.0),
            ).with_columns(market_cap_inr=pl.col("close") * pl.col("issued_shares"))
            warehouse.append(MarketCap, known(caps, MarketCap, source_id="nse_pr_set"))
    members = bars(days[:1], shares_count, 1).with_columns(
        industry=pl.lit(INDUSTRIES).list.get(pl.col("number") % len(INDUSTRIES)),
        seen_on=pl.col("session_date"),
        company_name=pl.col("symbol"),
    )
    for place, list_id in enumerate(LISTS.values()):
        part = members.filter(pl.col("number") % len(LISTS) <= place)
        warehouse.append(IndexMember, known(part, IndexMember, list_id=list_id))
    sources = ("nse_index_close", "nse_equity_bhavcopy", "nse_equity_full")
    rows = [
        {
            "fetch_id": place * 100_000 + number,
            "run_id": RUN.run_id,
            "source_id": source,
            "session_date": day,
            "url": f"{source} {day}",
            "fetched_at": RUN.started_at,
            "is_imported": False,
            "status": 200,
            "outcome": "landed",
            "file_id": (day - date(1970, 1, 1)).days,
            "sha256": "00",
            "stated": "",
            "load_state": "loaded",
            "content_date": day,
            "rows_loaded": 1,
            "rows_rejected": 0,
            "detail": "",
        }
        for place, source in enumerate(sources)
        for number, day in enumerate(days)
    ]
    warehouse.append(Fetch, pl.DataFrame(rows, schema=pl.Schema(schema(Fetch))))


def night(folder: Path, years: int, shares_count: int) -> dict[str, float]:
    """Seconds of each part of the night that adds a session to so many years."""
    days = sessions(years)
    home = folder / f"home{years}"
    settings = Settings(home=home, now=datetime(2026, 1, 1, 22, 30, tzinfo=IST))
    with closing(open_writer(settings.warehouse, ALL_TABLES)) as warehouse:
        clock = time.perf_counter()
        fill(warehouse, days[:-1], shares_count)
        print(f"{years} years: filled in {time.perf_counter() - clock:.1f} s", flush=True)
        clock = time.perf_counter()
        derive(warehouse, RUN)
        print(f"{years} years: derived whole in {time.perf_counter() - clock:.1f} s", flush=True)
        warehouse.checkpoint()
    clock = time.perf_counter()
    nights.finish(settings, nights.Outcome())
    print(f"{years} years: checked, published in {time.perf_counter() - clock:.1f} s", flush=True)
    inbox = folder / f"inbox{years}"
    inbox.mkdir()
    new = bars(days[-2:], shares_count, 99).filter(session_date=days[-1])
    for name, files in (
        ("udiff.csv.zip", udiff_files(new)),
        ("full.csv", full_files(new)),
        (
            "ind_close_all.csv",
            index_close_files(index_rows(days).filter(session_date=days[-1]), leading_zero=True),
        ),
    ):
        (inbox / name).write_bytes(files[days[-1]])
    spent: dict[str, float] = {}
    watched = (
        (nights.loading, "load"),
        (nights.deriving, "derive"),
        (nights, "check"),
        (nights, "create_views"),
        (nights, "publish"),
        (nights, "write_brief"),
        *STEPS,
    )
    kept = [(module, name, getattr(module, name)) for module, name in watched]
    for module, name, work in kept:
        setattr(module, name, _timed(name, work, spent))
    clock = time.perf_counter()
    bringing.bring(settings, inbox, {})
    spent["whole import"] = time.perf_counter() - clock
    for module, name, work in kept:
        setattr(module, name, work)
    spent["before publishing"] = sum(spent[name] for name in ("load", "derive", "check"))
    return spent


def _timed(name: str, work: object, spent: dict[str, float]) -> object:
    def timed(*arguments: object, **named: object) -> object:
        clock = time.perf_counter()
        try:
            return work(*arguments, **named)  # type: ignore[operator]
        finally:
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - clock

    return timed


def main() -> None:
    """One year, then many."""
    years = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    shares_count = int(sys.argv[2]) if len(sys.argv) > 2 else 2250
    with tempfile.TemporaryDirectory() as folder:
        one = night(Path(folder), 1, shares_count)
        many = night(Path(folder), years, shares_count)
    for name, seconds in many.items():
        before = one.get(name, float("nan"))
        ratio = f"{years} years {seconds:7.2f} s   {seconds / before:5.2f}"
        print(f"{name:20s} 1 year {before:7.2f} s   {ratio}")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
