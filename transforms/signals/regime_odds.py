"""The odds that a rebound is confirmed before its low gives way: from the past, and by chance."""

from __future__ import annotations

from math import isnan, log1p

import polars as pl

from transforms.signals.regime_rules import CONFIDENCE, NEAR_HIGH, RISEN

_DECIMALS = 12


def wilson(successes: pl.Expr, trials: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The two ends of Wilson's 95% interval of a share; null where nothing was tried.

    Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22
    (1927).
    """
    z = CONFIDENCE.value
    tried = pl.when(trials > 0).then(trials)
    share = successes / tried
    centre = (share + z**2 / (2 * tried)) / (1 + z**2 / tried)
    spread = (share * (1 - share) / tried + z**2 / (4 * tried**2)).sqrt() * z / (1 + z**2 / tried)
    # At the ends the interval touches 0 or 1: a rounding error may not cross them.
    return (centre - spread).clip(0, 1), (centre + spread).clip(0, 1)


def driftless(rise_pct: pl.Expr) -> pl.Expr:
    """Odds that a driftless walk is RISEN above its low before it is below the low, from here.

    Source: the gambler's ruin of a logarithmic walk, ln(1 + rise) / ln(1.2), within 0 and 1.
    """
    risen = (pl.lit(RISEN.value) / 100).log1p()
    return ((rise_pct / 100).log1p() / risen).clip(0, 1).round(_DECIMALS)


def driftless_recovery(rise_pct: pl.Expr, drawdown_pct: pl.Expr) -> pl.Expr:
    """Odds that a driftless walk recovers before it is below its low: what rebounds compare with.

    A rebound is decided by a confirmation, which takes RISEN above the low, or by an advance, at
    NEAR_HIGH under the 252-session high: the nearer of the two is what the walk has to reach.

    Args:
        rise_pct: close from the low.
        drawdown_pct: close from the 252-session high.

    Source: the gambler's ruin of a logarithmic walk.
    """
    risen = (pl.lit(RISEN.value) / 100).log1p()
    rise = (rise_pct / 100).log1p()
    # From the low to the close, and on to the old high less what it may lack.
    near = rise - (drawdown_pct / 100).log1p() + (pl.lit(NEAR_HIGH.value) / 100).log1p()
    target = pl.when(near < risen).then(near).otherwise(risen)
    odds = pl.when(rise >= target).then(1.0).otherwise((rise / target).clip(0, 1))
    # Logarithms of a column differ in their last bits with its length.
    return pl.when(rise_pct.is_not_null() & drawdown_pct.is_not_null()).then(odds.round(_DECIMALS))


def recovery_odds(rise_pct: float, drawdown_pct: float) -> float:
    """`driftless_recovery` of one session; where no drawdown is known, of the risen fifth alone."""
    rise, target = log1p(rise_pct / 100), log1p(RISEN.value / 100)
    if not isnan(drawdown_pct):
        target = min(target, rise - log1p(drawdown_pct / 100) + log1p(NEAR_HIGH.value / 100))
    return 1.0 if rise >= target else max(0.0, rise / target)
