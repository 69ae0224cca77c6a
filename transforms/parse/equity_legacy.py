"""`cmDDMONYYYYbhav.csv`: a session until July 2024, zipped or as the CSV inside.

Every line ends in a comma. Until some year it has neither ISIN nor number of trades.
"""

from __future__ import annotations

import polars as pl

from transforms.parse.equity_rows import (
    PRICE,
    RUPEES,
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
from transforms.parse.text import blank_as_null
from warehouse.tables import EquityBar

COLUMNS: dict[str, str | None] = {
    "SYMBOL": "symbol",
    "SERIES": "series",
    "OPEN": "open",
    "HIGH": "high",
    "LOW": "low",
    "CLOSE": "close",
    "LAST": "last",
    "PREVCLOSE": "previous_close",
    "TOTTRDQTY": "volume_shares",
    "TOTTRDVAL": "turnover_inr",
    "TIMESTAMP": "session_date",
}
LATER: dict[str, str | None] = {"TOTALTRADES": "trades", "ISIN": "isin"}
PHANTOM: dict[str, str | None] = {"": None}
PRICES = ("open", "high", "low", "close", "last", "previous_close")


def _form(columns: dict[str, str | None]) -> Form:
    names = [name for name in ("symbol", "series", "isin") if name in columns.values()]
    counts = [name for name in ("volume_shares", "trades") if name in columns.values()]
    return Form(
        title="a bhavcopy of shares",
        header=tuple(columns),
        names=tuple(columns.values()),
        cells={
            "session_date": day("session_date", "%d-%b-%Y"),
            **{name: blank_as_null(name) for name in names},
            **{name: price(name) for name in PRICES},
            **{name: count(name) for name in counts},
            "turnover_inr": rupees("turnover_inr"),
        },
        native={
            **{name: pl.String() for name in names},
            **dict.fromkeys(PRICES, PRICE),
            **{name: pl.Int64() for name in counts},
            "turnover_inr": RUPEES,
        },
        zero_is_blank=("open", "high", "low", "last", "previous_close"),
    )


def _layout(name: str, form: Form, *, is_verified: bool) -> Layout:
    missing = {
        "isin": pl.lit(None, pl.String),
        "security_name": pl.lit(None, pl.String),
        "average_price": pl.lit(None, PRICE),
        "trades": pl.lit(None, pl.Int64),
        "delivery_shares": pl.lit(None, pl.Int64),
    }
    return Layout(
        id=name,
        table=EquityBar,
        recognise=recogniser_of(form),
        read=reader_of(form),
        read_many=many_reader_of(form),
        typed={
            **missing,
            **{column: pl.col(column) for column in form.cells},
            "source_id": pl.lit("nse_equity_bhavcopy_legacy"),
        },
        is_verified=is_verified,
    )


LAYOUT = _layout("equity_legacy", _form(COLUMNS | LATER | PHANTOM), is_verified=True)
OLDEST = _layout("equity_legacy_oldest", _form(COLUMNS | PHANTOM), is_verified=False)
