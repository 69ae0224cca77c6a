"""Who moved a universe: what sectors, size tiers and thirds of its members added at each session.

Weights are full market caps at the session before, where the exchange's indices weigh by free
float: what that leaves unexplained of the published return is told as the residual.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from transforms.metrics import breadth_moves as moves
from transforms.metrics.breadth_universes import KEY, members_of, segments_of
from transforms.metrics.contribution_measures import CONTRIBUTION
from transforms.universes import MARKET

GROUPINGS = ("whole", "sector", "tier", "quality", "speculative")
WHOLE, SECTOR, TIER, QUALITY, SPECULATIVE = GROUPINGS
ALL_MEMBERS, UNKNOWN = "all", "unknown"
THIRDS = {1: "bottom third", 2: "middle third", 3: "top third"}
OLDEST_SECTION = timedelta(days=200)
"""A cross-section of quality is drawn each quarter: one older than this misses its successor."""
LEAST_MOVE_PCT = 1.0
"""Of a smaller move no shares are told: they would be quotients of noise."""

_GROUP = [*KEY, "grouping", "group_name"]
_day, _from, _to = pl.col("session_date"), pl.col("valid_from"), pl.col("valid_to")
_level_before = pl.col("index_close_before")

CONTRIBUTION_COLUMNS = (*_GROUP, "is_survivorship_biased", *(item.id for item in CONTRIBUTION))

_SUMS = {
    "compared": moves.advances() | moves.declines() | moves.unchanged(),
    "return_sum": moves.return_sum_pct(),
    "weighed": moves.weighed(),
    "weight_inr": moves.weight_inr(),
    "weighted_return_sum": moves.weighted_return_sum(),
    "known_inr": (pl.col("market_cap_before_inr") / moves.WEIGHT_RUPEES).round().cast(pl.Int64)
    * moves.WEIGHT_RUPEES,
}


_READ = (
    "session_date",
    "is_quarantined",
    "sessions_since_bar",
    "return_1_pct",
    "market_cap_before_inr",
)


def contributions(
    cross: pl.DataFrame,
    memberships: pl.DataFrame,
    index_closes: pl.DataFrame,
    *,
    quality: pl.DataFrame,
    ranks: pl.DataFrame,
    sessions: pl.DataFrame,
) -> pl.DataFrame:
    """What each group of members added to its universe at every session of `cross`.

    Every grouping splits a universe whole: members of which it does not know the group are
    `UNKNOWN`. Sums are of whole units, as in `breadth_counts`, so that no row depends on the order
    of rows or on which sessions are computed together.

    Args:
        cross: as `breadth_counts` takes it; read are instrument_id, is_ordinary, is_quarantined,
            sessions_since_bar, return_1_pct, market_cap_before_inr.
        memberships: rows of core.index_membership, as `breadth_counts` takes them.
        index_closes: universe, session_date, close, of the session before the first too; null or
            no row: no index.
        quality: rows of mart.quality. The cross-section drawn last before a session holds at it.
        ranks: rows of mart.equity_rank, of the session before the first too. Those of the session
            before hold.
        sessions: `session_date` of every trading session.

    Returns:
        CONTRIBUTION_COLUMNS (is_survivorship_biased: some member of the universe is known from a
        later list) by session, universe (indices and the market), grouping and group;
        sorted by these. One row a group with a share compared, and always the row of all members.
    """
    days = cross.select(_day.unique().sort())
    shares = cross.filter("is_ordinary").select(pl.col("instrument_id").cast(pl.String), *_READ)
    if shares.is_empty():
        return _nothing()
    first, last = days["session_date"].item(0), days["session_date"].item(-1)
    spans = memberships.filter((_from <= last) & (_to > first) & (_from < _to))
    segments, sets = segments_of(shares, spans, first)
    placed = (
        shares.join(segments, on="instrument_id")
        .filter((_day >= _from) & (_day < _to))
        .pipe(_with_thirds, quality, ranks, sessions)
    )
    sums = [total.sum().alias(name) for name, total in _SUMS.items()]
    by_set = (
        placed.group_by("session_date", "set", QUALITY, SPECULATIVE)
        .agg(sums)
        .join(_set_groups(sets, spans), on="set")
    )
    universes = _set_universes(sets, spans)
    parts = [
        by_set.group_by("session_date", "set", group_name=grouping)
        .agg(pl.col(*_SUMS).sum())
        .join(universes, on="set")
        .group_by(*KEY, "group_name")
        .agg(pl.col(*_SUMS).sum())
        .select(*KEY, pl.lit(grouping).alias("grouping"), "group_name", *_SUMS)
        for grouping in GROUPINGS
    ]
    closes = _two_closes(index_closes, sessions)
    universe = pl.col("universe").cast(pl.String)
    return (
        pl.concat([parts[0], *[part.filter(pl.col("compared") > 0) for part in parts[1:]]])
        .join(
            parts[0].select(
                *KEY,
                universe_weight_inr="weight_inr",
                universe_weighted_return_sum="weighted_return_sum",
                universe_known_inr="known_inr",
            ),
            on=KEY,
        )
        .with_columns(universe)
        .join(closes, on=KEY, how="left")
        .join(members_of(spans, days).drop("members"), on=KEY, how="left")
        .select(
            *_GROUP,
            pl.col("is_survivorship_biased").fill_null(value=False),
            *[item.expression().cast(item.stored_type).alias(item.id) for item in CONTRIBUTION],
        )
        .sort(_GROUP)
    )


def chained(rows: pl.DataFrame, since: date, until: date) -> pl.DataFrame:
    """What each group added to the move of its universe from the close of one date to another's.

    Daily contributions are carried forward by the index: one of c points at a level L is worth
    c x L / L0 points of the level L0 the stretch began at, so that those of all groups, and the
    residual, add up to the return of the index over the stretch.

    Args:
        rows: rows of mart.contribution.
        since: the stretch begins at its close, or the last before it.
        until: the last date of the stretch.

    Returns:
        universe, grouping, group_name, sessions (of the stretch, in which the universe has rows),
        weight_pct (when the stretch begins; null where the group was not there),
        contribution_points, index_return_pct, residual_points, share_of_move_pct (of the
        published move; null if that is below LEAST_MOVE_PCT), lift (that share over the weight);
        sorted by the first three. Null where a session lacks the weights or the index.
    """
    stretch = rows.filter((_day > since) & (_day <= until)).sort(_GROUP)
    worth = pl.col("contribution_points") * _level_before
    whole = (
        stretch.filter(grouping=WHOLE)
        .group_by("universe", maintain_order=True)
        .agg(
            start=_level_before.first(),
            begins=_day.first(),
            sessions=pl.len().cast(pl.Int64),
            end=(_level_before * (1 + pl.col("index_return_pct") / 100)).last(),
            explained=worth.sum(),
            is_whole=worth.is_not_null().all(),
        )
        .with_columns(
            index_return_pct=pl.when("is_whole").then(100 * (pl.col("end") / pl.col("start") - 1))
        )
    )
    weights = stretch.select("universe", "grouping", "group_name", "weight_pct", begins=_day)
    group = ["universe", "grouping", "group_name"]
    return (
        stretch.group_by(group)
        .agg(worth=worth.sum())
        .join(whole, on="universe")
        .join(weights, on=[*group, "begins"], how="left")
        .with_columns(
            contribution_points=pl.when("is_whole").then(pl.col("worth") / pl.col("start")),
            residual_points=pl.col("index_return_pct") - pl.col("explained") / pl.col("start"),
        )
        .with_columns(
            share_of_move_pct=pl.when(pl.col("index_return_pct").abs() >= LEAST_MOVE_PCT).then(
                100 * pl.col("contribution_points") / pl.col("index_return_pct")
            )
        )
        .select(
            *group,
            "sessions",
            "weight_pct",
            "contribution_points",
            "index_return_pct",
            "residual_points",
            "share_of_move_pct",
            lift=pl.when(pl.col("weight_pct") > 0).then(
                pl.col("share_of_move_pct") / pl.col("weight_pct")
            ),
        )
        .sort(group)
    )


def sections_before(
    days: pl.DataFrame, quality: pl.DataFrame, *, same_day: bool = False
) -> pl.DataFrame:
    """`session_date` and `section`: the cross-section of quality drawn last before each session.

    Args:
        days: session_date.
        quality: rows of mart.quality.
        same_day: the one drawn that very evening counts too.
    """
    drawn = quality.select(section=_day.unique().sort())
    return (
        days.select(_day.unique().sort())
        .join_asof(
            drawn,
            left_on="session_date",
            right_on="section",
            allow_exact_matches=same_day,
            coalesce=False,
        )
        .filter(_day - pl.col("section") <= OLDEST_SECTION)
    )


def _with_thirds(
    shares: pl.DataFrame, quality: pl.DataFrame, ranks: pl.DataFrame, sessions: pl.DataFrame
) -> pl.DataFrame:
    """The rows of shares with their thirds of quality and of speculation, by name."""
    before = sessions.select(_day.unique().sort()).select(
        _day.shift(-1).alias("session_date"), ranked_on="session_date"
    )
    speculative = ranks.select(
        "instrument_id", ranked_on="session_date", **{SPECULATIVE: "speculative_tercile"}
    )
    scored = quality.select(
        instrument_id="company_id", section="session_date", **{QUALITY: "quality_tercile"}
    )
    return (
        shares.join(before, on="session_date", how="left")
        .join(speculative, on=["instrument_id", "ranked_on"], how="left")
        .join(sections_before(shares, quality), on="session_date", how="left")
        .join(scored, on=["instrument_id", "section"], how="left")
        .with_columns(
            pl.col(grouping).replace_strict(THIRDS, default=UNKNOWN, return_dtype=pl.String)
            for grouping in (QUALITY, SPECULATIVE)
        )
    )


def _set_groups(sets: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Each set of universes with the sector and the tier in it."""
    named = sets.with_columns(pl.col("universe").cast(pl.String)).join(
        spans.group_by("universe").agg(
            pl.col("universe_kind").first(), pl.col("universe_title").min()
        ),
        on="universe",
    )
    groups = sets.select(pl.col("set").unique(), pl.lit(ALL_MEMBERS).alias(WHOLE))
    for kind in (SECTOR, TIER):
        of_kind = (
            named.filter(universe_kind=kind)
            .group_by("set")
            .agg(pl.col("universe_title").min().alias(kind))
        )
        groups = groups.join(of_kind, on="set", how="left").with_columns(
            pl.col(kind).fill_null(UNKNOWN)
        )
    return groups


def _set_universes(sets: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """The indices, and the market, of each set of universes."""
    indices = spans.filter(universe_kind="index")["universe"].unique()
    return sets.filter(pl.col("universe").cast(pl.String).is_in([*indices, MARKET]))


def _two_closes(index_closes: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """KEY, index_close and index_close_before, that of the trading session before."""
    next_session = sessions.select(_day.unique().sort()).with_columns(next=_day.shift(-1))
    closes = index_closes.select(*KEY, index_close=pl.col("close").cast(pl.Float64))
    before = (
        closes.join(next_session, on="session_date")
        .drop_nulls("next")
        .select(session_date="next", universe="universe", index_close_before="index_close")
    )
    return closes.join(before, on=KEY, how="left")


def _nothing() -> pl.DataFrame:
    keys = {
        **dict.fromkeys(_GROUP, pl.String),
        "session_date": pl.Date,
        "is_survivorship_biased": pl.Boolean,
    }
    return pl.DataFrame(schema={**keys, **{item.id: item.stored_type for item in CONTRIBUTION}})
