"""Whether the odds that risk is on have risen: appetite, and recoveries that were confirmed."""

from __future__ import annotations

import polars as pl

from transforms.metrics.percentile import LEAST_HISTORY
from transforms.signals.claim import (
    FLOW_SOURCE,
    INDEX_SOURCE,
    SHARE_SOURCE,
    VERDICT_SCHEMA,
    Graded,
    Inputs,
    claim,
    leg,
)
from transforms.signals.flow_series import BASE_RATE, with_base_rate
from transforms.signals.grades import (
    PARTLY,
    SUPPORTED,
    SUPPORTED_FROM_PERCENTILE,
    UNTESTABLE,
    by_percentile,
)
from transforms.signals.grid import rank_and_size, session_grid
from transforms.signals.size_indices import HEADLINE
from transforms.signals.verdict_grades import both_percentiles, mean_percentile
from transforms.signals.wording import number
from warehouse.tables.signals import Regime, RiskAppetite
from warehouse.tables.table import schema

SESSIONS = 9
FULL = "full"
APPETITE_SOURCE = f"{INDEX_SOURCE}, {SHARE_SOURCE}, {FLOW_SOURCE}"
_HIGH_RANK = f"percentile >= {SUPPORTED_FROM_PERCENTILE:g}"
# A change is a difference of fractions: what differs less is rounding, and must tie.
_DECIMALS = 9


@claim(
    article_row=25,
    statement="The probability of risk-on has increased",
    unit="points",
    window_sessions=SESSIONS,
    threshold=(
        f"over {SESSIONS} sessions, the composite of risk appetite and the share of past rebounds "
        "of Nifty Smallcap 100 that recovered before a new low both rose more than in four "
        f"of five such windows ({_HIGH_RANK})"
    ),
    null_model=BASE_RATE,
    citation="Riskon convention; composite after Hollo, Kremer and Lo Duca, CISS (ECB, 2012)",
    sql="""
        SELECT session_date, change_9 AS value, change_9_percentile AS percentile, composite
        FROM mart.risk_appetite WHERE session_date = {session_date}
    """,
    reads=("index", "flow", "shares", "macro"),
)
def risk_on_is_more_probable(inputs: Inputs) -> Graded:
    """Graded by both changes; where the share of rebounds is not ranked, by odds of a walk.

    The odds that a driftless walk recovers before it is below the low rise with the price
    alone, whoever buys: with them instead of what rebounds became, PARTLY at most.
    """
    frame = _frame(inputs)
    change_rank = pl.col("change_9_percentile")
    odds_rank, walk_rank = pl.col("share_change_percentile"), pl.col("walk_change_percentile")
    high = SUPPORTED_FROM_PERCENTILE
    is_risen = pl.when(change_rank.is_not_null() & odds_rank.is_not_null()).then(
        (change_rank >= high) & (odds_rank >= high)
    )
    frame = with_base_rate(frame.with_columns(is_risen=is_risen), "is_risen")
    legs = [
        leg(
            frame,
            "appetite_rises",
            metric="change of the composite of risk appetite",
            unit="points",
            threshold=_HIGH_RANK,
            value=pl.col("change_9"),
            holds=change_rank >= high,
            source=APPETITE_SOURCE,
            window_sessions=SESSIONS,
            percentile=change_rank,
            sample_size=pl.col("change_9_sample"),
        ),
        leg(
            frame,
            "more_rebounds_confirmed",
            metric="change of the share of past rebounds that recovered before a new low",
            unit="percentage points",
            threshold=_HIGH_RANK,
            value=pl.col("share_change"),
            holds=odds_rank >= high,
            source=INDEX_SOURCE,
            window_sessions=SESSIONS,
            percentile=odds_rank,
            sample_size=pl.col("share_change_sample"),
        ),
        leg(
            frame,
            "nearer_to_confirmation",
            metric="change of the odds of a driftless walk, which the price alone makes",
            unit="percentage points",
            threshold=_HIGH_RANK,
            value=pl.col("walk_change"),
            holds=walk_rank >= high,
            source=INDEX_SOURCE,
            window_sessions=SESSIONS,
            percentile=walk_rank,
            sample_size=pl.col("walk_change_sample"),
        ),
    ]
    return Graded(_verdict(frame), pl.concat(legs))


def _frame(inputs: Inputs) -> pl.DataFrame:
    """One row a session, oldest first: the three changes, their ranks, and the rank of the odds."""
    appetite = inputs.appetite
    if not appetite.width:
        appetite = pl.DataFrame(schema=schema(RiskAppetite))
    regimes = inputs.regimes if inputs.regimes.width else pl.DataFrame(schema=schema(Regime))
    odds = regimes.filter(pl.col("index_id") == HEADLINE, pl.col("rules") == FULL).select(
        "session_date", "state", share="confirmed_probability", walk="recovery_null_probability"
    )
    composites = appetite.select("session_date", "composite", "change_9", "change_9_percentile")
    grid = session_grid(inputs)
    for one in (composites, odds):
        grid = grid.join(one, on="session_date", how="left", maintain_order="left")
    share_rank = pl.col("share_change_percentile")
    return (
        grid.with_columns(
            rank_and_size("change_9")[1],
            *[
                (100 * (pl.col(name) - pl.col(name).shift(SESSIONS)))
                .round(_DECIMALS)
                .alias(f"{name}_change")
                for name in ("share", "walk")
            ],
        )
        .with_columns(*rank_and_size("share_change"), *rank_and_size("walk_change"))
        .with_columns(
            is_walk=share_rank.is_null() & pl.col("walk_change_percentile").is_not_null(),
            odds_rank=pl.coalesce("share_change_percentile", "walk_change_percentile"),
        )
    )


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    change, change_rank = pl.col("change_9"), pl.col("change_9_percentile")
    odds_rank, is_walk = pl.col("odds_rank"), pl.col("is_walk")
    # Without odds the composite stands alone, and proves half.
    graded = pl.coalesce(both_percentiles(change_rank, odds_rank), by_percentile(change_rank))
    is_half = is_walk | odds_rank.is_null()
    grade = (
        pl.when(change_rank.is_null())
        .then(pl.lit(UNTESTABLE))
        .when((graded == SUPPORTED) & is_half)
        .then(pl.lit(PARTLY))
        .otherwise(graded)
    )
    share = pl.format(
        "the share of past rebounds that were confirmed changed by {} percentage points to {} "
        "(percentile {})",
        number(pl.col("share_change"), 1),
        number(100 * pl.col("share"), 0),
        number(pl.col("share_change_percentile"), 1),
    )
    walk = pl.format(
        "the odds of a driftless walk to a fifth above the low before a new low changed by {} "
        "percentage points to {} (percentile {})",
        number(pl.col("walk_change"), 1),
        number(100 * pl.col("walk"), 0),
        number(pl.col("walk_change_percentile"), 1),
    )
    too_few = f"fewer than {LEAST_HISTORY} changes of the share of past rebounds confirmed"
    odds = pl.coalesce(
        pl.format("{}{}", share, pl.format("; {}", walk).fill_null("")),
        pl.format(f"{too_few}; instead {{}}, which the price alone makes: PARTLY at most", walk),
        pl.lit(f"{too_few}, and no odds of a walk can be ranked: PARTLY at most"),
    )
    moved = pl.format("the composite of risk appetite changed by {} points in 9", number(change, 1))
    reasons = (
        pl.when(change.is_null())
        .then(
            pl.lit(
                "no change of the composite of risk appetite: its pillars are not all at hand on "
                f"this session and {SESSIONS} before ({APPETITE_SOURCE})"
            )
        )
        .when(change_rank.is_null())
        .then(
            pl.format(
                f"{{}} sessions; {{}} such changes are held ({APPETITE_SOURCE}), {LEAST_HISTORY} "
                "are needed to rank",
                moved,
                number(pl.col("change_9_sample")),
            )
        )
        .otherwise(
            pl.format(
                "{} sessions (percentile {} of {}); {}{}",
                moved,
                number(change_rank, 1),
                number(pl.col("change_9_sample")),
                odds,
                pl.format(
                    "; mean percentile {}", number(mean_percentile(change_rank, odds_rank), 1)
                ).fill_null(""),
            )
        )
    )
    base = {
        "session_date": pl.col("session_date"),
        "grade": grade,
        "value": change,
        "percentile": change_rank,
        "null_probability": pl.col("base_rate"),
        "sample_size": pl.when(change.is_not_null()).then("change_9_sample"),
        "reasons": reasons,
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()]
    )
