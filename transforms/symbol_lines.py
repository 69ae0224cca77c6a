"""Which spans of symbols belong to one security: by ISIN, by time, through renames.

Two ISINs of different issuers are never joined, whatever else says that they are one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import polars as pl

from transforms.instrument_kinds import series_family
from transforms.isins import ISIN_PATTERN, ORDINARY_PATTERN, lineage, security_key
from transforms.symbol_tenures import SEGMENT, SUSPENSION_DAYS, held


def identified(
    spans: pl.DataFrame, sightings: pl.DataFrame, hints: pl.DataFrame, changes: pl.DataFrame
) -> pl.DataFrame:
    """Spans with the security each belongs to.

    Args:
        spans: what `instrument_spans` returns.
        sightings: symbol, isin, seen_on: a list of that day had both, of an ordinary share.
        hints: symbol, isin, first_seen, last_seen: the same of lists that show a later symbol; they
            are asked only where nothing else tells an ISIN.
        changes: old_symbol, new_symbol, changed_on.

    Returns:
        The spans, cut where their holder changed, with `instrument_id`, `known_isin` (the last one
        known of the security, or null) and `id_basis` (isin, symbol).
    """
    if spans.is_empty():
        return spans.with_columns(
            pl.lit(None, dtype=pl.String).alias(name)
            for name in ("instrument_id", "known_isin", "id_basis")
        )
    pieces = spans.select(
        *spans.columns,
        family=series_family(),
        begin="first_session",
        end="last_session",
        code=pl.when(pl.col("isin").str.contains(ISIN_PATTERN)).then("isin"),
    )
    seen = sightings.filter(pl.col("isin").str.contains(ISIN_PATTERN)).select(
        "symbol", family=pl.lit(""), begin="seen_on", end="seen_on", code="isin"
    )
    placed = held(pieces, seen, changes)
    segments = _with_hints(_by_segment(placed), hints)
    ids = _unified(segments, placed)
    return (
        placed.filter(pl.col("first_session").is_not_null())
        .join(ids, on=SEGMENT, nulls_equal=True)
        .with_columns(first_session="begin", last_session="end")
        .select(*spans.columns, "instrument_id", "known_isin", "id_basis")
        .sort("symbol", "series", "isin", "first_session")
    )


def _by_segment(placed: pl.DataFrame) -> pl.DataFrame:
    """One row a segment: its lineage (or null), when it began and ended."""
    return placed.group_by(SEGMENT).agg(
        lineage=pl.col("lineage").drop_nulls().first(),
        begin=pl.col("begin").min(),
        end=pl.col("end").max(),
    )


def _with_hints(segments: pl.DataFrame, hints: pl.DataFrame) -> pl.DataFrame:
    """Segments without an ISIN take the one that hints of their days agree on: `hint` (or null)."""
    told = hints.filter(pl.col("isin").str.contains(ORDINARY_PATTERN))
    found = (
        segments.filter(pl.col("lineage").is_null(), pl.col("family") == "")
        .join(told, on="symbol")
        .filter(
            pl.col("first_seen") <= pl.col("end") + timedelta(days=SUSPENSION_DAYS),
            pl.col("last_seen") >= pl.col("begin"),
        )
        .with_columns(key=security_key())
        .group_by(SEGMENT)
        .agg(
            keys=pl.col("key").n_unique(),
            hint=pl.col("isin").sort_by("last_seen", "isin").last(),
        )
        .filter(pl.col("keys") == 1)
        .drop("keys")
    )
    return segments.join(found, on=SEGMENT, how="left").with_columns(
        lineage=pl.coalesce("lineage", lineage("hint"))
    )


def _unified(segments: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """The security of each segment: SEGMENT, instrument_id, known_isin, id_basis."""
    numbered = segments.sort(SEGMENT).with_row_index("node")
    rows = placed.join(numbered.select(*SEGMENT, "node"), on=SEGMENT)
    codes = pl.concat(
        [
            rows.filter(pl.col("code").is_not_null()).select("node", "code", "begin", "end"),
            numbered.filter(pl.col("hint").is_not_null()).select(
                "node", pl.col("hint").alias("code"), "begin", "end"
            ),
        ]
    ).with_columns(key=security_key("code"))
    # One key is one security, wherever it is seen.
    same = (
        codes.select("node", "key")
        .unique()
        .with_columns(first=pl.col("node").min().over("key"))
        .sort("first", "node")
        .select("first", "node")
    )
    linked = (
        rows.filter(pl.col("rename").is_not_null())
        .group_by("rename", "family")
        .agg(pl.col("node").unique().sort())
        .filter(pl.col("node").list.len() == 2)
        .sort("rename", "family")
        .select(one=pl.col("node").list.first(), other=pl.col("node").list.last())
    )
    roots = _roots(numbered["lineage"].to_list(), same.iter_rows(), linked.iter_rows())
    members = numbered.with_columns(root=pl.Series(roots, dtype=pl.Int64))
    by_code = (
        codes.join(members.select("node", "root"), on="node")
        .sort("root", "begin", "end", "code")
        .group_by("root", maintain_order=True)
        .agg(
            first_key=pl.col("key").first(),
            issuer=pl.col("key").filter(pl.col("key").str.len_chars() == 7).first(),
            known_isin=pl.col("code").sort_by("end", "begin", "code").last(),
        )
        .select("root", "known_isin", key=pl.coalesce("issuer", "first_key"))
    )
    traded = rows.filter(pl.col("first_session").is_not_null())
    by_symbol = (
        traded.join(members.select("node", "root"), on="node")
        .sort("root", "begin", "symbol", "family")
        .group_by("root", maintain_order=True)
        .agg(pl.col("symbol", "family", "begin").first())
        .join(by_code, on="root", how="left")
        .with_columns(
            plain=pl.when(pl.col("family") == "")
            .then("symbol")
            .otherwise(pl.format("{} {}", "symbol", "family"))
        )
        .sort("plain", "begin", "root")
    )
    # A symbol's second holder is told from the first, ISIN or not, by the day it began.
    is_first = pl.int_range(pl.len()).over("plain") == 0
    named = by_symbol.select(
        "root",
        "known_isin",
        instrument_id=pl.coalesce(
            "key",
            pl.when(is_first).then("plain").otherwise(pl.format("{} {}", "plain", "begin")),
        ),
        id_basis=pl.when(pl.col("key").is_null()).then(pl.lit("symbol")).otherwise(pl.lit("isin")),
    )
    return members.select(*SEGMENT, "root").join(named, on="root").drop("root")


def _roots(
    lineages: list[str | None],
    same: Iterable[tuple[int, int]],
    linked: Iterable[tuple[int, int]],
) -> list[int]:
    """The component of each node: `same` always joins, `linked` only what may be one security."""
    parent = list(range(len(lineages)))
    known = list(lineages)

    def root(node: int) -> int:
        while node != parent[node]:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def join(one: int, other: int) -> None:
        low, high = sorted((one, other))
        parent[high] = low
        known[low] = known[low] or known[high]

    for one, other in same:
        join(root(one), root(other))
    for one, other in linked:
        first, second = root(one), root(other)
        if len({known[first], known[second]} - {None}) < 2:
            join(first, second)
    return [root(node) for node in range(len(parent))]
