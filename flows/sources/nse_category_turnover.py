"""What each category of client bought and sold on the exchange; not every session has a file."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import category_turnover

SOURCE = Source(
    id="nse_category_turnover",
    title="Turnover by category of client",
    publisher="National Stock Exchange of India Ltd",
    layouts=(category_turnover.LAYOUT,),
    asks="every session",
    url="https://nsearchives.nseindia.com/archives/equities/cat/cat_turnover_{day:%d%m%y}.xls",
    extension=".xls",
    published_by=time(20, 30),
    days_later=1,
    history_start=date(2005, 4, 11),
    is_informational=True,
)
