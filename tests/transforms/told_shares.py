"""Rows of mart.breadth and mart.leadership as hand or chance would have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl

from transforms.metrics.breadth_tables import Breadth
from transforms.metrics.leadership_tables import Leadership
from warehouse.tables.table import Table, schema

SMALLCAP_250, MARKET = "nifty-smallcap-250", "market"
Value = float | bool | None


def rows(
    table: type[Table],
    universe: str,
    days: Sequence[date],
    told: Mapping[str, Value | Sequence[Value]],
    *,
    is_biased: bool | Sequence[bool] = False,
) -> pl.DataFrame:
    """One row a day; a column told as one value has it on all of them, untold ones are null."""
    given: dict[str, object] = {
        "universe": universe,
        "is_survivorship_biased": is_biased,
        **told,
    }
    columns = {
        name: pl.Series(
            name,
            value if isinstance(value, list) else [value] * len(days),
            dtype=dtype,
            strict=False,
        )
        for name, dtype in schema(table).items()
        for value in [given.get(name)]
    }
    return pl.DataFrame({**columns, "session_date": pl.Series(days, dtype=pl.Date)})


def breadth(
    days: Sequence[date],
    universe: str = SMALLCAP_250,
    *,
    is_biased: bool | Sequence[bool] = False,
    **told: Value | Sequence[Value],
) -> pl.DataFrame:
    """Rows of mart.breadth."""
    return rows(Breadth, universe, days, told, is_biased=is_biased)


def leadership(
    days: Sequence[date],
    universe: str = SMALLCAP_250,
    *,
    is_biased: bool | Sequence[bool] = False,
    **told: Value | Sequence[Value],
) -> pl.DataFrame:
    """Rows of mart.leadership."""
    return rows(
        Leadership,
        universe,
        days,
        {"is_survivorship_biased_9": is_biased, **told},
        is_biased=is_biased,
    )


def random_breadth(
    rng: np.random.Generator, days: Sequence[date], universe: str, *, is_biased: bool = False
) -> pl.DataFrame:
    """Breadth without a story: shares of 0 to 100, flags now and then, a line that wanders."""
    return breadth(
        days,
        universe,
        is_biased=is_biased,
        **_random(rng, Breadth, len(days)),
    ).with_columns(ad_line=pl.Series(rng.integers(-100, 100, len(days))).cum_sum())


def random_leadership(
    rng: np.random.Generator, days: Sequence[date], universe: str, *, is_biased: bool = False
) -> pl.DataFrame:
    """Leadership without a story."""
    told = _random(rng, Leadership, len(days))
    for name in told:
        if "ic" in name.split("_"):
            told[name] = list(rng.uniform(-0.2, 0.2, len(days)))
        if name.endswith("_p"):
            told[name] = list(rng.uniform(0, 1, len(days)))
        if name.startswith("quality_lift"):
            told[name] = list(rng.normal(1, 0.3, len(days)))
        if name.startswith("residual"):
            told[name] = list(rng.normal(0, 30, len(days)))
    for n in (9, 21):
        told[f"sectors_{n}"] = [20.0] * len(days)
        told[f"named_sectors_{n}"] = [6.0] * len(days)
        told[f"named_in_top_third_{n}"] = list(rng.integers(0, 7, len(days)))
    return leadership(days, universe, is_biased=is_biased, **told)


def _random(
    rng: np.random.Generator, table: type[Table], count: int
) -> dict[str, list[float] | list[bool]]:
    """A column of chance for every number and flag that is no part of the key."""
    told: dict[str, list[float] | list[bool]] = {}
    for name, dtype in schema(table).items():
        if name.startswith("is_") and not name.startswith("is_survivorship_biased"):
            told[name] = [bool(one) for one in rng.random(count) < 0.05]
        elif name.endswith("_points"):
            told[name] = list(rng.normal(0, 2, count))
        elif dtype.is_numeric():
            told[name] = list(rng.uniform(0, 100, count))
    return told
