"""How many closes lead out of an unknown state: those since the hole, and none within it."""

from __future__ import annotations

import polars as pl

from tests.transforms.regime_paths import NOTHING, bars, day, sessions
from transforms.signals.regime import Sources, regimes

HELD, HOLE, AFTER = 260, 30, 10


def told() -> pl.DataFrame:
    """Triggers out of UNKNOWN of an index with closes, then a hole, then closes again."""
    closes: list[float | None] = [1000.0 + row % 5 for row in range(HELD)]
    closes += [None] * HOLE + [1010.0 + row for row in range(AFTER)]
    sources = Sources(
        bars=bars(closes),
        sessions=sessions(len(closes)),
        zones=NOTHING,
        breadth=NOTHING,
        breadth_counts=NOTHING,
        flow=NOTHING,
        earnings=NOTHING,
    )
    return regimes(sources).triggers.filter(pl.col("rules") == "index", pl.col("trigger") == "warm")


def test_only_closes_since_the_hole_count_towards_a_state() -> None:
    rows = {row["session_date"]: row for row in told().iter_rows(named=True)}
    # Known from the 252nd close on; unknown again after more than 21 sessions without one.
    warming = [rows[day(row)]["current"] for row in range(251)]
    assert warming == [float(row + 1) for row in range(251)]
    assert day(251) not in rows
    assert day(HELD + 20) not in rows
    within = [rows[day(HELD + row)] for row in range(21, HOLE)]
    assert {row["current"] for row in within} == {0.0}
    after = [rows[day(HELD + HOLE + row)]["current"] for row in range(AFTER)]
    assert after == [float(row + 1) for row in range(AFTER)]
    assert not any(row["is_met"] for row in rows.values())
