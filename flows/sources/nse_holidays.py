"""The exchange's own list of this year's trading holidays."""

from datetime import time

from flows.sources.source import Source
from transforms.parse import holiday_list

SOURCE = Source(
    id="nse_holidays",
    title="Trading holidays of the current year",
    publisher="National Stock Exchange of India Ltd",
    layouts=(holiday_list.LAYOUT,),
    asks="list",
    url="https://www.nseindia.com/api/holiday-master?type=trading",
    warm="https://www.nseindia.com/resources/exchange-communication-holidays",
    extension=".json",
    published_by=time(0, 0),
    publishing="observed",
)
