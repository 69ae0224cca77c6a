"""What the past year did to an index: its last 252 sessions and its last twelve whole months."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]

MONTHS = 12


def twelve_months(grid: pl.DataFrame) -> pl.DataFrame:
    """What the last 12 completed months did to an index and its benchmark.

    A month is completed once a session of a later month is at hand; it runs from the close of its
    eve to the close of its last session.

    Args:
        grid: `session_date`, `close`, `benchmark`; one row a session, oldest first.

    Returns:
        One row a session: session_date, months_behind (in which the index did worse),
        year_drawdown_pct (deepest fall from a high, both within the months) and year_return_pct;
        null where a close they need is missing or the sessions do not reach back.
    """
    month = pl.col("session_date").dt.month_start()
    ends = (
        grid.with_row_index("row")
        .group_by(month.alias("month"), maintain_order=True)
        .agg(pl.col("row").last().cast(pl.Int64), pl.col("close", "benchmark").last())
        .with_columns(
            is_behind=pl.col("close") / pl.col("close").shift(1)
            < pl.col("benchmark") / pl.col("benchmark").shift(1)
        )
        .with_columns(
            months_behind=pl.col("is_behind").cast(pl.Int64).rolling_sum(MONTHS),
            year_return_pct=100 * (pl.col("close") / pl.col("close").shift(MONTHS) - 1),
            eve=pl.col("row").shift(MONTHS),
        )
    )
    close = grid["close"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    depths = [
        None if eve is None else _maximum_drawdown_pct(close[eve : row + 1])
        for eve, row in zip(ends["eve"], ends["row"], strict=True)
    ]
    seen = ends.select(
        "month",
        "months_behind",
        "year_return_pct",
        pl.Series("year_drawdown_pct", depths, dtype=pl.Float64).fill_nan(None),
    ).with_columns(pl.exclude("month").shift(1))
    return grid.select("session_date", month=month).join(
        seen, on="month", how="left", maintain_order="left"
    )


def _maximum_drawdown_pct(close: Floats) -> float:
    return float(np.min(100 * (close / np.maximum.accumulate(close) - 1)))


def window_depths(close: pl.Series, sessions: int) -> tuple[pl.Series, pl.Series]:
    """Maximum drawdown and Ulcer index of each window of closes, in percent.

    Shape:   one value a session each; null until `sessions` closes in a row.
    Unit:    percent; the drawdown is 0 or below, the Ulcer index 0 or above.
    Source:  highs within the window only; Martin and McCann (1989) for the Ulcer index.
    """
    values = close.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    deepest = np.full(values.size, np.nan)
    ulcer = np.full(values.size, np.nan)
    if values.size >= sessions:
        windows = np.lib.stride_tricks.sliding_window_view(values, sessions)
        falls = 100 * (windows / np.maximum.accumulate(windows, axis=1) - 1)
        deepest[sessions - 1 :] = falls.min(axis=1)
        ulcer[sessions - 1 :] = np.sqrt((falls**2).mean(axis=1))
    return (
        pl.Series("drawdown_pct", deepest).fill_nan(None),
        pl.Series("ulcer_pct", ulcer).fill_nan(None),
    )
