"""Evening sets of the simulated shares: what each member of them says of a session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from flows.demo.formats import equity_set
from flows.demo.world.shares import Shares

CAPS_FROM = date(2024, 2, 1)
"""The first set with market capitalisations; the publisher's day is not known better."""
AHEAD = timedelta(days=14)
"""How far ahead a set tells of corporate actions: a fortnight in a genuine one."""
YEAR = "365d"
MAIN_BOARD, SME = ("BE", "BL", "EQ", "IQ"), ("SL", "SM", "SQ", "ST")
SERIES = {"EQ": MAIN_BOARD, "BE": MAIN_BOARD, "SM": SME, "ST": SME}
"""Series that a set lists for a security of one: blocks of shares and institutions have theirs."""


def evening_sets(shares: Shares, days: Sequence[date]) -> dict[date, bytes]:
    """The sets of these sessions."""
    members = {
        "mcap": equity_set.market_cap_files(_caps(shares, days)),
        "bc": equity_set.action_files(_actions(shares, days)),
        "hl": equity_set.extreme_files(_extremes(shares, days)),
        "etf": equity_set.fund_files(_funds(shares, days)),
    }
    empty = {
        "bc": equity_set.empty_member(equity_set.ACTIONS_HEADER),
        "hl": equity_set.empty_member(equity_set.EXTREMES_HEADER),
        "etf": equity_set.empty_member(equity_set.FUNDS_HEADER),
    }
    return {
        day: equity_set.evening_set(
            day, empty | {kind: files[day] for kind, files in members.items() if day in files}
        )
        for day in days
    }


def _caps(shares: Shares, days: Sequence[date]) -> pl.DataFrame:
    """Those listed first, then those permitted, by symbol."""
    price = pl.col("close").cast(pl.Decimal(18, 2))
    return (
        shares.caps.filter(
            pl.col("session_date").is_in(list(days)), pl.col("session_date") >= CAPS_FROM
        )
        .with_columns(market_cap_inr=price * pl.col("issued_shares"))
        .sort("session_date", "category", "symbol", "series")
    )


def _actions(shares: Shares, days: Sequence[date]) -> pl.DataFrame:
    """Actions announced by a session whose ex-date is that session or near, for every series."""
    sessions = pl.DataFrame({"session_date": days}, schema={"session_date": pl.Date})
    day = pl.col("session_date")
    series = pl.DataFrame(
        {"series": list(SERIES), "each": list(SERIES.values())},
        schema={"series": pl.String, "each": pl.List(pl.String)},
    )
    return (
        shares.actions.filter("is_announced")
        .drop("session_date")
        .join(sessions, how="cross")
        .filter(pl.col("announced_on") <= day, pl.col("ex_date").is_between(day, day + AHEAD))
        .join(series, on="series", how="left")
        .with_columns(pl.col("each").fill_null(pl.concat_list("series")))
        .explode("each")
        .select(
            "session_date",
            "symbol",
            "record_date",
            "ex_date",
            pl.col("each").alias("series"),
            pl.col("company_name").alias("security_name"),
            pl.col("purpose_short").alias("purpose"),
        )
        # Two of one share on one day stand in the order of the announcement.
        .sort("session_date", "symbol", "series", maintain_order=True)
    )


def _extremes(shares: Shares, days: Sequence[date]) -> pl.DataFrame:
    """Highs first, each by name."""
    return shares.extremes.filter(pl.col("session_date").is_in(list(days))).sort(
        "session_date", "extreme", "security_name"
    )


def _funds(shares: Shares, days: Sequence[date]) -> pl.DataFrame:
    """The funds that traded, with the extremes of their last year as they were published."""
    follows = {
        name.symbol: security.temper.follows
        for security in shares.market.securities
        for name in security.names
        if security.kind == "fund"
    }
    day = pl.col("session_date")
    return (
        shares.bars.filter(
            pl.col("kind") == "fund", day.is_between(min(days) - timedelta(days=366), max(days))
        )
        .with_columns(
            high_52_week=pl.col("high").rolling_max_by("session_date", YEAR).over("symbol"),
            low_52_week=pl.col("low").rolling_min_by("session_date", YEAR).over("symbol"),
            underlying=pl.col("symbol").replace_strict(follows, return_dtype=pl.String),
        )
        .filter(day.is_in(list(days)))
        .sort("session_date", "symbol")
    )
