"""What an Indian ISIN names."""

from __future__ import annotations

import polars as pl

ISIN_PATTERN = r"^IN[0-9A-Z][0-9A-Z]{8}[0-9]$"
ORDINARY_PATTERN = r"^INE[0-9A-Z]{4}01[0-9A-Z]{2}[0-9]$"
# Partly paid shares and those of differing votes (IN9), units of InvITs (23) and REITs (25).
_SAME_TYPE_PATTERN = r"^IN9[0-9A-Z]{4}01|^INE[0-9A-Z]{4}2[35]"


def security_key(isin: str = "isin") -> pl.Expr:
    """What an ISIN names for good: the issuer of ordinary shares (INE326B), else the ISIN itself.

    A split changes the ISIN behind its issuer. Null of what is no Indian ISIN.
    """
    code = pl.col(isin)
    return (
        pl.when(~code.str.contains(ISIN_PATTERN))
        .then(pl.lit(None, dtype=pl.String))
        .when(code.str.contains(ORDINARY_PATTERN))
        .then(code.str.head(7))
        .otherwise(code)
    )


def lineage(isin: str = "isin") -> pl.Expr:
    """What ISINs that follow one another have in common if they are of one security.

    A fund's next ISIN may be another house's, a trust's or a partly paid share's has the same
    issuer and type, an ordinary share's the same issuer; any other is the security's own.
    """
    code = pl.col(isin)
    return (
        pl.when(code.str.starts_with("INF") & code.str.contains(ISIN_PATTERN))
        .then(pl.lit("INF"))
        .when(code.str.contains(_SAME_TYPE_PATTERN))
        .then(code.str.head(9))
        .otherwise(security_key(isin))
    )
