"""Whether the money of foreign institutions grows steady."""

from __future__ import annotations

import polars as pl

from transforms.metrics.flows_of_funds import BEFORE
from transforms.signals.claim import (
    FLOW_SOURCE,
    VERDICT_SCHEMA,
    Graded,
    Inputs,
    claim,
    leg,
)
from transforms.signals.flow_series import (
    BASE_RATE,
    BEFORE_SUM,
    WINDOW,
    foreign_series,
    hole_in_words,
    no_row_in_words,
    series_in_words,
    with_base_rate,
)
from transforms.signals.grades import (
    CONTRADICTED,
    NOT_SUPPORTED,
    PARTLY,
    SUPPORTED,
    UNTESTABLE,
)
from transforms.signals.wording import number, rupees_crore

_PARTS = ("improves", "is_calmer", "does_not_sell")
_DECISIVE = ("net_sum_20_slope", "net_sd_10_ratio", "net_sum_10_crore")


@claim(
    article_row=5,
    statement="Flows of foreign institutions stabilise",
    unit="Rs crore a session",
    window_sessions=BEFORE_SUM,
    threshold=(
        "20-session net rises over 5 sessions, nets of 10 sessions swing no more than those of "
        f"the {BEFORE} before, 10-session net >= 0; two of the three are PARTLY"
    ),
    null_model=BASE_RATE,
    citation="Riskon convention",
    sql="""
        SELECT session_date, net_sum_20_slope AS value,
          net_sum_20_slope_percentile AS percentile, net_sd_10_ratio, net_sum_10_crore
        FROM mart.flow
        WHERE participant = 'FII' AND stage = 'provisional' AND scope = {scope}
          AND session_date = {session_date}
    """,
    sql_without="""
        SELECT session_date, scope, stage, net_crore, NULL::DOUBLE AS value
        FROM core.trading_session LEFT JOIN (
          SELECT * FROM mart.flow WHERE participant = 'FII' AND stage = 'provisional')
          USING (session_date)
        WHERE session_date <= {session_date} ORDER BY session_date DESC, scope LIMIT 80
    """,
    reads=("flow",),
)
def foreign_flows_stabilise(inputs: Inputs) -> Graded:
    """Stable inflows: the trend improves, the days swing less, and on balance nothing leaves.

    Each alone misleads: a trend may be one large day, calm may be steady selling, and a balance
    may be of wild days.
    """
    ruled = foreign_series(inputs, _DECISIVE).with_columns(
        improves=pl.col("net_sum_20_slope") > 0,
        is_calmer=pl.col("net_sd_10_ratio") <= 1,
        does_not_sell=pl.col("net_sum_10_crore") >= 0,
    )
    is_testable = pl.all_horizontal(pl.col(_PARTS).is_not_null())
    frame = with_base_rate(
        ruled.with_columns(
            parts=pl.when(is_testable).then(
                pl.sum_horizontal(pl.col(part).cast(pl.Int64) for part in _PARTS)
            )
        ).with_columns(is_stable=pl.col("parts") == len(_PARTS)),
        "is_stable",
    )
    legs = [
        leg(
            frame,
            "improves",
            metric="net_sum_20_slope",
            unit="Rs crore a session",
            threshold="> 0",
            value=pl.col("net_sum_20_slope"),
            holds=pl.col("improves"),
            source=FLOW_SOURCE,
            window_sessions=BEFORE_SUM,
        ),
        leg(
            frame,
            "calmer",
            metric="net_sd_10_ratio",
            unit="ratio",
            threshold="<= 1",
            value=pl.col("net_sd_10_ratio"),
            holds=pl.col("is_calmer"),
            source=FLOW_SOURCE,
            window_sessions=WINDOW,
        ),
        leg(
            frame,
            "does_not_sell",
            metric="net_sum_10_crore",
            unit="Rs crore",
            threshold=">= 0",
            value=pl.col("net_sum_10_crore"),
            holds=pl.col("does_not_sell"),
            source=FLOW_SOURCE,
            window_sessions=WINDOW,
        ),
    ]
    return Graded(_verdict(frame), pl.concat(legs))


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    parts = pl.col("parts")
    grade = (
        pl.when(parts.is_null())
        .then(pl.lit(UNTESTABLE))
        .when(parts == len(_PARTS))
        .then(pl.lit(SUPPORTED))
        .when(parts == len(_PARTS) - 1)
        .then(pl.lit(PARTLY))
        .when(parts > 0)
        .then(pl.lit(NOT_SUPPORTED))
        .otherwise(pl.lit(CONTRADICTED))
    )
    reasons = (
        pl.when(pl.col("scope").is_null())
        .then(no_row_in_words())
        .when(parts.is_null())
        .then(
            pl.format(
                f"{FLOW_SOURCE} lacks one of the last {BEFORE + WINDOW} sessions, or their nets "
                "never vary: {} ({})",
                hole_in_words(),
                series_in_words(),
            )
        )
        .otherwise(
            pl.format(
                "20-session net changes by {} a session, daily nets swing {} times as much as "
                "before, 10-session net {}; {}",
                rupees_crore(pl.col("net_sum_20_slope")),
                number(pl.col("net_sd_10_ratio"), 2),
                rupees_crore(pl.col("net_sum_10_crore")),
                series_in_words(),
            )
        )
    )
    base = {
        "session_date": pl.col("session_date"),
        "grade": grade,
        "value": pl.col("net_sum_20_slope"),
        "percentile": pl.col("net_sum_20_slope_percentile"),
        "null_probability": pl.col("base_rate"),
        "sample_size": pl.when(pl.col("net_sum_20_slope").is_not_null()).then(
            "net_sum_20_slope_sample"
        ),
        "reasons": reasons,
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()], "scope"
    )
