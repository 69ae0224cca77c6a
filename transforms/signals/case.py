"""An article as a case: its date, its literal figures, and the standing claims it makes."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

import polars as pl

from transforms.signals.claim import INDEX_SOURCE, Inputs
from transforms.signals.claims import CLAIMS
from transforms.signals.evidence import evidence
from transforms.signals.figures import Figure, grade_figure
from transforms.signals.finding import Finding
from transforms.signals.grades import UNTESTABLE

# The longest stretch without a session is a long weekend of holidays.
_LONGEST_BREAK = timedelta(days=7)
# The column that says when a row was there to be read; a study is known by its quarter's end.
_KNOWN_ON = ("session_date", "through_date")

CASE_SCHEMA: dict[str, pl.DataType] = {
    "case_id": pl.String(),
    "as_of": pl.Date(),
    "session_date": pl.Date(),
    "article_row": pl.Int64(),
    "claim_id": pl.String(),
    "statement": pl.String(),
    "basis": pl.String(),
    "stated": pl.Float64(),
    "value": pl.Float64(),
    "unit": pl.String(),
    "window_sessions": pl.Int64(),
    "ends_on": pl.Date(),
    "percentile": pl.Float64(),
    "null_probability": pl.Float64(),
    "grade": pl.String(),
    "reasons": pl.String(),
}


@dataclass(frozen=True)
class Case:
    """What one publication said.

    `figures` are its printed numbers, `claims` the standing rules its other sentences appeal to.
    """

    id: str
    title: str
    url: str
    published_on: date
    figures: tuple[Figure, ...]
    claims: tuple[str, ...] = ()


def grade_case(inputs: Inputs, case: Case, as_of: date | None = None) -> pl.DataFrame:
    """Grade a case once, with what was published by the last session up to a date.

    Args:
        inputs: frames of the warehouse.
        case: the publication.
        as_of: the date, instead of the case's `published_on`.

    Returns:
        One row a figure or claim, CASE_SCHEMA, by row of the methodology: `basis` is "figure"
        (the printed number, in `stated`) or "standing rule"; `session_date` is the session it
        was graded by, null where none is held within a week of the date: then all is UNTESTABLE.

    Raises:
        ValueError: the case names a claim that is not declared.
    """
    by_id = {one.id: one for one in CLAIMS}
    unknown = sorted({*case.claims, *(one.claim_id for one in case.figures)} - set(by_id))
    if unknown:
        message = f"{case.id}: expected claims among {sorted(by_id)}, got {unknown}"
        raise ValueError(message)
    day = as_of or case.published_on
    known = _up_to(inputs, day)
    last = known.sessions["session_date"].max()
    if not isinstance(last, date) or day - last > _LONGEST_BREAK:
        rows = _untestable(case, f"{INDEX_SOURCE} holds no session within a week before {day}")
        session = None
    else:
        session = last
        rows = [_figure_row(grade_figure(known, one, session)) for one in case.figures]
        rows += _standing_rows(known, case, session)
    declared = [by_id[str(row["claim_id"])] for row in rows]
    complete = [
        {
            **row,
            "case_id": case.id,
            "as_of": day,
            "session_date": session,
            "article_row": one.article_row,
            "statement": one.statement,
        }
        for row, one in zip(rows, declared, strict=True)
    ]
    return pl.DataFrame(complete, schema=CASE_SCHEMA).sort("article_row", maintain_order=True)


def _up_to(inputs: Inputs, day: date) -> Inputs:
    """The inputs without what came after a date."""
    past = {}
    for one in fields(inputs):
        frame: pl.DataFrame = getattr(inputs, one.name)
        known = next((name for name in _KNOWN_ON if name in frame.columns), None)
        # What a warehouse never derived is a frame without columns.
        past[one.name] = frame.filter(pl.col(known) <= day) if known else frame
    return replace(inputs, **past)


def _figure_row(finding: Finding) -> dict[str, object]:
    return {"basis": "figure", **vars(finding)}


def _standing_rows(inputs: Inputs, case: Case, session: date) -> list[dict[str, object]]:
    if not case.claims:
        return []
    verdicts, _ = evidence(inputs, [one for one in CLAIMS if one.id in case.claims])
    rows = verdicts.filter(pl.col("session_date") == session)
    kept = [name for name in rows.columns if name in CASE_SCHEMA]
    return [
        {"basis": "standing rule", "ends_on": session, **row}
        for row in rows.select(kept).iter_rows(named=True)
    ]


def _untestable(case: Case, reasons: str) -> list[dict[str, object]]:
    told: dict[str, object] = {"grade": UNTESTABLE, "reasons": reasons, "unit": ""}
    return [{"claim_id": one.claim_id, "basis": "figure", **told} for one in case.figures] + [
        {"claim_id": one, "basis": "standing rule", **told} for one in case.claims
    ]
