"""Which companies stand for an index or an industry at a session.

A list holds from the day its content was first seen to the next. Before its first snapshot the
first one stands in, and says that survivors alone are in it.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from transforms.companies import with_company
from transforms.index_titles import TITLES, index_id

MARKET = "market"
MARKET_TITLE = "All companies that report"
KINDS = ("market", "index", "sector", "tier")
ALWAYS, NEVER = date(1900, 1, 1), date(9999, 12, 31)

SPAN_COLUMNS = [
    "universe",
    "universe_kind",
    "universe_title",
    "company_id",
    "from_date",
    "until_date",
    "is_survivorship_biased",
]


def listed_spans(members: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """When each company was in each list, and in each industry of the lists.

    Args:
        members: rows of core.index_member.
        named: what `companies` returns.

    Returns:
        SPAN_COLUMNS, `until_date` excluded; universe is the list's id, or "industry:" and the
        industry's name. A company's industry is that of the last list that had it.
    """
    placed = (
        with_company(members.select("list_id", "seen_on", "isin", "symbol", "industry"), named)
        .with_columns(pl.col("company_id").fill_null(pl.col("isin")))
        .sort("seen_on", "list_id", "company_id", "isin")
    )
    return pl.concat([_lists(placed), _industries(placed)]).select(SPAN_COLUMNS)


def tier_spans(memberships: pl.DataFrame) -> pl.DataFrame:
    """When each company was in each tier by size.

    Args:
        memberships: rows of core.index_membership; an ordinary share has the id of its company.

    Returns:
        SPAN_COLUMNS.
    """
    return memberships.filter(universe_kind=KINDS[3]).select(
        "universe",
        "universe_kind",
        "universe_title",
        company_id="instrument_id",
        from_date="valid_from",
        until_date="valid_to",
        is_survivorship_biased="is_survivorship_biased",
    )


def _lists(placed: pl.DataFrame) -> pl.DataFrame:
    snapshots = (
        placed.select("list_id", "seen_on")
        .unique()
        .sort("list_id", "seen_on")
        .with_columns(
            until_date=pl.col("seen_on").shift(-1).over("list_id").fill_null(NEVER),
            is_first=pl.col("seen_on") == pl.col("seen_on").min().over("list_id"),
        )
    )
    title_of = {index_id(one.title): one.title for one in TITLES}
    spans = (
        placed.unique(["list_id", "seen_on", "company_id"], keep="first", maintain_order=True)
        .join(snapshots, on=["list_id", "seen_on"])
        .select(
            "company_id",
            "until_date",
            "is_first",
            universe="list_id",
            universe_kind=pl.lit(KINDS[1]),
            universe_title=pl.col("list_id").replace(title_of),
            from_date="seen_on",
        )
    )
    return _with_past(spans)


def _industries(placed: pl.DataFrame) -> pl.DataFrame:
    """A company's industry, one at a time: where two lists of a day differ, the first by id."""
    spans = (
        placed.with_columns(
            is_first=(pl.col("seen_on") == pl.col("seen_on").min().over("list_id"))
            & (pl.col("seen_on") == pl.col("seen_on").min().over("company_id"))
        )
        .filter(pl.col("industry") != "")
        .with_columns(is_first=pl.col("is_first").any().over("company_id", "seen_on"))
        .unique(["company_id", "seen_on"], keep="first", maintain_order=True)
        .sort("company_id", "seen_on")
        .select(
            "company_id",
            "is_first",
            until_date=pl.col("seen_on").shift(-1).over("company_id").fill_null(NEVER),
            universe=pl.format("industry:{}", "industry"),
            universe_kind=pl.lit(KINDS[2]),
            universe_title=pl.col("industry"),
            from_date="seen_on",
        )
    )
    return _with_past(spans)


def _with_past(spans: pl.DataFrame) -> pl.DataFrame:
    """The spans, and those of the first snapshot reaching back before it."""
    seen = spans.with_columns(is_survivorship_biased=pl.lit(False))
    before = spans.filter("is_first").with_columns(
        from_date=pl.lit(ALWAYS),
        until_date=pl.col("from_date"),
        is_survivorship_biased=pl.lit(True),
    )
    return pl.concat([seen, before]).drop("is_first").select(SPAN_COLUMNS)
