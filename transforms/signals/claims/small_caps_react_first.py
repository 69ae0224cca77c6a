"""Whether small caps move before large caps: at market lows, and week by week."""

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
    NOT_SUPPORTED,
    PARTLY,
    SUPPORTED,
    UNTESTABLE,
)
from transforms.signals.quarterly import association_of, nothing_studied, quarter_in_words
from transforms.signals.verdict_grades import LEAD_BELOW
from transforms.signals.wording import number
from warehouse.tables.signals import Association

REACTION = "first_to_react"
SMALL_FIRST, LARGE_FIRST = "small_before_large", "large_before_small"
FOUR_WEEKS = 20
"""Sessions that the longest weekly lag looks back over; the estimate takes all history."""
FIGURES = ("value", "low", "high", "p_value", "sample_size", "missing")


@claim(
    article_row=12,
    statement="Small caps are the first to react when the market turns",
    unit="sessions",
    window_sessions=FOUR_WEEKS,
    threshold=(
        "from past market lows small caps are up 5% in fewer sessions than large caps, the 95% "
        "interval below 0, and weekly returns of small caps lead those of large caps (Granger, "
        f"p < {LEAD_BELOW.value:g}) and not the reverse"
    ),
    null_model="Small caps take as many sessions from market lows (Student's t, two-sided)",
    citation=(
        "Granger, Econometrica 37 (1969). India: large-cap indices lead small, Poshakwale and "
        "Theobald (2002); Sahoo and Kumar (2022)"
    ),
    sql="""
        SELECT {session_date} AS session_date, through_date, value, low, high, p_value, sample_size
        FROM mart.association
        WHERE association_id = 'first_to_react' AND through_date = {through_date}
    """,
    sql_without="""
        SELECT max(through_date) AS last_studied, CAST(NULL AS DOUBLE) AS value
        FROM mart.association WHERE through_date < {session_date}
    """,
    bearing="background",
    reads=("index",),
)
def small_caps_react_first(inputs: Inputs) -> Graded:
    """Weekly leads grade, with the reaction to lows; daily ones are context.

    Small caps trade thinly, so that their closes are late: daily returns of large caps seem to
    lead where nothing does.
    """
    frame = association_of(inputs, REACTION)
    for grain in ("weekly", "daily"):
        for way in (SMALL_FIRST, LARGE_FIRST):
            told = association_of(inputs, f"{way}_{grain}").select(
                "session_date", pl.col(FIGURES).name.prefix(f"{way}_{grain}_")
            )
            frame = frame.join(told, on="session_date", how="left", maintain_order="left")
    legs = [
        leg(
            frame,
            REACTION,
            metric="sessions from market lows to 5% up, small less large caps",
            unit="sessions",
            threshold="95% interval below 0",
            value=pl.col("value"),
            holds=pl.col("high") < 0,
            source=INDEX_SOURCE,
            sample_size=pl.col("sample_size"),
        ),
        *[
            one
            for grain in ("weekly", "daily")
            for one in (
                _lead_leg(frame, f"{SMALL_FIRST}_{grain}", _leads(f"{SMALL_FIRST}_{grain}")),
                _lead_leg(frame, f"{LARGE_FIRST}_{grain}", _silent(f"{LARGE_FIRST}_{grain}")),
            )
        ],
    ]
    return Graded(_verdict(frame, inputs), pl.concat(legs))


def _leads(name: str) -> pl.Expr:
    """Whether the first helps to forecast the second, in the same direction."""
    chance, total = pl.col(f"{name}_p_value"), pl.col(f"{name}_value")
    return (chance < LEAD_BELOW.value) & (total > 0)


def _silent(name: str) -> pl.Expr:
    return pl.col(f"{name}_p_value") >= LEAD_BELOW.value


def _lead_leg(frame: pl.DataFrame, name: str, holds: pl.Expr) -> pl.DataFrame:
    is_small = name.startswith(SMALL_FIRST)
    grain = "weekly" if name.endswith("weekly") else "daily"
    context = "" if grain == "weekly" else ", context only: thin trading biases it"
    sought = f"p < {LEAD_BELOW.value:g} and above 0" if is_small else f"p >= {LEAD_BELOW.value:g}"
    return leg(
        frame,
        name if is_small else f"not_{name}",
        metric=(
            f"sum of lagged {grain} returns of {'small' if is_small else 'large'} caps on those "
            f"of {'large' if is_small else 'small'} caps{context}"
        ),
        unit="percent per percent",
        threshold=sought,
        value=pl.col(f"{name}_value"),
        holds=holds,
        source=INDEX_SOURCE,
        sample_size=pl.col(f"{name}_sample_size"),
    )


def _verdict(frame: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    weekly_small, weekly_large = f"{SMALL_FIRST}_weekly", f"{LARGE_FIRST}_weekly"
    is_first, is_later = pl.col("high") < 0, pl.col("low") > 0
    small_leads, large_leads = _leads(weekly_small), _leads(weekly_large)
    large_is_silent = _silent(weekly_large)
    is_told = small_leads.is_not_null() & large_leads.is_not_null()
    small_alone = small_leads & large_is_silent
    grade = (
        pl.when(~is_told)
        .then(pl.lit(UNTESTABLE))
        .when(large_leads & ~small_leads)
        .then(pl.lit(CONTRADICTED))
        .when(is_first & small_alone)
        .then(pl.lit(SUPPORTED))
        .when(is_later & ~small_leads)
        .then(pl.lit(CONTRADICTED))
        .when(is_first | small_alone)
        .then(pl.lit(PARTLY))
        # The reaction to lows would decide, and too few of them are known.
        .when(is_first.is_null())
        .then(pl.lit(UNTESTABLE))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    reacted = pl.format(
        "from {} market lows small caps were up 5% {} sessions {} large caps (95% interval {} to "
        "{}, below 0 is before)",
        number(pl.col("sample_size")),
        number(pl.col("value").abs(), 1),
        pl.when(pl.col("value") < 0).then(pl.lit("before")).otherwise(pl.lit("after")),
        number(pl.col("low"), 1),
        number(pl.col("high"), 1),
    )
    unknown = pl.format(f"no reaction to market lows ({INDEX_SOURCE}: {{}})", "missing")
    reasons = pl.coalesce(
        nothing_studied(inputs, Association.table),
        pl.format(
            "{}: {}; weekly, {}, {}; daily, which thin trading biases and which decides nothing, "
            "{}, {}; all are told both ways, and published evidence for India has large caps lead",
            quarter_in_words(),
            pl.coalesce(reacted, unknown, pl.lit(f"no reaction to market lows ({INDEX_SOURCE})")),
            *[
                _lead_in_words(f"{way}_{grain}", words)
                for grain in ("weekly", "daily")
                for way, words in (
                    (SMALL_FIRST, "small before large"),
                    (LARGE_FIRST, "large before small"),
                )
            ],
        ),
    )
    # Where weekly returns decide, the reaction to lows is no figure of the grade.
    by_weeks = (large_leads & ~small_leads).fill_null(value=False)
    base = {
        "session_date": pl.col("session_date"),
        "grade": grade,
        "value": pl.when(~by_weeks).then("value"),
        "percentile": pl.lit(None),
        "null_probability": pl.when(~by_weeks).then("p_value"),
        "sample_size": pl.when(~by_weeks).then("sample_size"),
        "reasons": reasons,
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()],
        through_date=pl.when(pl.col("value").is_not_null() & ~by_weeks).then("through_date"),
    )


def _lead_in_words(name: str, words: str) -> pl.Expr:
    told = pl.format(
        f"{words} {{}} (p {{}})",
        number(pl.col(f"{name}_value"), 2),
        number(pl.col(f"{name}_p_value"), 3),
    )
    lacking = pl.format(f"{words} untested ({INDEX_SOURCE}: {{}})", pl.col(f"{name}_missing"))
    return pl.coalesce(told, lacking, pl.lit(f"{words} untested ({INDEX_SOURCE})"))
