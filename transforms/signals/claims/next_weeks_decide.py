"""Whether the next two to three weeks are critical: is a level nearer to a decision than usual?"""

from __future__ import annotations

import numpy as np
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
    NOT_SUPPORTED,
    SUPPORTED_FROM_PERCENTILE,
    UNTESTABLE,
    by_percentile,
)
from transforms.signals.grid import last_missing, rank_and_size, sigma_60
from transforms.signals.level_grades import (
    DECISION_SESSIONS,
    LEAST_ALIKE,
    SHORT_DECISION_SESSIONS,
)
from transforms.signals.level_grid import TITLE, nearest_zones
from transforms.signals.triple_barrier import barrier_odds, outcome
from transforms.signals.wording import number, percent

LONG = int(DECISION_SESSIONS.value)
SHORT = int(SHORT_DECISION_SESSIONS.value)
_LEAST_ALIKE = int(LEAST_ALIKE.value)
_TENTHS = 10
_DECIMALS = 6  # of percents: beyond them the sum of the series is noise
_RANK = f"decided_{LONG}_percentile"


@claim(
    article_row=20,
    statement="The next two to three weeks are critical for small caps",
    unit="percent",
    window_sessions=LONG,
    threshold=(
        f"odds of a close above the nearest resistance or below the nearest support within {LONG} "
        f"sessions at percentile >= {SUPPORTED_FROM_PERCENTILE:g} of their own history, of "
        "sessions with levels on the same sides"
    ),
    null_model=(
        "Driftless Gaussian random walk with the sd of 60 log returns, watched at closes, passes "
        f"the far edge of the nearest support or resistance within {LONG} sessions"
    ),
    citation=(
        "Triple barrier: Lopez de Prado, Advances in Financial Machine Learning (2018), ch. 3; "
        "exit of an interval: Borodin and Salminen, Handbook of Brownian Motion (2002); "
        "percentile of a directional metric: Riskon convention"
    ),
    sql="""
        WITH level AS (
          SELECT max(lower) FILTER (WHERE kind = 'support') AS lower,
            max(upper) FILTER (WHERE kind = 'resistance') AS upper
          FROM mart.zone
          WHERE index_id = 'nifty-smallcap-100' AND zone_rank = 1
            AND session_date = {measured_on}),
        walk AS (
          SELECT session_date,
            least(ln(close / lower) / sigma + 0.5826, 40 * sqrt(15)) AS a,
            least(ln(upper / close) / sigma + 0.5826, 40 * sqrt(15)) AS b
          FROM level, (
            SELECT session_date, close, volatility_close_60_pct / 100 / sqrt(252) AS sigma
            FROM mart.regime JOIN mart.index_momentum USING (index_id, session_date)
            WHERE index_id = 'nifty-smallcap-100' AND rules = 'index'
              AND session_date = {measured_on}))
        SELECT session_date,
          round(100 * (1 - sum(4 / (k * pi()) * sin(k * pi() * a / (a + b))
            * exp(-15 / 2.0 * pow(k * pi() / (a + b), 2)))), 6) AS value
        FROM walk, (SELECT 2 * range + 1 AS k FROM range(100))
        GROUP BY session_date
    """,
    sql_without="""
        SELECT session_date, kind, lower, upper, distance_pct, NULL::DOUBLE AS value
        FROM mart.zone
        WHERE index_id = 'nifty-smallcap-100' AND zone_rank = 1 AND session_date = {session_date}
        ORDER BY kind
    """,
    reads=("index",),
    bearing="background",
)
def next_weeks_decide(inputs: Inputs) -> Graded:
    """Critical is a market nearer than usual to a level; that one is near says nothing else.

    Legs: the odds of each outcome at two deadlines, and what became of sessions with like odds.

    Background: it says when the levels decide, not which way.
    """
    frame = _record(_measured(inputs))
    legs = [
        _outcome_leg(frame, name, sessions)
        for sessions in (SHORT, LONG)
        for name in ("held", "failed", "unresolved")
    ]
    legs.append(
        leg(
            frame,
            "decided_when_alike",
            metric=f"sessions with like odds that were decided within {LONG} sessions",
            unit="percent",
            threshold="more than the odds of those sessions",
            value=100 * pl.col("alike_decided"),
            holds=pl.col("alike_decided") > pl.col("alike_odds"),
            source=pl.format(
                f"sessions with like odds: {_LEAST_ALIKE} are needed, {{}} are decided",
                pl.col("alike").fill_null(0),
            ),
            window_sessions=LONG,
            sample_size=pl.col("alike"),
        )
    )
    return Graded(_verdict(frame), pl.concat(legs))


def _measured(inputs: Inputs) -> pl.DataFrame:
    """The far edges around each close, and the odds of meeting them; null where none is known."""
    close = pl.col("close")
    frame = nearest_zones(inputs).select(
        "session_date",
        "close",
        "no_zone_in_words",
        lower=pl.col("support_lower"),
        upper=pl.col("resistance_upper"),
        # A market that did not move has no scale.
        sigma=pl.when(sigma_60(close) > 0).then(sigma_60(close)),
    )
    has_level = pl.col("lower").is_not_null() | pl.col("upper").is_not_null()
    absent = pl.when(has_level & pl.col("no_zone_in_words").is_null()).then(float("inf"))
    distances = frame.select(
        # A level that is not there, and would have been seen, is no barrier.
        to_lower=pl.coalesce((close / pl.col("lower")).log(), absent),
        to_upper=pl.coalesce((pl.col("upper") / close).log(), absent),
        sigma="sigma",
    )
    to_lower, to_upper, sigma = (
        distances[name].fill_null(float("nan")).to_numpy() for name in distances.columns
    )
    for sessions in (SHORT, LONG):
        failed, held = barrier_odds(to_lower, to_upper, sigma, sessions)
        decided = np.minimum(failed + held, 1.0)
        named = {"failed": failed, "held": held, "unresolved": 1 - decided, "decided": decided}
        frame = frame.with_columns(
            pl.Series(f"{name}_{sessions}", 100 * odds).fill_nan(None).round(_DECIMALS)
            for name, odds in named.items()
        )
    return _ranked(frame)


def _ranked(frame: pl.DataFrame) -> pl.DataFrame:
    """Percentile and sample of the odds among sessions with levels on the same sides.

    One barrier is met less often than two are, whatever the market does: an evening on which no
    support is known would look calm among those on which one is.
    """
    decided, lower, upper = (pl.col(name) for name in (f"decided_{LONG}", "lower", "upper"))
    sides = {
        "both": lower.is_not_null() & upper.is_not_null(),
        "below": lower.is_not_null() & upper.is_null(),
        "above": lower.is_null() & upper.is_not_null(),
    }
    # A rank keeps what it is given: null odds are no sample.
    frame = frame.with_columns(
        pl.when(is_like).then(decided).alias(name) for name, is_like in sides.items()
    ).with_columns(one for name in sides for one in rank_and_size(name))
    return frame.with_columns(
        pl.coalesce(
            pl.when(pl.col(name).is_not_null()).then(f"{name}_{figure}") for name in sides
        ).alias(f"decided_{LONG}_{figure}")
        for figure in ("percentile", "sample")
    )


def _record(frame: pl.DataFrame) -> pl.DataFrame:
    """What became, as far as known by each session, of those whose odds lay in the same tenth."""
    odds = pl.col(f"decided_{LONG}")
    tenth = (odds / 100 * _TENTHS).floor().clip(0, _TENTHS - 1).cast(pl.Int64)
    told = frame.with_columns(
        tenth=tenth, outcome=outcome("close", "lower", "upper", LONG)
    ).with_columns(
        is_decided=pl.col("outcome") != "unresolved",
        is_told=pl.col("outcome").is_not_null() & odds.is_not_null(),
    )

    def known(amount: pl.Expr) -> pl.Expr:
        """Sum over the sessions in today's tenth whose outcome was known by each session."""
        sums = [
            pl.when(pl.col("is_told") & (pl.col("tenth") == n))
            .then(amount)
            .otherwise(0)
            .cum_sum()
            .shift(LONG, fill_value=0)
            for n in range(_TENTHS)
        ]
        return pl.coalesce(pl.when(pl.col("tenth") == n).then(one) for n, one in enumerate(sums))

    told = told.with_columns(
        alike=known(pl.lit(1, dtype=pl.Int64)),
        alike_hits=known(pl.col("is_decided").cast(pl.Int64)),
        alike_sum=known(odds / 100),
    )
    is_enough = pl.col("alike") >= _LEAST_ALIKE
    return told.with_columns(
        alike_decided=pl.when(is_enough).then(pl.col("alike_hits") / pl.col("alike")),
        alike_odds=pl.when(is_enough).then(pl.col("alike_sum") / pl.col("alike")),
    )


def _outcome_leg(frame: pl.DataFrame, name: str, sessions: int) -> pl.DataFrame:
    held, failed, unresolved = (
        pl.col(f"{one}_{sessions}") for one in ("held", "failed", "unresolved")
    )
    metric, threshold, holds = {
        "held": (
            "a close above the resistance comes first",
            "likelier than a failure",
            held > failed,
        ),
        "failed": ("a close below the support comes first", "likelier than a hold", failed > held),
        "unresolved": ("neither comes", "< 50: a decision is likelier", unresolved < 50),
    }[name]
    return leg(
        frame,
        f"{name}_{sessions}",
        metric=f"odds of a driftless walk that within {sessions} sessions {metric}",
        unit="percent",
        threshold=threshold,
        value=pl.col(f"{name}_{sessions}"),
        # Where there is no level nothing can be decided.
        holds=pl.when(_has_no_levels()).then(pl.lit(value=False)).otherwise(holds),
        source=INDEX_SOURCE,
        window_sessions=sessions,
    )


def _has_no_levels() -> pl.Expr:
    """Whether a level would have been seen and there is none, above or below."""
    is_missing = pl.col("lower").is_null() & pl.col("upper").is_null()
    return is_missing & pl.col("no_zone_in_words").is_null()


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    decided, rank = pl.col(f"decided_{LONG}"), pl.col(_RANK)
    has_level = pl.col("lower").is_not_null() | pl.col("upper").is_not_null()
    lower, upper = (number(pl.col(name), 2) for name in ("lower", "upper"))
    levels = (
        pl.when(pl.col("upper").is_null())
        .then(pl.format("above {}, with no resistance known,", lower))
        .when(pl.col("lower").is_null())
        .then(pl.format("below {}, with no support known,", upper))
        .otherwise(pl.format("between {} and {}", lower, upper))
    )
    between = pl.format(
        f"{{}} a driftless walk is decided within {LONG} sessions in {{}} of cases, {SHORT}: {{}}",
        levels,
        percent(decided),
        percent(pl.col(f"decided_{SHORT}")),
    )
    held, failed, unresolved = (
        percent(pl.col(f"{name}_{LONG}")) for name in ("held", "failed", "unresolved")
    )
    split = (
        pl.when(pl.col("upper").is_null())
        .then(pl.format("no level above, so that only a fall decides: below {}", failed))
        .when(pl.col("lower").is_null())
        .then(pl.format("no level below, so that only a rise decides: above {}", held))
        .otherwise(pl.format("above first {}, below first {}", held, failed))
    )
    split = pl.format("{}, neither {}", split, unresolved)
    is_one_sided = pl.col("lower").is_null() | pl.col("upper").is_null()
    like = (
        pl.when(is_one_sided).then(pl.lit(" with a level on that side alone")).otherwise(pl.lit(""))
    )
    ranked = (
        pl.when(rank.is_null())
        .then(
            pl.format(
                "only {} sessions so far have such odds{}, too few to rank",
                f"decided_{LONG}_sample",
                like,
            )
        )
        .otherwise(
            pl.format("percentile {} of {}{}", number(rank, 1), f"decided_{LONG}_sample", like)
        )
    )
    record = pl.when(pl.col("alike_decided").is_not_null()).then(
        pl.format(
            "of {} past sessions with like odds {} were decided ({} by luck)",
            number(pl.col("alike")),
            percent(100 * pl.col("alike_decided")),
            percent(100 * pl.col("alike_odds")),
        )
    )
    reasons = (
        pl.when(decided.is_not_null())
        .then(pl.concat_str(between, split, ranked, record, separator="; ", ignore_nulls=True))
        .when(has_level & pl.col("sigma").is_null() & pl.col("no_zone_in_words").is_null())
        .then(
            pl.format(
                f"{INDEX_SOURCE} lacks closes of {TITLE} in the 60 sessions that give the size of "
                "a move, or they did not move: {}",
                last_missing(pl.col("close")),
            )
        )
        .otherwise(
            pl.col("no_zone_in_words").fill_null(
                "neither a support nor a resistance is known: there is no level to decide at"
            )
        )
    )
    grade = (
        pl.when(_has_no_levels())
        .then(pl.lit(NOT_SUPPORTED))
        .when(decided.is_null())
        .then(pl.lit(UNTESTABLE))
        .otherwise(by_percentile(rank))
    )
    base = {
        "session_date": pl.col("session_date"),
        "grade": grade,
        "value": decided,
        "percentile": rank,
        "null_probability": decided / 100,
        "sample_size": pl.col(f"decided_{LONG}_sample"),
        "reasons": reasons,
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()],
        measured_on=pl.when(decided.is_not_null()).then("session_date"),
    )
