"""Genuine file, an independent reading, our writer: the genuine bytes come back.

The reading is this test's own (csv, json), so that the writers cannot share a misreading with
Riskon's parsers.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from flows.demo.formats.market import (
    INDEX_CLOSE_NUMBERS,
    fii_dii_json,
    holiday_master_json,
    index_close_csv,
    index_history_json,
)

pytestmark = pytest.mark.real

Genuine = Callable[[str], list[Path]]


def day(text: str, pattern: str) -> date:
    return datetime.strptime(text, pattern).date()


def bars(lines: list[list[str]]) -> pl.DataFrame:
    """Lines of a daily index file as the writer wants them."""
    columns: dict[str, list[object]] = {
        "session_date": [day(line[1], "%d-%m-%Y") for line in lines],
        "index_name": [line[0] for line in lines],
    }
    for position, name in enumerate(INDEX_CLOSE_NUMBERS, start=2):
        number = int if name == "volume_shares" else float
        columns[name] = [
            None if line[position] == "-" else number(line[position]) for line in lines
        ]
    whole = dict.fromkeys(INDEX_CLOSE_NUMBERS, pl.Float64) | {"volume_shares": pl.Int64}
    return pl.DataFrame(columns, schema_overrides=whole)


def test_index_close_files(genuine: Genuine) -> None:
    files = genuine("slice/nsearchives.nseindia.com/content/indices/ind_close_all_*.csv")
    for file in files:
        _, *lines = csv.reader(file.read_text(encoding="utf-8").splitlines())
        assert index_close_csv(bars(lines)) == file.read_bytes(), file.name


def test_index_close_lines_with_and_without_leading_zero(genuine: Genuine) -> None:
    [file] = genuine("samples/ind_close_all__line_excerpts.csv")
    header, *lines = file.read_text(encoding="utf-8").splitlines()
    assert lines
    styles = set()
    for line in lines:
        bare = ",." in line or ",-." in line
        styles.add(bare)
        written = index_close_csv(bars([line.split(",")]), leading_zero=not bare)
        assert written == f"{header}\n{line}\n".encode()
    assert styles == {True, False}


def test_flow_answer(genuine: Genuine) -> None:
    for file in genuine("samples/fiidiiTradeReact__*.json"):
        body = file.read_bytes()
        rows = json.loads(body)
        flows = pl.DataFrame(
            {
                "session_date": [day(row["date"], "%d-%b-%Y") for row in rows],
                "participant": ["FII" if "FII" in row["category"] else "DII" for row in rows],
                "buy_crore": [float(row["buyValue"]) for row in rows],
                "sell_crore": [float(row["sellValue"]) for row in rows],
                "net_crore": [float(row["netValue"]) for row in rows],
            }
        )
        # The capture was saved with a line end of its own.
        assert fii_dii_json(flows) == body.rstrip(b"\n")


def test_holiday_list(genuine: Genuine) -> None:
    """Equal when parsed: the capture was indented by whoever took it."""
    for file in genuine("samples/holiday-master_*.json"):
        answer = json.loads(file.read_bytes())
        segments = {
            segment: {day(row["tradingDate"], "%d-%b-%Y"): row["description"] for row in rows}
            for segment, rows in answer.items()
        }
        written = json.loads(holiday_master_json(segments))
        assert written == answer
        assert list(written) == list(answer)
        assert [list(row) for row in written["CM"]] == [list(row) for row in answer["CM"]]


@pytest.mark.parametrize("name", ["NIFTY SMALLCAP 100", "NIFTY 50", "NIFTY 500"])
def test_total_return_history(genuine: Genuine, name: str) -> None:
    [file] = genuine(f"niftyindices/tri/{name}.json")
    body = file.read_bytes()
    rows = json.loads(json.loads(body)["d"])
    history = pl.DataFrame(
        {
            "session_date": [day(row["Date"], "%d %b %Y") for row in rows],
            "total_return": [float(row["TotalReturnsIndex"]) for row in rows],
            "net_total_return": [
                None if row["NTR_Value"] == "-" else float(row["NTR_Value"]) for row in rows
            ],
        },
        schema_overrides={"net_total_return": pl.Float64},
    )
    [spelling] = {row["Index Name"] for row in rows}
    assert index_history_json(history, index_name=spelling, layout="total_return") == body
