"""Which published index names are one index: spelling, declared renames, and closing values.

A name's spelling key is its letters and digits in lower case, `&` read as "and". Keys that
index_titles.py declares take their title's id; others are joined where one name's series ends and
another's begins from exactly its last close; the rest stand alone. Levels are only ever compared
within one source and one return variant.
"""

from __future__ import annotations

import polars as pl

from transforms.index_titles import declared_names, index_id, spelling_key
from transforms.sessions import AGREEING_SHARE, CHAINED_SHARE, PAIRS_TO_JUDGE, agreement

# Levels are published to the paisa; less than half of one apart, two are the same figure.
PAISA = 0.01
SAME = PAISA / 2
PCT_ROUNDING = 0.005

STREAM = ["source_id", "return_variant"]
SERIES = [*STREAM, "index_id"]
INDEX_NAME_COLUMNS = [
    "index_name",
    "index_id",
    "index_title",
    "first_session",
    "last_session",
    "proof",
    "detail",
]


def index_names(seen: pl.DataFrame, bars: pl.DataFrame) -> pl.DataFrame:
    """Every published index name with the index it means and why; independent of row order.

    Args:
        seen: index_name, session_date; names published anywhere, with or without levels.
        bars: session_date, index_name, return_variant, source_id, close, points_change,
            change_pct.

    Returns:
        index_name, index_id, index_title, first_session, last_session, proof ("same name",
        "spelling", "declared" or "closing values"), detail; sorted by index_id, then first
        session.
    """
    spans = (
        pl.concat([seen.select("index_name", "session_date"), _name_days(bars)])
        .group_by("index_name")
        .agg(
            first_session=pl.col("session_date").min(),
            last_session=pl.col("session_date").max(),
        )
        .with_columns(key=spelling_key("index_name"))
        .join(declared_names(), on="key", how="left")
        .sort("first_session", "index_name")
    )
    found = _renames(bars, spans)
    root_of, renames = _join_renames(found, spans)
    grouped = spans.with_columns(root=pl.col("key").replace(root_of))
    # An undeclared index is named after its oldest name; `spans` is in that order.
    oldest = pl.col("index_name").first().over("root")
    title = pl.col("declared_title").drop_nulls().first().over("root").fill_null(oldest)
    return (
        grouped.with_columns(index_title=title)
        .with_columns(
            index_id=_slugs("index_title"),
            is_title=pl.col("index_name") == pl.col("index_title"),
            is_spelling=pl.col("key") == spelling_key("index_title"),
            rename=pl.col("key").replace_strict(renames, default=None, return_dtype=pl.String),
        )
        .with_columns(
            proof=pl.when("is_title")
            .then(pl.lit("same name"))
            .when("is_spelling")
            .then(pl.lit("spelling"))
            .when(pl.col("declared_title").is_not_null())
            .then(pl.lit("declared"))
            .otherwise(pl.lit("closing values")),
            detail=pl.when("is_title")
            .then(pl.lit("Published under its title"))
            .when("is_spelling")
            .then(pl.format("Differs from {} in case, blanks or signs alone", "index_title"))
            .otherwise(pl.coalesce("citation", "rename")),
        )
        .select(INDEX_NAME_COLUMNS)
        .sort("index_id", "first_session", "index_name")
    )


def seams(bars: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Where an index goes on under another name, and whether its closing values meet there.

    Args:
        bars: session_date, index_name, return_variant, source_id, close, points_change,
            change_pct.
        names: index_name, index_id.

    Returns:
        source_id, return_variant, index_id, old_name, new_name, old_session, new_session,
        old_close, implied_previous_close, proven, detail. `proven` is false where the publisher's
        own change contradicts the join, and null where nothing can be said: no change is
        published, sessions are missing between, or the index's changes never start from its
        published closes (government bonds).
    """
    # An index of one name has no seam: of the others alone are the changes looked at.
    renamed = names.filter(pl.col("index_name").n_unique().over("index_id") > 1)
    steps = _renamed_steps(bars.join(renamed, on="index_name", how="semi"), names)
    plain = pl.when(~pl.col("is_seam")).then("meets")
    is_chained = (plain.count().over(SERIES) < PAIRS_TO_JUDGE) | (
        plain.mean().over(SERIES) >= CHAINED_SHARE
    )
    found = steps.with_columns(is_chained=is_chained).filter("is_seam")
    pair = ["source_id", "old_session", "new_session"]
    told = agreement(
        bars.join(found, on="source_id", how="semi"),
        found.select(
            "source_id", earlier_session="old_session", later_session="new_session"
        ).unique(),
    ).select(
        "source_id",
        old_session="earlier_session",
        new_session="later_session",
        is_unbroken=pl.col("agreeing_indices") >= AGREEING_SHARE * pl.col("indices"),
    )
    is_adjacent = pl.col("is_adjacent").fill_null(False) & pl.col("is_unbroken").fill_null(True)
    return (
        found.join(_adjacent(bars), on=[*STREAM, "old_session", "new_session"], how="left")
        .join(told, on=pair, how="left")
        .with_columns(
            detail=pl.when("meets")
            .then(pl.lit("The new name starts from the old name's close"))
            .when(pl.col("meets").is_null())
            .then(pl.lit("No change is published at the new name's start"))
            .when(~is_adjacent)
            .then(pl.lit("Sessions are missing between"))
            .when(~pl.col("is_chained"))
            .then(pl.lit("The index's changes do not start from its published closes"))
            .otherwise(pl.lit("The new name starts from another close")),
            proven=pl.when("meets")
            .then(pl.lit(True))
            .when(is_adjacent & pl.col("is_chained") & ~pl.col("meets"))
            .then(pl.lit(False)),
        )
        .select(
            *SERIES,
            "old_name",
            "new_name",
            "old_session",
            "new_session",
            "old_close",
            "implied_previous_close",
            "proven",
            "detail",
        )
        .sort("index_id", *STREAM, "new_session")
    )


def collisions(bars: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Sessions on which two names of one index carry different closes: they are not one index.

    Args:
        bars: session_date, index_name, return_variant, source_id, close.
        names: index_name, index_id.

    Returns:
        session_date, source_id, return_variant, index_id, index_names, closes (lists).
    """
    key = ["session_date", *STREAM, "index_id"]
    ids = names.select("index_name", "index_id")
    # Only indices with several names can collide, and they are few.
    shared = ids.filter(pl.len().over("index_id") > 1)
    return (
        bars.join(shared, on="index_name")
        .sort(*key, "index_name")
        .group_by(key, maintain_order=True)
        .agg(index_names=pl.col("index_name"), closes=pl.col("close"))
        .filter(pl.col("closes").list.n_unique() > 1)
    )


def _renamed_steps(bars: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Each session of the indices with several names beside their session before."""
    ids = names.select("index_name", "index_id")
    several = ids.filter(pl.len().over("index_id") > 1)
    return (
        _levels(bars.join(several, on="index_name", how="semi"))
        .join(several, on="index_name")
        .sort(*SERIES, "session_date", "index_name")
        .with_columns(
            old_name=pl.col("index_name").shift(1).over(SERIES),
            old_session=pl.col("session_date").shift(1).over(SERIES),
            old_close=pl.col("close").shift(1).over(SERIES),
        )
        .rename({"index_name": "new_name", "session_date": "new_session"})
        .filter(pl.col("old_session") < pl.col("new_session"))
        .with_columns(
            meets=_distance("implied_previous_close", "old_close") <= pl.col("rounding") + PAISA,
            is_seam=pl.col("old_name") != pl.col("new_name"),
        )
    )


def _distance(one: str, other: str) -> pl.Expr:
    return (pl.col(one) - pl.col(other)).abs()


def _slugs(column: str) -> pl.Expr:
    return pl.col(column).map_elements(index_id, return_dtype=pl.String)


def _name_days(bars: pl.DataFrame) -> pl.DataFrame:
    """First and last session of each name, a row for each."""
    spans = bars.group_by("index_name").agg(
        session_date=pl.concat_list(pl.col("session_date").min(), pl.col("session_date").max())
    )
    return spans.explode("session_date")


def _levels(bars: pl.DataFrame) -> pl.DataFrame:
    """Closes as Float64, with the close before that the published change implies.

    `rounding` is how far apart the two may stand and still be one figure: nothing where points are
    published, half a hundredth of a percent where only the percentage is.
    """
    close = pl.col("close").cast(pl.Float64)
    points = pl.col("points_change").cast(pl.Float64)
    growth = 1 + pl.col("change_pct").cast(pl.Float64) / 100
    return bars.select(
        *STREAM,
        "index_name",
        "session_date",
        close=close,
        implied_previous_close=pl.coalesce(close - points, close / growth),
        rounding=pl.when(points.is_not_null())
        .then(SAME)
        .otherwise(SAME + close * PCT_ROUNDING / 100 / growth**2),
    )


def _adjacent(bars: pl.DataFrame) -> pl.DataFrame:
    """Neighbouring sessions of each source and return variant."""
    return (
        bars.select(*STREAM, new_session="session_date")
        .unique()
        .sort(*STREAM, "new_session")
        .with_columns(old_session=pl.col("new_session").shift(1).over(STREAM))
        .drop_nulls("old_session")
        .with_columns(is_adjacent=pl.lit(True))
    )


def _renames(bars: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Pairs of neighbours, one ending and one beginning, whose closing values meet alone.

    Returns:
        old_key, new_key, old_session, new_session, old_close, source_id; a candidate that has a
        rival within a paisa is left out.
    """
    index = pl.coalesce("declared_title", "key")
    day = pl.col("session_date")
    series = (
        _levels(bars)
        .join(spans.select("index_name", "key", index=index), on="index_name")
        .sort("session_date", "index_name")
        .group_by(*STREAM, "index")
        .agg(
            began=day.first(),
            ended=day.last(),
            first_key=pl.col("key").first(),
            last_key=pl.col("key").last(),
            last_close=pl.col("close").last(),
            implied=pl.col("implied_previous_close").first(),
            rounding=pl.col("rounding").first(),
        )
    )
    old = series.select(
        *STREAM,
        old_index="index",
        old_key="last_key",
        old_session="ended",
        old_close="last_close",
    )
    new = series.select(
        *STREAM,
        "implied",
        "rounding",
        new_index="index",
        new_key="first_key",
        new_session="began",
    )
    gap = _distance("implied", "old_close")
    return (
        old.join(_adjacent(bars), on=[*STREAM, "old_session"])
        .join(new, on=[*STREAM, "new_session"])
        .filter(gap <= pl.col("rounding") + PAISA)
        .filter(
            pl.len().over(*STREAM, "old_index") == 1,
            pl.len().over(*STREAM, "new_index", "new_session") == 1,
        )
        .filter(gap <= pl.col("rounding"))
        .select("old_key", "new_key", "old_session", "new_session", "old_close", "source_id")
        .sort("new_session", "old_key", "new_key", "source_id")
    )


def _join_renames(
    found: pl.DataFrame, spans: pl.DataFrame
) -> tuple[dict[str, str], dict[str, str]]:
    """Join keys along declared titles and renames found.

    A rename that would join two declared titles through undeclared names is refused: the later
    half stays an index of its own.

    Returns:
        Each key's root key, and each renamed key's closing values in words.
    """
    title_of: dict[str, str | None] = {}
    first_of_title: dict[str, str] = {}
    root_of: dict[str, str] = {}
    for key, title in spans.select("key", "declared_title").iter_rows():
        title_of[key] = title
        root_of[key] = key if title is None else first_of_title.setdefault(title, key)
    words: dict[str, str] = {}
    for old_key, new_key, old_session, new_session, old_close, source_id in found.iter_rows():
        old_root, new_root = root_of[old_key], root_of[new_key]
        old_title, new_title = title_of[old_root], title_of[new_root]
        if old_root == new_root or (old_title and new_title and old_title != new_title):
            continue
        kept, joined = (new_root, old_root) if new_title else (old_root, new_root)
        root_of.update({key: kept for key, root in root_of.items() if root == joined})
        told = (
            f"{source_id}: {old_key} closed {old_session} at {old_close:g}, "
            f"{new_key} starts {new_session} from there"
        )
        words.setdefault(new_key, told)
        words.setdefault(old_key, told)
    return root_of, words
