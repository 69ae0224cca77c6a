"""Corporate actions and jumps: the factors by which a share's prices chain across them.

Factors point forward: chained prices are published prices times all factors so far, so no later
action changes an earlier row. What the exchange declared is applied on the share's first bar from
the ex date on. What nobody declared is read off that session's and the last session's prices, or
the share is quarantined: see `transforms/jumps.py`.
"""

from __future__ import annotations

import polars as pl

from transforms.action_terms import CORRECTION_DAYS, TELLING_FACTOR, action_terms
from transforms.jumps import BARE_SCHEMA, with_judgement

ADJUSTMENT_SCHEMA = {
    "instrument_id": pl.String(),
    "session_date": pl.Date(),
    "kind": pl.String(),
    "terms": pl.String(),
    "basis": pl.String(),
    "price_factor": pl.Float64(),
    "volume_factor": pl.Float64(),
    "ex_date": pl.Date(),
    "previous_close": pl.Float64(),
    "open": pl.Float64(),
    "close": pl.Float64(),
    "evidence": pl.String(),
}
# An ordinary dividend is not adjusted for: price indices are not either. Of this share of the last
# close on it is no ordinary one, whatever it is called. The exchange adjusts derivatives from 2%
# on, which would take in the ordinary yearly dividends of many shares.
EXTRAORDINARY_DIVIDEND_SHARE = 0.10
# A declared split whose session opens and closes as if nothing had happened did not happen then.
UNMOVED_RATIO = 1.2

SHARE_KINDS = ("split", "consolidation", "bonus")
CASH_KINDS = ("special dividend", "dividend")
SESSION = ["instrument_id", "session_date"]


def price_adjustments(
    bars: pl.DataFrame, last: pl.DataFrame, actions: pl.DataFrame, sessions: pl.DataFrame
) -> pl.DataFrame:
    """Rows of core.price_adjustment for new bars, from what was declared and what prices show.

    Splits, consolidations and bonuses count by their ratio, rights by the theoretical ex-rights
    price at the last close, dividends that are special (so named, or `EXTRAORDINARY_DIVIDEND_SHARE`
    of the last close and more) by the cash. A demerger's factor is what the first price of the
    session leaves unexplained: the exchange finds that price in an auction for this purpose. A
    scheme without terms counts as one where prices jump, and not at all where they do not.
    Volumes chain by the number of shares; rights by their bonus element; not by demergers or cash.

    The judgement of a session uses that bar, the one before, and actions with an ex date up to it.

    Args:
        bars: instrument_id, session_date, kind, series, open, high, low, close, previous_close
            (as published); one row an instrument and session, any order.
        last: instrument_id, session_date, series, close: each instrument's bar before these; an
            instrument without one starts here, and its first bar is never adjusted.
        actions: as `action_terms` takes them; those with an ex date up to `last` are settled.
        sessions: session_date, session_number.

    Returns:
        Columns of `ADJUSTMENT_SCHEMA`, sorted by instrument, session, kind and terms.
    """
    pairs = with_last_bar(bars, last, sessions)
    declared = _declared(pairs, action_terms(_due(actions, pairs)))
    judged = with_judgement(pairs, declared)
    return (
        pl.concat([_rows(declared), judged], how="vertical")
        .sort(*SESSION, "kind", "terms")
        .select(ADJUSTMENT_SCHEMA.keys())
    )


def told_actions(actions: pl.DataFrame) -> pl.DataFrame:
    """Announced actions whose words give no factor: what an operator must look at.

    Returns:
        instrument_id, ex_date, kind ("unread": not understood; "scheme": understood, without
        terms), reason, purpose.
    """
    return (
        action_terms(actions)
        .filter(pl.col("kind").is_in(["unread", "scheme"]))
        .select("instrument_id", "ex_date", "kind", "reason", "purpose")
    )


def with_last_bar(bars: pl.DataFrame, last: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """Bars that have one before them, with its date, series and close, and sessions since then.

    Returns:
        The columns of `BARE_SCHEMA`, sorted by instrument and session.
    """
    numbers = sessions.select("session_date", "session_number")
    prices = ["open", "high", "low", "close", "previous_close"]
    before = last.select(
        *SESSION, "series", pl.col("close").cast(pl.Float64), is_new=pl.lit(value=False)
    )
    new = bars.select(
        *SESSION, "kind", "series", pl.col(prices).cast(pl.Float64), is_new=pl.lit(value=True)
    )
    return (
        pl.concat([before, new], how="diagonal")
        .join(numbers, on="session_date", how="left")
        .sort(SESSION)
        .with_columns(
            pl.col(name).shift(1).over("instrument_id").alias(f"last_{name}")
            for name in ("session_date", "session_number", "series", "close")
        )
        .filter("is_new", pl.col("last_close").is_not_null())
        .with_columns(gap=pl.col("session_number") - pl.col("last_session_number"))
        .select(BARE_SCHEMA.keys())
    )


def _due(actions: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Actions that these bars may meet, and other dates of the same: years of them are settled."""
    reach = pl.duration(days=CORRECTION_DAYS)
    spans = pairs.group_by("instrument_id").agg(
        opens_=pl.col("last_session_date").min() - reach, ends_=pl.col("session_date").max() + reach
    )
    return (
        actions.join(spans, on="instrument_id")
        .filter(pl.col("ex_date").is_between("opens_", "ends_"))
        .drop("opens_", "ends_")
    )


def _declared(pairs: pl.DataFrame, terms: pl.DataFrame) -> pl.DataFrame:
    """Terms on the bar they apply to, with its columns and the factors they give.

    Of what prices contradict the factors are 1; schemes and unread texts have none.
    """
    held = terms.filter(pl.col("kind") != "unread").sort("ex_date")
    found = (
        held.rename({"kind": "action"})
        .join_asof(
            pairs.sort("session_date"),
            left_on="ex_date",
            right_on="session_date",
            by="instrument_id",
            strategy="forward",
            coalesce=False,
            check_sortedness=False,
        )
        .filter(pl.col("last_session_date") < pl.col("ex_date"))
        # The same action under two ex dates, met by one bar after a suspension.
        .sort(*SESSION, "action", "terms", "ex_date")
        .unique([*SESSION, "action", "terms"], keep="last", maintain_order=True)
    )
    cum, paid = pl.col("last_close"), pl.col("amount_inr")
    after, before = pl.col("shares_after"), pl.col("shares_before")
    theoretical = (before * cum + (after - before) * pl.col("price_inr")) / after
    counted = _with_one_payment(found).with_columns(
        price_factor=pl.when(pl.col("action").is_in(SHARE_KINDS))
        .then(after / before)
        # Rights at or above the market price are worth nothing.
        .when(pl.col("action") == "rights")
        .then(pl.max_horizontal(cum / theoretical, pl.lit(1.0)))
        .when((pl.col("action") == "special dividend") & (paid < cum))
        .then(cum / (cum - paid))
    )
    shares = pl.when(pl.col("action").is_in(SHARE_KINDS)).then("price_factor")
    applied = shares.otherwise(1.0).product().over(SESSION)
    moved = [pl.col(name) / cum for name in ("open", "close")]
    unmoved = pl.all_horizontal(
        step.is_null() | step.is_between(1 / UNMOVED_RATIO, UNMOVED_RATIO) for step in moved
    )
    is_telling = ~applied.is_between(1 / TELLING_FACTOR, TELLING_FACTOR)
    is_contradicted = pl.col("action").is_in(SHARE_KINDS) & is_telling & unmoved
    return (
        counted.with_columns(is_contradicted=is_contradicted)
        .with_columns(
            price_factor=pl.when("is_contradicted").then(1.0).otherwise("price_factor"),
        )
        .pipe(_with_demergers)
        .with_columns(
            volume_factor=pl.when(pl.col("price_factor").is_null())
            .then(None)
            .when(pl.col("action").is_in([*SHARE_KINDS, "rights"]))
            .then("price_factor")
            .otherwise(1.0)
        )
    )


def _with_one_payment(rows: pl.DataFrame) -> pl.DataFrame:
    """With all special dividends of a session in one row, and without ordinary ones.

    What is paid together counts together: two payments of 40 of a share at 100 leave 20.
    """
    is_cash = pl.col("action").is_in(CASH_KINDS)
    cash = rows.filter(is_cash)
    is_special = (pl.col("action") == "special dividend") | (
        pl.col("amount_inr").sum().over(SESSION)
        >= EXTRAORDINARY_DIVIDEND_SHARE * pl.col("last_close")
    )
    paid = (
        cash.filter(is_special)
        .sort(*SESSION, "amount_inr", "purpose")
        .with_columns(
            action=pl.lit("special dividend"),
            amount_inr=pl.col("amount_inr").sum().over(SESSION),
            terms=pl.col("terms").str.join("+").over(SESSION),
            purpose=pl.col("purpose").unique(maintain_order=True).str.join("; ").over(SESSION),
        )
        .unique(SESSION, keep="last", maintain_order=True)
    )
    return pl.concat([rows.filter(~is_cash), paid])


def _with_demergers(rows: pl.DataFrame) -> pl.DataFrame:
    """With the factor of a demerger: what the first price leaves after all other actions."""
    others = pl.col("price_factor").fill_null(1.0).product().over(SESSION)
    first = pl.coalesce("open", "close")
    return rows.with_columns(
        price_factor=pl.when(pl.col("action") == "demerger")
        .then(pl.col("last_close") / others / first)
        .otherwise("price_factor")
    )


def _rows(declared: pl.DataFrame) -> pl.DataFrame:
    is_opening = pl.col("action") == "demerger"
    told = pl.col("purpose")
    return declared.filter(pl.col("price_factor").is_not_null()).select(
        *SESSION,
        kind="action",
        terms="terms",
        basis=pl.when(is_opening).then(pl.lit("opening price")).otherwise(pl.lit("declared")),
        price_factor="price_factor",
        volume_factor="volume_factor",
        ex_date="ex_date",
        previous_close="last_close",
        open="open",
        close="close",
        evidence=pl.when("is_contradicted")
        .then(pl.format("{}; not applied: prices show nothing of it", told))
        .when(is_opening & pl.col("open").is_null())
        .then(pl.format("{}; no first price: the close stands for it", told))
        .otherwise(told),
    )
