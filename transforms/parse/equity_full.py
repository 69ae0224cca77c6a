"""`sec_bhavdata_full_DDMMYYYY.csv`: bars and deliveries of a session; it names no ISIN.

Blanks stand before cells in the publisher's own bytes; copies have lost part of them. A dash says
that there is no figure of deliveries: for good in series settled trade for trade, for an evening
in series EQ.
"""

from __future__ import annotations

import polars as pl

from transforms.parse.equity_rows import (
    PRICE,
    Form,
    count,
    day,
    many_reader_of,
    price,
    reader_of,
    recogniser_of,
    rupees,
)
from transforms.parse.layout import Layout
from transforms.parse.screen import UNREAD
from transforms.parse.text import blank_as_null
from warehouse.tables import EquityBar

LAKH = 100_000
COLUMNS: dict[str, str | None] = {
    "SYMBOL": "symbol",
    "SERIES": "series",
    "DATE1": "session_date",
    "PREV_CLOSE": "previous_close",
    "OPEN_PRICE": "open",
    "HIGH_PRICE": "high",
    "LOW_PRICE": "low",
    "LAST_PRICE": "last",
    "CLOSE_PRICE": "close",
    "AVG_PRICE": "average_price",
    "TTL_TRD_QNTY": "volume_shares",
    "TURNOVER_LACS": "turnover_inr",
    "NO_OF_TRADES": "trades",
    "DELIV_QTY": "delivery_shares",
    "DELIV_PER": None,
}
PRICES = ("previous_close", "open", "high", "low", "last", "close", "average_price")
COUNTS = ("volume_shares", "trades", "delivery_shares")
FORM = Form(
    title="a bhavcopy with deliveries",
    header=tuple(COLUMNS),
    names=tuple(COLUMNS.values()),
    cells={
        "session_date": day("session_date", "%d-%b-%Y"),
        **{name: blank_as_null(name) for name in ("symbol", "series")},
        **{name: price(name) for name in PRICES},
        **{name: count(name) for name in COUNTS},
        "turnover_inr": rupees("turnover_inr", LAKH),
    },
    native={
        **dict.fromkeys(("symbol", "series"), pl.String()),
        **dict.fromkeys(PRICES, PRICE),
        **dict.fromkeys(COUNTS, pl.Int64()),
    },
    zero_is_blank=("previous_close", "open", "high", "low", "last", "average_price"),
    dash_is_blank=("delivery_shares",),
)
LAYOUT = Layout(
    id="equity_full",
    table=EquityBar,
    recognise=recogniser_of(FORM),
    read=reader_of(FORM),
    read_many=many_reader_of(FORM),
    typed={
        **{name: pl.col(name) for name in FORM.cells},
        "source_id": pl.lit("nse_equity_full"),
        "isin": pl.lit(None, pl.String),
        "security_name": pl.lit(None, pl.String),
    },
    is_verified=True,
    pending=(pl.col("series") == "EQ")
    & (pl.col("volume_shares") > 0)
    & pl.col("delivery_shares").is_null()
    & pl.col(UNREAD).is_null(),
)
