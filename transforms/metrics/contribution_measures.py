"""What is told of a group of members at one session: its weight, return and contribution."""

from __future__ import annotations

import polars as pl

from transforms.metrics import breadth_moves as moves
from transforms.metrics.metric import Metric, metric

CONTRIBUTION: list[Metric] = []

_WEIGHT, _TOTAL = pl.col("weight_inr"), pl.col("universe_weight_inr")
_UNITS = moves.UNIT[moves.weighted_return_sum.__name__]
_WEIGHTED = pl.col("weighted_return_sum") / _UNITS
_CLOSE, _CLOSE_BEFORE = pl.col("index_close"), pl.col("index_close_before")
_IS_WEIGHABLE = _TOTAL > 0

# Below, one expression reads the sums of one group, and beside them those of its universe.


@metric(
    CONTRIBUTION,
    name="Shares compared",
    unit="companies",
    warmup=0,
    kind="count",
    needs=("return_1_pct",),
    bounds=(0, None),
    source="Advances, declines and unchanged, see mart.breadth_count",
)
def compared() -> pl.Expr:
    """Members of the group that traded this session and the one before, jumps left out."""
    return pl.col("compared")


@metric(
    CONTRIBUTION,
    name="Shares with a weight",
    unit="companies",
    warmup=0,
    kind="count",
    needs=("return_1_pct", "market_cap_before_inr"),
    bounds=(0, None),
    source="See mart.breadth_count",
)
def weighed() -> pl.Expr:
    """Of the shares compared, those whose market cap at the session before is known."""
    return pl.col("weighed")


@metric(
    CONTRIBUTION,
    name="Weight",
    unit="percent",
    warmup=0,
    needs=("market_cap_before_inr",),
    bounds=(0, 100),
    source="Share of the market caps at the session before",
)
def weight_pct() -> pl.Expr:
    """The group's part of its universe, among shares with a weight; null where there are none."""
    return pl.when(_IS_WEIGHABLE).then(100 * _WEIGHT / _TOTAL)


@metric(
    CONTRIBUTION,
    name="Return",
    unit="percent",
    warmup=0,
    needs=("return_1_pct", "market_cap_before_inr"),
    bounds=(-100, None),
    source="Mean of the members' returns weighted by market cap before the session",
)
def return_pct() -> pl.Expr:
    """Return of the group's shares with a weight, together."""
    return pl.when(_WEIGHT > 0).then(_WEIGHTED / _WEIGHT)


@metric(
    CONTRIBUTION,
    name="Equal-weighted return",
    unit="percent",
    warmup=0,
    needs=("return_1_pct",),
    bounds=(-100, None),
    source="Mean of the members' returns",
)
def equal_return_pct() -> pl.Expr:
    """Mean return of the shares compared, each alike."""
    count = pl.col("compared")
    return pl.when(count > 0).then(pl.col("return_sum") / moves.PERCENT_UNIT / count)


@metric(
    CONTRIBUTION,
    name="Contribution",
    unit="percentage points",
    warmup=0,
    needs=("return_1_pct", "market_cap_before_inr"),
    source="Weight times return: Brinson and Fachler, J. Portfolio Management 11 (1985)",
)
def contribution_points() -> pl.Expr:
    """What the group added to the return of its universe; those of a grouping add up to it."""
    return pl.when(_IS_WEIGHABLE).then(_WEIGHTED / _TOTAL)


@metric(
    CONTRIBUTION,
    name="Index close before",
    unit="points",
    warmup=0,
    needs=("index_close",),
    source="As published",
)
def index_close_before() -> pl.Expr:
    """Close of the universe's index at the session before: what chains contributions."""
    return _CLOSE_BEFORE


@metric(
    CONTRIBUTION,
    name="Index return",
    unit="percent",
    warmup=0,
    needs=("index_close",),
    bounds=(-100, None),
    source="As published",
)
def index_return_pct() -> pl.Expr:
    """Return of the universe's index as published; of the market, that of the broadest index."""
    return 100 * (_CLOSE / _CLOSE_BEFORE - 1)


@metric(
    CONTRIBUTION,
    name="Residual",
    unit="basis points",
    warmup=0,
    needs=("return_1_pct", "market_cap_before_inr", "index_close"),
    source="Published return less that of the members by market cap",
)
def residual_bps() -> pl.Expr:
    """What the universe's contributions leave unexplained of the published return."""
    explained = pl.col("universe_weighted_return_sum") / _UNITS
    return pl.when(_IS_WEIGHABLE).then(100 * (index_return_pct() - explained / _TOTAL))


@metric(
    CONTRIBUTION,
    name="Coverage",
    unit="percent",
    warmup=0,
    needs=("market_cap_before_inr",),
    bounds=(0, 100),
    source="Market cap of the shares with a weight over that of all that traded",
)
def weight_coverage_pct() -> pl.Expr:
    """Part of the universe's known market cap whose move could be weighed.

    Left out are shares that jumped for no known reason. Shares of unknown size are in neither
    part: `weighed` beside `compared` tells of them. Nor are members that rest: in the index they
    stand at their last price, so that the residual of the days they rest and return holds theirs.
    """
    known = pl.col("universe_known_inr")
    return pl.when(known > 0).then(100 * _TOTAL / known)
