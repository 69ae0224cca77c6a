"""Whether foreign institutions have begun to buy again."""

from __future__ import annotations

import polars as pl

from transforms.signals.claim import (
    DEPOSITORY_SOURCE,
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
    DECISIVE,
    LONGEST_SUM,
    RANKED_SUMS,
    WINDOW,
    depository_by_evening,
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
    PARTLY_FROM_PERCENTILE,
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
    null_model=BASE_RATE,
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
    reads=("flow", "final flow"),
    version=2,
)
def foreign_buying_renewed(inputs: Inputs) -> Graded:
    """Renewed: buying now, selling before, and more than usual; the other legs stand beside.

    The depository's figures are those that were out on the evening.
    """
    frame = _ruled(foreign_series(inputs)).join(
        depository_by_evening(inputs), on="session_date", how="left", maintain_order="left"
    )
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
        leg(
            frame,
            "net_over_gross",
            metric="net_to_gross_10_pct",
            unit="percent",
            threshold=f"rank >= {PARTLY_FROM_PERCENTILE:g} in its own history",
            value=pl.col("net_to_gross_10_pct"),
            holds=pl.col("net_to_gross_10_pct_percentile") >= PARTLY_FROM_PERCENTILE,
            source=FLOW_SOURCE,
            window_sessions=WINDOW,
            percentile=pl.col("net_to_gross_10_pct_percentile"),
            sample_size=pl.when(pl.col("net_to_gross_10_pct_percentile").is_not_null()).then(
                "net_to_gross_10_sample"
            ),
        ),
        _leg(
            frame,
            "foreign_and_domestic",
            metric="net bought by FII and DII together in 10 sessions",
            value="net_sum_10_both",
            unit="Rs crore",
            threshold="> 0",
            holds=pl.col("net_sum_10_both") > 0,
            sessions=WINDOW,
        ),
        leg(
            frame,
            "depository_agrees",
            metric="net bought in 10 sessions by the depository's final figures",
            unit="Rs crore",
            threshold="same sign as the provisional 10-session net",
            value=pl.col("final_sum_10"),
            holds=pl.col("final_sum_10").sign() == pl.col("net_sum_10_crore").sign(),
            source=DEPOSITORY_SOURCE,
            window_sessions=WINDOW,
        ),
    ]
    return Graded(_verdict(frame), pl.concat(legs))


def _ruled(frame: pl.DataFrame) -> pl.DataFrame:
    """The figures with the three parts of the rule, whether it holds, and how often it held."""
    is_testable = pl.all_horizontal(pl.col(DECISIVE).is_not_null())
    ruled = frame.with_columns(
        buys=pl.col("net_sum_10_crore") > 0,
        sold=pl.col("net_sum_20_before") < 0,
        unusual=pl.col("net_sum_10_z") >= RENEWED_Z,
    ).with_columns(
        renewed=pl.when(is_testable).then(pl.col("buys") & pl.col("sold") & pl.col("unusual"))
    )
    return with_base_rate(ruled, "renewed")


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


def _final_words() -> pl.Expr:
    words = pl.format(
        "; the depository's final 10-session net to {}: {}",
        pl.col("final_session").dt.to_string("%Y-%m-%d"),
        rupees_crore(pl.col("final_sum_10")),
    )
    return words.fill_null("")


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
    series = series_in_words()
    reasons = (
        pl.when(pl.col("scope").is_null())
        .then(no_row_in_words())
        .when(value.is_null())
        .then(
            pl.format(
                f"{FLOW_SOURCE} lacks one of the last 10 sessions: {{}} ({{}})",
                hole_in_words(),
                series,
            )
        )
        .when(pl.col("net_sum_20_before").is_null())
        .then(
            pl.format(
                f"{FLOW_SOURCE} lacks one of the 20 sessions before the last 10: {{}} ({{}})",
                hole_in_words(),
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
                "20-session sum {} a session: {}; {}{}",
                rupees_crore(value),
                number(pl.col("net_sum_10_z"), 2),
                rupees_crore(pl.col("net_sum_20_before")),
                rupees_crore(pl.col("net_sum_20_slope")),
                pl.when(pl.col("net_sum_20_slope") > 0)
                .then(pl.lit("stabilising"))
                .otherwise(pl.lit("not stabilising")),
                series,
                _final_words(),
            )
        )
    )
    base = {
        "session_date": pl.col("session_date"),
        "grade": grade,
        "value": value,
        "percentile": pl.col("net_sum_10_crore_percentile"),
        "null_probability": pl.col("base_rate"),
        "sample_size": pl.col(f"net_sum_{WINDOW}_sample"),
        "reasons": reasons,
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()], "scope"
    )
