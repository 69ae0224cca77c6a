"""Whether strength of small caps came before rises of months: what the event study found."""

from __future__ import annotations

import polars as pl

from transforms.signals.claim import (
    INDEX_SOURCE,
    SHARE_SOURCE,
    VERDICT_SCHEMA,
    Graded,
    Inputs,
    claim,
    leg,
)
from transforms.signals.event_study.events import DEFINITIONS, STRENGTH_SESSIONS, TARGETS, TITLES
from transforms.signals.event_study.inference import (
    ENOUGH_EVENTS,
    FALSE_DISCOVERIES,
    LEAST_EVENTS,
)
from transforms.signals.grades import (
    CONTRADICTED,
    NOT_SUPPORTED,
    PARTLY,
    SUPPORTED,
    UNTESTABLE,
)
from transforms.signals.quarterly import (
    known_quarter,
    nothing_studied,
    quarter_in_words,
    studies_held,
)
from transforms.signals.wording import number
from warehouse.tables.signals import EventStudy

EVENTS = {one.id: one for one in DEFINITIONS if one.role == "test"}
SOURCES = {one: SHARE_SOURCE if one.startswith("breadth") else INDEX_SOURCE for one in EVENTS}
INSUFFICIENT = "INSUFFICIENT"
TEST = ["event_id", "target", "horizon_sessions"]
SHOWN = ("excess_pct", "p_value", "q_value", "events", "target", "horizon_sessions", "reasons")
# p of equal tests may differ in the last bit; a control as strong must not pass for weaker.
_DECIMALS = 12


@claim(
    article_row=13,
    statement="Strength of small caps precedes bull phases of several months",
    unit="percent",
    window_sessions=int(STRENGTH_SESSIONS.value),
    threshold=(
        f"after at least one of {len(EVENTS)} frozen events the market or small caps rise more "
        "than after sessions alike in drawdown and volatility, at a false discovery rate of "
        f"{FALSE_DISCOVERIES.value:.0%} over all tests made, more surely than after strength of "
        f"large caps, and after none they rise less; PARTLY: of {LEAST_EVENTS.value:g} to "
        f"{ENOUGH_EVENTS.value - 1:g} events"
    ),
    null_model=(
        "The events fall at other times: circular shifts of all of them together, two-sided; q of "
        "the surest test, which is its p corrected for all tests made (Benjamini-Hochberg)"
    ),
    citation=(
        "Events frozen before the first run: Riskon. Benjamini and Hochberg, J. Royal Statistical "
        "Society B 57 (1995). Sceptical prior: Schaeffer's (2018, 2019), Hulbert (2017)"
    ),
    sql="""
        SELECT {session_date} AS session_date, through_date, event_id, target, horizon_sessions,
          excess_pct AS value, p_value, q_value, events, minimum_detectable_pct
        FROM mart.event_study
        WHERE through_date = {through_date} AND event_id = {event_id} AND target = {target}
          AND horizon_sessions = CAST({horizon} AS BIGINT)
    """,
    sql_without="""
        SELECT max(through_date) AS last_studied, CAST(NULL AS DOUBLE) AS value
        FROM mart.event_study WHERE through_date < {session_date}
    """,
    bearing="background",
    reads=("index", "shares"),
)
def strength_precedes_bull_phases(inputs: Inputs) -> Graded:
    """Grades of the tests decide, the control beside each; one leg an event, its surest test."""
    held = studies_held(inputs)
    judged = _against_control(held)
    quarters = pl.concat(
        [_best(judged, None), *[_best(judged, event) for event in EVENTS]], how="align_left"
    )
    frame = (
        known_quarter(inputs, held)
        .join(_tally(judged), on="through_date", how="left", maintain_order="left")
        .join(quarters, on="through_date", how="left", maintain_order="left")
        .join(_events_in_words(held), on="through_date", how="left", maintain_order="left")
    )
    legs = [
        leg(
            frame,
            event,
            metric=f"mean excess of the surest test after: {one.statement}",
            unit="percent",
            threshold=f"above 0, q <= {FALSE_DISCOVERIES.value:g}, surer than the control",
            value=pl.col(f"{event}_excess_pct"),
            holds=pl.col(f"{event}_is_supported"),
            source=SOURCES[event],
            sample_size=pl.col(f"{event}_events"),
        )
        for event, one in EVENTS.items()
    ]
    return Graded(_verdict(frame, inputs), pl.concat(legs))


def _against_control(held: pl.DataFrame) -> pl.DataFrame:
    """The tests with a grade, and whether the control of the same target and horizon is as sure.

    p is compared, not q: test and control are corrected over families of other sizes.
    """
    held = held.filter(pl.col("grade") != INSUFFICIENT)
    same = ["through_date", "target", "horizon_sessions"]
    controls = (
        held.filter(pl.col("role") == "control", pl.col("excess_pct") > 0)
        .group_by(same)
        .agg(control_p=pl.col("p_value").min())
    )
    is_as_sure = pl.col("control_p").round(_DECIMALS) <= pl.col("p_value").round(_DECIMALS)
    return (
        held.filter(pl.col("role") == "test")
        .join(controls, on=same, how="left")
        .with_columns(is_matched=is_as_sure.fill_null(value=False))
        .sort(
            "through_date",
            pl.col("q_value", "p_value").round(_DECIMALS),
            *TEST,
            nulls_last=True,
        )
    )


def _tally(judged: pl.DataFrame) -> pl.DataFrame:
    """How many tests of each quarter have each grade."""
    grade, is_own = pl.col("grade"), ~pl.col("is_matched")
    return judged.group_by("through_date").agg(
        tests=pl.len().cast(pl.Int64),
        supported=((grade == SUPPORTED) & is_own).sum().cast(pl.Int64),
        partly=((grade == PARTLY) & is_own).sum().cast(pl.Int64),
        matched=(grade.is_in([SUPPORTED, PARTLY]) & ~is_own).sum().cast(pl.Int64),
        matched_supported=((grade == SUPPORTED) & ~is_own).sum().cast(pl.Int64),
        contradicted=(grade == CONTRADICTED).sum().cast(pl.Int64),
    )


def _best(judged: pl.DataFrame, event: str | None) -> pl.DataFrame:
    """The surest test of each quarter: least q, then least p; of one event, or of all."""
    rows = judged if event is None else judged.filter(pl.col("event_id") == event)
    prefix = "" if event is None else f"{event}_"
    is_supported = (pl.col("grade") == SUPPORTED) & ~pl.col("is_matched")
    return rows.group_by("through_date", maintain_order=True).agg(
        *[pl.col(name).first().alias(f"{prefix}{name}") for name in ("event_id", *SHOWN)],
        is_supported.any().alias(f"{prefix}is_supported"),
    )


def _verdict(frame: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    supported, partly, against = (
        pl.col(name) > 0 for name in ("supported", "partly", "contradicted")
    )
    grade = (
        pl.when(pl.col("tests").is_null())
        .then(pl.lit(UNTESTABLE))
        .when(supported & ~against)
        .then(pl.lit(SUPPORTED))
        .when(supported | ((partly | (pl.col("matched_supported") > 0)) & ~against))
        .then(pl.lit(PARTLY))
        .when(against)
        .then(pl.lit(CONTRADICTED))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    surest = pl.format(
        "the surest is {}, {} over {} sessions: excess {}%; {}",
        pl.col("event_id").replace_strict(
            {one: EVENTS[one].statement for one in EVENTS}, default=pl.col("event_id")
        ),
        pl.col("target").replace_strict(
            {one: TITLES[one] for one in TARGETS}, default=pl.col("target")
        ),
        "horizon_sessions",
        number(pl.col("excess_pct"), 1),
        "reasons",
    )
    counted = pl.format(
        "{}, {} tests could be made: {} SUPPORTED and {} PARTLY and surer than the same test of "
        "large-cap strength, {} no surer, {} CONTRADICTED",
        quarter_in_words(),
        "tests",
        "supported",
        "partly",
        "matched",
        "contradicted",
    )
    reasons = pl.coalesce(
        nothing_studied(inputs, EventStudy.table),
        pl.format(
            "{}; {}. What came before an index was launched is hypothetical", counted, surest
        ),
        _too_few(),
    )
    base = {
        "session_date": pl.col("session_date"),
        "grade": grade,
        "value": pl.col("excess_pct"),
        "percentile": pl.lit(None),
        "null_probability": pl.col("q_value"),
        "sample_size": pl.col("events"),
        "reasons": reasons,
    }
    is_told = pl.col("excess_pct").is_not_null()
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()],
        pl.when(is_told).then("through_date"),
        "event_id",
        "target",
        horizon=pl.col("horizon_sessions").cast(pl.String),
    )


def _events_in_words(held: pl.DataFrame) -> pl.DataFrame:
    """For each quarter the most events that a test of each event stands on."""
    return (
        held.filter(pl.col("role") == "test")
        .group_by("through_date", "event_id")
        .agg(pl.col("events").max())
        .sort("through_date", "event_id")
        .group_by("through_date", maintain_order=True)
        .agg(events_in_words=pl.format("{} {}", "event_id", "events").str.join(", "))
    )


def _too_few() -> pl.Expr:
    return pl.format(
        f"{{}}, every test is {INSUFFICIENT}: at least {LEAST_EVENTS.value:g} events whose horizon "
        f"has ended are needed, {{}} are held ({INDEX_SOURCE}, {SHARE_SOURCE})",
        quarter_in_words(),
        pl.col("events_in_words").fill_null("none"),
    )
