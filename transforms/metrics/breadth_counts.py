"""Counts of breadth: what the shares of every universe did at every session."""

from __future__ import annotations

import polars as pl

from transforms.metrics.breadth_moves import MOVES, UNIT
from transforms.metrics.breadth_standings import STANDINGS
from transforms.metrics.breadth_universes import KEY, members_of, segments_of
from transforms.metrics.metric import Metric, metric
from transforms.universes import MARKET

MARKET_TITLE = "Every ordinary share"
UNIVERSE_KINDS = ("market", "index", "sector", "tier")

MEMBERS: list[Metric] = []
SUMS: list[Metric] = [*MOVES, *STANDINGS]
DISPERSION: list[Metric] = []

_day, _from, _to = pl.col("session_date"), pl.col("valid_from"), pl.col("valid_to")


@metric(
    MEMBERS,
    name="Members",
    unit="companies",
    warmup=0,
    kind="count",
    needs=(),
    bounds=(1, None),
    source="Members of the universe at the session",
)
def members() -> pl.Expr:
    """Shares that belong to the universe, traded or not; of the market, those traded."""
    return pl.col("members")


# Below, one expression reads the list of a universe's 9-session returns, smallest first: then a
# quantile is a place in it, and a sum of floats has one order.

_RETURNS_9 = pl.col("return_9_pct")


def _quantile(values: pl.Expr, share: float) -> pl.Expr:
    """Quantile of a sorted list, linear between its order statistics."""
    place = (values.list.len().cast(pl.Float64) - 1) * share
    low, high = (
        values.list.get(at.clip(lower_bound=0).cast(pl.Int64), null_on_oob=True)
        for at in (place.floor(), place.ceil())
    )
    return low + (place - place.floor()) * (high - low)


@metric(
    DISPERSION,
    name="Dispersion of 9-session returns",
    unit="percent",
    warmup=9,
    bounds=(0, None),
    needs=("return_9_pct",),
    source="Standard deviation of the cross-section, ddof 1",
)
def dispersion_9_pct() -> pl.Expr:
    """How far apart the members' returns over 9 sessions lie; null below two members."""
    return _RETURNS_9.list.std(ddof=1)


@metric(
    DISPERSION,
    name="Interquartile range of 9-session returns",
    unit="percent",
    warmup=9,
    bounds=(0, None),
    needs=("return_9_pct",),
    source="Third less first quartile, linear between order statistics (Hyndman and Fan, type 7)",
)
def interquartile_9_pct() -> pl.Expr:
    """Width of the middle half of the members' returns over 9 sessions; null below two members."""
    width = _quantile(_RETURNS_9, 0.75) - _quantile(_RETURNS_9, 0.25)
    return pl.when(_RETURNS_9.list.len() > 1).then(width)


COUNTS: list[Metric] = [*MEMBERS, *SUMS, *DISPERSION]

CROSS_COLUMNS = (
    "session_date",
    "instrument_id",
    "is_ordinary",
    "is_quarantined",
    "sessions_since_bar",
    "close",
    "turnover_inr",
    "trades",
    "delivery_shares",
    "market_cap_before_inr",
    "return_1_pct",
    "return_9_pct",
    "return_21_pct",
    "return_63_pct",
    "is_above_sma_20",
    "is_above_sma_50",
    "is_above_sma_200",
    "is_new_high_252",
    "is_new_low_252",
    "drawdown_252_pct",
    "volatility_close_60_pct",
    "average_trade_z_60",
    "delivery_share_z_60",
)
"""What is read of a share's session: of mart.equity_series, then of mart.equity_momentum."""


def breadth_counts(
    cross: pl.DataFrame, memberships: pl.DataFrame, sessions: pl.DataFrame
) -> pl.DataFrame:
    """What the members of every universe did at every session of `cross`.

    Shares that always belong to the same universes are added up first, so that the cost is that
    of the shares once, not once a universe.

    Args:
        cross: CROSS_COLUMNS, one row a share and session it traded; returns are chained and in
            percent, nulls where not warm. `market_cap_before_inr` is that of the share's last
            session. `delivery_shares` is null where pending and in series in which every trade
            is delivered. Rows that are not `is_ordinary` count nowhere but in `members`.
        memberships: rows of core.index_membership; of one share and universe, spans that do not
            overlap.
        sessions: `session_date` of every trading session.

    Returns:
        KEY, universe_kind, universe_title, is_survivorship_biased (some member is known from a
        later list), COUNTS; sorted by KEY. One row a session of `cross` and universe that has
        members then; the market is added. Sums over nothing are 0, dispersions null.

    Raises:
        ValueError: a share has two rows at a session, a session is none, two spans of a share in
            a universe overlap, or a universe of the memberships is called "market".
    """
    days = cross.select(_day.unique().sort())
    shares = cross.filter("is_ordinary")
    if days.is_empty():
        return _nothing()
    first, last = days["session_date"].item(0), days["session_date"].item(-1)
    spans = memberships.filter((_from <= last) & (_to > first) & (_from < _to))
    _check(shares, spans, days, sessions)
    segments, sets = segments_of(shares, spans, first)
    placed = _placed(shares.lazy(), segments)
    by_set = (
        placed.group_by("session_date", "set")
        .agg(item.expression().sum().alias(item.id) for item in SUMS)
        .collect(engine="streaming")
    )
    sums = (
        by_set.lazy()
        .join(sets.lazy(), on="set")
        .group_by(KEY)
        .agg(pl.col(item.id).sum() for item in SUMS)
        .collect(engine="streaming")
    )
    told = sums.join(_dispersion(placed, sets), on=KEY, how="left").with_columns(
        pl.col("universe").cast(pl.String)
    )
    counted = members_of(spans, days).join(told, on=KEY, how="full", coalesce=True)
    return _finished(counted, spans)


def _check(
    shares: pl.DataFrame, spans: pl.DataFrame, days: pl.DataFrame, sessions: pl.DataFrame
) -> None:
    strangers = days.join(sessions, on="session_date", how="anti")
    if strangers.height:
        message = f"expected shares on trading sessions, got {strangers['session_date'].to_list()}"
        raise ValueError(message)
    rows = shares.select("session_date", "instrument_id").sort("session_date", "instrument_id")
    twice = rows.filter(pl.all_horizontal(pl.all() == pl.all().shift(1))).head(1)
    if twice.height:
        day, share = twice.row(0)
        message = f"expected one row a share and session, got more of {share} on {day}"
        raise ValueError(message)
    if spans.filter(pl.col("universe") == MARKET).height:
        message = f"expected universes beside the market, got memberships of {MARKET!r}"
        raise ValueError(message)
    overlapping = (
        spans.sort("universe", "instrument_id", "valid_from")
        .filter(_from < _to.shift(1).over("universe", "instrument_id"))
        .head(1)
    )
    if overlapping.height:
        one = overlapping.row(0, named=True)
        message = (
            f"expected spans that do not overlap, got two of {one['instrument_id']} in "
            f"{one['universe']} on {one['valid_from']}"
        )
        raise ValueError(message)


def _placed(shares: pl.LazyFrame, segments: pl.DataFrame) -> pl.LazyFrame:
    """The rows of shares with the `set` of universes they belong to at the session."""
    key = pl.col("instrument_id").cast(shares.collect_schema()["instrument_id"])
    return shares.join(segments.lazy().with_columns(key), on="instrument_id").filter(
        (_day >= _from) & (_day < _to)
    )


def _dispersion(placed: pl.LazyFrame, sets: pl.DataFrame) -> pl.DataFrame:
    """KEY and DISPERSION of the universes with a 9-session return."""
    return (
        placed.select("session_date", "set", pl.col("return_9_pct").cast(pl.Float64))
        .drop_nulls("return_9_pct")
        .sort("return_9_pct")
        .join(sets.lazy(), on="set", maintain_order="left")
        .select(*KEY, "return_9_pct")
        .group_by(KEY)
        .agg("return_9_pct")
        .select(*KEY, *[item.expression().alias(item.id) for item in DISPERSION])
        .collect(engine="in-memory")
    )


def _finished(counted: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Sums in their own units, titles beside them, in the order of the table."""
    titles = pl.concat(
        [
            spans.select("universe", "universe_kind", "universe_title").unique(
                "universe", keep="any"
            ),
            pl.DataFrame(
                {
                    "universe": [MARKET],
                    "universe_kind": [UNIVERSE_KINDS[0]],
                    "universe_title": [MARKET_TITLE],
                }
            ),
        ]
    )
    sums = [
        # Rounded: Polars divides a frame of one row by another way than a longer one.
        (total if UNIT[item.id] == 1 else (total / UNIT[item.id]).round(9)).cast(item.stored_type)
        for item in SUMS
        for total in [pl.col(item.id).fill_null(0)]
    ]
    return (
        counted.with_columns(sums)
        .with_columns(
            members=pl.coalesce("members", "traded"),
            is_survivorship_biased=pl.col("is_survivorship_biased").fill_null(value=False),
        )
        .join(titles, on="universe", how="left")
        .select(
            *KEY,
            "universe_kind",
            "universe_title",
            "is_survivorship_biased",
            *[pl.col(item.id).cast(item.stored_type) for item in COUNTS],
        )
        .sort(KEY)
    )


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "session_date": pl.Date,
            "universe": pl.String,
            "universe_kind": pl.String,
            "universe_title": pl.String,
            "is_survivorship_biased": pl.Boolean,
            **{item.id: item.stored_type for item in COUNTS},
        }
    )
