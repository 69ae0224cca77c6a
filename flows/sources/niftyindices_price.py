"""History of one index, price return: asked in windows of a year, or imported."""

from datetime import date, time

from flows.sources.index_history import ask_index_history
from flows.sources.source import Source
from transforms.parse import index_history

SOURCE = Source(
    id="niftyindices_price",
    title="Index history, price return",
    publisher="NSE Indices Ltd",
    layouts=(index_history.PRICE_JSON, index_history.PRICE_CSV),
    asks="history",
    ask=ask_index_history,
    url="https://niftyindices.com/BackPage/getHistoricaldatatabletoString",
    referer="https://niftyindices.com/reports/historical-data",
    extension=".json",
    published_by=time(19, 0),
    history_start=date(2000, 1, 3),
)
