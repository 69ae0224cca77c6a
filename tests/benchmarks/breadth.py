"""Time of breadth: counts of twenty years beside a bare numpy scatter, then the series.

python tests/benchmarks/breadth.py [SESSIONS] [SHARES] [UNIVERSES]

The scatter adds up the same in arrays that are there already: what each share adds computed, and
rows expanded to memberships, beforehand.
"""

from __future__ import annotations

import datetime as dt
import itertools
import resource
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transforms.metrics.breadth_counts import SUMS, breadth_counts
from transforms.metrics.breadth_series import PAST_COLUMNS, TAIL_SESSIONS, breadth
from transforms.metrics.metric import Metric

FIRST = dt.date(2005, 1, 3)
YEAR = 250
SEED = 4
INDUSTRIES = 20
PLAIN = 8
"""Traded to down-turnover: what a bare count of breadth has."""
TWENTY_YEARS = 5_200


def calendar(count: int) -> pl.DataFrame:
    """Weekdays as sessions."""
    days = pl.date_range(
        FIRST, FIRST + dt.timedelta(days=count * 7 // 5 + 7), interval="1d", eager=True
    )
    frame = pl.DataFrame({"session_date": days}).filter(pl.col("session_date").dt.weekday() < 6)
    return frame.head(count).with_columns(is_short=pl.lit(value=False))


def market(days: pl.DataFrame, shares: int) -> pl.DataFrame:
    """One row a share and session, a few of them missing."""
    rng = np.random.default_rng(SEED)
    names = pl.DataFrame({"instrument_id": [f"INE{number:04d}A" for number in range(shares)]})
    frame = days.select("session_date").join(names, how="cross")
    frame = frame.filter(pl.Series(rng.random(frame.height) > 0.01))
    size = frame.height

    def draw(scale: float, centre: float = 0.0) -> pl.Series:
        return pl.Series(rng.normal(centre, scale, size).astype(np.float32))

    def flag(probability: float) -> pl.Series:
        return pl.Series(rng.random(size) < probability)

    return frame.with_columns(
        is_ordinary=pl.lit(value=True),
        is_quarantined=flag(0.0001),
        sessions_since_bar=pl.Series(np.where(rng.random(size) < 0.01, 2, 1)),
        close=draw(30, 500).cast(pl.Float64),
        return_1_pct=draw(2).round(1),
        return_9_pct=draw(6),
        return_21_pct=draw(9),
        return_63_pct=draw(15),
        turnover_inr=pl.Series(np.exp(rng.normal(16, 2, size)).round(2)),
        delivery_shares=pl.Series(rng.integers(1, 10**6, size)),
        trades=pl.Series(rng.integers(1, 10**4, size)),
        market_cap_before_inr=pl.Series(np.exp(rng.normal(23, 2, size))),
        is_above_sma_20=flag(0.5),
        is_above_sma_50=flag(0.5),
        is_above_sma_200=flag(0.5),
        is_new_high_252=flag(0.02),
        is_new_low_252=flag(0.02),
        volatility_close_60_pct=draw(10, 40).abs(),
        drawdown_252_pct=-draw(20).abs(),
        average_trade_z_60=draw(1),
        delivery_share_z_60=draw(1),
    )


def memberships(days: pl.DataFrame, shares: int, universes: int) -> pl.DataFrame:
    """Lists as an exchange keeps them: bands by size, industries of the largest, strategies.

    Every share has a tier; a tenth of each strategy list changes every half-year.
    """
    rng = np.random.default_rng(SEED + 1)
    listed = shares // 3
    ends = [*days["session_date"].gather_every(YEAR // 2).to_list(), dt.date(9999, 12, 31)]
    rows = [
        (f"tier:{share * 4 // shares}", "tier", share, ends[0], ends[-1]) for share in range(shares)
    ]
    rows += [
        (f"industry:{share % INDUSTRIES}", "sector", share, ends[0], ends[-1])
        for share in range(listed)
    ]
    cuts = [0, 50, 100, 250, 500, 750]
    bands = [(low, high) for low, high in itertools.combinations(cuts, 2) if low < high]
    for low, high in bands[: max(universes - INDUSTRIES - 5, 0)]:
        band = range(low, min(high, listed))
        rows += [(f"band-{low}-{high}", "index", one, ends[0], ends[-1]) for one in band]
    for number in range(universes - INDUSTRIES - 5 - len(bands)):
        inside = rng.choice(listed, min(50, listed), replace=False)
        stays = rng.random(len(inside)) < 0.9
        name = f"strategy-{number}"
        rows += [(name, "index", int(one), ends[0], ends[-1]) for one in inside[stays]]
        for start, end in itertools.pairwise(ends):
            some = inside[~stays][rng.random((~stays).sum()) < 0.8]
            rows += [(name, "index", int(one), start, end) for one in some]
    schema = ["universe", "universe_kind", "number", "valid_from", "valid_to"]
    return pl.DataFrame(rows, schema=schema, orient="row").select(
        "universe",
        "universe_kind",
        pl.col("universe").alias("universe_title"),
        pl.format("INE{}A", pl.col("number").cast(pl.String).str.zfill(4)).alias("instrument_id"),
        "valid_from",
        "valid_to",
        basis=pl.lit("seen"),
        is_survivorship_biased=pl.lit(value=False),
    )


def scatter(
    cross: pl.DataFrame, spans: pl.DataFrame, sums: Sequence[Metric]
) -> Callable[[], list[NDArray[np.float64]]]:
    """The same sums by numpy's bincount, from arrays that are there already.

    Rows are expanded to memberships and what each adds is computed before the clock starts.
    """
    number = spans.select(pl.col("universe").unique().sort()).with_row_index("u")
    width = number.height + 1
    day = (pl.col("session_date").rank("dense").cast(pl.Int64) - 1) * width
    keys = (
        cross.lazy()
        .select("session_date", "instrument_id", day=day)
        .with_row_index("row")
        .join(spans.lazy().join(number.lazy(), on="universe"), on="instrument_id")
        .filter(pl.col("session_date").is_between("valid_from", "valid_to", closed="left"))
        .select("row", key=pl.col("day") + pl.col("u"))
        .collect(engine="streaming")
    )
    own = cross.select(key=day + width - 1)["key"].to_numpy()
    row, key = keys["row"].to_numpy(), keys["key"].to_numpy()
    bins = int(max(own.max(), key.max())) + 1
    added = cross.select(
        item.expression().cast(pl.Float64).fill_null(0).alias(item.id) for item in sums
    )
    values = [column.to_numpy() for column in added.get_columns()]
    sys.stdout.write(f"{len(row) + len(own):,} rows of memberships\n")

    def work() -> list[NDArray[np.float64]]:
        return [
            np.bincount(own, one, bins).astype(np.float64) + np.bincount(key, one[row], bins)
            for one in values
        ]

    return work


def timed(name: str, work: Callable[[], object]) -> float:
    """Print the least seconds of three runs, of the clock and of all processors; return those."""
    clock, processors = [], []
    for _ in range(3):
        started, spent = time.perf_counter(), time.process_time()
        work()
        clock.append(time.perf_counter() - started)
        processors.append(time.process_time() - spent)
    sys.stdout.write(f"{name}: {min(clock):.3f} s, {min(processors):.3f} s of processors\n")
    return min(processors)


def main(count: int = 500, shares: int = 2_250, universes: int = 50) -> None:
    """Print the time of the counts year by year, as a rebuild does them, and of one session."""
    days = calendar(count)
    spans = memberships(days, shares, universes)
    cross = market(days, shares)
    sys.stdout.write(f"{cross.height:,} rows of shares, {spans.height:,} spans\n")
    years = [
        cross.filter(pl.col("session_date").is_in(part["session_date"].implode()))
        for part in days.iter_slices(YEAR)
    ]

    def full() -> pl.DataFrame:
        return pl.concat([breadth_counts(year, spans, days) for year in years])

    counts = full()
    ours = timed(f"breadth_counts, {len(SUMS)} sums and dispersion", full)
    last = cross.filter(pl.col("session_date") == days["session_date"].max())
    timed("breadth_counts, one session", lambda: breadth_counts(last, spans, days))
    bare = timed("numpy scatter of the plain counts", scatter(cross, spans, SUMS[:PLAIN]))
    same = timed("numpy scatter of the same sums", scatter(cross, spans, SUMS))
    sys.stdout.write(
        f"{counts.height:,} rows of counts: {ours / same:.2f} times the scatter of the same, "
        f"{ours / bare:.2f} times that of the {PLAIN} plain ones; peak "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB\n"
    )
    series(counts)


def series(counts: pl.DataFrame) -> None:
    """Print the time of twenty years of series, `counts` told again and again, and of a night."""
    years = calendar(TWENTY_YEARS)
    known = counts["session_date"].unique().sort()
    told = (
        pl.concat(
            [
                counts.join(
                    pl.DataFrame(
                        {"session_date": known[: part.height], "on": part["session_date"]}
                    ),
                    on="session_date",
                )
                for part in years.iter_slices(len(known))
            ]
        )
        .with_columns(session_date=pl.col("on"))
        .drop("on")
    )
    level = 1_000 * np.exp(np.cumsum(np.random.default_rng(SEED).normal(0, 0.01, years.height)))
    closes = pl.concat(
        [
            years.select(universe=pl.lit(name), session_date="session_date", close=pl.Series(level))
            for name in counts.filter(universe_kind="index")["universe"].unique()
        ]
    )
    shown = breadth(told, closes, years)
    timed(f"breadth, {shown.height:,} rows", lambda: breadth(told, closes, years))
    for name, sessions in (("twenty years", TWENTY_YEARS), ("one year", YEAR)):
        some = years.tail(sessions)
        near = pl.col("session_date").is_in(some.tail(TAIL_SESSIONS + 1)["session_date"].implode())
        held = pl.col("session_date") >= some["session_date"].min()
        tail, past = told.filter(near), shown.filter(held).select(PAST_COLUMNS)
        new = some["session_date"].max()
        assert isinstance(new, dt.date)
        timed(
            f"breadth, one session after {name}",
            partial(breadth, tail, closes, some, since=new, past=past),
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
