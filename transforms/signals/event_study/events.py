"""The frozen events: what counts as small-cap strength, decided before anything was measured.

Nothing here may be tuned on results. A change is another study: it takes another VERSION, and the
test that pins the digest of these definitions names both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transforms.index_titles import TITLES as DECLARED_TITLES
from transforms.index_titles import index_id as id_of
from transforms.metrics.percentile import LEAST_HISTORY, percentile_rank
from transforms.signals.size_indices import HEADLINE
from transforms.signals.threshold import Threshold

VERSION = 2

LARGE, MARKET, SMALL, SMALL_WIDE = "nifty-50", "nifty-500", HEADLINE, "nifty-smallcap-250"
TARGETS = (MARKET, SMALL)
HORIZONS = (21, 63, 126)

TITLES = {id_of(one.title): one.title for one in DECLARED_TITLES}
"""Names that people read, by index id."""

LAUNCHED: dict[str, date] = {SMALL: date(2018, 4, 2), SMALL_WIDE: date(2016, 4, 1)}
"""From when an index was published by today's rule; its own history before is back-cast, or of
another selection (NSE Indices; methodology 5.8 and 7). Indices not named here have none."""

_OURS = "Riskon convention, frozen before the first run"

STRENGTH_SESSIONS = Threshold(
    "study_strength_sessions", 63, "sessions", "Sessions relative strength looks back", _OURS
)
STRENGTH_PERCENTILE = Threshold(
    "study_strength_percentile",
    80,
    "percent",
    "Expanding percentile that relative strength crosses",
    _OURS,
)
RISE_PCT = Threshold("study_rise", 10, "percent", "Rise of small caps after their fall", _OURS)
RISE_SESSIONS = Threshold("study_rise_sessions", 42, "sessions", "Sessions of that rise", _OURS)
FALL_PCT = Threshold(
    "study_fall", -15, "percent", "Drawdown from the highest of 252 closes before the rise", _OURS
)
FALL_SESSIONS = Threshold(
    "study_fall_sessions", 252, "sessions", "Closes whose highest a drawdown is taken from", _OURS
)
NARROW_PCT = Threshold(
    "study_narrow", 30, "percent", "Share above the 50-session average: few", _OURS
)
BROAD_PCT = Threshold(
    "study_broad", 70, "percent", "Share above the 50-session average: most", _OURS
)
THRUST_SESSIONS = Threshold(
    "study_thrust_sessions", 42, "sessions", "Sessions from few to most", _OURS
)

THRESHOLDS: tuple[Threshold, ...] = (
    STRENGTH_SESSIONS,
    STRENGTH_PERCENTILE,
    RISE_PCT,
    RISE_SESSIONS,
    FALL_PCT,
    FALL_SESSIONS,
    NARROW_PCT,
    BROAD_PCT,
    THRUST_SESSIONS,
)

_DECIMALS = 9
"""What differs less is rounding; it must not decide whether a threshold is passed."""

PRICE, TOTAL = "", " (total return)"
"""Which level a column of the grid holds, behind the name of the index."""

Role = Literal["test", "control"]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Definition:
    """One frozen event: the first session on which its condition holds after one it did not.

    `condition` is evaluated on `study_grid`, null where it cannot be told. `signal_index` is
    whose launch makes an event hypothetical.
    """

    id: str
    role: Role
    statement: str
    signal_index: str
    condition: Callable[[], pl.Expr]


def relative_strength(strong: str, weak: str) -> pl.Expr:
    """Log return of one index less that of another, over STRENGTH_SESSIONS; of the grid.

    Price return, and total return of both where a price it needs is missing.
    """

    def by(kind: str) -> pl.Expr:
        ratio = (pl.col(f"{strong}{kind}") / pl.col(f"{weak}{kind}")).log()
        return ratio - ratio.shift(int(STRENGTH_SESSIONS.value))

    return pl.coalesce(by(PRICE), by(TOTAL)).round(_DECIMALS)


def strong_relative(strong: str, weak: str) -> pl.Expr:
    """Whether relative strength stands above its percentile; null until that is warm."""
    rank = percentile_rank(relative_strength(strong, weak)).round(_DECIMALS)
    return rank > STRENGTH_PERCENTILE.value


def risen_after_fall() -> pl.Expr:
    """Whether small caps rose so much over the sessions, and were down so far within them.

    The drawdown may stand on any session from the first close of the rise to this one. Price
    return, and total return where a price it needs is missing.
    """
    sessions = int(RISE_SESSIONS.value)

    def by(kind: str) -> tuple[pl.Expr, pl.Expr]:
        close = pl.col(f"{SMALL}{kind}")
        fall = close / close.rolling_max(int(FALL_SESSIONS.value)) - 1
        return close / close.shift(sessions) - 1, fall.rolling_min(sessions + 1)

    rise, deepest = (
        (100 * pl.coalesce(*kinds)).round(_DECIMALS)
        for kinds in zip(by(PRICE), by(TOTAL), strict=True)
    )
    return _both_told(rise >= RISE_PCT.value, deepest <= FALL_PCT.value)


def breadth_thrust() -> pl.Expr:
    """Whether most members stand above their average, and few did within the sessions before."""
    share, sessions = pl.col("above_sma_50_pct"), int(THRUST_SESSIONS.value)
    were_few = share.rolling_min(sessions + 1) < NARROW_PCT.value
    return _both_told(share > BROAD_PCT.value, were_few)


def _both_told(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Whether both hold; null where either cannot be told, even if the other rules it out.

    Sessions are compared with events only where an event could have been seen.
    """
    return pl.when(one.is_not_null() & other.is_not_null()).then(one & other)


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        id="relative_strength_80",
        role="test",
        statement=(
            "Nifty Smallcap 100 less Nifty 50, log return of 63 sessions, crosses above its "
            "80th percentile so far"
        ),
        signal_index=SMALL,
        condition=lambda: strong_relative(SMALL, LARGE),
    ),
    Definition(
        id="risen_10_after_15",
        role="test",
        statement=(
            "Nifty Smallcap 100 is up 10% in 42 sessions, within which it stood 15% or more "
            "below its highest close of 252"
        ),
        signal_index=SMALL,
        condition=risen_after_fall,
    ),
    Definition(
        id="breadth_30_to_70",
        role="test",
        statement=(
            "Members of Nifty Smallcap 250 above their 50-session average go from under 30% to "
            "over 70% within 42 sessions"
        ),
        signal_index=SMALL_WIDE,
        condition=breadth_thrust,
    ),
    Definition(
        id="large_cap_strength",
        role="control",
        statement=(
            "Nifty 50 less Nifty 500, log return of 63 sessions, crosses above its 80th "
            "percentile so far"
        ),
        signal_index=LARGE,
        condition=lambda: strong_relative(LARGE, MARKET),
    ),
)


def definitions_digest() -> str:
    """SHA-256 of everything that is frozen, so that a change is a deliberate act."""
    frozen = [
        f"version {VERSION}",
        *(f"{d.id} {d.role} {d.signal_index}: {d.statement}" for d in DEFINITIONS),
        *(f"{t.id} = {t.value:g} {t.unit}: {t.meaning}" for t in THRESHOLDS),
        f"least history {LEAST_HISTORY}",
        "by price return, by total return where a price is missing",
        f"targets {' '.join(TARGETS)}; horizons {' '.join(str(h) for h in HORIZONS)}",
    ]
    return hashlib.sha256("\n".join(frozen).encode()).hexdigest()


def study_grid(
    closes: pl.DataFrame,
    breadth: pl.DataFrame,
    sessions: pl.DataFrame,
    total_returns: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """One row a session, oldest first: closes of each index, price and total, and the breadth.

    Args:
        closes: index_id, session_date, close; price.
        breadth: universe, session_date, above_sma_50_pct; may have neither rows nor columns.
        sessions: session_date.
        total_returns: as `closes`, total-return level; may have neither rows nor columns.
    """
    grid = sessions.select(pl.col("session_date").unique().sort())
    for kind, levels in ((PRICE, closes), (TOTAL, total_returns)):
        for index_id in (LARGE, MARKET, SMALL):
            name = f"{index_id}{kind}"
            if levels is None or levels.is_empty():
                grid = grid.with_columns(pl.lit(None, pl.Float64).alias(name))
                continue
            one = levels.filter(pl.col("index_id") == index_id).select(
                "session_date", pl.col("close").cast(pl.Float64).alias(name)
            )
            grid = grid.join(one, on="session_date", how="left", maintain_order="left")
    if breadth.is_empty():
        return grid.with_columns(above_sma_50_pct=pl.lit(None, pl.Float64))
    share = breadth.filter(pl.col("universe") == SMALL_WIDE).select(
        "session_date", pl.col("above_sma_50_pct").cast(pl.Float64)
    )
    return grid.join(share, on="session_date", how="left", maintain_order="left")


def signals(
    grid: pl.DataFrame, definitions: Sequence[Definition] = DEFINITIONS
) -> dict[str, pl.Series]:
    """For each definition one Boolean a session of the grid: whether the event began on it.

    Null where the condition, or whether it held a session before, cannot be told.
    """
    held = grid.select(*(definition.condition().alias(definition.id) for definition in definitions))
    began = held.select(
        pl.when(pl.col(d.id).is_not_null() & pl.col(d.id).shift(1).is_not_null()).then(
            pl.col(d.id) & ~pl.col(d.id).shift(1)
        )
        for d in definitions
    )
    return {d.id: series for d, series in zip(definitions, began.get_columns(), strict=True)}


def first_of_each(rows: Rows, horizon: int) -> Rows:
    """Signals kept: the first, then each more than `horizon` sessions after the last kept one.

    Their horizons never overlap, so that each counts as one observation.
    """
    kept: list[int] = []
    for row in rows:
        if not kept or row - kept[-1] > horizon:
            kept.append(int(row))
    return np.array(kept, dtype=np.int64)
