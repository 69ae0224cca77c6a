"""Where each sector stands beside the whole market, and where it is going."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from math import sqrt

import polars as pl

from transforms import indicators
from transforms.metrics.breadth_moves import weighted_return_sum
from transforms.metrics.breadth_universes import KEY
from transforms.metrics.evaluate import evaluate
from transforms.metrics.leadership_windows import DECIMALS, chained_pct
from transforms.metrics.metric import Metric, metric
from transforms.universes import MARKET

ROTATION: list[Metric] = []
RANKS: list[Metric] = []
"""Ranks among the sectors of a session."""

TAIL_SESSIONS = 63
"""Sessions before the new ones that windows reach into."""
QUADRANTS = ("leading", "weakening", "lagging", "improving")
RRG_SESSIONS = 14
# A value is at most sqrt(n - 1) population sds from the mean of the n it belongs to.
_RRG_REACH = sqrt(RRG_SESSIONS - 1) + 1e-9
_NEUTRAL = 100.0

_day = pl.col("session_date")
_CAP, _MARKET_CAP = "cap_weight_return_pct", "market_cap_weight_return_pct"
_EQUAL, _MARKET_EQUAL = "equal_weight_return_pct", "market_equal_weight_return_pct"
_RATIO, _MOMENTUM = "rrg_approx_ratio_14", "rrg_approx_momentum_14"

Declaration = Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]


def _return(n: int, weights: str, column: str) -> Declaration:
    return metric(
        ROTATION,
        name=f"Return, {n} sessions, {weights}",
        unit="percent",
        warmup=n - 1,
        needs=(column,),
        bounds=(-100, None),
        source="Returns of one session chained",
    )


def _excess(n: int, weights: str, column: str, market: str) -> Declaration:
    return metric(
        ROTATION,
        name=f"Excess over the market, {n} sessions, {weights}",
        unit="percentage points",
        warmup=n - 1,
        needs=(column, market),
        source="Chained return less that of all ordinary shares",
    )


def _less_market(column: str, market: str, n: int) -> pl.Expr:
    excess = chained_pct(pl.col(column), n) - chained_pct(pl.col(market), n)
    return excess.round(DECIMALS)


@_return(9, "by size", _CAP)
def cap_return_9_pct() -> pl.Expr:
    """Return of the sector's members together, by market cap before each session."""
    return chained_pct(pl.col(_CAP), 9)


@_return(21, "by size", _CAP)
def cap_return_21_pct() -> pl.Expr:
    """Return of the sector's members together, by market cap before each session."""
    return chained_pct(pl.col(_CAP), 21)


@_return(63, "by size", _CAP)
def cap_return_63_pct() -> pl.Expr:
    """Return of the sector's members together, by market cap before each session."""
    return chained_pct(pl.col(_CAP), 63)


@_return(9, "equal weights", _EQUAL)
def equal_return_9_pct() -> pl.Expr:
    """Return of the sector's members, each alike at every session."""
    return chained_pct(pl.col(_EQUAL), 9)


@_return(21, "equal weights", _EQUAL)
def equal_return_21_pct() -> pl.Expr:
    """Return of the sector's members, each alike at every session."""
    return chained_pct(pl.col(_EQUAL), 21)


@_return(63, "equal weights", _EQUAL)
def equal_return_63_pct() -> pl.Expr:
    """Return of the sector's members, each alike at every session."""
    return chained_pct(pl.col(_EQUAL), 63)


@_excess(9, "by size", _CAP, _MARKET_CAP)
def cap_excess_9_points() -> pl.Expr:
    """By how much the sector did better than the market."""
    return _less_market(_CAP, _MARKET_CAP, 9)


@_excess(21, "by size", _CAP, _MARKET_CAP)
def cap_excess_21_points() -> pl.Expr:
    """By how much the sector did better than the market."""
    return _less_market(_CAP, _MARKET_CAP, 21)


@_excess(63, "by size", _CAP, _MARKET_CAP)
def cap_excess_63_points() -> pl.Expr:
    """By how much the sector did better than the market."""
    return _less_market(_CAP, _MARKET_CAP, 63)


@_excess(9, "equal weights", _EQUAL, _MARKET_EQUAL)
def equal_excess_9_points() -> pl.Expr:
    """By how much the sector's average member did better than the market's."""
    return _less_market(_EQUAL, _MARKET_EQUAL, 9)


@_excess(21, "equal weights", _EQUAL, _MARKET_EQUAL)
def equal_excess_21_points() -> pl.Expr:
    """By how much the sector's average member did better than the market's."""
    return _less_market(_EQUAL, _MARKET_EQUAL, 21)


@_excess(63, "equal weights", _EQUAL, _MARKET_EQUAL)
def equal_excess_63_points() -> pl.Expr:
    """By how much the sector's average member did better than the market's."""
    return _less_market(_EQUAL, _MARKET_EQUAL, 63)


def _level(return_pct: str) -> pl.Expr:
    return (1 + pl.col(return_pct) / 100).cum_prod()


@metric(
    ROTATION,
    name="RRG-approx ratio to the market, 14",
    unit="100 + z",
    warmup=RRG_SESSIONS - 1,
    needs=(_CAP, _MARKET_CAP),
    bounds=(_NEUTRAL - _RRG_REACH, _NEUTRAL + _RRG_REACH),
    source="Public z-score approximation of the proprietary JdK RS-Ratio",
)
def rrg_approx_ratio_14() -> pl.Expr:
    """100 + z of the sector's chained level over the market's, by size; null where it stood still.

    Above 100 the sector is ahead of its own average of 14 sessions relative to the market.
    """
    ratio = indicators.rrg_approx_ratio(_level(_CAP), _level(_MARKET_CAP), RRG_SESSIONS)
    return ratio.round(DECIMALS)


@metric(
    ROTATION,
    name="RRG-approx momentum to the market, 14",
    unit="100 + z",
    warmup=2 * RRG_SESSIONS - 1,
    needs=(_RATIO,),
    bounds=(_NEUTRAL - _RRG_REACH, _NEUTRAL + _RRG_REACH),
    source="Public z-score approximation of the proprietary JdK RS-Momentum",
)
def rrg_approx_momentum_14() -> pl.Expr:
    """100 + z of the one-session change of that ratio; null where it did not vary."""
    return indicators.rrg_approx_momentum(pl.col(_RATIO), RRG_SESSIONS).round(DECIMALS)


@metric(
    ROTATION,
    name="Above SMA 50",
    unit="percent",
    warmup=0,
    needs=("above_sma_50", "eligible_sma_50"),
    bounds=(0, 100),
    source="Members above their average over members with 50 sessions",
)
def above_sma_50_pct() -> pl.Expr:
    """Members of the sector whose close is above their average of 50 sessions."""
    return 100 * indicators.ratio(pl.col("above_sma_50"), pl.col("eligible_sma_50"))


def _rank(n: int) -> Declaration:
    return metric(
        RANKS,
        name=f"Rank among sectors, {n} sessions",
        unit="rank",
        warmup=n - 1,
        kind="count",
        needs=(f"cap_excess_{n}_points",),
        bounds=(1, None),
        source="Rank of the excess by size, ties at the better place",
    )


def _place(column: str) -> pl.Expr:
    return pl.col(column).rank("min", descending=True)


@_rank(9)
def rank_9() -> pl.Expr:
    """Place among the sectors of the session, 1 the best."""
    return _place("cap_excess_9_points")


@_rank(21)
def rank_21() -> pl.Expr:
    """Place among the sectors of the session, 1 the best."""
    return _place("cap_excess_21_points")


@_rank(63)
def rank_63() -> pl.Expr:
    """Place among the sectors of the session, 1 the best."""
    return _place("cap_excess_63_points")


SECTOR_ROTATION: list[Metric] = [*ROTATION, *RANKS]
ROTATION_COLUMNS = (
    *KEY,
    "universe_title",
    "is_survivorship_biased",
    "quadrant",
    *(item.id for item in SECTOR_ROTATION),
)


def sector_rotation(
    counts: pl.DataFrame, sessions: pl.DataFrame, since: date | None = None
) -> pl.DataFrame:
    """Every sector at every session: returns, excess over the market, quadrant and rank.

    Args:
        counts: rows of mart.breadth_count, of the sectors and the market; with `since`, those of
            TAIL_SESSIONS before are enough, and no others are read.
        sessions: `session_date` of every trading session.
        since: give the rows of this session and later alone.

    Returns:
        ROTATION_COLUMNS; sorted by KEY. `quadrant` has the RRG-approx ratio across and its
        momentum upward, parted at 100: leading (both at or above), weakening (ratio above,
        momentum below), lagging (both below), improving (ratio below, momentum at or above); null
        without both. Null until warm, never NaN; a session without counts leaves the windows
        over it null. Independent of row order; no row depends on a later session.

    Raises:
        ValueError: as `evaluate` does.
    """
    if since is not None:
        days = sessions["session_date"].unique().sort()
        first = max(days.search_sorted(since) - TAIL_SESSIONS, 0)
        counts = counts.filter(_day >= pl.lit(days).get(first))
    market = _returns(counts.filter(universe=MARKET)).select(
        "session_date",
        pl.col(_CAP).alias(_MARKET_CAP),
        pl.col(_EQUAL).alias(_MARKET_EQUAL),
    )
    sectors = counts.filter(universe_kind="sector")
    bars = (
        _returns(sectors)
        .join(market, on="session_date", how="left", validate="m:1")
        # A run of counts is unbroken as long as there are any.
        .with_columns(close=pl.col("members").cast(pl.Float64))
    )
    return (
        evaluate(bars, ROTATION, subject="universe", sessions=sessions)
        .filter(pl.lit(value=True) if since is None else _day >= since)
        .with_columns(
            item.expression().over("session_date").cast(item.stored_type).alias(item.id)
            for item in RANKS
        )
        .with_columns(_quadrant().alias("quadrant"))
        .join(sectors.select(*KEY, "universe_title", "is_survivorship_biased"), on=KEY, how="left")
        .select(*ROTATION_COLUMNS)
        .sort(KEY)
    )


def _returns(counts: pl.DataFrame) -> pl.DataFrame:
    """The counts with the returns of the session: by size, and each member alike."""
    compared = pl.col("advances") + pl.col("declines") + pl.col("unchanged")
    return counts.with_columns(
        (pl.when(compared > 0).then(pl.col("return_sum_pct") / compared)).alias(_EQUAL),
        pl.when(pl.col("weight_inr") > 0)
        .then(pl.col(weighted_return_sum.__name__) / pl.col("weight_inr"))
        .alias(_CAP),
    )


def _quadrant() -> pl.Expr:
    ahead, gaining = pl.col(_RATIO) >= _NEUTRAL, pl.col(_MOMENTUM) >= _NEUTRAL
    leading, weakening, lagging, improving = map(pl.lit, QUADRANTS)
    told = (
        pl.when(ahead & gaining)
        .then(leading)
        .when(ahead)
        .then(weakening)
        .when(gaining)
        .then(improving)
        .otherwise(lagging)
    )
    return pl.when(ahead.is_not_null() & gaining.is_not_null()).then(told)
