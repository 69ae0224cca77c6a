"""Whether small caps stand above a support that has held, below a resistance that has stood."""

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
from transforms.signals.level_grades import (
    NEAR_ATR,
    PARTLY_PERCENTILE,
    STRONG_PERCENTILE,
    WEAK_PERCENTILE,
)
from transforms.signals.level_grid import LOOK_BACK, TITLE, band, nearest_zones
from transforms.signals.wording import number, percent

_STRONG = f"percentile >= {STRONG_PERCENTILE.value:g} among 10,000 artificial levels"
_CITATION = (
    "Osler, Support for Resistance, FRBNY Economic Policy Review (2000): bounces against those of "
    "artificial levels; the cut-offs are Riskon conventions"
)
_PASSED = {
    "support": ("failures", "failed"),
    "resistance": ("breakouts", "broken"),
}


@claim(
    article_row=15,
    statement="Small caps stand above a support that has held",
    unit="percent",
    window_sessions=LOOK_BACK,
    threshold=(
        f"a support at most {NEAR_ATR.value:g} ATR below the close that has not failed since it "
        f"was known, bounce rate at {_STRONG}"
    ),
    null_model=(
        "Driftless random walk from the close reaches the support before the nearest resistance"
    ),
    citation=_CITATION,
    sql="""
        SELECT session_date, bounce_rate_pct AS value, strength_percentile AS percentile, lower,
          upper, pivots, touches, bounces, failures, artificial_bounce_rate_pct, distance_atr,
          reach_first_probability
        FROM mart.zone
        WHERE index_id = 'nifty-smallcap-100' AND kind = 'support' AND zone_rank = 1
          AND session_date = {session_date}
    """,
    reads=("index",),
    bearing="background",
)
def support_holds(inputs: Inputs) -> Graded:
    """Background: a level says where the verdict would change, not that money moves tonight."""
    return _graded(inputs, "support")


@claim(
    article_row=16,
    statement="Small caps stand below a resistance that has stood",
    unit="percent",
    window_sessions=LOOK_BACK,
    threshold=(
        f"a resistance at most {NEAR_ATR.value:g} ATR above the close that has not been broken "
        f"since it was known, bounce rate at {_STRONG}"
    ),
    null_model=(
        "Driftless random walk from the close reaches the resistance before the nearest support"
    ),
    citation=_CITATION,
    sql="""
        SELECT session_date, bounce_rate_pct AS value, strength_percentile AS percentile, lower,
          upper, pivots, touches, bounces, breakouts, artificial_bounce_rate_pct, distance_atr,
          reach_first_probability
        FROM mart.zone
        WHERE index_id = 'nifty-smallcap-100' AND kind = 'resistance' AND zone_rank = 1
          AND session_date = {session_date}
    """,
    reads=("index",),
    bearing="background",
)
def resistance_stands(inputs: Inputs) -> Graded:
    """The mirror of `support_holds`: breakouts where that counts failures."""
    return _graded(inputs, "resistance")


def _graded(inputs: Inputs, kind: str) -> Graded:
    passed, _ = _PASSED[kind]
    frame = nearest_zones(inputs).select(
        "session_date",
        "no_zone_in_words",
        pl.col(f"^{kind}_.*$").name.map(lambda name: name.removeprefix(f"{kind}_")),
        band=band(kind),
        passed=pl.col(f"{kind}_{passed}"),
    )
    frame = frame.with_columns(has_zone=pl.col("lower").is_not_null()).with_columns(
        is_near=_tested(pl.col("distance_atr") <= NEAR_ATR.value),
        is_strong=_tested(pl.col("strength_percentile") >= STRONG_PERCENTILE.value),
        is_unpassed=_tested(pl.col("passed") == 0),
        is_peak=_tested(pl.col("is_volume_peak")),
    )
    return Graded(_verdict(frame, kind), pl.concat(_legs(frame, kind)))


def _tested(holds: pl.Expr) -> pl.Expr:
    """No leg holds of a zone that is not there; none is tested where one could not be seen."""
    return (
        pl.when(pl.col("has_zone"))
        .then(holds)
        .when(pl.col("no_zone_in_words").is_null())
        .then(pl.lit(value=False))
    )


def _legs(frame: pl.DataFrame, kind: str) -> list[pl.DataFrame]:
    _, word = _PASSED[kind]
    return [
        leg(
            frame,
            f"{kind}_is_near",
            metric=f"distance to the nearest {kind}",
            unit="ATR",
            threshold=f"<= {NEAR_ATR.value:g}",
            value=pl.col("distance_atr"),
            holds=pl.col("is_near"),
            source=INDEX_SOURCE,
            window_sessions=LOOK_BACK,
        ),
        leg(
            frame,
            "bounces_are_frequent",
            metric=f"bounces of the decided touches of the {kind}",
            unit="percent",
            threshold=_STRONG,
            value=pl.col("bounce_rate_pct"),
            holds=pl.col("is_strong"),
            source=pl.when("has_zone")
            .then(pl.lit("a touch that is decided"))
            .otherwise(pl.lit(INDEX_SOURCE)),
            percentile=pl.col("strength_percentile"),
            sample_size=pl.col("touches"),
        ),
        leg(
            frame,
            f"has_not_{word}",
            metric=f"times two closes passed the {kind} since it was known",
            unit="times",
            threshold="0",
            value=pl.col("passed").cast(pl.Float64),
            holds=pl.col("is_unpassed"),
            source=INDEX_SOURCE,
        ),
        leg(
            frame,
            "volume_peak",
            metric=f"share of {LOOK_BACK} sessions' turnover spent in the {kind}",
            unit="percent",
            threshold="overlaps the tenth of price bins with most turnover",
            value=pl.col("volume_pct"),
            holds=pl.col("is_peak"),
            source=pl.lit(f"turnover of {INDEX_SOURCE}"),
            window_sessions=LOOK_BACK,
        ),
    ]


def _verdict(frame: pl.DataFrame, kind: str) -> pl.DataFrame:
    rank = pl.col("strength_percentile")
    grade = (
        pl.when(pl.col("has_zone").not_())
        .then(
            pl.when(pl.col("no_zone_in_words").is_null())
            .then(pl.lit(NOT_SUPPORTED))
            .otherwise(pl.lit(UNTESTABLE))
        )
        .when(pl.col("is_near").not_().fill_null(value=False))
        .then(pl.lit(NOT_SUPPORTED))
        .when(rank.is_null())
        .then(pl.lit(UNTESTABLE))
        .when("is_strong", "is_unpassed")
        .then(pl.lit(SUPPORTED))
        .when(rank >= PARTLY_PERCENTILE.value)
        .then(pl.lit(PARTLY))
        .when((rank < WEAK_PERCENTILE.value) & pl.col("is_unpassed").not_())
        .then(pl.lit(CONTRADICTED))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    beyond = "above" if kind == "resistance" else "below"
    known = pl.format(
        f"the {kind} of {{}} ({{}} turning points, known from {{}}) is {{}} ATR away",
        "band",
        "pivots",
        pl.col("known_from").dt.to_string("%Y-%m-%d"),
        number(pl.col("distance_atr"), 1).fill_null("an unknown number of"),
    )
    bounces = (
        pl.when(rank.is_null())
        .then(pl.lit("no touch of it is decided yet"))
        .otherwise(
            pl.format(
                "touches {}, bounces {}: {} of those decided against {} at artificial levels, "
                "percentile {}",
                "touches",
                "bounces",
                percent(pl.col("bounce_rate_pct")),
                percent(pl.col("artificial_bounce_rate_pct")).fill_null("none"),
                number(rank, 1),
            )
        )
    )
    passed = (
        pl.when("is_unpassed")
        .then(pl.lit("two closes never passed it"))
        .when(pl.col("passed") == 1)
        .then(pl.lit("two closes passed it once"))
        .otherwise(pl.format("two closes passed it {} times", "passed"))
    )
    odds = pl.format(
        "; a driftless walk reaches it first in {} of cases",
        percent(100 * pl.col("reach_first_probability")),
    ).fill_null("; there is no zone on the other side to reach first")
    reasons = (
        pl.when("has_zone")
        .then(pl.concat_str(pl.concat_str(known, bounces, passed, separator="; "), odds))
        .otherwise(
            pl.col("no_zone_in_words").fill_null(
                f"no {kind} is known: of the turning points of {LOOK_BACK} sessions no two make a "
                f"zone {beyond} the close of {TITLE}"
            )
        )
    )
    base = {
        "session_date": pl.col("session_date"),
        "grade": grade,
        "value": pl.col("bounce_rate_pct"),
        "percentile": rank,
        "null_probability": pl.col("reach_first_probability"),
        "sample_size": pl.col("touches"),
        "reasons": reasons,
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()]
    )
