"""Results that companies filed to the December 2024 quarter; late ones for it still come in."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import filing_list

SOURCE = Source(
    id="nse_results",
    title="Quarterly results filed, older feed",
    publisher="National Stock Exchange of India Ltd",
    layouts=(filing_list.OLD_LIST,),
    asks="months",
    url=(
        "https://www.nseindia.com/api/corporates-financial-results?index=equities&period=Quarterly"
        "&from_date={first:%d-%m-%Y}&to_date={last:%d-%m-%Y}"
    ),
    warm="https://www.nseindia.com/companies-listing/corporate-filings-financial-results",
    extension=".json",
    published_by=time(18, 0),
    history_start=date(2016, 1, 1),
    is_informational=True,
)
