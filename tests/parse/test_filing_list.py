"""The exchange's lists of results: both feeds, what they leave out, and what cannot be."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from transforms.parse.filing_list import INTEGRATED_LIST, OLD_LIST
from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
ARCHIVE = "https://nsearchives.nseindia.com/corporate/xbrl/"
OLD: dict[str, Any] = {
    "symbol": "ALPHA",
    "companyName": "Alpha Works Limited",
    "audited": "Un-Audited",
    "cumulative": "Non-cumulative",
    "reInd": "N",
    "period": "Quarterly",
    "seqNumber": "1190001",
    "fromDate": "01-Oct-2024",
    "toDate": "31-Dec-2024",
    "xbrl": f"{ARCHIVE}INDAS_1_2_16012025152951.xml",
    "consolidated": "Non-Consolidated",
    "broadCastDate": "16-Jan-2025 15:29:51",
    "isin": "INE000A01018",
}
NEW: dict[str, Any] = {
    "seq_Id": "160001",
    "symbol": "BETA",
    "smName": "Beta Bank Limited",
    "cmName": "Beta Bank Limited",
    "type": "Integrated Filing- Financials",
    "qe_Date": "31-DEC-2025",
    "type_Sub": "Original",
    "xbrl": f"{ARCHIVE}INTEGRATED_FILING_BANKING_9_20012026080313_WEB.xml",
    "broadcast_Date": "20-Jan-2026 20:03:09",
    "revised_Date": None,
    "audited": "Audited",
    "consolidated": "Consolidated",
}


def old(*rows: Any) -> bytes:
    return json.dumps(rows).encode()


def new(*rows: Any) -> bytes:
    return json.dumps({"data": rows, "totalCount": len(rows), "page": 1, "size": 1000}).encode()


def only(screened: Screened) -> dict[str, Any]:
    assert screened.rejected.is_empty(), screened.rejected["reason"].to_list()
    return screened.good.row(0, named=True)


def reason(screened: Screened) -> str:
    assert screened.good.is_empty()
    return str(screened.rejected["reason"][0])


def test_the_older_feed(parse: Parse) -> None:
    row = only(parse(OLD_LIST, old(OLD)))
    assert (row["source_id"], row["filing_id"], row["symbol"], row["isin"]) == (
        "nse_results",
        "1190001",
        "ALPHA",
        "INE000A01018",
    )
    assert (row["period_end"], row["basis"]) == (date(2024, 12, 31), "standalone")
    assert (row["is_audited"], row["is_revision"]) == (False, False)
    assert row["document"] == "INDAS_1_2_16012025152951.xml"
    assert row["document_url"] == OLD["xbrl"]
    # 15:29:51 in India is five and a half hours earlier in UTC.
    assert (
        row["broadcast_at"] == row["published_at"] == datetime(2025, 1, 16, 9, 59, 51, tzinfo=UTC)
    )
    assert row["published_basis"] == "broadcast"


def test_the_integrated_filing(parse: Parse) -> None:
    row = only(parse(INTEGRATED_LIST, new(NEW)))
    assert (row["source_id"], row["filing_id"]) == ("nse_integrated_filing", "160001")
    assert (row["company_name"], row["isin"]) == ("Beta Bank Limited", None)
    assert (row["period_end"], row["basis"]) == (date(2025, 12, 31), "consolidated")
    assert row["is_audited"] is True
    assert row["broadcast_at"] == datetime(2026, 1, 20, 14, 33, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("audited", "flag"),
    [
        ("Audited", True),
        ("Un-Audited", False),
        ("Unaudited", False),
        ("UNAUDITED", False),
        (None, None),
        ("-", None),
        ("Reviewed", None),
    ],
)
def test_words_for_audited(parse: Parse, audited: str | None, flag: bool | None) -> None:
    assert only(parse(INTEGRATED_LIST, new(NEW | {"audited": audited})))["is_audited"] is flag


@pytest.mark.parametrize(
    ("word", "basis"),
    [
        ("Consolidated", "consolidated"),
        ("Non-Consolidated", "standalone"),
        ("Standalone", "standalone"),
        ("STANDALONE", "standalone"),
    ],
)
def test_words_for_the_basis(parse: Parse, word: str, basis: str) -> None:
    assert only(parse(OLD_LIST, old(OLD | {"consolidated": word})))["basis"] == basis


@pytest.mark.parametrize(
    "url",
    [
        f"{ARCHIVE}-",
        "https://nsearchives.nseindia.com/corporate/null",
        "https://nsearchives.nseindia.com/corporate/xbrl/",
        "-",
        "",
        None,
    ],
)
def test_a_placeholder_is_no_document(parse: Parse, url: str | None) -> None:
    row = only(parse(OLD_LIST, old(OLD | {"xbrl": url})))
    assert (row["document"], row["document_url"]) == (None, None)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/corporate/xbrl/INDAS_1.xml",
        "https://nseindia.com.example.com/x.xml",
        "file:///etc/passwd",
        "http://[::1/x.xml",
    ],
)
def test_a_document_elsewhere_is_not_asked_for(parse: Parse, url: str) -> None:
    assert "document_url is not readable" in reason(parse(OLD_LIST, old(OLD | {"xbrl": url})))


def test_a_revision_wins_by_its_own_broadcast(parse: Parse) -> None:
    """As the exchange lists one: no broadcast, the instant of the revision in capitals."""
    listed = NEW | {
        "type_Sub": "Revision",
        "broadcast_Date": None,
        "revised_Date": "24-JAN-2026 16:48:18",
    }
    row = only(parse(INTEGRATED_LIST, new(listed)))
    assert row["broadcast_at"] == datetime(2026, 1, 24, 11, 18, 18, tzinfo=UTC)
    assert row["is_revision"] is True
    both = only(parse(INTEGRATED_LIST, new(listed | {"broadcast_Date": NEW["broadcast_Date"]})))
    assert both["broadcast_at"] == row["broadcast_at"], "the later of both"
    assert only(parse(INTEGRATED_LIST, new(NEW | {"type_Sub": "Revision"})))["is_revision"] is True
    assert only(parse(OLD_LIST, old(OLD | {"reInd": "Y"})))["is_revision"] is True


def test_a_revision_at_no_time_is_kept_aside(parse: Parse) -> None:
    why = reason(parse(INTEGRATED_LIST, new(NEW | {"revised_Date": "soon"})))
    assert "revised_on is not readable: soon" in why


@pytest.mark.parametrize("dash", ["-", "", None])
def test_without_a_broadcast_the_dissemination_counts(parse: Parse, dash: str | None) -> None:
    """As early rows of the older feed have it; it comes after the broadcast, never before."""
    listed = OLD | {"broadCastDate": dash, "exchdisstime": "16-Jan-2025 15:31:07"}
    row = only(parse(OLD_LIST, old(listed)))
    assert row["broadcast_at"] == datetime(2025, 1, 16, 10, 1, 7, tzinfo=UTC)
    both = only(parse(OLD_LIST, old(OLD | {"exchdisstime": "16-Jan-2025 15:31:07"})))
    assert both["broadcast_at"] == datetime(2025, 1, 16, 9, 59, 51, tzinfo=UTC)
    assert "broadcast_at is missing" in reason(parse(OLD_LIST, old(listed | {"exchdisstime": "-"})))


def test_a_time_without_seconds(parse: Parse) -> None:
    row = only(parse(OLD_LIST, old(OLD | {"broadCastDate": "16-Jan-2025 15:29"})))
    assert row["broadcast_at"] == datetime(2025, 1, 16, 9, 59, tzinfo=UTC)


def test_a_broadcast_after_the_fetch_is_kept_aside(parse: Parse) -> None:
    """The list was fetched on 11 February 2026."""
    told = parse(
        OLD_LIST,
        old(
            OLD | {"seqNumber": "1", "broadCastDate": "11-Feb-2026 23:59:59"},
            OLD | {"seqNumber": "2", "broadCastDate": "12-Feb-2026 00:00:00"},
        ),
    )
    assert told.good["filing_id"].to_list() == ["1"]
    assert told.rejected["reason"][0].startswith("broadcast_on is not readable: 12-Feb-2026")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"toDate": "31/12/2024"}, "period_end is not readable: 31/12/2024"),
        ({"consolidated": "Both"}, "basis is not readable: Both"),
        ({"broadCastDate": ""}, "broadcast_at is missing"),
        ({"symbol": " "}, "symbol is missing"),
        ({"period": "Annual"}, "listed_period is not readable: Annual"),
    ],
)
def test_a_row_that_cannot_be_is_kept_aside(parse: Parse, change: dict[str, Any], why: str) -> None:
    assert why in reason(parse(OLD_LIST, old(OLD | change)))


def test_without_a_number_the_id_is_made_of_what_tells_filings_apart(parse: Parse) -> None:
    bare = {name: value for name, value in OLD.items() if name not in {"seqNumber", "period"}}
    twice = parse(OLD_LIST, old(bare, bare | {"consolidated": "Consolidated"})).good
    assert twice["filing_id"].n_unique() == 2
    assert parse(OLD_LIST, old(bare)).good["filing_id"][0] in set(twice["filing_id"])


@pytest.mark.parametrize(
    ("layout", "body"),
    [(OLD_LIST, b"[]"), (INTEGRATED_LIST, b'{"data":[],"totalCount":0}')],
)
def test_a_window_in_which_nobody_filed(layout: Layout, body: bytes) -> None:
    empty = layout.read(Payload(body))
    full = layout.read(Payload(old(OLD) if layout is OLD_LIST else new(NEW)))
    assert empty.is_empty()
    assert empty.schema == full.schema


@pytest.mark.parametrize(
    ("layout", "rows", "needed"),
    [
        (OLD_LIST, old, ["broadCastDate", "xbrl", "symbol", "toDate", "consolidated"]),
        (INTEGRATED_LIST, new, ["broadcast_Date", "revised_Date", "qe_Date", "type_Sub", "xbrl"]),
    ],
)
def test_a_field_that_went_is_a_changed_layout_and_a_new_one_is_not(
    parse: Parse, layout: Layout, rows: Callable[..., bytes], needed: list[str]
) -> None:
    record = OLD if layout is OLD_LIST else NEW
    for field in needed:
        without = {name: value for name, value in record.items() if name != field}
        with pytest.raises(NotThisLayout, match=f"without .*{field}") as refusal:
            layout.read(Payload(rows(record, without)))
        assert refusal.value.changed
    assert parse(layout, rows(record | {"brand_new": {"deep": [1]}})).good.height == 1


@pytest.mark.parametrize("layout", [OLD_LIST, INTEGRATED_LIST], ids=["old", "integrated"])
@pytest.mark.parametrize(
    ("body", "got"),
    [
        (b"", "an empty file"),
        (b"<!DOCTYPE html><p>Access Denied", "a web page"),
        (b'{"error":"Forbidden"}', "error"),
        (b"[1]", "JSON"),
        (b'{"data":[1],"totalCount":1}', "JSON"),
        (b'[{"symbol":', "no JSON"),
        (b'"\\ud800"', "cannot be read"),
    ],
)
def test_what_is_no_list(layout: Layout, body: bytes, got: str) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        layout.read(Payload(body))
    assert got in refusal.value.got


def test_the_two_feeds_are_told_apart() -> None:
    assert OLD_LIST.recognise(Payload(old(OLD)))
    assert not INTEGRATED_LIST.recognise(Payload(old(OLD)))
    assert INTEGRATED_LIST.recognise(Payload(new(NEW)))
    assert not OLD_LIST.recognise(Payload(new(NEW)))
    assert not OLD_LIST.recognise(Payload(b"[]"))


def test_two_filings_of_one_number_contradict_each_other_and_the_list_goes_on(
    parse: Parse,
) -> None:
    other = OLD | {"symbol": "OTHER"}
    told = parse(OLD_LIST, old(OLD, other, OLD | {"seqNumber": "7"}))
    assert told.good["filing_id"].to_list() == ["7"]
    assert told.rejected.height == 2
    assert "contradicts" in told.rejected["reason"][0]
