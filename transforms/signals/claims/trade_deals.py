"""Whether trade deals go with the rise: "optimism around new trade agreements triggered buying".

That a deal caused a rise cannot be tested with prices, and is said to be untestable each time. What
can be tested is association: whether sectors that sell abroad rose more than those that sell at
home around the announcement, against the same difference on all other dates.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from transforms.metrics.percentile import LEAST_HISTORY
from transforms.signals.claim import (
    INDEX_SOURCE,
    VERDICT_SCHEMA,
    Graded,
    Inputs,
    absent_leg,
    claim,
    leg,
)
from transforms.signals.grades import (
    CONTRADICTED,
    NOT_SUPPORTED,
    NOT_SUPPORTED_FROM_PERCENTILE,
    PARTLY,
    SUPPORTED_FROM_PERCENTILE,
    UNTESTABLE,
)
from transforms.signals.macro_grades import FRESH_SESSIONS
from transforms.signals.trade_announcements import ANNOUNCEMENTS, Announcement
from transforms.signals.trade_windows import AFTER, BEFORE, WINDOW, judged_sessions
from transforms.signals.wording import number, percent

RUPEE_SOURCE = "fred"
NO_RECORD = "a record of why buyers bought"


@claim(
    article_row=11,
    statement="Trade deals triggered the rally",
    unit="percent",
    window_sessions=WINDOW,
    threshold=(
        "Cause is untestable, so never SUPPORTED; PARTLY where exporters less domestic sectors "
        f"over days -{BEFORE} to +{AFTER} of a deal announced within {FRESH_SESSIONS} sessions is "
        f"above 0 and at percentile >= {SUPPORTED_FROM_PERCENTILE:g} of other dates"
    ),
    null_model=(
        "Share of all earlier 5-session windows that touch no announcement's, in which exporters "
        "were as far ahead of domestic sectors"
    ),
    citation="Riskon convention: event window and baskets fixed beforehand",
    sql="""
        WITH bar AS (
          SELECT index_id, session_date,
            first(close::DOUBLE ORDER BY high IS NULL OR low IS NULL,
              source_id <> 'nse_index_close', source_id <> 'niftyindices_price', index_name)
              AS close
          FROM core.index_bar JOIN core.index_name USING (index_name)
            JOIN core.trading_session USING (session_date)
          WHERE return_variant = 'price' AND index_id IN ('nifty-it', 'nifty-pharma',
              'nifty-auto', 'nifty-fmcg', 'nifty-realty', 'nifty-psu-bank', 'nifty-media')
            AND session_date BETWEEN {window_start} AND {window_end}
          GROUP BY ALL),
        moved AS (
          SELECT index_id, count(*) AS closes, 100 * (last(close ORDER BY session_date)
            / first(close ORDER BY session_date) - 1) AS return_pct
          FROM bar GROUP BY index_id)
        SELECT {session_date} AS session_date,
          CASE WHEN count(*) FILTER (WHERE closes = 6) = 7
            THEN avg(return_pct) FILTER (
                WHERE index_id IN ('nifty-it', 'nifty-pharma', 'nifty-auto'))
              - avg(return_pct) FILTER (
                WHERE index_id NOT IN ('nifty-it', 'nifty-pharma', 'nifty-auto')) END AS value
        FROM moved
    """,
    sql_without="""
        SELECT session_date, NULL::DOUBLE AS value FROM core.trading_session
        WHERE session_date <= {session_date} ORDER BY session_date DESC LIMIT 21
    """,
    reads=("index", "macro"),
)
def trade_deals_triggered_rally(inputs: Inputs) -> Graded:
    """Graded by the latest deal whose window is complete; the rupee and the cause stand beside."""
    return _graded(inputs, ANNOUNCEMENTS)


def _graded(inputs: Inputs, announcements: Sequence[Announcement]) -> Graded:
    frame = judged_sessions(inputs, announcements)
    legs = [
        leg(
            frame,
            "exporters_ahead",
            metric="exporters less domestic sectors, 5 sessions",
            unit="percent",
            threshold=f"> 0 and percentile >= {SUPPORTED_FROM_PERCENTILE:g} of other dates",
            value=pl.col("spread_pct"),
            holds=(pl.col("spread_pct") > 0) & (pl.col("percentile") >= SUPPORTED_FROM_PERCENTILE),
            source=INDEX_SOURCE,
            window_sessions=WINDOW,
            percentile=pl.col("percentile"),
            sample_size=pl.col("others"),
        ),
        leg(
            frame,
            "exporters_rose",
            metric="mean return of the exporting sectors, 5 sessions",
            unit="percent",
            threshold="> 0",
            value=pl.col("exporters_pct"),
            holds=pl.col("exporters_pct") > 0,
            source=INDEX_SOURCE,
            window_sessions=WINDOW,
        ),
        leg(
            frame,
            "rupee_strengthened",
            metric="rupees to a dollar, change since before the window",
            unit="percent",
            threshold="< 0",
            value=pl.col("rupee_pct"),
            holds=pl.col("rupee_pct") < 0,
            source=RUPEE_SOURCE,
        ),
        absent_leg(
            frame,
            "cause",
            metric="whether the deal made buyers buy",
            threshold="cause, which prices cannot show",
            source=NO_RECORD,
        ),
    ]
    return Graded(_verdict(frame), pl.concat(legs))


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    spread, rank = pl.col("spread_pct"), pl.col("percentile")
    grade = (
        pl.when(rank.is_null())
        .then(pl.lit(UNTESTABLE))
        .when((spread > 0) & (rank >= SUPPORTED_FROM_PERCENTILE))
        .then(pl.lit(PARTLY))
        .when((spread < 0) & (rank < NOT_SUPPORTED_FROM_PERCENTILE))
        .then(pl.lit(CONTRADICTED))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    named = pl.format("{} (told on {})", "what", pl.col("told_on").dt.to_string("%Y-%m-%d"))
    association = (
        pl.when(rank.is_not_null())
        .then(
            pl.format(
                "{}: exporters {} ahead of domestic sectors over days -1 to +3, percentile {} of "
                "{} other windows, as far ahead in {} of them{}",
                named,
                percent(spread, 2),
                number(rank, 1),
                number(pl.col("others")),
                percent(100 * pl.col("as_far_ahead"), 0),
                pl.format(
                    "; rupees to a dollar {} since before", percent(pl.col("rupee_pct"), 2)
                ).fill_null(""),
            )
        )
        .when(pl.col("place") < 0, pl.col("pending").is_not_null())
        .then(pl.format("{}: its window is complete 3 sessions after day 0", "pending"))
        .when(pl.col("place") < 0)
        .then(pl.lit(f"no dated announcement in the last {FRESH_SESSIONS} sessions"))
        .when(spread.is_null())
        .then(
            pl.format(f"{{}}: {INDEX_SOURCE} lacks closes of the two baskets in its window", named)
        )
        .otherwise(
            pl.format(
                f"{{}}: {{}} other windows are held ({INDEX_SOURCE}), {LEAST_HISTORY} are needed "
                "to rank",
                named,
                "others",
            )
        )
    )
    return frame.select(
        "session_date",
        grade=grade,
        value=spread,
        percentile=rank,
        null_probability=pl.col("as_far_ahead"),
        sample_size=pl.col("others"),
        reasons=pl.format(
            "cause is untestable: prices hold no record of why buyers bought; association only: {}",
            association,
        ),
        window_start=pl.col("window_start"),
        window_end=pl.col("window_end"),
    ).cast(
        {**VERDICT_SCHEMA, "window_start": pl.Date(), "window_end": pl.Date()}  # type: ignore[dict-item]
    )
