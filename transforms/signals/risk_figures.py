"""The declared inputs of risk appetite at every session: their age and their rank."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from transforms.metrics.flow_rows import BOTH
from transforms.metrics.percentile import percentile_rank
from transforms.signals.breadth_grid import breadth_of, leadership_of
from transforms.signals.claim import Inputs
from transforms.signals.flow_series import STAGE, foreign_series
from transforms.signals.grid import session_grid
from transforms.signals.risk_inputs import FRESH_SESSIONS, INPUTS, RANK_HISTORY, RiskInput

DECIMALS = 9
"""Figures are ranked as rounded to these: ties are not for a float's last bits to decide."""

_day, _value = pl.col("session_date"), pl.col("value")


def risk_inputs(inputs: Inputs) -> pl.DataFrame:
    """Every declared input at every session: its figure, how old that is, and where it ranks.

    A figure missing today stands for FRESH_SESSIONS sessions at its own age, then is null; a
    macro figure's age counts from the evening its observation became known, so that it is no
    younger for being repeated, and a series beyond its own bound of staleness gives none.

    Ranks are expanding mid-ranks among the fresh figures of all sessions so far, null below
    RANK_HISTORY; those of flows are mart.flow's, where no other series is mixed in. Inverted
    inputs have 100 less the rank. Source: the empirical distribution function of Hollo, Kremer
    and Lo Duca, CISS (ECB Working Paper 1426, 2012), with mid-ranks for ties.

    Returns:
        One row a session and input, sorted by session and declaration: the columns of
        mart.risk_input, and `held` (the figure as its source has it today, fresh or not) and
        `why_missing` (null where the input is used).
    """
    days = inputs.sessions.select(_day.unique().sort()).with_row_index("number")
    sources = _sources(inputs)
    figures = pl.concat(
        days.join(sources[one.id], on="session_date", how="left", maintain_order="left").select(
            "session_date",
            pl.col("number").cast(pl.Int64),
            pl.lit(place).alias("place"),
            pl.lit(one.id).alias("input_id"),
            pl.lit(one.pillar).alias("pillar"),
            pl.lit(one.title).alias("title"),
            pl.lit(one.unit).alias("unit"),
            pl.lit(one.is_inverted).alias("is_inverted"),
            pl.lit(one.is_ranked_at_source).alias("is_ranked"),
            pl.col("value").cast(pl.Float64).fill_nan(None).alias("held"),
            pl.col("age").cast(pl.Int64),
            pl.col("rank").cast(pl.Float64),
        )
        for place, one in enumerate(INPUTS)
    )
    return _ranked(figures).sort("session_date", "place").drop("number", "place", "is_ranked")


def _ranked(figures: pl.DataFrame) -> pl.DataFrame:
    """The figures, sorted by input and session, with age, rank and why they are left out."""
    is_held = pl.col("held").is_not_null()
    born = pl.when(is_held).then(pl.col("number") - pl.col("age")).forward_fill()
    age, recent = pl.col("age_sessions"), int(FRESH_SESSIONS.value)
    # Of flows, the rank of the last figure even where that has none: it is not yet to be ranked.
    rank_then = pl.when(is_held).then(pl.col("rank").fill_null(-1)).forward_fill()
    aged = figures.with_columns(
        age_sessions=(pl.col("number") - born).over("input_id"),
        value=pl.col("held").forward_fill().over("input_id"),
        rank=rank_then.over("input_id"),
    ).with_columns(pl.when(age <= recent).then(pl.col("value", "rank")))
    at_least = int(RANK_HISTORY.value)
    own = percentile_rank(_value.round(DECIMALS), at_least=at_least).over("input_id")
    given = pl.when(pl.col("rank") >= 0).then("rank")
    rank = pl.when("is_ranked").then(given).otherwise(own)
    ranked = aged.with_columns(
        percentile=pl.when("is_inverted").then(100 - rank).otherwise(rank),
        values=_value.is_not_null().cum_sum().over("input_id"),
    ).with_columns(is_fresh=pl.col("percentile").is_not_null())
    why = (
        pl.when("is_fresh")
        .then(None)
        .when(age.is_null())
        .then(pl.lit("never held"))
        .when(age > recent)
        .then(pl.format("{} sessions old", age))
        .when("is_ranked")
        .then(pl.lit("too little history to rank"))
        .otherwise(pl.format(f"{{}} of {at_least} values to rank", "values"))
    )
    return ranked.with_columns(why_missing=pl.format("{}: {}", "input_id", why)).drop(
        "rank", "age", "values"
    )


def _sources(inputs: Inputs) -> dict[str, pl.DataFrame]:
    """By input: session_date, value, age (sessions since it was new), rank (null: not given)."""
    read: dict[str, Callable[[Inputs, RiskInput], pl.DataFrame]] = {
        "momentum": _momentum,
        "breadth": _breadth,
        "leadership": _leadership,
        "close": _close,
        "macro": _macro,
    }
    flows = _flows(inputs)
    return {
        one.id: flows[one.id] if one.source == "flow" else read[one.source](inputs, one)
        for one in INPUTS
    }


def _of_today(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Figures that are new at every session that has one."""
    return frame.select(
        "session_date",
        value=column,
        age=pl.lit(0, pl.Int64),
        rank=pl.lit(None, pl.Float64),
    )


def _momentum(inputs: Inputs, one: RiskInput) -> pl.DataFrame:
    rows = inputs.momentum.filter(pl.col("index_id").is_in([*one.subject, *one.less]))
    is_of = pl.col("index_id").is_in(one.subject)
    # From the smallest on: a mean has one order of adding. Null unless every index has a figure.
    figures = pl.col(one.column).cast(pl.Float64)
    of, less = figures.filter(is_of).sort(), figures.filter(~is_of).sort()
    less_mean = less.mean() if one.less else pl.lit(0.0)
    is_whole = (of.count() == len(one.subject)) & (less.count() == len(one.less))
    told = rows.group_by("session_date").agg(
        value=pl.when(is_whole).then((of.mean() - less_mean).round(DECIMALS))
    )
    return _of_today(told, "value")


def _breadth(inputs: Inputs, one: RiskInput) -> pl.DataFrame:
    return _of_today(breadth_of(inputs, one.subject[0], [one.column]), one.column)


def _leadership(inputs: Inputs, one: RiskInput) -> pl.DataFrame:
    return _of_today(leadership_of(inputs, one.subject[0], [one.column]), one.column)


def _close(inputs: Inputs, one: RiskInput) -> pl.DataFrame:
    return _of_today(session_grid(inputs, value=one.subject[0]), "value")


def _macro(inputs: Inputs, one: RiskInput) -> pl.DataFrame:
    """A series as the evenings knew it; it is new where an observation became known."""
    if inputs.macro.width == 0:
        return _of_today(session_grid(inputs).with_columns(value=pl.lit(None)), "value")
    known = inputs.macro.filter(pl.col("series_id") == one.subject[0])
    grid = session_grid(inputs).with_row_index("number").join(known, on="session_date", how="left")
    is_held = pl.col("observation_date").is_not_null()
    is_new = is_held & pl.col("observation_date").ne_missing(
        pl.col("observation_date").forward_fill().shift(1)
    )
    number = pl.col("number").cast(pl.Int64)
    is_sound = ~pl.col("is_stale").fill_null(value=True)
    return grid.sort("session_date").select(
        "session_date",
        value=pl.when(is_sound).then(one.column),
        age=number - pl.when(is_new).then(number).forward_fill(),
        rank=pl.lit(None, pl.Float64),
    )


def _flows(inputs: Inputs) -> dict[str, pl.DataFrame]:
    """Net sums of the series by which claims on foreign flows judge the session, and its ranks."""
    foreign = foreign_series(inputs)
    together = inputs.flow.filter(
        (pl.col("participant") == BOTH) & (pl.col("stage") == STAGE)
    ).select("session_date", "scope", "net_sum_10_crore", "net_sum_10_crore_percentile")
    both = foreign.select("session_date", "scope").join(
        together, on=["session_date", "scope"], how="left", maintain_order="left"
    )
    return {
        one.id: (both if one.subject == (BOTH,) else foreign).select(
            "session_date",
            value=one.column,
            age=pl.lit(0, pl.Int64),
            rank=f"{one.column}_percentile",
        )
        for one in INPUTS
        if one.source == "flow"
    }
