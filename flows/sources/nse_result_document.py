"""The XBRL documents of results, at the addresses that stand in core.filing."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import xbrl

SOURCE = Source(
    id="nse_result_document",
    title="XBRL documents of quarterly results",
    publisher="National Stock Exchange of India Ltd",
    layouts=(xbrl.LAYOUT,),
    asks="documents",
    url="https://nsearchives.nseindia.com/corporate/xbrl/",
    extension=".xml",
    published_by=time(18, 0),
    history_start=date(2016, 1, 1),
)
