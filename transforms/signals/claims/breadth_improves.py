"""Whether more shares take part than at the low from which small caps rose."""

from __future__ import annotations

import polars as pl

from transforms.signals.breadth_grades import CONTRADICTED_TO, IMPROVED_FROM, RANK_ROSE_FROM
from transforms.signals.breadth_grid import (
    JUDGES,
    SMALLCAP_100,
    bias_in_words,
    capped,
    first_that_can,
    last_without,
    listed,
)
from transforms.signals.breadth_since_low import (
    LEVELS,
    MEASURES,
    RANKED,
    SIZED,
    since_low,
)
from transforms.signals.claim import (
    INDEX_SOURCE,
    SHARE_SOURCE,
    SIZE_SOURCE,
    VERDICT_SCHEMA,
    Graded,
    Inputs,
    claim,
    leg,
)
from transforms.signals.flow_series import with_base_rate
from transforms.signals.grades import (
    CONTRADICTED,
    LEAST_BASE_RATE_SESSIONS,
    NOT_SUPPORTED,
    PARTLY,
    SUPPORTED,
    UNTESTABLE,
)
from transforms.signals.grid import session_grid
from transforms.signals.rebound_low import no_low_in_words, with_low
from transforms.signals.rebounds import WINDOW
from transforms.signals.wording import number


@claim(
    article_row=7,
    statement="Market breadth has improved since the low",
    unit="measures",
    window_sessions=WINDOW,
    threshold=(
        f"at least {IMPROVED_FROM} of {len(MEASURES)} measures of breadth better than at the low "
        f"of the rebound, and their mean percentile at least {RANK_ROSE_FROM:g} higher"
    ),
    null_model=(
        "Base rate: of earlier sessions with a rebound under way, the share on which the rule "
        f"held, null until {LEAST_BASE_RATE_SESSIONS} could be tested"
    ),
    citation="Riskon convention; thrusts: Zweig (1986), Deemer, Whaley (2010)",
    sql="""
        WITH low AS (
          FROM mart.breadth WHERE universe = {universe} AND session_date = {compared_with}),
        risen AS (
          SELECT count(*) AS thrusts FROM mart.breadth
          WHERE universe = {universe}
            AND session_date > {compared_with} AND session_date <= {session_date}
            AND (is_zweig_thrust OR is_deemer_thrust OR is_whaley_advance_thrust
              OR is_whaley_volume_thrust OR is_whaley_price_thrust))
        SELECT now.session_date,
          (coalesce((now.ad_line > low.ad_line)::INT, 0)
          + coalesce((now.mcclellan_summation > low.mcclellan_summation)::INT, 0)
          + coalesce((now.net_new_highs_10_pct > low.net_new_highs_10_pct)::INT, 0)
          + coalesce((now.up_volume_pct > low.up_volume_pct)::INT, 0)
          + coalesce((now.equal_less_cap_9_points > low.equal_less_cap_9_points)::INT, 0)
          + coalesce(((now.above_sma_20_pct > low.above_sma_20_pct)::INT
              + (now.above_sma_50_pct > low.above_sma_50_pct)::INT
              + (now.above_sma_200_pct > low.above_sma_200_pct)::INT >= 2)::INT, 0)
          + (thrusts > 0)::INT)::DOUBLE AS value
        FROM mart.breadth AS now, low, risen
        WHERE now.universe = {universe} AND now.session_date = {session_date}
    """,
    sql_without="""
        SELECT session_date, universe, ad_line, mcclellan_summation, above_sma_50_pct,
          net_new_highs_10_pct, up_volume_pct, NULL::DOUBLE AS value
        FROM core.trading_session LEFT JOIN (
          FROM mart.breadth WHERE universe IN ('nifty-smallcap-250', 'market'))
          USING (session_date)
        WHERE session_date <= {session_date} ORDER BY session_date DESC, universe LIMIT 60
    """,
    reads=("index", "shares"),
    low_percentile="low is narrow",
    universes=JUDGES,
)
def breadth_has_improved(inputs: Inputs) -> Graded:
    """Graded by seven measures now and at the low of the rebound under way; without one, not."""
    grid = with_low(session_grid(inputs, close=SMALLCAP_100))
    frames = {universe: since_low(inputs, grid, universe) for universe in JUDGES}
    frame = with_base_rate(
        first_that_can(frames, pl.col("tested") >= IMPROVED_FROM).with_columns(
            # Without ranks the rule can only fail: such sessions are no sample of it.
            has_improved=pl.when(
                (pl.col("tested") >= IMPROVED_FROM) & pl.col("rank_rise").is_not_null()
            ).then((pl.col("improved") >= IMPROVED_FROM) & (pl.col("rank_rise") >= RANK_ROSE_FROM))
        ),
        "has_improved",
    )
    return Graded(_verdict(frame), pl.concat(_legs(frame)))


def _legs(frame: pl.DataFrame) -> list[pl.DataFrame]:
    has_low = pl.col("is_under_way")
    source = pl.when(has_low.is_null()).then(pl.lit(INDEX_SOURCE))

    def holds(condition: pl.Expr) -> pl.Expr:
        # Without a rebound there is nothing that could have improved since its low.
        return pl.when(has_low).then(condition).when(~has_low).then(pl.lit(value=False))

    levels = [
        leg(
            frame,
            name,
            metric=name,
            unit=unit,
            threshold="above its value at the low",
            value=pl.when(pl.col("compared_with").is_not_null()).then(name),
            holds=holds(pl.col(f"{name}_is_better")),
            source=source.otherwise(pl.lit(SIZE_SOURCE if name == SIZED else SHARE_SOURCE)),
            percentile=pl.col(f"{name}_percentile") if f"{name}_percentile" in RANKED else None,
        )
        for name, (_, unit) in LEVELS.items()
    ]
    return [
        *levels,
        leg(
            frame,
            "averages",
            metric="members above their averages of 20, 50 and 200 sessions",
            unit="percent",
            threshold="at least two of the three shares above those at the low; shown: 50",
            value=pl.when(pl.col("compared_with").is_not_null()).then("above_sma_50_pct"),
            holds=holds(pl.col("averages_is_better")),
            source=source.otherwise(pl.lit(SHARE_SOURCE)),
            percentile=pl.col("above_sma_50_pct_percentile"),
        ),
        leg(
            frame,
            "thrust",
            metric="thrusts of breadth since the low, by Zweig, Deemer and Whaley",
            unit="sessions",
            threshold="at least 1",
            value=pl.col("thrusts").cast(pl.Float64),
            holds=holds(pl.col("thrust_is_better")),
            source=source.otherwise(pl.lit(SHARE_SOURCE)),
        ),
        leg(
            frame,
            "rank_rise",
            metric="rise of the mean percentile since the low",
            unit="percentage points",
            threshold=f">= {RANK_ROSE_FROM:g}",
            value=pl.col("rank_rise"),
            holds=holds(pl.col("rank_rise") >= RANK_ROSE_FROM),
            source=source.otherwise(pl.lit(SHARE_SOURCE)),
        ),
    ]


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    improved, tested = pl.col("improved"), pl.col("tested")
    is_better = improved >= IMPROVED_FROM
    at_most = improved + (len(MEASURES) - tested)
    grade = (
        pl.when(pl.col("is_under_way").is_null())
        .then(pl.lit(UNTESTABLE))
        .when(~pl.col("is_under_way"))
        .then(pl.lit(NOT_SUPPORTED))
        .when(tested < IMPROVED_FROM)
        .then(pl.lit(UNTESTABLE))
        .when(is_better & (pl.col("rank_rise") >= RANK_ROSE_FROM).fill_null(value=False))
        .then(pl.lit(SUPPORTED))
        .when(is_better)
        .then(pl.lit(PARTLY))
        # What could not be tested might have made it five.
        .when(at_most >= IMPROVED_FROM)
        .then(pl.lit(UNTESTABLE))
        .when(at_most <= CONTRADICTED_TO)
        .then(pl.lit(CONTRADICTED))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    ranked = (
        pl.format(
            "mean percentile {} points {}",
            number(pl.col("rank_rise").abs(), 1),
            pl.when(pl.col("rank_rise") < 0).then(pl.lit("lower")).otherwise(pl.lit("higher")),
        )
    ).fill_null(
        f"{SHARE_SOURCE} holds too few sessions to rank them, 756 are needed at the low, so that "
        "it is PARTLY at most"
    )
    better = {title: pl.col(f"{name}_is_better") for name, title in MEASURES.items()}
    worse = {title: ~pl.col(f"{name}_is_better") for name, title in MEASURES.items()}
    untested = {
        f"{title} ({SIZE_SOURCE if name == SIZED else SHARE_SOURCE})": pl.col(
            f"{name}_is_better"
        ).is_null()
        for name, title in MEASURES.items()
    }
    judged = pl.format(
        "{} of {} measures of {} are better than at the low of {}: {}; not better: {}{}; {}{}",
        improved,
        tested,
        "title",
        pl.col("low_date").dt.to_string("%Y-%m-%d"),
        listed(better, nothing="none"),
        listed(worse, nothing="none"),
        pl.when(tested < len(MEASURES))
        .then(pl.format("; untested, which may decide: {}", listed(untested, nothing="none")))
        .otherwise(pl.lit("")),
        ranked,
        bias_in_words(pl.col("is_any_biased"), pl.col("low_date")),
    )
    lacking = (
        pl.when(pl.col("compared_with").is_null())
        .then(
            pl.format(
                f"{SHARE_SOURCE} lacks breadth of {{}} between the low of {{}} and this session: "
                "{}",
                "title",
                pl.col("low_date").dt.to_string("%Y-%m-%d"),
                last_without(pl.col("is_held")),
            )
        )
        .when(tested < IMPROVED_FROM)
        .then(
            pl.format(
                f"{SHARE_SOURCE} holds {{}} sessions of {{}}: {{}} of {len(MEASURES)} measures "
                f"can be compared with the low of {{}}, {IMPROVED_FROM} are needed",
                "held_so_far",
                "title",
                tested,
                pl.col("low_date").dt.to_string("%Y-%m-%d"),
            )
        )
    )
    base = {
        "session_date": pl.col("session_date"),
        "grade": capped(grade, pl.col("is_any_biased")),
        "value": improved.cast(pl.Float64),
        "percentile": pl.when(improved.is_not_null()).then("rank"),
        "null_probability": pl.when(pl.col("has_improved").is_not_null()).then("base_rate"),
        "sample_size": pl.when(improved.is_not_null()).then("held_so_far"),
        "reasons": pl.coalesce(no_low_in_words(), lacking, judged),
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()],
        "universe",
        "compared_with",
    )
