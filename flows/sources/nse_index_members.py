"""Current members of the broad indices, one list a file; a list that changed is a new snapshot."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import index_members

SOURCE = Source(
    id="nse_index_members",
    title="Members of indices",
    publisher="NSE Indices Ltd",
    layouts=(index_members.LAYOUT,),
    asks="list",
    url="https://nsearchives.nseindia.com/content/indices/{item}.csv",
    items=tuple(index_members.LISTS),
    extension=".csv",
    published_by=time(18, 0),
    history_start=date(2024, 5, 1),
)
