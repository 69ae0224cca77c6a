"""Corporate actions: dates of three forms, commas nobody quoted, and when the world knew."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from flows.sources import nse_corporate_actions
from transforms.parse.action_list import API_LAYOUT, CSV_LAYOUT, HEADER
from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
NAME = "bc11022026.csv"
SPLIT = "EQ,ALPHA,Alpha Gears Limited,2026-02-13,,,2026-02-13,,,FVSPLT FRM RS 10 TO RS 2\n"
FORMER = "BE,ALPHA,Alpha Gears Limited,13/02/2026, , ,12/02/2026, , ,BONUS 1:1\n"
DASHED = "EQ,BETA,Beta Limited,16-02-2026, , ,13/02/2026, , ,DEMERGER\n"
ACTIONS = ("symbol", "series", "ex_date", "record_date", "purpose")
RECORD: dict[str, Any] = {
    "symbol": "ALPHA",
    "series": "EQ",
    "ind": "-",
    "faceVal": "10",
    "subject": "Face Value Split - From Rs 10/- Per Share To Rs 2/- Per Share",
    "exDate": "16-Feb-2026",
    "recDate": "-",
    "bcStartDate": "-",
    "comp": "Alpha Gears Limited",
    "isin": "INE000A01010",
    "caBroadcastDate": None,
}


def csv(*rows: str) -> bytes:
    """A file of some rows."""
    return (",".join(HEADER) + "\n" + "".join(rows)).encode()


def api(*changes: dict[str, Any]) -> bytes:
    """An answer of some records."""
    return json.dumps([{**RECORD, **change} for change in changes or ({},)]).encode()


def test_dates_of_every_year_are_read(parse: Parse) -> None:
    screened = parse(CSV_LAYOUT, csv(SPLIT, FORMER, DASHED), name=NAME)
    assert screened.rejected.is_empty()
    assert screened.good.select(ACTIONS).rows() == [
        ("ALPHA", "EQ", date(2026, 2, 13), date(2026, 2, 13), "FVSPLT FRM RS 10 TO RS 2"),
        ("ALPHA", "BE", date(2026, 2, 12), date(2026, 2, 13), "BONUS 1:1"),
        ("BETA", "EQ", date(2026, 2, 13), date(2026, 2, 16), "DEMERGER"),
    ]
    assert set(screened.good["source_id"]) == {"nse_pr_set"}
    assert screened.good["company_name"][0] == "Alpha Gears Limited"
    assert screened.good.select("isin", "face_value_inr").null_count().row(0) == (3, 3)


def test_it_is_dated_by_its_name_and_ex_dates_lie_ahead() -> None:
    frame = CSV_LAYOUT.read(Payload(csv(SPLIT), "Bc110226.csv"))
    assert CSV_LAYOUT.date_column == "session_date"
    assert frame["session_date"].to_list() == ["2026-02-11"]


def test_a_comma_nobody_quoted_is_put_back(parse: Parse) -> None:
    purpose = "EQ,BETA,Beta Limited,16/02/2026, , ,13/02/2026, , ,INT DIV-RS 5, SPL DIV-RS 2\n"
    security = "N1,BOND26,Income Bond, Option I,16/02/2026, , ,13/02/2026, , ,REDEMPTION\n"
    screened = parse(CSV_LAYOUT, csv(purpose, security, SPLIT), name=NAME)
    assert screened.rejected.is_empty()
    assert screened.good.select("company_name", "purpose", "ex_date").rows()[:2] == [
        ("Beta Limited", "INT DIV-RS 5, SPL DIV-RS 2", date(2026, 2, 13)),
        ("Income Bond, Option I", "REDEMPTION", date(2026, 2, 13)),
    ]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (SPLIT.replace("2026-02-13,,,2026-02-13", "2026-02-13,,,"), "ex_date is missing"),
        (SPLIT.replace(",2026-02-13,,,FV", ",2026-02-31,,,FV"), "ex_date is not readable"),
        (SPLIT.replace("FVSPLT FRM RS 10 TO RS 2", " "), "purpose is missing"),
        ("EQ,BETA,Beta, ,oops,01/01/2026, ,01/01/2026, , ,DIVIDEND\n", "record_date is not readab"),
    ],
)
def test_a_row_that_cannot_be_is_kept_aside(parse: Parse, row: str, why: str) -> None:
    screened = parse(CSV_LAYOUT, csv(row, FORMER), name=NAME)
    assert screened.good["purpose"].to_list() == ["BONUS 1:1"]
    assert why in screened.rejected["reason"].item()


def test_the_interface_gives_isin_and_face_value(parse: Parse) -> None:
    screened = parse(API_LAYOUT, api())
    assert screened.rejected.is_empty()
    row = screened.good.row(0, named=True)
    assert (row["isin"], row["face_value_inr"]) == ("INE000A01010", Decimal(10))
    assert (row["ex_date"], row["record_date"]) == (date(2026, 2, 16), None)
    assert (row["source_id"], row["company_name"]) == (
        "nse_corporate_actions",
        "Alpha Gears Limited",
    )
    assert row["purpose"] == RECORD["subject"]


@pytest.mark.parametrize(
    ("change", "at", "basis"),
    [
        # Fetched on 11 February 2026; 18:00 in India is 12:30 UTC.
        ({}, datetime(2026, 2, 11, 12, 30, tzinfo=UTC), "observed"),
        ({"exDate": "12-Feb-2026"}, datetime(2026, 2, 11, 12, 30, tzinfo=UTC), "observed"),
        ({"exDate": "11-Feb-2026"}, datetime(2026, 2, 10, 12, 30, tzinfo=UTC), "assumed"),
        ({"exDate": "17-Oct-2023"}, datetime(2023, 10, 16, 12, 30, tzinfo=UTC), "assumed"),
        (
            {"caBroadcastDate": "02-Feb-2026 19:05:10"},
            datetime(2026, 2, 2, 13, 35, 10, tzinfo=UTC),
            "broadcast",
        ),
        ({"caBroadcastDate": "02-FEB-2026"}, datetime(2026, 2, 2, 12, 30, tzinfo=UTC), "broadcast"),
        (
            {"caBroadcastDate": "12-Feb-2026 00:00:00", "exDate": "11-Feb-2026"},
            datetime(2026, 2, 10, 12, 30, tzinfo=UTC),
            "assumed",
        ),
        (
            {"caBroadcastDate": "soon", "exDate": "11-Feb-2026"},
            datetime(2026, 2, 10, 12, 30, tzinfo=UTC),
            "assumed",
        ),
    ],
)
def test_when_the_world_knew(
    parse: Parse, change: dict[str, Any], at: datetime, basis: str
) -> None:
    good = parse(API_LAYOUT, api(change)).good
    assert good.select("published_at", "published_basis").row(0) == (at, basis)


@pytest.mark.parametrize("ex_date", [None, "-", ""])
def test_without_an_ex_date_it_is_kept_aside(parse: Parse, ex_date: str | None) -> None:
    screened = parse(API_LAYOUT, api({"exDate": ex_date, "subject": "Meeting"}, {}))
    assert screened.good["ex_date"].to_list() == [date(2026, 2, 16)]
    assert "ex_date is missing" in screened.rejected["reason"].item()


def test_a_month_without_actions_is_an_answer() -> None:
    assert API_LAYOUT.read(Payload(b"[]")).is_empty()
    assert API_LAYOUT.read(Payload(b'{"data":[]}')).is_empty()


def test_an_answer_may_stand_under_data(parse: Parse) -> None:
    body = b'{"data":' + api() + b"}"
    assert API_LAYOUT.recognise(Payload(body))
    assert parse(API_LAYOUT, body).good.equals(parse(API_LAYOUT, api()).good)


@pytest.mark.parametrize(
    ("body", "got", "changed"),
    [
        (b"", "an empty file", False),
        (b"<!DOCTYPE html><p>Access Denied", "a web page", False),
        (b'[{"symbol":', "no JSON", False),
        (b'{"message":"limited"}', "['message']", False),
        (b"[1]", "a JSON int", True),
        (api().replace(b'"exDate"', b'"ex_date"'), "one without ['exDate']", True),
    ],
)
def test_what_is_no_such_answer(body: bytes, got: str, changed: bool) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        API_LAYOUT.read(Payload(body))
    assert got in refusal.value.got
    assert refusal.value.changed == changed


def test_the_interface_is_asked_for_a_month_of_ex_dates() -> None:
    address = nse_corporate_actions.SOURCE.address(date(2024, 2, 10))
    assert address.endswith("?index=equities&from_date=01-02-2024&to_date=29-02-2024")
