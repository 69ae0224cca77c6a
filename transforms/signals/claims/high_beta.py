"""Whether money rotates to high beta, beyond what beta alone makes of the market's move."""

from __future__ import annotations

import polars as pl

from transforms.metrics.momentum import NIFTY_500
from transforms.metrics.percentile import LEAST_HISTORY
from transforms.signals.breadth_grid import bias_in_words, capped
from transforms.signals.claim import (
    INDEX_SOURCE,
    SHARE_SOURCE,
    VERDICT_SCHEMA,
    Graded,
    Inputs,
    claim,
    leg,
)
from transforms.signals.flow_series import BASE_RATE, with_base_rate
from transforms.signals.grades import (
    PARTLY,
    SUPPORTED,
    SUPPORTED_FROM_PERCENTILE,
    by_percentile,
)
from transforms.signals.high_beta_series import (
    HIGH_BETA,
    LOW_VOLATILITY,
    SESSIONS,
    SPREAD,
    UNIVERSES,
    high_beta_series,
)
from transforms.signals.verdict_grades import BEYOND_BETA_FROM, CALM_TO, WANTED_FROM
from transforms.signals.wording import number
from transforms.universes import MARKET

TITLES = {NIFTY_500: "Nifty 500", MARKET: "every ordinary share"}
_HIGH_RANK = f"percentile >= {SUPPORTED_FROM_PERCENTILE:g}"


@claim(
    article_row=22,
    statement="Money rotates to high beta",
    unit="percentage points",
    window_sessions=SESSIONS,
    threshold=(
        f"{SESSIONS}-session return of the fifth of shares with the highest beta less that of the "
        f"lowest in the top fifth of its history ({_HIGH_RANK}), and what the market's move times "
        f"beta leaves of it at percentile >= {BEYOND_BETA_FROM.value:g}"
    ),
    null_model=BASE_RATE,
    citation=(
        "Quintile spread: Frazzini and Pedersen, J. Financial Economics 111 (2014); cut-offs: "
        "Riskon convention"
    ),
    sql="""
        SELECT session_date, beta_spread_21_points AS value,
          beta_spread_21_points_percentile AS percentile
        FROM mart.leadership WHERE universe = {universe} AND session_date = {session_date}
    """,
    sql_without="""
        SELECT h.session_date, h.return_21_pct - l.return_21_pct AS value,
          h.return_21_pct AS high_beta_50, l.return_21_pct AS low_volatility_50
        FROM mart.index_momentum h JOIN mart.index_momentum l USING (session_date)
        WHERE h.index_id = 'nifty-high-beta-50' AND l.index_id = 'nifty-low-volatility-50'
          AND session_date = {session_date}
    """,
    reads=("index", "shares"),
    indices=(HIGH_BETA, LOW_VOLATILITY),
    universes=UNIVERSES,
)
def high_beta_rotates(inputs: Inputs) -> Graded:
    """Graded by the spread of shares; by the two indices where the spread cannot be ranked.

    High beta gains in any rise: without knowing what beta leaves over, PARTLY at most.
    """
    frame = high_beta_series(inputs)
    left, left_rank = pl.col("left"), pl.col("left_percentile")
    composite, vix_rank = pl.col("composite"), pl.col("vix_percentile")
    beyond = left_rank >= BEYOND_BETA_FROM.value
    frame = with_base_rate(
        frame.with_columns(
            # Without what is left beyond beta the rule can only fail: no sample of it.
            is_rotation=pl.when(left_rank.is_not_null()).then(
                (pl.col("rank") >= SUPPORTED_FROM_PERCENTILE) & beyond
            ),
        ),
        "is_rotation",
    )
    legs = [
        leg(
            frame,
            "high_beta_shares",
            metric=SPREAD,
            unit="percentage points",
            threshold=_HIGH_RANK,
            value=pl.col("spread"),
            holds=pl.col("spread_percentile") >= SUPPORTED_FROM_PERCENTILE,
            source=SHARE_SOURCE,
            window_sessions=SESSIONS,
            percentile=pl.col("spread_percentile"),
            sample_size=pl.col("spread_sample"),
        ),
        leg(
            frame,
            "high_beta_index",
            metric="return of Nifty High Beta 50 less that of Nifty Low Volatility 50",
            unit="percentage points",
            threshold=_HIGH_RANK,
            value=pl.col("pair"),
            holds=pl.col("pair_percentile") >= SUPPORTED_FROM_PERCENTILE,
            source=INDEX_SOURCE,
            window_sessions=SESSIONS,
            percentile=pl.col("pair_percentile"),
            sample_size=pl.col("pair_sample"),
        ),
        leg(
            frame,
            "beyond_beta",
            metric="what beta times the market's move leaves of the spread",
            unit="percentage points",
            threshold=f"percentile >= {BEYOND_BETA_FROM.value:g}",
            value=left,
            holds=beyond,
            source=INDEX_SOURCE,
            window_sessions=SESSIONS,
            percentile=left_rank,
            sample_size=pl.col("left_sample"),
        ),
        leg(
            frame,
            "calm",
            metric="India VIX",
            unit="percent",
            threshold=f"percentile <= {CALM_TO.value:g}",
            value=pl.col("vix"),
            holds=vix_rank <= CALM_TO.value,
            source=INDEX_SOURCE,
            window_sessions=1,
            percentile=vix_rank,
            sample_size=pl.col("vix_sample"),
        ),
        leg(
            frame,
            "risk_is_wanted",
            metric="composite of risk appetite",
            unit="rank",
            threshold=f">= {WANTED_FROM.value:g}",
            value=composite,
            holds=composite >= WANTED_FROM.value,
            source=f"{INDEX_SOURCE}, {SHARE_SOURCE}",
            window_sessions=1,
        ),
    ]
    return Graded(_verdict(frame), pl.concat(legs))


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    rank, left_rank = pl.col("rank"), pl.col("left_percentile")
    by_shares = pl.col("is_by_shares")
    by_rank = by_percentile(rank)
    is_beyond = (left_rank >= BEYOND_BETA_FROM.value).fill_null(value=False)
    mechanical = (
        pl.when((by_rank == SUPPORTED) & ~is_beyond).then(pl.lit(PARTLY)).otherwise(by_rank)
    )
    is_biased = by_shares & pl.col("spread_is_biased")
    measured = (
        pl.when(by_shares)
        .then(
            pl.format(
                "of {}, the fifth with the highest beta moved {} percentage points more than the "
                "lowest",
                pl.col("universe").replace_strict(TITLES),
                number(pl.col("value"), 1),
            )
        )
        .otherwise(
            pl.format(
                f"no spread of shares can be ranked ({SHARE_SOURCE}); Nifty High Beta 50 moved "
                "{} percentage points more than Nifty Low Volatility 50",
                number(pl.col("value"), 1),
            )
        )
    )
    left = (
        pl.when(left_rank.is_null())
        .then(
            pl.lit(
                "what beta times the market's move explains of it is not known over enough "
                "sessions, so PARTLY at most"
            )
        )
        .otherwise(
            pl.format(
                "the market moved {}%, which leaves {} points{} beyond beta (percentile {}){}",
                number(pl.col("moved"), 1),
                number(pl.col("left"), 1),
                pl.when(by_shares & ~pl.col("left_is_own"))
                .then(pl.lit(" of the two indices' difference"))
                .otherwise(pl.lit("")),
                number(left_rank, 1),
                pl.when((by_rank == SUPPORTED) & ~is_beyond)
                .then(pl.lit(": mostly mechanical, so PARTLY at most"))
                .otherwise(pl.lit("")),
            )
        )
    )
    beside = [
        pl.when(pl.col("vix").is_null())
        .then(pl.lit(f"India VIX unknown ({INDEX_SOURCE})"))
        .otherwise(
            pl.format(
                "India VIX {}{}",
                number(pl.col("vix"), 1),
                pl.format(" at percentile {}", number(pl.col("vix_percentile"), 1)).fill_null(""),
            )
        ),
        pl.format("risk appetite {}", number(pl.col("composite"), 1)).fill_null(
            "risk appetite unknown"
        ),
    ]
    biased = bias_in_words(is_biased, pl.col("session_date"), SESSIONS)
    reasons = (
        pl.when(rank.is_null())
        .then(
            pl.format(
                f"neither the beta spread of shares ({SHARE_SOURCE}, {{}} sessions of it) nor "
                f"Nifty High Beta 50 against Low Volatility 50 ({INDEX_SOURCE}, {{}} sessions) can "
                f"be ranked: {LEAST_HISTORY} are needed, and one of this session",
                number(pl.col("spread_sample")),
                number(pl.col("pair_sample")),
            )
        )
        .otherwise(
            pl.format(
                f"over {SESSIONS} sessions, {{}} (percentile {{}} of {{}}); {{}}; {{}}, {{}}{{}}",
                measured,
                number(rank, 1),
                number(pl.col("sample")),
                left,
                *beside,
                biased,
            )
        )
    )
    is_told = rank.is_not_null()
    base = {
        "session_date": pl.col("session_date"),
        "grade": capped(mechanical, is_biased),
        "value": pl.col("value"),
        "percentile": rank,
        "null_probability": pl.col("base_rate"),
        "sample_size": pl.when(is_told).then("sample"),
        "reasons": reasons,
    }
    return frame.select(
        *[expr.cast(VERDICT_SCHEMA[name]).alias(name) for name, expr in base.items()],
        universe=pl.when(by_shares).then("universe"),
    )
