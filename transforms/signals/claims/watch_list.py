"""Whether what the press says to watch next looks good: flows, results, mid caps, macro."""

from __future__ import annotations

import polars as pl

from transforms.signals.breadth_grid import count_of, listed, tested_of
from transforms.signals.claim import (
    FLOW_SOURCE,
    INDEX_SOURCE,
    VERDICT_SCHEMA,
    Graded,
    Inputs,
    claim,
    leg,
)
from transforms.signals.claims.rate_cuts import FRED_SOURCE
from transforms.signals.grades import (
    CONTRADICTED,
    LEAST_BASE_RATE_SESSIONS,
    NOT_SUPPORTED,
    PARTLY,
    SUPPORTED,
    UNTESTABLE,
)
from transforms.signals.grid import session_grid
from transforms.signals.monitors import MONITORS
from transforms.signals.season_words import RESULTS_SOURCE
from transforms.signals.verdict_grades import WATCH_LEAST_KNOWN, WATCH_PARTLY_GREEN, WATCH_RED
from warehouse.tables.signals import Monitor
from warehouse.tables.table import schema

WATCHED = {
    "fii_inflows": ("FII inflows", FLOW_SOURCE),
    "filings": ("results (proxy for guidance)", RESULTS_SOURCE),
    "midcap_participation": ("mid caps", INDEX_SOURCE),
    "macro": ("world outside", FRED_SOURCE),
}
LEVEL = "level_holds"
UNITS = {one.id: one.unit for one in MONITORS}
GREEN, RED, UNKNOWN = "green", "red", "unknown"


@claim(
    article_row=18,
    statement="What to watch next looks favourable: FII inflows, results, mid caps, macro",
    unit="monitors green",
    window_sessions=1,
    threshold=(
        f"all {len(WATCHED)} monitors green, and the support not broken; PARTLY: at least "
        f"{WATCH_PARTLY_GREEN.value:g} green and none red"
    ),
    null_model=(
        "(1 + earlier sessions on which all held) / (1 + those that could be tested), null until "
        f"{LEAST_BASE_RATE_SESSIONS} of them: what never happened is not impossible"
    ),
    citation="Riskon convention; the monitors' bands are in ops.definition",
    sql="""
        SELECT {session_date} AS session_date,
          CAST(count(*) FILTER (colour = 'green') AS DOUBLE) AS value,
          count(*) FILTER (colour = 'red') AS red,
          count(*) FILTER (colour = 'unknown') AS unknown
        FROM mart.monitor
        WHERE session_date = {known_on}
          AND monitor_id IN ('fii_inflows', 'filings', 'midcap_participation', 'macro')
    """,
    sql_without="""
        SELECT session_date, monitor_id, colour, reasons, CAST(NULL AS DOUBLE) AS value
        FROM mart.monitor WHERE session_date = {session_date}
    """,
    reads=("index", "flow", "earnings", "macro"),
)
def watch_list_is_green(inputs: Inputs) -> Graded:
    """A leg a monitor: unknown is untested. A broken level is a veto, no fifth vote."""
    frame = _colours(inputs)
    watched = [_known(name) for name in WATCHED]
    is_good = pl.all_horizontal(pl.col(name) == GREEN for name in WATCHED)
    is_broken = (pl.col(LEVEL) == RED).fill_null(value=False)
    frame = frame.with_columns(
        green=count_of(*[pl.col(name) == GREEN for name in WATCHED]),
        red=count_of(*[pl.col(name) == RED for name in WATCHED]),
        known=tested_of(*watched),
        is_broken=is_broken,
    ).with_columns(
        # With one of the four unknown the rule can only fail: such sessions are no sample.
        is_good=pl.when(pl.col("known") == len(WATCHED)).then(is_good & ~is_broken)
    )
    frame = frame.with_columns(
        earlier=pl.col("is_good").is_not_null().cum_sum().shift(1, fill_value=0).cast(pl.Int64),
        held=pl.col("is_good")
        .fill_null(value=False)
        .cum_sum()
        .shift(1, fill_value=0)
        .cast(pl.Int64),
    )
    legs = [
        leg(
            frame,
            name,
            metric=f"monitor of {title}",
            unit=UNITS[name],
            threshold="green",
            value=pl.col(f"{name}_value"),
            holds=_known(name) == GREEN,
            source=source,
            percentile=pl.col(f"{name}_percentile"),
        )
        for name, (title, source) in WATCHED.items()
    ]
    legs.append(
        leg(
            frame,
            LEVEL,
            metric="monitor of the nearest support",
            unit=UNITS[LEVEL],
            threshold="not red",
            value=pl.col(f"{LEVEL}_value"),
            holds=_known(LEVEL) != RED,
            source=INDEX_SOURCE,
            percentile=pl.col(f"{LEVEL}_percentile"),
        )
    )
    return Graded(_verdict(frame, inputs), pl.concat(legs))


def _known(name: str) -> pl.Expr:
    """The colour, null where it is unknown or there is none."""
    return pl.when(pl.col(name) != UNKNOWN).then(name)


def _colours(inputs: Inputs) -> pl.DataFrame:
    """One row a session, oldest first: of each monitor its colour, `_value` and `_percentile`."""
    held = inputs.monitors if inputs.monitors.width else pl.DataFrame(schema=schema(Monitor))
    frame = session_grid(inputs)
    for name in (*WATCHED, LEVEL):
        one = held.filter(pl.col("monitor_id") == name).select(
            "session_date",
            pl.col("colour").alias(name),
            pl.col("value").alias(f"{name}_value"),
            pl.col("percentile").alias(f"{name}_percentile"),
        )
        frame = frame.join(one, on="session_date", how="left", maintain_order="left")
    return frame


def _verdict(frame: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    green, red, known = pl.col("green"), pl.col("red"), pl.col("known")
    is_enough = known >= WATCH_LEAST_KNOWN.value
    grade = (
        pl.when(~is_enough)
        .then(pl.lit(UNTESTABLE))
        .when(pl.col("is_good"))
        .then(pl.lit(SUPPORTED))
        .when(red >= WATCH_RED.value)
        .then(pl.lit(CONTRADICTED))
        .when((green >= WATCH_PARTLY_GREEN.value) & (red == 0))
        .then(pl.lit(PARTLY))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    said = [
        pl.format("{} {}", pl.lit(title), pl.col(name).fill_null(UNKNOWN))
        for name, (title, _) in WATCHED.items()
    ]
    unknown = listed(
        {
            f"{title} ({source})": _known(name).is_null()
            for name, (title, source) in WATCHED.items()
        },
        nothing="",
    )
    level = (
        pl.when(pl.col("is_broken"))
        .then(
            pl.when(green == len(WATCHED))
            .then(pl.lit("; the support is broken, so PARTLY at most"))
            .otherwise(pl.lit("; the support is broken"))
        )
        .when(_known(LEVEL).is_null())
        .then(pl.lit("; whether the support holds is unknown"))
        .otherwise(pl.lit("; the support is not broken"))
    )
    told = pl.format("{} of {} green: {}", green, len(WATCHED), pl.concat_str(said, separator=", "))
    lacking = (
        pl.when(unknown == "").then(pl.lit("")).otherwise(pl.format("; not known: {}", unknown))
    )
    # Of the whole rule, whatever the grade: few green monitors are commoner than all.
    earlier, held = pl.col("earlier"), pl.col("held")
    is_rated = pl.col("is_good").is_not_null() & (earlier >= LEAST_BASE_RATE_SESSIONS)
    before = (
        pl.when(is_rated)
        .then(
            pl.format(
                "; all green, and the support not broken, on {} of {} earlier sessions",
                pl.when(held > 0).then(held.cast(pl.String)).otherwise(pl.lit("none")),
                earlier,
            )
        )
        .otherwise(pl.lit(""))
    )
    reasons = (
        pl.when(~is_enough)
        .then(
            pl.format(
                f"{{}} of the {len(WATCHED)} monitors are known, {WATCH_LEAST_KNOWN.value:g} are "
                "needed; not known: {}",
                known,
                unknown,
            )
            if inputs.monitors.width
            else pl.lit("mart.monitor is not derived")
        )
        .otherwise(pl.format("{}{}{}{}", told, level, lacking, before))
    )
    base = {
        "session_date": pl.col("session_date"),
        "grade": grade,
        "value": pl.when(is_enough).then(green),
        "percentile": pl.lit(None),
        "null_probability": pl.when(is_rated).then((1 + held) / (1 + earlier)),
        "sample_size": pl.when(is_enough).then(
            pl.col("is_good").is_not_null().cum_sum().cast(pl.Int64)
        ),
        "reasons": reasons,
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()],
        known_on=pl.when(is_enough).then("session_date"),
    )
