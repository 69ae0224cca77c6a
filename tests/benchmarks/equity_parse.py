"""Landed zips of the unified layout to rows ready to merge, beside the fastest bare design.

    python -m tests.benchmarks.equity_parse [FILES [ROUNDS]]

Generated files in the publisher's own form. The bare design unpacks in threads, glues 100 files
and calls `pl.read_csv` once with an explicit schema, for 12 of 34 columns, prices as floats; it
checks nothing. Ours reads 14 columns, prices exact, and screens: types, row rules, repeats, and
when each row was published. The rounds alternate; the best of each is compared, in wall and in
processor time, because a busy machine spoils the first.
"""

from __future__ import annotations

import io
import resource
import struct
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import numpy as np
import polars as pl

from flows.load import _published
from flows.sources.nse_equity_bhavcopy import SOURCE
from transforms.parse.equity_udiff import COLUMNS, LAYOUT
from transforms.parse.layout import Payload
from transforms.parse.screen import Screened, screen

SEED = 20260211
ROWS = 2408
GLUED = 100
GOAL = 1.3
T = TypeVar("T")
TWELVE: dict[str, pl.DataType] = {
    "TradDt": pl.Date(),
    "ISIN": pl.String(),
    "TckrSymb": pl.String(),
    "SctySrs": pl.String(),
    "OpnPric": pl.Float64(),
    "HghPric": pl.Float64(),
    "LwPric": pl.Float64(),
    "ClsPric": pl.Float64(),
    "PrvsClsgPric": pl.Float64(),
    "TtlTradgVol": pl.Int64(),
    "TtlTrfVal": pl.Float64(),
    "TtlNbOfTxsExctd": pl.Int64(),
}


def generated(files: int) -> list[bytes]:
    """Zips of so many sessions: a random walk of every share, turnover and trades to match."""
    random = np.random.default_rng(SEED)
    letters = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))

    def word(least: int, most: int) -> str:
        return "".join(random.choice(letters, random.integers(least, most)))

    symbols = sorted({word(4, 11) for _ in range(ROWS + 200)})[:ROWS]
    fixed = pl.DataFrame(
        {
            "Sgmt": "CM",
            "Src": "NSE",
            "FinInstrmTp": "STK",
            "FinInstrmId": random.integers(1, 40_000, ROWS),
            "ISIN": [f"INE{random.integers(100, 1000)}{word(1, 2)}01018" for _ in symbols],
            "TckrSymb": symbols,
            "SctySrs": "EQ",
            "FinInstrmNm": [f"{word(4, 9)} {word(4, 9)} LIMITED" for _ in symbols],
            "SsnId": "F1",
            "NewBrdLotQty": 1,
        }
    )
    close = np.exp(random.normal(5.5, 1.3, ROWS))
    usual = np.exp(random.normal(11, 2, ROWS))
    zips = []
    for number in range(files):
        day = date(2024, 1, 1) + timedelta(days=number)
        before, close = close, close * np.exp(random.normal(0, 0.025, ROWS))
        start = before * np.exp(random.normal(0, 0.008, ROWS))
        volume = (usual * np.exp(random.normal(0, 0.5, ROWS))).astype(np.int64) + 1
        frame = fixed.with_columns(
            TradDt=pl.lit(str(day)),
            BizDt=pl.lit(str(day)),
            OpnPric=pl.Series(start),
            HghPric=pl.Series(np.maximum(start, close) * 1.01),
            LwPric=pl.Series(np.minimum(start, close) * 0.99),
            ClsPric=pl.Series(close),
            LastPric=pl.Series(close),
            PrvsClsgPric=pl.Series(before),
            SttlmPric=pl.Series(close),
            TtlTradgVol=pl.Series(volume),
            TtlTrfVal=pl.Series(volume * close),
            TtlNbOfTxsExctd=pl.Series(volume // 50 + 1),
        )
        empty = [pl.lit(None, pl.String).alias(n) for n in COLUMNS if n not in frame.columns]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(
                f"BhavCopy_NSE_CM_0_0_0_{day:%Y%m%d}_F_0000.csv",
                frame.with_columns(empty).select(list(COLUMNS)).write_csv(float_precision=2),
            )
        zips.append(packed.getvalue())
    return zips


def inflated(packed: bytes) -> bytes:
    """The one file of a zip, by zlib alone."""
    name, extra = struct.unpack_from("<HH", packed, 26)
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed[30 + name + extra :])


def bare(zips: Sequence[bytes], *, quoted: bool) -> pl.DataFrame:
    """The design to beat; without quotes it reads faster still."""
    frames = []
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        for start in range(0, len(zips), GLUED):
            bodies = list(pool.map(inflated, zips[start : start + GLUED]))
            below = [body[body.index(b"\n") + 1 :] for body in bodies[1:]]
            frames.append(
                pl.read_csv(
                    b"".join([bodies[0], *below]),
                    schema={name: TWELVE.get(name, pl.String()) for name in COLUMNS},
                    columns=list(TWELVE),
                    quote_char='"' if quoted else None,
                )
            )
    return pl.concat(frames)


def read(zips: Sequence[bytes]) -> pl.DataFrame:
    """Our rows of all files, with the numbers of their files."""
    assert LAYOUT.read_many is not None
    frames = LAYOUT.read_many([Payload(packed) for packed in zips])
    rows = [frame for frame in frames if isinstance(frame, pl.DataFrame)]
    numbers = np.repeat(np.arange(1, len(rows) + 1), [frame.height for frame in rows])
    return pl.concat(rows).with_columns(
        file_id=pl.Series(numbers), fetched_on=pl.lit(date(2026, 2, 11))
    )


def screened(text: pl.DataFrame, files: int) -> Screened:
    """Those rows typed and held against every rule."""
    known = pl.DataFrame({"file_id": np.arange(1, files + 1)}).with_columns(
        recorded_at=pl.lit(datetime(2026, 2, 11, 15, tzinfo=UTC)).cast(pl.Datetime("us", "UTC")),
        modified_at=pl.lit(None, pl.Datetime("us", "UTC")),
        is_imported=pl.lit(value=False),
    )
    return screen(text, LAYOUT, known, _published(SOURCE, LAYOUT))


def timed(seconds: dict[str, list[float]], name: str, call: Callable[[], T]) -> T:
    """A call's result; wall and processor seconds are kept where they are the least so far."""
    wall, processor = time.perf_counter(), time.process_time()
    result = call()
    took = [time.perf_counter() - wall, time.process_time() - processor]
    seconds[name] = [min(pair) for pair in zip(seconds.get(name, took), took, strict=True)]
    return result


def main(files: int = 500, rounds: int = 5) -> None:
    """Print seconds and the ratio to the bare design, beside the goal."""
    zips = generated(files)
    seconds: dict[str, list[float]] = {}
    rows = rejected = 0
    for _ in range(rounds):
        timed(seconds, "bare", lambda: bare(zips, quoted=True))
        timed(seconds, "bare, no quotes", lambda: bare(zips, quoted=False))
        text = timed(seconds, "read", lambda: read(zips))
        done = timed(seconds, "screen", lambda text=text: screened(text, files))
        rows, rejected = done.good.height, done.rejected.height
        del text, done
    ours = [sum(pair) for pair in zip(seconds["read"], seconds["screen"], strict=True)]
    size = sum(map(len, zips)) / files / 1024
    print(f"{files} zips of {size:.0f} KB, {rows} rows, {rejected} rejected; best of {rounds}")
    for name, (wall, processor) in {**seconds, "ours": ours}.items():
        print(f"{name:16} {wall:6.2f} s, {processor:6.2f} s of processor")
    for name in ("bare", "bare, no quotes"):
        wall, processor = (a / b for a, b in zip(ours, seconds[name], strict=True))
        told = "reached" if wall <= GOAL else "missed"
        print(f"ours / {name}: {wall:.2f} (goal {GOAL}: {told}), {processor:.2f} by processor")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
