"""How high beta did against low, in shares and in indices, and what beta leaves of it."""

from __future__ import annotations

import polars as pl

from transforms.metrics.momentum import NIFTY_500
from transforms.signals.breadth_grid import leadership_of
from transforms.signals.claim import Inputs
from transforms.signals.grid import momentum_of, rank_and_size, return_pct, session_grid
from transforms.universes import MARKET
from warehouse.tables.signals import RiskAppetite
from warehouse.tables.table import schema

SESSIONS, YEAR, LEAST_OF_YEAR = 21, 252, 126
HIGH_BETA, LOW_VOLATILITY = "nifty-high-beta-50", "nifty-low-volatility-50"
INDIA_VIX = "india-vix"
UNIVERSES = (NIFTY_500, MARKET)
"""Members of a list first; every ordinary share, which needs none, stands in."""
SPREAD = f"beta_spread_{SESSIONS}_points"
# Sums of products differ in their last bits between orders of adding: no rank may hang on them.
_DECIMALS = 9
# A flag speaks of a session and the 9 before it: so many cover the window and the day it began on.
_FLAGS = SESSIONS - 9 + 1


def high_beta_series(inputs: Inputs) -> pl.DataFrame:
    """Both measures of high beta at every session, their ranks, and the one that grades.

    The spread of shares grades where it can be ranked, else the difference of the two indices.

    Returns:
        One row a session, oldest first: session_date; `spread` (shares, percentage points, of
        `universe`), `pair` (indices) and what is `left` of the one that grades beyond beta, each
        with `_percentile` and `_sample`; `spread_is_biased`; `vix` with its rank; `composite`;
        `moved` (Nifty 500, percent); `value`, `rank` and `sample` of the measure that grades,
        is_by_shares; left_is_own (what is left is of the spread itself). Null until warm.
    """
    grid = session_grid(inputs, market=NIFTY_500, vix=INDIA_VIX).with_columns(
        moved=return_pct(pl.col("market"), SESSIONS)
    )
    for index_id, prefix in ((HIGH_BETA, "high_"), (LOW_VOLATILITY, "low_")):
        metrics = (f"return_{SESSIONS}_pct", "beta_252_nifty_500")
        grid = momentum_of(inputs, grid, index_id, *metrics, prefix=prefix)
    high, low = (pl.col(f"{one}_return_{SESSIONS}_pct") for one in ("high", "low"))
    extra = pl.col("high_beta_252_nifty_500") - pl.col("low_beta_252_nifty_500")
    frame = (
        grid.with_columns(
            pair=high - low,
            # Betas of the session on which the window began: the window must not explain itself.
            pair_left=(high - low - extra.shift(SESSIONS) * pl.col("moved")).round(_DECIMALS),
            pair_ranked=(high - low).round(_DECIMALS),
        )
        .with_columns(
            rank_and_size("pair_ranked")[0].alias("pair_percentile"),
            rank_and_size("pair_ranked")[1].alias("pair_sample"),
            *rank_and_size("pair_left"),
            *rank_and_size("vix"),
        )
        .with_columns(*_appetite(inputs, grid))
    )
    frame = _with_spread(frame, inputs)
    by_shares = pl.col("spread_percentile").is_not_null()
    own_left = pl.col("spread_left_percentile").is_not_null()
    return frame.with_columns(
        value=pl.when(by_shares).then("spread").otherwise("pair"),
        rank=pl.when(by_shares).then("spread_percentile").otherwise("pair_percentile"),
        sample=pl.when(by_shares).then("spread_sample").otherwise("pair_sample"),
        is_by_shares=by_shares,
        left_is_own=own_left,
        **{
            f"left{part}": pl.when(own_left)
            .then(f"spread_left{part}")
            .otherwise(f"pair_left{part}")
            for part in ("", "_percentile", "_sample")
        },
    )


def _appetite(inputs: Inputs, grid: pl.DataFrame) -> list[pl.Series]:
    held = inputs.appetite
    rows = held if held.width else pl.DataFrame(schema=schema(RiskAppetite))
    one = rows.select("session_date", "composite")
    return [grid.join(one, on="session_date", how="left", maintain_order="left")["composite"]]


def _with_spread(frame: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """The frame with the spread of the first universe that can be ranked, else of the first held.

    `spread_left` is what the market's move leaves of it: less the move times the spread's own
    slope on such moves over the YEAR that ended when the window began.
    """
    moved = frame["moved"]
    told = []
    for universe in UNIVERSES:
        one = leadership_of(inputs, universe, (SPREAD, f"{SPREAD}_percentile")).select(
            "session_date",
            spread=SPREAD,
            spread_percentile=f"{SPREAD}_percentile",
            spread_is_biased=pl.col("is_biased").cast(pl.Int8).rolling_max(_FLAGS, min_samples=1)
            > 0,
            universe=pl.lit(universe),
        )
        told.append(
            one.with_columns(moved=moved)
            .with_columns(
                rank_and_size("spread")[1],
                spread_left=(
                    pl.col("spread")
                    - _slope(pl.col("spread"), pl.col("moved")).shift(SESSIONS) * pl.col("moved")
                ).round(_DECIMALS),
            )
            .with_columns(*rank_and_size("spread_left"))
            .select(pl.exclude("moved", "session_date").name.prefix(f"{universe}:"))
        )
    listed, all_shares = UNIVERSES
    frame = pl.concat([frame, *told], how="horizontal")
    is_listed = (
        pl.col(f"{listed}:spread_percentile").is_not_null()
        | pl.col(f"{all_shares}:spread_percentile").is_null()
    )
    names = [name.removeprefix(f"{listed}:") for name in told[0].columns]
    return frame.select(
        ~pl.selectors.starts_with(f"{listed}:", f"{all_shares}:"),
        *[
            pl.when(is_listed)
            .then(f"{listed}:{name}")
            .otherwise(f"{all_shares}:{name}")
            .alias(name)
            for name in names
        ],
    )


def _slope(value: pl.Expr, on: pl.Expr) -> pl.Expr:
    """Least-squares slope over YEAR sessions or LEAST_OF_YEAR; null where `on` stands still."""
    is_both = value.is_not_null() & on.is_not_null()
    value, on = (pl.when(is_both).then(one) for one in (value, on))
    spread = on.rolling_var(YEAR, min_samples=LEAST_OF_YEAR)
    shared = pl.rolling_cov(value, on, window_size=YEAR, min_samples=LEAST_OF_YEAR)
    return pl.when(spread > 10.0**-_DECIMALS).then(shared / spread)
