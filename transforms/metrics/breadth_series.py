"""Breadth of every universe at every session, from the counts of its members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from transforms.metrics.breadth_divergence import DIVERGENCE
from transforms.metrics.breadth_participation import PARTICIPATION
from transforms.metrics.breadth_rarity import MATCHED, RARITIES, matched_thresholds
from transforms.metrics.breadth_returns import RETURNS
from transforms.metrics.breadth_thrusts import STRENGTHS, THRUSTS
from transforms.metrics.breadth_universes import KEY
from transforms.metrics.breadth_volume import VOLUMES
from transforms.metrics.evaluate import FEW_SESSIONS, evaluate
from transforms.metrics.metric import Metric
from transforms.metrics.percentile import latest_percentile_rank, percentile_rank

NOISE_DECIMALS = 9
"""What differs less is how floats were divided and in which order added: it must not decide a tie,
nor tell a night's row from a rebuild's."""


def _settled(item: Metric) -> Metric:
    """The metric, rounded to where its digits are its own."""
    if item.kind != "number":
        return item
    return replace(item, expression=lambda: item.expression().round(NOISE_DECIMALS))


BREADTH: Sequence[Metric] = [
    _settled(item)
    for part in (PARTICIPATION, VOLUMES, RETURNS, STRENGTHS, THRUSTS, MATCHED, DIVERGENCE)
    for item in part
]
_STRENGTHS: Sequence[Metric] = [_settled(item) for item in STRENGTHS]

TAIL_SESSIONS = 800
"""Sessions before the new ones from which a night computes them: so many that the slow trend's
first value weighs less than the last bit of a float, which is all that a longer tail could move."""

_RANKED: Sequence[Metric] = [item for item in BREADTH if item.percentile]

PAST_COLUMNS: Sequence[str] = (
    *KEY,
    "ad_line",
    *dict.fromkeys([item.id for item in _RANKED] + [one.strength for one in RARITIES]),
)
"""What a night reads of the rows there are already."""


def breadth(
    counts: pl.DataFrame,
    index_closes: pl.DataFrame,
    sessions: pl.DataFrame,
    *,
    since: date | None = None,
    past: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Every series of breadth at every session of every universe.

    A session without counts leaves windows over it null and starts recursions anew; percentiles
    and matched thresholds look back over such holes.

    Args:
        counts: what `breadth_counts` returns, of all sessions there are; with `past`, those of
            `since` and later and of TAIL_SESSIONS before are enough.
        index_closes: universe, session_date, close: of the universes that have an index, or one
            to stand beside them; null or no row where there is none.
        sessions: `session_date` and `is_short` of every trading session.
        since: give the rows of this session and later alone.
        past: PAST_COLUMNS of every row before `since` as this function gave them; new
            sessions then cost the same after twenty years as after three. None: all is computed.

    Returns:
        KEY, universe_kind, universe_title, is_survivorship_biased, members, index_close, then
        BREADTH and its percentiles; sorted by KEY. Null until warm, never NaN; independent of row
        order; no row depends on a later session.

    Raises:
        ValueError: as `evaluate` does, and where a universe has two closes of one session.
    """
    if since is None or past is None:
        bars = _bars(counts, index_closes, sessions)
        levels = matched_thresholds(_evaluated(bars, _STRENGTHS, sessions), "universe")
        bars = bars.join(levels, on=KEY, how="left")
        values = evaluate(
            bars, BREADTH, subject="universe", sessions=sessions.select("session_date"), since=since
        )
    else:
        bars, values = _continued(counts, index_closes, sessions, since, past)
    beside = counts.select(
        *KEY, "universe_kind", "universe_title", "is_survivorship_biased", "members"
    ).join(bars.select(*KEY, "index_close"), on=KEY, how="left")
    return (
        values.drop("run_started_on")
        .join(beside, on=KEY, how="left")
        .select(
            *beside.columns,
            *[item.id for item in BREADTH],
            *[item.percentile_id for item in _RANKED],
        )
        .sort(KEY)
    )


def _evaluated(
    bars: pl.DataFrame, metrics: Sequence[Metric], sessions: pl.DataFrame
) -> pl.DataFrame:
    """The metrics without percentiles."""
    plain = [replace(item, percentile=False) for item in metrics]
    return evaluate(bars, plain, subject="universe", sessions=sessions.select("session_date"))


def _continued(
    counts: pl.DataFrame,
    index_closes: pl.DataFrame,
    sessions: pl.DataFrame,
    since: date,
    past: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The bars of the tail, and every metric of the new sessions with its percentile."""
    is_new = pl.col("session_date") >= since
    past = past.filter(is_new.not_())
    days = sessions["session_date"].unique().sort()
    first = max(days.search_sorted(since) - TAIL_SESSIONS, 0)
    is_near = pl.col("session_date") >= pl.lit(days).get(first)
    bars = _bars(counts.filter(is_near), index_closes.filter(is_near), sessions)
    strengths = _evaluated(bars, _STRENGTHS, sessions).filter(is_new)
    known = [*KEY, *[one.strength for one in RARITIES]]
    # The tail too: an event of a new session looks back for repeats of itself.
    levels = matched_thresholds(
        pl.concat([past.select(known), strengths.select(known)]), "universe"
    ).filter(is_near)
    bars = bars.join(levels, on=KEY, how="left")
    values = _evaluated(bars, BREADTH, sessions)
    values = _with_line_continued(values, past).filter(is_new)
    return bars, values.join(_ranks(past, values), on=KEY, how="left")


def _ranks(past: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """KEY and the percentiles of the new rows among all before; a few sessions one by one."""
    columns = [*KEY, *[item.id for item in _RANKED]]
    history = pl.concat([past.select(columns), new.select(columns)]).sort(KEY)
    days = new["session_date"].unique().sort()
    if not 0 < len(days) <= FEW_SESSIONS:
        return history.select(
            *KEY,
            *[
                percentile_rank(pl.col(item.id)).over("universe").alias(item.percentile_id)
                for item in _RANKED
            ],
        ).join(new.select(KEY), on=KEY, how="semi")
    ranks = [latest_percentile_rank(pl.col(item.id)).alias(item.percentile_id) for item in _RANKED]
    return pl.concat(
        history.filter(pl.col("session_date") <= day)
        .group_by("universe", maintain_order=True)
        .agg(pl.col("session_date").last(), *ranks)
        .filter(pl.col("session_date") == day)
        .select(*KEY, *[item.percentile_id for item in _RANKED])
        for day in days
    )


def _with_line_continued(values: pl.DataFrame, past: pl.DataFrame) -> pl.DataFrame:
    """The advance-decline line, counted from the tail's first row, set on from the past one's."""
    line = pl.col("ad_line")
    latest = (
        past.sort("session_date")
        .group_by("universe")
        .agg(last_on=pl.col("session_date").last(), reached=line.last())
    )
    gap = (
        values.join(latest, on="universe")
        .filter(pl.col("session_date") == pl.col("last_on"))
        .select("universe", "last_on", gap=pl.col("reached") - line)
    )
    is_same_run = pl.col("run_started_on") <= pl.col("last_on")
    return (
        values.join(gap, on="universe", how="left")
        .with_columns(ad_line=line + pl.when(is_same_run).then("gap").fill_null(0))
        .drop("gap", "last_on")
    )


def _bars(counts: pl.DataFrame, index_closes: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """The counts with what ends a run set to null where it says nothing."""
    closes = index_closes.select(
        "universe", "session_date", index_close=pl.col("close").cast(pl.Float64)
    )
    movers = pl.col("advances") + pl.col("declines")
    is_told = pl.col("delivery_known") > 0
    return (
        counts.drop("universe_kind", "universe_title", "is_survivorship_biased")
        .join(sessions.select("session_date", "is_short"), on="session_date", how="left")
        .join(closes, on=KEY, how="left", validate="m:1")
        .with_columns(
            # A run of counts is unbroken as long as there are any.
            close=pl.col("members").cast(pl.Float64),
            movers=pl.when(movers > 0).then(movers),
            is_short=pl.col("is_short").fill_null(value=False),
            # Whole numbers, so that a window's sum is that of its sessions alone.
            up_turnover_paise=_paise("up_turnover_inr"),
            down_turnover_paise=_paise("down_turnover_inr"),
            up_delivered_paise=pl.when(is_told).then(_paise("up_delivered_inr")),
            down_delivered_paise=pl.when(is_told).then(_paise("down_delivered_inr")),
        )
    )


def _paise(rupees: str) -> pl.Expr:
    return (100 * pl.col(rupees)).round().cast(pl.Int64)
