"""Markets of a few shares for the tests of contributions and leadership."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from transforms.universes import NEVER

ALWAYS = date(1900, 1, 1)
INDEX = "nifty-smallcap-250"


def member(
    share: str,
    universe: str = INDEX,
    kind: str = "index",
    since: date = ALWAYS,
    until: date = NEVER,
    *,
    biased: bool = False,
) -> dict[str, Any]:
    """A row of core.index_membership."""
    title = universe.split(":", 1)[-1]
    return {
        "universe": universe,
        "universe_kind": kind,
        "universe_title": title,
        "instrument_id": share,
        "valid_from": since,
        "valid_to": until,
        "basis": "seen",
        "is_survivorship_biased": biased,
    }


def memberships(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(
        list(rows),
        schema={
            "universe": pl.String,
            "universe_kind": pl.String,
            "universe_title": pl.String,
            "instrument_id": pl.String,
            "valid_from": pl.Date,
            "valid_to": pl.Date,
            "basis": pl.String,
            "is_survivorship_biased": pl.Boolean,
        },
    )


def closes(days: list[date], levels: Sequence[float | None], universe: str = INDEX) -> pl.DataFrame:
    return pl.DataFrame(
        {"universe": universe, "session_date": days, "close": levels},
        schema={"universe": pl.String, "session_date": pl.Date, "close": pl.Float64},
    )


def quality(
    day: date, thirds: dict[str, int], scores: dict[str, float] | None = None
) -> pl.DataFrame:
    """A cross-section of mart.quality."""
    return pl.DataFrame(
        {
            "session_date": [day] * len(thirds),
            "company_id": list(thirds),
            "quality_tercile": list(thirds.values()),
            "quality_score": [(scores or {}).get(one, 0.0) for one in thirds],
        },
        schema={
            "session_date": pl.Date,
            "company_id": pl.String,
            "quality_tercile": pl.Int64,
            "quality_score": pl.Float64,
        },
    )


def ranks(day: date, thirds: dict[str, int]) -> pl.DataFrame:
    """A session of mart.equity_rank."""
    return pl.DataFrame(
        {
            "session_date": [day] * len(thirds),
            "instrument_id": list(thirds),
            "speculative_tercile": list(thirds.values()),
        },
        schema={
            "session_date": pl.Date,
            "instrument_id": pl.String,
            "speculative_tercile": pl.Int64,
        },
    )
