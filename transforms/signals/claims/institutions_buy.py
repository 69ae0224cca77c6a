"""Whether institutions buy rather than the crowd: what trades and deliveries hint at."""

from __future__ import annotations

import polars as pl

from transforms import indicators
from transforms.metrics.flow_rows import BOTH, EXCHANGE, FINAL
from transforms.signals.breadth_grades import (
    LEAST_TESTED,
    LEAST_UNUSUAL,
    UNUSUAL_Z,
    YEAR_SESSIONS,
)
from transforms.signals.breadth_grid import (
    JUDGES,
    bias_in_words,
    breadth_of,
    count_of,
    first_that_can,
    last_with,
    tested_of,
)
from transforms.signals.claim import (
    FLOW_SOURCE,
    SHARE_SOURCE,
    VERDICT_SCHEMA,
    Graded,
    Inputs,
    absent_leg,
    claim,
    leg,
)
from transforms.signals.flow_series import BASE_RATE, SCOPES, STAGE, with_base_rate
from transforms.signals.grades import CONTRADICTED, NOT_SUPPORTED, PARTLY, UNTESTABLE
from transforms.signals.wording import number

WINDOW = 10
LEAST_TOLD = 8
"""Sessions of ten whose figure is known: the last one's deliveries may come a day later."""
MEASURES = {
    "delivery": ("delivered share against each member's own past", "delivery_z_mean"),
    "trade_size": ("average trade against each member's own past", "average_trade_z_mean"),
    "delivered_value": ("delivered value in rising members", "up_delivered_10_pct"),
}
FLOW = "institutional_net"
BULK_SOURCE, HOLDING_SOURCE = "nse_bulk_and_block_deals", "nse_shareholding_patterns"
FIGURES = ("share_of_turnover_10_bps", "net_to_gross_10_pct")
# The net of all trading where the exchange tells its whole turnover, else of their own.
FLOWS = ((FINAL, EXCHANGE, FIGURES[0]), *((STAGE, scope, FIGURES[1]) for scope in SCOPES))
NO_FLOW = ("none", "none", "none")


@claim(
    article_row=9,
    statement="Institutions buy, not the crowd",
    unit="measures",
    window_sessions=WINDOW,
    threshold=(
        f"at least {LEAST_UNUSUAL} of 4 ten-session measures more than {UNUSUAL_Z:g} sd above "
        f"their {YEAR_SESSIONS} values before: delivered share, average trade, delivered value in "
        "rising shares, net of institutions; PARTLY at most, because who bought is not published"
    ),
    null_model=BASE_RATE,
    citation="Riskon convention",
    sql="""
        WITH share AS (
          SELECT session_date,
            CASE WHEN universe IS NOT NULL AND count(delivery_z_mean) OVER ten >= 8
              THEN avg(delivery_z_mean) OVER ten END AS delivery,
            CASE WHEN universe IS NOT NULL AND count(average_trade_z_mean) OVER ten >= 8
              THEN avg(average_trade_z_mean) OVER ten END AS trade_size,
            up_delivered_10_pct AS delivered_value
          FROM core.trading_session
            LEFT JOIN (FROM mart.breadth WHERE universe = {universe}) USING (session_date)
          WHERE session_date <= {session_date}
          WINDOW ten AS (ORDER BY session_date ROWS 9 PRECEDING)),
        net AS (
          SELECT session_date, CASE {flow_figure}
            WHEN 'share_of_turnover_10_bps' THEN share_of_turnover_10_bps
            ELSE net_to_gross_10_pct END AS institutional_net
          FROM mart.flow
          WHERE participant = 'FII+DII' AND stage = {flow_stage} AND scope = {flow_scope}),
        told AS (
          FROM (FROM share LEFT JOIN net USING (session_date)) UNPIVOT (
            figure FOR measure IN (delivery, trade_size, delivered_value, institutional_net))),
        scored AS (
          SELECT session_date, measure,
            CASE WHEN count(figure) OVER past = 252 THEN
              (figure - avg(figure) OVER past) / nullif(stddev_samp(figure) OVER past, 0) END AS z
          FROM told
          WINDOW past AS (PARTITION BY measure ORDER BY session_date
            ROWS BETWEEN 252 PRECEDING AND 1 PRECEDING))
        SELECT {session_date} AS session_date,
          CASE WHEN count(z) > 0 THEN (count(*) FILTER (z > 0.5))::DOUBLE END AS value
        FROM scored WHERE session_date = {session_date}
    """,
    reads=("shares", "flow"),
    universes=JUDGES,
)
def institutions_buy(inputs: Inputs) -> Graded:
    """Graded by four traces that large buyers leave; deals and holdings themselves are not read."""
    frames = {universe: _scored(inputs, universe) for universe in JUDGES}
    can = tested_of(*[pl.col(f"{name}_z") for name in MEASURES])
    frame = first_that_can(frames, can >= 2).join(
        _flow(inputs), on="session_date", how="left", maintain_order="left"
    )
    parts = [pl.col(f"{name}_z") > UNUSUAL_Z for name in (*MEASURES, FLOW)]
    frame = with_base_rate(
        frame.with_columns(
            tested=tested_of(*parts),
            unusual=count_of(*parts),
            usual=count_of(*[pl.col(f"{name}_z") < -UNUSUAL_Z for name in (*MEASURES, FLOW)]),
        ).with_columns(
            is_institutional=pl.when(
                (pl.col("tested") >= LEAST_TESTED)
                & ((pl.col("unusual") >= LEAST_UNUSUAL) | ~_is_open())
            ).then(pl.col("unusual") >= LEAST_UNUSUAL)
        ),
        "is_institutional",
    )
    return Graded(_verdict(frame), pl.concat(_legs(frame)))


def _is_open() -> pl.Expr:
    """Whether what could not be tested might make the unusual measures enough."""
    return pl.col("unusual") + (len(MEASURES) + 1 - pl.col("tested")) >= LEAST_UNUSUAL


def _against_year(value: pl.Expr) -> pl.Expr:
    """Distance of each value from the mean of the 252 held before it, in their sd (ddof 1)."""
    count = value.is_not_null().cum_sum().cast(pl.Int64)
    window = {"window_size": f"{YEAR_SESSIONS}i", "min_samples": YEAR_SESSIONS}
    mean = value.rolling_mean_by(count, closed="left", **window)  # type: ignore[arg-type]
    deviation = value.rolling_std_by(count, closed="left", **window)  # type: ignore[arg-type]
    return pl.when(value.is_not_null()).then(indicators.ratio(value - mean, deviation))


def _scored(inputs: Inputs, universe: str) -> pl.DataFrame:
    """Each measure of shares over ten sessions, and its distance from its past year."""
    frame = breadth_of(inputs, universe, [column for _, column in MEASURES.values()])
    is_sum = {"delivered_value"}  # of ten sessions already
    return frame.with_columns(
        **{
            name: pl.when("is_held").then(
                pl.col(column)
                if name in is_sum
                else pl.col(column).rolling_mean(WINDOW, min_samples=LEAST_TOLD)
            )
            for name, (_, column) in MEASURES.items()
        },
        held_so_far=pl.col("is_held").cum_sum().cast(pl.Int64),
    ).with_columns(_against_year(pl.col(name)).alias(f"{name}_z") for name in MEASURES)


def _flow(inputs: Inputs) -> pl.DataFrame:
    """FII and DII together at every session, by the first of FLOWS that can be judged."""
    days = inputs.sessions.select(pl.col("session_date").unique().sort())
    both = inputs.flow.filter(pl.col("participant") == BOTH).join(
        days, on="session_date", how="semi"
    )
    series = [
        both.filter((pl.col("stage") == stage) & (pl.col("scope") == scope))
        .sort("session_date")
        .select(
            "session_date",
            pl.col(figure).alias(FLOW),
            _against_year(pl.col(figure)).alias(f"{FLOW}_z"),
            flow_stage=pl.lit(stage),
            flow_scope=pl.lit(scope),
            flow_figure=pl.lit(figure),
            place=pl.lit(place),
        )
        for place, (stage, scope, figure) in enumerate(FLOWS)
    ]
    chosen = (
        pl.concat(series)
        .sort("session_date", pl.col(f"{FLOW}_z").is_null(), "place")
        .unique("session_date", keep="first", maintain_order=True)
        .drop("place")
    )
    named = ("flow_stage", "flow_scope", "flow_figure")
    return days.join(chosen, on="session_date", how="left", maintain_order="left").with_columns(
        pl.col(name).fill_null(nothing) for name, nothing in zip(named, NO_FLOW, strict=True)
    )


def _legs(frame: pl.DataFrame) -> list[pl.DataFrame]:
    threshold = f"more than {UNUSUAL_Z:g} sd above the {YEAR_SESSIONS} before"
    measured = [
        leg(
            frame,
            name,
            metric=f"{title}, {WINDOW} sessions",
            unit="standard deviations",
            threshold=threshold,
            value=pl.col(f"{name}_z"),
            holds=pl.col(f"{name}_z") > UNUSUAL_Z,
            source=source,
            window_sessions=WINDOW,
        )
        for name, title, source in (
            *((name, title, SHARE_SOURCE) for name, (title, _) in MEASURES.items()),
            (FLOW, "net of FII and DII of what was traded", FLOW_SOURCE),
        )
    ]
    return [
        *measured,
        absent_leg(
            frame,
            "bulk_and_block_deals",
            metric="net of bulk and block deals by institutions",
            threshold="> 0",
            source=BULK_SOURCE,
        ),
        absent_leg(
            frame,
            "shareholding",
            metric="change of the institutions' holding in the quarter",
            threshold="> 0",
            source=HOLDING_SOURCE,
        ),
    ]


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    unusual, tested = pl.col("unusual"), pl.col("tested")
    grade = (
        pl.when(tested < LEAST_TESTED)
        .then(pl.lit(UNTESTABLE))
        .when(unusual >= LEAST_UNUSUAL)
        .then(pl.lit(PARTLY))
        .when(pl.col("usual") >= LEAST_UNUSUAL)
        .then(pl.lit(CONTRADICTED))
        .when(_is_open())
        .then(pl.lit(UNTESTABLE))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    scores = pl.concat_str(
        [
            pl.format(f"{title} {{}}", number(pl.col(f"{name}_z"), 2).fill_null("unknown"))
            for name, title in (
                *((name, title) for name, (title, _) in MEASURES.items()),
                (FLOW, "net of institutions"),
            )
        ],
        separator=", ",
    )
    closing = (
        "; who bought is not published: bulk and block deals and holdings are not read, so this "
        "is PARTLY at most"
    )
    told_flow = (
        pl.when(pl.col(FLOW).is_null())
        .then(pl.format(f"{FLOW_SOURCE}: {{}}", last_with(pl.col(FLOW).is_not_null())))
        .otherwise(pl.lit(f"{FLOW_SOURCE} is held"))
    )
    shares = pl.format(
        f"{SHARE_SOURCE}: deliveries {{}}", last_with(pl.col("delivered_value").is_not_null())
    )
    judged = pl.format(
        f"{{}} of {{}} measures of {{}} are unusually high, in sd from the {YEAR_SESSIONS} before: "
        "{}{}{}{}",
        unusual,
        tested,
        "title",
        scores,
        pl.when(_is_open() & (unusual < LEAST_UNUSUAL))
        .then(pl.format("; the unknown one may decide ({}, {})", shares, told_flow))
        .otherwise(pl.lit("")),
        pl.lit(closing),
        bias_in_words(pl.col("is_biased"), pl.col("session_date")),
    )
    untold = (
        pl.when(~pl.col("is_held"))
        .then(
            pl.format(
                f"{SHARE_SOURCE} has no breadth for this session: {{}}; {{}}",
                last_with(pl.col("is_held")),
                told_flow,
            )
        )
        .when(tested < LEAST_TESTED)
        .then(
            pl.format(
                f"{{}} of 4 measures can be judged, {LEAST_TESTED} are needed: {SHARE_SOURCE} "
                f"holds {{}} sessions of {{}}, {YEAR_SESSIONS} measured before this one are "
                f"needed (deliveries: {{}}); {{}}{closing}",
                tested,
                "held_so_far",
                "title",
                last_with(pl.col("delivered_value").is_not_null()),
                told_flow,
            )
        )
    )
    base = {
        "session_date": pl.col("session_date"),
        "grade": grade,
        "value": pl.when(tested > 0).then(unusual).cast(pl.Float64),
        "percentile": pl.lit(None),
        "null_probability": pl.col("base_rate"),
        "sample_size": pl.when(tested > 0).then("held_so_far"),
        "reasons": pl.coalesce(untold, judged),
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()],
        "universe",
        "flow_stage",
        "flow_scope",
        "flow_figure",
    )
