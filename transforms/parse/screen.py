"""Typed rows, and beside them every row that cannot be true, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from transforms.parse.layout import Layout
from transforms.parse.repeats import judge_repeats
from transforms.parse.text import blank_as_null
from warehouse.tables.table import key

ROW = "position_"
"""A row's place among all rows of a screening: `row_number` may cover several, of a wide file."""

RULE_WORDS = {
    "nullability": "is missing",
    "check": "is out of bounds",
}


@dataclass(frozen=True)
class Screened:
    """Rows to load, and rows rejected: file_id, row_number, target, reason, row (JSON)."""

    good: pl.DataFrame
    rejected: pl.DataFrame


def screen(
    text: pl.DataFrame, layout: Layout, known: pl.DataFrame, published: Mapping[str, pl.Expr]
) -> Screened:
    """Type text rows of many files and split off what breaks a rule of the table.

    Args:
        text: text frames of `layout.read`, concatenated, with `file_id`.
        layout: their layout.
        known: one row a file: file_id, and what is known of it as a whole.
        published: published_at and published_basis, from a row and its file.

    A row is rejected when a cell that holds text is no value of its column's type, when it breaks
    a rule of the table, or for what `judge_repeats` says of it. Where it breaks only a rule of
    `set_aside`, the columns the rule doubts are taken out, the rest stays, and both are told.
    """
    text = text.with_row_index(ROW)
    typed = text.with_columns(**dict(layout.typed))
    identity = ["file_id", *[name for name in key(layout.table) if name in typed.columns]]
    written = [name for name in layout.typed if name in text.columns]
    unread = [
        pl.when(typed[name].is_null() & text.select(blank_as_null(name))[name].is_not_null()).then(
            pl.format("{} is not readable: {}", pl.lit(name), pl.lit(text[name]))
        )
        for name in written
    ]
    typed = typed.with_columns(
        unread_=pl.concat_str(unread, separator="; ", ignore_nulls=True)
        if unread
        else pl.lit("", pl.String),
    )
    repeats = judge_repeats(
        text, typed.select(ROW, "row_number", *_distinct(identity, layout)), identity
    )
    complete = (
        typed.join(known, on="file_id", how="left", maintain_order="left")
        .with_columns(**dict(published))
        .select(ROW, "row_number", "unread_", *layout.table.column_names())
    )
    judged = (
        complete.join(_broken(complete, layout, identity), on=ROW, how="left")
        .join(repeats, on=ROW, how="left")
        .sort(ROW)
        .with_columns(
            reason=pl.concat_str(
                pl.when(pl.col("unread_") != "").then("unread_"),
                pl.when(pl.col("broken_") != "").then("broken_"),
                "repeat_reason",
                separator="; ",
                ignore_nulls=True,
            )
        )
    )
    is_bad = pl.col("reason") != ""
    is_aside = pl.col("aside_").fill_null("") != ""
    doubted = sorted({name for names in layout.table.set_aside.values() for name in names})
    rejected = judged.filter(is_bad | is_aside).select(
        ROW,
        "file_id",
        "row_number",
        target=pl.lit(layout.table.table),
        reason=pl.concat_str(
            pl.when(is_bad).then("reason"),
            pl.when(is_aside).then("aside_"),
            pl.when(is_aside & ~is_bad).then(pl.lit(f"the row stays without {', '.join(doubted)}")),
            separator="; ",
            ignore_nulls=True,
        ),
    )
    rows = text.select(
        ROW,
        row=pl.struct(pl.exclude("file_id", "row_number", "fetched_on", ROW)).struct.json_encode(),
    )
    return Screened(
        good=judged.filter(~is_bad)
        .with_columns(pl.when(~is_aside).then(pl.col(name)).alias(name) for name in doubted)
        .select(layout.table.column_names()),
        rejected=rejected.join(rows, on=ROW, how="left", maintain_order="left").drop(ROW),
    )


def _broken(complete: pl.DataFrame, layout: Layout, identity: list[str]) -> pl.DataFrame:
    """The rules of the table that a row breaks, in words, by position.

    A file's rows that share a key are held against the rules in turns: the rules name a row by
    its key, and a row must not fall for its neighbour's fault.
    """
    turns = complete.with_columns(turn_=pl.int_range(pl.len()).over(identity))
    found = []
    for part in turns.partition_by("turn_"):
        _, failure = layout.table.filter(part.select(layout.table.column_names()), cast=True)
        details = failure.details()
        rules = [
            name
            for name in details.columns
            if name not in layout.table.column_names() and name != "primary_key"
        ]
        aside = layout.table.set_aside
        words = details.select(
            *identity,
            broken_=_told(layout, [rule for rule in rules if rule not in aside]),
            aside_=_told(layout, [rule for rule in rules if rule in aside]),
        )
        found.append(
            part.select(ROW, *identity)
            .join(words, on=identity, how="inner", nulls_equal=True)
            .select(ROW, "broken_", "aside_")
        )
    return pl.concat(found)


def _told(layout: Layout, rules: list[str]) -> pl.Expr:
    """The broken ones among some rules, in words; empty where none is."""
    broken = [
        pl.when(pl.col(rule).cast(pl.String) == "invalid").then(pl.lit(_in_words(layout, rule)))
        for rule in rules
    ]
    if not broken:
        return pl.lit("", pl.String)
    return pl.concat_str(broken, separator="; ", ignore_nulls=True)


def _distinct(identity: list[str], layout: Layout) -> list[str]:
    return [*identity, *[name for name in layout.typed if name not in identity]]


def _in_words(layout: Layout, rule: str) -> str:
    column, _, kind = rule.partition("|")
    if kind == "check" and (words := (layout.table.columns()[column].metadata or {}).get("words")):
        return f"{column} is none of {words}"
    if kind:
        return f"{column} {RULE_WORDS.get(kind, kind)}"
    return rule.replace("_", " ") + " does not hold"
