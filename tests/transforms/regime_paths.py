"""Hand-made paths of closes for the regime machine, on consecutive days that are sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from transforms.signals.breadth_grid import THRUSTS
from transforms.signals.regime import Regimes, Sources, regimes

START = date(2020, 1, 1)
INDEX_ID = "nifty-smallcap-100"
NOTHING = pl.DataFrame()
WARM = [100.0] * 252
FALL = [97.0, 93.0, 89.0, 85.0, 80.0, 75.0, 70.0]
"""The third, eleven percent down, ends the advance; the last is the low."""
BASE = [71.0, 72.0] * 75
"""A hundred and fifty sessions within three percent of the low."""
REBOUND = [72.5, 73.0, 73.6]
"""The last is 5.14% above the low."""
EARLY = [74.0, 75.0, 76.0]
CONFIRM = [78.0, 80.0, 82.0, 83.0, 84.0]
"""Past a resistance of 80; the last is exactly a fifth above the low."""

LOW_ROW = 258
REBOUND_ROW = LOW_ROW + len(BASE) + len(REBOUND)
EARLY_ROW = REBOUND_ROW + 3
CONFIRMED_ROW = EARLY_ROW + 5
CONFIRMED_PATH = [*WARM, *FALL, *BASE, *REBOUND, *EARLY, *CONFIRM]


def day(row: int) -> date:
    return START + timedelta(days=row)


def sessions(count: int, short: Sequence[int] = ()) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "session_date": [day(row) for row in range(count)],
            "is_short": [row in short for row in range(count)],
        },
        schema={"session_date": pl.Date, "is_short": pl.Boolean},
    )


def bars(
    closes: Sequence[float | None],
    index_id: str = INDEX_ID,
    turnover: Sequence[float | None] | None = None,
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "index_id": [index_id] * len(closes),
            "session_date": [day(row) for row in range(len(closes))],
            "open": [None] * len(closes),
            "high": [None] * len(closes),
            "low": [None] * len(closes),
            "close": closes,
            "turnover_inr": turnover or [None] * len(closes),
        },
        schema={
            "index_id": pl.String,
            "session_date": pl.Date,
            "open": pl.Float64,
            "high": pl.Float64,
            "low": pl.Float64,
            "close": pl.Float64,
            "turnover_inr": pl.Float64,
        },
    ).filter(pl.col("close").is_not_null())


def zones(
    supports: dict[int, float], resistances: dict[int, float], index_id: str = INDEX_ID
) -> pl.DataFrame:
    """Nearest zones by session: the lower edge of support, the upper edge of resistance."""
    told = [("support", row, edge, edge + 0.5) for row, edge in supports.items()]
    told += [("resistance", row, edge - 0.5, edge) for row, edge in resistances.items()]
    return pl.DataFrame(
        [(index_id, day(row), kind, 1, lower, upper) for kind, row, lower, upper in told],
        schema={
            "index_id": pl.String,
            "session_date": pl.Date,
            "kind": pl.String,
            "zone_rank": pl.Int64,
            "lower": pl.Float64,
            "upper": pl.Float64,
        },
        orient="row",
    )


RESISTANCE = dict.fromkeys(range(LOW_ROW + 1, LOW_ROW + 150), 80.0)


def walked(
    closes: Sequence[float | None],
    supports: dict[int, float] | None = None,
    resistances: dict[int, float] | None = None,
    **sources: pl.DataFrame,
) -> Regimes:
    edges = zones(supports or {}, RESISTANCE if resistances is None else resistances)
    frames = {
        "bars": bars(closes),
        "sessions": sessions(len(closes)),
        "zones": edges,
        "breadth": NOTHING,
        "breadth_counts": NOTHING,
        "flow": NOTHING,
        "earnings": NOTHING,
    }
    return regimes(Sources(**(frames | sources)))


def steps(found: Regimes, rules: str = "index") -> list[tuple[int, str, str]]:
    """Row, state before and state after of every change."""
    rows = found.transitions.filter(rules=rules).sort("session_date").iter_rows(named=True)
    return [
        ((one["session_date"] - START).days, one["from_state"], one["to_state"]) for one in rows
    ]


def state_at(found: Regimes, row: int, rules: str = "index") -> dict[str, object]:
    return found.states.filter(session_date=day(row), rules=rules).row(0, named=True)


def reason_at(found: Regimes, row: int, rules: str = "index") -> str:
    one = found.transitions.filter(session_date=day(row), rules=rules).row(0, named=True)
    return str(one["reason"])


def breadth(count: int, universe: str = "market", **values: object) -> pl.DataFrame:
    """The same breadth at every session, weak unless told otherwise."""
    weak: dict[str, object] = {
        "mcclellan_summation": 0.0,
        "mcclellan_oscillator": -1.0,
        "above_sma_50_pct": 10.0,
        "above_sma_200_pct": 10.0,
        "is_survivorship_biased": False,
    }
    told = weak | dict.fromkeys(THRUSTS, False) | values
    return pl.DataFrame({"session_date": [day(row) for row in range(count)]}).with_columns(
        pl.lit(universe).alias("universe"),
        *[
            value.alias(name) if isinstance(value, pl.Expr) else pl.lit(value).alias(name)
            for name, value in told.items()
        ],
    )
