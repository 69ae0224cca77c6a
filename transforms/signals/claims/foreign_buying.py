"""Whether foreign institutions have begun to buy again."""

from __future__ import annotations

import polars as pl

from transforms.signals.claim import (
    DEPOSITORY_SOURCE,
    FLOW_SOURCE,
    VERDICT_SCHEMA,
    Graded,
    Inputs,
    absent_leg,
    claim,
    leg,
)
from transforms.signals.flow_series import (
    BEFORE_SUM,
    DECISIVE,
    LONGEST_SUM,
    RANKED_SUMS,
    WINDOW,
    foreign_series,
)
from transforms.signals.grades import (
    CONTRADICTED,
    LEAST_BASE_RATE_SESSIONS,
    NOT_SUPPORTED,
    PARTLY,
    RENEWED_Z,
    SUPPORTED,
    UNTESTABLE,
)
from transforms.signals.wording import number, rupees_crore


@claim(
    article_row=5,
    statement="Foreign institutions have renewed their buying",
    unit="Rs crore",
    window_sessions=WINDOW,
    threshold=(
        f"10-session net > 0 after a 20-session net < 0, and at least {RENEWED_Z:g} sd above the "
        "mean of its past"
    ),
    null_model=(
        "Base rate: share of earlier sessions on which the rule held, null until "
        f"{LEAST_BASE_RATE_SESSIONS} could be tested"
    ),
    citation="Riskon convention; z on the 756 sums before",
    sql="""
        SELECT session_date, net_sum_10_crore AS value, net_sum_10_crore_percentile AS percentile
        FROM mart.flow
        WHERE participant = 'FII' AND stage = 'provisional' AND scope = {scope}
          AND session_date = {session_date}
    """,
    sql_without="""
        SELECT session_date, scope, stage, net_crore, NULL::DOUBLE AS value
        FROM core.trading_session LEFT JOIN (
          SELECT * FROM mart.flow WHERE participant = 'FII' AND stage = 'provisional')
          USING (session_date)
        WHERE session_date <= {session_date} ORDER BY session_date DESC, scope LIMIT 30
    """,
    reads=("flow",),
)
def foreign_buying_renewed(inputs: Inputs) -> Graded:
    """Renewed: buying now, selling before, and more than usual; stabilising is a leg beside."""
    frame = _ruled(foreign_series(inputs))
    legs = [
        *[_sum_leg(frame, n) for n in range(1, LONGEST_SUM + 1)],
        _leg(
            frame,
            "sold_before",
            metric="net bought in the 20 sessions before those 10",
            value="net_sum_20_before",
            unit="Rs crore",
            threshold="< 0",
            holds=pl.col("sold"),
            sessions=BEFORE_SUM,
        ),
        _leg(
            frame,
            "above_usual",
            metric="net_sum_10_z",
            unit="standard deviations",
            threshold=f">= {RENEWED_Z:g}",
            holds=pl.col("unusual"),
            sessions=WINDOW,
        ),
        _leg(
            frame,
            "stabilising",
            metric="net_sum_20_slope",
            unit="Rs crore a session",
            threshold="> 0",
            holds=pl.col("net_sum_20_slope") > 0,
            sessions=BEFORE_SUM,
        ),
        _leg(
            frame,
            "streak",
            metric="streak_sessions",
            unit="sessions",
            threshold="> 0",
            holds=pl.col("streak_sessions") > 0,
        ),
        absent_leg(
            frame,
            "depository_agrees",
            metric="net bought by the depository's final figures",
            threshold="the depository's final figures have the same sign",
            source=DEPOSITORY_SOURCE,
        ),
    ]
    return Graded(_verdict(frame), pl.concat(legs))


def _ruled(frame: pl.DataFrame) -> pl.DataFrame:
    """The figures with the three parts of the rule, whether it holds, and how often it held."""
    is_testable = pl.all_horizontal(pl.col(DECISIVE).is_not_null())
    return (
        frame.with_columns(
            buys=pl.col("net_sum_10_crore") > 0,
            sold=pl.col("net_sum_20_before") < 0,
            unusual=pl.col("net_sum_10_z") >= RENEWED_Z,
        )
        .with_columns(
            renewed=pl.when(is_testable).then(pl.col("buys") & pl.col("sold") & pl.col("unusual"))
        )
        .with_columns(
            earlier=pl.col("renewed").is_not_null().cum_sum().shift(1).cast(pl.Int64),
            held=pl.col("renewed").fill_null(value=False).cum_sum().shift(1),
        )
        .with_columns(
            base_rate=pl.when(pl.col("earlier") >= LEAST_BASE_RATE_SESSIONS).then(
                pl.col("held") / pl.col("earlier")
            )
        )
    )


def _sum_leg(frame: pl.DataFrame, sessions: int) -> pl.DataFrame:
    name = f"net_sum_{sessions}"
    is_ranked = sessions in RANKED_SUMS
    return leg(
        frame,
        name,
        metric=f"{name}_crore" if is_ranked else f"net bought in {sessions} sessions",
        unit="Rs crore",
        threshold="> 0",
        value=pl.col(name),
        holds=pl.col(name) > 0,
        source=FLOW_SOURCE,
        window_sessions=sessions,
        percentile=pl.col(f"{name}_crore_percentile") if is_ranked else None,
        sample_size=pl.col(f"{name}_sample") if is_ranked else None,
    )


def _leg(
    frame: pl.DataFrame,
    name: str,
    *,
    metric: str,
    unit: str,
    threshold: str,
    holds: pl.Expr,
    sessions: int | None = None,
    value: str = "",
) -> pl.DataFrame:
    return leg(
        frame,
        name,
        metric=metric,
        unit=unit,
        threshold=threshold,
        value=pl.col(value or metric).cast(pl.Float64),
        holds=holds,
        source=FLOW_SOURCE,
        window_sessions=sessions,
    )


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    value = pl.col("net_sum_10_crore")
    grade = (
        pl.when(pl.col("renewed").is_null())
        .then(pl.lit(UNTESTABLE))
        .when(pl.col("renewed"))
        .then(pl.lit(SUPPORTED))
        .when(pl.col("buys") & (pl.col("sold") | pl.col("unusual")))
        .then(pl.lit(PARTLY))
        .when(~pl.col("buys") & (pl.col("net_sum_20_slope") <= 0))
        .then(pl.lit(CONTRADICTED))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    last_held = pl.col("last_held").dt.to_string("%Y-%m-%d").fill_null("none at all")
    last_missing = pl.format(
        "the last missing is {}", pl.col("last_missing").cast(pl.String)
    ).fill_null("the series begins too late")
    series = pl.format(
        "FII, provisional, scope {}{}",
        "scope",
        pl.when(pl.col("is_imported")).then(pl.lit(" (imported)")).otherwise(pl.lit("")),
    )
    reasons = (
        pl.when(pl.col("scope").is_null())
        .then(
            pl.format(
                f"{FLOW_SOURCE} has no FII figure for this session; last held before: {{}}",
                last_held,
            )
        )
        .when(value.is_null())
        .then(
            pl.format(
                f"{FLOW_SOURCE} lacks one of the last 10 sessions: {{}} ({{}})",
                last_missing,
                series,
            )
        )
        .when(pl.col("net_sum_20_before").is_null())
        .then(
            pl.format(
                f"{FLOW_SOURCE} lacks one of the 20 sessions before the last 10: {{}} ({{}})",
                last_missing,
                series,
            )
        )
        .when(pl.col("net_sum_10_z").is_null())
        .then(
            pl.format(
                f"{FLOW_SOURCE} holds {{}} 10-session sums, 757 are needed for a z-score ({{}})",
                f"net_sum_{WINDOW}_sample",
                series,
            )
        )
        .otherwise(
            pl.format(
                "10-session net {}, z {}, after {} in the 20 sessions before; slope of the "
                "20-session sum {} a session: {}; {}",
                rupees_crore(value),
                number(pl.col("net_sum_10_z"), 2),
                rupees_crore(pl.col("net_sum_20_before")),
                rupees_crore(pl.col("net_sum_20_slope")),
                pl.when(pl.col("net_sum_20_slope") > 0)
                .then(pl.lit("stabilising"))
                .otherwise(pl.lit("not stabilising")),
                series,
            )
        )
    )
    base = {
        "session_date": pl.col("session_date"),
        "grade": grade,
        "value": value,
        "percentile": pl.col("net_sum_10_crore_percentile"),
        "null_probability": pl.when(pl.col("renewed").is_not_null()).then("base_rate"),
        "sample_size": pl.col(f"net_sum_{WINDOW}_sample"),
        "reasons": reasons,
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()], "scope"
    )
