"""The exchange's lists of results that companies filed: the older feed, and the integrated filing.

The older one stops with the quarter to December 2024; late filings for it still come in. Rows may
lie outside the dates asked for: the exchange is said not to heed them always, and a filing is a
filing, so they are kept.

A row of any period but "Quarterly" is rejected. "Cumulative" ones stay: the document decides what
its columns cover.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.text import blank_as_null, json_value
from transforms.parse.xbrl_stated import BASES, file_name
from warehouse.tables import Filing

EXPECTED = "the exchange's list of results filed"
HOST = "nseindia.com"
NO_DOCUMENT = frozenset({"", "-", "null"})
"""What the exchange writes for the file's name where there is no file."""

# Ours, and the publisher's names for it; the first that a row has is taken.
Fields = Mapping[str, tuple[str, ...]]
OLD: Fields = {
    "symbol": ("symbol",),
    "company_name": ("companyName", "comp"),
    "period_end": ("toDate",),
    "basis": ("consolidated",),
    "audited": ("audited",),
    "broadcast_on": ("broadCastDate",),
    "document_url": ("xbrl",),
}
OLD_OPTIONAL: Fields = {
    "filing_id": ("seqNumber",),
    "isin": ("isin",),
    "listed_period": ("period",),
    "is_refiled": ("reInd",),
    "disseminated_on": ("exchdisstime",),
}
INTEGRATED: Fields = {
    "symbol": ("symbol",),
    "company_name": ("smName", "cmName"),
    "period_end": ("qe_Date",),
    "basis": ("consolidated",),
    "audited": ("audited",),
    "broadcast_on": ("broadcast_Date",),
    "revised_on": ("revised_Date",),
    "submission": ("type_Sub",),
    "document_url": ("xbrl",),
}
INTEGRATED_OPTIONAL: Fields = {"filing_id": ("seq_Id",), "isin": ("isin",)}
COLUMNS = (
    *("filing_id", "symbol", "company_name", "isin", "period_end", "listed_period", "basis"),
    *("audited", "submission", "is_refiled", "broadcast_on", "revised_on"),
    *("document", "document_url"),
)


def _read_old(payload: Payload) -> pl.DataFrame:
    document = json_value(payload, EXPECTED)
    if not isinstance(document, list):
        raise NotThisLayout(f"{EXPECTED}, a list", f"a JSON {_told(document)}")
    return _frame(document, OLD, OLD_OPTIONAL)


def _read_integrated(payload: Payload) -> pl.DataFrame:
    document = json_value(payload, EXPECTED)
    rows = document.get("data") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise NotThisLayout(
            f"{EXPECTED} under data",
            f"a JSON {_told(document)}",
            changed=isinstance(document, dict) and "totalCount" in document,
        )
    return _frame(rows, INTEGRATED, INTEGRATED_OPTIONAL)


def _told(document: object) -> str:
    if isinstance(document, dict):
        return f"object with {sorted(document)}"[:300]
    return type(document).__name__


def _frame(rows: list[Any], needed: Fields, optional: Fields) -> pl.DataFrame:
    """Text rows under our names; a window in which nobody filed gives none."""
    for row in rows:
        if not isinstance(row, dict):
            raise NotThisLayout(
                f"{EXPECTED}, an object each", f"a JSON {type(row).__name__}", changed=True
            )
        missing = [names[0] for names in needed.values() if not any(name in row for name in names)]
        if missing:
            raise NotThisLayout(
                f"{EXPECTED} with fields {[names[0] for names in needed.values()]}",
                f"one without {missing}, with {sorted(row)}"[:600],
                changed=True,
            )
    fields = {**needed, **optional}
    texts = [_row({ours: _text(row, names) for ours, names in fields.items()}) for row in rows]
    return pl.DataFrame(
        {
            "row_number": range(1, len(rows) + 1),
            **{name: [row.get(name, "") for row in texts] for name in COLUMNS},
        },
        schema={"row_number": pl.Int64, **dict.fromkeys(COLUMNS, pl.String)},
    )


def _text(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    values = (row.get(name) for name in names)
    return next((str(value).strip() for value in values if value is not None), "")


def _row(row: dict[str, str]) -> dict[str, str]:
    name = file_name(row["document_url"])
    if name.lower() in NO_DOCUMENT:
        name, row["document_url"] = "", ""
    # A revision is listed with the instant of the revision alone; early rows of the older feed with
    # that of the dissemination, which comes after the broadcast: nothing is known too soon by it.
    if row["broadcast_on"] in {"", "-"}:
        row["broadcast_on"] = row.get("revised_on") or row.get("disseminated_on", "")
    if not row["filing_id"]:
        told = (row["symbol"], row["period_end"], row["basis"], row["broadcast_on"])
        row["filing_id"] = "|".join(told).upper()
    return row | {"document": name if _is_known_host(row["document_url"]) else ""}


def _is_known_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    return parts.scheme in {"http", "https"} and (host == HOST or host.endswith(f".{HOST}"))


def _instant(name: str) -> pl.Expr:
    """A time of Asia/Kolkata, with seconds or without, as an instant; months in any case."""
    text = blank_as_null(name)
    local = pl.coalesce(
        text.str.to_datetime(form, time_unit="us", strict=False)
        for form in ("%d-%b-%Y %H:%M:%S", "%d-%b-%Y %H:%M")
    )
    return local.dt.replace_time_zone("Asia/Kolkata").dt.convert_time_zone("UTC")


def _told_at() -> pl.Expr:
    """When the world knew the filing as it stands: a revision wins by its own broadcast.

    Null where one of the two is no time, or lies after the day on which the list was fetched.
    """
    at = pl.max_horizontal(_instant("broadcast_on"), _instant("revised_on"))
    is_readable = _instant("revised_on").is_not_null() | blank_as_null("revised_on").is_null()
    return pl.when(
        is_readable
        & _instant("broadcast_on").is_not_null()
        & (_ist_date(at) <= pl.col("fetched_on"))
    ).then(at)


def _ist_date(at: pl.Expr) -> pl.Expr:
    return at.dt.convert_time_zone("Asia/Kolkata").dt.date()


def _typed(source_id: str) -> dict[str, pl.Expr]:
    audited = blank_as_null("audited").str.to_lowercase().str.replace_all(r"[\s-]", "")
    submission = blank_as_null("submission").str.to_lowercase()
    at = _told_at()
    return {
        "source_id": pl.lit(source_id),
        **{
            name: blank_as_null(name)
            for name in ("filing_id", "symbol", "company_name", "isin", "document")
        },
        "period_end": blank_as_null("period_end").str.to_date("%d-%b-%Y", strict=False),
        "listed_period": pl.when(
            blank_as_null("listed_period").str.to_lowercase() == "quarterly"
        ).then(pl.col("listed_period")),
        "basis": blank_as_null("basis")
        .str.to_lowercase()
        .replace_strict(BASES, default=None, return_dtype=pl.String),
        # A word we do not know says nothing.
        "is_audited": audited.replace_strict(
            {"audited": True, "unaudited": False}, default=None, return_dtype=pl.Boolean
        ),
        "is_revision": (submission != "original").fill_null(value=False)
        | blank_as_null("revised_on").is_not_null()
        | (pl.col("is_refiled").str.to_uppercase() == "Y"),
        "broadcast_at": at,
        "broadcast_on": _ist_date(at),
        "revised_on": _ist_date(_instant("revised_on")),
        "document_url": pl.when(pl.col("document") != "").then(pl.col("document_url")),
        "published_at": at,
        "published_basis": pl.lit("broadcast"),
    }


def _starts(payload: Payload, mark: bytes) -> bool:
    return payload.body[:200].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == mark


OLD_LIST = Layout(
    id="filing_list_old",
    table=Filing,
    recognise=lambda payload: _starts(payload, b"[") and b'"broadCastDate"' in payload.body[:5000],
    read=_read_old,
    typed=_typed("nse_results"),
    is_verified=True,
    date_column="broadcast_on",
    holds_many_dates=True,
)
INTEGRATED_LIST = Layout(
    id="filing_list_integrated",
    table=Filing,
    recognise=lambda payload: _starts(payload, b"{") and b'"qe_Date"' in payload.body[:5000],
    read=_read_integrated,
    typed=_typed("nse_integrated_filing"),
    is_verified=True,
    date_column="broadcast_on",
    holds_many_dates=True,
)
