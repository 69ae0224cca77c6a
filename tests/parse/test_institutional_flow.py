"""FII and DII figures: the exchange's answer, and the CSV files people keep."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from transforms.parse.institutional_flow import API, HISTORY_CSV, NSE_API, SAVED_API
from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
DII = {
    "category": "DII",
    "date": "11-Feb-2026",
    "buyValue": "15,012.5",
    "sellValue": "14000",
    "netValue": "1012.5",
}
FII = {
    "category": "FII/FPI",
    "date": "11-Feb-2026",
    "buyValue": "9000.01",
    "sellValue": "9100.5",
    "netValue": "-100.49",
}


def answer(*rows: dict[str, Any]) -> bytes:
    return json.dumps(rows, separators=(",", ":")).encode()


def reasons(screened: Screened) -> list[str]:
    return screened.rejected.sort("row_number")["reason"].to_list()


def test_the_answer_in_crore_for_both(parse: Parse) -> None:
    rows = parse(API, answer(DII, FII)).good.sort("participant").to_dicts()
    assert [row["participant"] for row in rows] == ["DII", "FII"]
    assert {row["session_date"] for row in rows} == {date(2026, 2, 11)}
    assert rows[0]["buy_crore"] == Decimal("15012.50"), "a comma groups digits"
    assert rows[1]["net_crore"] == Decimal("-100.49")
    assert {(row["scope"], row["stage"]) for row in rows} == {("NSE+BSE+MSEI", "provisional")}


def test_labels_with_footnote_marks_are_the_same_labels(parse: Parse) -> None:
    marked = answer(DII | {"category": "DII **"}, FII | {"category": "FII/FPI *"})
    assert parse(API, marked).good.equals(parse(API, answer(DII, FII)).good)


@pytest.mark.parametrize(
    ("bytes_", "got"),
    [
        (b"", "an empty file"),
        (b"[]", "[]"),
        (b"{}", "a JSON dict"),
        (b"[1, 2]", "a JSON list"),
        (b"null", "a JSON NoneType"),
        (answer(DII, FII)[:-25], "no JSON at character"),
        (b"[" * 100_000, "cannot be read"),
        (b"[" + b"9" * 5000 + b"]", "cannot be read"),
        (b'["\\ud800"]', "cannot be read"),
        (b"<!doctype html><p>Access Denied", "a web page"),
        (answer(DII, FII).replace(b"FPI", b"F\xe9I"), "not UTF-8"),
        (answer(DII), "['DII']"),
        (answer(DII, FII | {"category": "Prop"}), "['DII', 'Prop']"),
        (answer(DII, {k: v for k, v in FII.items() if k != "netValue"}), "'sellValue'"),
        (answer(DII, FII | {"remarks": ""}), "'remarks'"),
    ],
)
def test_what_is_no_such_answer_is_refused(bytes_: bytes, got: str) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        API.read(Payload(bytes_))
    assert got in refusal.value.got


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"buyValue": "-9000.01"}, "buy_crore is out of bounds"),
        ({"netValue": "100.49"}, "net is buy less sell does not hold"),
        ({"netValue": "-"}, "net_crore is missing"),
        ({"netValue": "n/a"}, "net_crore is not readable: n/a"),
        ({"date": "11-02-2026"}, "session_date is not readable: 11-02-2026"),
        ({"netValue": "9" * 25}, "net_crore is not readable"),
        ({"netValue": None}, "net_crore is not readable: None"),
    ],
)
def test_a_figure_that_cannot_be_true_is_kept_aside(
    parse: Parse, change: dict[str, Any], reason: str
) -> None:
    screened = parse(API, answer(DII, FII | change))
    assert screened.good["participant"].to_list() == ["DII"]
    assert reason in reasons(screened)[0]


def test_rounding_of_a_paisa_is_no_fault(parse: Parse) -> None:
    assert parse(API, answer(DII, FII | {"netValue": "-100.5"})).rejected.is_empty()


def test_a_repeated_row_stands_once_and_a_contradiction_not_at_all(parse: Parse) -> None:
    screened = parse(API, answer(DII, FII, DII, FII | {"netValue": "-100.48"}))
    assert screened.good["participant"].to_list() == ["DII"]
    assert len(reasons(screened)) == 3


LONG = "date,participant,scope,unit,buy,sell,net"


def csv(header: str, *rows: str) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


@pytest.mark.parametrize(
    ("unit", "net"),
    [
        ("crore", "-100.49"),
        ("Crore", "-100.49"),
        ("cr", "-100.49"),
        ("lakh", "-10049"),
        ("million", "-1004.9"),
        ("billion", "-1.0049"),
        ("bn", "-1.0049"),
    ],
)
def test_every_unit_arrives_in_crore(parse: Parse, unit: str, net: str) -> None:
    row = f"2026-02-11,FII,NSE,{unit},,,{net}"
    found = parse(HISTORY_CSV, csv(LONG, row)).good.row(0, named=True)
    assert found["net_crore"] == Decimal("-100.49")
    assert found["buy_crore"] is None
    assert found["scope"] == "NSE"


def test_a_unit_nobody_states_is_asked_for(parse: Parse) -> None:
    bytes_ = csv("date,participant,net", "2026-02-11,FII,-100.49")
    with pytest.raises(NotThisLayout, match="--unit"):
        HISTORY_CSV.read(Payload(bytes_))
    stated = parse(HISTORY_CSV, bytes_, stated={"unit": "lakh", "scope": "NSE"})
    row = stated.good.row(0, named=True)
    assert (row["net_crore"], row["scope"]) == (Decimal("-1.00"), "NSE")
    with pytest.raises(NotThisLayout, match="dollars"):
        HISTORY_CSV.read(Payload(csv(LONG, "2026-02-11,FII,NSE,dollars,,,1")))


def test_a_scope_nobody_states_is_a_series_of_its_own(parse: Parse) -> None:
    bytes_ = csv("Date,Participant,Net,Unit", "2026-02-11,DII,5,crore")
    assert parse(HISTORY_CSV, bytes_).good["scope"].to_list() == ["unstated"]


def test_wide_rows_are_two_rows(parse: Parse) -> None:
    bytes_ = csv("date,fii_net_cr,dii_net_cr", "2026-02-10,-5.5,6", "11-Feb-2026,,7")
    screened = parse(HISTORY_CSV, bytes_)
    kept = {(str(r["session_date"]), r["participant"]) for r in screened.good.to_dicts()}
    assert kept == {("2026-02-10", "FII"), ("2026-02-10", "DII"), ("2026-02-11", "DII")}
    assert reasons(screened) == ["net_crore is missing"]


def test_one_half_of_a_wide_row_does_not_fall_with_the_other(parse: Parse) -> None:
    bytes_ = csv("date,fii_net_cr,dii_net_cr", "2026-02-10,-5.5,6", "2026-02-10,-7.5,6")
    screened = parse(HISTORY_CSV, bytes_)
    assert screened.good.select("participant", "net_crore").rows() == [("DII", Decimal(6))]
    told = screened.rejected.select("row_number", "reason", "row").sort("row_number", "row").rows()
    assert len(told) == 3
    contradicted = [json.loads(row)["participant"] for _, why, row in told if "contra" in why]
    assert contradicted == ["FII", "FII"]


@pytest.mark.parametrize("day", ["11/02/2026", "02/11/2026", "11-02-2026", "20260211", "1 Feb 26"])
def test_a_date_whose_day_and_month_could_be_swapped_is_refused(parse: Parse, day: str) -> None:
    screened = parse(
        HISTORY_CSV, csv(LONG, f"{day},FII,NSE,crore,,,1", "2026-02-11,DII,NSE,cr,,,2")
    )
    assert screened.good["participant"].to_list() == ["DII"]
    assert f"session_date is not readable: {day}" in reasons(screened)[0]


@pytest.mark.parametrize("participant", ["FPI", "Prop", "fii", ""])
def test_an_unknown_participant_is_kept_aside(parse: Parse, participant: str) -> None:
    screened = parse(HISTORY_CSV, csv(LONG, f"2026-02-11,{participant},NSE,crore,,,1"))
    assert screened.good.is_empty()
    assert "participant" in reasons(screened)[0]


def test_an_unknown_scope_is_kept_aside(parse: Parse) -> None:
    screened = parse(HISTORY_CSV, csv(LONG, "2026-02-11,FII,NYSE,crore,,,1"))
    assert "scope is none of NSE+BSE+MSEI, NSE, unstated" in reasons(screened)[0]


@pytest.mark.parametrize(
    "header",
    [
        "date,participant,net,net",
        "date,participant,net,notes",
        "date,net",
        "date,fii_net_cr",
        "date,dii_net_cr,fii_net_cr",
        "",
    ],
)
def test_other_headers_are_not_recognised(header: str) -> None:
    assert not HISTORY_CSV.recognise(Payload(csv(header, "2026-02-11,1,2,3")))


def test_the_two_layouts_are_told_apart() -> None:
    assert API.recognise(Payload(answer(DII, FII)))
    assert not HISTORY_CSV.recognise(Payload(answer(DII, FII)))
    assert HISTORY_CSV.recognise(Payload(csv(LONG, "2026-02-11,FII,NSE,crore,,,1")))
    assert not API.recognise(Payload(csv(LONG, "2026-02-11,FII,NSE,crore,,,1")))


@pytest.mark.parametrize(
    ("name", "stated", "is_nse"),
    [
        ("fiidiiTradeReact__11-Feb-2026.json", {}, False),
        ("https://www.nseindia.com/api/fiidiiTradeNse", {}, True),
        ("FIIDIITRADENSE.json", {}, True),
        ("x.json", {}, False),
        ("x.json", {"scope": "NSE"}, True),
        ("x.json", {"scope": "NSE+BSE+MSEI"}, False),
        ("fiidiiTradeNse.json", {"scope": "NSE+BSE+MSEI"}, False),
    ],
)
def test_the_same_bytes_are_of_one_scope_or_the_other(
    name: str, stated: dict[str, str], *, is_nse: bool
) -> None:
    payload = Payload(answer(DII, FII), name, stated)
    assert (API.recognise(payload), NSE_API.recognise(payload)) == (not is_nse, is_nse)


def test_scopes_never_mix(parse: Parse) -> None:
    alone = parse(NSE_API, answer(DII, FII), name="fiidiiTradeNse.json").good
    together = parse(API, answer(DII, FII)).good
    assert set(alone.select("scope", "source_id").rows()) == {("NSE", "nse_fii_dii_nse")}
    assert set(together.select("scope", "source_id").rows()) == {("NSE+BSE+MSEI", "nse_fii_dii")}
    same = ["session_date", "participant", "buy_crore", "sell_crore", "net_crore", "stage"]
    assert alone.select(same).equals(together.select(same))


SAVED = ",category,date,buyValue,sellValue,netValue,Unnamed: 0,Unnamed: 0.1"


def test_answers_saved_day_by_day_are_history(parse: Parse) -> None:
    rows = [
        "0,DII **,10-Feb-2026,10.5,4,6.5,,",
        "1,FII/FPI *,10-Feb-2026,1,2.25,-1.25,,",
        "2,DII **,10-Feb-2026,10.5,4,6.5,0.0,",
        "3,DII,09-Feb-2026,1,2,-1,1.0,0.0",
    ]
    bytes_ = csv(SAVED, *rows)
    assert SAVED_API.recognise(Payload(bytes_))
    assert not HISTORY_CSV.recognise(Payload(bytes_))
    screened = parse(SAVED_API, bytes_)
    found = screened.good.select("session_date", "participant", "net_crore", "scope").rows()
    assert found == [
        (date(2026, 2, 10), "DII", Decimal("6.50"), "unstated"),
        (date(2026, 2, 10), "FII", Decimal("-1.25"), "unstated"),
        (date(2026, 2, 9), "DII", Decimal(-1), "unstated"),
    ]
    assert set(screened.good["source_id"]) == {"imported_flow"}
    assert reasons(screened) == ["repeats another row, or says less than it"]
    stated = parse(SAVED_API, bytes_, stated={"scope": "NSE"}).good
    assert set(stated["scope"]) == {"NSE"}
    plain = csv("category,date,buyValue,sellValue,netValue", "DII,10-Feb-2026,10.5,4,6.5")
    assert parse(SAVED_API, plain).good["net_crore"].to_list() == [Decimal("6.50")]


def test_saved_answers_that_contradict_each_other_are_not_believed(parse: Parse) -> None:
    bytes_ = csv(SAVED, "0,DII,10-Feb-2026,10,4,6,,", "1,DII,10-Feb-2026,11,4,7,,")
    screened = parse(SAVED_API, bytes_)
    assert screened.good.is_empty()
    assert all("contradicts" in why for why in reasons(screened))


@pytest.mark.parametrize(
    "header",
    [
        SAVED.replace("netValue", "net"),
        SAVED + ",remarks",
        SAVED.replace("category,date", "date,category"),
        "category,date,buyValue,sellValue",
        "",
    ],
)
def test_other_saved_columns_are_not_recognised(header: str) -> None:
    assert not SAVED_API.recognise(Payload(csv(header, "0,DII,10-Feb-2026,10,4,6,,")))
