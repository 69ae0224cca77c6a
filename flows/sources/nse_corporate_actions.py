"""Corporate actions with ISIN and face value, by month of their ex dates.

Those of a later month are in the PR set of the evening; this list is asked for the month under way
and the months before.
"""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import action_list

SOURCE = Source(
    id="nse_corporate_actions",
    title="Corporate actions of listed shares",
    publisher="National Stock Exchange of India Ltd",
    layouts=(action_list.API_LAYOUT,),
    asks="months",
    url=(
        "https://www.nseindia.com/api/corporates-corporateActions?index=equities"
        "&from_date={first:%d-%m-%Y}&to_date={last:%d-%m-%Y}"
    ),
    warm="https://www.nseindia.com/companies-listing/corporate-filings-actions",
    extension=".json",
    published_by=time(18, 0),
    history_start=date(2010, 1, 1),
    is_informational=True,
)
