"""One bar of an invented security and session out of several products, series and files."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from transforms.share_bars import BAR_SCHEMA, one_bar

DAY = date(2025, 3, 3)
CLOSING, FULL = "nse_equity_bhavcopy", "nse_full_bhavcopy"
MONEY = pl.Decimal(18, 4)
BARS = {
    "instrument_id": pl.String(),
    "kind": pl.String(),
    "session_date": pl.Date(),
    "symbol": pl.String(),
    "series": pl.String(),
    "source_id": pl.String(),
    "open": MONEY,
    "high": MONEY,
    "low": MONEY,
    "close": MONEY,
    "previous_close": MONEY,
    "volume_shares": pl.Int64(),
    "turnover_inr": pl.Decimal(24, 2),
    "trades": pl.Int64(),
    "delivery_shares": pl.Int64(),
}
KEY = {name: BARS[name] for name in ("session_date", "symbol", "series")}
DELIVERIES = {**KEY, "source_id": pl.String(), "delivery_shares": pl.Int64()}
CAPS = {**KEY, "market_cap_inr": pl.Decimal(24, 2)}


def row(**given: Any) -> dict[str, Any]:
    base = {
        "instrument_id": "INE000A",
        "kind": "share",
        "session_date": DAY,
        "symbol": "ALPHA",
        "series": "EQ",
        "source_id": CLOSING,
        "open": Decimal("10.05"),
        "high": Decimal(11),
        "low": Decimal(10),
        "close": Decimal("10.5"),
        "previous_close": Decimal(10),
        "volume_shares": 1000,
        "turnover_inr": Decimal(10500),
        "trades": 12,
        "delivery_shares": None,
    }
    return base | given


def bars(
    *rows: dict[str, Any],
    delivered: tuple[dict[str, Any], ...] = (),
    worth: tuple[dict[str, Any], ...] = (),
) -> list[dict[str, Any]]:
    def made(order: int) -> pl.DataFrame:
        return one_bar(
            pl.DataFrame(rows[::order], schema=BARS),
            pl.DataFrame(delivered[::order], schema=DELIVERIES),
            pl.DataFrame(worth[::order], schema=CAPS),
        )

    found = made(1)
    assert found.schema == pl.Schema(BAR_SCHEMA)
    assert found.equals(made(-1)), "row order decides nothing"
    return found.to_dicts()


def test_the_closing_file_stands_and_the_other_fills_what_it_leaves_out() -> None:
    (bar,) = bars(
        row(previous_close=None),
        row(source_id=FULL, close=Decimal("10.45"), volume_shares=999, delivery_shares=400),
    )
    assert (bar["close"], bar["volume_shares"]) == (10.5, 1000)
    assert (bar["previous_close"], bar["delivery_shares"]) == (10.0, 400)


def test_open_high_and_low_go_together() -> None:
    aside = {"open": None, "high": None, "low": None}
    other = {"open": Decimal(12), "high": Decimal(13), "low": Decimal(9)}
    (bar,) = bars(row(**aside), row(source_id=FULL, **other))
    assert (bar["open"], bar["high"], bar["low"], bar["close"]) == (12.0, 13.0, 9.0, 10.5)
    (kept,) = bars(row(), row(source_id=FULL, **other))
    assert (kept["open"], kept["high"], kept["low"]) == (10.05, 11.0, 10.0)
    (partly,) = bars(row(open=None), row(source_id=FULL, **other))
    assert (partly["high"], partly["low"]) == (13.0, 9.0)


def test_a_bar_that_only_one_product_has_is_kept() -> None:
    second = row(instrument_id="INE000B", symbol="BETA", source_id=FULL)
    found = bars(row(), second)
    assert [bar["instrument_id"] for bar in found] == ["INE000A", "INE000B"]


@pytest.mark.parametrize(
    ("series", "main"),
    [
        (("BE", "EQ"), "EQ"),
        (("BZ", "BE"), "BE"),
        (("T0", "EQ"), "EQ"),
        (("EQ", "BL", "IQ"), "EQ"),
        (("ST", "SM"), "SM"),
        (("E1", "X1"), "E1"),
    ],
)
def test_the_main_series_stands(series: tuple[str, ...], main: str) -> None:
    (bar,) = bars(*[row(series=name) for name in series])
    assert bar["series"] == main


def test_other_windows_on_a_security_debt_and_tests_are_no_bars() -> None:
    assert bars(row(series="T0"), row(series="BL")) == []
    assert bars(row(kind="debt", series="N2"), row(kind="test"), row(instrument_id=None)) == []


def test_of_equal_series_the_one_traded_most_stands() -> None:
    rows = [
        row(symbol="OLD", turnover_inr=Decimal(9)),
        row(symbol="NEW", turnover_inr=Decimal(90)),
        row(symbol="NONE", turnover_inr=None),
    ]
    (bar,) = bars(*rows)
    assert bar["symbol"] == "NEW"


def told(shares: int, **more: Any) -> dict[str, Any]:
    base = {"session_date": DAY, "symbol": "ALPHA", "series": "EQ", "source_id": "mto"}
    return base | {"delivery_shares": shares} | more


def test_deliveries_fill_what_bars_do_not_say_and_stay_pending_else() -> None:
    (pending,) = bars(
        row(), delivered=(told(5, series="BE"), told(6, session_date=date(2025, 3, 4)))
    )
    assert pending["delivery_shares"] is None
    (filled,) = bars(row(), delivered=(told(300),))
    assert filled["delivery_shares"] == 300
    (own,) = bars(row(delivery_shares=0), delivered=(told(300),))
    assert own["delivery_shares"] == 0


def test_what_it_is_worth_where_the_exchange_says_so() -> None:
    worth = {"session_date": DAY, "symbol": "ALPHA", "series": "EQ"}
    (bar,) = bars(row(), worth=({**worth, "market_cap_inr": Decimal("123456789.50")},))
    assert bar["market_cap_inr"] == 123456789.5
    (unknown,) = bars(row())
    assert unknown["market_cap_inr"] is None


def test_sessions_and_series_follow_one_another_in_one_history() -> None:
    days = [date(2025, 3, day) for day in (3, 4, 5)]
    rows = [
        row(session_date=day, series=name)
        for day, name in zip(days, ("EQ", "BE", "EQ"), strict=True)
    ]
    assert [(bar["session_date"], bar["series"]) for bar in bars(*rows)] == list(
        zip(days, ("EQ", "BE", "EQ"), strict=True)
    )
    assert bars() == []
