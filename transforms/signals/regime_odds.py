"""The odds that a rebound is confirmed before its low gives way: from the past, and by chance."""

from __future__ import annotations

import polars as pl

from transforms.signals.regime_rules import CONFIDENCE, RISEN


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
    return ((rise_pct / 100).log1p() / risen).clip(0, 1)
