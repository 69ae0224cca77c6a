"""Whether most shares rise, or a few large ones."""

from __future__ import annotations

import polars as pl

from transforms.signals.breadth_grades import FEW_RISEN_BELOW_PCT, MOST_RISEN_ABOVE_PCT
from transforms.signals.breadth_grid import (
    JUDGES,
    bias_in_words,
    breadth_of,
    capped,
    first_that_can,
    last_with,
)
from transforms.signals.claim import (
    SHARE_SOURCE,
    SIZE_SOURCE,
    VERDICT_SCHEMA,
    Graded,
    Inputs,
    claim,
    leg,
)
from transforms.signals.flow_series import BASE_RATE, with_base_rate
from transforms.signals.grades import (
    CONTRADICTED,
    NOT_SUPPORTED,
    PARTLY,
    SUPPORTED,
    UNTESTABLE,
)
from transforms.signals.grid import rank_and_size
from transforms.signals.wording import number, percent

SESSIONS = 9
RISEN, SPREAD = "risen_9_pct", "equal_less_cap_9_points"
RISEN_SAMPLE = f"{RISEN}_sample"


@claim(
    article_row=7,
    statement="The rise is broad-based",
    unit="percent",
    window_sessions=SESSIONS,
    threshold=(
        f"more than {MOST_RISEN_ABOVE_PCT:g}% of the members up over {SESSIONS} sessions, and "
        "equal weights do at least as well as weights by size"
    ),
    null_model=BASE_RATE,
    citation="Riskon convention",
    sql="""
        SELECT session_date, risen_9_pct AS value, equal_less_cap_9_points
        FROM mart.breadth WHERE universe = {universe} AND session_date = {session_date}
    """,
    reads=("shares",),
    low_percentile="low is narrow",
    universes=JUDGES,
)
def rise_is_broad(inputs: Inputs) -> Graded:
    """Graded by the share of members up; that the small ones keep pace makes it whole."""
    frames = {
        universe: breadth_of(inputs, universe, (RISEN, SPREAD)).with_columns(*rank_and_size(RISEN))
        for universe in JUDGES
    }
    risen, spread = pl.col(RISEN), pl.col(SPREAD)
    most = risen > MOST_RISEN_ABOVE_PCT
    frame = with_base_rate(
        first_that_can(frames, risen.is_not_null()).with_columns(
            # Without sizes the rule can only fail: such sessions are no sample of it.
            is_broad=pl.when(spread.is_not_null()).then(most & (spread >= 0))
        ),
        "is_broad",
    )
    legs = [
        leg(
            frame,
            "most_rise",
            metric=RISEN,
            unit="percent",
            threshold=f"> {MOST_RISEN_ABOVE_PCT:g}%",
            value=risen,
            holds=most,
            source=SHARE_SOURCE,
            window_sessions=SESSIONS,
            percentile=pl.col(f"{RISEN}_percentile"),
            sample_size=pl.col(f"{RISEN}_sample"),
        ),
        leg(
            frame,
            "small_keep_pace",
            metric=SPREAD,
            unit="percentage points",
            threshold=">= 0",
            value=spread,
            holds=spread >= 0,
            source=SIZE_SOURCE,
            window_sessions=SESSIONS,
        ),
    ]
    return Graded(_verdict(frame), pl.concat(legs))


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    risen, spread = pl.col(RISEN), pl.col(SPREAD)
    most = risen > MOST_RISEN_ABOVE_PCT
    grade = (
        pl.when(risen.is_null())
        .then(pl.lit(UNTESTABLE))
        .when(most & (spread >= 0).fill_null(value=False))
        .then(pl.lit(SUPPORTED))
        .when(most)
        .then(pl.lit(PARTLY))
        .when(risen < FEW_RISEN_BELOW_PCT)
        .then(pl.lit(CONTRADICTED))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    pace = pl.format(
        "equal weights {} percentage points against weights by size", number(spread, 2)
    ).fill_null(f"{SIZE_SOURCE} tells no sizes, so that it is PARTLY at most")
    reasons = (
        pl.when(~pl.col("is_held"))
        .then(
            pl.format(
                f"{SHARE_SOURCE} has no breadth of Nifty Smallcap 250 or of every ordinary share "
                "for this session: {}",
                last_with(pl.col("is_held")),
            )
        )
        .when(risen.is_null())
        .then(
            pl.format(
                f"{SHARE_SOURCE} holds too few sessions of {{}}: no member has a return over "
                f"{SESSIONS}",
                "title",
            )
        )
        .otherwise(
            pl.format(
                f"of {{}}, {{}} are up over {SESSIONS} sessions{{}}; {{}}{{}}",
                "title",
                percent(risen),
                pl.format(
                    " (percentile {} of {})",
                    number(pl.col(f"{RISEN}_percentile"), 1),
                    number(pl.col(RISEN_SAMPLE)),
                ).fill_null(""),
                pace,
                bias_in_words(pl.col("is_biased"), pl.col("session_date")),
            )
        )
    )
    base = {
        "session_date": pl.col("session_date"),
        "grade": capped(grade, pl.col("is_biased")),
        "value": risen,
        "percentile": pl.col(f"{RISEN}_percentile"),
        "null_probability": pl.col("base_rate"),
        "sample_size": pl.when(risen.is_not_null()).then(RISEN_SAMPLE),
        "reasons": reasons,
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()], "universe"
    )
