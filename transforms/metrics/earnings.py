"""The results season as of every evening: how companies' results compare, by list and industry."""

from __future__ import annotations

from datetime import date, time

import polars as pl

from transforms.metrics.season_metrics import EARNINGS
from transforms.metrics.season_ranks import RANKED, with_ranks
from transforms.quarters import YEAR_QUARTERS, due_date, quarter_end, quarter_number
from transforms.universes import KINDS, MARKET, MARKET_TITLE, NEVER, listed_spans, tier_spans

_MARKET = pl.DataFrame(
    {"universe": [MARKET], "universe_kind": [KINDS[0]], "universe_title": [MARKET_TITLE]}
)
# What is out when the evening's verdict is drawn: 22:30 in Kolkata.
EVENING_UTC = time(17, 0)

KEY = ["session_date", "universe"]
FIGURES = (
    "profit_inr",
    "prior_profit_inr",
    "revenue_inr",
    "prior_revenue_inr",
    "profit_growth_bounded",
    "revenue_growth_bounded",
    "profit_class",
    "acceleration",
    "operating_margin_change_points",
    "sue",
)


def earnings(
    company_results: pl.DataFrame,
    members: pl.DataFrame,
    named: pl.DataFrame,
    sessions: pl.DataFrame,
    since: date | None = None,
    *,
    memberships: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """What was known of the season's quarter at the end of every session, in every universe.

    The season's quarter is the last that ended before the session. A result counts from the
    first session whose evening, 22:30 in Kolkata, came after its broadcast. The market is every
    company that had reported one of the four quarters before by that evening, so that coverage
    has a denominator known then; a list is its latest snapshot by then, or the first one there
    is, which the row says.

    Args:
        company_results: what `company_results` returns.
        members: rows of core.index_member.
        named: what `companies` returns.
        sessions: `session_date` of every trading session.
        since: give rows of this session and later alone; None for all.
        memberships: rows of core.index_membership, for tiers by size; None where none is known.

    Returns:
        KEY, universe_kind, universe_title, quarter_end, due_date, is_survivorship_biased, the
        metrics of EARNINGS, then the ranks of RANKED; sorted by KEY, from the first session that
        knew a result on. Independent of row order; no row depends on a later session.
    """
    days = _seasons(sessions)
    rows = _visible(company_results, days)
    spans = listed_spans(members, named)
    if memberships is not None:
        spans = pl.concat([spans, tier_spans(memberships)])
    titles = pl.concat([_MARKET, spans.select(_MARKET.columns)]).unique("universe", keep="any")
    # Joins and groups of whole numbers take half the time of those of text; order is as of text.
    company, universe = _enum(rows, spans, "company_id"), _enum(titles, spans, "universe")
    rows = rows.with_columns(pl.col("company_id").cast(company)).sort("company_id", "shown_from")
    spans = spans.with_columns(
        pl.col("company_id").cast(company), pl.col("universe").cast(universe)
    ).sort("universe", "company_id", "from_date")
    first = rows["shown_from"].min()
    wanted = days.filter(pl.col("session_date") >= pl.lit(first, dtype=pl.Date))
    if since is not None:
        wanted = wanted.filter((pl.col("session_date") >= since) | pl.col("is_end"))
    none = _season(wanted.clear(), rows.clear(), spans)
    seasons = wanted.partition_by("number", maintain_order=True)
    seen = pl.concat([none, *[_season(season, rows, spans) for season in seasons]])
    ranked = with_ranks(seen)
    if since is not None:
        ranked = ranked.filter(pl.col("session_date") >= since)
    ranked = ranked.with_columns(pl.col("universe").cast(pl.String)).join(titles, on="universe")
    return ranked.select(
        *KEY,
        "universe_kind",
        "universe_title",
        "quarter_end",
        "due_date",
        "is_survivorship_biased",
        *[pl.col(item.id).cast(item.stored_type) for item in EARNINGS],
        *[name for one in RANKED for name in (one.rank, one.count)],
        "biased_quarters_ranked",
    ).sort(KEY)


def evening(session_date: pl.Expr) -> pl.Expr:
    """The instant by which a result must be out to count at the session."""
    return session_date.dt.combine(EVENING_UTC).dt.replace_time_zone("UTC")


def season_number(session_date: pl.Expr) -> pl.Expr:
    """Number of the last quarter that ended before the session."""
    return quarter_number(session_date) - 1


def _seasons(sessions: pl.DataFrame) -> pl.DataFrame:
    """Each session with its season's quarter, and whether it is the first from the due date on."""
    return (
        sessions.select(pl.col("session_date").unique().sort())
        .with_columns(number=season_number(pl.col("session_date")))
        .with_columns(quarter_end=quarter_end(pl.col("number")))
        .with_columns(due_date=due_date(pl.col("quarter_end")))
        .with_columns(is_due=pl.col("session_date") >= pl.col("due_date"))
        .with_columns(is_end=pl.col("is_due") & (pl.col("is_due").cum_sum().over("number") == 1))
    )


def _visible(company_results: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """The results with the first session that knew them, and the first that knew better."""
    evenings = days.select(
        at=evening(pl.col("session_date")).cast(company_results.schema["known_from"]),
        shown="session_date",
    ).sort("at")
    return (
        company_results.select(
            "company_id",
            "known_from",
            "superseded_at",
            *FIGURES,
            number=quarter_number(pl.col("quarter_end")),
        )
        .sort("known_from")
        .join_asof(evenings, left_on="known_from", right_on="at", strategy="forward")
        .drop("at")
        .rename({"shown": "shown_from"})
        .sort("superseded_at", nulls_last=True)
        .join_asof(evenings, left_on="superseded_at", right_on="at", strategy="forward")
        .with_columns(shown_until=pl.col("shown").fill_null(NEVER))
        .drop_nulls("shown_from")
        .filter(pl.col("shown_from") < pl.col("shown_until"))
        .sort("company_id", "number", "shown_from")
    )


def _season(season: pl.DataFrame, rows: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Every metric at the sessions of one season: KEY, the season's columns, EARNINGS."""
    day = pl.col("session_date")
    number = pl.lit(season["number"].max(), dtype=pl.Int32)
    first, last = (
        pl.lit(day, dtype=pl.Date)
        for day in (season["session_date"].min(), season["session_date"].max())
    )
    market = (
        rows.filter(pl.col("number").is_between(number - YEAR_QUARTERS, number - 1))
        .group_by("company_id", maintain_order=True)
        .agg(from_date=pl.col("shown_from").min())
        .select(
            pl.lit(MARKET, dtype=spans.schema["universe"]).alias("universe"),
            "company_id",
            "from_date",
            pl.lit(NEVER).alias("until_date"),
            pl.lit(value=False).alias("is_survivorship_biased"),
        )
    )
    standing = (
        pl.concat([market, spans.select(market.columns)])
        .filter((pl.col("from_date") <= last) & (pl.col("until_date") > first))
        .join(season.select("session_date"), how="cross")
        .filter((day >= pl.col("from_date")) & (day < pl.col("until_date")))
        .drop("from_date", "until_date")
    )
    told = (
        rows.filter(pl.col("number") == number)
        .select("company_id", "shown_from", "shown_until", *FIGURES, is_reported=True)
        .join(season.select("session_date"), how="cross")
        .filter((day >= pl.col("shown_from")) & (day < pl.col("shown_until")))
        .drop("shown_from", "shown_until")
    )
    return (
        standing.join(told, on=["session_date", "company_id"], how="left", maintain_order="left")
        .with_columns(pl.col("is_reported").fill_null(value=False))
        .group_by(*KEY, maintain_order=True)
        .agg(
            pl.col("is_survivorship_biased").any(),
            *[item.expression().alias(item.id) for item in EARNINGS],
        )
        .join(season.drop("is_due"), on="session_date", how="left")
    )


def _enum(one: pl.DataFrame, other: pl.DataFrame, column: str) -> pl.Enum:
    """The values of a column of two frames as a type, in the order of their letters."""
    return pl.Enum(pl.concat([one[column], other[column]]).unique().sort())
