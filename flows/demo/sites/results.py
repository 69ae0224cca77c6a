"""The exchange's site of results: both lists, and the documents they name. No sockets here."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from urllib.parse import parse_qs

from flows.calendar import IST
from flows.demo.formats.filing_lists import (
    NO_ATTACHMENT,
    IntegratedRow,
    LegacyRow,
    integrated_list,
    legacy_list,
    printed_size,
)
from flows.demo.formats.xbrl_writer import document
from flows.demo.sites.answers import JSON, Answer, Request, Visitors, page
from flows.demo.world.filings import Filing
from flows.demo.world.market import Market

LEGACY_LIST = "/www.nseindia.com/api/corporates-financial-results"
LEGACY_PAGE = "/www.nseindia.com/companies-listing/corporate-filings-financial-results"
INTEGRATED_LIST = "/www.nseindia.com/api/integrated-filing-results"
INTEGRATED_PAGE = "/www.nseindia.com/companies-listing/corporate-integrated-filing"
INTEGRATED_TYPE = "Integrated Filing- Financials"
DOCUMENT = re.compile(r"/nsearchives\.nseindia\.com/corporate/xbrl/([A-Za-z0-9_.-]+)")
XML = "application/xml"
DEFAULT_SIZE = 20
FORMS = {"ind_as": "INDAS", "banking": "BANKING", "nbfc": "NBFC_INDAS", "insurance": "LI"}


class ResultsSite:
    """Answers for lists and documents of results; knows nothing that was not broadcast yet."""

    pages: tuple[str, ...] = (LEGACY_PAGE, INTEGRATED_PAGE)

    def __init__(self, market: Market, visitors: Visitors) -> None:
        self._market = market
        self._visitors = visitors
        # Documents are large and many; their sizes, which the list prints, are small.
        self._body = lru_cache(maxsize=256)(self._write)
        self._size = cache(lambda filing: len(self._write(filing)))

    def answer(self, request: Request, now: datetime) -> Answer | None:
        """What is answered at the instant `now`; None where the path is not of this site."""
        if request.path == LEGACY_LIST:
            return self._visitors.refused(request) or self._legacy(request, now)
        if request.path == INTEGRATED_LIST:
            refused = self._visitors.refused(request, INTEGRATED_PAGE)
            return refused or self._integrated(request, now)
        if found := DOCUMENT.fullmatch(request.path):
            filing = self._market.results.by_document.get(found[1])
            if filing is None or now < filing.broadcast_at:
                return page(404, "Resource not found")
            return self._document(filing)
        return None

    def another_day(self, request: Request, now: datetime) -> Answer | None:
        """Lists as of the day before; for a document, that of the filing broadcast before it."""
        if request.path in {LEGACY_LIST, INTEGRATED_LIST}:
            return self.answer(request, now - timedelta(days=1))
        found = DOCUMENT.fullmatch(request.path)
        filing = self._market.results.by_document.get(found[1]) if found else None
        if filing is None:
            return None
        earlier = [
            other
            for other in self._market.results.records
            if other.document and other.broadcast_at < filing.broadcast_at
        ]
        return self._document(earlier[-1]) if earlier else page(404, "Resource not found")

    def _document(self, filing: Filing) -> Answer:
        return Answer(200, self._body(filing), XML, modified=filing.disseminated_at)

    def _write(self, filing: Filing) -> bytes:
        return document(self._market.results.statement(filing))

    def _legacy(self, request: Request, now: datetime) -> Answer:
        asked = _parameters(request)
        if asked.get("period") != "Quarterly":
            return Answer(200, legacy_list([]), JSON)
        try:
            shown = self._shown(asked, "legacy", now)
        except ValueError:
            return page(500, "Internal Server Error")
        return Answer(200, legacy_list([_legacy_row(filing, now) for filing in shown]), JSON)

    def _integrated(self, request: Request, now: datetime) -> Answer:
        asked = _parameters(request)
        try:
            number, size = int(asked.get("page", "-1")), int(asked.get("size", str(DEFAULT_SIZE)))
            shown = self._shown(asked, "integrated", now)
        except ValueError:
            return page(500, "Internal Server Error")
        if asked.get("type") != INTEGRATED_TYPE or size < 1:
            return Answer(200, integrated_list([], total=0, page=number, size=size), JSON)
        first = size * (max(number, 1) - 1)
        rows = [self._integrated_row(filing, now) for filing in shown[first : first + size]]
        return Answer(200, integrated_list(rows, total=len(shown), page=number, size=size), JSON)

    def _shown(self, asked: dict[str, str], feed: str, now: datetime) -> list[Filing]:
        """Filings of a feed in the window of dates asked for, newest first.

        Raises:
            ValueError: a date is none.
        """
        first = _date(asked["from_date"]) if "from_date" in asked else date.min
        last = _date(asked["to_date"]) if "to_date" in asked else date.max
        symbol = asked.get("symbol")
        return [
            filing
            for filing in reversed(self._market.results.known(now))
            if filing.feed == feed
            and first <= filing.broadcast_at.date() <= last
            and symbol in {None, _symbol(filing, now)}
        ]

    def _integrated_row(self, filing: Filing, now: datetime) -> IntegratedRow:
        size = self._size(filing) if filing.document else 0
        return IntegratedRow(
            symbol=_symbol(filing, now),
            company_name=filing.company.name,
            sequence=filing.filing_id,
            quarter=filing.quarter,
            audited="Audited" if filing.is_audited else "Un-Audited",
            is_consolidated=filing.basis == "consolidated",
            form=FORMS[filing.form],
            submission="Revision" if filing.vintage else "Original",
            broadcast_at=filing.announced_at,
            created_at=filing.disseminated_at,
            revised_at=filing.revised_at,
            remark="Figures corrected" if filing.vintage else None,
            document=filing.document,
            attachment=NO_ATTACHMENT if filing.file_number % 3 else None,
            document_size=printed_size(size),
            inline_size=printed_size(size * 7 // 8),
        )


def _legacy_row(filing: Filing, now: datetime) -> LegacyRow:
    # Both spellings are found in the list.
    unaudited = "Unaudited" if filing.file_number % 19 == 0 else "Un-Audited"
    return LegacyRow(
        symbol=_symbol(filing, now),
        company_name=filing.company.name,
        isin=filing.isin,
        sequence=filing.filing_id,
        period_end=filing.quarter,
        audited="Audited" if filing.is_audited else unaudited,
        is_consolidated=filing.basis == "consolidated",
        is_bank=filing.form == "banking",
        broadcast_at=filing.announced_at,
        disseminated_at=filing.disseminated_at,
        document=filing.document,
    )


def _symbol(filing: Filing, now: datetime) -> str:
    """Lists show today's symbol, for old filings too."""
    return filing.company.symbol_on(now.astimezone(IST).date())


def _parameters(request: Request) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(request.query).items()}


def _date(text: str) -> date:
    return datetime.strptime(text, "%d-%m-%Y").replace(tzinfo=IST).date()
