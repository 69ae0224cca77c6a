"""How far a quarter's profit is from what its own seasons led to expect."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from transforms.indicators import ratio

LEAST_DIFFERENCES = 8
MOST_DIFFERENCES = 20


def past_differences(earlier: Sequence[pl.Expr]) -> pl.Expr:
    """The seasonal differences of the quarters before, as one list without those missing."""
    return pl.concat_list(earlier).list.drop_nulls()


def surprise(current: pl.Expr, past: pl.Expr) -> pl.Expr:
    """Standardised unexpected earnings: (difference - drift) / sd, the current one in neither.

    Shape:   `current` the seasonal difference Q[t] - Q[t-4], `past` a list of those before it;
             one row a company and quarter.
    Warm-up: null with fewer than 8 past differences, or where they do not vary.
    Source:  Foster (1977), Bernard and Thomas (1989); sd with ddof 1.
    """
    is_warm = past.list.len() >= LEAST_DIFFERENCES
    varies = past.list.n_unique() > 1
    return pl.when(is_warm & varies).then(ratio(current - past.list.mean(), past.list.std(ddof=1)))
