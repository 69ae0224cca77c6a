"""Core's flows as the series that metrics are made of: one participant, scope and stage each."""

from __future__ import annotations

import polars as pl

from transforms.metrics.flows_of_funds import one_source
from warehouse.tables.flows import CLIENT_CATEGORIES

BOTH = "FII+DII"
DEPOSITORY = "depository"
FINAL = "final"
EXCHANGE = "NSE"

_DOMESTIC_PARTS = ("bank", "financial institution", "insurance", "mutual fund", "pension fund")
_LARGEST_PART = "mutual fund"

# A category is rounded to a hundredth of a crore on each side.
_ROUNDING_CRORE = 0.01

# The page of the day is read before the archive's, which repeats it.
_DEPOSITORY_SOURCES = ("nsdl_fpi_latest", "nsdl_fpi_archive")
_MOST_DAYS_TO_REPORT = 7
"""Calendar days from a session to its report: the longest closures of the exchange are shorter."""

_ROW = pl.Schema(
    {
        "session_date": pl.Date(),
        "participant": pl.String(),
        "scope": pl.String(),
        "stage": pl.String(),
        "source_id": pl.String(),
        "is_imported": pl.Boolean(),
        "buy_crore": pl.Decimal(18, 2),
        "sell_crore": pl.Decimal(18, 2),
        "net_crore": pl.Decimal(18, 2),
        "published_at": pl.Datetime("us", "UTC"),
    }
)
_SUMMED = ("buy_crore", "sell_crore", "net_crore")


def flow_rows(
    institutional_flow: pl.DataFrame,
    category_turnover: pl.DataFrame,
    depository_flow: pl.DataFrame,
    sessions: pl.DataFrame,
) -> pl.DataFrame:
    """Rows of every series of flows; a series is one participant in one scope and stage.

    Beside core.institutional_flow as it is: scope "NSE", stage "final" from the exchange's
    categories of client; scope "depository", stage "final" from the depository's equity traded on
    exchanges, on the session it was traded; and participant "FII+DII" where both have a row.

    Args:
        institutional_flow: rows of core.institutional_flow.
        category_turnover: rows of core.category_turnover.
        depository_flow: rows of core.depository_flow.
        sessions: `session_date` of every trading session.

    Returns:
        session_date, participant, scope, stage (the key), source_id, is_imported, buy_crore,
        sell_crore, net_crore, published_at (when the last part of the row was out) and
        turnover_crore (of the whole exchange, both scopes "NSE" alone, null where not known); in
        no order.
    """
    rows = one_source(
        pl.concat(
            [
                _in_row_schema(institutional_flow),
                _category_rows(category_turnover),
                _depository_rows(depository_flow, sessions),
            ]
        )
    )
    return pl.concat([rows, _together(rows)]).join(
        _exchange_turnover(category_turnover), on=["session_date", "scope"], how="left"
    )


def _kind() -> pl.Expr:
    name = pl.col("category").str.to_lowercase().str.replace_all(r"[^a-z]+", " ")
    return name.str.strip_chars().replace_strict(
        CLIENT_CATEGORIES, default=None, return_dtype=pl.String()
    )


def _in_row_schema(rows: pl.DataFrame) -> pl.DataFrame:
    known = rows
    if "published_at" not in rows.columns:
        known = rows.with_columns(published_at=pl.lit(None))
    return known.select(list(_ROW)).cast(_ROW)


def _whole_sum(column: str) -> pl.Expr:
    """Sum of a group; null where one of it is."""
    return pl.when(pl.col(column).is_not_null().all()).then(pl.col(column).sum()).alias(column)


def _of_one_source(category_turnover: pl.DataFrame) -> pl.DataFrame:
    first = category_turnover.group_by("session_date").agg(pl.col("source_id").min())
    return category_turnover.join(first, on=["session_date", "source_id"], how="semi").with_columns(
        kind=_kind()
    )


def _category_rows(category_turnover: pl.DataFrame) -> pl.DataFrame:
    """FII and DII of the exchange's own count.

    Sessions whose sheet has no mutual funds have no DII: they were counted among others, and the
    banks alone would be another series. Where the sheet has the sum itself, it stands.
    """
    is_domestic = pl.col("kind").is_in(_DOMESTIC_PARTS)
    has_sum = (pl.col("kind") == "domestic").any().over("session_date")
    has_largest = (pl.col("kind") == _LARGEST_PART).any().over("session_date")
    participant = (
        pl.when(pl.col("kind") == "foreign")
        .then(pl.lit("FII"))
        .when((pl.col("kind") == "domestic") | (is_domestic & has_largest & ~has_sum))
        .then(pl.lit("DII"))
    )
    return _in_row_schema(
        _of_one_source(category_turnover)
        .drop_nulls("kind")
        .with_columns(participant=participant)
        .drop_nulls("participant")
        .group_by("session_date", "participant", "source_id")
        .agg(*[_whole_sum(name) for name in _SUMMED], pl.col("published_at").max())
        .with_columns(scope=pl.lit(EXCHANGE), stage=pl.lit(FINAL), is_imported=pl.lit(value=False))
    )


def _exchange_turnover(category_turnover: pl.DataFrame) -> pl.DataFrame:
    """Turnover of the whole exchange, each trade counted once: session_date, scope, turnover_crore.

    On one exchange all purchases are all sales: where the two sums of the categories differ by
    more than rounding, a category is missing and the turnover is not known.
    """
    is_total = (pl.col("kind") == "total").fill_null(value=False)
    has_total = is_total.any().over("session_date")
    return (
        _of_one_source(category_turnover)
        .filter(is_total | ~has_total)
        .group_by("session_date")
        .agg(_whole_sum("buy_crore"), _whole_sum("sell_crore"), categories=pl.len())
        .filter(
            (pl.col("buy_crore") - pl.col("sell_crore")).abs().cast(pl.Float64)
            < pl.col("categories") * _ROUNDING_CRORE + _ROUNDING_CRORE / 2
        )
        .select(
            "session_date",
            scope=pl.lit(EXCHANGE),
            turnover_crore=pl.col("buy_crore").cast(pl.Decimal(18, 2)),
        )
    )


def _depository_rows(depository_flow: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """FII's equity on exchanges, on the session traded: the one before the reporting date.

    Two reports that fall on one session (one of them is dated on no session) are added: a report
    holds what custodians confirmed since the one before it, and the depository's months are the
    sums of its reports. After the last session known only the first report counts, since those
    later may hold a session that is not known yet.
    """
    days = sessions.select(pl.col("session_date").unique().sort())
    preference = pl.col("source_id").replace_strict(
        {name: place for place, name in enumerate(_DEPOSITORY_SOURCES)},
        default=len(_DEPOSITORY_SOURCES),
        return_dtype=pl.Int64(),
    )
    reports = (
        depository_flow.filter(
            (pl.col("asset_class") == "equity") & (pl.col("route") == "stock_exchange")
        )
        .with_columns(preference=preference)
        .sort("reporting_date", "preference", "source_id")
        .unique("reporting_date", keep="first", maintain_order=True)
        .join_asof(
            days,
            left_on="reporting_date",
            right_on="session_date",
            allow_exact_matches=False,
            coalesce=False,
        )
        .drop_nulls("session_date")
    )
    wait = (pl.col("reporting_date") - pl.col("session_date")).dt.total_days()
    is_latest = pl.col("session_date") == days["session_date"].max()
    is_first = pl.col("reporting_date") == pl.col("reporting_date").min().over("session_date")
    return _in_row_schema(
        reports.filter((wait <= _MOST_DAYS_TO_REPORT) & (is_first | ~is_latest))
        .rename({"purchases_crore": "buy_crore", "sales_crore": "sell_crore"})
        .group_by("session_date")
        .agg(
            *[_whole_sum(name) for name in _SUMMED],
            pl.col("source_id").min(),
            pl.col("published_at").max(),
        )
        .with_columns(
            participant=pl.lit("FII"),
            scope=pl.lit(DEPOSITORY),
            stage=pl.lit(FINAL),
            is_imported=pl.lit(value=False),
        )
    )


def _together(rows: pl.DataFrame) -> pl.DataFrame:
    """Participant "FII+DII": the sum where both have a row of the same session, scope and stage."""
    same = ["session_date", "scope", "stage"]
    pair = rows.filter(pl.col("participant") == "FII").join(
        rows.filter(pl.col("participant") == "DII"), on=same, suffix="_dii"
    )
    return _in_row_schema(
        pair.with_columns(
            *[pl.col(name) + pl.col(f"{name}_dii") for name in _SUMMED],
            participant=pl.lit(BOTH),
            is_imported=pl.col("is_imported") | pl.col("is_imported_dii"),
            # The later of two instants is not known where one of them is not.
            published_at=pl.when(pl.col("published_at_dii").is_not_null()).then(
                pl.col("published_at").clip(lower_bound=pl.col("published_at_dii"))
            ),
        )
    )
