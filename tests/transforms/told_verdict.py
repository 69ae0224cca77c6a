"""Frames of the verdict as hand tells them, and what every claim on them must keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transforms.metrics.breadth_tables import Breadth
from transforms.metrics.leadership_tables import Leadership
from transforms.metrics.tables import IndexMomentum
from transforms.signals.claim import REGISTRY, Graded, Inputs
from transforms.signals.evidence import evidence
from warehouse.tables.signals import (
    Association,
    EventStudy,
    Monitor,
    Regime,
    RegimeTransition,
    RiskAppetite,
    Zone,
)
from warehouse.tables.table import Table, schema

NOTHING = pl.DataFrame()
TABLES: dict[str, type[Table]] = {
    "momentum": IndexMomentum,
    "breadth": Breadth,
    "leadership": Leadership,
    "zones": Zone,
    "regimes": Regime,
    "transitions": RegimeTransition,
    "appetite": RiskAppetite,
    "monitors": Monitor,
    "studies": EventStudy,
    "associations": Association,
}
SERIES = {"index_id": pl.String(), "session_date": pl.Date(), "close": pl.Float64()}


def rows(table: type[Table], told: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows of a table; what is not told is null."""
    return pl.DataFrame(list(told), schema=schema(table))


def series(days: Sequence[date], **closes: Sequence[float | None]) -> pl.DataFrame:
    """Closes of indices, named with _ for -; null where there is no row."""
    frames = [
        pl.DataFrame({"session_date": days, "close": values}, schema_overrides=SERIES).select(
            pl.lit(name.replace("_", "-")).alias("index_id"), "session_date", "close"
        )
        for name, values in closes.items()
    ]
    return pl.concat(frames).drop_nulls() if frames else pl.DataFrame(schema=SERIES)


def inputs(days: Sequence[date], **frames: pl.DataFrame) -> Inputs:
    """Inputs with these sessions and frames, the others without columns."""
    published = {"subject": pl.String(), "session_date": pl.Date(), "published_at": pl.Datetime()}
    given = {
        "series": series([]),
        "momentum": rows(IndexMomentum, []),
        "flow": NOTHING,
        "published": pl.DataFrame(schema=published),
        **frames,
    }
    return Inputs(sessions=pl.DataFrame({"session_date": list(days)}), **given)


def graded(function: Callable[[Inputs], Graded], given: Inputs) -> dict[date, dict[str, Any]]:
    """The claim's rows by session."""
    return {one["session_date"]: one for one in function(given).verdict.iter_rows(named=True)}


def legs_at(function: Callable[[Inputs], Graded], given: Inputs, day: date) -> dict[str, Any]:
    """The claim's legs at a session, by name."""
    told = function(given).legs.filter(pl.col("session_date") == day)
    return {one["leg"]: one for one in told.iter_rows(named=True)}


def known_by(given: Inputs, day: date) -> Inputs:
    """What was there on the evening of a session."""
    cut: dict[str, pl.DataFrame] = {}
    for field in fields(given):
        frame: pl.DataFrame = getattr(given, field.name)
        for column in ("session_date", "through_date"):
            if column in frame.columns:
                cut[field.name] = frame.filter(pl.col(column) <= day)
    return replace(given, **cut)


def keeps_the_contract(claim_id: str, given: Inputs, days: Sequence[date]) -> None:
    """The claim passes `evidence`, whatever the order of rows, and looks at no later data.

    Its query returns its value at `days` and the last twenty sessions, from tables of its rows.
    """
    (one,) = [one for one in REGISTRY if one.id == claim_id]
    verdicts, legs = evidence(given, [one])
    shuffled = Inputs(
        **{
            field.name: frame.sample(fraction=1, shuffle=True, seed=7) if frame.width else frame
            for field in fields(given)
            for frame in [getattr(given, field.name)]
        }
    )
    for mixed, straight in zip(evidence(shuffled, [one]), (verdicts, legs), strict=True):
        assert_frame_equal(mixed, straight)
    for day in days:
        until = pl.col("session_date") <= day
        early = evidence(known_by(given, day), [one])
        for then, now in zip(early, (verdicts, legs), strict=True):
            assert_frame_equal(then, now.filter(until), rel_tol=1e-9)
    with duckdb.connect() as connection:
        connection.sql("CREATE SCHEMA mart")
        for name, table in TABLES.items():
            frame = getattr(given, name)
            told = frame if frame.width else rows(table, [])
            connection.register("told", told.to_arrow())
            connection.sql(f"CREATE TABLE {table.table} AS FROM told")
        asked = verdicts.filter(
            pl.col("session_date").is_in([*days, *verdicts["session_date"].tail(20)])
        )
        for row in asked.iter_rows(named=True):
            got = connection.execute(row["sql"]).pl().to_dicts()
            if row["value"] is None:
                assert not got or {found["value"] for found in got} == {None}, row["sql"]
            else:
                assert len(got) == 1, row["sql"]
                assert got[0]["session_date"] == row["session_date"]
                assert got[0]["value"] == pytest.approx(row["value"], rel=1e-9), row["sql"]
