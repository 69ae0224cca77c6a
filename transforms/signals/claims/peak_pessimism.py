"""Whether pessimism was extreme at the low from which small caps rose."""

from __future__ import annotations

import polars as pl

from transforms.metrics.percentile import percentile_rank
from transforms.signals.breadth_grades import LEAST_TESTED, WORST_DECILE
from transforms.signals.breadth_grid import (
    JUDGES,
    SMALLCAP_100,
    bias_in_words,
    breadth_of,
    capped,
    count_of,
    first_that_can,
    tested_of,
)
from transforms.signals.claim import (
    FLOW_SOURCE,
    INDEX_SOURCE,
    SHARE_SOURCE,
    VERDICT_SCHEMA,
    Graded,
    Inputs,
    claim,
    leg,
)
from transforms.signals.claims.valuation import INDICES
from transforms.signals.flow_series import SCOPES, STAGE, with_base_rate
from transforms.signals.grades import (
    CONTRADICTED,
    LEAST_BASE_RATE_SESSIONS,
    NOT_SUPPORTED,
    PARTLY,
    SUPPORTED,
    UNTESTABLE,
)
from transforms.signals.grid import momentum_of, session_grid
from transforms.signals.macro_grid import valuation_of
from transforms.signals.rebound_low import no_low_in_words, with_low
from transforms.signals.wording import number

LEAST_WORST = 3
MEASURES = {
    "drawdown": ("depth below the 252-session high", INDEX_SOURCE),
    "above_average": ("members above SMA 200", SHARE_SOURCE),
    "foreign_net": ("FII net of 20 sessions", FLOW_SOURCE),
    "valuation": ("P/E", INDEX_SOURCE),
}
"""Each in the worst decile where its percentile is low."""
UNITS = {
    "drawdown": ("drawdown_252_pct", "percent"),
    "above_average": ("above_sma_200_pct", "percent"),
    "foreign_net": ("net_sum_20_crore", "Rs crore"),
    "valuation": ("price_to_earnings", "ratio"),
}


@claim(
    article_row=24,
    statement="At the low, pessimism was extreme",
    unit="measures",
    window_sessions=1,
    threshold=(
        f"at the low of the rebound at least {LEAST_WORST} of {len(MEASURES)} in the worst decile "
        "of their past: drawdown, members above SMA 200, FII net of 20 sessions, P/E"
    ),
    null_model=(
        "Base rate: of earlier sessions with a rebound under way, the share on which the rule "
        f"held, null until {LEAST_BASE_RATE_SESSIONS} could be tested"
    ),
    citation="Riskon convention",
    sql="""
        WITH sums AS (
          SELECT session_date, net_sum_20_crore AS net FROM mart.flow
          WHERE participant = 'FII' AND stage = 'provisional' AND scope = {scope}
            AND session_date <= {low_date} AND net_sum_20_crore IS NOT NULL),
        last AS (SELECT net AS last_net FROM sums WHERE session_date = {low_date}),
        told(rank) AS (
          SELECT drawdown_252_pct_percentile FROM mart.index_momentum
          WHERE index_id = 'nifty-smallcap-100' AND session_date = {low_date}
          UNION ALL
          SELECT above_sma_200_pct_percentile FROM mart.breadth
          WHERE universe = {universe} AND session_date = {low_date}
          UNION ALL
          SELECT CASE WHEN count(*) >= 756 THEN 100 * (count(*) FILTER (net < last_net)
            + 0.5 * count(*) FILTER (net = last_net)) / count(*) END FROM sums, last
          UNION ALL
          SELECT price_to_earnings_percentile FROM mart.index_valuation
          WHERE index_id = {index_id} AND session_date = {low_date})
        SELECT {session_date} AS session_date,
          CASE WHEN count(rank) > 0 THEN (count(*) FILTER (rank <= 10))::DOUBLE END AS value
        FROM told
    """,
    sql_without="""
        SELECT t.session_date, m.drawdown_252_pct_percentile, b.above_sma_200_pct_percentile,
          NULL::DOUBLE AS value
        FROM core.trading_session t
        LEFT JOIN mart.index_momentum m
          ON m.session_date = t.session_date AND m.index_id = 'nifty-smallcap-100'
        LEFT JOIN mart.breadth b
          ON b.session_date = t.session_date AND b.universe = 'nifty-smallcap-250'
        WHERE t.session_date <= {session_date} ORDER BY t.session_date DESC LIMIT 91
    """,
    reads=("index", "shares", "flow"),
    bearing="background",
    low_percentile="low is pessimistic",
    indices=(SMALLCAP_100,),
    universes=JUDGES,
)
def pessimism_was_extreme(inputs: Inputs) -> Graded:
    """Graded by where four measures stood at the low, each in its own past up to that low."""
    low = with_low(session_grid(inputs, close=SMALLCAP_100))
    then = _at_sessions(inputs)
    before = then.rename({"session_date": "low_date"})
    parts = [pl.col(name) <= WORST_DECILE for name in MEASURES]
    frame = (
        low.join(before, on="low_date", how="left", maintain_order="left")
        .with_columns(
            pl.col("scope").fill_null("none"),
            tested=tested_of(*parts),
            worst=count_of(*parts),
            held_so_far=pl.col("close").is_not_null().cum_sum().cast(pl.Int64),
        )
        .with_columns(
            was_extreme=pl.when(pl.col("tested") >= LEAST_TESTED).then(
                pl.col("worst") >= LEAST_WORST
            )
        )
    )
    return Graded(_verdict(with_base_rate(frame, "was_extreme")), pl.concat(_legs(frame)))


def _at_sessions(inputs: Inputs) -> pl.DataFrame:
    """Percentile and value of each measure at every session, with what it was chosen from."""
    days = inputs.sessions.select(pl.col("session_date").unique().sort())
    fall = momentum_of(
        inputs, days, SMALLCAP_100, "drawdown_252_pct", "drawdown_252_pct_percentile"
    ).rename({"drawdown_252_pct_percentile": "drawdown"})
    columns = ("above_sma_200_pct", "above_sma_200_pct_percentile")
    members = first_that_can(
        {universe: breadth_of(inputs, universe, columns) for universe in JUDGES},
        pl.col(columns[1]).is_not_null(),
    ).rename({columns[1]: "above_average"})
    frame = fall
    for beside in (members, _foreign(inputs, days), _valued(inputs)):
        frame = frame.join(beside, on="session_date", how="left", maintain_order="left")
    return frame


def _foreign(inputs: Inputs, days: pl.DataFrame) -> pl.DataFrame:
    """FII net of 20 sessions, by the first of SCOPES that can be ranked, else that has it."""
    rows = (
        inputs.flow.filter(
            (pl.col("participant") == "FII")
            & (pl.col("stage") == STAGE)
            & pl.col("scope").is_in(SCOPES)
        )
        .join(days, on="session_date", how="semi")
        .sort("session_date")
    )
    net = pl.col("net_sum_20_crore")
    place = pl.col("scope").replace_strict(
        {scope: rank for rank, scope in enumerate(SCOPES)}, return_dtype=pl.Int64
    )
    return (
        rows.with_columns(foreign_net=percentile_rank(net).over("scope"))
        .sort("session_date", pl.col("foreign_net").is_null(), net.is_null(), place)
        .unique("session_date", keep="first", maintain_order=True)
        .select("session_date", "scope", "net_sum_20_crore", "foreign_net")
    )


def _valued(inputs: Inputs) -> pl.DataFrame:
    """P/E of the first index that can be ranked, else of the first."""
    both = [
        valuation_of(inputs, index_id).select(
            "session_date",
            "price_to_earnings",
            valuation="price_to_earnings_percentile",
            index_id=pl.lit(index_id),
            order=pl.lit(order),
        )
        for order, index_id in enumerate(INDICES)
    ]
    return (
        pl.concat(both)
        .sort("session_date", pl.col("valuation").is_null(), "order")
        .unique("session_date", keep="first", maintain_order=True)
        .drop("order")
    )


def _legs(frame: pl.DataFrame) -> list[pl.DataFrame]:
    has_low = pl.col("is_under_way")
    return [
        leg(
            frame,
            name,
            metric=f"{title} at the low",
            unit=UNITS[name][1],
            threshold=f"percentile <= {WORST_DECILE:g} at the low",
            value=pl.col(UNITS[name][0]),
            holds=pl.when(has_low)
            .then(pl.col(name) <= WORST_DECILE)
            .when(~has_low)
            .then(pl.lit(value=False)),
            source=pl.when(has_low.is_null()).then(pl.lit(INDEX_SOURCE)).otherwise(pl.lit(source)),
            percentile=pl.col(name),
        )
        for name, (title, source) in MEASURES.items()
    ]


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    worst, tested = pl.col("worst"), pl.col("tested")
    is_biased = pl.col("is_biased") & pl.col("above_average").is_not_null()
    grade = (
        pl.when(pl.col("is_under_way").is_null())
        .then(pl.lit(UNTESTABLE))
        .when(~pl.col("is_under_way"))
        .then(pl.lit(NOT_SUPPORTED))
        .when(tested < LEAST_TESTED)
        .then(pl.lit(UNTESTABLE))
        .when(worst >= LEAST_WORST)
        .then(pl.lit(SUPPORTED))
        .when(worst == LEAST_WORST - 1)
        .then(pl.lit(PARTLY))
        .when((worst == 0) & (tested == len(MEASURES)))
        .then(pl.lit(CONTRADICTED))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    ranks = pl.concat_str(
        [
            pl.format(f"{title} {{}}", number(pl.col(name), 1).fill_null("unknown"))
            for name, (title, _) in MEASURES.items()
        ],
        separator=", ",
    )
    day = pl.col("low_date").dt.to_string("%Y-%m-%d")
    lacking = pl.concat_str(
        [
            pl.when(pl.col(name).is_null()).then(pl.lit(f"{title} ({source})"))
            for name, (title, source) in MEASURES.items()
        ],
        separator=", ",
        ignore_nulls=True,
    )
    untold = pl.when(tested < LEAST_TESTED).then(
        pl.format(
            "at the low of {} these cannot be ranked, because fewer than 756 sessions of them are "
            f"held or that session's is missing: {{}}; {LEAST_TESTED} of {len(MEASURES)} are "
            "needed",
            day,
            lacking,
        )
    )
    judged = pl.format(
        "at the low of {}, {} of {} measures were in the worst decile; percentiles, where low is "
        "pessimistic: {}{}",
        day,
        worst,
        tested,
        ranks,
        bias_in_words(is_biased, pl.col("low_date")),
    )
    has_any = pl.col("is_under_way") & (tested > 0)
    base = {
        "session_date": pl.col("session_date"),
        "grade": capped(grade, is_biased),
        "value": pl.when(has_any).then(worst).cast(pl.Float64),
        "percentile": pl.when(has_any).then(pl.mean_horizontal(list(MEASURES))),
        "null_probability": pl.when(pl.col("was_extreme").is_not_null()).then("base_rate"),
        "sample_size": pl.when(has_any).then("held_so_far"),
        "reasons": pl.coalesce(no_low_in_words(), untold, judged),
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()],
        "low_date",
        "universe",
        "scope",
        "index_id",
    )
