"""Graded answers: one row a session, claim, definition and instant of knowing."""

from __future__ import annotations

import dataframely as dy

from warehouse.tables import columns
from warehouse.tables.table import Table

GRADES = ("SUPPORTED", "PARTLY", "NOT SUPPORTED", "CONTRADICTED", "UNTESTABLE")
BEARINGS = ("rotation", "background")


class Evidence(Table):
    """A standing claim, graded for one session; a later and different grade is another row."""

    table = "mart.evidence"
    write = "append"

    session_date = columns.session_date()
    claim_id = columns.text("The claim", unit="id", key=True)
    definition_version = columns.described(
        dy.Int64, "Version of the claim's rule", "count", primary_key=True
    )
    recorded_at = columns.instant("The now of the run that graded it", key=True)
    article_row = columns.count("Row of the methodology's table of claims", "row", nullable=False)
    statement = columns.text("What is claimed")
    bearing = columns.word(
        "Whether it would be a sign of rotation, or tells what went before", *BEARINGS
    )
    grade = columns.word("The grade", *GRADES)
    value = columns.number("The figure that decides", "see unit")
    unit = columns.text("Unit of the figure")
    window_sessions = columns.count("Sessions the figure looks back over", "sessions")
    percentile = columns.number("Rank of the figure in its own history", "percent")
    low_percentile = columns.text("What a low percentile means, empty where that is plain")
    threshold = columns.text("What SUPPORTED takes")
    null_probability = columns.number("Odds of seeing as much by luck", "probability 0-1")
    null_model = columns.text("What luck means here")
    sample_size = columns.count("Observations the rank stands on", "count")
    coverage_pct = columns.number("Share of the claim's legs that could be tested", "percent")
    reasons = columns.text("Why this grade, in words")
    published_at = columns.instant("When the last of its inputs could be known", nullable=True)
    sql = columns.text("The query that shows the figures", unit="sql")


class EvidenceLeg(Table):
    """One leg a graded claim stands on."""

    table = "mart.evidence_leg"
    write = "append"

    session_date = columns.session_date()
    claim_id = columns.text("The claim", unit="id", key=True)
    definition_version = columns.described(
        dy.Int64, "Version of the claim's rule", "count", primary_key=True
    )
    recorded_at = columns.instant("The now of the run that graded it", key=True)
    leg = columns.text("The leg", key=True)
    metric = columns.text("What is measured", unit="id")
    value = columns.number("The figure", "see unit")
    unit = columns.text("Unit of the figure")
    window_sessions = columns.count("Sessions the figure looks back over", "sessions")
    percentile = columns.number("Rank of the figure in its own history", "percent")
    sample_size = columns.count("Observations the rank stands on", "count")
    threshold = columns.text("What the leg must meet")
    holds = columns.flag("Whether it does; null: could not be tested", nullable=True)
    missing = columns.text("The source that would be needed, where the leg could not be tested")
