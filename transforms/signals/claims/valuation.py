"""Whether small caps are dear: the press's "lingering concerns over valuations"."""

from __future__ import annotations

import polars as pl

from transforms.signals.claim import (
    INDEX_SOURCE,
    VERDICT_SCHEMA,
    Graded,
    Inputs,
    claim,
    leg,
)
from transforms.signals.grades import (
    CONTRADICTED,
    LEAST_BASE_RATE_SESSIONS,
    NOT_SUPPORTED,
    NOT_SUPPORTED_FROM_PERCENTILE,
    PARTLY,
    SUPPORTED,
    UNTESTABLE,
)
from transforms.signals.macro_grades import DEAR_FROM_PERCENTILE, LOW_YIELD_TO_PERCENTILE
from transforms.signals.macro_grid import valuation_of
from transforms.signals.wording import number, percent

INDICES = {
    "nifty-smallcap-100": "Nifty Smallcap 100",
    "nifty-smallcap-250": "Nifty Smallcap 250",
}
"""The headline index first; the other stands in where the first cannot be ranked."""
DECISIVE = ("price_to_earnings_percentile", "price_to_book_percentile")
LEAST_VALUES = 756


@claim(
    article_row=21,
    statement="Valuations of small caps are a concern",
    unit="ratio",
    window_sessions=1,
    threshold=(
        f"P/E and P/B of Nifty Smallcap 100 (250 where the 100 cannot be ranked) at percentile "
        f">= {DEAR_FROM_PERCENTILE:g} of their past; P/E within one basis of earnings"
    ),
    null_model=(
        "Base rate: share of earlier sessions on which the rule held, null until "
        f"{LEAST_BASE_RATE_SESSIONS} could be tested"
    ),
    citation="Riskon convention; P/E on consolidated earnings since 31 March 2021: NSE Indices",
    sql="""
        SELECT session_date, price_to_earnings AS value, price_to_earnings_percentile AS percentile,
          price_to_book, price_to_book_percentile, dividend_yield_pct, earnings_basis
        FROM mart.index_valuation
        WHERE index_id = {index_id} AND session_date = {session_date}
    """,
    reads=("index",),
    bearing="background",
)
def valuations_are_a_concern(inputs: Inputs) -> Graded:
    """Graded by P/E and P/B together; the dividend yield, where low is dear, stands beside."""
    frame = _ruled(_chosen(inputs))
    legs = [
        _leg(frame, "price_to_earnings", "ratio", "sample"),
        _leg(frame, "price_to_book", "ratio", "book_sample"),
        leg(
            frame,
            "dividend_yield",
            metric="dividend_yield_pct",
            unit="percent",
            threshold=f"percentile <= {LOW_YIELD_TO_PERCENTILE:g}",
            value=pl.col("dividend_yield_pct"),
            holds=pl.col("dividend_yield_pct_percentile") <= LOW_YIELD_TO_PERCENTILE,
            source=INDEX_SOURCE,
            percentile=pl.col("dividend_yield_pct_percentile"),
        ),
    ]
    return Graded(_verdict(frame), pl.concat(legs))


def _chosen(inputs: Inputs) -> pl.DataFrame:
    """At each session the first index that can be ranked, else the first."""
    both = [
        valuation_of(inputs, index_id).with_columns(
            index_id=pl.lit(index_id),
            title=pl.lit(title),
            place=pl.lit(place),
            is_ranked=pl.all_horizontal(pl.col(DECISIVE).is_not_null()),
        )
        for place, (index_id, title) in enumerate(INDICES.items())
    ]
    return (
        pl.concat(both)
        .sort("session_date", pl.col("is_ranked").not_(), "place")
        .unique("session_date", keep="first", maintain_order=True)
    )


def _ruled(frame: pl.DataFrame) -> pl.DataFrame:
    earnings, book = (pl.col(name) for name in DECISIVE)
    is_dear = (earnings >= DEAR_FROM_PERCENTILE) & (book >= DEAR_FROM_PERCENTILE)
    tested = pl.col("is_ranked").cum_sum().shift(1)
    held = (is_dear & pl.col("is_ranked")).fill_null(value=False).cum_sum().shift(1)
    return frame.with_columns(
        is_dear=is_dear,
        is_one_dear=(earnings >= DEAR_FROM_PERCENTILE) | (book >= DEAR_FROM_PERCENTILE),
        is_cheap=(earnings < NOT_SUPPORTED_FROM_PERCENTILE)
        & (book < NOT_SUPPORTED_FROM_PERCENTILE),
        base_rate=pl.when(tested >= LEAST_BASE_RATE_SESSIONS).then(held / tested),
    )


def _leg(frame: pl.DataFrame, name: str, unit: str, sample: str) -> pl.DataFrame:
    percentile = pl.col(f"{name}_percentile")
    return leg(
        frame,
        name,
        metric=name,
        unit=unit,
        threshold=f"percentile >= {DEAR_FROM_PERCENTILE:g}",
        value=pl.col(name),
        holds=percentile >= DEAR_FROM_PERCENTILE,
        source=INDEX_SOURCE,
        percentile=percentile,
        sample_size=pl.col(sample),
    )


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    is_ranked = pl.col("is_ranked")
    grade = (
        pl.when(~is_ranked)
        .then(pl.lit(UNTESTABLE))
        .when(pl.col("is_dear"))
        .then(pl.lit(SUPPORTED))
        .when(pl.col("is_one_dear"))
        .then(pl.lit(PARTLY))
        .when(pl.col("is_cheap"))
        .then(pl.lit(CONTRADICTED))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    lacking = (
        pl.when(pl.col("price_to_earnings").is_null())
        .then(pl.lit("no P/E"))
        .when(pl.col("price_to_book").is_null())
        .then(pl.lit("no P/B"))
        .otherwise(None)
    )
    reasons = (
        pl.when(is_ranked)
        .then(
            pl.format(
                "{}: P/E {} at percentile {} of {} on {} earnings, P/B {} at percentile {} of {}{}",
                "title",
                number(pl.col("price_to_earnings"), 2),
                number(pl.col("price_to_earnings_percentile"), 1),
                number(pl.col("sample")),
                "earnings_basis",
                number(pl.col("price_to_book"), 2),
                number(pl.col("price_to_book_percentile"), 1),
                number(pl.col("book_sample")),
                pl.format(
                    ", dividend yield {}", percent(pl.col("dividend_yield_pct"), 2)
                ).fill_null(""),
            )
        )
        .when(lacking.is_not_null())
        .then(
            pl.format(
                f"{INDEX_SOURCE} has {{}} of {{}} for this session, and Nifty Smallcap 250 cannot "
                "be ranked either",
                lacking,
                "title",
            )
        )
        .otherwise(
            pl.format(
                f"{INDEX_SOURCE} holds {{}} values of P/E of {{}} on {{}} earnings and {{}} of "
                f"P/B, {LEAST_VALUES} of each are needed to rank",
                "sample",
                "title",
                "earnings_basis",
                "book_sample",
            )
        )
    )
    return frame.select(
        "session_date",
        grade=grade,
        value=pl.col("price_to_earnings"),
        percentile=pl.col("price_to_earnings_percentile"),
        null_probability=pl.when(is_ranked).then("base_rate"),
        sample_size=pl.col("sample"),
        reasons=reasons,
        index_id="index_id",
    ).cast({**VERDICT_SCHEMA, "index_id": pl.String()})  # type: ignore[dict-item]
