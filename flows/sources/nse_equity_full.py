"""Bars and deliveries of every security of the cash market; deliveries may come a day later."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import equity_full

SOURCE = Source(
    id="nse_equity_full",
    title="Share prices and deliveries",
    publisher="National Stock Exchange of India",
    layouts=(equity_full.LAYOUT,),
    asks="every session",
    url="https://nsearchives.nseindia.com/products/content/sec_bhavdata_full_{day:%d%m%Y}.csv",
    extension=".csv",
    published_by=time(19, 0),
    history_start=date(2019, 10, 1),
)
