"""Genuine file, an independent reading, our writer: the genuine bytes come back.

The reading is this test's own (split at commas), so that the writers cannot share a misreading with
Riskon's parsers. Below it the writers by hand, for what no genuine file is at hand of.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from flows.demo.formats import equity_bars, equity_lists, equity_set

Genuine = Callable[[str], list[Path]]

PRICES = ("previous_close", "open", "high", "low", "last", "close")
FULL = ("symbol", "series", "day", *PRICES, "average_price", "volume_shares", "lakh", "trades")


def read(file: Path, separator: str = ",") -> list[list[str]]:
    """Fields of every line below the header."""
    lines = file.read_bytes().decode().removesuffix("\n").split("\n")
    return [line.split(separator) for line in lines[1:]]


def day(text: str, pattern: str) -> date:
    return datetime.strptime(text, pattern).date()


def number(text: str) -> float | None:
    return float(text) if text.strip() not in {"", "-", "0.0"} else None


def count(text: str) -> int | None:
    return int(text) if text.strip() not in {"", "-"} else None


def frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None)


@pytest.mark.real
def test_full_files(genuine: Genuine) -> None:
    """Every tenth file of the slice, all series; percentages are ours, from the counts."""
    files = genuine("slice/*/products/content/sec_bhavdata_full_*.csv")[::10]
    seen = set()
    for file in files:
        rows = []
        for line in read(file, ", "):
            row: dict[str, object] = {"symbol": line[0], "series": line[1]}
            row["session_date"] = day(line[2], "%d-%b-%Y")
            row |= {name: number(line[k]) for k, name in enumerate(PRICES, start=3)}
            row |= {"average_price": number(line[9]), "volume_shares": int(line[10])}
            row |= {"turnover_inr": float(line[11]) * 100_000, "trades": int(line[12])}
            rows.append(row | {"delivery_shares": count(line[13])})
            seen.add(line[13] == "-")
        [written] = equity_bars.full_files(frame(rows)).values()
        assert written == file.read_bytes(), file.name
    assert seen == {True, False}


@pytest.mark.real
def test_legacy_file(genuine: Genuine) -> None:
    [file] = genuine("samples/cm*bhav__excerpt.csv")
    names = ("open", "high", "low", "close", "last", "previous_close")
    rows = []
    for line in read(file):
        row: dict[str, object] = {"symbol": line[0], "series": line[1], "isin": line[12]}
        row |= {name: number(line[k]) for k, name in enumerate(names, start=2)}
        row |= {"volume_shares": int(line[8]), "turnover_inr": float(line[9])}
        rows.append(row | {"session_date": day(line[10], "%d-%b-%Y"), "trades": int(line[11])})
    assert None in {row["last"] for row in rows}
    [written] = equity_bars.legacy_files(frame(rows)).values()
    assert written == file.read_bytes()


@pytest.mark.real
def test_udiff_files(genuine: Genuine) -> None:
    for file in genuine("samples/BhavCopy_NSE_CM_*__excerpt.csv"):
        names = ("open", "high", "low", "close", "last", "previous_close")
        rows = []
        for line in read(file):
            row: dict[str, object] = {"session_date": date.fromisoformat(line[0])}
            row |= {"token": int(line[5]), "isin": line[6], "symbol": line[7], "series": line[8]}
            row |= {"security_name": line[13], "settlement_price": float(line[21])}
            row |= {name: number(line[k]) for k, name in enumerate(names, start=14)}
            row |= {"volume_shares": int(line[24]), "turnover_inr": float(line[25])}
            rows.append(row | {"trades": int(line[26]), "lot_shares": int(line[28])})
        [written] = equity_bars.udiff_files(frame(rows)).values()
        assert written == file.read_bytes(), file.name


@pytest.mark.real
def test_market_caps_and_their_sums(genuine: Genuine) -> None:
    """The publisher's rows of sums are not read: ours are added up from the others."""
    [file] = genuine("pr_2025-10-29/mcap*.csv")
    rows: list[dict[str, object]] = []
    for line in read(file):
        if not line[4].strip():
            continue
        row: dict[str, object] = {"session_date": day(line[0], "%d %b %Y"), "symbol": line[1]}
        row |= {"series": line[2], "security_name": line[3].rstrip(), "category": line[4].rstrip()}
        is_traded = line[5] != "Not Traded "
        row["last_trade_date"] = day(line[5], "%d %b %Y") if is_traded else None
        row |= {"face_value_inr": float(line[6]), "issued_shares": int(line[7])}
        rows.append(row | {"close": float(line[8]), "market_cap_inr": Decimal(line[9].strip())})
    assert {row["category"] for row in rows} == {"Listed", "Permitted"}
    [written] = equity_set.market_cap_files(frame(rows)).values()
    *ours, listed, permitted, total, _ = written.split(b"\n")
    *theirs, their_listed, their_permitted, their_total, _ = file.read_bytes().split(b"\n")
    assert ours == theirs
    assert permitted == their_permitted
    # The publisher's own sums of the others are some paise off the rows they sum.
    for one, other in ((listed, their_listed), (total, their_total)):
        assert one[:-18] == other[:-18]
        assert len(one) == len(other)
        assert abs(Decimal(one[-18:].decode()) - Decimal(other[-18:].decode())) < 1


@pytest.mark.real
def test_corporate_actions_of_the_set(genuine: Genuine) -> None:
    [file] = genuine("pr_2025-10-29/bc*.csv")
    rows: list[dict[str, object]] = [
        {
            "session_date": date(2025, 10, 29),
            "series": line[0],
            "symbol": line[1],
            "security_name": line[2],
            "record_date": date.fromisoformat(line[3]),
            "ex_date": date.fromisoformat(line[6]) if line[6] else None,
            "purpose": line[9],
        }
        for line in read(file)
    ]
    assert None in {row["ex_date"] for row in rows}
    [written] = equity_set.action_files(frame(rows)).values()
    assert written == file.read_bytes()


@pytest.mark.real
def test_extremes(genuine: Genuine) -> None:
    [file] = genuine("pr_2025-10-29/hl*.csv")
    rows: list[dict[str, object]] = [
        {
            "session_date": date(2025, 10, 29),
            "security_name": line[0].rstrip(),
            "new_price": float(line[1]),
            "previous_price": float(line[2]),
            "extreme": {"H": "high", "L": "low"}[line[3]],
        }
        for line in read(file)
    ]
    [written] = equity_set.extreme_files(frame(rows)).values()
    assert written == file.read_bytes()


def traded(line: list[str], names: tuple[str, ...]) -> dict[str, object]:
    """A row of a member of the set by these names; blank ones are passed over."""
    row: dict[str, object] = {"session_date": date(2025, 10, 29)}
    for name, text in zip(names, line, strict=True):
        if name in {"symbol", "series", "security_name", "underlying"}:
            row[name] = text
        elif name:
            row[name] = float(text) if "." in text else int(text)
    return row


FIVE = ("previous_close", "open", "high", "low", "close")
BEFORE = ("", "series", "symbol", "security_name", *FIVE, "turnover_inr", "volume_shares")


@pytest.mark.real
def test_funds(genuine: Genuine) -> None:
    [file] = genuine("pr_2025-10-29/etf*.csv")
    names = (*BEFORE, "trades", "high_52_week", "low_52_week", "underlying")
    [written] = equity_set.fund_files(frame([traded(line, names) for line in read(file)])).values()
    assert written == file.read_bytes()


@pytest.mark.real
def test_listed_shares(genuine: Genuine) -> None:
    [file] = genuine("samples/EQUITY_L__*__excerpt.csv")
    rows: list[dict[str, object]] = [
        {
            "symbol": line[0],
            "company_name": line[1],
            "series": line[2],
            "listed_on": day(line[3], "%d-%b-%Y"),
            "isin": line[6],
            "face_value_inr": int(line[7]),
        }
        for line in read(file)
    ]
    assert equity_lists.listed_csv(frame(rows)) == file.read_bytes()


@pytest.mark.real
def test_actions_of_the_interface(genuine: Genuine) -> None:
    """Equal when parsed, names in the same order: the capture was indented by whoever took it."""
    [file] = genuine("samples/nse_api_actions.json")
    answer = json.loads(file.read_bytes())
    rows: list[dict[str, object]] = [
        {
            "symbol": row["symbol"],
            "series": row["series"],
            "face_value_inr": float(row["faceVal"]),
            "purpose": row["subject"],
            "ex_date": day(row["exDate"], "%d-%b-%Y"),
            "record_date": day(row["recDate"], "%d-%b-%Y"),
            "company_name": row["comp"],
            "isin": row["isin"],
        }
        for row in answer
    ]
    written = json.loads(equity_lists.corporate_actions_json(frame(rows)))
    assert written == answer
    assert list(written[0]) == list(answer[0])


def bar(**other: object) -> dict[str, object]:
    """An invented bar."""
    return {
        "session_date": date(2024, 1, 2),
        "symbol": "Q&A",
        "series": "EQ",
        "isin": "INEX00101011",
        "security_name": "QUESTION AND ANSWER LTD",
        "previous_close": 100.0,
        "open": 0.05,
        "high": 101.5,
        "low": 0.05,
        "close": 101.5,
        "last": None,
        "average_price": 50.0,
        "volume_shares": 800,
        "turnover_inr": 40500.0,
        "trades": 3,
        "delivery_shares": 1,
    } | other


def test_a_half_goes_up() -> None:
    """One of 800 is 0.125 percent; 40,500 rupees are 0.405 lakh."""
    [written] = equity_bars.full_files(frame([bar()])).values()
    assert written.decode().split("\n")[1] == (
        "Q&A, EQ, 02-Jan-2024, 100.00, 0.05, 101.50, 0.05, , 101.50, 50.00, 800, 0.41, 3, 1, 0.13"
    )


def test_one_file_a_session_in_the_order_given() -> None:
    later = date(2024, 1, 3)
    rows = [bar(symbol="B"), bar(symbol="Z", session_date=later), bar(symbol="A")]
    files = equity_bars.legacy_files(frame(rows))
    lines = {
        day: [line.split(",")[0] for line in body.decode().split("\n")[1:-1]]
        for day, body in files.items()
    }
    assert lines == {date(2024, 1, 2): ["B", "A"], later: ["Z"]}


def test_delivery_file_counts_itself() -> None:
    rows = [
        bar(volume_shares=1000, delivery_shares=600),
        bar(symbol="QBE", series="BE", delivery_shares=None),
        bar(symbol="QNO", volume_shares=3, delivery_shares=2),
    ]
    [written] = equity_bars.delivery_files(frame(rows)).values()
    assert written.decode().split("\n") == [
        "Security Wise Delivery Position - Compulsory Rolling Settlement",
        "10,MTO,02012024,1003,0000002",
        "Trade Date <02-JAN-2024>,Settlement Type <N>",
        (
            "Record Type,Sr No,Name of Security,Quantity Traded,Deliverable Quantity(gross "
            "across client level),% of Deliverable Quantity to Traded Quantity"
        ),
        "20,1,Q&A,EQ,1000,600,60.00",
        "20,2,QNO,EQ,3,2,66.67",
        "",
    ]


def test_changed_names() -> None:
    change = {
        "symbol": "QNEW",
        "old_name": "Old Ways (Simulated) Limited",
        "new_name": "New Ways (Simulated) Limited",
        "changed_on": date(2024, 3, 5),
    }
    assert equity_lists.name_changes_csv(frame([change])) == (
        b"NCH_SYMBOL, NCH_PREV_NAME, NCH_NEW_NAME, NCH_DT\n"
        b"QNEW,Old Ways (Simulated) Limited,New Ways (Simulated) Limited,05-MAR-2024\n"
    )


def test_members_of_a_set_by_their_day() -> None:
    def names(day: date) -> set[str]:
        packed = equity_set.evening_set(day, {"bc": b"x", "mcap": b"y"})
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            assert archive.testzip() is None
            return set(archive.namelist())

    new, old = names(date(2025, 10, 29)), names(date(2025, 8, 29))
    assert {"bc29102025.csv", "mcap29102025.csv", "an29102025.txt", "readme.txt"} <= new
    assert {"Bc290825.csv", "MCAP29082025.csv", "Pd290825.csv", "an290825.txt"} <= old
    assert len(new) == len(old) == 12


def test_a_set_is_the_same_bytes_again() -> None:
    day = date(2025, 10, 29)
    assert equity_set.evening_set(day, {"bc": b"x"}) == equity_set.evening_set(day, {"bc": b"x"})
