"""Typed rows, and beside them every row that cannot be true, with the reason.

Of a million rows a handful is wrong. So the rows are first asked together, a column at a time,
whether anything may be wrong with them; words and copies are made for those alone of which it may.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from transforms.parse.layout import Layout
from transforms.parse.repeats import judge_repeats, may_repeat
from transforms.parse.text import blank_as_null
from warehouse.tables.table import Table, key

ROW = "position_"
"""A row's place among those judged: `row_number` may cover several, of a wide file."""
UNREAD = "unread"
"""Of layouts whose `read` types its rows itself: what could not be read in a row, in words."""
AS_READ = "as_read"
"""Such a row as it came, in JSON."""

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
        text: frames of `layout.read`, concatenated, with `file_id`.
        layout: their layout.
        known: one row a file: file_id, and what is known of it as a whole.
        published: published_at and published_basis, from a row and its file.

    A row is rejected when a cell that holds text is no value of its column's type, when it breaks
    a rule of the table, or for what `judge_repeats` says of it. Where it breaks only a rule of
    `set_aside`, the columns the rule doubts are taken out, the rest stays, and both are told.
    """
    typed = text.with_columns(**dict(layout.typed))
    identity = ["file_id", *[name for name in key(layout.table) if name in typed.columns]]
    complete = _with_origin(typed, known, published).select(layout.table.column_names())
    doubted = (
        _may_be_unread(text, typed, layout)
        | _may_break(complete, layout.table)
        | may_repeat(typed, identity)
    )
    few = text.filter(doubted)
    judged = _judged(few, typed.filter(doubted), complete.filter(doubted), layout, identity)
    return Screened(_kept(complete, doubted, judged, layout), _rejected(few, judged, layout))


def _with_origin(
    typed: pl.DataFrame, known: pl.DataFrame, published: Mapping[str, pl.Expr]
) -> pl.DataFrame:
    """Rows with what is known of their files, and when the world could know them.

    Both are worked out once for a run of rows that agree in all they depend on.
    """
    roots = {name for told in published.values() for name in told.meta.root_names()}
    keys = ["file_id", *sorted((roots - {"file_id"}) & set(typed.columns))]
    begins = typed.select(
        pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in keys)
    ).to_series()
    runs = (
        typed.filter(begins)
        .select(keys)
        .join(known, on="file_id", how="left", maintain_order="left")
        .with_columns(**dict(published))
        .drop(keys)
    )
    run = begins.cast(pl.UInt32).cum_sum() - 1
    return typed.with_columns(runs.select(pl.all().gather(run)).get_columns())


def _may_be_unread(text: pl.DataFrame, typed: pl.DataFrame, layout: Layout) -> pl.Series:
    """Whether a cell of the row holds text that is no value of its column's type."""
    doubted = pl.repeat(value=False, n=text.height, eager=True)
    if UNREAD in text.columns and text[UNREAD].null_count() < text.height:
        doubted |= text[UNREAD].is_not_null()
    for name in _written(text, layout):
        if typed[name].has_nulls():
            cell = text.select(blank_as_null(name)).to_series()
            doubted |= typed[name].is_null() & cell.is_not_null()
    return doubted


def _written(text: pl.DataFrame, layout: Layout) -> list[str]:
    """Columns that came as text and are typed here."""
    return [name for name in layout.typed if text.schema.get(name) == pl.String]


def _may_break(complete: pl.DataFrame, table: type[Table]) -> pl.Series:
    """Whether the row breaks a rule of the table, its key's uniqueness apart."""
    columns = table.columns()
    odd = [
        name for name, column in columns.items() if not column.validate_dtype(complete.schema[name])
    ]
    cast = complete.with_columns(
        pl.col(name).cast(columns[name].dtype, strict=False) for name in odd
    )
    doubted = pl.repeat(value=False, n=complete.height, eager=True)
    for name in odd:
        doubted |= complete[name].is_null() != cast[name].is_null()
    rules = [
        *(rule.expr for rule in table._schema_validation_rules().values()),
        *(
            rule
            for name, column in columns.items()
            for rule in column.validation_rules(pl.col(name)).values()
        ),
    ]
    # As in dataframely, a rule that a missing value leaves open is kept.
    held = cast.select(rule.all().alias(str(place)) for place, rule in enumerate(rules))
    broken = [rule for rule, is_held in zip(rules, held.row(0), strict=True) if not is_held]
    for rule in broken:
        doubted |= ~cast.select(rule.fill_null(value=True)).to_series()
    return doubted


def _judged(
    text: pl.DataFrame,
    typed: pl.DataFrame,
    complete: pl.DataFrame,
    layout: Layout,
    identity: list[str],
) -> pl.DataFrame:
    """Doubted rows, in their order: reason, aside_ and without_, each empty where there is none."""
    text, typed, complete = (frame.with_row_index(ROW) for frame in (text, typed, complete))
    if text.is_empty():
        found = dict.fromkeys(("aside_", "without_", "reason"), pl.String)
        return pl.DataFrame(schema={ROW: pl.UInt32, **found})
    unread: list[pl.Expr] = [
        pl.when(typed[name].is_null() & text.select(blank_as_null(name))[name].is_not_null()).then(
            pl.format("{} is not readable: {}", pl.lit(name), pl.lit(text[name]))
        )
        for name in _written(text, layout)
    ]
    if UNREAD in text.columns:
        unread.append(pl.col(UNREAD))
    told = text.select(
        ROW,
        unread_=pl.concat_str(unread, separator="; ", ignore_nulls=True)
        if unread
        else pl.lit("", pl.String),
    )
    repeats = judge_repeats(
        text, typed.select(ROW, "row_number", *_distinct(identity, layout)), identity
    )
    return (
        told.join(_broken(complete, layout, identity), on=ROW, how="left")
        .join(repeats, on=ROW, how="left")
        .sort(ROW)
        .select(
            ROW,
            pl.col("aside_", "without_").fill_null(""),
            reason=pl.concat_str(
                pl.when(pl.col("unread_") != "").then("unread_"),
                pl.when(pl.col("broken_") != "").then("broken_"),
                "repeat_reason",
                separator="; ",
                ignore_nulls=True,
            ),
        )
    )


def _kept(
    complete: pl.DataFrame, doubted: pl.Series, judged: pl.DataFrame, layout: Layout
) -> pl.DataFrame:
    """Rows that stay, without what is set aside of them."""
    places = doubted.arg_true()

    def everywhere(is_so: pl.Series) -> pl.Series:
        no = pl.repeat(value=False, n=complete.height, eager=True)
        return no.scatter(places.filter(is_so), values=True)

    without = judged["without_"].str.split(", ")
    lost = {name: without.list.contains(name) for name in _set_aside(layout)}
    kept = complete.with_columns(
        pl.when(~everywhere(is_lost)).then(pl.col(name)).alias(name)
        for name, is_lost in lost.items()
        if is_lost.any()
    )
    is_bad = judged["reason"] != ""
    return kept.filter(~everywhere(is_bad)) if is_bad.any() else kept


def _rejected(text: pl.DataFrame, judged: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """What is told of the doubted rows with which something is wrong indeed."""
    is_bad, is_aside = (pl.col(name) != "" for name in ("reason", "aside_"))
    told = {"file_id", "row_number", "fetched_on", UNREAD, AS_READ}
    row = pl.struct(pl.exclude(told)).struct.json_encode()
    rows = text.select(
        "file_id",
        "row_number",
        row=pl.coalesce(AS_READ, row) if AS_READ in text.columns else row,
    )
    return (
        pl.concat([rows, judged], how="horizontal")
        .filter(is_bad | is_aside)
        .select(
            "file_id",
            "row_number",
            target=pl.lit(layout.table.table),
            reason=pl.concat_str(
                pl.when(is_bad).then("reason"),
                pl.when(is_aside).then("aside_"),
                pl.when(is_aside & ~is_bad).then(pl.format("the row stays without {}", "without_")),
                separator="; ",
                ignore_nulls=True,
            ),
            row="row",
        )
    )


def _set_aside(layout: Layout) -> list[str]:
    return sorted({name for names in layout.table.set_aside.values() for name in names})


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
            without_=_without(layout, [rule for rule in rules if rule in aside]),
        )
        found.append(
            part.select(ROW, *identity)
            .join(words, on=identity, how="inner", nulls_equal=True)
            .select(ROW, "broken_", "aside_", "without_")
        )
    return pl.concat(found)


def _told(layout: Layout, rules: list[str]) -> pl.Expr:
    """The broken ones among some rules, in words; empty where none is."""
    broken = [pl.when(_is_broken(rule)).then(pl.lit(_in_words(layout, rule))) for rule in rules]
    if not broken:
        return pl.lit("", pl.String)
    return pl.concat_str(broken, separator="; ", ignore_nulls=True)


def _without(layout: Layout, rules: list[str]) -> pl.Expr:
    """The columns that the broken ones among some rules doubt; empty where none is."""
    doubted = {
        name: [rule for rule in rules if name in layout.table.set_aside[rule]]
        for name in _set_aside(layout)
    }
    lost = [
        pl.when(pl.any_horizontal(map(_is_broken, doubting))).then(pl.lit(name))
        for name, doubting in doubted.items()
        if doubting
    ]
    if not lost:
        return pl.lit("", pl.String)
    return pl.concat_str(lost, separator=", ", ignore_nulls=True)


def _is_broken(rule: str) -> pl.Expr:
    return pl.col(rule).cast(pl.String) == "invalid"


def _distinct(identity: list[str], layout: Layout) -> list[str]:
    return [*identity, *[name for name in layout.typed if name not in identity]]


def _in_words(layout: Layout, rule: str) -> str:
    column, _, kind = rule.partition("|")
    if kind == "check" and (words := (layout.table.columns()[column].metadata or {}).get("words")):
        return f"{column} is none of {words}"
    if kind:
        return f"{column} {RULE_WORDS.get(kind, kind)}"
    return rule.replace("_", " ") + " does not hold"
