"""One decorated function is one metric: a column, its meaning, its bounds and its citation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import polars as pl

Kind = Literal["number", "count", "flag"]

_STORED: dict[Kind, type[pl.DataType]] = {
    "number": pl.Float64,
    "count": pl.Int64,
    "flag": pl.Boolean,
}


@dataclass(frozen=True)
class Metric:
    """What a metric is, declared once; the expression reads the bars of one unbroken run."""

    id: str
    name: str
    unit: str
    warmup: int
    source: str
    expression: Callable[[], pl.Expr]
    meaning: str
    bounds: tuple[float | None, float | None] = (None, None)
    needs: tuple[str, ...] = ("close",)
    percentile: bool = False
    kind: Kind = "number"
    version: int = 1

    @property
    def percentile_id(self) -> str:
        """Column of the rank against own history, stored where `percentile` is set."""
        return f"{self.id}_percentile"

    @property
    def stored_type(self) -> type[pl.DataType]:
        """Polars type of the column."""
        return _STORED[self.kind]


def metric(
    registry: list[Metric],
    *,
    name: str,
    unit: str,
    warmup: int,
    source: str,
    bounds: tuple[float | None, float | None] = (None, None),
    needs: tuple[str, ...] = ("close",),
    percentile: bool = False,
    kind: Kind = "number",
    version: int = 1,
) -> Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]:
    """Declare a metric in `registry`; the function's name is its id and its stored column.

    Args:
        registry: list the metric is appended to.
        name: what people call it.
        unit: unit of the stored value; of a flag, "true or false".
        warmup: sessions before the first value, so the first value stands on row `warmup`.
        source: where the formula is published.
        bounds: least and greatest value that can be true; None is open.
        needs: columns the expression reads, of bars or of metrics declared before it; where a
            bar's column is null the metric is null, and its run ends.
        percentile: also store `<id>_percentile`, the expanding mid-rank against own history.
        kind: stored as Float64, Int64 or Boolean.
        version: raise it when the formula changes; it is stored in ops.definition.
    """

    def declare(function: Callable[[], pl.Expr]) -> Callable[[], pl.Expr]:
        registry.append(
            Metric(
                id=function.__name__,
                name=name,
                unit=unit,
                warmup=warmup,
                source=source,
                expression=function,
                meaning=" ".join((function.__doc__ or "").split()),
                bounds=bounds,
                needs=needs,
                percentile=percentile,
                kind=kind,
                version=version,
            )
        )
        return function

    return declare
