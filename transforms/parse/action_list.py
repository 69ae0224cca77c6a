"""Corporate actions: `bc…csv` of the PR set, and the exchange's guarded interface.

`bc` shows the actions under way and ahead, evening by evening, a row for each series: its names are
cut short, its dates are ISO, before October 2025 DD/MM/YYYY, once DD-MM-YYYY. Many rows have no ex
date (meetings, redemptions): nothing changes hands for them, and they are kept aside.

The interface gives ISIN and face value. It mostly leaves out when an action was announced: then
what was fetched before the ex date counts from that evening, and what was fetched later as if told
the evening before the ex date, by when holders had to know.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import polars as pl

from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.named_session import session_of
from transforms.parse.text import blank_as_null, header_of, json_value, number
from transforms.parse.unquoted import joined, unquoted_frame
from warehouse.tables import CorporateAction

COLUMNS = {
    "SERIES": "series",
    "SYMBOL": "symbol",
    "SECURITY": "company_name",
    "RECORD_DT": "record_date",
    "BC_STRT_DT": None,
    "BC_END_DT": None,
    "EX_DT": "ex_date",
    "ND_STRT_DT": None,
    "ND_END_DT": None,
    "PURPOSE": "purpose",
}
HEADER = tuple(COLUMNS)
NAME_AT, PURPOSE_AT = HEADER.index("SECURITY"), HEADER.index("PURPOSE")
_DATE = re.compile(r"(-|\d\d[/-]\d\d[/-]\d{4}|\d{4}-\d\d-\d\d)?")
NEEDED = {
    "symbol": "symbol",
    "series": "series",
    "faceVal": "face_value_inr",
    "subject": "purpose",
    "exDate": "ex_date",
    "recDate": "record_date",
    "isin": "isin",
}
OPTIONAL = {"comp": "company_name", "caBroadcastDate": "broadcast_on"}
EXPECTED = "the exchange's list of corporate actions"
EVENING = "18h"


def read_csv(payload: Payload) -> pl.DataFrame:
    """One row an action and series, as published."""
    names = list(COLUMNS.values())
    frame = unquoted_frame(payload, "corporate actions", HEADER, names, _mended)
    day = session_of(payload.name, "bc")
    return frame.with_columns(session_date=pl.lit(day.isoformat()))


def _mended(row: list[str]) -> list[str]:
    """The comma is in the purpose, unless what follows the name is no date."""
    in_purpose = joined(row, PURPOSE_AT, len(HEADER))
    if all(_DATE.fullmatch(cell.strip()) for cell in in_purpose[NAME_AT + 1 : PURPOSE_AT]):
        return in_purpose
    return joined(row, NAME_AT, len(HEADER))


def _read_api(payload: Payload) -> pl.DataFrame:
    document = json_value(payload, EXPECTED)
    rows = document.get("data") if isinstance(document, dict) else document
    if not isinstance(rows, list):
        is_object = isinstance(document, dict)
        got = f"an object with {sorted(document)}"[:300] if is_object else repr(document)[:80]
        raise NotThisLayout(f"{EXPECTED}, a JSON list", got)
    for row in rows:
        if not isinstance(row, dict):
            got = f"a JSON {type(row).__name__}"
            raise NotThisLayout(f"{EXPECTED}, an object each", got, changed=True)
        if missing := [name for name in NEEDED if name not in row]:
            raise NotThisLayout(
                f"{EXPECTED} with fields {list(NEEDED)}",
                f"one without {missing}, with {sorted(row)}"[:600],
                changed=True,
            )
    fields = {**NEEDED, **OPTIONAL}
    return pl.DataFrame(
        {
            "row_number": range(1, len(rows) + 1),
            **{ours: [_text(row.get(theirs)) for row in rows] for theirs, ours in fields.items()},
        },
        schema={"row_number": pl.Int64, **dict.fromkeys(fields.values(), pl.String)},
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _is_api(payload: Payload) -> bool:
    start = payload.body[:5000].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start[:1] in {b"[", b"{"} and b'"exDate"' in start and b'"subject"' in start


def _day(name: str, forms: Sequence[str]) -> pl.Expr:
    text = blank_as_null(name)
    return pl.coalesce(text.str.to_date(form, strict=False) for form in forms)


def _utc(local: pl.Expr) -> pl.Expr:
    return local.dt.replace_time_zone("Asia/Kolkata").dt.convert_time_zone("UTC")


def _evening(day: pl.Expr) -> pl.Expr:
    return _utc(day.cast(pl.Datetime("us")).dt.offset_by(EVENING))


def _broadcast() -> pl.Expr:
    """When it was announced; null where that is not said, or lies after the day of the fetch.

    A broadcast that cannot be is taken as none: for its sake no split may be lost.
    """
    text = blank_as_null("broadcast_on")
    at = pl.coalesce(
        _utc(text.str.to_datetime("%d-%b-%Y %H:%M:%S", time_unit="us", strict=False)),
        _utc(text.str.to_datetime("%d-%b-%Y %H:%M", time_unit="us", strict=False)),
        _evening(text.str.to_date("%d-%b-%Y", strict=False)),
    )
    return pl.when(at.dt.convert_time_zone("Asia/Kolkata").dt.date() <= pl.col("fetched_on")).then(
        at
    )


def _actions() -> dict[str, pl.Expr]:
    """Columns that both products name alike."""
    names = ("symbol", "series", "purpose", "company_name")
    return {name: blank_as_null(name) for name in names}


ISO_OR_FORMER = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y")
CSV_LAYOUT = Layout(
    id="action_list_csv",
    table=CorporateAction,
    recognise=lambda payload: header_of(payload) == list(HEADER),
    read=read_csv,
    typed={
        "session_date": _day("session_date", ["%Y-%m-%d"]),
        "source_id": pl.lit("nse_pr_set"),
        **_actions(),
        "ex_date": _day("ex_date", ISO_OR_FORMER),
        "record_date": _day("record_date", ISO_OR_FORMER),
        "isin": pl.lit(None, pl.String),
        "face_value_inr": pl.lit(None, pl.Decimal(18, 4)),
    },
    is_verified=True,
    # The evening it was shown: ex dates lie ahead of it. And it is long or short as it happens.
    date_column="session_date",
    holds_many_dates=True,
)
_EVE = pl.col("ex_date").str.to_date("%d-%b-%Y", strict=False).dt.offset_by("-1d")
API_LAYOUT = Layout(
    id="action_list_api",
    table=CorporateAction,
    recognise=_is_api,
    read=_read_api,
    typed={
        "source_id": pl.lit("nse_corporate_actions"),
        **_actions(),
        "ex_date": _day("ex_date", ["%d-%b-%Y"]),
        "record_date": _day("record_date", ["%d-%b-%Y"]),
        "isin": blank_as_null("isin"),
        "face_value_inr": number("face_value_inr"),
        "published_at": pl.coalesce(
            _broadcast(), _evening(pl.min_horizontal(_EVE, pl.col("fetched_on")))
        ),
        "published_basis": pl.when(_broadcast().is_not_null())
        .then(pl.lit("broadcast"))
        .when(pl.col("fetched_on") <= _EVE)
        .then(pl.lit("observed"))
        .otherwise(pl.lit("assumed")),
    },
    is_verified=True,
    date_column="ex_date",
    may_lie_ahead=True,
    holds_many_dates=True,
)
