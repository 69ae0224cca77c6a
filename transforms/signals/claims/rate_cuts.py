"""Whether rate cuts are expected, by what short yields stand at beside the policy rates."""

from __future__ import annotations

import polars as pl

from transforms.signals.claim import VERDICT_SCHEMA, Graded, Inputs, claim, leg
from transforms.signals.grades import (
    CONTRADICTED,
    LEAST_BASE_RATE_SESSIONS,
    NOT_SUPPORTED,
    PARTLY,
    SUPPORTED,
    UNTESTABLE,
)
from transforms.signals.macro_grades import CUTS_TO_PERCENTILE, NO_CUTS_FROM_PERCENTILE
from transforms.signals.macro_grid import macro_of
from transforms.signals.wording import number

UNITED_STATES, INDIA = "US_RATE_CUTS", "IN_RATE_CUTS"
PARTS = {UNITED_STATES: ("DGS2", "DFF"), INDIA: ("IN_TBILL_91D", "RBI_REPO")}
FRED_SOURCE, IMPORTED_SOURCE = "fred", "imported_macro"


@claim(
    article_row=23,
    statement="Rate-cut expectations remain alive",
    unit="percentage points",
    window_sessions=1,
    threshold=(
        "In both countries the short yield stands below the policy rate; in the United States "
        f"(2-year less fed funds) at percentile <= {CUTS_TO_PERCENTILE:g}, in India (91-day bill "
        "less repo) at any"
    ),
    null_model=(
        "Base rate: share of earlier sessions with the same countries testable in which cuts were "
        f"priced in as many; null until {LEAST_BASE_RATE_SESSIONS} such"
    ),
    citation="Riskon convention: level at its percentile; a proxy, no futures are read",
    sql="""
        SELECT session_date, series_id, value, value_percentile AS percentile, observation_date,
          age_sessions, is_stale
        FROM mart.macro WHERE series_id = 'US_RATE_CUTS' AND session_date = {session_date}
    """,
    reads=("macro",),
    low_percentile="low is more cuts priced",
)
def rate_cut_expectations_alive(inputs: Inputs) -> Graded:
    """SUPPORTED in both countries, PARTLY in one; CONTRADICTED where both are held and say hikes.

    A country is alive where its legs hold; one whose series are missing or stale is not tested and
    never counts as alive. The figure shown is the United States', the one that has a history.
    """
    frame = _ruled(inputs)
    legs = [
        leg(
            frame,
            "us_cuts_priced",
            metric="2-year Treasury yield less fed funds",
            unit="percentage points",
            threshold="< 0",
            value=pl.col("us"),
            holds=pl.col("us") < 0,
            source=FRED_SOURCE,
            percentile=pl.col("us_percentile"),
            sample_size=pl.col("us_sample"),
        ),
        leg(
            frame,
            "us_cuts_unusual",
            metric="2-year Treasury yield less fed funds",
            unit="percentage points",
            threshold=f"percentile <= {CUTS_TO_PERCENTILE:g}",
            value=pl.col("us"),
            holds=pl.col("us_percentile") <= CUTS_TO_PERCENTILE,
            source=FRED_SOURCE,
            percentile=pl.col("us_percentile"),
            sample_size=pl.col("us_sample"),
        ),
        leg(
            frame,
            "india_cuts_priced",
            metric="91-day treasury bill yield less repo rate",
            unit="percentage points",
            threshold="< 0",
            value=pl.col("india"),
            holds=pl.col("india") < 0,
            source=IMPORTED_SOURCE,
            percentile=pl.col("india_percentile"),
            sample_size=pl.col("india_sample"),
        ),
    ]
    return Graded(_verdict(frame), pl.concat(legs))


def _ruled(inputs: Inputs) -> pl.DataFrame:
    """Both spreads at every session, whether each is alive, and how often as many were before."""
    frame = inputs.sessions.select(pl.col("session_date").unique().sort())
    for series_id, name in ((UNITED_STATES, "us"), (INDIA, "india")):
        # A stale difference has no value, and its rank says nothing.
        held = macro_of(inputs, series_id).select(
            "session_date",
            pl.col("value").alias(name),
            pl.when(pl.col("value").is_not_null())
            .then("value_percentile")
            .alias(f"{name}_percentile"),
            pl.col("sample").alias(f"{name}_sample"),
        )
        frame = frame.join(held, on="session_date", how="left", maintain_order="left")
        parts = [_told(inputs, part) for part in PARTS[series_id]]
        told = parts[0].join(parts[1], on="session_date", how="left", maintain_order="left")
        frame = frame.join(
            told.select("session_date", pl.concat_str("^told_.*$", separator=", ").alias(name)),
            on="session_date",
            how="left",
            suffix="_parts",
            maintain_order="left",
        )
    us, india = pl.col("us_percentile"), pl.col("india")
    frame = frame.with_columns(
        us_alive=(pl.col("us") < 0) & (us <= CUTS_TO_PERCENTILE),
        india_alive=india < 0,
        us_tested=us.is_not_null(),
        india_tested=india.is_not_null(),
    ).with_columns(
        alive=pl.col("us_alive").fill_null(value=False).cast(pl.Int64)
        + pl.col("india_alive").fill_null(value=False).cast(pl.Int64),
        tested=pl.col("us_tested").cast(pl.Int64) + pl.col("india_tested").cast(pl.Int64),
    )
    same = ["us_tested", "india_tested"]
    before = (pl.int_range(pl.len()).over(same)).cast(pl.Int64)
    as_many = [
        (pl.col("alive") >= count).cast(pl.Int64).cum_sum().shift(1, fill_value=0).over(same)
        for count in range(3)
    ]
    found = pl.when(pl.col("alive") == 0).then(as_many[0])
    return frame.with_columns(
        base_rate=pl.when((pl.col("tested") > 0) & (before >= LEAST_BASE_RATE_SESSIONS)).then(
            found.when(pl.col("alive") == 1).then(as_many[1]).otherwise(as_many[2]) / before
        )
    )


def _told(inputs: Inputs, part: str) -> pl.DataFrame:
    """What is held of one series, in words: none, or its date and age."""
    frame = macro_of(inputs, part)
    return frame.select(
        "session_date",
        pl.when(pl.col("observation_date").is_null())
        .then(pl.lit(f"{part} not held"))
        .otherwise(
            pl.format(
                f"{part} of {{}} ({{}} sessions old{{}})",
                pl.col("observation_date").dt.to_string("%Y-%m-%d"),
                "age_sessions",
                pl.when("is_stale").then(pl.lit(", stale")).otherwise(pl.lit("")),
            )
        )
        .alias(f"told_{part}"),
    )


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    says_hikes = (
        (pl.col("us") >= 0)
        & (pl.col("us_percentile") >= NO_CUTS_FROM_PERCENTILE)
        & (pl.col("india") >= 0)
    )
    grade = (
        pl.when(pl.col("tested") == 0)
        .then(pl.lit(UNTESTABLE))
        .when(pl.col("alive") == 2)
        .then(pl.lit(SUPPORTED))
        .when(pl.col("alive") == 1)
        .then(pl.lit(PARTLY))
        .when(says_hikes)
        .then(pl.lit(CONTRADICTED))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    american = (
        pl.when("us_tested")
        .then(
            pl.format(
                "United States: 2-year less fed funds {} points at percentile {} of {}, {}",
                number(pl.col("us"), 2),
                number(pl.col("us_percentile"), 1),
                number(pl.col("us_sample")),
                _alive("us_alive"),
            )
        )
        .when(pl.col("us").is_not_null())
        .then(
            pl.format("United States untested: {} values held, 756 are needed to rank", "us_sample")
        )
        .otherwise(pl.format(f"United States untested: {{}} ({FRED_SOURCE})", "us_parts"))
    )
    indian = (
        pl.when("india_tested")
        .then(
            pl.format(
                "India: 91-day bill less repo {} points{}, {}",
                number(pl.col("india"), 2),
                pl.format(" at percentile {}", number(pl.col("india_percentile"), 1)).fill_null(""),
                _alive("india_alive"),
            )
        )
        .otherwise(pl.format(f"India untested: {{}} ({IMPORTED_SOURCE})", "india_parts"))
    )
    return frame.select(
        "session_date",
        grade=grade,
        value=pl.col("us"),
        percentile=pl.col("us_percentile"),
        null_probability=pl.col("base_rate"),
        sample_size=pl.col("us_sample"),
        reasons=pl.format("{}; {}", american, indian),
    ).cast(pl.Schema(VERDICT_SCHEMA))


def _alive(flag: str) -> pl.Expr:
    return pl.when(flag).then(pl.lit("cuts are priced")).otherwise(pl.lit("no cuts are priced"))
