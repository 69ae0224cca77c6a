"""Whether small caps lag in the weeks in which defensive sectors lead."""

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
from transforms.signals.grades import CONTRADICTED, NOT_SUPPORTED, SUPPORTED, UNTESTABLE
from transforms.signals.quarterly import association_of, nothing_studied, quarter_in_words
from transforms.signals.wording import number
from warehouse.tables.signals import Association

RELATION = "participation_is_defensive"
WEEK = 5
"""Sessions of one change; the correlation takes those of all history."""


@claim(
    article_row=14,
    statement="Weak participation of small caps goes with a turn to defensive shares",
    unit="correlation",
    window_sessions=WEEK,
    threshold=(
        "weekly changes of Nifty Smallcap 100 over Nifty 50 and of defensive over cyclical "
        "sectors, both freed of beta to Nifty 500, correlate below 0, the 95% interval with them"
    ),
    null_model="No correlation beyond shared beta (stationary bootstrap, two-sided)",
    citation="Politis and Romano, J. American Statistical Association 89 (1994); baskets: Riskon "
    "convention",
    sql="""
        SELECT {session_date} AS session_date, through_date, value, low, high, p_value, sample_size
        FROM mart.association
        WHERE association_id = 'participation_is_defensive' AND through_date = {through_date}
    """,
    sql_without="""
        SELECT max(through_date) AS last_studied, CAST(NULL AS DOUBLE) AS value
        FROM mart.association WHERE through_date < {session_date}
    """,
    bearing="background",
    reads=("index",),
)
def weak_participation_is_defensive(inputs: Inputs) -> Graded:
    """Two-sided; an interval that takes in 0 tells nothing and is no part of a proof."""
    frame = association_of(inputs, RELATION)
    legs = leg(
        frame,
        RELATION,
        metric="partial correlation of weekly changes, given Nifty 500",
        unit="correlation",
        threshold="95% interval below 0",
        value=pl.col("value"),
        holds=pl.col("high") < 0,
        source=INDEX_SOURCE,
        sample_size=pl.col("sample_size"),
    )
    return Graded(_verdict(frame, inputs), legs)


def _verdict(frame: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    value, low, high = (pl.col(name) for name in ("value", "low", "high"))
    grade = (
        pl.when(low.is_null() | high.is_null())
        .then(pl.lit(UNTESTABLE))
        .when(high < 0)
        .then(pl.lit(SUPPORTED))
        .when(low > 0)
        .then(pl.lit(CONTRADICTED))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    meant = (
        pl.when(high < 0)
        .then(pl.lit("small caps lag when defensive shares lead"))
        .when(low > 0)
        .then(pl.lit("small caps gain when defensive shares lead, the opposite of the claim"))
        .otherwise(pl.lit("the interval takes in 0, so that no relation is shown"))
    )
    reasons = pl.coalesce(
        nothing_studied(inputs, Association.table),
        pl.format(
            "{}, over {} weeks: correlation {} (95% interval {} to {}) beyond shared beta; {}",
            quarter_in_words(),
            number(pl.col("sample_size")),
            number(value, 2),
            number(low, 2),
            number(high, 2),
            meant,
        ),
        pl.format(f"{{}}, {INDEX_SOURCE} gives no estimate: {{}}", quarter_in_words(), "missing"),
        pl.format(f"{{}}, {INDEX_SOURCE}: this relation was not studied", quarter_in_words()),
    )
    base = {
        "session_date": pl.col("session_date"),
        "grade": grade,
        "value": value,
        "percentile": pl.lit(None),
        "null_probability": pl.col("p_value"),
        "sample_size": pl.col("sample_size"),
        "reasons": reasons,
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()],
        through_date=pl.when(value.is_not_null()).then("through_date"),
    )
