"""Which securities stand for an index or an industry, from when to when.

A list holds from the day its content was first seen. A change announced beforehand takes effect on
its day, and the next content seen confirms or corrects it. Before its first snapshot the first one
stands in, and says that survivors alone are in it.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from transforms.index_titles import TITLES, index_id
from transforms.instrument_kinds import is_test_symbol, series_family
from transforms.isins import ISIN_PATTERN, security_key
from transforms.universes import ALWAYS, NEVER
from warehouse.tables.instruments import MEMBER_BASES, IndexMembership
from warehouse.tables.table import schema

SEEN, ANNOUNCED, FIRST_LIST = MEMBER_BASES
PLACE = ["list_id", "instrument_id"]
EVENT_COLUMNS = [*PLACE, "on", "is_inside", "basis"]


def memberships(
    members: pl.DataFrame, reconstitutions: pl.DataFrame, names: pl.DataFrame
) -> pl.DataFrame:
    """When each security was in each list, and in each industry of the lists.

    Args:
        members: rows of core.index_member.
        reconstitutions: rows of core.index_reconstitution. One of the day of a snapshot, or from
            before the first, adds nothing to it.
        names: rows of core.instrument_name.

    Returns:
        Rows of core.index_membership, kinds index and sector. A security's industry is that of the
        last list that had it, the first by id where two of a day differ. A member that never
        traded has the id that its ISIN will give it; the exchange's placeholders ("DUMMY...") and
        an announced symbol that nobody ever traded under are left out.
    """
    placed, announced = _placed(members, names), _announced(reconstitutions, names)
    # Sorted and grouped as numbers: nights of snapshots are hundreds of thousands of rows.
    words = {name: _words(name, placed, announced) for name in PLACE}
    placed, announced = (
        frame.with_columns(pl.col(name).cast(dtype) for name, dtype in words.items())
        for frame in (placed, announced)
    )
    columns = [pl.col(name).cast(dtype) for name, dtype in schema(IndexMembership).items()]
    rows = [_lists(placed, announced), _industries(placed)]
    return pl.concat([part.select(columns) for part in rows]).sort(
        "universe", "instrument_id", "valid_from"
    )


def first_membership_change(stored: pl.DataFrame, fresh: pl.DataFrame) -> date | None:
    """The first date for which two tables of memberships answer differently, or None.

    They differ in who is inside, in what a universe is called, or in whether it is biased; how
    spans are cut, and how they are known, is no difference.
    """
    answer = [
        "universe",
        "universe_kind",
        "universe_title",
        "instrument_id",
        "is_survivorship_biased",
    ]
    # Who comes in and goes out per day: the first day on which the two do not cancel.
    steps = [
        part.select(*answer, pl.col(column).alias("on"), step=pl.lit(sign * side))
        for part, side in ((stored, 1), (fresh, -1))
        for column, sign in (("valid_from", 1), ("valid_to", -1))
    ]
    differing = (
        pl.concat(steps)
        .group_by(*answer, "on")
        .agg(pl.col("step").sum())
        .filter(pl.col("step") != 0)
    )
    first = differing.get_column("on").min()
    return first if isinstance(first, date) else None


def _words(column: str, *frames: pl.DataFrame) -> pl.Enum:
    return pl.Enum(pl.concat([frame[column] for frame in frames]).unique().sort())


def _placed(members: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Members with `instrument_id`, one row a list, snapshot and security."""
    told = members.select("list_id", "symbol", "isin", "industry", on="seen_on")
    # Most members are in many lists of a day.
    sighted = ["symbol", "isin", "on"]
    known = (
        _with_security(told.select(sighted).unique(), names)
        .filter(~is_test_symbol())
        .drop_nulls("instrument_id")
    )
    return (
        told.join(known, on=sighted, nulls_equal=True)
        .group_by("list_id", "on", "instrument_id")
        .agg(pl.col("industry").min())
    )


def _announced(reconstitutions: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Announced changes as EVENT_COLUMNS; an instrument both added and removed is added."""
    return (
        _with_security(
            reconstitutions.select("list_id", "symbol", "isin", "change", on="effective_on"), names
        )
        .drop_nulls("instrument_id")
        .group_by(*PLACE, "on")
        .agg(is_inside=(pl.col("change") == "added").any())
        .select(*EVENT_COLUMNS[:-1], basis=pl.lit(ANNOUNCED))
    )


def _with_security(rows: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Rows of symbol, isin and `on` with `instrument_id`, or null.

    By the ISIN as traded, by what the ISIN names for good, else by who held the symbol on that day
    (or held it last before).
    """
    is_isin = pl.col("isin").str.contains(ISIN_PATTERN).fill_null(value=False)
    traded = (
        names.filter(pl.col("isin").str.contains(ISIN_PATTERN))
        .sort("last_session", "instrument_id")
        .unique("isin", keep="last", maintain_order=True)
        .select("isin", traded_id="instrument_id")
    )
    holders = (
        names.filter(series_family() == "")
        .select("symbol", holder_id="instrument_id", on="first_session")
        .sort("on", "holder_id")
    )
    return (
        rows.join(traded, on="isin", how="left")
        .sort("on")
        .join_asof(holders, on="on", by="symbol", check_sortedness=False)
        .with_columns(
            instrument_id=pl.when(is_isin)
            .then(pl.coalesce("traded_id", security_key()))
            .otherwise("holder_id")
        )
        .drop("traded_id", "holder_id")
    )


def _lists(placed: pl.DataFrame, announced: pl.DataFrame) -> pl.DataFrame:
    snapshots = (
        placed.select("list_id", "on")
        .unique()
        .sort("list_id", "on")
        .with_columns(
            number=pl.int_range(pl.len(), dtype=pl.Int64).over("list_id"),
            next_on=pl.col("on").shift(-1).over("list_id"),
        )
    )
    seen = placed.join(snapshots, on=["list_id", "on"]).sort(*PLACE, "number")
    goes_on = (
        (pl.col("list_id") == pl.col("list_id").shift(1))
        & (pl.col("instrument_id") == pl.col("instrument_id").shift(1))
        & (pl.col("number") == pl.col("number").shift(1) + 1)
    )
    runs = (
        seen.with_columns(run=(~goes_on.fill_null(value=False)).cum_sum())
        .group_by("run")
        .agg(pl.col(*PLACE, "on").first(), until=pl.col("next_on").last())
    )
    seen_steps = pl.concat(
        [
            runs.select(*PLACE, "on", is_inside=pl.lit(value=True)),
            runs.drop_nulls("until").select(*PLACE, on="until", is_inside=pl.lit(value=False)),
        ]
    ).with_columns(basis=pl.lit(SEEN))
    expected = _between_snapshots(announced, snapshots)
    confirmed = _confirmed(expected, snapshots, seen)
    events = pl.concat([part.select(EVENT_COLUMNS) for part in (seen_steps, expected, confirmed)])
    spans = _spans(events)
    first = snapshots.filter(pl.col("number") == 0).select("list_id", "on")
    before = placed.join(first, on=["list_id", "on"]).select(
        *PLACE,
        valid_from=pl.lit(ALWAYS),
        valid_to="on",
        basis=pl.lit(FIRST_LIST),
        is_survivorship_biased=pl.lit(value=True),
    )
    title_of = {index_id(one.title): one.title for one in TITLES}
    return pl.concat([before, spans.select(before.columns)]).with_columns(
        universe="list_id",
        universe_kind=pl.lit("index"),
        universe_title=pl.col("list_id").cast(pl.String).replace(title_of),
    )


def _between_snapshots(announced: pl.DataFrame, snapshots: pl.DataFrame) -> pl.DataFrame:
    """Announced changes that fall between snapshots or after the last."""
    first = snapshots.filter(pl.col("number") == 0).select("list_id", first_on="on")
    return (
        announced.join(snapshots.select("list_id", "on"), on=["list_id", "on"], how="anti")
        .join(first, on="list_id")
        .filter(pl.col("on") > pl.col("first_on"))
    )


def _confirmed(expected: pl.DataFrame, snapshots: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """What the next snapshot after each announced change says of that security."""
    following = snapshots.select("list_id", "on", seen_on="on").sort("on")
    inside = seen.select(*PLACE, seen_on="on", is_seen=pl.lit(value=True))
    return (
        expected.sort("on")
        .join_asof(following, on="on", by="list_id", strategy="forward", check_sortedness=False)
        .drop_nulls("seen_on")
        .join(inside, on=[*PLACE, "seen_on"], how="left")
        .select(
            *PLACE,
            on="seen_on",
            is_inside=pl.col("is_seen").fill_null(value=False),
            basis=pl.lit(SEEN),
        )
        .unique()
    )


def _spans(events: pl.DataFrame) -> pl.DataFrame:
    """From each event that brings a security in to the next that takes it out."""
    steps = (
        events.unique([*PLACE, "on", "is_inside"], keep="any")
        .sort(*PLACE, "on")
        .filter(
            (pl.col("is_inside") != pl.col("is_inside").shift(1).over(PLACE)).fill_null(value=True)
        )
        .with_columns(valid_to=pl.col("on").shift(-1).over(PLACE).fill_null(NEVER))
    )
    return steps.filter("is_inside").select(
        *PLACE,
        "valid_to",
        "basis",
        valid_from="on",
        is_survivorship_biased=pl.lit(value=False),
    )


def _industries(placed: pl.DataFrame) -> pl.DataFrame:
    first_of_list = pl.col("on") == pl.col("on").min().over("list_id")
    first_of_security = pl.col("on") == pl.col("on").min().over("instrument_id")
    told = (
        placed.with_columns(is_first=first_of_list & first_of_security)
        .filter(pl.col("industry") != "")
        .with_columns(is_first=pl.col("is_first").any().over("instrument_id", "on"))
        .sort("instrument_id", "on", "list_id")
        .unique(["instrument_id", "on"], keep="first", maintain_order=True)
    )
    moves = told.filter(
        (pl.col("industry") != pl.col("industry").shift(1).over("instrument_id")).fill_null(
            value=True
        )
    ).with_columns(valid_to=pl.col("on").shift(-1).over("instrument_id").fill_null(NEVER))
    seen = moves.select(
        "instrument_id",
        "industry",
        "valid_to",
        valid_from="on",
        basis=pl.lit(SEEN),
        is_survivorship_biased=pl.lit(value=False),
    )
    before = told.filter("is_first").select(
        "instrument_id",
        "industry",
        valid_to="on",
        valid_from=pl.lit(ALWAYS),
        basis=pl.lit(FIRST_LIST),
        is_survivorship_biased=pl.lit(value=True),
    )
    return pl.concat([seen, before.select(seen.columns)]).with_columns(
        universe=pl.format("industry:{}", "industry"),
        universe_kind=pl.lit("sector"),
        universe_title=pl.col("industry"),
    )
