"""One id for one company, through changes of its symbol and of its ISIN.

Symbols and ISINs that were ever seen together belong to one company, and so do all shares of one
issuer: characters 4 to 7 of an Indian company's ISIN name the issuer, and a split changes only
those after them. An id is the issuer first seen ("INE326B"), or the symbol first seen where no
ISIN ever was: what is seen later does not change it, but for the first ISIN of such a company.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

ZONE = "Asia/Kolkata"

SIGHTING_COLUMNS = ["symbol", "isin", "company_name", "industry", "seen_on"]
COMPANY_COLUMNS = [
    "company_id",
    "symbol",
    "isin",
    "first_seen",
    "last_seen",
    "company_symbol",
    "company_title",
    "industry",
]


def companies(filings: pl.DataFrame, results: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Every symbol and ISIN that was seen together, with the company it means.

    Args:
        filings: rows of core.filing.
        results: rows of core.quarterly_result.
        members: rows of core.index_member.

    Returns:
        A row for each symbol and ISIN (either may be null): company_id, symbol, isin,
        first_seen, last_seen (dates in Asia/Kolkata), and of the company as last seen
        company_symbol, company_title and industry (null where no list had it); sorted by
        company, then first seen. Independent of row order.
    """
    seen = _sightings(filings, results, members)
    component_of = _components(_links(seen, filings, results))
    placed = seen.with_columns(
        component=pl.coalesce(_issuer_node(), _symbol_node()).replace_strict(
            component_of, default=None, return_dtype=pl.Int64
        )
    )
    by_age = ["seen_on", "isin", "symbol", "company_name", "industry"]
    oldest = placed.sort(by_age, nulls_last=True)
    ids = oldest.group_by("component").agg(
        company_id=pl.coalesce(
            issuer("isin").drop_nulls().first(), pl.col("symbol").drop_nulls().first()
        ),
        company_symbol=pl.col("symbol").drop_nulls().last(),
        company_title=pl.col("company_name").drop_nulls().last(),
        industry=pl.col("industry").drop_nulls().last(),
    )
    pairs = placed.group_by("component", "symbol", "isin").agg(
        first_seen=pl.col("seen_on").min(), last_seen=pl.col("seen_on").max()
    )
    return (
        pairs.join(ids, on="component")
        .select(COMPANY_COLUMNS)
        .sort("company_id", "first_seen", "symbol", "isin", nulls_last=True)
    )


def latest_names(named: pl.DataFrame) -> pl.DataFrame:
    """One row a company: company_id, symbol, isin (as last seen), company_title, industry, span.

    Args:
        named: what `companies` returns.
    """
    return (
        named.sort("last_seen", "first_seen", "isin", nulls_last=False)
        .group_by("company_id")
        .agg(
            symbol=pl.col("company_symbol").first(),
            isin=pl.col("isin").drop_nulls().last(),
            company_title=pl.coalesce(
                pl.col("company_title").first(), pl.col("company_symbol").first(), "company_id"
            ).first(),
            industry=pl.col("industry").first(),
            first_seen=pl.col("first_seen").min(),
            last_seen=pl.col("last_seen").max(),
        )
        .sort("company_id")
    )


def with_company(rows: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Rows that have `symbol` and `isin`, with `company_id`: by the ISIN's issuer, else by symbol.

    Null where neither is known. Row order is kept.
    """
    by_issuer = named.select("company_id", _issuer=issuer("isin")).drop_nulls().unique("_issuer")
    by_symbol = named.select("symbol", _of_symbol="company_id").drop_nulls().unique("symbol")
    return (
        rows.with_columns(_issuer=issuer("isin"))
        .join(by_issuer, on="_issuer", how="left", maintain_order="left")
        .join(by_symbol, on="symbol", how="left", maintain_order="left")
        .with_columns(company_id=pl.coalesce("company_id", "_of_symbol"))
        .drop("_issuer", "_of_symbol")
    )


def issuer(column: str) -> pl.Expr:
    """The issuer of an ISIN: "INE326B" of INE326B01027; another ISIN whole; null of no ISIN.

    IN9 begins the ISIN of partly paid shares of the same issuer.
    """
    isin = pl.col(column)
    return (
        pl.when(isin.str.contains(r"^IN[E9][0-9A-Z]{4}[0-9A-Z]{5}$"))
        .then(pl.concat_str(pl.lit("INE"), isin.str.slice(3, 4)))
        .when(isin.str.contains(r"^[A-Z]{2}[0-9A-Z]{9}[0-9]$"))
        .then(isin)
    )


def _sightings(filings: pl.DataFrame, results: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Each time a symbol, an ISIN or both were published, SIGHTING_COLUMNS."""
    broadcast_on = pl.col("broadcast_at").dt.convert_time_zone(ZONE).dt.date()
    nothing = pl.lit(None, dtype=pl.String)
    listed = filings.select(
        "symbol", "isin", "company_name", industry=nothing, seen_on=broadcast_on
    )
    stated = results.join(_listed_documents(filings), on="document", how="left").select(
        symbol=pl.coalesce("symbol", "listed_symbol"),
        isin=pl.coalesce("isin", "listed_isin"),
        company_name=nothing,
        industry=nothing,
        seen_on=pl.coalesce(
            broadcast_on, pl.col("published_at").dt.convert_time_zone(ZONE).dt.date()
        ),
    )
    return (
        pl.concat([listed, stated, members.select(SIGHTING_COLUMNS)], how="vertical_relaxed")
        .with_columns(
            # What is no ISIN ("-", "NA") is none.
            isin=pl.when(issuer("isin").is_not_null()).then("isin"),
            industry=pl.when(pl.col("industry") != "").then("industry"),
        )
        .filter(pl.col("isin").is_not_null() | pl.col("symbol").is_not_null())
    )


def _listed_documents(filings: pl.DataFrame) -> pl.DataFrame:
    return (
        filings.drop_nulls("document")
        .sort("broadcast_at", "source_id", "filing_id")
        .unique("document", keep="first", maintain_order=True)
        .select("document", "broadcast_at", listed_symbol="symbol", listed_isin="isin")
    )


def _issuer_node() -> pl.Expr:
    return pl.format("isin {}", issuer("isin"))


def _symbol_node(column: str = "symbol") -> pl.Expr:
    return pl.format("symbol {}", pl.col(column))


def _links(seen: pl.DataFrame, filings: pl.DataFrame, results: pl.DataFrame) -> pl.DataFrame:
    """Pairs of names that mean one company; a name seen alone is paired with itself."""
    together = seen.select(
        one=pl.coalesce(_issuer_node(), _symbol_node()),
        other=pl.coalesce(_symbol_node(), _issuer_node()),
    )
    # The list tells today's symbol, the document that of the day it was filed.
    renamed = (
        results.join(_listed_documents(filings), on="document")
        .select(one=_symbol_node(), other=_symbol_node("listed_symbol"))
        .drop_nulls()
    )
    return pl.concat([together, renamed]).unique().sort("one", "other")


def _components(links: pl.DataFrame) -> dict[str, int]:
    """The number of the connected component each name is in."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        above = parent.setdefault(name, name)
        while above != parent[above]:
            parent[above] = parent[parent[above]]
            above = parent[above]
        parent[name] = above
        return above

    pairs: Iterable[tuple[str, str]] = links.iter_rows()
    for one, other in pairs:
        parent[root(one)] = root(other)
    roots = {name: root(name) for name in parent}
    numbers = {name: number for number, name in enumerate(sorted(set(roots.values())))}
    return {name: numbers[top] for name, top in roots.items()}
