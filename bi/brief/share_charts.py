"""The charts of shares: what each shows, in figures for drawing and in words."""

from __future__ import annotations

from datetime import date

import polars as pl

from bi.brief import share_drawings
from bi.brief.breadth_facts import Breadth
from bi.brief.charts import Panel, dated, undrawn
from bi.brief.numbers import grouped, listed, percent, short_date, signed

_OF_BREADTH = ("above_50", "above_200", "ad_line")


def breadth_panel(breadth: Breadth) -> Panel:
    """Shares of the market above their averages over a year, the index and the line under them."""
    title = "The market's shares above their averages, and the Nifty 500"
    year = breadth.year
    known = year.filter(pl.any_horizontal(pl.col(*_OF_BREADTH).is_not_null()))
    if known.is_empty():
        return undrawn(title, "mart.breadth holds no row of the market in these sessions.")
    first, last = known["session_date"][0], known["session_date"][-1]
    # What lies before the first file of shares is no hole.
    year = year.filter(pl.col("session_date") >= first)
    values = known.row(-1, named=True)
    ends = [
        f"{percent(value)} {words}"
        for value, words in (
            (values["above_50"], "above the average of 50 sessions"),
            (values["above_200"], "above that of 200"),
        )
        if value is not None
    ]
    if values["index_close"] is not None:
        ends.append(f"the index at {grouped(values['index_close'], 2)}")
    lines = known["ad_line"].drop_nulls()
    if lines.len() > 1:
        moved = lines[-1] - lines[0]
        ends.append(f"the advance-decline line {signed(moved)} on where it began")
    alt = (
        "Share of the market's shares above their averages of 50 and 200 sessions, with the Nifty "
        f"500 and the advance-decline line below, from {short_date(first)} to {short_date(last)}. "
        f"At the end: {listed(ends)}."
    )
    notes = ["The advance-decline line's course counts, not its level.", *_notes(year)]
    return Panel(title, alt, tuple(notes), *share_drawings.breadth_panes(year))


def extremes_panel(breadth: Breadth) -> Panel:
    """New highs and lows of the market over a year."""
    title = "New 252-session highs and lows, every session"
    year = breadth.year
    known = year.drop_nulls("new_highs")
    if known.is_empty():
        return undrawn(
            title,
            "No share of the market has the 252 sessions of history before a session that a new "
            "high or low takes.",
        )
    first, last = known["session_date"][0], known["session_date"][-1]
    year = year.filter(pl.col("session_date") >= first)
    highs, lows = known["new_highs"], known["new_lows"]
    alt = (
        "New highs of the market's shares as bars up and new lows as bars down, from "
        f"{short_date(first)} to {short_date(last)}. At the end: {grouped(highs[-1])} highs and "
        f"{grouped(lows[-1])} lows. Most highs {_most(known, 'new_highs')}, most lows "
        f"{_most(known, 'new_lows')}."
    )
    return Panel(title, alt, tuple(_noted(year, "new_highs")), *share_drawings.extreme_bars(year))


def _most(known: pl.DataFrame, column: str) -> str:
    """The largest count with its session, the latest of equals."""
    row = known.sort(column, "session_date", descending=True).row(0, named=True)
    day: date = row["session_date"]
    return f"{grouped(row[column])} on {short_date(day)}"


def _notes(year: pl.DataFrame) -> list[str]:
    told = []
    if year["above_200"].drop_nulls().is_empty():
        told.append("Not drawn: the average of 200 sessions, which no share has the history for.")
    holes, of_index = _holes(year, "ad_line"), _holes(year, "index_close")
    if year["index_close"].drop_nulls().is_empty():
        told.append("Not drawn: the Nifty 500, of which no close is in the warehouse.")
    elif of_index and of_index != holes:
        told.append(f"Nifty 500: {of_index}")
    return [*told, *_noted(year, "ad_line")]


def _noted(year: pl.DataFrame, column: str) -> list[str]:
    holes = _holes(year, column)
    return [f"{holes[0].upper()}{holes[1:]}"] if holes else []


def _holes(year: pl.DataFrame, column: str) -> str:
    missing = year.filter(pl.col(column).is_null())["session_date"].to_list()
    if not missing:
        return ""
    return (
        f"no value on {len(missing)} of {year.height} sessions; the drawing breaks there. "
        f"{dated(missing)}"
    )
