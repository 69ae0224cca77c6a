"""The first principal component of the inputs of risk appetite: a diagnostic, never a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from transforms.metrics.percentile import percentile_rank
from transforms.signals.threshold import Threshold

LEAST_ROWS = Threshold(
    id="first_component_least_rows",
    value=756,
    unit="sessions",
    meaning="Sessions with all of its inputs that a fit takes, and an input's values before it",
    source="Riskon convention: three years of sessions",
)
LEAST_INPUTS_PCT = Threshold(
    id="first_component_least_inputs_pct",
    value=60,
    unit="percent",
    meaning="Share of the declared inputs that a fit takes",
    source="Riskon convention",
)
THRESHOLDS = (LEAST_ROWS, LEAST_INPUTS_PCT)

_DECIMALS = 9
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """Means, standard deviations (ddof 1) and loadings of the columns, in their order."""

    mean: Matrix
    sd: Matrix
    loadings: Matrix

    def score(self, values: Matrix) -> Matrix:
        """Scores of the rows; NaN where a value is."""
        scores: Matrix = ((values - self.mean) / self.sd) @ self.loadings
        return scores


def first_component(figures: pl.DataFrame, anchor: str) -> pl.DataFrame:
    """Where each session's first principal component ranks, refit at each calendar year's start.

    A year's fit sees the sessions before its first one: of the inputs with LEAST_ROWS figures by
    then and any spread, the sessions that have all. It takes LEAST_INPUTS_PCT of the inputs and
    the anchor. A session's rank is that of its score among the scores that the same fit gives
    all whole sessions so far, so that two years' loadings are never compared.

    Args:
        figures: session_date, input_id, held (the figure, null where there is none), is_fresh;
            any row order.
        anchor: the input on which the component's loading is positive.

    Returns:
        session_date, first_component_percentile; sorted. Null without a fit, and where an input
        of the fit is missing or not fresh.
    """
    names = sorted(figures["input_id"].unique())
    held, fresh = (
        figures.pivot(on="input_id", on_columns=names, index="session_date", values=column).sort(
            "session_date"
        )
        for column in ("held", "is_fresh")
    )
    days = held["session_date"]
    values = held.select(pl.col(names).cast(pl.Float64)).fill_null(float("nan")).to_numpy()
    is_fresh = fresh.select(pl.col(names).fill_null(value=False)).to_numpy()
    percentile = pl.Series("percentile", [None] * len(days), dtype=pl.Float64)
    parts = [percentile.head(0)]
    for start, end in pairwise([*_year_starts(days), len(days)]):
        used = _usable(values[:start], names, anchor)
        if used is None:
            parts.append(percentile.slice(start, end - start))
            continue
        fit = fitted(_whole(values[:start, used]), used.index(names.index(anchor)))
        if fit is None:
            parts.append(percentile.slice(start, end - start))
            continue
        scores = pl.DataFrame(
            {
                "score": fit.score(values[:end, used]),
                "is_fresh": is_fresh[:end, used].all(axis=1),
            }
        ).with_columns(pl.col("score").fill_nan(None).round(_DECIMALS))
        rank = percentile_rank(pl.col("score"), at_least=int(LEAST_ROWS.value))
        ranked = scores.select(pl.when("is_fresh").then(rank).alias("percentile"))["percentile"]
        parts.append(ranked.slice(start))
    return pl.DataFrame({"session_date": days, "first_component_percentile": pl.concat(parts)})


def fitted(rows: Matrix, anchor: int) -> Fit | None:
    """The first principal component of whole rows' correlations, by singular values.

    None where the anchor's column has no part in it, so that no way is up.
    """
    mean, sd = rows.mean(axis=0), rows.std(axis=0, ddof=1)
    _, _, components = np.linalg.svd((rows - mean) / sd, full_matrices=False)
    loadings: Matrix = components[0]
    if round(float(loadings[anchor]), _DECIMALS) == 0:
        return None
    return Fit(mean, sd, loadings * np.sign(loadings[anchor]))


def _year_starts(days: pl.Series) -> list[int]:
    """Places of the first session of each calendar year, from the first session held on."""
    years = [day.year for day in days if isinstance(day, date)]
    return [n for n, year in enumerate(years) if n == 0 or years[n - 1] != year]


def _usable(values: Matrix, names: list[str], anchor: str) -> list[int] | None:
    """Columns that a fit on these rows can use; None where there is no fit."""
    least = int(LEAST_ROWS.value)
    if len(values) < least:
        return None
    counts = np.isfinite(values).sum(axis=0)
    used = [n for n in range(len(names)) if counts[n] >= least]
    enough = 100 * len(used) >= LEAST_INPUTS_PCT.value * len(names)
    if not enough or names.index(anchor) not in used:
        return None
    rows = _whole(values[:, used])
    if len(rows) < least:
        return None
    moving = [n for n, spread in zip(used, np.ptp(rows, axis=0), strict=True) if spread > 0]
    enough = 100 * len(moving) >= LEAST_INPUTS_PCT.value * len(names)
    return moving if enough and names.index(anchor) in moving else None


def _whole(values: Matrix) -> Matrix:
    rows: Matrix = values[np.isfinite(values).all(axis=1)]
    return rows
