"""Shares: core rows to chains and momentum of every security, and who belongs where.

A night reads what it touched: the sessions that came or changed, the look-back before them, and
the whole history of those securities alone whose names or actions turned out otherwise. What it
costs does not grow with the years that are held.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from flows.landing import RunRecord
from flows.reach import FIRST_DAY, Reach, earliest, years
from transforms.action_terms import action_terms
from transforms.adjust import EXTRAORDINARY_DIVIDEND_SHARE, price_adjustments
from transforms.equity_series import EquitySeries, equity_series
from transforms.instrument_spans import instrument_spans, merged_spans
from transforms.instruments import (
    changed_instruments,
    instruments,
    with_actor,
    with_instrument,
)
from transforms.membership import first_membership_change, memberships
from transforms.metrics.equity_momentum import equity_momentum
from transforms.metrics.equity_runs import LOOKBACK, LOOKBACK_STATES, short_histories
from transforms.metrics.equity_tables import EquityMomentum, EquityState
from transforms.metrics.momentum import NIFTY_500
from transforms.share_bars import one_bar
from transforms.size_tiers import merged_tiers, size_tiers
from warehouse import tables as core
from warehouse.store import Warehouse
from warehouse.tables.table import Table, schema

ROWS_AT_ONCE = 1_000_000
"""Of whole securities: memory is spent on a part of the market at a time."""
MANY_SESSIONS = 250
"""From so many touched sessions on, all is computed anew: it costs less than looking back."""
MANY_SECURITIES = 100
"""From so many securities on whose history turned out otherwise, all is computed anew."""
IS_SESSION = "session_date IN (SELECT session_date FROM core.trading_session)"
"""Bars of a date that no index file proves wait in core until one does."""
BAR_TABLES: tuple[type[Table], ...] = (core.EquityBar, core.EquityDelivery, core.MarketCap)
SELDOM_LOOKBACK = 4 * LOOKBACK
"""Sessions that hold bars enough of a share that trades on one in four."""
HALF_YEARS = timedelta(days=400)
"""Before a reset of size tiers: more than what it looks at."""
LAST_ROW = """
    FROM mart.equity_series WHERE session_date < $1 AND session_date >= $2
    QUALIFY row_number() OVER (PARTITION BY instrument_id ORDER BY session_date DESC) = 1
"""


@dataclass(frozen=True)
class Shares:
    """What was derived of shares, for what follows from it."""

    night: Reach
    members: pl.DataFrame
    """Rows of core.index_membership."""
    members_from: date | None
    """The first date for which these are another answer than was stored."""
    cross_from: date | None
    """The first session whose cross-section may differ from what was stored; None: all."""


def derive_shares(
    warehouse: Warehouse,
    run: RunRecord,
    sessions: pl.DataFrame,
    closes: pl.DataFrame,
    since: date | None,
) -> Shares:
    """Bring the marts of shares up to date, inside the transaction that is open.

    Args:
        warehouse: where core is read and marts are written.
        run: the run whose files may have changed something.
        sessions: rows of core.trading_session.
        closes: index_id, session_date, close of every index.
        since: sessions before it are what they were; None: formulas or sessions changed.
    """
    if since is not None:
        since = min([since, *_touched(warehouse, run)])
        later = sessions.filter(pl.col("session_date") >= since).height
        since = None if later > MANY_SESSIONS else since
    night = Reach(warehouse, run, sessions, since)
    names, kinds, changed = _identities(night)
    if not has_bars(warehouse):
        return Shares(night, *_members(night, names), since)
    actions = with_actor(warehouse.read_table(core.CorporateAction), names)
    if night.since is not None:
        changed = sorted({*changed, *_acted_late(night, actions)})
        if len(changed) > MANY_SECURITIES:
            night = replace(night, since=None)
            names, kinds, changed = _identities(night)
    series_from = _chains(night, (names, kinds), actions, changed)
    _histories(night, closes, changed)
    members, members_from = _members(night, names)
    cross_from = earliest(night.since, series_from, members_from)
    return Shares(night, members, members_from, cross_from)


def has_bars(warehouse: Warehouse) -> bool:
    """Whether any file of shares was ever loaded."""
    return not warehouse.read(f"SELECT 1 FROM {core.EquityBar.table} LIMIT 1").is_empty()


def _touched(warehouse: Warehouse, run: RunRecord) -> list[date]:
    """Sessions of which the run brought bars, deliveries or sizes."""
    found = [
        warehouse.read(
            f"SELECT DISTINCT session_date FROM {table.table} WHERE session_date IN "
            "(SELECT content_date FROM ops.fetch WHERE run_id = $1 AND rows_loaded > 0) "
            f"AND file_id IN (SELECT file_id FROM ops.fetch WHERE run_id = $1) AND {IS_SESSION}",
            [run.run_id],
        )["session_date"].to_list()
        for table in BAR_TABLES
    ]
    return sorted({day for days in found for day in days})


def _identities(night: Reach) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    """Names, kinds, and the securities whose earlier sessions turned out to be another's."""
    warehouse = night.warehouse
    spans = warehouse.read_table(core.SecuritySpan)
    if night.since is None:
        spans = spans.clear()
    for first, last in years(_bar_days(night)):
        rows = warehouse.read(
            "SELECT DISTINCT symbol, series, isin, session_date, security_name "
            f"FROM {core.EquityBar.table} WHERE session_date BETWEEN ? AND ? AND {IS_SESSION}",
            [first, last],
        )
        spans = merged_spans(spans, instrument_spans(rows))
    found = instruments(
        spans,
        symbol_changes=warehouse.read_table(core.SymbolChange),
        name_changes=warehouse.read_table(core.NameChange),
        listings=warehouse.read_table(core.EquityListing),
        funds=warehouse.read_table(core.FundListing),
        members=warehouse.read_table(core.IndexMember),
        filings=warehouse.read_table(core.Filing),
    )
    changed = changed_instruments(warehouse.read_table(core.InstrumentName), found.names)
    kinds = found.instruments.select("instrument_id", "kind")
    stored = warehouse.read_table(core.Instrument).select("instrument_id", old="kind")
    moved = kinds.join(stored, on="instrument_id").filter(pl.col("kind") != pl.col("old"))
    warehouse.replace(core.SecuritySpan, spans)
    warehouse.replace(core.Instrument, found.instruments)
    warehouse.replace(core.InstrumentName, found.names)
    return found.names, kinds, sorted({*changed, *moved["instrument_id"]})


def _bar_days(night: Reach) -> list[date]:
    """Sessions to compute of which there are bars."""
    return night.warehouse.read(
        f"SELECT DISTINCT session_date FROM {core.EquityBar.table} "
        f"WHERE session_date >= ? AND {IS_SESSION} ORDER BY ALL",
        [night.since or FIRST_DAY],
    )["session_date"].to_list()


def _chains(
    night: Reach,
    known: tuple[pl.DataFrame, pl.DataFrame],
    actions: pl.DataFrame,
    changed: Sequence[str],
) -> date | None:
    """Bring mart.equity_series up to date; the first session before `since` that differs now.

    Args:
        night: what is computed.
        known: names and kinds of securities.
        actions: with the security each is of.
        changed: securities whose whole history is computed.
    """
    warehouse, since = night.warehouse, night.since
    names, kinds = known
    if since is None:
        warehouse.replace(EquitySeries, EquitySeries.create_empty())
        warehouse.replace(core.PriceAdjustment, core.PriceAdjustment.create_empty())
        last: pl.DataFrame = EquitySeries.create_empty()
        for first, final in years(_bar_days(night)):
            bars = _bars(warehouse, names, kinds, first, final)
            rows, adjusted = _chained(bars, last, actions, night.sessions)
            warehouse.append(EquitySeries, rows)
            warehouse.append(core.PriceAdjustment, adjusted)
            last = _last_rows(pl.concat([last, rows.select(last.columns)]))
        return None
    recent = night.before(since, LOOKBACK)
    last = warehouse.read(LAST_ROW, [since, recent])
    bars = _bars(warehouse, names, kinds, since, date.max)
    absent = bars.join(last, on="instrument_id", how="anti")["instrument_id"].unique()
    if absent.len():
        older = warehouse.read(
            f"{LAST_ROW.replace('QUALIFY', 'AND instrument_id IN (SELECT unnest($3)) QUALIFY')}",
            [recent, FIRST_DAY, absent.to_list()],
        )
        last = pl.concat([last, older])
    is_changed = pl.col("instrument_id").is_in(changed)
    rows, adjusted = _chained(bars.filter(~is_changed), last, actions, night.sessions)
    kept = warehouse.read_table(core.PriceAdjustment).filter(
        (pl.col("session_date") < since) & ~is_changed
    )
    differs_from = None
    if changed:
        whole = _bars(
            warehouse, names.filter(is_changed), kinds, FIRST_DAY, date.max, of_names=True
        )
        anew, adjusted_anew = _chained(whole, last.clear(), actions, night.sessions)
        stored = warehouse.read(
            "FROM mart.equity_series WHERE instrument_id IN (SELECT unnest(?::VARCHAR[]))",
            [changed],
        )
        differs_from = _first_difference(stored, anew, EquitySeries)
        _delete(warehouse, EquitySeries, changed)
        rows, adjusted = pl.concat([rows, anew]), pl.concat([adjusted, adjusted_anew])
    warehouse.execute("DELETE FROM mart.equity_series WHERE session_date >= ?", [since])
    warehouse.append(EquitySeries, rows)
    warehouse.replace(core.PriceAdjustment, pl.concat([kept, adjusted.select(kept.columns)]))
    return differs_from


def _chained(
    bars: pl.DataFrame, last: pl.DataFrame, actions: pl.DataFrame, sessions: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    adjusted = price_adjustments(bars, last, actions, sessions)
    return equity_series(bars, last, adjusted, sessions), adjusted


def _last_rows(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort("session_date").unique("instrument_id", keep="last", maintain_order=True)


def _delete(warehouse: Warehouse, table: type[Table], ids: Sequence[str]) -> None:
    warehouse.execute(
        f"DELETE FROM {table.table} WHERE instrument_id IN (SELECT unnest(?::VARCHAR[]))",
        [list(ids)],
    )


def _first_difference(stored: pl.DataFrame, fresh: pl.DataFrame, table: type[Table]) -> date | None:
    """The first session of which two sets of rows differ."""
    names = list(schema(table))
    one, other = stored.select(names), fresh.select(names)
    sides = [
        a.join(b, on=names, how="anti", nulls_equal=True)["session_date"].min()
        for a, b in ((one, other), (other, one))
    ]
    return min((day for day in sides if isinstance(day, date)), default=None)


def _acted_late(night: Reach, actions: pl.DataFrame) -> list[str]:
    """Securities with an action on prices that this run told of, of a day computed before."""
    files = night.warehouse.read(
        "SELECT file_id FROM ops.fetch WHERE run_id = ? AND file_id IS NOT NULL", [night.run.run_id]
    )
    new = actions.join(files, on="file_id", how="semi").filter(
        (pl.col("ex_date") < night.since) & pl.col("instrument_id").is_not_null()
    )
    if new.is_empty():
        return []
    said = action_terms(new).filter(pl.col("kind") != "unread")
    is_dividend = pl.col("kind") == "dividend"
    # A dividend counts where it is large beside the price: see `price_adjustments`.
    lowest = night.warehouse.read(
        "SELECT instrument_id, min(close) AS lowest FROM mart.equity_series "
        "WHERE instrument_id IN (SELECT unnest(?::VARCHAR[])) GROUP BY ALL",
        [said.filter(is_dividend)["instrument_id"].unique().to_list()],
    )
    paid = (
        said.filter(is_dividend)
        .group_by("instrument_id", "ex_date")
        .agg(pl.col("amount_inr").sum())
        .join(lowest, on="instrument_id")
        .filter(pl.col("amount_inr") >= EXTRAORDINARY_DIVIDEND_SHARE * pl.col("lowest"))
    )
    return sorted({*said.filter(~is_dividend)["instrument_id"], *paid["instrument_id"]})


def _bars(
    warehouse: Warehouse,
    names: pl.DataFrame,
    kinds: pl.DataFrame,
    first: date,
    last: date,
    *,
    of_names: bool = False,
) -> pl.DataFrame:
    """One bar a security and session from what core holds; of the given names' symbols alone."""
    where, parameters = f"session_date BETWEEN ? AND ? AND {IS_SESSION}", [first, last]
    symbols: list[object] = []
    if of_names:
        where += " AND symbol IN (SELECT unnest(?::VARCHAR[]))"
        symbols = [names["symbol"].unique().to_list()]
    bars, deliveries, caps = (
        warehouse.read(f"FROM {table.table} WHERE {where}", [*parameters, *symbols])
        for table in BAR_TABLES
    )
    known = with_instrument(bars, names).join(kinds, on="instrument_id", how="left")
    return one_bar(known, deliveries, caps)


def _histories(night: Reach, closes: pl.DataFrame, changed: Sequence[str]) -> None:
    """Bring mart.equity_momentum and the state of its recursions up to date."""
    warehouse, since = night.warehouse, night.since
    benchmark = closes.filter(index_id=NIFTY_500).select("session_date", nifty_500_close="close")
    traded = warehouse.read(
        "SELECT DISTINCT session_date, true AS has_bars FROM mart.equity_series"
    )
    sessions = (
        night.sessions.select("session_date")
        .join(traded, on="session_date", how="left")
        .with_columns(pl.col("has_bars").fill_null(value=False))
        # Before the first file of shares there is no market of shares to have holes.
        .filter(pl.col("has_bars").cum_max() | ~pl.col("has_bars").any())
    )
    if since is None:
        warehouse.replace(EquityMomentum, EquityMomentum.create_empty())
        warehouse.replace(EquityState, EquityState.create_empty())
        for ids in _dealt(warehouse):
            rows, state = equity_momentum(_series_of(warehouse, ids), benchmark, sessions)
            warehouse.append(EquityMomentum, rows)
            warehouse.append(EquityState, state)
        return
    held = warehouse.read_table(EquityState).filter(~pl.col("instrument_id").is_in(changed))
    parts = []
    wanted: list[str] | None = None
    for lookback in (LOOKBACK, SELDOM_LOOKBACK):
        recent = _series_since(warehouse, night.before(since, lookback), wanted)
        recent = recent.filter(~pl.col("instrument_id").is_in(changed))
        wanted = short_histories(recent, held, sessions, since)
        enough = recent.filter(~pl.col("instrument_id").is_in(wanted))
        parts.append(equity_momentum(enough, benchmark, sessions, held=held, since=since))
        if not wanted:
            break
    if seldom := sorted({*(wanted or ()), *changed}):
        parts.append(equity_momentum(_series_of(warehouse, seldom), benchmark, sessions))
    is_new = (pl.col("session_date") >= since) | pl.col("instrument_id").is_in(changed)
    for table, frames in (
        (EquityMomentum, [rows for rows, _ in parts]),
        (EquityState, [state for _, state in parts]),
    ):
        warehouse.execute(f"DELETE FROM {table.table} WHERE session_date >= ?", [since])
        _delete(warehouse, table, changed)
        warehouse.append(table, pl.concat(frames).filter(is_new))
    warehouse.execute(
        "DELETE FROM mart.equity_state WHERE session_date < ?",
        [night.before(night.last, LOOKBACK_STATES - 1)],
    )


def _series_since(warehouse: Warehouse, first: date, ids: Sequence[str] | None) -> pl.DataFrame:
    where = "" if ids is None else "AND instrument_id IN (SELECT unnest($2::VARCHAR[]))"
    parameters: list[object] = [first] if ids is None else [first, list(ids)]
    return warehouse.read(f"FROM mart.equity_series WHERE session_date >= $1 {where}", parameters)


def _dealt(warehouse: Warehouse) -> Iterator[list[str]]:
    """Securities in groups of some ROWS_AT_ONCE rows."""
    counts = warehouse.read(
        "SELECT instrument_id, count(*) AS rows FROM mart.equity_series GROUP BY ALL ORDER BY ALL"
    )
    groups = counts.with_columns(group=pl.col("rows").cum_sum() // ROWS_AT_ONCE)
    for part in groups.partition_by("group", maintain_order=True):
        yield part["instrument_id"].to_list()


def _series_of(warehouse: Warehouse, ids: Sequence[str]) -> pl.DataFrame:
    return warehouse.read(
        "FROM mart.equity_series WHERE instrument_id IN (SELECT unnest(?::VARCHAR[]))", [list(ids)]
    )


def _members(night: Reach, names: pl.DataFrame) -> tuple[pl.DataFrame, date | None]:
    """Bring core.index_membership up to date: lists, industries, tiers by size.

    Returns:
        its rows, and the first date for which they are another answer than was stored.
    """
    warehouse, since = night.warehouse, night.since
    lists = memberships(
        warehouse.read_table(core.IndexMember),
        warehouse.read_table(core.IndexReconstitution),
        names,
    )
    stored = warehouse.read_table(core.IndexMembership)
    is_tier = pl.col("universe_kind") == "tier"
    caps = warehouse.read(
        "SELECT instrument_id, session_date, market_cap_inr FROM mart.equity_series "
        "WHERE is_ordinary AND market_cap_inr IS NOT NULL AND session_date >= ?",
        [FIRST_DAY if since is None else since - HALF_YEARS],
    )
    known = night.sessions.select("session_date")
    if since is not None:
        known = known.filter(pl.col("session_date") >= since - HALF_YEARS)
    tiers = size_tiers(caps, known)
    if since is not None:
        older = warehouse.read(
            "SELECT 1 FROM mart.equity_series WHERE session_date < ? LIMIT 1", [since - HALF_YEARS]
        )
        if older.height:
            # The first reset looked at may have seen half of its half-year; it is stored.
            tiers = tiers.filter(pl.col("valid_from") > pl.col("valid_from").min())
        tiers = merged_tiers(stored.filter(is_tier), tiers)
    rows = pl.concat([lists, tiers.select(lists.columns)])
    changed_from = first_membership_change(stored, rows)
    warehouse.replace(core.IndexMembership, rows)
    return rows, changed_from
