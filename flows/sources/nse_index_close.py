"""Closing values of every index, one file a session: the proof that a session took place."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import index_close

SOURCE = Source(
    id="nse_index_close",
    title="Index closing values",
    publisher="NSE Indices Ltd",
    layouts=(index_close.LAYOUT,),
    asks="every date",
    url="https://nsearchives.nseindia.com/content/indices/ind_close_all_{day:%d%m%Y}.csv",
    extension=".csv",
    published_by=time(19, 0),
    history_start=date(2012, 1, 1),
)
