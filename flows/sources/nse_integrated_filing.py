"""Results that companies filed from February 2025, in the integrated filing."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import filing_list

SOURCE = Source(
    id="nse_integrated_filing",
    title="Quarterly results filed, integrated filing",
    publisher="National Stock Exchange of India Ltd",
    layouts=(filing_list.INTEGRATED_LIST,),
    asks="months",
    # The odd blank in the type is the exchange's own.
    url=(
        "https://www.nseindia.com/api/integrated-filing-results?index=equities"
        "&type=Integrated%20Filing-%20Financials"
        "&from_date={first:%d-%m-%Y}&to_date={last:%d-%m-%Y}&page={page}&size=1000"
    ),
    page_size=1000,
    warm="https://www.nseindia.com/companies-listing/corporate-integrated-filing",
    extension=".json",
    published_by=time(18, 0),
    revised_until=time(22, 0),
    history_start=date(2025, 2, 1),
)
