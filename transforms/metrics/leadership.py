"""Who leads each universe's move: quality or speculation, small or smaller, which sectors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce

import polars as pl

from transforms.metrics.breadth_universes import KEY
from transforms.metrics.contribution import WHOLE
from transforms.metrics.evaluate import FEW_SESSIONS, evaluate
from transforms.metrics.leadership_measures import GROUPS, LEADERSHIP, MICROCAP, SMALLCAPS, SPANS
from transforms.metrics.leadership_sections import UNIVERSES
from transforms.metrics.leadership_sectors import named_sectors
from transforms.metrics.metric import Metric
from transforms.metrics.percentile import latest_percentile_rank, percentile_rank
from transforms.universes import MARKET

TAIL_SESSIONS = max(SPANS)
"""Sessions before the new ones that their windows reach into."""

_RANKED: Sequence[Metric] = [item for item in LEADERSHIP if item.percentile]
PAST_COLUMNS: Sequence[str] = (*KEY, *(item.id for item in _RANKED))
"""What a night reads of the rows there are already."""
LEADERSHIP_COLUMNS: Sequence[str] = (
    *KEY,
    "is_survivorship_biased",
    "is_survivorship_biased_9",
    *(item.id for item in LEADERSHIP),
    *(item.percentile_id for item in _RANKED),
)
_day = pl.col("session_date")


def leadership(
    contributions: pl.DataFrame,
    sections: pl.DataFrame,
    index_closes: pl.DataFrame,
    sessions: pl.DataFrame,
    *,
    since: date | None = None,
    past: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Every metric of leadership at every session of the market and the indices by size.

    A session without contributions leaves the windows over it null; percentiles look back over
    such holes.

    Args:
        contributions: rows of mart.contribution of UNIVERSES, of all sessions there are; with
            `since`, those of TAIL_SESSIONS before are enough, and no others are read.
        sections: what `leadership_sections` returns, of `since` and later sessions.
        index_closes: universe, session_date, close, of the same sessions and one more before.
        sessions: `session_date` of every trading session.
        since: give the rows of this session and later alone.
        past: PAST_COLUMNS of every row before `since`; needed with `since`.

    Returns:
        LEADERSHIP_COLUMNS by session and universe; sorted by KEY. `is_survivorship_biased`: some
        member within the longest window, or within 9 sessions, is known from a later list. Null
        until warm, never NaN; independent of row order; no row depends on a later session.

    Raises:
        ValueError: as `evaluate` does; or `since` without `past`.
    """
    if (since is None) != (past is None):
        raise ValueError("expected both since and past or neither, got one of them")
    rows = contributions.filter(pl.col("universe").is_in(UNIVERSES))
    if since is not None:
        days = sessions["session_date"].unique().sort()
        first = max(days.search_sorted(since) - TAIL_SESSIONS, 0)
        rows = rows.filter(_day >= pl.lit(days).get(first))
    bars = (
        _series(rows)
        .join(_beside_market(index_closes), on=KEY, how="left")
        .join(sections, on=KEY, how="left")
        .join(named_sectors(rows, sessions, since), on=KEY, how="left")
    )
    values = evaluate(bars, LEADERSHIP, subject="universe", sessions=sessions)
    if since is not None and past is not None:
        is_new = _day >= since
        values = values.drop(item.percentile_id for item in _RANKED).filter(is_new)
        values = values.join(_ranks(past.filter(~is_new), values), on=KEY, how="left")
    return (
        values.join(_biased(rows, sessions), on=KEY, how="left")
        .select(*LEADERSHIP_COLUMNS)
        .sort(KEY)
    )


def _series(rows: pl.DataFrame) -> pl.DataFrame:
    """One bar a universe and session: the whole of it, and beside it the GROUPS."""
    whole = rows.filter(grouping=WHOLE).select(
        *KEY,
        "index_close_before",
        "index_return_pct",
        # A run of rows is unbroken as long as there are any.
        close=pl.col("compared").cast(pl.Float64),
        whole_points="contribution_points",
    )
    groups = [
        rows.filter(grouping=grouping, group_name=name).select(
            *KEY,
            pl.col("contribution_points").alias(f"{group}_points"),
            *[
                pl.col(column).alias(f"{group}_{column}")
                for column in ("weight_pct", "return_pct", "equal_return_pct")
            ],
        )
        for group, (grouping, name) in GROUPS.items()
    ]
    return reduce(lambda one, other: one.join(other, on=KEY, how="left"), groups, whole)


def _beside_market(index_closes: pl.DataFrame) -> pl.DataFrame:
    """Closes of the indices of micro and small caps, for the row of the market."""
    names = (MICROCAP, *SMALLCAPS)
    closes = index_closes.filter(pl.col("universe").is_in(names)).select(
        "session_date", "universe", pl.col("close").cast(pl.Float64)
    )
    wide = closes.select(_day.unique()).with_columns(universe=pl.lit(MARKET))
    for name in names:
        one = closes.filter(universe=name).select("session_date", pl.col("close").alias(name))
        wide = wide.join(one, on="session_date", how="left", validate="m:1")
    return wide


def _biased(rows: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """KEY and whether a session of the longest window, or of 9, has a member of a later list."""
    numbers = sessions.select(_day.unique().sort()).with_row_index("number")
    biased = pl.col("is_survivorship_biased").cast(pl.Int8)
    return (
        rows.filter(grouping=WHOLE)
        .join(numbers.with_columns(pl.col("number").cast(pl.Int64)), on="session_date")
        .sort("universe", "number")
        .select(
            *KEY,
            **{
                name: biased.rolling_max_by("number", f"{n}i").over("universe") > 0
                for name, n in (
                    ("is_survivorship_biased", TAIL_SESSIONS),
                    # Quality is ranked among those who were members when the window began.
                    ("is_survivorship_biased_9", min(SPANS) + 1),
                )
            },
        )
    )


def _ranks(past: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """KEY and the percentiles of the new rows among all before; a few sessions one by one."""
    history = pl.concat([past.select(PAST_COLUMNS), new.select(PAST_COLUMNS)]).sort(KEY)
    days = new["session_date"].unique().sort()
    ids = [*KEY, *[item.percentile_id for item in _RANKED]]
    if not 0 < len(days) <= FEW_SESSIONS:
        ranks = [
            percentile_rank(pl.col(item.id)).over("universe").alias(item.percentile_id)
            for item in _RANKED
        ]
        return history.select(*KEY, *ranks).join(new.select(KEY), on=KEY, how="semi")
    latest = [latest_percentile_rank(pl.col(item.id)).alias(item.percentile_id) for item in _RANKED]
    return pl.concat(
        history.filter(_day <= day)
        .group_by("universe", maintain_order=True)
        .agg(_day.last(), *latest)
        .filter(_day == day)
        .select(ids)
        for day in days
    )
