"""What is announced of the simulated shares: actions, changes of names, listings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import polars as pl

from flows.demo.world.latent import stream
from flows.demo.world.share_actions import DIVIDENDS, Action, record_date, words
from flows.demo.world.share_market import ShareMarket
from flows.demo.world.share_series import Spell

AHEAD = -1
"""Session of an action whose day lies beyond the story."""


def actions(market: ShareMarket) -> pl.DataFrame:
    """One row an action; see `Shares.actions`."""
    rows = []
    for action in (*market.paths.actions, *_ahead(market)):
        plan, security = action.plan, market.securities[action.security]
        name = [n for n in security.names if n.since < plan.ex_date][-1]
        unit = "Unit" if security.kind == "fund" else "Share"
        purpose, short = words(action, name.face_value_inr, unit)
        notice = stream(market.seed, f"notice {security.key} {plan.ex_date}").integers(8, 31)
        rows.append(
            {
                "symbol": name.symbol,
                "series": market.series_words[market.series_codes[action.session, action.security]],
                "isin": name.isin,
                "company_name": name.company_name,
                "face_value_inr": float(name.face_value_inr),
                "ex_date": plan.ex_date,
                "record_date": record_date(plan.ex_date),
                "announced_on": plan.ex_date - timedelta(days=int(notice)),
                "purpose": purpose,
                "purpose_short": short,
                "is_announced": plan.is_announced,
                "session_date": None
                if action.session == AHEAD
                else market.sessions[action.session],
                "kind": plan.kind,
                "price_factor": action.price_factor,
                "share_factor": action.share_factor,
                "company": security.company,
            }
        )
    frame = pl.DataFrame(rows, infer_schema_length=None)
    is_dividend = pl.col("kind").is_in(DIVIDENDS)
    told = ("purpose", "purpose_short")
    factors = ("price_factor", "share_factor")
    paid = (
        frame.filter(is_dividend)
        # The one that counts comes last and names the row.
        .sort(pl.col("kind") == "special dividend", maintain_order=True)
        .group_by("symbol", "ex_date", maintain_order=True)
        .agg(
            pl.col(told).str.join("/"),
            pl.col(factors).product(),
            pl.exclude(*told, *factors, "symbol", "ex_date").last(),
        )
        .select(frame.columns)
    )
    return pl.concat([frame.filter(~is_dividend), paid]).sort("ex_date", "symbol", "purpose")


def _ahead(market: ShareMarket) -> Iterator[Action]:
    """What is due after the last session, of terms that no price settles."""
    for k, security in enumerate(market.securities):
        for plan in security.plans:
            if plan.ex_date > market.sessions[-1]:
                yield Action(plan, k, AHEAD, plan.first, 1.0, 1.0)


def name_changes(market: ShareMarket) -> pl.DataFrame:
    """One row a change of a company's name; see `Shares.name_changes`."""
    rows = [
        (after.symbol, before.company_name, after.company_name, after.since)
        for security in market.securities
        for before, after in zip(security.names[:-1], security.names[1:], strict=True)
        if before.company_name != after.company_name
    ]
    schema = {
        "symbol": pl.String,
        "old_name": pl.String,
        "new_name": pl.String,
        "changed_on": pl.Date,
    }
    return pl.DataFrame(rows, schema=schema, orient="row").sort("symbol", "changed_on")


def listings(market: ShareMarket) -> pl.DataFrame:
    """One row a main-board share and name; see `Shares.listings`."""
    rows = [
        {
            "company": security.company,
            "listed_on": security.listed_on,
            "delisted_on": security.delisted_on,
            "name_from": max(name.since, security.listed_on),
            "symbol": name.symbol,
            "isin": name.isin,
            "company_name": name.company_name,
            "face_value_inr": float(name.face_value_inr),
            "main_board_from": _main_board_from(security.series, security.listed_on),
        }
        for security in market.securities
        if security.kind == "share"
        for name in security.names
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _main_board_from(spells: tuple[Spell, ...], listed_on: date) -> date:
    return max([listed_on, *(after for _, after, series in spells if series in {"SM", "ST"})])
