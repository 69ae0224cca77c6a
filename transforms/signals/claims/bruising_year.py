"""Whether the past year bruised small caps: how deep, how long, and how far behind."""

from __future__ import annotations

import polars as pl

from transforms.signals.breadth_grades import MEMBERS_FALLEN_FROM_PCT
from transforms.signals.breadth_grid import breadth_of, first_that_can, last_with
from transforms.signals.claim import (
    INDEX_SOURCE,
    SHARE_SOURCE,
    VERDICT_SCHEMA,
    Graded,
    Inputs,
    claim,
    leg,
)
from transforms.signals.claims.rises import SMALLCAP_100
from transforms.signals.grades import (
    BEAR_PCT,
    CONTRADICTED,
    CORRECTION_PCT,
    MONTHS_BEHIND,
    NOT_SUPPORTED,
    PARTLY,
    SUPPORTED,
    SUPPORTED_FROM_PERCENTILE,
    UNTESTABLE,
)
from transforms.signals.grid import last_missing, momentum_of, rank_and_size, session_grid
from transforms.signals.past_year import MONTHS, twelve_months, window_depths
from transforms.signals.random_walk import survival_drawdown
from transforms.signals.wording import number, percent
from transforms.universes import MARKET

NIFTY_50 = "nifty-50"
YEAR = 252
MEMBERS_OF = (SMALLCAP_100, MARKET)
"""The whole market, which needs no list of members, stands in."""
FALLEN = {fall: f"fallen_{fall}_pct" for fall in MEMBERS_FALLEN_FROM_PCT}


@claim(
    article_row=4,
    statement="The past year was bruising for small caps: heavy drawdowns, months behind",
    unit="percent",
    window_sessions=YEAR,
    threshold=(
        f"maximum drawdown of {YEAR} sessions <= {BEAR_PCT:g}% and behind Nifty 50 in at least "
        f"{MONTHS_BEHIND} of the last {MONTHS} whole months"
    ),
    null_model=(
        f"Driftless Gaussian random walk with the window's own sd falls as deep from a high within "
        f"{YEAR} sessions"
    ),
    citation=(
        "Bear phase: Lunde and Timmermann, J. Business & Economic Statistics 22 (2004), "
        "lambda 0.2; months behind: Riskon convention"
    ),
    sql="""
        WITH bar AS (
          SELECT session_date, first(close::DOUBLE ORDER BY high IS NULL OR low IS NULL,
            source_id <> 'nse_index_close', source_id <> 'niftyindices_price', index_name) AS close
          FROM core.index_bar JOIN core.index_name USING (index_name)
          WHERE index_id = 'nifty-smallcap-100' AND return_variant = 'price'
          GROUP BY session_date),
        past AS (
          SELECT session_date, close FROM core.trading_session LEFT JOIN bar USING (session_date)
          WHERE session_date <= {session_date} ORDER BY session_date DESC LIMIT 252),
        fallen AS (SELECT close / max(close) OVER (ORDER BY session_date) - 1 AS fall FROM past)
        SELECT {session_date} AS session_date,
          CASE WHEN count(fall) = 252 THEN 100 * min(fall) END AS value
        FROM fallen
    """,
    indices=(SMALLCAP_100,),
    reads=("index", "shares"),
    version=2,
    bearing="background",
    low_percentile="low is deep",
    universes=MEMBERS_OF,
)
def year_was_bruising(inputs: Inputs) -> Graded:
    """Graded by depth and months behind of the index; the other legs, members' too, stand beside.

    Version 2 tells how many members stand far below their highs.
    """
    frame = _measured(inputs)
    legs = [
        _fall_leg(frame, "bear_252", "drawdown_pct", BEAR_PCT, YEAR),
        _fall_leg(frame, "correction_252", "drawdown_pct", CORRECTION_PCT, YEAR),
        _fall_leg(frame, "bear_12_months", "year_drawdown_pct", BEAR_PCT, None),
        _fall_leg(frame, "correction_12_months", "year_drawdown_pct", CORRECTION_PCT, None),
        leg(
            frame,
            "ulcer_252",
            metric=f"ulcer index of {YEAR} sessions",
            unit="percent",
            threshold=f"percentile >= {SUPPORTED_FROM_PERCENTILE:g}",
            value=pl.col("ulcer_pct"),
            holds=pl.col("ulcer_pct_percentile") >= SUPPORTED_FROM_PERCENTILE,
            source=INDEX_SOURCE,
            window_sessions=YEAR,
            percentile=pl.col("ulcer_pct_percentile"),
            sample_size=pl.col("ulcer_pct_sample"),
        ),
        leg(
            frame,
            "months_behind",
            metric=f"months behind Nifty 50 of the last {MONTHS}",
            unit="months",
            threshold=f">= {MONTHS_BEHIND} of {MONTHS}",
            value=pl.col("months_behind").cast(pl.Float64),
            holds=pl.col("months_behind") >= MONTHS_BEHIND,
            source=INDEX_SOURCE,
        ),
        _below_zero_leg(
            frame,
            "return_12_months",
            "year_return_pct",
            None,
            metric=f"return of the last {MONTHS} whole months",
        ),
        _below_zero_leg(frame, "return_252", "return_252_pct", YEAR),
        _below_zero_leg(frame, "mansfield", "mansfield_200_nifty_50", 200),
        *[_members_leg(frame, fall) for fall in FALLEN],
    ]
    return Graded(_verdict(frame), pl.concat(legs))


def _measured(inputs: Inputs) -> pl.DataFrame:
    grid = session_grid(inputs, close=SMALLCAP_100, benchmark=NIFTY_50)
    depth, ulcer = window_depths(grid["close"], YEAR)
    frame = momentum_of(inputs, grid, SMALLCAP_100, "return_252_pct", "mansfield_200_nifty_50")
    frame = frame.join(
        twelve_months(grid), on="session_date", how="left", maintain_order="left"
    ).with_columns(
        depth,
        ulcer,
        sigma=(pl.col("close") / pl.col("close").shift(1)).log().rolling_std(YEAR - 1),
    )
    frame = frame.with_columns(*rank_and_size("drawdown_pct"), *rank_and_size("ulcer_pct"))
    fall, sigma = (
        frame.select(expr.cast(pl.Float64).fill_null(float("nan"))).to_series().to_numpy()
        for expr in (
            -(pl.col("drawdown_pct") / 100).log1p(),
            pl.when(pl.col("sigma") > 0).then("sigma"),
        )
    )
    odds = pl.Series("probability", survival_drawdown(fall, sigma, YEAR - 1))
    members = {one: breadth_of(inputs, one, list(FALLEN.values())) for one in MEMBERS_OF}
    fallen = first_that_can(members, pl.all_horizontal(pl.col(list(FALLEN.values())).is_not_null()))
    return frame.with_columns(odds.fill_nan(None)).join(
        fallen, on="session_date", how="left", maintain_order="left"
    )


def _members_leg(frame: pl.DataFrame, fall: int) -> pl.DataFrame:
    least = MEMBERS_FALLEN_FROM_PCT[fall]
    return leg(
        frame,
        f"members_{fall}_pct_below_high",
        metric=FALLEN[fall],
        unit="percent",
        threshold=f">= {least:g}% of members at least {fall}% below their {YEAR}-session high",
        value=pl.col(FALLEN[fall]),
        holds=pl.col(FALLEN[fall]) >= least,
        source=SHARE_SOURCE,
        window_sessions=YEAR,
    )


def _fall_leg(
    frame: pl.DataFrame, name: str, value: str, limit_pct: float, sessions: int | None
) -> pl.DataFrame:
    return leg(
        frame,
        name,
        metric=(
            f"maximum drawdown of {sessions} sessions"
            if sessions
            else f"maximum drawdown of the last {MONTHS} whole months"
        ),
        unit="percent",
        threshold=f"<= {limit_pct:g}%",
        value=pl.col(value),
        holds=pl.col(value) <= limit_pct,
        source=INDEX_SOURCE,
        window_sessions=sessions,
    )


def _below_zero_leg(
    frame: pl.DataFrame, name: str, value: str, sessions: int | None, *, metric: str = ""
) -> pl.DataFrame:
    return leg(
        frame,
        name,
        metric=metric or value,
        unit="percent",
        threshold="< 0",
        value=pl.col(value),
        holds=pl.col(value) < 0,
        source=INDEX_SOURCE,
        window_sessions=sessions,
    )


def _ranked() -> pl.Expr:
    """The drawdown's percentile, and which end of it is deep; nothing where it has none."""
    return pl.format(
        "percentile {} of {} such falls so far, where 0 is the deepest; ",
        number(pl.col("drawdown_pct_percentile"), 1),
        number(pl.col("drawdown_pct_sample")),
    ).fill_null("")


def _members_in_words() -> pl.Expr:
    """How many members stand far below their highs, or since when that is not known."""
    shares = [percent(pl.col(column), 0) for column in FALLEN.values()]
    told = pl.format(
        f"of {{}}, {', '.join(f'{{}} are at least {fall}%' for fall in FALLEN)} below their highs "
        f"of {YEAR} sessions{{}}",
        "title",
        *shares,
        pl.when(pl.col("is_biased"))
        .then(pl.lit(" (survivorship-biased: members are known only from a list first seen later)"))
        .otherwise(pl.lit("")),
    )
    return pl.coalesce(
        told,
        pl.format(
            f"shares of members far below their highs are untested: {SHARE_SOURCE} gives none "
            f"with {YEAR} sessions of history for this session, {{}}",
            last_with(pl.col(FALLEN[20]).is_not_null()),
        ),
    )


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    depth, behind = pl.col("drawdown_pct"), pl.col("months_behind")
    is_behind = behind >= MONTHS_BEHIND
    rose_and_led = (pl.col("return_252_pct") >= 0) & (pl.col("mansfield_200_nifty_50") >= 0)
    decisive = ("drawdown_pct", "months_behind", "return_252_pct", "mansfield_200_nifty_50")
    is_missing = pl.any_horizontal(pl.col(decisive).is_null())
    grade = (
        pl.when(is_missing)
        .then(pl.lit(UNTESTABLE))
        .when((depth <= BEAR_PCT) & is_behind)
        .then(pl.lit(SUPPORTED))
        .when((depth <= CORRECTION_PCT) | is_behind)
        .then(pl.lit(PARTLY))
        .when(rose_and_led)
        .then(pl.lit(CONTRADICTED))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    names = (
        "maximum drawdown of 252 sessions",
        "months behind Nifty 50",
        "return over 252 sessions",
        "Mansfield strength",
    )
    lacking = pl.concat_str(
        [
            pl.when(pl.col(column).is_null()).then(pl.lit(name))
            for column, name in zip(decisive, names, strict=True)
        ],
        separator=", ",
        ignore_nulls=True,
    )
    reasons = (
        pl.when(is_missing)
        .then(
            pl.format(
                f"{INDEX_SOURCE} lacks closes of Nifty Smallcap 100 or Nifty 50 ({{}}), without "
                "which these are not known: {}; {}",
                last_missing(pl.col("close"), pl.col("benchmark")),
                lacking,
                _members_in_words(),
            )
        )
        .otherwise(
            pl.format(
                "maximum drawdown of {} sessions {} ({}luck falls as deep in {} of years), behind "
                f"Nifty 50 in {{}} of {MONTHS} whole months, return over {{}} sessions {{}}, "
                "Mansfield strength {}; {}",
                pl.lit(YEAR),
                percent(depth),
                _ranked(),
                percent(100 * pl.col("probability"), 0),
                behind,
                pl.lit(YEAR),
                percent(pl.col("return_252_pct")),
                percent(pl.col("mansfield_200_nifty_50")),
                _members_in_words(),
            )
        )
    )
    return frame.select(
        "session_date",
        grade=grade,
        value=depth,
        percentile=pl.col("drawdown_pct_percentile"),
        null_probability=pl.col("probability"),
        sample_size=pl.col("drawdown_pct_sample"),
        reasons=reasons,
    ).cast(pl.Schema(VERDICT_SCHEMA))
