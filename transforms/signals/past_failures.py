"""What followed the recoveries that failed, and any other session of a recovery."""

from __future__ import annotations

import numpy as np
import polars as pl

from transforms.signals.claim import Inputs
from transforms.signals.grid import sigma_60
from transforms.signals.level_grades import LEAST_FAILURES, LEAST_RECOVERIES, NEW_LOW_SESSIONS
from transforms.signals.level_grid import least_held, regime_of
from transforms.signals.regime_rules import CONFIDENCE
from transforms.signals.regime_table import FAILED, RECOVERIES
from transforms.signals.size_indices import HEADLINE
from transforms.signals.triple_barrier import barrier_odds

WINDOW = int(NEW_LOW_SESSIONS.value)
LEAST = int(LEAST_FAILURES.value)
LEAST_BASE = int(LEAST_RECOVERIES.value)
_Z = CONFIDENCE.value


def past_failures(inputs: Inputs, rules: str) -> pl.DataFrame:
    """What was decided by each session of past failures, and of all recovery sessions.

    Of failures above the same low the first alone counts: the others wait for the same new low,
    within sessions that overlap, and would pass for trials of their own.

    Args:
        inputs: frames of the warehouse; reads regimes and transitions.
        rules: the set of rules.

    Returns:
        One row a session, oldest first: session_date, rules, failures whose time is over,
        new_lows among them, failures_with_luck; recoveries (sessions) and recoveries_with_low;
        rate, base_rate, luck (mean odds of a driftless walk from where the failures stood),
        interval_low and interval_high (95%, Wilson), probabilities, null until there are enough.
    """
    state, close, low = (pl.col(name) for name in ("state", "close", "low_close"))
    held = inputs.transitions
    failed_on = (
        held.filter(
            pl.col("index_id") == HEADLINE,
            pl.col("rules") == rules,
            pl.col("to_state") == FAILED,
        ).select(pl.col("session_date").unique())
        if held.width
        else pl.DataFrame(schema={"session_date": pl.Date})
    )
    after = close.reverse().shift(1)
    is_recovery = state.is_in(RECOVERIES)
    frame = regime_of(inputs, rules)
    return (
        frame.with_columns(luck=_luck(frame))
        .join(
            failed_on.with_columns(is_failure=pl.lit(value=True)),
            on="session_date",
            how="left",
            maintain_order="left",
        )
        .with_columns(
            is_failure=pl.col("is_failure")
            & pl.struct("is_failure", "low_date").is_first_distinct()
        )
        .with_columns(
            lowest=after.rolling_min(WINDOW, min_samples=1).reverse(),
            closes=after.is_not_null().cast(pl.Int64).rolling_sum(WINDOW).reverse(),
        )
        .with_columns(
            is_low=pl.when((pl.col("closes") >= least_held(WINDOW)) & low.is_not_null()).then(
                pl.col("lowest") < low
            )
        )
        .select(
            "session_date",
            rules=pl.lit(rules),
            **{
                name: (is_counted & pl.col("is_low").is_not_null() & is_true)
                .fill_null(value=False)
                .shift(WINDOW, fill_value=False)
                .cum_sum()
                .cast(pl.Int64)
                for name, is_counted, is_true in (
                    ("failures", pl.col("is_failure"), pl.lit(value=True)),
                    ("new_lows", pl.col("is_failure"), pl.col("is_low")),
                    ("recoveries", is_recovery, pl.lit(value=True)),
                    ("recoveries_with_low", is_recovery, pl.col("is_low")),
                    ("failures_with_luck", pl.col("is_failure"), pl.col("luck").is_not_null()),
                )
            },
            luck=pl.when(pl.col("is_failure") & pl.col("is_low").is_not_null())
            .then("luck")
            .fill_null(0)
            .shift(WINDOW, fill_value=0)
            .cum_sum(),
        )
        .with_columns(
            rate=pl.when(pl.col("failures") > 0).then(pl.col("new_lows") / pl.col("failures")),
            luck=pl.when(pl.col("failures_with_luck") > 0).then(
                pl.col("luck") / pl.col("failures_with_luck")
            ),
            base_rate=pl.when(pl.col("recoveries") >= LEAST_BASE).then(
                pl.col("recoveries_with_low") / pl.col("recoveries")
            ),
        )
        .with_columns(_interval())
    )


def _luck(frame: pl.DataFrame) -> pl.Series:
    """Odds that a driftless walk from each close falls below the low in time; null unmeasured."""
    close, low = pl.col("close"), pl.col("low_close")
    measured = frame.select(
        distance=pl.when(close >= low).then((close / low).log()),
        sigma=pl.when(sigma_60(close) > 0).then(sigma_60(close)),
    )
    distance, sigma = (
        measured[name].fill_null(float("nan")).to_numpy() for name in measured.columns
    )
    odds, _ = barrier_odds(distance, np.full_like(distance, np.inf), sigma, WINDOW)
    return pl.Series("luck", odds).fill_nan(None)


def _interval() -> list[pl.Expr]:
    """Wilson's interval of the rate, null below the least number of failures."""
    count, rate = pl.col("failures"), pl.col("rate")
    middle = (rate + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    half = (rate * (1 - rate) / count + _Z**2 / (4 * count**2)).sqrt() * _Z / (1 + _Z**2 / count)
    is_enough = count >= LEAST
    return [
        pl.when(is_enough).then(middle - half).alias("interval_low"),
        pl.when(is_enough).then(middle + half).alias("interval_high"),
    ]
