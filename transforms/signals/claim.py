"""A claim: one sentence of the press as a standing rule, graded for every session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

Subject = Literal["index", "flow", "final flow", "earnings", "macro", "shares"]
Bearing = Literal["rotation", "background"]

INDEX_SOURCE = "nse_index_close"
FLOW_SOURCE = "nse_fii_dii"
SHARE_SOURCE = "nse_equity_full"
SIZE_SOURCE = "nse_pr_set"
LIST_SOURCE = "nse_index_members"
DEPOSITORY_SOURCE = "nsdl_fpi"

VERDICT_SCHEMA: dict[str, pl.DataType] = {
    "session_date": pl.Date(),
    "grade": pl.String(),
    "value": pl.Float64(),
    "percentile": pl.Float64(),
    "null_probability": pl.Float64(),
    "sample_size": pl.Int64(),
    "reasons": pl.String(),
}
LEG_SCHEMA: dict[str, pl.DataType] = {
    "session_date": pl.Date(),
    "leg": pl.String(),
    "metric": pl.String(),
    "value": pl.Float64(),
    "unit": pl.String(),
    "window_sessions": pl.Int64(),
    "percentile": pl.Float64(),
    "sample_size": pl.Int64(),
    "threshold": pl.String(),
    "holds": pl.Boolean(),
    "missing": pl.String(),
}


@dataclass(frozen=True)
class Inputs:
    """What claims may read: frames of the warehouse, any row order, possibly empty.

    sessions   columns of core.trading_session
    series     index_id, session_date, open, high, low, close (Float64, price return)
    momentum   mart.index_momentum
    flow       mart.flow
    published  subject (one of Subject), session_date, published_at
    earnings   mart.earnings
    macro      mart.macro
    valuation  mart.index_valuation
    breadth    mart.breadth, of the universes that claims declare
    leadership mart.leadership, of the same
    zones      mart.zone, regimes mart.regime, transitions mart.regime_transition: of all indices
               by size, unless the claim filters
    appetite   mart.risk_appetite
    monitors   mart.monitor
    studies    mart.event_study; associations mart.association: by completed quarter
    """

    sessions: pl.DataFrame
    series: pl.DataFrame
    momentum: pl.DataFrame
    flow: pl.DataFrame
    published: pl.DataFrame
    earnings: pl.DataFrame = field(default_factory=pl.DataFrame)
    macro: pl.DataFrame = field(default_factory=pl.DataFrame)
    valuation: pl.DataFrame = field(default_factory=pl.DataFrame)
    breadth: pl.DataFrame = field(default_factory=pl.DataFrame)
    leadership: pl.DataFrame = field(default_factory=pl.DataFrame)
    zones: pl.DataFrame = field(default_factory=pl.DataFrame)
    regimes: pl.DataFrame = field(default_factory=pl.DataFrame)
    transitions: pl.DataFrame = field(default_factory=pl.DataFrame)
    appetite: pl.DataFrame = field(default_factory=pl.DataFrame)
    monitors: pl.DataFrame = field(default_factory=pl.DataFrame)
    studies: pl.DataFrame = field(default_factory=pl.DataFrame)
    associations: pl.DataFrame = field(default_factory=pl.DataFrame)


@dataclass(frozen=True)
class Graded:
    """What a claim answers, for all sessions at once.

    `verdict` has one row a session, VERDICT_SCHEMA, and may have further columns that the
    claim's SQL names. `legs` has LEG_SCHEMA, keyed by session and leg; `holds` is null where a
    leg could not be tested, and `missing` then names the source it would take, else is empty.
    `metric` is the id of a declared metric, or says in words what is measured: readers see it.
    """

    verdict: pl.DataFrame
    legs: pl.DataFrame


@dataclass(frozen=True)
class Claim:
    """A standing rule, declared once."""

    id: str
    article_row: int
    statement: str
    unit: str
    window_sessions: int
    threshold: str
    null_model: str
    citation: str
    sql: str
    reads: tuple[Subject, ...]
    function: Callable[[Inputs], Graded]
    version: int = 1
    bearing: Bearing = "rotation"
    low_percentile: str = ""
    sql_without: str = ""
    indices: tuple[str, ...] = ()
    universes: tuple[str, ...] = ()


REGISTRY: list[Claim] = []


def claim(
    *,
    article_row: int,
    statement: str,
    unit: str,
    window_sessions: int,
    threshold: str,
    null_model: str,
    citation: str,
    sql: str,
    reads: tuple[Subject, ...],
    version: int = 1,
    bearing: Bearing = "rotation",
    low_percentile: str = "",
    sql_without: str = "",
    indices: tuple[str, ...] = (),
    universes: tuple[str, ...] = (),
) -> Callable[[Callable[[Inputs], Graded]], Callable[[Inputs], Graded]]:
    """Declare the claim that the function grades; the function's name is its id.

    Args:
        article_row: row of the methodology's table of claims.
        statement: what is claimed, of any session.
        unit: unit of the figure that decides.
        window_sessions: sessions that figure looks back over.
        threshold: what SUPPORTED takes, in words.
        null_model: what luck means in `null_probability`.
        citation: where the rule or its parts are published, or that it is ours.
        sql: one DuckDB query over the published warehouse that returns the row's `value`. Each
            {column} in it becomes the row's value of that column of the verdict as a literal:
            {session_date}, or one that the function adds.
        reads: whose publishing times decide when the grade could be known.
        version: raise it when the rule changes; rows of all versions are kept.
        bearing: "rotation" where the claim, if true, is a sign that money returns to risk;
            "background" where it tells what went before, and counts for neither side.
        low_percentile: what a low percentile means, where that is not plain: "low is deep".
        sql_without: a query like `sql` for the rows where a {column} of it is null: it returns no
            `value`, or null, and what was looked at.
        indices: whose momentum the rule reads; it is given no other's, so that a night need not
            fetch the momentum of every index there is.
        universes: whose breadth and leadership the rule reads; it is given no other's.
    """

    def declare(function: Callable[[Inputs], Graded]) -> Callable[[Inputs], Graded]:
        REGISTRY.append(
            Claim(
                id=function.__name__,
                article_row=article_row,
                statement=statement,
                unit=unit,
                window_sessions=window_sessions,
                threshold=threshold,
                null_model=null_model,
                citation=citation,
                sql=" ".join(sql.split()),
                reads=reads,
                function=function,
                version=version,
                bearing=bearing,
                low_percentile=low_percentile,
                sql_without=" ".join(sql_without.split()),
                indices=indices,
                universes=universes,
            )
        )
        return function

    return declare


def leg(
    frame: pl.DataFrame,
    name: str,
    *,
    metric: str,
    unit: str,
    threshold: str,
    value: pl.Expr,
    holds: pl.Expr,
    source: str | pl.Expr,
    window_sessions: int | None = None,
    percentile: pl.Expr | None = None,
    sample_size: pl.Expr | None = None,
) -> pl.DataFrame:
    """Rows of one leg, one a session; where `holds` is null, `source` is what is missing."""
    nothing = pl.lit(None)
    return frame.select(
        "session_date",
        leg=pl.lit(name),
        metric=pl.lit(metric),
        value=value,
        unit=pl.lit(unit),
        window_sessions=pl.lit(window_sessions),
        percentile=nothing if percentile is None else percentile,
        sample_size=nothing if sample_size is None else sample_size,
        threshold=pl.lit(threshold),
        holds=holds,
        missing=pl.when(holds.is_null())
        .then(pl.lit(source) if isinstance(source, str) else source)
        .otherwise(pl.lit("")),
    ).cast(pl.Schema(LEG_SCHEMA))


def absent_leg(
    frame: pl.DataFrame, name: str, *, metric: str, threshold: str, source: str
) -> pl.DataFrame:
    """Rows of a leg whose source Riskon does not read yet: untestable, and it says which."""
    return leg(
        frame,
        name,
        metric=metric,
        unit="percent",
        threshold=threshold,
        value=pl.lit(None),
        holds=pl.lit(None, dtype=pl.Boolean),
        source=source,
    )
