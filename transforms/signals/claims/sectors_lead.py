"""Whether the sectors that the press names lead, against sectors drawn at random."""

from __future__ import annotations

import polars as pl

from transforms.metrics.leadership_sectors import NAMED_SECTORS
from transforms.signals.breadth_grid import (
    JUDGES,
    bias_in_words,
    capped,
    first_that_can,
    last_with,
    leadership_of,
)
from transforms.signals.claim import (
    LIST_SOURCE,
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
from transforms.signals.leadership_grades import (
    CHANCE_BELOW,
    LAGGING_BELOW_PERCENTILE,
    LEADING_OF_NAMED,
)
from transforms.signals.wording import number, percent

SESSIONS = 9
LONGER = 21
_SHARE, _OF = LEADING_OF_NAMED
_COUNTS = ("sectors", "named_sectors", "named_in_top_third")
_READ = tuple(
    name
    for n in (SESSIONS, LONGER)
    for name in (
        *[f"{count}_{n}" for count in _COUNTS],
        f"named_sector_percentile_{n}",
        f"named_sector_p_{n}",
    )
)
RANK, CHANCE = f"named_sector_percentile_{SESSIONS}", f"named_sector_p_{SESSIONS}"


@claim(
    article_row=10,
    statement="Capital goods, autos, chemicals, construction, services and textiles lead",
    unit="percentile",
    window_sessions=SESSIONS,
    threshold=(
        f"mean place of the named sectors so high by chance in less than {CHANCE_BELOW:.0%} of "
        f"random choices of as many, and {_SHARE} of {_OF} of them in the top third"
    ),
    null_model="As many sectors drawn at random stand as high in the mean (exact)",
    citation=(
        "Wilcoxon's rank sum, Mann and Whitney (1947); sectors frozen before the test: Riskon "
        "convention"
    ),
    sql="""
        SELECT session_date, named_sector_percentile_9 AS value, named_sector_p_9,
          named_in_top_third_9, named_sectors_9, sectors_9
        FROM mart.leadership WHERE universe = {universe} AND session_date = {session_date}
    """,
    reads=("shares",),
    universes=JUDGES,
)
def named_sectors_lead(inputs: Inputs) -> Graded:
    """Graded over nine sessions; the place over 21 stands beside."""
    frames = {universe: leadership_of(inputs, universe, _READ) for universe in JUDGES}
    frame = first_that_can(frames, pl.col(RANK).is_not_null())
    legs = [leg_ for n in (SESSIONS, LONGER) for leg_ in _legs(frame, n)]
    return Graded(_verdict(frame), pl.concat(legs))


def _in_top(n: int) -> pl.Expr:
    return _OF * pl.col(f"named_in_top_third_{n}") >= _SHARE * pl.col(f"named_sectors_{n}")


def _legs(frame: pl.DataFrame, n: int) -> list[pl.DataFrame]:
    chance = pl.col(f"named_sector_p_{n}")
    return [
        leg(
            frame,
            f"beyond_chance_{n}",
            metric=f"named_sector_percentile_{n}",
            unit="percentile",
            threshold=f"as high by chance in less than {CHANCE_BELOW:.0%}",
            value=pl.col(f"named_sector_percentile_{n}"),
            holds=chance < CHANCE_BELOW,
            source=LIST_SOURCE,
            window_sessions=n,
            sample_size=pl.col(f"sectors_{n}"),
        ),
        leg(
            frame,
            f"top_third_{n}",
            metric=f"named_in_top_third_{n}",
            unit="sectors",
            threshold=f">= {_SHARE} of {_OF} of the named",
            value=pl.col(f"named_in_top_third_{n}"),
            holds=_in_top(n),
            source=LIST_SOURCE,
            window_sessions=n,
            sample_size=pl.col(f"named_sectors_{n}"),
        ),
    ]


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    rank, chance = pl.col(RANK), pl.col(CHANCE)
    is_unlikely, is_top = chance < CHANCE_BELOW, _in_top(SESSIONS)
    grade = (
        pl.when(rank.is_null())
        .then(pl.lit(UNTESTABLE))
        .when(is_unlikely & is_top)
        .then(pl.lit(SUPPORTED))
        .when(is_unlikely | is_top)
        .then(pl.lit(PARTLY))
        .when(rank < LAGGING_BELOW_PERCENTILE)
        .then(pl.lit(CONTRADICTED))
        .otherwise(pl.lit(NOT_SUPPORTED))
    )
    named = pl.col(f"named_sectors_{SESSIONS}")
    reasons = (
        pl.when(~pl.col("is_held"))
        .then(
            pl.format(
                f"{LIST_SOURCE} and the files of shares give no sectors for this session: {{}}",
                last_with(pl.col("is_held")),
            )
        )
        .when(rank.is_null())
        .then(
            pl.format(
                f"{LIST_SOURCE} tells the sectors of {{}}, but no returns by market cap over "
                f"{SESSIONS} sessions of both named and other ones: {{}}",
                "title",
                last_with(rank.is_not_null()),
            )
        )
        .otherwise(
            pl.format(
                f"of {{}} sectors of {{}} over {SESSIONS} sessions, {{}} of {{}} named are in the "
                "top third, mean percentile {}; as high by chance in {} of draws{}{}",
                number(pl.col(f"sectors_{SESSIONS}")),
                "title",
                number(pl.col(f"named_in_top_third_{SESSIONS}")),
                number(named),
                number(rank, 1),
                percent(100 * chance),
                pl.when(named < len(NAMED_SECTORS))
                .then(pl.lit(f"; some of the {len(NAMED_SECTORS)} named have no known return"))
                .otherwise(pl.lit("")),
                bias_in_words(pl.col("is_biased"), pl.col("session_date"), SESSIONS),
            )
        )
    )
    base = {
        "session_date": pl.col("session_date"),
        "grade": capped(grade, pl.col("is_biased")),
        "value": rank,
        "percentile": rank,
        "null_probability": chance,
        "sample_size": pl.when(rank.is_not_null()).then(f"sectors_{SESSIONS}"),
        "reasons": reasons,
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()], "universe"
    )
