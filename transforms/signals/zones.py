"""Zones of support and resistance of an index, as they could be drawn at each close."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from transforms.signals.zone_bars import bars_on_sessions, measured
from transforms.signals.zone_clusters import clusters, founded
from transforms.signals.zone_history import Path, crossings, history, touches
from transforms.signals.zone_pivots import pivots, placed_pivots
from transforms.signals.zone_thresholds import (
    MOST_ZONES,
    PIVOT_SESSIONS,
    THRESHOLDS,
    WINDOW_SESSIONS,
)
from transforms.signals.zone_volume import Business, volume_by_price
from warehouse.tables.signals import Zone
from warehouse.tables.table import schema

__all__ = ["THRESHOLDS", "pivots", "reach_first", "zones"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_WINDOW = int(WINDOW_SESSIONS.value)
_SIDE = int(PIVOT_SESSIONS.value)
_MOST = int(MOST_ZONES.value)
# A zone as it is drawn: dates are places of sessions, the rank is negative for support.
_DRAWN = {
    "row": pl.Int64,
    "zone_rank": pl.Int64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "centre": pl.Float64,
    "pivots": pl.Int64,
    "score": pl.Float64,
    "first_pivot_on": pl.Int64,
    "last_pivot_on": pl.Int64,
    "known_from": pl.Int64,
    "level": pl.Float64,
    "reach_first_probability": pl.Float64,
}
# And what became of it since it was known.
_JUDGED = _DRAWN | {
    "touches": pl.Int64,
    "bounces": pl.Int64,
    "bounce_rate_pct": pl.Float64,
    "artificial_bounce_rate_pct": pl.Float64,
    "strength_percentile": pl.Float64,
    "breakouts": pl.Int64,
    "failures": pl.Int64,
    "volume_pct": pl.Float64,
    "is_volume_peak": pl.Boolean,
}
_PLACES = ("row", "first_pivot_on", "last_pivot_on", "known_from")


@dataclass(frozen=True)
class _Index:
    """One index as arrays: its sessions oldest first, and its pivots by level.

    `atr` is that at the close; `path.atr` is a session older.
    """

    path: Path
    atr: Floats
    basis: Floats
    pivot_row: Rows
    pivot_level: Floats
    pivot_reversal: Floats
    pivot_basis: Floats


class _Turned(NamedTuple):
    """Pivots of one index, by level, as plain lists."""

    row: list[int]
    level: list[float]
    reversal: list[float]


def zones(bars: pl.DataFrame, sessions: pl.DataFrame, since: date | None = None) -> pl.DataFrame:
    """The nearest zones below and above each close, at most three of each kind.

    Args:
        bars: index_id, session_date (together the key), high, low, close, turnover_inr (price
            return; all but close may be null), every session held, any order.
        sessions: session_date and is_short of every trading session, any order.
        since: give the rows of this session and later only; every bar is still read.

    Returns:
        Rows of mart.zone by index, session, kind and rank: none on a session without a close or
        before the average true range is warm, or where that is 0.

    Raises:
        ValueError: a bar on a date that is no session, or two bars of one index and session.
    """
    measures = measured(bars_on_sessions(bars, sessions))
    turns = placed_pivots(measures).filter(pl.col("reversal_atr") > 0)
    found = [pl.DataFrame(schema=_JUDGED)]
    last = measures["index_id"].is_last_distinct().arg_true().to_list()
    for begin, end in pairwise([0, *(row + 1 for row in last)]):
        own = turns.filter(pl.col("row").is_between(begin, end, closed="left"))
        own = own.with_columns(pl.col("row") - begin)
        drawn = _zones_of(measures[begin:end], own, since)
        if drawn is not None:
            found.append(drawn.with_columns(pl.col(_PLACES) + begin))
    return _told(pl.concat(found), measures)


def reach_first(close: float, edge: float, other: float) -> float:
    """Odds that a driftless walk of logarithms comes to one edge before another.

    Args:
        close: where it starts, between them.
        edge: near edge of the zone on one side.
        other: near edge of the zone on the other.

    Source: gambler's ruin, ln(close / other) / ln(edge / other).
    """
    return log(close / other) / log(edge / other)


def _zones_of(bars: pl.DataFrame, turns: pl.DataFrame, since: date | None) -> pl.DataFrame | None:
    """The zones of one index, from its measured bars and its pivots, in the columns of _JUDGED."""
    index, days = _arrays(bars, turns), bars["session_date"]
    first = 0 if since is None else int(days.search_sorted(since))
    drawn = [zone for row, turned in _turned(index, first) for zone in _drawn(index, row, turned)]
    if not drawn:
        return None
    found = pl.DataFrame(drawn, schema=_DRAWN, orient="row")
    row, known = found["row"].to_numpy(), found["known_from"].to_numpy()
    lower, upper = found["lower"].to_numpy(), found["upper"].to_numpy()
    past = history(index.path, touches(index.path), found["level"].to_numpy(), known, row)
    breakouts, failures = crossings(index.path, lower, upper, known, row)
    percent, is_peak = volume_by_price(_business(bars, index), lower, upper, row)
    judged = {
        "touches": past.touches,
        "bounces": past.bounces,
        "bounce_rate_pct": past.bounce_rate_pct,
        "artificial_bounce_rate_pct": past.artificial_bounce_rate_pct,
        "strength_percentile": past.strength_percentile,
        "breakouts": breakouts,
        "failures": failures,
        "volume_pct": percent,
        "is_volume_peak": is_peak,
    }
    return found.hstack([pl.Series(name, values) for name, values in judged.items()])


def _told(found: pl.DataFrame, measures: pl.DataFrame) -> pl.DataFrame:
    """Rows of mart.zone from places and arrays: dates, words, distances, nulls."""
    days = measures["session_date"]
    return (
        found.with_columns(
            *measures.select("index_id", "session_date", "close", "atr_14", "sigma_60")[
                found["row"]
            ].get_columns(),
            *[days[found[name]].alias(name) for name in _PLACES if name != "row"],
        )
        .with_columns(pl.col(pl.Float64).fill_nan(None))
        .with_columns(*_distances())
        .with_columns(
            pl.when(pl.col("zone_rank") < 0)
            .then(pl.lit("support"))
            .otherwise(pl.lit("resistance"))
            .alias("kind"),
            pl.col("zone_rank").abs(),
            pl.when(pl.col("volume_pct").is_not_null()).then("is_volume_peak"),
        )
        .select(pl.col(name).cast(stored) for name, stored in schema(Zone).items())
        .sort("index_id", "session_date", "kind", "zone_rank")
    )


def _distances() -> list[pl.Expr]:
    """From the close to the near edge: 0 inside, null without the measure it is told in."""
    close, is_support = pl.col("close"), pl.col("zone_rank") < 0
    edge = pl.when(is_support).then("upper").otherwise("lower")
    gap = pl.when(is_support).then(close - edge).otherwise(edge - close)
    is_outside = gap > 0
    steps = (edge / close).log() / pl.when(pl.col("sigma_60") > 0).then("sigma_60")
    gap = pl.when(is_outside).then(gap).otherwise(0.0)
    return [
        (100 * gap / close).alias("distance_pct"),
        (gap / pl.col("atr_14")).alias("distance_atr"),
        pl.when(is_outside | steps.is_null())
        .then(steps.pow(2))
        .otherwise(0.0)
        .alias("distance_sessions"),
    ]


def _floats(bars: pl.DataFrame, name: str) -> Floats:
    """A column as an array, NaN where it is null."""
    return bars[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _arrays(bars: pl.DataFrame, turns: pl.DataFrame) -> _Index:
    """Measured bars and pivots as arrays."""
    found = turns.sort("level", "row", "kind")
    run = bars["run"].cast(pl.Int64).to_numpy()
    atr = _floats(bars, "atr_14")
    goes_on = np.append(False, run[1:] == run[:-1])
    path = Path(
        high=_floats(bars, "high"),
        low=_floats(bars, "low"),
        close=_floats(bars, "close"),
        atr=np.where(goes_on, np.append(np.nan, atr[:-1]), np.nan),
        run=run,
    )
    return _Index(
        path=path,
        atr=atr,
        basis=_floats(bars, "basis"),
        pivot_row=found["row"].to_numpy(),
        pivot_level=found["level"].to_numpy(),
        pivot_reversal=found["reversal_atr"].to_numpy(),
        pivot_basis=_floats(found, "basis"),
    )


def _business(bars: pl.DataFrame, index: _Index) -> Business:
    """What turnover by price reads of measured bars."""
    return Business(
        high=index.path.high,
        low=index.path.low,
        turnover=_floats(bars, "turnover_inr"),
        is_short=bars["is_short"].to_numpy(),
        atr=index.atr,
        basis=index.basis,
    )


def _turned(index: _Index, first: int) -> Iterator[tuple[int, _Turned]]:
    """Sessions from `first` on, and the pivots of the year that are known by then, by level."""
    by_age, rows = np.sort(index.pivot_row), np.arange(index.atr.size)
    known, gone = (
        np.searchsorted(by_age, rows - back, side="right").tolist() for back in (_SIDE, _WINDOW)
    )
    basis, before = index.basis.tolist(), None
    for row in range(first, rows.size):
        # Two sessions of three have the same pivots as the one before.
        if before != (now := (known[row], gone[row], basis[row])):
            kept = np.flatnonzero(
                (index.pivot_row > row - _WINDOW)
                & (index.pivot_row <= row - _SIDE)
                & (index.pivot_basis == basis[row])
            )
            found = (index.pivot_row, index.pivot_level, index.pivot_reversal)
            turned, before = _Turned(*(values[kept].tolist() for values in found)), now
        yield row, turned


def _drawn(index: _Index, row: int, turned: _Turned) -> Iterator[tuple[int | float | None, ...]]:
    """The zones at one session, in the columns of _DRAWN."""
    close, atr = float(index.path.close[row]), float(index.atr[row])
    if not (close > 0 and atr > 0):
        return
    place, level, reversal = turned
    found = clusters(level, reversal, [row - one for one in place], atr, close)
    # In order of price: the nearest of each kind are those around the close.
    split = sum(zone.centre <= close for zone in found)
    below, above = found[max(0, split - _MOST) : split][::-1], found[split : split + _MOST]
    support = below[0].upper if below else None
    resistance = above[0].lower if above else None
    for sign, kind in ((-1, below), (1, above)):
        for rank, zone in enumerate(kind, 1):
            edge, other = (zone.upper, resistance) if sign < 0 else (zone.lower, support)
            own = slice(zone.first, zone.last)
            began, price = founded(level[own], place[own], reversal[own], atr)
            yield (
                row,
                sign * rank,
                zone.lower,
                zone.upper,
                zone.centre,
                zone.last - zone.first,
                zone.score,
                min(place[own]),
                max(place[own]),
                began + _SIDE,
                price,
                None if other is None else _odds(close, edge, other, sign),
            )


def _odds(close: float, edge: float, other: float, sign: int) -> float:
    """The same of a zone above (sign 1) or below (-1): 1 inside it, 0 inside the other.

    A close on the edge of two zones is in the support.
    """
    into, out = sign * (close - edge), sign * (close - other)
    if into > 0 or (into == 0 and (sign < 0 or out > 0)):
        return 1.0
    return 0.0 if out <= 0 else reach_first(close, edge, other)
