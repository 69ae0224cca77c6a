"""Growth on a year before where bases may be nought, negative or tiny."""

from __future__ import annotations

import polars as pl

CRORE_INR = 1e7
LOW_BASE_INR = CRORE_INR
LOW_BASE_SHARE = 0.01

CLASSES = (
    "growth",
    "turnaround",
    "to_loss",
    "loss_narrowed",
    "loss_widened",
    "low_base",
)


def year_on_year_pct(now: pl.Expr, prior: pl.Expr) -> pl.Expr:
    """Change on the year before in percent; null unless the base is above and now not below 0."""
    return pl.when((prior > 0) & (now >= 0)).then(100 * (now / prior - 1))


def bounded_growth(now: pl.Expr, prior: pl.Expr) -> pl.Expr:
    """Change over the mean size of both ends: -2 to 2, whatever the signs; null of 0 and 0."""
    size = (now.abs() + prior.abs()) / 2
    return pl.when(size > 0).then((now - prior) / size)


def growth_class(now: pl.Expr, prior: pl.Expr, trailing_revenue: pl.Expr) -> pl.Expr:
    """What kind of change it is, one of CLASSES; null without both ends, and of 0 and 0.

    A base is low below Rs 1 crore or below a hundredth of the revenue of four quarters, where
    that is known. A loss of the same size counts as widened: it did not narrow. A base of
    nought turns around above it and is a way to loss below it.
    """
    is_low = (prior < LOW_BASE_INR) | (prior < LOW_BASE_SHARE * trailing_revenue).fill_null(
        value=False
    )
    return (
        pl.when(now.is_null() | prior.is_null() | ((now == 0) & (prior == 0)))
        .then(pl.lit(None, dtype=pl.String))
        .when((prior <= 0) & (now > 0))
        .then(pl.lit("turnaround"))
        .when((prior >= 0) & (now < 0))
        .then(pl.lit("to_loss"))
        .when((prior < 0) & (now > prior))
        .then(pl.lit("loss_narrowed"))
        .when(prior < 0)
        .then(pl.lit("loss_widened"))
        .when(is_low)
        .then(pl.lit("low_base"))
        .otherwise(pl.lit("growth"))
    )
