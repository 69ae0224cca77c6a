"""Thrusts by thresholds of this market's own: as rare here as the published ones in New York."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from transforms.metrics.breadth_thrusts import first_in_window
from transforms.metrics.metric import Metric, metric

MATCHED: list[Metric] = []

FORTNIGHTS_A_YEAR = 365.25 / 14

Declaration = Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]


@dataclass(frozen=True)
class Rarity:
    """How seldom a strength exceeded its published threshold where that was published."""

    strength: str
    years: float
    """Years from one event to the next."""

    @property
    def threshold(self) -> str:
        """Column of the threshold that was as seldom exceeded here."""
        return f"{self.strength}_threshold"


# Zweig counted 14 thrusts from 1945 to 1986; Deemer one in about 3.5 years. Whaley's frequency is
# taken to be Deemer's until it is read from his paper.
RARITIES: Sequence[Rarity] = (
    Rarity("zweig_rise_10_points", 3.0),
    Rarity("deemer_ratio_10", 3.5),
    Rarity("whaley_advances_5_pct", 3.5),
    Rarity("whaley_volume_5_pct", 3.5),
)


def matched_thresholds(strengths: pl.DataFrame, subject: str) -> pl.DataFrame:
    """What each strength exceeded as seldom as the published threshold was, before the session.

    The level that the highest value of a calendar fortnight exceeds once in a Rarity's years: a
    quantile of the fortnights that were over before the session's own began. Null until there
    are as many as that: before, nothing so seldom can be told from the record. A fortnight is two
    weeks from a Monday, whatever sessions it has, so that no later session moves its ends.

    Args:
        strengths: subject, session_date and the strengths of RARITIES; any row order.
        subject: column that says whose they are.

    Returns:
        subject, session_date, one column `<strength>_threshold` each; a row each of `strengths`.

    Source: return levels of block maxima (Coles 2001, An Introduction to Statistical Modeling of
    Extreme Values, chapter 3), by the empirical quantile.
    """
    fortnight = pl.col("session_date").dt.truncate("2w").alias("fortnight")
    highest = (
        strengths.group_by(subject, fortnight)
        .agg(pl.col(one.strength).max() for one in RARITIES)
        .sort(subject, "fortnight")
    )
    levels = highest.select(
        subject,
        "fortnight",
        *[
            _return_level(pl.col(one.strength), one.years * FORTNIGHTS_A_YEAR)
            .over(subject)
            .alias(one.threshold)
            for one in RARITIES
        ],
    )
    return (
        strengths.select(subject, "session_date", fortnight)
        .join(levels, on=[subject, "fortnight"], how="left")
        .drop("fortnight")
    )


def _return_level(highest: pl.Expr, blocks: float) -> pl.Expr:
    """What the highest values of the blocks before exceed once in `blocks`; null until as many."""
    least = int(blocks) + 1
    level = highest.rolling_quantile(
        1 - 1 / blocks, interpolation="linear", window_size=2**31 - 1, min_samples=least
    )
    return level.forward_fill().shift(1)


def _threshold(name: str, unit: str, strength: str) -> Declaration:
    one = next(rarity for rarity in RARITIES if rarity.strength == strength)
    return metric(
        MATCHED,
        name=name,
        unit=unit,
        warmup=int(one.years * 250),
        source=f"Exceeded once in {one.years:g} years before the session, by fortnights",
        needs=(one.threshold,),
    )


def _matched(name: str, strength: str) -> Declaration:
    one = next(rarity for rarity in RARITIES if rarity.strength == strength)
    return metric(
        MATCHED,
        name=name,
        unit="true or false",
        warmup=int(one.years * 250),
        kind="flag",
        source=f"Above {one.threshold}, for the first time in 10 sessions",
        needs=(strength, one.threshold),
    )


@_threshold("Rare rise of the Zweig ratio", "percentage points", "zweig_rise_10_points")
def zweig_rise_10_points_threshold() -> pl.Expr:
    """Rise of the Zweig ratio that was as rare here as Zweig's thrusts in New York."""
    return pl.col("zweig_rise_10_points_threshold")


@_matched("Zweig thrust, matched for rarity", "zweig_rise_10_points")
def is_zweig_thrust_matched() -> pl.Expr:
    """Rise of the Zweig ratio beyond its own rare one."""
    return _beyond("zweig_rise_10_points")


@_threshold("Rare Deemer ratio", "ratio", "deemer_ratio_10")
def deemer_ratio_10_threshold() -> pl.Expr:
    """Deemer ratio that was as rare here as 1.97 in New York."""
    return pl.col("deemer_ratio_10_threshold")


@_matched("Deemer thrust, matched for rarity", "deemer_ratio_10")
def is_deemer_thrust_matched() -> pl.Expr:
    """Deemer ratio beyond its own rare one."""
    return _beyond("deemer_ratio_10")


@_threshold("Rare Whaley advances", "percent", "whaley_advances_5_pct")
def whaley_advances_5_pct_threshold() -> pl.Expr:
    """Five-session advances that were rare here; the frequency is taken from Deemer's."""
    return pl.col("whaley_advances_5_pct_threshold")


@_matched("Whaley advance thrust, matched for rarity", "whaley_advances_5_pct")
def is_whaley_advance_thrust_matched() -> pl.Expr:
    """Five-session advances beyond their own rare ones."""
    return _beyond("whaley_advances_5_pct")


@_threshold("Rare Whaley up-volume", "percent", "whaley_volume_5_pct")
def whaley_volume_5_pct_threshold() -> pl.Expr:
    """Five-session up-volume that was rare here; the frequency is taken from Deemer's."""
    return pl.col("whaley_volume_5_pct_threshold")


@_matched("Whaley volume thrust, matched for rarity", "whaley_volume_5_pct")
def is_whaley_volume_thrust_matched() -> pl.Expr:
    """Five-session up-volume beyond its own rare one."""
    return _beyond("whaley_volume_5_pct")


def _beyond(strength: str) -> pl.Expr:
    return first_in_window(pl.col(strength) > pl.col(f"{strength}_threshold"))
