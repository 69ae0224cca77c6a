"""Did quality lead, did high beta: cross-sections of the members of a universe at one session.

What sorts the members was known when the window began: who they were, the quality drawn by that
evening and the beta of that session; the window's own returns sort nothing.
"""

from __future__ import annotations

from datetime import date
from math import erfc, sqrt

import polars as pl

from transforms.metrics.breadth_universes import KEY
from transforms.metrics.contribution import sections_before
from transforms.metrics.momentum import NIFTY_500
from transforms.universes import MARKET

UNIVERSES = (
    MARKET,
    "nifty-50",
    "nifty-100",
    "nifty-500",
    "nifty-midcap-100",
    "nifty-midcap-150",
    "nifty-smallcap-50",
    "nifty-smallcap-100",
    "nifty-smallcap-250",
    "nifty-microcap-250",
)
"""The market and the indices by size."""
WINDOWS = (9, 21)
LEAST_MEMBERS = 20
"""Fewer are no cross-section: the normal approximation of a rank correlation needs as many."""
MEMBER_COLUMNS = (
    "session_date",
    "instrument_id",
    "is_ordinary",
    "return_9_pct",
    "return_21_pct",
    "beta_252_nifty_500",
)
_QUINTILES = 5
_DECIMALS = 9

_day, _from, _to = pl.col("session_date"), pl.col("valid_from"), pl.col("valid_to")
_score, _beta = pl.col("quality_score"), pl.col("beta")
_return, _residual = pl.col("return"), pl.col("residual")


def leadership_sections(
    shares: pl.DataFrame,
    memberships: pl.DataFrame,
    index_closes: pl.DataFrame,
    *,
    quality: pl.DataFrame,
    sessions: pl.DataFrame,
    since: date,
) -> pl.DataFrame:
    """What the members' returns over WINDOWS say of quality and of beta.

    Args:
        shares: MEMBER_COLUMNS of mart.equity_series and mart.equity_momentum, one row a share and
            session; from 21 sessions before `since` on.
        memberships: rows of core.index_membership.
        index_closes: universe, session_date, close, of the same sessions; that of Nifty 500 is the
            market that betas are to.
        quality: rows of mart.quality.
        sessions: `session_date` of every trading session.
        since: give this session and later ones.

    Returns:
        KEY (UNIVERSES) and, for each window n: ic_members_n (with quality and a return), ic_n and
        ic_n_p, ic_beta_adjusted_n and its _p (see `_coefficients`), beta_spread_n (mean return of
        the fifth with the highest beta less that with the lowest, points). Null below
        LEAST_MEMBERS, or where the ranked stand still. Sorted by KEY.
    """
    numbers = sessions.select(_day.unique().sort()).with_row_index("number")
    market = index_closes.filter(universe=NIFTY_500).select(
        "session_date", close=pl.col("close").cast(pl.Float64)
    )
    calendar = numbers.join(market, on="session_date", how="left")
    rows = (
        shares.filter("is_ordinary")
        .select(
            "session_date",
            pl.col("instrument_id").cast(pl.String),
            *[pl.col(f"return_{n}_pct").cast(pl.Float64) for n in WINDOWS],
            beta=pl.col("beta_252_nifty_500").cast(pl.Float64),
        )
        .sort("instrument_id", "session_date")
    )
    days = rows.filter(_day >= since).select(_day.unique())
    told = days.join(pl.DataFrame({"universe": UNIVERSES}), how="cross")
    for n in WINDOWS:
        window = _window(rows, quality, calendar, n).filter(_day >= since)
        found = [
            _coefficients(members, n).with_columns(universe=pl.lit(universe))
            for universe in UNIVERSES
            for members in [_of_universe(window, memberships, universe)]
        ]
        told = told.join(pl.concat(found), on=KEY, how="left")
    return told.sort(KEY)


def _window(
    rows: pl.DataFrame, quality: pl.DataFrame, calendar: pl.DataFrame, n: int
) -> pl.DataFrame:
    """Returns over a window, beside what was known of each share when it began.

    `rows` are sorted by share and session. Left out are shares that did not trade at each session.
    `residual` is the return less beta times the market's; null without either.
    """
    starts = calendar.select(
        "session_date",
        start=_day.shift(n),
        market=100 * (pl.col("close") / pl.col("close").shift(n) - 1),
    ).drop_nulls("start")
    scored = quality.select(
        "quality_score", instrument_id="company_id", section="session_date"
    ).with_columns(_score.round(_DECIMALS))
    sections = sections_before(starts.select(session_date="start"), quality).rename(
        {"session_date": "start"}
    )
    share = pl.col("instrument_id")
    began = rows.select(
        "session_date",
        "instrument_id",
        pl.col(f"return_{n}_pct").alias("return"),
        nth=pl.when(share == share.shift(n)).then(_day.shift(n)),
        beta=_beta.shift(n),
    )
    return (
        began.drop_nulls("return")
        .join(starts, on="session_date")
        # A share that did not trade on each of the sessions has its return over others.
        .filter(pl.col("nth") == pl.col("start"))
        .join(sections, on="start", how="left")
        .join(scored, on=["instrument_id", "section"], how="left")
        .with_columns(residual=(_return - _beta * pl.col("market")).round(_DECIMALS))
        .select(
            "session_date", "start", "instrument_id", "return", "beta", "quality_score", "residual"
        )
    )


def _of_universe(window: pl.DataFrame, memberships: pl.DataFrame, universe: str) -> pl.DataFrame:
    """The rows of a universe's members when the window began."""
    if universe == MARKET:
        return window
    spans = memberships.filter(universe=universe).select("instrument_id", "valid_from", "valid_to")
    start = pl.col("start")
    return window.join(spans, on="instrument_id").filter((start >= _from) & (start < _to))


def _coefficients(members: pl.DataFrame, n: int) -> pl.DataFrame:
    """Information coefficients and the beta spread of every session.

    The information coefficient is Spearman's rank correlation of quality with the returns that
    followed, ties at their mid-ranks; its p the chance of one as high if scores were dealt at
    random. Under such dealing its mean is 0 and its variance 1 / (n - 1), exactly and with ties;
    the normal distribution of these is taken for the permutations' own (Hotelling and Pabst,
    Rank Correlation and Tests of Significance, Ann. Math. Statist. 7 (1936)).
    """
    ic, adjusted = f"ic_{n}", f"ic_beta_adjusted_{n}"
    has_return = _score.is_not_null()
    has_residual = has_return & _residual.is_not_null()
    count = {ic: has_return.sum(), adjusted: has_residual.sum()}
    told = members.group_by("session_date").agg(
        count[ic].cast(pl.Int64).alias(f"ic_members_{n}"),
        count[adjusted].alias("adjusted_members"),
        _rank_correlation(_return, has_return, count[ic]).alias(ic),
        _rank_correlation(_residual, has_residual, count[adjusted]).alias(adjusted),
        _spread().alias(f"beta_spread_{n}"),
    )
    return told.select(
        "session_date",
        f"ic_members_{n}",
        *[
            column
            for name, size in ((ic, f"ic_members_{n}"), (adjusted, "adjusted_members"))
            for column in (
                name,
                chance(told[name], told[size]).alias(f"{name}_p"),
            )
        ],
        f"beta_spread_{n}",
    )


def _rank_correlation(value: pl.Expr, is_known: pl.Expr, count: pl.Expr) -> pl.Expr:
    score, other = (
        one.filter(is_known).rank("average").cast(pl.Float64) for one in (_score, value)
    )
    correlation = pl.corr(score, other).fill_nan(None)
    return pl.when(count >= LEAST_MEMBERS).then(correlation.clip(-1, 1).round(_DECIMALS))


def _spread() -> pl.Expr:
    """Mean return of the highest fifth by beta less that of the lowest."""
    beta, moved = (one.filter(_beta.is_not_null()) for one in (_beta, _return))
    # In ranks counted twice, whole numbers: no rounding decides who is in which fifth.
    place, count = _QUINTILES * (2 * beta.rank("average") - 1), 2 * beta.len().cast(pl.Float64)
    high = moved.filter(place > (_QUINTILES - 1) * count)
    low = moved.filter(place < count)
    # From the smallest on: a mean has one order of adding.
    spread = high.sort().mean() - low.sort().mean()
    return pl.when(beta.len() >= LEAST_MEMBERS).then(spread.round(_DECIMALS))


def chance(correlation: pl.Series, members: pl.Series) -> pl.Series:
    """How often so many scores dealt at random correlate as highly; see `_coefficients`."""
    return pl.Series(
        [
            None if value is None else erfc(value * sqrt(count - 1) / sqrt(2)) / 2
            for value, count in zip(correlation, members, strict=True)
        ],
        dtype=pl.Float64,
    )
