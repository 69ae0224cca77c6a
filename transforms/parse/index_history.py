"""Index history of NSE Indices: price and total return, as its API answers or republished as CSV.

The API wraps a JSON document in the string `d` (older) or answers the list itself. A CSV of one
index carries no name inside: the file's name says which index it is. Early rows have a close only;
their other levels are `-`, empty or 0.0, all of which mean "not published".
"""

from __future__ import annotations

from typing import Any

import polars as pl

from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.text import (
    blank_as_null,
    csv_frame,
    header_of,
    json_value,
    number,
    zero_as_blank,
)
from warehouse.tables import IndexBar

PRICE_CSV_HEADERS: dict[tuple[str, ...], tuple[str | None, ...]] = {
    ("Date", "Open", "High", "Low", "Close", "Volume", "Turnover", "P/E", "P/B", "Div Yield"): (
        "session_date",
        "open",
        "high",
        "low",
        "close",
        "volume_shares",
        "turnover_inr",
        "price_to_earnings",
        "price_to_book",
        "dividend_yield_pct",
    ),
    ("Date", "Open", "High", "Low", "Close", "P/E", "P/B", "Div Yield %"): (
        "session_date",
        "open",
        "high",
        "low",
        "close",
        "price_to_earnings",
        "price_to_book",
        "dividend_yield_pct",
    ),
    ("Date", "Open", "High", "Low", "Close", "Previous", "Change", "%Change"): (
        "session_date",
        "open",
        "high",
        "low",
        "close",
        None,
        "points_change",
        None,
    ),
}
OPTIONAL = (
    "open",
    "high",
    "low",
    "points_change",
    "volume_shares",
    "turnover_inr",
    "price_to_earnings",
    "price_to_book",
    "dividend_yield_pct",
)


def _filled(frame: pl.DataFrame) -> pl.DataFrame:
    absent = [pl.lit("").alias(name) for name in OPTIONAL if name not in frame.columns]
    return (
        frame.with_columns(absent)
        .with_columns(zero_as_blank("open", "high", "low"))
        .select("row_number", "session_date", "index_name", "return_variant", "close", *OPTIONAL)
    )


def _read_price_csv(payload: Payload) -> pl.DataFrame:
    header = tuple(header_of(payload))
    names = PRICE_CSV_HEADERS.get(header)
    if names is None:
        raise NotThisLayout("an index history CSV", f"columns {list(header)}", changed=True)
    frame = csv_frame(payload, "an index history CSV", header, names)
    stem = payload.name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    title = payload.stated.get("index_name") or stem.replace("_", " ").strip()
    return _filled(frame.with_columns(index_name=pl.lit(title), return_variant=pl.lit("price")))


def _rows(payload: Payload) -> list[dict[str, Any]]:
    expected = "index history as JSON"
    document = json_value(payload, expected)
    if isinstance(document, dict) and isinstance(document.get("d"), str):
        document = json_value(Payload(document["d"].encode()), f"{expected} in the string `d`")
    if not isinstance(document, list) or not all(isinstance(row, dict) for row in document):
        raise NotThisLayout(expected, f"a JSON {type(document).__name__}")
    if not document:
        raise NotThisLayout(f"{expected} with rows", "an empty list: the index name is unknown")
    return document


def _column(rows: list[dict[str, Any]], name: str) -> list[str]:
    if any(name not in row for row in rows):
        raise NotThisLayout(
            f"`{name}` in every row of index history",
            f"rows of {sorted(rows[0])}",
            changed=True,
        )
    return ["" if row[name] is None else str(row[name]) for row in rows]


def _read_total_return(payload: Payload) -> pl.DataFrame:
    rows = _rows(payload)
    frame = pl.DataFrame(
        {
            "row_number": range(1, len(rows) + 1),
            "session_date": _column(rows, "Date"),
            "index_name": _column(rows, "Index Name"),
            "total_return": _column(rows, "TotalReturnsIndex"),
            "net_total_return": _column(rows, "NTR_Value"),
        },
        schema_overrides={"row_number": pl.Int64},
    )
    return _filled(
        frame.unpivot(
            ["total_return", "net_total_return"],
            index=["row_number", "session_date", "index_name"],
            variable_name="return_variant",
            value_name="close",
        ).filter(
            # Most indices have no net variant: the publisher writes a dash in every row.
            (pl.col("return_variant") == "total_return") | ~pl.col("close").is_in(["-", ""])
        )
    )


def _read_price_json(payload: Payload) -> pl.DataFrame:
    rows = _rows(payload)
    named = "Index Name" if "Index Name" in rows[0] else "INDEX_NAME"
    names = (
        _column(rows, named)
        if named in rows[0]
        else [payload.stated.get("index_name", "")] * len(rows)
    )
    return _filled(
        pl.DataFrame(
            {
                "row_number": range(1, len(rows) + 1),
                "session_date": _column(rows, "HistoricalDate"),
                "index_name": names,
                "return_variant": ["price"] * len(rows),
                "open": _column(rows, "OPEN"),
                "high": _column(rows, "HIGH"),
                "low": _column(rows, "LOW"),
                "close": _column(rows, "CLOSE"),
            },
            schema_overrides={"row_number": pl.Int64},
        )
    )


def _has(payload: Payload, *words: bytes) -> bool:
    head = payload.body[:600]
    return all(word in head for word in words)


def _typed(source_id: str) -> dict[str, pl.Expr]:
    day = blank_as_null("session_date")
    return {
        "session_date": pl.coalesce(
            day.str.to_date("%Y-%m-%d", strict=False), day.str.to_date("%d %b %Y", strict=False)
        ),
        "index_name": blank_as_null("index_name"),
        "return_variant": pl.col("return_variant"),
        "source_id": pl.lit(source_id),
        **{name: number(name) for name in ("open", "high", "low", "close")},
        "points_change": number("points_change"),
        "change_pct": pl.lit(None, pl.Decimal(18, 4)),
        "volume_shares": number("volume_shares", scale=0).cast(pl.Int64, strict=False),
        "turnover_inr": number("turnover_inr", precision=24, scale=2),
        **{n: number(n) for n in ("price_to_earnings", "price_to_book", "dividend_yield_pct")},
    }


PRICE_CSV = Layout(
    id="index_history_csv",
    table=IndexBar,
    recognise=lambda payload: tuple(header_of(payload)) in PRICE_CSV_HEADERS,
    read=_read_price_csv,
    typed=_typed("niftyindices_price"),
    is_verified=True,
)
PRICE_JSON = Layout(
    id="index_history_json",
    table=IndexBar,
    recognise=lambda payload: _has(payload, b"HistoricalDate"),
    read=_read_price_json,
    typed=_typed("niftyindices_price"),
    is_verified=False,
)
TOTAL_RETURN_JSON = Layout(
    id="total_return_json",
    table=IndexBar,
    recognise=lambda payload: _has(payload, b"TotalReturnsIndex"),
    read=_read_total_return,
    typed=_typed("niftyindices_total_return"),
    is_verified=True,
)
