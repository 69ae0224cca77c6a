"""Index history: the publisher's answers and the CSV files republished from them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from transforms.parse.index_history import PRICE_CSV, PRICE_JSON, TOTAL_RETURN_JSON
from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
HEAD = "Date,Open,High,Low,Close,P/E,P/B,Div Yield %"
TOTAL = {
    "Index Name": "Nifty 50",
    "Date": "11 Feb 2026",
    "TotalReturnsIndex": "37000.12",
    "NTR_Value": "-",
}
PRICE = {
    "RequestNumber": "His1",
    "Index Name": "Nifty 50",
    "INDEX_NAME": "NIFTY 50",
    "HistoricalDate": "11 Feb 2026",
    "OPEN": "25300.50",
    "HIGH": "25480.00",
    "LOW": "25290.25",
    "CLOSE": "25450.15",
}


def wrapped(*rows: dict[str, Any]) -> bytes:
    return json.dumps({"d": json.dumps(rows)}).encode()


def bare(*rows: dict[str, Any]) -> bytes:
    return json.dumps(rows).encode()


def csv(*rows: str, header: str = HEAD) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def test_price_csv_is_named_by_its_file_or_by_the_user(parse: Parse) -> None:
    bytes_ = csv("2026-02-11,1,4,0.5,3,20,3,1.5")
    for name, stated, index in (
        ("price/NIFTY SMLCAP 100.csv", {}, "NIFTY SMLCAP 100"),
        ("x\\NIFTY_50.csv", {}, "NIFTY 50"),
        ("whatever.csv", {"index_name": "Nifty 500"}, "Nifty 500"),
    ):
        row = parse(PRICE_CSV, bytes_, name=name, stated=stated).good.row(0, named=True)
        assert row["index_name"] == index
        assert (row["session_date"], row["close"]) == (date(2026, 2, 11), 3)
        assert row["dividend_yield_pct"] == Decimal("1.5")


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Date,Open,High,Low,Close,Volume,Turnover,P/E,P/B,Div Yield", "D,1,4,1,3,10,20,-,-,-"),
        ("Date,Open,High,Low,Close,Previous,Change,%Change", "D,1,4,1,3,2,1,50"),
    ],
)
def test_every_known_header(parse: Parse, header: str, row: str) -> None:
    bytes_ = csv(row.replace("D", "2026-02-11", 1), header=header)
    assert PRICE_CSV.recognise(Payload(bytes_))
    assert parse(PRICE_CSV, bytes_, name="X.csv").good["close"].to_list() == [3]


@pytest.mark.parametrize("blanks", ["-,-,-", ",,", "0.0,0,0.00"])
def test_early_rows_hold_a_close_alone(parse: Parse, blanks: str) -> None:
    row = parse(PRICE_CSV, csv(f"2005-04-01,{blanks},1000.0,,,"), name="X.csv").good.row(
        0, named=True
    )
    assert (row["open"], row["high"], row["low"], row["close"]) == (None, None, None, 1000)


def test_a_base_date_printed_twice_stands_once(parse: Parse) -> None:
    bytes_ = csv("2005-04-01,-,-,-,1000.0,,,", "2005-04-01,,,,1000.0,,,")
    screened = parse(PRICE_CSV, bytes_, name="X.csv")
    assert screened.good.height == 1
    assert screened.rejected["reason"].to_list() == ["repeats another row, or says less than it"]


def test_swapped_dates_are_refused(parse: Parse) -> None:
    screened = parse(PRICE_CSV, csv("11/02/2026,1,4,1,3,,,", "11-02-2026,1,4,1,3,,,"), name="X")
    assert screened.good.is_empty()


@pytest.mark.parametrize("shape", [wrapped, bare])
def test_price_answers_in_both_shapes(parse: Parse, shape: Callable[..., bytes]) -> None:
    row = parse(PRICE_JSON, shape(PRICE)).good.row(0, named=True)
    assert (row["index_name"], row["close"]) == ("Nifty 50", Decimal("25450.15"))
    assert row["source_id"] == "niftyindices_price"


def test_a_nameless_answer_takes_the_name_that_was_asked(parse: Parse) -> None:
    nameless = {k: v for k, v in PRICE.items() if "ndex" not in k and "INDEX" not in k}
    found = parse(PRICE_JSON, bare(nameless), stated={"index_name": "NIFTY 500"}).good
    assert found["index_name"].to_list() == ["NIFTY 500"]
    assert parse(PRICE_JSON, bare(nameless)).good.is_empty(), "a bar of no index is no bar"


def test_total_return_is_never_price(parse: Parse) -> None:
    rows = parse(TOTAL_RETURN_JSON, wrapped(TOTAL, TOTAL | {"Date": "10 Feb 2026"})).good
    assert set(rows["return_variant"]) == {"total_return"}
    assert rows["close"].to_list() == [Decimal("37000.12")] * 2


def test_a_net_variant_is_a_series_beside_it(parse: Parse) -> None:
    screened = parse(TOTAL_RETURN_JSON, wrapped(TOTAL | {"NTR_Value": "31000.5"}))
    found = dict(screened.good.select("return_variant", "close").iter_rows())
    assert found == {"total_return": Decimal("37000.12"), "net_total_return": Decimal("31000.5")}
    twice = parse(
        TOTAL_RETURN_JSON, wrapped(*[TOTAL | {"NTR_Value": net} for net in ("31000.5", "31001.5")])
    )
    assert twice.good["return_variant"].to_list() == ["total_return"]


@pytest.mark.parametrize(
    ("bytes_", "got"),
    [
        (wrapped(), "an empty list"),
        (bare(), "an empty list"),
        (b'{"d": "["}', "no JSON"),
        (b'{"d": ""}', "an empty file"),
        (b'{"d": 1}', "a JSON dict"),
        (bare(TOTAL)[:-9], "no JSON"),
        (b"[[1]]", "a JSON list"),
        (bare(TOTAL, {"Date": "10 Feb 2026"}), "rows of"),
    ],
)
def test_what_is_no_history_is_refused(bytes_: bytes, got: str) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        TOTAL_RETURN_JSON.read(Payload(bytes_))
    assert got in refusal.value.got


def test_a_renamed_field_names_itself() -> None:
    renamed = {("CLOSING" if k == "CLOSE" else k): v for k, v in PRICE.items()}
    with pytest.raises(NotThisLayout, match=r"`CLOSE` in every row.*CLOSING") as refusal:
        PRICE_JSON.read(Payload(bare(renamed)))
    assert refusal.value.changed


def test_the_layouts_are_told_apart() -> None:
    bodies = {PRICE_CSV.id: csv(), PRICE_JSON.id: bare(PRICE), TOTAL_RETURN_JSON.id: wrapped(TOTAL)}
    for layout in (PRICE_CSV, PRICE_JSON, TOTAL_RETURN_JSON):
        known = [name for name, bytes_ in bodies.items() if layout.recognise(Payload(bytes_))]
        assert known == [layout.id]
