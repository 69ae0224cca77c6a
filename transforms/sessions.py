"""Which dates were trading sessions: dated files prove them, the calendar only fills their gaps."""

from __future__ import annotations

import polars as pl

# A close and a points change are each published to the paisa, so the close before is known to
# within one: half a paisa of rounding on either side, and room for binary fractions.
CLOSE_TOLERANCE = 0.011
AGREEING_SHARE = 0.9
# Fewer indices could agree by luck: one that did not move at all is enough for that.
FEWEST_INDICES = 3
# A series is judged only after this many pairs of its sessions, and trusted until then.
PAIRS_TO_JUDGE = 10
CHAINED_SHARE = 0.8

SERIES = ["source_id", "return_variant", "index_name"]


def trading_sessions(
    evidence: pl.DataFrame, expected: pl.DataFrame, absent: pl.DataFrame
) -> pl.DataFrame:
    """The sessions from the first to the last that a dated file proves, numbered without a gap.

    Evidence always wins: an unexpected date with a file is a session, and so is one called absent.
    An expected date without a file is one too, on the calendar's word, unless `absent` holds it.
    Nothing is assumed after the last evidence, nor where `expected` does not reach.

    Args:
        evidence: session_date, source_id; a row for each dated file.
        expected: session_date, kind, is_short, reason.
        absent: session_date, reason; expected dates proven to have had no session.

    Returns:
        session_date, kind, is_short, basis ("evidence" or "calendar"), reason, session_number
        (from 1), previous_session_date (null on the first), oldest first.
    """
    proven = (
        evidence.group_by("session_date")
        .agg(pl.col("source_id").unique().sort().str.join(", ").alias("sources"))
        .with_columns(pl.lit("evidence").alias("basis"))
    )
    calendar = expected.select("session_date", "kind", "is_short", "reason")
    first_expected, last_expected = calendar["session_date"].min(), calendar["session_date"].max()
    day = pl.col("session_date")
    is_proven = pl.col("basis").is_not_null()
    is_foreseen = pl.col("kind").is_not_null()
    # Beyond the calendar's ends it says nothing, so an ordinary weekday there surprises nobody.
    is_beyond = ~day.is_between(first_expected, last_expected).fill_null(False)
    is_weekday = day.dt.weekday() <= 5

    return (
        proven.join(calendar, on="session_date", how="full", coalesce=True)
        .filter(day.is_between(proven["session_date"].min(), proven["session_date"].max()))
        .filter(is_proven | ~day.is_in(absent["session_date"].implode()))
        .with_columns(
            kind=pl.when(is_foreseen)
            .then("kind")
            .when(is_beyond & is_weekday)
            .then(pl.lit("full"))
            .otherwise(pl.lit("unscheduled")),
            is_short=pl.col("is_short").fill_null(False),
            basis=pl.col("basis").fill_null("calendar"),
            reason=pl.when(is_foreseen & is_proven)
            .then("reason")
            .when(is_foreseen)
            .then(pl.format("{}; expected, no dated file", "reason"))
            .when(is_beyond & is_weekday)
            .then(pl.format("Weekday outside the session table, proven by {}", "sources"))
            .otherwise(pl.format("Not expected, proven by {}", "sources")),
        )
        .sort("session_date")
        .select(
            "session_date",
            "kind",
            "is_short",
            "basis",
            "reason",
            session_number=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
            previous_session_date=day.shift(1),
        )
    )


def evidence_from_history(bars: pl.DataFrame) -> pl.DataFrame:
    """Sessions that index histories prove: dates on which a series that began earlier has a bar.

    A series' own first row is its base date, set by the publisher and not always a session:
    Nifty Bank starts on 2000-01-01, a Saturday.

    Args:
        bars: session_date, source_id, return_variant, index_name.

    Returns:
        session_date, source_id, without repeats, oldest first.
    """
    began = pl.col("session_date").min().over(SERIES)
    return (
        bars.filter(pl.col("session_date") > began)
        .select("session_date", "source_id")
        .unique()
        .sort("session_date", "source_id")
    )


def holes(bars: pl.DataFrame, expected: pl.DataFrame) -> pl.DataFrame:
    """Neighbouring loaded sessions of a source with expected dates between, and what closes say.

    If the close before, as the later session implies it (close less points change), is the close
    of the earlier session for nearly all indices, nothing was traded between the two.

    Args:
        bars: session_date, source_id, return_variant, index_name, close, points_change.
        expected: session_date of every expected session.

    Returns:
        source_id, earlier_session, later_session, missing_dates (list), indices (with both
        closes), agreeing_indices, is_proven_absent. False means that a session is missing, or
        that too few indices can tell.
    """
    dates = (
        bars.select("source_id", "session_date")
        .unique()
        .sort("source_id", "session_date")
        .with_columns(earlier_session=pl.col("session_date").shift(1).over("source_id"))
        .drop_nulls("earlier_session")
        .rename({"session_date": "later_session"})
    )
    missing = (
        dates.join_where(
            expected.select(missing_date="session_date").unique(),
            pl.col("missing_date") > pl.col("earlier_session"),
            pl.col("missing_date") < pl.col("later_session"),
        )
        .group_by("source_id", "earlier_session", "later_session")
        .agg(missing_dates=pl.col("missing_date").sort())
    )
    pair = ["source_id", "earlier_session", "later_session"]
    counted = agreement(bars, missing.select(pair))
    return (
        missing.join(counted, on=pair, how="left")
        .with_columns(pl.col("indices", "agreeing_indices").fill_null(0))
        .with_columns(
            is_proven_absent=(pl.col("indices") >= FEWEST_INDICES)
            & (pl.col("agreeing_indices") >= AGREEING_SHARE * pl.col("indices"))
        )
        .sort(pair)
    )


def agreement(bars: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """For pairs of sessions, how many indices of the later one start from the earlier one's close.

    Indices whose published change seldom starts from their own published close cannot tell and
    are left out: those of government bonds are valued again after their closing value is printed.

    Args:
        bars: session_date, source_id, return_variant, index_name, close, points_change.
        pairs: source_id, earlier_session, later_session.

    Returns:
        The pairs with indices (a close in both and a points change) and agreeing_indices; pairs
        without such an index are left out.
    """
    close = pl.col("close").cast(pl.Float64)
    # Histories publish no changes: their many rows need no sorting.
    near = _near(bars, pairs)
    telling = near.drop_nulls("points_change").join(pairs, on="source_id", how="semi")
    levels = near.join(telling, on="source_id", how="semi").select(
        *SERIES,
        "session_date",
        level=close,
        implied_close=close - pl.col("points_change").cast(pl.Float64),
    )
    before = levels.select(*SERIES, earlier_session="session_date", earlier_close="level")
    return (
        pairs.join(
            levels.join(_unchained(levels), on=SERIES, how="anti"),
            left_on=["source_id", "later_session"],
            right_on=["source_id", "session_date"],
        )
        .join(before, on=[*SERIES, "earlier_session"])
        .drop_nulls(["implied_close", "earlier_close"])
        .group_by("source_id", "earlier_session", "later_session")
        .agg(
            indices=pl.len().cast(pl.Int64),
            agreeing_indices=_meets("implied_close", "earlier_close").sum().cast(pl.Int64),
        )
    )


def _near(bars: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Bars within a quarter of any pair: enough to say which indices chain."""
    days = bars.select("session_date").unique()
    spans = pairs.select(
        opens=pl.col("earlier_session").dt.offset_by("-90d"),
        closes=pl.col("later_session").dt.offset_by("90d"),
    ).unique()
    wanted = days.join_where(
        spans, pl.col("session_date") >= pl.col("opens"), pl.col("session_date") <= pl.col("closes")
    )
    return bars.join(wanted, on="session_date", how="semi")


def _meets(one: str, other: str) -> pl.Expr:
    return (pl.col(one) - pl.col(other)).abs() <= CLOSE_TOLERANCE


def _unchained(levels: pl.DataFrame) -> pl.DataFrame:
    """Series whose implied close before is mostly not the close they published before."""
    return (
        levels.sort(*SERIES, "session_date")
        .with_columns(earlier_close=pl.col("level").shift(1).over(SERIES))
        .drop_nulls(["implied_close", "earlier_close"])
        .group_by(SERIES)
        .agg(pairs=pl.len(), meeting=_meets("implied_close", "earlier_close").mean())
        .filter((pl.col("pairs") >= PAIRS_TO_JUDGE) & (pl.col("meeting") < CHAINED_SHARE))
        .select(SERIES)
    )


def implied_absences(bars: pl.DataFrame, expected: pl.DataFrame) -> pl.DataFrame:
    """Expected dates on which closing values prove that no session took place.

    A date that closes of one source prove absent and of another contradict is not returned.

    Args:
        bars: session_date, source_id, return_variant, index_name, close, points_change.
        expected: session_date of every expected session.

    Returns:
        session_date, reason; oldest first.
    """
    told = holes(bars, expected).filter(pl.col("indices") >= FEWEST_INDICES)
    return (
        told.explode("missing_dates")
        .rename({"missing_dates": "session_date"})
        .sort("session_date", "source_id")
        .group_by("session_date", maintain_order=True)
        .agg(
            pl.col("is_proven_absent").all(),
            reason=pl.format(
                "No session: {} of {} indices of {} start from the close of {} ({})",
                "agreeing_indices",
                "indices",
                "later_session",
                "earlier_session",
                "source_id",
            ).first(),
        )
        .filter("is_proven_absent")
        .select("session_date", "reason")
    )
