"""Columns that several tables share: equal name, equal quantity, equal unit."""

from __future__ import annotations

from typing import Any

import dataframely as dy
import polars as pl


def described(column: type[dy.Column], description: str, unit: str, **options: Any) -> dy.Column:
    """A column with its meaning and unit, which reach DDL comments and the dictionary."""
    return column(description=description, metadata={"unit": unit}, **options)


def session_date(*, key: bool = True) -> dy.Column:
    """Trading session, an exchange date in Asia/Kolkata."""
    return described(
        dy.Date, "Trading session, a date in Asia/Kolkata", "date", primary_key=key, nullable=False
    )


def instant(description: str, *, nullable: bool = False, key: bool = False) -> dy.Column:
    """A UTC instant."""
    return described(
        dy.Datetime,
        description,
        "UTC instant",
        time_unit="us",
        time_zone="UTC",
        nullable=nullable,
        primary_key=key,
    )


def text(
    description: str, *, unit: str = "text", nullable: bool = False, key: bool = False
) -> dy.Column:
    """Text."""
    return described(dy.String, description, unit, nullable=nullable, primary_key=key)


def word(description: str, *words: str, nullable: bool = False, key: bool = False) -> dy.Column:
    """One of a few words. Stored as text: DuckLake knows no ENUM."""
    listed = ", ".join(words)
    return dy.String(
        description=f"{description}: {listed}",
        metadata={"unit": "word", "words": listed},
        nullable=nullable,
        primary_key=key,
        check=lambda value: value.is_in(words),
    )


def decimal(
    description: str,
    unit: str,
    *,
    precision: int = 18,
    scale: int = 4,
    nullable: bool = True,
    minimum: float | None = None,
) -> dy.Column:
    """A publisher's decimal, kept exactly."""
    check = None if minimum is None else (lambda value: value >= pl.lit(minimum))
    return described(
        dy.Decimal,
        description,
        unit,
        precision=precision,
        scale=scale,
        nullable=nullable,
        check=check,
    )


def number(description: str, unit: str, *, nullable: bool = True) -> dy.Column:
    """A derived Float64; null until warm, never NaN."""
    return described(dy.Float64, description, unit, nullable=nullable)


def count(description: str, unit: str = "count", *, nullable: bool = True) -> dy.Column:
    """A whole number."""
    return described(dy.Int64, description, unit, nullable=nullable)


def flag(description: str, *, nullable: bool = False) -> dy.Column:
    """True or false."""
    return described(dy.Bool, description, "true or false", nullable=nullable)


def published_at() -> dy.Column:
    """When the world could know the row."""
    return instant("When the world could know this row")


def published_basis() -> dy.Column:
    """How `published_at` is known."""
    return word(
        "How published_at is known", "header", "broadcast", "schedule", "observed", "assumed"
    )


def recorded_at() -> dy.Column:
    """When we first landed the row."""
    return instant("When Riskon first landed this row")


def file_id() -> dy.Column:
    """The landed file a row was read from."""
    return described(
        dy.Int64, "Landed file the row was read from, see ops.fetch", "id", nullable=False
    )
