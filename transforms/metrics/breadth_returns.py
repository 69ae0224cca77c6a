"""Returns of a universe by its members: equal weights, weights by size, dispersion, correlation."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from transforms import indicators
from transforms.metrics.metric import Metric, metric

RETURNS: list[Metric] = []

CORRELATION_SESSIONS = 60

Declaration = Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]


def _return(
    name: str,
    unit: str = "percent",
    *,
    needs: tuple[str, ...],
    source: str,
    warmup: int = 0,
    bounds: tuple[float | None, float | None] = (None, None),
    percentile: bool = False,
) -> Declaration:
    return metric(
        RETURNS,
        name=name,
        unit=unit,
        warmup=warmup,
        source=source,
        needs=needs,
        bounds=bounds,
        percentile=percentile,
    )


@_return(
    "Equal-weighted return",
    needs=("return_sum_pct", "advances", "declines", "unchanged"),
    source="Mean of the members' returns",
    bounds=(-100.0, None),
)
def equal_weight_return_pct() -> pl.Expr:
    """Mean return of the members that traded this session and the one before."""
    compared = pl.col("advances") + pl.col("declines") + pl.col("unchanged")
    return pl.col("return_sum_pct") / compared


_WEIGHED = ("weighed", "weighed_return_sum_pct", "weighted_return_sum", "weight_inr")


@_return(
    "Return by size",
    needs=_WEIGHED,
    source="Mean of the members' returns weighted by market cap before the session",
    bounds=(-100.0, None),
)
def cap_weight_return_pct() -> pl.Expr:
    """Return of the members together, by full market cap; those without a known one left out."""
    return pl.col("weighted_return_sum") / pl.col("weight_inr")


@_return(
    "Equal-weighted return of members with a weight",
    needs=_WEIGHED,
    source="Mean of the returns of the members whose market cap is known",
    bounds=(-100.0, None),
)
def weighed_equal_return_pct() -> pl.Expr:
    """What cap_weight_return_pct is compared with: the same members, each alike."""
    return pl.col("weighed_return_sum_pct") / pl.col("weighed")


def _chained(return_pct: pl.Expr, n: int) -> pl.Expr:
    """Return of n sessions in percent from those of one."""
    return 100 * ((return_pct / 100).log1p().rolling_sum(n).exp() - 1)


def _equal_less_cap(n: int) -> Declaration:
    return _return(
        f"Equal weights less weights by size, {n} sessions",
        "percentage points",
        needs=("weighed_equal_return_pct", "cap_weight_return_pct"),
        source=f"Chained equal-weighted less chained cap-weighted return of {n} sessions",
        warmup=n - 1,
        percentile=True,
    )


@_equal_less_cap(9)
def equal_less_cap_9_points() -> pl.Expr:
    """By how much the smaller members did better over 9 sessions."""
    return _spread(9)


@_equal_less_cap(21)
def equal_less_cap_21_points() -> pl.Expr:
    """By how much the smaller members did better over 21 sessions."""
    return _spread(21)


@_equal_less_cap(63)
def equal_less_cap_63_points() -> pl.Expr:
    """By how much the smaller members did better over 63 sessions."""
    return _spread(63)


def _spread(n: int) -> pl.Expr:
    equal, cap = pl.col("weighed_equal_return_pct"), pl.col("cap_weight_return_pct")
    return _chained(equal, n) - _chained(cap, n)


@_return(
    "Average pairwise correlation, 60 sessions",
    "ratio",
    needs=(
        "equal_weight_return_pct",
        "eligible_volatility",
        "volatility_sum_pct",
        "variance_sum_pct2",
    ),
    source=(
        "(N^2 s_p^2 - sum s_i^2) / ((sum s_i)^2 - sum s_i^2): Cboe Implied Correlation Index "
        "(2009) and Skintzi and Refenes (2005), at equal weights and with realised volatilities"
    ),
    warmup=CORRELATION_SESSIONS - 1,
    bounds=(-1.0, 1.0),
    percentile=True,
)
def average_correlation_60() -> pl.Expr:
    """Mean correlation of pairs of members, each pair weighted by its volatilities.

    s_p is the volatility of the equal-weighted return over 60 sessions, s_i those of the members
    with 60 sessions of history. The two know slightly different members and kinds of return, so
    what would leave -1 to 1 is held there. Null below two members.
    """
    members = pl.col("eligible_volatility")
    together = (
        pl.col("equal_weight_return_pct").rolling_var(CORRELATION_SESSIONS, ddof=1)
        * indicators.SESSIONS_PER_YEAR
    )
    alone, total = pl.col("variance_sum_pct2"), pl.col("volatility_sum_pct")
    pairs = total.pow(2) - alone
    return pl.when((members > 1) & (pairs > 0)).then(
        ((members.cast(pl.Float64).pow(2) * together - alone) / pairs).clip(-1, 1)
    )


@_return(
    "Interquartile range of 9-session returns",
    needs=("interquartile_9_pct",),
    source="Third less first quartile of the cross-section, see mart.breadth_count",
    bounds=(0.0, None),
    percentile=True,
)
def interquartile_9_pct() -> pl.Expr:
    """Width of the middle half of the members' returns over 9 sessions."""
    return pl.col("interquartile_9_pct")


@_return(
    "Dispersion of 9-session returns",
    needs=("dispersion_9_pct",),
    source="Standard deviation of the cross-section, ddof 1, see mart.breadth_count",
    bounds=(0.0, None),
    percentile=True,
)
def dispersion_9_pct() -> pl.Expr:
    """How far apart the members' returns over 9 sessions lie."""
    return pl.col("dispersion_9_pct")
