"""How much small and mid caps rose in nine sessions, against their own past."""

from __future__ import annotations

import polars as pl

from transforms.signals.claim import (
    INDEX_SOURCE,
    VERDICT_SCHEMA,
    Graded,
    Inputs,
    claim,
    leg,
)
from transforms.signals.grades import SUPPORTED_FROM_PERCENTILE, by_percentile
from transforms.signals.grid import (
    last_missing,
    momentum_of,
    rank_and_size,
    return_pct,
    session_grid,
    sigma_60,
)
from transforms.signals.random_walk import survival_fixed, survival_from_low
from transforms.signals.rebounds import WINDOW, starts_at_low
from transforms.signals.wording import number, percent

SMALLCAP_100 = "nifty-smallcap-100"
MIDCAP_100 = "nifty-midcap-100"
MIDCAP_150 = "nifty-midcap-150"
MIDCAP_SELECT = "nifty-midcap-select"

_HIGH_RANK = f"percentile >= {SUPPORTED_FROM_PERCENTILE:g}"
_NULL_MODEL = (
    "Driftless Gaussian random walk with the sd of the 60 log returns before the window rises as "
    "much in a fixed window of 9 sessions; where the window starts at a local low (60 sessions "
    "back, 9 forward), in a window that starts at a low"
)


@claim(
    article_row=1,
    statement="The Nifty Smallcap 100 surged in nine trading sessions",
    unit="percent",
    window_sessions=WINDOW,
    threshold=f"9-session return in the top fifth of its history: {_HIGH_RANK}",
    null_model=_NULL_MODEL,
    citation="Riskon convention: percentile of a directional metric",
    sql="""
        SELECT session_date, return_9_pct AS value, return_9_pct_percentile AS percentile
        FROM mart.index_momentum
        WHERE index_id = 'nifty-smallcap-100' AND session_date = {session_date}
    """,
    indices=(SMALLCAP_100,),
    reads=("index",),
)
def smallcap_rise_9_sessions(inputs: Inputs) -> Graded:
    """Legs: 8 sessions (nine closes, as some count), 9 and 10."""
    frame = _risen(inputs, SMALLCAP_100)
    legs = [_return_leg(frame, f"return_{n}", f"return_{n}_pct", n) for n in (8, WINDOW, 10)]
    return Graded(_verdict(frame, "Nifty Smallcap 100"), pl.concat(legs))


@claim(
    article_row=2,
    statement="Mid caps rose with them over the same nine sessions",
    unit="percent",
    window_sessions=WINDOW,
    threshold=f"9-session return of Nifty Midcap 100 in the top fifth of its history: {_HIGH_RANK}",
    null_model=_NULL_MODEL,
    citation="Riskon convention: percentile of a directional metric",
    sql="""
        SELECT session_date, return_9_pct AS value, return_9_pct_percentile AS percentile
        FROM mart.index_momentum
        WHERE index_id = 'nifty-midcap-100' AND session_date = {session_date}
    """,
    indices=(MIDCAP_100, MIDCAP_150, MIDCAP_SELECT),
    version=2,
    reads=("index",),
)
def midcap_rise_same_window(inputs: Inputs) -> Graded:
    """Legs: Midcap 100, which grades, and the two other indices "midcap" may mean."""
    frame = _risen(inputs, MIDCAP_100)
    legs = [_return_leg(frame, "midcap_100", "return_9_pct", WINDOW)]
    for name, index_id in (("midcap_150", MIDCAP_150), ("midcap_select", MIDCAP_SELECT)):
        legs.append(_return_leg(_risen(inputs, index_id), name, "return_9_pct", WINDOW))
    return Graded(_verdict(frame, "Nifty Midcap 100"), pl.concat(legs))


def _risen(inputs: Inputs, index_id: str) -> pl.DataFrame:
    """Returns over 8, 9 and 10 sessions with ranks and what luck does, one row a session."""
    close = pl.col("close")
    frame = momentum_of(
        inputs,
        session_grid(inputs, close=index_id),
        index_id,
        "return_9_pct",
        "return_9_pct_percentile",
    )
    frame = frame.with_columns(
        return_8_pct=return_pct(close, 8),
        return_10_pct=return_pct(close, 10),
        sigma=sigma_60(close).shift(WINDOW),
        starts_at_low=starts_at_low(close, WINDOW),
    ).with_columns(
        *rank_and_size("return_8_pct"),
        *rank_and_size("return_10_pct"),
        rank_and_size("return_9_pct")[1],
        log_rise=(pl.col("return_9_pct") / 100).log1p(),
        # A window without movement before it has no scale to be lucky on.
        sigma=pl.when(pl.col("sigma") > 0).then("sigma"),
    )
    rise, sigma = (
        frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        for name in ("log_rise", "sigma")
    )
    return frame.with_columns(
        pl.Series("fixed_probability", survival_fixed(rise, sigma, WINDOW)).fill_nan(None),
        pl.Series("from_low_probability", survival_from_low(rise, sigma, WINDOW)).fill_nan(None),
    )


def _return_leg(frame: pl.DataFrame, name: str, metric: str, sessions: int) -> pl.DataFrame:
    percentile = pl.col(f"{metric}_percentile")
    return leg(
        frame,
        name,
        # Of the three, the momentum table declares the return over nine alone.
        metric=metric if sessions == WINDOW else f"return over {sessions} sessions",
        unit="percent",
        threshold=_HIGH_RANK,
        value=pl.col(metric),
        holds=percentile >= SUPPORTED_FROM_PERCENTILE,
        source=INDEX_SOURCE,
        window_sessions=sessions,
        percentile=percentile,
        sample_size=pl.col(f"{metric}_sample"),
    )


def _verdict(frame: pl.DataFrame, title: str) -> pl.DataFrame:
    value, percentile = pl.col("return_9_pct"), pl.col("return_9_pct_percentile")
    is_from_low = pl.col("starts_at_low").fill_null(value=False)
    luck = (
        pl.when(pl.col("fixed_probability").is_null())
        .then(pl.lit("no odds: the 60 returns before the window are not all held"))
        .when(is_from_low)
        .then(
            pl.format(
                "the window starts at a local low, from which luck does as much in {} of cases "
                "(fixed window {})",
                percent(100 * pl.col("from_low_probability")),
                percent(100 * pl.col("fixed_probability")),
            )
        )
        .otherwise(
            pl.format(
                "luck does as much in {} of fixed windows (from a low {})",
                percent(100 * pl.col("fixed_probability")),
                percent(100 * pl.col("from_low_probability")),
            )
        )
    )
    moved = pl.format("{} moved {} in 9 sessions", pl.lit(title), percent(value, 2))
    reasons = (
        pl.when(pl.col("close").is_null())
        .then(pl.lit(f"{INDEX_SOURCE} has no close of {title} for this session"))
        .when(value.is_null())
        .then(
            pl.format(
                f"{INDEX_SOURCE} lacks a close of {title} in the 9 sessions before: {{}}",
                last_missing(pl.col("close")),
            )
        )
        .when(percentile.is_null())
        .then(
            pl.format(
                f"{{}}; {INDEX_SOURCE} holds {{}} such returns, 756 are needed to rank",
                moved,
                "return_9_pct_sample",
            )
        )
        .otherwise(
            pl.format(
                "{}, percentile {} of {} such returns so far; {}",
                moved,
                number(percentile, 1),
                number(pl.col("return_9_pct_sample")),
                luck,
            )
        )
    )
    return frame.select(
        "session_date",
        grade=by_percentile(percentile),
        value=value,
        percentile=percentile,
        null_probability=pl.when(is_from_low)
        .then("from_low_probability")
        .otherwise("fixed_probability"),
        sample_size="return_9_pct_sample",
        reasons=reasons,
    ).cast(pl.Schema(VERDICT_SCHEMA))
