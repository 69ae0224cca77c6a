"""Whether the recovery is early: under way by the regime's rules, and not confirmed."""

from __future__ import annotations

import polars as pl

from transforms.signals.claim import (
    FLOW_SOURCE,
    INDEX_SOURCE,
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
from transforms.signals.level_grid import no_regime_in_words, regime_of
from transforms.signals.regime_table import ADVANCE, CONFIRMED, EARLY, FAILED, REBOUND
from transforms.signals.wording import percent

EARLY_STATES = (REBOUND, EARLY)
_LEGS = {
    "above_averages": ("close above its 20- and 50-session means", INDEX_SOURCE),
    "thrust": (
        "follow-through day or thrust of breadth in 20 sessions",
        f"{INDEX_SOURCE} and {SHARE_SOURCE}",
    ),
    "breadth_turns": (
        "summation index rises and oscillator is positive, or half are above 50-session means",
        SHARE_SOURCE,
    ),
    "flows": ("FII and DII bought over 10 sessions, by rank", FLOW_SOURCE),
    "companion": ("mid caps at least rebound", INDEX_SOURCE),
}


@claim(
    article_row=17,
    statement="The recovery of small caps is early and not yet confirmed",
    unit="legs of five",
    window_sessions=252,
    threshold=f"regime of {' or '.join(EARLY_STATES)} by the full rules, nothing held by data",
    null_model=(
        "Driftless random walk from the close rises to a fifth above the low of the drawdown, or "
        "to within 5% of the 252-session high, before it falls below that low"
    ),
    citation=(
        "Riskon's regime; a fifth above the low: Lunde and Timmermann, J. Business & Economic "
        "Statistics 22 (2004)"
    ),
    sql="""
        SELECT session_date, early_held::DOUBLE AS value, state, days_in_state, held_by_data,
          early_tested, low_close, rise_from_low_pct, confirmed_probability, past_null_probability,
          recovery_null_probability
        FROM mart.regime
        WHERE index_id = 'nifty-smallcap-100' AND rules = 'full'
          AND session_date = {session_date}
    """,
    reads=("index", "shares", "flow", "earnings"),
    bearing="background",
)
def recovery_is_early(inputs: Inputs) -> Graded:
    """Graded by the state; the five legs that lead on from a rebound stand beside.

    Background: the regime is the verdict itself, and a confirmed one, which contradicts "early",
    would else count against a return of risk.
    """
    frame = regime_of(inputs, "full").with_columns(untold=no_regime_in_words(inputs))
    is_early = pl.when(pl.col("untold").is_null()).then(pl.col("state").is_in(EARLY_STATES))
    legs = [
        leg(
            frame,
            name,
            metric=words,
            unit="yes or no",
            threshold="holds",
            value=pl.col(f"leg_{name}").cast(pl.Float64),
            holds=pl.col(f"leg_{name}"),
            source=source,
        )
        for name, (words, source) in _LEGS.items()
    ]
    state = leg(
        frame,
        "state_is_early",
        metric="legs of an early recovery that hold",
        unit="of five",
        threshold=f"regime of {' or '.join(EARLY_STATES)}",
        value=pl.col("early_held").cast(pl.Float64),
        holds=is_early,
        source=INDEX_SOURCE,
        sample_size=pl.col("early_tested"),
    )
    return Graded(_verdict(frame), pl.concat([*legs, state]))


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    state = pl.col("state")
    is_held = pl.col("held_by_data").fill_null("") != ""
    grade = (
        pl.when(pl.col("untold").is_not_null())
        .then(pl.lit(UNTESTABLE))
        .when(state.is_in(EARLY_STATES))
        .then(pl.when(is_held).then(pl.lit(PARTLY)).otherwise(pl.lit(SUPPORTED)))
        .when(state == CONFIRMED)
        .then(pl.lit(CONTRADICTED))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    meaning = (
        pl.when(state.is_in(EARLY_STATES))
        .then(pl.lit("under way and not confirmed"))
        .when(state == CONFIRMED)
        .then(pl.lit("confirmed, so no longer early"))
        .when(state == ADVANCE)
        .then(pl.lit("there is no drawdown to recover from"))
        .when(state == FAILED)
        .then(pl.lit("the recovery has failed"))
        .otherwise(pl.lit("no recovery has begun"))
    )
    is_risen = pl.col("low_close").is_not_null() & pl.col("rise_from_low_pct").is_not_null()
    rise = pl.when(is_risen & (state != ADVANCE)).then(
        pl.format(
            "{} above the low of {}",
            percent(pl.col("rise_from_low_pct")),
            pl.col("low_date").dt.to_string("%Y-%m-%d"),
        )
    )
    legs = pl.format("{} of {} early legs hold", "early_held", "early_tested")
    past = (
        pl.when(pl.col("past_rebounds") > 0)
        .then(
            pl.format(
                "{} of {} past rebounds were confirmed or back near the high before a new low ({} "
                "to {}), where luck alone gives {}",
                "past_confirmed",
                "past_rebounds",
                percent(100 * pl.col("confirmed_probability_low"), 0),
                percent(100 * pl.col("confirmed_probability_high"), 0),
                percent(100 * pl.col("past_null_probability"), 0),
            )
        )
        .when(pl.col("past_rebounds") == 0)
        .then(pl.lit("no past rebound is decided"))
    )
    luck = pl.format(
        "from here a driftless walk does so in {} of cases",
        percent(100 * pl.col("recovery_null_probability")),
    )
    held = pl.when(is_held).then(pl.format("held by missing data: {}", "held_by_data"))
    told = pl.concat_str(
        pl.format("{} for {} sessions: {}", state, "days_in_state", meaning),
        rise,
        legs,
        past,
        luck,
        held,
        separator="; ",
        ignore_nulls=True,
    )
    is_told = pl.col("untold").is_null()
    base = {
        "session_date": pl.col("session_date"),
        "grade": grade,
        "value": pl.col("early_held"),
        "percentile": pl.lit(None),
        "null_probability": pl.when(is_told).then("recovery_null_probability"),
        "sample_size": pl.when(is_told).then("past_rebounds"),
        "reasons": pl.when(is_told).then(told).otherwise("untold"),
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()]
    )
