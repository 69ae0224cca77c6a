"""Whether the last rebound from a low is one of the fastest."""

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
from transforms.signals.claims.rises import SMALLCAP_100
from transforms.signals.grades import (
    FAST_FROM_PERCENTILE,
    FASTEST_OF_YEAR,
    LEAST_REBOUNDS,
    NOT_SUPPORTED,
    PARTLY,
    REBOUND_FRESH_SESSIONS,
    SUPPORTED,
    UNTESTABLE,
)
from transforms.signals.grid import last_missing, session_grid, whole
from transforms.signals.random_walk import survival_from_low
from transforms.signals.rebound_low import REACH, under_way
from transforms.signals.rebounds import LOOK_BACK, WINDOW, rebounds
from transforms.signals.wording import number, percent


@claim(
    article_row=3,
    statement="The rebound of small caps is one of the fastest of the financial year",
    unit="sigmas of nine sessions",
    window_sessions=WINDOW,
    threshold=(
        f"among rebounds from a low, speed in the fastest {FASTEST_OF_YEAR} of the financial year "
        f"and percentile >= {FAST_FROM_PERCENTILE:g} of all so far"
    ),
    null_model=(
        "Driftless Gaussian random walk with the sd of the 60 log returns up to the low rises as "
        "much in the 9 sessions after a low"
    ),
    citation="Riskon convention; speed is ln(1 + R) / (sigma60 sqrt 9)",
    sql="""
        SELECT {session_date} AS session_date,
          ln(1 + risen.return_9_pct / 100) / (low.volatility_close_60_pct / 100 * sqrt(9.0 / 252))
            AS value
        FROM mart.index_momentum AS risen JOIN mart.index_momentum AS low USING (index_id)
        WHERE index_id = 'nifty-smallcap-100'
          AND risen.session_date = {end_date} AND low.session_date = {low_date}
    """,
    sql_without="""
        WITH bar AS (
          SELECT session_date, first(close::DOUBLE ORDER BY high IS NULL OR low IS NULL,
            source_id <> 'nse_index_close', source_id <> 'niftyindices_price', index_name) AS close
          FROM core.index_bar JOIN core.index_name USING (index_name)
          WHERE index_id = 'nifty-smallcap-100' AND return_variant = 'price'
          GROUP BY session_date),
        seen AS (
          SELECT session_date, close,
            CASE WHEN count(close) OVER before = 60
              THEN min(close) OVER before END AS lowest_60_before,
            count(*) OVER later AS sessions_after,
            CASE WHEN count(close) OVER later = count(*) OVER later
              THEN min(close) OVER later END AS lowest_9_after
          FROM core.trading_session LEFT JOIN bar USING (session_date)
          WHERE session_date <= {session_date}
          WINDOW before AS (ORDER BY session_date ROWS BETWEEN 60 PRECEDING AND 1 PRECEDING),
            later AS (ORDER BY session_date ROWS BETWEEN 1 FOLLOWING AND 9 FOLLOWING))
        SELECT session_date, close, lowest_60_before, lowest_9_after,
          CASE WHEN sessions_after = 9
            THEN close <= lowest_60_before AND close < lowest_9_after
            END AS begins_a_rebound,
          NULL::DOUBLE AS value
        FROM seen ORDER BY session_date DESC LIMIT 91
    """,
    reads=("index",),
)
def rebound_is_fast(inputs: Inputs) -> Graded:
    """Judges the last rebound from a low that is complete, fresh, and whose low still holds."""
    frame = _under_way(session_grid(inputs, close=SMALLCAP_100))
    is_ranked = pl.col("number") >= LEAST_REBOUNDS
    frame = frame.with_columns(
        is_fastest_of_year=pl.when(pl.col("is_under_way"))
        .then(pl.when(is_ranked).then(pl.col("year_rank") <= FASTEST_OF_YEAR))
        .otherwise(pl.lit(False)),
        is_fast=pl.when(pl.col("is_under_way"))
        .then(pl.when(is_ranked).then(pl.col("percentile") >= FAST_FROM_PERCENTILE))
        .otherwise(pl.lit(False)),
    ).with_columns(
        pl.when(pl.col("is_under_way").is_not_null()).then(pl.col("is_fastest_of_year", "is_fast"))
    )
    return Graded(_verdict(frame), pl.concat(_legs(frame)))


def _under_way(grid: pl.DataFrame) -> pl.DataFrame:
    """The grid with the rebound under way, how often luck does as well, and what is not seen."""
    events = rebounds(grid)
    odds = survival_from_low(events["log_rise"].to_numpy(), events["sigma"].to_numpy(), WINDOW)
    events = events.with_columns(pl.Series("probability", odds, dtype=pl.Float64))
    return under_way(grid, events).with_columns(unseen=_unseen(pl.col("close")))


def _unseen(close: pl.Expr) -> pl.Expr:
    """Windows so far in which a rebound may hide: a close in or before them is missing."""
    reach = WINDOW + LOOK_BACK
    begun = close.is_not_null().cum_sum() > 0
    is_seen = whole(close, reach).fill_null(value=False)
    return (begun.shift(reach, fill_value=False) & ~is_seen).cum_sum().cast(pl.Int64)


def _legs(frame: pl.DataFrame) -> list[pl.DataFrame]:
    size = pl.col("number")
    return [
        leg(
            frame,
            "under_way",
            metric="return of the last rebound from a low",
            unit="percent",
            threshold=(
                f"a rebound of {WINDOW} sessions from a low ended at most "
                f"{REBOUND_FRESH_SESSIONS} sessions ago and its low holds"
            ),
            value=pl.col("return_pct"),
            holds=pl.col("is_under_way"),
            source=INDEX_SOURCE,
            window_sessions=WINDOW,
        ),
        leg(
            frame,
            "fastest_of_financial_year",
            metric="rank of the rebound's speed in its financial year",
            unit="rank",
            threshold=f"rank <= {FASTEST_OF_YEAR}",
            value=pl.col("year_rank").cast(pl.Float64),
            holds=pl.col("is_fastest_of_year"),
            source=INDEX_SOURCE,
            window_sessions=WINDOW,
            sample_size=pl.col("year_number"),
        ),
        leg(
            frame,
            "fast_in_history",
            metric="speed of the rebound among all so far",
            unit="sigmas of nine sessions",
            threshold=f"percentile >= {FAST_FROM_PERCENTILE:g}",
            value=pl.col("speed"),
            holds=pl.col("is_fast"),
            source=INDEX_SOURCE,
            window_sessions=WINDOW,
            percentile=pl.when(size >= LEAST_REBOUNDS).then("percentile"),
            sample_size=size,
        ),
    ]


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    # In a year of three rebounds all are among its fastest three: that alone says nothing.
    is_told = pl.col("is_fastest_of_year") & (pl.col("year_number") > FASTEST_OF_YEAR)
    rise = pl.format(
        "rose {} in 9 sessions from the low of {}, {} sigmas; rank {} of {} in FY{}",
        percent(pl.col("return_pct"), 2),
        pl.col("low_date").dt.to_string("%Y-%m-%d"),
        number(pl.col("speed"), 2),
        "year_rank",
        "year_number",
        (pl.col("financial_year") % 100).cast(pl.String).str.zfill(2),
    )
    hidden = (
        pl.when(pl.col("unseen") > 0)
        .then(
            pl.format(
                "; at {} sessions more a rebound may hide, because closes are missing",
                number(pl.col("unseen")),
            )
        )
        .otherwise(pl.lit(""))
    )
    too_few = pl.col("is_under_way") & (pl.col("number") < LEAST_REBOUNDS)
    reasons = (
        pl.when(pl.col("close").is_null())
        .then(pl.lit(f"{INDEX_SOURCE} has no close of Nifty Smallcap 100 for this session"))
        .when(pl.col("is_under_way").is_null())
        .then(
            pl.format(
                f"{INDEX_SOURCE} lacks a close of Nifty Smallcap 100 in the {REACH} sessions "
                "before, in which a low may hide: {}",
                last_missing(pl.col("close")),
            )
        )
        .when(~pl.col("is_under_way"))
        .then(
            pl.lit(
                f"no rebound is under way: none of 9 sessions from a low ended in the last "
                f"{REBOUND_FRESH_SESSIONS} sessions with its low unbroken"
            )
        )
        .when(too_few)
        .then(
            pl.format(
                f"{{}}; {INDEX_SOURCE} shows {{}} from a low so far, {LEAST_REBOUNDS} "
                "are needed to rank{}",
                rise,
                pl.when(pl.col("number") == 1)
                .then(pl.lit("1 rebound"))
                .otherwise(pl.format("{} rebounds", "number")),
                hidden,
            )
        )
        .otherwise(
            pl.format(
                "{}; percentile {} of {} so far{}; luck does as much from a low in {} of cases",
                rise,
                number(pl.col("percentile"), 1),
                "number",
                hidden,
                percent(100 * pl.col("probability")),
            )
        )
    )
    grade = (
        pl.when(pl.col("is_under_way").is_null() | too_few.fill_null(value=False))
        .then(pl.lit(UNTESTABLE))
        .when(pl.col("is_fastest_of_year") & pl.col("is_fast"))
        .then(pl.lit(SUPPORTED))
        .when(is_told | pl.col("is_fast"))
        .then(pl.lit(PARTLY))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    base = {
        "session_date": pl.col("session_date"),
        "grade": grade,
        "value": pl.col("speed"),
        "percentile": pl.when(pl.col("number") >= LEAST_REBOUNDS).then("percentile"),
        "null_probability": pl.col("probability"),
        "sample_size": pl.col("number"),
        "reasons": reasons,
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()],
        "end_date",
        "low_date",
    )
