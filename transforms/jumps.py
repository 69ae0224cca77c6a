"""Moves that no declared action explains: a simple ratio, or a jump nobody explains.

Shares without derivatives cannot trade more than 20% from the last close, and those with
derivatives open near it even when they crash: a session without one price within that band of the
last close is no trading move. Funds and shares alike then show a simple ratio, or are quarantined.
"""

from __future__ import annotations

import math

import polars as pl

BARE_SCHEMA = {
    "instrument_id": pl.String(),
    "session_date": pl.Date(),
    "kind": pl.String(),
    "series": pl.String(),
    "open": pl.Float64(),
    "high": pl.Float64(),
    "low": pl.Float64(),
    "close": pl.Float64(),
    "previous_close": pl.Float64(),
    "last_session_date": pl.Date(),
    "last_series": pl.String(),
    "last_close": pl.Float64(),
    "gap": pl.Int64(),
}
SESSION = ["instrument_id", "session_date"]

# The widest daily band is 20%; prices round to ticks beside it.
BAND = 0.21
# Where the band does not hold (traded unseen, or away for long), a move beyond this is a jump.
JUMP = 0.40
# Two ticks of five paise: of a share of 10 paise they are everything, and only trading.
TICKS_INR = 0.101
# A published previous close further than this from our last one: traded where we did not see it.
SAME_CLOSE = 0.005
# After this many sessions without a trade, what a ratio looks like is chance.
LONGEST_GAP = 20
# A session closes within a band of the price its ratio implies.
CLOSE_TOLERANCE = math.log(1.25)
# Shares after for shares before, and how far (as a logarithm) the first price may lie from it: less
# where other ratios are near. Rights and demergers may fall anywhere: what is rare is not listed.
SIMPLE_RATIOS = (
    (2, 1, 0.08),
    (3, 2, 0.04),
    (5, 2, 0.05),
    (3, 1, 0.06),
    (4, 1, 0.05),
    (5, 1, 0.10),
    (6, 1, 0.07),
    (10, 1, 0.16),
    (20, 1, 0.10),
    (100, 1, 0.15),
    (1, 2, 0.08),
    (1, 5, 0.10),
    (1, 10, 0.16),
    (1, 100, 0.15),
)
UNJUDGED_KINDS = ("rights entitlement", "warrant", "debt", "test")
# Moved to trade-for-trade on the very day: how a parent trades after a demerger.
TRADE_FOR_TRADE = ("BE", "BZ", "ST", "SZ")
FREE_SERIES = ("EQ", "SM")


def with_judgement(pairs: pl.DataFrame, declared: pl.DataFrame) -> pl.DataFrame:
    """Rows of core.price_adjustment for moves that what was declared does not explain.

    Args:
        pairs: columns of `BARE_SCHEMA`: bars with the bar before.
        declared: instrument_id, session_date, action, purpose, price_factor (null for schemes
            without terms); what is applied on those bars.

    Returns:
        Rows of kind "split" or "consolidation" (basis "inferred", terms shares after to shares
        before), "demerger" (a scheme was announced: basis "opening price") and "jump" (basis
        "quarantined", factors null).
    """
    applied = declared.group_by(SESSION).agg(
        is_declared=pl.col("price_factor").is_not_null().any(),
        factor_=pl.col("price_factor").product(),
        scheme_=pl.col("purpose").filter(pl.col("action") == "scheme").first(),
        scheme_date_=pl.col("ex_date").filter(pl.col("action") == "scheme").first(),
    )
    moves = (
        _with_base(pairs)
        .join(applied, on=SESSION, how="left")
        .with_columns(
            pl.col("is_declared").fill_null(value=False), pl.col("factor_").fill_null(1.0)
        )
    )
    first = pl.coalesce("open", "close") / pl.col("base")
    is_scheme = pl.col("verdict") == "scheme"
    is_inferred = pl.col("verdict") == "inferred"
    return (
        _with_ratio(_suspects(moves))
        .with_columns(verdict=_verdict())
        .filter(pl.col("verdict").is_not_null())
        .with_columns(
            price_factor=pl.when(is_inferred).then("ratio").when(is_scheme).then(1 / first)
        )
        .select(
            *SESSION,
            kind=pl.when(is_inferred & (pl.col("ratio") > 1))
            .then(pl.lit("split"))
            .when(is_inferred)
            .then(pl.lit("consolidation"))
            .when(is_scheme)
            .then(pl.lit("demerger"))
            .otherwise(pl.lit("jump")),
            terms=pl.when(is_inferred)
            .then("ratio_terms")
            .when(is_scheme)
            .then(pl.lit("scheme"))
            .otherwise(pl.lit("unexplained")),
            basis=pl.when(is_inferred)
            .then(pl.lit("inferred"))
            .when(is_scheme)
            .then(pl.lit("opening price"))
            .otherwise(pl.lit("quarantined")),
            price_factor="price_factor",
            volume_factor=pl.when(is_inferred).then("ratio").when(is_scheme).then(1.0),
            ex_date=pl.when(is_scheme).then("scheme_date_"),
            previous_close="last_close",
            open="open",
            close="close",
            evidence=_evidence(),
        )
    )


def _with_base(pairs: pl.DataFrame) -> pl.DataFrame:
    """With the price a session starts from: the last close, or the one it had unseen.

    A share that traded where we did not see it (in a series a file leaves out, on a session whose
    file is missing) starts from the previous close that the exchange prints.
    """
    printed = pl.col("previous_close") / pl.col("last_close")
    is_unseen = (
        (pl.col("gap") > 1) & (pl.col("previous_close") > 0) & ((printed - 1).abs() > SAME_CLOSE)
    ).fill_null(value=False)
    return pairs.filter(~pl.col("kind").is_in(UNJUDGED_KINDS)).with_columns(
        is_unseen=is_unseen,
        base=pl.when(is_unseen).then("previous_close").otherwise("last_close"),
    )


def _suspects(moves: pl.DataFrame) -> pl.DataFrame:
    """Of a year's moves the few hundred that no band allows, after what was declared."""
    # Declared with an ex date among sessions we did not see: only the whole way can be judged.
    is_whole = pl.col("is_unseen") & pl.col("is_declared")
    base = pl.when(is_whole).then("last_close").otherwise("base") / pl.col("factor_")
    high = pl.coalesce("high", pl.max_horizontal("open", "close"))
    low = pl.coalesce("low", pl.min_horizontal("open", "close"))
    is_money = (pl.col("close") - pl.col("base")).abs() > TICKS_INR
    unseen = pl.col("previous_close") - pl.col("last_close")
    return (
        moves.with_columns(base=base, is_whole=is_whole)
        .with_columns(
            is_outside=is_money
            & ((high < (1 - BAND) * pl.col("base")) | (low > (1 + BAND) * pl.col("base"))),
            is_far=is_money & ((pl.col("close") / pl.col("base") - 1).abs() > JUMP),
            is_lost=pl.col("is_unseen")
            & ~pl.col("is_declared")
            & (unseen.abs() > TICKS_INR)
            & (unseen.abs() > JUMP * pl.col("last_close")),
            is_near=pl.col("is_unseen") | (pl.col("gap") <= LONGEST_GAP),
        )
        .filter(pl.any_horizontal("is_outside", "is_far", "is_lost"))
    )


def _with_ratio(moves: pl.DataFrame) -> pl.DataFrame:
    """With the simple ratio that first price and close agree on, null where none."""
    # A fund's first price is anybody's order; its close is near what it holds.
    price = pl.when(pl.col("kind") == "fund").then("close").otherwise("open")
    first = (price / pl.col("base")).log()
    close = (pl.col("close") / pl.col("base")).log()
    ratio, words = pl.lit(None, pl.Float64()), pl.lit(None, pl.String())
    for after, before, tolerance in SIMPLE_RATIOS:
        size = math.log(before / after)
        meets = ((first - size).abs() <= tolerance) & ((close - size).abs() <= CLOSE_TOLERANCE)
        ratio = pl.when(meets).then(pl.lit(after / before)).otherwise(ratio)
        words = pl.when(meets).then(pl.lit(f"{after}:{before}")).otherwise(words)
    return moves.with_columns(ratio=ratio, ratio_terms=words)


def _verdict() -> pl.Expr:
    """One of "inferred", "scheme", "jump"; null where trading or what was declared explains it."""
    has_left = pl.col("series").is_in(TRADE_FOR_TRADE) & pl.col("last_series").is_in(FREE_SERIES)
    may_infer = ~pl.col("is_declared") & pl.col("scheme_").is_null() & ~has_left
    is_gone = pl.col("is_outside") & pl.col("is_near") & ~pl.col("is_whole")
    return (
        pl.when(pl.col("is_lost"))
        .then(pl.lit("jump"))
        .when(is_gone & pl.col("scheme_").is_not_null() & (pl.col("gap") <= LONGEST_GAP))
        .then(pl.lit("scheme"))
        .when(is_gone & may_infer & pl.col("ratio").is_not_null())
        .then(pl.lit("inferred"))
        .when(is_gone)
        .then(pl.lit("jump"))
        .when(pl.col("is_far") & (pl.col("is_whole") | ~pl.col("is_near")))
        .then(pl.lit("jump"))
    )


def _evidence() -> pl.Expr:
    steps = pl.format(
        "last close {}, {} sessions before; first price {}, close {}",
        pl.col("last_close").round(4),
        "gap",
        pl.coalesce("open", "close").round(4),
        pl.col("close").round(4),
    )
    return (
        pl.when(pl.col("verdict") == "inferred")
        .then(pl.format("{}: near {}, split or bonus by price alone", steps, "ratio_terms"))
        .when(pl.col("verdict") == "scheme")
        .then(pl.format("{}: {}", pl.col("scheme_"), steps))
        .when("is_lost")
        .then(
            pl.format(
                "{}; traded unseen to a previous close of {}",
                steps,
                pl.col("previous_close").round(4),
            )
        )
        .when("is_declared")
        .then(pl.format("{}; what was declared explains only {}", steps, "factor_"))
        .otherwise(pl.format("{}: no action known", steps))
    )
