"""Every change of a company's name so far."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import name_changes

SOURCE = Source(
    id="nse_name_changes",
    title="Changes of names",
    publisher="National Stock Exchange of India Ltd",
    layouts=(name_changes.LAYOUT,),
    asks="list",
    url="https://nsearchives.nseindia.com/content/equities/namechange.csv",
    extension=".csv",
    published_by=time(8, 0),
    history_start=date(1999, 1, 1),
)
