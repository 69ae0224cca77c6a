"""What the regime machine reads at each session: measures of the closes, and the static legs."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import polars as pl

from transforms import indicators
from transforms.corrections import with_basis
from transforms.metrics.flow_rows import BOTH
from transforms.signals import regime_rules as rules
from transforms.signals.claim import Inputs
from transforms.signals.flow_series import STAGE, foreign_series
from transforms.signals.follow_through import follows
from transforms.signals.rebounds import rebounds
from transforms.signals.regime_breadth import with_breadth
from transforms.universes import MARKET

_GAP, _YEAR = int(rules.MOST_GAP.value), int(rules.YEAR.value)
_SHORT, _MIDDLE = int(rules.SHORT_MEAN.value), int(rules.MIDDLE_MEAN.value)
_LONG, _TREND = int(rules.LONG_MEAN.value), int(rules.TREND_WINDOW.value)
_ATR = int(rules.ATR_SESSIONS.value)
_KEY = ["index_id", "session_date"]
_close = pl.col("close")


@dataclass(frozen=True)
class Sources:
    """What the machine reads: frames in any row order.

    bars            index_id, session_date, high, low, close, turnover_inr (Float64, price return)
    sessions        columns of core.trading_session
    zones           mart.zone, of rank 1 at least
    breadth         mart.breadth of the indices of bars and the market; may have no columns
    breadth_counts  session_date, universe, turnover_inr of the market; may have no columns
    flow            mart.flow; may have no columns
    earnings        mart.earnings; may have no columns
    """

    bars: pl.DataFrame
    sessions: pl.DataFrame
    zones: pl.DataFrame
    breadth: pl.DataFrame
    breadth_counts: pl.DataFrame
    flow: pl.DataFrame
    earnings: pl.DataFrame


def measured(sources: Sources) -> pl.DataFrame:
    """One row an index and session, from its first bar to the last session, sorted by both.

    Windows take the closes held where LEAST_HELD of their sessions have one, and begin anew after
    more than MOST_GAP sessions without and where the index was restated on another scale.

    Returns:
        index_id, session_date, run (of windows), age (sessions of the run before this one), close,
        low (the close where none is known), is_up, drawdown_252_pct, high_251 and mean_19,
        mean_49, mean_199 (of tomorrow's windows, what is known today), sma_20, sma_50, sma_200,
        atr_14, above_of_7, below_of_7, rebound_threshold_pct, follows, support_lower,
        resistance_upper, breadth_thrust, and the legs that no low is needed for.
    """
    grid = _windows(_on_sessions(sources.bars, sources.sessions))
    market = _market_turnover(sources.breadth_counts)
    grid = follows(grid.join(market, on="session_date", how="left", maintain_order="left"))
    for edges in (
        _nearest(sources.zones, "support", "lower"),
        _nearest(sources.zones, "resistance", "upper"),
    ):
        grid = grid.join(edges, on=_KEY, how="left", maintain_order="left")
    grid = grid.join(_flow_leg(sources), on="session_date", how="left", maintain_order="left")
    grid = grid.join(_results_leg(sources), on="session_date", how="left", maintain_order="left")
    return _thresholds(with_breadth(grid, sources.breadth))


def _on_sessions(bars: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """Bars on every session since an index's first, with the run they belong to."""
    days = (
        sessions.select("session_date", "is_short")
        .unique("session_date")
        .sort("session_date")
        .with_columns(day=pl.int_range(pl.len(), dtype=pl.Int64))
    )
    held = (
        with_basis(
            # Publishers print 0 where they count none.
            bars.select(
                *_KEY,
                *("high", "low", "close"),
                turnover_inr=pl.when(pl.col("turnover_inr") > 0).then("turnover_inr"),
            )
            .filter(_close.is_finite() & (_close > 0))
            .sort(_KEY)
        )
        .join(days.select("session_date", "day"), on="session_date", how="inner")
        .sort(_KEY)
    )
    gap = pl.col("day").diff().over("index_id") - 1
    is_other_scale = pl.col("basis").diff().over("index_id") != 0
    held = held.with_columns(
        run=((gap > _GAP) | is_other_scale).fill_null(value=False).cum_sum().over("index_id"),
        # An index known by closes alone has lows of closes, and so has a bar that contradicts
        # itself.
        high=pl.when(pl.col("high") >= _close).then("high").otherwise("close"),
        low=pl.when(pl.col("low").is_between(0, _close, closed="right"))
        .then("low")
        .otherwise("close"),
        last_held=_close.shift(1).over("index_id"),
    ).with_columns(
        atr_14=indicators.atr(pl.col("high"), pl.col("low"), _close, _ATR).over("index_id", "run")
    )
    first = held.group_by("index_id").agg(first=pl.col("day").min())
    return (
        first.join(days, how="cross")
        .filter(pl.col("day") >= pl.col("first"))
        .join(held.drop("day", "basis"), on=_KEY, how="left")
        .sort(_KEY)
        .with_columns(pl.col("run").forward_fill().over("index_id"))
        .with_columns(
            age=pl.int_range(pl.len(), dtype=pl.Int64).over("index_id", "run"),
            last_close=_close.shift(1).over("index_id", "run"),
            is_up=_close > pl.col("last_held"),
        )
    )


def _least(sessions: int) -> int:
    # A whole number of percent times sessions is exact; a fraction of a session is a session.
    return ceil(sessions * rules.LEAST_HELD.value / 100)


def _known(sessions: int) -> pl.Expr:
    """Whether a window has enough closes, and this session one."""
    return (
        _close.is_not_null()
        & (pl.col("age") >= sessions - 1)
        & (_close.is_not_null().cast(pl.Int32).rolling_sum(sessions) >= _least(sessions))
    )


def _over_run(value: pl.Expr, sessions: int) -> pl.Expr:
    return pl.when(_known(sessions)).then(value).over("index_id", "run")


def _mean(sessions: int) -> pl.Expr:
    """Mean of the closes held, without the last bits that a rolling sum leaves."""
    mean = _close.rolling_mean(sessions, min_samples=1).round_sig_figs(12)
    return _over_run(mean, sessions)


def _windows(grid: pl.DataFrame) -> pl.DataFrame:
    sigma = int(rules.SIGMA_SESSIONS.value)
    change = (_close / pl.col("last_close")).log()
    high = _over_run(_close.rolling_max(_YEAR, min_samples=1), _YEAR)
    grid = grid.with_columns(
        drawdown_252_pct=(100 * (_close / high - 1)).round(9),
        high_251=_over_run(_close.rolling_max(_YEAR - 1, min_samples=1), _YEAR - 1),
        sma_20=_mean(_SHORT),
        sma_50=_mean(_MIDDLE),
        sma_200=_mean(_LONG),
        mean_19=_mean(_SHORT - 1),
        mean_49=_mean(_MIDDLE - 1),
        mean_199=_mean(_LONG - 1),
        sigma_60=_over_run(change.rolling_std(sigma, min_samples=_least(sigma)), sigma + 1),
        # Wilder's average of n weighs as an exponential one of 2n - 1.
        atr_14=_over_run(pl.col("atr_14"), 2 * _ATR - 1),
    )
    is_known = pl.col("sma_200").is_not_null()
    return (
        grid.with_columns(
            pl.when(is_known)
            .then(side.cast(pl.Int64).rolling_sum(_TREND, min_samples=1))
            .over("index_id", "run")
            .alias(name)
            for name, side in (
                ("above_of_7", _close > pl.col("sma_200")),
                ("below_of_7", _close < pl.col("sma_200")),
            )
        )
        .with_columns(
            leg_above_averages=_close > pl.max_horizontal("sma_20", "sma_50"),
            below_averages=_close < pl.min_horizontal("sma_20", "sma_50"),
        )
        .with_columns(
            pl.when(pl.all_horizontal(pl.col("sma_20", "sma_50").is_not_null())).then(
                pl.col("leg_above_averages", "below_averages")
            )
        )
    )


def _market_turnover(counts: pl.DataFrame) -> pl.DataFrame:
    if counts.width == 0:
        return pl.DataFrame(schema={"session_date": pl.Date, "market_turnover_inr": pl.Float64})
    return counts.filter(pl.col("universe") == MARKET).select(
        "session_date", market_turnover_inr=pl.col("turnover_inr").cast(pl.Float64)
    )


def _nearest(zones: pl.DataFrame, kind: str, edge: str) -> pl.DataFrame:
    name = f"{kind}_{edge}"
    if zones.width == 0:
        return pl.DataFrame(
            schema={"index_id": pl.String, "session_date": pl.Date, name: pl.Float64}
        )
    return zones.filter((pl.col("kind") == kind) & (pl.col("zone_rank") == 1)).select(
        *_KEY, pl.col(edge).alias(name)
    )


def _flow_leg(sources: Sources) -> pl.DataFrame:
    """FII and DII together, in the scope that the session is judged by."""
    if sources.flow.width == 0:
        return pl.DataFrame(schema={"session_date": pl.Date, "leg_flows": pl.Boolean})
    none = pl.DataFrame()
    read = Inputs(sources.sessions, none, none, sources.flow, none)
    ranked = sources.flow.filter(
        (pl.col("participant") == BOTH) & (pl.col("stage") == STAGE)
    ).select("session_date", "scope", rank="net_sum_10_crore_percentile")
    judged = foreign_series(read, ["net_sum_10_both"]).select("session_date", "scope")
    return judged.join(ranked, on=["session_date", "scope"], how="left").select(
        "session_date", leg_flows=pl.col("rank").round(9) >= rules.FLOWS.value
    )


def _results_leg(sources: Sources) -> pl.DataFrame:
    if sources.earnings.width == 0:
        return pl.DataFrame(schema={"session_date": pl.Date, "leg_results": pl.Boolean})
    return sources.earnings.filter(pl.col("universe") == MARKET).select(
        "session_date",
        leg_results=pl.col("surprise_diffusion_pct") > rules.DIFFUSION.value,
    )


def _thresholds(grid: pl.DataFrame) -> pl.DataFrame:
    """With the rise a rebound takes: the median of those known so far, if it is more."""
    found = [
        rebounds(one.select("session_date", "close")).select(
            "end_date", "return_pct", index_id=pl.lit(index_id)
        )
        for (index_id, _run), one in grid.group_by("index_id", "run", maintain_order=True)
    ]
    if not found:
        return grid.with_columns(rebound_threshold_pct=pl.lit(None, pl.Float64))
    rises = pl.concat(found).sort("index_id", "end_date")
    least = int(rules.LEAST_REBOUNDS.value)
    # A window wider than all: it only ever grows.
    median = pl.col("return_pct").rolling_median(max(rises.height, least), min_samples=least)
    known = rises.select(
        "index_id", session_date="end_date", median=median.round(9).over("index_id")
    )
    return (
        grid.join(known, on=_KEY, how="left", maintain_order="left")
        .with_columns(
            rebound_threshold_pct=pl.max_horizontal(
                pl.lit(rules.LEAST_RISE.value), pl.col("median").forward_fill().over("index_id")
            )
        )
        .drop("median")
    )
