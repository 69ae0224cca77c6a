"""Is risk wanted: five pillars of ranks and their equal-weight mean, 0 to 100."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from transforms.metrics.percentile import percentile_rank
from transforms.signals import first_component as component
from transforms.signals import risk_inputs as declared
from transforms.signals.claim import Inputs
from transforms.signals.first_component import first_component
from transforms.signals.risk_figures import DECIMALS, risk_inputs
from transforms.signals.risk_inputs import ANCHOR, INDICES, RANK_HISTORY, SERIES, UNIVERSES
from transforms.signals.threshold import Threshold
from warehouse.tables.signals import PILLARS, RiskInput

__all__ = ["INDICES", "SERIES", "THRESHOLDS", "UNIVERSES", "RiskAppetiteFrames", "risk_appetite"]

LEAST_PILLARS = Threshold(
    id="risk_least_pillars",
    value=4,
    unit="pillars",
    meaning="Pillars of five that the composite takes",
    source="Riskon convention",
)
LEAST_FRESH_PCT = Threshold(
    id="risk_least_fresh_pct",
    value=60,
    unit="percent",
    meaning="Share of all inputs in use that the composite takes",
    source="Riskon convention",
)
LEAST_OF_PILLAR_PCT = Threshold(
    id="risk_least_of_pillar_pct",
    value=50,
    unit="percent",
    meaning="Share of its inputs in use that a pillar takes",
    source="Riskon convention",
)
CHANGE_SESSIONS = Threshold(
    id="risk_change_sessions",
    value=9,
    unit="sessions",
    meaning="The change of the composite is that over so many sessions",
    source="The article's nine sessions",
)
APART_POINTS = Threshold(
    id="risk_first_component_apart",
    value=15,
    unit="rank points",
    meaning="The first component's rank and the composite disagree beyond this",
    source="Riskon convention",
)
THRESHOLDS = (
    *declared.THRESHOLDS,
    LEAST_PILLARS,
    LEAST_FRESH_PCT,
    LEAST_OF_PILLAR_PCT,
    CHANGE_SESSIONS,
    APART_POINTS,
    *component.THRESHOLDS,
)


@dataclass(frozen=True)
class RiskAppetiteFrames:
    """Rows of mart.risk_appetite, mart.risk_pillar and mart.risk_input, sorted by session."""

    appetite: pl.DataFrame
    pillars: pl.DataFrame
    inputs: pl.DataFrame


def risk_appetite(inputs: Inputs) -> RiskAppetiteFrames:
    """Risk appetite at every session: the composite, its pillars, their inputs.

    A pillar is the mean of the ranks of its inputs that are fresh and can be ranked, and is
    missing where fewer than LEAST_OF_PILLAR_PCT of them are. The composite is the mean of the
    pillars; a pillar that is missing is left out and named, never filled. Its change is null
    where the two ends do not have the same pillars.

    Source: ranks as in Hollo, Kremer and Lo Duca, CISS (ECB Working Paper 1426, 2012); equal
    weights and the choice of inputs are Riskon's.

    Args:
        inputs: sessions, series, momentum, flow, macro, breadth, leadership, any row order.

    Returns:
        One row a session, five, and one an input; a session without any figure has its rows too.
    """
    ranked = risk_inputs(inputs)
    pillars = _pillars(ranked)
    wide = _composite(pillars)
    diagnosed = wide.join(
        first_component(ranked.select("session_date", "input_id", "held", "is_fresh"), ANCHOR.id),
        on="session_date",
        how="left",
        maintain_order="left",
    )
    first = pl.col("first_component_percentile")
    apart = (first - pl.col("composite")).abs().round(DECIMALS) > APART_POINTS.value
    return RiskAppetiteFrames(
        appetite=diagnosed.with_columns(is_first_component_apart=apart),
        pillars=pillars,
        inputs=ranked.select(list(RiskInput.columns())),
    )


def _pillars(ranked: pl.DataFrame) -> pl.DataFrame:
    """Rows of mart.risk_pillar, sorted by session and pillar as declared."""
    used = pl.col("is_fresh")
    enough = 100 * used.sum() >= LEAST_OF_PILLAR_PCT.value * pl.len()
    order = pl.col("pillar").replace_strict(
        {pillar: place for place, pillar in enumerate(PILLARS)}, return_dtype=pl.Int64
    )
    return (
        ranked.group_by("session_date", "pillar", maintain_order=True)
        .agg(
            value=pl.when(enough).then(pl.col("percentile").filter(used).mean().round(DECIMALS)),
            inputs=pl.len().cast(pl.Int64),
            fresh=used.sum().cast(pl.Int64),
            oldest_sessions=pl.col("age_sessions").filter(used).max(),
            missing=pl.col("why_missing").drop_nulls().str.join(", "),
        )
        .sort("session_date", order)
    )


def _composite(pillars: pl.DataFrame) -> pl.DataFrame:
    """Rows of mart.risk_appetite without the first component, sorted by session."""
    at_hand = pl.col("value").is_not_null()
    value = pl.col("value").filter(at_hand)
    count = at_hand.sum().cast(pl.Int64)
    why = pl.format("{}: {} of {} inputs", "pillar", "fresh", "inputs").filter(~at_hand)
    told = pillars.group_by("session_date", maintain_order=True).agg(
        count.alias("pillars"),
        pl.col("inputs").sum(),
        (100 * pl.col("fresh").sum() / pl.col("inputs").sum()).alias("fresh_pct"),
        (value.sum() / count).round(DECIMALS).alias("composite"),
        # The lowest mean leaves the highest pillar out.
        ((value.sum() - value.max()) / (count - 1)).round(DECIMALS).alias("lowest_without_one"),
        ((value.sum() - value.min()) / (count - 1)).round(DECIMALS).alias("highest_without_one"),
        why.str.join(", ").alias("missing"),
        pl.col("pillar").filter(at_hand).str.join(" ").alias("which"),
    )
    is_covered = pl.col("fresh_pct") >= LEAST_FRESH_PCT.value
    is_whole = (pl.col("pillars") >= LEAST_PILLARS.value) & is_covered
    coverage = pl.format(
        f"{{}}% of inputs are fresh, {LEAST_FRESH_PCT.value:g}% are needed",
        pl.col("fresh_pct").round(0).cast(pl.Int64),
    )
    lag, change = int(CHANGE_SESSIONS.value), pl.col("change_9")
    return (
        told.with_columns(
            pl.when(is_whole).then(
                pl.col("composite", "lowest_without_one", "highest_without_one")
            ),
            missing=pl.concat_str(
                pl.when(pl.col("missing") != "").then("missing"),
                pl.when(~is_covered).then(coverage),
                separator=", ",
                ignore_nulls=True,
            ),
        )
        .with_columns(
            change_9=pl.when(pl.col("which") == pl.col("which").shift(lag)).then(
                (pl.col("composite") - pl.col("composite").shift(lag)).round(DECIMALS)
            )
        )
        .with_columns(change_9_percentile=percentile_rank(change, at_least=int(RANK_HISTORY.value)))
        .drop("which")
    )
