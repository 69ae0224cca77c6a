"""Grades every claim for every session."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from transforms.signals.claim import LEG_SCHEMA, VERDICT_SCHEMA, Claim, Graded, Inputs
from transforms.signals.claims import CLAIMS
from transforms.signals.grades import GRADES

EVIDENCE_COLUMNS = (
    "session_date",
    "claim_id",
    "definition_version",
    "article_row",
    "statement",
    "bearing",
    "grade",
    "value",
    "unit",
    "window_sessions",
    "percentile",
    "low_percentile",
    "threshold",
    "null_probability",
    "null_model",
    "sample_size",
    "coverage_pct",
    "reasons",
    "published_at",
    "sql",
)
LEG_COLUMNS = ("session_date", "claim_id", "definition_version", *list(LEG_SCHEMA)[1:])

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def evidence(inputs: Inputs, claims: Sequence[Claim] = CLAIMS) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every claim graded at every session, and the legs each grade stands on.

    Args:
        inputs: frames of the warehouse.
        claims: the claims to grade, all by default.

    Returns:
        Rows of mart.evidence and of mart.evidence_leg, each without recorded_at; sorted by
        session and claim. `published_at` is the latest of the inputs up to that session, null
        where nothing of the session was published: a session restated later stands in the windows
        and ranks of those after it. `sql` has its dates filled in.

    Raises:
        ValueError: a claim leaves a session ungraded, grades one twice, gives an unknown grade,
            no reason, a number that is not finite, or no leg; or two claims share an id.
    """
    ids = [one.id for one in claims]
    if len(set(ids)) < len(ids):
        message = f"expected one claim an id, got {sorted(ids)}"
        raise ValueError(message)
    days = inputs.sessions.select(pl.col("session_date").unique().sort())
    answers = [(one, _checked(one, one.function(_read_by(one, inputs)), days)) for one in claims]
    verdicts = [_verdict_rows(one, graded, inputs) for one, graded in answers]
    legs = [_leg_rows(one, graded) for one, graded in answers]
    return (
        pl.concat(verdicts).sort("session_date", "article_row", "claim_id"),
        pl.concat(legs).sort("session_date", "claim_id", "leg"),
    )


def _read_by(one: Claim, inputs: Inputs) -> Inputs:
    """The inputs with the rows of the claim's own indices and universes alone."""
    return replace(
        inputs,
        momentum=inputs.momentum.filter(pl.col("index_id").is_in(one.indices)),
        breadth=_of_universes(inputs.breadth, one),
        leadership=_of_universes(inputs.leadership, one),
    )


def _of_universes(frame: pl.DataFrame, one: Claim) -> pl.DataFrame:
    # A warehouse that holds no shares gives a frame without columns.
    return frame.filter(pl.col("universe").is_in(one.universes)) if frame.width else frame


def _checked(one: Claim, graded: Graded, days: pl.DataFrame) -> Graded:
    """The answer, if it keeps the contract of Graded."""
    verdict, legs = graded.verdict, graded.legs
    for frame, schema in ((verdict, VERDICT_SCHEMA), (legs, LEG_SCHEMA)):
        got = {name: frame.schema.get(name) for name in schema}
        if got != schema:
            message = f"{one.id}: expected columns {schema}, got {got}"
            raise ValueError(message)
    numbers = pl.col("value", "percentile", "null_probability").is_finite().fill_null(value=True)
    faults = {
        "sessions without one verdict each": (
            verdict.height != days.height
            or not verdict["session_date"].sort().equals(days["session_date"])
        ),
        "grades that are none": not verdict["grade"].is_in(GRADES).fill_null(value=False).all(),
        "grades without reasons": (verdict["reasons"].fill_null("") == "").any(),
        "numbers that are not finite": not verdict.select(pl.all_horizontal(numbers.all())).item(),
        "sessions without legs": legs["session_date"].n_unique() != days.height,
        "legs given twice": legs.select("session_date", "leg").is_duplicated().any(),
        "untested legs without their source": not legs.filter(
            pl.col("holds").is_null() & (pl.col("missing") == "")
        ).is_empty(),
    }
    found = [fault for fault, is_found in faults.items() if is_found]
    if found:
        message = f"{one.id}: {', '.join(found)}"
        raise ValueError(message)
    return graded


def _verdict_rows(one: Claim, graded: Graded, inputs: Inputs) -> pl.DataFrame:
    coverage = graded.legs.group_by("session_date").agg(
        coverage_pct=100 * pl.col("holds").is_not_null().mean()
    )
    known = (
        inputs.published.filter(pl.col("subject").is_in(one.reads))
        .join(inputs.sessions, on="session_date", how="semi")
        .group_by("session_date")
        .agg(pl.col("published_at").max())
        .sort("session_date")
        .with_columns(pl.col("published_at").cum_max())
    )
    return (
        graded.verdict.join(coverage, on="session_date", how="left")
        .join(known, on="session_date", how="left")
        .with_columns(
            claim_id=pl.lit(one.id),
            definition_version=pl.lit(one.version, dtype=pl.Int64),
            article_row=pl.lit(one.article_row, dtype=pl.Int64),
            statement=pl.lit(one.statement),
            bearing=pl.lit(one.bearing),
            low_percentile=pl.lit(one.low_percentile),
            unit=pl.lit(one.unit),
            window_sessions=pl.lit(one.window_sessions, dtype=pl.Int64),
            threshold=pl.lit(one.threshold),
            null_model=pl.lit(one.null_model),
            sql=_query(one, graded.verdict.schema),
        )
        .select(EVIDENCE_COLUMNS)
    )


def _leg_rows(one: Claim, graded: Graded) -> pl.DataFrame:
    return graded.legs.with_columns(
        claim_id=pl.lit(one.id), definition_version=pl.lit(one.version, dtype=pl.Int64)
    ).select(LEG_COLUMNS)


def _query(one: Claim, schema: pl.Schema) -> pl.Expr:
    """The row's query; where a value it names is null, `= NULL` would never show anything."""
    if not one.sql_without:
        return _filled_in(one.sql, schema)
    named = _PLACEHOLDER.findall(one.sql)
    return (
        pl.when(pl.all_horizontal(pl.col(named).is_not_null()))
        .then(_filled_in(one.sql, schema))
        .otherwise(_filled_in(one.sql_without, schema))
    )


def _filled_in(sql: str, schema: pl.Schema) -> pl.Expr:
    """A query with each {column} replaced by the row's value as a SQL literal."""
    names = _PLACEHOLDER.findall(sql)
    pieces = _PLACEHOLDER.sub("{}", sql)
    return pl.format(pieces, *[_literal(name, schema[name]) for name in names])


def _literal(name: str, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Date():
        text = pl.format("DATE '{}'", pl.col(name).dt.to_string("%Y-%m-%d"))
    elif dtype == pl.String():
        text = pl.format("'{}'", pl.col(name).str.replace_all("'", "''", literal=True))
    else:
        message = f"{name}: expected a date or text for the query, got {dtype}"
        raise ValueError(message)
    return text.fill_null("NULL")
