"""Writers of the publishers' own formats, byte for byte where a genuine file could be compared.

Compared with genuine files: the daily index closes, the FII/DII API, the total return history.
The holiday list was compared with a re-indented capture, so its white space is assumed compact.
*Unverified*, known from descriptions alone: the price history (`index_history_json`).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import polars as pl

INDEX_CLOSE_HEADER = (
    "Index Name,Index Date,Open Index Value,High Index Value,Low Index Value,"
    "Closing Index Value,Points Change,Change(%),Volume,Turnover (Rs. Cr.),P/E,P/B,Div Yield"
)
INDEX_CLOSE_NUMBERS = (
    "open",
    "high",
    "low",
    "close",
    "points_change",
    "change_pct",
    "volume_shares",
    "turnover_crore",
    "price_to_earnings",
    "price_to_book",
    "dividend_yield_pct",
)
FLOW_HISTORY_HEADER = ("date", "participant", "scope", "unit", "buy", "sell", "net")
FLOW_CATEGORIES = {"DII": "DII", "FII": "FII/FPI"}
HOLIDAY_SEGMENTS = ("CM", "FO")

HistoryLayout = Literal["price", "total_return"]


def trimmed(column: str, *, leading_zero: bool = True) -> pl.Expr:
    """Numbers as the publisher prints them: no trailing zeros, `-` for null.

    Floats and integers only; minus nought is not expected.
    Without `leading_zero`, `-0.77` is printed `-.77`, as in lines of 2013 and of early 2025.
    """
    # The shortest text of a float has no trailing zeros, but for the one of a whole number.
    text = pl.col(column).cast(pl.String).str.strip_suffix(".0")
    if not leading_zero:
        text = text.str.replace(r"^(-?)0\.", "${1}.")
    return text.fill_null("-")


def index_close_files(bars: pl.DataFrame, *, leading_zero: bool = True) -> dict[date, bytes]:
    """One `ind_close_all` file per session, rows in the order given.

    Args:
        bars: session_date, index_name and the columns of INDEX_CLOSE_NUMBERS; floats hold no
            more decimals than are to be printed.
        leading_zero: whether numbers below one show their zero.
    """
    lines = pl.concat_str(
        "index_name",
        pl.col("session_date").dt.strftime("%d-%m-%Y"),
        *(trimmed(name, leading_zero=leading_zero) for name in INDEX_CLOSE_NUMBERS),
        separator=",",
    )
    files = (
        bars.select("session_date", lines.alias("line"))
        .group_by("session_date", maintain_order=True)
        .agg(pl.col("line").str.join("\n"))
    )
    return {day: f"{INDEX_CLOSE_HEADER}\n{body}\n".encode() for day, body in files.iter_rows()}


def index_close_csv(bars: pl.DataFrame, *, leading_zero: bool = True) -> bytes:
    """The `ind_close_all` file of one session; see `index_close_files`.

    Raises:
        ValueError: the rows are not of exactly one session.
    """
    files = index_close_files(bars, leading_zero=leading_zero)
    if len(files) != 1:
        raise ValueError(f"An index close file holds one session; got {len(files)}")
    return next(iter(files.values()))


def short_decimals(value: float | None) -> str:
    """A figure with at most two decimals and no trailing zero; `-` where there is none."""
    if value is None:
        return "-"
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def fii_dii_json(flows: pl.DataFrame) -> bytes:
    """The answer of `fiidiiTradeReact`: one session, every value a string.

    Args:
        flows: session_date, participant (DII, FII), buy_crore, sell_crore, net_crore; the
            publisher's order is DII first.
    """
    rows = [
        {
            "category": FLOW_CATEGORIES[participant],
            "date": day.strftime("%d-%b-%Y"),
            "buyValue": short_decimals(buy),
            "sellValue": short_decimals(sell),
            "netValue": short_decimals(net),
        }
        for day, participant, buy, sell, net in flows.select(
            "session_date", "participant", "buy_crore", "sell_crore", "net_crore"
        ).iter_rows()
    ]
    return compact(rows)


def holiday_master_json(segments: Mapping[str, Mapping[date, str]]) -> bytes:
    """The answer of `holiday-master?type=trading`: per segment, the days without a session.

    A Muhurat day is listed as a holiday. Segments are in alphabetical order.
    """
    return compact(
        {
            segment: [
                {
                    "tradingDate": day.strftime("%d-%b-%Y"),
                    "weekDay": day.strftime("%A"),
                    "description": description,
                    "Sr_no": number,
                }
                for number, (day, description) in enumerate(sorted(days.items()), start=1)
            ]
            for segment, days in sorted(segments.items())
        }
    )


def index_history_json(history: pl.DataFrame, *, index_name: str, layout: HistoryLayout) -> bytes:
    """The answer of niftyindices.com for one index, newest first, all values strings.

    Args:
        history: session_date with open, high, low, close (`price`; unverified layout), or with
            total_return, net_total_return (`total_return`).
        index_name: the name as the publisher spells it in this answer.
        layout: which of the two answers.
    """
    newest_first = history.sort("session_date", descending=True)
    if layout == "price":
        # The answer identifies each request by a number of its own, derived here from the row.
        rows = [
            {
                "RequestNumber": f"His{day:%Y%m%d}{position}",
                "Index Name": index_name,
                "INDEX_NAME": index_name.upper(),
                "HistoricalDate": day.strftime("%d %b %Y"),
                "OPEN": two_decimals(opened),
                "HIGH": two_decimals(high),
                "LOW": two_decimals(low),
                "CLOSE": two_decimals(close),
            }
            for position, (day, opened, high, low, close) in enumerate(
                newest_first.select("session_date", "open", "high", "low", "close").iter_rows()
            )
        ]
    else:
        rows = [
            {
                "Index Name": index_name,
                "Date": day.strftime("%d %b %Y"),
                "TotalReturnsIndex": two_decimals(total),
                "NTR_Value": short_decimals(net),
            }
            for day, total, net in newest_first.select(
                "session_date", "total_return", "net_total_return"
            ).iter_rows()
        ]
    return json.dumps({"d": json.dumps(rows)}).encode()


def two_decimals(value: float | None) -> str:
    """A level with both decimals, as the history answers print it; `-` where there is none."""
    return "-" if value is None else f"{value:.2f}"


def flow_history_csv(
    flows: pl.DataFrame, *, scope: str = "NSE+BSE+MSEI", unit: str = "crore"
) -> bytes:
    """Flow history as a user would import it: plain CSV, ISO dates, one row per participant.

    Where a session was restated, the restated row alone is kept.
    """
    final = flows.unique(["session_date", "participant"], keep="last", maintain_order=True).sort(
        "session_date", "participant"
    )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FLOW_HISTORY_HEADER)
    for day, participant, buy, sell, net in final.select(
        "session_date", "participant", "buy_crore", "sell_crore", "net_crore"
    ).iter_rows():
        writer.writerow(
            (day.isoformat(), participant, scope, unit, f"{buy:.2f}", f"{sell:.2f}", f"{net:.2f}")
        )
    return text.getvalue().encode()


def compact(answer: Sequence[object] | Mapping[str, object]) -> bytes:
    """JSON without white space, as the exchange's own API sends it."""
    return json.dumps(answer, separators=(",", ":"), ensure_ascii=False).encode()
