"""Zones and regimes of the headline index on the sequence of sessions, and what is not seen."""

from __future__ import annotations

import math

import polars as pl

from transforms.signals.claim import INDEX_SOURCE, Inputs
from transforms.signals.grid import last_missing, session_grid
from transforms.signals.regime_rules import LEAST_HELD
from transforms.signals.size_indices import HEADLINE
from transforms.signals.wording import number
from transforms.signals.zone_thresholds import ATR_SESSIONS, WINDOW_SESSIONS
from warehouse.tables.signals import Regime
from warehouse.tables.signals import Zone as ZoneTable
from warehouse.tables.table import schema

TITLE = "Nifty Smallcap 100"
LOOK_BACK = int(WINDOW_SESSIONS.value)
"""Sessions whose turning points make a zone."""
_RANGE = int(ATR_SESSIONS.value) + 1
"""Closes in a row that the average true range takes."""


def nearest_zones(inputs: Inputs) -> pl.DataFrame:
    """One row a session, oldest first, with the nearest zone of each kind.

    Returns:
        session_date, close, the columns of mart.zone with the prefix support_ or resistance_
        (null where there is no such zone), no_zone_in_words: why a zone that is not there could
        not be seen; null where it would have been.
    """
    grid = session_grid(inputs, close=HEADLINE)
    # A warehouse in which zones were never drawn gives a frame without columns.
    is_drawn = inputs.zones.width > 0
    zones = inputs.zones if is_drawn else pl.DataFrame(schema=pl.Schema(schema(ZoneTable)))
    nearest = zones.filter(pl.col("index_id") == HEADLINE, pl.col("zone_rank") == 1).drop(
        "index_id", "zone_rank"
    )
    for kind in ("support", "resistance"):
        one = nearest.filter(pl.col("kind") == kind).drop("kind")
        grid = grid.join(
            one.select("session_date", pl.exclude("session_date").name.prefix(f"{kind}_")),
            on="session_date",
            how="left",
            maintain_order="left",
        )
    close = pl.col("close")
    return grid.with_columns(
        no_zone_in_words=pl.when(close.is_null())
        .then(pl.lit(f"{INDEX_SOURCE} has no close of {TITLE} for this session"))
        .when(pl.lit(not is_drawn))
        .then(pl.lit("mart.zone is not derived"))
        .when(~(_held(close, _RANGE, _RANGE) & _held(close, LOOK_BACK, least_held(LOOK_BACK))))
        .then(
            pl.format(
                f"{INDEX_SOURCE} lacks closes of {TITLE} in the {LOOK_BACK} sessions whose turning "
                "points make a zone: {}",
                last_missing(close),
            )
        )
    )


def least_held(sessions: int) -> int:
    """How many closes of so many sessions must be held."""
    return math.ceil(sessions * LEAST_HELD.value / 100)


def _held(close: pl.Expr, sessions: int, least: int) -> pl.Expr:
    held = close.is_not_null().cast(pl.Int64).rolling_sum(sessions)
    return (held >= least).fill_null(value=False)


def regime_of(inputs: Inputs, rules: str) -> pl.DataFrame:
    """One row a session, oldest first: the headline's regime by one set of rules.

    Returns:
        session_date and the columns of mart.regime; all of them null where it has no row.
    """
    held = inputs.regimes
    if not held.width:
        held = pl.DataFrame(schema=pl.Schema(schema(Regime)))
    one = held.filter(pl.col("index_id") == HEADLINE, pl.col("rules") == rules)
    return session_grid(inputs).join(one, on="session_date", how="left", maintain_order="left")


def no_regime_in_words(inputs: Inputs) -> pl.Expr:
    """Why there is no regime to grade by; null where there is one."""
    if not inputs.regimes.width:
        return pl.lit("mart.regime is not derived")
    return (
        pl.when(pl.col("state").is_null())
        .then(pl.lit(f"{INDEX_SOURCE} has no close of {TITLE} up to this session"))
        .when(pl.col("state") == "UNKNOWN")
        .then(
            pl.lit(
                f"the regime is UNKNOWN: {INDEX_SOURCE} lacks closes of {TITLE} in the "
                f"{LOOK_BACK} sessions it takes"
            )
        )
    )


def band(kind: str) -> pl.Expr:
    """The edges of the nearest zone of a kind, in words."""
    lower, upper = (number(pl.col(f"{kind}_{edge}"), 2) for edge in ("lower", "upper"))
    return pl.format("{} to {}", lower, upper)
