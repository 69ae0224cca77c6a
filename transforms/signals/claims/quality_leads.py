"""Whether the better small companies lead, and not the smallest."""

from __future__ import annotations

import polars as pl

from transforms.metrics.leadership_sections import LEAST_MEMBERS
from transforms.signals.breadth_grid import (
    SMALLCAP_250,
    bias_in_words,
    capped,
    count_of,
    last_with,
    leadership_of,
    tested_of,
)
from transforms.signals.claim import (
    INDEX_SOURCE,
    LIST_SOURCE,
    SHARE_SOURCE,
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
from transforms.signals.leadership_grades import CHANCE_BELOW, LIFT_ABOVE, RESIDUAL_TO_BPS
from transforms.signals.season_words import RESULTS_SOURCE
from transforms.signals.wording import number, percent
from transforms.universes import MARKET

SESSIONS = 9
PARTS = 3
LIFT = "quality_lift_9"
MOVE = "index_move_9_pct"
IC, ADJUSTED = "quality_ic_9", "quality_ic_beta_adjusted_9"
MICROCAP = "microcap_less_smallcap_100_9_points"
RESIDUAL, MEMBERS = "residual_9_bps", "quality_ic_members_9"
_READ = (LIFT, MOVE, IC, f"{IC}_p", ADJUSTED, f"{ADJUSTED}_p", f"{ADJUSTED}_percentile")


@claim(
    article_row=8,
    statement="Quality leads small caps, not speculative microcaps",
    unit="ratio",
    window_sessions=SESSIONS,
    threshold=(
        f"over {SESSIONS} sessions all three: the best third of Nifty Smallcap 250 by quality "
        f"contributes more than {LIFT_ABOVE:g} times its weight, in a fall less than "
        f"{1 / LIFT_ABOVE:.2f} times; quality correlates with returns beyond beta, with a chance "
        f"below {CHANCE_BELOW:.0%}; Nifty Smallcap 100 beats "
        "Nifty Microcap 250"
    ),
    null_model="Quality scores dealt at random among the members correlate as highly",
    citation=(
        "Spearman's rank correlation; Hotelling and Pabst (1936) for its chance; attribution: "
        "Brinson and Fachler (1985); thresholds: Riskon convention"
    ),
    sql="""
        SELECT session_date, quality_ic_beta_adjusted_9 AS value, quality_ic_beta_adjusted_9_p,
          quality_lift_9, residual_9_bps
        FROM mart.leadership
        WHERE universe = 'nifty-smallcap-250' AND session_date = {session_date}
    """,
    reads=("index", "shares", "earnings"),
    low_percentile="low favours poor quality",
    universes=(SMALLCAP_250, MARKET),
)
def quality_leads(inputs: Inputs) -> Graded:
    """Graded by lift, by rank correlation without beta's part, and against microcaps."""
    small = leadership_of(inputs, SMALLCAP_250, (*_READ, RESIDUAL, MEMBERS))
    beside = leadership_of(inputs, MARKET, (MICROCAP,)).select("session_date", MICROCAP)
    frame = small.join(beside, on="session_date", how="left", maintain_order="left")
    # A move under 1% has no lift: then nothing led.
    stood_still = pl.col(RESIDUAL).is_not_null() & (pl.col(MEMBERS) > 0)
    frame = frame.with_columns(
        has_lift=pl.when(pl.col(LIFT).is_not_null())
        # In a fall those lead that take the smaller part of it.
        .then(
            pl.when(pl.col(MOVE) > 0)
            .then(pl.col(LIFT) > LIFT_ABOVE)
            .otherwise(pl.col(LIFT) < 1 / LIFT_ABOVE)
        )
        .when(stood_still)
        .then(pl.lit(value=False)),
        has_skill=(pl.col(ADJUSTED) > 0) & (pl.col(f"{ADJUSTED}_p") < CHANCE_BELOW),
        beats_microcaps=pl.col(MICROCAP) < 0,
    )
    return Graded(_verdict(frame), pl.concat(_legs(frame)))


def _legs(frame: pl.DataFrame) -> list[pl.DataFrame]:
    # Without a list of members nothing is known of them; else results are what is missing.
    source = pl.when(~pl.col("is_held")).then(pl.lit(LIST_SOURCE)).otherwise(pl.lit(RESULTS_SOURCE))
    skill = f"> 0 with a chance below {CHANCE_BELOW:.0%}"
    return [
        leg(
            frame,
            "lift",
            metric=LIFT,
            unit="ratio",
            threshold=f"> {LIFT_ABOVE:g}; in a fall < {1 / LIFT_ABOVE:.2f}",
            value=pl.col(LIFT),
            holds=pl.col("has_lift"),
            source=source,
            window_sessions=SESSIONS,
        ),
        leg(
            frame,
            "quality_beyond_beta",
            metric=ADJUSTED,
            unit="ratio",
            threshold=skill,
            value=pl.col(ADJUSTED),
            holds=pl.col("has_skill"),
            source=source,
            window_sessions=SESSIONS,
            percentile=pl.col(f"{ADJUSTED}_percentile"),
            sample_size=pl.col(MEMBERS),
        ),
        leg(
            frame,
            "quality_as_it_is",
            metric=IC,
            unit="ratio",
            threshold=skill,
            value=pl.col(IC),
            holds=(pl.col(IC) > 0) & (pl.col(f"{IC}_p") < CHANCE_BELOW),
            source=source,
            window_sessions=SESSIONS,
            sample_size=pl.col(MEMBERS),
        ),
        leg(
            frame,
            "beats_microcaps",
            metric=MICROCAP,
            unit="percentage points",
            threshold="< 0",
            value=pl.col(MICROCAP),
            holds=pl.col("beats_microcaps"),
            source=INDEX_SOURCE,
            window_sessions=SESSIONS,
        ),
    ]


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    parts = [pl.col(name) for name in ("has_lift", "has_skill", "beats_microcaps")]
    held, tested = count_of(*parts), tested_of(*parts)
    is_rough = (pl.col(RESIDUAL).abs() > RESIDUAL_TO_BPS).fill_null(value=False)
    grade = (
        pl.when(pl.col(ADJUSTED).is_null())
        .then(pl.lit(UNTESTABLE))
        .when(held == PARTS)
        .then(pl.when(is_rough).then(pl.lit(PARTLY)).otherwise(pl.lit(SUPPORTED)))
        .when(held == PARTS - 1)
        .then(pl.lit(PARTLY))
        # What could not be tested might have made it two.
        .when(held + (PARTS - tested) >= PARTS - 1)
        .then(pl.lit(UNTESTABLE))
        .when((held == 0) & (tested == PARTS))
        .then(pl.lit(CONTRADICTED))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    lift = (
        pl.when(pl.col(LIFT).is_not_null())
        .then(
            pl.format(
                "the index {} {}, lift of the best third {}",
                pl.when(pl.col(MOVE) > 0).then(pl.lit("rose")).otherwise(pl.lit("fell")),
                percent(pl.col(MOVE).abs()),
                number(pl.col(LIFT), 2),
            )
        )
        .when(pl.col("has_lift").is_not_null())
        .then(pl.lit("no lift, because the index moved less than 1%"))
        .otherwise(pl.lit(f"lift unknown, {INDEX_SOURCE} or {RESULTS_SOURCE} lacks its parts"))
    )
    against = (
        pl.when(pl.col(MICROCAP).is_null())
        .then(pl.lit(f"Nifty Microcap 250 unknown, {INDEX_SOURCE} lacks its closes"))
        .otherwise(
            pl.format(
                "Nifty Microcap 250 less Nifty Smallcap 100 {} percentage points",
                number(pl.col(MICROCAP), 2),
            )
        )
    )
    residual = pl.format(
        "; market caps stand for weights: residual {} basis points{}",
        number(pl.col(RESIDUAL), 1),
        pl.when(is_rough).then(pl.lit(", so PARTLY at most")).otherwise(pl.lit("")),
    ).fill_null("")
    judged = pl.format(
        f"over {SESSIONS} sessions: {{}}; quality correlates {{}} with returns beyond beta among "
        "{} members, as high by chance in {} of cases ({} with beta's part); {}{}{}",
        lift,
        number(pl.col(ADJUSTED), 3),
        number(pl.col(MEMBERS)),
        percent(100 * pl.col(f"{ADJUSTED}_p")),
        number(pl.col(IC), 3).fill_null("unknown"),
        against,
        residual,
        bias_in_words(pl.col("is_biased"), pl.col("session_date"), SESSIONS),
    )
    untold = (
        pl.when(~pl.col("is_held"))
        .then(
            pl.format(
                f"{LIST_SOURCE} and the files of shares give no members of Nifty Smallcap 250 for "
                "this session: {}",
                last_with(pl.col("is_held")),
            )
        )
        .when(pl.col(ADJUSTED).is_null())
        .then(
            pl.format(
                "{} members of Nifty Smallcap 250 have quality and a return over "
                f"{SESSIONS} sessions, {LEAST_MEMBERS} with a year's beta too are needed "
                f"({RESULTS_SOURCE}, {SHARE_SOURCE}, {INDEX_SOURCE}): {{}}",
                number(pl.col(MEMBERS)).fill_null("no"),
                last_with(pl.col(ADJUSTED).is_not_null()),
            )
        )
    )
    base = {
        "session_date": pl.col("session_date"),
        "grade": capped(grade, pl.col("is_biased")),
        "value": pl.col(ADJUSTED),
        "percentile": pl.col(f"{ADJUSTED}_percentile"),
        "null_probability": pl.col(f"{ADJUSTED}_p"),
        "sample_size": pl.when(pl.col(ADJUSTED).is_not_null()).then(MEMBERS),
        "reasons": pl.coalesce(untold, judged),
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()]
    )
