"""Whether a recovery that fails was a bear-market rally: does a new low follow more than usual?"""

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
from transforms.signals.grades import (
    CONTRADICTED,
    NOT_SUPPORTED,
    PARTLY,
    SUPPORTED,
    UNTESTABLE,
)
from transforms.signals.level_grid import regime_of
from transforms.signals.past_failures import LEAST, LEAST_BASE, WINDOW, past_failures
from transforms.signals.regime_table import FAILED, RECOVERIES
from transforms.signals.wording import number, percent


@claim(
    article_row=19,
    statement="A recovery of small caps that fails to hold was a bear-market rally",
    unit="percent",
    window_sessions=WINDOW,
    threshold=(
        f"share of failed recoveries, the first above each low, followed within {WINDOW} sessions "
        "by a close below it: Wilson interval (95%) above the share after all sessions of recovery "
        f"({', '.join(RECOVERIES)}) and above the odds by luck, of {LEAST} failures at least"
    ),
    null_model=(
        "Mean over those failures: driftless Gaussian random walk with the sd of 60 log returns, "
        f"watched at closes, falls below the low within {WINDOW} sessions from where they stood"
    ),
    citation=(
        "Riskon convention; interval: Wilson, Probable Inference, J. American Statistical "
        "Association 22 (1927)"
    ),
    sql="""
        WITH day AS (
          SELECT session_date, low_close,
            row_number() OVER (ORDER BY session_date) AS number,
            min(close) OVER later AS lowest_after, count(close) OVER later AS closes_after
          FROM mart.regime
          WHERE index_id = 'nifty-smallcap-100' AND rules = {rules}
          WINDOW later AS (ORDER BY session_date ROWS BETWEEN 1 FOLLOWING AND 63 FOLLOWING))
        SELECT {session_date} AS session_date,
          100 * avg((lowest_after < low_close)::DOUBLE) AS value, count(*) AS failures
        FROM day SEMI JOIN (
          SELECT min(session_date) AS session_date
          FROM mart.regime_transition JOIN mart.regime USING (session_date, index_id, rules)
          WHERE index_id = 'nifty-smallcap-100' AND rules = {rules} AND to_state = 'FAILED'
          GROUP BY low_date)
          USING (session_date)
        WHERE low_close IS NOT NULL AND closes_after >= 60 AND number + 63 <= (
          SELECT number FROM day WHERE session_date = {session_date})
    """,
    reads=("index", "shares", "flow", "earnings"),
    bearing="background",
)
def failure_is_a_bear_rally(inputs: Inputs) -> Graded:
    """Failures by the full rules, by the index's own where those are too few.

    A failure stands near its low, and what is near is met sooner: the interval must lie above the
    luck of the same distances too. A low counts once, however often recoveries fail above it. Only
    failures whose whole time is over count, as new lows are told sooner than their absence. A
    recovery that falls below its low at one stroke never was FAILED and is not counted. Today's
    own fall is called a bear-market rally once it closes below the low, never before.

    Background: what would follow a failure is no sign that money returns, nor against it.
    """
    full, index = (past_failures(inputs, rules) for rules in ("full", "index"))
    is_full = (full["failures"] >= LEAST) | (full["failures"] >= index["failures"])
    frame = (
        pl.concat([full.filter(is_full), index.filter(~is_full)])
        .sort("session_date")
        .join(
            regime_of(inputs, "full").select(
                "session_date", "state", "entered_on", "is_bear_rally", "low_close"
            ),
            on="session_date",
            maintain_order="left",
        )
    )
    rate, base = pl.col("rate"), pl.col("base_rate")
    few_failures = pl.format(f"failures: {LEAST} are needed, {{}} are decided", "failures")
    few_recoveries = pl.format(
        f"sessions of recovery: {LEAST_BASE} are needed, {{}} are decided", "recoveries"
    )
    legs = [
        leg(
            frame,
            "new_low_follows",
            metric=f"failures followed by a new low within {WINDOW} sessions",
            unit="percent",
            threshold="interval above the base rate",
            value=100 * rate,
            holds=pl.col("interval_low") > base,
            source=pl.when(pl.col("failures") < LEAST).then(few_failures).otherwise(few_recoveries),
            window_sessions=WINDOW,
            sample_size=pl.col("failures"),
        ),
        leg(
            frame,
            "more_often_than_usual",
            metric=f"recovery sessions followed by a new low within {WINDOW} sessions",
            unit="percent",
            threshold="below the rate after failures",
            value=100 * base,
            holds=rate > base,
            source=pl.when(pl.col("failures") == 0)
            .then(pl.lit("a failure that is decided"))
            .otherwise(few_recoveries),
            window_sessions=WINDOW,
            sample_size=pl.col("recoveries"),
        ),
        leg(
            frame,
            "more_often_than_by_luck",
            metric=f"odds by luck of a new low within {WINDOW} sessions of those failures",
            unit="percent",
            threshold="below the interval of the rate after failures",
            value=100 * pl.col("luck"),
            holds=pl.col("interval_low") > pl.col("luck"),
            source=pl.when(pl.col("failures") < LEAST)
            .then(few_failures)
            .otherwise(pl.lit(f"60 returns of {INDEX_SOURCE} before a failure")),
            window_sessions=WINDOW,
            sample_size=pl.col("failures"),
        ),
    ]
    return Graded(_verdict(frame, inputs), pl.concat(legs))


def _verdict(frame: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    rate, base = pl.col("rate"), pl.col("base_rate")
    is_tested = pl.col("interval_low").is_not_null() & base.is_not_null()
    grade = (
        pl.when(~is_tested)
        .then(pl.lit(UNTESTABLE))
        .when(pl.col("interval_low") > base, pl.col("interval_low") > pl.col("luck"))
        .then(pl.lit(SUPPORTED))
        .when(pl.col("interval_high") < base)
        .then(pl.lit(CONTRADICTED))
        .when(rate > base)
        .then(pl.lit(PARTLY))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    found = pl.format(
        f"{{}} of {{}} failures (rules: {{}}), one a low, made a new low within {WINDOW} sessions",
        "new_lows",
        "failures",
        "rules",
    )
    beside = (
        pl.when(~is_tested & (pl.col("failures") < LEAST))
        .then(pl.lit(f"{LEAST} are needed"))
        .when(~is_tested)
        .then(
            pl.format(
                f"only {{}} sessions of recovery are decided, {LEAST_BASE} are needed to compare",
                "recoveries",
            )
        )
        .otherwise(
            pl.format(
                "{} to {}, against {} after any of {} sessions of recovery and {} by luck",
                percent(100 * pl.col("interval_low"), 0),
                percent(100 * pl.col("interval_high"), 0),
                percent(100 * base),
                number(pl.col("recoveries")),
                percent(100 * pl.col("luck")).fill_null("unknown odds"),
            )
        )
    )
    low = number(pl.col("low_close"), 2)
    today = (
        pl.when("is_bear_rally")
        .then(pl.lit("the last recovery was one: it ended below the low it rose from"))
        .when(pl.col("state") == FAILED)
        .then(
            pl.format(
                "the present one failed on {}; it was a bear-market rally only if it closes below "
                "{}",
                pl.col("entered_on").dt.to_string("%Y-%m-%d"),
                low,
            )
        )
        .when(pl.col("state").is_in(RECOVERIES))
        .then(pl.format("the present one has not failed; its low is {}", low))
        .otherwise(pl.lit("no recovery is under way"))
    )
    counted = pl.concat_str(found, beside, today, separator="; ", ignore_nulls=True)
    reasons = (
        counted
        if inputs.regimes.width and inputs.transitions.width
        else pl.lit("mart.regime and mart.regime_transition are not derived")
    )
    base_columns = {
        "session_date": pl.col("session_date"),
        "grade": grade,
        "value": 100 * rate,
        "percentile": pl.lit(None),
        "null_probability": pl.col("luck"),
        "sample_size": pl.col("failures"),
        "reasons": reasons,
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base_columns.items()],
        "rules",
    )
