"""Volumes of rising and falling members, and what was delivered of them.

Sessions that are short add nothing to a window of volumes, and have no value themselves.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from transforms.metrics.metric import Metric, metric

VOLUMES: list[Metric] = []

_ADVANCES, _DECLINES = pl.col("advances"), pl.col("declines")
_IS_FULL = pl.col("is_short").not_()

Declaration = Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]


def _full(column: str) -> pl.Expr:
    """The column, 0 at short sessions."""
    return pl.when(_IS_FULL).then(pl.col(column)).otherwise(0)


def _volume(
    name: str,
    unit: str = "percent",
    *,
    needs: tuple[str, ...],
    source: str,
    warmup: int = 0,
    bounds: tuple[float | None, float | None] = (0.0, 100.0),
    percentile: bool = False,
) -> Declaration:
    return metric(
        VOLUMES,
        name=name,
        unit=unit,
        warmup=warmup,
        source=source,
        needs=needs,
        bounds=bounds,
        percentile=percentile,
    )


_TURNOVERS = ("up_turnover_paise", "down_turnover_paise", "is_short")


@_volume(
    "Up-volume share",
    needs=_TURNOVERS,
    source="UV / (UV + DV), by traded value",
    percentile=True,
)
def up_volume_pct() -> pl.Expr:
    """Share of the value traded in moving members that was in rising ones; null if short."""
    both = pl.col("up_turnover_paise") + pl.col("down_turnover_paise")
    return pl.when(_IS_FULL).then(100 * pl.col("up_turnover_paise") / both)


def _arms(advances: pl.Expr, declines: pl.Expr, up: pl.Expr, down: pl.Expr) -> pl.Expr:
    """(A / D) / (UV / DV), null where any of the four is 0, and at short sessions."""
    is_whole = (advances > 0) & (declines > 0) & (up > 0) & (down > 0)
    return pl.when(_IS_FULL & is_whole).then((advances / declines) / (up / down))


@_volume(
    "TRIN",
    "ratio",
    needs=("advances", "declines", *_TURNOVERS),
    source="Arms (1967): (A / D) / (UV / DV)",
    bounds=(0.0, None),
)
def trin() -> pl.Expr:
    """Below 1, money was in the rising members; null where any of the four terms is 0."""
    up, down = pl.col("up_turnover_paise"), pl.col("down_turnover_paise")
    return _arms(_ADVANCES, _DECLINES, up, down)


@_volume(
    "Open TRIN of 10 sessions",
    "ratio",
    needs=("advances", "declines", *_TURNOVERS),
    source="Arms, Open 10 TRIN: ratio of sums",
    warmup=9,
    bounds=(0.0, None),
    percentile=True,
)
def open_trin_10() -> pl.Expr:
    """TRIN of the four sums over 10 sessions, short ones left out."""
    names = ("advances", "declines", "up_turnover_paise", "down_turnover_paise")
    return _arms(*(_full(name).rolling_sum(10) for name in names))


@_volume(
    "Delivered value of rising members, 10 sessions",
    needs=("up_delivered_paise", "down_delivered_paise", "is_short"),
    source="Delivered value of advances over advances and declines, 10 sessions",
    warmup=9,
    percentile=True,
)
def up_delivered_10_pct() -> pl.Expr:
    """Share of the value taken to delivery in moving members that was in rising ones.

    Null where the deliveries of one of the 10 sessions are not known.
    """
    up, down = (
        _full(name).rolling_sum(10) for name in ("up_delivered_paise", "down_delivered_paise")
    )
    return pl.when(_IS_FULL).then(100 * up / (up + down))


@_volume(
    "Mean average-trade score",
    "standard deviations",
    needs=("average_trade_z_sum", "eligible_average_trade_z", "is_short"),
    source="Mean over the members of each share's score against its own past",
    bounds=(None, None),
    percentile=True,
)
def average_trade_z_mean() -> pl.Expr:
    """How large the average trade was against each member's own past, in the mean."""
    return pl.when(_IS_FULL).then(
        pl.col("average_trade_z_sum") / pl.col("eligible_average_trade_z")
    )


@_volume(
    "Mean delivery score",
    "standard deviations",
    needs=("delivery_z_sum", "eligible_delivery_z", "is_short"),
    source="Mean over the members of each share's score against its own past",
    bounds=(None, None),
    percentile=True,
)
def delivery_z_mean() -> pl.Expr:
    """How large the delivered share was against each member's own past, in the mean."""
    return pl.when(_IS_FULL).then(pl.col("delivery_z_sum") / pl.col("eligible_delivery_z"))
