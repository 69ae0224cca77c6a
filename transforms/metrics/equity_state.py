"""Recursions of shares: values that carry all of a run's past, so that a night can go on from them.

A recursion is declared once, as the value it smooths; metrics need it like a column of bars. It
starts from the mean of a run's first values or, where the run is older than the rows at hand, from
what is held of the last bar before: the average goes on as if it had never stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transforms.metrics.equity_runs import BARS, KEY, LOOKBACK_STATES, WHOLE_BARS

Array = NDArray[np.float64]
Run = Literal["run", "whole_run"]
_KNOWN: dict[Run, str] = {"run": "known", "whole_run": "whole_known"}
_GIVEN: dict[Run, str] = {"run": "given_before", "whole_run": "whole_given_before"}


@dataclass(frozen=True)
class Recursion:
    """An exponential average of a value, or its running peak, over a run of bars."""

    id: str
    meaning: str
    value: Callable[[], pl.Expr]
    length: int
    alpha: float | None
    warmup: int
    run: Run
    needs: tuple[str, ...]


def recursion(
    registry: list[Recursion],
    *,
    length: int,
    alpha: float | None,
    warmup: int,
    run: Run = "run",
    needs: tuple[str, ...] = ("close",),
) -> Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]:
    """Declare a recursion in `registry`; the decorated function gives the value it smooths.

    Args:
        registry: list the recursion is appended to.
        length: values whose mean it starts from.
        alpha: weight of the newest value; None for the highest value so far.
        warmup: bars of the run before the first result.
        run: "run" of closes, or "whole_run" of bars that have a high and a low.
        needs: columns the value reads, of bars or of what is declared before it.
    """

    def declare(function: Callable[[], pl.Expr]) -> Callable[[], pl.Expr]:
        registry.append(
            Recursion(
                id=function.__name__,
                meaning=" ".join((function.__doc__ or "").split()),
                value=function,
                length=length,
                alpha=alpha,
                warmup=warmup,
                run=run,
                needs=needs,
            )
        )
        return function

    return declare


def with_recursions(frame: pl.DataFrame, recursions: Sequence[Recursion]) -> pl.DataFrame:
    """Add recursions to bars with runs; before a run of closes is warm they mean nothing."""
    values = frame.select(item.value().alias(item.id) for item in recursions)
    known = {run: frame[_KNOWN[run]] for run in {item.run for item in recursions}}
    starts = {run: (place == 0).arg_true() for run, place in known.items()}
    firsts = {
        item.id: _firsts(known[item.run], starts[item.run], item.warmup) for item in recursions
    }
    return frame.with_columns(
        pl.Series(item.id, _seeded(frame, values[item.id], item, firsts[item.id]))
        for item in recursions
    ).with_columns(_smoothed(item).alias(item.id) for item in recursions)


def _smoothed(item: Recursion) -> pl.Expr:
    value = pl.col(item.id)
    smooth = value.cum_max() if item.alpha is None else _average(value, item.alpha)
    if item.run == "run":
        return smooth.over(item.run)
    # Metrics are null in the first bars of a run; a whole run may begin later.
    return pl.when(pl.col(_KNOWN[item.run]) >= item.warmup).then(smooth.over(item.run))


def _average(value: pl.Expr, alpha: float) -> pl.Expr:
    return value.ewm_mean(alpha=alpha, adjust=False)


def _firsts(known: pl.Series, starts: pl.Series, warmup: int) -> NDArray[np.int64]:
    """Rows of the first results: so many bars after a run's start, where it is that long."""
    rows = starts.to_numpy().astype(np.int64) + warmup
    rows = rows[rows < known.len()]
    is_warm: NDArray[np.bool_] = (known.gather(rows) == warmup).fill_null(value=False).to_numpy()
    return rows[is_warm]


def _seeded(
    frame: pl.DataFrame, values: pl.Series, item: Recursion, firsts: NDArray[np.int64]
) -> Array:
    """The values, all up to a run's first result replaced by it: the average stands still there.

    The first result is the mean of the first values or, in a run older than the rows, what is held.
    """
    seeded: Array = values.to_numpy(writable=True)
    if len(firsts) and item.length > 1:
        seeds = seeded[firsts[:, None] - np.arange(item.length)[::-1]].mean(axis=1)
        seeded[firsts[:, None] - np.arange(item.warmup + 1)] = seeds[:, None]
    if _GIVEN[item.run] in frame.columns:
        given = frame[_GIVEN[item.run]]
        rows = given.is_not_null().arg_true()
        length = given.gather(rows).to_numpy().astype(np.int64) + 1
        ends = np.cumsum(length)
        places = np.arange(length.sum()) + np.repeat(rows.to_numpy() + 1 - ends, length)
        seeded[places] = np.repeat(frame[f"{item.id}_held"].gather(rows).to_numpy(), length)
    return seeded


def state(
    frame: pl.DataFrame, recursions: Sequence[Recursion], sessions: pl.DataFrame
) -> pl.DataFrame:
    """Rows of the state: what a later night goes on from, of the last LOOKBACK_STATES sessions.

    Returns:
        One row a bar, sorted by share and session: KEY, BARS, WHOLE_BARS, every recursion in
        chained prices and full precision.
    """
    kept = sessions["session_date"].unique().sort().tail(LOOKBACK_STATES)
    return frame.filter(pl.col("session_date") >= kept.min()).select(
        *KEY,
        BARS,
        WHOLE_BARS,
        *[pl.when(pl.col(_KNOWN[item.run]) >= item.warmup).then(item.id) for item in recursions],
    )
