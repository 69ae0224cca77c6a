"""What the last completed quarter's studies said, beside each session that could know it."""

from __future__ import annotations

import polars as pl

from transforms.signals.claim import Inputs
from transforms.signals.grid import session_grid
from warehouse.tables.signals import Association, EventStudy
from warehouse.tables.table import schema


def studies_held(inputs: Inputs) -> pl.DataFrame:
    """Rows of mart.event_study; none, with all columns, where none was ever derived."""
    return inputs.studies if inputs.studies.width else pl.DataFrame(schema=schema(EventStudy))


def associations_held(inputs: Inputs) -> pl.DataFrame:
    """Rows of mart.association; none, with all columns, where none was ever derived."""
    held = inputs.associations
    return held if held.width else pl.DataFrame(schema=schema(Association))


def known_quarter(inputs: Inputs, held: pl.DataFrame) -> pl.DataFrame:
    """Which quarter's study each session knows: the last that ended before it.

    A study through a session stands on that session's own close, so the session itself is not yet
    told of it, and the evening's claims stand on what was already published.

    Args:
        inputs: frames of the warehouse.
        held: rows with `through_date`, any order.

    Returns:
        One row a session, oldest first: session_date, through_date (null where none is known).
    """
    ends = held.select(pl.col("through_date").unique().sort()).with_columns(last_day="through_date")
    return (
        session_grid(inputs)
        .join_asof(
            ends,
            left_on="session_date",
            right_on="last_day",
            allow_exact_matches=False,
        )
        .select("session_date", "through_date")
    )


def association_of(inputs: Inputs, association_id: str) -> pl.DataFrame:
    """One relation as each session knows it, one row a session, oldest first.

    Returns:
        session_date, through_date (of the last study, of whatever relation), value, low, high,
        p_value, sample_size, missing; null where no study is known or it has not this relation.
    """
    held = associations_held(inputs)
    one = held.filter(pl.col("association_id") == association_id).select(
        "through_date", "value", "low", "high", "p_value", "sample_size", "missing"
    )
    return known_quarter(inputs, held).join(
        one, on="through_date", how="left", maintain_order="left"
    )


def quarter_in_words() -> pl.Expr:
    """How far the study reaches: the quarter to 2025-12-31."""
    return pl.format("by the quarter to {}", pl.col("through_date").dt.to_string("%Y-%m-%d"))


def nothing_studied(inputs: Inputs, mart: str) -> pl.Expr:
    """Why a session knows no study; null where it does."""
    is_derived = (inputs.studies if mart == EventStudy.table else inputs.associations).width > 0
    why = (
        "no quarter that ended before this session is studied"
        if is_derived
        else f"{mart} is not derived"
    )
    return pl.when(pl.col("through_date").is_null()).then(pl.lit(why))
