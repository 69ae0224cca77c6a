"""Announced corporate actions of each security: each once, however often it was announced."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from transforms.action_words import Term, terms

TERM_SCHEMA = {
    "instrument_id": pl.String(),
    "ex_date": pl.Date(),
    "kind": pl.String(),
    "terms": pl.String(),
    "shares_after": pl.Float64(),
    "shares_before": pl.Float64(),
    "price_inr": pl.Float64(),
    "amount_inr": pl.Float64(),
    "reason": pl.String(),
    "purpose": pl.String(),
}
# The same action under another ex date: nobody splits twice in six weeks.
CORRECTION_DAYS = 45
TELLING_FACTOR = 1.5
ZONE = ZoneInfo("Asia/Kolkata")


def action_terms(actions: pl.DataFrame) -> pl.DataFrame:
    """The terms announced for each instrument, each action once.

    Products, series and days repeat an announcement: one term of a kind stands for an instrument
    and ex date, the one announced last. A split, bonus or rights issue of the same terms under
    another ex date within `CORRECTION_DAYS` is the same one, moved: see `_standing`.

    Args:
        actions: instrument_id, ex_date, purpose, face_value_inr (null where unknown: the one of
            another product's row for that day is used), published_at; more columns are ignored.

    Returns:
        Columns of `TERM_SCHEMA`, sorted by instrument, ex date and kind. Rows of kind "unread" and
        "scheme" carry a reason: they are what an operator must be told.
    """
    day = ["instrument_id", "ex_date"]
    rows = actions.drop_nulls(day).with_columns(
        face_=pl.col("face_value_inr").cast(pl.Float64),
    )
    rows = rows.sort(*day, "published_at", "purpose").with_columns(
        face_=pl.col("face_").fill_null(pl.col("face_").drop_nulls().last().over(day))
    )
    wordings = rows.select("purpose", "face_").unique()
    read = [
        (row["purpose"], row["face_"], *_fields(term))
        for row in wordings.to_dicts()
        for term in terms(row["purpose"], row["face_"])
    ]
    names = ["kind", "terms", "shares_after", "shares_before", "price_inr", "amount_inr", "reason"]
    lookup = pl.DataFrame(
        read,
        schema={
            "purpose": pl.String(),
            "face_": pl.Float64(),
            **{name: TERM_SCHEMA[name] for name in names},
        },
        orient="row",
    )
    return (
        rows.join(lookup, on=["purpose", "face_"], how="inner", nulls_equal=True)
        .sort(*day, "published_at", "terms", "purpose")
        .pipe(_read_elsewhere)
        .unique([*day, "kind"], keep="last", maintain_order=True)
        .pipe(_moved)
        .sort(*day, "kind")
        .select(TERM_SCHEMA.keys())
    )


def _fields(term: Term) -> tuple[object, ...]:
    return (
        term.kind,
        term.terms,
        term.shares_after,
        term.shares_before,
        term.price_inr,
        term.amount_inr,
        term.reason,
    )


def _read_elsewhere(rows: pl.DataFrame) -> pl.DataFrame:
    """Without what one product's words left open and another's say for the same day."""
    day = ["instrument_id", "ex_date"]
    is_open = pl.col("kind").is_in(["unread", "scheme"])
    is_told = (~is_open & (pl.col("kind") != "dividend")).any().over(day)
    return rows.filter(~is_open | ~is_told)


def _moved(rows: pl.DataFrame) -> pl.DataFrame:
    """Of equal share actions within `CORRECTION_DAYS`, those that stand."""
    same = ["instrument_id", "kind", "terms"]
    is_share_action = pl.col("kind").is_in(["split", "consolidation", "bonus", "rights"])
    ordered = rows.sort(*same, "ex_date", "published_at")
    near = (pl.col("ex_date") - pl.col("ex_date").shift(1).over(same)).dt.total_days()
    run = (near.is_null() | (near > CORRECTION_DAYS) | ~is_share_action).cum_sum()
    runs = ordered.with_columns(run_=run).with_columns(several_=pl.len().over("run_") > 1)
    stands = [
        row
        for group in runs.filter("several_").partition_by("run_", maintain_order=True)
        for row in _standing(group.to_dicts())
    ]
    return pl.concat([runs.filter(~pl.col("several_")), pl.DataFrame(stands, schema=runs.schema)])


def _standing(group: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of one action under several ex dates, in the order it was announced, what stands.

    A date announced before the earlier one came replaces it. One announced after must not take
    back what was known on the day: a large action stands beside it, for prices to tell which was
    true, and a small one, which prices cannot tell, is passed over.
    """
    stands: list[dict[str, Any]] = []
    for row in sorted(group, key=lambda item: (item["published_at"], item["ex_date"])):
        told_on = row["published_at"].astimezone(ZONE).date()
        kept = [item for item in stands if item["ex_date"] <= told_on]
        if not kept or is_telling(row["shares_after"] / row["shares_before"]):
            stands = [*kept, row]
    return stands


def is_telling(factor: float) -> bool:
    """Whether prices of one session can tell that an action of this factor took place."""
    return not 1 / TELLING_FACTOR < factor < TELLING_FACTOR
