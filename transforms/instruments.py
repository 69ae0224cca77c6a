"""Every security, through all its symbols, series, names and ISINs.

An id is what an ISIN names for good: the issuer for ordinary shares ("INE326B", which splits and
renames leave alone), the whole ISIN first seen for anything else. Where no ISIN ever was it is the
first symbol of the chain of renames, with the series for debt and the like ("IRFC N2"). So more
data leaves an id as it is, but for a security that gets its first ISIN, or a rename known late.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from transforms.instrument_kinds import TWIN_SERIES, kinds, series_family
from transforms.instrument_spans import SPAN_KEY
from transforms.isins import ISIN_PATTERN, security_key
from transforms.symbol_lines import identified
from warehouse.tables.instruments import Instrument, InstrumentName
from warehouse.tables.table import schema

ZONE = "Asia/Kolkata"


class Instruments(NamedTuple):
    """Rows of core.instrument and of core.instrument_name."""

    instruments: pl.DataFrame
    names: pl.DataFrame


def instruments(
    spans: pl.DataFrame,
    *,
    symbol_changes: pl.DataFrame,
    name_changes: pl.DataFrame,
    listings: pl.DataFrame,
    funds: pl.DataFrame,
    members: pl.DataFrame,
    filings: pl.DataFrame,
) -> Instruments:
    """All securities that traded, and under what.

    Args:
        spans: what `instrument_spans` makes of core.equity_bar.
        symbol_changes: rows of core.symbol_change.
        name_changes: rows of core.name_change.
        listings: rows of core.equity_listing.
        funds: rows of core.fund_listing.
        members: rows of core.index_member.
        filings: rows of core.filing: its list shows a company's symbol of the day it was had, so
            that it is asked last.

    Returns:
        Rows of core.instrument, sorted by instrument, and of core.instrument_name: each published
        symbol, series and ISIN with the security that held it, from the first session on; sorted by
        these. Independent of row order.
    """
    pieces = identified(spans, _sightings(listings, members), _hints(filings), symbol_changes)
    listed = _listed(listings)
    titles = _titles(spans=pieces, listings=listings, members=members, name_changes=name_changes)
    is_twin = pl.col("series").is_in(TWIN_SERIES)
    by_age = pieces.sort(
        is_twin, "last_session", "first_session", "symbol", descending=[True, *[False] * 3]
    )
    held = (
        by_age.group_by("instrument_id")
        .agg(
            symbol=pl.col("symbol").last(),
            symbols=pl.col("symbol").unique().sort(),
            series=pl.col("series").unique().sort(),
            isin=pl.col("known_isin").first(),
            first_session=pl.col("first_session").min(),
            last_session=pl.col("last_session").max(),
        )
        .join(titles, on="instrument_id", how="left")
        .join(listed, on="instrument_id", how="left")
    )
    fund_symbols, share_symbols = (
        frame.get_column("symbol").unique() for frame in (funds, listings)
    )
    known = kinds(
        held.with_columns(
            is_listed_fund=pl.col("symbols")
            .list.set_intersection(fund_symbols.implode())
            .list.len()
            > 0,
            is_listed_share=pl.col("symbol").is_in(share_symbols.implode()),
        )
    )
    return Instruments(
        known.select(pl.col(name).cast(dtype) for name, dtype in schema(Instrument).items()).sort(
            "instrument_id"
        ),
        _names(pieces),
    )


def with_instrument(bars: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Bars with `instrument_id`: who held the symbol, series and ISIN on that session.

    Args:
        bars: symbol, series, isin, session_date and any others; row order is kept.
        names: rows of core.instrument_name.

    Returns:
        The bars; instrument_id is null where no name holds the session: then the spans that the
        names were made of did not have these bars.
    """
    held = names.select(*SPAN_KEY, "instrument_id", "first_session", "last_session")
    count = held.group_by(SPAN_KEY).agg(holders=pl.len())
    held = held.join(count, on=SPAN_KEY)
    lone = held.filter(pl.col("holders") == 1).drop("holders")
    keyed = bars.with_columns(isin_key=pl.col("isin").fill_null(""))
    of_bars = ["symbol", "series", "isin_key"]
    found = keyed.join(lone, left_on=of_bars, right_on=SPAN_KEY, how="left", maintain_order="left")
    several = held.filter(pl.col("holders") > 1).drop("holders")
    if not several.is_empty():
        found = _with_later_holders(found, several)
    holds = pl.col("session_date").is_between("first_session", "last_session")
    return found.with_columns(instrument_id=pl.when(holds).then("instrument_id")).drop(
        "isin_key", "first_session", "last_session"
    )


def with_actor(actions: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Actions with `instrument_id`: by the ISIN, else whose share the symbol last was by then.

    Debt of a company trades under the symbol of its share.

    Args:
        actions: symbol, isin (or null), ex_date, and any others.
        names: rows of core.instrument_name.

    Returns:
        The actions, in any order; instrument_id is null where none traded under the symbol.
    """
    held = (
        names.filter(series_family() == "")
        .select("symbol", "instrument_id", day="first_session")
        .sort("day")
    )
    by_isin = (
        names.filter(pl.col("isin") != "")
        .sort("first_session")
        .unique("isin", keep="last")
        .select("isin", of_isin="instrument_id")
    )
    placed = actions.sort("ex_date").join_asof(
        held,
        left_on="ex_date",
        right_on="day",
        by="symbol",
        strategy="backward",
        check_sortedness=False,
    )
    return (
        placed.join(by_isin, on="isin", how="left")
        .with_columns(instrument_id=pl.coalesce("of_isin", "instrument_id"))
        .drop("of_isin", "day")
    )


def changed_instruments(stored: pl.DataFrame, fresh: pl.DataFrame) -> list[str]:
    """Ids whose earlier sessions changed hands: their history is to be computed anew.

    Named are the former and the new id of every session that both know and give to another, and
    of sessions that only one of them knows and that are older than the newest stored session. New
    sessions at the end change nothing.

    Args:
        stored: rows of core.instrument_name as the marts were made with.
        fresh: the same as they are now.
    """
    if stored.is_empty():
        return []
    horizon = stored["last_session"].max()
    known = fresh.filter(pl.col("first_session") <= horizon).with_columns(
        last_session=pl.min_horizontal("last_session", pl.lit(horizon))
    )
    columns = [*SPAN_KEY, "instrument_id", "first_session"]
    # A stored name that goes on is the same name: only its last session moved.
    both = stored.select(*columns, stored_last="last_session").join(
        known.select(*columns, fresh_last="last_session"), on=columns, how="full", coalesce=True
    )
    is_changed = (
        pl.col("stored_last").is_null()
        | pl.col("fresh_last").is_null()
        | (pl.col("fresh_last") < pl.col("stored_last"))
    )
    return both.filter(is_changed).get_column("instrument_id").unique().sort().to_list()


def _with_later_holders(found: pl.DataFrame, several: pl.DataFrame) -> pl.DataFrame:
    """Bars whose name had several holders get the one of their day."""
    names = several.rename({"isin": "isin_key"}).with_columns(session_date="first_session")
    mine = (
        found.with_row_index("row")
        .filter(pl.col("instrument_id").is_null())
        .select("row", "symbol", "series", "isin_key", "session_date")
        .sort("session_date")
        .join_asof(
            names.sort("session_date"),
            on="session_date",
            by=["symbol", "series", "isin_key"],
            check_sortedness=False,
        )
        .select("row", "instrument_id", "first_session", "last_session")
    )
    return found.with_row_index("row").update(mine, on="row").drop("row")


def _sightings(listings: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Symbol and ISIN on the day a list had both."""
    listed_on = pl.col("published_at").dt.convert_time_zone(ZONE).dt.date()
    return pl.concat(
        [
            listings.select("symbol", "isin", seen_on=listed_on),
            members.select("symbol", "isin", "seen_on"),
        ]
    ).unique()


def _hints(filings: pl.DataFrame) -> pl.DataFrame:
    told_on = pl.col("broadcast_at").dt.convert_time_zone(ZONE).dt.date()
    return (
        filings.drop_nulls(["symbol", "isin"])
        .group_by("symbol", "isin")
        .agg(first_seen=told_on.min(), last_seen=told_on.max())
    )


def _listed(listings: pl.DataFrame) -> pl.DataFrame:
    """The day each issuer was listed, by the last list that has it."""
    return (
        listings.filter(pl.col("isin").str.contains(ISIN_PATTERN))
        .with_columns(instrument_id=security_key())
        .sort("published_at", "isin", "symbol")
        .group_by("instrument_id")
        .agg(pl.col("listed_on").drop_nulls().last())
    )


def _titles(
    *,
    spans: pl.DataFrame,
    listings: pl.DataFrame,
    members: pl.DataFrame,
    name_changes: pl.DataFrame,
) -> pl.DataFrame:
    """The name last seen of each security; whole names of lists before those cut in bars."""
    listed_on = pl.col("published_at").dt.convert_time_zone(ZONE).dt.date()
    by_isin = pl.concat(
        [
            listings.select("isin", title="company_name", seen_on=listed_on),
            members.select("isin", title="company_name", seen_on="seen_on"),
        ]
    ).select("title", "seen_on", instrument_id=security_key(), rank=pl.lit(1))
    holder = spans.select("symbol", "instrument_id", "first_session", "last_session")
    by_symbol = (
        name_changes.join(holder, on="symbol")
        # The list shows today's symbol: of a change long ago it is the last holder's.
        .sort("last_session")
        .unique(["symbol", "changed_on", "new_name"], keep="last", maintain_order=True)
        .select("instrument_id", title="new_name", seen_on="changed_on", rank=pl.lit(1))
    )
    in_bars = spans.select(
        "instrument_id", title="security_name", seen_on="last_session", rank=pl.lit(0)
    )
    columns = ["instrument_id", "title", "seen_on", "rank"]
    return (
        pl.concat([part.select(columns) for part in (by_isin, by_symbol, in_bars)])
        .drop_nulls(["instrument_id", "title"])
        .sort("rank", "seen_on", "title")
        .group_by("instrument_id")
        .agg(pl.col("title").last())
    )


def _names(pieces: pl.DataFrame) -> pl.DataFrame:
    """One row while a name has one holder, however often it rested."""
    return (
        pieces.sort(*SPAN_KEY, "first_session")
        .with_columns(run=pl.struct(*SPAN_KEY, "instrument_id").rle_id())
        .group_by(*SPAN_KEY, "run", "instrument_id")
        .agg(pl.col("first_session").min(), pl.col("last_session").max())
        .select(pl.col(name).cast(dtype) for name, dtype in schema(InstrumentName).items())
        .sort(*SPAN_KEY, "first_session")
    )
