"""`ind_close_all_DDMMYYYY.csv`: every index of the day, as the exchange's archive serves it."""

from __future__ import annotations

import polars as pl

from transforms.parse.layout import Layout, Payload
from transforms.parse.text import blank_as_null, csv_frame, header_of, number, zero_as_blank
from warehouse.tables import IndexBar

HEADER = (
    "Index Name",
    "Index Date",
    "Open Index Value",
    "High Index Value",
    "Low Index Value",
    "Closing Index Value",
    "Points Change",
    "Change(%)",
    "Volume",
    "Turnover (Rs. Cr.)",
    "P/E",
    "P/B",
    "Div Yield",
)
NAMES = (
    "index_name",
    "session_date",
    "open",
    "high",
    "low",
    "close",
    "points_change",
    "change_pct",
    "volume_shares",
    "turnover_inr",
    "price_to_earnings",
    "price_to_book",
    "dividend_yield_pct",
)
CRORE = 10_000_000


def _read(payload: Payload) -> pl.DataFrame:
    frame = csv_frame(payload, "an index closes file", HEADER, NAMES)
    return frame.with_columns(zero_as_blank("open", "high", "low"))


def _recognise(payload: Payload) -> bool:
    return header_of(payload) == list(HEADER)


LAYOUT = Layout(
    id="index_close",
    table=IndexBar,
    recognise=_recognise,
    read=_read,
    typed={
        "session_date": blank_as_null("session_date").str.to_date("%d-%m-%Y", strict=False),
        "index_name": blank_as_null("index_name"),
        "return_variant": pl.lit("price"),
        "source_id": pl.lit("nse_index_close"),
        **{name: number(name) for name in ("open", "high", "low", "close")},
        "points_change": number("points_change"),
        "change_pct": number("change_pct"),
        "volume_shares": number("volume_shares", scale=0).cast(pl.Int64, strict=False),
        "turnover_inr": (number("turnover_inr", precision=24) * CRORE).cast(
            pl.Decimal(24, 2), strict=False
        ),
        **{n: number(n) for n in ("price_to_earnings", "price_to_book", "dividend_yield_pct")},
    },
    is_verified=True,
)
