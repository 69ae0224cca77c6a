"""Writers of the exchange's two lists of results, in the publisher's own bytes.

Compared with genuine rows: companies that file alone, no banks, no revisions. *Unverified*: the
letters of `params` and the words for consolidated and bank filings in the old list; what a revision
looks like in the new one is known from public readers of it: as a rule no broadcast instant, the
revision's own with its month in capitals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flows.demo.formats.market import compact
from flows.demo.world.results import year_start

DOCUMENTS = "https://nsearchives.nseindia.com/corporate/xbrl/"
INLINE_DOCUMENTS = "https://nsearchives.nseindia.com/corporate/ixbrl/"
NO_ATTACHMENT = "https://nsearchives.nseindia.com/corporate/null"
QUARTERS = {6: "First", 9: "Second", 12: "Third", 3: "Fourth"}


@dataclass(frozen=True)
class LegacyRow:
    """A row of the list that ends with the December 2024 quarter; times are Asia/Kolkata.

    `broadcast_at` is null where the list has a dash.
    """

    symbol: str
    company_name: str
    isin: str
    sequence: str
    period_end: date
    audited: str
    is_consolidated: bool
    is_bank: bool
    broadcast_at: datetime | None
    disseminated_at: datetime
    document: str | None


@dataclass(frozen=True)
class IntegratedRow:
    """A row of the list of integrated filings; times are Asia/Kolkata.

    Sizes are as printed; `attachment` is null, or the placeholder that leads nowhere.
    """

    symbol: str
    company_name: str
    sequence: str
    quarter: date
    audited: str
    is_consolidated: bool
    form: str
    submission: str
    broadcast_at: datetime | None
    created_at: datetime
    revised_at: datetime | None
    remark: str | None
    document: str | None
    attachment: str | None
    document_size: str
    inline_size: str


def legacy_list(rows: Sequence[LegacyRow]) -> bytes:
    """The answer of `corporates-financial-results`."""
    return compact([legacy_fields(row) for row in rows])


def legacy_fields(row: LegacyRow) -> Mapping[str, object]:
    """One row as the publisher names and writes its fields."""
    first = (row.period_end.replace(day=1) - timedelta(days=40)).replace(day=1)
    begun = year_start(row.period_end)
    ended = date(begun.year + 1, 3, 31)
    number = (row.period_end.month // 3 + 2) % 4 + 1
    letters = (
        f"Q{number}{row.audited[0]}N{'C' if row.is_consolidated else 'N'}"
        f"{'B' if row.is_bank else 'N'}NE"
    )
    told = row.broadcast_at or row.disseminated_at
    return {
        "symbol": row.symbol,
        "companyName": row.company_name,
        "industry": "-",
        "audited": row.audited,
        "cumulative": "Non-cumulative",
        "indAs": "Non-Ind-AS" if row.is_bank else "Ind-AS New",
        "reInd": "N",
        "period": "Quarterly",
        "relatingTo": f"{QUARTERS[row.period_end.month]} Quarter",
        "financialYear": f"{_day(begun)} To {_day(ended)}",
        "filingDate": f"{told:%d-%b-%Y %H:%M}",
        "seqNumber": row.sequence,
        "bank": "B" if row.is_bank else "N",
        "fromDate": _day(first),
        "toDate": _day(row.period_end),
        "oldNewFlag": "N",
        "xbrl": DOCUMENTS + (row.document or "-"),
        "format": "New",
        "params": f"{_day(first)}{_day(row.period_end)}{letters}{row.symbol}",
        "resultDescription": None,
        "resultDetailedDataLink": None,
        "exchdisstime": _instant(row.disseminated_at),
        "difference": _elapsed(row.disseminated_at - told) if row.broadcast_at else "-",
        "consolidated": "Consolidated" if row.is_consolidated else "Non-Consolidated",
        "broadCastDate": _instant(row.broadcast_at) if row.broadcast_at else "-",
        "isin": row.isin,
    }


def integrated_list(
    rows: Sequence[IntegratedRow], *, total: int, page: int = -1, size: int = 20
) -> bytes:
    """The answer of `integrated-filing-results`: a page of rows and how many there are."""
    data = [integrated_fields(row) for row in rows]
    return compact({"data": data, "totalCount": total, "page": page, "size": size})


def integrated_fields(row: IntegratedRow) -> Mapping[str, object]:
    """One row as the publisher names and writes its fields."""
    inline = f"INTEGRATED_FILING_{row.form}_{row.sequence}_{row.created_at:%d%m%Y%H%M%S}"
    return {
        "seq_Id": row.sequence,
        "symbol": row.symbol,
        "smName": row.company_name,
        "cmName": row.company_name,
        "type": "Integrated Filing- Financials",
        "qe_Date": f"{row.quarter:%d-%b-%Y}".upper(),
        "ixbrl": f"{INLINE_DOCUMENTS}{inline}_iXBRL_WEB.html",
        "type_Sub": row.submission,
        "pdf_attach": row.attachment,
        "xbrl": DOCUMENTS + (row.document or "-"),
        "broadcast_Date": _instant(row.broadcast_at) if row.broadcast_at else None,
        "revised_Date": _instant(row.revised_at).upper() if row.revised_at else None,
        "revision_Remark": row.remark,
        "creation_Date": _instant(row.created_at),
        "diff": _elapsed(row.created_at - row.broadcast_at) if row.broadcast_at else None,
        "audited": row.audited,
        "consolidated": "Consolidated" if row.is_consolidated else "Standalone",
        "xbrlFileSize": row.document_size,
        "ixbrlFileSize": row.inline_size,
        "attFileSize": "0 Bytes",
    }


def printed_size(count: int) -> str:
    """A file's size as the list prints it."""
    return f"{count / 1024:.2f} KB" if count else "0 Bytes"


def _day(day: date) -> str:
    return f"{day:%d-%b-%Y}"


def _instant(instant: datetime) -> str:
    return f"{instant:%d-%b-%Y %H:%M:%S}"


def _elapsed(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
