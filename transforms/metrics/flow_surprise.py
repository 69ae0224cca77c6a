"""What the evening's provisional foreign net missed: the depository's final net less it."""

from __future__ import annotations

import polars as pl

from transforms import indicators
from transforms.metrics.flow_grid import (
    evaluated,
    in_crore,
    lakh,
    on_grid,
    stored,
    z_against_past,
)
from transforms.metrics.flow_rows import DEPOSITORY, FINAL
from transforms.metrics.flows_of_funds import one_source
from transforms.metrics.metric import Metric, metric
from transforms.metrics.percentile import LEAST_HISTORY

FLOW_SURPRISE: list[Metric] = []

ALL_EXCHANGES = "NSE+BSE+MSEI"
PROVISIONAL = "provisional"

_SOURCE = "Final less provisional"


def flow_surprise(
    rows: pl.DataFrame, superseded: pl.DataFrame, sessions: pl.DataFrame
) -> pl.DataFrame:
    """Provisional FII net of all exchanges against the depository's final, of the same session.

    The two count alike but not the same: members' client codes in the evening, custodians'
    confirmed trades a session later.

    Args:
        rows: rows of flow_rows.
        superseded: rows of core.institutional_flow_superseded: the columns of
            core.institutional_flow, and superseded_at.
        sessions: `session_date` of every trading session.

    Returns:
        session_date (the key), published_at (when the later of the two was out: nothing of the row
        was known before), provisional_net_crore, final_net_crore, the metrics of FLOW_SURPRISE,
        then the percentiles; oldest first. One row a session that has both.
    """
    mine = one_source(rows.filter(pl.col("participant") == "FII"))
    provisional = mine.filter(
        (pl.col("scope") == ALL_EXCHANGES) & (pl.col("stage") == PROVISIONAL)
    ).select(
        "session_date",
        "source_id",
        provisional_net_crore="net_crore",
        provisional_published_at="published_at",
    )
    final = mine.filter((pl.col("scope") == DEPOSITORY) & (pl.col("stage") == FINAL)).select(
        "session_date",
        "published_at",
        final_net_crore="net_crore",
        gross_lakh=lakh("buy_crore") + lakh("sell_crore"),
    )
    pairs = (
        provisional.join(final, on="session_date")
        .join(_first_seen(superseded), on=["session_date", "source_id"], how="left")
        .with_columns(
            pl.lit("FII").alias("participant"),
            first_net_crore=pl.coalesce("first_net_crore", "provisional_net_crore"),
            # The later of two instants is not known where one of them is not.
            published_at=pl.when(pl.col("provisional_published_at").is_not_null()).then(
                pl.col("published_at").clip(lower_bound=pl.col("provisional_published_at"))
            ),
        )
        .with_columns(
            provisional_lakh=lakh("provisional_net_crore"),
            final_lakh=lakh("final_net_crore"),
            first_lakh=lakh("first_net_crore"),
        )
    )
    by = ["participant"]
    return (
        evaluated(on_grid(pairs, sessions, by=by, step="session_date"), FLOW_SURPRISE, by=by)
        .filter("is_held")
        .select(
            "session_date",
            "published_at",
            pl.col("provisional_net_crore", "final_net_crore").cast(pl.Float64),
            *stored(FLOW_SURPRISE),
        )
    )


def _first_seen(superseded: pl.DataFrame) -> pl.DataFrame:
    """The net as each source first told it: session_date, source_id, first_net_crore."""
    return (
        superseded.filter(
            (pl.col("participant") == "FII")
            & (pl.col("scope") == ALL_EXCHANGES)
            & (pl.col("stage") == PROVISIONAL)
        )
        .sort("superseded_at")
        .unique(["session_date", "source_id"], keep="first", maintain_order=True)
        .select("session_date", "source_id", first_net_crore="net_crore")
    )


@metric(
    FLOW_SURPRISE,
    name="Surprise of the final foreign net",
    unit="Rs crore",
    warmup=0,
    needs=("final_lakh", "provisional_lakh"),
    source=_SOURCE,
)
def surprise_crore() -> pl.Expr:
    """Final net less the provisional: above 0 they bought more, or sold less, than was first told.

    Final: equity on exchanges, by the depository. Provisional: all exchanges, as last revised.
    """
    return in_crore(pl.col("final_lakh") - pl.col("provisional_lakh"))


@metric(
    FLOW_SURPRISE,
    name="Surprise of the final foreign net, of all they traded",
    unit="percent",
    warmup=0,
    needs=("final_lakh", "provisional_lakh", "gross_lakh"),
    source=_SOURCE + ", over final gross purchases and sales",
)
def surprise_pct_of_gross() -> pl.Expr:
    """Final net less the provisional, of the final purchases and sales; null where none."""
    difference = pl.col("final_lakh") - pl.col("provisional_lakh")
    return 100 * indicators.ratio(difference, pl.col("gross_lakh"))


@metric(
    FLOW_SURPRISE,
    name="Surprise of the final foreign net against its past",
    unit="standard deviations",
    warmup=LEAST_HISTORY,
    needs=("surprise_crore",),
    source="z-score on the sample mean and sd (ddof 1)",
)
def surprise_z() -> pl.Expr:
    """Distance of the surprise from the mean of the 756 surprises held before it, in their sd.

    The session's own surprise is not among the 756; a hole makes them reach further back.
    """
    return z_against_past(pl.col("surprise_crore"))


@metric(
    FLOW_SURPRISE,
    name="Revision of the provisional foreign net",
    unit="Rs crore",
    warmup=0,
    needs=("provisional_lakh", "first_lakh"),
    source="Last provisional less the first seen",
)
def revision_crore() -> pl.Expr:
    """The provisional net as last told less as Riskon first landed it; 0 where it never changed."""
    return in_crore(pl.col("provisional_lakh") - pl.col("first_lakh"))
