"""Writers against bytes written by hand; figures are invented."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest

from flows.demo.formats.market import (
    INDEX_CLOSE_HEADER,
    fii_dii_json,
    flow_history_csv,
    holiday_master_json,
    index_close_csv,
    index_history_json,
)

BARS = pl.DataFrame(
    {
        "session_date": [date(2025, 3, 26)] * 2,
        "index_name": ["Nifty Invented", "India VIX"],
        "open": [100.5, None],
        "high": [101.0, None],
        "low": [99.25, None],
        "close": [100.0, 13.0475],
        "points_change": [-0.5, None],
        "change_pct": [-0.5, None],
        "volume_shares": [1200, None],
        "turnover_crore": [0.05, None],
        "price_to_earnings": [20.0, None],
        "price_to_book": [3.1, None],
        "dividend_yield_pct": [1.25, None],
    }
)
FLOWS = pl.DataFrame(
    [
        (date(2026, 2, 5), "DII", 900.0, 1000.5, -100.5, "first"),
        (date(2026, 2, 5), "FII", 1500.25, 1400.0, 100.25, "first"),
        (date(2026, 2, 5), "FII", 1500.25, 1300.0, 200.25, "restated"),
    ],
    schema=["session_date", "participant", "buy_crore", "sell_crore", "net_crore", "stage"],
    orient="row",
)


@pytest.mark.parametrize(
    ("leading_zero", "changes"), [(True, "-0.5,-0.5,1200,0.05"), (False, "-.5,-.5,1200,.05")]
)
def test_index_close(leading_zero: bool, changes: str) -> None:
    assert index_close_csv(BARS, leading_zero=leading_zero).decode() == (
        f"{INDEX_CLOSE_HEADER}\n"
        f"Nifty Invented,26-03-2025,100.5,101,99.25,100,{changes},20,3.1,1.25\n"
        "India VIX,26-03-2025,-,-,-,13.0475,-,-,-,-,-,-,-\n"
    )


def test_an_index_file_holds_one_session() -> None:
    other = BARS.with_columns(session_date=date(2025, 3, 27))
    with pytest.raises(ValueError, match="one session; got 2"):
        index_close_csv(pl.concat([BARS, other]))


def test_flow_answer() -> None:
    assert fii_dii_json(FLOWS.filter(stage="first")) == (
        b'[{"category":"DII","date":"05-Feb-2026","buyValue":"900","sellValue":"1000.5",'
        b'"netValue":"-100.5"},{"category":"FII/FPI","date":"05-Feb-2026","buyValue":"1500.25",'
        b'"sellValue":"1400","netValue":"100.25"}]'
    )


def test_flow_history_keeps_the_restated_figure() -> None:
    assert flow_history_csv(FLOWS).decode().splitlines() == [
        "date,participant,scope,unit,buy,sell,net",
        "2026-02-05,DII,NSE+BSE+MSEI,crore,900.00,1000.50,-100.50",
        "2026-02-05,FII,NSE+BSE+MSEI,crore,1500.25,1300.00,200.25",
    ]


def test_holidays_are_numbered_in_order() -> None:
    days = {date(2026, 3, 3): "Holi", date(2026, 1, 26): "Republic Day"}
    answer = json.loads(holiday_master_json({"FO": {}, "CM": days}))
    assert list(answer) == ["CM", "FO"]
    assert answer["FO"] == []
    assert answer["CM"][0] == {
        "tradingDate": "26-Jan-2026",
        "weekDay": "Monday",
        "description": "Republic Day",
        "Sr_no": 1,
    }
    assert answer["CM"][1]["Sr_no"] == 2


def test_price_history_is_newest_first_and_text() -> None:
    history = pl.DataFrame(
        {
            "session_date": [date(2022, 12, 7), date(2022, 12, 8)],
            "open": [1.0, None],
            "high": [2.5, None],
            "low": [0.75, None],
            "close": [2.0, 3.0],
        }
    )
    answer = json.loads(index_history_json(history, index_name="Nifty Invented", layout="price"))
    rows = json.loads(answer["d"])
    assert [row["HistoricalDate"] for row in rows] == ["08 Dec 2022", "07 Dec 2022"]
    assert [rows[0][k] for k in ("OPEN", "HIGH", "LOW", "CLOSE")] == ["-", "-", "-", "3.00"]
    assert [rows[1][k] for k in ("OPEN", "HIGH", "LOW", "CLOSE")] == [
        "1.00",
        "2.50",
        "0.75",
        "2.00",
    ]
