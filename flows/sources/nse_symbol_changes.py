"""Every change of a symbol so far: old documents hold the symbol of their day, lists today's."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import symbol_changes

SOURCE = Source(
    id="nse_symbol_changes",
    title="Changes of symbols",
    publisher="National Stock Exchange of India Ltd",
    layouts=(symbol_changes.LAYOUT,),
    asks="list",
    url="https://nsearchives.nseindia.com/content/equities/symbolchange.csv",
    extension=".csv",
    published_by=time(8, 0),
    history_start=date(1999, 1, 1),
)
