"""Everything risk appetite reads, invented: plain figures that wander, or that a test tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl

from tests.transforms.told_shares import breadth, leadership
from transforms.metrics.flow_tables import Flow
from transforms.signals.claim import Inputs
from transforms.signals.risk_inputs import INPUTS
from warehouse.tables.table import schema

Figures = Mapping[str, Sequence[float | None]]

MOMENTUM = (
    "return_63_pct",
    "distance_sma_200_pct",
    "drawdown_252_pct",
    "relative_return_63_nifty_50_pct",
    "volatility_close_20_pct",
)
MACRO = {"DEXINUS": "change_20_pct", "BAMLH0A0HYM2": "value", "VIXCLS": "value"}
IDS = tuple(one.id for one in INPUTS)
COLUMN = {one.id: one.column for one in INPUTS}


def days_of(count: int) -> list[date]:
    """So many weekdays in a row, the first a Monday of 2021."""
    first = date(2021, 1, 4)
    return [first + timedelta(days=7 * (n // 5) + n % 5) for n in range(count)]


def wandering(count: int, seed: int = 5) -> dict[str, list[float | None]]:
    """By input, a figure a session that goes on from the last; whole tenths, so that some tie."""
    rng = np.random.default_rng(seed)
    return {
        name: [float(value) for value in rng.normal(0, 1, count).cumsum().round(1)] for name in IDS
    }


def market(figures: Figures, *, scope: str = "NSE+BSE+MSEI") -> Inputs:
    """Frames in which each input is what it is told to be; an untold one is never held.

    Of a mean of indices each has the figure; what is taken away is 0. A flow ranks where the test
    says, by its id with `_rank`, else at 50. A macro observation is of its session.
    """
    days = days_of(max(len(values) for values in figures.values()))
    return Inputs(
        sessions=pl.DataFrame({"session_date": days}),
        series=_series(figures, days),
        momentum=_momentum(figures, days),
        flow=_flow(figures, days, scope),
        published=pl.DataFrame(),
        macro=_macro(figures, days),
        breadth=breadth(days, "market", **_told("breadth", figures)),
        leadership=leadership(days, "market", **_told("leadership", figures)),
    )


def _told(source: str, figures: Figures) -> dict[str, list[float | None]]:
    return {
        one.column: list(figures[one.id])
        for one in INPUTS
        if one.source == source and one.id in figures
    }


def _series(figures: Figures, days: Sequence[date]) -> pl.DataFrame:
    values = figures.get("india_vix", [None] * len(days))
    return pl.DataFrame(
        {
            "index_id": ["india-vix"] * len(days),
            "session_date": days,
            "close": pl.Series(values, dtype=pl.Float64),
        }
    )


def _momentum(figures: Figures, days: Sequence[date]) -> pl.DataFrame:
    told: dict[str, dict[str, Sequence[float | None]]] = {}
    for one in INPUTS:
        if one.source == "momentum" and one.id in figures:
            for index_id in one.subject:
                told.setdefault(index_id, {})[one.column] = figures[one.id]
            for index_id in one.less:
                told.setdefault(index_id, {})[one.column] = [0.0] * len(days)
    types = {"session_date": pl.Date(), "index_id": pl.String()}
    return pl.concat(
        [
            pl.DataFrame(schema={**types, **dict.fromkeys(MOMENTUM, pl.Float64())}),
            *[
                pl.DataFrame(
                    {
                        "session_date": days,
                        "index_id": [index_id] * len(days),
                        **{
                            name: pl.Series(columns.get(name, [None] * len(days)), dtype=pl.Float64)
                            for name in MOMENTUM
                        },
                    }
                )
                for index_id, columns in told.items()
            ],
        ]
    )


def _flow(figures: Figures, days: Sequence[date], scope: str) -> pl.DataFrame:
    blank = [None] * len(days)
    middle = [50.0] * len(days)
    told = {
        "FII": {
            "net_sum_10_crore": figures.get("fii_net_10", blank),
            "net_sum_10_crore_percentile": figures.get("fii_net_10_rank", middle),
            "net_sum_10_z": figures.get("fii_net_10_z", blank),
            "net_sum_20_crore": figures.get("fii_net_20", blank),
            "net_sum_20_crore_percentile": figures.get("fii_net_20_rank", middle),
        },
        "FII+DII": {
            "net_sum_10_crore": figures.get("both_net_10", blank),
            "net_sum_10_crore_percentile": figures.get("both_net_10_rank", middle),
        },
    }
    return pl.concat(
        pl.DataFrame(
            {
                "session_date": days,
                "participant": participant,
                "scope": scope,
                "stage": "provisional",
                "is_imported": False,
                "net_crore": 1.0,
                **columns,
            },
            strict=False,
        ).select(
            pl.col(name).cast(dtype)
            if name in {*columns, "net_crore", "is_imported"}
            or name in ("session_date", "participant", "scope", "stage")
            else pl.lit(None, dtype).alias(name)
            for name, dtype in schema(Flow).items()
        )
        for participant, columns in told.items()
    )


def _macro(figures: Figures, days: Sequence[date]) -> pl.DataFrame:
    subject = {one.subject[0]: one.id for one in INPUTS if one.source == "macro"}
    frames = [
        pl.DataFrame(
            {
                "session_date": days,
                "series_id": series_id,
                "observation_date": days,
                "value": pl.Series(figures[subject[series_id]], dtype=pl.Float64),
                "is_stale": False,
                "change_20_pct": pl.Series(figures[subject[series_id]], dtype=pl.Float64),
            }
        ).filter(pl.col("value").is_not_null())
        for series_id in MACRO
        if subject[series_id] in figures
    ]
    return pl.concat(frames) if frames else pl.DataFrame()


def shuffled(frames: Inputs, seed: int = 3) -> Inputs:
    """The same rows in another order."""
    return Inputs(
        **{
            name: frame.sample(fraction=1.0, shuffle=True, seed=seed)
            for name, frame in vars(frames).items()
        }
    )


def until(frames: Inputs, day: date) -> Inputs:
    """The frames as they were, had time ended that evening."""
    return Inputs(
        **{
            name: frame if frame.width == 0 else frame.filter(pl.col("session_date") <= day)
            for name, frame in vars(frames).items()
        }
    )
