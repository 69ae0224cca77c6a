"""Who held a symbol when: tenures between renames, and within them one security after another.

A line is what trades under one symbol (debt and the like: under one symbol and series). Renames
cut it into tenures. Within a tenure, rows without an ISIN belong to the ISIN beside them in time,
unless the market traded on for longer than SUSPENSION_DAYS while the symbol did not. Where the
ISINs before and after are of different issuers, the border is the widest gap between them, or
without a gap the day on which the second is first seen.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from transforms.instrument_spans import HOLE_DAYS
from transforms.isins import lineage

SUSPENSION_DAYS = 365
LEEWAY_DAYS = 15
"""A symbol may trade so long after the day on which it was to end, or before the day it begins."""
LINE = ["symbol", "family"]
TENURE = [*LINE, "tenure"]
SEGMENT = [*TENURE, "segment"]


def held(pieces: pl.DataFrame, seen: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Rows of lines, cut where the holder changed, with the stretch of one holder they are in.

    Args:
        pieces: spans of bars: LINE, begin, end (dates), code (the ISIN or null), series,
            first_session and any others.
        seen: LINE, begin, end, code of lists: no bars, but evidence.
        changes: old_symbol, new_symbol, changed_on.

    Returns:
        Both, and rows for the two ends of each change (`rename`, its number), with `lineage` of the
        code and SEGMENT; begin and end are those of the part.
    """
    renames = _renames(changes, pieces)
    rows = pl.concat([pieces, seen, _ends(renames)], how="diagonal_relaxed")
    handed_on = renames.select(*LINE, "cut").unique()
    cuts = pl.concat([handed_on, _changes_of_issuer(rows)]).unique()
    return _segments(_with_tenures(_cut(rows, cuts), handed_on))


def _renames(changes: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """Both ends of each change, per family that trades at one of them.

    Returns:
        rename (its number), side (old, new), symbol, family, cut (first date of the new holder).
    """
    numbered = (
        changes.select("old_symbol", "new_symbol", "changed_on")
        .unique()
        .sort("changed_on", "old_symbol", "new_symbol")
        .with_row_index("rename")
        .with_columns(pl.col("rename").cast(pl.Int64))
    )
    ends = pl.concat(
        [
            numbered.select("rename", "changed_on", side=pl.lit(side), symbol=column)
            for side, column in (("old", "old_symbol"), ("new", "new_symbol"))
        ]
    )
    families = pl.concat(
        [
            ends.select("rename", family=pl.lit("")),
            ends.join(pieces.select(LINE).unique(), on="symbol").select("rename", "family"),
        ]
    ).unique()
    ends = ends.join(families, on="rename")
    leeway = timedelta(days=LEEWAY_DAYS)
    # The last days under the old symbol, or the first under the new, may lie across the date.
    across = (
        ends.join(pieces.select(*LINE, "begin", "end"), on=LINE)
        .filter(pl.col("begin") < pl.col("changed_on"), pl.col("end") >= pl.col("changed_on"))
        .group_by("rename", "side", *LINE)
        .agg(begin=pl.col("begin").min(), end=pl.col("end").max())
    )
    late = pl.col("end") < pl.col("changed_on") + leeway
    early = pl.col("begin") > pl.col("changed_on") - leeway
    cut = (
        pl.when((pl.col("side") == "old") & late)
        .then(pl.col("end") + timedelta(days=1))
        .when((pl.col("side") == "new") & early)
        .then(pl.col("begin"))
        .otherwise("changed_on")
    )
    return ends.join(across, on=["rename", "side", *LINE], how="left").select(
        "rename", "side", *LINE, cut=cut
    )


def _ends(renames: pl.DataFrame) -> pl.DataFrame:
    """The last day of the old holder and the first of the new, as rows of their lines.

    So a chain of changes holds through a symbol whose own bars are missing.
    """
    day = (
        pl.when(pl.col("side") == "old")
        .then(pl.col("cut") - timedelta(days=1))
        .otherwise(pl.col("cut"))
    )
    return renames.select(*LINE, "rename", begin=day, end=day)


def _changes_of_issuer(rows: pl.DataFrame) -> pl.DataFrame:
    """Dates from which another issuer's ISIN is seen under a symbol."""
    return (
        rows.filter(pl.col("code").is_not_null())
        .with_columns(lineage=lineage("code"))
        .sort(*LINE, "begin", "end", "code")
        .filter((pl.col("lineage") != pl.col("lineage").shift(1).over(LINE)).fill_null(value=False))
        .select(*LINE, cut="begin")
    )


def _cut(rows: pl.DataFrame, cuts: pl.DataFrame) -> pl.DataFrame:
    """Rows that reach across a cut become one row for each side of it."""
    numbered = rows.with_row_index("row")
    inside = (
        numbered.select("row", *LINE, "begin", "end")
        .join(cuts, on=LINE)
        .filter(pl.col("begin") < pl.col("cut"), pl.col("cut") <= pl.col("end"))
    )
    whole = numbered.join(inside, on="row", how="anti")
    across = numbered.join(inside, on="row", how="semi")
    begins = pl.concat([across.select("row", "begin"), inside.select("row", begin="cut")])
    next_begin = pl.col("begin").shift(-1).over("row")
    parts = (
        begins.sort("row", "begin")
        .with_columns(until=next_begin - timedelta(days=1))
        .join(across.drop("begin"), on="row")
        .with_columns(end=pl.coalesce("until", "end"))
    )
    return pl.concat([whole, parts.select(whole.columns)]).drop("row")


def _with_tenures(rows: pl.DataFrame, cuts: pl.DataFrame) -> pl.DataFrame:
    """Rows with `tenure`: how often the holder of their line had changed by then."""
    numbered = cuts.sort(*LINE, "cut").with_columns(
        tenure=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(LINE)
    )
    return (
        rows.sort("begin")
        .join_asof(
            numbered.sort("cut"),
            left_on="begin",
            right_on="cut",
            by=LINE,
            check_sortedness=False,
        )
        .with_columns(pl.col("tenure").fill_null(0))
        .drop("cut")
    )


def _segments(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `segment`: a stretch of a tenure that one security held."""
    ordered = (
        _with_market_days(rows)
        .with_columns(lineage=lineage("code"))
        # Of a day, what is known before what is not: the day's ISIN holds for all of its rows.
        .sort(*TENURE, "begin", "lineage", "end", "series", "code", nulls_last=True)
        # Windows over one number cost less than those over three columns.
        .with_columns(place=pl.struct(TENURE).rle_id())
    )
    gap = (pl.col("begin") - pl.col("end").cum_max().shift(1)).dt.total_days().over("place")
    market_gap = (pl.col("begin_day") - pl.col("end_day").cum_max().shift(1)).over("place")
    known_before = pl.col("lineage").forward_fill().shift(1).over("place")
    known_next = pl.col("lineage").backward_fill().over("place")
    # From one known ISIN to the next is a stretch; where the two differ the border lies in it.
    stretch = pl.col("lineage").is_not_null().cum_sum().shift(1, fill_value=0).over("place")
    ordered = ordered.with_columns(
        gap=gap,
        is_long=market_gap > SUSPENSION_DAYS,
        known_before=known_before,
        known_next=known_next,
        stretch=stretch,
    )
    within = ["place", "stretch"]
    ordered = ordered.with_columns(widest=pl.col("gap").max().over(within))
    ordered = ordered.with_columns(
        # The last of them, where several are as wide.
        is_widest=(pl.col("gap") == pl.col("widest"))
        & ((pl.col("gap") == pl.col("widest")).cum_sum(reverse=True).over(within) == 1)
    )
    border = (
        pl.when(pl.col("known_before") == pl.col("known_next"))
        .then(pl.lit(value=False))
        .when(pl.col("known_before").is_null() | pl.col("known_next").is_null())
        .then("is_long")
        .when(pl.col("widest") > HOLE_DAYS)
        .then(pl.col("is_widest") | pl.col("is_long"))
        .otherwise(pl.col("lineage").is_not_null())
    )
    return (
        ordered.with_columns(border=border.fill_null(value=False))
        .with_columns(segment=pl.col("border").cum_sum().over("place"))
        .select(*rows.columns, "lineage", "segment")
    )


def _with_market_days(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `begin_day` and `end_day`, counting days with bars of other series than EQ.

    What is missing of the whole market (years that nobody brought, or brought of series EQ alone,
    which tells nothing of a share moved to BE) is no suspension of one share.
    """
    traded = (
        rows.filter(pl.col("first_session").is_not_null(), pl.col("series") != "EQ")
        .select("begin", "end")
        .sort("begin", "end")
        .with_columns(reach=pl.col("end").cum_max().shift(1))
        .with_columns(era=(pl.col("begin") > pl.col("reach")).fill_null(value=False).cum_sum())
        .group_by("era")
        .agg(opened=pl.col("begin").min(), closed=pl.col("end").max())
        .sort("era")
        .with_columns(length=(pl.col("closed") - pl.col("opened")).dt.total_days() + 1)
        .with_columns(before=pl.col("length").cum_sum() - pl.col("length"))
        .drop("era")
    )
    days = (
        pl.concat([rows.select(day="begin"), rows.select(day="end")])
        .unique()
        .sort("day")
        .join_asof(traded.sort("opened"), left_on="day", right_on="opened")
        .select(
            "day",
            count=pl.coalesce(
                pl.col("before")
                + pl.min_horizontal(
                    (pl.col("day") - pl.col("opened")).dt.total_days() + 1, "length"
                ),
                pl.lit(0),
            ),
        )
    )
    return rows.join(days.rename({"day": "begin", "count": "begin_day"}), on="begin").join(
        days.rename({"day": "end", "count": "end_day"}), on="end"
    )
