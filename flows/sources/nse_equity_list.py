"""Every share listed today, with ISIN and date of listing."""

from datetime import time

from flows.sources.source import Source
from transforms.parse import equity_list

SOURCE = Source(
    id="nse_equity_list",
    title="Shares listed on the main board",
    publisher="National Stock Exchange of India Ltd",
    layouts=(equity_list.LAYOUT,),
    asks="list",
    url="https://nsearchives.nseindia.com/content/equities/EQUITY_L.csv",
    extension=".csv",
    published_by=time(8, 0),
    # Names and series are those of today: the date of listing says nothing of when they were known.
    publishing="observed",
)
