"""Figures as reasons state them: Indian grouping, Rs crore, a sign that is a minus."""

from __future__ import annotations

import polars as pl

MINUS = "\N{MINUS SIGN}"

# Where Indian grouping puts its commas: after thousands, lakhs and crores.
_THOUSAND, _LAKH, _CRORE = 10**3, 10**5, 10**7


def number(value: pl.Expr, decimals: int = 0, *, prefix: str = "") -> pl.Expr:
    """A number in Indian grouping, 1,23,456.78; null stays null.

    Beyond a hundred crore the leading digits are not grouped. A value that rounds to nothing has
    no sign. The sign stands before `prefix`.
    """
    unit = 10**decimals
    scaled = (value.cast(pl.Float64).abs() * unit).round().cast(pl.Int64)
    whole = scaled // unit
    hundreds, thousands = _padded(whole % _THOUSAND, 3), whole // _THOUSAND
    lakhs, crores = whole // _LAKH, whole // _CRORE
    text = (
        pl.when(whole < _THOUSAND)
        .then(whole.cast(pl.String))
        .when(whole < _LAKH)
        .then(pl.format("{},{}", thousands, hundreds))
        .when(whole < _CRORE)
        .then(pl.format("{},{},{}", lakhs, _padded(thousands % 100, 2), hundreds))
        .otherwise(
            pl.format(
                "{},{},{},{}",
                crores,
                _padded(lakhs % 100, 2),
                _padded(thousands % 100, 2),
                hundreds,
            )
        )
    )
    if decimals:
        text = pl.format("{}.{}", text, _padded(scaled % unit, decimals))
    sign = pl.when((value < 0) & (scaled > 0)).then(pl.lit(MINUS)).otherwise(pl.lit(""))
    return pl.format(f"{{}}{prefix}{{}}", sign, text)


def percent(value: pl.Expr, decimals: int = 1) -> pl.Expr:
    """A percentage of 0 to 100, in Indian grouping: 22.5%."""
    return pl.format("{}%", number(value, decimals))


def rupees_crore(value: pl.Expr, decimals: int = 0) -> pl.Expr:
    """Rs crore, its sign first: Rs 44,645 crore."""
    return pl.format("{} crore", number(value, decimals, prefix="Rs "))


def _padded(part: pl.Expr, digits: int) -> pl.Expr:
    return part.cast(pl.String).str.zfill(digits)
