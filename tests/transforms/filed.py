"""Hand-invented filings and documents, as core tables hold them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from warehouse.tables import Filing, IndexMember, QuarterlyResult
from warehouse.tables.table import schema

CRORE = 1e7


@dataclass(frozen=True)
class Document:
    """One document: figures in Rs crore, `told` in UTC (or the evening of a date)."""

    symbol: str
    quarter_end: date
    told: datetime | date
    profit: float | None = None
    basis: str = "consolidated"
    isin: str | None = None
    listed_symbol: str | None = None
    listed_isin: str | None = None
    revision: bool = False
    format: str = "ind_as"
    is_listed: bool = True
    quarter: dict[str, float | None] = field(default_factory=dict)
    to_date: dict[str, float | None] | None = None
    months: int = 12
    quarter_start: date | None = None
    number: int = 0

    @property
    def instant(self) -> datetime:
        if isinstance(self.told, datetime):
            return self.told
        return datetime.combine(self.told, time(12), UTC)

    @property
    def name(self) -> str:
        stamp = f"{self.instant:%Y%m%d%H%M%S}_{self.number}"
        return f"{self.symbol}_{self.quarter_end}_{self.basis}_{stamp}.xml"


def filed(documents: Sequence[Document]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """core.filing and core.quarterly_result of the documents."""
    filings = [
        {
            "source_id": "nse_integrated_filing",
            "filing_id": one.name,
            "symbol": one.listed_symbol or one.symbol,
            "company_name": f"{one.listed_symbol or one.symbol} Limited",
            "isin": one.listed_isin,
            "period_end": one.quarter_end,
            "basis": one.basis,
            "is_revision": one.revision,
            "broadcast_at": one.instant,
            "document": one.name,
        }
        for one in documents
        if one.is_listed
    ]
    results = [row for one in documents for row in _periods(one)]
    return _frame(filings, schema(Filing)), _frame(results, schema(QuarterlyResult))


def _periods(one: Document) -> list[dict[str, object]]:
    head = {
        "document": one.name,
        "symbol": one.symbol,
        "isin": one.isin,
        "format": one.format,
        "basis": one.basis,
        "period_end": one.quarter_end,
        "published_at": one.instant,
    }
    start = one.quarter_start or one.quarter_end - timedelta(days=90)
    figures = {"profit": one.profit, **one.quarter}
    rows = [{**head, "period": "quarter", "period_start": start, **_rupees(figures)}]
    if one.to_date is not None:
        begun = one.quarter_end - timedelta(days=round(one.months * 30.4))
        rows.append(
            {**head, "period": "year_to_date", "period_start": begun, **_rupees(one.to_date)}
        )
    return rows


def _rupees(crore: dict[str, float | None]) -> dict[str, float | None]:
    return {
        f"{name}_inr": None if value is None else value * CRORE for name, value in crore.items()
    }


def _frame(rows: list[dict[str, object]], types: dict[str, pl.DataType]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, infer_schema_length=None) if rows else pl.DataFrame()
    whole = frame.with_columns(
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in types.items()
        if name not in frame.columns
    )
    return whole.select(pl.col(name).cast(dtype) for name, dtype in types.items())


def members(*rows: tuple[str, date, str, str, str]) -> pl.DataFrame:
    """core.index_member of list_id, seen_on, symbol, isin, industry."""
    named = [
        {
            "list_id": list_id,
            "seen_on": seen_on,
            "symbol": symbol,
            "isin": isin,
            "industry": industry,
            "company_name": f"{symbol} Ltd.",
        }
        for list_id, seen_on, symbol, isin, industry in rows
    ]
    return _frame([dict(one) for one in named], schema(IndexMember))


def quarter_ends(first: date, count: int) -> list[date]:
    """Ends of `count` quarters from `first` on."""
    ends = [first]
    for _ in range(count - 1):
        later = ends[-1] + timedelta(days=1)
        month = later.month + 3
        after = date(later.year + month // 13, (month - 1) % 12 + 1, 1)
        ends.append(after - timedelta(days=1))
    return ends


def sessions(first: date, last: date) -> pl.DataFrame:
    """Every weekday from `first` to `last`."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return pl.DataFrame({"session_date": [one for one in days if one.weekday() < 5]})
