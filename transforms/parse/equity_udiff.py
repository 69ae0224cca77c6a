"""`BhavCopy_NSE_CM_…`: the exchange's unified file of a session, zipped or as the CSV inside."""

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
    "TradDt": "session_date",
    "BizDt": None,
    "Sgmt": None,
    "Src": None,
    "FinInstrmTp": None,
    "FinInstrmId": None,
    "ISIN": "isin",
    "TckrSymb": "symbol",
    "SctySrs": "series",
    "XpryDt": None,
    "FininstrmActlXpryDt": None,
    "StrkPric": None,
    "OptnTp": None,
    "FinInstrmNm": "security_name",
    "OpnPric": "open",
    "HghPric": "high",
    "LwPric": "low",
    "ClsPric": "close",
    "LastPric": "last",
    "PrvsClsgPric": "previous_close",
    "UndrlygPric": None,
    "SttlmPric": None,  # for debt not the close
    "OpnIntrst": None,
    "ChngInOpnIntrst": None,
    "TtlTradgVol": "volume_shares",
    "TtlTrfVal": "turnover_inr",
    "TtlNbOfTxsExctd": "trades",
    "SsnId": None,
    "NewBrdLotQty": None,
    "Rmks": None,
    "Rsvd1": None,
    "Rsvd2": None,
    "Rsvd3": None,
    "Rsvd4": None,
}
PRICES = ("open", "high", "low", "close", "last", "previous_close")
FORM = Form(
    title="a unified bhavcopy of the cash market",
    header=tuple(COLUMNS),
    names=tuple(COLUMNS.values()),
    cells={
        "session_date": day("session_date", "%Y-%m-%d"),
        **{name: blank_as_null(name) for name in ("isin", "symbol", "series", "security_name")},
        **{name: price(name) for name in PRICES},
        "volume_shares": count("volume_shares"),
        "turnover_inr": rupees("turnover_inr"),
        "trades": count("trades"),
    },
    native={
        **{name: pl.String() for name in ("isin", "symbol", "series", "security_name")},
        **dict.fromkeys(PRICES, PRICE),
        "volume_shares": pl.Int64(),
        "turnover_inr": RUPEES,
        "trades": pl.Int64(),
    },
    zero_is_blank=("open", "high", "low", "last", "previous_close"),
    always={"Sgmt": "CM", "Src": "NSE"},
    mark=(len("2026-02-11,2026-02-11"), b",CM,NSE,"),
)
LAYOUT = Layout(
    id="equity_udiff",
    table=EquityBar,
    recognise=recogniser_of(FORM),
    read=reader_of(FORM),
    read_many=many_reader_of(FORM),
    typed={
        **{name: pl.col(name) for name in FORM.cells},
        "source_id": pl.lit("nse_equity_bhavcopy"),
        "average_price": pl.lit(None, PRICE),
        "delivery_shares": pl.lit(None, pl.Int64),
    },
    is_verified=True,
)
