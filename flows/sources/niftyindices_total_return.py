"""History of one index, total return: asked in windows of a year, or imported."""

from datetime import date, time

from flows.sources.index_history import ask_index_history
from flows.sources.source import Source
from transforms.parse import index_history

SOURCE = Source(
    id="niftyindices_total_return",
    title="Index history, total return",
    publisher="NSE Indices Ltd",
    layouts=(index_history.TOTAL_RETURN_JSON,),
    asks="history",
    ask=ask_index_history,
    url="https://niftyindices.com/BackPage/getTotalReturnIndexString",
    referer="https://niftyindices.com/reports/historical-data",
    extension=".json",
    published_by=time(19, 0),
    history_start=date(1999, 6, 30),
)
